//! Rules that business people write: FEEL (DMN 1.5) expressions and decision tables, the same in the browser and in the
//! service.
//!
//! - [`Expression`]: read once, evaluated often, against a [`Scope`] of variables. Errors are null, as in FEEL; only what would
//!   exceed the [`Limits`] is a [`Fault`].
//! - [`dmn`]: whole DMN models.
//! - [`table`]: what a decision table leaves out or says twice.
//! - [`filter`]: an expression as the filter tree of `kernel`, and so as SQL.
//! - [`types`]: what exists at a place, for checking, completing and formatting texts.
//!
//! Nothing here does I/O, reads a clock or draws random numbers: the time is part of the scope.
//!
//! To add a built-in function: one line in `builtins/table.rs` (its signature is also its documentation, its completion and
//! its type check) and the function itself in the file of its family.

#[cfg(feature = "bench")]
pub mod bench;
mod builtins;
pub mod diagnostic;
pub mod dmn;
mod eval;
mod expression;
pub mod filter;
mod function;
pub mod number;
mod scope;
mod syntax;
pub mod table;
#[cfg(feature = "conformance")]
pub mod tck;
pub mod temporal;
pub mod types;
pub mod value;

pub use builtins::signatures;
pub use diagnostic::{Code, Diagnostic, Diagnostics, Fault, Hint, Language};
pub use expression::Expression;
pub use function::Function;
pub use number::Number;
pub use scope::{Limits, Scope};
pub use types::{Schema, Type};
pub use value::{Context, List, Name, Range, RangeForm, Value};
