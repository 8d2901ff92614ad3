//! The rules themselves.

use std::collections::{HashMap, HashSet};

use kernel::text::nearest;

use super::graph::Graph;
use super::names::{Names, outcomes, renamed};
use super::{Finding, Mend, MendKind, Rule, Severity, Sight, severity_of};
use crate::edit::Command;
use crate::engine::Plan;
use crate::model::{
    Binding, Bounds, Definitions, Element, ElementId, ElementKind, EventDefinition, GatewayKind,
    Groups, Outcome, Process, Rung, SequenceFlow, TaskKind, Text,
};

pub(super) fn check(
    definitions: &Definitions,
    process: &Process,
    sight: Option<&Sight>,
    findings: &mut Vec<Finding>,
) {
    let mut out: HashMap<&str, Vec<&SequenceFlow>> = HashMap::new();
    for flow in &process.flows {
        out.entry(&flow.source).or_default().push(flow);
    }
    let shapes = definitions
        .diagrams
        .iter()
        .flat_map(|diagram| &diagram.shapes);
    let mut linter = Linter {
        definitions,
        process,
        sight,
        graph: Graph::of(process),
        findings,
        groups: process.groups(),
        out,
        usual: None,
        places: shapes
            .map(|shape| (&*shape.element, shape.bounds))
            .collect(),
    };
    linter.usual = linter.usual_group();
    linter.can_run();
    linter.flow();
    linter.gateways();
    linter.activities();
    linter.expressions();
}

struct Linter<'a> {
    sight: Option<&'a Sight>,
    groups: Groups<'a>,
    /// The flows out of each element.
    out: HashMap<&'a str, Vec<&'a SequenceFlow>>,
    /// Found out once: the group that works on most activities.
    usual: Option<String>,
    places: HashMap<&'a str, Bounds>,
    definitions: &'a Definitions,
    process: &'a Process,
    graph: Graph<'a>,
    findings: &'a mut Vec<Finding>,
}

/// How people know an element.
fn called(element: &Element) -> String {
    if element.name.is_empty() {
        element.id.to_string()
    } else {
        element.name.clone()
    }
}

fn flow_called(flow: &SequenceFlow) -> String {
    if flow.name.is_empty() {
        flow.id.to_string()
    } else {
        flow.name.clone()
    }
}

impl<'a> Linter<'a> {
    fn find(
        &mut self,
        rule: Rule,
        severity: Severity,
        element: &ElementId,
        args: Vec<String>,
        mend: Option<Mend>,
    ) {
        let process = self.process.id.clone();
        let element = element.clone();
        self.findings.push(Finding {
            rule,
            severity,
            process,
            element,
            args,
            mend,
            detail: None,
        });
    }

    fn mend(what: MendKind, args: Vec<String>, commands: Vec<Command>) -> Option<Mend> {
        Some(Mend {
            what,
            args,
            commands,
        })
    }

    /// What the compiler refuses.
    fn can_run(&mut self) {
        let process = self.process;
        let name = if process.name.is_empty() {
            process.id.to_string()
        } else {
            process.name.clone()
        };
        if !process.executable {
            let set = Command::Set {
                element: process.id.clone(),
                attribute: "isExecutable".to_owned(),
                value: Some("true".to_owned()),
            };
            let mend = Self::mend(MendKind::MakeExecutable, vec![name.clone()], vec![set]);
            self.find(
                Rule::NotExecutable,
                Severity::Hint,
                &process.id,
                vec![name],
                mend,
            );
        }
        let Err(problems) = Plan::compile(self.definitions, &process.id) else {
            return;
        };
        for problem in problems {
            let element = problem
                .element
                .clone()
                .unwrap_or_else(|| process.id.clone());
            let plain = crate::problem::Problem {
                line: 0,
                column: 0,
                ..problem.clone()
            };
            let detail = Text {
                es: plain.sentence(kernel::Language::Es),
                en: plain.sentence(kernel::Language::En),
            };
            self.findings.push(Finding {
                rule: Rule::CannotRun,
                severity: severity_of(problem.code),
                process: process.id.clone(),
                element,
                args: problem.args,
                mend: None,
                detail: Some(detail),
            });
        }
    }

