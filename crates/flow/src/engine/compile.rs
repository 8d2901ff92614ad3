//! From a document to a [`Plan`].

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use kernel::Moment;

use super::condition::{Conditions, Expression};
use super::feel::Feel;
use super::plan::{
    Ev, EvKind, EventPlan, Ix, Kind, NONE, Node, Plan, RepeatPlan, Start, TimerPlan, WorkPlan,
};
use super::timer;
use crate::model::{
    Definitions, DueCalendar, Element, ElementId, ElementKind, EventDefinition, GatewayKind,
    Groups, Process, Repeat, SubProcessKind, TaskKind, Timing, TimingKind,
};
use crate::problem::{Problem, ProblemCode};

impl Plan {
    /// Prepares a process. Its expressions are FEEL.
    ///
    /// On error: everything for which it cannot run.
    pub fn compile(definitions: &Definitions, process: &str) -> Result<Self, Vec<Problem>> {
        Self::compile_with(definitions, process, &Feel::of(definitions))
    }

    /// Prepares a process, with a language of your own for its expressions.
    pub fn compile_with(
        definitions: &Definitions,
        process: &str,
        conditions: &dyn Conditions,
    ) -> Result<Self, Vec<Problem>> {
        let Some(process) = definitions.process(process) else {
            return Err(vec![Problem::new(ProblemCode::NoSuchProcess, [process])]);
        };
        let mut compiler = Compiler::new(definitions, Some(conditions));
        compiler.process(process, &process.id, &process.name);
        compiler.starts(process);
        compiler.finish()
    }

    /// Prepares all pools and processes of a document together, to play tokens by hand: tasks need no answer, gateways
    /// take what [`super::Steer`] says, messages go along the message flows.
    pub fn whole(definitions: &Definitions) -> Result<Self, Vec<Problem>> {
        let mut compiler = Compiler::new(definitions, None);
        let pools = definitions
            .collaborations
            .iter()
            .flat_map(|collaboration| &collaboration.participants);
        let mut any = false;
        for pool in pools {
            any = true;
            match pool.process.as_ref().and_then(|id| definitions.process(id)) {
                Some(process) => compiler.process(process, &pool.id, &pool.name),
                None => {
                    compiler.root(&pool.id, &pool.name);
                }
            }
        }
        if !any {
            for process in &definitions.processes {
                compiler.process(process, &process.id, &process.name);
            }
        }
        compiler.message_flows();
        if compiler.roots.is_empty() {
            return Err(vec![Problem::bare(ProblemCode::Empty)]);
        }
        compiler.finish()
    }
}

pub(super) struct Compiler<'a> {
    pub(super) definitions: &'a Definitions,
    /// `None`: expressions are not looked at.
    pub(super) conditions: Option<&'a dyn Conditions>,
    pub(super) nodes: Vec<Node>,
    pub(super) roots: Vec<Ix>,
    pub(super) by_id: HashMap<ElementId, Ix>,
    pub(super) names: Vec<Arc<str>>,
    pub(super) name_index: HashMap<(EvKindTag, Arc<str>), u32>,
    pub(super) starts: Vec<Start>,
    /// Compensation handlers: never begun by anything else.
    pub(super) handlers: HashSet<Ix>,
    pub(super) problems: Vec<Problem>,
}

/// Names of different kinds of events are apart.
type EvKindTag = u8;

impl<'a> Compiler<'a> {
    fn new(definitions: &'a Definitions, conditions: Option<&'a dyn Conditions>) -> Self {
        Self {
            definitions,
            conditions,
            nodes: Vec::new(),
            roots: Vec::new(),
            by_id: HashMap::new(),
            names: Vec::new(),
            name_index: HashMap::new(),
            starts: Vec::new(),
            handlers: HashSet::new(),
            problems: Vec::new(),
        }
    }

    fn finish(mut self) -> Result<Plan, Vec<Problem>> {
        if !self.problems.is_empty() {
            self.problems
                .sort_by_key(|problem| (problem.line, problem.column));
            return Err(self.problems);
        }
        let reach = self.reach();
        let flows = self
            .definitions
            .collaborations
            .iter()
            .flat_map(|collaboration| &collaboration.message_flows);
        let message_targets = flows
            .filter_map(|flow| Some((*self.by_id.get(&flow.source)?, flow.target.clone())))
            .collect();
        Ok(Plan {
            nodes: self.nodes,
            roots: self.roots,
            by_id: self.by_id,
            names: self.names,
            references: self.name_index,
            message_targets,
            reach,
            starts: self.starts,
        })
    }

