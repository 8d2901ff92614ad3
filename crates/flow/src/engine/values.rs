//! Variables of an instance, and expressions over them.

use std::sync::Arc;

use serde_json::Value;

use super::condition::Expression;
use super::effect::Effect;
use super::plan::{Ix, Kind, NONE};
use super::run::Run;
use super::state::Variables;

impl Run<'_> {
    /// The sets of variables that a scope sees, the innermost first.
    fn layers<'s>(&'s self, scope: u32, first: Option<&'s Variables>) -> Vec<&'s Variables> {
        let mut layers: Vec<&Variables> = first.into_iter().collect();
        if !self.state.locals.is_empty() {
            let mut at = scope;
            while let Some(state) = self.state.scope(at) {
                layers.extend(
                    self.state
                        .locals
                        .iter()
                        .find(|(owner, _)| *owner == at)
                        .map(|(_, local)| local),
                );
                at = state.parent;
            }
        }
        layers.push(&self.state.variables);
        layers
    }

    /// All that a scope sees, as one set.
    pub fn seen_from(&self, scope: u32) -> Variables {
        let mut all = Variables::new();
        for layer in self.layers(scope, None).into_iter().rev() {
            all.extend(
                layer
                    .iter()
                    .map(|(name, value)| (name.clone(), value.clone())),
            );
        }
        all
    }

    pub fn value(
        &self,
        expression: &Expression,
        scope: u32,
        first: Option<&Variables>,
    ) -> Result<Value, String> {
        expression
            .prepared
            .evaluate(&self.layers(scope, first), self.now)
    }

    pub fn holds(&self, expression: &Expression, scope: u32) -> Result<bool, String> {
        self.holds_with(expression, scope, None)
    }

    /// Nothing (null) does not hold; anything but true and false is an error.
    pub fn holds_with(
        &self,
        expression: &Expression,
        scope: u32,
        first: Option<&Variables>,
    ) -> Result<bool, String> {
        match self.value(expression, scope, first)? {
            Value::Bool(holds) => Ok(holds),
            Value::Null => Ok(false),
            other => Err(format!("{}: {other}", expression.text)),
        }
    }

    /// For keys and times: a text as it is, a number as it is written.
    pub fn text_of(&self, expression: &Expression, scope: u32) -> Option<String> {
        match self.value(expression, scope, None).ok()? {
            Value::String(text) => Some(text),
            Value::Null => None,
            other => Some(other.to_string()),
        }
    }

    pub fn mapped(
        &self,
        mappings: &[(Expression, String)],
        scope: u32,
        first: Option<&Variables>,
    ) -> Result<Variables, String> {
        let mut out = Variables::new();
        for (from, to) in mappings {
            out.insert(to.clone(), self.value(from, scope, first)?);
        }
        Ok(out)
    }

    /// What an activity begins with: its inputs, or nothing.
    pub fn inputs(&self, scope: u32, element: Ix) -> Result<Variables, String> {
        let Some(work) = &self.plan.node(element).work else {
            return Ok(Variables::new());
        };
        let mut inputs = self.mapped(&work.data_inputs, scope, None)?;
        inputs.extend(self.mapped(&work.inputs, scope, None)?);
        Ok(inputs)
    }

    /// Takes what an activity gave: through its outputs where it has some, else into its result variable, else as it is.
    pub fn take(&mut self, scope: u32, element: Ix, mut given: Variables) -> Result<(), String> {
        let plan = self.plan;
        let work = plan.node(element).work.as_deref();
        let outputs = work.map_or(&[][..], |work| &work.outputs);
        let data = work.map_or(&[][..], |work| &work.data_outputs);
        let data = self.mapped(data, scope, Some(&given))?;
        let result = work
            .and_then(|work| work.binding.as_ref())
            .and_then(|binding| binding.result.clone());
        if !outputs.is_empty() {
            given = self.mapped(outputs, scope, Some(&given))?;
        } else if let Some(name) = result {
            let value = given
                .remove("result")
                .unwrap_or_else(|| Value::Object(std::mem::take(&mut given)));
            given.clear();
            given.insert(name, value);
        } else if plan.node(element).kind == Kind::Rule
            && let Some(value) = given.remove("result")
        {
            // Nowhere to put it: its entries, or the value under the decision's own key.
            let key = work
                .and_then(|work| work.binding.as_ref())
                .and_then(|binding| binding.decision.clone());
            match value {
                Value::Object(entries) => given.extend(entries),
                value => {
                    given.insert(key.unwrap_or_else(|| "result".to_owned()), value);
                }
            }
        }
        given.extend(data);
        self.assign(scope, given);
        Ok(())
    }

    /// Each value goes to the innermost set that has the name, else to the instance's own.
    pub fn assign(&mut self, scope: u32, given: Variables) {
        if given.is_empty() {
            return;
        }
        self.changed = true;
        let mut own = Variables::new();
        for (name, value) in given {
            let mut at = scope;
            let mut holder = NONE;
            while let Some(state) = self
                .state
                .scope(at)
                .filter(|_| !self.state.locals.is_empty())
            {
                if self
                    .state
                    .locals
                    .iter()
                    .any(|(owner, local)| *owner == at && local.contains_key(&name))
                {
                    holder = at;
                    break;
                }
                at = state.parent;
            }
            match self
                .state
                .locals
                .iter_mut()
                .find(|(owner, _)| *owner == holder)
            {
                Some((_, local)) => {
                    local.insert(name, value);
                }
                None => {
                    own.insert(name.clone(), value.clone());
                    self.state.variables.insert(name, value);
                }
            }
        }
        if !own.is_empty() {
            self.effects
                .push(Effect::VariablesChanged { variables: own });
        }
    }

    /// The outcome is seen as `outcome` and as `<element id>.outcome`.
    pub fn note_outcome(&mut self, element: Ix, outcome: &str) {
        let id: &Arc<str> = &self.plan.node(element).id;
        let mut own = match self.state.variables.get(&**id) {
            Some(Value::Object(own)) => own.clone(),
            _ => Variables::new(),
        };
        own.insert("outcome".to_owned(), outcome.into());
        let mut given = Variables::new();
        given.insert("outcome".to_owned(), outcome.into());
        given.insert(id.to_string(), Value::Object(own));
        self.assign(NONE, given);
    }

    pub fn local(&self, scope: u32, name: &str) -> Option<&Value> {
        let mut locals = self.state.locals.iter();
        let (_, local) = locals.find(|(owner, _)| *owner == scope)?;
        local.get(name)
    }

    pub fn set_local(&mut self, scope: u32, name: &str, value: Value) {
        let locals = &mut self.state.locals;
        let at = locals
            .iter()
            .position(|(owner, _)| *owner == scope)
            .unwrap_or_else(|| {
                locals.push((scope, Variables::new()));
                locals.len() - 1
            });
        locals[at].1.insert(name.to_owned(), value);
    }
}
