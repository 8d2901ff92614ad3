//! A batch of rows into the database: who is there already, and all others in one go.

use std::collections::{BTreeMap, HashMap, HashSet};

use kernel::{Error, FieldProblem, Id, Moment, Result};
use serde_json::{Map, Value, json};
use sqlx::postgres::PgArgumentBuffer;
use sqlx::types::Json;
use sqlx::{Encode, Postgres};
use store::{Kind, Reads, Tx};
use uuid::Uuid;

use super::Import;
use super::check::{Prepared, Rejected};
use super::setup::{OnExisting, Setup};
use crate::portfolio::CustomerType;
use crate::record::{Customer, visible};
use crate::words;

store::statements! {
    /// For this transaction: PostgreSQL's planner knows nothing yet of tables that have just been filled, and would read
    /// them whole for each row of a batch. SQLite's goes by the indexes without being told.
    BY_INDEX = "SELECT 'off'", "SELECT set_config('enable_seqscan', 'off', TRUE)";
    /// The batch comes as one JSON document, in one statement; the two databases unpack it each in its own way.
    TAKE_KEYS = "INSERT INTO customer_key (type_key, field, value, customer_id) \
            SELECT $2, $3, value ->> 0, unhex(value ->> 1, '-') FROM json_each($1) WHERE TRUE \
            ON CONFLICT (type_key, field, value) DO NOTHING",
        "INSERT INTO customer_key (type_key, field, value, customer_id) \
            SELECT $2, $3, r ->> 0, (r ->> 1)::uuid FROM json_array_elements($1::text::json) AS r \
            ON CONFLICT (type_key, field, value) DO NOTHING";
    /// Also those who have just taken theirs: they are no customers yet.
    HOLDERS = "SELECT k.value, k.customer_id, c.import_id, c.import_row FROM customer_key k \
            LEFT JOIN customer c ON c.id = k.customer_id WHERE k.type_key = $2 AND k.field = $3 AND k.value IN (SELECT value FROM json_each($1))",
        "SELECT k.value, k.customer_id, c.import_id, c.import_row FROM customer_key k \
            LEFT JOIN customer c ON c.id = k.customer_id WHERE k.type_key = $2 AND k.field = $3 AND k.value = ANY (ARRAY(SELECT json_array_elements_text($1::text::json)))";
    RELEASE = "DELETE FROM customer_key WHERE type_key = $1 AND field = $2 AND value = $3 AND customer_id = $4";
    /// By the word index, for fields that are not unique.
    SAME_WORD = concat!("SELECT c.id, c.import_id, c.import_row, c.fields FROM json_each($1) w \
            CROSS JOIN customer_find CROSS JOIN customer c ON c.seq = customer_find.rowid \
            WHERE customer_find MATCH w.value AND c.type_key = $2 AND c.deleted IS NULL AND (c.hidden_by = $3 OR ", visible!(), ")"),
        concat!("SELECT c.id, c.import_id, c.import_row, c.fields FROM customer c WHERE engage_words(c.words) @@ $1::text::tsquery \
            AND c.type_key = $2 AND c.deleted IS NULL AND (c.hidden_by = $3 OR ", visible!(), ")");
    INSERT_SQLITE = "INSERT INTO customer (id, type_key, type_version, name, sort_name, document, segment, owner_id, unit_id, \
            fields, words, version, created, changed, import_id, import_row, hidden_by) \
        SELECT unhex(value ->> 0, '-'), $2, $3, value ->> 1, value ->> 2, value ->> 3, value ->> 4, $4, $5, \
            value ->> 5, value ->> 6, 1, $6, $6, $7, value ->> 7, $7 FROM json_each($1)",
        // PostgreSQL takes the rows by COPY; this stands here so that the test finds both forms.
        "INSERT INTO customer (id, type_key, type_version, name, sort_name, document, segment, owner_id, unit_id, \
            fields, words, version, created, changed, import_id, import_row, hidden_by) \
        SELECT (r ->> 0)::uuid, $2, $3, r ->> 1, r ->> 2, r ->> 3, r ->> 4, $4, $5, \
            r -> 5, r ->> 6, 1, $6, $6, $7, (r ->> 7)::bigint, $7 FROM jsonb_array_elements($1::text::jsonb) AS r";
    INSERT_REJECTS = "INSERT INTO customer_import_reject (import_id, row_number, cells, problems) \
            SELECT $2, value ->> 0, value ->> 1, value ->> 2 FROM json_each($1)",
        "INSERT INTO customer_import_reject (import_id, row_number, cells, problems) \
            SELECT $2, (r ->> 0)::bigint, r -> 1, r -> 2 FROM jsonb_array_elements($1::text::jsonb) AS r";
    STAGE_UPDATE = "INSERT INTO customer_import_update (import_id, customer_id, row_number, patch) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (import_id, customer_id) DO NOTHING";
    STAGED_ROW = "SELECT row_number FROM customer_import_update WHERE import_id = $1 AND customer_id = $2";
}

