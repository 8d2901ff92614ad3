//! The audit trail: one entry per write, chained by hash, in the transaction of the write.
//!
//! Invariants:
//! 1. Entries are numbered 1, 2, 3… within their lane, without gaps.
//! 2. An entry's hash is SHA-256 over the hash before it and the form of all its fields ([`chain`]).
//! 3. `audit_lane` holds the number and hash of each lane's last entry.
//! 4. A checkpoint ([`checkpoint`]) signs all lanes' ends and the checkpoint before it.
//!
//! [`verify`] checks all four. What it cannot see by itself: that entries younger than the newest checkpoint known *outside*
//! the database were cut off or rewritten together with everything that follows. Hence: keep checkpoints elsewhere.

use std::borrow::Cow;
use std::fmt::Display;
use std::pin::Pin;

use kernel::{Id, Moment, Result, Span};
use serde::Serialize;
use serde_json::{Map, Value};
use store::{AtCommit, Reads, Tx};
use uuid::Uuid;

use crate::Actor;

pub mod browse;
pub mod chain;
pub mod checkpoint;
pub mod export;
pub mod level;
pub mod past;
pub mod verification;
pub mod verify;

pub use browse::{
    Ask, Counted, Direction, Keep, Looked, Place, counted, look, one, operations, page,
};
pub use chain::Recorded;
pub use level::{Level, Levels, Nature};

kernel::stored_words! {
    /// How what was tried ended.
    pub enum Outcome {
        Done = "done",
        /// Not permitted, or the wrong password: the doer was turned away.
        Refused = "refused",
        Failed = "failed",
    }
}

/// What was done. The doer and the time come beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Dotted words: `customer.change`, `session.begin`.
    pub operation: Cow<'static, str>,
    /// The room: `desk`, `directory`…
    pub module: Cow<'static, str>,
    /// What kind of thing: `customer`, `user`, `work_item`…
    pub entity: Cow<'static, str>,
    /// Its identity as text; definitions have keys instead of UUIDs.
    pub entity_id: Option<String>,
    pub customer: Option<Uuid>,
    /// `{"before": {…}, "after": {…}}` with only the fields that differ; see [`Entry::changed`].
    pub change: Option<Value>,
    pub duration: Option<Span>,
    pub outcome: Outcome,
    pub note: Option<String>,
    /// Decides at which [`level`] it is kept; not recorded itself.
    pub nature: Nature,
}

impl Entry {
    pub fn new(
        operation: impl Into<Cow<'static, str>>,
        module: impl Into<Cow<'static, str>>,
        entity: impl Into<Cow<'static, str>>,
    ) -> Self {
        let module = module.into();
        Self {
            operation: operation.into(),
            nature: Nature::of_module(&module),
            module,
            entity: entity.into(),
            entity_id: None,
            customer: None,
            change: None,
            duration: None,
            outcome: Outcome::Done,
            note: None,
        }
    }

    /// The thing itself: an id, or a definition's key.
    #[must_use]
    pub fn of(mut self, id: impl Display) -> Self {
        self.entity_id = Some(id.to_string());
        self
    }

    #[must_use]
    pub fn customer<T>(mut self, customer: Id<T>) -> Self {
        self.customer = Some(customer.uuid());
        self
    }

    /// Keeps what differs between the two states; `None` for a thing that was not there before, or is not any more.
    /// Never hand in a secret: what is recorded stays.
    #[must_use]
    pub fn changed<T: Serialize>(mut self, before: Option<&T>, after: Option<&T>) -> Self {
        self.change = difference(before, after);
        self
    }

    #[must_use]
    pub fn took(mut self, duration: Span) -> Self {
        self.duration = Some(duration);
        self
    }

    #[must_use]
    pub fn ended(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }

    /// Something was looked at, not changed.
    #[must_use]
    pub fn reading(mut self, sensitive: bool) -> Self {
        self.nature = if sensitive {
            Nature::SensitiveRead
        } else {
            Nature::Read
        };
        self
    }

    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }
}

