//! What the runner promises, told on both databases.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a story that cannot go on has failed"
)]

mod exceptions;
mod feed;
mod house;
mod moves;
mod people;
mod processes;
mod service_levels;
mod starts;
mod timers;
