//! Activities that somebody or something outside has to do.

use std::sync::Arc;

use serde_json::Value;

use super::effect::{Effect, Request};
use super::plan::{Ev, EvKind, Ix, Kind};
use super::run::Run;
use super::state::{ActivityId, React, Variables, Waits};

impl Run<'_> {
    /// Begins the activity proper; of a repeated one, one run.
    pub fn begin(&mut self, scope: u32, element: Ix) {
        let plan = self.plan;
        let node = plan.node(element);
        let work = node.work.as_deref();
        let mut inputs = match self.inputs(scope, element) {
            Ok(inputs) => inputs,
            Err(why) => return self.incident(scope, Waits::ToBegin, "flow.input_failed", why),
        };
        let activity = ActivityId(scope);
        let binding = work.and_then(|work| work.binding.clone());
        let id = node.id.clone();
        let request = match node.kind {
            Kind::Work => {
                self.set_waits(scope, Waits::People);
                let group = work.and_then(|work| work.group.clone());
                let name = node.name.clone();
                self.effects.push(Effect::WorkItemOpened {
                    activity,
                    element: id,
                    name,
                    group,
                    binding,
                    inputs,
                });
                self.ladder(scope, element);
                return;
            }
            Kind::Call => {
                let Some(process) = work.and_then(|work| work.called.clone()) else {
                    return self.incident(
                        scope,
                        Waits::ToBegin,
                        "flow.no_called_process",
                        String::new(),
                    );
                };
                self.set_waits(scope, Waits::Call);
                let mapped = work.is_some_and(|work| !work.inputs.is_empty());
                let variables = if mapped {
                    inputs
                } else {
                    let mut all = self.state.variables.clone();
                    all.extend(inputs);
                    all
                };
                self.effects.push(Effect::Called {
                    activity,
                    element: id,
                    process,
                    variables,
                });
                return;
            }
            Kind::Script => match work.and_then(|work| work.script.as_ref()) {
                Some(script) => return self.run_script(scope, element, script),
                None => Request::Script {
                    language: work
                        .and_then(|work| work.language.clone())
                        .unwrap_or_default(),
                    script: work
                        .and_then(|work| work.source.clone())
                        .unwrap_or_default(),
                },
            },
            Kind::Rule => {
                if work.is_none_or(|work| work.inputs.is_empty()) {
                    // Without a mapping a decision is asked with all that is known here.
                    let data = std::mem::replace(&mut inputs, self.seen_from(scope));
                    inputs.extend(data);
                }
                Request::Decision {
                    decision: text(binding.as_deref().and_then(|b| b.decision.as_deref())),
                }
            }
            _ => Request::Service {
                transaction: text(binding.as_deref().and_then(|b| b.transaction.as_deref())),
            },
        };
        self.set_waits(scope, Waits::Request);
        self.effects.push(Effect::TransactionRequested {
            activity,
            element: id,
            request,
            binding,
            inputs,
        });
    }

    /// A script in the product's own language gives a value: its entries, or what the result variable takes.
    fn run_script(&mut self, scope: u32, element: Ix, script: &super::condition::Expression) {
        let given = match self.value(script, scope, None) {
            Ok(Value::Object(entries)) => entries,
            Ok(value) => {
                let mut given = Variables::new();
                given.insert("result".to_owned(), value);
                given
            }
            Err(why) => return self.incident(scope, Waits::ToBegin, "flow.script_failed", why),
        };
        match self.take(scope, element, given) {
            Ok(()) => self.leave(scope),
            Err(why) => self.incident(scope, Waits::ToBegin, "flow.output_failed", why),
        }
    }

    /// The due time and the escalation ladder of a work item are timers.
    fn ladder(&mut self, scope: u32, element: Ix) {
        let Some(work) = self.plan.node(element).work.as_deref() else {
            return;
        };
        let event = Ev {
            element,
            ..Ev::of(EvKind::Timer)
        };
        if work.due.is_some() {
            let id = self.listen(scope, event, React::Due);
            self.arm(id);
        }
        for rung in 0..work.rungs.len() {
            let rung = u32::try_from(rung).unwrap_or(u32::MAX);
            let id = self.listen(scope, event, React::Rung { rung });
            self.arm(id);
        }
    }

    pub fn set_waits(&mut self, scope: u32, waits: Waits) {
        if let Some(scope) = self.state.scope_mut(scope) {
            scope.waits = waits;
        }
    }

    /// Takes back what a scope asked for outside and has not got.
    pub fn withdraw(&mut self, scope: u32) {
        let Some(state) = self.state.scope_mut(scope) else {
            return;
        };
        let waits = std::mem::take(&mut state.waits);
        if waits == Waits::Nothing {
            return;
        }
        let element = self.plan.node(state.element).id.clone();
        let activity = ActivityId(scope);
        self.effects.push(match waits {
            Waits::People => Effect::WorkItemWithdrawn { activity, element },
            Waits::Call => Effect::CallWithdrawn { activity, element },
            Waits::Request => Effect::TransactionWithdrawn { activity, element },
            Waits::ToBegin | Waits::ToLeave | Waits::Nothing => {
                Effect::IncidentCleared { activity, element }
            }
        });
    }

    /// The token stays where it is until somebody mends the cause.
    pub fn incident(&mut self, scope: u32, waits: Waits, code: &str, message: String) {
        self.set_waits(scope, waits);
        self.tell_incident(scope, code, message);
    }

    pub fn tell_incident(&mut self, scope: u32, code: &str, message: String) {
        let Some(node) = self.node_of(scope) else {
            return;
        };
        let element = node.id.clone();
        self.effects.push(Effect::IncidentRaised {
            activity: ActivityId(scope),
            element,
            code: code.into(),
            message,
        });
    }
}

fn text(key: Option<&str>) -> Option<Arc<str>> {
    key.map(Into::into)
}
