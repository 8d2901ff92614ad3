//! What each kind of element does when a token enters it, when an event sets it going, and when it is left.

use super::effect::Ending;
use super::plan::{EvKind, Ix, Kind, NONE};
use super::run::{By, Run};
use super::state::{Phase, React, Waits};

impl Run<'_> {
    pub fn on_enter(&mut self, scope: u32, element: Ix, by: By) {
        let plan = self.plan;
        let node = plan.node(element);
        if node.repeat.is_some() && !self.state.scope(scope).is_some_and(|scope| scope.inner) {
            return self.repeat(scope);
        }
        match node.kind {
            Kind::SequenceFlow | Kind::MessageFlow => self.exit(scope, Vec::new()),
            Kind::Root | Kind::Start | Kind::Boundary | Kind::Exclusive => self.leave(scope),
            Kind::Parallel => self.join_all(scope, element),
            Kind::Inclusive => self.try_join(scope, &mut Vec::new()),
            Kind::Complex => self.join_complex(scope, element),
            Kind::EventBased { .. } => self.open_gate(scope, element),
            Kind::Catch => self.await_events(scope, element),
            Kind::Receive => self.await_events(scope, element),
            Kind::Throw | Kind::End => self.throw(scope, element, by),
            Kind::Send => self.send(scope, element, by),
            Kind::Pass => self.act(scope, element, by),
            Kind::Work | Kind::Service | Kind::Script | Kind::Rule | Kind::Call => {
                self.begin(scope, element);
            }
            Kind::SubProcess | Kind::EventSub | Kind::Transaction | Kind::AdHoc { .. } => {
                if !self.pause(scope, element) {
                    self.start_sub_process(scope, element, NONE);
                }
            }
        }
    }

    pub fn on_signal(&mut self, scope: u32, element: Ix, start: Ix, host: u32, by: By) {
        let plan = self.plan;
        let node = plan.node(element);
        match node.kind {
            Kind::Root => self.start_root(scope, element, start),
            Kind::SubProcess | Kind::EventSub | Kind::Transaction | Kind::AdHoc { .. } => {
                self.start_sub_process(scope, element, start);
            }
            Kind::Boundary => self.cross_boundary(scope, element, host),
            Kind::MessageFlow => self.exit(scope, Vec::new()),
            Kind::Start if node.all && node.events.len() > 1 => match self.came.take() {
                Some(came) => {
                    self.subscribe(scope, element, React::ContinueWhenAll, Some(came));
                }
                None => self.leave(scope),
            },
            Kind::Pass | Kind::Throw | Kind::End | Kind::Send => {
                if !self.post(scope, element, by) {
                    self.leave(scope);
                }
            }
            _ => self.leave(scope),
        }
    }

    pub fn on_exit(&mut self, scope: u32, element: Ix, chosen: &[Ix]) {
        let plan = self.plan;
        let node = plan.node(element);
        let Some((parent, inner)) = self
            .state
            .scope(scope)
            .map(|scope| (scope.parent, scope.inner))
        else {
            return;
        };
        if inner {
            return self.run_left(scope, parent);
        }
        match node.kind {
            Kind::Root => self.destroy_children(scope, NONE),
            Kind::SequenceFlow => {
                let by = By { scope, element };
                self.enter(node.target, parent, Some(by));
            }
            Kind::MessageFlow => self.deliver_post(scope, element),
            Kind::End => {
                self.try_exit(parent, scope);
            }
            Kind::Exclusive => match chosen.first() {
                Some(flow) => {
                    self.enter(*flow, parent, None);
                }
                None => {
                    self.try_exit(parent, scope);
                }
            },
            Kind::SubProcess | Kind::EventSub | Kind::Transaction | Kind::AdHoc { .. } => {
                // An event sub-process that ends well has mended what it interrupted.
                if let Some(around) = self
                    .state
                    .scope_mut(parent)
                    .filter(|around| around.failed_by == scope)
                {
                    around.phase = around.phase.complete();
                }
                self.activity_exit(scope, element, parent, chosen);
            }
            _ => self.activity_exit(scope, element, parent, chosen),
        }
    }

    fn activity_exit(&mut self, scope: u32, element: Ix, parent: u32, chosen: &[Ix]) {
        let plan = self.plan;
        let node = plan.node(element);
        let completing = self
            .state
            .scope(scope)
            .is_some_and(|scope| scope.phase.active() && !scope.phase.failed());
        if completing && node.kind != Kind::EventSub {
            self.register_undo(scope, element);
        }
        let chosen = if completing { chosen } else { &[] };
        for flow in chosen {
            self.enter(*flow, parent, None);
        }
        if self.ad_hoc_done(parent, scope) {
            return;
        }
        if chosen.is_empty() {
            self.try_exit(parent, scope);
        }
    }

    /// Chooses the way out and leaves. Where no way can be chosen, an incident.
    pub fn leave(&mut self, scope: u32) {
        let Some(state) = self.state.scope(scope) else {
            return;
        };
        if state.phase.failed() || state.inner {
            return self.exit(scope, Vec::new());
        }
        let element = state.element;
        match self.choose(scope, element) {
            Ok(chosen) => self.exit(scope, chosen),
            Err((code, message)) => self.incident(scope, Waits::ToLeave, code, message),
        }
    }

    fn choose(&self, scope: u32, element: Ix) -> Result<Vec<Ix>, (&'static str, String)> {
        let node = self.plan.node(element);
        if let Some(steer) = self.steer {
            let several = node.outgoing.len() > 1;
            return Ok(match node.kind {
                Kind::Exclusive | Kind::Inclusive | Kind::Complex if several => {
                    steer.choices.get(&element).cloned().unwrap_or_default()
                }
                _ => node.outgoing.clone(),
            });
        }
        let one = node.kind == Kind::Exclusive;
        if node.kind == Kind::Parallel
            || (node.outgoing.len() == 1 && self.plan.node(node.outgoing[0]).condition.is_none())
        {
            return Ok(node.outgoing.clone());
        }
        let mut chosen = Vec::with_capacity(node.outgoing.len());
        let mut unconditional = Vec::new();
        for flow in node.outgoing.iter().filter(|flow| **flow != node.default) {
            match &self.plan.node(*flow).condition {
                Some(condition) => {
                    let holds = self
                        .holds(condition, scope)
                        .map_err(|why| ("flow.condition_failed", why))?;
                    if holds {
                        chosen.push(*flow);
                    }
                }
                None if one => chosen.push(*flow),
                None => unconditional.push(*flow),
            }
            if one && !chosen.is_empty() {
                break;
            }
        }
        // The default is for when no condition holds; flows without a condition are always taken.
        if chosen.is_empty() && node.default != NONE {
            chosen.push(node.default);
        }
        if !unconditional.is_empty() {
            chosen.extend(unconditional);
            chosen.sort_unstable();
        }
        let gateway = matches!(node.kind, Kind::Exclusive | Kind::Inclusive | Kind::Complex);
        if chosen.is_empty() && !node.outgoing.is_empty() && gateway {
            return Err(("flow.no_way_out", String::new()));
        }
        Ok(chosen)
    }

    fn start_root(&mut self, scope: u32, element: Ix, start: Ix) {
        let plan = self.plan;
        let node = plan.node(element);
        if start == NONE {
            for begin in &node.starts {
                self.begin_at(*begin, scope);
            }
            return;
        }
        // The start that was triggered, and what begins by itself, in the order in which they are drawn.
        for child in &node.children {
            if *child == start {
                self.signal(start, scope, NONE, NONE, By::NOBODY);
            } else if !node.implicit.contains(child) {
            } else if !self.instead_of(*child, start) {
                self.begin_at(*child, scope);
            } else if plan.node(*child).kind == (Kind::EventBased { all: true }) {
                // One has come; the gateway waits for the others as well, each with its own way.
                for flow in &plan.node(*child).outgoing {
                    let target = plan.node(*flow).target;
                    if target != start {
                        self.enter(target, scope, None);
                    }
                }
            }
        }
    }

    /// An event-based gateway that begins the process is stood for by the event that came.
    fn instead_of(&self, gateway: Ix, start: Ix) -> bool {
        let flows = &self.plan.node(gateway).outgoing;
        flows
            .iter()
            .any(|flow| self.plan.node(*flow).target == start)
    }

    fn begin_at(&mut self, node: Ix, scope: u32) {
        if self.plan.node(node).kind == Kind::Start {
            self.signal(node, scope, NONE, NONE, By::NOBODY);
        } else {
            self.enter(node, scope, None);
        }
    }

    pub fn start_sub_process(&mut self, scope: u32, element: Ix, start: Ix) {
        let plan = self.plan;
        let node = plan.node(element);
        if node.kind == Kind::Transaction {
            self.open_transaction(scope, element);
        }
        let Some(parent) = self.state.scope(scope).map(|scope| scope.parent) else {
            return;
        };
        if start != NONE && plan.node(start).interrupting {
            self.interrupt(parent, scope);
        }
        let begins: Vec<Ix> = if start == NONE {
            node.starts.clone()
        } else {
            let wanted = |child: &&Ix| **child == start || node.implicit.contains(child);
            node.children.iter().filter(wanted).copied().collect()
        };
        if begins.is_empty() {
            return self.leave(scope);
        }
        if matches!(
            node.kind,
            Kind::AdHoc {
                sequential: true,
                ..
            }
        ) {
            return self.start_sequence(scope, &begins);
        }
        for begin in begins {
            self.begin_at(begin, scope);
        }
    }

    /// A boundary event came: it ends its activity, or runs beside it.
    fn cross_boundary(&mut self, scope: u32, element: Ix, host: u32) {
        let node = self.plan.node(element);
        if !node.interrupting {
            return self.leave(scope);
        }
        let parent = self.state.scope(scope).map_or(NONE, |scope| scope.parent);
        let late = host != NONE
            && self
                .state
                .scope(host)
                .is_none_or(|host| host.phase == Phase::Kept);
        if late && self.real() {
            // The activity was on its way out already and has left: there is nothing to interrupt any more.
            self.destroy(scope, Some(Ending::Withdrawn));
            self.try_exit(parent, NONE);
            return;
        }
        let host = if host == NONE {
            self.state
                .children(parent)
                .find(|child| child.element == node.target)
                .map_or(NONE, |child| child.id)
        } else {
            host
        };
        self.interrupt(host, scope);
        if self.try_exit(host, scope) {
            self.listen(
                host,
                super::run::exiting(),
                React::LeaveBoundary { boundary: scope },
            );
            return;
        }
        self.leave(scope);
    }

    /// A pause that was asked for by hand.
    fn pause(&mut self, scope: u32, element: Ix) -> bool {
        let pauses = self
            .steer
            .is_some_and(|steer| steer.waits.contains(&element));
        if pauses {
            self.go_on_at(scope, element, EvKind::Continue);
        }
        pauses
    }

    pub fn act(&mut self, scope: u32, element: Ix, by: By) {
        if self.pause(scope, element) || self.post(scope, element, by) {
            return;
        }
        self.leave(scope);
    }

    pub fn go_on_at(&mut self, scope: u32, element: Ix, kind: EvKind) {
        let mut event = super::plan::Ev::of(kind);
        event.element = element;
        self.listen(scope, event, React::Continue);
    }

    /// A catching event or receive task.
    fn await_events(&mut self, scope: u32, element: Ix) {
        let node = self.plan.node(element);
        if node.events.is_empty() && self.real() {
            return self.leave(scope);
        }
        let all = node.events.len() > 1 && node.all;
        self.subscribe_all(
            scope,
            element,
            if all {
                React::ContinueWhenAll
            } else {
                React::Continue
            },
        );
    }

    fn open_gate(&mut self, scope: u32, element: Ix) {
        let plan = self.plan;
        let parent = self.state.scope(scope).map_or(NONE, |scope| scope.parent);
        let targets = plan
            .node(element)
            .outgoing
            .iter()
            .map(|flow| plan.node(*flow).target);
        for target in targets {
            if matches!(plan.node(target).kind, Kind::Catch | Kind::Receive) {
                self.subscribe_all(parent, target, React::Gate { gateway: scope });
            }
        }
    }

    /// Takes a token away that was merged into another.
    pub fn merge(&mut self, scope: u32) {
        if let Some(scope) = self.state.scope_mut(scope) {
            scope.phase = scope.phase.complete();
        }
        self.destroy(scope, Some(Ending::Merged));
    }
}
