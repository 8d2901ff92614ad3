//! Lists of customers: filter, order, pages from a cursor, and windows for a grid that scrolls anywhere.

use form::{FieldKind, FieldSpec};
use kernel::{Comparison, Error, Filter, Id, Operand, Page, Paged, Result, Sort, SortDirection};
use serde::{Deserialize, Serialize};
use store::filter::{Column, ColumnKind};
use store::{Built, Kind, Reads, Sql};

use crate::record::{Customer, Row, row_columns, visible};
use crate::sight::Lenses;
use crate::{Portfolio, Sight};

/// Which customers, in which order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ListQuery {
    /// Only this type. Needed to filter or order by `fields.<key>`: what a key means, its type says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub type_key: Option<String>,
    pub filter: Filter,
    /// By name where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<Sort>,
    /// The recycle bin instead of what is in use.
    pub deleted: bool,
}

impl Default for ListQuery {
    fn default() -> Self {
        Self {
            type_key: None,
            filter: Filter::TRUE,
            sort: None,
            deleted: false,
        }
    }
}

/// A part of a list from a position.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Window {
    pub items: Vec<Customer>,
    pub offset: u64,
    /// How many there are in all, counted to [`MAX_COUNT`] at most.
    pub total: u64,
    /// There are more than were counted.
    pub more: bool,
}

/// Counting goes no further: beyond it a person searches instead of scrolling.
pub const MAX_COUNT: u64 = 200_000;

/// A page from a cursor on. Page 2,000 costs what page 2 does; what is added or removed meanwhile shifts nothing.
pub async fn page(
    reads: &mut impl Reads,
    sight: &Sight,
    portfolio: &Portfolio,
    query: &ListQuery,
    page: &Page,
) -> Result<Paged<Customer>> {
    let order = Order::of(portfolio, sight, query)?;
    let limit = page.limit();
    let after = page.cursor.as_deref().map(Cursor::read).transpose()?;
    let asked = Asked {
        sight,
        portfolio,
        query,
        order: &order,
        after,
        limit: limit + 1,
    };
    let lenses = Lenses::new(portfolio, sight);
    let mut rows: Vec<Row> = match reads.kind() {
        Kind::Sqlite if *sight.rows() != Filter::TRUE => asked.sought(reads, &lenses).await?,
        kind => asked.far(kind)?.fetch_all(reads).await?,
    };
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > wanted;
    rows.truncate(wanted);
    let next = rows
        .last()
        .filter(|_| more)
        .map(|row| order.cursor(row, &lenses).text())
        .transpose()?;
    Ok(Paged {
        items: rows.into_iter().map(|row| row.seen(&lenses)).collect(),
        next,
        total: None,
    })
}

/// `limit` (at most 500) customers from position `offset` on, and how many there are: for a grid whose scroll bar goes
/// anywhere. The rows before are skipped on the index alone.
pub async fn window(
    reads: &mut impl Reads,
    sight: &Sight,
    portfolio: &Portfolio,
    query: &ListQuery,
    (offset, limit): (u64, u32),
) -> Result<Window> {
    let order = Order::of(portfolio, sight, query)?;
    let (total, more) = count(reads, sight, portfolio, query).await?;
    let mut built = Built::new(
        reads.kind(),
        concat!(
            "SELECT ",
            row_columns!(),
            " FROM customer c WHERE c.id IN (SELECT c.id FROM customer c WHERE "
        ),
    );
    of_kind(&mut built, portfolio, query)?;
    built.push(" AND ");
    // Few are found and sorted; of many the order is walked.
    let column = if total <= u64::from(NEAR) {
        any_column
    } else {
        read_column
    };
    permitted_rows(&mut built, sight, portfolio, query, column)?;
    order.push(&mut built);
    built.push(" LIMIT ").bind(limit.clamp(1, Page::MAX_LIMIT));
    built
        .push(" OFFSET ")
        .bind(i64::try_from(offset.min(MAX_COUNT)).unwrap_or(i64::MAX))
        .push(")");
    order.push(&mut built);
    let rows: Vec<Row> = built.fetch_all(reads).await?;
    let lenses = Lenses::new(portfolio, sight);
    Ok(Window {
        items: rows.into_iter().map(|row| row.seen(&lenses)).collect(),
        offset,
        total,
        more,
    })
}

