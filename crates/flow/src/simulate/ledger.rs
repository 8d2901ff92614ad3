//! The books of a run: what is open must be what the effects opened and nothing closed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::engine::{ActivityId, Effect, Ending, Event, Plan, State, TimerId, WaitId};

/// Something that can still come.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Open {
    Work(ActivityId),
    Request(ActivityId),
    Call(ActivityId),
    Timer(TimerId),
    Message(WaitId),
    Signal(Arc<str>),
    Incident(ActivityId),
}

#[derive(Default)]
pub(super) struct Ledger {
    work: BTreeSet<ActivityId>,
    requests: BTreeSet<ActivityId>,
    calls: BTreeSet<ActivityId>,
    timers: BTreeSet<TimerId>,
    messages: BTreeSet<WaitId>,
    signals: BTreeMap<WaitId, Arc<str>>,
    incidents: BTreeSet<ActivityId>,
    /// Entered and not left.
    inside: BTreeMap<ActivityId, Arc<str>>,
    /// How often each element was left completed.
    times: BTreeMap<Arc<str>, u32>,
    pub entered: u32,
    ends: u32,
}

fn take<T: Ord>(set: &mut BTreeSet<T>, id: &T, what: &str) -> Result<(), String> {
    if set.remove(id) {
        Ok(())
    } else {
        Err(format!("{what} was closed but not open"))
    }
}

fn put<T: Ord>(set: &mut BTreeSet<T>, id: T, what: &str) -> Result<(), String> {
    if set.insert(id) {
        Ok(())
    } else {
        Err(format!("{what} was opened twice"))
    }
}

impl Ledger {
    pub fn enter(&mut self, effects: &[Effect]) -> Result<(), String> {
        for effect in effects {
            self.one(effect)?;
        }
        Ok(())
    }

    fn one(&mut self, effect: &Effect) -> Result<(), String> {
        match effect {
            Effect::WorkItemOpened { activity, .. } => {
                put(&mut self.work, *activity, "a work item")?;
            }
            Effect::WorkItemWithdrawn { activity, .. } => {
                take(&mut self.work, activity, "a work item")?;
            }
            Effect::TransactionRequested { activity, .. } => {
                put(&mut self.requests, *activity, "a request")?;
            }
            Effect::TransactionWithdrawn { activity, .. } => {
                take(&mut self.requests, activity, "a request")?;
            }
            Effect::Called { activity, .. } => put(&mut self.calls, *activity, "a call")?,
            Effect::CallWithdrawn { activity, .. } => take(&mut self.calls, activity, "a call")?,
            // A cycle is scheduled again under its id.
            Effect::TimerScheduled { timer, .. } => {
                self.timers.insert(*timer);
            }
            Effect::TimerCancelled { timer, .. } => take(&mut self.timers, timer, "a timer")?,
            Effect::MessageAwaited { wait, .. } => put(&mut self.messages, *wait, "a wait")?,
            Effect::SignalAwaited { wait, name, .. } => {
                self.signals.insert(*wait, name.clone());
            }
            Effect::Forgotten { wait, .. } => {
                let known = self.messages.remove(wait) || self.signals.remove(wait).is_some();
                if !known {
                    return Err("a wait was closed but not open".to_owned());
                }
            }
            Effect::IncidentRaised { activity, .. } => {
                self.incidents.insert(*activity);
            }
            Effect::IncidentCleared { activity, .. } => {
                self.incidents.remove(activity);
            }
            Effect::Entered { activity, element } => {
                self.entered += 1;
                if self.inside.insert(*activity, element.clone()).is_some() {
                    return Err(format!("{element} was entered twice by one token"));
                }
            }
            Effect::Left {
                activity,
                element,
                ending,
            } => {
                if *ending == Ending::Completed {
                    *self.times.entry(element.clone()).or_default() += 1;
                }
                if self.inside.remove(activity).is_none() {
                    return Err(format!("{element} was left but not entered"));
                }
            }
            Effect::Completed | Effect::Terminated { .. } => self.ends += 1,
            _ => {}
        }
        Ok(())
    }

    /// What the answer closes before the step runs.
    pub fn answered(&mut self, open: &Open, event: &Event) {
        // A raised error or escalation leaves the work item to the step.
        let raised = matches!(
            event,
            Event::ErrorRaised { .. } | Event::EscalationRaised { .. }
        );
        match open {
            Open::Work(activity) if !raised => {
                self.work.remove(activity);
            }
            Open::Request(activity) => {
                self.requests.remove(activity);
            }
            Open::Call(activity) => {
                self.calls.remove(activity);
            }
            Open::Timer(timer) => {
                self.timers.remove(timer);
            }
            _ => {}
        }
    }

    pub fn open(&self) -> Vec<Open> {
        let mut open: Vec<Open> = self.work.iter().map(|id| Open::Work(*id)).collect();
        open.extend(self.requests.iter().map(|id| Open::Request(*id)));
        open.extend(self.calls.iter().map(|id| Open::Call(*id)));
        open.extend(self.timers.iter().map(|id| Open::Timer(*id)));
        open.extend(self.messages.iter().map(|id| Open::Message(*id)));
        open.extend(self.signals.values().cloned().map(Open::Signal));
        open.extend(self.incidents.iter().map(|id| Open::Incident(*id)));
        open
    }

    /// `once`: nothing in the process may run twice.
    pub fn check(&self, plan: &Plan, state: &State, once: bool) -> Result<(), String> {
        state.sound()?;
        if once && let Some((element, times)) = self.times.iter().find(|(_, times)| **times > 1) {
            return Err(format!("{element} ran {times} times"));
        }
        if state.is_ended() {
            if self.ends != 1 {
                return Err(format!("it ended {} times", self.ends));
            }
            let open = self.open();
            if !open.is_empty() || !self.inside.is_empty() {
                return Err(format!(
                    "it ended, but {open:?} is open and a token is in {:?}",
                    self.inside
                ));
            }
            return Ok(());
        }
        let mute = state.mute(plan);
        if !mute.is_empty() {
            return Err(format!("tokens that wait for nothing: {mute:?}"));
        }
        let held = state.held();
        let told = (self.work.len(), self.requests.len(), self.calls.len());
        if held != told {
            return Err(format!(
                "(work items, requests, calls) in the state {held:?}, told outside {told:?}"
            ));
        }
        let inside: BTreeSet<ActivityId> = self.inside.keys().copied().collect();
        let live = state.live(plan);
        if inside != live {
            return Err(format!(
                "tokens in the state {live:?}, entered and not left {inside:?}"
            ));
        }
        Ok(())
    }
}
