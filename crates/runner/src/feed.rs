//! Live events: what screens hear of, in an order that a listener can go on from after a break.
//!
//! **Order.** Sequence numbers would be given before the commit, so that a lower one may appear after a higher one and be
//! missed by whoever has read on. Here the number comes from one row that the writer holds until its commit
//! ([`live_event_head`]): numbers appear in their order, without gaps. The row is taken as the very last thing of a
//! transaction, so it is held for one statement and the commit; and one row of events holds all that a transaction (a
//! whole group commit) had to say, so that it is taken once per batch.
//!
//! An event's id is the row's number × 4,096 + its place in the row.

use std::collections::BTreeSet;
use std::pin::Pin;

use kernel::{Moment, Result};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use store::{AtCommit, Reads, Tx};
use uuid::Uuid;

/// Topic of the signal that says: there are new events.
pub const SIGNAL: &str = "feed";

const PLACES: i64 = 4_096;

/// A hint that something changed: "look again", never the data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveEvent {
    /// Grows; resume after it.
    pub id: i64,
    pub at: Moment,
    /// `inbox:<group key>`, `user:<id>`, `customer:<id>`, `instance:<id>`, `process:<key>`.
    pub topic: String,
    /// `work_item.opened`, `work_item.changed`, `work_item.closed`, `work_item.overdue`, `instance.changed`,
    /// `customer.history`, `incident.changed`…
    pub kind: String,
    /// What changed: the work item, the instance…
    pub subject: Uuid,
}

/// As it stands in the row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Entry {
    #[serde(rename = "t")]
    topic: String,
    #[serde(rename = "k")]
    kind: String,
    #[serde(rename = "s")]
    subject: Uuid,
}

store::statements! {
    HEAD = "SELECT last FROM live_event_head WHERE id = 1";
    /// Holds the row until the commit.
    TAKE = "UPDATE live_event_head SET last = last + $1 WHERE id = 1 RETURNING last";
    INSERT = "INSERT INTO live_event (number, at, entries) VALUES ($1, $2, $3)";
    SINCE = "SELECT number, at, entries FROM live_event WHERE number >= $1 ORDER BY number LIMIT $2";
    TRIM = "DELETE FROM live_event WHERE at < $1";
    OLDEST = "SELECT min(number) FROM live_event";
}

#[derive(Default)]
struct Pending {
    at: Moment,
    entries: BTreeSet<Entry>,
}

/// Tells the screens that listen to `topic`, when the transaction commits. Said twice in one transaction it is told once.
pub fn publish(
    tx: &mut Tx,
    at: Moment,
    topic: impl Into<String>,
    kind: impl Into<String>,
    subject: Uuid,
) {
    let pending = tx.at_commit::<Pending>();
    pending.at = pending.at.max(at);
    pending.entries.insert(Entry {
        topic: topic.into(),
        kind: kind.into(),
        subject,
    });
}

impl AtCommit for Pending {
    fn run<'a>(
        self: Box<Self>,
        tx: &'a mut Tx,
    ) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>> {
        Box::pin(async move {
            let entries: Vec<_> = self.entries.into_iter().collect();
            let rows: Vec<_> = entries
                .chunks(usize::try_from(PLACES).unwrap_or(usize::MAX))
                .collect();
            let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
            if count == 0 {
                return Ok(());
            }
            let (last,) = store::fetch_one!(tx, (i64,), TAKE, count)?;
            for (number, row) in (last - count + 1..=last).zip(rows) {
                store::execute!(tx, INSERT, number, self.at, Json(row))?;
            }
            tx.signal(SIGNAL, "");
            Ok(())
        })
    }
}

/// The id of the newest event: where a listener begins that has just read everything else.
pub async fn head(reads: &mut impl Reads) -> Result<i64> {
    let (last,) = store::fetch_one!(reads, (i64,), HEAD)?;
    Ok((last + 1) * PLACES - 1)
}

/// What of the feed a listener wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Topics {
    All,
    /// Any of these.
    Of(BTreeSet<String>),
}

impl Topics {
    pub fn want(&self, topic: &str) -> bool {
        match self {
            Self::All => true,
            Self::Of(topics) => topics.contains(topic),
        }
    }
}

/// What came after an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Since {
    pub events: Vec<LiveEvent>,
    /// Go on from here: the last event looked at, wanted or not.
    pub next: i64,
    /// There may be more at once.
    pub more: bool,
    /// Events between `after` and the first one kept are gone: look at everything anew.
    pub gap: bool,
}

/// The events after this id, oldest first, out of at most `rows` transactions.
pub async fn events_since(
    reads: &mut impl Reads,
    after: i64,
    topics: &Topics,
    rows: i64,
) -> Result<Since> {
    // The first row may be one that was read before.
    let rows = rows.max(2);
    #[derive(sqlx::FromRow)]
    struct Row {
        number: i64,
        at: Moment,
        entries: Json<Vec<Entry>>,
    }
    let (number, place) = (after.max(0) / PLACES, after.max(0) % PLACES);
    let found = store::fetch_all!(reads, Row, SINCE, number, rows)?;
    let mut since = Since {
        events: Vec::new(),
        next: after,
        more: i64::try_from(found.len()) == Ok(rows),
        gap: false,
    };
    // The row that `after` is in is kept as long as any before it: if something is there, it is the first to be found.
    if number > 0 && found.first().is_some_and(|row| row.number > number + 1) {
        since.gap = true;
    } else if found.is_empty() && number > 0 {
        let (oldest,) = store::fetch_one!(reads, (Option<i64>,), OLDEST)?;
        let (last,) = store::fetch_one!(reads, (i64,), HEAD)?;
        since.gap = oldest.is_none() && last > number;
    }
    for row in found {
        for (at, entry) in (0_i64..).zip(row.entries.0) {
            if (row.number, at) <= (number, place) {
                continue;
            }
            since.next = row.number * PLACES + at;
            if topics.want(&entry.topic) {
                let Entry {
                    topic,
                    kind,
                    subject,
                } = entry;
                since.events.push(LiveEvent {
                    id: since.next,
                    at: row.at,
                    topic,
                    kind,
                    subject,
                });
            }
        }
    }
    Ok(since)
}

/// Forgets events before this instant.
pub async fn trim(tx: &mut Tx, before: Moment) -> Result<u64> {
    store::execute!(tx, TRIM, before)
}
