//! The engine room: scopes, the queue that moves them, and who listens for what.
//!
//! One queue, first in first out: all tokens advance in lock step, one line of work each, breadth first. That order is
//! part of what a step promises, because replay hangs on it.

use std::collections::{HashMap, HashSet, VecDeque};

use kernel::Moment;

use super::effect::{Effect, Ending};
use super::event::StepFault;
use super::plan::{Ev, EvKind, Ix, Kind, NONE, Node, Plan};
use super::state::{ActivityId, Gone, Phase, React, Scope, State, Sub, Waits};
use crate::model::TimingKind;

/// The most lines of work in one step: beyond it a loop has no wait in it.
pub(crate) const MAX_JOBS: u32 = 400_000;
/// The most scopes that an instance may hold.
pub(crate) const MAX_SCOPES: usize = 50_000;

/// Decisions made by hand, for playing tokens: which activities pause, which flows a gateway takes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Steer {
    pub(crate) waits: HashSet<Ix>,
    pub(crate) choices: HashMap<Ix, Vec<Ix>>,
}

impl Steer {
    /// From now on the activity pauses when it is entered. `false`: no such element.
    pub fn wait(&mut self, plan: &Plan, element: &str) -> bool {
        plan.find(element).map(|ix| self.waits.insert(ix)).is_some()
    }

    /// From now on the gateway takes exactly these flows. `false`: no such element or flow.
    pub fn choose<'a>(
        &mut self,
        plan: &Plan,
        gateway: &str,
        flows: impl IntoIterator<Item = &'a str>,
    ) -> bool {
        let flows: Option<Vec<Ix>> = flows.into_iter().map(|flow| plan.find(flow)).collect();
        let (Some(gateway), Some(flows)) = (plan.find(gateway), flows) else {
            return false;
        };
        self.choices.insert(gateway, flows);
        true
    }
}

/// One line of what happened, finer than effects: also for flows and for each scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub action: Action,
    pub element: Ix,
    pub scope: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Create,
    Enter,
    Signal,
    Exit,
    Destroy,
}

pub(crate) struct Run<'a> {
    pub plan: &'a Plan,
    pub state: &'a mut State,
    pub now: Moment,
    pub steer: Option<&'a Steer>,
    pub trace: Option<&'a mut Vec<Line>>,
    pub effects: Vec<Effect>,
    pub jobs: VecDeque<Job>,
    pub budget: u32,
    pub fault: Option<StepFault>,
    /// While a token passes from one scope to the next: scopes that are gone, to be told when the next is there. Told at
    /// once, an inclusive join would think that nothing is on its way.
    pub between: Option<Vec<u32>>,
    /// Variables changed, or a condition is new: conditional events have to look again.
    pub changed: bool,
    /// Which trigger of its start event began the instance, until that event has been told.
    pub came: Option<u32>,
}

/// Who set something off.
#[derive(Clone, Copy, Debug)]
pub(crate) struct By {
    pub scope: u32,
    pub element: Ix,
}

impl By {
    pub const NOBODY: Self = Self {
        scope: NONE,
        element: NONE,
    };
}

pub(crate) struct Job {
    pub scope: u32,
    pub what: What,
}

pub(crate) enum What {
    Enter { by: By },
    Signal { start: Ix, host: u32, by: By },
    Exit { chosen: Vec<Ix> },
}

impl<'a> Run<'a> {
    pub fn new(plan: &'a Plan, state: &'a mut State, now: Moment) -> Self {
        Self {
            plan,
            state,
            now,
            steer: None,
            trace: None,
            effects: Vec::with_capacity(8),
            jobs: VecDeque::with_capacity(8),
            budget: MAX_JOBS,
            fault: None,
            between: None,
            changed: false,
            came: None,
        }
    }

    /// Whether this is for real, and not tokens played by hand.
    pub fn real(&self) -> bool {
        self.steer.is_none()
    }

