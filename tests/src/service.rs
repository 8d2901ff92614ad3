use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{
    Client, Database, Place,
    place::{program, root},
    process::{Process, free_port, tail},
};

/// How a service is to be started.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Filled with the demo world.
    pub demo: bool,
    /// Variables over it, `ENGAGE_…`.
    pub variables: Vec<(String, String)>,
}

impl Options {
    pub fn demo() -> Self {
        Self {
            demo: true,
            ..Self::default()
        }
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// One node: the program `engage-service serve`. It keeps its port over restarts, so that whoever was connected finds it
/// again.
pub struct Service {
    process: Process,
    folder: PathBuf,
    database: String,
    port: u16,
    options: Options,
}

impl Service {
    /// `name` tells the nodes of one place apart.
    pub fn start(
        place: &Place,
        name: &str,
        database: &Database,
        options: &Options,
    ) -> Result<Self> {
        let folder = place.folder(name)?;
        let port = free_port()?;
        let process = launch(&folder, database.url(), port, options)?;
        Ok(Self {
            process,
            folder,
            database: database.url().to_owned(),
            port,
            options: options.clone(),
        })
    }

    /// `http://127.0.0.1:PORT`
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Nobody yet: sign in.
    pub fn client(&self) -> Result<Client> {
        Client::new(&self.address())
    }

    /// Its time. Nodes that share a database are moved one by one, as machines' clocks are.
    pub fn clock(&self) -> Clock {
        Clock {
            file: self.folder.join("clock"),
        }
    }

    /// SIGKILL, in the middle of whatever it does.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// SIGTERM; fails when it does not end well.
    pub fn stop(&mut self) -> Result<()> {
        self.process.stop()
    }

    /// Starts it again where it was, after [`Service::kill`] or [`Service::stop`].
    pub fn restart(&mut self) -> Result<()> {
        if self.process.is_running() {
            bail!("the service still runs");
        }
        self.process = launch(&self.folder, &self.database, self.port, &self.options)?;
        Ok(())
    }

    /// Resident memory, in MiB.
    pub fn memory(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let kib: f64 = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .and_then(|rest| rest.split_whitespace().next())
            .and_then(|number| number.parse().ok())
            .context("no VmRSS")?;
        Ok(kib / 1024.0)
    }

    /// Runs another command of the program to its end (`audit verify`…), with this node's folder and database, and returns
    /// what it printed.
    pub fn command(&self, arguments: &[&str]) -> Result<String> {
        let done = Command::new(program("engage-service")?)
            .args(arguments)
            .env("ENGAGE_DATABASE", &self.database)
            .env("ENGAGE_DATA_DIR", &self.folder)
            .env("ENGAGE_LOG", "warn")
            .output()?;
        if !done.status.success() {
            bail!(
                "{arguments:?}: {} {}",
                String::from_utf8_lossy(&done.stdout),
                String::from_utf8_lossy(&done.stderr)
            );
        }
        Ok(String::from_utf8_lossy(&done.stdout).into_owned())
    }

    /// What it has logged last.
    pub fn log(&self) -> String {
        tail(&self.folder.join("service.log"))
    }
}

fn launch(folder: &Path, database: &str, port: u16, options: &Options) -> Result<Process> {
    let clock = folder.join("clock");
    if !clock.exists() {
        fs::write(&clock, "0")?;
    }
    let mut command = Command::new(program("engage-service")?);
    command
        .arg("serve")
        .env("ENGAGE_DATABASE", database)
        .env("ENGAGE_DATA_DIR", folder)
        .env("ENGAGE_LISTEN", format!("127.0.0.1:{port}"))
        .env("ENGAGE_UI_DIR", root().join("ui/dist"))
        .env("ENGAGE_DEMO", if options.demo { "true" } else { "false" })
        .env("ENGAGE_CLOCK_OFFSET_FILE", clock)
        .env("ENGAGE_TEST_CLOCK", "1")
        // Loads ask faster than any person.
        .env("ENGAGE_SESSION_REQUESTS_PER_MINUTE", "0")
        .envs(options.variables.iter().map(|(name, value)| (name, value)));
    let (process, ()) =
        Process::start_and_read(&mut command, &folder.join("service.log"), |line| {
            line.starts_with("listening on ").then_some(())
        })?;
    Ok(process)
}

/// A service's clock, seen from outside: a file says by how many seconds it is ahead.
#[derive(Clone, Debug)]
pub struct Clock {
    file: PathBuf,
}

impl Clock {
    /// From now on (at most 100 ms later) the service is `seconds` ahead of this machine. Replaces, does not add.
    pub fn ahead(&self, seconds: i64) -> Result<()> {
        // The service must never read half a number.
        let fresh = self.file.with_extension("new");
        fs::write(&fresh, seconds.to_string())?;
        fs::rename(fresh, &self.file)?;
        Ok(())
    }
}
