#![doc = include_str!("rules.md")]
//!
//! # For whoever works here
//!
//! [`Policy::compile`] makes a policy of a user's roles; [`Policy::decide`] is the one decision function; [`Policy::mask`] and
//! [`Policy::rows`] are the same rules for many fields and many rows at once, and a property test holds them to it. The rules
//! above are tested against `tests/oracle/access_oracle.py`, which was written from them and not from this code.
//!
//! **To add a static entity**: give it a line in [`catalogue`]. **To add a placeholder**: [`Subject`] and rules.md.

pub mod catalogue;
mod compile;
mod decide;
mod grant;
mod mask;
mod permissions;
mod whose;

pub use catalogue::Catalogue;
pub use compile::Policy;
pub use decide::{Because, Decision, Getter, GrantRef, Place, Request, Verdict};
pub use grant::{Effect, Grant, Limit, Role, Subject, Target, Verb, Within};
pub use mask::{Mask, Visibility, json_record};
pub use permissions::{EntityPermissions, FieldPermissions, Permissions};
pub use whose::Whose;
