//! What is only ever appended, in the caller's own transaction: the audit trail ([`audit`]) and the customer's history
//! ([`history`]); and who does things ([`Actor`]).
//!
//! **To leave an audit entry**: `audit::record(tx, at, &actor, Entry::new("customer.change", "desk", "customer").of(id))`.
//! It is kept with the transaction and written at its end, all entries of a transaction together, under one short lock.
//!
//! **To leave a line in the customer's history**: `history::append(tx, &[Line { … }]).await`.
//!
//! **To add a column to the audit entry**: it must enter the hashed bytes; give [`audit::chain`] a new form number and keep
//! reading the old one.

mod actor;
pub mod audit;
pub mod history;

pub use actor::{Actor, ActorKind, Group, Session, User};

/// Every statement of this room, for the test that prepares them on both databases.
pub fn statements() -> Vec<store::Statement> {
    [
        audit::STATEMENTS,
        audit::checkpoint::STATEMENTS,
        audit::browse::STATEMENTS,
        audit::level::STATEMENTS,
        audit::past::STATEMENTS,
        audit::verification::STATEMENTS,
        audit::verify::STATEMENTS,
        history::STATEMENTS,
    ]
    .concat()
}
