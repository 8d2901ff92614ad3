//! What can be drawn: every element of BPMN 2.0 that the editor adds, with its name for people.

use flow::{
    edit::Command,
    model::{Bounds, ElementId, EventDefinition},
    scene::{EventMark, Markers, SceneShape, ShapeKind},
};

use crate::t;

/// A kind of element that can be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// BPMN name: `userTask`, `boundaryEvent`…; `participant` and `lane` for frames.
    pub tag: &'static str,
    pub shape: ShapeKind,
    pub mark: EventMark,
    /// Attributes that make it what it is.
    pub sets: &'static [(&'static str, &'static str)],
    pub group: Group,
    /// Closed: a pool without a process, a sub-process that does not show what it holds.
    pub closed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Tasks,
    Gateways,
    Starts,
    Middles,
    Boundaries,
    Ends,
    Containers,
    Data,
    Frames,
}

impl Group {
    pub fn name(self) -> String {
        match self {
            Self::Tasks => t!("canvas-group-tasks"),
            Self::Gateways => t!("canvas-group-gateways"),
            Self::Starts => t!("canvas-group-starts"),
            Self::Middles => t!("canvas-group-middles"),
            Self::Boundaries => t!("canvas-group-boundaries"),
            Self::Ends => t!("canvas-group-ends"),
            Self::Containers => t!("canvas-group-containers"),
            Self::Data => t!("canvas-group-data"),
            Self::Frames => t!("canvas-group-frames"),
        }
    }
}

const fn plain(tag: &'static str, shape: ShapeKind, group: Group) -> Kind {
    Kind {
        tag,
        shape,
        mark: EventMark::None,
        sets: &[],
        group,
        closed: false,
    }
}

const fn with(kind: Kind, sets: &'static [(&'static str, &'static str)]) -> Kind {
    Kind { sets, ..kind }
}

const fn closed(kind: Kind) -> Kind {
    Kind {
        closed: true,
        ..kind
    }
}

const fn start(mark: EventMark) -> Kind {
    Kind {
        mark,
        ..plain("startEvent", ShapeKind::StartEvent, Group::Starts)
    }
}

const fn catch(mark: EventMark) -> Kind {
    Kind {
        mark,
        ..plain(
            "intermediateCatchEvent",
            ShapeKind::IntermediateCatchEvent,
            Group::Middles,
        )
    }
}

const fn throw(mark: EventMark) -> Kind {
    Kind {
        mark,
        ..plain(
            "intermediateThrowEvent",
            ShapeKind::IntermediateThrowEvent,
            Group::Middles,
        )
    }
}

const fn boundary(mark: EventMark) -> Kind {
    Kind {
        mark,
        ..plain("boundaryEvent", ShapeKind::BoundaryEvent, Group::Boundaries)
    }
}

/// One that lets the activity go on.
const fn beside(mark: EventMark) -> Kind {
    with(boundary(mark), &[("cancelActivity", "false")])
}

const fn end(mark: EventMark) -> Kind {
    Kind {
        mark,
        ..plain("endEvent", ShapeKind::EndEvent, Group::Ends)
    }
}

pub const USER_TASK: Kind = plain("userTask", ShapeKind::UserTask, Group::Tasks);
pub const SERVICE_TASK: Kind = plain("serviceTask", ShapeKind::ServiceTask, Group::Tasks);
pub const EXCLUSIVE: Kind = plain(
    "exclusiveGateway",
    ShapeKind::ExclusiveGateway,
    Group::Gateways,
);
pub const PARALLEL: Kind = plain(
    "parallelGateway",
    ShapeKind::ParallelGateway,
    Group::Gateways,
);
pub const START: Kind = start(EventMark::None);
pub const END: Kind = end(EventMark::None);
pub const TIMER: Kind = catch(EventMark::Timer);
pub const SUB_PROCESS: Kind = plain("subProcess", ShapeKind::SubProcess, Group::Containers);
pub const ANNOTATION: Kind = plain("textAnnotation", ShapeKind::Annotation, Group::Data);
pub const POOL: Kind = plain("participant", ShapeKind::Pool, Group::Frames);
pub const LANE: Kind = plain("lane", ShapeKind::Lane, Group::Frames);

