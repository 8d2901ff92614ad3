use access::{Because, Effect, Verb, Verdict};
use kernel::{Id, Moment};
use serde::{Deserialize, Serialize};

use crate::of;

/// With this header a reading request is answered as this user would be (an id): read-only, for whoever may `execute` the
/// entity `lens`, and audited under the asker's own name.
pub const AS: &str = "engage-as";

/// Whom to look as.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Look {
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub user: Id<of::User>,
}

/// Somebody whose eyes one looks through.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Seen {
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub id: Id<of::User>,
    pub login: String,
    pub name: String,
    pub active: bool,
    pub roles: Vec<SeenRole>,
    pub groups: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct SeenRole {
    pub key: String,
    pub name: String,
    pub version: i64,
    /// Since when this version holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Moment>,
    /// Through which groups it is held; empty: by oneself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub through: Vec<String>,
}

/// How deep a rule goes: features.md S-04.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Depth {
    Process,
    Activity,
    Entity,
    Field,
}

/// A grant that settled a question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct RuleLine {
    pub role: String,
    pub role_name: String,
    pub version: i64,
    /// Its position in the role, from 1.
    pub number: usize,
    pub depth: Depth,
    pub effect: Effect,
    /// `customer.fields.income`, `credit_card › assess`.
    pub target: String,
    pub verbs: Vec<Verb>,
    /// On which records, in words; absent: on all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// Only while working there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// `discount ≤ 10`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
}

/// May it be done, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Answer {
    pub verb: Verb,
    /// The entity or process.
    pub target: String,
    pub target_name: String,
    /// The field or activity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_name: Option<String>,
    pub verdict: Verdict,
    pub because: Because,
    /// The reason in one sentence.
    pub sentence: String,
    pub rules: Vec<RuleLine>,
}

/// What a screen hides from a user, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Hidden {
    pub user: Seen,
    /// The record is not there for this user; `because` tells why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Answer>,
    pub hidden: Vec<Answer>,
    /// How many fields and verbs were asked about.
    pub asked: usize,
}

/// What there is to ask about.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Things {
    pub entities: Vec<Thing>,
    pub processes: Vec<Thing>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Thing {
    pub key: String,
    pub name: String,
    pub verbs: Vec<Verb>,
    /// Fields or activities.
    pub parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Part {
    pub key: String,
    pub name: String,
}

/// A user and the answer for them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct WhoLine {
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub id: Id<of::User>,
    pub login: String,
    pub name: String,
    pub answer: Answer,
}

/// The query of [`crate::path::LENS_WHO`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema, utoipa::IntoParams))]
#[cfg_attr(feature = "utoipa", into_params(parameter_in = Query))]
#[serde(default)]
pub struct WhoQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activity: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verb: Option<Verb>,
    /// Only who may (`true`) or may not (`false`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub may: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// For the export: `csv` or `xlsx`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
}

/// The query of [`crate::path::LENS_RIGHTS`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema, utoipa::IntoParams))]
#[cfg_attr(feature = "utoipa", into_params(parameter_in = Query))]
#[serde(default)]
pub struct RightsQuery {
    /// An entity or a process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verb: Option<Verb>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub may: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
}

/// The query of [`crate::path::LENS_WHY`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema, utoipa::IntoParams))]
#[cfg_attr(feature = "utoipa", into_params(parameter_in = Query))]
#[serde(default)]
pub struct WhyQuery {
    pub entity: String,
    /// An id: asked on this record. Absent: on some record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
}
