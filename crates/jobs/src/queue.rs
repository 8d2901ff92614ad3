//! The table `job`: asking for work, taking it, keeping it, and what remains of it.

use kernel::{Ambient, Code, Error, Id, Moment, Page, Paged, Result, Span};
use serde::Serialize;
use serde_json::Value;
use sqlx::FromRow;
use sqlx::types::Json;
use store::{Reads, Tx};

/// Marks a job's id.
#[derive(Debug)]
pub enum Job {}

/// Topic of the signal that says: there is work. One per transaction.
pub const SIGNAL: &str = "jobs";

/// The largest payload, in bytes of JSON: a job names what it is about, it does not carry it.
const MAX_PAYLOAD: usize = 1 << 20;
/// Later than anything that happens: 9000-01-01.
const NEVER: Moment = Moment::from_secs(221_845_392_000);
/// Causes are for people; the rest is in the log.
const MAX_CAUSE: usize = 2_000;

kernel::stored_words! {
    /// See the crate's table.
    pub enum JobState {
        Planned = "planned",
        Leased = "leased",
        Armed = "armed",
        Accepted = "accepted",
        Failed = "failed",
        InDoubt = "in_doubt",
    }
}

/// Work to be done.
#[derive(Clone, Debug)]
pub struct NewJob {
    pub kind: String,
    /// Effect key: asked for twice under one key, it is done once.
    pub key: Option<String>,
    pub payload: Value,
    /// Not before this instant; `None`: at once.
    pub due: Option<Moment>,
}

impl NewJob {
    pub fn new(kind: impl Into<String>, payload: &impl Serialize) -> Result<Self> {
        let payload = serde_json::to_value(payload).map_err(Error::internal)?;
        Ok(Self {
            kind: kind.into(),
            key: None,
            payload,
            due: None,
        })
    }

    #[must_use]
    pub fn keyed(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    #[must_use]
    pub fn at(mut self, due: Moment) -> Self {
        self.due = Some(due);
        self
    }
}

/// What must be shown to finish a job: which one, and the number that the claim gave.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Lease {
    pub job: Id<Job>,
    pub fence: i64,
    /// Whether the job has an effect key, so that its row is kept.
    pub keyed: bool,
}

/// A job as its worker gets it.
#[derive(Clone, Debug)]
pub struct Claimed {
    pub lease: Lease,
    pub kind: String,
    pub key: Option<String>,
    pub payload: Value,
    /// From 1.
    pub attempt: i64,
    /// Its last holder announced a remote effect and was not heard of again: nobody knows whether it happened.
    pub armed: bool,
    pub enqueued: Moment,
}