fn difference<T: Serialize>(before: Option<&T>, after: Option<&T>) -> Option<Value> {
    // What cannot be written as JSON has no fields to compare.
    let value = |state: Option<&T>| {
        state
            .and_then(|s| serde_json::to_value(s).ok())
            .unwrap_or(Value::Null)
    };
    let (before, after) = match (value(before), value(after)) {
        (Value::Object(mut before), Value::Object(mut after)) => {
            before.retain(|name, old| {
                let same = after.get(name) == Some(old);
                if same {
                    after.remove(name);
                }
                !same
            });
            (Value::Object(before), Value::Object(after))
        }
        other => other,
    };
    if before == after {
        return None;
    }
    let mut change = Map::new();
    for (side, value) in [("before", before), ("after", after)] {
        if !value.is_null() {
            change.insert(side.to_owned(), value);
        }
    }
    Some(Value::Object(change))
}

tokio::task_local! {
    static BEGAN: tokio::time::Instant;
}

/// Entries recorded while this work goes on, and that do not say themselves how long they took, tell how long it has been
/// at it.
pub async fn timed<F: Future>(work: F) -> F::Output {
    BEGAN.scope(tokio::time::Instant::now(), work).await
}

/// Leaves an entry. It becomes durable with the transaction, or not at all.
pub fn record(tx: &mut Tx, at: Moment, actor: &Actor, mut entry: Entry) {
    if entry.duration.is_none() {
        entry.duration = BEGAN
            .try_with(|began| i64::try_from(began.elapsed().as_micros()).unwrap_or(i64::MAX))
            .ok()
            .map(Span::from_micros);
    }
    tx.at_commit::<Pending>().0.push((at, actor.clone(), entry));
}

/// Writes what was recorded so far now, so that a transaction with very many entries does not hold them all in memory. The
/// chain's lane is held from here to the end of the transaction.
pub async fn flush(tx: &mut Tx) -> Result<()> {
    let entries = std::mem::take(&mut tx.at_commit::<Pending>().0);
    write(tx, entries).await
}

/// The entries of one transaction, until its end.
#[derive(Default)]
struct Pending(Vec<(Moment, Actor, Entry)>);

impl AtCommit for Pending {
    fn run<'a>(
        self: Box<Self>,
        tx: &'a mut Tx,
    ) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>> {
        Box::pin(write(tx, self.0))
    }
}

#[derive(sqlx::FromRow)]
struct Lane {
    lane: i64,
    number: i64,
    head: Vec<u8>,
    /// JSON of [`Levels`]: read with the lane, so that it costs no round trip.
    levels: Option<String>,
}

pub const LANES: i64 = 8;

macro_rules! levels_sqlite {
    () => {
        "(SELECT json_group_array(json_object('module', module, 'entity', entity, 'level', level)) FROM audit_level) AS levels"
    };
}
macro_rules! levels_postgres {
    () => {
        "(SELECT json_agg(json_build_object('module', module, 'entity', entity, 'level', level))::text FROM audit_level) AS levels"
    };
}

