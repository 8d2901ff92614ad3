//! What goes over the wire: request and response types and paths, shared by the service, the screens and the tests.
//!
//! **To add a call**: its types in the module of its subject, its path in [`path`], its handler in the room `service`. The
//! snapshot of the OpenAPI document shows the change.
//!
//! Conventions: names in `snake_case`; instants in RFC 3339 with `Z`; amounts as decimal strings; ids as UUIDs; lists as
//! [`kernel::Paged`]; every error as [`Problem`]. A write carries the header [`header::IDEMPOTENCY_KEY`]: the same key with
//! the same request gets the same answer, so a retry after a lost answer is safe. What is changed carries the `version`
//! that was read; if somebody was faster the answer is `409 stale`.

pub mod approvals;
pub mod audit;
pub mod customers;
pub mod definitions;
pub mod directory;
pub mod engine;
pub mod events;
pub mod imports;
pub mod lens;
pub mod organisation;
pub mod path;
pub mod problem;
pub mod roles;
pub mod session;
pub mod work;

pub use problem::Problem;

/// What an older service does not tell.
pub(crate) const fn yes() -> bool {
    true
}

/// Marks what an id identifies. The types themselves live in the rooms that own them; over the wire only ids travel.
pub mod of {
    macro_rules! marks {
        ($($(#[$doc:meta])* $name:ident)*) => { $($(#[$doc])* #[derive(Clone, Copy, Debug, PartialEq, Eq)] pub enum $name {})* };
    }
    marks! { Approval User Group Unit Position Role Session Customer Contact Import Instance WorkItem HistoryLine Message Move Bulk Incident Job }
}

pub mod header {
    /// At most 64 characters of `[A-Za-z0-9_-]`; new for every action of a person, kept over retries of it.
    pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
    /// Who asks: `web` (session in an HttpOnly cookie), `desktop` (the shell keeps the token that sign-in answers), absent
    /// for other systems (they send `authorization: Bearer`). Requests that carry the cookie must carry it: a page of
    /// another site cannot set it.
    pub const CLIENT: &str = "engage-client";
    /// Identity of the request, in the answer and in the log.
    pub const REQUEST_ID: &str = "x-request-id";
}
