//! What every room speaks: identities, instants, exact amounts, errors, pages and filters.
//!
//! The crate is pure: no I/O, no clock, no randomness. Time and chance come in through [`Ambient`], which the service
//! fills at start-up and a test fills with what it likes. The encodings for the two databases sit here too, behind the
//! feature `sqlx`, because Rust wants them beside the types.
//!
//! To add a type that is stored: write it here, give it the impls in `encode.rs` for both databases, and a line in the
//! round-trip test of the `store` room.

mod ambient;
mod amount;
pub mod calendar;
#[cfg(feature = "sqlx")]
mod encode;
mod error;
pub mod filter;
mod id;
mod language;
mod moment;
mod page;
#[cfg(feature = "sqlx")]
mod sql_error;
pub mod text;
pub mod twice;

pub use ambient::{Ambient, Clock, Rng};
pub use amount::{Amount, AmountError};
pub use error::{Code, Error, FieldProblem, Result, Status};
pub use filter::{Comparison, Field, Filter, Operand};
pub use id::Id;
pub use language::Language;
pub use moment::{Moment, MomentError, Span};
pub use page::{Page, Paged, Sort, SortDirection};
#[cfg(feature = "sqlx")]
pub use sql_error::violated;
