//! What a list changes of customers who were there before, and how a list is taken out again.

use kernel::{Ambient, Error, Id, Moment, Result};
use ledger::audit;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sqlx::types::Json;
use store::{Reads, Tx};

use super::Import;
use crate::customer::recorded;
use crate::portfolio::CustomerType;
use crate::record::{Customer, Derived, Row, row_columns};
use crate::{Portfolio, contact, words};

/// A customer who stayed when its list was undone, because somebody had touched it since.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Kept {
    pub id: Id<Customer>,
    pub name: String,
    pub row_number: i64,
    /// It had been there before the list and keeps the list's values; else the list had brought it.
    pub was_there: bool,
}

store::statements! {
    STAGED = "SELECT customer_id, patch, before, version FROM customer_import_update \
        WHERE import_id = $1 AND customer_id > $2 ORDER BY customer_id LIMIT 500";
    CUSTOMER = concat!("SELECT ", row_columns!(), " FROM customer c WHERE c.id = $1"),
        concat!("SELECT ", row_columns!(), " FROM customer c WHERE c.id = $1 FOR UPDATE");
    /// A list that has changed a customer does not hide it: it was there before.
    REWRITE = "UPDATE customer SET type_version = $2, name = $3, sort_name = $4, document = $5, segment = $6, fields = $7, \
        words = $8, changed = $9, version = version + 1 WHERE id = $1";
    REMEMBER = "UPDATE customer_import_update SET before = $3, version = $4 WHERE import_id = $1 AND customer_id = $2";
    FORGET = "DELETE FROM customer_import_update WHERE import_id = $1 AND customer_id = $2";
    COUNT_KEPT = "SELECT (SELECT COUNT(*) FROM customer WHERE import_id = $1 AND hidden_by IS NULL) \
        + (SELECT COUNT(*) FROM customer_import_update WHERE import_id = $1)";
    TAKE_OUT = "UPDATE customer_import SET visible = FALSE, rows_kept = $2 WHERE id = $1";
    KEPT = "SELECT id, name, import_row AS row_number, FALSE AS was_there FROM customer \
            WHERE import_id = $1 AND hidden_by IS NULL AND import_row > $2 \
        UNION ALL SELECT c.id, c.name, u.row_number, TRUE FROM customer_import_update u JOIN customer c ON c.id = u.customer_id \
            WHERE u.import_id = $1 AND u.row_number > $2 \
        ORDER BY row_number LIMIT $3";
    /// Some of the list's customers whom nobody has touched.
    /// PostgreSQL holds the rows: a customer touched between this and the removal would lose its keys.
    UNTOUCHED = concat!("SELECT ", row_columns!(), " FROM customer c WHERE c.import_id = $1 AND c.hidden_by = $1 LIMIT 1000"),
        concat!("SELECT ", row_columns!(), " FROM customer c WHERE c.import_id = $1 AND c.hidden_by = $1 LIMIT 1000 FOR UPDATE");
    REMOVE_KEYS = "DELETE FROM customer_key WHERE (type_key, field, value) IN \
            (SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each($1)) \
            AND customer_id IN (SELECT id FROM customer WHERE import_id = $2 AND hidden_by = $2)",
        // As arrays: so that every one of the key's columns is looked up in the index, whatever the planner knows.
        "DELETE FROM customer_key k WHERE k.type_key = ANY (ARRAY(SELECT r ->> 0 FROM json_array_elements($1::text::json) AS r)) \
            AND k.field = ANY (ARRAY(SELECT r ->> 1 FROM json_array_elements($1::text::json) AS r)) \
            AND k.value = ANY (ARRAY(SELECT r ->> 2 FROM json_array_elements($1::text::json) AS r)) \
            AND k.customer_id IN (SELECT c.id FROM customer c WHERE c.import_id = $2 AND c.hidden_by = $2)";
    REMOVE = "DELETE FROM customer WHERE import_id = $2 AND hidden_by = $2 AND id IN (SELECT unhex(value, '-') FROM json_each($1))",
        "DELETE FROM customer WHERE import_id = $2 AND hidden_by = $2 \
            AND id = ANY (ARRAY(SELECT json_array_elements_text($1::text::json)::uuid))";
}

#[derive(sqlx::FromRow)]
struct Staged {
    customer_id: Id<Customer>,
    patch: Json<Map<String, Value>>,
    before: Option<Json<Map<String, Value>>>,
    version: Option<i64>,
}

/// Gives those who were there before the list's values, and remembers what they were.
pub(super) async fn change(
    tx: &mut Tx,
    ambient: &Ambient,
    portfolio: &Portfolio,
    import: &Import,
) -> Result<()> {
    let mut after = Id::new(uuid::Uuid::nil());
    while let Some(some) = staged(tx, import.id, &mut after).await? {
        for one in some {
            let row = store::fetch_optional!(tx, Row, CUSTOMER, one.customer_id)?;
            // Put into the recycle bin while the list was read: it stays there as it is.
            let Some(row) = row.filter(|r| r.deleted.is_none()) else {
                store::execute!(tx, FORGET, import.id, one.customer_id)?;
                continue;
            };
            let mut fields = row.fields.0.clone();
            fields.extend(one.patch.0);
            rewrite(tx, portfolio, &row, &fields, ambient.now()).await?;
            leave_trace(tx, ambient, portfolio, import, &row, &fields)?;
            store::execute!(
                tx,
                REMEMBER,
                import.id,
                one.customer_id,
                Json(row.fields.0),
                row.version + 1
            )?;
        }
        // A list may change a million customers: their entries are not held until the end.
        audit::flush(tx).await?;
    }
    Ok(())
}

