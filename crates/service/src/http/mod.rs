//! What every request passes: identity, deadline, limits, errors in the asker's language, idempotency.

mod failure;
mod guard;
mod idempotent;
mod input;
mod lens;
mod pace;
mod patience;
mod session;

pub use failure::{Failure, refused_with, render};
pub use guard::{guard, security_headers};
pub use idempotent::once;
pub use input::{At, Input, Params, Tongue};
pub use lens::{Traces, only_reading};
pub use pace::Paces;
pub use patience::hear_out;
pub use session::{
    ClientKind, Entrant, Session, attempt_cookie, attempt_of, bearer, client_kind, cookie_cleared,
    cookie_set, sign_in_address, wall,
};

/// What a handler returns.
pub type Answer<T> = Result<T, Failure>;
