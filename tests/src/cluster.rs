use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::process::{Process, free_port};

/// A PostgreSQL of a journey's own, with its usual durability, that may be stopped and started.
pub struct Cluster {
    server: Option<Process>,
    programs: PathBuf,
    folder: PathBuf,
    settings: Vec<String>,
    port: u16,
}

impl Cluster {
    /// `settings`: `name=value` over the defaults.
    pub fn start(folder: &Path, settings: &[&str]) -> Result<Self> {
        let programs = programs()?;
        if is_root()? {
            done(Command::new("chown").arg("postgres:").arg(folder))?;
        }
        done(
            as_fitting(&programs.join("initdb"))?
                .args(["--username=postgres", "--auth=trust", "--encoding=UTF8"])
                .args(["--locale=C.UTF-8", "--no-sync", "-D"])
                .arg(folder.join("data"))
                .current_dir(folder),
        )?;
        let mut cluster = Self {
            server: None,
            programs,
            folder: folder.to_owned(),
            settings: settings.iter().map(|&setting| setting.to_owned()).collect(),
            port: free_port()?,
        };
        cluster.up()?;
        Ok(cluster)
    }

    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Starts it; returns when it answers.
    pub fn up(&mut self) -> Result<()> {
        let mut command = as_fitting(&self.programs.join("postgres"))?;
        command
            .arg("-D")
            .arg(self.folder.join("data"))
            .args(["-p", &self.port.to_string()])
            .args(["-c", "listen_addresses=127.0.0.1"])
            .args(["-c", "unix_socket_directories="])
            .current_dir(&self.folder);
        for setting in &self.settings {
            command.args(["-c", setting]);
        }
        self.server = Some(Process::start(
            &mut command,
            &self.folder.join("postgres.log"),
        )?);
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(60) {
            let ready = Command::new(self.programs.join("pg_isready"))
                .args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()])
                .status()?;
            if ready.success() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        bail!("PostgreSQL did not answer within 60 s")
    }

    /// Stops one of its own processes, by its kind, until the end.
    pub fn freeze(&self, kind: &str) -> Result<()> {
        let ask = format!("SELECT pid FROM pg_stat_activity WHERE backend_type = '{kind}'");
        let told = Command::new("psql")
            .args([
                "--no-psqlrc",
                "--tuples-only",
                "--no-align",
                "--command",
                &ask,
            ])
            .arg(self.url())
            .output()?;
        let id = String::from_utf8_lossy(&told.stdout).trim().to_owned();
        done(Command::new("kill").args(["-STOP", &id])).map(drop)
    }

    /// Immediate: no checkpoint, nobody is waited for; what was not on the disk is gone.
    pub fn break_off(&mut self) -> Result<()> {
        let Some(mut server) = self.server.take() else {
            bail!("PostgreSQL is not running");
        };
        done(Command::new("kill").args(["-QUIT", &server.id().to_string()]))?;
        let began = Instant::now();
        while server.is_running() {
            if began.elapsed() > Duration::from_secs(20) {
                bail!("PostgreSQL did not end");
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.server.is_some() {
            drop(self.break_off());
        }
    }
}

fn done(command: &mut Command) -> Result<String> {
    let output = command.output()?;
    if !output.status.success() {
        bail!(
            "{command:?}: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn is_root() -> Result<bool> {
    Ok(done(Command::new("id").arg("-u"))? == "0")
}

/// PostgreSQL refuses to run as root.
fn as_fitting(program: &Path) -> Result<Command> {
    if !is_root()? {
        return Ok(Command::new(program));
    }
    let mut command = Command::new("setpriv");
    command
        .args([
            "--reuid=postgres",
            "--regid=postgres",
            "--clear-groups",
            "--pdeathsig=INT",
        ])
        .arg(program);
    Ok(command)
}

/// Debian keeps each version's programs in a folder of its own, outside the PATH.
fn programs() -> Result<PathBuf> {
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .context("no PostgreSQL server here (cargo xtask setup installs it)")?
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .filter(|programs| programs.join("initdb").exists())
        .collect();
    versions.sort();
    versions
        .pop()
        .context("no PostgreSQL server here (cargo xtask setup installs it)")
}