    fn flow(&mut self) {
        let reachable = self.graph.reachable(self.process);
        let any_start = self
            .graph
            .nodes
            .iter()
            .any(|node| matches!(node.kind, ElementKind::StartEvent { .. }));
        for (ix, node) in self.graph.nodes.clone().into_iter().enumerate() {
            if !self.places.is_empty() && !self.places.contains_key(&*node.id) {
                let mend = Self::mend(MendKind::Draw, Vec::new(), vec![Command::Layout]);
                self.find(
                    Rule::NotDrawn,
                    Severity::Warning,
                    &node.id,
                    vec![called(node)],
                    mend,
                );
            }
            if !reachable[ix] && any_start {
                let remove = Command::Remove {
                    elements: vec![node.id.clone()],
                };
                let mend = Self::mend(MendKind::Remove, vec![called(node)], vec![remove]);
                self.find(
                    Rule::Unreachable,
                    Severity::Warning,
                    &node.id,
                    vec![called(node)],
                    mend,
                );
                continue;
            }
            let ends = self.graph.plain[ix].is_empty()
                && !matches!(node.kind, ElementKind::EndEvent)
                && !node.is_event_sub_process()
                && !node.for_compensation
                && !node
                    .events
                    .iter()
                    .any(|event| matches!(event, EventDefinition::Compensation { .. }))
                && !self.graph.in_ad_hoc(node);
            if ends {
                let mend = self.add_end(node);
                self.find(
                    Rule::DeadEnd,
                    Severity::Hint,
                    &node.id,
                    vec![called(node)],
                    mend,
                );
            }
        }
        for ix in self.graph.idle_circles() {
            let node = self.graph.nodes[ix];
            // A circle with a decision in it may end by itself; one without cannot.
            if !self.decides_within(ix) {
                self.find(
                    Rule::EndlessLoop,
                    Severity::Warning,
                    &node.id,
                    vec![called(node)],
                    None,
                );
            }
        }
    }

    fn flows_of(&self, node: &Element) -> &[&'a SequenceFlow] {
        self.out.get(&*node.id).map_or(&[], |flows| flows)
    }

    /// Whether a decision with a way out can be come to from here.
    fn decides_within(&self, from: usize) -> bool {
        let mut seen = HashSet::new();
        let mut queue = vec![from];
        while let Some(ix) = queue.pop() {
            if !seen.insert(ix) {
                continue;
            }
            if self.graph.plain[ix].len() > 1 && !self.is_parallel(ix) {
                return true;
            }
            queue.extend(self.graph.plain[ix].iter().copied());
        }
        false
    }

    fn is_parallel(&self, ix: usize) -> bool {
        let node = self.graph.nodes[ix];
        let plain = || {
            let flows = self.flows_of(node);
            !node.is_gateway()
                && flows
                    .iter()
                    .all(|flow| flow.condition.is_none() && !flow.default)
        };
        matches!(
            node.kind,
            ElementKind::Gateway {
                gateway: GatewayKind::Parallel
            }
        ) || plain()
    }

    fn add_end(&self, node: &Element) -> Option<Mend> {
        let beside = self.places.get(&*node.id).map(|bounds| Bounds {
            x: bounds.right() + 60.0,
            y: bounds.centre().y - 18.0,
            width: 36.0,
            height: 36.0,
        });
        let mut id = format!("{}_end", node.id);
        while self.definitions.index.contains_key(&*id) {
            id.push('_');
        }
        let id: ElementId = id.into();
        let add = Command::Add {
            id: Some(id.clone()),
            tag: "endEvent".to_owned(),
            name: String::new(),
            parent: node
                .parent
                .clone()
                .unwrap_or_else(|| self.process.id.clone()),
            lane: self
                .groups
                .lane(&node.id)
                .map(|lane| lane.id.clone())
                .filter(|_| node.parent.is_none()),
            attached_to: None,
            bounds: beside,
        };
        let connect = Command::Connect {
            id: None,
            source: node.id.clone(),
            target: id,
        };
        Self::mend(MendKind::AddEnd, vec![called(node)], vec![add, connect])
    }

