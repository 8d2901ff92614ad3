use std::fmt;

use serde::{Deserialize, Serialize};

use super::state::{ActivityId, TimerId, Variables, WaitId};
use crate::model::ElementId;

/// What moves an instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// Begins the instance, once. Without `start_event`: at the plain start.
    Start {
        start_event: Option<ElementId>,
        /// Which of the start event's triggers came ([`Start::nth`](super::Start::nth)). Where all of them are awaited, it waits
        /// for the others. Absent: begun by hand, and nothing more is awaited.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        trigger: Option<u32>,
        variables: Variables,
    },
    /// Somebody finished a work item with one of its outcomes.
    WorkItemCompleted {
        activity: ActivityId,
        outcome: Option<String>,
        variables: Variables,
    },
    /// A transaction, decision, script or message that was requested is done.
    TransactionCompleted {
        activity: ActivityId,
        variables: Variables,
        /// What answered, for the record: a decision and its version.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// It failed for good. With `error` it is a BPMN error, which boundary events may catch; without, or where nobody
    /// catches it, an incident.
    TransactionFailed {
        activity: ActivityId,
        error: Option<String>,
        message: String,
    },
    /// The called process ended.
    CallCompleted {
        activity: ActivityId,
        variables: Variables,
    },
    CallFailed {
        activity: ActivityId,
        error: Option<String>,
        message: String,
    },
    /// A BPMN error at a waiting activity, such as an agent breaking off.
    ErrorRaised {
        activity: ActivityId,
        error: String,
        variables: Variables,
    },
    EscalationRaised {
        activity: ActivityId,
        escalation: String,
        variables: Variables,
    },
    TimerFired {
        timer: TimerId,
    },
    /// The timer has come, and the step that it causes cannot be done: an incident with this code. Resolved, it comes at
    /// once.
    TimerStuck {
        timer: TimerId,
        code: String,
        message: String,
    },
    /// A message for one wait ([`Effect::MessageAwaited`](super::Effect::MessageAwaited)), or for the first that awaits
    /// this name.
    MessageReceived {
        wait: Option<WaitId>,
        name: String,
        variables: Variables,
    },
    SignalReceived {
        name: String,
        variables: Variables,
    },
    /// Changes variables from outside; conditional events look again.
    VariablesSet {
        variables: Variables,
    },
    /// Begins an activity of a running ad-hoc sub-process once more.
    AdHocStarted {
        activity: ActivityId,
        element: ElementId,
    },
    /// Tries again what an incident stopped.
    IncidentResolved {
        activity: ActivityId,
        variables: Variables,
    },
    /// What an incident stopped was done outside, as somebody says: the activity is over, with these values.
    IncidentAccepted {
        activity: ActivityId,
        variables: Variables,
    },
    /// Takes activities away and begins elements, by hand. The caller keeps who did it and why.
    Modified {
        cancel: Vec<ActivityId>,
        start: Vec<ElementId>,
        variables: Variables,
    },
    /// Ends the whole instance.
    Cancelled {
        reason: String,
    },
}

/// Why an event could not be applied. The state is unchanged then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum StepFault {
    AlreadyStarted,
    NotStarted,
    /// The instance has ended.
    Ended,
    NoSuchStart {
        start_event: String,
    },
    /// Nothing waits under this id: it was finished or withdrawn meanwhile.
    NoSuchActivity {
        activity: ActivityId,
    },
    NoSuchTimer {
        timer: TimerId,
    },
    /// Nothing in this instance waits for the message.
    NotAwaited {
        name: String,
    },
    /// The activity waits for something else.
    WrongAnswer {
        activity: ActivityId,
    },
    UnknownOutcome {
        element: ElementId,
        outcome: String,
    },
    /// Nobody around the activity catches this error.
    NotCaught {
        code: String,
    },
    NoSuchElement {
        element: String,
    },
    /// A loop without a wait in it: the instance would run for ever.
    Endless {
        element: ElementId,
    },
    /// More tokens than an instance may have.
    TooManyTokens {
        limit: usize,
    },
    /// The state was not made by this plan.
    Foreign,
}

impl StepFault {
    /// Stable code, for a catalogue of sentences.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::AlreadyStarted => "flow.already_started",
            Self::NotStarted => "flow.not_started",
            Self::Ended => "flow.ended",
            Self::NoSuchStart { .. } => "flow.no_such_start",
            Self::NoSuchActivity { .. } => "flow.no_such_activity",
            Self::NoSuchTimer { .. } => "flow.no_such_timer",
            Self::NotAwaited { .. } => "flow.not_awaited",
            Self::WrongAnswer { .. } => "flow.wrong_answer",
            Self::UnknownOutcome { .. } => "flow.unknown_outcome",
            Self::NotCaught { .. } => "flow.not_caught",
            Self::NoSuchElement { .. } => "flow.no_such_element",
            Self::Endless { .. } => "flow.endless",
            Self::TooManyTokens { .. } => "flow.too_many_tokens",
            Self::Foreign => "flow.foreign_state",
        }
    }
}

impl fmt::Display for StepFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for StepFault {}
