//! What somebody asked to have approved, for it goes beyond a limit of theirs ([`access::Limit`]). The operation is kept as
//! it was asked; whoever knows how to carry it out (the service) does so in the transaction of [`decide`].
//!
//! Invariant: only a pending request is decided, and only once; the row is held from [`pending`] to the end of the
//! transaction, so that of two who approve at the same moment one finds it decided.

use kernel::{Ambient, Code, Error, FieldProblem, Id, Moment, Page, Paged, Result};
use ledger::Actor;
use ledger::audit::{self, Entry, Outcome};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::types::Json;
use store::{Reads, Sql, Tx};
use uuid::Uuid;

use crate::UserId;
use crate::common::{Problems, TEXT_LIMIT};

pub type ApprovalId = Id<Approval>;

kernel::stored_words! {
    pub enum ApprovalState {
        Pending = "pending",
        Approved = "approved",
        Refused = "refused",
        /// Taken back by whoever asked.
        Withdrawn = "withdrawn",
        /// Approved, and by then it could not be done any more.
        Failed = "failed",
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Approval {
    pub id: ApprovalId,
    pub asked: Moment,
    pub requester: UserId,
    pub requester_name: String,
    /// For whoever carries it out: this room does not look into it.
    pub operation: Json<Value>,
    pub customer_id: Option<Uuid>,
    pub field: String,
    pub at_most: String,
    pub wanted: String,
    /// What it comes to, as whoever asked put it down.
    pub facts: Json<Value>,
    pub reason: String,
    pub state: ApprovalState,
    pub decided: Option<Moment>,
    pub decider: Option<UserId>,
    pub decider_name: Option<String>,
    pub answer: Option<String>,
    pub problem: Option<String>,
    pub version: i64,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub operation: Value,
    pub customer: Option<Uuid>,
    pub field: String,
    pub at_most: String,
    pub wanted: String,
    pub facts: Value,
    pub reason: String,
}

/// How it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    Approved,
    Refused,
    Withdrawn,
    /// With the code of what stood in the way.
    Failed(String),
}

/// At most so many of one person wait at a time: a queue that nobody decides is no queue.
const WAITING_LIMIT: i64 = 100;

macro_rules! columns {
    () => {
        "SELECT a.id, a.asked, a.requester, u.name AS requester_name, a.operation, a.customer_id, a.field, a.at_most, \
            a.wanted, a.facts, a.reason, a.state, a.decided, a.decider, d.name AS decider_name, a.answer, a.problem, a.version \
        FROM approval AS a JOIN user_account AS u ON u.id = a.requester LEFT JOIN user_account AS d ON d.id = a.decider "
    };
}

store::statements! {
    INSERT = "INSERT INTO approval (id, asked, requester, operation, customer_id, field, at_most, wanted, facts, reason, state, \
            version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'pending', 1)";
    WAITING = "SELECT count(*) FROM approval WHERE requester = $1 AND state = 'pending'";
    /// Of one work item: by the operation that was asked for.
    WAITING_FOR = "SELECT count(*) FROM approval WHERE requester = $1 AND state = 'pending' AND operation ->> 'work_item' = $2";
    FIND = concat!(columns!(), "WHERE a.id = $1");
    /// SQLite has one writer, which is this one.
    LOCK = "SELECT state FROM approval WHERE id = $1", "SELECT state FROM approval WHERE id = $1 FOR UPDATE";
    DECIDE = "UPDATE approval SET state = $2, decided = $3, decider = $4, answer = $5, problem = $6, version = version + 1 \
        WHERE id = $1 AND state = 'pending'";
    OPEN = concat!(columns!(), "WHERE a.state = 'pending' AND (a.asked, a.id) > ($1, $2) ORDER BY a.asked, a.id LIMIT $3");
    OF_REQUESTER = concat!(columns!(), "WHERE a.requester = $1 AND (a.asked, a.id) < ($2, $3) ORDER BY a.asked DESC, a.id DESC LIMIT $4");
    BY_DECIDER = concat!(columns!(), "WHERE a.decider = $1 AND (a.asked, a.id) < ($2, $3) ORDER BY a.asked DESC, a.id DESC LIMIT $4");
}

pub async fn find(reads: &mut impl Reads, id: ApprovalId) -> Result<Option<Approval>> {
    store::fetch_optional!(reads, Approval, FIND, id)
}

/// Where a list goes on.
fn place(cursor: Option<&str>, first: (Moment, Uuid)) -> Result<(Moment, Uuid)> {
    let Some(cursor) = cursor else {
        return Ok(first);
    };
    let wrong = || Error::invalid("cursor", "unknown_cursor");
    let (micros, id) = cursor.split_once('-').ok_or_else(wrong)?;
    let micros: i64 = micros.parse().map_err(|_| wrong())?;
    Ok((
        Moment::from_micros(micros),
        id.parse().map_err(|_| wrong())?,
    ))
}

fn paged(mut items: Vec<Approval>, limit: u32) -> Paged<Approval> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items
        .last()
        .filter(|_| more)
        .map(|last| format!("{}-{}", last.asked.as_micros(), last.id.uuid()));
    Paged {
        items,
        next,
        total: None,
    }
}

/// All that waits, the oldest first. Who may decide which of them is not this room's question.
pub async fn open(reads: &mut impl Reads, page: &Page) -> Result<Paged<Approval>> {
    let limit = page.limit();
    let (at, id) = place(page.cursor.as_deref(), (Moment::MIN, Uuid::nil()))?;
    let rows = store::fetch_all!(reads, Approval, OPEN, at, id, i64::from(limit) + 1)?;
    Ok(paged(rows, limit))
}

