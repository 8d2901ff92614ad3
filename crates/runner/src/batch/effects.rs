//! What the kernel asks for, as rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use flow::engine::{ActivityId, Effect, Variables};
use flow::model::{DueCalendar, Timing, TimingKind};
use jobs::NewJob;
use kernel::calendar::Slots;
use kernel::{Error, Id, Moment, Result};
use ledger::{Actor, history};
use sqlx::types::Json;
use store::Tx;

use super::{Batch, Item};
use crate::feed;
use crate::follow;
use crate::instances::Trace;
use crate::rows::{IncidentRow, Mended, Reason, WaitRow, WorkItemRow, work_item_of};
use crate::starts;
use crate::words::{Instance, InstanceState, WorkItem, WorkItemState};

impl Batch<'_> {
    /// Returns the trace for the step, and the work items that were opened.
    pub(super) async fn effects(
        &mut self,
        tx: &mut Tx,
        actor: &Arc<Actor>,
        id: Id<Instance>,
        effects: Vec<Effect>,
    ) -> Result<(Vec<Trace>, Vec<Id<WorkItem>>)> {
        let mut trace = Vec::with_capacity(effects.len());
        let mut opened = Vec::new();
        let mut dues = BTreeMap::new();
        let mut uncaught = None;
        for effect in effects {
            match effect {
                Effect::Entered { activity, element } => {
                    if let Some(name) = self.awaits_customer(id, &element) {
                        let hold = format!("activity:{activity}");
                        self.hold_budget(tx, actor, id, hold, &name).await?;
                    }
                    trace.push(Trace::In { activity, element });
                }
                Effect::Left {
                    activity,
                    element,
                    ending,
                } => {
                    if self.awaits_customer(id, &element).is_some() {
                        self.free_budget(tx, actor, id, &format!("activity:{activity}"))
                            .await?;
                    }
                    trace.push(Trace::Out {
                        activity,
                        element,
                        ending,
                    });
                }
                Effect::Took { flow } => trace.push(Trace::Flow { flow }),
                Effect::WorkItemOpened {
                    activity,
                    element,
                    name,
                    group,
                    inputs,
                    binding: _,
                } => {
                    let item = self
                        .open(
                            tx,
                            actor,
                            id,
                            activity,
                            &element,
                            &name,
                            group.as_deref(),
                            inputs,
                        )
                        .await?;
                    opened.push(item);
                    trace.push(Trace::Opened {
                        activity,
                        element,
                        work_item: item,
                    });
                }
                Effect::WorkItemWithdrawn { activity, .. } => {
                    self.withdraw(tx, id, activity).await?;
                }
                Effect::TransactionRequested {
                    activity,
                    element,
                    request,
                    inputs,
                    binding: _,
                } => {
                    let row = &self
                        .instances
                        .get(&id)
                        .ok_or_else(|| Error::not_found("instance"))?
                        .row;
                    let number = row.version;
                    let asked = follow::Asked {
                        instance: id,
                        activity: activity.0,
                        process: row.process.clone(),
                        version: row.process_version,
                        element: element.to_string(),
                        customer: row.customer,
                        request,
                        inputs,
                    };
                    let job = NewJob::new(follow::PERFORM, &asked)?;
                    self.writes.jobs.push(
                        job.keyed(format!("{}{number}", follow::perform_key(id, activity.0))),
                    );
                    trace.push(Trace::Asked { activity, element });
                }
                // The handler looks whether the activity still waits before it begins.
                Effect::TransactionWithdrawn { .. } => {}
                Effect::Called {
                    activity,
                    element,
                    process,
                    variables,
                } => {
                    let customer = self
                        .instances
                        .get(&id)
                        .and_then(|loaded| loaded.row.customer);
                    let process = process.to_string();
                    let call = follow::Called {
                        instance: id,
                        activity: activity.0,
                        process,
                        customer,
                        variables,
                    };
                    self.writes.jobs.push(NewJob::new(follow::CALL, &call)?);
                    trace.push(Trace::Asked { activity, element });
                }
                Effect::CallWithdrawn { activity, .. } => {
                    let end = follow::Abandoned {
                        instance: id,
                        activity: activity.0,
                    };
                    self.writes.jobs.push(NewJob::new(follow::ABANDON, &end)?);
                }
                Effect::TimerScheduled {
                    timer,
                    element,
                    purpose,
                    due,
                    timing,
                    calendar,
                } => {
                    let key = self
                        .instances
                        .get(&id)
                        .and_then(|loaded| loaded.published.calendar_of(&element));
                    let due = self.due(due, &timing, calendar, key);
                    self.writes
                        .timers
                        .insert((id.uuid(), i64::from(timer.0)), Some(due));
                    if let flow::engine::TimerPurpose::Due { activity } = purpose {
                        dues.insert(activity, due);
                    }
                    trace.push(Trace::Timer {
                        timer,
                        element,
                        due,
                    });
                }
                Effect::TimerCancelled { timer, .. } => {
                    self.writes
                        .timers
                        .insert((id.uuid(), i64::from(timer.0)), None);
                }
                Effect::MessageAwaited {
                    wait,
                    name,
                    correlation,
                    ..
                } => {
                    self.await_(id, i64::from(wait.0), "message", &name, correlation);
                }
                Effect::SignalAwaited { wait, name, .. } => {
                    self.await_(id, i64::from(wait.0), "signal", &name, None);
                }
                Effect::Forgotten { wait, .. } => {
                    // Awaited and forgotten in one transaction: taking away what is not there does no harm.
                    self.writes
                        .waits
                        .insert((id.uuid(), i64::from(wait.0)), None);
                }
                Effect::MessageSent {
                    element,
                    name,
                    correlation,
                    variables,
                    ..
                } => {
                    let sent = follow::Sent {
                        from: Some(id),
                        name: name.to_string(),
                        correlation,
                        variables,
                    };
                    self.writes.jobs.push(NewJob::new(follow::MESSAGE, &sent)?);
                    trace.push(Trace::Sent { element, name });
                }
                Effect::SignalThrown {
                    element,
                    name,
                    variables,
                } => {
                    let sent = follow::Sent {
                        from: Some(id),
                        name: name.to_string(),
                        correlation: None,
                        variables,
                    };
                    self.writes.jobs.push(NewJob::new(follow::SIGNAL, &sent)?);
                    trace.push(Trace::Sent { element, name });
                }
                Effect::Overdue { activity, element } => {
                    if let Some(row) = self.item_of(tx, id, activity).await? {
                        self.announce(tx, &row, "work_item.overdue");
                    }
                    trace.push(Trace::Overdue { activity, element });
                }
                Effect::Escalated {
                    activity,
                    element,
                    rung,
                    to,
                } => {
                    self.escalate(tx, actor, id, activity, rung, &to).await?;
                    trace.push(Trace::Escalated {
                        activity,
                        element,
                        rung,
                        to,
                    });
                }
                Effect::EscalationThrown {
                    element,
                    code,
                    caught,
                } => {
                    let row = &self
                        .instances
                        .get(&id)
                        .ok_or_else(|| Error::not_found("instance"))?
                        .row;
                    // What nobody catches here may be caught where this process was called.
                    if let (None, Some(parent), Some(activity)) =
                        (caught, row.parent, row.parent_activity)
                    {
                        let raised = follow::Raised {
                            instance: parent,
                            activity: u32::try_from(activity).map_err(Error::internal)?,
                            code: code.as_deref().map(str::to_owned),
                        };
                        self.writes.jobs.push(NewJob::new(follow::RAISED, &raised)?);
                    }
                    trace.push(Trace::Escalation { element, code });
                }
                Effect::ErrorUncaught { element, code } => {
                    uncaught = Some(code.as_deref().unwrap_or_default().to_owned());
                    trace.push(Trace::Error { element, code });
                }
                // The state holds them; what changed from outside is in the event.
                Effect::VariablesChanged { .. } => {}
                Effect::IncidentRaised {
                    activity,
                    element,
                    code,
                    message,
                } => {
                    self.raise(tx, id, activity, &element, &code, message);
                    trace.push(Trace::Incident {
                        activity,
                        element,
                        code,
                    });
                }
                Effect::IncidentCleared { activity, element } => {
                    let row = Mended {
                        instance: id,
                        activity: i64::from(activity.0),
                        at: self.now,
                        by: actor.user,
                    };
                    self.writes.mended.push(row);
                    self.count_incidents(id, -1);
                    feed::publish(tx, self.now, "incidents", "incident.changed", id.uuid());
                    trace.push(Trace::Mended { activity, element });
                }
                Effect::Completed => {
                    let state = if uncaught.is_some() {
                        InstanceState::Failed
                    } else {
                        InstanceState::Completed
                    };
                    self.end(tx, actor, id, state, uncaught.clone()).await?;
                    trace.push(Trace::Ended);
                }
                Effect::Terminated { reason } => {
                    let state = if uncaught.is_some() {
                        InstanceState::Failed
                    } else {
                        InstanceState::Cancelled
                    };
                    self.end(tx, actor, id, state, uncaught.clone()).await?;
                    trace.push(Trace::Terminated { reason });
                }
            }
        }
        for (activity, due) in dues {
            if let Some(mut row) = self.item_of(tx, id, activity).await? {
                row.due = Some(due);
                self.change(row);
            }
        }
        Ok((trace, opened))
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one effect")]
    async fn open(
        &mut self,
        tx: &mut Tx,
        actor: &Actor,
        instance: Id<Instance>,
        activity: ActivityId,
        element: &str,
        name: &str,
        group: Option<&str>,
        inputs: Variables,
    ) -> Result<Id<WorkItem>> {
        let loaded = self
            .instances
            .get(&instance)
            .ok_or_else(|| Error::not_found("instance"))?;
        let choice = self.choose(tx, actor, loaded, element, group).await?;
        let row = WorkItemRow {
            id: self.inner.ambient.id(),
            instance,
            activity: i64::from(activity.0),
            process: loaded.row.process.clone(),
            process_version: loaded.row.process_version,
            customer: loaded.row.customer,
            element: element.to_owned(),
            name: if name.is_empty() {
                element.to_owned()
            } else {
                name.to_owned()
            },
            state: WorkItemState::Open,
            group_key: choice.group,
            assignee: choice.user,
            reason: Json(choice.reason),
            sender: actor.user,
            level: 0,
            due: None,
            opened: self.now,
            closed: None,
            closed_by: None,
            outcome: None,
            inputs: Json(inputs),
            answer: None,
            version: 1,
            paused: None,
            sla: None,
        };
        self.announce(tx, &row, "work_item.opened");
        let id = row.id;
        self.of_activity.insert((instance, row.activity), id);
        self.items.insert(
            id,
            Item {
                row,
                new: true,
                changed: false,
            },
        );
        Ok(id)
    }

    /// The work item of an activity; loaded where no command named it.
    async fn item_of(
        &mut self,
        tx: &mut Tx,
        instance: Id<Instance>,
        activity: ActivityId,
    ) -> Result<Option<WorkItemRow>> {
        let key = (instance, i64::from(activity.0));
        if !self.of_activity.contains_key(&key) {
            let Some(row) = work_item_of(tx, key.0, key.1).await? else {
                return Ok(None);
            };
            self.keep(row);
        }
        let item = self.of_activity.get(&key).and_then(|id| self.items.get(id));
        Ok(item.map(|item| item.row.clone()))
    }

    async fn withdraw(
        &mut self,
        tx: &mut Tx,
        instance: Id<Instance>,
        activity: ActivityId,
    ) -> Result<()> {
        let Some(mut row) = self.item_of(tx, instance, activity).await? else {
            return Ok(());
        };
        if !row.state.is_open() {
            return Ok(());
        }
        self.announce(tx, &row, "work_item.closed");
        let clock = ledger::Actor::system("runner");
        self.close_budget(tx, &clock, &row).await?;
        row.paused = None;
        row.state = WorkItemState::Withdrawn;
        row.closed = Some(self.now);
        row.version += 1;
        self.change(row);
        Ok(())
    }

    /// The work item moves to the next level by itself, and everybody concerned hears of it.
    async fn escalate(
        &mut self,
        tx: &mut Tx,
        actor: &Actor,
        instance: Id<Instance>,
        activity: ActivityId,
        rung: u32,
        to: &str,
    ) -> Result<()> {
        let Some(mut row) = self.item_of(tx, instance, activity).await? else {
            return Ok(());
        };
        if !row.state.is_open() {
            return Ok(());
        }
        self.announce(tx, &row, "work_item.escalated");
        let from = row.group_key.replace(to.to_owned()).unwrap_or_default();
        row.state = WorkItemState::Open;
        row.assignee = None;
        row.level = i64::from(rung) + 1;
        row.reason = Json(
            Reason::new("escalation")
                .with("rung", rung + 1)
                .with("from", &from),
        );
        row.version += 1;
        self.announce(tx, &row, "work_item.opened");
        if let Some(customer) = row.customer {
            let name = self
                .instances
                .get(&instance)
                .map(|loaded| loaded.published.name.clone())
                .unwrap_or_default();
            let mut line = self.line(customer, history::kinds::ESCALATION, actor, &name);
            line.activity = Some(row.name.clone());
            line.instance = Some(instance.uuid());
            line.work_item = Some(row.id.uuid());
            line.summary = line
                .summary
                .with("from", from)
                .with("to", to)
                .with("level", row.level);
            self.tell_customer(tx, customer, line);
        }
        self.change(row);
        Ok(())
    }

    /// The kernel counts hours that always run; business hours are counted here.
    fn due(
        &self,
        due: Moment,
        timing: &Timing,
        calendar: DueCalendar,
        key: Option<&str>,
    ) -> Moment {
        if due == self.now {
            // What has come already comes at once, whatever its text says.
            return due;
        }
        let office = self.inner.plugs.calendars.named(key);
        if calendar == DueCalendar::Always || timing.kind == TimingKind::Date {
            // The kernel knows no zone: days, months and instants without an offset are the calendar's.
            let kind = starts::slot_kind(timing.kind);
            let slots = Slots::parse(kind, &timing.text, office.zone());
            return slots
                .and_then(|slots| slots.set_at(self.now))
                .unwrap_or(due);
        }
        let text = timing.text.rsplit('/').next().unwrap_or_default();
        // An expression has no literal text; the kernel has evaluated it.
        let counted = office
            .after(self.now, text)
            .or_else(|_| office.add(self.now, due.since(self.now)));
        counted.unwrap_or_else(|error| {
            tracing::warn!(%error, "no business time ahead; the due time counts always");
            due
        })
    }

    fn await_(
        &mut self,
        instance: Id<Instance>,
        number: i64,
        kind: &'static str,
        name: &str,
        correlation: Option<String>,
    ) {
        let row = WaitRow {
            instance,
            number,
            kind,
            name: name.to_owned(),
            correlation,
        };
        self.writes
            .waits
            .insert((instance.uuid(), number), Some(row));
    }

    fn raise(
        &mut self,
        tx: &mut Tx,
        id: Id<Instance>,
        activity: ActivityId,
        element: &str,
        code: &str,
        message: String,
    ) {
        let Some(loaded) = self.instances.get(&id) else {
            return;
        };
        self.writes.incidents.push(IncidentRow {
            id: self.inner.ambient.id(),
            instance: id,
            activity: i64::from(activity.0),
            process: loaded.row.process.clone(),
            process_version: loaded.row.process_version,
            element: element.to_owned(),
            code: code.to_owned(),
            pattern: crate::told::pattern(&message),
            message,
            raised: self.now,
        });
        self.count_incidents(id, 1);
        feed::publish(tx, self.now, "incidents", "incident.changed", id.uuid());
    }

    fn count_incidents(&mut self, id: Id<Instance>, by: i64) {
        if let Some(loaded) = self.instances.get_mut(&id) {
            loaded.row.incidents = (loaded.row.incidents + by).max(0);
        }
    }

    /// What the element is called, where the customer is awaited there and the whole has a budget.
    fn awaits_customer(&self, id: Id<Instance>, element: &str) -> Option<String> {
        let published = &self.instances.get(&id)?.published;
        published.allowance.as_ref()?;
        let facts = published.element(element)?;
        let awaits = facts.binding.as_ref()?.awaits_customer;
        awaits.then(|| match &*facts.name {
            "" => element.to_owned(),
            name => name.to_owned(),
        })
    }

    async fn end(
        &mut self,
        tx: &mut Tx,
        actor: &Actor,
        id: Id<Instance>,
        state: InstanceState,
        error: Option<String>,
    ) -> Result<()> {
        let Some(loaded) = self.instances.get_mut(&id) else {
            return Ok(());
        };
        loaded.row.state = state;
        loaded.row.ended = Some(self.now);
        if loaded.published.allowance.is_some() {
            self.writes
                .timers
                .insert((id.uuid(), crate::sla::BUDGET_TIMER), None);
            self.end_budget(tx, actor, id, crate::sla::WHOLE).await?;
        }
        let Some(loaded) = self.instances.get_mut(&id) else {
            return Ok(());
        };
        let (name, customer, started) = (
            loaded.published.name.clone(),
            loaded.row.customer,
            loaded.row.started,
        );
        if let (Some(parent), Some(activity)) = (loaded.row.parent, loaded.row.parent_activity) {
            let ended = follow::Ended {
                instance: parent,
                activity: u32::try_from(activity).map_err(Error::internal)?,
                state,
                error,
                variables: loaded.row.data.0.variables.clone(),
            };
            self.writes.jobs.push(NewJob::new(follow::CALLED, &ended)?);
        }
        if let Some(customer) = customer {
            let kind = match state {
                InstanceState::Cancelled => history::kinds::PROCESS_CANCELLED,
                _ => history::kinds::PROCESS_ENDED,
            };
            let mut line = self.line(customer, kind, actor, &name);
            line.instance = Some(id.uuid());
            line.state = Some(state.text().to_owned());
            line.duration = Some(self.now.since(started));
            self.tell_customer(tx, customer, line);
        }
        Ok(())
    }
}
