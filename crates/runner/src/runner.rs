//! The handle: what others call.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use flow::engine::{ActivityId, Event, Variables};
use kernel::{Ambient, Code, Error, Id, Result};
use ledger::Actor;
use store::{Db, Reads, Tx};

use crate::batch::apply;
use crate::command::{
    Advanced, Answer, Assignee, Command, Complete, Except, Start, What, WorkItemBrief,
};
use crate::commit::Committers;
use crate::follow;
use crate::incidents;
use crate::plugs::{Plugs, Published, Task};
use crate::rows::{self, WorkItemRow};
use crate::timers;
use crate::words::{Incident, Instance, WorkItem};

/// What all parts of the room share.
pub(crate) struct Inner {
    pub db: Db,
    pub ambient: Ambient,
    pub plugs: Plugs,
    /// Who acts when nobody does.
    pub machine: Arc<Actor>,
    /// For ever: a published version never changes.
    published: RwLock<HashMap<(String, i64), Arc<Published>>>,
}

impl Inner {
    pub async fn published(&self, process: &str, version: i64) -> Result<Arc<Published>> {
        let key = (process.to_owned(), version);
        let kept = self
            .published
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .cloned();
        if let Some(published) = kept {
            return Ok(published);
        }
        let published = self.plugs.plans.plan(process, version).await?;
        self.published
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key, Arc::clone(&published));
        Ok(published)
    }
}

/// Runs processes. Cheap to clone; the committers end with the last handle.
#[derive(Clone)]
pub struct Runner {
    inner: Arc<Inner>,
    committers: Committers,
}

/// Timers and effects at work.
pub struct Working {
    worker: jobs::Working,
    timers: timers::Working,
}

impl Working {
    /// Lets what runs come to its end; the rest is there for the next start.
    pub async fn stop(self) {
        self.timers.stop().await;
        self.worker.stop().await;
    }
}

impl Runner {
    /// Spawns the group committers: call it inside a runtime.
    pub fn new(db: Db, ambient: Ambient, plugs: Plugs) -> Self {
        let machine = Arc::new(Actor::system("runner"));
        let inner = Arc::new(Inner {
            db,
            ambient,
            plugs,
            machine,
            published: RwLock::default(),
        });
        let committers = Committers::spawn(&inner);
        Self { inner, committers }
    }

    /// Begins to fire timers and to carry out effects. Any number of nodes may.
    pub fn work(&self) -> Working {
        Working {
            worker: follow::worker(self).start(),
            timers: timers::Working::start(self.clone()),
        }
    }

    /// Fires, here and now, the timers that are due by the clock, and those that this makes due. For tests.
    pub async fn fire_due(&self) -> Result<usize> {
        let mut count = 0;
        loop {
            match timers::fire(self).await? {
                0 => return Ok(count),
                fired => count += fired,
            }
        }
    }

    /// Carries out, here and now, the effects that are due by the clock, and those that this makes due. For tests.
    pub async fn perform_due(&self) -> Result<usize> {
        follow::worker(self).run_due().await
    }

    pub(crate) fn inner(&self) -> &Arc<Inner> {
        &self.inner
    }

    pub fn db(&self) -> &Db {
        &self.inner.db
    }

    /// The published process, compiled; the runner's own copy.
    pub async fn published(&self, process: &str, version: i64) -> Result<Arc<Published>> {
        self.inner.published(process, version).await
    }

    pub(crate) async fn submit(&self, command: Command) -> Result<Answer> {
        self.committers.submit(command).await
    }

    pub(crate) async fn send(&self, actor: &Actor, what: What) -> Result<Answer> {
        self.submit(Command::new(&Arc::new(actor.clone()), what))
            .await
    }

    /// In the caller's own transaction. After an error with a code that refuses (already closed, stale…) nothing was
    /// written and the transaction can go on.
    pub(crate) async fn send_in(&self, tx: &mut Tx, actor: &Actor, what: What) -> Result<Answer> {
        let command = Command::new(&Arc::new(actor.clone()), what);
        let answer = apply(&self.inner, tx, &[&command]).await?.pop();
        answer.unwrap_or_else(|| Err(Error::internal("a command without an answer")))
    }

    /// Begins a process.
    pub async fn start(&self, actor: &Actor, start: Start) -> Result<Advanced> {
        let id = self.inner.ambient.id();
        advanced(
            self.send(
                actor,
                What::Start {
                    id,
                    start,
                    parent: None,
                },
            )
            .await?,
        )
    }

