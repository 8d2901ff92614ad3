//! Work that outlives the transaction that asked for it: a durable queue, the outbox, and timers, on both databases.
//!
//! **To have something done later**: [`enqueue`] it in your own transaction. It is there when the transaction commits, and
//! only then.
//!
//! **To do it**: register a [`Handler`] for its kind with a [`Worker`]. The handler may be run twice (a node dies, a lease
//! is lost): what it writes must go through [`settle_in`] in the same transaction, which refuses the second; what it does
//! outside must carry the job's effect key, or be announced by [`Running::arm`] before it begins.
//!
//! **To be woken at an instant**: [`timer`].
//!
//! # States
//!
//! | state | means | goes on to |
//! |---|---|---|
//! | planned | waits for its due time | leased |
//! | leased | a worker has it until `due` | gone or accepted, planned (retry), failed, armed; leased again when the lease ran out |
//! | armed | a remote effect may have begun | gone or accepted, planned, failed, in_doubt; when the lease ran out, its next holder is told |
//! | accepted | done; kept because of its key | trimmed |
//! | failed | dead letter, with cause | planned, by hand |
//! | in_doubt | nobody knows whether it happened | planned or accepted, by hand |
//!
//! # What is promised
//!
//! 1. A key is enqueued at most once for as long as its row is kept.
//! 2. Every claim raises the fence. A statement that finishes, prolongs or arms a job names the fence it was given and
//!    touches nothing when another claim came after: a worker that was thought dead changes nothing any more.
//! 3. An armed job is never begun again by itself, unless its kind says that the other side recognises repeats.

mod backoff;
mod queue;
mod rows;
mod settle;
pub mod timer;
mod worker;

pub use backoff::Policy;
pub use queue::{
    Claimed, Count, DeadLetter, Job, JobState, Lease, NewJob, SIGNAL, arm, claim, close,
    close_keyed, counts, dead, enqueue, extend, letter, lost, requeue, trim,
};
pub use settle::{Verdict, settle, settle_in};
pub use worker::{Done, Failure, Handler, Running, Worker, Working};

/// Every statement of this room, for the test that prepares them on both databases.
pub fn statements() -> Vec<store::Statement> {
    [queue::STATEMENTS, settle::STATEMENTS, timer::STATEMENTS].concat()
}

/// For the expansion of the macros.
#[doc(hidden)]
pub use store;
