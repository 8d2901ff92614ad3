//! Start events: what of published processes waits for a message, a signal, a time or a condition to begin an instance.
//!
//! Rows exist for the newest version of each process; publishing replaces them in its own transaction ([`Runner::listen_in`]).
//! A timer start that stands in the new version with the same text goes on counting where it was.
//!
//! **What was missed** (the service stood still, the clock was set) is caught up once: however many instants of a cycle have
//! passed, one instance begins, and the next begins at the next instant of the cycle.

use flow::engine::{Start as StartEvent, StartKind};
use flow::model::TimingKind;
use kernel::calendar::{SlotKind, Slots};
use kernel::{Code, Error, FieldProblem, Id, Moment, Result};
use sqlx::FromRow;
use store::{Reads, Tx};

use crate::messages;
use crate::plugs::Published;
use crate::runner::Runner;

/// Marks the id of a start event that is listened for.
#[derive(Debug)]
pub enum Listener {}

/// A timer with this number belongs to a start event, not to an instance.
pub(crate) const START_TIMER: i64 = -1;

#[derive(Clone, Debug, FromRow)]
pub(crate) struct StartRow {
    pub id: Id<Listener>,
    pub process: String,
    pub version: i64,
    pub element: String,
    pub kind: String,
    pub what: String,
    pub slot: Option<Moment>,
    pub first: Option<Moment>,
    pub passed: i64,
}

macro_rules! columns {
    () => {
        "id, process, version, element, kind, what, slot, first, passed"
    };
}

