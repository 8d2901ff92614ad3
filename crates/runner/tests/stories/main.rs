//! What the runner promises, told on both databases.

mod feed;
mod house;
mod people;
mod processes;
mod timers;
