//! What can be asked of the runner, and what it answers.

use std::sync::Arc;

use flow::engine::{Event, Variables};
use jobs::{Lease, Verdict};
use kernel::{Id, Moment};
use ledger::{Actor, User};
use serde::{Deserialize, Serialize};

use crate::messages::{Delivered, KeptMessage, Publish};
use crate::moves::{Modify, Move, Moved};
use crate::starts::Listener;
use crate::words::{Customer, Incident, Instance, InstanceState, WorkItem, WorkItemState};

/// Begins a process.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Start {
    /// Key of the process definition.
    pub process: String,
    pub version: i64,
    pub customer: Option<Id<Customer>>,
    #[serde(default)]
    pub variables: Variables,
    /// Which of several start events; `None`: the plain one.
    #[serde(default)]
    pub start_event: Option<String>,
    /// Which of its triggers came; `None`: begun by hand.
    #[serde(default)]
    pub trigger: Option<u32>,
}

/// Closes a work item.
#[derive(Clone, Debug)]
pub struct Complete {
    pub work_item: Id<WorkItem>,
    /// The version that the asker has seen; `None`: whichever.
    pub version: Option<i64>,
    pub outcome: Option<String>,
    pub values: Variables,
}

/// Leaves the plain way at a work item: an error or an escalation that the process catches.
#[derive(Clone, Debug)]
pub struct Except {
    pub work_item: Id<WorkItem>,
    pub version: Option<i64>,
    pub escalation: bool,
    /// `None`: for a catcher that takes any.
    pub code: Option<String>,
    /// Why; the process sees it as `exception.note`.
    pub note: String,
}

/// To whom a work item is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assignee {
    User(Id<User>),
    /// Key of the group.
    Group(String),
}

/// A work item in few words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkItemBrief {
    pub id: Id<WorkItem>,
    pub instance: Id<Instance>,
    pub element: String,
    pub name: String,
    pub state: WorkItemState,
    pub group: Option<String>,
    pub assignee: Option<Id<User>>,
    pub due: Option<Moment>,
    pub version: i64,
}

/// Where an instance stands after a command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Advanced {
    pub instance: Id<Instance>,
    pub state: InstanceState,
    pub version: i64,
    /// Work items that this command opened and that are still open.
    pub opened: Vec<WorkItemBrief>,
}

/// What a committer works on.
#[derive(Clone, Debug)]
pub(crate) struct Command {
    pub actor: Arc<Actor>,
    pub what: What,
    /// The job that this command ends. If its lease was lost, the command is refused.
    pub lease: Option<(Lease, Verdict)>,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    Start {
        id: Id<Instance>,
        start: Start,
        parent: Option<(Id<Instance>, u32)>,
    },
    Complete(Complete),
    Except(Except),
    Claim {
        work_item: Id<WorkItem>,
        version: Option<i64>,
    },
    Release {
        work_item: Id<WorkItem>,
        version: Option<i64>,
    },
    Assign {
        work_item: Id<WorkItem>,
        version: Option<i64>,
        to: Assignee,
        why: Option<String>,
    },
    Event {
        instance: Id<Instance>,
        event: Event,
    },
    /// The customer is awaited.
    Pause {
        work_item: Id<WorkItem>,
        version: Option<i64>,
        reason: String,
    },
    Resume {
        work_item: Id<WorkItem>,
        version: Option<i64>,
    },
    /// The budget of an instance is used up.
    BudgetDue {
        instance: Id<Instance>,
    },
    /// Tries an incident's step again.
    Retry {
        incident: Id<Incident>,
        instance: Id<Instance>,
        activity: u32,
        variables: Variables,
    },
    /// What an incident stopped was done outside.
    Accept {
        incident: Id<Incident>,
        instance: Id<Instance>,
        activity: u32,
        variables: Variables,
        reason: String,
    },
    /// A message, to whoever awaits it.
    Publish(Publish),
    /// A kept message looks again.
    Offer {
        message: Id<KeptMessage>,
    },
    /// A timer start is due.
    Slot {
        listener: Id<Listener>,
    },
    /// Conditional starts look at these values.
    Evaluate {
        variables: Variables,
        customer: Option<Id<Customer>>,
    },
    /// To another version.
    Move {
        instance: Id<Instance>,
        change: Move,
    },
    /// A move is taken back.
    Undo {
        instance: Id<Instance>,
        made: Id<Moved>,
    },
    /// Changed by hand.
    Modify {
        instance: Id<Instance>,
        change: Modify,
    },
}

impl Command {
    pub fn new(actor: &Arc<Actor>, what: What) -> Self {
        Self {
            actor: Arc::clone(actor),
            what,
            lease: None,
        }
    }

    /// The instance that it concerns, where the command says it.
    pub fn instance(&self) -> Option<Id<Instance>> {
        match &self.what {
            What::Event { instance, .. }
            | What::Retry { instance, .. }
            | What::Accept { instance, .. }
            | What::Move { instance, .. }
            | What::Undo { instance, .. }
            | What::BudgetDue { instance }
            | What::Modify { instance, .. } => Some(*instance),
            _ => None,
        }
    }

    pub fn work_item(&self) -> Option<Id<WorkItem>> {
        match &self.what {
            What::Complete(complete) => Some(complete.work_item),
            What::Except(except) => Some(except.work_item),
            What::Claim { work_item, .. }
            | What::Release { work_item, .. }
            | What::Pause { work_item, .. }
            | What::Resume { work_item, .. }
            | What::Assign { work_item, .. } => Some(*work_item),
            _ => None,
        }
    }

    /// Which of `lanes` committers takes it: commands on one thing go to one lane, so that they do not wait for each other
    /// in the database.
    pub fn lane(&self, lanes: usize) -> usize {
        let uuid = match &self.what {
            What::Start { id, .. } => id.uuid(),
            What::Offer { message } => message.uuid(),
            What::Slot { listener } => listener.uuid(),
            _ => match (self.instance(), self.work_item()) {
                (Some(instance), _) => instance.uuid(),
                (None, Some(work_item)) => work_item.uuid(),
                (None, None) => uuid::Uuid::nil(),
            },
        };
        // The last bytes of a UUID v7 are chance.
        usize::from(uuid.as_bytes()[15]) % lanes
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Advanced(Advanced),
    Item(WorkItemBrief),
    Delivered(Delivered),
    /// The event no longer concerned anybody: a timer of an activity that is closed, a late answer.
    Ignored,
}
