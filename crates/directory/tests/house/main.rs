//! Stories about the directory: one program, so that it is linked once.

mod common;
mod people;
mod sign_in;
