//! Lists of customers from files: how a file is read, which column is which field, the run, what was refused, and the way
//! back.
//!
//! - [`list`]: all lists so far, and a new one.
//! - [`page`]: one list, in the step where it stands: `plan` before it runs, `result` while and after.

mod list;
mod page;
mod plan;
mod result;

pub use list::Imports;
pub use page::ImportPage;
