//! From an event of the outside to the first line of work.

use kernel::Moment;

use super::effect::{Effect, Ending};
use super::event::{Event, StepFault};
use super::plan::{Ev, EvKind, Ix, Kind, NONE, Plan};
use super::run::{By, Run};
use super::state::{ActivityId, React, State, Variables, Waits};

/// Moves an instance by one event. Pure: the same plan, state, event and time give the same answer everywhere.
pub fn step(
    plan: &Plan,
    state: &State,
    event: Event,
    now: Moment,
) -> Result<(State, Vec<Effect>), StepFault> {
    let mut state = state.clone();
    let effects = advance(plan, &mut state, event, now)?;
    Ok((state, effects))
}

/// As [`step`], in place. On a fault the state is as it was, save for [`StepFault::Endless`] and
/// [`StepFault::TooManyTokens`]: throw it away then.
pub fn advance(
    plan: &Plan,
    state: &mut State,
    event: Event,
    now: Moment,
) -> Result<Vec<Effect>, StepFault> {
    if state
        .scopes
        .iter()
        .any(|scope| scope.element as usize >= plan.nodes.len())
    {
        return Err(StepFault::Foreign);
    }
    let starting = matches!(event, Event::Start { .. });
    match (state.started, state.ended) {
        (true, _) if starting => return Err(StepFault::AlreadyStarted),
        (false, _) if !starting => return Err(StepFault::NotStarted),
        (_, true) => return Err(StepFault::Ended),
        _ => {}
    }
    let mut run = Run::new(plan, state, now);
    run.answer(event)?;
    run.settle();
    match run.fault {
        Some(fault) => Err(fault),
        None => Ok(run.effects),
    }
}

