//! An expression, read and ready to be evaluated any number of times.

use std::fmt;
use std::sync::Arc;

use crate::diagnostic::{Diagnostics, Fault};
use crate::eval::{self, Frame, Machine, Names};
use crate::scope::Scope;
use crate::syntax::ast::{Kind, Node};
use crate::syntax::{self, Known};
use crate::types::Schema;
use crate::value::Value;

/// A FEEL expression, or the tests of a decision table's cell, in the form that is evaluated. Cheap to clone, and may be shared
/// between threads.
#[derive(Clone)]
pub struct Expression(Arc<Inner>);

struct Inner {
    text: Box<str>,
    root: Node,
}

impl Expression {
    /// Reads an expression. Names may have several words; where a name holds a keyword or a sign (`price and tax`, `a-b`), or
    /// where it shall be checked, use [`Expression::parse_in`].
    ///
    /// # Errors
    /// The first place where the text is no expression.
    pub fn parse(text: &str) -> Result<Self, Diagnostics> {
        Self::with_known(text, &Known::default(), false)
    }

    /// Reads an expression at a place where these variables exist: the longest of their names wins.
    ///
    /// # Errors
    /// The first place where the text is no expression. A name that does not exist is no error here: it is null.
    pub fn parse_in(text: &str, schema: &Schema) -> Result<Self, Diagnostics> {
        Self::with_known(text, &Known::from_schema(schema), false)
    }

    /// Reads the tests of a decision table's cell: `< 10`, `[1..5], 9`, `not("a")`, `-`, or a condition on `?`.
    ///
    /// # Errors
    /// The first place where the text is none of these.
    pub fn parse_unary_tests(text: &str) -> Result<Self, Diagnostics> {
        Self::with_known(text, &Known::default(), true)
    }

    /// [`Expression::parse_unary_tests`] where these variables exist.
    ///
    /// # Errors
    /// The first place where the text is none of these.
    pub fn parse_unary_tests_in(text: &str, schema: &Schema) -> Result<Self, Diagnostics> {
        Self::with_known(text, &Known::from_schema(schema), true)
    }

    pub(crate) fn with_known(text: &str, known: &Known, tests: bool) -> Result<Self, Diagnostics> {
        let root = if tests {
            syntax::parse_unary_tests(text, known)?
        } else {
            syntax::parse_expression(text, known)?
        };
        Ok(Self(Arc::new(Inner {
            text: text.into(),
            root,
        })))
    }

    pub(crate) fn from_root(text: &str, root: Node) -> Self {
        Self(Arc::new(Inner {
            text: text.into(),
            root,
        }))
    }

    /// The text it was read from.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0.text
    }

    pub(crate) fn root(&self) -> &Node {
        &self.0.root
    }

    /// The value. What cannot be computed (a sum of a number and a text, an unknown name) is null.
    ///
    /// # Errors
    /// When it would take more than the limits of the scope.
    pub fn evaluate(&self, scope: &Scope) -> Result<Value, Fault> {
        let mut machine = Machine::new(scope);
        eval::evaluate(
            &self.0.root,
            &Frame::root(Names::Scope(scope)),
            &mut machine,
        )
    }

    /// Whether a value passes: the tests of a cell hold for it, or the expression is true with it as `?`. `None` where that
    /// cannot be told.
    ///
    /// # Errors
    /// When it would take more than the limits of the scope.
    pub fn test(&self, input: &Value, scope: &Scope) -> Result<Option<bool>, Fault> {
        let mut machine = Machine::new(scope);
        let outside = Frame::root(Names::Scope(scope));
        let frame = Frame::inside(&outside, Names::One("?", input));
        match &self.0.root.kind {
            Kind::Tests(tests) => eval::tests_hold(tests, input, &frame, &mut machine),
            _ => Ok(eval::evaluate(&self.0.root, &frame, &mut machine)?.as_bool()),
        }
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expression({:?})", self.text())
    }
}
