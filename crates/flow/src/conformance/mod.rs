//! Running public suites against this crate. Behind the feature `conformance`, because it reads files.

mod compare;
mod folder;
mod miwg;
mod token_simulation;

use serde::{Deserialize, Serialize};

pub use compare::same_tree;
pub use folder::folder;
pub use miwg::miwg;
pub use token_simulation::token_simulation;

/// What a suite gave, case by case.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub suite: String,
    pub cases: Vec<Case>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    pub name: String,
    pub passed: bool,
    /// How well it passed, where a suite has levels: `exact`, `causal`, `outcome`.
    pub level: Option<String>,
    /// What was found; for a failed case what is wrong.
    pub detail: String,
}

impl Report {
    pub fn new(suite: &str) -> Self {
        Self {
            suite: suite.to_owned(),
            cases: Vec::new(),
        }
    }

    pub fn passed(&self) -> usize {
        self.cases.iter().filter(|case| case.passed).count()
    }

    pub fn failed(&self) -> usize {
        self.cases.len() - self.passed()
    }

    /// Passed cases at a level.
    pub fn at(&self, level: &str) -> usize {
        self.cases
            .iter()
            .filter(|case| case.passed && case.level.as_deref() == Some(level))
            .count()
    }

    pub(crate) fn add(&mut self, name: &str, outcome: Result<(Option<&str>, String), String>) {
        let (passed, level, detail) = match outcome {
            Ok((level, detail)) => (true, level.map(str::to_owned), detail),
            Err(detail) => (false, None, detail),
        };
        self.cases.push(Case {
            name: name.to_owned(),
            passed,
            level,
            detail,
        });
    }
}

/// The files of a folder and the folders in it with one of these extensions, in order of their names.
pub(crate) fn files(
    dir: &std::path::Path,
    extensions: &[&str],
) -> std::io::Result<Vec<std::path::PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let path = entry.path();
            // A link could lead in circles.
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file()
                && path
                    .extension()
                    .and_then(|e| e.to_str())
                    .is_some_and(|e| extensions.contains(&e))
            {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
