//! Budgets: begun, stopped, gone on with, ended.

use std::sync::Arc;

use flow::engine::{ActivityId, TimerPurpose};
use flow::model::DueCalendar;
use kernel::calendar::WorkTime;
use kernel::{Code, Error, Id, Moment, Result, Span};
use ledger::{Actor, audit};
use sqlx::types::Json;
use store::Tx;

use super::{Batch, Loaded};
use crate::command::{Answer, WorkItemBrief};
use crate::feed;
use crate::rows::WorkItemRow;
use crate::sla::{self, BUDGET_TIMER, BudgetRow, BudgetState, Parked, WHOLE};
use crate::words::{Instance, WorkItem};

/// What counts a span of time: a calendar, or nothing but the clock.
struct Counts(Option<Arc<WorkTime>>);

impl Counts {
    fn between(&self, from: Moment, to: Moment) -> Span {
        match &self.0 {
            Some(office) => office.between(from, to),
            None => Span::from_micros(to.since(from).as_micros().max(0)),
        }
    }

    fn after(&self, from: Moment, span: Span) -> Moment {
        match &self.0 {
            Some(office) => office.add(from, span).unwrap_or(from + span),
            None => from + span,
        }
    }
}

impl Batch<'_> {
    /// By the column of a budget: absent, always; else the calendar of that key, empty for the company's.
    fn counts(&self, calendar: Option<&str>) -> Counts {
        Counts(calendar.map(|key| {
            let key = Some(key).filter(|key| !key.is_empty());
            self.inner.plugs.calendars.named(key)
        }))
    }

    /// The budget of the whole, where the process has one.
    pub(super) async fn begin_budget(
        &mut self,
        tx: &mut Tx,
        actor: &Actor,
        id: Id<Instance>,
    ) -> Result<()> {
        let Some((allowance, calendar)) = self.instances.get(&id).and_then(|loaded| {
            let published = &loaded.published;
            let allowance = published.allowance.clone()?;
            let key = published.calendar.clone().unwrap_or_default();
            let calendar = allowance.business.then_some(key);
            Some((allowance, calendar))
        }) else {
            return Ok(());
        };
        let counts = self.counts(calendar.as_deref());
        let due = match &counts.0 {
            Some(office) => office.after(self.now, &allowance.text).ok(),
            None => {
                let always = kernel::calendar::SlotKind::Duration;
                let utc = self.inner.plugs.calendars.named(calendar.as_deref());
                kernel::calendar::Slots::parse(always, &allowance.text, utc.zone())
                    .and_then(|slots| slots.first(self.now))
            }
        };
        let Some(due) = due else {
            tracing::warn!(
                text = allowance.text,
                "a process's duration is none; it has no budget"
            );
            return Ok(());
        };
        let row = BudgetRow {
            id: self.inner.ambient.id(),
            instance: id,
            activity: WHOLE,
            state: BudgetState::Running,
            budget: counts.between(self.now, due).as_micros().max(1),
            spent: 0,
            calendar,
            since: Some(self.now),
            due: Some(due),
            parked: Json(Parked::default()),
        };
        sla::insert(tx, &row).await?;
        sla::note(tx, &row, self.now, "begun", "", actor).await?;
        self.writes
            .timers
            .insert((id.uuid(), BUDGET_TIMER), Some(due));
        Ok(())
    }

    fn has_budget(&self, id: Id<Instance>) -> bool {
        self.instances
            .get(&id)
            .is_some_and(|loaded| loaded.published.allowance.is_some())
    }

    /// The customer is awaited, for this reason: the budget of the whole stands still until the last such reason is gone.
    pub(super) async fn hold_budget(
        &mut self,
        tx: &mut Tx,
        actor: &Actor,
        id: Id<Instance>,
        hold: String,
        reason: &str,
    ) -> Result<()> {
        if !self.has_budget(id) {
            return Ok(());
        }
        let Some(mut row) = sla::find(tx, id, WHOLE).await? else {
            return Ok(());
        };
        if !matches!(row.state, BudgetState::Running | BudgetState::Paused) {
            return Ok(());
        }
        row.parked.0.holds.push(hold);
        if row.state == BudgetState::Running {
            self.stop(&mut row);
            self.writes.timers.insert((id.uuid(), BUDGET_TIMER), None);
            sla::note(tx, &row, self.now, "paused", reason, actor).await?;
        }
        sla::update(tx, &row).await
    }

    pub(super) async fn free_budget(
        &mut self,
        tx: &mut Tx,
        actor: &Actor,
        id: Id<Instance>,
        hold: &str,
    ) -> Result<()> {
        if !self.has_budget(id) {
            return Ok(());
        }
        let Some(mut row) = sla::find(tx, id, WHOLE).await? else {
            return Ok(());
        };
        let before = row.parked.0.holds.len();
        row.parked.0.holds.retain(|held| held != hold);
        if row.parked.0.holds.len() == before {
            return Ok(());
        }
        if row.parked.0.holds.is_empty() && row.state == BudgetState::Paused {
            self.go_on(&mut row);
            self.writes
                .timers
                .insert((id.uuid(), BUDGET_TIMER), row.due);
            sla::note(tx, &row, self.now, "resumed", "", actor).await?;
        }
        sla::update(tx, &row).await
    }

    fn stop(&self, row: &mut BudgetRow) {
        if let Some(since) = row.since {
            let spent = self
                .counts(row.calendar.as_deref())
                .between(since, self.now);
            row.spent += spent.as_micros();
        }
        row.state = BudgetState::Paused;
        row.since = None;
        row.due = None;
    }

    fn go_on(&self, row: &mut BudgetRow) {
        row.state = BudgetState::Running;
        row.since = Some(self.now);
        let left = Span::from_micros((row.budget - row.spent).max(0));
        row.due =
            (row.budget > 0).then(|| self.counts(row.calendar.as_deref()).after(self.now, left));
    }

    /// The instance has ended: in time, or it has been said before that it was not.
    pub(super) async fn end_budget(
        &mut self,
        tx: &mut Tx,
        actor: &Actor,
        id: Id<Instance>,
        activity: i64,
    ) -> Result<()> {
        let Some(mut row) = sla::find(tx, id, activity).await? else {
            return Ok(());
        };
        if !matches!(row.state, BudgetState::Running | BudgetState::Paused) {
            return Ok(());
        }
        self.stop(&mut row);
        row.state = if row.budget > 0 && row.spent > row.budget {
            BudgetState::Breached
        } else {
            BudgetState::Met
        };
        let what = row.state.text();
        sla::note(tx, &row, self.now, what, "", actor).await?;
        sla::update(tx, &row).await
    }

    /// The budget's time is over.
    pub(super) async fn budget_due(
        &mut self,
        tx: &mut Tx,
        actor: &Actor,
        id: Id<Instance>,
    ) -> Result<Answer> {
        self.writes.timers.insert((id.uuid(), BUDGET_TIMER), None);
        let Some(mut row) = sla::find(tx, id, WHOLE).await? else {
            return Ok(Answer::Ignored);
        };
        if row.state != BudgetState::Running || row.due.is_none_or(|due| due > self.now) {
            return Ok(Answer::Ignored);
        }
        self.stop(&mut row);
        row.state = BudgetState::Breached;
        sla::note(tx, &row, self.now, "breached", "", actor).await?;
        sla::update(tx, &row).await?;
        let entry = audit::Entry::new("process.breach", "runner", "instance").of(id);
        audit::record(tx, self.now, actor, entry);
        feed::publish(
            tx,
            self.now,
            format!("instance:{id}"),
            "instance.changed",
            id.uuid(),
        );
        Ok(Answer::Ignored)
    }

    pub(super) async fn pause(
        &mut self,
        tx: &mut Tx,
        actor: &Arc<Actor>,
        id: Id<WorkItem>,
        version: Option<i64>,
        reason: &str,
    ) -> Result<WorkItemBrief> {
        let mut row = self.workable(tx, actor, id, version, false).await?;
        if row.paused.is_some() {
            return Err(Error::new(Code::WrongState).with("state", "paused"));
        }
        let activity = ActivityId(u32::try_from(row.activity).map_err(Error::internal)?);
        let loaded = self
            .instances
            .get(&row.instance)
            .ok_or_else(|| Error::not_found("instance"))?;
        let clocks = loaded.row.data.0.clocks(activity);
        let due_in = |purpose: &TimerPurpose| in_business(loaded, &row, purpose);
        let mut timers = Vec::new();
        let there = jobs::timer::of(tx, row.instance.uuid()).await?;
        let key = self.item_calendar(&row);
        let office = self.counts(Some(&key));
        let always = self.counts(None);
        for (timer, purpose) in &clocks {
            let number = i64::from(timer.0);
            let Some(set) = there.iter().find(|set| set.number == number) else {
                continue;
            };
            let business = due_in(purpose);
            let counts = if business { &office } else { &always };
            timers.push((
                number,
                counts.between(self.now, set.due).as_micros(),
                business,
            ));
        }
        let business = due_in(&TimerPurpose::Due { activity });
        let calendar = business.then_some(key);
        let counts = self.counts(calendar.as_deref());
        for (number, ..) in &timers {
            self.writes
                .timers
                .insert((row.instance.uuid(), *number), None);
        }
        let known = match row.sla {
            Some(_) => sla::find(tx, row.instance, row.activity).await?,
            None => None,
        };
        let mut budget = match known {
            Some(budget) => budget,
            None => {
                let total = row
                    .due
                    .map_or(Span::ZERO, |due| counts.between(row.opened, due));
                let budget = BudgetRow {
                    id: self.inner.ambient.id(),
                    instance: row.instance,
                    activity: row.activity,
                    state: BudgetState::Running,
                    budget: total.as_micros(),
                    spent: 0,
                    calendar,
                    since: Some(row.opened),
                    due: row.due,
                    parked: Json(Parked::default()),
                };
                sla::insert(tx, &budget).await?;
                sla::note(tx, &budget, row.opened, "begun", "", actor).await?;
                budget
            }
        };
        self.stop(&mut budget);
        budget.parked.0.timers = timers;
        sla::note(tx, &budget, self.now, "paused", reason, actor).await?;
        sla::update(tx, &budget).await?;
        row.sla = Some(budget.id);
        row.paused = Some(self.now);
        row.due = None;
        let hold = format!("item:{}", row.activity);
        self.hold_budget(tx, actor, row.instance, hold, reason)
            .await?;
        Ok(self.given(tx, actor, "work_item.pause", row))
    }

    pub(super) async fn resume(
        &mut self,
        tx: &mut Tx,
        actor: &Arc<Actor>,
        id: Id<WorkItem>,
        version: Option<i64>,
    ) -> Result<WorkItemBrief> {
        let mut row = self.workable(tx, actor, id, version, false).await?;
        if row.paused.is_none() {
            return Err(Error::new(Code::WrongState).with("state", "running"));
        }
        if let Some(mut budget) = sla::find(tx, row.instance, row.activity).await? {
            let key = self.item_calendar(&row);
            let (office, always) = (self.counts(Some(&key)), self.counts(None));
            for (number, left, business) in std::mem::take(&mut budget.parked.0.timers) {
                let counts = if business { &office } else { &always };
                let due = counts.after(self.now, Span::from_micros(left));
                self.writes
                    .timers
                    .insert((row.instance.uuid(), number), Some(due));
            }
            self.go_on(&mut budget);
            row.due = budget.due;
            sla::note(tx, &budget, self.now, "resumed", "", actor).await?;
            sla::update(tx, &budget).await?;
        }
        row.paused = None;
        let hold = format!("item:{}", row.activity);
        self.free_budget(tx, actor, row.instance, &hold).await?;
        Ok(self.given(tx, actor, "work_item.resume", row))
    }

    /// A work item with a budget is closed or withdrawn.
    pub(super) async fn close_budget(
        &mut self,
        tx: &mut Tx,
        actor: &Actor,
        row: &WorkItemRow,
    ) -> Result<()> {
        if row.sla.is_none() {
            return Ok(());
        }
        self.end_budget(tx, actor, row.instance, row.activity)
            .await?;
        let hold = format!("item:{}", row.activity);
        self.free_budget(tx, actor, row.instance, &hold).await
    }

    /// Key of the calendar of an activity: its own, else the process's, else empty for the company's.
    fn item_calendar(&self, row: &WorkItemRow) -> String {
        let loaded = self.instances.get(&row.instance);
        loaded
            .and_then(|loaded| loaded.published.calendar_of(&row.element))
            .unwrap_or_default()
            .to_owned()
    }
}

/// Whether a clock of a work item counts in business time.
fn in_business(loaded: &Loaded, row: &WorkItemRow, purpose: &TimerPurpose) -> bool {
    let binding = loaded
        .published
        .element(&row.element)
        .and_then(|facts| facts.binding.as_ref());
    let calendar = binding.and_then(|binding| match purpose {
        TimerPurpose::Escalation { rung, .. } => binding
            .escalation
            .get(usize::try_from(*rung).unwrap_or(usize::MAX))
            .map(|rung| rung.calendar),
        _ => binding.due.as_ref().map(|due| due.calendar),
    });
    calendar == Some(DueCalendar::Business)
}
