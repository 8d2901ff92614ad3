//! The service: HTTP router, OpenAPI, live events and the wiring of the workers. A library for the desktop, which runs it
//! in its own process without a port, and the program `engage-service`.
//!
//! **To add a route**: its types and path in `api`; a handler in `routes/<subject>.rs` with `#[utoipa::path]`, taking
//! [`http::Session`] where a person must be signed in and returning [`http::Answer`]; a line in `routes/mod.rs`. What it
//! writes it writes in one [`store::Tx`], audited; the snapshot of the OpenAPI document shows the change.

mod admin;
mod app;
pub mod audit;
mod chores;
mod clock;
mod config;
mod decisions;
mod demo;
mod doctor;
mod http;
mod keys;
mod limits;
mod node;
mod routes;
mod sheet;
mod statics;
mod trail;
mod wiring;

pub use admin::{NewUser, add_user, explain};
pub use app::App;
pub use config::{Config, LogFormat};
pub use demo::fill as fill_demo;
pub use doctor::{Finding, Verdict, examine};
pub use node::{Running, open, start};
pub use routes::open_api;

/// Every statement of every room, for the test that prepares them all on both databases.
pub fn statements() -> Vec<store::Statement> {
    let mut all = store::statements();
    all.extend(ledger::statements());
    all.extend(directory::statements());
    all.extend(jobs::statements());
    all.extend(design::statements());
    all.extend(desk::statements());
    all.extend(runner::statements());
    all
}
