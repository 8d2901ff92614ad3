//! Whose records somebody can touch at all: coarser than a mask, for a wall that knows of keepers alone.

use std::collections::BTreeSet;

use kernel::{Comparison, Filter, Operand};

use crate::Target;
use crate::compile::Policy;

/// The keepers of whose records a policy speaks, by whatever verb and wherever one works.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whose {
    pub owners: BTreeSet<String>,
    pub units: BTreeSet<String>,
}

impl Policy {
    /// No record outside of these can be touched; `None` where that cannot be said: some grant knows no owner and no unit.
    pub fn whose(&self, entity: &str) -> Option<Whose> {
        let target = Target::entity(entity);
        let (rules, _) = self.rules_for(&target);
        let mut whose = Whose::default();
        for rule in rules.iter().map(|i| self.rule(*i)) {
            if rule.opens() {
                whose.add(within(rule.condition.as_ref()?)?);
            }
        }
        Some(whose)
    }
}

impl Whose {
    fn add(&mut self, other: Self) {
        self.owners.extend(other.owners);
        self.units.extend(other.units);
    }
}

/// The keepers that a record must have to meet the condition.
fn within(condition: &Filter) -> Option<Whose> {
    match condition {
        Filter::Any(parts) => {
            let mut whose = Whose::default();
            for part in parts {
                whose.add(within(part)?);
            }
            Some(whose)
        }
        Filter::All(parts) => parts.iter().find_map(within),
        Filter::Compare {
            field,
            comparison: Comparison::Equal,
            value,
        } => named(field, std::slice::from_ref(value)),
        Filter::In { field, values } => named(field, values),
        Filter::Compare { .. } | Filter::Not(_) => None,
    }
}

fn named(field: &str, values: &[Operand]) -> Option<Whose> {
    let keys = values
        .iter()
        .map(|value| match value {
            Operand::Text(key) => Some(key.clone()),
            _ => None,
        })
        .collect::<Option<BTreeSet<_>>>()?;
    let mut whose = Whose::default();
    match field {
        "owner" => whose.owners = keys,
        "unit" => whose.units = keys,
        _ => return None,
    }
    Some(whose)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Grant, Role, Subject, Verb};

    fn whose(grants: Vec<Grant>) -> Option<Whose> {
        let role = Role {
            key: "agent".into(),
            grants,
        };
        let subject = Subject {
            user: "me".into(),
            unit: Some("north".into()),
            unit_and_below: vec!["north".into(), "shop".into()],
            ..Subject::default()
        };
        Policy::compile(&[role], &subject).whose("customer")
    }

    fn is(field: &str, key: &str) -> Filter {
        Filter::equal(field, Operand::Text(key.into()))
    }

    #[test]
    fn keepers_are_gathered_over_verbs_and_places() {
        let customer = || Target::entity("customer");
        let own = Grant::allow(customer(), &[Verb::Read]).when(is("owner", "$user"));
        let below = Grant::allow(customer(), &[Verb::Change])
            .when(is("unit", "$unit_and_below").and(is("segment", "gold")))
            .within("claim", None);
        let found = whose(vec![own.clone(), below.clone()]).unwrap();
        assert_eq!(found.owners, BTreeSet::from(["me".to_owned()]));
        assert_eq!(
            found.units,
            BTreeSet::from(["north".to_owned(), "shop".to_owned()])
        );
        // A field opens nothing, nor does what is denied, nor what may be made.
        let made = Grant::allow(customer(), &[Verb::Create]);
        let field = Grant::allow(Target::field("customer", "name"), &[Verb::Read]);
        let denied = Grant::deny(customer(), &[Verb::Read]).when(is("segment", "vip"));
        assert_eq!(
            whose(vec![own.clone(), below, field, denied, made]),
            Some(found)
        );
        assert_eq!(whose(Vec::new()), Some(Whose::default()));
        // What knows no keeper opens everybody's.
        for open in [
            Grant::allow(customer(), &[Verb::Read]),
            Grant::allow(Target::entity("*"), &[Verb::Export]),
            Grant::allow(customer(), &[Verb::Read]).when(is("segment", "gold")),
            Grant::allow(customer(), &[Verb::Read])
                .when(is("owner", "$user").or(is("segment", "gold"))),
            Grant::allow(customer(), &[Verb::Read])
                .when(Filter::Not(Box::new(is("owner", "other")))),
            Grant::allow(customer(), &[Verb::Read]).when(Filter::equal("owner", Operand::Null)),
        ] {
            assert_eq!(whose(vec![own.clone(), open.clone()]), None, "{open:?}");
        }
    }
}