/// Those of the bar, the most used first.
pub const FREQUENT: [Kind; 10] = [
    START,
    USER_TASK,
    SERVICE_TASK,
    EXCLUSIVE,
    PARALLEL,
    TIMER,
    END,
    SUB_PROCESS,
    ANNOTATION,
    POOL,
];

/// All, in the order of the list.
pub const ALL: &[Kind] = &[
    USER_TASK,
    SERVICE_TASK,
    plain("task", ShapeKind::Task, Group::Tasks),
    plain("manualTask", ShapeKind::ManualTask, Group::Tasks),
    plain("sendTask", ShapeKind::SendTask, Group::Tasks),
    plain("receiveTask", ShapeKind::ReceiveTask, Group::Tasks),
    plain("scriptTask", ShapeKind::ScriptTask, Group::Tasks),
    plain(
        "businessRuleTask",
        ShapeKind::BusinessRuleTask,
        Group::Tasks,
    ),
    plain("callActivity", ShapeKind::CallActivity, Group::Tasks),
    EXCLUSIVE,
    PARALLEL,
    plain(
        "inclusiveGateway",
        ShapeKind::InclusiveGateway,
        Group::Gateways,
    ),
    plain(
        "eventBasedGateway",
        ShapeKind::EventBasedGateway,
        Group::Gateways,
    ),
    plain("complexGateway", ShapeKind::ComplexGateway, Group::Gateways),
    START,
    start(EventMark::Message),
    start(EventMark::Timer),
    start(EventMark::Signal),
    start(EventMark::Conditional),
    start(EventMark::Error),
    start(EventMark::Escalation),
    start(EventMark::Compensation),
    TIMER,
    catch(EventMark::Message),
    catch(EventMark::Signal),
    catch(EventMark::Conditional),
    catch(EventMark::Link),
    throw(EventMark::None),
    throw(EventMark::Message),
    throw(EventMark::Signal),
    throw(EventMark::Escalation),
    throw(EventMark::Compensation),
    throw(EventMark::Link),
    boundary(EventMark::Timer),
    beside(EventMark::Timer),
    boundary(EventMark::Message),
    beside(EventMark::Message),
    boundary(EventMark::Error),
    boundary(EventMark::Escalation),
    beside(EventMark::Escalation),
    boundary(EventMark::Signal),
    beside(EventMark::Signal),
    boundary(EventMark::Conditional),
    beside(EventMark::Conditional),
    boundary(EventMark::Compensation),
    boundary(EventMark::Cancel),
    END,
    end(EventMark::Message),
    end(EventMark::Error),
    end(EventMark::Escalation),
    end(EventMark::Signal),
    end(EventMark::Compensation),
    end(EventMark::Cancel),
    end(EventMark::Terminate),
    SUB_PROCESS,
    closed(SUB_PROCESS),
    with(
        plain("subProcess", ShapeKind::EventSubProcess, Group::Containers),
        &[("triggeredByEvent", "true")],
    ),
    plain("transaction", ShapeKind::Transaction, Group::Containers),
    plain(
        "adHocSubProcess",
        ShapeKind::AdHocSubProcess,
        Group::Containers,
    ),
    plain("dataObjectReference", ShapeKind::DataObject, Group::Data),
    plain("dataStoreReference", ShapeKind::DataStore, Group::Data),
    ANNOTATION,
    plain("group", ShapeKind::Group, Group::Data),
    POOL,
    closed(POOL),
    LANE,
];

impl Kind {
    /// What it is called on the screen.
    pub fn name(&self) -> String {
        let name = shape_name(self.shape);
        let beside = self.sets.contains(&("cancelActivity", "false"));
        match (self.mark, self.closed) {
            (EventMark::None, false) => name,
            (EventMark::None, true) => t!("canvas-closed", name = name),
            (mark, _) if beside => t!("canvas-event-beside", name = name, mark = mark_name(mark)),
            (mark, _) => t!("canvas-event", name = name, mark = mark_name(mark)),
        }
    }

