//! One row against the type's rules: either a customer in the making, or every reason why not.

use access::{Policy, Request, Target, Verb, Verdict};
use form::FieldKind;
use kernel::{FieldProblem, Operand};
use serde_json::{Map, Value};
use store::Kind;

use super::setup::{Formulas, Setup};
use super::text::RawRow;
use super::value;
use crate::portfolio::CustomerType;
use crate::record::Derived;
use crate::{sight, words};

/// A row that may become a customer.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) row: i64,
    /// As it stood, for the report, should it turn out to be there twice.
    pub(super) cells: Vec<String>,
    pub(super) derived: Derived,
    /// Stored form, without empty values.
    pub(super) fields: Map<String, Value>,
    pub(super) words: String,
    /// `(field, canonical value)` by which it is taken for somebody who is there.
    pub(super) matches: Vec<(String, String)>,
}

/// A row that was turned away.
#[derive(Debug)]
pub(super) struct Rejected {
    pub(super) row: i64,
    pub(super) cells: Vec<String>,
    /// `field` is the field's bare key, or empty where the row as a whole is meant; args have `value` (as it stood) and
    /// `column` (from 0).
    pub(super) problems: Vec<FieldProblem>,
}

/// What rows are checked by.
pub(super) struct Checker {
    pub(super) of: CustomerType,
    pub(super) setup: Setup,
    pub(super) limits: Option<Limits>,
    pub(super) kind: Kind,
    /// How many cells a row must have: as many as the header, or as the first row.
    pub(super) width: usize,
}

/// How far whoever started the list may go by themselves (features.md S-04).
pub(super) struct Limits {
    pub(super) policy: Policy,
    /// What may become of a row.
    pub(super) verbs: Vec<Verb>,
}

impl Checker {
    pub(super) fn check(&self, raw: RawRow) -> Result<Prepared, Rejected> {
        let rejected = |cells, problems| {
            Err(Rejected {
                row: raw.number,
                cells,
                problems,
            })
        };
        let whole = |code, found: usize| {
            FieldProblem::new("", code)
                .with("expected", self.width)
                .with("found", found)
        };
        if raw.broken {
            return rejected(raw.cells, vec![FieldProblem::new("", "unclosed_quote")]);
        }
        let count = raw.cells.len();
        if count < self.width {
            return rejected(raw.cells, vec![whole("columns_missing", count)]);
        }
        // Empty cells too many are a spreadsheet's habit.
        if raw
            .cells
            .iter()
            .skip(self.width)
            .any(|c| !c.trim().is_empty())
        {
            return rejected(raw.cells, vec![whole("columns_extra", count)]);
        }
        let mut problems = Vec::new();
        let values = self.values(&raw.cells, &mut problems);
        let formula = |p: &FieldProblem| p.code == "formula" || p.code == "unreadable_letters";
        let refused: Vec<String> = problems
            .iter()
            .filter(|p| formula(p))
            .map(|p| p.field.clone())
            .collect();
        let canonical = match self.of.schema.check(&values) {
            Ok(canonical) => canonical,
            Err(found) => {
                problems.extend(
                    found
                        .into_iter()
                        .filter(|p| !refused.contains(&p.field))
                        .map(|p| self.placed(p, &raw.cells)),
                );
                Map::new()
            }
        };
        let mut canonical = canonical;
        canonical.retain(|_, value| !value.is_null());
        let derived = Derived::of(&self.of, &canonical);
        if problems.is_empty() && derived.sort_name.is_empty() {
            let key = self.of.schema.title.first().cloned().unwrap_or_default();
            problems.push(self.placed(FieldProblem::new(key, "no_name"), &raw.cells));
        }
        if !problems.is_empty() {
            return rejected(raw.cells, problems);
        }
        let fields = self.of.schema.to_storage(&canonical);
        let problems = self.beyond(&fields, &derived);
        if !problems.is_empty() {
            let placed = problems.into_iter().map(|p| self.placed(p, &raw.cells));
            let placed = placed.collect();
            return rejected(raw.cells, placed);
        }
        let text = |key: &String| {
            canonical
                .get(key)
                .and_then(Value::as_str)
                .map(|v| (key.clone(), v.to_owned()))
        };
        Ok(Prepared {
            row: raw.number,
            matches: self.setup.match_by.iter().filter_map(text).collect(),
            words: words::stored(
                self.kind,
                &words::of_customer(&self.of.schema, &canonical, &|_| true),
            ),
            fields,
            derived,
            cells: raw.cells,
        })
    }

