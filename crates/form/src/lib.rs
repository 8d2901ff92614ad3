//! What is asked of people and how it is checked: the fields of a customer type and the forms of an activity.
//!
//! The crate is pure, so the browser, the desktop and the service run the very same checks: a value that the screen
//! accepts the service accepts, and both say the same sentence about one that they do not.
//!
//! - [`schema`]: the fields that a designer gives a customer type, and [`FieldSpec::check`], which turns what somebody
//!   typed or sent into its one canonical form.
//! - [`Words`]: a text in both languages.
//!
//! To add a kind of field: a variant of [`schema::FieldKind`], its check in `schema/check.rs`, its storage form in
//! `schema/storage.rs`, and a control in the screen's form renderer.

pub mod form;
pub mod schema;
mod words;

pub use form::{BoundForm, Form, FormState};
pub use schema::{CustomerSchema, FieldKind, FieldSpec, Medium};
pub use words::Words;
