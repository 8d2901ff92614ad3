//! What people do with work items.

use std::sync::Arc;

use flow::engine::{self, ActivityId, Event, Variables};
use kernel::{Code, Error, Id, Language, Result};
use ledger::{Actor, audit, history};
use sqlx::types::Json;
use store::Tx;

use super::{Batch, stepped};
use crate::command::{Advanced, Assignee, Complete, Except, WorkItemBrief};
use crate::feed;
use crate::rows::{Reason, WorkItemRow, user_name};
use crate::words::{WorkItem, WorkItemState};

impl Batch<'_> {
    /// The work item, if it may be worked on by the actor: open, of the version seen, and nobody else's.
    pub(super) async fn workable(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        id: Id<WorkItem>,
        version: Option<i64>,
        others_too: bool,
    ) -> Result<WorkItemRow> {
        let row = &self
            .items
            .get(&id)
            .ok_or_else(|| Error::not_found("work_item"))?
            .row;
        match row.state {
            WorkItemState::Open | WorkItemState::Claimed => {}
            WorkItemState::Completed => {
                let who = user_name(tx, row.closed_by).await?;
                return Err(Error::new(Code::AlreadyClosed).with("who", who));
            }
            WorkItemState::Withdrawn => {
                return Err(Error::new(Code::WrongState).with("state", "withdrawn"));
            }
        }
        if !others_too && row.assignee.is_some() && row.assignee != actor.user {
            let who = user_name(tx, row.assignee).await?;
            return Err(Error::new(Code::AlreadyClaimed).with("who", who));
        }
        if version.is_some_and(|seen| seen != row.version) {
            return Err(Error::new(Code::Stale));
        }
        Ok(row.clone())
    }

    pub(super) async fn complete(
        &mut self,
        tx: &mut Tx,
        actor: &Arc<Actor>,
        complete: &Complete,
    ) -> Result<Advanced> {
        let id = complete.work_item;
        let mut row = self
            .workable(tx, actor, id, complete.version, false)
            .await?;
        let event = Event::WorkItemCompleted {
            activity: ActivityId(u32::try_from(row.activity).map_err(Error::internal)?),
            outcome: complete.outcome.clone(),
            variables: complete.values.clone(),
        };
        let loaded = self
            .instances
            .get(&row.instance)
            .ok_or_else(|| Error::not_found("instance"))?;
        let (state, effects) = stepped(&loaded.published, &loaded.row.data.0, &event, self.now)?;
        let name = loaded.published.name.clone();
        let label = loaded
            .published
            .element(&row.element)
            .and_then(|facts| facts.binding.as_ref())
            .and_then(|binding| {
                let outcome = binding
                    .outcomes
                    .iter()
                    .find(|outcome| Some(&outcome.key) == complete.outcome.as_ref())?;
                (!outcome.label.is_empty()).then(|| outcome.label.get(Language::Es).to_owned())
            });

        self.announce(tx, &row, "work_item.closed");
        row.state = WorkItemState::Completed;
        row.closed = Some(self.now);
        row.closed_by = actor.user;
        row.outcome.clone_from(&complete.outcome);
        row.answer = Some(Json(complete.values.clone()));
        row.version += 1;
        let (instance, customer) = (row.instance, row.customer);
        let mut entry = audit::Entry::new("work_item.complete", "runner", "work_item").of(id);
        entry.customer = customer.map(Id::uuid);
        entry.note.clone_from(&complete.outcome);
        entry.change = Some(serde_json::json!({ "after": complete.values }));
        entry.duration = Some(self.now.since(row.opened));
        audit::record(tx, self.now, actor, entry);
        if let Some(customer) = customer {
            let mut line = self.line(customer, history::kinds::ACTIVITY_CLOSED, actor, &name);
            line.activity = Some(row.name.clone());
            line.instance = Some(instance.uuid());
            line.work_item = Some(id.uuid());
            line.state = label.or_else(|| complete.outcome.clone());
            line.duration = Some(self.now.since(row.opened));
            line.details = Some(serde_json::Value::Object(complete.values.clone()));
            self.tell_customer(tx, customer, line);
        }
        self.close_budget(tx, actor, &row).await?;
        row.paused = None;
        self.change(row);
        let event = serde_json::to_value(&event).map_err(Error::internal)?;
        self.advanced(tx, actor, instance, event, state, effects)
            .await
    }

    /// Leaves the plain way. The work item is withdrawn with it where the catcher ends its activity, and stays otherwise.
    pub(super) async fn except(
        &mut self,
        tx: &mut Tx,
        actor: &Arc<Actor>,
        except: &Except,
    ) -> Result<Advanced> {
        let id = except.work_item;
        let mut row = self.workable(tx, actor, id, except.version, false).await?;
        let activity = ActivityId(u32::try_from(row.activity).map_err(Error::internal)?);
        let loaded = self
            .instances
            .get(&row.instance)
            .ok_or_else(|| Error::not_found("instance"))?;
        let published = Arc::clone(&loaded.published);
        let offered = engine::exceptions(&published.plan, &loaded.row.data.0, activity);
        let meant = offered
            .into_iter()
            .find(|one| {
                one.escalation == except.escalation && one.code.as_deref() == except.code.as_deref()
            })
            .ok_or_else(|| Error::invalid("code", "unknown_exception"))?;
        let code = except.code.clone().unwrap_or_default();
        let mut variables = Variables::new();
        variables.insert(
            "exception".to_owned(),
            serde_json::json!({ "code": code, "note": except.note }),
        );
        let event = if except.escalation {
            Event::EscalationRaised {
                activity,
                escalation: code.clone(),
                variables,
            }
        } else {
            Event::ErrorRaised {
                activity,
                error: code.clone(),
                variables,
            }
        };
        let (state, effects) = stepped(&published, &loaded.row.data.0, &event, self.now)?;
        let label = if meant.name.is_empty() {
            code
        } else {
            meant.name.to_string()
        };
        let mut entry = audit::Entry::new("work_item.except", "runner", "work_item").of(id);
        entry.customer = row.customer.map(Id::uuid);
        entry.note = Some(format!("{label}: {}", except.note));
        entry.duration = Some(self.now.since(row.opened));
        audit::record(tx, self.now, actor, entry);
        if let Some(customer) = row.customer {
            let kind = history::kinds::ACTIVITY_EXCEPTION;
            let mut line = self.line(customer, kind, actor, &published.name);
            line.activity = Some(row.name.clone());
            line.instance = Some(row.instance.uuid());
            line.work_item = Some(id.uuid());
            line.state = Some(label.clone());
            line.duration = Some(self.now.since(row.opened));
            line.details = Some(serde_json::json!({ "note": except.note }));
            self.tell_customer(tx, customer, line);
        }
        if meant.interrupting {
            // The step withdraws it; who did it and how stays readable.
            row.outcome = Some(label);
            row.closed_by = actor.user;
        }
        row.version += 1;
        let instance = row.instance;
        self.change(row);
        let event = serde_json::to_value(&event).map_err(Error::internal)?;
        self.advanced(tx, actor, instance, event, state, effects)
            .await
    }

    pub(super) async fn claim(
        &mut self,
        tx: &mut Tx,
        actor: &Arc<Actor>,
        id: Id<WorkItem>,
        version: Option<i64>,
    ) -> Result<WorkItemBrief> {
        let mut row = self.workable(tx, actor, id, None, false).await?;
        if row.state == WorkItemState::Claimed && row.assignee == actor.user {
            return Ok(row.brief());
        }
        if version.is_some_and(|seen| seen != row.version) {
            return Err(Error::new(Code::Stale));
        }
        if actor.user.is_none() {
            return Err(Error::new(Code::Forbidden)
                .with("verb", "claim")
                .with("entity", "work_item"));
        }
        row.state = WorkItemState::Claimed;
        row.assignee = actor.user;
        row.reason = Json(Reason::new("claimed").with("by", &actor.name));
        Ok(self.given(tx, actor, "work_item.claim", row))
    }

    pub(super) async fn release(
        &mut self,
        tx: &mut Tx,
        actor: &Arc<Actor>,
        id: Id<WorkItem>,
        version: Option<i64>,
    ) -> Result<WorkItemBrief> {
        let mut row = self.workable(tx, actor, id, version, false).await?;
        if row.group_key.is_none() {
            // Nobody would see it any more.
            return Err(Error::new(Code::WrongState).with("state", "no_group"));
        }
        self.announce(tx, &row, "work_item.changed");
        row.state = WorkItemState::Open;
        row.assignee = None;
        row.reason = Json(Reason::new("released").with("by", &actor.name));
        Ok(self.given(tx, actor, "work_item.release", row))
    }

    pub(super) async fn assign_to(
        &mut self,
        tx: &mut Tx,
        actor: &Arc<Actor>,
        id: Id<WorkItem>,
        version: Option<i64>,
        to: &Assignee,
        why: Option<&str>,
    ) -> Result<WorkItemBrief> {
        let mut row = self.workable(tx, actor, id, version, true).await?;
        self.announce(tx, &row, "work_item.changed");
        row.state = WorkItemState::Open;
        match to {
            Assignee::User(user) => row.assignee = Some(*user),
            Assignee::Group(group) => {
                row.assignee = None;
                row.group_key = Some(group.clone());
            }
        }
        let reason = Reason::new("assigned").with("by", &actor.name);
        row.reason = Json(match why {
            Some(why) => reason.with("why", why),
            None => reason,
        });
        row.sender = actor.user;
        Ok(self.given(tx, actor, "work_item.assign", row))
    }

    pub(super) fn given(
        &mut self,
        tx: &mut Tx,
        actor: &Actor,
        operation: &'static str,
        mut row: WorkItemRow,
    ) -> WorkItemBrief {
        row.version += 1;
        let mut entry = audit::Entry::new(operation, "runner", "work_item").of(row.id);
        entry.customer = row.customer.map(Id::uuid);
        entry.change = Some(
            serde_json::json!({ "after": { "assignee": row.assignee, "group": row.group_key } }),
        );
        audit::record(tx, self.now, actor, entry);
        self.announce(tx, &row, "work_item.changed");
        let brief = row.brief();
        self.change(row);
        brief
    }

    /// Tells those in whose inbox it lies.
    pub(super) fn announce(&self, tx: &mut Tx, row: &WorkItemRow, kind: &str) {
        if let Some(group) = &row.group_key {
            feed::publish(tx, self.now, format!("inbox:{group}"), kind, row.id.uuid());
        }
        if let Some(user) = row.assignee {
            feed::publish(tx, self.now, format!("user:{user}"), kind, row.id.uuid());
        }
    }

    pub(super) fn change(&mut self, row: WorkItemRow) {
        if let Some(item) = self.items.get_mut(&row.id) {
            item.row = row;
            item.changed = true;
        }
    }
}
