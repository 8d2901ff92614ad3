//! A process made ready to run: everything a step needs, by index, so that a step looks nothing up by name.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::condition::Expression;
use crate::model::{Binding, DueCalendar, ElementId, Timing};

/// Place of a node in a plan. Nodes stand in the order of the document, so that a state made by one build of the program
/// means the same in the next.
pub(crate) type Ix = u32;
/// No node, no scope, no reference.
pub(crate) const NONE: u32 = u32::MAX;

/// A process that can be run. Made once per published version and shared.
pub struct Plan {
    pub(crate) nodes: Vec<Node>,
    /// The process, or with [`Plan::whole`] every pool and process of the document.
    pub(crate) roots: Vec<Ix>,
    pub(crate) by_id: HashMap<ElementId, Ix>,
    /// Names of messages, signals, errors and escalations, by the reference in an [`Ev`].
    pub(crate) names: Vec<Arc<str>>,
    /// The same, by kind of event and name.
    pub(crate) references: HashMap<(u8, Arc<str>), u32>,
    /// Where the messages of an element go, by the message flows of the document.
    pub(crate) message_targets: HashMap<Ix, ElementId>,
    /// Per inclusive or complex gateway: for each incoming flow, everything from which a token could still reach it.
    pub(crate) reach: HashMap<Ix, Vec<Reach>>,
    /// Ways into the process other than the plain start.
    pub(crate) starts: Vec<Start>,
}

/// A start of a process, for whoever listens on behalf of instances that do not exist yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Start {
    pub element: ElementId,
    /// Which of the event's triggers, from 0.
    pub nth: u32,
    pub kind: StartKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum StartKind {
    Plain,
    Message { name: Arc<str> },
    Signal { name: Arc<str> },
    Timer { timing: Timing },
    Conditional { condition: Arc<str> },
}

#[derive(Debug)]
pub(crate) struct Node {
    pub id: ElementId,
    pub name: Arc<str>,
    pub kind: Kind,
    /// The process or sub-process around it.
    pub parent: Ix,
    pub incoming: Vec<Ix>,
    pub outgoing: Vec<Ix>,
    /// What stands in it, in the order in which it is drawn.
    pub children: Vec<Ix>,
    /// What its event waits for or throws.
    pub events: Vec<EventPlan>,
    /// Boundary events on it, without those of compensation.
    pub attachers: Vec<Ix>,
    /// Event sub-processes in it with the start event of each, without those of compensation.
    pub event_subs: Vec<(Ix, Ix)>,
    /// Event sub-processes in it that compensate it, with their start event.
    pub undo_subs: Vec<(Ix, Ix)>,
    /// Activities that its compensation boundary events lead to ([`NONE`]: to none), with that event.
    pub undo_by: Vec<(Ix, Ix)>,
    /// Where a token begins when it is entered without a particular start event.
    pub starts: Vec<Ix>,
    /// Nodes in it that begin by themselves because nothing leads to them.
    pub implicit: Vec<Ix>,
    pub default: Ix,
    /// For a sequence flow: where it leads. For a boundary event: its activity. For a message flow: its target.
    pub target: Ix,
    /// For a sequence or message flow.
    pub source: Ix,
    /// For a sequence flow, a conditional event, a loop, an ad-hoc sub-process, a complex gateway.
    pub condition: Option<Expression>,
    pub repeat: Option<RepeatPlan>,
    pub interrupting: bool,
    /// All of its events are awaited, not one of them.
    pub all: bool,
    pub work: Option<Box<WorkPlan>>,
    /// Message flows at an activity, from left to right: the flow, and whether it goes out.
    pub posts: Vec<(Ix, bool)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Root,
    SequenceFlow,
    MessageFlow,
    Start,
    End,
    Catch,
    Throw,
    Boundary,
    /// Nothing to do but go on.
    Pass,
    /// Waits for people.
    Work,
    Service,
    Send,
    Receive,
    Script,
    Rule,
    Call,
    SubProcess,
    EventSub,
    Transaction,
    AdHoc {
        sequential: bool,
        cancel_remaining: bool,
    },
    Exclusive,
    Inclusive,
    Parallel,
    EventBased {
        all: bool,
    },
    Complex,
}

/// What an activity needs beyond its place in the graph.
#[derive(Debug, Default)]
pub(crate) struct WorkPlan {
    pub binding: Option<Arc<Binding>>,
    pub group: Option<Arc<str>>,
    pub inputs: Vec<(Expression, String)>,
    pub outputs: Vec<(Expression, String)>,
    /// What data associations carry, besides.
    pub data_inputs: Vec<(Expression, String)>,
    pub data_outputs: Vec<(Expression, String)>,
    pub due: Option<TimerPlan>,
    pub rungs: Vec<(TimerPlan, Arc<str>)>,
    pub correlation: Option<Expression>,
    /// Process called, or script.
    pub called: Option<Arc<str>>,
    pub language: Option<Arc<str>>,
    pub script: Option<Expression>,
    pub source: Option<Arc<str>>,
}