/// What a person has asked for, the newest first.
pub async fn asked_by(
    reads: &mut impl Reads,
    user: UserId,
    page: &Page,
) -> Result<Paged<Approval>> {
    newest(reads, OF_REQUESTER, user, page).await
}

/// What a person has decided, the newest first.
pub async fn decided_by(
    reads: &mut impl Reads,
    user: UserId,
    page: &Page,
) -> Result<Paged<Approval>> {
    newest(reads, BY_DECIDER, user, page).await
}

async fn newest(
    reads: &mut impl Reads,
    statement: Sql,
    user: UserId,
    page: &Page,
) -> Result<Paged<Approval>> {
    let limit = page.limit();
    let (at, id) = place(page.cursor.as_deref(), (Moment::MAX, Uuid::max()))?;
    let rows = store::fetch_all!(
        reads,
        Approval,
        statement,
        user,
        at,
        id,
        i64::from(limit) + 1
    )?;
    Ok(paged(rows, limit))
}

/// Asks. [`Code::TooLarge`] where too much of this person's waits already.
pub async fn ask(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    (requester, name): (UserId, &str),
    wanted: Wanted,
) -> Result<Approval> {
    let mut problems = Problems::default();
    let reason = problems.length("reason", &wanted.reason, TEXT_LIMIT);
    problems.done()?;
    let (waiting,) = store::fetch_one!(tx, (i64,), WAITING, requester)?;
    if waiting >= WAITING_LIMIT {
        return Err(Error::new(Code::TooLarge).with("limit", WAITING_LIMIT));
    }
    // A work item is closed once: what waits for it need not be asked for again.
    if let Some(item) = wanted.operation.get("work_item").and_then(Value::as_str) {
        let (same,) = store::fetch_one!(tx, (i64,), WAITING_FOR, requester, item)?;
        if same > 0 {
            return Err(
                Error::new(Code::Duplicate).field(FieldProblem::new("operation", "approval_waits"))
            );
        }
    }
    let approval = Approval {
        id: ambient.id(),
        asked: ambient.now(),
        requester,
        requester_name: name.to_owned(),
        operation: Json(wanted.operation),
        customer_id: wanted.customer,
        field: wanted.field,
        at_most: wanted.at_most,
        wanted: wanted.wanted,
        facts: Json(wanted.facts),
        reason,
        state: ApprovalState::Pending,
        decided: None,
        decider: None,
        decider_name: None,
        answer: None,
        problem: None,
        version: 1,
    };
    store::execute!(
        tx,
        INSERT,
        approval.id,
        approval.asked,
        requester,
        &approval.operation,
        approval.customer_id,
        &approval.field,
        &approval.at_most,
        &approval.wanted,
        &approval.facts,
        &approval.reason
    )?;
    let mut entry = entry("approval.ask", &approval);
    if !approval.reason.is_empty() {
        entry = entry.note(&approval.reason);
    }
    audit::record(tx, approval.asked, actor, entry);
    Ok(approval)
}

fn entry(operation: &'static str, approval: &Approval) -> Entry {
    // Values may be sensitive: what was asked stands in the request, and what was done in the operation's own entry.
    let mut entry = Entry::new(operation, "directory", "approval").of(approval.id);
    entry.customer = approval.customer_id;
    entry
}

/// A request that nobody has decided, held until the end of the transaction. [`Code::WrongState`] where somebody has.
pub async fn pending(tx: &mut Tx, id: ApprovalId) -> Result<Approval> {
    let (state,) = store::fetch_optional!(tx, (ApprovalState,), LOCK, id)?
        .ok_or_else(|| Error::not_found("approval"))?;
    if state != ApprovalState::Pending {
        return Err(Error::new(Code::WrongState).with("state", state.text()));
    }
    find(tx, id)
        .await?
        .ok_or_else(|| Error::not_found("approval"))
}

/// Ends a request that [`pending`] holds. A refusal says why.
pub async fn decide(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    (decider, name): (UserId, &str),
    mut approval: Approval,
    (decision, answer): (Decision, &str),
) -> Result<Approval> {
    let mut problems = Problems::default();
    let answer = match decision {
        Decision::Refused => problems.text("reason", answer, TEXT_LIMIT),
        _ => problems.length("reason", answer, TEXT_LIMIT),
    };
    problems.done()?;
    let (state, operation, problem) = match decision {
        Decision::Approved => (ApprovalState::Approved, "approval.approve", None),
        Decision::Refused => (ApprovalState::Refused, "approval.refuse", None),
        Decision::Withdrawn => (ApprovalState::Withdrawn, "approval.withdraw", None),
        Decision::Failed(code) => (ApprovalState::Failed, "approval.approve", Some(code)),
    };
    approval.state = state;
    approval.decided = Some(ambient.now());
    approval.decider = Some(decider);
    approval.decider_name = Some(name.to_owned());
    approval.answer = Some(answer).filter(|text| !text.is_empty());
    approval.problem = problem;
    approval.version += 1;
    let touched = store::execute!(
        tx,
        DECIDE,
        approval.id,
        approval.state,
        approval.decided,
        approval.decider,
        approval.answer.as_deref(),
        approval.problem.as_deref()
    )?;
    if touched == 0 {
        return Err(Error::new(Code::Stale));
    }
    let mut entry = entry(operation, &approval);
    if approval.state == ApprovalState::Failed {
        entry = entry.ended(Outcome::Failed);
    }
    if let Some(note) = approval.answer.as_ref().or(approval.problem.as_ref()) {
        entry = entry.note(note);
    }
    audit::record(tx, ambient.now(), actor, entry);
    Ok(approval)
}
