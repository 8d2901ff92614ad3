//! The filter tree as SQL, meaning exactly what `kernel::filter` says it means in memory.

use kernel::{Comparison, Error, FieldProblem, Filter, Moment, Operand, Result, text};
use rust_decimal::Decimal;

use crate::{Bind, Built, Kind, Many, Sql};

/// What a column holds; decides which operands may be compared with it and how.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ColumnKind {
    Boolean,
    /// A whole number.
    Integer,
    /// Ten-thousandths in an integer, on both databases: how exact numbers stand in documents.
    Scaled,
    /// `numeric(19,4)` on PostgreSQL, ten-thousandths on SQLite: how exact numbers stand in columns.
    Amount,
    Text,
    /// `2026-11-21` as text.
    Date,
    Moment,
    Uuid,
}

/// A field that lists may filter and sort by: its SQL in both dialects.
#[derive(Clone, Debug)]
pub struct Column {
    pub kind: ColumnKind,
    /// The expression; for a document's field it is built by [`Column::document`].
    sqlite: String,
    postgres: String,
    /// Where the folded form of a text is stored; without it the text comparisons `contains` and `starts_with` are refused.
    folded: Option<String>,
}

/// Refuses what is no key: `[a-z][a-z0-9_]*`, 63 characters at most, may stand in a statement as it is.
pub(crate) fn plain(key: &str) -> Result<()> {
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if key.len() <= 63
        && key.starts_with(|c: char| c.is_ascii_lowercase())
        && key.chars().all(letters)
    {
        Ok(())
    } else {
        Err(Error::invalid(key, "key_form"))
    }
}

impl Column {
    pub fn new(kind: ColumnKind, sql: Sql) -> Self {
        Self {
            kind,
            sqlite: sql.sqlite.to_owned(),
            postgres: sql.postgres.to_owned(),
            folded: None,
        }
    }

    /// Only read from the rows that something else finds. SQLite, which does not know how many rows meet a condition,
    /// takes any index on the column for the shortest way.
    #[must_use]
    pub fn beside_indexes(mut self) -> Self {
        self.sqlite.insert(0, '+');
        self
    }

    #[must_use]
    pub fn with_folded(mut self, column: &'static str) -> Self {
        self.folded = Some(column.to_owned());
        self
    }

    /// A field inside a document column. `key` must be `[a-z][a-z0-9_]*`, at most 63 characters: it becomes part of the
    /// statement's text, so that the expression index on it is used.
    ///
    /// Stored forms: booleans as JSON booleans, exact numbers as JSON integers of ten-thousandths, all else as text.
    pub fn document(kind: ColumnKind, column: &'static str, key: &str) -> Result<Self> {
        plain(key)?;
        let raw = format!("({column} ->> '{key}')");
        let postgres = match kind {
            ColumnKind::Boolean => format!("({raw})::boolean"),
            ColumnKind::Integer | ColumnKind::Scaled => format!("({raw})::bigint"),
            ColumnKind::Amount | ColumnKind::Uuid | ColumnKind::Moment => {
                return Err(Error::invalid(key, "kind_in_document"));
            }
            ColumnKind::Text | ColumnKind::Date => raw.clone(),
        };
        Ok(Self {
            kind,
            sqlite: raw,
            postgres,
            folded: None,
        })
    }

    pub fn text(&self, kind: Kind) -> &str {
        match kind {
            Kind::Sqlite => &self.sqlite,
            Kind::Postgres => &self.postgres,
        }
    }
}

/// Appends the filter as a condition. `column` knows the fields that this asker may filter by; any other is refused,
/// whether it exists or not.
pub fn push(
    built: &mut Built,
    filter: &Filter,
    column: &impl Fn(&str) -> Option<Column>,
) -> Result<()> {
    if !filter.is_reasonable() {
        return Err(Error::new(kernel::Code::TooLarge).with("limit", Filter::MAX_LEAVES));
    }
    condition(built, filter, column)
}

fn condition(
    built: &mut Built,
    filter: &Filter,
    column: &impl Fn(&str) -> Option<Column>,
) -> Result<()> {
    match filter {
        Filter::All(parts) => joined(built, parts, " AND ", "TRUE", column),
        Filter::Any(parts) => joined(built, parts, " OR ", "FALSE", column),
        Filter::Not(inner) => {
            built.push("NOT (");
            condition(built, inner, column)?;
            built.push(")");
            Ok(())
        }
        Filter::Compare {
            field,
            comparison,
            value,
        } => {
            let known = find(field, column)?;
            compare(built, field, &known, *comparison, value)
        }
        Filter::In { field, values } => {
            let known = find(field, column)?;
            one_of(built, field, &known, values)
        }
    }
}

