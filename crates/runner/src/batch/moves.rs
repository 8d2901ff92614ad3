//! Instances moved to another version, moved back, and changed by hand.

use std::collections::HashSet;
use std::sync::Arc;

use flow::engine::{ActivityId, Effect, Event, transfer};
use kernel::{Code, Error, Id, Result};
use ledger::{Actor, audit, history};
use store::Tx;

use super::{Batch, stepped};
use crate::command::Advanced;
use crate::instances::Trace;
use crate::moves::{self, Before, Modify, Move, Moved};
use crate::rows::{self, WaitRow, WorkItemRow};
use crate::words::{Instance, InstanceState};

impl Batch<'_> {
    pub(super) async fn transferred(
        &mut self,
        tx: &mut Tx,
        actor: &Arc<Actor>,
        id: Id<Instance>,
        change: &Move,
    ) -> Result<Advanced> {
        let loaded = self.running(id)?;
        let from = loaded.row.process_version;
        if from == change.to {
            return Err(Error::new(Code::WrongState).with("state", "same_version"));
        }
        let old = Arc::clone(&loaded.published);
        let state = loaded.row.data.0.clone();
        let new = self.inner.published(&old.process, change.to).await?;
        let mapping = moves::elements(&change.mapping);
        let (after, effects) = transfer(&old.plan, &new.plan, &state, &mapping, self.now)
            .map_err(|obstacles| moves::refused(&obstacles))?;
        let mut before = Before {
            state,
            ..Before::default()
        };
        let (mut no_timers, mut no_waits) = (HashSet::new(), HashSet::new());
        for effect in &effects {
            match effect {
                Effect::TimerCancelled { timer, .. } => {
                    no_timers.insert(i64::from(timer.0));
                }
                Effect::Forgotten { wait, .. } => {
                    no_waits.insert(i64::from(wait.0));
                }
                Effect::TimerScheduled { timer, .. } => {
                    before.new_timers.push(i64::from(timer.0));
                }
                Effect::MessageAwaited { wait, .. } | Effect::SignalAwaited { wait, .. } => {
                    before.new_waits.push(i64::from(wait.0));
                }
                _ => before.stepped = true,
            }
        }
        if !no_timers.is_empty() {
            let timers = jobs::timer::of(tx, id.uuid()).await?;
            before.timers = timers
                .into_iter()
                .filter(|timer| no_timers.contains(&timer.number))
                .map(|timer| (timer.number, timer.due))
                .collect();
        }
        if !no_waits.is_empty() {
            before.waits = rows::waits_of(tx, id).await?;
            before
                .waits
                .retain(|(number, ..)| no_waits.contains(number));
        }
        for mut item in self.open_items(tx, id).await? {
            before
                .items
                .push((item.activity, item.element.clone(), item.name.clone()));
            if let Some(element) = change.mapping.get(&item.element) {
                item.element.clone_from(element);
            }
            if let Some(facts) = new.element(&item.element).filter(|f| !f.name.is_empty()) {
                item.name = facts.name.to_string();
            }
            item.process_version = change.to;
            item.version += 1;
            self.announce(tx, &item, "work_item.changed");
            self.change(item);
        }
        moves::move_incidents(tx, id, change.to, &change.mapping).await?;
        if let Some(loaded) = self.instances.get_mut(&id) {
            loaded.row.process_version = change.to;
            loaded.published = new;
        }
        let event = serde_json::json!({ "type": "moved", "from": from, "to": change.to,
            "mapping": change.mapping, "reason": change.reason });
        self.extra = vec![Trace::Moved {
            from,
            to: change.to,
            reason: change.reason.clone(),
        }];
        let advanced = self.advanced(tx, actor, id, event, after, effects).await?;
        let made = self.inner.ambient.id();
        moves::insert(
            tx,
            made,
            id,
            advanced.version,
            (from, change.to),
            self.now,
            actor,
            &change.reason,
            &before,
        )
        .await?;
        self.told(
            tx,
            actor,
            id,
            ("process.move", history::kinds::PROCESS_MOVED),
            &change.reason,
            &[("from", from.to_string()), ("to", change.to.to_string())],
        );
        Ok(advanced)
    }

    pub(super) async fn moved_back(
        &mut self,
        tx: &mut Tx,
        actor: &Arc<Actor>,
        id: Id<Instance>,
        made: Id<Moved>,
    ) -> Result<Advanced> {
        let version = self.running(id)?.row.version;
        let made_then = moves::find(tx, made)
            .await?
            .filter(|row| row.instance == id)
            .ok_or_else(|| Error::not_found("move"))?;
        if made_then.undone.is_some() {
            return Err(Error::new(Code::WrongState).with("state", "undone"));
        }
        let before = made_then.before.0;
        if made_then.number != version || before.stepped {
            return Err(Error::new(Code::WrongState).with("state", "moved_on"));
        }
        let (from, to) = (made_then.to_version, made_then.from_version);
        let process = Arc::clone(&self.running(id)?.published.process);
        let old = self.inner.published(&process, to).await?;
        for number in &before.new_timers {
            self.writes.timers.insert((id.uuid(), *number), None);
        }
        for (number, due) in &before.timers {
            self.writes.timers.insert((id.uuid(), *number), Some(*due));
        }
        for number in &before.new_waits {
            self.writes.waits.insert((id.uuid(), *number), None);
        }
        for (number, kind, name, correlation) in &before.waits {
            let row = WaitRow {
                instance: id,
                number: *number,
                kind: if kind == "signal" {
                    "signal"
                } else {
                    "message"
                },
                name: name.clone(),
                correlation: correlation.clone(),
            };
            self.writes.waits.insert((id.uuid(), *number), Some(row));
        }
        let mut mapping = moves::Mapping::new();
        for mut item in self.open_items(tx, id).await? {
            let then = before
                .items
                .iter()
                .find(|(activity, ..)| *activity == item.activity);
            if let Some((_, element, name)) = then {
                mapping.insert(item.element.clone(), element.clone());
                item.element.clone_from(element);
                item.name.clone_from(name);
            }
            item.process_version = to;
            item.version += 1;
            self.announce(tx, &item, "work_item.changed");
            self.change(item);
        }
        moves::move_incidents(tx, id, to, &mapping).await?;
        if let Some(loaded) = self.instances.get_mut(&id) {
            loaded.row.process_version = to;
            loaded.published = old;
        }
        moves::undone(tx, made, self.now).await?;
        let event = serde_json::json!({ "type": "moved_back", "from": from, "to": to });
        self.extra = vec![Trace::Moved {
            from,
            to,
            reason: String::new(),
        }];
        let advanced = self
            .advanced(tx, actor, id, event, before.state, Vec::new())
            .await?;
        self.told(
            tx,
            actor,
            id,
            ("process.move_back", history::kinds::PROCESS_MOVED),
            "",
            &[("from", from.to_string()), ("to", to.to_string())],
        );
        Ok(advanced)
    }

    pub(super) async fn modified(
        &mut self,
        tx: &mut Tx,
        actor: &Arc<Actor>,
        id: Id<Instance>,
        change: &Modify,
    ) -> Result<Advanced> {
        let loaded = self.running(id)?;
        let event = Event::Modified {
            cancel: change.cancel.iter().copied().map(ActivityId).collect(),
            start: change.start.iter().map(|id| id.as_str().into()).collect(),
            variables: change.variables.clone(),
        };
        let (state, effects) = stepped(&loaded.published, &loaded.row.data.0, &event, self.now)?;
        self.extra = vec![Trace::Modified {
            reason: change.reason.clone(),
        }];
        let event = serde_json::to_value(&event).map_err(Error::internal)?;
        let advanced = self.advanced(tx, actor, id, event, state, effects).await?;
        self.told(
            tx,
            actor,
            id,
            ("process.modify", history::kinds::PROCESS_MODIFIED),
            &change.reason,
            &[("reason", change.reason.clone())],
        );
        Ok(advanced)
    }

    fn running(&self, id: Id<Instance>) -> Result<&super::Loaded> {
        let loaded = self
            .instances
            .get(&id)
            .ok_or_else(|| Error::not_found("instance"))?;
        if loaded.row.state == InstanceState::Running {
            Ok(loaded)
        } else {
            Err(Error::new(Code::WrongState).with("state", "ended"))
        }
    }

    /// The instance's open work items, in the batch's hands.
    async fn open_items(&mut self, tx: &mut Tx, id: Id<Instance>) -> Result<Vec<WorkItemRow>> {
        for row in rows::open_items(tx, id).await? {
            if !self.items.contains_key(&row.id) {
                self.keep(row);
            }
        }
        let open = self.items.values().map(|item| &item.row);
        Ok(open
            .filter(|row| row.instance == id && row.state.is_open())
            .cloned()
            .collect())
    }

    /// Audit entry and line of the customer's history of what was done by hand.
    fn told(
        &mut self,
        tx: &mut Tx,
        actor: &Actor,
        id: Id<Instance>,
        (operation, kind): (&'static str, &'static str),
        reason: &str,
        args: &[(&str, String)],
    ) {
        let Some(loaded) = self.instances.get(&id) else {
            return;
        };
        let (customer, name) = (loaded.row.customer, loaded.published.name.clone());
        let mut entry = audit::Entry::new(operation, "runner", "instance").of(id);
        entry.customer = customer.map(Id::uuid);
        let said: Vec<_> = args
            .iter()
            .filter(|(name, _)| *name != "reason")
            .map(|(name, value)| format!("{name} {value}"))
            .chain((!reason.is_empty()).then(|| reason.to_owned()))
            .collect();
        entry.note = Some(said.join(", "));
        audit::record(tx, self.now, actor, entry);
        if let Some(customer) = customer {
            let mut line = self.line(customer, kind, actor, &name);
            line.instance = Some(id.uuid());
            for (name, value) in args {
                line.summary = line.summary.with(name, value);
            }
            self.tell_customer(tx, customer, line);
        }
    }
}