store::statements! {
    OF_PROCESS = concat!("SELECT ", columns!(), " FROM process_start WHERE process = $1 ORDER BY id");
    LISTENING_TO = concat!("SELECT ", columns!(), " FROM process_start WHERE kind = $1 AND what = $2 ORDER BY process, element");
    OF_KIND = concat!("SELECT ", columns!(), " FROM process_start WHERE kind = $1 ORDER BY process, element");
    /// Two nodes never begin one slot twice: the first to come holds the row.
    HOLD = concat!("SELECT ", columns!(), " FROM process_start WHERE id = $1"),
        concat!("SELECT ", columns!(), " FROM process_start WHERE id = $1 FOR UPDATE");
    INSERT = concat!("INSERT INTO process_start (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
    KEEP = "UPDATE process_start SET version = $2 WHERE id = $1";
    PASS = "UPDATE process_start SET slot = $2, passed = $3 WHERE id = $1";
    DELETE = "DELETE FROM process_start WHERE id = $1";
    LISTENING = "SELECT process, version FROM process_listening";
    LISTEN = "INSERT INTO process_listening (process, version) VALUES ($1, $2)
        ON CONFLICT (process) DO UPDATE SET version = excluded.version";
}

/// Who begins at this message or signal.
pub(crate) async fn listening(
    reads: &mut impl Reads,
    kind: &str,
    name: &str,
) -> Result<Vec<StartRow>> {
    store::fetch_all!(reads, StartRow, LISTENING_TO, kind, name)
}

pub(crate) async fn conditional(reads: &mut impl Reads) -> Result<Vec<StartRow>> {
    store::fetch_all!(reads, StartRow, OF_KIND, "conditional")
}

pub(crate) async fn hold(tx: &mut Tx, id: Id<Listener>) -> Result<Option<StartRow>> {
    store::fetch_optional!(tx, StartRow, HOLD, id)
}

/// The next instant of a timer start; `None` ends it.
pub(crate) async fn pass(tx: &mut Tx, id: Id<Listener>, next: Option<(u32, Moment)>) -> Result<()> {
    let passed = next.map_or(0, |(number, _)| i64::from(number));
    store::execute!(tx, PASS, id, next.map(|(_, slot)| slot), passed)?;
    match next {
        Some((_, slot)) => {
            let timer = jobs::timer::Timer::new(id, START_TIMER, slot);
            jobs::timer::schedule(tx, &[timer]).await
        }
        None => jobs::timer::remove(tx, &[(id.uuid(), START_TIMER)])
            .await
            .map(drop),
    }
}

/// The instants of a timer start; `None` where its text is none.
pub(crate) fn slots(
    published: &Published,
    element: &str,
    zone: &kernel::calendar::WorkTime,
) -> Option<Slots> {
    let timing = published
        .plan
        .starts()
        .iter()
        .find_map(|start| match &start.kind {
            StartKind::Timer { timing } if &*start.element == element => Some(timing),
            _ => None,
        })?;
    Slots::parse(slot_kind(timing.kind), &timing.text, zone.zone())
}

/// Which of its start event's triggers this is.
pub(crate) fn trigger(published: &Published, row: &StartRow) -> Option<u32> {
    let mut starts = published.plan.starts().iter();
    let own = starts.find(|start| {
        *start.element == row.element
            && words(start).is_some_and(|(kind, what)| kind == row.kind && what == row.what)
    });
    own.map(|start| start.nth)
}

pub(crate) fn slot_kind(kind: TimingKind) -> SlotKind {
    match kind {
        TimingKind::Date => SlotKind::Date,
        TimingKind::Duration => SlotKind::Duration,
        TimingKind::Cycle => SlotKind::Cycle,
    }
}

/// Kind and text of a start event as the table has them; `None`: nobody has to listen.
fn words(start: &StartEvent) -> Option<(&'static str, String)> {
    match &start.kind {
        StartKind::Plain => None,
        StartKind::Message { name } => Some(("message", name.to_string())),
        StartKind::Signal { name } => Some(("signal", name.to_string())),
        StartKind::Timer { timing } => Some(("timer", timing.text.trim().to_owned())),
        StartKind::Conditional { condition } => Some(("conditional", condition.to_string())),
    }
}

impl Runner {
    /// From here on the start events of this version are listened for, instead of those of the one before: part of the
    /// transaction that publishes it. `BadDefinition` names timers whose text says no time.
    pub async fn listen_in(&self, tx: &mut Tx, published: &Published) -> Result<()> {
        let inner = self.inner();
        let now = inner.ambient.now();
        let office = inner.plugs.calendars.named(published.calendar.as_deref());
        let process = &*published.process;
        let mut before = store::fetch_all!(tx, StartRow, OF_PROCESS, process)?;
        let mut problems = Vec::new();
        for start in published.plan.starts() {
            let Some((kind, what)) = words(start) else {
                continue;
            };
            let same = before.iter().position(|row| {
                row.element == *start.element && row.kind == kind && row.what == what
            });
            if let Some(at) = same {
                let row = before.swap_remove(at);
                store::execute!(tx, KEEP, row.id, published.version)?;
                continue;
            }
            let id = inner.ambient.id::<Listener>();
            let (mut first, mut slot) = (None, None);
            if let StartKind::Timer { timing } = &start.kind {
                let Some(slots) = Slots::parse(slot_kind(timing.kind), &timing.text, office.zone())
                else {
                    problems.push(
                        FieldProblem::new(start.element.to_string(), "timer_text")
                            .with("text", &timing.text),
                    );
                    continue;
                };
                first = slots.first(now);
                // What had its time before it was published does not begin any more.
                slot = first.and_then(|first| slots.after(first, 0, now));
            }
            let passed = slot.map_or(0, |(number, _)| i64::from(number));
            let due = slot.map(|(_, slot)| slot);
            store::execute!(
                tx,
                INSERT,
                id,
                process,
                published.version,
                &*start.element,
                kind,
                what.as_str(),
                due,
                first,
                passed
            )?;
            if let Some(due) = due {
                let timer = jobs::timer::Timer::new(id, START_TIMER, due);
                jobs::timer::schedule(tx, &[timer]).await?;
            }
            if kind == "message" {
                messages::offer(tx, inner, &[what.as_str()]).await?;
            }
        }
        if !problems.is_empty() {
            let error = Error::new(Code::BadDefinition);
            return Err(problems.into_iter().fold(error, Error::field));
        }
        for gone in before {
            store::execute!(tx, DELETE, gone.id)?;
            jobs::timer::remove(tx, &[(gone.id.uuid(), START_TIMER)]).await?;
        }
        store::execute!(tx, LISTEN, process, published.version)?;
        Ok(())
    }

    /// Listens for what was published without the above: by an older version of this program, or by an import. `newest`:
    /// key and version of every published process.
    pub async fn listen_to_all(&self, newest: &[(String, i64)]) -> Result<()> {
        let inner = self.inner();
        let heard = store::fetch_all!(&mut inner.db.read().await?, (String, i64), LISTENING)?;
        let heard: std::collections::HashMap<_, _> = heard.into_iter().collect();
        for (process, version) in newest {
            if heard.get(process).is_some_and(|heard| heard >= version) {
                continue;
            }
            let published = inner.published(process, *version).await?;
            let mut tx = inner.db.write().await?;
            match self.listen_in(&mut tx, &published).await {
                Ok(()) => tx.commit().await?,
                Err(error) if error.code() == Code::BadDefinition => {
                    tx.rollback().await?;
                    tracing::warn!(%error, process, version, "a start event cannot be listened for");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