    pub async fn start_in(&self, tx: &mut Tx, actor: &Actor, start: Start) -> Result<Advanced> {
        let id = self.inner.ambient.id();
        advanced(
            self.send_in(
                tx,
                actor,
                What::Start {
                    id,
                    start,
                    parent: None,
                },
            )
            .await?,
        )
    }

    /// Closes a work item with an outcome and values, which are checked first. `AlreadyClosed`, `AlreadyClaimed` (both with
    /// `who`), `Stale`, `WrongState` when the process withdrew it, `Invalid` for outcome or values.
    pub async fn complete(&self, actor: &Actor, complete: Complete) -> Result<Advanced> {
        let mut reads = self.inner.db.read().await?;
        let row = rows::read_work_item(&mut reads, complete.work_item).await?;
        drop(reads);
        let complete = self.checked(actor, row, complete).await?;
        advanced(self.send(actor, What::Complete(complete)).await?)
    }

    pub async fn complete_in(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        complete: Complete,
    ) -> Result<Advanced> {
        let row = rows::read_work_item(tx, complete.work_item).await?;
        let complete = self.checked(actor, row, complete).await?;
        advanced(self.send_in(tx, actor, What::Complete(complete)).await?)
    }

    /// Leaves the plain way at a work item. `Invalid` where nobody catches what is raised.
    pub async fn except_in(&self, tx: &mut Tx, actor: &Actor, except: Except) -> Result<Advanced> {
        advanced(self.send_in(tx, actor, What::Except(except)).await?)
    }

    /// Begins an activity of a running ad-hoc sub-process once more.
    pub async fn begin_activity_in(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        instance: Id<Instance>,
        activity: ActivityId,
        element: &str,
    ) -> Result<Advanced> {
        let event = Event::AdHocStarted {
            activity,
            element: element.into(),
        };
        advanced(
            self.send_in(tx, actor, What::Event { instance, event })
                .await?,
        )
    }

    /// Outside the transaction: only the binding and the inputs are needed, and they never change.
    async fn checked(
        &self,
        actor: &Actor,
        row: Option<WorkItemRow>,
        mut complete: Complete,
    ) -> Result<Complete> {
        let row = row.ok_or_else(|| Error::not_found("work_item"))?;
        if !row.state.is_open() {
            // The transaction says who closed it; the values no longer matter.
            return Ok(complete);
        }
        let published = self
            .inner
            .published(&row.process, row.process_version)
            .await?;
        let binding = published
            .element(&row.element)
            .and_then(|facts| facts.binding.clone());
        let outcomes = binding
            .as_ref()
            .map(|binding| &binding.outcomes[..])
            .unwrap_or_default();
        match &complete.outcome {
            Some(outcome)
                if !outcomes.is_empty() && !outcomes.iter().any(|known| known.key == *outcome) =>
            {
                return Err(Error::invalid("outcome", "unknown_outcome"));
            }
            None if outcomes.len() > 1 => return Err(Error::invalid("outcome", "required")),
            // The only one there is.
            None => complete.outcome = outcomes.first().map(|only| only.key.clone()),
            Some(_) => {}
        }
        let task = Task {
            process: row.process,
            version: row.process_version,
            element: row.element,
            binding,
            inputs: row.inputs.0,
        };
        let values = std::mem::take(&mut complete.values);
        complete.values = self
            .inner
            .plugs
            .values
            .check(&task, complete.outcome.as_deref(), values, actor)
            .await?;
        Ok(complete)
    }

    /// Takes a work item for oneself.
    pub async fn claim(
        &self,
        actor: &Actor,
        work_item: Id<WorkItem>,
        version: Option<i64>,
    ) -> Result<WorkItemBrief> {
        item(self.send(actor, What::Claim { work_item, version }).await?)
    }

    pub async fn claim_in(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        work_item: Id<WorkItem>,
        version: Option<i64>,
    ) -> Result<WorkItemBrief> {
        item(
            self.send_in(tx, actor, What::Claim { work_item, version })
                .await?,
        )
    }

    /// Puts it back into its group's inbox.
    pub async fn release(
        &self,
        actor: &Actor,
        work_item: Id<WorkItem>,
        version: Option<i64>,
    ) -> Result<WorkItemBrief> {
        item(
            self.send(actor, What::Release { work_item, version })
                .await?,
        )
    }