const COPY: &str = "COPY customer (id, type_key, type_version, name, sort_name, document, segment, owner_id, unit_id, fields, \
    words, version, created, changed, import_id, import_row, hidden_by) FROM STDIN (FORMAT binary)";
const COPIED_COLUMNS: i16 = 17;

/// What became of a batch.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) created: i64,
    pub(super) updated: i64,
    pub(super) skipped: i64,
    pub(super) rejected: i64,
}

pub(super) struct Target<'a> {
    pub(super) import: Id<Import>,
    pub(super) of: &'a CustomerType,
    pub(super) setup: &'a Setup,
    pub(super) now: Moment,
}

/// Somebody who is there already.
#[derive(Clone, sqlx::FromRow)]
struct Holder {
    id: Id<Customer>,
    import_id: Option<Id<Import>>,
    import_row: Option<i64>,
}

struct New {
    id: Id<Customer>,
    row: Prepared,
}

/// Writes a batch. `id` makes the identities of new customers.
pub(super) async fn batch(
    tx: &mut Tx,
    target: &Target<'_>,
    prepared: Vec<Prepared>,
    mut rejected: Vec<Rejected>,
    id: &mut impl FnMut() -> Id<Customer>,
) -> Result<Tally> {
    let mut tally = Tally::default();
    by_index(tx).await?;
    let (candidates, repeats) = first_of_their_kind(prepared);
    let known = known_by_words(tx, target, &candidates).await?;
    let mut new = Vec::with_capacity(candidates.len());
    let mut existing: Vec<(Prepared, Holder, bool)> = Vec::new();
    for row in candidates {
        match row.matches.iter().find_map(|key| known.get(key)) {
            Some(holder)
                if target.setup.on_existing != OnExisting::Create
                    || holder.import_id == Some(target.import) =>
            {
                existing.push((row, holder.clone(), true));
            }
            _ => new.push(New { id: id(), row }),
        }
    }
    let fields: Vec<String> = target.of.unique_fields().map(|f| f.key.clone()).collect();
    for (i, field) in fields.iter().enumerate() {
        take_keys(tx, target, &fields[..i], field, &mut new, &mut existing).await?;
    }
    let mut skipped = HashSet::new();
    for (row, holder, matched) in existing {
        let number = row.row;
        if !settle(tx, target, row, &holder, matched, &mut rejected, &mut tally).await? {
            skipped.insert(number);
        }
    }
    // A row that repeats one whose customer is there already is as superfluous as that one; in a later batch it would be
    // found so by itself.
    for Repeat {
        row,
        field,
        earlier,
    } in repeats
    {
        if skipped.contains(&earlier) {
            tally.skipped += 1;
        } else {
            rejected.push(duplicate_in_list(row, &field, earlier));
        }
    }
    tally.created = i64::try_from(new.len()).unwrap_or(i64::MAX);
    insert(tx, target, &new).await?;
    tally.rejected = i64::try_from(rejected.len()).unwrap_or(i64::MAX);
    insert_rejects(tx, target, &rejected).await?;
    Ok(tally)
}