/// How many there are, at most [`MAX_COUNT`]; and whether there are more.
pub async fn count(
    reads: &mut impl Reads,
    sight: &Sight,
    portfolio: &Portfolio,
    query: &ListQuery,
) -> Result<(u64, bool)> {
    let mut built = Built::new(
        reads.kind(),
        "SELECT COUNT(*) FROM (SELECT 1 FROM customer c WHERE ",
    );
    of_kind(&mut built, portfolio, query)?;
    built.push(" AND ");
    permitted_rows(&mut built, sight, portfolio, query, any_column)?;
    built
        .push(" LIMIT ")
        .bind(i64::try_from(MAX_COUNT + 1).unwrap_or(i64::MAX))
        .push(") AS counted");
    let counted: Vec<(i64,)> = built.fetch_all(reads).await?;
    let counted = counted
        .first()
        .map_or(0, |c| u64::try_from(c.0).unwrap_or(0));
    Ok((counted.min(MAX_COUNT), counted > MAX_COUNT))
}

/// A page as it is asked for.
struct Asked<'a> {
    sight: &'a Sight,
    portfolio: &'a Portfolio,
    query: &'a ListQuery,
    order: &'a Order,
    after: Option<Cursor>,
    limit: u32,
}

/// So many rows are gone through in their order to find a page of those that somebody may see.
const NEAR: u32 = 6_000;

impl Asked<'_> {
    /// On SQLite, which knows nothing of how many rows meet a condition, and takes its time over a long list of units: for
    /// whoever sees nearly all, the next page of everything, each row looked at here; what is missing then, among those
    /// that come next; and what is missing still, wherever it is.
    async fn sought(mut self, reads: &mut impl Reads, lenses: &Lenses<'_>) -> Result<Vec<Row>> {
        let mut found = Vec::new();
        if self.sight.sees_most() && self.query.filter == Filter::TRUE {
            let next: Vec<Row> = self.next()?.fetch_all(reads).await?;
            let (all, wanted) = (next.len(), self.limit as usize);
            let last = next.last().map(|row| self.order.cursor(row, lenses));
            let permitted = self.sight.rows();
            found = next;
            found.retain(|row| {
                permitted.matches(&|field: &str| row.operand(lenses.of(&row.type_key), field))
            });
            self.sight.learn(found.len(), all);
            if all < wanted || found.len() == wanted {
                return Ok(found);
            }
            self.after = last;
            self.limit -= u32::try_from(found.len()).unwrap_or_default();
        }
        let mut rest: Vec<Row> = self.near()?.fetch_all(reads).await?;
        if rest.len() < self.limit as usize {
            rest = self.far(Kind::Sqlite)?.fetch_all(reads).await?;
        }
        found.append(&mut rest);
        Ok(found)
    }

    /// Those that come next, whoever may see them.
    fn next(&self) -> Result<Built> {
        let mut built = Built::new(
            Kind::Sqlite,
            concat!("SELECT ", row_columns!(), " FROM customer c WHERE "),
        );
        self.among(&mut built)?;
        self.order.push(&mut built);
        built.push(" LIMIT ").bind(self.limit);
        Ok(built)
    }

    /// For SQLite: the page, if it is full among the next
    /// [`NEAR`] of all customers. Then it costs next to nothing; who may see few is found by [`Asked::far`], by the
    /// indexes of owners and units, whose many rows would first have to be sorted.
    fn near(&self) -> Result<Built> {
        let mut built = Built::new(
            Kind::Sqlite,
            concat!(
                "SELECT ",
                row_columns!(),
                " FROM (SELECT ",
                row_columns!(),
                ", c.sort_name, c.import_id FROM customer c WHERE "
            ),
        );
        self.among(&mut built)?;
        self.order.push(&mut built);
        built.push(" LIMIT ").bind(NEAR).push(") c WHERE ");
        permitted_rows(
            &mut built,
            self.sight,
            self.portfolio,
            self.query,
            any_column,
        )?;
        // In the order in which they come: a limited table in the FROM clause is read as it stands.
        built.push(" LIMIT ").bind(self.limit);
        Ok(built)
    }

    fn far(&self, kind: Kind) -> Result<Built> {
        let mut built = Built::new(
            kind,
            concat!("SELECT ", row_columns!(), " FROM customer c WHERE "),
        );
        self.among(&mut built)?;
        built.push(" AND ");
        permitted_rows(
            &mut built,
            self.sight,
            self.portfolio,
            self.query,
            any_column,
        )?;
        self.order.push(&mut built);
        built.push(" LIMIT ").bind(self.limit);
        Ok(built)
    }

    fn among(&self, built: &mut Built) -> Result<()> {
        of_kind(built, self.portfolio, self.query)?;
        if let Some(cursor) = &self.after {
            built.push(" AND ");
            let after = self.order.after(cursor);
            store::filter::push(built, &after, &|field| self.order.column(field))?;
        }
        Ok(())
    }
}

