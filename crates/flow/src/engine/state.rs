use std::fmt;

use serde::{Deserialize, Serialize};

use super::effect::TimerPurpose;
use super::plan::{Ev, Ix, NONE, Plan};
use crate::model::ElementId;

/// Values by name. Sorted, so that equal sets have one text form.
pub type Variables = serde_json::Map<String, serde_json::Value>;

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u32);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

counters! {
    /// One run of an element within an instance. Never used twice in an instance.
    ActivityId
    /// One timer within an instance. A cycle keeps its id.
    TimerId
    /// One wait for a message or signal within an instance.
    WaitId
}

/// Where an instance stands. Small: only what is alive is in it.
///
/// Invariants: `scopes` and `subs` are sorted by id, ids never come back, a scope's parent is in `scopes` and has a smaller
/// id, a sub's scope is in `scopes`. Between steps nothing is on its way: every token without tokens below it awaits
/// something ([`State::waiting`]).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The instance's own variables.
    #[serde(default, skip_serializing_if = "Variables::is_empty")]
    pub variables: Variables,
    pub(crate) next: u32,
    pub(crate) started: bool,
    pub(crate) ended: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) scopes: Vec<Scope>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) subs: Vec<Sub>,
    /// Who waits for the end of others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) gone: Vec<Gone>,
    /// Variables of repeated activities, by scope.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) locals: Vec<(u32, Variables)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) repeats: Vec<Repetition>,
    /// Complex gateways that let a token through and now take the rest: the scope around, the gateway, the flows that came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) spent: Vec<(u32, Ix, Vec<Ix>)>,
    /// How far an activity is with its message flows: the scope, how many are done, which one it awaits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) posts: Vec<(u32, u32, Ix)>,
}

/// Something that runs: the instance, a sub-process, or a token on an element or flow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Scope {
    #[serde(rename = "i")]
    pub id: u32,
    #[serde(rename = "e")]
    pub element: Ix,
    /// [`NONE`] for the instance.
    #[serde(rename = "p")]
    pub parent: u32,
    #[serde(rename = "s")]
    pub phase: Phase,
    /// The flow by which it came; joins count by it.
    #[serde(rename = "v")]
    pub via: Ix,
    /// The scope that made it fail. If that one ends well, this one has recovered.
    #[serde(rename = "f", default = "none", skip_serializing_if = "is_none")]
    pub failed_by: u32,
    #[serde(rename = "w", default, skip_serializing_if = "Waits::is_nothing")]
    pub waits: Waits,
    /// One of the runs of a repeated activity; its parent is the activity.
    #[serde(rename = "r", default, skip_serializing_if = "is_false")]
    pub inner: bool,
    /// It had been left, was kept, and is being compensated now.
    #[serde(rename = "u", default, skip_serializing_if = "is_false")]
    pub undone: bool,
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

/// What a scope waits for outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Waits {
    #[default]
    Nothing,
    People,
    Request,
    Call,
    /// An incident, while it was beginning.
    ToBegin,
    /// An incident, while it was choosing its way out.
    ToLeave,
}

impl Waits {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the form that serde asks for"
    )]
    pub fn is_nothing(&self) -> bool {
        *self == Self::Nothing
    }
}

/// The life of a scope. What is dead is no longer in the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Phase {
    #[serde(rename = "a")]
    Made,
    #[serde(rename = "r")]
    Running,
    #[serde(rename = "c")]
    Completing,
    #[serde(rename = "f")]
    Failing,
    #[serde(rename = "x")]
    Cancelling,
    #[serde(rename = "t")]
    Terminating,
    /// As above, for a sub-process in which something can be compensated.
    #[serde(rename = "R")]
    UndoRunning,
    #[serde(rename = "C")]
    UndoCompleting,
    #[serde(rename = "F")]
    UndoFailing,
    /// Completed, and kept so that it can be compensated.
    #[serde(rename = "K")]
    Kept,
}

impl Phase {
    pub fn running(self) -> bool {
        matches!(self, Self::Running | Self::UndoRunning)
    }

    /// Anything but kept.
    pub fn active(self) -> bool {
        self != Self::Kept
    }

    pub fn completed(self) -> bool {
        matches!(
            self,
            Self::Completing | Self::UndoCompleting | Self::Terminating | Self::Kept
        )
    }

    pub fn failed(self) -> bool {
        matches!(self, Self::Failing | Self::UndoFailing | Self::Cancelling)
    }

    pub fn complete(self) -> Self {
        match self {
            Self::Running | Self::Failing => Self::Completing,
            Self::UndoRunning | Self::UndoFailing => Self::UndoCompleting,
            other => other,
        }
    }

    pub fn fail(self) -> Self {
        match self {
            Self::Running => Self::Failing,
            Self::UndoRunning | Self::Kept => Self::UndoFailing,
            other => other,
        }
    }

    pub fn cancel(self) -> Self {
        match self {
            Self::Running | Self::Completing | Self::Failing | Self::UndoRunning | Self::Kept => {
                Self::Cancelling
            }
            other => other,
        }
    }