/// Has the rest of the transaction find rows by indexes alone.
pub(super) async fn by_index(tx: &mut Tx) -> Result<()> {
    store::fetch_all!(tx, (String,), BY_INDEX)?;
    Ok(())
}

fn duplicate_in_list(row: Prepared, field: &str, earlier: i64) -> Rejected {
    let problem = FieldProblem::new(field, "duplicate_in_list").with("row", earlier);
    Rejected {
        row: row.row,
        cells: row.cells,
        problems: vec![problem],
    }
}

/// A row that repeats an earlier one of its batch.
struct Repeat {
    row: Prepared,
    field: String,
    earlier: i64,
}

fn first_of_their_kind(prepared: Vec<Prepared>) -> (Vec<Prepared>, Vec<Repeat>) {
    let mut repeats = Vec::new();
    let mut seen: HashMap<(String, String), i64> = HashMap::new();
    let mut firsts = Vec::with_capacity(prepared.len());
    for row in prepared {
        let keys = || row.matches.iter().chain(&row.derived.keys);
        let earlier = keys().find_map(|key| Some((key.0.clone(), *seen.get(key)?)));
        if let Some((field, earlier)) = earlier {
            repeats.push(Repeat {
                row,
                field,
                earlier,
            });
            continue;
        }
        for key in keys() {
            seen.insert(key.clone(), row.row);
        }
        firsts.push(row);
    }
    (firsts, repeats)
}

#[derive(sqlx::FromRow)]
struct Worded {
    id: Id<Customer>,
    import_id: Option<Id<Import>>,
    import_row: Option<i64>,
    fields: Json<Map<String, Value>>,
}

/// Those who are there by the fields that are not unique (the others tell by themselves when their keys are taken).
async fn known_by_words(
    tx: &mut Tx,
    target: &Target<'_>,
    rows: &[Prepared],
) -> Result<HashMap<(String, String), Holder>> {
    let mut known = HashMap::new();
    let mut asked = Vec::new();
    for (field, value) in rows.iter().flat_map(|r| &r.matches) {
        let spec = target.of.schema.field(field).filter(|f| !f.unique);
        asked.extend(spec.and_then(|spec| words::exact(&spec.kind, value)));
    }
    let fields: Vec<&String> = target.setup.match_by.iter().collect();
    for part in asked.chunks(500) {
        let question = match tx.kind() {
            Kind::Sqlite => {
                json!(part.iter().map(|w| format!("\"{w}\"")).collect::<Vec<_>>()).to_string()
            }
            Kind::Postgres => part
                .iter()
                .map(|w| format!("'{w}'"))
                .collect::<Vec<_>>()
                .join(" | "),
        };
        for found in store::fetch_all!(
            tx,
            Worded,
            SAME_WORD,
            &question,
            &target.of.schema.key,
            target.import
        )? {
            let holder = Holder {
                id: found.id,
                import_id: found.import_id,
                import_row: found.import_row,
            };
            for field in &fields {
                if let Some(value) = found.fields.0.get(*field).and_then(Value::as_str) {
                    known.insert(((*field).clone(), value.to_owned()), holder.clone());
                }
            }
        }
    }
    Ok(known)
}

