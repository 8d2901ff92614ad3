//! Service levels as budgets of time, with a ledger of why they ran or stood still.
//!
//! An instance has a budget where its process says how long the whole may take. A work item has one from its first pause on:
//! its due time and its escalation ladder stop, and go on with what was left of them. Both count in the calendar of their
//! activity or process, or always. While the customer is awaited, by a pause of a work item or by an activity that says so
//! (`awaits="customer"`), the instance's budget stands still.
//!
//! Every change has a line in the ledger: when, what, why, who, and how much was used up until then.

use kernel::{Error, Id, Moment, Result, Span};
use ledger::{Actor, User};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use sqlx::types::Json;
use store::{Reads, Tx};

use crate::command::{Answer, What, WorkItemBrief};
use crate::moves::reasoned;
use crate::runner::Runner;
use crate::words::{Instance, WorkItem};

/// Marks a budget's id.
#[derive(Debug)]
pub enum Budget {}

/// The activity of a budget that is the whole instance's.
pub(crate) const WHOLE: i64 = -1;
/// The number of its timer.
pub(crate) const BUDGET_TIMER: i64 = -2;

kernel::stored_words! {
    pub enum BudgetState {
        Running = "running",
        /// The customer is awaited.
        Paused = "paused",
        Met = "met",
        Breached = "breached",
    }
}

/// What a process says of how long the whole may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// ISO 8601, such as `P21D`.
    pub text: String,
    /// In business time, by the process's calendar.
    pub business: bool,
}

/// What stands still during a pause.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Parked {
    /// Timers: number, what is left of each in microseconds, and whether that counts in business time.
    #[serde(default)]
    pub timers: Vec<(i64, i64, bool)>,
    /// What the instance's budget waits for.
    #[serde(default)]
    pub holds: Vec<String>,
}

#[derive(Clone, Debug, FromRow)]
pub(crate) struct BudgetRow {
    pub id: Id<Budget>,
    pub instance: Id<Instance>,
    pub activity: i64,
    pub state: BudgetState,
    pub budget: i64,
    pub spent: i64,
    /// Absent: hours that always run. Empty: the company's calendar.
    pub calendar: Option<String>,
    pub since: Option<Moment>,
    pub due: Option<Moment>,
    pub parked: Json<Parked>,
}

/// A budget as people see it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BudgetLine {
    pub id: Id<Budget>,
    /// Of this activity; `None`: of the whole instance.
    pub activity: Option<i64>,
    pub state: BudgetState,
    /// `None`: without a limit.
    pub budget: Option<Span>,
    /// As of now.
    pub spent: Span,
    /// Whether it counts in business time, and the calendar's key; an empty key is the company's.
    pub calendar: Option<String>,
    pub due: Option<Moment>,
    pub ledger: Vec<LedgerLine>,
}

#[derive(Clone, Debug, PartialEq, Serialize, FromRow)]
pub struct LedgerLine {
    pub at: Moment,
    /// `begun`, `paused`, `resumed`, `breached`, `met`.
    pub what: String,
    pub reason: String,
    pub user_id: Option<Id<User>>,
    pub user_name: String,
    /// Used up until then, in microseconds.
    pub spent: i64,
}

macro_rules! columns {
    () => {
        "id, instance, activity, state, budget, spent, calendar, since, due, parked"
    };
}

