use form::FieldKind;
use kernel::{Code, Error, FieldProblem, Filter, Id, Operand, Result};
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
    /// Who has the list carried out: their limits hold for each row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Id<User>>,
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
            by: None,
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

/// Who brings a list: what they may read, make and change, and whose the new customers are where nobody else is named.
#[derive(Clone, Debug)]
pub struct Importer {
    pub reading: Sight,
    pub making: Sight,
    pub changing: Sight,
    pub user: Option<Id<User>>,
    /// Their own unit.
    pub home: Option<Id<Unit>>,
}

impl Importer {
    /// May do everything: for the product's own work, and for tests.
    pub const ALL: Self = Self {
        reading: Sight::all(),
        making: Sight::all(),
        changing: Sight::all(),
        user: None,
        home: None,
    };

    /// Names every fault of what was chosen, and says whose the new customers are, as for one that is made by hand: of the
    /// importer's unit, and the importer's own where they may make no others.
    pub fn settle(&self, setup: &mut Setup, of: &CustomerType) -> Result<()> {
        let mut problems = match setup.check(of, &self.making) {
            Ok(()) => Vec::new(),
            Err(error) if error.fields().is_empty() => return Err(error),
            Err(error) => error.fields().to_vec(),
        };
        // What nobody has to choose nobody has to be allowed to choose.
        let chosen = [
            ("owner", setup.owner.is_some() && setup.owner != self.user),
            ("unit", setup.unit.is_some() && setup.unit != self.home),
        ];
        for (name, is_chosen) in chosen {
            if is_chosen && !self.making.always(name) {
                problems.push(FieldProblem::new(name, "field_forbidden"));
            }
        }
        // Whose value is met is told by what becomes of a row.
        for (i, field) in setup.match_by.iter().enumerate() {
            if !self.reading.always(&format!("fields.{field}")) {
                problems.push(
                    FieldProblem::new(format!("match_by[{i}]"), "cannot_match_by")
                        .with("field", field),
                );
            }
        }
        // Which customers a list meets is known only when it runs: who may not change each of them changes none.
        if setup.on_existing == OnExisting::Update
            && (*self.changing.rows() != Filter::TRUE
                || setup
                    .mapping
                    .iter()
                    .any(|t| !self.changing.always(&format!("fields.{}", t.field))))
        {
            problems.push(FieldProblem::new("on_match", "may_not_change_all"));
        }
        if let Ok(error) = Error::try_from(problems) {
            return Err(error);
        }
        setup.by = self.user;
        setup.unit = setup.unit.or(self.home);
        if !self.may_make(setup, of) && setup.owner.is_none() {
            setup.owner = self.user;
        }
        if !self.may_make(setup, of) {
            return Err(Error::new(Code::Forbidden)
                .with("verb", "create")
                .with("entity", "customer"));
        }
        Ok(())
    }

    /// By what is the same for every row: its type, owner and unit. What else a row holds must not matter.
    fn may_make(&self, setup: &Setup, of: &CustomerType) -> bool {
        let id = |id: Option<String>| id.map_or(Operand::Null, Operand::Text);
        let known = |field: &str| match field {
            "type" | "type_key" => Some(Operand::Text(of.schema.key.clone())),
            "owner" => Some(id(setup.owner.map(|id| id.to_string()))),
            "unit" => Some(id(setup.unit.map(|id| id.to_string()))),
            _ => None,
        };
        whatever_else(&self.making.rows(), &known) == Some(true)
    }
}

/// What a condition comes to by the fields that are known; `None` where it hangs on others.
fn whatever_else(filter: &Filter, known: &impl Fn(&str) -> Option<Operand>) -> Option<bool> {
    let each = |parts: &[Filter], decisive: bool| {
        let mut all = Some(!decisive);
        for part in parts {
            match whatever_else(part, known) {
                Some(truth) if truth == decisive => return Some(decisive),
                Some(_) => {}
                None => all = None,
            }
        }
        all
    };
    match filter {
        Filter::All(parts) => each(parts, false),
        Filter::Any(parts) => each(parts, true),
        Filter::Not(inner) => whatever_else(inner, known).map(|truth| !truth),
        Filter::Compare { field, .. } | Filter::In { field, .. } => {
            known(field)?;
            filter.truth(&|field: &str| known(field).unwrap_or(Operand::Null))
        }
    }
}