/// Takes a unique field's values for all new rows in one statement. Those whose value somebody has go to `existing`.
async fn take_keys(
    tx: &mut Tx,
    target: &Target<'_>,
    earlier: &[String],
    field: &str,
    new: &mut Vec<New>,
    existing: &mut Vec<(Prepared, Holder, bool)>,
) -> Result<()> {
    let type_key = &target.of.schema.key;
    let value_of = |row: &Prepared, field: &str| {
        row.derived
            .keys
            .iter()
            .find(|k| k.0 == field)
            .map(|k| k.1.clone())
    };
    let mut wanted: Vec<_> = new
        .iter()
        .filter_map(|n| Some((value_of(&n.row, field)?, n.id)))
        .collect();
    if wanted.is_empty() {
        return Ok(());
    }
    // In the index's own order: neighbours go to the same page.
    wanted.sort();
    let document = json!(wanted).to_string();
    let taken = store::execute!(tx, TAKE_KEYS, document, type_key, field)?;
    if usize::try_from(taken) == Ok(wanted.len()) {
        return Ok(());
    }
    let values: Vec<_> = wanted.into_iter().map(|(value, _)| value).collect();
    let holders: BTreeMap<String, Holder> = store::fetch_all!(
        tx,
        (String, Id<Customer>, Option<Id<Import>>, Option<i64>),
        HOLDERS,
        json!(values).to_string(),
        type_key,
        field
    )?
    .into_iter()
    .map(|(value, id, import_id, import_row)| {
        (
            value,
            Holder {
                id,
                import_id,
                import_row,
            },
        )
    })
    .collect();
    let is_held = |n: &New| {
        let value = value_of(&n.row, field);
        value.is_some_and(|v| holders.get(&v).is_none_or(|h| h.id != n.id))
    };
    let (held, kept): (Vec<_>, Vec<_>) = std::mem::take(new).into_iter().partition(is_held);
    *new = kept;
    let matched = target.setup.match_by.iter().any(|f| f == field)
        && target.setup.on_existing != OnExisting::Create;
    for New { id, row } in held {
        for (other, value) in row.derived.keys.iter().filter(|k| earlier.contains(&k.0)) {
            store::execute!(tx, RELEASE, type_key, other, value, id)?;
        }
        let holder = value_of(&row, field).and_then(|v| holders.get(&v).cloned());
        let holder = holder.ok_or_else(|| Error::internal("a key is held by nobody"))?;
        existing.push((row, holder, matched));
    }
    Ok(())
}

/// A row whose customer is there. `false`: it was skipped.
async fn settle(
    tx: &mut Tx,
    target: &Target<'_>,
    row: Prepared,
    holder: &Holder,
    matched: bool,
    rejected: &mut Vec<Rejected>,
    tally: &mut Tally,
) -> Result<bool> {
    let field = row
        .matches
        .first()
        .or(row.derived.keys.first())
        .map(|k| k.0.clone())
        .unwrap_or_default();
    if let (Some(import), Some(earlier)) = (holder.import_id, holder.import_row)
        && import == target.import
    {
        rejected.push(duplicate_in_list(row, &field, earlier));
        return Ok(true);
    }
    if !matched {
        let problem = FieldProblem::new(field, "duplicate").with("customer", holder.id);
        rejected.push(Rejected {
            row: row.row,
            cells: row.cells,
            problems: vec![problem],
        });
        return Ok(true);
    }
    if target.setup.on_existing != OnExisting::Update {
        tally.skipped += 1;
        return Ok(false);
    }
    let mut patch = row.fields.clone();
    patch.retain(|key, _| target.of.schema.field(key).is_some_and(|f| !f.unique));
    if store::execute!(
        tx,
        STAGE_UPDATE,
        target.import,
        holder.id,
        row.row,
        Json(patch)
    )? == 0
    {
        let earlier = store::fetch_one!(tx, (i64,), STAGED_ROW, target.import, holder.id)?.0;
        rejected.push(duplicate_in_list(row, &field, earlier));
    } else {
        tally.updated += 1;
    }
    Ok(true)
}

async fn insert(tx: &mut Tx, target: &Target<'_>, new: &[New]) -> Result<()> {
    if new.is_empty() {
        return Ok(());
    }
    let (type_key, setup) = (&target.of.schema.key, target.setup);
    if tx.kind() == Kind::Postgres {
        return tx.copy_in(COPY, copied(target, new)?).await;
    }
    let rows: Vec<_> = new
        .iter()
        .map(|New { id, row }| {
            let d = &row.derived;
            json!([
                id,
                d.name,
                d.sort_name,
                d.document,
                d.segment,
                row.fields,
                row.words,
                row.row
            ])
        })
        .collect();
    let rows = serde_json::to_string(&rows).map_err(Error::internal)?;
    store::execute!(
        tx,
        INSERT_SQLITE,
        rows,
        type_key,
        target.of.version,
        setup.owner,
        setup.unit,
        target.now,
        target.import
    )?;
    Ok(())
}

