//! Bringing units, positions or users from a CSV file: all of it or nothing, and as often as one likes.
//!
//! The file's headings say what it holds (in Spanish or English). A row finds what it is about by its name: a user by the
//! login, a unit by its name (or its path `Above / Below`), a position by its name. What is there already gets the row's
//! values, what is not there is made; a column that the file does not have leaves its field alone.
//!
//! The preview is the very same work in a transaction that is not committed, so it tells neither more nor less.

mod sheet;
mod units;
mod users;

use std::collections::{BTreeMap, BTreeSet};

use access::{Policy, Verb};
use kernel::{Ambient, Code, Error, FieldProblem, Result, text};
use ledger::Actor;
use store::Tx;

pub use sheet::{MOST_BYTES, MOST_ROWS, Row, Sheet, line};

use crate::positions;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Units,
    Positions,
    Users,
}

impl Kind {
    pub const fn text(self) -> &'static str {
        match self {
            Self::Units => "units",
            Self::Positions => "positions",
            Self::Users => "users",
        }
    }

    /// Fields with the headings that mean them, folded.
    const fn columns(self) -> &'static [(&'static str, &'static [&'static str])] {
        match self {
            Self::Units => &[
                ("name", &["unidad", "unit"]),
                (
                    "parent",
                    &["depende de", "unidad superior", "superior", "parent"],
                ),
            ],
            Self::Positions => &[("name", &["cargo", "puesto", "position"])],
            Self::Users => &[
                ("login", &["usuario", "login", "user"]),
                ("name", &["nombre", "name"]),
                ("email", &["correo", "email", "e mail", "e-mail", "mail"]),
                ("kind", &["tipo", "kind", "type"]),
                ("unit", &["unidad", "unit"]),
                ("position", &["cargo", "puesto", "position"]),
                (
                    "manager",
                    &["responsable", "jefe", "depende de", "reports to", "manager"],
                ),
                ("groups", &["grupos", "groups"]),
                ("roles", &["roles"]),
                ("active", &["activo", "active"]),
            ],
        }
    }

    const fn key(self) -> &'static str {
        match self {
            Self::Users => "login",
            Self::Units | Self::Positions => "name",
        }
    }
}

/// What is wrong in a place of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    pub row: u32,
    pub column: String,
    pub value: String,
    pub problem: FieldProblem,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Create,
    Change,
    Same,
    Wrong,
}

impl Action {
    pub const fn text(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Change => "change",
            Self::Same => "same",
            Self::Wrong => "wrong",
        }
    }
}

/// What a row does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    pub row: u32,
    pub name: String,
    pub action: Action,
    /// Field, before, after.
    pub changes: Vec<(&'static str, String, String)>,
}

/// What a file does.
#[derive(Clone, Debug)]
pub struct Brought {
    pub kind: Kind,
    pub rows: Vec<Done>,
    pub wrong: Vec<Wrong>,
    pub sheet: Sheet,
}

impl Brought {
    pub fn count(&self, action: Action) -> u32 {
        let count = self.rows.iter().filter(|r| r.action == action).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// The rows with problems as they came, with row, column and reason before them; `say` makes the sentence.
    pub fn rejects(
        &self,
        (row, column, reason): (&str, &str, &str),
        say: &dyn Fn(&FieldProblem) -> String,
    ) -> Option<String> {
        if self.wrong.is_empty() {
            return None;
        }
        let delimiter = self.sheet.delimiter;
        let mut head = vec![row, column, reason];
        head.extend(self.sheet.headings.iter().map(String::as_str));
        let mut text = String::from('\u{feff}');
        text.push_str(&line(&head, delimiter));
        for wrong in &self.wrong {
            let number = wrong.row.to_string();
            let sentence = say(&wrong.problem);
            let mut cells = vec![number.as_str(), wrong.column.as_str(), sentence.as_str()];
            let own = self.sheet.rows.iter().find(|r| r.number == wrong.row);
            cells.extend(
                own.into_iter()
                    .flat_map(|r| r.cells.iter().map(String::as_str)),
            );
            text.push_str(&line(&cells, delimiter));
        }
        Some(text)
    }
}

/// The columns of a file that were understood: field → place and heading.
type Columns = BTreeMap<&'static str, (usize, String)>;

/// A file in work.
pub(crate) struct Work<'a> {
    pub tx: &'a mut Tx,
    pub ambient: &'a Ambient,
    pub actor: &'a Actor,
    pub policy: &'a Policy,
    kind: Kind,
    columns: Columns,
    wrong: Vec<Wrong>,
    done: Vec<Done>,
}

