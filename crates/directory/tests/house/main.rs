//! Stories about the directory: one program, so that it is linked once.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

mod bring;
mod common;
mod ldap;
mod oidc;
mod people;
mod second_factor;
mod sign_in;
