//! The language of conditions, behind a seam: the kernel knows that a text gives a value, and no more.

use std::fmt;
use std::sync::Arc;

use kernel::Moment;
use serde_json::Value;

use super::state::Variables;

/// A language in which a document's conditions, mappings and times are written.
pub trait Conditions {
    /// Prepares a text once, at publishing.
    fn prepare(&self, text: &str) -> Result<Box<dyn Prepared>, Wrong>;
}

/// What is wrong with an expression, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    pub es: String,
    pub en: String,
}

/// A prepared expression.
pub trait Prepared: Send + Sync {
    /// `layers`: sets of variables, the innermost first.
    fn evaluate(&self, layers: &[&Variables], now: Moment) -> Result<Value, String>;
}

/// An expression with its text.
#[derive(Clone)]
pub(crate) struct Expression {
    pub text: Arc<str>,
    pub prepared: Arc<dyn Prepared>,
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}