impl Run<'_> {
    fn answer(&mut self, event: Event) -> Result<(), StepFault> {
        match event {
            Event::Start {
                start_event,
                trigger,
                variables,
            } => self.start(start_event.as_deref(), trigger, variables),
            Event::WorkItemCompleted {
                activity,
                outcome,
                variables,
            } => self.work_item_completed(activity, outcome, variables),
            Event::TransactionCompleted {
                activity,
                variables,
                by: _,
            } => self.answered(activity, Waits::Request, variables),
            Event::CallCompleted {
                activity,
                variables,
            } => self.answered(activity, Waits::Call, variables),
            Event::TransactionFailed {
                activity,
                error,
                message,
            } => self.failed(activity, Waits::Request, error, message),
            Event::CallFailed {
                activity,
                error,
                message,
            } => self.failed(activity, Waits::Call, error, message),
            Event::ErrorRaised {
                activity,
                error,
                variables,
            } => {
                let scope = self.waiting_scope(activity, None)?;
                self.assign(scope, variables);
                if self.raise(scope, EvKind::Error, &error) {
                    Ok(())
                } else {
                    Err(StepFault::NotCaught { code: error })
                }
            }
            Event::EscalationRaised {
                activity,
                escalation,
                variables,
            } => {
                let scope = self.waiting_scope(activity, None)?;
                self.assign(scope, variables);
                if !self.raise(scope, EvKind::Escalation, &escalation) {
                    // Nobody here: it goes on to whoever called this process.
                    let element = self.plan.node(self.by(scope).element).id.clone();
                    self.effects.push(Effect::EscalationThrown {
                        element,
                        code: Some(escalation.into()),
                        caught: None,
                    });
                }
                Ok(())
            }
            Event::TimerFired { timer } => {
                let waits = self
                    .sub(timer.0)
                    .is_some_and(|sub| sub.event.kind == EvKind::Timer);
                if !waits {
                    return Err(StepFault::NoSuchTimer { timer });
                }
                self.timer_fired(timer.0);
                Ok(())
            }
            Event::TimerStuck {
                timer,
                code,
                message,
            } => {
                let sub = self.sub_mut(timer.0);
                let Some(sub) = sub.filter(|sub| sub.event.kind == EvKind::Timer) else {
                    return Err(StepFault::NoSuchTimer { timer });
                };
                (sub.held, sub.stuck) = (true, true);
                let scope = sub.scope;
                self.tell_incident(scope, &code, message);
                Ok(())
            }
            Event::MessageReceived {
                wait,
                name,
                variables,
            } => self.message_received(wait.map(|w| w.0), name, variables),
            Event::SignalReceived { name, variables } => {
                self.assign(NONE, variables);
                if let Some(reference) = self.reference(EvKind::Signal, &name) {
                    self.throw_signal(
                        Ev {
                            reference,
                            ..Ev::of(EvKind::Signal)
                        },
                        By::NOBODY,
                    );
                }
                Ok(())
            }
            Event::VariablesSet { variables } => {
                self.assign(NONE, variables);
                Ok(())
            }
            Event::AdHocStarted { activity, element } => self.ad_hoc_started(activity, &element),
            Event::IncidentResolved {
                activity,
                variables,
            } => self.resolved(activity, variables),
            Event::IncidentAccepted {
                activity,
                variables,
            } => self.accepted(activity, variables),
            Event::Modified {
                cancel,
                start,
                variables,
            } => self.modified(&cancel, &start, variables),
            Event::Cancelled { reason } => {
                self.cancelled(reason);
                Ok(())
            }
        }
    }

    fn start(
        &mut self,
        start_event: Option<&str>,
        trigger: Option<u32>,
        variables: Variables,
    ) -> Result<(), StepFault> {
        let plan = self.plan;
        let root = plan.roots[0];
        let start = match start_event {
            None => NONE,
            Some(id) => {
                let known = plan
                    .find(id)
                    .filter(|_| plan.starts.iter().any(|start| &*start.element == id));
                known.ok_or_else(|| StepFault::NoSuchStart {
                    start_event: id.to_owned(),
                })?
            }
        };
        if start == NONE && plan.node(root).starts.is_empty() {
            return Err(StepFault::NoSuchStart {
                start_event: String::new(),
            });
        }
        self.state.started = true;
        self.came = trigger;
        self.assign(NONE, variables);
        self.signal(root, NONE, start, NONE, By::NOBODY);
        Ok(())
    }

    /// The scope of an activity that waits for something (for this, if given).
    fn waiting_scope(&self, activity: ActivityId, waits: Option<Waits>) -> Result<u32, StepFault> {
        let Some(scope) = self.state.scope(activity.0) else {
            return Err(StepFault::NoSuchActivity { activity });
        };
        let fits = waits.map_or(scope.phase.running(), |waits| scope.waits == waits);
        if fits {
            Ok(scope.id)
        } else {
            Err(StepFault::WrongAnswer { activity })
        }
    }

    fn work_item_completed(
        &mut self,
        activity: ActivityId,
        outcome: Option<String>,
        variables: Variables,
    ) -> Result<(), StepFault> {
        let scope = self.waiting_scope(activity, Some(Waits::People))?;
        let element = self.by(scope).element;
        let node = self.plan.node(element);
        let outcomes = node
            .work
            .as_ref()
            .and_then(|work| work.binding.as_ref())
            .map_or(&[][..], |b| &b.outcomes);
        let chosen = outcome.as_deref().unwrap_or_default();
        let known = outcomes.is_empty() || outcomes.iter().any(|known| known.key == chosen);
        if !known {
            return Err(StepFault::UnknownOutcome {
                element: node.id.clone(),
                outcome: chosen.to_owned(),
            });
        }
        self.set_waits(scope, Waits::Nothing);
        if let Some(outcome) = &outcome {
            self.note_outcome(element, outcome);
        }
        self.go_on_with(scope, element, variables);
        Ok(())
    }

    fn answered(
        &mut self,
        activity: ActivityId,
        waits: Waits,
        variables: Variables,
    ) -> Result<(), StepFault> {
        let scope = self.waiting_scope(activity, Some(waits))?;
        let element = self.by(scope).element;
        self.set_waits(scope, Waits::Nothing);
        self.go_on_with(scope, element, variables);
        Ok(())
    }

    fn go_on_with(&mut self, scope: u32, element: Ix, variables: Variables) {
        match self.take(scope, element, variables) {
            Ok(()) => self.leave(scope),
            Err(why) => self.incident(scope, Waits::ToLeave, "flow.output_failed", why),
        }
    }

    fn failed(
        &mut self,
        activity: ActivityId,
        waits: Waits,
        error: Option<String>,
        message: String,
    ) -> Result<(), StepFault> {
        let scope = self.waiting_scope(activity, Some(waits))?;
        self.set_waits(scope, Waits::Nothing);
        if let Some(error) = error
            && self.raise(scope, EvKind::Error, &error)
        {
            return Ok(());
        }
        self.incident(scope, Waits::ToBegin, "flow.transaction_failed", message);
        Ok(())
    }

    /// Throws from within an activity: its own boundary events come first. `true`: somebody caught it.
    fn raise(&mut self, scope: u32, kind: EvKind, code: &str) -> bool {
        // A code that the document does not know is caught only by those who catch all.
        let reference = self.reference(kind, code).unwrap_or(NONE - 1);
        let event = Ev {
            reference,
            ..Ev::of(kind)
        };
        let by = self.by(scope);
        let own = self
            .state
            .subs
            .iter()
            .any(|sub| sub.scope == scope && event.meets(&sub.event));
        if own {
            self.trigger(scope, event, By::NOBODY);
            return true;
        }
        self.throw_up(
            event,
            By {
                element: NONE,
                ..by
            },
        )
        .is_some()
    }

    fn reference(&self, kind: EvKind, name: &str) -> Option<u32> {
        self.plan
            .references
            .get(&(kind as u8, name.into()))
            .copied()
    }

    fn message_received(
        &mut self,
        wait: Option<u32>,
        name: String,
        variables: Variables,
    ) -> Result<(), StepFault> {
        let message = |kind: EvKind| kind == EvKind::Message;
        let found = match wait {
            Some(id) => self
                .sub(id)
                .filter(|sub| message(sub.event.kind))
                .map(|sub| sub.id),
            None => self
                .reference(EvKind::Message, &name)
                .and_then(|reference| {
                    let mut subs = self.state.subs.iter();
                    subs.find(|sub| message(sub.event.kind) && sub.event.reference == reference)
                        .map(|sub| sub.id)
                }),
        };
        let Some(id) = found else {
            return Err(StepFault::NotAwaited { name });
        };
        let scope = self.sub(id).map_or(NONE, |sub| sub.scope);
        self.assign(scope, variables);
        self.deliver(id, By::NOBODY);
        Ok(())
    }

    fn ad_hoc_started(&mut self, activity: ActivityId, element: &str) -> Result<(), StepFault> {
        let scope = self.waiting_scope(activity, None)?;
        let around = self.by(scope).element;
        let unknown = || StepFault::NoSuchElement {
            element: element.to_owned(),
        };
        let ix = self
            .plan
            .find(element)
            .filter(|ix| self.plan.node(*ix).parent == around)
            .ok_or_else(unknown)?;
        if !matches!(self.plan.node(around).kind, Kind::AdHoc { .. }) {
            return Err(StepFault::WrongAnswer { activity });
        }
        self.enter(ix, scope, None);
        Ok(())
    }

    fn resolved(&mut self, activity: ActivityId, variables: Variables) -> Result<(), StepFault> {
        let Some(scope) = self.state.scope(activity.0) else {
            return Err(StepFault::NoSuchActivity { activity });
        };
        let (id, element, waits) = (scope.id, scope.element, scope.waits);
        let unarmed =
            self.ids(|sub| sub.scope == id && sub.event.kind == EvKind::Timer && sub.held);
        if !matches!(waits, Waits::ToBegin | Waits::ToLeave) && unarmed.is_empty() {
            return Err(StepFault::WrongAnswer { activity });
        }
        self.assign(id, variables);
        let name = self.plan.node(element).id.clone();
        self.effects.push(Effect::IncidentCleared {
            activity,
            element: name,
        });
        self.set_waits(id, Waits::Nothing);
        match waits {
            Waits::ToBegin if !unarmed.is_empty() => {
                unarmed.into_iter().for_each(|sub| self.arm(sub));
            }
            Waits::ToBegin => self.begin_again(id, element),
            Waits::ToLeave => self.leave(id),
            _ => unarmed.into_iter().for_each(|sub| self.arm(sub)),
        }
        Ok(())
    }

    fn accepted(&mut self, activity: ActivityId, variables: Variables) -> Result<(), StepFault> {
        let scope = self.waiting_scope(activity, Some(Waits::ToBegin))?;
        let element = self.by(scope).element;
        let node = self.plan.node(element);
        let asks = matches!(
            node.kind,
            Kind::Service | Kind::Send | Kind::Rule | Kind::Script | Kind::Call
        );
        let one = node.repeat.is_none() || self.state.scope(scope).is_some_and(|scope| scope.inner);
        if !asks || !one {
            return Err(StepFault::WrongAnswer { activity });
        }
        let name = node.id.clone();
        self.effects.push(Effect::IncidentCleared {
            activity,
            element: name,
        });
        self.set_waits(scope, Waits::Nothing);
        self.go_on_with(scope, element, variables);
        Ok(())
    }

    fn begin_again(&mut self, scope: u32, element: Ix) {
        let by = self.by(self.state.scope(scope).map_or(NONE, |scope| scope.parent));
        if self
            .state
            .repeats
            .iter()
            .any(|repetition| repetition.scope == scope)
        {
            return self.next_run(scope);
        }
        self.on_enter(scope, element, by);
    }

    /// Takes activities away and begins elements. Sub-processes around an element that do not run are begun with it.
    fn modified(
        &mut self,
        cancel: &[ActivityId],
        start: &[crate::model::ElementId],
        variables: Variables,
    ) -> Result<(), StepFault> {
        for activity in cancel {
            let root = self
                .node_of(activity.0)
                .ok_or(StepFault::NoSuchActivity {
                    activity: *activity,
                })?
                .kind
                == Kind::Root;
            if root {
                return Err(StepFault::WrongAnswer {
                    activity: *activity,
                });
            }
        }
        let mut targets = Vec::with_capacity(start.len());
        for id in start {
            let known = self
                .plan
                .find(id)
                .filter(|ix| self.plan.node(*ix).parent != NONE);
            let begins = known.filter(|ix| {
                !matches!(
                    self.plan.node(*ix).kind,
                    Kind::SequenceFlow | Kind::EventSub
                )
            });
            targets.push(begins.ok_or_else(|| StepFault::NoSuchElement {
                element: id.to_string(),
            })?);
        }
        self.assign(NONE, variables);
        let mut parents = Vec::new();
        for target in targets {
            let parent = self.running_parent(target);
            parents.push(parent);
            if self.plan.node(target).kind == Kind::Boundary {
                self.signal(target, parent, NONE, NONE, By::NOBODY);
            } else {
                self.enter(target, parent, None);
            }
        }
        for activity in cancel {
            let Some(scope) = self.state.scope(activity.0) else {
                continue;
            };
            let parent = scope.parent;
            self.forget_where(
                |sub| matches!(sub.react, React::Gate { gateway } if gateway == activity.0),
            );
            self.destroy(activity.0, Some(Ending::Withdrawn));
            self.try_exit(parent, NONE);
        }
        Ok(())
    }

    fn running_parent(&mut self, element: Ix) -> u32 {
        let plan = self.plan;
        let around = plan.node(element).parent;
        let mut running = self
            .state
            .scopes
            .iter()
            .filter(|scope| scope.element == around && scope.phase.running());
        if let Some(scope) = running.next_back() {
            return scope.id;
        }
        let parent = self.running_parent(around);
        let inner = plan.node(around).repeat.is_some();
        let scope = self.make(around, parent, NONE, false);
        self.begin_by_hand(scope);
        if !inner {
            return scope;
        }
        let run = self.make(around, scope, NONE, true);
        self.begin_by_hand(run);
        run
    }

    fn begin_by_hand(&mut self, scope: u32) {
        let Some(state) = self.state.scope_mut(scope) else {
            return;
        };
        state.phase = super::state::Phase::Running;
        let element = state.element;
        let node = self.plan.node(element);
        self.effects.push(Effect::Entered {
            activity: ActivityId(scope),
            element: node.id.clone(),
        });
        if node.kind == Kind::Transaction {
            self.open_transaction(scope, element);
        }
    }

    fn cancelled(&mut self, reason: String) {
        let roots: Vec<u32> = self
            .state
            .scopes
            .iter()
            .filter(|scope| scope.parent == NONE)
            .map(|scope| scope.id)
            .collect();
        for root in roots {
            self.destroy(root, Some(Ending::Withdrawn));
        }
        self.state.ended = true;
        self.effects.push(Effect::Terminated { reason });
    }
}
