use std::fmt;

use kernel::{Error, FieldProblem, Filter};
use serde::{Deserialize, Serialize};

use crate::catalogue;

/// What is done with a target.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    Read,
    Create,
    Change,
    Delete,
    /// Start a process, work on an activity, run a report or an import.
    Execute,
    Export,
}

impl Verb {
    pub const ALL: [Self; 6] = [
        Self::Read,
        Self::Create,
        Self::Change,
        Self::Delete,
        Self::Execute,
        Self::Export,
    ];

    pub const fn text(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Change => "change",
            Self::Delete => "delete",
            Self::Execute => "execute",
            Self::Export => "export",
        }
    }

    pub(crate) const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// What a grant is about. Names may be `*`; a field or activity may end with `*`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Target {
    Process(String),
    Activity { process: String, activity: String },
    Entity(String),
    Field { entity: String, field: String },
}

impl Target {
    pub fn process(key: impl Into<String>) -> Self {
        Self::Process(key.into())
    }
    pub fn activity(process: impl Into<String>, activity: impl Into<String>) -> Self {
        Self::Activity {
            process: process.into(),
            activity: activity.into(),
        }
    }
    pub fn entity(name: impl Into<String>) -> Self {
        Self::Entity(name.into())
    }
    pub fn field(entity: impl Into<String>, field: impl Into<String>) -> Self {
        Self::Field {
            entity: entity.into(),
            field: field.into(),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    #[default]
    Allow,
    Deny,
}

/// The value of a field may be at most this much; above it, somebody must approve.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Limit {
    pub field: String,
    #[cfg_attr(feature = "utoipa", schema(value_type = String))]
    pub at_most: rust_decimal::Decimal,
}

/// Only while working in this process, or in this activity of it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Within {
    pub process: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activity: Option<String>,
}

/// One line of a role.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Grant {
    pub target: Target,
    pub verbs: Vec<Verb>,
    #[serde(default)]
    pub effect: Effect,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Filter>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Within>,
}

impl Grant {
    pub fn allow(target: Target, verbs: &[Verb]) -> Self {
        Self {
            target,
            verbs: verbs.to_vec(),
            effect: Effect::Allow,
            condition: None,
            limit: None,
            within: None,
        }
    }
    pub fn deny(target: Target, verbs: &[Verb]) -> Self {
        Self {
            effect: Effect::Deny,
            ..Self::allow(target, verbs)
        }
    }
    #[must_use]
    pub fn when(mut self, condition: Filter) -> Self {
        self.condition = Some(condition);
        self
    }
    #[must_use]
    pub fn up_to(mut self, field: &str, at_most: rust_decimal::Decimal) -> Self {
        self.limit = Some(Limit {
            field: field.to_owned(),
            at_most,
        });
        self
    }
    #[must_use]
    pub fn within(mut self, process: &str, activity: Option<&str>) -> Self {
        self.within = Some(Within {
            process: process.to_owned(),
            activity: activity.map(str::to_owned),
        });
        self
    }

    /// What is wrong with it; `field` names its place in the request.
    fn problems(&self, field: &str) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        if self.verbs.is_empty() {
            problems.push(FieldProblem::new(format!("{field}.verbs"), "required"));
        }
        let (parent, child) = match &self.target {
            Target::Process(parent) | Target::Entity(parent) => (parent, None),
            Target::Activity {
                process: parent,
                activity: child,
            }
            | Target::Field {
                entity: parent,
                field: child,
            } => (parent, Some(child)),
        };
        let star = |name: &str| name.trim_end_matches('*').contains('*') || name.ends_with("**");
        if parent.is_empty()
            || (parent != "*" && parent.contains('*'))
            || child.is_some_and(|c| c.is_empty() || star(c))
        {
            problems.push(FieldProblem::new(format!("{field}.target"), "grant_target"));
        }
        if self.condition.as_ref().is_some_and(|c| !c.is_reasonable()) {
            problems.push(FieldProblem::new(
                format!("{field}.condition"),
                "filter_too_large",
            ));
        }
        problems.extend(self.not_held(field, parent));
        if self.limit.is_some() && self.effect == Effect::Deny {
            problems.push(FieldProblem::new(format!("{field}.limit"), "limit_on_deny"));
        }
        problems
    }
}

impl Grant {
    /// What of it nobody would keep to: a grant must not look as if it hid what it does not.
    fn not_held(&self, at: &str, parent: &str) -> Option<FieldProblem> {
        let of_entity = matches!(self.target, Target::Entity(_) | Target::Field { .. });
        if let Target::Field { entity, field } = &self.target
            && !catalogue::holds_field(entity, field)
        {
            return Some(
                FieldProblem::new(format!("{at}.target"), "field_not_held")
                    .with("entity", entity)
                    .with("field", field),
            );
        }
        // A process and its activities are no records: there is nothing for a condition to look at.
        let looked_at = self.condition.iter().flat_map(Filter::fields);
        let mut unheld =
            looked_at.filter(|looked| !(of_entity && catalogue::holds_condition(parent, looked)));
        unheld.next().map(|looked| {
            FieldProblem::new(format!("{at}.condition"), "condition_not_held")
                .with("entity", parent)
                .with("field", looked)
        })
    }
}

/// A role as the decision needs it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Role {
    /// The role's stable name: `agent`.
    pub key: String,
    pub grants: Vec<Grant>,
}

impl Role {
    /// At most this many grants in one role.
    pub const MAX_GRANTS: usize = 2_000;

    /// Refuses what could not mean anything, naming each place (`grants[3].target`).
    pub fn check(&self) -> kernel::Result<()> {
        let mut problems: Vec<_> = self
            .grants
            .iter()
            .enumerate()
            .flat_map(|(i, g)| g.problems(&format!("grants[{i}]")))
            .collect();
        if self.grants.len() > Self::MAX_GRANTS {
            problems.push(FieldProblem::new("grants", "too_many").with("limit", Self::MAX_GRANTS));
        }
        match Error::try_from(problems) {
            Ok(error) => Err(error),
            Err(()) => Ok(()),
        }
    }
}

/// For whom a policy is compiled: what the placeholders of conditions stand for. Ids in their text form.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Subject {
    pub user: String,
    pub unit: Option<String>,
    /// The user's own unit and all below it.
    pub unit_and_below: Vec<String>,
    pub groups: Vec<String>,
}
