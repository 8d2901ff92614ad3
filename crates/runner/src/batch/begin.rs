//! What reaches instances that may not exist yet: messages, start events.

use std::sync::Arc;

use flow::engine::{Event, Variables, WaitId};
use kernel::{Code, Error, Id, Result};
use ledger::{Actor, ActorKind, audit};
use sqlx::types::Json;
use store::Tx;

use super::Batch;
use crate::command::{Answer, Start};
use crate::follow;
use crate::messages::{self, Delivered, Kept, KeptMessage, Publish};
use crate::starts::{self, Listener, StartRow};
use crate::words::{Customer, Instance};

/// How many of those who await a message are asked. Beyond the first they matter only where a step refuses it.
const ASKED: i64 = 20;

impl Batch<'_> {
    pub(super) async fn publish(
        &mut self,
        tx: &mut Tx,
        actor: &Arc<Actor>,
        publish: &Publish,
    ) -> Result<Delivered> {
        let reached = self.deliver(tx, actor, publish).await?;
        let delivered = match (reached, publish.keep) {
            (Some(delivered), _) => delivered,
            (None, Some(keep)) => {
                let kept = Kept {
                    id: self.inner.ambient.id(),
                    name: publish.name.clone(),
                    correlation: publish.correlation.clone(),
                    variables: Json(publish.variables.clone()),
                    customer: publish.customer,
                    at: self.now,
                    until: self.now + keep,
                    user_id: actor.user,
                    user_name: actor.name.clone(),
                };
                messages::keep(tx, self.inner, &kept).await?;
                Delivered::Kept {
                    id: kept.id,
                    until: kept.until,
                }
            }
            (None, None) => {
                return Err(Error::new(Code::NotAwaited).with("name", &publish.name));
            }
        };
        // Whoever it reached has an entry of its own by the step.
        if actor.kind != ActorKind::System && matches!(delivered, Delivered::Kept { .. }) {
            let entry = audit::Entry::new("message.publish", "runner", "message").of(&publish.name);
            audit::record(tx, self.now, actor, entry);
        }
        Ok(delivered)
    }

    /// A kept message looks whether somebody awaits it now; when its time is over it goes.
    pub(super) async fn offer(
        &mut self,
        tx: &mut Tx,
        actor: &Arc<Actor>,
        message: Id<KeptMessage>,
    ) -> Result<Answer> {
        let Some(kept) = messages::kept_message(tx, message).await? else {
            return Ok(Answer::Ignored);
        };
        let publish = Publish {
            name: kept.name,
            correlation: kept.correlation,
            variables: kept.variables.0,
            customer: kept.customer,
            keep: None,
        };
        let reached = if self.now < kept.until {
            self.deliver(tx, actor, &publish).await?
        } else {
            tracing::warn!(name = publish.name, %message, "nobody awaited a message in its time");
            let entry = audit::Entry::new("message.expire", "runner", "message")
                .of(message)
                .note(publish.name);
            audit::record(tx, self.now, actor, entry);
            messages::forget(tx, message).await?;
            return Ok(Answer::Ignored);
        };
        match reached {
            Some(delivered) => {
                messages::forget(tx, message).await?;
                Ok(Answer::Delivered(delivered))
            }
            None => Ok(Answer::Ignored),
        }
    }

    /// `None`: nobody awaits it.
    async fn deliver(
        &mut self,
        tx: &mut Tx,
        actor: &Arc<Actor>,
        publish: &Publish,
    ) -> Result<Option<Delivered>> {
        let correlation = publish.correlation.as_deref();
        let waits = follow::awaiting_message(tx, &publish.name, correlation, ASKED).await?;
        for (instance, number) in waits {
            self.hold(tx, instance).await?;
            let event = Event::MessageReceived {
                wait: Some(WaitId(u32::try_from(number).map_err(Error::internal)?)),
                name: publish.name.clone(),
                variables: publish.variables.clone(),
            };
            match self.event(tx, actor, instance, &event).await {
                Ok(Answer::Ignored) => {}
                // Another message was faster, perhaps in this very transaction.
                Err(error) if matches!(error.code(), Code::WrongState | Code::NotFound) => {}
                Ok(_) => return Ok(Some(Delivered::To(instance))),
                Err(error) => return Err(error),
            }
        }
        let starts = starts::listening(tx, "message", &publish.name).await?;
        if starts.is_empty() {
            return Ok(None);
        }
        let (variables, customer) = (&publish.variables, publish.customer);
        self.begin_all(tx, actor, &starts, variables, customer)
            .await
            .map(Some)
    }

    /// A process that cannot begin does not keep the others from it.
    async fn begin_all(
        &mut self,
        tx: &mut Tx,
        actor: &Arc<Actor>,
        starts: &[StartRow],
        variables: &Variables,
        customer: Option<Id<Customer>>,
    ) -> Result<Delivered> {
        let mut began = Vec::with_capacity(starts.len());
        let mut refused = None;
        for start in starts {
            match self.begin(tx, actor, start, variables, customer).await {
                Ok(instance) => began.push(instance),
                Err(error) if super::is_refusal(&error) => {
                    tracing::warn!(%error, process = start.process, version = start.version, "a start event could not begin");
                    refused = Some(error);
                }
                Err(error) => return Err(error),
            }
        }
        match refused {
            Some(error) if began.is_empty() => Err(error),
            _ => Ok(Delivered::Began(began)),
        }
    }

    async fn begin(
        &mut self,
        tx: &mut Tx,
        actor: &Arc<Actor>,
        start: &StartRow,
        variables: &Variables,
        customer: Option<Id<Customer>>,
    ) -> Result<Id<Instance>> {
        let id = self.inner.ambient.id();
        let published = self.inner.published(&start.process, start.version).await?;
        let start = Start {
            trigger: starts::trigger(&published, start),
            process: start.process.clone(),
            version: start.version,
            customer,
            variables: variables.clone(),
            start_event: Some(start.element.clone()),
        };
        self.start(tx, actor, id, &start, None).await?;
        Ok(id)
    }

    /// A timer start is due: one instance, however much was missed, and the next instant of the cycle.
    pub(super) async fn slot(
        &mut self,
        tx: &mut Tx,
        actor: &Arc<Actor>,
        listener: Id<Listener>,
    ) -> Result<Answer> {
        let Some(row) = starts::hold(tx, listener).await? else {
            jobs::timer::remove(tx, &[(listener.uuid(), starts::START_TIMER)]).await?;
            return Ok(Answer::Ignored);
        };
        let Some(slot) = row.slot.filter(|slot| *slot <= self.now) else {
            // Another node was faster; the timer stands where it should.
            let next = row
                .slot
                .map(|slot| (u32::try_from(row.passed).unwrap_or(0), slot));
            starts::pass(tx, listener, next).await?;
            return Ok(Answer::Ignored);
        };
        let published = self.inner.published(&row.process, row.version).await?;
        let office = self
            .inner
            .plugs
            .calendars
            .named(published.calendar.as_deref());
        let next = starts::slots(&published, &row.element, &office).and_then(|slots| {
            let passed = u32::try_from(row.passed).unwrap_or(0).saturating_add(1);
            slots.after(row.first.unwrap_or(slot), passed, self.now)
        });
        starts::pass(tx, listener, next).await?;
        let began = self
            .begin(tx, actor, &row, &Variables::default(), None)
            .await;
        match began {
            Ok(instance) => Ok(Answer::Delivered(Delivered::Began(vec![instance]))),
            // A process that cannot begin is not asked again until its next instant.
            Err(error) if super::is_refusal(&error) => {
                tracing::error!(%error, process = row.process, version = row.version, "a timer start could not begin");
                Ok(Answer::Ignored)
            }
            Err(error) => Err(error),
        }
    }

    pub(super) async fn evaluate(
        &mut self,
        tx: &mut Tx,
        actor: &Arc<Actor>,
        variables: &Variables,
        customer: Option<Id<Customer>>,
    ) -> Result<Delivered> {
        let mut fit = Vec::new();
        for row in starts::conditional(tx).await? {
            let published = self.inner.published(&row.process, row.version).await?;
            let holds = published.condition(&row.element).is_some_and(|condition| {
                // A condition over values that were not given does not hold.
                matches!(
                    condition.evaluate(&[variables], self.now),
                    Ok(serde_json::Value::Bool(true))
                )
            });
            if holds {
                fit.push(row);
            }
        }
        self.begin_all(tx, actor, &fit, variables, customer).await
    }
}
