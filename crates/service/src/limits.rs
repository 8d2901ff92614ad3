//! Limits of grants (features.md S-04): a write says what it comes to, in [`Part`]s, and asks the one decision function with
//! what is proposed. What goes beyond is refused with `needs_approval`; see `routes/approvals.rs` for what follows.

use std::collections::BTreeMap;

use access::{Place, Policy, Request, Target, Verb, Verdict};
use form::Words;
use kernel::{Code, Error, FieldProblem, Id, Operand, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::Reads;

use crate::App;

/// One thing that a write does, by the names that grants use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    pub verb: Verb,
    /// The thing as a whole first, then its fields.
    pub targets: Vec<Target>,
    /// The process and activity in which it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<(String, String)>,
    pub proposed: Map<String, Value>,
    /// What stood there; absent for what is new.
    #[serde(default)]
    pub before: Map<String, Value>,
    /// Names of fields that are not the customer's.
    #[serde(default)]
    pub labels: BTreeMap<String, Words>,
    /// The whole record, for conditions. It is read anew for each question.
    #[serde(skip)]
    pub record: BTreeMap<String, Operand>,
}

/// What a policy says of a part.
pub enum Judged {
    Allowed,
    Denied,
    Beyond(Beyond),
}

/// Which limit was passed, and by how much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beyond {
    pub verb: Verb,
    pub entity: String,
    pub field: String,
    pub at_most: String,
    pub wanted: String,
}

impl From<Beyond> for Error {
    fn from(beyond: Beyond) -> Self {
        // Where the value stands in the request: the fields of an activity's form go under `values`.
        let place = if beyond.field.starts_with("fields.") {
            beyond.field.clone()
        } else {
            format!("values.{}", beyond.field)
        };
        let problem = FieldProblem::new(place, "beyond_limit")
            .with("limit", &beyond.at_most)
            .with("value", &beyond.wanted);
        Self::new(Code::NeedsApproval)
            .with("verb", beyond.verb)
            .with("entity", &beyond.entity)
            .with("field", &beyond.field)
            .with("limit", &beyond.at_most)
            .with("value", &beyond.wanted)
            .field(problem)
    }
}

/// A value as limits see it. A text that reads as a number is one: amounts travel as texts.
fn operand(value: Option<&Value>) -> Operand {
    match value {
        Some(Value::Bool(value)) => Operand::Boolean(*value),
        Some(Value::Number(number)) => number
            .to_string()
            .parse()
            .map_or(Operand::Null, Operand::Number),
        // As the rooms read it: with what stands around it taken off.
        Some(Value::String(text)) => text
            .trim()
            .parse()
            .map_or_else(|_| Operand::Text(text.clone()), Operand::Number),
        _ => Operand::Null,
    }
}

impl Part {
    pub fn judge(&self, policy: &Policy) -> Judged {
        let place = match &self.place {
            Some((process, activity)) => Place::activity(process, activity),
            None => Place::ANYWHERE,
        };
        let record = |field: &str| self.record.get(field).cloned().unwrap_or(Operand::Null);
        let proposed = |field: &str| operand(self.proposed.get(field));
        let mut beyond = None;
        for target in &self.targets {
            let mut request = Request::new(self.verb, target)
                .at(place)
                .proposing(&proposed);
            if !self.record.is_empty() {
                request = request.on(&record);
            }
            let decision = policy.decide(&request);
            match decision.verdict {
                Verdict::Allowed => {}
                Verdict::Denied => return Judged::Denied,
                Verdict::NeedsApproval => {
                    let entity = match target {
                        Target::Entity(entity) | Target::Field { entity, .. } => entity.clone(),
                        Target::Process(_) => "process".to_owned(),
                        Target::Activity { .. } => "work_item".to_owned(),
                    };
                    if let Some(limit) = decision.limit {
                        let wanted = match proposed(&limit.field) {
                            Operand::Number(wanted) => wanted.to_string(),
                            _ => String::new(),
                        };
                        beyond = Some(Beyond {
                            verb: self.verb,
                            entity,
                            field: limit.field,
                            at_most: limit.at_most.to_string(),
                            wanted,
                        });
                    }
                }
            }
        }
        beyond.map_or(Judged::Allowed, Judged::Beyond)
    }
}

/// The first limit that is passed. What is denied altogether is for the rooms to say.
pub fn passed(policy: &Policy, parts: &[Part]) -> Option<Beyond> {
    parts.iter().find_map(|part| match part.judge(policy) {
        Judged::Beyond(beyond) => Some(beyond),
        Judged::Allowed | Judged::Denied => None,
    })
}

/// Refuses what goes beyond a limit, with [`Code::NeedsApproval`].
pub fn hold(policy: &Policy, parts: &[Part]) -> Result<()> {
    passed(policy, parts).map_or(Ok(()), |beyond| Err(beyond.into()))
}

/// Whether this policy allows all of it, limits counted.
pub fn permits(policy: &Policy, parts: &[Part]) -> bool {
    parts
        .iter()
        .all(|part| matches!(part.judge(policy), Judged::Allowed))
}

