use std::collections::HashMap;

use access::Verb;
use kernel::{FieldProblem, Operand, Result, text};

use super::{Action, Row, Work, in_order};
use crate::UnitId;
use crate::units::{self, Unit};

/// The tree as it stands, found by name or path.
pub(crate) struct Known {
    units: HashMap<UnitId, Unit>,
}

/// How a name finds its unit.
pub(crate) enum Found {
    None,
    One(UnitId),
    /// The name stands in several branches: only a path tells them apart.
    Several,
}

impl Known {
    pub async fn read(work: &mut Work<'_>) -> Result<Self> {
        let units = units::all(work.tx).await?;
        Ok(Self {
            units: units.into_iter().map(|unit| (unit.id, unit)).collect(),
        })
    }

    /// `Sur`, or `Empresa / Ventas / Sur` from the top or from anywhere.
    pub fn find(&self, name: &str) -> Found {
        let mut path = name.split('/').rev().map(text::fold);
        let Some(last) = path.next() else {
            return Found::None;
        };
        let above: Vec<String> = path.collect();
        let mut found = self.units.values().filter(|unit| {
            let mut at = Some(*unit);
            text::fold(&unit.name) == last
                && above.iter().all(|wanted| {
                    at = at
                        .and_then(|unit| unit.parent)
                        .and_then(|parent| self.units.get(&parent));
                    at.is_some_and(|unit| text::fold(&unit.name) == *wanted)
                })
        });
        match (found.next(), found.next()) {
            (None, _) => Found::None,
            (Some(unit), None) => Found::One(unit.id),
            (Some(_), Some(_)) => Found::Several,
        }
    }

    pub fn name(&self, id: Option<UnitId>) -> String {
        id.and_then(|id| self.units.get(&id))
            .map(|unit| unit.name.clone())
            .unwrap_or_default()
    }

    fn put(&mut self, unit: Unit) {
        self.units.insert(unit.id, unit);
    }
}

/// The unit that a cell names; a problem is told at its field.
pub(crate) fn named(
    work: &mut Work<'_>,
    known: &Known,
    row: &Row,
    field: &'static str,
    name: &str,
) -> Option<UnitId> {
    match known.find(name) {
        Found::One(id) => Some(id),
        Found::None => {
            let problem = FieldProblem::new(field, "unknown_unit").with("name", name);
            work.refuse(row, field, problem);
            None
        }
        Found::Several => {
            let problem = FieldProblem::new(field, "unit_ambiguous").with("name", name);
            work.refuse(row, field, problem);
            None
        }
    }
}

/// The last part of a path, folded.
fn leaf(name: &str) -> String {
    text::fold(name.rsplit('/').next().unwrap_or_default())
}

pub(crate) async fn bring(work: &mut Work<'_>, rows: Vec<Row>) -> Result<()> {
    let mut known = Known::read(work).await?;
    let own = |row: &Row| work.value(row, "name").map(leaf).unwrap_or_default();
    let above = |row: &Row| {
        work.value(row, "parent")
            .filter(|p| !p.is_empty())
            .map(leaf)
    };
    let (rows, ring) = in_order(rows, own, above);
    for row in ring {
        let problem = FieldProblem::new("parent", "unit_below_itself");
        work.refuse(&row, "parent", problem);
        work.tell(&row, Action::Wrong, Vec::new());
    }
    for row in rows {
        let name = work.value(&row, "name").unwrap_or_default().to_owned();
        let told = work.value(&row, "parent").map(str::to_owned);
        let parent = match told.as_deref() {
            None => None,
            Some("") => Some(None),
            Some(above) => named(work, &known, &row, "parent", above).map(Some),
        };
        if work.is_wrong(&row) {
            work.tell(&row, Action::Wrong, Vec::new());
            continue;
        }
        let under = known
            .units
            .values()
            .find(|unit| parent == Some(unit.parent) && text::fold(&unit.name) == text::fold(&name))
            .map(|unit| unit.id);
        let found = match under {
            Some(id) => Found::One(id),
            None => known.find(&name),
        };
        match found {
            Found::Several => {
                let problem = FieldProblem::new("name", "unit_ambiguous").with("name", &name);
                work.refuse(&row, "name", problem);
                work.tell(&row, Action::Wrong, Vec::new());
            }
            Found::None => {
                if work.allow(&row, Verb::Create, "unit", None) {
                    let made =
                        units::create(work.tx, work.ambient, work.actor, &name, parent.flatten())
                            .await;
                    if let Some(unit) = work.refused(&row, made)? {
                        known.put(unit);
                    }
                }
                work.tell(&row, Action::Create, Vec::new());
            }
            Found::One(id) => {
                let Some(before) = known.units.get(&id).cloned() else {
                    continue;
                };
                let wanted = parent.unwrap_or(before.parent);
                // By a path the unit is only found, not renamed.
                let name = if name.contains('/') {
                    before.name.clone()
                } else {
                    name
                };
                let mut changes = Vec::new();
                if before.name != name {
                    changes.push(("name", before.name.clone(), name.clone()));
                }
                if before.parent != wanted {
                    changes.push(("parent", known.name(before.parent), known.name(wanted)));
                }
                if changes.is_empty() {
                    work.tell(&row, Action::Same, changes);
                    continue;
                }
                let record = |field: &str| match field {
                    "id" => Operand::Text(id.to_string()),
                    "name" => Operand::Text(before.name.clone()),
                    "parent" => before
                        .parent
                        .map_or(Operand::Null, |p| Operand::Text(p.to_string())),
                    _ => Operand::Null,
                };
                if work.allow(&row, Verb::Change, "unit", Some(&record)) {
                    let kept = units::change(
                        work.tx,
                        work.ambient,
                        work.actor,
                        id,
                        before.version,
                        &name,
                        wanted,
                    )
                    .await;
                    if let Some(unit) = work.refused(&row, kept)? {
                        known.put(unit);
                    }
                }
                work.tell(&row, Action::Change, changes);
            }
        }
    }
    Ok(())
}
