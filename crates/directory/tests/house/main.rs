//! Stories about the directory: one program, so that it is linked once.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

mod common;
mod people;
mod sign_in;
