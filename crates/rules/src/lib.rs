//! Rules.
pub mod number;
pub mod temporal;