    pub fn terminate(self) -> Self {
        if self == Self::Kept {
            self
        } else {
            Self::Terminating
        }
    }

    pub fn undoable(self) -> Self {
        if self == Self::Running {
            Self::UndoRunning
        } else {
            self
        }
    }

    /// `None`: dead.
    pub fn destroy(self) -> Option<Self> {
        matches!(self, Self::UndoRunning | Self::UndoCompleting).then_some(Self::Kept)
    }
}

/// Somebody listens for an event at a scope.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sub {
    #[serde(rename = "i")]
    pub id: u32,
    #[serde(rename = "s")]
    pub scope: u32,
    #[serde(rename = "v")]
    pub event: Ev,
    #[serde(rename = "d")]
    pub react: React,
    /// Which of the element's events it is.
    #[serde(rename = "n", default, skip_serializing_if = "is_zero")]
    pub nth: u32,
    /// For a cycle: how often it comes again after this.
    #[serde(rename = "c", default, skip_serializing_if = "is_zero")]
    pub repeats: u32,
    /// For a condition: it held when last looked at. For a timer: nobody has to take it back.
    #[serde(rename = "h", default, skip_serializing_if = "is_false")]
    pub held: bool,
    /// For a timer: it came, and its step could not be done.
    #[serde(rename = "x", default, skip_serializing_if = "is_false")]
    pub stuck: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the form that serde asks for"
)]
fn is_zero(value: &u32) -> bool {
    *value == 0
}

/// What an event sets off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum React {
    /// The event sub-process begins at this start.
    EventSub {
        sub: Ix,
        start: Ix,
    },
    Boundary,
    /// The scope goes on.
    Continue,
    /// The scope goes on when all of its parallel events have come.
    ContinueWhenAll,
    /// The way behind an event-based gateway; its scope.
    Gate {
        gateway: u32,
    },
    /// A boundary event leaves when its host has left.
    LeaveBoundary {
        boundary: u32,
    },
    CancelTransaction,
    CompensateTransaction,
    /// A kept sub-process compensates what is in it.
    CompensateHere,
    /// The same, told by its parent.
    CompensateChild {
        child: u32,
    },
    /// A handler: an event sub-process in the scope.
    HandlerSub {
        sub: Ix,
        start: Ix,
    },
    /// A handler: an activity beside the compensated one.
    Handler {
        activity: Ix,
    },
    /// Before the scope leaves: compensate this node.
    Compensate {
        node: Ix,
    },
    /// A throw compensates in `target` one after the other, the latest first; this is what comes after the listener `below`.
    Unwind {
        target: u32,
        below: u32,
        /// Only this activity; [`NONE`]: all of the scope.
        only: Ix,
        /// The token has gone on already, and only the throw stays until all is undone.
        ahead: bool,
    },
    /// The same for a scope that is being compensated itself, before it leaves. `own`: by its own handlers.
    UnwindHere {
        below: u32,
        own: bool,
    },
    /// An inclusive join looks again.
    Rejoin,
    /// The due time of a work item.
    Due,
    /// A rung of its escalation ladder.
    Rung {
        rung: u32,
    },
}

/// `sub` is triggered when the last of `remaining` is gone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Gone {
    pub scope: u32,
    pub remaining: Vec<u32>,
}

/// How far a repeated activity, or a sequential ad-hoc sub-process, is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Repetition {
    pub scope: u32,
    /// `None`: not known beforehand.
    pub total: Option<u32>,
    pub begun: u32,
    pub done: u32,
    /// What is still to come of the collection, the last first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<serde_json::Value>,
}

/// What a token waits for, for people and for tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub activity: ActivityId,
    pub element: ElementId,
    pub on: WaitingOn,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitingOn {
    People,
    Transaction,
    Call,
    Incident,
    Message,
    Timer,
    Signal,
    Condition,
    /// Another branch, at a join or an event-based gateway or a throw that waits for compensation.
    Others,
}

impl State {
    pub fn is_started(&self) -> bool {
        self.started
    }

    pub fn is_ended(&self) -> bool {
        self.ended
    }

    pub(crate) fn at(&self, id: u32) -> Option<usize> {
        self.scopes.binary_search_by_key(&id, |scope| scope.id).ok()
    }

    pub(crate) fn scope(&self, id: u32) -> Option<&Scope> {
        self.at(id).map(|at| &self.scopes[at])
    }

    pub(crate) fn scope_mut(&mut self, id: u32) -> Option<&mut Scope> {
        self.at(id).map(|at| &mut self.scopes[at])
    }

    /// The scopes directly inside, oldest first.
    pub(crate) fn children(&self, of: u32) -> impl Iterator<Item = &Scope> {
        // Children are younger than their parent.
        let from = self.scopes.partition_point(|scope| scope.id <= of);
        self.scopes[from..]
            .iter()
            .filter(move |scope| scope.parent == of)
    }