/// Equal to one of the values: all that are bound alike in one go, so that a company of a thousand units makes a statement
/// no longer than one of two.
fn one_of(built: &mut Built, field: &str, column: &Column, values: &[Operand]) -> Result<()> {
    let kind = built.kind();
    let binds: Option<Vec<_>> = values
        .iter()
        .map(|value| {
            let bound = fits(column.kind, value).then(|| operand(column.kind, kind, value));
            bound.flatten()
        })
        .collect();
    let several = binds.filter(|binds| binds.len() > 1);
    if let Some(many) = several.and_then(|binds| Many::of(&binds)) {
        let sql = column.text(kind).to_owned();
        let collate = collation(kind, column.kind);
        built.push("(").push_owned(&sql).push(collate);
        match (kind, &many) {
            // Read as it runs: who plans a statement looks at every value of a list that is bound, which costs more
            // than reading the page.
            (Kind::Postgres, Many::Uuids(ids)) if ids.len() <= FEW => built
                .push(" = ANY ((SELECT ")
                .bind(Bind::Many(many))
                .push("::uuid[])::uuid[])"),
            // Whose values are known are looked up, not gone through.
            (Kind::Postgres, _) => built.push(" = ANY (").bind(Bind::Many(many)).push(")"),
            (Kind::Sqlite, Many::Uuids(_)) => built
                .push(" IN (SELECT unhex(value) FROM json_each(")
                .bind(Bind::Many(many))
                .push("))"),
            (Kind::Sqlite, _) => built
                .push(" IN (SELECT value FROM json_each(")
                .bind(Bind::Many(many))
                .push("))"),
        };
        // Always known: a missing value is not equal to anything.
        built.push(" AND ").push_owned(&sql).push(" IS NOT NULL)");
        return Ok(());
    }
    if values.is_empty() {
        built.push("FALSE");
        return Ok(());
    }
    built.push("(");
    for (i, value) in values.iter().enumerate() {
        if i > 0 {
            built.push(" OR ");
        }
        compare(built, field, column, Comparison::Equal, value)?;
    }
    built.push(")");
    Ok(())
}

/// A list of ids so short that going through it for every row costs nothing worth planning for.
const FEW: usize = 256;

/// Text compares by code point on both: SQLite's BINARY does so by itself, PostgreSQL is told.
const fn collation(kind: Kind, column: ColumnKind) -> &'static str {
    match (kind, column) {
        (Kind::Postgres, ColumnKind::Text | ColumnKind::Date) => " COLLATE \"C\"",
        _ => "",
    }
}

fn find(field: &str, column: &impl Fn(&str) -> Option<Column>) -> Result<Column> {
    column(field).ok_or_else(|| Error::invalid(field, "unknown_field"))
}

fn joined(
    built: &mut Built,
    parts: &[Filter],
    with: &'static str,
    empty: &'static str,
    column: &impl Fn(&str) -> Option<Column>,
) -> Result<()> {
    // What changes nothing is left out: SQLite goes by an index only where every part of an OR has one.
    let any = empty == "FALSE";
    let mut telling = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            Filter::Any(none) if any && none.is_empty() => {}
            Filter::All(none) if !any && none.is_empty() => {}
            Filter::In { field, values } if any && values.is_empty() => {
                find(field, column)?;
            }
            part => telling.push(part),
        }
    }
    if telling.is_empty() {
        built.push(empty);
        return Ok(());
    }
    built.push("(");
    for (i, part) in telling.into_iter().enumerate() {
        if i > 0 {
            built.push(with);
        }
        condition(built, part, column)?;
    }
    built.push(")");
    Ok(())
}

fn compare(
    built: &mut Built,
    field: &str,
    column: &Column,
    comparison: Comparison,
    value: &Operand,
) -> Result<()> {
    let kind = built.kind();
    let sql = column.text(kind).to_owned();
    if *value == Operand::Null {
        let text = match comparison {
            Comparison::Equal => " IS NULL",
            Comparison::NotEqual => " IS NOT NULL",
            // An order with null is unknown; so is its negation.
            _ => {
                built.push("NULL");
                return Ok(());
            }
        };
        built.push_owned(&sql).push(text);
        return Ok(());
    }
    if matches!(comparison, Comparison::Contains | Comparison::StartsWith) {
        return folded(built, field, column, comparison, value);
    }
    // A value of another kind: equal to nothing, in no order.
    if !fits(column.kind, value) {
        built.push(match comparison {
            Comparison::Equal => "FALSE",
            Comparison::NotEqual => "TRUE",
            _ => "NULL",
        });
        return Ok(());
    }
    let Some(operand) = operand(column.kind, kind, value) else {
        return beyond(built, column, kind, comparison, value);
    };
    let (before, operator, after) = match comparison {
        // Always known: a missing value is not equal to anything.
        Comparison::Equal => ("(", " = ", Some(" IS NOT NULL)")),
        Comparison::NotEqual => ("(", " <> ", Some(" IS NULL)")),
        Comparison::Less => ("", " < ", None),
        Comparison::LessOrEqual => ("", " <= ", None),
        Comparison::Greater => ("", " > ", None),
        Comparison::GreaterOrEqual => ("", " >= ", None),
        Comparison::Contains | Comparison::StartsWith => return Ok(()),
    };
    let collate = collation(kind, column.kind);
    built
        .push(before)
        .push_owned(&sql)
        .push(collate)
        .push(operator)
        .bind(operand);
    if let Some(after) = after {
        built
            .push(if comparison == Comparison::Equal {
                " AND "
            } else {
                " OR "
            })
            .push_owned(&sql)
            .push(after);
    }
    Ok(())
}

