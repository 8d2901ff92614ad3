//! What went wrong, in a sentence that the reader's language has, with what a helper would ask for.

use std::collections::BTreeMap;

/// What the reader can do about it decides how it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// The service cannot be reached: wait, try again.
    Offline,
    /// The session is over: sign in again, nothing typed is lost.
    SignedOut,
    /// No permission: ask for it.
    Forbidden,
    /// Gone, or never there.
    NotFound,
    /// Somebody else was first.
    Conflict,
    /// What was sent is wrong: the fields say where.
    Invalid,
    /// The service failed.
    Failed,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    pub kind: ProblemKind,
    /// The code of the error catalogue.
    pub code: String,
    /// What is wrong and what to do, in the reader's language.
    pub sentence: String,
    /// Field → sentence.
    pub fields: BTreeMap<String, String>,
    /// For whoever helps: status, code, request.
    pub details: String,
}

impl Problem {
    pub fn new(kind: ProblemKind, code: &str, sentence: String) -> Self {
        Self {
            kind,
            code: code.to_owned(),
            sentence,
            fields: BTreeMap::new(),
            details: code.to_owned(),
        }
    }
}
