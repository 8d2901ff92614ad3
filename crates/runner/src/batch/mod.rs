//! Many commands in one transaction: load what they concern, apply them in memory, write what came of it.

mod assign;
mod begin;
mod effects;
mod items;
mod moves;
mod sla;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use flow::engine::{self, Effect, Event, State, StepFault};
use kernel::{Code, Error, Id, Moment, Result};
use ledger::history::{self, Line};
use ledger::{Actor, ActorKind, audit};
use sqlx::types::Json;
use store::{Statement, Tx};
use uuid::Uuid;

use crate::command::{Advanced, Answer, Command, Start, What};
use crate::feed;
use crate::follow;
use crate::instances::Trace;
use crate::messages;
use crate::plugs::Published;
use crate::rows::{self, IncidentRow, InstanceRow, Mended, StepRow, WaitRow, WorkItemRow};
use crate::runner::Inner;
use crate::words::{Customer, Instance, InstanceState, WorkItem};

pub(crate) const STATEMENTS: &[Statement] = assign::STATEMENTS;

/// An instance in a transaction's hands.
struct Loaded {
    row: InstanceRow,
    published: Arc<Published>,
    /// The version that was read; `None` for one that begins here.
    seen: Option<i64>,
    changed: bool,
}

struct Item {
    row: WorkItemRow,
    new: bool,
    changed: bool,
}

/// Rows to write that nobody reads again in the same transaction.
#[derive(Default)]
struct Writes {
    steps: Vec<StepRow>,
    jobs: Vec<jobs::NewJob>,
    /// `None`: take it away.
    timers: BTreeMap<(Uuid, i64), Option<Moment>>,
    waits: BTreeMap<(Uuid, i64), Option<WaitRow>>,
    incidents: Vec<IncidentRow>,
    mended: Vec<Mended>,
    /// Activities whose incident somebody has seen to: their dead letters are done with.
    seen_to: Vec<(Id<Instance>, u32)>,
    history: Vec<Line>,
    /// Instance and version of what moved without a person.
    by_machine: Vec<(Id<Instance>, i64)>,
}

struct Batch<'a> {
    inner: &'a Inner,
    now: Moment,
    instances: HashMap<Id<Instance>, Loaded>,
    items: HashMap<Id<WorkItem>, Item>,
    of_activity: HashMap<(Id<Instance>, i64), Id<WorkItem>>,
    writes: Writes,
    /// What the next step's trace begins with.
    extra: Vec<Trace>,
}

/// Applies the commands, in order, as part of the transaction. The outer error means that nothing can be committed; an inner
/// one refuses its command, of which nothing was written.
pub(crate) async fn apply(
    inner: &Inner,
    tx: &mut Tx,
    commands: &[&Command],
) -> Result<Vec<Result<Answer>>> {
    let now = inner.ambient.now();
    let leases: Vec<_> = commands
        .iter()
        .filter_map(|command| command.lease.clone())
        .collect();
    let held = if leases.is_empty() {
        HashSet::new()
    } else {
        jobs::settle(tx, now, &leases).await?
    };
    let mut batch = Batch::load(inner, tx, now, commands).await?;
    let mut answers = Vec::with_capacity(commands.len());
    for command in commands {
        let lost = command
            .lease
            .as_ref()
            .is_some_and(|(lease, _)| !held.contains(&lease.job));
        let answer = if lost {
            Err(jobs::lost())
        } else {
            batch.command(tx, command).await
        };
        match answer {
            Err(error) if !is_refusal(&error) => return Err(error),
            answer => answers.push(answer),
        }
    }
    batch.write(tx).await?;
    Ok(answers)
}

/// Whether the error refuses one command, as opposed to breaking the transaction.
fn is_refusal(error: &Error) -> bool {
    !matches!(
        error.code(),
        Code::Internal | Code::Unavailable | Code::Timeout | Code::StorageFull | Code::Duplicate
    )
}