    pub async fn release_in(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        work_item: Id<WorkItem>,
        version: Option<i64>,
    ) -> Result<WorkItemBrief> {
        item(
            self.send_in(tx, actor, What::Release { work_item, version })
                .await?,
        )
    }

    /// Gives it to a user or a group, whoever has it now.
    pub async fn assign(
        &self,
        actor: &Actor,
        work_item: Id<WorkItem>,
        version: Option<i64>,
        to: Assignee,
        why: Option<String>,
    ) -> Result<WorkItemBrief> {
        item(
            self.send(
                actor,
                What::Assign {
                    work_item,
                    version,
                    to,
                    why,
                },
            )
            .await?,
        )
    }

    pub async fn assign_in(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        work_item: Id<WorkItem>,
        version: Option<i64>,
        to: Assignee,
        why: Option<String>,
    ) -> Result<WorkItemBrief> {
        item(
            self.send_in(
                tx,
                actor,
                What::Assign {
                    work_item,
                    version,
                    to,
                    why,
                },
            )
            .await?,
        )
    }

    /// Ends an instance from outside.
    pub async fn cancel(
        &self,
        actor: &Actor,
        instance: Id<Instance>,
        reason: impl Into<String>,
    ) -> Result<Advanced> {
        let event = Event::Cancelled {
            reason: reason.into(),
        };
        advanced(self.send(actor, What::Event { instance, event }).await?)
    }

    pub async fn cancel_in(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        instance: Id<Instance>,
        reason: impl Into<String>,
    ) -> Result<Advanced> {
        let event = Event::Cancelled {
            reason: reason.into(),
        };
        advanced(
            self.send_in(tx, actor, What::Event { instance, event })
                .await?,
        )
    }

    /// Changes variables of a running instance; conditional events look again.
    pub async fn set_variables(
        &self,
        actor: &Actor,
        instance: Id<Instance>,
        variables: Variables,
    ) -> Result<Advanced> {
        advanced(
            self.send(
                actor,
                What::Event {
                    instance,
                    event: Event::VariablesSet { variables },
                },
            )
            .await?,
        )
    }

    /// Tries again what incidents stopped, perhaps with other variables. Each on its own: the answers stand in the order of
    /// the incidents.
    pub async fn retry(
        &self,
        actor: &Actor,
        ids: &[Id<Incident>],
        variables: &Variables,
    ) -> Result<Vec<Result<()>>> {
        let mut reads = self.inner.db.read().await?;
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            found.push(incidents::place(&mut reads, *id).await?);
        }
        drop(reads);
        let actor = Arc::new(actor.clone());
        let retries = ids.iter().zip(found).map(|(incident, place)| {
            let actor = Arc::clone(&actor);
            let variables = variables.clone();
            async move {
                let (instance, activity, resolved) =
                    place.ok_or_else(|| Error::not_found("incident"))?;
                if resolved {
                    return Err(Error::new(Code::WrongState).with("state", "resolved"));
                }
                let activity = u32::try_from(activity).map_err(Error::internal)?;
                let what = What::Retry {
                    incident: *incident,
                    instance,
                    activity,
                    variables,
                };
                self.submit(Command::new(&actor, what)).await.map(|_| ())
            }
        });
        Ok(futures::future::join_all(retries).await)
    }

    pub(crate) async fn binding_of(&self, row: &WorkItemRow) -> Result<Option<Arc<flow::Binding>>> {
        let published = self
            .inner
            .published(&row.process, row.process_version)
            .await?;
        Ok(published
            .element(&row.element)
            .and_then(|facts| facts.binding.clone()))
    }

    pub(crate) async fn row_of(
        &self,
        reads: &mut impl Reads,
        id: Id<WorkItem>,
    ) -> Result<WorkItemRow> {
        rows::read_work_item(reads, id)
            .await?
            .ok_or_else(|| Error::not_found("work_item"))
    }
}

pub(crate) fn advanced(answer: Answer) -> Result<Advanced> {
    match answer {
        Answer::Advanced(advanced) => Ok(advanced),
        Answer::Item(_) | Answer::Delivered(_) | Answer::Ignored => {
            Err(Error::new(Code::WrongState).with("state", "ended"))
        }
    }
}

fn item(answer: Answer) -> Result<WorkItemBrief> {
    match answer {
        Answer::Item(item) => Ok(item),
        Answer::Advanced(_) | Answer::Delivered(_) | Answer::Ignored => {
            Err(Error::internal("an answer of another kind"))
        }
    }
}
