use kernel::{FieldProblem, Moment, Page};
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
    #[serde(flatten)]
    pub page: Page,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct DefinitionLine {
    pub kind: Kind,
    pub key: String,
    pub name: String,
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
    /// The draft where there is one, else the newest published body. For `process` a string: the BPMN 2.0 document. For
    /// the others the JSON form of their type (`form::CustomerSchema`, `form::Form`…).
    #[cfg_attr(feature = "utoipa", schema(value_type = Object))]
    pub body: Value,
    /// To be sent back when saving; 0 where there is no draft yet.
    pub draft_version: i64,
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
    pub draft_version: i64,
    #[cfg_attr(feature = "utoipa", schema(value_type = Object))]
    pub body: Value,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct NewDefinition {
    pub kind: Kind,
    /// `[a-z][a-z0-9_]*`, at most 63 characters.
    pub key: String,
    pub name: String,
    /// Absent for an empty one of its kind.
    #[serde(default)]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<Object>))]
    pub body: Option<Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Publish {
    pub draft_version: i64,
    #[serde(default)]
    pub note: Option<String>,
}

/// Two texts of a definition, line by line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Difference {
    pub from: Option<i64>,
    /// Absent: the draft.
    pub to: Option<i64>,
    pub lines: Vec<DifferenceLine>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct DifferenceLine {
    /// `same`, `added`, `removed`.
    pub change: String,
    pub text: String,
}

/// What the canvas draws and what the lint found, for a document that need not be saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Drawn {
    #[cfg_attr(feature = "utoipa", schema(value_type = Object))]
    pub scene: Value,
    pub problems: Vec<FieldProblem>,
}
