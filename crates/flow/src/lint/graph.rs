//! The process as a graph: who leads where, what is reachable, where tokens cannot meet.

use std::collections::HashMap;

use crate::model::{
    Element, ElementKind, EventDefinition, GatewayKind, Process, SubProcessKind, TaskKind,
};

pub(super) struct Graph<'a> {
    pub nodes: Vec<&'a Element>,
    pub at: HashMap<&'a str, usize>,
    /// Along sequence flows and links, and from an activity to its boundary events.
    pub next: Vec<Vec<usize>>,
    /// Along sequence flows and links only.
    pub plain: Vec<Vec<usize>>,
    pub before: Vec<Vec<usize>>,
}

impl<'a> Graph<'a> {
    pub fn of(process: &'a Process) -> Self {
        let nodes: Vec<&Element> = process.elements.iter().collect();
        let at: HashMap<&str, usize> = nodes
            .iter()
            .enumerate()
            .map(|(at, node)| (&*node.id, at))
            .collect();
        let mut plain = vec![Vec::new(); nodes.len()];
        for flow in &process.flows {
            if let (Some(from), Some(to)) = (at.get(&*flow.source), at.get(&*flow.target)) {
                plain[*from].push(*to);
            }
        }
        let mut catchers: HashMap<(Option<&str>, &str), Vec<usize>> = HashMap::new();
        for (ix, node) in nodes.iter().enumerate() {
            if let (ElementKind::IntermediateCatchEvent, Some(name)) = (&node.kind, link(node)) {
                catchers
                    .entry((node.parent.as_deref(), name))
                    .or_default()
                    .push(ix);
            }
        }
        for (ix, node) in nodes.iter().enumerate() {
            if let (ElementKind::IntermediateThrowEvent, Some(name)) = (&node.kind, link(node)) {
                plain[ix].extend(
                    catchers
                        .get(&(node.parent.as_deref(), name))
                        .into_iter()
                        .flatten()
                        .copied(),
                );
            }
        }
        let mut next = plain.clone();
        for (ix, node) in nodes.iter().enumerate() {
            if let Some(host) = node.attached_to().and_then(|host| at.get(&**host)) {
                next[*host].push(ix);
            }
        }
        let mut before = vec![Vec::new(); nodes.len()];
        for (from, targets) in plain.iter().enumerate() {
            for to in targets {
                before[*to].push(from);
            }
        }
        Self {
            nodes,
            at,
            next,
            plain,
            before,
        }
    }

    /// Everything that a run can come to.
    pub fn reachable(&self, process: &Process) -> Vec<bool> {
        let mut seen = vec![false; self.nodes.len()];
        let mut queue: Vec<usize> = Vec::new();
        let handlers = |node: &Element| {
            let ties = process
                .artifacts
                .iter()
                .any(|tie| tie.target.as_ref() == Some(&node.id));
            node.for_compensation && (ties || !node.incoming.is_empty())
        };
        let begins = |node: &Element| match &node.kind {
            ElementKind::StartEvent { .. } => true,
            ElementKind::SubProcess {
                sub_process: SubProcessKind::Event,
            } => true,
            ElementKind::Gateway {
                gateway: GatewayKind::EventBased { instantiate, .. },
            } => *instantiate,
            ElementKind::Task {
                task: TaskKind::Receive { .. },
            } => node.incoming.is_empty(),
            _ => handlers(node) || self.in_ad_hoc(node),
        };
        // What stands in something that is reached begins with it; so only the top begins by itself.
        let children = {
            let mut children: HashMap<Option<&str>, Vec<usize>> = HashMap::new();
            for (ix, node) in self.nodes.iter().enumerate() {
                children.entry(node.parent.as_deref()).or_default().push(ix);
            }
            children
        };
        let open = |parent: Option<&str>, queue: &mut Vec<usize>| {
            let inside = children.get(&parent).map_or(&[][..], |inside| inside);
            queue.extend(inside.iter().copied().filter(|ix| begins(self.nodes[*ix])));
        };
        open(None, &mut queue);
        while let Some(ix) = queue.pop() {
            if std::mem::replace(&mut seen[ix], true) {
                continue;
            }
            queue.extend(self.next[ix].iter().copied());
            if matches!(self.nodes[ix].kind, ElementKind::SubProcess { .. }) {
                open(Some(&self.nodes[ix].id), &mut queue);
            }
        }
        seen
    }

