//! The part of preparing a plan that looks around: who listens on whom, where a process begins, what can still come to a join.

use std::collections::HashMap;

use super::compile::Compiler;
use super::plan::{Bits, Ev, EvKind, EventPlan, Ix, Kind, NONE, Node, Reach, Start, StartKind};
use crate::model::{ElementId, Process};
use crate::problem::ProblemCode;

impl Compiler<'_> {
    /// Who listens on whom: boundary events, event sub-processes, compensation, starts.
    pub(super) fn events_around(&mut self, process: &Process, root: Ix) {
        let compensates = |node: &Node| {
            node.events
                .iter()
                .any(|event| event.ev.kind == EvKind::Compensate)
        };
        let mut containers: Vec<Ix> = vec![root];
        containers.extend(
            process
                .elements
                .iter()
                .filter_map(|element| self.by_id.get(&element.id).copied()),
        );
        for ix in containers {
            let children = self.nodes[ix as usize].children.clone();
            let (mut starts, mut implicit) = (Vec::new(), Vec::new());
            for child in children {
                let node = &self.nodes[child as usize];
                match node.kind {
                    Kind::Start if node.events.is_empty() => starts.push(child),
                    Kind::Boundary => {
                        let host = node.target;
                        if host == NONE {
                            continue;
                        }
                        if compensates(node) {
                            let handler = self.handler(process, child);
                            self.node(host)
                                .undo_by
                                .push((handler.unwrap_or(NONE), child));
                        } else {
                            self.node(host).attachers.push(child);
                        }
                    }
                    Kind::EventSub => {
                        let inside = node.children.clone();
                        let begins = inside
                            .iter()
                            .filter(|start| self.nodes[**start as usize].kind == Kind::Start);
                        let (undo, other): (Vec<Ix>, Vec<Ix>) =
                            begins.partition(|start| compensates(&self.nodes[**start as usize]));
                        // Only the first start of a compensating event sub-process counts.
                        let undo = undo.first().map(|start| (child, *start));
                        let node = self.node(ix);
                        node.undo_subs.extend(undo);
                        node.event_subs
                            .extend(other.into_iter().map(|start| (child, start)));
                    }
                    _ if self.begins_by_itself(child) => {
                        starts.push(child);
                        implicit.push(child);
                    }
                    _ => {}
                }
            }
            let node = self.node(ix);
            (node.starts, node.implicit) = (starts, implicit);
        }
    }

    fn begins_by_itself(&self, ix: Ix) -> bool {
        let node = &self.nodes[ix as usize];
        let link = node.kind == Kind::Catch
            && node
                .events
                .iter()
                .any(|event| event.ev.kind == EvKind::Link);
        let handler = self.handlers.contains(&ix);
        let kind = !matches!(
            node.kind,
            Kind::Root
                | Kind::SequenceFlow
                | Kind::MessageFlow
                | Kind::Start
                | Kind::Boundary
                | Kind::EventSub
        );
        kind && node.incoming.is_empty() && !link && !handler
    }

    /// The activity that a compensation boundary event is tied to, by an association (or by a sequence flow, as some tools do).
    fn handler(&self, process: &Process, boundary: Ix) -> Option<Ix> {
        let node = &self.nodes[boundary as usize];
        let tied = process
            .artifacts
            .iter()
            .filter(|artifact| artifact.source.as_ref() == Some(&node.id));
        let tied = tied.filter_map(|artifact| artifact.target.as_ref());
        let flows = node.outgoing.iter().map(|flow| &self.nodes[*flow as usize]);
        let flows = flows
            .filter_map(|flow| self.nodes.get(flow.target as usize))
            .map(|node| &node.id);
        let candidates = tied.chain(flows);
        let mut handlers = candidates.filter(|id| {
            process
                .element(id)
                .is_some_and(|element| element.for_compensation)
        });
        handlers.find_map(|id| self.by_id.get(id).copied())
    }

    pub(super) fn starts(&mut self, process: &Process) {
        let root = self.roots[0];
        let mut plain: Vec<ElementId> = Vec::new();
        for child in self.nodes[root as usize].children.clone() {
            let node = &self.nodes[child as usize];
            let instantiates = match node.kind {
                Kind::Start => true,
                Kind::Catch | Kind::Receive => {
                    node.incoming.iter().any(|flow| {
                        let source = &self.nodes[self.nodes[*flow as usize].source as usize];
                        matches!(source.kind, Kind::EventBased { .. }) && source.incoming.is_empty()
                    }) || (node.kind == Kind::Receive && node.incoming.is_empty())
                }
                _ => false,
            };
            if !instantiates {
                continue;
            }
            if node.events.is_empty() {
                plain.push(node.id.clone());
                self.starts.push(Start {
                    element: node.id.clone(),
                    nth: 0,
                    kind: StartKind::Plain,
                });
            }
            for (nth, event) in (0..).zip(&node.events) {
                let named = || self.names.get(event.ev.reference as usize).cloned();
                let kind = match event.ev.kind {
                    EvKind::Message => named().map(|name| StartKind::Message { name }),
                    EvKind::Signal => named().map(|name| StartKind::Signal { name }),
                    EvKind::Timer => event.timer.as_ref().map(|timer| StartKind::Timer {
                        timing: timer.timing.clone(),
                    }),
                    EvKind::Conditional => {
                        event.condition.as_ref().map(|text| StartKind::Conditional {
                            condition: text.text.clone(),
                        })
                    }
                    _ => None,
                };
                self.starts.extend(kind.map(|kind| Start {
                    element: node.id.clone(),
                    nth,
                    kind,
                }));
            }
        }
        if let [first, second, ..] = &*plain {
            let args = [
                process.id.to_string(),
                first.to_string(),
                second.to_string(),
            ];
            let second = second.clone();
            self.problem(ProblemCode::TwoStarts, args, &second);
        }
        if self.starts.is_empty() && self.nodes[root as usize].starts.is_empty() {
            let name = if process.name.is_empty() {
                process.id.to_string()
            } else {
                process.name.clone()
            };
            self.problem(ProblemCode::NoStart, [name], &process.id);
        }
    }

    pub(super) fn message_flows(&mut self) {
        let flows = self
            .definitions
            .collaborations
            .iter()
            .flat_map(|collaboration| &collaboration.message_flows);
        // Where the line touches the shape: activities deal with their messages from left to right.
        let edges: HashMap<&ElementId, (f64, f64)> = self
            .definitions
            .diagrams
            .iter()
            .flat_map(|diagram| &diagram.edges)
            .filter_map(|edge| {
                Some((
                    &edge.element,
                    (edge.waypoints.first()?.x, edge.waypoints.last()?.x),
                ))
            })
            .collect();
        let mut posts: HashMap<Ix, Vec<(f64, Ix, bool)>> = HashMap::new();
        for flow in flows {
            let (Some(source), Some(target)) =
                (self.by_id.get(&flow.source), self.by_id.get(&flow.target))
            else {
                continue;
            };
            let (source, target) = (*source, *target);
            let ix = self.push(&flow.id, &flow.name, Kind::MessageFlow, NONE);
            let node = self.node(ix);
            (node.source, node.target) = (source, target);
            let (begin, end) = edges.get(&flow.id).copied().unwrap_or_default();
            posts.entry(target).or_default().push((end, ix, false));
            posts.entry(source).or_default().push((begin, ix, true));
        }
        for (ix, mut list) in posts {
            // Incoming ones first where both stand at one place.
            list.sort_by_key(|(_, _, out)| *out);
            list.sort_by(|a, b| a.0.total_cmp(&b.0));
            let incoming = list.iter().any(|(_, _, out)| !out);
            let node = self.node(ix);
            node.posts = list.into_iter().map(|(_, flow, out)| (flow, out)).collect();
            // A plain catch at which a message ends awaits that message.
            let catches = matches!(node.kind, Kind::Start | Kind::Catch | Kind::Boundary);
            if incoming && catches && node.events.is_empty() {
                let mut ev = Ev::of(EvKind::Message);
                ev.element = ix;
                ev.boundary = node.kind == Kind::Boundary;
                ev.interrupting = node.interrupting && node.kind != Kind::Catch;
                node.events.push(EventPlan {
                    ev,
                    timer: None,
                    condition: None,
                    wait: true,
                    all: false,
                    links: Vec::new(),
                });
            }
        }
    }

    /// For each incoming flow of each joining gateway: everything from which a token can come to it without passing the
    /// gateway itself.
    pub(super) fn reach(&self) -> HashMap<Ix, Vec<Reach>> {
        let mut throwers: HashMap<Ix, Vec<Ix>> = HashMap::new();
        for (ix, node) in self.nodes.iter().enumerate() {
            for target in node.events.iter().flat_map(|event| &event.links) {
                throwers
                    .entry(*target)
                    .or_default()
                    .push(u32::try_from(ix).unwrap_or(NONE));
            }
        }
        let mut reach = HashMap::new();
        for (ix, node) in self.nodes.iter().enumerate() {
            if !matches!(node.kind, Kind::Inclusive | Kind::Complex) {
                continue;
            }
            let gateway = u32::try_from(ix).unwrap_or(NONE);
            let set = |flow: Ix, hosts: bool| {
                let mut seen = Bits::new(self.nodes.len());
                let mut queue = vec![flow];
                seen.insert(flow);
                while let Some(at) = queue.pop() {
                    let node = &self.nodes[at as usize];
                    let before: &[Ix] = match node.kind {
                        Kind::SequenceFlow => std::slice::from_ref(&node.source),
                        Kind::Boundary if hosts => std::slice::from_ref(&node.target),
                        _ => &node.incoming,
                    };
                    let linked = throwers.get(&at).into_iter().flatten();
                    for next in before.iter().chain(linked) {
                        if *next != gateway && *next != NONE && seen.insert(*next) {
                            queue.push(*next);
                        }
                    }
                }
                seen
            };
            let sets = node.incoming.iter().map(|flow| Reach {
                flows: set(*flow, false),
                hosts: set(*flow, true),
            });
            reach.insert(gateway, sets.collect());
        }
        reach
    }
}
