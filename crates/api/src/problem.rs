use std::collections::BTreeMap;

use kernel::{Code, FieldProblem};
use serde::{Deserialize, Serialize};

/// What every error looks like (after RFC 9457). Its media type is `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Problem {
    pub code: Code,
    /// HTTP status.
    pub status: u16,
    /// What is wrong and what to do, in the asker's language (`accept-language`, or the user's own).
    pub sentence: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, String>,
    /// Which values are not acceptable, each with its sentence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldProblem>,
    /// Under which number it stands in the log.
    pub request: String,
}
