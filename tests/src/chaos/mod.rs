//! What must be survived: each scenario breaks something on purpose, counts what was lost, and has a control run with the
//! protection taken away, which must be found wanting. `cargo xtask chaos F1` runs one in full; `cargo test -p journeys
//! --test chaos` runs the short forms.
//!
//! | | breaks | control |
//! |---|---|---|
//! | F1 | SIGKILL of a node on SQLite, at random instants | a client that acknowledges before it has asked; a copy of the file from before, put back |
//! | F2 | the same with two nodes on PostgreSQL; one freezes beyond its leases | the fence held still by a trigger; leases prolonged by a trigger |
//! | F4 | PostgreSQL restarted, its backends killed, every connection held up | commits that do not wait for the disk; a database that stays away |
//! | F6 | no room on the disk, 2 % of flushes fail | a disk that says yes and writes nothing |
//! | F7 | clocks jump; daylight saving in six zones | two houses that know nothing of each other on one clock |
//! | F9 | 1 % of work panics, never ends or answers 20 MiB | work that holds its thread |
//!
//! The nodes of F1, F2, F4, F7 and F9 are `engine-node`, the rooms with a scripted system plugged in; F6 is about the service.

mod check;
mod clocks;
pub mod cycles;
mod disk;
mod fleet;
mod outage;
mod poison;
mod storm;

use anyhow::{Result, bail};
use serde_json::{Value, json};

pub use check::Checked;

/// How much of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Size {
    /// For every run of the tests.
    Short,
    Full,
}

impl Size {
    pub(crate) fn of<T>(self, short: T, full: T) -> T {
        match self {
            Self::Short => short,
            Self::Full => full,
        }
    }
}

/// One line of what a scenario found.
#[derive(Clone, Debug)]
pub struct Score {
    pub name: String,
    pub passed: usize,
    pub failed: usize,
    /// What it saw, for people.
    pub seen: String,
}

impl Score {
    pub(crate) fn held(name: impl Into<String>, holds: bool, seen: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            passed: usize::from(holds),
            failed: usize::from(!holds),
            seen: seen.into(),
        }
    }

    /// As the proving commands read it.
    pub fn line(&self) -> Value {
        json!({"name": format!("{} ({})", self.name, self.seen), "passed": self.passed, "failed": self.failed, "skipped": 0})
    }
}

/// By their names.
pub const SCENARIOS: [&str; 6] = ["F1", "F2", "F4", "F6", "F7", "F9"];

/// Runs one. Nothing is skipped in silence: where the machine lacks what it needs, it fails and says so.
pub async fn run(scenario: &str, size: Size) -> Result<Vec<Score>> {
    match scenario.to_ascii_uppercase().as_str() {
        "F1" => storm::file(size).await,
        "F2" => storm::two_nodes(size).await,
        "F4" => outage::outages(size).await,
        "F6" => disk::faults(size).await,
        "F7" => clocks::jumps(size).await,
        "F9" => poison::poisoned(size).await,
        _ => bail!(
            "there is no scenario {scenario}; there are: {}",
            SCENARIOS.join(" ")
        ),
    }
}

/// The same numbers in every run, so that a failing one can be run again.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit.max(1)
    }
}
