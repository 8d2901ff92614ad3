//! A BPMN document as the rest of the product sees it.
//!
//! Everything here is a *view* of the XML tree that [`Definitions`] carries: read it freely; change a document through
//! [`crate::edit`], which changes the tree and makes the view anew. What the view does not name (foreign extensions,
//! choreography, resources…) stays in the tree and is written back.

mod binding;
pub(crate) mod binding_xml;
mod derive;
mod derive_element;
mod diagram;
mod element;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::xml::Tree;

pub(crate) use derive::Index;

pub use binding::{
    Assignment, Binding, Due, DueCalendar, FormRef, Mapping, Outcome, Presence, Rung, Strategy,
    Text,
};
pub use diagram::{Bounds, Diagram, Edge, Label, Point, Shape};
pub use element::{
    Element, ElementKind, EventDefinition, GatewayKind, Repeat, SubProcessKind, TaskKind, Timing,
    TimingKind,
};

/// The XML id of an element. Cheap to clone.
pub type ElementId = Arc<str>;

/// One BPMN file.
///
/// Serialises as its BPMN XML text, so that a definition in the store is a file that any BPMN tool opens.
#[derive(Clone)]
pub struct Definitions {
    pub id: Option<ElementId>,
    pub name: String,
    /// Name and version of the tool that wrote the file.
    pub exporter: Option<String>,
    pub processes: Vec<Process>,
    pub collaborations: Vec<Collaboration>,
    pub messages: Vec<Named>,
    pub signals: Vec<Named>,
    pub errors: Vec<Named>,
    pub escalations: Vec<Named>,
    pub diagrams: Vec<Diagram>,
    pub(crate) tree: Tree,
    pub(crate) index: Index,
}

/// A message, signal, error or escalation that events refer to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Named {
    pub id: ElementId,
    pub name: String,
    /// The code of an error or escalation; catchers compare by it.
    pub code: Option<String>,
}

/// One process. Sub-processes are flattened: an element names the one that holds it in `parent`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Process {
    pub id: ElementId,
    pub name: String,
    pub executable: bool,
    pub documentation: String,
    /// In the order of the document, sub-processes before what they hold.
    pub elements: Vec<Element>,
    pub flows: Vec<SequenceFlow>,
    pub lanes: Vec<Lane>,
    pub data: Vec<Data>,
    pub artifacts: Vec<Artifact>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SequenceFlow {
    pub id: ElementId,
    pub name: String,
    /// The sub-process that holds it; `None` in the process itself.
    pub parent: Option<ElementId>,
    pub source: ElementId,
    pub target: ElementId,
    /// Source text of the condition, as written.
    pub condition: Option<String>,
    /// Whether its source names it as the default.
    pub default: bool,
}

/// A lane gives the activities in it a group, unless their binding names another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lane {
    pub id: ElementId,
    pub name: String,
    /// The lane that holds it.
    pub parent: Option<ElementId>,
    /// Key of the group, from `engage:lane group="…"`; without it, the name of the lane stands for the group.
    pub group: Option<String>,
    pub members: Vec<ElementId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataKind {
    Object,
    Reference,
    StoreReference,
    Input,
    Output,
}

