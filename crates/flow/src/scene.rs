//! What the canvas draws: every shape and line of a document's diagrams, resolved, in the order in which they are painted.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::model::{Bounds, Definitions, Diagram, Element, ElementId, Point, Process};
use crate::xml::{BPMN, ENGAGE, NodeId, Tree};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scene {
    pub drawings: Vec<Drawing>,
}

/// One diagram. Paint `items` in order: what comes later lies on top.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Drawing {
    pub id: Option<ElementId>,
    pub name: String,
    /// The process, collaboration or collapsed sub-process that is drawn.
    pub plane: Option<ElementId>,
    /// Around everything drawn.
    pub extent: Bounds,
    pub items: Vec<Item>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "item", rename_all = "snake_case")]
pub enum Item {
    Shape(SceneShape),
    Edge(SceneEdge),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SceneShape {
    /// The BPMN element that it stands for.
    pub element: ElementId,
    pub kind: ShapeKind,
    /// Name, text of an annotation, or value of a group.
    pub name: String,
    pub bounds: Bounds,
    /// Where the name stands, when outside the shape.
    pub label: Option<Bounds>,
    pub markers: Markers,
    /// What an event waits for or throws; [`EventMark::None`] for everything that is no event.
    pub event: EventMark,
    /// A throwing event: its mark is filled.
    pub throwing: bool,
    /// `false`: a dashed border.
    pub interrupting: bool,
    /// A pool, lane or sub-process that shows what it holds.
    pub expanded: bool,
    /// Pools and lanes: the name stands at the left, turned.
    pub horizontal: bool,
    /// The shape that holds it, by element: pool, lane, expanded sub-process.
    pub parent: Option<ElementId>,
    /// A boundary event's activity.
    pub attached_to: Option<ElementId>,
    /// It has a binding: a form, outcomes, a group…
    pub bound: bool,
    pub fill: Option<String>,
    pub stroke: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShapeKind {
    Pool,
    Lane,
    StartEvent,
    EndEvent,
    IntermediateCatchEvent,
    IntermediateThrowEvent,
    BoundaryEvent,
    Task,
    UserTask,
    ManualTask,
    ServiceTask,
    SendTask,
    ReceiveTask,
    ScriptTask,
    BusinessRuleTask,
    CallActivity,
    SubProcess,
    EventSubProcess,
    Transaction,
    AdHocSubProcess,
    ExclusiveGateway,
    InclusiveGateway,
    ParallelGateway,
    EventBasedGateway,
    /// Event-based, starts the process.
    InstantiatingGateway,
    ParallelEventBasedGateway,
    ComplexGateway,
    DataObject,
    DataInput,
    DataOutput,
    DataStore,
    Annotation,
    Group,
    Message,
    ChoreographyTask,
    SubChoreography,
    CallChoreography,
    /// The band of a participant on a choreography activity; `throwing` marks the one that begins.
    ChoreographyBand,
    Conversation,
    SubConversation,
    CallConversation,
    /// Something that this version has no shape for: drawn as a plain box with its name.
    Other,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventMark {
    #[default]
    None,
    Message,
    Timer,
    Error,
    Escalation,
    Signal,
    Conditional,
    Link,
    Compensation,
    Cancel,
    Terminate,
    Multiple,
    ParallelMultiple,
}

/// The small signs at the bottom of an activity or data object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Markers {
    pub looping: bool,
    /// Three bars upright.
    pub parallel: bool,
    /// Three bars lying.
    pub sequential: bool,
    pub compensation: bool,
    pub ad_hoc: bool,
    /// The plus of a collapsed sub-process.
    pub collapsed: bool,
    /// Data object: three bars. Pool: several participants.
    pub collection: bool,
    /// An exclusive gateway shows its cross.
    pub cross: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SceneEdge {
    pub element: ElementId,
    pub kind: EdgeKind,
    pub name: String,
    pub waypoints: Vec<Point>,
    pub label: Option<Bounds>,
    pub source: Option<ElementId>,
    pub target: Option<ElementId>,
    /// Sequence flow: a slash at its source.
    pub default: bool,
    /// Sequence flow from an activity with a condition: a small diamond at its source.
    pub conditional: bool,
    pub stroke: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EdgeKind {
    SequenceFlow,
    MessageFlow,
    /// Dotted, without arrows.
    Association,
    /// Dotted, with an arrow at the target.
    DirectedAssociation,
    /// Dotted, with arrows at both ends.
    MutualAssociation,
    /// Dotted, with an arrow at the target.
    DataAssociation,
    ConversationLink,
    Other,
}

/// The scene of a whole document. What the diagram refers to and the document lacks is left out.
pub fn scene(definitions: &Definitions) -> Scene {
    let drawings = definitions
        .diagrams
        .iter()
        .map(|diagram| drawing(definitions, diagram));
    Scene {
        drawings: drawings.collect(),
    }
}

/// What a line joins, where both ends are elements of the document.
pub(crate) fn ends(definitions: &Definitions, edge: &str) -> Option<(ElementId, ElementId)> {
    let node = *definitions.index.get(edge)?;
    let painter = Painter::bare(definitions);
    let (source, target) = painter.ends(node, painter.local(node));
    Some((source?, target?))
}

fn drawing(definitions: &Definitions, diagram: &Diagram) -> Drawing {
    let painter = Painter::new(definitions);
    let mut ranked: Vec<(u32, Item)> = Vec::new();
    let shown: HashMap<&str, bool> = diagram
        .shapes
        .iter()
        .map(|shape| (&*shape.element, shape.expanded.unwrap_or(false)))
        .collect();
    for shape in &diagram.shapes {
        if let Some((rank, shape)) = painter.shape(shape, &shown) {
            ranked.push((rank, Item::Shape(shape)));
        }
    }
    for edge in &diagram.edges {
        if let Some(edge) = painter.edge(edge) {
            let depth = edge
                .source
                .as_deref()
                .map_or(0, |source| painter.depth(source));
            ranked.push((depth * 8 + 11, Item::Edge(edge)));
        }
    }
    ranked.sort_by_key(|(rank, _)| *rank);
    let items: Vec<Item> = ranked.into_iter().map(|(_, item)| item).collect();
    Drawing {
        id: diagram.id.clone(),
        name: diagram.name.clone(),
        plane: diagram.plane.clone(),
        extent: extent(&items),
        items,
    }
}

fn extent(items: &[Item]) -> Bounds {
    let mut around: Option<Bounds> = None;
    let mut add =
        |bounds: Bounds| around = Some(around.map_or(bounds, |known| known.union(&bounds)));
    for item in items {
        match item {
            Item::Shape(shape) => {
                add(shape.bounds);
                shape.label.into_iter().for_each(&mut add);
            }
            Item::Edge(edge) => {
                for point in &edge.waypoints {
                    add(Bounds {
                        x: point.x,
                        y: point.y,
                        width: 0.0,
                        height: 0.0,
                    });
                }
                edge.label.into_iter().for_each(&mut add);
            }
        }
    }
    around.unwrap_or_default()
}

struct Painter<'a> {
    definitions: &'a Definitions,
    tree: &'a Tree,
    /// Each element with its process.
    elements: HashMap<&'a str, (&'a Element, &'a Process)>,
    /// The innermost lane of each member.
    lanes: HashMap<&'a str, &'a ElementId>,
    /// The pool of each process.
    pools: HashMap<&'a str, &'a ElementId>,
}

impl<'a> Painter<'a> {
    fn new(definitions: &'a Definitions) -> Self {
        let processes = definitions.processes.iter();
        let elements = processes.clone().flat_map(|process| {
            process
                .elements
                .iter()
                .map(move |element| (&*element.id, (element, process)))
        });
        // Lanes stand before the lanes in them, so the innermost stays.
        let lanes = processes.flat_map(|process| &process.lanes);
        let lanes =
            lanes.flat_map(|lane| lane.members.iter().map(move |member| (&**member, &lane.id)));
        let pools = definitions
            .collaborations
            .iter()
            .flat_map(|collaboration| &collaboration.participants);
        let pools = pools.filter_map(|pool| Some((&**pool.process.as_ref()?, &pool.id)));
        Self {
            definitions,
            tree: &definitions.tree,
            elements: elements.collect(),
            lanes: lanes.collect(),
            pools: pools.collect(),
        }
    }

    /// For questions about single nodes of the tree.
    fn bare(definitions: &'a Definitions) -> Self {
        Self {
            definitions,
            tree: &definitions.tree,
            elements: HashMap::new(),
            lanes: HashMap::new(),
            pools: HashMap::new(),
        }
    }

    fn node(&self, id: &str) -> Option<NodeId> {
        self.definitions.index.get(id).copied()
    }

    fn local(&self, node: NodeId) -> &str {
        &self.tree.node(node).name.local
    }

    fn flag(&self, node: NodeId, attribute: &str) -> bool {
        self.tree
            .attribute(node, attribute)
            .is_some_and(|value| matches!(&**value, "true" | "1"))
    }

    /// How many sub-processes and choreographies hold the element.
    fn depth(&self, id: &str) -> u32 {
        let mut depth = 0;
        let mut at = self.node(id).and_then(|node| self.tree.node(node).parent);
        while let Some(node) = at {
            if matches!(
                self.local(node),
                "subProcess" | "transaction" | "adHocSubProcess" | "subChoreography"
            ) {
                depth += 1;
            }
            at = self.tree.node(node).parent;
        }
        depth
    }

    fn shape(
        &self,
        shape: &crate::model::Shape,
        shown: &HashMap<&str, bool>,
    ) -> Option<(u32, SceneShape)> {
        let node = self.node(&shape.element)?;
        let tree = self.tree;
        let kind = if shape.band.is_some() {
            ShapeKind::ChoreographyBand
        } else {
            self.kind(node)
        };
        let extensions = tree.child(node, BPMN, "extensionElements");
        let looping = tree
            .child(node, BPMN, "standardLoopCharacteristics")
            .is_some();
        let multiple = tree.child(node, BPMN, "multiInstanceLoopCharacteristics");
        let sequential = multiple.is_some_and(|id| self.flag(id, "isSequential"));
        let choreography_loop = tree.attribute(node, "loopType").map_or("", |kind| &**kind);
        let contains = matches!(
            kind,
            ShapeKind::SubProcess
                | ShapeKind::EventSubProcess
                | ShapeKind::Transaction
                | ShapeKind::AdHocSubProcess
                | ShapeKind::SubChoreography
        );
        let expanded = match kind {
            ShapeKind::Pool => shape.expanded.unwrap_or(true),
            ShapeKind::Lane => true,
            _ => contains && shape.expanded.unwrap_or(false),
        };
        let event = self.event(node);
        let shape = SceneShape {
            element: shape.element.clone(),
            kind,
            name: self.name(node),
            bounds: shape.bounds,
            label: shape.label.as_ref().and_then(|label| label.bounds),
            markers: Markers {
                looping: looping || choreography_loop == "Standard",
                parallel: (multiple.is_some() && !sequential)
                    || choreography_loop == "MultiInstanceParallel",
                sequential: sequential || choreography_loop == "MultiInstanceSequential",
                compensation: self.flag(node, "isForCompensation"),
                ad_hoc: kind == ShapeKind::AdHocSubProcess,
                collapsed: (contains || kind == ShapeKind::SubConversation) && !expanded,
                collection: self.collection(node),
                cross: kind == ShapeKind::ExclusiveGateway && shape.marker_visible.unwrap_or(false),
            },
            event,
            throwing: matches!(
                kind,
                ShapeKind::EndEvent | ShapeKind::IntermediateThrowEvent
            ) || shape
                .band
                .as_deref()
                .is_some_and(|band| band.ends_with("_initiating") && !band.contains("non_")),
            interrupting: self.interrupting(node),
            expanded,
            horizontal: shape.horizontal.unwrap_or(true),
            parent: self.holder(node, shown),
            attached_to: self
                .elements
                .get(&*shape.element)
                .and_then(|(element, _)| element.attached_to().cloned()),
            bound: extensions.is_some_and(|id| tree.child(id, ENGAGE, "activity").is_some()),
            fill: shape.fill.clone(),
            stroke: shape.stroke.clone(),
        };
        let depth = self.depth(&shape.element);
        let rank = match kind {
            ShapeKind::Pool => 0,
            ShapeKind::Lane => 1 + self.lane_depth(node),
            ShapeKind::Group => u32::MAX - 1,
            ShapeKind::Annotation => u32::MAX,
            ShapeKind::BoundaryEvent => depth * 8 + 15,
            ShapeKind::ChoreographyBand => depth * 8 + 14,
            _ if expanded => depth * 8 + 10,
            _ => depth * 8 + 13,
        };
        Some((rank, shape))
    }

    fn lane_depth(&self, node: NodeId) -> u32 {
        let mut depth = 0;
        let mut at = self.tree.node(node).parent;
        while let Some(node) = at {
            depth += u32::from(self.local(node) == "childLaneSet");
            at = self.tree.node(node).parent;
        }
        depth.min(8)
    }

    fn kind(&self, node: NodeId) -> ShapeKind {
        match self.local(node) {
            "participant" => ShapeKind::Pool,
            "lane" => ShapeKind::Lane,
            "startEvent" => ShapeKind::StartEvent,
            "endEvent" => ShapeKind::EndEvent,
            "intermediateCatchEvent" => ShapeKind::IntermediateCatchEvent,
            "intermediateThrowEvent" => ShapeKind::IntermediateThrowEvent,
            "boundaryEvent" => ShapeKind::BoundaryEvent,
            "task" => ShapeKind::Task,
            "userTask" => ShapeKind::UserTask,
            "manualTask" => ShapeKind::ManualTask,
            "serviceTask" => ShapeKind::ServiceTask,
            "sendTask" => ShapeKind::SendTask,
            "receiveTask" => ShapeKind::ReceiveTask,
            "scriptTask" => ShapeKind::ScriptTask,
            "businessRuleTask" => ShapeKind::BusinessRuleTask,
            "callActivity" => ShapeKind::CallActivity,
            "subProcess" if self.flag(node, "triggeredByEvent") => ShapeKind::EventSubProcess,
            "subProcess" => ShapeKind::SubProcess,
            "transaction" => ShapeKind::Transaction,
            "adHocSubProcess" => ShapeKind::AdHocSubProcess,
            "exclusiveGateway" => ShapeKind::ExclusiveGateway,
            "inclusiveGateway" => ShapeKind::InclusiveGateway,
            "parallelGateway" => ShapeKind::ParallelGateway,
            "eventBasedGateway" if self.flag(node, "instantiate") => {
                let parallel = self
                    .tree
                    .attribute(node, "eventGatewayType")
                    .is_some_and(|kind| &**kind == "Parallel");
                if parallel {
                    ShapeKind::ParallelEventBasedGateway
                } else {
                    ShapeKind::InstantiatingGateway
                }
            }
            "eventBasedGateway" => ShapeKind::EventBasedGateway,
            "complexGateway" => ShapeKind::ComplexGateway,
            "dataObject" | "dataObjectReference" => ShapeKind::DataObject,
            "dataInput" => ShapeKind::DataInput,
            "dataOutput" => ShapeKind::DataOutput,
            "dataStore" | "dataStoreReference" => ShapeKind::DataStore,
            "textAnnotation" => ShapeKind::Annotation,
            "group" => ShapeKind::Group,
            "message" => ShapeKind::Message,
            "choreographyTask" => ShapeKind::ChoreographyTask,
            "subChoreography" => ShapeKind::SubChoreography,
            "callChoreography" => ShapeKind::CallChoreography,
            "conversation" => ShapeKind::Conversation,
            "subConversation" => ShapeKind::SubConversation,
            "callConversation" => ShapeKind::CallConversation,
            _ => ShapeKind::Other,
        }
    }

    fn name(&self, node: NodeId) -> String {
        let tree = self.tree;
        match self.local(node) {
            "textAnnotation" => tree
                .child(node, BPMN, "text")
                .map_or_else(String::new, |text| tree.text(text)),
            "group" => {
                let value = tree
                    .attribute(node, "categoryValueRef")
                    .and_then(|key| self.referred(key));
                let text = value.and_then(|id| tree.attribute(id, "value"));
                text.map_or_else(String::new, ToString::to_string)
            }
            "dataObjectReference"
            | "dataStoreReference"
            | "dataObject"
            | "dataInput"
            | "dataOutput" => {
                let own = tree.attribute(node, "name").filter(|name| !name.is_empty());
                let reference = ["dataObjectRef", "dataStoreRef"]
                    .iter()
                    .find_map(|name| tree.attribute(node, name));
                let other = || tree.attribute(self.referred(reference?)?, "name");
                let name = own
                    .or_else(other)
                    .map_or_else(String::new, ToString::to_string);
                let state = tree
                    .child(node, BPMN, "dataState")
                    .and_then(|state| tree.attribute(state, "name"));
                match state {
                    Some(state) => format!("{name} [{state}]").trim_start().to_owned(),
                    None => name,
                }
            }
            _ => tree
                .attribute(node, "name")
                .map_or_else(String::new, ToString::to_string),
        }
    }

    fn referred(&self, key: &str) -> Option<NodeId> {
        self.node(key)
            .or_else(|| self.node(key.rsplit_once(':')?.1))
    }

    fn collection(&self, node: NodeId) -> bool {
        let reference = self
            .tree
            .attribute(node, "dataObjectRef")
            .and_then(|key| self.referred(key));
        self.flag(node, "isCollection")
            || reference.is_some_and(|id| self.flag(id, "isCollection"))
            || self
                .tree
                .child(node, BPMN, "participantMultiplicity")
                .is_some()
    }

    fn interrupting(&self, node: NodeId) -> bool {
        let no = |attribute| {
            self.tree
                .attribute(node, attribute)
                .is_some_and(|v| matches!(&**v, "false" | "0"))
        };
        match self.local(node) {
            "boundaryEvent" => !no("cancelActivity"),
            "startEvent" => !no("isInterrupting"),
            // The border of an event sub-process follows its start event.
            "subProcess" if self.flag(node, "triggeredByEvent") => self
                .tree
                .named(node, BPMN, "startEvent")
                .all(|start| self.interrupting(start)),
            _ => true,
        }
    }

    fn event(&self, node: NodeId) -> EventMark {
        let tree = self.tree;
        let marks: Vec<EventMark> = tree
            .elements(node)
            .filter_map(|id| {
                let name = &tree.node(id).name;
                let id = if name.is(BPMN, "eventDefinitionRef") {
                    self.referred(tree.text(id).trim())?
                } else {
                    id
                };
                Some(match self.local(id) {
                    "messageEventDefinition" => EventMark::Message,
                    "timerEventDefinition" => EventMark::Timer,
                    "errorEventDefinition" => EventMark::Error,
                    "escalationEventDefinition" => EventMark::Escalation,
                    "signalEventDefinition" => EventMark::Signal,
                    "conditionalEventDefinition" => EventMark::Conditional,
                    "linkEventDefinition" => EventMark::Link,
                    "compensateEventDefinition" => EventMark::Compensation,
                    "cancelEventDefinition" => EventMark::Cancel,
                    "terminateEventDefinition" => EventMark::Terminate,
                    _ => return None,
                })
            })
            .collect();
        match *marks {
            [] => EventMark::None,
            [one] => one,
            _ if self.flag(node, "parallelMultiple") => EventMark::ParallelMultiple,
            _ => EventMark::Multiple,
        }
    }

    /// The drawn, opened element around this one.
    fn holder(&self, node: NodeId, shown: &HashMap<&str, bool>) -> Option<ElementId> {
        let id = self.tree.attribute(node, "id")?;
        let shown_only = |id: &ElementId| shown.contains_key(&**id).then(|| id.clone());
        let found = self.elements.get(&**id);
        if let Some(parent) = found.and_then(|(element, _)| element.parent.as_ref()) {
            return shown_only(parent);
        }
        let (_, process) = found?;
        let lane = self.lanes.get(&**id).copied().and_then(shown_only);
        lane.or_else(|| self.pools.get(&*process.id).copied().and_then(shown_only))
    }

    fn edge(&self, edge: &crate::model::Edge) -> Option<SceneEdge> {
        let node = self.node(&edge.element)?;
        let tree = self.tree;
        let local = self.local(node);
        let kind = match local {
            "sequenceFlow" => EdgeKind::SequenceFlow,
            "messageFlow" => EdgeKind::MessageFlow,
            "association" => match tree
                .attribute(node, "associationDirection")
                .map(|direction| &**direction)
            {
                Some("One") => EdgeKind::DirectedAssociation,
                Some("Both") => EdgeKind::MutualAssociation,
                _ => EdgeKind::Association,
            },
            "dataInputAssociation" | "dataOutputAssociation" => EdgeKind::DataAssociation,
            "conversationLink" => EdgeKind::ConversationLink,
            _ => EdgeKind::Other,
        };
        let (source, target) = self.ends(node, local);
        let source_node = source.as_deref().and_then(|id| self.node(id));
        let default = source_node
            .and_then(|id| tree.attribute(id, "default"))
            .is_some_and(|id| *id == edge.element);
        let from_activity = source_node.is_some_and(|id| {
            let local = self.local(id);
            local.ends_with("ask")
                || local == "callActivity"
                || local.ends_with("Process")
                || local == "transaction"
        });
        Some(SceneEdge {
            element: edge.element.clone(),
            kind,
            name: tree
                .attribute(node, "name")
                .map_or_else(String::new, ToString::to_string),
            waypoints: edge.waypoints.clone(),
            label: edge.label.as_ref().and_then(|label| label.bounds),
            source,
            target,
            default: kind == EdgeKind::SequenceFlow && default,
            conditional: from_activity && tree.child(node, BPMN, "conditionExpression").is_some(),
            stroke: edge.stroke.clone(),
        })
    }

    /// What the line joins. A data association hangs on its activity at the end that names only a slot of it.
    fn ends(&self, node: NodeId, local: &str) -> (Option<ElementId>, Option<ElementId>) {
        let tree = self.tree;
        let named = |key: &str| {
            self.referred(key)
                .and_then(|id| tree.attribute(id, "id"))
                .cloned()
        };
        if !local.starts_with("data") {
            let end = |attribute| tree.attribute(node, attribute).and_then(|key| named(key));
            return (end("sourceRef"), end("targetRef"));
        }
        let owner = tree
            .node(node)
            .parent
            .and_then(|id| tree.attribute(id, "id"))
            .cloned();
        let end = |local| {
            tree.child(node, BPMN, local)
                .and_then(|id| named(tree.text(id).trim()))
        };
        if local == "dataInputAssociation" {
            (end("sourceRef"), owner)
        } else {
            (owner, end("targetRef"))
        }
    }
}
