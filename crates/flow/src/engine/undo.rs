//! Compensation and transactions: what was completed is undone, the latest first.

use super::plan::{Ev, EvKind, Ix, Kind, NONE};
use super::run::{By, Run, before_exit};
use super::state::{Phase, React, Sub};

impl Run<'_> {
    pub fn open_transaction(&mut self, scope: u32, element: Ix) {
        self.listen(
            scope,
            Ev {
                interrupting: true,
                persistent: true,
                ..Ev::of(EvKind::Cancel)
            },
            React::CancelTransaction,
        );
        let undo = Ev {
            reference: element,
            persistent: true,
            lasting: true,
            ..Ev::of(EvKind::Compensate)
        };
        self.listen(scope, undo, React::CompensateTransaction);
    }

    /// Reactions that undo something.
    pub fn undo(&mut self, id: u32, scope: u32, react: React, by: By) -> Vec<u32> {
        match react {
            React::CancelTransaction => {
                self.forget(id);
                self.cancel_transaction(scope, by)
            }
            React::CompensateTransaction => {
                let cancelled = self
                    .state
                    .scope(scope)
                    .is_some_and(|scope| scope.phase == Phase::Cancelling);
                if !cancelled {
                    return self.trigger(scope, Ev::of(EvKind::Cancel), by);
                }
                self.forget(id);
                let element = self.by(scope).element;
                self.compensate(scope, element);
                Vec::new()
            }
            React::CompensateHere => {
                self.forget(id);
                self.fail(scope, by.scope);
                if self.real()
                    && let Some(scope) = self.state.scope_mut(scope)
                {
                    scope.undone = true;
                }
                let element = self.by(scope).element;
                self.compensate(scope, element);
                self.try_exit(scope, by.scope);
                vec![scope]
            }
            React::CompensateChild { child } => {
                self.forget(id);
                let reference = self.by(child).element;
                self.trigger(
                    child,
                    Ev {
                        reference,
                        ..Ev::of(EvKind::Compensate)
                    },
                    by,
                )
            }
            React::HandlerSub { sub, start } => {
                self.forget(id);
                vec![self.signal(sub, scope, start, NONE, by)]
            }
            React::Handler { activity } => {
                self.forget(id);
                vec![self.enter(activity, scope, Some(by))]
            }
            React::Compensate { node } => {
                self.forget(id);
                self.trigger(
                    scope,
                    Ev {
                        reference: node,
                        ..Ev::of(EvKind::Compensate)
                    },
                    By::NOBODY,
                )
            }
            React::Unwind {
                target,
                below,
                only,
                ahead,
            } => {
                self.forget(id);
                if self.unwind(scope, target, below, only, ahead) {
                    return Vec::new();
                }
                if ahead {
                    self.exit(scope, Vec::new());
                    return vec![scope];
                }
                self.resume(scope, by)
            }
            React::UnwindHere { below, own } => {
                self.forget(id);
                self.unwind_here(scope, below, own)
            }
            _ => Vec::new(),
        }
    }

    /// The latest listener older than `below` that can undo something now. What still runs is not compensated.
    fn latest(&self, target: u32, below: u32, wanted: impl Fn(Ix) -> bool) -> Option<u32> {
        let can = |react: React| match react {
            React::Handler { .. } | React::HandlerSub { .. } => true,
            React::CompensateChild { child } => self
                .state
                .scope(child)
                .is_some_and(|child| child.phase == Phase::Kept),
            _ => false,
        };
        let of_target = self.state.subs.iter().rev().filter(|sub| {
            sub.scope == target && sub.id < below && sub.event.kind == EvKind::Compensate
        });
        of_target
            .filter(|sub| can(sub.react) && wanted(sub.event.reference))
            .map(|sub| sub.id)
            .next()
    }

    /// Compensates what was completed in `target` before `below`, the latest first; `thrower` hears when each is done.
    /// `false`: there is nothing more (BPMN 2.0, 10.7.2: in the reverse order of completion).
    pub fn unwind(
        &mut self,
        thrower: u32,
        target: u32,
        mut below: u32,
        only: Ix,
        ahead: bool,
    ) -> bool {
        let own = self.by(target).element;
        let wanted = |reference: Ix| {
            if only == NONE {
                reference != own
            } else {
                reference == only
            }
        };
        while let Some(id) = self.latest(target, below, wanted) {
            below = id;
            let begun = self.fire(id, By::NOBODY);
            let next = React::Unwind {
                target,
                below,
                only,
                ahead,
            };
            if self.wait_for(thrower, &begun, next) {
                return true;
            }
        }
        false
    }

    /// Everything at once.
    pub fn undo_beside(&mut self, target: u32, only: Ix) {
        let own = self.by(target).element;
        let mut below = self.state.next;
        let wanted = |reference: Ix| {
            if only == NONE {
                reference != own
            } else {
                reference == only
            }
        };
        while let Some(id) = self.latest(target, below, wanted) {
            below = id;
            self.fire(id, By::NOBODY);
        }
    }

    /// The token goes on and the throw stays, as the one who knows what is still to be undone.
    pub fn go_ahead(&mut self, scope: u32, element: Ix) {
        let parent = self.state.scope(scope).map_or(NONE, |scope| scope.parent);
        for flow in &self.plan.node(element).outgoing {
            self.enter(*flow, parent, Some(By { scope, element }));
        }
    }

    /// One more of what a scope undoes before it leaves. Gives what this began.
    fn unwind_here(&mut self, scope: u32, mut below: u32, own: bool) -> Vec<u32> {
        let element = self.by(scope).element;
        while let Some(id) = self.latest(scope, below, |reference| (reference == element) == own) {
            below = id;
            let begun = self.fire(id, By::NOBODY);
            if !begun.is_empty() {
                self.listen(scope, before_exit(), React::UnwindHere { below, own });
                return begun;
            }
        }
        Vec::new()
    }

    /// A sub-process that is kept has completed only now, whenever something in it could first be undone.
    pub fn completed_last(&mut self, child: u32) {
        let told = |sub: &Sub| sub.react == React::CompensateChild { child };
        let subs = &mut self.state.subs;
        let Some(at) = subs.iter().position(told).filter(|_| self.steer.is_none()) else {
            return;
        };
        let mut sub = subs.remove(at);
        sub.id = self.state.next;
        self.state.next += 1;
        self.state.subs.push(sub);
    }

    /// A transaction that was completed is compensated like any other sub-process.
    fn keep_transaction(&mut self, scope: u32, element: Ix) {
        let node = self.plan.node(element);
        let inside = self.state.subs.iter().any(|sub| {
            sub.scope == scope
                && sub.event.kind == EvKind::Compensate
                && sub.event.reference != element
        });
        if inside || !node.undo_subs.is_empty() || !node.undo_by.is_empty() {
            self.forget_where(|sub| {
                let ends = matches!(
                    sub.react,
                    React::CancelTransaction | React::CompensateTransaction
                );
                sub.scope == scope && ends
            });
            self.keep(scope);
        }
    }

    fn cancel_transaction(&mut self, scope: u32, by: By) -> Vec<u32> {
        let Some(state) = self.state.scope_mut(scope) else {
            return Vec::new();
        };
        state.phase = state.phase.cancel();
        let reference = state.element;
        self.trigger(
            scope,
            Ev {
                reference,
                ..Ev::of(EvKind::Compensate)
            },
            by,
        );
        self.trigger(scope, Ev::of(EvKind::Cancel), by)
    }

    /// What an activity that completes leaves behind for its compensation.
    pub fn register_undo(&mut self, scope: u32, element: Ix) {
        let plan = self.plan;
        let node = plan.node(element);
        if self.real() && node.kind == Kind::Transaction {
            self.keep_transaction(scope, element);
        }
        if node.undo_subs.is_empty() && node.undo_by.is_empty() {
            return;
        }
        let around = self.undo_scope(scope);
        if self
            .node_of(around)
            .is_some_and(|node| node.kind != Kind::Transaction)
        {
            self.make_undoable(around);
        }
        let base = Ev {
            reference: element,
            persistent: true,
            lasting: true,
            ..Ev::of(EvKind::Compensate)
        };
        for (sub, start) in &node.undo_subs {
            let event = Ev {
                element: *start,
                interrupting: true,
                ..base
            };
            self.listen(
                scope,
                event,
                React::HandlerSub {
                    sub: *sub,
                    start: *start,
                },
            );
        }
        for (handler, boundary) in &node.undo_by {
            if *handler != NONE {
                self.listen(
                    around,
                    Ev {
                        element: *boundary,
                        ..base
                    },
                    React::Handler { activity: *handler },
                );
            }
        }
    }

    /// A sub-process in which something can be undone is kept when it ends, and so are those around it.
    fn make_undoable(&mut self, scope: u32) {
        // A transaction that may still be cancelled undoes by other ways, until it is completed.
        let transaction = self
            .node_of(scope)
            .is_some_and(|node| node.kind == Kind::Transaction);
        if !(transaction && self.real()) {
            self.keep(scope);
        }
    }

    fn keep(&mut self, scope: u32) {
        let Some(state) = self.state.scope_mut(scope) else {
            return;
        };
        if state.phase == Phase::UndoRunning || state.parent == NONE {
            return;
        }
        let (parent, element) = (state.parent, state.element);
        state.phase = state.phase.undoable();
        let event = Ev {
            reference: element,
            interrupting: true,
            persistent: true,
            lasting: true,
            ..Ev::of(EvKind::Compensate)
        };
        self.listen(scope, event, React::CompensateHere);
        self.listen(parent, event, React::CompensateChild { child: scope });
        self.make_undoable(parent);
    }

    /// The scope in which a compensation handler of this one runs.
    fn undo_scope(&self, scope: u32) -> u32 {
        let mut at = scope;
        while let Some(state) = self.state.scope(at) {
            let kind = self.plan.node(state.element).kind;
            if matches!(
                kind,
                Kind::SubProcess | Kind::Transaction | Kind::AdHoc { .. } | Kind::Root
            ) {
                return at;
            }
            at = state.parent;
        }
        scope
    }

    /// Before the scope leaves, everything in it that left something behind is undone: the scope's own handlers, then the
    /// others from the latest to the first.
    fn compensate(&mut self, scope: u32, element: Ix) {
        if self.real() {
            // A handler of its own stands for all that is inside (BPMN 2.0, 10.7.1).
            let below = self.state.next;
            let own = self
                .latest(scope, below, |reference| reference == element)
                .is_some();
            self.listen(scope, before_exit(), React::UnwindHere { below, own });
            return;
        }
        let all = self
            .state
            .subs
            .iter()
            .filter(|sub| sub.scope == scope && sub.event.kind == EvKind::Compensate);
        let (own, mut others): (Vec<Ix>, Vec<Ix>) = all
            .map(|sub| sub.event.reference)
            .partition(|reference| *reference == element);
        others.reverse();
        for node in own.into_iter().chain(others) {
            self.listen(scope, before_exit(), React::Compensate { node });
        }
    }

    /// The scope whose listeners hear a thrown compensation or cancel: the first around it that is no event sub-process.
    pub fn listening_scope(&self, scope: u32) -> u32 {
        let mut at = self.state.scope(scope).map_or(NONE, |scope| scope.parent);
        while self
            .node_of(at)
            .is_some_and(|node| node.kind == Kind::EventSub)
        {
            at = self.state.scope(at).map_or(NONE, |scope| scope.parent);
        }
        at
    }
}