store::statements! {
    /// An effect that was asked for before is left as it is.
    INSERT =
        "INSERT INTO job (id, kind, key, state, payload, due, fence, attempt, enqueued)
         VALUES ($1, $2, $3, 'planned', $4, $5, 0, 0, $6) ON CONFLICT (key) WHERE key IS NOT NULL DO NOTHING",
        "INSERT INTO job (id, kind, key, state, payload, due, fence, attempt, enqueued)
         SELECT id, kind, key, 'planned', payload, due, 0, 0, enqueued
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[], $5::timestamptz[], $6::timestamptz[])
              AS new (id, kind, key, payload, due, enqueued)
         ON CONFLICT (key) WHERE key IS NOT NULL DO NOTHING";
    /// PostgreSQL takes all kinds in one round trip and passes over what others are taking; SQLite has one writer.
    /// What was armed stays so: its next holder must know.
    CLAIM =
        "UPDATE job SET state = CASE state WHEN 'armed' THEN 'armed' ELSE 'leased' END, due = $4, fence = fence + 1,
            attempt = attempt + 1
         WHERE id IN (SELECT id FROM job WHERE kind = $1 AND state IN ('planned', 'leased', 'armed')
                      AND due <= $3 ORDER BY due LIMIT $2)
         RETURNING id, kind, key, state, payload, fence, attempt, enqueued",
        "WITH picked AS (
             SELECT j.id, w.until FROM unnest($1::text[], $2::bigint[], $3::timestamptz[], $4::timestamptz[])
                  AS w (kind, wanted, now, until)
             CROSS JOIN LATERAL (
                 SELECT id FROM job WHERE job.kind = w.kind AND state IN ('planned', 'leased', 'armed')
                 AND due <= w.now ORDER BY due LIMIT w.wanted FOR UPDATE SKIP LOCKED) AS j)
         UPDATE job SET state = CASE state WHEN 'armed' THEN 'armed' ELSE 'leased' END, due = picked.until,
            fence = fence + 1, attempt = attempt + 1
         FROM picked WHERE job.id = picked.id
         RETURNING job.id, job.kind, job.key, job.state, job.payload, job.fence, job.attempt, job.enqueued";
    EXTEND =
        "UPDATE job SET due = $3 WHERE id = $1 AND fence = $2 AND state IN ('leased', 'armed') RETURNING id",
        "UPDATE job SET due = held.until FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[]) AS held (id, fence, until)
         WHERE job.id = held.id AND job.fence = held.fence AND job.state IN ('leased', 'armed') RETURNING job.id";
    ARM = "UPDATE job SET state = 'armed' WHERE id = $1 AND fence = $2 AND state IN ('leased', 'armed')";
    /// One row for each kind; an index's first entry each.
    DUE = "SELECT k.value, (SELECT min(due) FROM job WHERE job.kind = k.value AND state IN ('planned', 'leased', 'armed'))
        FROM json_each($1) AS k",
        "SELECT k.kind, (SELECT min(due) FROM job WHERE job.kind = k.kind AND state IN ('planned', 'leased', 'armed'))
        FROM jsonb_array_elements_text($1) AS k (kind)";
    DEAD = "SELECT id, kind, key, state, payload, attempt, enqueued, finished, cause FROM job
        WHERE state IN ('accepted', 'failed', 'in_doubt') AND state <> 'accepted'
        AND (finished < $1 OR finished = $1 AND id < $2) ORDER BY finished DESC, id DESC LIMIT $3";
    REQUEUE =
        "UPDATE job SET state = 'planned', due = $2, attempt = 0, finished = NULL
         WHERE id = $1 AND state IN ('failed', 'in_doubt')",
        "UPDATE job SET state = 'planned', due = r.now, attempt = 0, finished = NULL
         FROM unnest($1::uuid[], $2::timestamptz[]) AS r (id, now) WHERE job.id = r.id AND state IN ('failed', 'in_doubt')";
    LETTER = "SELECT id, kind, key, state, payload, attempt, enqueued, finished, cause FROM job
        WHERE id = $1 AND state IN ('failed', 'in_doubt')";
    CLOSE_KEYED = "UPDATE job SET state = 'accepted', finished = $2
        WHERE state IN ('accepted', 'failed', 'in_doubt') AND state <> 'accepted' AND key LIKE $1";
    CLOSE =
        "UPDATE job SET state = 'accepted', finished = $2 WHERE id = $1 AND state IN ('failed', 'in_doubt')",
        "UPDATE job SET state = 'accepted', finished = c.now
         FROM unnest($1::uuid[], $2::timestamptz[]) AS c (id, now) WHERE job.id = c.id AND state IN ('failed', 'in_doubt')";
    TRIM = "DELETE FROM job WHERE state IN ('accepted', 'failed', 'in_doubt') AND state = 'accepted' AND finished < $1";
    COUNTS = "SELECT kind, state, count(*) FROM job GROUP BY kind, state ORDER BY kind, state";
}

/// Asks for work, as part of the caller's transaction. Returns how many were new: a key that was asked for before is left
/// as it is.
pub async fn enqueue(tx: &mut Tx, ambient: &Ambient, jobs: &[NewJob]) -> Result<u64> {
    for job in jobs {
        // Most payloads are a few ids: only the big ones are worth measuring exactly.
        if payload_size(&job.payload) > MAX_PAYLOAD {
            return Err(Error::new(Code::TooLarge).with("limit", MAX_PAYLOAD));
        }
    }
    let now = ambient.now();
    let new = crate::write_rows!(tx, INSERT, jobs, |job| [
        ambient.id::<Job>(),
        job.kind.as_str(),
        job.key.as_deref(),
        Json(&job.payload),
        job.due.unwrap_or(now),
        now,
    ])?;
    if new > 0 {
        tx.signal(SIGNAL, "");
    }
    Ok(new)
}

/// An upper bound, near enough, of the bytes of its JSON.
fn payload_size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 24,
        Value::String(text) => text.len() + 2,
        Value::Array(items) => {
            2 + items
                .iter()
                .map(|item| payload_size(item) + 1)
                .sum::<usize>()
        }
        Value::Object(map) => {
            2 + map
                .iter()
                .map(|(name, item)| name.len() + 4 + payload_size(item))
                .sum::<usize>()
        }
    }
}

#[derive(FromRow)]
struct ClaimedRow {
    id: Id<Job>,
    kind: String,
    key: Option<String>,
    state: JobState,
    payload: Json<Value>,
    fence: i64,
    attempt: i64,
    enqueued: Moment,
}

/// Takes what is due: for each kind at most so many, oldest due first, leased for so long.
pub async fn claim(
    tx: &mut Tx,
    now: Moment,
    wanted: &[(String, i64, Span)],
) -> Result<Vec<Claimed>> {
    let rows = crate::return_rows!(tx, ClaimedRow, CLAIM, wanted, |want| [
        want.0.as_str(),
        want.1,
        now,
        now + want.2
    ])?;
    let claimed = rows.into_iter().map(|row| Claimed {
        lease: Lease {
            job: row.id,
            fence: row.fence,
            keyed: row.key.is_some(),
        },
        kind: row.kind,
        key: row.key,
        payload: row.payload.0,
        attempt: row.attempt,
        armed: row.state == JobState::Armed,
        enqueued: row.enqueued,
    });
    Ok(claimed.collect())
}

