//! Where tokens come together: parallel, inclusive and complex gateways.

use super::plan::{Ix, NONE};
use super::run::Run;
use super::state::{React, Waits};

impl Run<'_> {
    /// A parallel gateway goes on when a token has come over each of its flows; one of each is taken.
    pub fn join_all(&mut self, scope: u32, element: Ix) {
        let plan = self.plan;
        let Some(parent) = self.state.scope(scope).map(|scope| scope.parent) else {
            return;
        };
        let incoming = &plan.node(element).incoming;
        let here = self.waiting_at(parent, element);
        let mut taken = Vec::with_capacity(incoming.len());
        for flow in incoming {
            match here.iter().find(|(_, via)| via == flow) {
                Some((token, _)) => taken.push(*token),
                None => return,
            }
        }
        for token in taken {
            if token != scope {
                self.merge(token);
            }
        }
        self.leave(scope);
    }

    /// The tokens that stand at a gateway, with the flow by which each came.
    fn waiting_at(&self, parent: u32, element: Ix) -> Vec<(u32, Ix)> {
        let here = self
            .state
            .children(parent)
            .filter(|child| child.element == element && child.phase.running());
        here.filter(|child| child.waits == Waits::Nothing)
            .map(|child| (child.id, child.via))
            .collect()
    }

    /// An inclusive gateway goes on when no token that is on its way could still come over a flow that has none, unless
    /// it could as well come over a flow that has one (BPMN 2.0, 13.3.3).
    ///
    /// `out`: tokens that go on already but have not left yet.
    pub fn try_join(&mut self, scope: u32, out: &mut Vec<u32>) {
        let plan = self.plan;
        let Some((parent, element)) = self
            .state
            .scope(scope)
            .map(|scope| (scope.parent, scope.element))
        else {
            return;
        };
        let node = plan.node(element);
        let mut here = self.waiting_at(parent, element);
        here.retain(|(token, _)| !out.contains(token));
        let required = self.on_their_way(parent, element, &here);
        if required.is_empty() {
            let mut taken = Vec::new();
            for flow in &node.incoming {
                taken.extend(
                    here.iter()
                        .find(|(_, via)| via == flow)
                        .map(|(token, _)| *token),
                );
            }
            if node.incoming.is_empty() {
                taken.push(scope);
            }
            for token in &taken {
                if *token != scope {
                    self.merge(*token);
                }
            }
            out.push(scope);
            self.leave(scope);
            // More tokens over the same flow stay for the next round.
            if let Some((next, _)) = here
                .iter()
                .find(|(token, _)| !taken.contains(token) && *token != scope)
            {
                self.try_join(*next, out);
            }
        }
        let mut left = self.waiting_at(parent, element);
        left.retain(|(token, _)| !out.contains(token));
        // The first token looks again for all of them.
        if left.first().map(|(token, _)| *token) == Some(scope) {
            self.wait_for(scope, &required, React::Rejoin);
        }
    }

    /// The tokens that could still come over a flow that has none.
    fn on_their_way(&self, parent: u32, element: Ix, here: &[(u32, Ix)]) -> Vec<u32> {
        let incoming = &self.plan.node(element).incoming;
        let Some(reach) = self.plan.reach.get(&element) else {
            return Vec::new();
        };
        let has_token = |flow: &Ix| here.iter().any(|(_, via)| via == flow);
        let (with, without): (Vec<_>, Vec<_>) = incoming
            .iter()
            .zip(reach)
            .partition(|(flow, _)| has_token(flow));
        // An activity may still send a token by a boundary event; but for that alone nobody takes the other way.
        let may = |at: Ix| without.iter().any(|(_, reach)| reach.hosts.contains(at));
        let has = |at: Ix| with.iter().any(|(_, reach)| reach.flows.contains(at));
        let others = self
            .state
            .children(parent)
            .filter(|child| child.element != element && child.phase.active());
        let coming = others.filter(|child| may(child.element) && !has(child.element));
        coming.map(|child| child.id).collect()
    }

    /// A complex gateway goes on when its activation condition holds over the number of tokens that have come
    /// (`activationCount`); what comes after that over its other flows is taken and gives nothing, until all have come.
    pub fn join_complex(&mut self, scope: u32, element: Ix) {
        let plan = self.plan;
        let Some((parent, via)) = self
            .state
            .scope(scope)
            .map(|scope| (scope.parent, scope.via))
        else {
            return;
        };
        let node = plan.node(element);
        if node.incoming.len() < 2 {
            return self.leave(scope);
        }
        if let Some(at) = self
            .state
            .spent
            .iter()
            .position(|(p, gateway, _)| (*p, *gateway) == (parent, element))
        {
            let came = &mut self.state.spent[at].2;
            if !came.contains(&via) {
                came.push(via);
                if came.len() >= node.incoming.len() {
                    self.state.spent.remove(at);
                }
                self.merge(scope);
                self.try_exit(parent, NONE);
                return;
            }
            // A second token over one flow belongs to the next round.
            self.state.spent.remove(at);
        }
        let here = self.waiting_at(parent, element);
        let mut flows: Vec<Ix> = Vec::new();
        for (_, via) in &here {
            if !flows.contains(via) {
                flows.push(*via);
            }
        }
        let holds = match &node.condition {
            Some(condition) => {
                let mut count = super::state::Variables::new();
                count.insert("activationCount".to_owned(), here.len().into());
                match self.holds_with(condition, scope, Some(&count)) {
                    Ok(holds) => holds,
                    Err(why) => {
                        return self.incident(scope, Waits::ToBegin, "flow.condition_failed", why);
                    }
                }
            }
            // Without a condition, played by hand too: as soon as one token is there.
            None => true,
        };
        if !holds && flows.len() < node.incoming.len() {
            return;
        }
        for (token, _) in &here {
            if *token != scope {
                self.merge(*token);
            }
        }
        if flows.len() < node.incoming.len() {
            self.state.spent.push((parent, element, flows));
        }
        self.leave(scope);
    }
}
