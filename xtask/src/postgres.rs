//! A PostgreSQL cluster of the tests' own: made in a temporary folder, on a free port of the loopback, gone afterwards.

use std::{
    env, fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{
    say::{output, say},
    setup,
};

pub struct Cluster {
    server: Child,
    folder: PathBuf,
    port: u16,
}

#[derive(Clone, Copy)]
pub enum Durability {
    /// Without waiting for the disk: the tests kill *our* processes, never the database's or the machine, so what
    /// PostgreSQL has acknowledged survives them all the same. (What our own file database promises is tested with its
    /// flushing on.)
    None,
    /// As installed, for measurements: what is acknowledged is on the disk.
    Usual,
}

impl Durability {
    const fn settings(self) -> &'static [&'static str] {
        match self {
            Self::None => &["-c", "fsync=off", "-c", "full_page_writes=off"],
            // Memory as PostgreSQL's manual advises for a machine of its own, and no checkpoint each minute.
            Self::Usual => &["-c", "shared_buffers=1GB", "-c", "max_wal_size=4GB"],
        }
    }
}

impl Cluster {
    pub fn start(durability: Durability) -> Result<Self> {
        setup::have(&[&setup::DATABASE])?;
        let programs = programs()?;
        let folder = env::temp_dir().join(format!("engage-postgres-{}", std::process::id()));
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        let as_user = User::fitting()?;
        if let User::Other(name) = &as_user {
            output(Command::new("chown").arg(format!("{name}:")).arg(&folder))?;
        }
        let data = folder.join("data");
        say("Making a throw-away PostgreSQL cluster.");
        output(
            as_user
                .command(&programs.join("initdb"))
                .args(["--username=postgres", "--auth=trust", "--encoding=UTF8"])
                .args(["--locale=C.UTF-8", "--no-sync", "-D"])
                .arg(&data)
                .current_dir(&folder),
        )?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let log = fs::File::create(folder.join("log"))?;
        let server = as_user
            .command(&programs.join("postgres"))
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string()])
            .args(["-c", "listen_addresses=127.0.0.1"])
            .args(["-c", "unix_socket_directories="])
            .args(["-c", "max_connections=400"])
            .args(durability.settings())
            .current_dir(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .context("cannot start postgres")?;
        let mut cluster = Self {
            server,
            folder,
            port,
        };
        cluster.wait(&programs.join("pg_isready"))?;
        Ok(cluster)
    }

    /// A superuser's address; each test makes a database of its own.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn wait(&mut self, ready: &Path) -> Result<()> {
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(60) {
            let answers = Command::new(ready)
                .args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()])
                .status()
                .is_ok_and(|status| status.success());
            if answers {
                return Ok(());
            }
            if let Some(status) = self.server.try_wait()? {
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                bail!("postgres ended with {status}: {log}");
            }
            thread::sleep(Duration::from_millis(100));
        }
        bail!("postgres did not answer within 60 s")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // SIGINT: ends connections and stops.
        let asked = Command::new("kill")
            .args(["-INT", &self.server.id().to_string()])
            .status();
        if !asked.is_ok_and(|status| status.success()) {
            drop(self.server.kill());
        }
        drop(self.server.wait());
        drop(fs::remove_dir_all(&self.folder));
    }
}

/// PostgreSQL refuses to run as root.
enum User {
    Same,
    Other(&'static str),
}

impl User {
    fn fitting() -> Result<Self> {
        if output(Command::new("id").arg("-u"))?.trim() != "0" {
            return Ok(Self::Same);
        }
        ["postgres", "nobody"]
            .into_iter()
            .find(|name| output(Command::new("id").args(["-u", name])).is_ok())
            .map(Self::Other)
            .context("no user to run PostgreSQL as: neither postgres nor nobody is known here")
    }

    fn command(&self, program: &Path) -> Command {
        match self {
            Self::Same => Command::new(program),
            Self::Other(name) => {
                let mut command = Command::new("setpriv");
                command
                    .arg(format!("--reuid={name}"))
                    .arg(format!("--regid={}", group(name)))
                    // However this program ends, the database ends with it.
                    .args(["--clear-groups", "--pdeathsig=INT"])
                    .arg(program);
                command
            }
        }
    }
}

fn group(user: &str) -> String {
    output(Command::new("id").args(["-g", user]))
        .map_or_else(|_| user.to_owned(), |id| id.trim().to_owned())
}

/// Debian keeps each version's programs in a folder of its own, outside the PATH.
fn programs() -> Result<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .map(|entries| {
            entries
                .flatten()
                .filter_map(|entry| {
                    let version = entry.file_name().to_str()?.parse().ok()?;
                    let programs = entry.path().join("bin");
                    programs
                        .join("initdb")
                        .exists()
                        .then_some((version, programs))
                })
                .collect()
        })
        .unwrap_or_default();
    versions.sort();
    if let Some((_, newest)) = versions.pop() {
        return Ok(newest);
    }
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .find(|folder| folder.join("initdb").exists())
        .context("no PostgreSQL server here (initdb is not to be found)")
}
