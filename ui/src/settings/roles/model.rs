//! A role's grants as cells of a matrix: what is granted on one target for one verb. Pure, so that the tests below say it
//! all.

use access::{
    Effect, Grant, Limit, Policy, Request, Role, Subject, Target, Verb, Visibility, Within,
};
use api::roles::Extent;
use kernel::Filter;

/// One line of a cell: a grant without its target and verbs.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    pub effect: Effect,
    pub condition: Option<Filter>,
    pub limit: Option<Limit>,
    pub within: Option<Within>,
}

impl Rule {
    pub fn plain(effect: Effect) -> Self {
        Self {
            effect,
            condition: None,
            limit: None,
            within: None,
        }
    }

    fn of(grant: &Grant) -> Self {
        Self {
            effect: grant.effect,
            condition: grant.condition.clone(),
            limit: grant.limit.clone(),
            within: grant.within.clone(),
        }
    }

    pub fn is_plain(&self) -> bool {
        self.condition.is_none() && self.limit.is_none() && self.within.is_none()
    }
}

/// What a cell itself says, apart from what it inherits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Own {
    Inherit,
    Allow,
    Deny,
}

/// The rules of a cell, in the order of the role.
pub fn rules(grants: &[Grant], target: &Target, verb: Verb) -> Vec<Rule> {
    grants
        .iter()
        .filter(|grant| grant.target == *target && grant.verbs.contains(&verb))
        .map(Rule::of)
        .collect()
}

/// Puts rules into a cell in place of its own. A verb goes to the grant that says the same of this target already, so that
/// roles stay short; what is left without verbs goes.
pub fn put(grants: &mut Vec<Grant>, target: &Target, verb: Verb, rules: &[Rule]) {
    for grant in grants.iter_mut().filter(|grant| grant.target == *target) {
        grant.verbs.retain(|own| *own != verb);
    }
    for rule in rules {
        let same = grants
            .iter_mut()
            .find(|grant| grant.target == *target && Rule::of(grant) == *rule);
        match same {
            Some(grant) => {
                grant.verbs.push(verb);
                grant.verbs.sort();
            }
            None => {
                let place = grants
                    .iter()
                    .rposition(|grant| grant.target == *target)
                    .map_or(grants.len(), |at| at + 1);
                grants.insert(
                    place,
                    Grant {
                        target: target.clone(),
                        verbs: vec![verb],
                        effect: rule.effect,
                        condition: rule.condition.clone(),
                        limit: rule.limit.clone(),
                        within: rule.within.clone(),
                    },
                );
            }
        }
    }
    grants.retain(|grant| !grant.verbs.is_empty());
}

pub fn own(grants: &[Grant], target: &Target, verb: Verb) -> Own {
    let rules = rules(grants, target, verb);
    if rules.iter().any(|rule| rule.effect == Effect::Deny) {
        Own::Deny
    } else if rules.is_empty() {
        Own::Inherit
    } else {
        Own::Allow
    }
}

/// Inherit, allow, deny, and around again. A cell with conditions steps too: what it said is kept by undo.
pub fn next(own: Own) -> Own {
    match own {
        Own::Inherit => Own::Allow,
        Own::Allow => Own::Deny,
        Own::Deny => Own::Inherit,
    }
}

pub fn set(grants: &mut Vec<Grant>, target: &Target, verb: Verb, to: Own) {
    let rules: &[Rule] = match to {
        Own::Inherit => &[],
        Own::Allow => &[Rule::plain(Effect::Allow)],
        Own::Deny => &[Rule::plain(Effect::Deny)],
    };
    put(grants, target, verb, rules);
}

/// The policy of a role alone, for somebody with a unit and a group, so that conditions on them stay conditions.
pub fn policy(key: &str, grants: &[Grant]) -> Policy {
    let role = Role {
        key: key.to_owned(),
        grants: grants.to_vec(),
    };
    let subject = Subject {
        user: "u".to_owned(),
        unit: Some("o".to_owned()),
        unit_and_below: vec!["o".to_owned(), "b".to_owned()],
        groups: vec!["g".to_owned()],
    };
    Policy::compile(&[role], &subject)
}

/// What a cell comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Effective {
    pub extent: Extent,
    /// A grant denies it, rather than none allowing it.
    pub denied: bool,
    /// Places in the role of the grants that settle it.
    pub grants: Vec<usize>,
    /// Only below a limit.
    pub limited: bool,
}