/// Carries out a file inside the caller's transaction. Commit only where `wrong` is empty. An error is only what makes the
/// file unreadable as a whole.
pub async fn bring(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    policy: &Policy,
    text: &str,
) -> Result<Brought> {
    let sheet = Sheet::read(text)?;
    let (kind, columns) = understood(&sheet.headings)?;
    let mut work = Work {
        tx,
        ambient,
        actor,
        policy,
        kind,
        columns,
        wrong: Vec::new(),
        done: Vec::new(),
    };
    let rows = work.checked(&sheet.rows);
    match kind {
        Kind::Units => units::bring(&mut work, rows).await?,
        Kind::Positions => work.positions(rows).await?,
        Kind::Users => users::bring(&mut work, rows).await?,
    }
    let Work {
        mut wrong,
        mut done,
        ..
    } = work;
    wrong.sort_by_key(|w| w.row);
    done.sort_by_key(|d| d.row);
    Ok(Brought {
        kind,
        rows: done,
        wrong,
        sheet,
    })
}

/// A heading that nobody knows is refused: a misspelt one would lose its column without a word.
fn understood(headings: &[String]) -> Result<(Kind, Columns)> {
    let folded: Vec<String> = headings.iter().map(|h| text::fold(h)).collect();
    let has = |kind: Kind, field: &str| {
        kind.columns()
            .iter()
            .filter(|(name, _)| *name == field)
            .any(|(_, words)| folded.iter().any(|h| words.contains(&h.as_str())))
    };
    let kind = [Kind::Users, Kind::Units, Kind::Positions]
        .into_iter()
        .find(|kind| has(*kind, kind.key()))
        .ok_or_else(|| Error::invalid("text", "organisation_headings"))?;
    let mut columns = Columns::new();
    let mut problems = Vec::new();
    for (at, heading) in folded.iter().enumerate() {
        let field = kind
            .columns()
            .iter()
            .find(|(_, words)| words.contains(&heading.as_str()))
            .map(|(field, _)| *field);
        let place = format!("column {}", at + 1);
        match field {
            Some(field) if columns.contains_key(field) => {
                problems.push(FieldProblem::new(place, "mapped_twice"));
            }
            Some(field) => {
                columns.insert(field, (at, headings[at].clone()));
            }
            None => {
                problems
                    .push(FieldProblem::new(place, "unknown_heading").with("name", &headings[at]));
            }
        }
    }
    match Error::try_from(problems) {
        Ok(error) => Err(error),
        Err(()) => Ok((kind, columns)),
    }
}

