use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::state::{ActivityId, TimerId, Variables, WaitId};
use crate::model::{Binding, DueCalendar, ElementId, Timing};

/// What a step asks of the outside, and what it did, in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Effect {
    // What people and other systems must do.
    WorkItemOpened {
        activity: ActivityId,
        element: ElementId,
        name: Arc<str>,
        /// Key of the group: the binding's, else the lane's.
        group: Option<Arc<str>>,
        binding: Option<Arc<Binding>>,
        /// The binding's inputs, evaluated.
        inputs: Variables,
    },
    /// Nobody is to work it any more.
    WorkItemWithdrawn {
        activity: ActivityId,
        element: ElementId,
    },
    TransactionRequested {
        activity: ActivityId,
        element: ElementId,
        request: Request,
        binding: Option<Arc<Binding>>,
        inputs: Variables,
    },
    TransactionWithdrawn {
        activity: ActivityId,
        element: ElementId,
    },
    /// A call activity begins the process with this key.
    Called {
        activity: ActivityId,
        element: ElementId,
        process: Arc<str>,
        variables: Variables,
    },
    CallWithdrawn {
        activity: ActivityId,
        element: ElementId,
    },

    // What is to come.
    TimerScheduled {
        timer: TimerId,
        element: ElementId,
        purpose: TimerPurpose,
        /// In hours that always run. For [`DueCalendar::Business`] the caller computes it anew from `timing`.
        due: kernel::Moment,
        timing: Timing,
        calendar: DueCalendar,
    },
    TimerCancelled {
        timer: TimerId,
        element: ElementId,
    },
    MessageAwaited {
        wait: WaitId,
        element: ElementId,
        name: Arc<str>,
        /// Value by which a message finds this instance.
        correlation: Option<String>,
    },
    SignalAwaited {
        wait: WaitId,
        element: ElementId,
        name: Arc<str>,
    },
    /// A message or signal is no longer awaited.
    Forgotten {
        wait: WaitId,
        element: ElementId,
    },

    // What goes out.
    MessageSent {
        element: ElementId,
        name: Arc<str>,
        correlation: Option<String>,
        /// The participant or element at the other end of the message flow.
        target: Option<ElementId>,
        variables: Variables,
    },
    /// To everybody else who awaits it; catchers inside this instance have it already.
    SignalThrown {
        element: ElementId,
        name: Arc<str>,
        variables: Variables,
    },
    /// A work item passed its due time.
    Overdue {
        activity: ActivityId,
        element: ElementId,
    },
    /// A work item passed a rung of its escalation ladder (from 0).
    Escalated {
        activity: ActivityId,
        element: ElementId,
        rung: u32,
        to: Arc<str>,
    },
    /// An escalation event was thrown; `caught` says by whom.
    EscalationThrown {
        element: ElementId,
        code: Option<Arc<str>>,
        caught: Option<ElementId>,
    },
    /// An error left the process: whoever called it is to know.
    ErrorUncaught {
        element: ElementId,
        code: Option<Arc<str>>,
    },

    // History.
    Entered {
        activity: ActivityId,
        element: ElementId,
    },
    Left {
        activity: ActivityId,
        element: ElementId,
        ending: Ending,
    },
    /// A token took this sequence flow.
    Took {
        flow: ElementId,
    },
    /// New values in the instance's own set.
    VariablesChanged {
        variables: Variables,
    },
    /// A gateway, condition, timer or transaction could not go on; nothing is lost, the token waits.
    IncidentRaised {
        activity: ActivityId,
        element: ElementId,
        code: Arc<str>,
        message: String,
    },
    IncidentCleared {
        activity: ActivityId,
        element: ElementId,
    },

    // The end.
    Completed,
    /// By a terminate event or from outside.
    Terminated {
        reason: String,
    },
}

/// How a token left an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    Completed,
    /// By a boundary event, an error, an event sub-process.
    Interrupted,
    /// Taken away from outside: terminate, cancel, another branch won.
    Withdrawn,
    /// Joined with others; one of them goes on.
    Merged,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "snake_case")]
pub enum Request {
    /// The transaction with this key; `None` where the designer named none.
    Service { transaction: Option<Arc<str>> },
    /// The decision table with this key.
    Decision { decision: Option<Arc<str>> },
    /// A script in a language that the kernel does not run itself.
    Script {
        language: Arc<str>,
        script: Arc<str>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "purpose", rename_all = "snake_case")]
pub enum TimerPurpose {
    /// A timer event of the model.
    Event,
    /// The due time of a work item.
    Due { activity: ActivityId },
    /// A rung of its escalation ladder, from 0.
    Escalation { activity: ActivityId, rung: u32 },
}