    fn gateways(&mut self) {
        for (ix, node) in self.graph.nodes.clone().into_iter().enumerate() {
            if node.incoming.len() > 1 {
                self.join(ix, node);
            }
            let ElementKind::Gateway { gateway } = &node.kind else {
                continue;
            };
            let decides = matches!(
                gateway,
                GatewayKind::Exclusive | GatewayKind::Inclusive | GatewayKind::Complex { .. }
            );
            if decides && node.outgoing.len() > 1 {
                self.decision(node);
            }
        }
    }

    fn join(&mut self, ix: usize, node: &'a Element) {
        let Some(fork_ix) = self.graph.fork_of(ix) else {
            return;
        };
        let fork = self.graph.nodes[fork_ix];
        let retype = |tag: &str| {
            vec![Command::Retype {
                element: node.id.clone(),
                tag: tag.to_owned(),
            }]
        };
        let chooses = matches!(
            fork.kind,
            ElementKind::Gateway {
                gateway: GatewayKind::Exclusive
                    | GatewayKind::EventBased {
                        parallel: false,
                        ..
                    }
            }
        );
        let inclusive = matches!(
            fork.kind,
            ElementKind::Gateway {
                gateway: GatewayKind::Inclusive
            }
        );
        match &node.kind {
            ElementKind::Gateway {
                gateway: GatewayKind::Parallel,
            } if chooses || inclusive => {
                let (what, tag) = if chooses {
                    (MendKind::Exclusive, "exclusiveGateway")
                } else {
                    (MendKind::Inclusive, "inclusiveGateway")
                };
                let mend = Self::mend(what, vec![called(node)], retype(tag));
                self.find(
                    Rule::Deadlock,
                    Severity::Warning,
                    &node.id,
                    vec![called(node), called(fork)],
                    mend,
                );
            }
            ElementKind::Gateway {
                gateway: GatewayKind::Exclusive,
            } if self.is_parallel(fork_ix) => {
                let mend = Self::mend(
                    MendKind::Parallel,
                    vec![called(node)],
                    retype("parallelGateway"),
                );
                self.find(
                    Rule::Doubled,
                    Severity::Warning,
                    &node.id,
                    vec![called(node), called(fork)],
                    mend,
                );
            }
            _ => {}
        }
    }

    fn decision(&mut self, node: &'a Element) {
        let flows: Vec<&SequenceFlow> = self.flows_of(node).to_vec();
        let bare: Vec<&&SequenceFlow> = flows
            .iter()
            .filter(|flow| flow.condition.is_none() && !flow.default)
            .collect();
        if node.default_flow.is_none() {
            // The one without a condition is what was meant; else the last.
            let chosen = if bare.len() == 1 {
                bare.first().copied()
            } else {
                flows.last()
            };
            let mend = chosen.and_then(|flow| {
                let set = Command::SetDefault {
                    source: node.id.clone(),
                    flow: Some(flow.id.clone()),
                };
                Self::mend(MendKind::SetDefault, vec![flow_called(flow)], vec![set])
            });
            self.find(
                Rule::NoDefault,
                Severity::Warning,
                &node.id,
                vec![called(node)],
                mend,
            );
        }
        if node.default_flow.is_some() || bare.len() > 1 {
            for flow in bare {
                self.find(
                    Rule::NoCondition,
                    Severity::Warning,
                    &flow.id,
                    vec![flow_called(flow)],
                    None,
                );
            }
        }
    }

