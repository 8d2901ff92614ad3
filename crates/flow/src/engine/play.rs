//! Playing tokens by hand, over all pools of a document: what a designer does on the canvas to see where a token goes, and
//! what the public token-simulation suite asks.

use kernel::Moment;

use super::event::StepFault;
use super::plan::{Ix, Kind, NONE, Plan};
use super::run::{By, Line, Run, Steer};
use super::state::State;
use crate::model::{Definitions, ElementId};
use crate::problem::Problem;

/// A game of tokens. Nothing happens by itself: events come when they are triggered.
pub struct Player {
    plan: Plan,
    state: State,
    steer: Steer,
    pub(crate) lines: Vec<Line>,
}

/// Something that can be triggered now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    pub element: ElementId,
    /// The element at which it waits: an activity for its boundary event, a process for its start.
    pub at: ElementId,
    /// For [`Player::trigger`]; `None` for the start of a new instance.
    pub id: Option<u32>,
}

impl Player {
    pub fn new(definitions: &Definitions) -> Result<Self, Vec<Problem>> {
        let plan = Plan::whole(definitions)?;
        Ok(Self {
            plan,
            state: State::default(),
            steer: Steer::default(),
            lines: Vec::new(),
        })
    }

    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    pub fn state(&self) -> &State {
        &self.state
    }

    /// The activity pauses from now on. `false`: no such element.
    pub fn wait(&mut self, element: &str) -> bool {
        self.steer.wait(&self.plan, element)
    }

    /// The gateway takes exactly these flows from now on. `false`: no such element or flow.
    pub fn choose<'a>(&mut self, gateway: &str, flows: impl IntoIterator<Item = &'a str>) -> bool {
        self.steer.choose(&self.plan, gateway, flows)
    }

    /// Where each token stands.
    pub fn tokens(&self) -> impl Iterator<Item = &ElementId> {
        self.state
            .scopes
            .iter()
            .map(|scope| &self.plan.node(scope.element).id)
    }

    /// Everything that can be triggered now: starts first, then what waits, the oldest first.
    pub fn triggers(&self) -> Vec<Trigger> {
        let plan = &self.plan;
        let mut found = Vec::new();
        for root in &plan.roots {
            let node = plan.node(*root);
            let starts: Vec<Ix> = node
                .children
                .iter()
                .copied()
                .filter(|child| plan.node(*child).kind == Kind::Start)
                .collect();
            let begins = if starts.is_empty() {
                &node.implicit
            } else {
                &starts
            };
            let trigger = |ix: &Ix| Trigger {
                element: plan.node(*ix).id.clone(),
                at: node.id.clone(),
                id: None,
            };
            found.extend(begins.iter().map(trigger));
        }
        let waiting = self
            .state
            .subs
            .iter()
            .filter(|sub| sub.event.element != NONE);
        found.extend(waiting.filter_map(|sub| {
            let at = plan.node(self.state.scope(sub.scope)?.element).id.clone();
            Some(Trigger {
                element: plan.node(sub.event.element).id.clone(),
                at,
                id: Some(sub.id),
            })
        }));
        found
    }

    /// Triggers what waits under this id.
    pub fn trigger(&mut self, id: u32) -> Result<(), StepFault> {
        self.run(|run| {
            run.deliver(id, By::NOBODY);
        })
    }

    /// Starts a new instance at a start event, or (for a node that nothing leads to) of its process. `false`: no such node.
    pub fn start(&mut self, element: &str) -> Result<bool, StepFault> {
        let Some(ix) = self.plan.find(element) else {
            return Ok(false);
        };
        let node = self.plan.node(ix);
        let root = node.parent;
        if self
            .plan
            .nodes
            .get(root as usize)
            .is_none_or(|node| node.kind != Kind::Root)
        {
            return Ok(false);
        }
        let start = if node.kind == Kind::Start { ix } else { NONE };
        self.run(|run| {
            run.signal(root, NONE, start, NONE, By::NOBODY);
        })?;
        Ok(true)
    }

    /// Sends a message over a message flow. `false`: no such flow.
    pub fn message(&mut self, flow: &str) -> Result<bool, StepFault> {
        let Some(ix) = self
            .plan
            .find(flow)
            .filter(|ix| self.plan.node(*ix).kind == Kind::MessageFlow)
        else {
            return Ok(false);
        };
        self.run(|run| {
            run.signal(ix, NONE, NONE, NONE, By::NOBODY);
        })?;
        Ok(true)
    }

    fn run(&mut self, act: impl FnOnce(&mut Run<'_>)) -> Result<(), StepFault> {
        let mut run = Run::new(&self.plan, &mut self.state, Moment::EPOCH);
        run.steer = Some(&self.steer);
        run.trace = Some(&mut self.lines);
        act(&mut run);
        run.settle();
        run.fault.map_or(Ok(()), Err)
    }
}