    pub fn is_boundary(&self) -> bool {
        self.tag == "boundaryEvent"
    }

    pub fn is_frame(&self) -> bool {
        matches!(self.tag, "participant" | "lane")
    }

    /// Whether a flow can lead into it.
    pub fn follows(&self) -> bool {
        !matches!(
            self.group,
            Group::Starts | Group::Boundaries | Group::Frames | Group::Data
        ) && self.shape != ShapeKind::EventSubProcess
            || self.tag == "textAnnotation"
            || self.tag.starts_with("data")
    }

    /// Whether one names it at once.
    pub fn wants_name(&self) -> bool {
        matches!(
            self.group,
            Group::Tasks | Group::Containers | Group::Data | Group::Frames
        )
    }

    pub fn size(&self) -> (f64, f64) {
        match (self.tag, self.closed) {
            ("participant", true) => (600.0, 60.0),
            ("participant", false) => (600.0, 250.0),
            ("subProcess", true) => (100.0, 80.0),
            (tag, _) => flow::layout::default_size(tag),
        }
    }

    pub fn bounds_around(&self, x: f64, y: f64) -> Bounds {
        let (width, height) = self.size();
        Bounds {
            x: (x - width / 2.0).round(),
            y: (y - height / 2.0).round(),
            width,
            height,
        }
    }

    /// How it looks, for the palette and for what hangs at the pointer.
    pub fn sample(&self, bounds: Bounds) -> SceneShape {
        SceneShape {
            element: "".into(),
            kind: self.shape,
            name: String::new(),
            bounds,
            label: None,
            markers: Markers {
                collapsed: self.closed && self.tag == "subProcess",
                ad_hoc: self.tag == "adHocSubProcess",
                cross: true,
                ..Markers::default()
            },
            event: self.mark,
            throwing: matches!(
                self.shape,
                ShapeKind::EndEvent | ShapeKind::IntermediateThrowEvent
            ),
            interrupting: !self.sets.contains(&("cancelActivity", "false")),
            expanded: !self.closed && self.group != Group::Tasks,
            horizontal: true,
            parent: None,
            attached_to: None,
            bound: true,
            fill: None,
            stroke: None,
        }
    }

    /// The event definition that its mark stands for, still without particulars.
    fn event(&self) -> Option<EventDefinition> {
        event_of(self.mark)
    }

    /// The commands that make it of a fresh element.
    pub fn finish(&self, id: &ElementId) -> Vec<Command> {
        let mut commands: Vec<Command> = self
            .sets
            .iter()
            .map(|(attribute, value)| Command::Set {
                element: id.clone(),
                attribute: (*attribute).to_owned(),
                value: Some((*value).to_owned()),
            })
            .collect();
        if let Some(event) = self.event() {
            commands.push(Command::SetEvent {
                element: id.clone(),
                event: Some(event),
            });
        }
        commands
    }
}

pub fn event_of(mark: EventMark) -> Option<EventDefinition> {
    Some(match mark {
        EventMark::Message => EventDefinition::Message { message: None },
        EventMark::Timer => EventDefinition::Timer { timing: None },
        EventMark::Error => EventDefinition::Error { error: None },
        EventMark::Escalation => EventDefinition::Escalation { escalation: None },
        EventMark::Signal => EventDefinition::Signal { signal: None },
        EventMark::Conditional => EventDefinition::Conditional {
            condition: String::new(),
        },
        EventMark::Link => EventDefinition::Link {
            name: String::new(),
        },
        EventMark::Compensation => EventDefinition::Compensation {
            activity: None,
            wait: true,
        },
        EventMark::Cancel => EventDefinition::Cancel,
        EventMark::Terminate => EventDefinition::Terminate,
        EventMark::None | EventMark::Multiple | EventMark::ParallelMultiple => return None,
    })
}