/// Those that the list is made of, whoever asks.
fn of_kind(built: &mut Built, portfolio: &Portfolio, query: &ListQuery) -> Result<()> {
    // First: the conditions on fields after it are right only for rows of the type.
    if let Some(type_key) = &query.type_key {
        portfolio.wanted(type_key)?;
        built
            .push("c.type_key = ")
            .push_key(type_key)?
            .push(" AND ");
    }
    built.push(if query.deleted {
        "c.deleted IS NOT NULL AND "
    } else {
        "c.deleted IS NULL AND "
    });
    built.push(visible!());
    Ok(())
}

/// Of these, those that the asker may see and wants.
fn permitted_rows(
    built: &mut Built,
    sight: &Sight,
    portfolio: &Portfolio,
    query: &ListQuery,
    column: fn(&Portfolio, &str) -> Option<Column>,
) -> Result<()> {
    store::filter::push(built, &sight.rows(), &|field| column(portfolio, field))?;
    built.push(" AND ");
    store::filter::push(built, &query.filter, &|field| {
        permitted(portfolio, sight, query.type_key.as_deref(), field)
    })
}

/// For statements that have their way to the rows: those of them that the asker may see, of the list's type, that meet its
/// filter.
pub(crate) fn push_read(
    built: &mut Built,
    sight: &Sight,
    portfolio: &Portfolio,
    query: &ListQuery,
) -> Result<()> {
    if let Some(type_key) = &query.type_key {
        portfolio.wanted(type_key)?;
        let of = Filter::equal("type", Operand::Text(type_key.clone()));
        store::filter::push(built, &of, &|field| read_column(portfolio, field))?;
        built.push(" AND ");
    }
    store::filter::push(built, &sight.rows(), &|field| read_column(portfolio, field))?;
    if query.filter == Filter::TRUE {
        return Ok(());
    }
    built.push(" AND ");
    store::filter::push(built, &query.filter, &|field| {
        permitted(portfolio, sight, query.type_key.as_deref(), field).map(Column::beside_indexes)
    })
}

/// The column, where this asker may filter and order by it.
fn permitted(
    portfolio: &Portfolio,
    sight: &Sight,
    type_key: Option<&str>,
    field: &str,
) -> Option<Column> {
    if !sight.always(field) {
        return None;
    }
    if let Some(key) = field.strip_prefix("fields.") {
        return document(portfolio.get(type_key?)?.schema.field(key)?);
    }
    // Columns that repeat a field are as secret as that.
    let secret = |of: &crate::CustomerType| {
        let hidden = |key: &str| !sight.always(&format!("fields.{key}"));
        match field {
            "name" => of.schema.title.iter().any(|key| hidden(key)),
            "document" => of.document_field().is_some_and(|f| hidden(&f.key)),
            "segment" => of.segment_field().is_some_and(|f| hidden(&f.key)),
            _ => false,
        }
    };
    let hidden = match type_key {
        Some(key) => portfolio.get(key).is_some_and(secret),
        None => portfolio.iter().any(secret),
    };
    if hidden { None } else { core(field) }
}

/// Every column: for conditions that administrators wrote, not askers. A field counts with the meaning that it has in the
/// first type that knows it.
pub(crate) fn any_column(portfolio: &Portfolio, field: &str) -> Option<Column> {
    match field.strip_prefix("fields.") {
        Some(key) => document(portfolio.iter().find_map(|of| of.schema.field(key))?),
        None => core(field),
    }
}

/// The same, for statements that have their way to the rows.
pub(crate) fn read_column(portfolio: &Portfolio, field: &str) -> Option<Column> {
    any_column(portfolio, field).map(Column::beside_indexes)
}

fn core(field: &str) -> Option<Column> {
    let column = |kind, text| Column::new(kind, Sql::both(text));
    Some(match field {
        "id" => column(ColumnKind::Uuid, "c.id"),
        "type" | "type_key" => column(ColumnKind::Text, "c.type_key"),
        "name" => column(ColumnKind::Text, "c.name").with_folded("c.sort_name"),
        "document" => column(ColumnKind::Text, "c.document"),
        "segment" => column(ColumnKind::Text, "c.segment"),
        "owner" => column(ColumnKind::Uuid, "c.owner_id"),
        "unit" => column(ColumnKind::Uuid, "c.unit_id"),
        "created" => column(ColumnKind::Moment, "c.created"),
        "changed" => column(ColumnKind::Moment, "c.changed"),
        "contacted" => column(ColumnKind::Moment, "c.contacted"),
        "import" => column(ColumnKind::Uuid, "c.import_id"),
        _ => return None,
    })
}