store::statements! {
    /// Any lane that nobody holds. SQLite has one writer, so all its entries form one lane.
    TAKE_FREE = concat!("SELECT lane, number, head, ", levels_sqlite!(), " FROM audit_lane WHERE lane = 0"),
        concat!("SELECT lane, number, head, ", levels_postgres!(), " FROM audit_lane LIMIT 1 FOR UPDATE SKIP LOCKED");
    /// All are held: wait for one. SQLite never comes here, for its one lane is always free.
    TAKE_ONE = concat!("SELECT lane, number, head, ", levels_sqlite!(), " FROM audit_lane WHERE lane = $1"),
        concat!("SELECT lane, number, head, ", levels_postgres!(), " FROM audit_lane WHERE lane = $1 FOR UPDATE");
    NEWEST = "SELECT MAX(at) FROM audit_entry";
    MOVE_LANE = "UPDATE audit_lane SET number = $2, head = $3 WHERE lane = $1";
    /// Any number of entries in one statement, as a JSON document: the two databases unpack it each in its own way.
    INSERT = "INSERT INTO audit_entry (lane, number, at, user_id, user_name, role, kind, session, node, operation, module, \
            entity, entity_id, customer, change, duration, outcome, note, hash) \
        SELECT value ->> 'lane', value ->> 'number', value ->> 'at', unhex(value ->> 'user_id', '-'), value ->> 'user_name', \
            value ->> 'role', value ->> 'kind', unhex(value ->> 'session', '-'), value ->> 'node', value ->> 'operation', \
            value ->> 'module', value ->> 'entity', value ->> 'entity_id', unhex(value ->> 'customer', '-'), \
            value ->> 'change', value ->> 'duration', value ->> 'outcome', value ->> 'note', unhex(value ->> 'hash') \
        FROM json_each($1)",
        "INSERT INTO audit_entry (lane, number, at, user_id, user_name, role, kind, session, node, operation, module, \
            entity, entity_id, customer, change, duration, outcome, note, hash) \
        SELECT lane, number, at, user_id, user_name, role, kind, session, node, operation, module, \
            entity, entity_id, customer, change, duration, outcome, note, decode(hash, 'hex') \
        FROM json_to_recordset($1::text::json) AS row (lane bigint, number bigint, at timestamptz, user_id uuid, \
            user_name text, role text, kind text, session uuid, node text, operation text, module text, entity text, \
            entity_id text, customer uuid, change text, duration bigint, outcome text, note text, hash text)";
}

/// How many entries go into one statement: a document of about half a megabyte.
const BATCH: usize = 1_000;

async fn write(tx: &mut Tx, entries: Vec<(Moment, Actor, Entry)>) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let lane = take_lane(tx, &entries).await?;
    let levels: Levels = match &lane.levels {
        Some(text) => serde_json::from_str(text).map_err(kernel::Error::internal)?,
        None => Levels::default(),
    };
    let before = lane.number;
    let mut head = lane.head.try_into().unwrap_or([0; 32]);
    let mut number = lane.number;
    let mut buffer = String::with_capacity(512);
    let mut rows = Vec::with_capacity(entries.len().min(BATCH));
    for (at, actor, entry) in entries {
        if !levels.keeps(&entry) {
            continue;
        }
        number += 1;
        let mut row = Recorded::new(lane.lane, number, at, actor, entry);
        head = chain::hash(&head, &row, &mut buffer);
        row.hash = head.to_vec();
        rows.push(row);
        if rows.len() == BATCH {
            insert(tx, &rows).await?;
            rows.clear();
        }
    }
    insert(tx, &rows).await?;
    if number > before {
        store::execute!(tx, MOVE_LANE, lane.lane, number, head.to_vec())?;
    }
    Ok(())
}

async fn insert(tx: &mut Tx, rows: &[Recorded]) -> Result<()> {
    if !rows.is_empty() {
        let document = serde_json::to_string(rows).map_err(kernel::Error::internal)?;
        store::execute!(tx, INSERT, document)?;
    }
    Ok(())
}

async fn take_lane(tx: &mut Tx, entries: &[(Moment, Actor, Entry)]) -> Result<Lane> {
    if let Some(lane) = store::fetch_optional!(tx, Lane, TAKE_FREE)? {
        return Ok(lane);
    }
    // Spread those who wait: the microseconds of the first entry are as good as chance.
    let wanted = entries
        .first()
        .map_or(0, |(at, ..)| at.as_micros().rem_euclid(LANES));
    store::fetch_one!(tx, Lane, TAKE_ONE, wanted)
}

/// When the newest entry was made. Cheap: the end of an index.
pub async fn newest(reads: &mut impl Reads) -> Result<Option<Moment>> {
    let (at,) = store::fetch_one!(reads, (Option<Moment>,), NEWEST)?;
    Ok(at)
}

/// How many entries there are: what the lanes say. Cheap.
pub async fn count(reads: &mut impl Reads) -> Result<i64> {
    let (count,) = store::fetch_one!(reads, (i64,), verify::COUNT)?;
    Ok(count)
}