    pub fn node_of(&self, scope: u32) -> Option<&'a Node> {
        let plan = self.plan;
        self.state
            .scope(scope)
            .map(|scope| plan.node(scope.element))
    }

    pub fn line(&mut self, action: Action, element: Ix, scope: u32) {
        if let Some(trace) = &mut self.trace {
            trace.push(Line {
                action,
                element,
                scope,
            });
        }
    }

    /// Works until every token waits.
    pub fn settle(&mut self) {
        loop {
            while let Some(job) = self.jobs.pop_front() {
                let Some(at) = self.state.at(job.scope) else {
                    continue;
                };
                if self.budget == 0 {
                    let element = self.plan.node(self.state.scopes[at].element).id.clone();
                    self.fault = Some(StepFault::Endless { element });
                    return;
                }
                self.budget -= 1;
                self.work(job, at);
                if self.fault.is_some() {
                    return;
                }
            }
            if !std::mem::take(&mut self.changed) {
                return;
            }
            self.look_at_conditions();
            if self.jobs.is_empty() && !self.changed {
                return;
            }
        }
    }

    fn work(&mut self, job: Job, at: usize) {
        let Scope {
            element,
            parent,
            phase,
            inner,
            ..
        } = self.state.scopes[at];
        if phase == Phase::Made && !matches!(job.what, What::Exit { .. }) {
            self.state.scopes[at].phase = Phase::Running;
            self.entered(job.scope, element, inner);
        }
        match job.what {
            What::Enter { by } => {
                self.line(Action::Enter, element, parent);
                self.on_enter(job.scope, element, by);
            }
            What::Signal { start, host, by } => {
                self.line(Action::Signal, element, job.scope);
                self.on_signal(job.scope, element, start, host, by);
            }
            What::Exit { chosen } => {
                self.line(Action::Exit, element, job.scope);
                self.left(job.scope, element, phase);
                self.on_exit(job.scope, element, &chosen);
                if let Some(scope) = self.state.scope_mut(job.scope) {
                    if scope.phase.running() {
                        scope.phase = scope.phase.complete();
                    }
                    self.destroy(job.scope, None);
                }
            }
        }
    }

    fn entered(&mut self, scope: u32, element: Ix, inner: bool) {
        let node = self.plan.node(element);
        match node.kind {
            Kind::SequenceFlow => self.effects.push(Effect::Took {
                flow: node.id.clone(),
            }),
            Kind::MessageFlow | Kind::Root => {}
            // The runs of a repeated activity are entered, the activity around them is not.
            _ if node.repeat.is_some() && !inner => {}
            _ => self.effects.push(Effect::Entered {
                activity: ActivityId(scope),
                element: node.id.clone(),
            }),
        }
    }

    fn left(&mut self, scope: u32, element: Ix, phase: Phase) {
        let node = self.plan.node(element);
        if matches!(node.kind, Kind::SequenceFlow | Kind::MessageFlow) {
            return;
        }
        self.withdraw(scope);
        if node.kind == Kind::Root {
            if self.real() {
                self.state.ended = true;
                self.effects.push(match phase {
                    Phase::Terminating => Effect::Terminated {
                        reason: String::new(),
                    },
                    _ => Effect::Completed,
                });
            }
            return;
        }
        let Some(Scope { inner, undone, .. }) = self.state.scope(scope) else {
            return;
        };
        if (node.repeat.is_some() && !inner) || *undone {
            return;
        }
        let ending = if phase.failed() {
            Ending::Interrupted
        } else {
            Ending::Completed
        };
        self.effects.push(Effect::Left {
            activity: ActivityId(scope),
            element: node.id.clone(),
            ending,
        });
    }

    // Scopes.

    pub fn make(&mut self, element: Ix, parent: u32, via: Ix, inner: bool) -> u32 {
        self.line(Action::Create, element, parent);
        let id = self.state.next;
        self.state.next += 1;
        let scope = Scope {
            id,
            element,
            parent,
            phase: Phase::Made,
            via,
            failed_by: NONE,
            waits: Waits::Nothing,
            inner,
            undone: false,
        };
        self.state.scopes.push(scope);
        if self.state.scopes.len() > MAX_SCOPES {
            self.fault = Some(StepFault::TooManyTokens { limit: MAX_SCOPES });
        }
        let node = self.plan.node(element);
        // Of a repeated activity, the whole has the boundary events and each run has what is inside.
        if node.repeat.is_none() || inner {
            for (sub, start) in &node.event_subs {
                self.subscribe_all(
                    id,
                    *start,
                    React::EventSub {
                        sub: *sub,
                        start: *start,
                    },
                );
            }
        }
        if !inner {
            for event in &node.attachers {
                self.subscribe_all(id, *event, React::Boundary);
            }
        }
        id
    }

    pub fn enter(&mut self, element: Ix, parent: u32, by: Option<By>) -> u32 {
        let by = by.unwrap_or_else(|| self.by(parent));
        let scope = self.make(element, parent, by.element, false);
        self.jobs.push_back(Job {
            scope,
            what: What::Enter { by },
        });
        scope
    }

    /// Sets a new scope going by an event.
    pub fn signal(&mut self, element: Ix, parent: u32, start: Ix, host: u32, by: By) -> u32 {
        let scope = self.make(element, parent, by.element, false);
        self.jobs.push_back(Job {
            scope,
            what: What::Signal { start, host, by },
        });
        scope
    }

    pub fn by(&self, scope: u32) -> By {
        By {
            scope,
            element: self.state.scope(scope).map_or(NONE, |scope| scope.element),
        }
    }

    pub fn exit(&mut self, scope: u32, chosen: Vec<Ix>) {
        self.jobs.push_back(Job {
            scope,
            what: What::Exit { chosen },
        });
    }

    /// Ends a scope and all in it. A completed one in which something can be compensated is kept.
    ///
    /// `ending` is told for scopes that were not left of themselves.
    pub fn destroy(&mut self, id: u32, ending: Option<Ending>) {
        let Some(at) = self.state.at(id) else { return };
        let before = self.state.scopes[at].phase;
        if let Some(kept) = before.destroy().filter(|_| ending.is_none()) {
            self.state.scopes[at].phase = kept;
            self.forget_where(|sub| sub.scope == id && !sub.event.lasting);
            self.completed_last(id);
            return;
        }
        // What stands on the way out of its parent still counts as dead for it.
        self.forget_where(|sub| sub.scope == id);
        let below = if ending.is_some() {
            ending
        } else {
            Some(Ending::Withdrawn)
        };
        let mut after = id;
        while let Some(child) = self.child_after(id, after) {
            self.destroy(child, below);
            after = child;
        }
        let Some(at) = self.state.at(id) else { return };
        let element = self.state.scopes[at].element;
        if let Some(ending) = ending {
            self.withdraw(id);
            let node = self.plan.node(element);
            let shown = !matches!(
                node.kind,
                Kind::SequenceFlow | Kind::MessageFlow | Kind::Root
            ) && !matches!(before, Phase::Made | Phase::Kept)
                && !self.state.scopes[at].undone
                && (node.repeat.is_none() || self.state.scopes[at].inner);
            if shown {
                let element = node.id.clone();
                self.effects.push(Effect::Left {
                    activity: ActivityId(id),
                    element,
                    ending,
                });
            }
        }
        self.state.scopes.remove(at);
        self.line(Action::Destroy, element, id);
        self.forget_extras(id);
        self.tell_gone(id);
    }

    fn child_after(&self, parent: u32, after: u32) -> Option<u32> {
        let from = self.state.scopes.partition_point(|scope| scope.id <= after);
        self.state.scopes[from..]
            .iter()
            .find(|scope| scope.parent == parent)
            .map(|scope| scope.id)
    }

    fn forget_extras(&mut self, id: u32) {
        let state = &mut *self.state;
        state.locals.retain(|(scope, _)| *scope != id);
        state.repeats.retain(|repetition| repetition.scope != id);
        state.spent.retain(|(scope, _, _)| *scope != id);
        state.posts.retain(|(scope, _, _)| *scope != id);
        state.gone.retain(|gone| gone.scope != id);
    }

    /// Whoever waited for this scope to be gone.
    fn tell_gone(&mut self, id: u32) {
        if self.state.gone.is_empty() {
            return;
        }
        if let Some(between) = &mut self.between {
            between.push(id);
            return;
        }
        let mut complete = Vec::new();
        self.state.gone.retain_mut(|gone| {
            let before = gone.remaining.len();
            gone.remaining.retain(|scope| *scope != id);
            let done = gone.remaining.is_empty() && before > 0;
            if done {
                complete.push(gone.scope);
            }
            !done
        });
        for scope in complete {
            self.trigger(scope, Ev::of(EvKind::AllGone), By::NOBODY);
        }
    }

    /// `scope` hears [`EvKind::AllGone`] when the last of these is gone.
    pub fn wait_for(&mut self, scope: u32, others: &[u32], react: React) -> bool {
        if others.is_empty() {
            return false;
        }
        self.state.gone.push(Gone {
            scope,
            remaining: others.to_vec(),
        });
        self.listen(scope, Ev::of(EvKind::AllGone), react);
        true
    }

    pub fn destroy_children(&mut self, of: u32, but: u32) {
        let mut after = of;
        while let Some(child) = self.child_after(of, after) {
            // What was completed before can still be compensated, as long as the scope itself is there.
            let kept = self.real()
                && self
                    .state
                    .scope(child)
                    .is_some_and(|child| child.phase == Phase::Kept);
            if child != but && !kept {
                self.destroy(child, Some(Ending::Withdrawn));
            }
            after = child;
        }
    }

    /// Ends what is in a scope but for who did it; the scope has failed.
    pub fn interrupt(&mut self, scope: u32, by: u32) {
        self.destroy_children(scope, by);
        self.fail(scope, by);
    }

    pub fn fail(&mut self, scope: u32, by: u32) {
        if let Some(scope) = self
            .state
            .scope_mut(scope)
            .filter(|scope| !scope.phase.failed())
        {
            scope.phase = scope.phase.fail();
            scope.failed_by = by;
        }
    }

    pub fn terminate(&mut self, scope: u32, by: u32) {
        self.destroy_children(scope, NONE);
        if let Some(scope) = self.state.scope_mut(scope) {
            scope.phase = scope.phase.terminate();
        }
        self.try_exit(scope, by);
    }

    fn finished(&self, scope: u32, but: u32) -> bool {
        // One that was terminated is still to leave, and may go on by its way out.
        self.state.children(scope).all(|child| {
            (child.phase.completed() && child.phase != Phase::Terminating) || child.id == but
        })
    }

    /// Leaves a scope when nothing in it is alive but for `by`. `true`: it cannot leave yet.
    pub fn try_exit(&mut self, scope: u32, by: u32) -> bool {
        let by = if by == NONE { scope } else { by };
        let Some(node) = self.node_of(scope) else {
            return false;
        };
        if !self.finished(scope, by) {
            return true;
        }
        let early = self.ids(|sub| sub.scope == scope && sub.event.kind == EvKind::BeforeExit);
        for _ in early {
            let begun = self.trigger(scope, before_exit(), self.by(by));
            if !begun.is_empty() {
                return true;
            }
        }
        if self.next_of_sequence(scope) {
            return true;
        }
        self.trigger(scope, exiting(), self.by(by));
        let repeated = node.repeat.is_some();
        if repeated || node.kind != Kind::Root {
            self.leave(scope);
        } else {
            self.exit(scope, Vec::new());
        }
        false
    }

    // Listening.

    pub fn ids(&self, wanted: impl Fn(&Sub) -> bool) -> Vec<u32> {
        self.state
            .subs
            .iter()
            .filter(|sub| wanted(sub))
            .map(|sub| sub.id)
            .collect()
    }

    pub fn listen(&mut self, scope: u32, event: Ev, react: React) -> u32 {
        let id = self.state.next;
        self.state.next += 1;
        self.state.subs.push(Sub {
            id,
            scope,
            event,
            react,
            nth: 0,
            repeats: 0,
            held: false,
            stuck: false,
        });
        id
    }

    /// Listens for every event of an element on behalf of a scope.
    pub fn subscribe_all(&mut self, scope: u32, element: Ix, react: React) {
        self.subscribe(scope, element, react, None);
    }

    /// Listens to the events of an element, but for one that came already.
    pub fn subscribe(&mut self, scope: u32, element: Ix, react: React, but: Option<u32>) {
        let node = self.plan.node(element);
        if node.events.is_empty() {
            let mut event = Ev::of(EvKind::None);
            event.element = element;
            let begins = matches!(node.kind, Kind::Boundary | Kind::Start);
            event.boundary = node.kind == Kind::Boundary;
            event.interrupting = begins && node.interrupting;
            self.listen(scope, event, react);
            return;
        }
        for (nth, event) in node.events.iter().enumerate() {
            let nth = u32::try_from(nth).unwrap_or(0);
            if but == Some(nth) {
                continue;
            }
            let mut ev = event.ev;
            // What goes on when all have come is not interrupted by the first.
            ev.interrupting &= react != React::ContinueWhenAll;
            let id = self.listen(scope, ev, react);
            if let Some(sub) = self.state.subs.last_mut() {
                sub.nth = nth;
            }
            if self.real() {
                self.announce(id);
            }
        }
    }

    pub fn sub(&self, id: u32) -> Option<&Sub> {
        self.state
            .subs
            .binary_search_by_key(&id, |sub| sub.id)
            .ok()
            .map(|at| &self.state.subs[at])
    }

    pub fn sub_mut(&mut self, id: u32) -> Option<&mut Sub> {
        self.state
            .subs
            .binary_search_by_key(&id, |sub| sub.id)
            .ok()
            .map(|at| &mut self.state.subs[at])
    }

    pub fn forget(&mut self, id: u32) {
        if let Ok(at) = self.state.subs.binary_search_by_key(&id, |sub| sub.id) {
            let sub = self.state.subs.remove(at);
            self.denounce(&sub);
        }
    }

    pub fn forget_where(&mut self, wanted: impl Fn(&Sub) -> bool) {
        if self.state.subs.iter().any(&wanted) {
            for id in self.ids(wanted) {
                self.forget(id);
            }
        }
    }

    /// Tells a scope of an event. Gives the scopes that this began.
    pub fn trigger(&mut self, scope: u32, event: Ev, by: By) -> Vec<u32> {
        let mut matching: Vec<(u32, Ev)> = self
            .state
            .subs
            .iter()
            .filter(|sub| sub.scope == scope && event.meets(&sub.event))
            .map(|sub| (sub.id, sub.event))
            .collect();
        matching.retain(|(id, _)| !self.misses_others(*id));
        if matches!(event.kind, EvKind::Error | EvKind::Escalation) {
            // One that names the reference comes before one that catches all, among catchers of one sort.
            let exact = |(_, awaited): &(u32, Ev)| awaited.reference == event.reference;
            let inside = |(_, awaited): &(u32, Ev)| !awaited.boundary;
            let boundary = |one: &(u32, Ev)| !inside(one);
            let only_boundary = matching.iter().all(boundary);
            let exact_boundary = matching.iter().any(|one| exact(one) && boundary(one));
            let exact_inside = matching.iter().any(|one| exact(one) && inside(one));
            if (only_boundary && exact_boundary) || exact_inside {
                matching.retain(exact);
            }
        }
        let interrupting = matching.iter().filter(|(_, awaited)| awaited.interrupting);
        // An event sub-process comes before a boundary event.
        let first = interrupting
            .clone()
            .find(|(_, awaited)| !awaited.boundary)
            .or(interrupting.clone().next());
        match first.copied() {
            None => matching
                .into_iter()
                .flat_map(|(id, _)| self.fire(id, by))
                .collect(),
            Some((id, awaited)) => {
                self.silence(scope, id, awaited);
                self.fire(id, by)
            }
        }
    }

    /// Tells one listener and no other.
    pub fn deliver(&mut self, id: u32, by: By) -> Vec<u32> {
        let Some((scope, event)) = self.sub(id).map(|sub| (sub.scope, sub.event)) else {
            return Vec::new();
        };
        if self.misses_others(id) {
            return Vec::new();
        }
        if event.interrupting {
            self.silence(scope, id, event);
        }
        self.fire(id, by)
    }

    /// The place where all of several events are awaited: a boundary event or the start of an event sub-process.
    fn together(&self, sub: &Sub) -> bool {
        let place = matches!(sub.react, React::Boundary | React::EventSub { .. });
        let node = || self.plan.node(sub.event.element);
        place && self.real() && node().all && node().events.len() > 1
    }

    /// Whether others are still to come before what this listener waits for together with them occurs. It has heard its own.
    fn misses_others(&mut self, id: u32) -> bool {
        let Some(own) = self.sub(id).filter(|sub| self.together(sub)).cloned() else {
            return false;
        };
        let with = |other: &Sub| {
            let same = other.scope == own.scope && other.react == own.react;
            same && other.event.element == own.event.element && other.id != id
        };
        let missing = self.state.subs.iter().any(with);
        if missing {
            self.forget(id);
        }
        missing
    }

    /// What does not interrupt occurs again when all have come again. A timer that is no cycle comes once.
    fn await_again(&mut self, sub: &Sub) {
        let node = self.plan.node(sub.event.element);
        let mut timers = node.events.iter().filter_map(|event| event.timer.as_ref());
        if timers.any(|timer| timer.timing.kind != TimingKind::Cycle) {
            return self.forget(sub.id);
        }
        self.forget(sub.id);
        self.subscribe_all(sub.scope, sub.event.element, sub.react);
        self.conditions_as_they_are(sub.scope, sub.event.element);
    }

    /// An interrupting event leaves nobody listening at its scope but what must stay.
    pub fn silence(&mut self, scope: u32, but: u32, event: Ev) {
        // A boundary event still hears what an event sub-process throws on.
        self.forget_where(|sub| {
            let stays = sub.event.persistent || (sub.event.boundary && !event.boundary);
            sub.scope == scope && sub.id != but && !stays
        });
    }

    /// Sets off what one listener is for.
    pub fn fire(&mut self, id: u32, by: By) -> Vec<u32> {
        let Some(sub) = self.sub(id) else {
            return Vec::new();
        };
        let (scope, event, react) = (sub.scope, sub.event, sub.react);
        if event.interrupting && !event.persistent {
            self.forget(id);
        } else if self.together(sub) {
            let sub = sub.clone();
            self.await_again(&sub);
        }
        match react {
            React::EventSub { sub, start } => vec![self.signal(sub, scope, start, NONE, by)],
            React::Boundary => {
                let Some(parent) = self.state.scope(scope).map(|scope| scope.parent) else {
                    return Vec::new();
                };
                vec![self.signal(event.element, parent, NONE, scope, by)]
            }
            React::Continue => {
                self.forget_where(|sub| sub.scope == scope && sub.react == React::Continue);
                self.resume(scope, by)
            }
            React::ContinueWhenAll => {
                self.forget(id);
                if self
                    .state
                    .subs
                    .iter()
                    .any(|sub| sub.scope == scope && sub.react == React::ContinueWhenAll)
                {
                    return Vec::new();
                }
                self.resume(scope, by)
            }
            React::Gate { gateway } => self.through_gate(id, gateway, scope, event.element, by),
            React::LeaveBoundary { boundary } => {
                self.forget(id);
                self.leave(boundary);
                Vec::new()
            }
            React::Rejoin => {
                self.forget(id);
                self.try_join(scope, &mut Vec::new());
                Vec::new()
            }
            React::Due | React::Rung { .. } => {
                self.forget(id);
                Vec::new()
            }
            undo => self.undo(id, scope, undo, by),
        }
    }

    pub fn resume(&mut self, scope: u32, by: By) -> Vec<u32> {
        self.jobs.push_back(Job {
            scope,
            what: What::Signal {
                start: NONE,
                host: NONE,
                by,
            },
        });
        vec![scope]
    }

    fn through_gate(&mut self, id: u32, gateway: u32, scope: u32, target: Ix, by: By) -> Vec<u32> {
        let all = matches!(
            self.node_of(gateway).map(|node| node.kind),
            Some(Kind::EventBased { all: true })
        );
        if all {
            self.forget_where(|sub| {
                sub.react == React::Gate { gateway }
                    && (sub.id == id || sub.event.element == target)
            });
        } else {
            self.forget_where(|sub| sub.react == React::Gate { gateway });
        }
        let open = self
            .state
            .subs
            .iter()
            .any(|sub| sub.react == React::Gate { gateway });
        self.between = Some(Vec::new());
        if !open {
            self.destroy(gateway, Some(Ending::Completed));
        }
        let next = self.signal(target, scope, NONE, NONE, by);
        for gone in self.between.take().unwrap_or_default() {
            self.tell_gone(gone);
        }
        vec![next]
    }
}

pub(crate) fn before_exit() -> Ev {
    Ev {
        interrupting: true,
        persistent: true,
        ..Ev::of(EvKind::BeforeExit)
    }
}

pub(crate) fn exiting() -> Ev {
    Ev {
        interrupting: true,
        persistent: true,
        ..Ev::of(EvKind::Exit)
    }
}
