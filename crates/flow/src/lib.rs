//! The process graph: BPMN 2.0 XML in and out with its diagram, what the canvas draws, lint, layout, editing with undo,
//! and the execution kernel.
//!
//! The crate is pure. The very same code runs in the service and, as wasm, in the Designer.
//!
//! - [`xml::read`] and [`xml::write`]: a document goes in and comes out without loss. The XML tree is the truth; the types
//!   of [`model`] are a view of it, made anew after each change ([`edit`]).
//! - [`scene`]: the shapes and lines of a diagram in the order in which they are painted; [`layout`] draws a document that has
//!   no drawing.
//! - [`edit`]: commands with rules and undo. [`lint`]: what is doubtful, with mends that are such commands.
//! - [`engine`]: [`engine::Plan`] is a process made ready to run; [`engine::step`] is the one pure function that moves an
//!   instance; [`engine::transfer`] moves a running one to another version.
//! - [`simulate`]: processes and lives of instances drawn from seeds, every promise of the kernel checked at every step.
//!
//! To execute another BPMN construct: read it in `model/derive.rs`, prepare it in `engine/plan.rs`, give it its behaviour in
//! `engine/behaviour.rs`, and show it in a case under `tests/`.

pub mod bench;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod edit;
pub mod engine;
pub mod layout;
pub mod lint;
pub mod model;
pub mod problem;
pub mod scene;
pub mod simulate;
pub mod xml;

pub use model::{Binding, Definitions, Element, ElementId, ElementKind, Process};
pub use problem::{Problem, ProblemCode};
pub use simulate::simulate;
