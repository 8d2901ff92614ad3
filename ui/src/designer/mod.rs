//! The Designer: what customer types, forms, processes and calendars there are, and how each is made.
//!
//! - [`list`]: all definitions, with their state; new ones; BPMN files of other tools.
//! - [`draft`]: a definition while it is worked on: saved by itself, with undo, problems and publishing.
//! - `process`, `form_editor`, `customer_type`, `calendar`: an editor a kind.
//!
//! **To add a kind**: an editor that reads and changes the draft's body, and a line in [`page`].

mod bound;
mod calendar;
mod customer_type;
mod decision;
mod difference;
mod draft;
mod expression;
mod field_editor;
mod form_editor;
mod head;
mod item_list;
mod known;
mod list;
mod page;
mod problems;
mod process;

pub use list::Definitions;
pub use page::DefinitionPage;
