use std::sync::Arc;

use kernel::Operand;
use serde::{Deserialize, Serialize};

use crate::compile::{Policy, Rule};
use crate::{Effect, Limit, Target, Verb};

/// Where one works while asking.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place<'a> {
    pub process: Option<&'a str>,
    pub activity: Option<&'a str>,
}

impl<'a> Place<'a> {
    pub const ANYWHERE: Self = Self {
        process: None,
        activity: None,
    };

    pub fn activity(process: &'a str, activity: &'a str) -> Self {
        Self {
            process: Some(process),
            activity: Some(activity),
        }
    }
}

/// Tells the value of a record's field, [`Operand::Null`] where there is none.
pub type Getter<'a> = &'a dyn Fn(&str) -> Operand;

/// May this be done?
#[derive(Clone, Copy)]
pub struct Request<'a> {
    pub verb: Verb,
    pub target: &'a Target,
    pub place: Place<'a>,
    /// Absent: for some record?
    pub record: Option<Getter<'a>>,
    /// The values that shall be written; limits look here first.
    pub proposed: Option<Getter<'a>>,
}

impl<'a> Request<'a> {
    pub fn new(verb: Verb, target: &'a Target) -> Self {
        Self {
            verb,
            target,
            place: Place::ANYWHERE,
            record: None,
            proposed: None,
        }
    }
    #[must_use]
    pub fn on(mut self, record: Getter<'a>) -> Self {
        self.record = Some(record);
        self
    }
    #[must_use]
    pub fn proposing(mut self, proposed: Getter<'a>) -> Self {
        self.proposed = Some(proposed);
        self
    }
    #[must_use]
    pub fn at(mut self, place: Place<'a>) -> Self {
        self.place = place;
        self
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Allowed,
    Denied,
    /// Above what the roles allow by themselves.
    NeedsApproval,
}

/// The rule that settled it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// The grants named allow it.
    Granted,
    /// The grant named denies it.
    Denied,
    /// No role has a grant on the parent.
    NoGrant,
    /// The grants named would allow it, for other records.
    OtherRecords,
    /// The grants named narrow their roles to other fields or activities.
    NotListed,
    /// The grants named allow less than this much.
    Limit,
}

/// A grant by its place: the role's key and the position in its list, from 0.
#[derive(Clone, PartialEq, Eq, Hash, Debug, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct GrantRef {
    #[cfg_attr(feature = "utoipa", schema(value_type = String))]
    pub role: Arc<str>,
    pub grant: usize,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Decision {
    pub verdict: Verdict,
    pub because: Because,
    pub grants: Vec<GrantRef>,
    /// Where approval is needed: the widest limit that was passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
}

impl Decision {
    pub fn is_allowed(&self) -> bool {
        self.verdict == Verdict::Allowed
    }
}

/// How far one role comes. Ordered: later is further.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Reach {
    Nothing,
    OtherRecords,
    NotListed,
    Limit,
    Granted,
}

impl Policy {
    /// The one decision function. See the crate's front page for its rules.
    pub fn decide(&self, request: &Request<'_>) -> Decision {
        let (rules, child) = self.rules_for(request.target);
        // What identifies a record goes with it.
        let child = child.filter(|c| {
            !(matches!(request.target, Target::Field { .. }) && is_identity(c, request.verb))
        });
        let applying = |rule: &&Rule| rule.applies(request.verb, request.place);

        for rule in rules
            .iter()
            .map(|i| self.rule(*i))
            .filter(applying)
            .filter(|r| r.effect == Effect::Deny)
        {
            if rule.reaches(child) && rule.denies(request.record) {
                return self.decision(Verdict::Denied, Because::Denied, &[rule], None);
            }
        }

        let mut best = (Reach::Nothing, Vec::new());
        let mut start = 0;
        // The rules of a role stand together.
        while let Some(first) = rules.get(start).map(|i| self.rule(*i)) {
            let length = rules[start..]
                .iter()
                .take_while(|i| self.rule(**i).role == first.role)
                .count();
            let of_role = rules[start..start + length]
                .iter()
                .map(|i| self.rule(*i))
                .filter(applying)
                .filter(|r| r.effect == Effect::Allow);
            let (reach, by) = role_reach(of_role, child, request);
            if reach > best.0 {
                best = (reach, by);
            } else if reach == best.0 && reach != Reach::Granted {
                best.1.extend(by);
            }
            if best.0 == Reach::Granted {
                break;
            }
            start += length;
        }
        let (verdict, because) = match best.0 {
            Reach::Granted => (Verdict::Allowed, Because::Granted),
            Reach::Limit => (Verdict::NeedsApproval, Because::Limit),
            Reach::NotListed => (Verdict::Denied, Because::NotListed),
            Reach::OtherRecords => (Verdict::Denied, Because::OtherRecords),
            Reach::Nothing => (Verdict::Denied, Because::NoGrant),
        };
        let limit = (verdict == Verdict::NeedsApproval)
            .then(|| {
                best.1
                    .iter()
                    .filter_map(|r| r.limit.as_ref())
                    .max_by_key(|l| l.at_most)
                    .cloned()
            })
            .flatten();
        self.decision(verdict, because, &best.1, limit)
    }