impl Work<'_> {
    /// The value of a field; `None` where the file has no such column.
    pub fn value<'r>(&self, row: &'r Row, field: &str) -> Option<&'r str> {
        let (at, _) = self.columns.get(field)?;
        row.cells.get(*at).map(|cell| cell.trim()).or(Some(""))
    }

    pub fn refuse(&mut self, row: &Row, field: &str, problem: FieldProblem) {
        let heading = self.columns.get(field).map(|(_, h)| h.clone());
        let value = self.value(row, field).unwrap_or_default().to_owned();
        self.wrong.push(Wrong {
            row: row.number,
            column: heading.unwrap_or_default(),
            value,
            problem,
        });
    }

    pub fn is_wrong(&self, row: &Row) -> bool {
        self.wrong.iter().any(|w| w.row == row.number)
    }

    pub fn tell(
        &mut self,
        row: &Row,
        action: Action,
        changes: Vec<(&'static str, String, String)>,
    ) {
        let name = self
            .value(row, self.kind.key())
            .unwrap_or_default()
            .to_owned();
        let action = if self.is_wrong(row) {
            Action::Wrong
        } else {
            action
        };
        self.done.push(Done {
            row: row.number,
            name,
            action,
            changes,
        });
    }

    /// What a room refused as invalid is told by its fields; any other error ends the work.
    pub fn refused<T>(&mut self, row: &Row, result: Result<T>) -> Result<Option<T>> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.code() == Code::Invalid => {
                for problem in error.fields() {
                    let field = problem
                        .field
                        .split('[')
                        .next()
                        .unwrap_or_default()
                        .to_owned();
                    self.refuse(row, &field, problem.clone());
                }
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Rows that have the columns they should and a name that no other row has.
    fn checked(&mut self, rows: &[Row]) -> Vec<Row> {
        let width = self.columns.values().map(|(at, _)| at + 1).max();
        let mut seen: BTreeMap<String, u32> = BTreeMap::new();
        let mut kept = Vec::new();
        for row in rows {
            let key = self.kind.key();
            let name = self.value(row, key).unwrap_or_default();
            if name.is_empty() {
                self.refuse(row, key, FieldProblem::new(key, "required"));
            }
            if row.cells.len() > width.unwrap_or(0) {
                let problem = FieldProblem::new(key, "columns_extra")
                    .with("expected", width.unwrap_or(0))
                    .with("found", row.cells.len());
                self.refuse(row, key, problem);
            }
            // Units of one name may stand in different branches.
            let parent = self.value(row, "parent").unwrap_or_default();
            let own = format!("{}\0{}", text::fold(name), text::fold(parent));
            if let Some(first) = seen.get(&own) {
                let problem = FieldProblem::new(key, "duplicate_in_list").with("row", first);
                self.refuse(row, key, problem);
            } else {
                seen.insert(own, row.number);
            }
            if self.is_wrong(row) {
                self.tell(row, Action::Wrong, Vec::new());
            } else {
                kept.push(row.clone());
            }
        }
        kept
    }

    async fn positions(&mut self, rows: Vec<Row>) -> Result<()> {
        for row in rows {
            let name = self.value(&row, "name").unwrap_or_default().to_owned();
            let found = positions::find_by_name(self.tx, &name).await?;
            let (action, changes) = match found {
                Some(found) if found.name == name => (Action::Same, Vec::new()),
                Some(found) => {
                    self.allow(&row, Verb::Change, "position", None);
                    let write = positions::change(
                        self.tx,
                        self.ambient,
                        self.actor,
                        found.id,
                        found.version,
                        &name,
                    )
                    .await;
                    self.refused(&row, write)?;
                    (Action::Change, vec![("name", found.name, name)])
                }
                None => {
                    self.allow(&row, Verb::Create, "position", None);
                    let write = positions::create(self.tx, self.ambient, self.actor, &name).await;
                    self.refused(&row, write)?;
                    (Action::Create, Vec::new())
                }
            };
            self.tell(&row, action, changes);
        }
        Ok(())
    }

    /// Refuses the row where the asker may not do this to this record.
    pub fn allow(
        &mut self,
        row: &Row,
        verb: Verb,
        entity: &str,
        record: Option<&dyn Fn(&str) -> kernel::Operand>,
    ) -> bool {
        let allowed = match record {
            Some(record) => self.policy.require_on(verb, entity, record),
            None => self.policy.require(verb, entity),
        };
        if allowed.is_err() {
            let key = self.kind.key();
            self.refuse(row, key, FieldProblem::new(key, "row_forbidden"));
        }
        allowed.is_ok()
    }
}

/// Puts rows behind those that they refer to. What goes round in a ring comes apart, as the second part.
pub(crate) fn in_order(
    rows: Vec<Row>,
    name: impl Fn(&Row) -> String,
    refers: impl Fn(&Row) -> Option<String>,
) -> (Vec<Row>, Vec<Row>) {
    let mut waiting = rows;
    let mut ordered: Vec<Row> = Vec::new();
    loop {
        let open: BTreeSet<String> = waiting.iter().map(&name).collect();
        let (ready, rest): (Vec<Row>, Vec<Row>) = waiting
            .into_iter()
            .partition(|row| refers(row).is_none_or(|to| to == name(row) || !open.contains(&to)));
        let stuck = ready.is_empty();
        ordered.extend(ready);
        if rest.is_empty() || stuck {
            return (ordered, rest);
        }
        waiting = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: u32, cells: [&str; 2]) -> Row {
        Row {
            number,
            cells: cells.map(str::to_owned).to_vec(),
        }
    }

    #[test]
    fn rows_stand_behind_what_they_refer_to_and_rings_come_apart() {
        let rows = vec![
            row(2, ["c", "b"]),
            row(3, ["b", "a"]),
            row(4, ["a", "elsewhere"]),
            row(5, ["x", "y"]),
            row(6, ["y", "x"]),
        ];
        let (ordered, ring) = in_order(rows, |r| r.cells[0].clone(), |r| Some(r.cells[1].clone()));
        let numbers = |rows: &[Row]| rows.iter().map(|r| r.number).collect::<Vec<_>>();
        assert_eq!(numbers(&ordered), [4, 3, 2]);
        assert_eq!(numbers(&ring), [5, 6]);
    }

    #[test]
    fn headings_say_what_a_file_holds() {
        let of = |headings: &[&str]| {
            understood(&headings.iter().map(|h| (*h).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(of(&["Unidad", "Depende de"]).unwrap().0, Kind::Units);
        assert_eq!(of(&["CARGO"]).unwrap().0, Kind::Positions);
        let (kind, columns) = of(&["Usuario", "Nombre", "Unidad", "Depende de"]).unwrap();
        assert_eq!((kind, columns["manager"].0), (Kind::Users, 3));
        let unknown = of(&["usuario", "nombr"]).unwrap_err();
        assert_eq!(
            (&*unknown.fields()[0].field, &*unknown.fields()[0].code),
            ("column 2", "unknown_heading")
        );
        assert_eq!(
            of(&["color"]).unwrap_err().fields()[0].code,
            "organisation_headings"
        );
    }
}