/// A data object, store reference, input or output of a process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Data {
    pub id: ElementId,
    pub name: String,
    pub kind: DataKind,
    pub parent: Option<ElementId>,
    /// What a reference refers to.
    pub refers_to: Option<ElementId>,
    pub collection: bool,
    /// `[approved]` under the name.
    pub state: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArtifactKind {
    Annotation,
    Group,
    Association,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Artifact {
    pub id: ElementId,
    pub kind: ArtifactKind,
    /// Text of an annotation, category of a group.
    pub text: String,
    pub parent: Option<ElementId>,
    pub source: Option<ElementId>,
    pub target: Option<ElementId>,
    /// `none`, `one` or `both` for an association.
    pub direction: Option<String>,
}

/// Pools and the messages between them; also choreographies and conversations in outline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Collaboration {
    pub id: ElementId,
    pub name: String,
    pub participants: Vec<Participant>,
    pub message_flows: Vec<MessageFlow>,
    pub artifacts: Vec<Artifact>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Participant {
    pub id: ElementId,
    pub name: String,
    /// `None`: a black box.
    pub process: Option<ElementId>,
    /// Drawn with the three bars.
    pub multiple: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MessageFlow {
    pub id: ElementId,
    pub name: String,
    pub source: ElementId,
    pub target: ElementId,
    pub message: Option<ElementId>,
}

impl Definitions {
    pub fn process(&self, id: &str) -> Option<&Process> {
        self.processes.iter().find(|process| &*process.id == id)
    }

    /// The flow element with this id, in whichever process.
    pub fn element(&self, id: &str) -> Option<&Element> {
        self.processes
            .iter()
            .find_map(|process| process.element(id))
    }

    pub fn flow(&self, id: &str) -> Option<&SequenceFlow> {
        self.processes
            .iter()
            .find_map(|process| process.flows.iter().find(|flow| &*flow.id == id))
    }

    /// The processes that a person can mean by «this file»: executable ones first, then the others, in document order.
    pub fn runnable(&self) -> impl Iterator<Item = &Process> {
        let executable = self.processes.iter().filter(|process| process.executable);
        executable.chain(self.processes.iter().filter(|process| !process.executable))
    }

    pub fn tree(&self) -> &Tree {
        &self.tree
    }
}

impl Process {
    pub fn element(&self, id: &str) -> Option<&Element> {
        self.elements.iter().find(|element| &*element.id == id)
    }

    /// The elements directly inside `parent` (`None`: in the process itself).
    pub fn children<'a>(&'a self, parent: Option<&'a str>) -> impl Iterator<Item = &'a Element> {
        self.elements
            .iter()
            .filter(move |element| element.parent.as_deref() == parent)
    }

    /// The innermost lane that holds the element, or holds the sub-process around it.
    pub fn lane_of(&self, element: &str) -> Option<&Lane> {
        self.groups().lane(element)
    }

    /// Group key that works on the element: its binding's, else its lane's. For many elements: [`Process::groups`].
    pub fn group_of(&self, element: &Element) -> Option<String> {
        self.groups().of(element)
    }

    /// Who works on what, to be asked many times.
    pub fn groups(&self) -> Groups<'_> {
        // Lanes stand before the lanes in them, so the innermost stays.
        let lanes = self
            .lanes
            .iter()
            .flat_map(|lane| lane.members.iter().map(move |member| (&**member, lane)));
        let parents = self
            .elements
            .iter()
            .filter_map(|element| Some((&*element.id, &**element.parent.as_ref()?)));
        Groups {
            lanes: lanes.collect(),
            parents: parents.collect(),
        }
    }
}

/// Which lane and group each element of a process is in.
pub struct Groups<'a> {
    lanes: HashMap<&'a str, &'a Lane>,
    parents: HashMap<&'a str, &'a str>,
}

impl<'a> Groups<'a> {
    /// The innermost lane that holds the element, or holds the sub-process around it.
    pub fn lane(&self, element: &str) -> Option<&'a Lane> {
        let mut at = element;
        loop {
            if let Some(lane) = self.lanes.get(at) {
                return Some(lane);
            }
            at = self.parents.get(at)?;
        }
    }

    /// Group key that works on the element: its binding's, else its lane's.
    pub fn of(&self, element: &Element) -> Option<String> {
        let bound = element
            .binding
            .as_ref()
            .and_then(|binding| binding.assignment.group.clone());
        bound.or_else(|| {
            let lane = self.lane(&element.id)?;
            let named = (!lane.name.is_empty()).then(|| lane.name.clone());
            lane.group.clone().or(named)
        })
    }
}

impl PartialEq for Definitions {
    fn eq(&self, other: &Self) -> bool {
        crate::xml::write(self) == crate::xml::write(other)
    }
}

impl fmt::Debug for Definitions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Definitions")
            .field("id", &self.id)
            .field("processes", &self.processes)
            .field("collaborations", &self.collaborations)
            .finish_non_exhaustive()
    }
}

impl Serialize for Definitions {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&crate::xml::write(self))
    }
}

impl<'de> Deserialize<'de> for Definitions {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        crate::xml::read(&text).map_err(|problems| {
            let first = problems
                .first()
                .map(|problem| problem.sentence(kernel::Language::En))
                .unwrap_or_default();
            serde::de::Error::custom(first)
        })
    }
}