impl<'a> Batch<'a> {
    async fn load(
        inner: &'a Inner,
        tx: &mut Tx,
        now: Moment,
        commands: &[&Command],
    ) -> Result<Self> {
        let mut batch = Self {
            inner,
            now,
            instances: HashMap::new(),
            items: HashMap::new(),
            of_activity: HashMap::new(),
            writes: Writes::default(),
            extra: Vec::new(),
        };
        let mut items: Vec<_> = commands
            .iter()
            .filter_map(|command| command.work_item())
            .collect();
        items.sort_unstable();
        items.dedup();
        let mut instances: Vec<_> = commands
            .iter()
            .filter_map(|command| command.instance())
            .collect();
        if !items.is_empty() {
            instances.extend(rows::instances_of(tx, &items).await?);
        }
        instances.sort_unstable();
        instances.dedup();
        for row in rows::lock_instances(tx, &instances).await? {
            let published = inner.published(&row.process, row.process_version).await?;
            let seen = Some(row.version);
            batch.instances.insert(
                row.id,
                Loaded {
                    row,
                    published,
                    seen,
                    changed: false,
                },
            );
        }
        // Only now, with their instances held: nobody changes them any more.
        for row in rows::work_items(tx, &items).await? {
            batch.keep(row);
        }
        Ok(batch)
    }

    /// Takes one more instance, which no command named.
    async fn hold(&mut self, tx: &mut Tx, id: Id<Instance>) -> Result<()> {
        if self.instances.contains_key(&id) {
            return Ok(());
        }
        for row in rows::lock_instances(tx, &[id]).await? {
            let published = self
                .inner
                .published(&row.process, row.process_version)
                .await?;
            let loaded = Loaded {
                seen: Some(row.version),
                row,
                published,
                changed: false,
            };
            self.instances.insert(id, loaded);
        }
        Ok(())
    }

    fn keep(&mut self, row: WorkItemRow) -> Id<WorkItem> {
        let id = row.id;
        self.of_activity.insert((row.instance, row.activity), id);
        self.items.insert(
            id,
            Item {
                row,
                new: false,
                changed: false,
            },
        );
        id
    }

    async fn command(&mut self, tx: &mut Tx, command: &Command) -> Result<Answer> {
        let actor = &command.actor;
        match &command.what {
            What::Start { id, start, parent } => self
                .start(tx, actor, *id, start, *parent)
                .await
                .map(Answer::Advanced),
            What::Complete(complete) => self
                .complete(tx, actor, complete)
                .await
                .map(Answer::Advanced),
            What::Except(except) => self.except(tx, actor, except).await.map(Answer::Advanced),
            What::Claim { work_item, version } => self
                .claim(tx, actor, *work_item, *version)
                .await
                .map(Answer::Item),
            What::Release { work_item, version } => self
                .release(tx, actor, *work_item, *version)
                .await
                .map(Answer::Item),
            What::Assign {
                work_item,
                version,
                to,
                why,
            } => self
                .assign_to(tx, actor, *work_item, *version, to, why.as_deref())
                .await
                .map(Answer::Item),
            What::Event { instance, event } => self.event(tx, actor, *instance, event).await,
            What::Retry {
                incident,
                instance,
                activity,
                variables,
            } => {
                let event = Event::IncidentResolved {
                    activity: engine::ActivityId(*activity),
                    variables: variables.clone(),
                };
                let advanced = self.advance(tx, actor, *instance, event).await?;
                self.writes.seen_to.push((*instance, *activity));
                let entry = audit::Entry::new("incident.retry", "runner", "incident").of(incident);
                audit::record(tx, self.now, actor, entry);
                Ok(Answer::Advanced(advanced))
            }
            What::Accept {
                incident,
                instance,
                activity,
                variables,
                reason,
            } => {
                let event = Event::IncidentAccepted {
                    activity: engine::ActivityId(*activity),
                    variables: variables.clone(),
                };
                let advanced = self.advance(tx, actor, *instance, event).await?;
                self.writes.seen_to.push((*instance, *activity));
                let mut entry =
                    audit::Entry::new("incident.accept", "runner", "incident").of(incident);
                entry.note = Some(reason.clone());
                entry.change = Some(serde_json::json!({ "after": variables }));
                audit::record(tx, self.now, actor, entry);
                Ok(Answer::Advanced(advanced))
            }
            What::Pause {
                work_item,
                version,
                reason,
            } => self
                .pause(tx, actor, *work_item, *version, reason)
                .await
                .map(Answer::Item),
            What::Resume { work_item, version } => self
                .resume(tx, actor, *work_item, *version)
                .await
                .map(Answer::Item),
            What::BudgetDue { instance } => self.budget_due(tx, actor, *instance).await,
            What::Publish(publish) => self
                .publish(tx, actor, publish)
                .await
                .map(Answer::Delivered),
            What::Offer { message } => self.offer(tx, actor, *message).await,
            What::Slot { listener } => self.slot(tx, actor, *listener).await,
            What::Evaluate {
                variables,
                customer,
            } => self
                .evaluate(tx, actor, variables, *customer)
                .await
                .map(Answer::Delivered),
            What::Move { instance, change } => self
                .transferred(tx, actor, *instance, change)
                .await
                .map(Answer::Advanced),
            What::Undo { instance, made } => self
                .moved_back(tx, actor, *instance, *made)
                .await
                .map(Answer::Advanced),
            What::Modify { instance, change } => self
                .modified(tx, actor, *instance, change)
                .await
                .map(Answer::Advanced),
        }
    }

