use std::{
    env,
    path::Path,
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

use anyhow::{Result, bail};

use crate::Place;

static NEXT: AtomicU32 = AtomicU32::new(0);

/// What a service stores in. A PostgreSQL database is made for the journey and dropped after it.
pub struct Database {
    url: String,
    name: &'static str,
    drop_at: Option<(String, String)>,
}

impl Database {
    pub fn file(place: &Place) -> Self {
        Self::file_in(place.path())
    }

    pub fn file_in(folder: &Path) -> Self {
        Self {
            url: format!("sqlite:{}", folder.join("engage.db").display()),
            name: "SQLite",
            drop_at: None,
        }
    }

    /// The same database by another way: through a [`Cable`](crate::Cable). It stays this one's to drop.
    #[must_use]
    pub fn by_way_of(&self, url: String) -> Self {
        Self {
            url,
            name: self.name,
            drop_at: None,
        }
    }

    /// `None` where no PostgreSQL is at hand.
    pub fn postgres() -> Result<Option<Self>> {
        let Ok(server) = env::var("ENGAGE_TEST_POSTGRES") else {
            return Ok(None);
        };
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let database = format!("journey_{}_{number}", std::process::id());
        ask(&server, &format!("CREATE DATABASE {database}"))?;
        let Some((base, _)) = server.rsplit_once('/') else {
            bail!("ENGAGE_TEST_POSTGRES names no database: {server}");
        };
        Ok(Some(Self {
            url: format!("{base}/{database}"),
            name: "PostgreSQL",
            drop_at: Some((server, database)),
        }))
    }

    /// Both kinds, where both can be had. One journey tells its story on each.
    pub fn all(place: &Place) -> Result<Vec<Self>> {
        let mut all = vec![Self::file(place)];
        all.extend(Self::postgres()?);
        Ok(all)
    }

    /// As the service's configuration wants it.
    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn name(&self) -> &'static str {
        self.name
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some((server, database)) = &self.drop_at {
            drop(ask(
                server,
                &format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)"),
            ));
        }
    }
}

pub(crate) fn ask(server: &str, statement: &str) -> Result<()> {
    let done = Command::new("psql")
        .args([
            "--no-psqlrc",
            "--quiet",
            "--set=ON_ERROR_STOP=1",
            "--command",
            statement,
        ])
        .arg(server)
        .output()?;
    if !done.status.success() {
        bail!(
            "{statement}: {}",
            String::from_utf8_lossy(&done.stderr).trim()
        );
    }
    Ok(())
}
