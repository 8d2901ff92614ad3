use std::{
    fs::{File, OpenOptions},
    io::{BufRead, BufReader},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

/// A program that ends with the journey.
pub(crate) struct Process {
    child: Child,
    name: String,
}

impl Process {
    /// What it says of itself goes to `log`.
    pub(crate) fn start(command: &mut Command, log: &Path) -> Result<Self> {
        let name = command.get_program().display().to_string();
        let log = OpenOptions::new().create(true).append(true).open(log)?;
        let child = command
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {name} (cargo xtask setup installs it)"))?;
        Ok(Self { child, name })
    }

    /// Like [`Process::start`], waiting for a line on standard output in which `find` finds what it looks for.
    pub(crate) fn start_and_read<T: Send + 'static>(
        command: &mut Command,
        log: &Path,
        find: impl Fn(&str) -> Option<T> + Send + 'static,
    ) -> Result<(Self, T)> {
        let name = command.get_program().display().to_string();
        let errors = OpenOptions::new().create(true).append(true).open(log)?;
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .with_context(|| format!("cannot start {name} (cargo xtask setup installs it)"))?;
        let printed = child.stdout.take().context("no output to read")?;
        let process = Self { child, name };
        let found = first(printed, find, Duration::from_secs(60));
        match found {
            Some(found) => Ok((process, found)),
            None => bail!(
                "{} did not say what was waited for; it said:\n{}",
                process.name,
                tail(log)
            ),
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Kill -9: nothing is finished, nothing is said.
    pub(crate) fn kill(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }

    /// Asks it to end, as an operating system does at shutdown.
    pub(crate) fn stop(&mut self) -> Result<()> {
        let asked = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()?;
        if !asked.success() {
            bail!("{} was not running any more", self.name);
        }
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(20) {
            if let Some(status) = self.child.try_wait()? {
                if status.success() {
                    return Ok(());
                }
                bail!("{} ended with {status}", self.name);
            }
            thread::sleep(Duration::from_millis(20));
        }
        bail!("{} did not stop within 20 s", self.name)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Reads to the end, so that the program never waits for a reader.
fn first<T: Send + 'static>(
    printed: ChildStdout,
    find: impl Fn(&str) -> Option<T> + Send + 'static,
    limit: Duration,
) -> Option<T> {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(printed).lines().map_while(Result::ok) {
            if let Some(found) = find(&line) {
                drop(tell.send(found));
            }
        }
    });
    told.recv_timeout(limit).ok()
}

/// The end of a log, for a message.
pub(crate) fn tail(log: &Path) -> String {
    let Ok(file) = File::open(log) else {
        return String::new();
    };
    let lines: Vec<String> = BufReader::new(file).lines().map_while(Result::ok).collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Waits until the driver answers on its port.
pub(crate) fn answers(port: u16) -> Result<()> {
    choose_cryptography();
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(20) {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(50));
    }
    bail!("nobody answers on port {port}")
}

/// To be called before any HTTP client is made: see the manifest.
pub(crate) fn choose_cryptography() {
    // Chosen already is as good.
    drop(rustls::crypto::ring::default_provider().install_default());
}
