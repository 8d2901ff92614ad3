//! The execution kernel: [`Plan`] is a process made ready to run, [`step`] moves an instance of it by one event.
//!
//! `step` is pure and deterministic: same plan, state, event and time give the same state and effects, on any machine.
//! Whoever keeps the events of an instance can replay it. Ids inside a state are counters.
//!
//! # What runs, and what the caller does
//!
//! The kernel moves tokens until every one of them waits. What has to happen outside is returned as [`Effect`]s, in order;
//! the caller commits them together with the state, carries them out, and answers with an [`Event`]:
//!
//! | effect | answered by |
//! |---|---|
//! | [`Effect::WorkItemOpened`] | [`Event::WorkItemCompleted`] (or [`Event::ErrorRaised`], [`Event::EscalationRaised`]) |
//! | [`Effect::TransactionRequested`] | [`Event::TransactionCompleted`] or [`Event::TransactionFailed`] |
//! | [`Effect::Called`] | [`Event::CallCompleted`] or [`Event::CallFailed`] |
//! | [`Effect::TimerScheduled`] | [`Event::TimerFired`] |
//! | [`Effect::MessageAwaited`], [`Effect::SignalAwaited`] | [`Event::MessageReceived`], [`Event::SignalReceived`] |
//! | [`Effect::IncidentRaised`] | [`Event::IncidentResolved`] |
//!
//! # Variables
//!
//! An instance has one set of variables; each instance of a repeated activity and each sub-process with local data adds a
//! set of its own that hides it. Conditions see all of them, and of the last activity that people closed:
//! `outcome` (the key of the chosen outcome) and `<element id>.outcome`.

mod answer;
mod behaviour;
mod compile;
mod compile_around;
mod condition;
mod effect;
mod event;
mod feel;
mod join;
mod listen;
mod offer;
mod plan;
mod play;
mod repeat;
mod run;
mod state;
mod throw;
mod timer;
mod transfer;
mod undo;
mod values;
mod work;

pub use answer::{advance, step};
pub use condition::{Conditions, Prepared, Wrong};
pub use effect::{Effect, Ending, Request, TimerPurpose};
pub use event::{Event, StepFault};
pub use feel::Feel;
pub use offer::{Exception, Startable, exceptions, startable};
pub use plan::{Plan, Start, StartKind};
pub use play::{Player, Trigger};
pub use state::{ActivityId, State, TimerId, Variables, WaitId, Waiting, WaitingOn};
pub use transfer::{Obstacle, transfer};

#[cfg(feature = "conformance")]
pub(crate) use {plan::NONE, run::Action};
