//! What an expression of a process may speak of.

use flow::{Process, model::FormRef};
use rules::Type;

use super::Work;
use crate::designer::expression::{Scope, add_fields, type_of};

impl Work {
    /// The variables of the process, followed: data, fields of the forms that are its own, outcomes, what is handed back by
    /// calls, and the customer. Callers, messages and shared forms may bring more.
    pub fn scope(&self) -> Scope {
        let mut scope = Scope::default();
        let schema = &mut scope.schema;
        schema.add("outcome", Type::String);
        for name in ["user", "instance"] {
            schema.add(name, Type::Any);
        }
        let customer_type = Some(self.text("customer_type")).filter(|key| !key.is_empty());
        let fields = self.known.fields(customer_type.as_deref());
        schema.add(
            "customer",
            if fields.is_empty() {
                Type::Any
            } else {
                Type::context(
                    fields
                        .iter()
                        .map(|field| (field.key.as_str(), type_of(&field.kind))),
                )
            },
        );
        let forms = self.forms();
        self.with_process(|process: &Process| {
            for data in &process.data {
                schema.add(data.name.as_str(), Type::Any);
            }
            for element in &process.elements {
                let Some(binding) = &element.binding else {
                    continue;
                };
                for output in &binding.outputs {
                    schema.add(output.to.as_str(), Type::Any);
                }
                if let Some(result) = &binding.result {
                    schema.add(result.as_str(), Type::Any);
                }
                if let Some(FormRef::Inline(key)) = &binding.form
                    && let Some(form) = forms.iter().find(|form| form.key == *key)
                {
                    add_fields(schema, form);
                }
                if !binding.outcomes.is_empty() {
                    schema.add(&*element.id, Type::context([("outcome", Type::String)]));
                }
            }
        });
        scope
    }
}
