//! What the files of this room share.

use kernel::{Code, Error, FieldProblem, Result};
use store::Tx;

/// The topic that tells every node to look at sessions and roles again.
pub(crate) const TOPIC: &str = "access";

store::statements! {
    NEXT_GENERATION = "UPDATE access_generation SET number = number + 1 WHERE id = 1";
}

/// Who may do what has changed: policies compiled so far no longer count.
pub(crate) async fn changed_access(tx: &mut Tx) -> Result<()> {
    store::execute!(tx, NEXT_GENERATION)?;
    tx.signal(TOPIC, "");
    Ok(())
}

/// Collects what is wrong with a request before anything is written.
#[derive(Default)]
pub(crate) struct Problems(Vec<FieldProblem>);

impl Problems {
    pub fn add(&mut self, problem: FieldProblem) {
        self.0.push(problem);
    }

    /// Trimmed; must be there and at most `limit` characters long.
    pub fn text(&mut self, field: &str, value: &str, limit: usize) -> String {
        let value = value.trim();
        if value.is_empty() {
            self.add(FieldProblem::new(field, "required"));
        }
        self.length(field, value, limit);
        value.to_owned()
    }

    /// Trimmed; may be empty, at most `limit` characters long.
    pub fn length(&mut self, field: &str, value: &str, limit: usize) -> String {
        let value = value.trim();
        if value.chars().count() > limit {
            self.add(FieldProblem::new(field, "too_long").with("max", limit));
        }
        if value.chars().any(char::is_control) {
            self.add(FieldProblem::new(field, "control_characters"));
        }
        value.to_owned()
    }

    pub fn done(self) -> Result<()> {
        Error::try_from(self.0).map_or(Ok(()), Err)
    }
}

/// The answer to a write that touched no row: somebody was faster, or it is not there.
pub(crate) fn stale_or_missing(there: bool, what: &'static str) -> Error {
    if there {
        Error::new(Code::Stale)
    } else {
        Error::not_found(what)
    }
}

/// A broken unique constraint as a problem of the field that it is about.
pub(crate) fn taken(error: sqlx::Error, constraint: &str, field: &'static str) -> Error {
    if kernel::violated(&error).as_deref() == Some(constraint) {
        Error::new(Code::Duplicate)
            .field(FieldProblem::new(field, "taken"))
            .because(error)
    } else {
        error.into()
    }
}

pub(crate) const NAME_LIMIT: usize = 200;
pub(crate) const TEXT_LIMIT: usize = 2_000;
