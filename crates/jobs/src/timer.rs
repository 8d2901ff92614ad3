//! Instants at which something is due: rows, claimed by one loop per node, removed by the transaction that acts on them.
//!
//! A claim only says "this node is at it": it keeps the others away for the length of a lease. That a timer acts once is
//! the work of the transaction that deletes its row ([`remove`]) together with what the timer causes.

use kernel::{Id, Moment, Result};
use sqlx::FromRow;
use store::{Reads, Tx};
use uuid::Uuid;

/// Topic of the signal that says: a timer was set that may be the next one.
pub const SIGNAL: &str = "timers";

/// A timer: what it belongs to and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow)]
pub struct Timer {
    pub subject: Uuid,
    pub number: i64,
    pub due: Moment,
}

impl Timer {
    pub fn new<T>(subject: Id<T>, number: i64, due: Moment) -> Self {
        Self {
            subject: subject.uuid(),
            number,
            due,
        }
    }
}

store::statements! {
    INSERT =
        "INSERT INTO timer (subject, number, due, visible) VALUES ($1, $2, $3, $3)
         ON CONFLICT (subject, number) DO UPDATE SET due = excluded.due, visible = excluded.visible",
        "INSERT INTO timer (subject, number, due, visible)
         SELECT subject, number, due, due FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[]) AS new (subject, number, due)
         ON CONFLICT (subject, number) DO UPDATE SET due = excluded.due, visible = excluded.visible";
    DELETE =
        "DELETE FROM timer WHERE subject = $1 AND number = $2",
        "DELETE FROM timer USING unnest($1::uuid[], $2::bigint[]) AS gone (subject, number)
         WHERE timer.subject = gone.subject AND timer.number = gone.number";
    DELETE_ALL =
        "DELETE FROM timer WHERE subject = $1",
        "DELETE FROM timer WHERE subject = ANY($1::uuid[])";
    /// PostgreSQL passes over what another node is taking; SQLite has one writer.
    CLAIM =
        "UPDATE timer SET visible = $2 WHERE (subject, number) IN
             (SELECT subject, number FROM timer WHERE visible <= $1 ORDER BY visible LIMIT $3)
         RETURNING subject, number, due",
        "WITH picked AS (SELECT subject, number FROM timer WHERE visible <= $1 ORDER BY visible LIMIT $3
                         FOR UPDATE SKIP LOCKED)
         UPDATE timer SET visible = $2 FROM picked
         WHERE timer.subject = picked.subject AND timer.number = picked.number
         RETURNING timer.subject, timer.number, timer.due";
    OF = "SELECT subject, number, due FROM timer WHERE subject = $1 ORDER BY number";
    NEXT = "SELECT min(visible) FROM timer";
}

/// Sets timers, or sets them anew.
pub async fn schedule(tx: &mut Tx, timers: &[Timer]) -> Result<()> {
    crate::write_rows!(tx, INSERT, timers, |timer| [
        timer.subject,
        timer.number,
        timer.due
    ])?;
    if !timers.is_empty() {
        tx.signal(SIGNAL, "");
    }
    Ok(())
}

/// Takes timers away: cancelled, or acted upon.
pub async fn remove(tx: &mut Tx, timers: &[(Uuid, i64)]) -> Result<u64> {
    crate::write_rows!(tx, DELETE, timers, |timer| [timer.0, timer.1])
}

/// Takes all timers of these subjects away.
pub async fn remove_all(tx: &mut Tx, subjects: &[Uuid]) -> Result<u64> {
    crate::write_rows!(tx, DELETE_ALL, subjects, |subject| [*subject])
}

/// Takes what is due, oldest first; other nodes leave it alone until `until`.
pub async fn claim(tx: &mut Tx, now: Moment, until: Moment, limit: i64) -> Result<Vec<Timer>> {
    let mut timers = store::fetch_all!(tx, Timer, CLAIM, now, until, limit)?;
    timers.sort_by_key(|timer| timer.due);
    Ok(timers)
}

/// All timers of a subject.
pub async fn of(reads: &mut impl Reads, subject: Uuid) -> Result<Vec<Timer>> {
    store::fetch_all!(reads, Timer, OF, subject)
}

/// When the next timer may be taken.
pub async fn next(reads: &mut impl Reads) -> Result<Option<Moment>> {
    let (due,) = store::fetch_one!(reads, (Option<Moment>,), NEXT)?;
    Ok(due)
}