#[derive(Debug)]
pub(crate) struct EventPlan {
    pub ev: Ev,
    pub timer: Option<TimerPlan>,
    pub condition: Option<Expression>,
    /// For a compensation throw.
    pub wait: bool,
    /// For a compensation throw that names no activity: it means all of its scope.
    pub all: bool,
    /// For a link: its catchers in the same process or sub-process.
    pub links: Vec<Ix>,
}

#[derive(Debug)]
pub(crate) struct TimerPlan {
    pub timing: Timing,
    pub calendar: DueCalendar,
    /// Where the text is an expression and no literal.
    pub expression: Option<Expression>,
}

#[derive(Debug)]
pub(crate) enum RepeatPlan {
    Loop {
        test_before: bool,
        condition: Option<Expression>,
        maximum: Option<u32>,
    },
    Multiple {
        sequential: bool,
        cardinality: Option<Expression>,
        collection: Option<Expression>,
        item: Option<String>,
        /// What each run gives, and the variable that takes the list.
        output: Option<(Expression, String)>,
        completion: Option<Expression>,
    },
}

/// An event, thrown or awaited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Ev {
    #[serde(rename = "k")]
    pub kind: EvKind,
    /// A name for messages, signals, errors and escalations; a node for compensation. [`NONE`]: unspecific.
    #[serde(rename = "r", default = "none", skip_serializing_if = "is_none")]
    pub reference: u32,
    /// The node that waits.
    #[serde(rename = "e", default = "none", skip_serializing_if = "is_none")]
    pub element: Ix,
    #[serde(rename = "i", default, skip_serializing_if = "is_false")]
    pub interrupting: bool,
    #[serde(rename = "b", default, skip_serializing_if = "is_false")]
    pub boundary: bool,
    /// Stays when another event interrupts its scope.
    #[serde(rename = "p", default, skip_serializing_if = "is_false")]
    pub persistent: bool,
    /// Stays while its scope is kept for compensation.
    #[serde(rename = "l", default, skip_serializing_if = "is_false")]
    pub lasting: bool,
}

fn none() -> u32 {
    NONE
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the form that serde asks for"
)]
fn is_none(value: &u32) -> bool {
    *value == NONE
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the form that serde asks for"
)]
fn is_false(value: &bool) -> bool {
    !*value
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) enum EvKind {
    None,
    Message,
    Timer,
    Error,
    Escalation,
    Signal,
    Conditional,
    Link,
    Cancel,
    Compensate,
    Terminate,
    /// Inner workings: go on after a pause.
    Continue,
    /// Inner workings: all of some scopes are gone.
    AllGone,
    /// Inner workings: about to leave.
    BeforeExit,
    /// Inner workings: leaving.
    Exit,
}

impl Ev {
    pub const fn of(kind: EvKind) -> Self {
        Self {
            kind,
            reference: NONE,
            element: NONE,
            interrupting: false,
            boundary: false,
            persistent: false,
            lasting: false,
        }
    }

    /// Whether this event, thrown, is meant by `awaited`.
    pub fn meets(&self, awaited: &Self) -> bool {
        let catches_all =
            awaited.reference == NONE && matches!(awaited.kind, EvKind::Error | EvKind::Escalation);
        self.kind == awaited.kind && (catches_all || self.reference == awaited.reference)
    }
}

/// From where a token can come over an incoming flow of a gateway.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reach {
    /// Along sequence flows and links.
    pub flows: Bits,
    /// The same, and out of an activity by its boundary events.
    pub hosts: Bits,
}

/// A set of nodes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bits(Vec<u64>);

impl Bits {
    pub fn new(size: usize) -> Self {
        Self(vec![0; size.div_ceil(64)])
    }

    /// Whether it was new.
    pub fn insert(&mut self, at: Ix) -> bool {
        let word = &mut self.0[at as usize / 64];
        let bit = 1 << (at % 64);
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    pub fn contains(&self, at: Ix) -> bool {
        self.0
            .get(at as usize / 64)
            .is_some_and(|word| word & (1 << (at % 64)) != 0)
    }
}

impl Plan {
    pub(crate) fn node(&self, ix: Ix) -> &Node {
        &self.nodes[ix as usize]
    }

    pub(crate) fn find(&self, id: &str) -> Option<Ix> {
        self.by_id.get(id).copied()
    }

    /// Id of the process (with [`Plan::whole`]: of the first).
    pub fn process(&self) -> &ElementId {
        &self.node(self.roots[0]).id
    }

    /// The ways into the process, for the caller to listen at.
    pub fn starts(&self) -> &[Start] {
        &self.starts
    }

    /// How many nodes and flows it has.
    pub fn size(&self) -> usize {
        self.nodes.len()
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan")
            .field("process", self.process())
            .field("size", &self.size())
            .finish_non_exhaustive()
    }
}
