//! `engine-node`, started, killed and frozen from outside, and what it says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::place::program;
use crate::process::{Process, tail};

/// Everything that the nodes of a run have said, with the instant at which it was heard.
#[derive(Clone, Default)]
pub(super) struct Journal(Arc<Mutex<Vec<(Instant, String)>>>);

impl Journal {
    fn lines<T>(
        &self,
        since: Option<Instant>,
        word: &str,
        read: impl Fn(Instant, &str) -> T,
    ) -> Vec<T> {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines
            .iter()
            .filter(|(at, _)| since.is_none_or(|since| *at >= since))
            .filter_map(|(at, line)| {
                let (first, rest) = line.split_once(' ')?;
                (first == word).then(|| read(*at, rest))
            })
            .collect()
    }

    /// The marks whose start was acknowledged.
    pub(super) fn acknowledged(&self) -> Vec<String> {
        self.lines(None, "ack", |_, mark| mark.to_owned())
    }

    /// How many were acknowledged between these instants.
    pub(super) fn starts(&self, from: Instant, to: Instant) -> usize {
        self.lines(Some(from), "ack", |at, _| at)
            .into_iter()
            .filter(|at| *at < to)
            .count()
    }

    /// From request to end, of what ended since.
    pub(super) fn times(&self, since: Instant) -> Vec<Duration> {
        self.lines(Some(since), "did", |_, micros| {
            micros.parse::<i64>().unwrap_or(0)
        })
        .into_iter()
        .map(|micros| Duration::from_micros(u64::try_from(micros).unwrap_or(0)))
        .collect()
    }

    /// When the first work was done after this instant.
    pub(super) fn first_work(&self, since: Instant) -> Option<Duration> {
        self.lines(Some(since), "did", |at, _| at)
            .first()
            .map(|at| at.duration_since(since))
    }
}

/// A node and how it is started.
pub(super) struct Node {
    pub name: String,
    process: Process,
    folder: PathBuf,
    variables: BTreeMap<String, String>,
    journal: Journal,
}

impl Node {
    /// Returns when it is ready.
    pub(super) fn start(
        folder: &Path,
        name: &str,
        database: &str,
        journal: &Journal,
        variables: &[(&str, &str)],
    ) -> Result<Self> {
        let mut all: BTreeMap<String, String> = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        all.insert("ENGAGE_DATABASE".into(), database.to_owned());
        all.insert("NODE".into(), name.to_owned());
        all.insert("SINK".into(), sink(folder).display().to_string());
        let process = launch(folder, name, &all, journal)?;
        Ok(Self {
            name: name.to_owned(),
            process,
            folder: folder.to_owned(),
            variables: all,
            journal: journal.clone(),
        })
    }

    pub(super) fn kill(&mut self) {
        self.process.kill();
    }

    pub(super) fn restart(&mut self) -> Result<()> {
        self.process.kill();
        self.process = launch(&self.folder, &self.name, &self.variables, &self.journal)?;
        Ok(())
    }

    pub(super) fn is_running(&mut self) -> bool {
        self.process.is_running()
    }

    /// From the next start on.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    /// SIGSTOP: it holds what it holds and knows nothing of it.
    pub(super) fn freeze(&self) -> Result<()> {
        self.signal("-STOP")
    }

    pub(super) fn thaw(&self) -> Result<()> {
        self.signal("-CONT")
    }

    fn signal(&self, signal: &str) -> Result<()> {
        let id = self.process.id().to_string();
        let done = Command::new("kill").args([signal, &id]).status()?;
        if !done.success() {
            bail!("{} is not there any more: {}", self.name, self.log());
        }
        Ok(())
    }

    pub(super) fn log(&self) -> String {
        tail(&self.folder.join(format!("{}.log", self.name)))
    }
}

/// What the other system was asked for.
pub(super) fn sink(folder: &Path) -> PathBuf {
    folder.join("sink")
}

fn launch(
    folder: &Path,
    name: &str,
    variables: &BTreeMap<String, String>,
    journal: &Journal,
) -> Result<Process> {
    let mut command = Command::new(program("engine-node")?);
    command.envs(variables);
    let heard = journal.clone();
    let listen = move |line: &str| {
        let mut lines = heard.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push((Instant::now(), line.to_owned()));
        (line == "ready").then_some(())
    };
    let log = folder.join(format!("{name}.log"));
    let (process, ()) = Process::start_and_read(&mut command, &log, listen)?;
    Ok(process)
}