    async fn start(
        &mut self,
        tx: &mut Tx,
        actor: &Arc<Actor>,
        id: Id<Instance>,
        start: &Start,
        parent: Option<(Id<Instance>, u32)>,
    ) -> Result<Advanced> {
        let published = self.inner.published(&start.process, start.version).await?;
        let event = Event::Start {
            start_event: start.start_event.as_deref().map(Arc::from),
            trigger: start.trigger,
            variables: start.variables.clone(),
        };
        let (state, effects) = stepped(&published, &State::default(), &event, self.now)?;
        let row = InstanceRow {
            id,
            process: start.process.clone(),
            process_version: start.version,
            customer: start.customer,
            state: InstanceState::Running,
            version: 0,
            data: Json(State::default()),
            incidents: 0,
            parent: parent.map(|(instance, _)| instance),
            parent_activity: parent.map(|(_, activity)| i64::from(activity)),
            started: self.now,
            started_by: actor.user,
            ended: None,
        };
        let name = published.name.clone();
        self.instances.insert(
            id,
            Loaded {
                row,
                published,
                seen: None,
                changed: true,
            },
        );
        if let Some(customer) = start.customer {
            let mut line = self.line(customer, history::kinds::PROCESS_STARTED, actor, &name);
            line.instance = Some(id.uuid());
            self.tell_customer(tx, customer, line);
        }
        if actor.kind != ActorKind::System {
            let mut entry = audit::Entry::new("process.start", "runner", "instance").of(id);
            entry.customer = start.customer.map(Id::uuid);
            entry.note = Some(format!("{} {}", start.process, start.version));
            audit::record(tx, self.now, actor, entry);
        }
        self.begin_budget(tx, actor, id).await?;
        let event = serde_json::to_value(&event).map_err(Error::internal)?;
        self.advanced(tx, actor, id, event, state, effects).await
    }

    /// An event of the machine's, or of a person where no command of its own exists.
    async fn event(
        &mut self,
        tx: &mut Tx,
        actor: &Arc<Actor>,
        id: Id<Instance>,
        event: &Event,
    ) -> Result<Answer> {
        if let Event::TimerFired { timer } | Event::TimerStuck { timer, .. } = event {
            // Acted upon or not: it is gone with this transaction.
            self.writes
                .timers
                .insert((id.uuid(), i64::from(timer.0)), None);
        }
        let answer = self.advance(tx, actor, id, event.clone()).await;
        match answer {
            Ok(advanced) => {
                if actor.kind != ActorKind::System {
                    let (operation, note) = match event {
                        Event::Cancelled { reason } => ("process.cancel", Some(reason.clone())),
                        Event::VariablesSet { .. } => ("process.change", None),
                        Event::MessageReceived { name, .. } => {
                            ("process.message", Some(name.clone()))
                        }
                        Event::SignalReceived { name, .. } => {
                            ("process.signal", Some(name.clone()))
                        }
                        Event::AdHocStarted { element, .. } => {
                            ("process.activity", Some(element.to_string()))
                        }
                        _ => ("process.advance", None),
                    };
                    let mut entry = audit::Entry::new(operation, "runner", "instance").of(id);
                    entry.note = note;
                    entry.customer = self
                        .instances
                        .get(&id)
                        .and_then(|loaded| loaded.row.customer)
                        .map(Id::uuid);
                    audit::record(tx, self.now, actor, entry);
                }
                Ok(Answer::Advanced(advanced))
            }
            // It came too late, or twice. A person is told; the machine has nobody to tell.
            Err(error) if actor.kind == ActorKind::System && is_too_late(&error) => {
                Ok(Answer::Ignored)
            }
            Err(error) => Err(error),
        }
    }

