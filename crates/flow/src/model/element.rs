use serde::{Deserialize, Serialize};

use super::{Binding, ElementId, Mapping};

/// A flow node: something that a token enters and leaves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Element {
    pub id: ElementId,
    pub name: String,
    pub documentation: String,
    #[serde(flatten)]
    pub kind: ElementKind,
    /// The sub-process that holds it; `None` in the process itself.
    pub parent: Option<ElementId>,
    /// Sequence flows in the order of the document.
    pub incoming: Vec<ElementId>,
    pub outgoing: Vec<ElementId>,
    /// What a start, intermediate, boundary or end event waits for or throws. Empty: a none event.
    pub events: Vec<EventDefinition>,
    /// All of `events` are awaited, not one of them.
    pub parallel_multiple: bool,
    pub repeat: Option<Repeat>,
    /// The handler of a compensation: never entered by a sequence flow.
    pub for_compensation: bool,
    pub default_flow: Option<ElementId>,
    /// What Engage adds: form, outcomes, group, due time, escalation…
    pub binding: Option<Binding>,
    /// What its data associations bring: inputs of the element, from data objects.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data_inputs: Vec<Mapping>,
    /// What its data associations take away: data objects, from outputs of the element.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data_outputs: Vec<Mapping>,
    /// Line of its tag in the file it was read from; 0 where it was made by editing.
    pub line: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ElementKind {
    StartEvent {
        /// Only of weight in an event sub-process.
        interrupting: bool,
    },
    EndEvent,
    IntermediateCatchEvent,
    IntermediateThrowEvent,
    BoundaryEvent {
        attached_to: ElementId,
        interrupting: bool,
    },
    Task {
        task: TaskKind,
    },
    CallActivity {
        /// Key of the process called.
        called: Option<String>,
    },
    SubProcess {
        sub_process: SubProcessKind,
    },
    Gateway {
        gateway: GatewayKind,
    },
    /// A choreography activity: drawn and kept, never run.
    Choreography,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TaskKind {
    Abstract,
    User,
    Manual,
    Service,
    Send { message: Option<ElementId> },
    Receive { message: Option<ElementId> },
    Script { language: String, script: String },
    BusinessRule,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SubProcessKind {
    Embedded,
    Event,
    Transaction,
    AdHoc {
        sequential: bool,
        completion: Option<String>,
        cancel_remaining: bool,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum GatewayKind {
    Exclusive,
    Inclusive,
    Parallel,
    EventBased {
        /// Starts the process when it has no incoming flow.
        instantiate: bool,
        /// Waits for all of its events, not the first.
        parallel: bool,
    },
    Complex {
        activation: Option<String>,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventDefinition {
    Message {
        message: Option<ElementId>,
    },
    Timer {
        timing: Option<Timing>,
    },
    Error {
        error: Option<ElementId>,
    },
    Escalation {
        escalation: Option<ElementId>,
    },
    Signal {
        signal: Option<ElementId>,
    },
    Conditional {
        condition: String,
    },
    Link {
        name: String,
    },
    Compensation {
        activity: Option<ElementId>,
        wait: bool,
    },
    Cancel,
    Terminate,
}

/// When a timer fires, as the document says it: an ISO 8601 literal or an expression that gives one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    pub kind: TimingKind,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimingKind {
    /// `2026-12-24T18:00:00Z`
    Date,
    /// `PT4H`
    Duration,
    /// `R3/PT10M`
    Cycle,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "repeat", rename_all = "snake_case")]
pub enum Repeat {
    /// Again while the condition holds.
    Loop {
        test_before: bool,
        condition: Option<String>,
        maximum: Option<u32>,
    },
    /// Once per item of a collection, or as often as the cardinality says.
    Multiple {
        sequential: bool,
        cardinality: Option<String>,
        /// Expression that gives a list.
        collection: Option<String>,
        /// Variable that holds the item in each instance.
        item: Option<String>,
        /// What each instance gives: an expression over its variables.
        output_item: Option<String>,
        /// Variable that takes the list of what they gave, in the order of the items.
        output: Option<String>,
        /// Ends the others when it holds after an instance.
        completion: Option<String>,
    },
}

impl Element {
    pub fn is_activity(&self) -> bool {
        matches!(
            self.kind,
            ElementKind::Task { .. }
                | ElementKind::CallActivity { .. }
                | ElementKind::SubProcess { .. }
        )
    }

    pub fn is_gateway(&self) -> bool {
        matches!(self.kind, ElementKind::Gateway { .. })
    }

    pub fn is_event_sub_process(&self) -> bool {
        matches!(
            self.kind,
            ElementKind::SubProcess {
                sub_process: SubProcessKind::Event
            }
        )
    }

    /// A work item for people: a user task, or an abstract or manual task that has a binding.
    pub fn is_work_item(&self) -> bool {
        match &self.kind {
            ElementKind::Task {
                task: TaskKind::User,
            } => true,
            ElementKind::Task {
                task: TaskKind::Abstract | TaskKind::Manual,
            } => self.binding.is_some(),
            _ => false,
        }
    }

    pub fn attached_to(&self) -> Option<&ElementId> {
        match &self.kind {
            ElementKind::BoundaryEvent { attached_to, .. } => Some(attached_to),
            _ => None,
        }
    }

    /// Whether the event ends what it interrupts. `true` for everything that is no boundary or start event.
    pub fn interrupting(&self) -> bool {
        match &self.kind {
            ElementKind::BoundaryEvent { interrupting, .. }
            | ElementKind::StartEvent { interrupting } => *interrupting,
            _ => true,
        }
    }
}