    /// What runs, oldest first: activities, events and gateways, without flows.
    pub fn running<'a>(
        &'a self,
        plan: &'a Plan,
    ) -> impl Iterator<Item = (ActivityId, &'a ElementId)> {
        let live = self.scopes.iter().filter(|scope| scope.phase.active());
        live.map(|scope| (ActivityId(scope.id), &plan.node(scope.element).id))
    }

    /// The due time and the escalation ladder of a work item: what a pause of its budget stops. Timer events of the model
    /// are not among them; they belong to the process.
    pub fn clocks(&self, activity: ActivityId) -> Vec<(TimerId, TimerPurpose)> {
        let of_it = self.subs.iter().filter(|sub| sub.scope == activity.0);
        of_it
            .filter_map(|sub| {
                let purpose = match sub.react {
                    React::Due => TimerPurpose::Due { activity },
                    React::Rung { rung } => TimerPurpose::Escalation { activity, rung },
                    _ => return None,
                };
                Some((TimerId(sub.id), purpose))
            })
            .collect()
    }

    /// What every token without others inside waits for. Empty only when the instance has ended or not begun.
    pub fn waiting(&self, plan: &Plan) -> Vec<Waiting> {
        let leaves = self
            .scopes
            .iter()
            .filter(|scope| scope.phase.active() && self.children(scope.id).next().is_none());
        leaves
            .filter_map(|scope| Some((scope, self.waits_on(plan, scope)?)))
            .map(|(scope, on)| Waiting {
                activity: ActivityId(scope.id),
                element: plan.node(scope.element).id.clone(),
                on,
            })
            .collect()
    }

    /// Tokens that wait for nothing: there are none between two steps.
    pub(crate) fn mute(&self, plan: &Plan) -> Vec<(u32, ElementId)> {
        let leaves = self
            .scopes
            .iter()
            .filter(|scope| scope.phase.active() && self.children(scope.id).next().is_none());
        let mute = leaves.filter(|scope| self.waits_on(plan, scope).is_none());
        mute.map(|scope| (scope.id, plan.node(scope.element).id.clone()))
            .collect()
    }

    /// How many work items, requests and calls are open.
    pub(crate) fn held(&self) -> (usize, usize, usize) {
        let count = |waits| {
            self.scopes
                .iter()
                .filter(|scope| scope.waits == waits)
                .count()
        };
        (
            count(Waits::People),
            count(Waits::Request),
            count(Waits::Call),
        )
    }

    /// The elements that a token is in.
    pub(crate) fn live(&self, plan: &Plan) -> std::collections::BTreeSet<ActivityId> {
        use super::plan::Kind;
        let live = self.scopes.iter().filter(|scope| {
            let node = plan.node(scope.element);
            let plain = !matches!(
                node.kind,
                Kind::Root | Kind::SequenceFlow | Kind::MessageFlow
            );
            let kept = scope.phase == Phase::Kept || scope.undone;
            plain && !kept && (node.repeat.is_none() || scope.inner)
        });
        live.map(|scope| ActivityId(scope.id)).collect()
    }

    /// The invariants of the type.
    pub(crate) fn sound(&self) -> Result<(), String> {
        let sorted = |ids: &mut dyn Iterator<Item = u32>| {
            let ids: Vec<u32> = ids.collect();
            ids.is_sorted_by(|a, b| a < b) && ids.last().is_none_or(|last| *last < self.next)
        };
        if !sorted(&mut self.scopes.iter().map(|scope| scope.id))
            || !sorted(&mut self.subs.iter().map(|sub| sub.id))
        {
            return Err("ids out of order".to_owned());
        }
        for scope in &self.scopes {
            if scope.parent != NONE && (scope.parent >= scope.id || self.at(scope.parent).is_none())
            {
                return Err(format!("scope {} without its parent", scope.id));
            }
        }
        match self.subs.iter().find(|sub| self.at(sub.scope).is_none()) {
            Some(sub) => Err(format!("listener {} without its scope", sub.id)),
            None => Ok(()),
        }
    }

    fn waits_on(&self, plan: &Plan, scope: &Scope) -> Option<WaitingOn> {
        use super::plan::{EvKind, Kind};
        Some(match scope.waits {
            Waits::People => WaitingOn::People,
            Waits::Request => WaitingOn::Transaction,
            Waits::Call => WaitingOn::Call,
            Waits::ToBegin | Waits::ToLeave => WaitingOn::Incident,
            Waits::Nothing => {
                let joins = matches!(
                    plan.node(scope.element).kind,
                    Kind::Parallel | Kind::Inclusive | Kind::Complex | Kind::EventBased { .. }
                );
                let own = self
                    .subs
                    .iter()
                    .find(|sub| sub.scope == scope.id && !sub.event.boundary);
                match own.map(|sub| sub.event.kind) {
                    Some(EvKind::Message) => WaitingOn::Message,
                    Some(EvKind::Timer) => WaitingOn::Timer,
                    Some(EvKind::Signal) => WaitingOn::Signal,
                    Some(EvKind::Conditional) => WaitingOn::Condition,
                    Some(_) => WaitingOn::Others,
                    None if joins => WaitingOn::Others,
                    None if self.subs.iter().any(|sub| {
                        matches!(sub.react, React::LeaveBoundary { boundary } if boundary == scope.id)
                    }) => WaitingOn::Others,
                    None => return None,
                }
            }
        })
    }
}
