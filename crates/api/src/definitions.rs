use kernel::{FieldProblem, Moment};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The kinds of definitions: `customer_type`, `process`, `form`, `calendar`.
pub type Kind = String;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[derive(Default)]
#[serde(default)]
pub struct ListDefinitions {
    pub kind: Option<Kind>,
    /// Part of the key or name.
    pub q: Option<String>,
    pub limit: Option<u32>,
    pub cursor: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct DefinitionLine {
    pub kind: Kind,
    pub key: String,
    pub name: form::Words,
    /// Newest published version; absent while there is none.
    pub published: Option<i64>,
    /// There is a draft that differs from what is published.
    pub draft: bool,
    pub changed: Moment,
    pub changed_by: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Definition {
    pub line: DefinitionLine,
    /// The draft where there is one, else the newest published body, in the JSON form of its kind: `form::CustomerSchema`,
    /// `form::Form`, a calendar; for a process its settings, its own forms, and `bpmn`: the BPMN 2.0 document as text.
    #[cfg_attr(feature = "utoipa", schema(value_type = Object))]
    pub body: Value,
    /// What the next save or publication must name: it grows with every change of the draft.
    pub revision: i64,
    /// What stands against publishing it, each with the place.
    pub problems: Vec<FieldProblem>,
    pub versions: Vec<VersionLine>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct VersionLine {
    pub version: i64,
    pub published: Moment,
    pub published_by: Option<String>,
    pub note: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct SaveDraft {
    pub revision: i64,
    #[cfg_attr(feature = "utoipa", schema(value_type = Object))]
    pub body: Value,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct NewDefinition {
    pub kind: Kind,
    /// `[a-z][a-z0-9_]*`, at most 63 characters.
    pub key: String,
    pub name: form::Words,
    /// Absent for an empty one of its kind.
    #[serde(default)]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<Object>))]
    pub body: Option<Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Publish {
    pub revision: i64,
    #[serde(default)]
    pub note: Option<String>,
}

/// What a save or a publication left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Saved {
    /// What the next save must name.
    pub revision: i64,
    /// Whether there is a draft that differs from what is published.
    pub draft: bool,
    /// The version that this publication made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    pub problems: Vec<FieldProblem>,
}

/// An imported process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Imported {
    pub key: String,
    pub saved: Saved,
}

/// Copies a definition under another key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct CopyDefinition {
    pub key: String,
    pub name: form::Words,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct DifferenceLine {
    /// `file` (the text is its path), `same`, `added`, `removed`, `gap` (the text is how many equal lines are left out).
    pub change: String,
    pub text: String,
}

/// What everybody in a group may do with customers' fields, whoever of them gets the work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct GroupReach {
    /// The group's key.
    pub group: String,
    /// Keys of the fields that all of its people may read, on some customers at least.
    pub reads: Vec<String>,
    /// Those that they may change.
    pub writes: Vec<String>,
}
