use form::FieldKind;
use kernel::{Error, FieldProblem, Id, Result};
use ledger::User;
use serde::{Deserialize, Serialize};

use super::text::{Dialect, Encoding};
use super::value::{DateOrder, DecimalMark};
use crate::Sight;
use crate::portfolio::CustomerType;
use crate::record::Unit;

/// How a list is read and what is done with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Setup {
    pub dialect: Dialect,
    /// The first row names the columns.
    pub header: bool,
    pub decimal: DecimalMark,
    pub dates: DateOrder,
    /// Which column goes into which field. Columns that stand in none are ignored.
    pub mapping: Vec<Target>,
    /// The fields by which a row is taken for a customer who is there already, or who came earlier in the list: unique
    /// fields, documents, addresses and telephone numbers. One that agrees is enough.
    pub match_by: Vec<String>,
    pub on_existing: OnExisting,
    pub formulas: Formulas,
    /// Who shall look after the new customers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Id<User>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<Id<Unit>>,
    /// The titles of the columns, or as many empty ones; kept for the report.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub titles: Vec<String>,
    /// The whole file is valid UTF-8: seen while it came in.
    pub utf8: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            dialect: Dialect {
                encoding: Encoding::Utf8,
                delimiter: ',',
                quote: '"',
            },
            header: true,
            decimal: DecimalMark::Point,
            dates: DateOrder::DayMonthYear,
            mapping: Vec::new(),
            match_by: Vec::new(),
            on_existing: OnExisting::Skip,
            formulas: Formulas::Reject,
            owner: None,
            unit: None,
            titles: Vec::new(),
            utf8: true,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// From 0.
    pub column: usize,
    /// A field's bare key.
    pub field: String,
}

/// What becomes of a row whose customer is there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnExisting {
    /// The row is counted as skipped, and the customer stays as it is.
    #[default]
    Skip,
    /// The customer gets the row's values; unique fields stay.
    Update,
    /// A second customer is made, unless a unique value forbids it: then the row is turned away.
    Create,
}

/// What becomes of a text that a spreadsheet would run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Formulas {
    #[default]
    Reject,
    /// The leading `=`, `+`, `-`, `@` are taken off.
    Neutralise,
}

impl Setup {
    /// Refuses what could not work, naming every place.
    pub fn check(&self, of: &CustomerType, writing: &Sight) -> Result<()> {
        let mut problems = Vec::new();
        if !self.dialect.delimiter.is_ascii() || matches!(self.dialect.delimiter, '"' | '\n' | '\r')
        {
            problems.push(FieldProblem::new("dialect.delimiter", "bad_delimiter"));
        }
        if !self.dialect.quote.is_ascii() || self.dialect.quote == self.dialect.delimiter {
            problems.push(FieldProblem::new("dialect.quote", "bad_delimiter"));
        }
        for (i, target) in self.mapping.iter().enumerate() {
            let path = format!("mapping[{i}].field");
            if of.schema.field(&target.field).is_none()
                || !writing.always(&format!("fields.{}", target.field))
            {
                problems
                    .push(FieldProblem::new(&path, "unknown_field").with("field", &target.field));
            }
            if self.mapping[..i]
                .iter()
                .any(|t| t.field == target.field || t.column == target.column)
            {
                problems.push(FieldProblem::new(path, "mapped_twice").with("field", &target.field));
            }
        }
        let mapped = |key: &str| self.mapping.iter().any(|t| t.field == key);
        for field in of
            .schema
            .fields
            .iter()
            .filter(|f| f.required && !mapped(&f.key))
        {
            problems.push(
                FieldProblem::new("mapping", "required_not_mapped").with("field", &field.key),
            );
        }
        if !of.schema.title.iter().any(|key| mapped(key)) {
            problems.push(FieldProblem::new("mapping", "name_not_mapped"));
        }
        for (i, key) in self.match_by.iter().enumerate() {
            let telling = of.schema.field(key).is_some_and(|f| {
                f.unique
                    || matches!(
                        f.kind,
                        FieldKind::Document { .. } | FieldKind::Email | FieldKind::Phone { .. }
                    )
            });
            if !telling || !mapped(key) {
                problems.push(
                    FieldProblem::new(format!("match_by[{i}]"), "cannot_match_by")
                        .with("field", key),
                );
            }
        }
        match Error::try_from(problems) {
            Ok(error) => Err(error),
            Err(()) => Ok(()),
        }
    }
}