pub(crate) fn document(spec: &FieldSpec) -> Option<Column> {
    let kind = match spec.kind {
        FieldKind::Boolean => ColumnKind::Boolean,
        FieldKind::Number { .. } | FieldKind::Amount { .. } => ColumnKind::Scaled,
        FieldKind::Date => ColumnKind::Date,
        _ => ColumnKind::Text,
    };
    Column::document(kind, "c.fields", &spec.key).ok()
}

/// By what a list is ordered; ties are broken by identity.
struct Order {
    field: String,
    column: Column,
    descending: bool,
}

impl Order {
    fn of(portfolio: &Portfolio, sight: &Sight, query: &ListQuery) -> Result<Self> {
        let Some(sort) = &query.sort else {
            // Whoever may not see every name learns none from the order, nor from where a page ends.
            let named = permitted(portfolio, sight, query.type_key.as_deref(), "name").is_some();
            return Ok(if named {
                Self::by_name(false)
            } else {
                Self::by_identity()
            });
        };
        let descending = sort.direction == SortDirection::Descending;
        let column = permitted(portfolio, sight, query.type_key.as_deref(), &sort.field)
            .ok_or_else(|| Error::invalid(sort.field.as_str(), "unknown_field"))?;
        // People order names as they read them, not by accents and capitals.
        Ok(if sort.field == "name" {
            Self::by_name(descending)
        } else {
            Self {
                field: sort.field.clone(),
                column,
                descending,
            }
        })
    }

    fn by_name(descending: bool) -> Self {
        Self {
            field: "name".into(),
            column: Column::new(ColumnKind::Text, Sql::both("c.sort_name")),
            descending,
        }
    }

    fn by_identity() -> Self {
        Self {
            field: "id".into(),
            column: Column::new(ColumnKind::Uuid, Sql::both("c.id")),
            descending: false,
        }
    }

    fn column(&self, field: &str) -> Option<Column> {
        if field == "sort" {
            Some(self.column.clone())
        } else {
            core(field)
        }
    }

    /// What is missing comes last, and first where the order is turned round: so one index serves both directions.
    fn push(&self, built: &mut Built) {
        let text = matches!(self.column.kind, ColumnKind::Text | ColumnKind::Date);
        built.push(" ORDER BY ").push_column(&self.column);
        if built.kind() == Kind::Postgres && text {
            built.push(" COLLATE \"C\"");
        }
        built.push(if self.descending {
            " DESC NULLS FIRST, c.id DESC"
        } else {
            " ASC NULLS LAST, c.id ASC"
        });
    }

    fn after(&self, cursor: &Cursor) -> Filter {
        let beyond = if self.descending {
            Comparison::Less
        } else {
            Comparison::Greater
        };
        let at = |comparison| Filter::compare("sort", comparison, cursor.value.clone());
        let same = at(Comparison::Equal).and(Filter::compare(
            "id",
            beyond,
            Operand::Text(cursor.id.to_string()),
        ));
        let missing = |comparison| Filter::compare("sort", comparison, Operand::Null);
        match (&cursor.value, self.descending) {
            (Operand::Null, false) => same,
            (Operand::Null, true) => same.or(missing(Comparison::NotEqual)),
            (_, true) => {
                // The first bound is what the index is entered by.
                at(Comparison::LessOrEqual).and(Filter::Any(vec![at(beyond), same]))
            }
            (_, false) if self.field == "name" => {
                at(Comparison::GreaterOrEqual).and(Filter::Any(vec![at(beyond), same]))
            }
            (_, false) => Filter::Any(vec![at(beyond), same, missing(Comparison::Equal)]),
        }
    }

    fn cursor(&self, row: &Row, lenses: &Lenses<'_>) -> Cursor {
        let value = match self.field.as_str() {
            "name" => Operand::Text(kernel::text::fold(&row.name)),
            field => row.operand(lenses.of(&row.type_key), field),
        };
        Cursor { value, id: row.id }
    }
}

/// Where a page ended: the value that it is ordered by, and the identity.
#[derive(Serialize, Deserialize)]
struct Cursor {
    value: Operand,
    id: Id<Customer>,
}

impl Cursor {
    fn text(&self) -> Result<String> {
        Ok(hex::encode(
            serde_json::to_vec(self).map_err(Error::internal)?,
        ))
    }

    fn read(text: &str) -> Result<Self> {
        let bytes = hex::decode(text).ok();
        bytes
            .and_then(|b| serde_json::from_slice(&b).ok())
            .ok_or_else(|| Error::invalid("cursor", "bad_cursor"))
    }
}