    /// Where the row goes beyond what may be done without another's approval.
    fn beyond(&self, fields: &Map<String, Value>, derived: &Derived) -> Vec<FieldProblem> {
        let Some(limits) = &self.limits else {
            return Vec::new();
        };
        let text = |text: Option<String>| text.map_or(Operand::Null, Operand::Text);
        let record = |field: &str| match field {
            "type" | "type_key" => Operand::Text(self.of.schema.key.clone()),
            "name" => Operand::Text(derived.name.clone()),
            "document" => text(derived.document.clone()),
            "segment" => text(derived.segment.clone()),
            "owner" => text(self.setup.owner.map(|id| id.to_string())),
            "unit" => text(self.setup.unit.map(|id| id.to_string())),
            _ => {
                let spec = field.strip_prefix("fields.");
                let spec = spec.and_then(|key| self.of.schema.field(key));
                let stored = spec.and_then(|spec| Some((spec, fields.get(&spec.key)?)));
                stored.map_or(Operand::Null, |(spec, stored)| sight::operand(spec, stored))
            }
        };
        let mut problems: Vec<FieldProblem> = Vec::new();
        let written = fields.keys().map(|key| format!("fields.{key}"));
        let targets: Vec<Target> = std::iter::once(Target::entity("customer"))
            .chain(written.map(|field| Target::field("customer", field)))
            .collect();
        for (verb, target) in limits
            .verbs
            .iter()
            .flat_map(|verb| targets.iter().map(move |target| (*verb, target)))
        {
            let asked = Request::new(verb, target).on(&record).proposing(&record);
            let decision = limits.policy.decide(&asked);
            let problem = match (decision.verdict, decision.limit, target) {
                (Verdict::Allowed, ..) => continue,
                (Verdict::NeedsApproval, Some(limit), _) => {
                    let field = limit.field.trim_start_matches("fields.");
                    FieldProblem::new(field, "beyond_limit")
                        .with("limit", limit.at_most.to_string())
                }
                (_, _, Target::Field { field, .. }) => {
                    let field = field.trim_start_matches("fields.");
                    FieldProblem::new(field, "field_forbidden")
                }
                _ => FieldProblem::new("", "field_forbidden"),
            };
            let known = |p: &FieldProblem| p.field == problem.field && p.code == problem.code;
            if !problems.iter().any(known) {
                problems.push(problem);
            }
        }
        problems
    }

    fn values(&self, cells: &[String], problems: &mut Vec<FieldProblem>) -> Map<String, Value> {
        let mut values = Map::new();
        for target in &self.setup.mapping {
            let Some(spec) = self.of.schema.field(&target.field) else {
                continue;
            };
            let mut cell =
                value::unarmed(cells.get(target.column).map_or("", String::as_str).trim());
            if cell.contains('\u{fffd}') {
                problems
                    .push(self.placed(FieldProblem::new(&spec.key, "unreadable_letters"), cells));
            }
            if matches!(spec.kind, FieldKind::Text | FieldKind::LongText) && value::is_formula(cell)
            {
                match self.setup.formulas {
                    Formulas::Reject => {
                        problems.push(self.placed(FieldProblem::new(&spec.key, "formula"), cells));
                    }
                    Formulas::Neutralise => {
                        cell = cell.trim_start_matches(['=', '+', '-', '@', '\t', '\r', ' ']);
                    }
                }
            }
            values.insert(
                spec.key.clone(),
                value::convert(spec, cell, self.setup.decimal, self.setup.dates),
            );
        }
        values
    }

    /// The problem with what stood there and in which column.
    fn placed(&self, problem: FieldProblem, cells: &[String]) -> FieldProblem {
        let Some(target) = self.setup.mapping.iter().find(|t| t.field == problem.field) else {
            return problem;
        };
        let stood: String = cells
            .get(target.column)
            .map_or("", String::as_str)
            .chars()
            .take(200)
            .collect();
        problem.with("value", stood).with("column", target.column)
    }
}