    fn activities(&mut self) {
        for node in self.graph.nodes.clone() {
            let binding = node.binding.as_ref();
            if node.is_work_item() {
                self.work_item(node);
            }
            match &node.kind {
                ElementKind::Task {
                    task: TaskKind::Service,
                } if binding.is_none_or(|b| b.transaction.is_none()) => {
                    self.find(
                        Rule::NoTransaction,
                        Severity::Warning,
                        &node.id,
                        vec![called(node)],
                        None,
                    );
                }
                ElementKind::Task {
                    task: TaskKind::BusinessRule,
                } if binding.is_none_or(|b| b.decision.is_none()) => {
                    self.find(
                        Rule::NoDecision,
                        Severity::Warning,
                        &node.id,
                        vec![called(node)],
                        None,
                    );
                }
                ElementKind::CallActivity { called: None } => {
                    self.find(
                        Rule::NoCalledProcess,
                        Severity::Warning,
                        &node.id,
                        vec![called(node)],
                        None,
                    );
                }
                _ => {}
            }
            if node
                .events
                .iter()
                .any(|event| matches!(event, EventDefinition::Timer { timing: None }))
            {
                self.find(
                    Rule::NoTime,
                    Severity::Warning,
                    &node.id,
                    vec![called(node)],
                    None,
                );
            }
        }
    }

    fn work_item(&mut self, node: &'a Element) {
        let binding = node.binding.clone().unwrap_or_default();
        let id = &node.id;
        if node.name.is_empty() {
            let wanted = node
                .documentation
                .lines()
                .next()
                .filter(|line| !line.is_empty() && line.len() <= 60);
            let mend = wanted.and_then(|name| {
                let rename = Command::Rename {
                    element: id.clone(),
                    name: name.to_owned(),
                };
                Self::mend(
                    MendKind::Rename,
                    vec![id.to_string(), name.to_owned()],
                    vec![rename],
                )
            });
            self.find(
                Rule::Unnamed,
                Severity::Hint,
                id,
                vec![id.to_string()],
                mend,
            );
        }
        // Whoever looks for somebody falls back on the group where nobody is found.
        if binding.assignment.expression.is_none() && self.groups.of(node).is_none() {
            let mend = self.usual.clone().and_then(|group| {
                let mut bound = binding.clone();
                bound.assignment.group = Some(group.clone());
                let bind = Command::Bind {
                    element: id.clone(),
                    binding: Some(bound),
                };
                Self::mend(MendKind::UseLane, vec![called(node), group], vec![bind])
            });
            self.find(
                Rule::Unassignable,
                Severity::Error,
                id,
                vec![called(node)],
                mend,
            );
        }
        if binding.form.is_none() {
            self.find(Rule::NoForm, Severity::Hint, id, vec![called(node)], None);
        }
        if binding.outcomes.is_empty() {
            self.no_outcomes(node, &binding);
        }
        if let (Some(due), true) = (&binding.due, binding.escalation.is_empty()) {
            let bosses = self.usual_boss();
            let mut bound = binding.clone();
            bound.escalation = vec![Rung {
                after: due.after.clone(),
                to: bosses.clone(),
                calendar: due.calendar,
            }];
            let bind = Command::Bind {
                element: id.clone(),
                binding: Some(bound),
            };
            let mend = Self::mend(
                MendKind::AddEscalation,
                vec![called(node), bosses, due.after.clone()],
                vec![bind],
            );
            self.find(
                Rule::MissingEscalation,
                Severity::Warning,
                id,
                vec![called(node)],
                mend,
            );
        }
    }

    /// An activity before a decision on outcomes needs those outcomes.
    fn no_outcomes(&mut self, node: &'a Element, binding: &Binding) {
        let Some(ix) = self.graph.at.get(&*node.id) else {
            return;
        };
        let mut wanted: Vec<String> = Vec::new();
        for next in &self.graph.plain[*ix] {
            let next = self.graph.nodes[*next];
            let flows = if next.is_gateway() {
                self.flows_of(next)
            } else {
                &[]
            };
            for condition in flows.iter().filter_map(|flow| flow.condition.as_deref()) {
                for outcome in outcomes(condition) {
                    if !wanted.contains(&outcome) {
                        wanted.push(outcome);
                    }
                }
            }
        }
        if wanted.is_empty() {
            return;
        }
        let mut bound = binding.clone();
        let label = |key: &String| Text {
            es: key.clone(),
            en: key.clone(),
        };
        bound.outcomes = wanted
            .iter()
            .map(|key| Outcome {
                key: key.clone(),
                label: label(key),
            })
            .collect();
        let bind = Command::Bind {
            element: node.id.clone(),
            binding: Some(bound),
        };
        let mend = Self::mend(
            MendKind::AddOutcomes,
            vec![called(node), wanted.join(", ")],
            vec![bind],
        );
        self.find(
            Rule::NoOutcomes,
            Severity::Error,
            &node.id,
            vec![called(node)],
            mend,
        );
    }

