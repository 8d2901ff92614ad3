use std::path::PathBuf;
use std::time::Duration;

use kernel::{Error, Result};

/// Which of the two databases.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// Where the data are and how many connections may be held.
#[derive(Clone, Debug)]
pub struct DbConfig {
    pub target: Target,
    /// Connections for reading on SQLite, for everything on PostgreSQL. 1 to 200.
    pub connections: u32,
    /// How long to wait for a free connection before answering "unavailable".
    pub acquire_timeout: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The file; it is made when it is not there.
    Sqlite(PathBuf),
    /// A `postgres://` address.
    Postgres(String),
}

impl DbConfig {
    /// From `sqlite:PATH` or `postgres://…`.
    pub fn from_url(url: &str) -> Result<Self> {
        let target = if let Some(path) = url.strip_prefix("sqlite:") {
            Target::Sqlite(PathBuf::from(path.trim_start_matches("//")))
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Target::Postgres(url.to_owned())
        } else {
            return Err(Error::invalid("database", "database_url"));
        };
        Ok(Self {
            target,
            connections: 8,
            acquire_timeout: Duration::from_secs(5),
        })
    }

    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self {
            target: Target::Sqlite(path.into()),
            connections: 4,
            acquire_timeout: Duration::from_secs(10),
        }
    }
}
