//! Who there is and what they may: organisation units, positions, users, groups, roles; and the way in: passwords, sign-in,
//! sessions.
//!
//! **To know who asks**: [`Sessions::authenticate`] turns a token into a [`SignedIn`], with the policy that `access` compiled
//! from the user's roles. It is kept in memory for at most a second without looking again, so that what is revoked ends
//! within that second, on every node.
//!
//! **To write**: functions take the unit of work, the time and chance (`Ambient`), and who does it (`Actor`); each leaves
//! one audit entry. What changes who may do what must call `changed_access` before the end, so that all nodes look again.
//!
//! **To store a password** one needs a [`PasswordHash`], and only [`Passwords`] makes one: after the rules, away from the
//! threads that serve requests, and before any transaction begins.
//!
//! **Other ways in**: [`outside`] knows LDAP and OpenID Connect, [`second_factor`] what a device shows; all of them end in
//! the same session, begun in `sign_in`.

pub mod approvals;
pub mod bring;
mod common;
pub mod demo;
pub mod eyes;
pub mod giving;
pub mod groups;
mod leaked;
pub mod list;
pub mod outside;
mod password;
pub mod positions;
pub mod roles;
pub mod second_factor;
pub mod session;
pub mod setup;
pub mod sign_in;
mod sign_in_elsewhere;
mod still_here;
pub mod units;
pub mod users;
mod words;

use kernel::Id;
use serde::{Deserialize, Serialize};

pub use giving::Giving;
pub use groups::Group;
pub use leaked::Leaked;
pub use list::{Ask, Having};
pub use password::{PasswordHash, Passwords};
pub use positions::Position;
pub use roles::{Role, RoleSpec, RoleVersion};
pub use session::{
    OpenOf, SessionRow, Sessions, SessionsConfig, SignedIn, Source, end as end_session,
    end_everywhere,
};
pub use sign_in::{Credentials, Entered, LockedOut, release as release_lock_out};
pub use sign_in_elsewhere::Begun;
pub use units::Unit;
pub use users::{Preferences, User, UserKind, UserWrite};

pub type UserId = Id<ledger::User>;
pub type GroupId = Id<ledger::Group>;
pub type SessionId = Id<ledger::Session>;
pub type UnitId = Id<Unit>;
pub type PositionId = Id<Position>;
pub type RoleId = Id<Role>;

/// An identity and what people call it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Named {
    pub id: uuid::Uuid,
    pub name: String,
}

/// Every statement of this room, for the test that prepares them on both databases.
pub fn statements() -> Vec<store::Statement> {
    [
        approvals::STATEMENTS,
        common::STATEMENTS,
        eyes::STATEMENTS,
        giving::STATEMENTS,
        groups::STATEMENTS,
        outside::STATEMENTS,
        positions::STATEMENTS,
        roles::STATEMENTS,
        second_factor::STATEMENTS,
        session::STATEMENTS,
        setup::STATEMENTS,
        sign_in::STATEMENTS,
        sign_in_elsewhere::STATEMENTS,
        still_here::STATEMENTS,
        units::STATEMENTS,
        users::STATEMENTS,
    ]
    .concat()
}