/// Fields of a customer: of one that is there, or of one that is to be made. Values that stay as they are do not count.
pub async fn customer_part(
    app: &App,
    reads: &mut impl Reads,
    customer: Option<Id<desk::Customer>>,
    fields: &Map<String, Value>,
    place: Option<(String, String)>,
) -> Result<Part> {
    let portfolio = app.rooms.portfolio();
    let known = match customer {
        Some(id) => desk::customer::load(reads, &desk::Sight::all(), &portfolio, id).await?,
        None => None,
    };
    let record = known
        .as_ref()
        .map(|customer| desk::customer::operands(&portfolio, customer))
        .unwrap_or_default();
    let now = known.map(|customer| customer.fields).unwrap_or_default();
    let mut part = Part {
        verb: if customer.is_some() {
            Verb::Change
        } else {
            Verb::Create
        },
        targets: vec![Target::entity("customer")],
        place,
        proposed: Map::new(),
        before: Map::new(),
        labels: BTreeMap::new(),
        record,
    };
    for (key, wanted) in fields {
        let before = now.get(key);
        if before == Some(wanted) || (before.is_none() && wanted.is_null()) {
            continue;
        }
        let name = format!("fields.{key}");
        part.targets.push(Target::field("customer", &*name));
        if let Some(before) = before {
            part.before.insert(name.clone(), before.clone());
        }
        part.proposed.insert(name, wanted.clone());
    }
    Ok(part)
}

/// Closing an activity with these values of its form.
pub fn activity_part(
    (process, activity): (&str, &str),
    values: &Map<String, Value>,
    form: Option<&form::BoundForm>,
) -> Part {
    let label = |key: &String| {
        let spec = form?.field(key)?;
        Some((key.clone(), spec.label.clone()))
    };
    Part {
        verb: Verb::Execute,
        targets: vec![Target::activity(process, activity)],
        place: Some((process.to_owned(), activity.to_owned())),
        proposed: values.clone(),
        before: Map::new(),
        labels: values.keys().filter_map(label).collect(),
        record: BTreeMap::new(),
    }
}

/// Starting a process with these variables.
pub fn process_part(process: &str, variables: &Map<String, Value>) -> Part {
    Part {
        verb: Verb::Execute,
        targets: vec![Target::process(process)],
        place: None,
        proposed: variables.clone(),
        before: Map::new(),
        labels: BTreeMap::new(),
        record: BTreeMap::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use access::{Grant, Role, Subject};
    use serde_json::json;

    fn policy(grants: Vec<Grant>) -> Policy {
        let role = Role {
            key: "agent".into(),
            grants,
        };
        Policy::compile(&[role], &Subject::default())
    }

    fn values(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(map) => map,
            _ => Map::new(),
        }
    }

    #[test]
    fn amounts_travel_as_texts_and_are_limited_all_the_same() {
        let policy = policy(vec![
            Grant::allow(Target::process("*"), &[Verb::Execute]),
            Grant::allow(Target::activity("claim", "*"), &[Verb::Execute])
                .up_to("credit", "1000".parse().unwrap()),
        ]);
        let closing = |value: Value| {
            activity_part(("claim", "decide"), &values(json!({"credit": value})), None)
        };
        for (value, beyond) in [
            (json!("1000"), false),
            (json!("1000.01"), true),
            (json!(1_001), true),
            (json!(" 1001"), true),
            (json!("1001\u{a0}\t"), true),
            (json!("+1001"), true),
            (json!("01001.00"), true),
            (json!(null), false),
            (json!("a lot"), false),
        ] {
            let error = hold(&policy, &[closing(value.clone())]).err();
            assert_eq!(error.is_some(), beyond, "{value}");
            if let Some(error) = error {
                assert_eq!(error.code(), Code::NeedsApproval);
                assert_eq!(error.args()["limit"], "1000");
                assert_eq!(error.fields()[0].field, "values.credit");
            }
        }
        // Another process has no limit.
        let other = activity_part(("sale", "decide"), &values(json!({"credit": 9_999})), None);
        assert!(permits(&policy, &[other]));
    }

    #[test]
    fn a_part_is_allowed_only_where_each_of_its_fields_is() {
        let policy = policy(vec![
            Grant::allow(Target::entity("customer"), &[Verb::Change]),
            Grant::allow(
                Target::field("customer", "fields.discount"),
                &[Verb::Change],
            )
            .up_to("fields.discount", "10".parse().unwrap()),
        ]);
        let part = |fields: &[(&str, Value)]| Part {
            verb: Verb::Change,
            targets: std::iter::once(Target::entity("customer"))
                .chain(fields.iter().map(|(f, _)| Target::field("customer", *f)))
                .collect(),
            place: None,
            proposed: fields
                .iter()
                .map(|(f, v)| ((*f).to_owned(), v.clone()))
                .collect(),
            before: Map::new(),
            labels: BTreeMap::new(),
            record: BTreeMap::new(),
        };
        assert!(permits(
            &policy,
            &[part(&[("fields.discount", json!("10"))])]
        ));
        let much = part(&[("fields.discount", json!("10.5"))]);
        assert!(
            !permits(&policy, std::slice::from_ref(&much)) && passed(&policy, &[much]).is_some()
        );
        // What is denied altogether cannot be asked for.
        let other = part(&[
            ("fields.discount", json!("11")),
            ("fields.other", json!("x")),
        ]);
        assert!(
            !permits(&policy, std::slice::from_ref(&other)) && passed(&policy, &[other]).is_none()
        );
    }
}
