//! Compensation and transactions: what was completed is undone, the latest first.

use super::plan::{Ev, EvKind, Ix, Kind, NONE};
use super::run::{By, Run, before_exit};
use super::state::{Phase, React};

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
            _ => Vec::new(),
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