    pub(super) fn problem(
        &mut self,
        code: ProblemCode,
        args: impl IntoIterator<Item = impl Into<String>>,
        element: &ElementId,
    ) {
        let problem = Problem::new(code, args).on(element);
        let at = self
            .definitions
            .index
            .get(element)
            .map(|id| self.definitions.tree.node(*id));
        self.problems.push(match at {
            Some(node) => problem.at(node.line, node.column),
            None => problem,
        });
    }

    pub(super) fn push(&mut self, id: &ElementId, name: &str, kind: Kind, parent: Ix) -> Ix {
        let ix = Ix::try_from(self.nodes.len()).unwrap_or(NONE - 1);
        self.by_id.insert(id.clone(), ix);
        self.nodes.push(Node {
            id: id.clone(),
            name: name.into(),
            kind,
            parent,
            incoming: Vec::new(),
            outgoing: Vec::new(),
            children: Vec::new(),
            events: Vec::new(),
            attachers: Vec::new(),
            event_subs: Vec::new(),
            undo_subs: Vec::new(),
            undo_by: Vec::new(),
            starts: Vec::new(),
            implicit: Vec::new(),
            default: NONE,
            target: NONE,
            source: NONE,
            condition: None,
            repeat: None,
            interrupting: true,
            all: false,
            work: None,
            posts: Vec::new(),
        });
        ix
    }

    pub(super) fn node(&mut self, ix: Ix) -> &mut Node {
        &mut self.nodes[ix as usize]
    }

    fn root(&mut self, id: &ElementId, name: &str) -> Ix {
        let root = self.push(id, name, Kind::Root, NONE);
        self.roots.push(root);
        root
    }

    fn process(&mut self, process: &Process, id: &ElementId, name: &str) {
        let root = self.root(id, name);
        for element in &process.elements {
            let parent = element
                .parent
                .as_ref()
                .and_then(|id| self.by_id.get(id).copied())
                .unwrap_or(root);
            let kind = kind(element, self.conditions.is_some());
            let ix = self.push(&element.id, &element.name, kind, parent);
            self.node(ix).interrupting = element.interrupting();
            if element.for_compensation {
                self.handlers.insert(ix);
            }
            self.node(ix).all = element.parallel_multiple;
        }
        for flow in &process.flows {
            let parent = flow
                .parent
                .as_ref()
                .and_then(|id| self.by_id.get(id).copied())
                .unwrap_or(root);
            let (Some(source), Some(target)) =
                (self.by_id.get(&flow.source), self.by_id.get(&flow.target))
            else {
                continue;
            };
            let (source, target) = (*source, *target);
            let same = |ix: Ix| self.nodes[ix as usize].parent == parent;
            if !same(source) || !same(target) {
                self.problem(
                    ProblemCode::FlowAcrossBorder,
                    [flow.id.to_string()],
                    &flow.id,
                );
                continue;
            }
            let ix = self.push(&flow.id, &flow.name, Kind::SequenceFlow, parent);
            let condition = flow
                .condition
                .as_deref()
                .and_then(|text| self.expression(text, &flow.id));
            let node = self.node(ix);
            (node.source, node.target, node.condition) = (source, target, condition);
            if flow.default {
                self.node(source).default = ix;
            }
            self.node(source).outgoing.push(ix);
            self.node(target).incoming.push(ix);
        }
        self.children(process, root);
        let groups = process.groups();
        for element in &process.elements {
            if let Some(ix) = self.by_id.get(&element.id).copied() {
                self.detail(&groups, element, ix);
            }
        }
        self.events_around(process, root);
    }