    fn decision(
        &self,
        verdict: Verdict,
        because: Because,
        rules: &[&Rule],
        limit: Option<Limit>,
    ) -> Decision {
        Decision {
            verdict,
            because,
            grants: rules.iter().map(|r| self.grant_ref(r)).collect(),
            limit,
        }
    }
}

pub(crate) fn is_identity(field: &str, verb: Verb) -> bool {
    verb == Verb::Read && matches!(field, "id" | "version")
}

fn role_reach<'p>(
    rules: impl Iterator<Item = &'p Rule> + Clone,
    child: Option<&str>,
    request: &Request<'_>,
) -> (Reach, Vec<&'p Rule>) {
    let parent = furthest(rules.clone().filter(|r| r.child.is_none()), request);
    let Some(child) = child else { return parent };
    if parent.0 < Reach::Limit {
        return parent;
    }
    let mut listing = rules.filter(|r| r.child.is_some()).peekable();
    if listing.peek().is_none() {
        return parent;
    }
    let narrowing: Vec<_> = listing.collect();
    let (reach, by) = furthest(
        narrowing
            .iter()
            .copied()
            .filter(|r| r.child.as_ref().is_some_and(|c| c.matches(child))),
        request,
    );
    match reach {
        Reach::Nothing => (Reach::NotListed, narrowing),
        // Both must permit: the lesser of the two counts.
        _ if reach <= parent.0 => (reach, by),
        _ => parent,
    }
}

/// The rule that comes furthest, and with it all that come as far without granting.
fn furthest<'p>(
    rules: impl Iterator<Item = &'p Rule>,
    request: &Request<'_>,
) -> (Reach, Vec<&'p Rule>) {
    let mut best = (Reach::Nothing, Vec::new());
    for rule in rules {
        let reach = if !rule.holds(request.record) {
            Reach::OtherRecords
        } else if rule.is_exceeded(request) {
            Reach::Limit
        } else {
            return (Reach::Granted, vec![rule]);
        };
        if reach > best.0 {
            best = (reach, vec![rule]);
        } else if reach == best.0 {
            best.1.push(rule);
        }
    }
    best
}

impl Rule {
    fn holds(&self, record: Option<Getter<'_>>) -> bool {
        match (&self.condition, record) {
            (Some(condition), Some(record)) => condition.truth(&|f: &str| record(f)) == Some(true),
            _ => true,
        }
    }

    /// A condition that is unknown denies: what cannot be seen to be harmless is not shown.
    fn denies(&self, record: Option<Getter<'_>>) -> bool {
        match (&self.condition, record) {
            (None, _) => true,
            (Some(condition), Some(record)) => condition.truth(&|f: &str| record(f)) != Some(false),
            (Some(_), None) => false,
        }
    }

    fn is_exceeded(&self, request: &Request<'_>) -> bool {
        let Some(limit) = &self.limit else {
            return false;
        };
        let Some(values) = request.proposed.or(request.record) else {
            return false;
        };
        matches!(values(&limit.field), Operand::Number(n) if n > limit.at_most)
    }
}
