//! A batch of rows into the database: who is there already, and all others in one go.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;

use kernel::{Error, FieldProblem, Id, Moment, Result};
use serde_json::{Map, Value, json};
use sqlx::types::Json;
use store::{Conn, Kind, Reads, Tx};

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
            ON CONFLICT (type_key, field, value) DO NOTHING RETURNING value",
        "INSERT INTO customer_key (type_key, field, value, customer_id) \
            SELECT $2, $3, r ->> 0, (r ->> 1)::uuid FROM json_array_elements($1::text::json) AS r \
            ON CONFLICT (type_key, field, value) DO NOTHING RETURNING value";
    HOLDERS = "SELECT k.value, c.id, c.import_id, c.import_row FROM customer_key k JOIN customer c ON c.id = k.customer_id \
            WHERE k.type_key = $2 AND k.field = $3 AND k.value IN (SELECT value FROM json_each($1))",
        "SELECT k.value, c.id, c.import_id, c.import_row FROM customer_key k JOIN customer c ON c.id = k.customer_id \
            WHERE k.type_key = $2 AND k.field = $3 AND k.value = ANY (ARRAY(SELECT json_array_elements_text($1::text::json)))";
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
    words, version, created, changed, import_id, import_row, hidden_by) FROM STDIN";

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
    let wanted: Vec<_> = new
        .iter()
        .filter_map(|n| Some(json!([value_of(&n.row, field)?, n.id])))
        .collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let count = wanted.len();
    let taken = store::fetch_all!(
        tx,
        (String,),
        TAKE_KEYS,
        json!(wanted).to_string(),
        type_key,
        field
    )?;
    if taken.len() == count {
        return Ok(());
    }
    let taken: HashSet<String> = taken.into_iter().map(|t| t.0).collect();
    let (kept, held): (Vec<_>, Vec<_>) = std::mem::take(new)
        .into_iter()
        .partition(|n| value_of(&n.row, field).is_none_or(|v| taken.contains(&v)));
    *new = kept;
    let values: Vec<_> = held
        .iter()
        .filter_map(|n| value_of(&n.row, field))
        .collect();
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
    if let Conn::Postgres(c) = tx.write_conn() {
        let text = copy_text(target, new);
        return store::within_deadline(async {
            let mut copy = c.copy_in_raw(COPY).await?;
            copy.send(text.into_bytes()).await?;
            copy.finish().await.map(|_| ())
        })
        .await;
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

/// The rows in COPY's text format.
fn copy_text(target: &Target<'_>, new: &[New]) -> String {
    let optional = |value: Option<String>| value.unwrap_or_else(|| "\\N".to_owned());
    let owner = optional(target.setup.owner.map(|id| id.to_string()));
    let unit = optional(target.setup.unit.map(|id| id.to_string()));
    let (type_key, version, now, import) = (
        &target.of.schema.key,
        target.of.version,
        target.now,
        target.import,
    );
    let mut text = String::with_capacity(new.len() * 600);
    for New { id, row } in new {
        let d = &row.derived;
        let _ = write!(text, "{id}\t{type_key}\t{version}\t");
        escaped(&mut text, &d.name);
        text.push('\t');
        escaped(&mut text, &d.sort_name);
        for value in [&d.document, &d.segment] {
            text.push('\t');
            match value {
                Some(value) => escaped(&mut text, value),
                None => text.push_str("\\N"),
            }
        }
        let _ = write!(text, "\t{owner}\t{unit}\t");
        let fields = serde_json::to_string(&row.fields).unwrap_or_else(|_| "{}".to_owned());
        escaped(&mut text, &fields);
        text.push('\t');
        escaped(&mut text, &row.words);
        let _ = writeln!(text, "\t1\t{now}\t{now}\t{import}\t{}\t{import}", row.row);
    }
    text
}

fn escaped(text: &mut String, value: &str) {
    for c in value.chars() {
        match c {
            '\\' => text.push_str("\\\\"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            // PostgreSQL's text holds no NUL; nor does anybody's name.
            '\0' => {}
            c => text.push(c),
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