/// Changes back whom nobody has changed since; the others are left on record as kept.
pub(super) async fn change_back(
    tx: &mut Tx,
    ambient: &Ambient,
    portfolio: &Portfolio,
    import: &Import,
) -> Result<()> {
    let mut after = Id::new(uuid::Uuid::nil());
    while let Some(some) = staged(tx, import.id, &mut after).await? {
        for one in some {
            let row = store::fetch_optional!(tx, Row, CUSTOMER, one.customer_id)?;
            let (Some(row), Some(before)) = (row, one.before) else {
                store::execute!(tx, FORGET, import.id, one.customer_id)?;
                continue;
            };
            if Some(row.version) == one.version {
                rewrite(tx, portfolio, &row, &before.0, ambient.now()).await?;
                leave_trace(tx, ambient, portfolio, import, &row, &before.0)?;
                store::execute!(tx, FORGET, import.id, one.customer_id)?;
            }
        }
        audit::flush(tx).await?;
    }
    Ok(())
}

/// Each customer whom a list changes has an entry of its own, with what was before: else nobody could say later what the
/// customer looked like.
fn leave_trace(
    tx: &mut Tx,
    ambient: &Ambient,
    portfolio: &Portfolio,
    import: &Import,
    row: &Row,
    fields: &Map<String, Value>,
) -> Result<()> {
    let of = portfolio.wanted(&row.type_key)?;
    let state = |stored: &Map<String, Value>| {
        recorded(
            of,
            &of.schema.from_storage(stored),
            row.owner_id,
            row.unit_id,
        )
    };
    let entry = audit::Entry::new("customer.change", "desk", "customer")
        .of(row.id)
        .customer(row.id)
        .changed(Some(&state(&row.fields.0)), Some(&state(fields)))
        .note(&import.file_name);
    audit::record(tx, ambient.now(), &import.actor, entry);
    Ok(())
}

/// The next of them, in the order of their ids; `None` at the end.
async fn staged(
    tx: &mut Tx,
    id: Id<Import>,
    after: &mut Id<Customer>,
) -> Result<Option<Vec<Staged>>> {
    let some = store::fetch_all!(tx, Staged, STAGED, id, *after)?;
    if let Some(last) = some.last() {
        *after = last.customer_id;
    }
    Ok((!some.is_empty()).then_some(some))
}

async fn rewrite(
    tx: &mut Tx,
    portfolio: &Portfolio,
    row: &Row,
    fields: &Map<String, Value>,
    now: Moment,
) -> Result<()> {
    let of: &CustomerType = portfolio.wanted(&row.type_key)?;
    let canonical = of.schema.from_storage(fields);
    let derived = Derived::of(of, &canonical);
    let mut found_by = words::of_customer(&of.schema, &canonical, &|_| true);
    for contact in contact::of(tx, row.id).await? {
        found_by.extend(words::of_contact(&contact, &|_| true));
    }
    let words = words::stored(tx.kind(), &found_by);
    store::execute!(
        tx,
        REWRITE,
        row.id,
        of.version,
        &derived.name,
        &derived.sort_name,
        derived.document.as_deref(),
        derived.segment.as_deref(),
        Json(fields),
        &words,
        now
    )?;
    Ok(())
}

/// The switch back; counts who stays.
pub(super) async fn take_out(tx: &mut Tx, id: Id<Import>) -> Result<()> {
    let kept = store::fetch_one!(tx, (i64,), COUNT_KEPT, id)?.0;
    store::execute!(tx, TAKE_OUT, id, kept)?;
    Ok(())
}

/// Who stayed when the list was undone, by row, a part at a time.
pub async fn kept(
    reads: &mut impl Reads,
    id: Id<Import>,
    after_row: i64,
    limit: u32,
) -> Result<Vec<Kept>> {
    store::fetch_all!(reads, Kept, KEPT, id, after_row, i64::from(limit))
}

/// Removes some of the list's customers; 0 when there are none any more.
pub(super) async fn remove_some(
    tx: &mut Tx,
    portfolio: &Portfolio,
    id: Id<Import>,
) -> Result<usize> {
    super::write::by_index(tx).await?;
    let rows = store::fetch_all!(tx, Row, UNTOUCHED, id)?;
    if rows.is_empty() {
        return Ok(0);
    }
    let mut keys = Vec::new();
    for row in &rows {
        if let Some(of) = portfolio.get(&row.type_key) {
            let derived = Derived::of(of, &row.canonical(&of.schema));
            keys.extend(
                derived
                    .keys
                    .into_iter()
                    .map(|(field, value)| json!([row.type_key, field, value])),
            );
        }
    }
    let ids: Vec<_> = rows.iter().map(|r| r.id).collect();
    store::execute!(tx, REMOVE_KEYS, json!(keys).to_string(), id)?;
    store::execute!(
        tx,
        REMOVE,
        serde_json::to_string(&ids).map_err(Error::internal)?,
        id
    )?;
    Ok(rows.len())
}
