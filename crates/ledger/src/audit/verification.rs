//! Checks of the whole trail on request: begun by a person, carried on by a node in the background, seen from every node.

use kernel::{Ambient, Id, Moment, Result, Span};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use store::{Reads, Tx};

use super::verify::Report;
use super::{Entry, record};
use crate::Actor;

/// A node that has said nothing for so long is gone, and its check with it.
pub const SILENCE: Span = Span::from_secs(30);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    pub id: Id<Verification>,
    pub user_name: String,
    pub started: Moment,
    pub seen: Moment,
    /// How many there were when it began.
    pub entries: i64,
    pub checked: i64,
    pub finished: Option<Moment>,
    pub report: Option<Report>,
    /// Why there is no report.
    pub failure: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Id<Verification>,
    user_name: String,
    started: Moment,
    seen: Moment,
    entries: i64,
    checked: i64,
    finished: Option<Moment>,
    report: Option<Json<Report>>,
    failure: Option<String>,
}

impl From<Row> for Verification {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            user_name: row.user_name,
            started: row.started,
            seen: row.seen,
            entries: row.entries,
            checked: row.checked,
            finished: row.finished,
            report: row.report.map(|r| r.0),
            failure: row.failure,
        }
    }
}

impl Verification {
    pub fn is_running(&self, now: Moment) -> bool {
        self.finished.is_none() && now.since(self.seen) < SILENCE
    }
}

store::statements! {
    NEWEST = "SELECT id, user_name, started, seen, entries, checked, finished, report, failure FROM audit_verification \
        ORDER BY started DESC LIMIT 10";
    BEGIN = "INSERT INTO audit_verification (id, user_name, started, seen, entries, checked) VALUES ($1, $2, $3, $3, $4, 0)";
    ADVANCE = "UPDATE audit_verification SET seen = $2, checked = $3 WHERE id = $1 AND finished IS NULL";
    FINISH = "UPDATE audit_verification SET seen = $2, finished = $2, checked = $3, report = $4, failure = $5 \
        WHERE id = $1 AND finished IS NULL";
}

/// The last ten, newest first.
pub async fn newest(reads: &mut impl Reads) -> Result<Vec<Verification>> {
    let rows = store::fetch_all!(reads, Row, NEWEST)?;
    Ok(rows.into_iter().map(Verification::from).collect())
}

/// Begins one. Where one is running, that one is the answer, and `false`: the caller has nothing to do.
pub async fn begin(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
) -> Result<(Id<Verification>, bool)> {
    let now = ambient.now();
    if let Some(running) = newest(tx).await?.into_iter().find(|v| v.is_running(now)) {
        return Ok((running.id, false));
    }
    let id = ambient.id::<Verification>();
    let entries = super::count(tx).await?;
    store::execute!(tx, BEGIN, id, &actor.name, now, entries)?;
    let entry = Entry::new("audit.verify", "audit", "audit").of(id);
    record(tx, now, actor, entry);
    Ok((id, true))
}

/// Says how far it is, which also says that it is alive.
pub async fn advance(tx: &mut Tx, now: Moment, id: Id<Verification>, checked: i64) -> Result<()> {
    store::execute!(tx, ADVANCE, id, now, checked)?;
    Ok(())
}

/// Keeps what was found. A trail that is not sound is an event of its own.
pub async fn finish(
    tx: &mut Tx,
    now: Moment,
    id: Id<Verification>,
    found: Result<Report, String>,
) -> Result<()> {
    let (checked, report, failure) = match found {
        Ok(report) => (report.entries, Some(report), None),
        Err(failure) => (0, None, Some(failure)),
    };
    if let Some(report) = report.as_ref().filter(|r| !r.is_sound()) {
        let first = report.findings.first().map(serde_json::to_string);
        let entry = Entry::new("audit.broken", "audit", "audit")
            .of(id)
            .ended(super::Outcome::Failed)
            .note(first.and_then(std::result::Result::ok).unwrap_or_default());
        record(tx, now, &Actor::system("verification"), entry);
    }
    store::execute!(tx, FINISH, id, now, checked, report.map(Json), failure)?;
    Ok(())
}