/// The rows in COPY's binary format (PostgreSQL documentation, COPY, "Binary Format").
fn copied(target: &Target<'_>, new: &[New]) -> Result<Vec<u8>> {
    let mut now = PgArgumentBuffer::default();
    let _ = Encode::<Postgres>::encode_by_ref(&target.now, &mut now).map_err(Error::internal)?;
    let mut rows = Copied(Vec::with_capacity(new.len() * 640));
    rows.0.extend(b"PGCOPY\n\xff\r\n\0");
    rows.0.extend([0; 8]);
    for New { id, row } in new {
        let d = &row.derived;
        rows.0.extend(COPIED_COLUMNS.to_be_bytes());
        rows.uuid(Some(id.uuid()))?;
        rows.text(Some(&target.of.schema.key))?;
        rows.number(target.of.version)?;
        rows.text(Some(&d.name))?;
        rows.text(Some(&d.sort_name))?;
        rows.text(d.document.as_deref())?;
        rows.text(d.segment.as_deref())?;
        rows.uuid(target.setup.owner.map(Id::uuid))?;
        rows.uuid(target.setup.unit.map(Id::uuid))?;
        rows.value(|to| {
            // The version of jsonb's binary form.
            to.push(1);
            serde_json::to_writer(to, &row.fields).map_err(Error::internal)
        })?;
        rows.text(Some(&row.words))?;
        rows.number(1)?;
        rows.bytes(&now)?;
        rows.bytes(&now)?;
        rows.uuid(Some(target.import.uuid()))?;
        rows.number(row.row)?;
        rows.uuid(Some(target.import.uuid()))?;
    }
    rows.0.extend((-1_i16).to_be_bytes());
    Ok(rows.0)
}

/// Values of rows, each behind its length.
struct Copied(Vec<u8>);

impl Copied {
    fn value(&mut self, write: impl FnOnce(&mut Vec<u8>) -> Result<()>) -> Result<()> {
        let begin = self.0.len() + 4;
        self.0.extend([0; 4]);
        write(&mut self.0)?;
        let length = i32::try_from(self.0.len() - begin).map_err(Error::internal)?;
        self.0[begin - 4..begin].copy_from_slice(&length.to_be_bytes());
        Ok(())
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        self.value(|to| {
            to.extend(bytes);
            Ok(())
        })
    }

    fn null(&mut self) {
        self.0.extend((-1_i32).to_be_bytes());
    }

    fn number(&mut self, number: i64) -> Result<()> {
        self.bytes(&number.to_be_bytes())
    }

    fn uuid(&mut self, uuid: Option<Uuid>) -> Result<()> {
        match uuid {
            Some(uuid) => self.bytes(uuid.as_bytes()),
            None => {
                self.null();
                Ok(())
            }
        }
    }

    fn text(&mut self, text: Option<&str>) -> Result<()> {
        match text {
            // PostgreSQL's text holds no NUL; nor does anybody's name.
            Some(text) if text.contains('\0') => self.bytes(text.replace('\0', "").as_bytes()),
            Some(text) => self.bytes(text.as_bytes()),
            None => {
                self.null();
                Ok(())
            }
        }
    }
}

async fn insert_rejects(tx: &mut Tx, target: &Target<'_>, rejected: &[Rejected]) -> Result<()> {
    if rejected.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = rejected
        .iter()
        .map(|r| {
            let cells: Vec<_> = r.cells.iter().map(|c| c.replace('\0', "")).collect();
            json!([r.row, cells, r.problems])
        })
        .collect();
    store::execute!(
        tx,
        INSERT_REJECTS,
        json!(rows).to_string().replace("\\u0000", ""),
        target.import
    )?;
    Ok(())
}