store::statements! {
    INSERT = concat!("INSERT INTO sla (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
    UPDATE = "UPDATE sla SET state = $2, budget = $3, spent = $4, since = $5, due = $6, parked = $7 WHERE id = $1";
    FIND = concat!("SELECT ", columns!(), " FROM sla WHERE instance = $1 AND activity = $2");
    OF_INSTANCE = concat!("SELECT ", columns!(), " FROM sla WHERE instance = $1 ORDER BY activity");
    ENTRY = "INSERT INTO sla_entry (sla, number, at, what, reason, user_id, user_name, spent)
        SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, $6, $7 FROM sla_entry WHERE sla = $1";
    ENTRIES = "SELECT at, what, reason, user_id, user_name, spent FROM sla_entry WHERE sla = $1 ORDER BY number";
}

pub(crate) async fn insert(tx: &mut Tx, row: &BudgetRow) -> Result<()> {
    store::execute!(
        tx,
        INSERT,
        row.id,
        row.instance,
        row.activity,
        row.state.text(),
        row.budget,
        row.spent,
        row.calendar.as_deref(),
        row.since,
        row.due,
        &row.parked
    )
    .map(drop)
}

pub(crate) async fn update(tx: &mut Tx, row: &BudgetRow) -> Result<()> {
    store::execute!(
        tx,
        UPDATE,
        row.id,
        row.state.text(),
        row.budget,
        row.spent,
        row.since,
        row.due,
        &row.parked
    )
    .map(drop)
}

pub(crate) async fn find(
    reads: &mut impl Reads,
    instance: Id<Instance>,
    activity: i64,
) -> Result<Option<BudgetRow>> {
    store::fetch_optional!(reads, BudgetRow, FIND, instance, activity)
}

pub(crate) async fn note(
    tx: &mut Tx,
    row: &BudgetRow,
    at: Moment,
    what: &str,
    reason: &str,
    actor: &Actor,
) -> Result<()> {
    store::execute!(
        tx,
        ENTRY,
        row.id,
        at,
        what,
        reason,
        actor.user,
        actor.name.as_str(),
        row.spent
    )
    .map(drop)
}

impl Runner {
    /// The budgets of an instance and its work items, the whole instance's first, each with its ledger.
    pub async fn budgets(
        &self,
        reads: &mut impl Reads,
        instance: Id<Instance>,
    ) -> Result<Vec<BudgetLine>> {
        let now = self.inner().ambient.now();
        let rows = store::fetch_all!(reads, BudgetRow, OF_INSTANCE, instance)?;
        let mut lines = Vec::with_capacity(rows.len());
        for row in rows {
            let ledger = store::fetch_all!(reads, LedgerLine, ENTRIES, row.id)?;
            let running = match (row.since, &row.calendar) {
                (None, _) => Span::ZERO,
                (Some(since), None) => now.since(since),
                (Some(since), Some(key)) => {
                    let key = Some(key.as_str()).filter(|key| !key.is_empty());
                    self.inner().plugs.calendars.named(key).between(since, now)
                }
            };
            lines.push(BudgetLine {
                id: row.id,
                activity: (row.activity != WHOLE).then_some(row.activity),
                state: row.state,
                budget: (row.budget > 0).then(|| Span::from_micros(row.budget)),
                spent: Span::from_micros(row.spent + running.as_micros().max(0)),
                calendar: row.calendar,
                due: row.due,
                ledger,
            });
        }
        Ok(lines)
    }

    /// The customer is awaited: the work item's time stands still. `WrongState` where it does already.
    pub async fn pause_in(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        work_item: Id<WorkItem>,
        version: Option<i64>,
        reason: &str,
    ) -> Result<WorkItemBrief> {
        reasoned(reason)?;
        let reason = reason.to_owned();
        paused(
            self.send_in(
                tx,
                actor,
                What::Pause {
                    work_item,
                    version,
                    reason,
                },
            )
            .await?,
        )
    }

    /// It goes on, with what was left.
    pub async fn resume_in(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        work_item: Id<WorkItem>,
        version: Option<i64>,
    ) -> Result<WorkItemBrief> {
        paused(
            self.send_in(tx, actor, What::Resume { work_item, version })
                .await?,
        )
    }
}

fn paused(answer: Answer) -> Result<WorkItemBrief> {
    match answer {
        Answer::Item(item) => Ok(item),
        _ => Err(Error::internal("an answer of another kind")),
    }
}