pub fn effective(policy: &Policy, grants: &[Grant], target: &Target, verb: Verb) -> Effective {
    let decision = policy.decide(&Request::new(verb, target));
    let extent = if !decision.is_allowed() {
        Extent::None
    } else {
        match target {
            Target::Process(_) | Target::Activity { .. } => Extent::All,
            Target::Entity(entity) => match policy.rows(entity, verb) {
                rows if rows == Filter::TRUE => Extent::All,
                rows if rows == Filter::FALSE => Extent::None,
                _ => Extent::Some,
            },
            Target::Field { entity, field } => {
                let mask = policy.mask(entity, verb);
                match mask.field(field) {
                    Visibility::Never => Extent::None,
                    Visibility::Always if *mask.rows() == Filter::TRUE => Extent::All,
                    Visibility::Always | Visibility::When(_) => Extent::Some,
                }
            }
        }
    };
    let by: Vec<usize> = decision.grants.iter().map(|grant| grant.grant).collect();
    Effective {
        extent,
        denied: decision.because == access::Because::Denied,
        limited: by
            .iter()
            .any(|at| grants.get(*at).is_some_and(|g| g.limit.is_some())),
        grants: by,
    }
}

/// A cell that differs between two states of a role.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    pub target: Target,
    pub verb: Verb,
    pub before: Vec<Rule>,
    pub after: Vec<Rule>,
}

pub fn differences(before: &[Grant], after: &[Grant]) -> Vec<Difference> {
    let mut found: Vec<Difference> = Vec::new();
    for grant in before.iter().chain(after) {
        for verb in &grant.verbs {
            let known = found
                .iter()
                .any(|one| one.target == grant.target && one.verb == *verb);
            if known {
                continue;
            }
            let (was, is) = (
                rules(before, &grant.target, *verb),
                rules(after, &grant.target, *verb),
            );
            let same = was.len() == is.len() && was.iter().all(|rule| is.contains(rule));
            if !same {
                found.push(Difference {
                    target: grant.target.clone(),
                    verb: *verb,
                    before: was,
                    after: is,
                });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn customer() -> Target {
        Target::entity("customer")
    }
    fn balance() -> Target {
        Target::field("customer", "fields.balance")
    }

    #[test]
    fn a_cell_steps_around_and_the_role_stays_short() {
        let mut grants = vec![Grant::allow(customer(), &[Verb::Read, Verb::Change])];
        for verb in [Verb::Create, Verb::Read] {
            set(&mut grants, &customer(), verb, Own::Allow);
        }
        assert_eq!(
            grants,
            [Grant::allow(
                customer(),
                &[Verb::Read, Verb::Create, Verb::Change]
            )]
        );
        set(&mut grants, &balance(), Verb::Read, Own::Deny);
        assert_eq!(own(&grants, &balance(), Verb::Read), Own::Deny);
        assert_eq!(own(&grants, &balance(), Verb::Change), Own::Inherit);
        set(&mut grants, &balance(), Verb::Read, next(Own::Deny));
        assert_eq!(grants.len(), 1);
    }

    #[test]
    fn what_is_denied_is_so_by_its_grant_and_what_is_inherited_by_the_entity_s() {
        let grants = vec![
            Grant::allow(customer(), &[Verb::Read]),
            Grant::deny(balance(), &[Verb::Read]),
        ];
        let policy = policy("x", &grants);
        let hidden = effective(&policy, &grants, &balance(), Verb::Read);
        assert_eq!(
            (hidden.extent, hidden.denied, hidden.grants),
            (Extent::None, true, vec![1])
        );
        let name = effective(
            &policy,
            &grants,
            &Target::field("customer", "name"),
            Verb::Read,
        );
        assert_eq!((name.extent, name.grants), (Extent::All, vec![0]));
        let change = effective(&policy, &grants, &customer(), Verb::Change);
        assert_eq!((change.extent, change.denied), (Extent::None, false));
    }

    #[test]
    fn own_records_are_some_records() {
        let own = Filter::equal("owner", kernel::Operand::Text("$user".to_owned()));
        let grants = vec![Grant::allow(customer(), &[Verb::Read]).when(own.clone())];
        let policy = policy("x", &grants);
        let rows = effective(&policy, &grants, &customer(), Verb::Read);
        assert_eq!(rows.extent, Extent::Some);
        let mut plain = grants.clone();
        set(&mut plain, &customer(), Verb::Read, Own::Allow);
        let differences = differences(&grants, &plain);
        assert_eq!(differences.len(), 1);
        assert_eq!(differences[0].before[0].condition, Some(own));
        assert!(differences[0].after[0].is_plain());
    }
}
