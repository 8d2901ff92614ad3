//! The view of a document, made from its XML tree.

use std::collections::HashMap;

use super::diagram::{Bounds, Diagram, Edge, Label, Point, Shape};
use super::{
    Artifact, ArtifactKind, Collaboration, Data, DataKind, Definitions, ElementId, Lane,
    MessageFlow, Named, Participant, Process, SequenceFlow,
};
use crate::problem::{Problem, ProblemCode};
use crate::xml::{BPMN, BPMNDI, DC, DI, ENGAGE, NodeId, Tree};

/// Where the element with an id stands.
pub(crate) type Index = HashMap<ElementId, NodeId>;

impl Definitions {
    /// Makes the view. On error: everything that hinders it.
    pub(crate) fn from_tree(tree: Tree) -> Result<Self, Vec<Problem>> {
        let mut definitions = view(&tree)?;
        definitions.tree = tree;
        Ok(definitions)
    }

    /// Makes the view anew after the tree was changed. On error the view is as it was.
    pub(crate) fn see(&mut self) -> Result<(), Vec<Problem>> {
        let mut fresh = view(&self.tree)?;
        std::mem::swap(&mut fresh.tree, &mut self.tree);
        *self = fresh;
        Ok(())
    }

    /// As [`Definitions::see`] where only the drawing was changed.
    pub(crate) fn see_drawing(&mut self) -> Result<(), Vec<Problem>> {
        let mut problems = Vec::new();
        let index = index(&self.tree, &mut problems);
        let mut view = View {
            tree: &self.tree,
            index: &index,
            problems: &mut problems,
        };
        let roots = self.tree.named(self.tree.root(), BPMNDI, "BPMNDiagram");
        let diagrams: Vec<Diagram> = roots.map(|id| view.diagram(id)).collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        (self.diagrams, self.index) = (diagrams, index);
        Ok(())
    }
}

fn view(tree: &Tree) -> Result<Definitions, Vec<Problem>> {
    let root = tree.node(tree.root());
    if !root.name.is(BPMN, "definitions") {
        let problem =
            Problem::new(ProblemCode::NotBpmn, [&*root.name.local]).at(root.line, root.column);
        return Err(vec![problem]);
    }
    let mut problems = Vec::new();
    let index = index(tree, &mut problems);
    let view = View {
        tree,
        index: &index,
        problems: &mut problems,
    };
    let mut definitions = view.definitions();
    if !problems.is_empty() {
        problems.sort_by_key(|problem| (problem.line, problem.column));
        return Err(problems);
    }
    definitions.index = index;
    Ok(definitions)
}

/// Every id of BPMN and its drawing; one that is used twice is a problem.
fn index(tree: &Tree, problems: &mut Vec<Problem>) -> Index {
    let mut index = Index::new();
    let mut queue = vec![tree.root()];
    while let Some(id) = queue.pop() {
        let node = tree.node(id);
        queue.extend(tree.elements(id).rev());
        let standard = &*node.name.namespace == BPMN || &*node.name.namespace == BPMNDI;
        let Some(key) = tree.attribute(id, "id").filter(|_| standard) else {
            continue;
        };
        if let Some(first) = index.get(key) {
            let line = tree.node(*first).line.to_string();
            let problem = Problem::new(ProblemCode::DuplicateId, [key.to_string(), line]);
            problems.push(problem.at(node.line, node.column).on(key));
        } else {
            index.insert(key.clone(), id);
        }
    }
    index
}

pub(super) struct View<'a> {
    pub tree: &'a Tree,
    pub index: &'a Index,
    pub problems: &'a mut Vec<Problem>,
}