    /// Boundary events come last and the latest first: the order in which drawing tools put them, and with it the order
    /// in which equal catchers of one event are asked.
    fn children(&mut self, process: &Process, root: Ix) {
        let boundary =
            |element: &&Element| matches!(element.kind, ElementKind::BoundaryEvent { .. });
        let first = process.elements.iter().filter(|element| !boundary(element));
        let last = process.elements.iter().rev().filter(boundary);
        for element in first.chain(last) {
            let Some(ix) = self.by_id.get(&element.id).copied() else {
                continue;
            };
            let parent = self.nodes[ix as usize].parent;
            let parent = if parent == NONE { root } else { parent };
            self.node(parent).children.push(ix);
        }
    }

    /// What an element has besides its place.
    fn detail(&mut self, groups: &Groups<'_>, element: &Element, ix: Ix) {
        if let ElementKind::BoundaryEvent { attached_to, .. } = &element.kind {
            match self.by_id.get(attached_to).copied() {
                Some(host) => self.node(ix).target = host,
                None => self.problem(
                    ProblemCode::DanglingReference,
                    [
                        element.id.to_string(),
                        "attachedToRef".to_owned(),
                        attached_to.to_string(),
                    ],
                    &element.id,
                ),
            }
        }
        let condition = match &element.kind {
            ElementKind::SubProcess {
                sub_process: SubProcessKind::AdHoc { completion, .. },
            } => completion.as_deref(),
            ElementKind::Gateway {
                gateway: GatewayKind::Complex { activation },
            } => activation.as_deref(),
            _ => None,
        };
        if let Some(text) = condition {
            let expression = self.expression(text, &element.id);
            self.node(ix).condition = expression;
        }
        if self.conditions.is_some() {
            let repeat = element
                .repeat
                .as_ref()
                .map(|repeat| self.repeat(repeat, &element.id));
            self.node(ix).repeat = repeat;
            let work = self.work(groups, element);
            self.node(ix).work = work.map(Box::new);
        }
        let mut events: Vec<EventPlan> = Vec::new();
        for event in &element.events {
            let plan = self.event(event, element, ix);
            events.push(plan);
        }
        if let ElementKind::Task {
            task: TaskKind::Receive { message } | TaskKind::Send { message },
        } = &element.kind
        {
            let event = EventDefinition::Message {
                message: message.clone(),
            };
            let plan = self.event(&event, element, ix);
            events.push(plan);
        }
        self.node(ix).events = events;
    }