    async fn advance(
        &mut self,
        tx: &mut Tx,
        actor: &Arc<Actor>,
        id: Id<Instance>,
        event: Event,
    ) -> Result<Advanced> {
        let loaded = self
            .instances
            .get(&id)
            .ok_or_else(|| Error::not_found("instance"))?;
        let (state, effects) = stepped(&loaded.published, &loaded.row.data.0, &event, self.now)?;
        let event = serde_json::to_value(&event).map_err(Error::internal)?;
        self.advanced(tx, actor, id, event, state, effects).await
    }

    /// Takes over what a step gave. From here on only the database can fail.
    async fn advanced(
        &mut self,
        tx: &mut Tx,
        actor: &Arc<Actor>,
        id: Id<Instance>,
        event: serde_json::Value,
        state: State,
        effects: Vec<Effect>,
    ) -> Result<Advanced> {
        let loaded = self
            .instances
            .get_mut(&id)
            .ok_or_else(|| Error::not_found("instance"))?;
        loaded.row.data = Json(state);
        loaded.row.version += 1;
        loaded.changed = true;
        let number = loaded.row.version;
        let (effects, opened) = self.effects(tx, actor, id, effects).await?;
        let mut trace = std::mem::take(&mut self.extra);
        trace.extend(effects);
        if actor.kind == ActorKind::System {
            self.writes.by_machine.push((id, number));
        }
        self.writes.steps.push(StepRow {
            instance: id,
            number,
            at: self.now,
            user_id: actor.user,
            user_name: Arc::from(actor.name.as_str()),
            event,
            trace: serde_json::to_value(&trace).map_err(Error::internal)?,
        });
        feed::publish(
            tx,
            self.now,
            format!("instance:{id}"),
            "instance.changed",
            id.uuid(),
        );
        let loaded = self
            .instances
            .get(&id)
            .ok_or_else(|| Error::not_found("instance"))?;
        let open = opened
            .iter()
            .filter_map(|item| self.items.get(item))
            .filter(|item| item.row.state.is_open());
        Ok(Advanced {
            instance: id,
            state: loaded.row.state,
            version: number,
            opened: open.map(|item| item.row.brief()).collect(),
        })
    }

    fn line(
        &self,
        customer: Id<Customer>,
        kind: &str,
        actor: &Actor,
        process: &flow::model::Text,
    ) -> Line {
        let summary = history::Summary::key(&format!("history-{}", kind.replace('_', "-")));
        let mut line = Line::new(
            self.inner.ambient.id(),
            customer,
            self.now,
            kind,
            actor,
            summary,
        );
        line.process = Some(process.get(kernel::Language::Es).to_owned());
        line
    }

    fn tell_customer(&mut self, tx: &mut Tx, customer: Id<Customer>, line: Line) {
        feed::publish(
            tx,
            self.now,
            format!("customer:{customer}"),
            "customer.history",
            customer.uuid(),
        );
        self.writes.history.push(line);
    }