/// Prolongs leases. What is missing from the answer was lost: another worker has it, or it is finished.
pub async fn extend(tx: &mut Tx, leases: &[(Lease, Moment)]) -> Result<Vec<Id<Job>>> {
    let held = crate::return_rows!(tx, (Id<Job>,), EXTEND, leases, |lease| [
        lease.0.job,
        lease.0.fence,
        lease.1
    ])?;
    Ok(held.into_iter().map(|(id,)| id).collect())
}

/// Announces that the remote effect begins. An error says that the lease was lost: do not begin.
pub async fn arm(tx: &mut Tx, lease: Lease) -> Result<()> {
    if store::execute!(tx, ARM, lease.job, lease.fence)? == 0 {
        return Err(lost());
    }
    Ok(())
}

/// What a worker is told whose lease another has taken over.
pub fn lost() -> Error {
    Error::new(Code::WrongState).with("state", "lease_lost")
}

/// When the next job of each kind is due, of those that have any. A look from outside: it holds nothing up.
pub(crate) async fn next_due(
    reads: &mut impl Reads,
    kinds: &[&str],
) -> Result<Vec<(String, Moment)>> {
    let rows = store::fetch_all!(reads, (String, Option<Moment>), DUE, Json(kinds))?;
    let due = rows
        .into_iter()
        .filter_map(|(kind, due)| Some((kind, due?)));
    Ok(due.collect())
}

/// A job that failed for good, or of which nobody knows whether it happened.
#[derive(Clone, Debug, Serialize, FromRow)]
pub struct DeadLetter {
    pub id: Id<Job>,
    pub kind: String,
    pub key: Option<String>,
    pub state: JobState,
    #[serde(serialize_with = "inner")]
    pub payload: Json<Value>,
    pub attempt: i64,
    pub enqueued: Moment,
    pub finished: Option<Moment>,
    pub cause: Option<String>,
}

fn inner<S: serde::Serializer>(value: &Json<Value>, serializer: S) -> Result<S::Ok, S::Error> {
    value.0.serialize(serializer)
}

/// The dead letters, newest first.
pub async fn dead(reads: &mut impl Reads, page: &Page) -> Result<Paged<DeadLetter>> {
    let (at, id) = match &page.cursor {
        Some(cursor) => {
            let (at, id) = cursor
                .split_once(' ')
                .ok_or_else(|| Error::invalid("cursor", "cursor"))?;
            let at = at.parse().map_err(|_| Error::invalid("cursor", "cursor"))?;
            (
                at,
                id.parse().map_err(|_| Error::invalid("cursor", "cursor"))?,
            )
        }
        None => (NEVER, Id::<Job>::from_parts(NEVER, [0xff; 10])),
    };
    let limit = page.limit();
    let mut items = store::fetch_all!(reads, DeadLetter, DEAD, at, id, i64::from(limit) + 1)?;
    let more = items.len() > limit as usize;
    items.truncate(limit as usize);
    let next = items
        .last()
        .filter(|_| more)
        .and_then(|last| Some(format!("{} {}", last.finished?, last.id)));
    Ok(Paged {
        items,
        next,
        total: None,
    })
}

/// Begins dead letters anew, with all their attempts.
pub async fn requeue(tx: &mut Tx, now: Moment, jobs: &[Id<Job>]) -> Result<u64> {
    let again = crate::write_rows!(tx, REQUEUE, jobs, |job| [*job, now])?;
    if again > 0 {
        tx.signal(SIGNAL, "");
    }
    Ok(again)
}

/// A dead letter, if it is one.
pub async fn letter(reads: &mut impl Reads, job: Id<Job>) -> Result<Option<DeadLetter>> {
    store::fetch_optional!(reads, DeadLetter, LETTER, job)
}

/// Takes dead letters from the list: somebody has seen to them otherwise.
pub async fn close(tx: &mut Tx, now: Moment, jobs: &[Id<Job>]) -> Result<u64> {
    crate::write_rows!(tx, CLOSE, jobs, |job| [*job, now])
}

/// The same for those whose key begins so.
pub async fn close_keyed(tx: &mut Tx, now: Moment, prefix: &str) -> Result<u64> {
    store::execute!(tx, CLOSE_KEYED, format!("{prefix}%"), now)
}

/// Forgets effects that were accepted before this instant. Their keys are free again.
pub async fn trim(tx: &mut Tx, before: Moment) -> Result<u64> {
    store::execute!(tx, TRIM, before)
}

/// How many jobs of a kind are in a state, for the metrics.
#[derive(Clone, Debug, Serialize, FromRow)]
pub struct Count {
    pub kind: String,
    pub state: JobState,
    pub count: i64,
}

pub async fn counts(reads: &mut impl Reads) -> Result<Vec<Count>> {
    let rows = store::fetch_all!(reads, (String, JobState, i64), COUNTS)?;
    Ok(rows
        .into_iter()
        .map(|(kind, state, count)| Count { kind, state, count })
        .collect())
}

pub(crate) fn shortened(cause: &str) -> String {
    cause.chars().take(MAX_CAUSE).collect()
}