    fn event(&mut self, event: &EventDefinition, element: &Element, ix: Ix) -> EventPlan {
        let boundary = matches!(element.kind, ElementKind::BoundaryEvent { .. });
        let start = matches!(element.kind, ElementKind::StartEvent { .. });
        let mut ev = Ev::of(kind_of(event));
        ev.element = ix;
        ev.boundary = boundary;
        ev.interrupting = (boundary || start) && element.interrupting();
        let mut plan = EventPlan {
            ev,
            timer: None,
            condition: None,
            wait: true,
            all: false,
            links: Vec::new(),
        };
        let definitions = self.definitions;
        let named = |list: &'a [crate::model::Named], id: &Option<ElementId>| {
            list.iter().find(|named| Some(&named.id) == id.as_ref())
        };
        match event {
            EventDefinition::Message { message } => {
                let named =
                    named(&definitions.messages, message).filter(|named| !named.name.is_empty());
                let own = || {
                    if element.name.is_empty() {
                        element.id.to_string()
                    } else {
                        element.name.clone()
                    }
                };
                let name = named
                    .map(|named| named.name.clone())
                    .or_else(|| posted(definitions, &element.id))
                    .unwrap_or_else(own);
                plan.ev.reference = self.name(EvKind::Message, &name);
            }
            EventDefinition::Signal { signal } => {
                let named = named(&definitions.signals, signal);
                let name = named.map(|named| {
                    if named.name.is_empty() {
                        named.id.to_string()
                    } else {
                        named.name.clone()
                    }
                });
                plan.ev.reference = name.map_or(NONE, |name| self.name(EvKind::Signal, &name));
            }
            EventDefinition::Error { error } => {
                let code = named(&definitions.errors, error).map(code);
                plan.ev.reference = code.map_or(NONE, |code| self.name(EvKind::Error, &code));
            }
            EventDefinition::Escalation { escalation } => {
                let code = named(&definitions.escalations, escalation).map(code);
                plan.ev.reference = code.map_or(NONE, |code| self.name(EvKind::Escalation, &code));
            }
            EventDefinition::Timer { timing } => {
                plan.timer = timing.as_ref().and_then(|timing| {
                    self.timer(timing.clone(), DueCalendar::Always, &element.id)
                });
            }
            EventDefinition::Conditional { condition } => {
                plan.condition = self.expression(condition, &element.id);
            }
            EventDefinition::Link { name } => self.link(name, element, ix, &mut plan),
            EventDefinition::Compensation { activity, wait } => {
                plan.ev.persistent = true;
                plan.wait = *wait;
                plan.all = activity.is_none();
                let parent = self.nodes[ix as usize].parent;
                let around = self
                    .nodes
                    .get(parent as usize)
                    .map_or(NONE, |node| node.parent);
                let in_event_sub = self
                    .nodes
                    .get(parent as usize)
                    .is_some_and(|node| node.kind == Kind::EventSub);
                let named = activity.as_ref().and_then(|id| self.by_id.get(id).copied());
                plan.ev.reference = named.unwrap_or_else(|| match &element.kind {
                    ElementKind::StartEvent { .. } if in_event_sub => around,
                    ElementKind::BoundaryEvent { attached_to, .. } => {
                        self.by_id.get(attached_to).copied().unwrap_or(NONE)
                    }
                    _ => parent,
                });
            }
            EventDefinition::Cancel | EventDefinition::Terminate => {}
        }
        plan
    }

    /// A throwing link goes on at its catchers in the same process or sub-process.
    fn link(&mut self, name: &str, element: &Element, ix: Ix, plan: &mut EventPlan) {
        if !matches!(element.kind, ElementKind::IntermediateThrowEvent) {
            return;
        }
        let parent = self.nodes[ix as usize].parent;
        let elements = self
            .definitions
            .processes
            .iter()
            .flat_map(|process| &process.elements);
        let catches = |other: &&Element| {
            matches!(other.kind, ElementKind::IntermediateCatchEvent)
                && other
                    .events
                    .iter()
                    .any(|event| matches!(event, EventDefinition::Link { name: n } if n == name))
        };
        let targets = elements
            .filter(catches)
            .filter_map(|other| self.by_id.get(&other.id).copied());
        plan.links = targets
            .filter(|target| self.nodes[*target as usize].parent == parent)
            .collect();
        if plan.links.is_empty() && self.conditions.is_some() {
            self.problem(
                ProblemCode::LinkWithoutTarget,
                [name.to_owned()],
                &element.id,
            );
        }
    }

    fn name(&mut self, kind: EvKind, name: &str) -> u32 {
        let key = (kind as EvKindTag, Arc::from(name));
        if let Some(known) = self.name_index.get(&key) {
            return *known;
        }
        let reference = u32::try_from(self.names.len()).unwrap_or(NONE - 2);
        self.names.push(key.1.clone());
        self.name_index.insert(key, reference);
        reference
    }

    fn expression(&mut self, text: &str, element: &ElementId) -> Option<Expression> {
        let conditions = self.conditions?;
        let bare = bare(text);
        match conditions.prepare(bare) {
            Ok(prepared) => Some(Expression {
                text: bare.into(),
                prepared: prepared.into(),
            }),
            Err(why) => {
                self.problem(
                    ProblemCode::BadCondition,
                    [text.to_owned(), element.to_string(), why.es, why.en],
                    element,
                );
                None
            }
        }
    }

    fn timer(
        &mut self,
        timing: Timing,
        calendar: DueCalendar,
        element: &ElementId,
    ) -> Option<TimerPlan> {
        let conditions = self.conditions?;
        if timer::when(timing.kind, &timing.text, Moment::EPOCH).is_some() {
            return Some(TimerPlan {
                timing,
                calendar,
                expression: None,
            });
        }
        let text = bare(&timing.text);
        match conditions.prepare(text) {
            Ok(prepared) => {
                let expression = Some(Expression {
                    text: text.into(),
                    prepared: prepared.into(),
                });
                Some(TimerPlan {
                    timing,
                    calendar,
                    expression,
                })
            }
            Err(_) => {
                self.problem(
                    ProblemCode::BadTimer,
                    [timing.text, element.to_string()],
                    element,
                );
                None
            }
        }
    }

    fn repeat(&mut self, repeat: &Repeat, element: &ElementId) -> RepeatPlan {
        let mut prepare = |text: &Option<String>| {
            text.as_deref()
                .and_then(|text| self.expression(text, element))
        };
        match repeat {
            Repeat::Loop {
                test_before,
                condition,
                maximum,
            } => RepeatPlan::Loop {
                test_before: *test_before,
                condition: prepare(condition),
                maximum: *maximum,
            },
            Repeat::Multiple {
                sequential,
                cardinality,
                collection,
                item,
                output_item,
                output,
                completion,
            } => RepeatPlan::Multiple {
                sequential: *sequential,
                cardinality: prepare(cardinality),
                collection: prepare(collection),
                item: item.clone(),
                output: output
                    .clone()
                    .and_then(|to| Some((prepare(output_item)?, to))),
                completion: prepare(completion),
            },
        }
    }

    fn work(&mut self, groups: &Groups<'_>, element: &Element) -> Option<WorkPlan> {
        let data = !element.data_inputs.is_empty() || !element.data_outputs.is_empty();
        if !element.is_activity() && element.binding.is_none() && !data {
            return None;
        }
        let mut work = WorkPlan {
            group: groups.of(element).map(Into::into),
            binding: element.binding.clone().map(Arc::new),
            ..WorkPlan::default()
        };
        match &element.kind {
            ElementKind::CallActivity { called } => work.called = called.as_deref().map(Into::into),
            ElementKind::Task {
                task: TaskKind::Script { language, script },
            } => {
                work.language = Some(language.as_str().into());
                work.source = Some(script.as_str().into());
                if own_script(language) && !script.is_empty() {
                    work.script = self.expression(script, &element.id);
                }
            }
            _ => {}
        }
        let mut mappings = |list: &[crate::model::Mapping]| {
            let all = list.iter().filter_map(|mapping| {
                Some((
                    self.expression(&mapping.from, &element.id)?,
                    mapping.to.clone(),
                ))
            });
            all.collect::<Vec<_>>()
        };
        work.data_inputs = mappings(&element.data_inputs);
        work.data_outputs = mappings(&element.data_outputs);
        let Some(binding) = &element.binding else {
            return Some(work);
        };
        work.inputs = mappings(&binding.inputs);
        work.outputs = mappings(&binding.outputs);
        work.correlation = binding
            .correlation
            .as_deref()
            .and_then(|text| self.expression(text, &element.id));
        if let Some(due) = &binding.due {
            let timing = Timing {
                kind: TimingKind::Duration,
                text: due.after.clone(),
            };
            work.due = self.timer(timing, due.calendar, &element.id);
        }
        for rung in &binding.escalation {
            let timing = Timing {
                kind: TimingKind::Duration,
                text: rung.after.clone(),
            };
            if let Some(timer) = self.timer(timing, rung.calendar, &element.id) {
                work.rungs.push((timer, rung.to.as_str().into()));
            }
        }
        Some(work)
    }
}