impl View<'_> {
    fn definitions(mut self) -> Definitions {
        let tree = self.tree;
        let root = tree.root();
        let mut definitions = Definitions {
            id: tree.attribute(root, "id").cloned(),
            name: self.string(root, "name"),
            exporter: tree.attribute(root, "exporter").map(|name| {
                let version = tree
                    .attribute(root, "exporterVersion")
                    .map_or("", |version| version);
                format!("{name} {version}").trim_end().to_owned()
            }),
            processes: Vec::new(),
            collaborations: Vec::new(),
            messages: Vec::new(),
            signals: Vec::new(),
            errors: Vec::new(),
            escalations: Vec::new(),
            diagrams: Vec::new(),
            tree: Tree::placeholder(),
            index: Index::new(),
        };
        for id in tree.elements(root) {
            let name = &tree.node(id).name;
            match (&*name.namespace, &*name.local) {
                (BPMN, "process") => definitions.processes.extend(self.process(id)),
                (BPMN, "collaboration" | "choreography" | "globalConversation") => {
                    definitions.collaborations.extend(self.collaboration(id));
                }
                (BPMN, "message") => definitions.messages.extend(self.named(id, "")),
                (BPMN, "signal") => definitions.signals.extend(self.named(id, "")),
                (BPMN, "error") => definitions.errors.extend(self.named(id, "errorCode")),
                (BPMN, "escalation") => definitions
                    .escalations
                    .extend(self.named(id, "escalationCode")),
                (BPMNDI, "BPMNDiagram") => definitions.diagrams.push(self.diagram(id)),
                _ => {}
            }
        }
        definitions
    }

    pub fn string(&self, node: NodeId, attribute: &str) -> String {
        self.tree
            .attribute(node, attribute)
            .map_or_else(String::new, ToString::to_string)
    }

    pub fn flag(&self, node: NodeId, attribute: &str, otherwise: bool) -> bool {
        match self
            .tree
            .attribute(node, attribute)
            .map(|value| value.trim())
        {
            Some("true" | "1") => true,
            Some("false" | "0") => false,
            _ => otherwise,
        }
    }

    /// The id that a reference means: as written, or without its namespace prefix.
    pub fn reference(&self, text: &str) -> Option<ElementId> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        if let Some((key, _)) = self.index.get_key_value(text) {
            return Some(key.clone());
        }
        let local = text.rsplit_once(':').map_or(text, |(_, local)| local);
        Some(
            self.index
                .get_key_value(local)
                .map_or_else(|| text.into(), |(key, _)| key.clone()),
        )
    }

    pub fn refers(&self, node: NodeId, attribute: &str) -> Option<ElementId> {
        self.tree
            .attribute(node, attribute)
            .and_then(|text| self.reference(text))
    }

    /// A reference that the product cannot do without.
    pub fn required(&mut self, node: NodeId, attribute: &str) -> Option<ElementId> {
        let at = self.tree.node(node);
        let own = self
            .tree
            .attribute(node, "id")
            .cloned()
            .unwrap_or_else(|| at.name.local.clone());
        let problem = match self.refers(node, attribute) {
            Some(target) if self.index.contains_key(&target) => return Some(target),
            Some(target) => Problem::new(
                ProblemCode::DanglingReference,
                [own.to_string(), attribute.to_owned(), target.to_string()],
            ),
            None => Problem::new(
                ProblemCode::MissingReference,
                [own.to_string(), attribute.to_owned()],
            ),
        };
        self.problems.push(problem.at(at.line, at.column).on(&own));
        None
    }

    pub fn id(&mut self, node: NodeId) -> Option<ElementId> {
        let found = self.tree.attribute(node, "id").cloned();
        if found.is_none() {
            let at = self.tree.node(node);
            let problem = Problem::new(ProblemCode::MissingId, [&*at.name.local]);
            self.problems.push(problem.at(at.line, at.column));
        }
        found
    }

    pub fn child_text(&self, node: NodeId, local: &str) -> Option<String> {
        let text = self.tree.text(self.tree.child(node, BPMN, local)?);
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn named(&mut self, node: NodeId, code: &str) -> Option<Named> {
        let code = self.tree.attribute(node, code).map(ToString::to_string);
        Some(Named {
            id: self.id(node)?,
            name: self.string(node, "name"),
            code,
        })
    }

    fn process(&mut self, node: NodeId) -> Option<Process> {
        let mut process = Process {
            id: self.id(node)?,
            name: self.string(node, "name"),
            executable: self.flag(node, "isExecutable", false),
            documentation: self.child_text(node, "documentation").unwrap_or_default(),
            elements: Vec::new(),
            flows: Vec::new(),
            lanes: Vec::new(),
            data: Vec::new(),
            artifacts: Vec::new(),
        };
        self.content(node, None, &mut process);
        self.connect(&mut process);
        Some(process)
    }

    /// What stands in a process or sub-process.
    fn content(&mut self, node: NodeId, parent: Option<&ElementId>, process: &mut Process) {
        let tree = self.tree;
        for id in tree.elements(node) {
            let name = &tree.node(id).name;
            if &*name.namespace != BPMN {
                continue;
            }
            match &*name.local {
                "sequenceFlow" => process.flows.extend(self.sequence_flow(id, parent)),
                "laneSet" => self.lanes(id, None, process),
                "dataObject" => process.data.extend(self.data(id, DataKind::Object, parent)),
                "dataObjectReference" => {
                    process
                        .data
                        .extend(self.data(id, DataKind::Reference, parent));
                }
                "dataStoreReference" => {
                    process
                        .data
                        .extend(self.data(id, DataKind::StoreReference, parent));
                }
                "ioSpecification" if parent.is_none() => {
                    for put in tree.elements(id) {
                        match &*tree.node(put).name.local {
                            "dataInput" => {
                                process.data.extend(self.data(put, DataKind::Input, parent));
                            }
                            "dataOutput" => {
                                process
                                    .data
                                    .extend(self.data(put, DataKind::Output, parent));
                            }
                            _ => {}
                        }
                    }
                }
                "textAnnotation" | "group" | "association" => {
                    process.artifacts.extend(self.artifact(id, parent));
                }
                local => {
                    let Some(kind) = self.kind(id, local) else {
                        continue;
                    };
                    let Some(element) = self.element(id, kind, parent) else {
                        continue;
                    };
                    let own = element.id.clone();
                    process.elements.push(element);
                    if matches!(local, "subProcess" | "transaction" | "adHocSubProcess") {
                        self.content(id, Some(&own), process);
                    }
                }
            }
        }
    }

    fn sequence_flow(&mut self, node: NodeId, parent: Option<&ElementId>) -> Option<SequenceFlow> {
        Some(SequenceFlow {
            id: self.id(node)?,
            name: self.string(node, "name"),
            parent: parent.cloned(),
            source: self.required(node, "sourceRef")?,
            target: self.required(node, "targetRef")?,
            condition: self.child_text(node, "conditionExpression"),
            default: false,
        })
    }

    /// Fills in what only both ends of a flow know.
    fn connect(&mut self, process: &mut Process) {
        let places: HashMap<ElementId, usize> = process
            .elements
            .iter()
            .enumerate()
            .map(|(at, element)| (element.id.clone(), at))
            .collect();
        for flow in &mut process.flows {
            for (end, outgoing) in [(&flow.source, true), (&flow.target, false)] {
                let Some(at) = places.get(end) else {
                    let (line, column) = self.index.get(&flow.id).map_or((0, 0), |id| {
                        let node = self.tree.node(*id);
                        (node.line, node.column)
                    });
                    let problem =
                        Problem::new(ProblemCode::FlowAcrossBorder, [flow.id.to_string()]);
                    self.problems.push(problem.at(line, column).on(&flow.id));
                    continue;
                };
                let element = &mut process.elements[*at];
                if outgoing {
                    flow.default = element.default_flow.as_ref() == Some(&flow.id);
                    element.outgoing.push(flow.id.clone());
                } else {
                    element.incoming.push(flow.id.clone());
                }
            }
        }
    }

    fn lanes(&mut self, set: NodeId, parent: Option<&ElementId>, process: &mut Process) {
        let tree = self.tree;
        for node in tree.named(set, BPMN, "lane") {
            let Some(id) = self.id(node) else { continue };
            let group = tree
                .child(node, BPMN, "extensionElements")
                .and_then(|extensions| tree.child(extensions, ENGAGE, "lane"))
                .and_then(|lane| tree.attribute(lane, "group"))
                .map(ToString::to_string);
            let members = tree
                .named(node, BPMN, "flowNodeRef")
                .filter_map(|member| self.reference(&tree.text(member)))
                .collect();
            process.lanes.push(Lane {
                id: id.clone(),
                name: self.string(node, "name"),
                parent: parent.cloned(),
                group,
                members,
            });
            for inner in tree.named(node, BPMN, "childLaneSet") {
                self.lanes(inner, Some(&id), process);
            }
        }
    }

    fn data(&mut self, node: NodeId, kind: DataKind, parent: Option<&ElementId>) -> Option<Data> {
        let tree = self.tree;
        Some(Data {
            id: self.id(node)?,
            name: self.string(node, "name"),
            kind,
            parent: parent.cloned(),
            refers_to: self
                .refers(node, "dataObjectRef")
                .or_else(|| self.refers(node, "dataStoreRef")),
            collection: self.flag(node, "isCollection", false),
            state: tree
                .child(node, BPMN, "dataState")
                .map(|state| self.string(state, "name")),
        })
    }

    fn artifact(&mut self, node: NodeId, parent: Option<&ElementId>) -> Option<Artifact> {
        let tree = self.tree;
        let (kind, text) = match &*tree.node(node).name.local {
            "textAnnotation" => (
                ArtifactKind::Annotation,
                self.child_text(node, "text").unwrap_or_default(),
            ),
            "group" => {
                let category = self
                    .refers(node, "categoryValueRef")
                    .and_then(|id| self.index.get(&id).copied());
                (
                    ArtifactKind::Group,
                    category.map_or_else(String::new, |id| self.string(id, "value")),
                )
            }
            _ => (ArtifactKind::Association, String::new()),
        };
        Some(Artifact {
            id: self.id(node)?,
            kind,
            text,
            parent: parent.cloned(),
            source: self.refers(node, "sourceRef"),
            target: self.refers(node, "targetRef"),
            direction: tree
                .attribute(node, "associationDirection")
                .map(|direction| direction.to_lowercase()),
        })
    }

    fn collaboration(&mut self, node: NodeId) -> Option<Collaboration> {
        let tree = self.tree;
        let mut collaboration = Collaboration {
            id: self.id(node)?,
            name: self.string(node, "name"),
            participants: Vec::new(),
            message_flows: Vec::new(),
            artifacts: Vec::new(),
        };
        for id in tree.elements(node) {
            match &*tree.node(id).name.local {
                "participant" => {
                    let Some(own) = self.id(id) else { continue };
                    collaboration.participants.push(Participant {
                        id: own,
                        name: self.string(id, "name"),
                        process: self.refers(id, "processRef"),
                        multiple: tree.child(id, BPMN, "participantMultiplicity").is_some(),
                    });
                }
                "messageFlow" => {
                    let (Some(own), Some(source), Some(target)) = (
                        self.id(id),
                        self.required(id, "sourceRef"),
                        self.required(id, "targetRef"),
                    ) else {
                        continue;
                    };
                    collaboration.message_flows.push(MessageFlow {
                        id: own,
                        name: self.string(id, "name"),
                        source,
                        target,
                        message: self.refers(id, "messageRef"),
                    });
                }
                "textAnnotation" | "group" | "association" => {
                    collaboration.artifacts.extend(self.artifact(id, None));
                }
                _ => {}
            }
        }
        Some(collaboration)
    }

    fn diagram(&mut self, node: NodeId) -> Diagram {
        let tree = self.tree;
        let mut diagram = Diagram {
            id: tree.attribute(node, "id").cloned(),
            name: self.string(node, "name"),
            ..Diagram::default()
        };
        let Some(plane) = tree.child(node, BPMNDI, "BPMNPlane") else {
            return diagram;
        };
        diagram.plane = self.refers(plane, "bpmnElement");
        for id in tree.elements(plane) {
            // A line may be drawing only; it stands for itself then.
            let own = || tree.attribute(id, "id").cloned();
            let Some(element) = self.refers(id, "bpmnElement").or_else(own) else {
                continue;
            };
            let name = &tree.node(id).name;
            if name.is(BPMNDI, "BPMNShape") {
                let Some(bounds) = self.bounds(id) else {
                    continue;
                };
                let optional = |attribute| {
                    tree.attribute(id, attribute)
                        .map(|value| matches!(&**value, "true" | "1"))
                };
                diagram.shapes.push(Shape {
                    id: tree.attribute(id, "id").cloned(),
                    element,
                    bounds,
                    expanded: optional("isExpanded"),
                    horizontal: optional("isHorizontal"),
                    marker_visible: optional("isMarkerVisible"),
                    band: tree
                        .attribute(id, "participantBandKind")
                        .map(ToString::to_string),
                    message_visible: self.flag(id, "isMessageVisible", false),
                    label: self.label(id),
                    fill: self.colour(id, &["background-color", "fill"]),
                    stroke: self.colour(id, &["border-color", "stroke"]),
                });
            } else if name.is(BPMNDI, "BPMNEdge") {
                diagram.edges.push(Edge {
                    id: tree.attribute(id, "id").cloned(),
                    element,
                    waypoints: tree
                        .named(id, DI, "waypoint")
                        .filter_map(|at| self.point(at))
                        .collect(),
                    label: self.label(id),
                    stroke: self.colour(id, &["border-color", "stroke"]),
                });
            }
        }
        diagram
    }

    fn number(&self, node: NodeId, attribute: &str) -> Option<f64> {
        let value: f64 = self.tree.attribute(node, attribute)?.trim().parse().ok()?;
        value.is_finite().then_some(value)
    }

    fn point(&self, node: NodeId) -> Option<Point> {
        Some(Point {
            x: self.number(node, "x")?,
            y: self.number(node, "y")?,
        })
    }

    fn bounds(&self, node: NodeId) -> Option<Bounds> {
        let node = self.tree.child(node, DC, "Bounds")?;
        Some(Bounds {
            x: self.number(node, "x")?,
            y: self.number(node, "y")?,
            width: self.number(node, "width")?,
            height: self.number(node, "height")?,
        })
    }

    fn label(&self, node: NodeId) -> Option<Label> {
        let label = self.tree.child(node, BPMNDI, "BPMNLabel")?;
        Some(Label {
            bounds: self.bounds(label),
        })
    }

    /// Colours come from one of several extensions; which one does not matter here.
    fn colour(&self, node: NodeId, names: &[&str]) -> Option<String> {
        let attributes = &self.tree.node(node).attributes;
        names.iter().find_map(|name| {
            let found = attributes
                .iter()
                .find(|a| &*a.name.local == *name && !a.name.namespace.is_empty())?;
            let plain = found
                .value
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "#(),.% ".contains(c));
            plain.then(|| found.value.to_string())
        })
    }
}