    pub fn in_ad_hoc(&self, node: &Element) -> bool {
        let parent = node
            .parent
            .as_deref()
            .and_then(|id| self.at.get(id))
            .map(|ix| self.nodes[*ix]);
        let ad_hoc = |parent: &Element| {
            matches!(
                parent.kind,
                ElementKind::SubProcess {
                    sub_process: SubProcessKind::AdHoc { .. }
                }
            )
        };
        node.incoming.is_empty() && parent.is_some_and(ad_hoc)
    }

    /// For a join of several ways: the nearest fork from which each of its ways can be come to by another flow, if there is
    /// one.
    pub fn fork_of(&self, join: usize) -> Option<usize> {
        let ways = &self.before[join];
        if ways.len() < 2 {
            return None;
        }
        // Backwards breadth first from each way, remembering by which of them a node was come to.
        let mut marks: HashMap<usize, u64> = HashMap::new();
        let mut queue = std::collections::VecDeque::new();
        for (nth, way) in ways.iter().enumerate().take(64) {
            queue.push_back((*way, 1_u64 << nth));
        }
        let all = if ways.len() >= 64 {
            u64::MAX
        } else {
            (1 << ways.len()) - 1
        };
        while let Some((ix, mark)) = queue.pop_front() {
            if ix == join {
                continue;
            }
            let known = marks.entry(ix).or_default();
            if *known & mark == mark {
                continue;
            }
            *known |= mark;
            let reached = *known;
            if reached == all && self.plain[ix].len() > 1 {
                return Some(ix);
            }
            for before in &self.before[ix] {
                queue.push_back((*before, reached));
            }
        }
        None
    }

    /// Circles without anything that waits: one node of each.
    pub fn idle_circles(&self) -> Vec<usize> {
        let mut state = vec![0_u8; self.nodes.len()];
        let mut found = Vec::new();
        for root in 0..self.nodes.len() {
            if state[root] != 0 || waits(self.nodes[root]) {
                continue;
            }
            let mut stack = vec![(root, 0_usize)];
            state[root] = 1;
            while let Some((ix, at)) = stack.last_mut() {
                let ix = *ix;
                let Some(to) = self.plain[ix].get(*at).copied() else {
                    state[ix] = 2;
                    stack.pop();
                    continue;
                };
                *at += 1;
                if waits(self.nodes[to]) {
                    continue;
                }
                match state[to] {
                    0 => {
                        state[to] = 1;
                        stack.push((to, 0));
                    }
                    1 => found.push(to),
                    _ => {}
                }
            }
        }
        found
    }
}

fn link(node: &Element) -> Option<&str> {
    node.events.iter().find_map(|event| match event {
        EventDefinition::Link { name } => Some(&**name),
        _ => None,
    })
}

/// Whether a token rests here until something comes from outside.
fn waits(node: &Element) -> bool {
    match &node.kind {
        ElementKind::Task { task } => match task {
            TaskKind::User
            | TaskKind::Service
            | TaskKind::BusinessRule
            | TaskKind::Receive { .. } => true,
            TaskKind::Send { .. } | TaskKind::Script { .. } => false,
            TaskKind::Abstract | TaskKind::Manual => node.binding.is_some(),
        },
        // What is inside waits, or the circle is found there.
        ElementKind::CallActivity { .. } | ElementKind::SubProcess { .. } => true,
        ElementKind::IntermediateCatchEvent => !matches!(
            node.events.first(),
            Some(EventDefinition::Link { .. }) | None
        ),
        ElementKind::Gateway {
            gateway: GatewayKind::EventBased { .. },
        } => true,
        _ => false,
    }
}