/// The message that a message flow carries to or from an element which does not name it: the flow's own, that of its other
/// end, the flow's name, or what the element is called at which it ends.
fn posted(definitions: &Definitions, element: &ElementId) -> Option<String> {
    let name_of = |id: &ElementId| {
        let named = definitions.messages.iter().find(|named| named.id == *id)?;
        Some(named.name.clone()).filter(|name| !name.is_empty())
    };
    let mut flows = definitions
        .collaborations
        .iter()
        .flat_map(|collaboration| &collaboration.message_flows);
    let flow = flows.find(|flow| flow.source == *element || flow.target == *element)?;
    let other = if flow.source == *element {
        &flow.target
    } else {
        &flow.source
    };
    let other = definitions.element(other);
    let awaits = |element: &Element| {
        let event = element.events.iter().find_map(|event| match event {
            EventDefinition::Message { message } => message.as_ref(),
            _ => None,
        });
        let task = match &element.kind {
            ElementKind::Task {
                task: TaskKind::Receive { message } | TaskKind::Send { message },
            } => message.as_ref(),
            _ => None,
        };
        event.or(task).and_then(name_of)
    };
    let called = |element: &Element| {
        if element.name.is_empty() {
            element.id.to_string()
        } else {
            element.name.clone()
        }
    };
    flow.message
        .as_ref()
        .and_then(name_of)
        .or_else(|| other.and_then(awaits))
        .or_else(|| Some(flow.name.clone()).filter(|name| !name.is_empty()))
        .or_else(|| other.filter(|other| other.id == flow.target).map(called))
}

