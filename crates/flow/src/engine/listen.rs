//! Telling the outside what is awaited and when it is not any more; timers and conditions.

use kernel::Moment;

use super::effect::{Effect, TimerPurpose};
use super::plan::{EvKind, Ix, TimerPlan};
use super::run::{By, Run};
use super::state::{ActivityId, React, Sub, TimerId, WaitId, Waits};
use super::timer::{self, When};
use crate::model::{DueCalendar, Timing, TimingKind};

impl Run<'_> {
    /// A new listener, told to those who have to bring what it waits for.
    pub fn announce(&mut self, id: u32) {
        let Some(sub) = self.sub(id) else { return };
        let (scope, event, nth) = (sub.scope, sub.event, sub.nth);
        let plan = self.plan;
        let node = plan.node(event.element);
        let name = || {
            plan.names
                .get(event.reference as usize)
                .cloned()
                .unwrap_or_else(|| node.name.clone())
        };
        match event.kind {
            EvKind::Timer => self.arm(id),
            EvKind::Message => {
                let correlation = node
                    .work
                    .as_ref()
                    .and_then(|work| work.correlation.as_ref());
                let correlation = correlation.and_then(|text| self.text_of(text, scope));
                let (element, name) = (node.id.clone(), name());
                self.effects.push(Effect::MessageAwaited {
                    wait: WaitId(id),
                    element,
                    name,
                    correlation,
                });
            }
            EvKind::Signal => {
                let (element, name) = (node.id.clone(), name());
                self.effects.push(Effect::SignalAwaited {
                    wait: WaitId(id),
                    element,
                    name,
                });
            }
            EvKind::Conditional => {
                debug_assert!(
                    node.events.len() > nth as usize,
                    "a listener names an event of its element"
                );
                self.changed = true;
            }
            _ => {}
        }
    }

    pub fn denounce(&mut self, sub: &Sub) {
        if !self.real() || sub.event.element == super::plan::NONE {
            return;
        }
        let element = &self.plan.node(sub.event.element).id;
        match sub.event.kind {
            // What was never armed, or has fired, needs no taking back.
            EvKind::Timer if !sub.held => {
                self.effects.push(Effect::TimerCancelled {
                    timer: TimerId(sub.id),
                    element: element.clone(),
                });
            }
            EvKind::Message | EvKind::Signal => {
                self.effects.push(Effect::Forgotten {
                    wait: WaitId(sub.id),
                    element: element.clone(),
                });
            }
            _ => {}
        }
    }

    fn timer_plan(&self, sub: &Sub) -> Option<&TimerPlan> {
        let node = self.plan.node(sub.event.element);
        match sub.react {
            React::Due => node.work.as_ref()?.due.as_ref(),
            React::Rung { rung } => node
                .work
                .as_ref()?
                .rungs
                .get(rung as usize)
                .map(|(timer, _)| timer),
            _ => node.events.get(sub.nth as usize)?.timer.as_ref(),
        }
    }

    /// Schedules a timer. Where its time cannot be told: an incident, and it is tried again when that is resolved.
    pub fn arm(&mut self, id: u32) {
        let Some(sub) = self.sub(id).cloned() else {
            return;
        };
        let element = self.plan.node(sub.event.element).id.clone();
        let found = self
            .timer_plan(&sub)
            .map(|timer| (self.due(timer, sub.scope), timer.calendar));
        let purpose = match sub.react {
            React::Due => TimerPurpose::Due {
                activity: ActivityId(sub.scope),
            },
            React::Rung { rung } => TimerPurpose::Escalation {
                activity: ActivityId(sub.scope),
                rung,
            },
            _ => TimerPurpose::Event,
        };
        match found {
            Some((Ok((When { due, repeats }, timing)), calendar)) => {
                // One that came already comes at once, and of a cycle as many are left as there were.
                let (due, calendar) = if sub.stuck {
                    (self.now, DueCalendar::Always)
                } else {
                    (due, calendar)
                };
                let repeats = if sub.stuck { sub.repeats } else { repeats };
                if let Some(sub) = self.sub_mut(id) {
                    (sub.repeats, sub.held, sub.stuck) = (repeats, false, false);
                }
                let timer = TimerId(id);
                self.effects.push(Effect::TimerScheduled {
                    timer,
                    element,
                    purpose,
                    due,
                    timing,
                    calendar,
                });
            }
            other => {
                if let Some(sub) = self.sub_mut(id) {
                    sub.held = true;
                }
                let message = match other {
                    Some((Err(why), _)) => why,
                    _ => String::new(),
                };
                let own =
                    self.by(sub.scope).element == sub.event.element && sub.react == React::Continue;
                if own {
                    self.incident(sub.scope, Waits::ToBegin, "flow.bad_timer", message);
                } else {
                    self.tell_incident(sub.scope, "flow.bad_timer", message);
                }
            }
        }
    }

    fn due(&self, timer: &TimerPlan, scope: u32) -> Result<(When, Timing), String> {
        let timing = match &timer.expression {
            None => timer.timing.clone(),
            Some(expression) => {
                let value = self.value(expression, scope, None)?;
                let text = value
                    .as_str()
                    .ok_or_else(|| format!("{}: {value}", expression.text))?;
                // An expression may give an instant where a duration was expected, and the other way round.
                let kinds = [
                    timer.timing.kind,
                    TimingKind::Duration,
                    TimingKind::Date,
                    TimingKind::Cycle,
                ];
                let kind = kinds
                    .into_iter()
                    .find(|kind| timer::when(*kind, text, self.now).is_some());
                Timing {
                    kind: kind.unwrap_or(timer.timing.kind),
                    text: text.to_owned(),
                }
            }
        };
        match timer::when(timing.kind, &timing.text, self.now) {
            Some(when) => Ok((when, timing)),
            None => Err(timing.text),
        }
    }

    /// A timer has come. A cycle is scheduled again under the same id.
    pub fn timer_fired(&mut self, id: u32) {
        let Some(sub) = self.sub(id).cloned() else {
            return;
        };
        let element = sub.event.element;
        let scope = sub.scope;
        // It has fired: nobody is to take it back.
        if let Some(sub) = self.sub_mut(id) {
            sub.held = true;
        }
        if sub.repeats > 0 {
            let again = self.timer_plan(&sub).and_then(|timer| {
                let due: Moment = timer::again(&timer.timing.text, self.now)?;
                Some((due, timer.timing.clone(), timer.calendar))
            });
            self.deliver(id, By::NOBODY);
            let (Some((due, timing, calendar)), Some(sub)) = (again, self.sub_mut(id)) else {
                return;
            };
            sub.held = false;
            if sub.repeats != u32::MAX {
                sub.repeats -= 1;
            }
            let element = self.plan.node(element).id.clone();
            let purpose = TimerPurpose::Event;
            self.effects.push(Effect::TimerScheduled {
                timer: TimerId(id),
                element,
                purpose,
                due,
                timing,
                calendar,
            });
            return;
        }
        match sub.react {
            React::Due => {
                let element = self.plan.node(element).id.clone();
                self.effects.push(Effect::Overdue {
                    activity: ActivityId(scope),
                    element,
                });
            }
            React::Rung { rung } => self.escalate(scope, element, rung),
            _ => {}
        }
        self.deliver(id, By::NOBODY);
        // A timer that does not interrupt fires once, too.
        self.forget(id);
    }

    fn escalate(&mut self, scope: u32, element: Ix, rung: u32) {
        let node = self.plan.node(element);
        let to = node
            .work
            .as_ref()
            .and_then(|work| work.rungs.get(rung as usize))
            .map(|(_, to)| to.clone());
        if let Some(to) = to {
            let element = node.id.clone();
            self.effects.push(Effect::Escalated {
                activity: ActivityId(scope),
                element,
                rung,
                to,
            });
        }
    }

    /// What holds already does not fire: it has to come to hold anew.
    pub fn conditions_as_they_are(&mut self, scope: u32, element: Ix) {
        let own = |sub: &Sub| {
            sub.scope == scope
                && sub.event.element == element
                && sub.event.kind == EvKind::Conditional
        };
        for id in self.ids(own) {
            let holds = self.sub(id).is_some_and(|sub| {
                let events = &self.plan.node(element).events;
                let condition = events.get(sub.nth as usize);
                condition
                    .and_then(|event| event.condition.as_ref())
                    .is_some_and(|condition| self.holds(condition, scope).unwrap_or(false))
            });
            if let Some(sub) = self.sub_mut(id) {
                sub.held = holds;
            }
        }
    }

    /// Conditional events fire when their condition comes to hold, not while it goes on holding.
    pub fn look_at_conditions(&mut self) {
        for id in self.ids(|sub| sub.event.kind == EvKind::Conditional) {
            let Some(sub) = self.sub(id) else { continue };
            let node = self.plan.node(sub.event.element);
            let condition = node
                .events
                .get(sub.nth as usize)
                .and_then(|event| event.condition.as_ref());
            let Some(condition) = condition else { continue };
            let (held, holds) = (sub.held, self.holds(condition, sub.scope));
            let scope = sub.scope;
            match holds {
                Ok(holds) => {
                    if let Some(sub) = self.sub_mut(id) {
                        sub.held = holds;
                    }
                    if holds && !held {
                        self.deliver(id, By::NOBODY);
                    }
                }
                Err(why) if !held => {
                    // Said once; looked at again when variables change.
                    if let Some(sub) = self.sub_mut(id) {
                        sub.held = true;
                    }
                    self.tell_incident(scope, "flow.condition_failed", why);
                }
                Err(_) => {}
            }
        }
    }
}