    /// The group that works on most activities of the process.
    fn usual_group(&self) -> Option<String> {
        let mut counts: Vec<(String, usize)> = Vec::new();
        for group in self
            .graph
            .nodes
            .iter()
            .filter_map(|node| self.groups.of(node))
        {
            match counts.iter_mut().find(|(known, _)| *known == group) {
                Some((_, count)) => *count += 1,
                None => counts.push((group, 1)),
            }
        }
        counts
            .into_iter()
            .max_by_key(|(_, count)| *count)
            .map(|(group, _)| group)
    }

    fn usual_boss(&self) -> String {
        let bindings = self
            .graph
            .nodes
            .iter()
            .filter_map(|node| node.binding.as_ref());
        let mut rungs = bindings.flat_map(|binding| &binding.escalation);
        rungs
            .next()
            .map_or_else(|| "supervisors".to_owned(), |rung| rung.to.clone())
    }

    fn meant(flow: &SequenceFlow, near: &str, condition: String) -> Option<Mend> {
        let set = Command::SetCondition {
            flow: flow.id.clone(),
            condition: Some(condition),
        };
        Self::mend(MendKind::Meant, vec![near.to_owned()], vec![set])
    }

    fn expressions(&mut self) {
        let names = Names::of(self.process, self.sight);
        let outcomes_known: HashSet<&str> = self
            .process
            .elements
            .iter()
            .filter_map(|element| element.binding.as_ref())
            .flat_map(|binding| &binding.outcomes)
            .map(|outcome| &*outcome.key)
            .collect();
        for element in self.process.elements.iter().filter(|_| !names.open) {
            let Some(binding) = &element.binding else {
                continue;
            };
            let unknown = binding
                .inputs
                .iter()
                .find_map(|mapping| names.unknown(&mapping.from));
            if let Some(name) = unknown {
                let mend = names.near(name).and_then(|near| {
                    let mut bound = binding.clone();
                    for mapping in &mut bound.inputs {
                        mapping.from = renamed(&mapping.from, name, near);
                    }
                    let bind = Command::Bind {
                        element: element.id.clone(),
                        binding: Some(bound),
                    };
                    Self::mend(MendKind::Meant, vec![near.to_owned()], vec![bind])
                });
                let args = vec![called(element), name.to_owned()];
                self.find(
                    Rule::UndefinedVariable,
                    Severity::Warning,
                    &element.id,
                    args,
                    mend,
                );
            }
        }
        for flow in &self.process.flows {
            let Some(condition) = &flow.condition else {
                continue;
            };
            if !names.open
                && let Some(name) = names.unknown(condition)
            {
                let args = vec![flow_called(flow), name.to_owned()];
                let mend = names
                    .near(name)
                    .and_then(|near| Self::meant(flow, near, renamed(condition, name, near)));
                self.find(
                    Rule::UndefinedVariable,
                    Severity::Warning,
                    &flow.id,
                    args,
                    mend,
                );
            }
            if outcomes_known.is_empty() {
                continue;
            }
            for outcome in outcomes(condition) {
                if !outcomes_known.contains(&*outcome) {
                    let near = nearest(&outcome, outcomes_known.iter().copied());
                    let mend = near.and_then(|near| {
                        let quoted = |key: &str| format!("\"{key}\"");
                        let text = condition.replace(&quoted(&outcome), &quoted(near));
                        Self::meant(flow, near, text)
                    });
                    let args = vec![flow_called(flow), outcome];
                    self.find(
                        Rule::UnknownOutcome,
                        Severity::Warning,
                        &flow.id,
                        args,
                        mend,
                    );
                }
            }
        }
    }
}