/// Expressions come as `amount > 5`, `=amount > 5` or `${amount > 5}`, after the tool that wrote them.
pub(crate) fn bare(text: &str) -> &str {
    let text = text.trim();
    let wrapped = ["${", "#{"]
        .iter()
        .find_map(|open| text.strip_prefix(open)?.strip_suffix('}'));
    wrapped
        .or_else(|| text.strip_prefix('='))
        .unwrap_or(text)
        .trim()
}

/// Scripts in the product's own language run inside the kernel.
fn own_script(language: &str) -> bool {
    let language = language.to_ascii_lowercase();
    language.is_empty()
        || language == "feel"
        || language.ends_with("/feel")
        || language.ends_with("/feel/")
}

fn code(named: &crate::model::Named) -> String {
    named
        .code
        .clone()
        .filter(|code| !code.is_empty())
        .unwrap_or_else(|| named.id.to_string())
}

fn kind_of(event: &EventDefinition) -> EvKind {
    match event {
        EventDefinition::Message { .. } => EvKind::Message,
        EventDefinition::Timer { .. } => EvKind::Timer,
        EventDefinition::Error { .. } => EvKind::Error,
        EventDefinition::Escalation { .. } => EvKind::Escalation,
        EventDefinition::Signal { .. } => EvKind::Signal,
        EventDefinition::Conditional { .. } => EvKind::Conditional,
        EventDefinition::Link { .. } => EvKind::Link,
        EventDefinition::Compensation { .. } => EvKind::Compensate,
        EventDefinition::Cancel => EvKind::Cancel,
        EventDefinition::Terminate => EvKind::Terminate,
    }
}

/// `run`: for real; otherwise tokens are played by hand and only receive tasks wait.
fn kind(element: &Element, run: bool) -> Kind {
    match &element.kind {
        ElementKind::StartEvent { .. } => Kind::Start,
        ElementKind::EndEvent => Kind::End,
        ElementKind::IntermediateCatchEvent => Kind::Catch,
        ElementKind::IntermediateThrowEvent => Kind::Throw,
        ElementKind::BoundaryEvent { .. } => Kind::Boundary,
        ElementKind::Task {
            task: TaskKind::Receive { .. },
        } => Kind::Receive,
        ElementKind::Task {
            task: TaskKind::Send { .. },
        } => Kind::Send,
        ElementKind::Task { .. } if element.is_work_item() && run => Kind::Work,
        ElementKind::Task { task } if run => match task {
            TaskKind::Service => Kind::Service,
            TaskKind::Script { .. } => Kind::Script,
            TaskKind::BusinessRule => Kind::Rule,
            _ => Kind::Pass,
        },
        ElementKind::CallActivity { .. } if run => Kind::Call,
        ElementKind::Task { .. } | ElementKind::CallActivity { .. } | ElementKind::Choreography => {
            Kind::Pass
        }
        ElementKind::SubProcess { sub_process } => match sub_process {
            SubProcessKind::Embedded => Kind::SubProcess,
            SubProcessKind::Event => Kind::EventSub,
            SubProcessKind::Transaction => Kind::Transaction,
            SubProcessKind::AdHoc {
                sequential,
                cancel_remaining,
                ..
            } => Kind::AdHoc {
                sequential: *sequential && run,
                cancel_remaining: *cancel_remaining,
            },
        },
        ElementKind::Gateway { gateway } => match gateway {
            GatewayKind::Exclusive => Kind::Exclusive,
            GatewayKind::Inclusive => Kind::Inclusive,
            GatewayKind::Parallel => Kind::Parallel,
            GatewayKind::EventBased { parallel, .. } => Kind::EventBased { all: *parallel },
            GatewayKind::Complex { .. } => Kind::Complex,
        },
    }
}
