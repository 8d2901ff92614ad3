//! What a throwing event sets off, and messages along message flows.

use super::effect::Effect;
use super::plan::{Ev, EvKind, Ix, Kind, NONE};
use super::run::{By, Run};
use super::state::React;

impl Run<'_> {
    pub fn throw(&mut self, scope: u32, element: Ix, by: By) {
        let plan = self.plan;
        let node = plan.node(element);
        let own = By { scope, element };
        let mut waits = false;
        let mut ahead = false;
        for event in &node.events {
            let ev = event.ev;
            match ev.kind {
                EvKind::Link => {
                    let Some(parent) = self.state.scope(scope).map(|scope| scope.parent) else {
                        return;
                    };
                    for target in &event.links {
                        self.signal(*target, parent, NONE, NONE, own);
                    }
                }
                EvKind::Signal => self.throw_signal(ev, own),
                EvKind::Error => {
                    self.throw_up(ev, own);
                }
                EvKind::Escalation => {
                    let caught = self.throw_up(ev, own);
                    if self.real() {
                        let code = plan.names.get(ev.reference as usize).cloned();
                        let caught = caught.map(|ix| plan.node(ix).id.clone());
                        self.effects.push(Effect::EscalationThrown {
                            element: node.id.clone(),
                            code,
                            caught,
                        });
                    }
                }
                EvKind::Terminate => {
                    let Some(parent) = self.state.scope(scope).map(|scope| scope.parent) else {
                        return;
                    };
                    self.terminate(parent, scope);
                }
                EvKind::Cancel => {
                    let target = self.listening_scope(scope);
                    self.trigger(target, Ev::of(EvKind::Cancel), own);
                }
                EvKind::Compensate if self.real() => {
                    let target = self.listening_scope(scope);
                    let only = if event.all { NONE } else { ev.reference };
                    if waits || ahead {
                        // One chain at a time hangs on a throw; what a second definition undoes, it undoes beside.
                        self.undo_beside(target, only);
                    } else {
                        let now = self.state.next;
                        let begun = self.unwind(scope, target, now, only, !event.wait);
                        waits |= begun && event.wait;
                        ahead |= begun && !event.wait;
                    }
                }
                EvKind::Compensate => {
                    let target = self.listening_scope(scope);
                    let ev = Ev {
                        reference: ev.reference,
                        ..Ev::of(EvKind::Compensate)
                    };
                    let begun = self.trigger(target, ev, By::NOBODY);
                    if event.wait {
                        waits |= self.wait_for(scope, &begun, React::Continue);
                    }
                }
                EvKind::Message if self.real() => self.send_message(scope, element, ev.reference),
                _ => {}
            }
        }
        if ahead && !waits {
            return self.go_ahead(scope, element);
        }
        if !waits {
            self.act(scope, element, by);
        }
    }

    pub fn send(&mut self, scope: u32, element: Ix, by: By) {
        let node = self.plan.node(element);
        if !self.real() {
            return self.throw(scope, element, by);
        }
        let transaction = node
            .work
            .as_ref()
            .and_then(|work| work.binding.as_ref())
            .is_some_and(|b| b.transaction.is_some());
        if transaction {
            return self.begin(scope, element);
        }
        let reference = node.events.first().map_or(NONE, |event| event.ev.reference);
        self.send_message(scope, element, reference);
        self.leave(scope);
    }

    fn send_message(&mut self, scope: u32, element: Ix, reference: u32) {
        let plan = self.plan;
        let node = plan.node(element);
        let Some(name) = plan.names.get(reference as usize).cloned() else {
            return;
        };
        let work = node.work.as_deref();
        let correlation = work
            .and_then(|work| work.correlation.as_ref())
            .and_then(|text| self.text_of(text, scope));
        let variables = self.inputs(scope, element).unwrap_or_default();
        let target = plan.message_targets.get(&element).cloned();
        self.effects.push(Effect::MessageSent {
            element: node.id.clone(),
            name,
            correlation,
            target,
            variables,
        });
    }

    /// To every catcher of the signal; each scope hears it once.
    pub fn throw_signal(&mut self, event: Ev, by: By) {
        let plan = self.plan;
        // Those who listen now: an instance that the signal begins does not hear it.
        let catchers: Vec<u32> = self
            .state
            .subs
            .iter()
            .filter(|sub| event.meets(&sub.event))
            .map(|sub| sub.scope)
            .collect();
        if self.real() {
            if by.element != NONE {
                let name = plan.names.get(event.reference as usize).cloned();
                let element = plan.node(by.element).id.clone();
                let name = name.unwrap_or_else(|| element.clone());
                // A signal carries what its event is mapped to, as a message does.
                let variables = self.inputs(by.scope, by.element).unwrap_or_default();
                self.effects.push(Effect::SignalThrown {
                    element,
                    name,
                    variables,
                });
            }
        } else {
            for root in &plan.roots {
                for start in &plan.node(*root).children {
                    let node = plan.node(*start);
                    if node.kind == Kind::Start
                        && node.events.iter().any(|own| event.meets(&own.ev))
                    {
                        self.signal(*root, NONE, *start, NONE, by);
                    }
                }
            }
        }
        let mut told: Vec<u32> = Vec::new();
        for scope in catchers {
            if !told.contains(&scope) {
                told.push(scope);
                self.trigger(scope, event, by);
            }
        }
    }

    /// Errors and escalations go up to the first scope with a catcher that fits. Gives the catcher's element.
    pub fn throw_up(&mut self, event: Ev, by: By) -> Option<Ix> {
        let mut at = self
            .state
            .scope(by.scope)
            .map_or(NONE, |scope| scope.parent);
        while let Some(scope) = self.state.scope(at) {
            let next = scope.parent;
            let catchers = self
                .state
                .subs
                .iter()
                .filter(|sub| sub.scope == at && event.meets(&sub.event));
            let exact = catchers
                .clone()
                .find(|sub| sub.event.reference == event.reference);
            if let Some(catcher) = exact
                .or(catchers.clone().next())
                .map(|sub| sub.event.element)
            {
                self.trigger(at, event, by);
                return Some(catcher);
            }
            at = next;
        }
        if self.real() && event.kind == EvKind::Error && by.element != NONE {
            let code = self.plan.names.get(event.reference as usize).cloned();
            let element = self.plan.node(by.element).id.clone();
            self.effects.push(Effect::ErrorUncaught { element, code });
        }
        None
    }

    /// Sends and awaits an activity's messages from left to right. `true`: it awaits one.
    pub fn post(&mut self, scope: u32, element: Ix, by: By) -> bool {
        let plan = self.plan;
        let posts = &plan.node(element).posts;
        if posts.is_empty() || self.real() {
            return false;
        }
        let at = self
            .state
            .posts
            .iter()
            .position(|(known, _, _)| *known == scope);
        let at = at.unwrap_or_else(|| {
            self.state.posts.push((scope, 0, NONE));
            self.state.posts.len() - 1
        });
        let came = plan
            .nodes
            .get(by.element as usize)
            .is_some_and(|node| node.kind == Kind::MessageFlow);
        if came && self.state.posts[at].2 != by.element {
            return false;
        }
        while let Some((flow, out)) = posts.get(self.state.posts[at].1 as usize).copied() {
            self.state.posts[at].1 += 1;
            if out {
                self.signal(flow, NONE, NONE, NONE, By::NOBODY);
            } else if by.element != NONE {
                self.state.posts[at].2 = flow;
                self.go_on_at(scope, element, EvKind::Message);
                return true;
            }
            // Otherwise it was pushed on by hand, and what it would await is passed over.
        }
        false
    }

    /// A message has come over its flow.
    pub fn deliver_post(&mut self, scope: u32, element: Ix) {
        let plan = self.plan;
        let by = By { scope, element };
        let target = plan.node(element).target;
        let node = plan.node(target);
        let root = plan
            .nodes
            .get(node.parent as usize)
            .filter(|parent| parent.kind == Kind::Root);
        if node.kind == Kind::Start && root.is_some() {
            self.signal(node.parent, NONE, target, NONE, by);
            return;
        }
        let catches = matches!(
            node.kind,
            Kind::Start | Kind::Catch | Kind::Boundary | Kind::Receive
        );
        let waiting = self.state.subs.iter().find(|sub| {
            let awaited = sub.event.kind == EvKind::Message && sub.event.element == target;
            let expected =
                |(scope, _, flow): &(u32, u32, Ix)| *scope == sub.scope && *flow == element;
            awaited && (catches || self.state.posts.iter().any(expected))
        });
        if let Some(id) = waiting.map(|sub| sub.id) {
            self.deliver(id, by);
        }
    }
}
