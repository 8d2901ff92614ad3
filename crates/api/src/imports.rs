use kernel::{Id, Moment};
use serde::{Deserialize, Serialize};

use crate::of;

/// How a list is written. Detected from its beginning; each may be corrected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct ListFormat {
    /// `utf-8`, `windows-1252`, `utf-16le`, `utf-16be`.
    pub encoding: String,
    /// One character: `,` `;` tab `|`.
    pub delimiter: String,
    pub header: bool,
    /// `.` or `,`.
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
    /// Key of a field of the customer type; absent: the column is left out.
    pub field: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct ImportPlan {
    pub customer_type: String,
    pub format: ListFormat,
    pub mapping: Vec<ColumnMapping>,
    /// Field keys by which a duplicate is recognised.
    pub match_by: Vec<String>,
    /// What happens to a row whose customer is there already: `skip`, `update`.
    pub on_match: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Import {
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub id: Id<of::Import>,
    pub file_name: String,
    pub bytes: i64,
    /// `uploaded`, `running`, `done`, `failed`, `cancelled`, `undoing`, `undone`.
    pub state: String,
    pub plan: ImportPlan,
    /// Names of the columns, and the first rows as they are read with this format.
    pub columns: Vec<String>,
    pub sample: Vec<Vec<String>>,
    pub progress: Progress,
    pub created: Moment,
    pub created_by: Option<String>,
    pub ended: Option<Moment>,
    /// Why it failed, in the asker's language.
    pub failure: Option<String>,
    /// Customers that an undo kept because somebody has worked on them since.
    pub kept: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[derive(Default)]
pub struct Progress {
    /// 0 to 100.
    pub percent: u8,
    pub read: i64,
    pub created: i64,
    pub updated: i64,
    /// Same as a row before it, or as a customer that is there (with `on_match` = `skip`).
    pub duplicates: i64,
    pub rejected: i64,
}

/// A row that was not taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct RejectLine {
    /// As a person counts in the file: the header is row 1.
    pub row: i64,
    pub column: Option<String>,
    pub value: Option<String>,
    pub reason: String,
}
