use kernel::{FieldProblem, Id, Moment};
use serde::{Deserialize, Serialize};

use crate::customers::Keeper;
use crate::of;

/// How a list is written. Detected from its beginning; each may be corrected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct ListFormat {
    /// `utf-8`, `windows-1252`, `utf-16le`, `utf-16be`.
    pub encoding: String,
    /// One character: `,` `;` tab `|`.
    pub delimiter: String,
    /// The first row names the columns.
    pub header: bool,
    /// `comma` or `point`: what separates whole from parts.
    pub decimal_mark: String,
    /// `ymd`, `dmy`, `mdy`.
    pub date_order: String,
}

/// A column of the list and the field that takes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct ColumnMapping {
    /// 0-based.
    pub column: u32,
    /// Key of a field of the customer type.
    pub field: String,
}

/// How a list is read and what is done with it. Sent to `preview` without a mapping, one is proposed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct ImportPlan {
    pub customer_type: String,
    pub format: ListFormat,
    /// Columns that stand in none are left out.
    #[serde(default)]
    pub mapping: Vec<ColumnMapping>,
    /// Field keys by which a row is taken for a customer who is there already, or who came earlier in the list.
    #[serde(default)]
    pub match_by: Vec<String>,
    /// What happens to a row whose customer is there already: `skip`, `update`, `create`.
    pub on_match: String,
    /// What happens to a text that a spreadsheet would run as a formula: `reject`, `neutralise`.
    pub formulas: String,
    /// Who shall look after the new customers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub owner: Option<Id<of::User>>,
    /// The unit to which they belong; absent: that of whoever brings the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub unit: Option<Id<of::Unit>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Import {
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub id: Id<of::Import>,
    pub file_name: String,
    pub bytes: i64,
    /// `uploading`, `ready`, `queued`, `running`, `done`, `cancelling`, `cancelled`, `undoing`, `undone`, `failed`.
    pub state: String,
    /// Absent until a customer type is chosen.
    pub plan: Option<ImportPlan>,
    /// The plan's owner and unit by name, where one list is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Keeper>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Keeper>,
    /// Which of `owner` and `unit` the asker may choose; where one list is asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assignable: Vec<String>,
    /// What was found out of the file.
    pub format: ListFormat,
    /// An earlier list was this very file.
    pub came_before: bool,
    pub progress: Progress,
    pub created: Moment,
    pub created_by: String,
    pub started: Option<Moment>,
    pub ended: Option<Moment>,
    /// Why it failed, in the asker's language.
    pub failure: Option<String>,
    /// Customers that an undo kept because somebody has worked on them since.
    pub kept: i64,
}

/// A list as it would be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Preview {
    pub plan: ImportPlan,
    pub columns: Vec<Column>,
    /// The first rows of data, as they stand.
    pub rows: Vec<Vec<String>>,
    /// What stands against starting it.
    pub problems: Vec<FieldProblem>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Column {
    /// 0-based.
    pub index: u32,
    /// The header's text, or nothing where there is no header.
    pub header: String,
    /// The first different values.
    pub samples: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[derive(Default)]
pub struct Progress {
    /// 0 to 100, of the file's bytes.
    pub percent: u8,
    pub read: i64,
    pub created: i64,
    pub updated: i64,
    /// Same as a row before it, or as a customer that is there, and left alone.
    pub skipped: i64,
    pub rejected: i64,
}

/// A row that was not taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct RejectLine {
    /// As a person counts in the file: the header is row 1.
    pub row: i64,
    pub cells: Vec<String>,
    /// `field`: a field's key, or empty where the row is meant; args: `value`, `column`.
    pub problems: Vec<FieldProblem>,
}

/// A customer whom an undo left because somebody had touched it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct KeptLine {
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub customer: Id<of::Customer>,
    pub name: String,
    pub row: i64,
    /// It had been there before the list and keeps the list's values; else the list had brought it.
    pub was_there: bool,
}