fn fits(column: ColumnKind, value: &Operand) -> bool {
    matches!(
        (column, value),
        (ColumnKind::Boolean, Operand::Boolean(_))
            | (
                ColumnKind::Integer | ColumnKind::Scaled | ColumnKind::Amount,
                Operand::Number(_)
            )
            | (ColumnKind::Text | ColumnKind::Uuid, Operand::Text(_))
            | (ColumnKind::Date, Operand::Date(_))
            | (ColumnKind::Moment, Operand::Moment(_))
    )
}

/// The value as it is bound; `None` where the column cannot hold it exactly.
fn operand(column: ColumnKind, kind: Kind, value: &Operand) -> Option<Bind> {
    Some(match (column, value) {
        (_, Operand::Boolean(v)) => (*v).into(),
        (ColumnKind::Integer, Operand::Number(n)) => whole(*n, Decimal::ONE)?.into(),
        (ColumnKind::Amount, Operand::Number(n)) if kind == Kind::Postgres => (*n).into(),
        (ColumnKind::Amount | ColumnKind::Scaled, Operand::Number(n)) => {
            whole(*n, Decimal::new(10_000, 0))?.into()
        }
        (ColumnKind::Uuid, Operand::Text(v)) => v.parse::<uuid::Uuid>().ok()?.into(),
        (_, Operand::Text(v) | Operand::Date(v)) => v.clone().into(),
        (_, Operand::Moment(v)) => Moment::into(*v),
        (_, Operand::Null | Operand::Number(_)) => return None,
    })
}

fn whole(number: Decimal, scale: Decimal) -> Option<i64> {
    let scaled = number.checked_mul(scale)?;
    scaled.is_integer().then(|| {
        i64::try_from(scaled.trunc().mantissa() / 10_i128.pow(scaled.trunc().scale())).ok()
    })?
}

/// A number that the column cannot hold exactly (1.00005, 10^20): equal to nothing, but still before or after everything.
fn beyond(
    built: &mut Built,
    column: &Column,
    kind: Kind,
    comparison: Comparison,
    value: &Operand,
) -> Result<()> {
    let sql = column.text(kind).to_owned();
    match (comparison, value) {
        (Comparison::Equal, _) => {
            built.push("FALSE");
        }
        (Comparison::NotEqual, _) => {
            built.push("TRUE");
        }
        (_, Operand::Number(n)) => {
            let scale = if column.kind == ColumnKind::Integer {
                Decimal::ONE
            } else {
                Decimal::new(10_000, 0)
            };
            // Between two units: below the upper one is below both; compare with the unit beneath.
            let beneath = n
                .checked_mul(scale)
                .map(|s| s.floor())
                .and_then(|f| i64::try_from(f.mantissa() / 10_i128.pow(f.scale())).ok());
            match beneath {
                Some(unit) => {
                    let operator = match comparison {
                        Comparison::Less | Comparison::LessOrEqual => " <= ",
                        _ => " > ",
                    };
                    built.push_owned(&sql).push(operator).bind(unit);
                }
                None => {
                    // Outside what an i64 holds: every number is on one side of it, and a missing one is unknown.
                    let all = n.is_sign_positive()
                        == matches!(comparison, Comparison::Less | Comparison::LessOrEqual);
                    built
                        .push("(CASE WHEN ")
                        .push_owned(&sql)
                        .push(" IS NULL THEN NULL ELSE ");
                    built.push(if all { "TRUE" } else { "FALSE" }).push(" END)");
                }
            }
        }
        // A text that is no id, compared in order with ids: unknown.
        _ => {
            built.push("NULL");
        }
    }
    Ok(())
}

fn folded(
    built: &mut Built,
    field: &str,
    column: &Column,
    comparison: Comparison,
    value: &Operand,
) -> Result<()> {
    let (ColumnKind::Text, Operand::Text(wanted)) = (column.kind, value) else {
        built.push("NULL");
        return Ok(());
    };
    let Some(stored) = &column.folded else {
        return Err(FieldProblem::new(field, "not_searchable").into());
    };
    let wanted = text::fold(wanted);
    // `%`, `_` and the escape itself never survive folding, so that the pattern needs no escaping.
    let pattern = match comparison {
        Comparison::StartsWith => format!("{wanted}%"),
        _ => format!("%{wanted}%"),
    };
    built.push_owned(stored).push(" LIKE ").bind(pattern);
    Ok(())
}
