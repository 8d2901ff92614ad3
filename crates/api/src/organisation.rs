//! Units, positions, who reports to whom, and their import from CSV.

use kernel::{FieldProblem, Id};
use serde::{Deserialize, Serialize};

use crate::directory::Person;
use crate::of;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct UnitLine {
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub id: Id<of::Unit>,
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub parent: Option<Id<of::Unit>>,
    pub name: String,
    /// Users of the unit itself, inactive ones too.
    pub users: u32,
    pub version: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct NewUnit {
    pub name: String,
    #[serde(default)]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub parent: Option<Id<of::Unit>>,
}

/// Renames a unit, moves it with its branch, or both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct SaveUnit {
    pub version: i64,
    pub name: String,
    #[serde(default)]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub parent: Option<Id<of::Unit>>,
}

/// What hangs on a unit and would be in the way of removing it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct UnitDependants {
    /// Units directly below it, by name.
    pub units: Vec<String>,
    /// The first of its users, by name.
    pub users: Vec<Person>,
    pub users_total: u64,
    /// Customers who belong to it: they go where the rest goes, and whoever sees by unit sees them there.
    #[serde(default)]
    pub customers: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct PositionLine {
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub id: Id<of::Position>,
    pub name: String,
    pub users: u32,
    pub version: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct NewPosition {
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct SavePosition {
    pub version: i64,
    pub name: String,
}

/// Somebody in the reporting lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct ReportingLine {
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub id: Id<of::User>,
    pub name: String,
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub manager: Option<Id<of::User>>,
    pub position: Option<String>,
    pub unit: Option<String>,
    pub external: bool,
    pub version: i64,
}

/// Changes to whom somebody reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct SaveManager {
    pub version: i64,
    #[serde(default)]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub manager: Option<Id<of::User>>,
}

/// A CSV file of units, positions or users. Which it is follows from its headings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct OrganisationFile {
    pub name: String,
    /// The whole file, at most 4 MiB.
    pub text: String,
}

/// What a file would do, or has done: everything or nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct OrganisationImport {
    /// `units`, `positions` or `users`.
    pub kind: String,
    pub created: u32,
    pub changed: u32,
    /// Rows that say what is so already: a file can be brought again.
    pub unchanged: u32,
    /// What is wrong, by row. While there is anything here nothing is kept.
    pub problems: Vec<RowProblem>,
    /// The first rows, with what each does.
    pub rows: Vec<ImportRow>,
    /// The rows with problems as they came, with row number, column and reason before them: a CSV file.
    pub rejects: Option<String>,
    pub done: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct RowProblem {
    /// As a spreadsheet counts: the headings are row 1.
    pub row: u32,
    pub column: String,
    pub value: String,
    pub problem: FieldProblem,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct ImportRow {
    pub row: u32,
    pub name: String,
    /// `create`, `change`, `same` or `wrong`.
    pub action: String,
    /// Fields that get another value.
    pub changes: Vec<FieldChange>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct FieldChange {
    pub field: String,
    pub before: String,
    pub after: String,
}