    async fn write(self, tx: &mut Tx) -> Result<()> {
        let Self {
            inner,
            now,
            instances,
            items,
            writes,
            ..
        } = self;
        let mut new = Vec::new();
        let mut changed = Vec::new();
        for loaded in instances.values().filter(|loaded| loaded.changed) {
            match loaded.seen {
                None => new.push(&loaded.row),
                Some(seen) => changed.push((seen, &loaded.row)),
            }
        }
        rows::insert_instances(tx, &new).await?;
        if rows::update_instances(tx, &changed).await? != changed.len() as u64 {
            return Err(Error::internal(
                "an instance changed although its row was held",
            ));
        }
        rows::insert_steps(tx, &writes.steps).await?;
        let mut new: Vec<_> = items
            .values()
            .filter(|item| item.new)
            .map(|item| &item.row)
            .collect();
        new.sort_by_key(|row| row.id);
        let changed: Vec<_> = items
            .values()
            .filter(|item| item.changed && !item.new)
            .map(|item| &item.row)
            .collect();
        rows::insert_work_items(tx, &new).await?;
        rows::update_work_items(tx, &changed).await?;

        let (set, gone): (Vec<_>, Vec<_>) = writes
            .timers
            .into_iter()
            .partition(|(_, due)| due.is_some());
        let gone: Vec<_> = gone.into_iter().map(|(key, _)| key).collect();
        jobs::timer::remove(tx, &gone).await?;
        let set = set.into_iter().filter_map(|((subject, number), due)| {
            Some(jobs::timer::Timer {
                subject,
                number,
                due: due?,
            })
        });
        jobs::timer::schedule(tx, &set.collect::<Vec<_>>()).await?;

        let (awaited, forgotten): (Vec<_>, Vec<_>) = writes
            .waits
            .into_iter()
            .partition(|(_, wait)| wait.is_some());
        rows::delete_waits(
            tx,
            &forgotten
                .into_iter()
                .map(|(key, _)| key)
                .collect::<Vec<_>>(),
        )
        .await?;
        let awaited: Vec<_> = awaited.into_iter().filter_map(|(_, wait)| wait).collect();
        rows::insert_waits(tx, &awaited).await?;
        let mut names: Vec<_> = awaited
            .iter()
            .filter(|wait| wait.kind == "message")
            .map(|wait| wait.name.as_str())
            .collect();
        names.sort_unstable();
        names.dedup();
        messages::offer(tx, inner, &names).await?;

        rows::mend_incidents(tx, &writes.mended).await?;
        for (instance, activity) in &writes.seen_to {
            jobs::close_keyed(tx, now, &follow::perform_key(*instance, *activity)).await?;
        }
        rows::insert_incidents(tx, &writes.incidents).await?;
        if !writes.jobs.is_empty() {
            jobs::enqueue(tx, &inner.ambient, &writes.jobs).await?;
        }
        if !writes.history.is_empty() {
            history::append(tx, &writes.history).await?;
        }
        if !writes.by_machine.is_empty() {
            // One entry for all that the machine moved in this transaction, naming each.
            let moved: Vec<_> = writes
                .by_machine
                .iter()
                .map(|(id, version)| format!("{id} {version}"))
                .collect();
            let entry =
                audit::Entry::new("process.advance", "runner", "instance").note(moved.join(", "));
            audit::record(tx, now, &inner.machine, entry);
        }
        Ok(())
    }
}

/// One step of the kernel, or why the event is refused. `Endless` and `TooManyTokens` leave the state as it was, too: the
/// kernel worked on a copy.
fn stepped(
    published: &Published,
    state: &State,
    event: &Event,
    now: Moment,
) -> Result<(State, Vec<Effect>)> {
    engine::step(&published.plan, state, event.clone(), now).map_err(refused)
}

fn refused(fault: StepFault) -> Error {
    let error = match &fault {
        StepFault::NoSuchStart { .. } => Error::invalid("start_event", "unknown_start"),
        StepFault::UnknownOutcome { .. } => Error::invalid("outcome", "unknown_outcome"),
        StepFault::NotCaught { .. } => Error::invalid("code", "unknown_exception"),
        StepFault::NoSuchElement { .. } => Error::invalid("element", "unknown_element"),
        StepFault::Ended => Error::new(Code::WrongState).with("state", "ended"),
        StepFault::NoSuchActivity { .. }
        | StepFault::NoSuchTimer { .. }
        | StepFault::WrongAnswer { .. } => Error::new(Code::WrongState).with("state", "closed"),
        StepFault::NotAwaited { .. } => Error::new(Code::WrongState).with("state", "not_awaited"),
        StepFault::Endless { element } => Error::new(Code::BadDefinition).field(
            kernel::FieldProblem::new(element.to_string(), "endless_loop"),
        ),
        StepFault::TooManyTokens { limit } => Error::new(Code::TooLarge).with("limit", limit),
        StepFault::AlreadyStarted | StepFault::NotStarted | StepFault::Foreign => {
            Error::new(Code::WrongState).with("state", fault.code())
        }
    };
    error.because(fault)
}

fn is_too_late(error: &Error) -> bool {
    matches!(error.code(), Code::WrongState | Code::NotFound)
}