pub fn mark_name(mark: EventMark) -> String {
    match mark {
        EventMark::None => String::new(),
        EventMark::Message => t!("canvas-mark-message"),
        EventMark::Timer => t!("canvas-mark-timer"),
        EventMark::Error => t!("canvas-mark-error"),
        EventMark::Escalation => t!("canvas-mark-escalation"),
        EventMark::Signal => t!("canvas-mark-signal"),
        EventMark::Conditional => t!("canvas-mark-condition"),
        EventMark::Link => t!("canvas-mark-link"),
        EventMark::Compensation => t!("canvas-mark-compensation"),
        EventMark::Cancel => t!("canvas-mark-cancel"),
        EventMark::Terminate => t!("canvas-mark-terminate"),
        EventMark::Multiple | EventMark::ParallelMultiple => t!("canvas-mark-multiple"),
    }
}

/// What a shape is, for people and screen readers.
pub fn shape_name(kind: ShapeKind) -> String {
    match kind {
        ShapeKind::Pool => t!("canvas-pool"),
        ShapeKind::Lane => t!("bpmn-lane"),
        ShapeKind::StartEvent => t!("bpmn-start"),
        ShapeKind::EndEvent => t!("bpmn-end"),
        ShapeKind::IntermediateCatchEvent => t!("bpmn-catch"),
        ShapeKind::IntermediateThrowEvent => t!("bpmn-throw"),
        ShapeKind::BoundaryEvent => t!("bpmn-boundary"),
        ShapeKind::Task => t!("bpmn-task"),
        ShapeKind::UserTask => t!("bpmn-user-task"),
        ShapeKind::ManualTask => t!("bpmn-manual-task"),
        ShapeKind::ServiceTask => t!("bpmn-service-task"),
        ShapeKind::SendTask => t!("bpmn-send-task"),
        ShapeKind::ReceiveTask => t!("bpmn-receive-task"),
        ShapeKind::ScriptTask => t!("bpmn-script-task"),
        ShapeKind::BusinessRuleTask => t!("bpmn-rule-task"),
        ShapeKind::CallActivity => t!("bpmn-call"),
        ShapeKind::SubProcess => t!("bpmn-sub-process"),
        ShapeKind::EventSubProcess => t!("canvas-event-sub-process"),
        ShapeKind::Transaction => t!("canvas-transaction"),
        ShapeKind::AdHocSubProcess => t!("canvas-ad-hoc"),
        ShapeKind::ExclusiveGateway => t!("bpmn-exclusive"),
        ShapeKind::InclusiveGateway => t!("bpmn-inclusive"),
        ShapeKind::ParallelGateway => t!("bpmn-parallel"),
        ShapeKind::EventBasedGateway
        | ShapeKind::InstantiatingGateway
        | ShapeKind::ParallelEventBasedGateway => t!("bpmn-event-based"),
        ShapeKind::ComplexGateway => t!("bpmn-complex"),
        ShapeKind::DataObject | ShapeKind::DataInput | ShapeKind::DataOutput => t!("canvas-data"),
        ShapeKind::DataStore => t!("canvas-data-store"),
        ShapeKind::Annotation => t!("canvas-annotation"),
        ShapeKind::Group => t!("canvas-group"),
        ShapeKind::Message => t!("canvas-mark-message"),
        ShapeKind::ChoreographyTask
        | ShapeKind::SubChoreography
        | ShapeKind::CallChoreography
        | ShapeKind::ChoreographyBand => t!("bpmn-choreography"),
        ShapeKind::Conversation | ShapeKind::SubConversation | ShapeKind::CallConversation => {
            t!("canvas-conversation")
        }
        ShapeKind::Other => t!("canvas-other"),
    }
}

/// What a shape says to a screen reader: what it is, then its name.
pub fn told(shape: &SceneShape) -> String {
    let mut kind = shape_name(shape.kind);
    if shape.event != EventMark::None {
        kind = t!("canvas-event", name = kind, mark = mark_name(shape.event));
    }
    let name = shape.name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        kind
    } else {
        t!("canvas-named", kind = kind, name = name)
    }
}
