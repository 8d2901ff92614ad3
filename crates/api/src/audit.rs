use kernel::{Id, Moment};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::of;

/// Which entries of the trail: the query of [`crate::path::AUDIT`] and of the export. What is absent does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema, utoipa::IntoParams))]
#[cfg_attr(feature = "utoipa", into_params(parameter_in = Query))]
#[serde(default)]
pub struct AuditQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Moment>,
    /// Not included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    #[cfg_attr(feature = "utoipa", param(value_type = Option<String>))]
    pub user: Option<Id<of::User>>,
    /// A role's key, as it was held then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// `customer.change`; with a dot at its end all that begin so: `session.`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub module: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// The record's id or key; wants `entity`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    #[cfg_attr(feature = "utoipa", param(value_type = Option<String>))]
    pub customer: Option<Id<of::Customer>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    #[cfg_attr(feature = "utoipa", param(value_type = Option<String>))]
    pub session: Option<Id<of::Session>>,
    /// `done`, `refused` or `failed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// A text in what the asker may see of an entry; case and accents do not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// What [`AuditPage::older`] or [`AuditPage::newer`] said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// From the cursor on towards newer entries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newer: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// For the export: `csv` or `xlsx`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
}

/// A part of the trail, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct AuditPage {
    pub items: Vec<AuditLine>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub older: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newer: Option<String>,
    /// So many entries were looked at that the answer stops here, before the page was full. `older` goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looked_to: Option<Moment>,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct AuditLine {
    /// Lane and number: its place in the chain.
    pub id: String,
    pub at: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub user: Option<Id<of::User>>,
    pub user_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// `person`, `system` or `external`.
    pub kind: String,
    pub operation: String,
    /// In the asker's language.
    pub operation_name: String,
    pub module: String,
    pub entity: String,
    pub entity_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// What people call it, where the asker may see that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub customer: Option<Id<of::Customer>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_name: Option<String>,
    /// Labels of the fields that changed, as far as the asker may see them on every record.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub microseconds: Option<i64>,
    pub outcome: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub session: Option<Id<of::Session>>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub node: String,
}

/// One entry with what it changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    pub line: AuditLine,
    pub fields: Vec<FieldChange>,
    /// Something of it may not be seen by the asker.
    pub partly_hidden: bool,
    /// The states before and after can be looked at ([`crate::path::AUDIT_PAST`]).
    pub has_past: bool,
    /// Its hash in the chain, hexadecimal.
    pub hash: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct FieldChange {
    pub field: String,
    pub label: String,
    /// Absent: there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<Object>))]
    pub before: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<Object>))]
    pub after: Option<Value>,
    /// That it changed was recorded, not what it was: the field is sensitive.
    #[serde(default)]
    pub veiled: bool,
}

/// What there is to choose from, counted over the newest entries that meet the conditions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct AuditFacets {
    pub modules: Vec<Facet>,
    pub entities: Vec<Facet>,
    pub operations: Vec<Facet>,
    pub outcomes: Vec<Facet>,
    pub users: Vec<Facet>,
    /// Counts stand for everything that meets the conditions; else for the newest 20,000 entries alone.
    pub whole: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Facet {
    pub key: String,
    pub name: String,
    /// 0: there are some, but not among those that were counted.
    pub count: u64,
}

/// How much is recorded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct AuditLevels {
    /// What holds where nothing else is set.
    pub everywhere: AuditLevel,
    pub lines: Vec<AuditLevel>,
    /// May the asker change them?
    pub changeable: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct AuditLevel {
    /// `*` for all.
    pub module: String,
    pub module_name: String,
    /// `*` for all of the module.
    pub entity: String,
    pub entity_name: String,
    /// Set here; absent where it follows the module or everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// What holds: `security`, `writes`, `sensitive` or `reads`.
    pub effective: String,
    /// Security is always recorded: nothing to choose.
    pub locked: bool,
    /// Reading it can be recorded.
    pub reads: bool,
}

/// Sets a level; without `level` takes it back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct SetAuditLevel {
    pub module: String,
    pub entity: String,
    #[serde(default)]
    pub level: Option<String>,
}

/// A record as it was at an instant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Past {
    pub entity: String,
    pub entity_name: String,
    pub record: String,
    pub at: Moment,
    /// As people call it now, or called it last.
    pub name: String,
    /// `there`, `not_yet`, `gone` or `unknown`.
    pub state: String,
    /// Since when it is there, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Moment>,
    pub fields: Vec<PastField>,
    /// Fields exist that the asker may not see.
    pub partly_hidden: bool,
    /// What the trail cannot vouch for, in sentences.
    pub doubts: Vec<String>,
    /// Whose state it is: the last change up to then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_by: Option<AuditLine>,
    /// What was changed since, newest first; at most 200 of them.
    pub since: Vec<AuditLine>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct PastField {
    pub field: String,
    pub label: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<Object>))]
    pub then: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<Object>))]
    pub now: Option<Value>,
    pub differs: bool,
    /// `veiled` or `untraced`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<String>,
}

/// A check of the whole trail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Verification {
    pub id: String,
    pub by: String,
    pub started: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<Moment>,
    /// `running`, `sound`, `broken`, `interrupted` or `failed`.
    pub state: String,
    pub entries: i64,
    pub checked: i64,
    pub checkpoints: i64,
    /// Entries that no checkpoint vouches for yet.
    pub uncovered: i64,
    pub faults: i64,
    /// The first of them, in sentences.
    pub findings: Vec<String>,
}

/// What the trail stands on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct AuditState {
    pub entries: i64,
    /// The newest signed checkpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint_at: Option<Moment>,
    /// Minutes between checkpoints; 0: none are made by themselves.
    pub every_minutes: u32,
    /// They are kept in a folder elsewhere, too.
    pub kept_elsewhere: bool,
    pub verifications: Vec<Verification>,
}
