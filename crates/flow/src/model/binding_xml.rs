//! A [`Binding`] as `engage:activity` under an activity's `extensionElements`:
//!
//! ```xml
//! <engage:activity form="visit" presence="customer_present" due="PT4H" dueCalendar="business" calendar="branches">
//!   <engage:assignment strategy="round_robin" group="agents"/>
//!   <engage:outcome key="accepted" es="Aceptado" en="Accepted"/>
//!   <engage:escalation after="PT6H" to="supervisors" calendar="business"/>
//!   <engage:help es="Pida el documento." en="Ask for the document."/>
//!   <engage:input from="customer.name" to="name"/>
//!   <engage:output from="score" to="risk"/>
//! </engage:activity>
//! ```

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::binding::{
    Assignment, Binding, Due, DueCalendar, FormRef, Mapping, Outcome, Presence, Rung, Text,
};
use crate::xml::{Attribute, BPMN, ENGAGE, Name, Node, NodeId, Tree};

type Wrong = (NodeId, &'static str, String);

/// On error: where, which attribute, which value.
pub(super) fn read(tree: &Tree, activity: NodeId) -> Result<Option<Binding>, Wrong> {
    let extensions = tree.child(activity, BPMN, "extensionElements");
    let Some(node) = extensions.and_then(|id| tree.child(id, ENGAGE, "activity")) else {
        return Ok(None);
    };
    let text = |of, name| {
        tree.attribute(of, name)
            .map(|value| value.trim().to_owned())
            .filter(|v| !v.is_empty())
    };
    let form = text(node, "form")
        .map(FormRef::Key)
        .or_else(|| text(node, "formInline").map(FormRef::Inline));
    let mut binding = Binding {
        form,
        presence: word::<Presence>(tree, node, "presence")?,
        calendar: text(node, "calendar"),
        awaits_customer: text(node, "awaits").as_deref() == Some("customer"),
        transaction: text(node, "transaction"),
        decision: text(node, "decision"),
        result: text(node, "result"),
        correlation: text(node, "correlation"),
        ..Binding::default()
    };
    if let Some(after) = text(node, "due") {
        binding.due = Some(Due {
            after,
            calendar: word(tree, node, "dueCalendar")?.unwrap_or_default(),
        });
    }
    for id in tree.elements(node) {
        let name = &tree.node(id).name;
        if &*name.namespace != ENGAGE {
            continue;
        }
        let plain = |attribute| text(id, attribute).unwrap_or_default();
        match &*name.local {
            "assignment" => {
                binding.assignment = Assignment {
                    strategy: word(tree, id, "strategy")?.unwrap_or_default(),
                    group: text(id, "group"),
                    skill: text(id, "skill"),
                    expression: text(id, "expression"),
                };
            }
            "outcome" => {
                let key = text(id, "key").ok_or((id, "key", String::new()))?;
                binding.outcomes.push(Outcome {
                    key,
                    label: Text {
                        es: plain("es"),
                        en: plain("en"),
                    },
                });
            }
            "escalation" => binding.escalation.push(Rung {
                after: text(id, "after").ok_or((id, "after", String::new()))?,
                to: plain("to"),
                calendar: word(tree, id, "calendar")?.unwrap_or_default(),
            }),
            "help" => {
                binding.help = Some(Text {
                    es: plain("es"),
                    en: plain("en"),
                });
            }
            "input" => binding.inputs.push(Mapping {
                from: plain("from"),
                to: plain("to"),
            }),
            "output" => binding.outputs.push(Mapping {
                from: plain("from"),
                to: plain("to"),
            }),
            _ => {}
        }
    }
    Ok(Some(binding))
}

fn word<T: DeserializeOwned>(
    tree: &Tree,
    node: NodeId,
    attribute: &'static str,
) -> Result<Option<T>, Wrong> {
    let Some(text) = tree.attribute(node, attribute) else {
        return Ok(None);
    };
    let value = Value::String(text.trim().to_owned());
    serde_json::from_value(value)
        .map(Some)
        .map_err(|_| (node, attribute, text.to_string()))
}

/// Makes the element that [`read`] reads; nothing holds it yet.
pub(crate) fn create(tree: &mut Tree, binding: &Binding) -> NodeId {
    let mut attributes = Vec::new();
    let mut put = |local: &str, value: Option<&str>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            attributes.push(attribute(local, value));
        }
    };
    match &binding.form {
        Some(FormRef::Key(key)) => put("form", Some(key)),
        Some(FormRef::Inline(id)) => put("formInline", Some(id)),
        None => {}
    }
    let presence = binding.presence.as_ref().map(spelled);
    put("presence", presence.as_deref());
    if let Some(due) = &binding.due {
        put("due", Some(&due.after));
        if due.calendar != DueCalendar::default() {
            put("dueCalendar", Some(&spelled(&due.calendar)));
        }
    }
    put("calendar", binding.calendar.as_deref());
    put("awaits", binding.awaits_customer.then_some("customer"));
    put("transaction", binding.transaction.as_deref());
    put("decision", binding.decision.as_deref());
    put("result", binding.result.as_deref());
    put("correlation", binding.correlation.as_deref());
    let node = tree.create(element("activity", attributes));

    let mut add = |local: &str, values: &[(&str, Option<&str>)]| {
        let attributes = values.iter().filter_map(|(name, value)| {
            let value = value.filter(|value| !value.is_empty())?;
            Some(attribute(name, value))
        });
        let child = element(local, attributes.collect());
        let child = tree.create(child);
        tree.append(child, node);
    };
    let assignment = &binding.assignment;
    if *assignment != Assignment::default() {
        let strategy = spelled(&assignment.strategy);
        add(
            "assignment",
            &[
                ("strategy", Some(&strategy)),
                ("group", assignment.group.as_deref()),
                ("skill", assignment.skill.as_deref()),
                ("expression", assignment.expression.as_deref()),
            ],
        );
    }
    for outcome in &binding.outcomes {
        let label = &outcome.label;
        add(
            "outcome",
            &[
                ("key", Some(&outcome.key)),
                ("es", Some(&label.es)),
                ("en", Some(&label.en)),
            ],
        );
    }
    for rung in &binding.escalation {
        let calendar = (rung.calendar != DueCalendar::default()).then(|| spelled(&rung.calendar));
        add(
            "escalation",
            &[
                ("after", Some(&rung.after)),
                ("to", Some(&rung.to)),
                ("calendar", calendar.as_deref()),
            ],
        );
    }
    if let Some(help) = &binding.help {
        add("help", &[("es", Some(&help.es)), ("en", Some(&help.en))]);
    }
    for (local, mappings) in [("input", &binding.inputs), ("output", &binding.outputs)] {
        for mapping in mappings {
            add(
                local,
                &[("from", Some(&mapping.from)), ("to", Some(&mapping.to))],
            );
        }
    }
    node
}

/// The word that serde uses for a unit variant.
fn spelled(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

fn attribute(local: &str, value: &str) -> Attribute {
    let name = Name {
        prefix: "".into(),
        namespace: "".into(),
        local: local.into(),
    };
    Attribute {
        name,
        value: value.into(),
    }
}

fn element(local: &str, attributes: Vec<Attribute>) -> Node {
    Node {
        name: Name {
            prefix: "engage".into(),
            namespace: ENGAGE.into(),
            local: local.into(),
        },
        declarations: Vec::new(),
        attributes,
        children: Vec::new(),
        parent: None,
        line: 0,
        column: 0,
    }
}
