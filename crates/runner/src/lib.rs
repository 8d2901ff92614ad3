//! Running processes: loads an instance, lets the kernel step it, and commits everything that comes of it at once.
//!
//! # How a step commits
//!
//! A [`Command`](command::Command) (start, close a work item, a timer fired, a transaction is done…) goes to a group
//! committer. It takes whatever has gathered, opens ONE transaction, locks and loads the instances concerned, applies the
//! commands one after the other in memory (`flow::engine::step` is pure), writes all rows in batches (instances, steps,
//! work items, timers, outbox, incidents, the customer's history, the audit entry, live events), commits, and answers each
//! command on its own. A command that is refused has written nothing; when a batch as a whole cannot be written, each of
//! its commands is tried alone, so that one bad one does not take the others with it.
//!
//! # Rules
//!
//! 1. Whoever changes an instance or one of its work items holds the instance's row.
//! 2. What one instance wants of another, or of the outside, goes through the outbox (`jobs`), never directly.
//! 3. A timer's row and a job's row are removed by the transaction that acts on them: both act exactly once.
//! 4. A published version never changes, so a compiled process is kept for ever.
//!
//! **To react to another of the kernel's effects**: `batch/effects.rs`. **To add a way to choose who gets a work item**:
//! `batch/assign.rs`.

mod batch;
mod bulk;
mod command;
mod commit;
pub mod feed;
mod follow;
mod inbox;
mod incidents;
mod instances;
mod letters;
mod messages;
mod moves;
mod plugs;
mod rows;
mod runner;
mod sla;
mod starts;
mod talents;
mod timers;
mod told;
mod words;

pub use bulk::{Bulk, BulkKind, BulkLine, BulkResult, BulkState, Order, bulk, bulk_results, bulks};
pub use command::{Advanced, Assignee, Complete, Except, Start, WorkItemBrief};
pub use feed::LiveEvent;
pub use inbox::{InboxCounts, InboxQuery, InboxSort, Scope, WorkItemLine, counts, inbox};
pub use incidents::{IncidentGroup, IncidentLine, IncidentQuery, incident_groups, incidents};
pub use instances::{
    InstanceDetail, InstanceLine, InstanceQuery, Stage, Step, Trace, Whose, WorkItemDetail,
    instances, whose,
};
pub use letters::{Anew, letter_of};
pub use messages::{Delivered, Kept, KeptMessage, Publish, kept_message, kept_messages};
pub use moves::{Mapping, Modify, Move, MoveLine, MoveMade, Moved, Verdict, moves_of};
pub use plugs::{
    AcceptAll, Answer, Calendars, Call, ElementFacts, Fault, Nobody, Office, People, Perform,
    Plans, Plugs, Published, Task, Unbound, Values,
};
pub use rows::Reason;
pub use runner::{Runner, Working};
pub use sla::{Allowance, Budget, BudgetLine, BudgetState, LedgerLine};
pub use talents::{Deputy, KnownSkill, Skill, deputy, known_skills, skills};
pub use told::{Told, told};
pub use words::{Customer, Incident, Instance, InstanceState, WorkItem, WorkItemState};

/// Every statement of this room, for the test that prepares them on both databases.
pub fn statements() -> Vec<store::Statement> {
    [
        rows::STATEMENTS,
        feed::STATEMENTS,
        batch::STATEMENTS,
        bulk::STATEMENTS,
        messages::STATEMENTS,
        moves::STATEMENTS,
        sla::STATEMENTS,
        starts::STATEMENTS,
        talents::STATEMENTS,
        follow::STATEMENTS,
        inbox::STATEMENTS,
        incidents::STATEMENTS,
        instances::STATEMENTS,
    ]
    .concat()
}
