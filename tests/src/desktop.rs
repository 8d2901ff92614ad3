use std::{
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result};
use serde_json::json;
use thirtyfour::{Capabilities, WebDriver};
use tokio::time::timeout;

use crate::{
    Page, Place, eventually,
    place::program,
    process::{Process, answers, free_port, tail},
};

/// A person's desk: a screen, a session bus, and (if wanted) an unlocked keyring. It stays while windows open and close.
pub struct Desktop {
    display: String,
    bus: String,
    home: PathBuf,
    logs: PathBuf,
    _keyring: Option<Process>,
    _bus: Process,
    _screen: Process,
}

impl Desktop {
    /// With a keyring, as on most desktops.
    pub fn new(place: &Place, name: &str) -> Result<Self> {
        Self::build(place, name, true)
    }

    /// No keyring runs: a bare window manager, a remote session.
    pub fn without_keyring(place: &Place, name: &str) -> Result<Self> {
        Self::build(place, name, false)
    }

    fn build(place: &Place, name: &str, keyring: bool) -> Result<Self> {
        let logs = place.folder(name)?;
        let home = place.folder(&format!("{name}/home"))?;
        let (screen, display) = Process::start_and_read(
            Command::new("Xvfb")
                .args(["-displayfd", "1", "-screen", "0", "1366x768x24"])
                .args(["-nolisten", "tcp"]),
            &logs.join("screen.log"),
            |line| {
                line.trim()
                    .parse::<u32>()
                    .ok()
                    .map(|number| format!(":{number}"))
            },
        )?;
        // A bus that starts nothing by itself: a keyring is there only when this desk has one.
        let configuration = logs.join("bus.conf");
        std::fs::write(&configuration, BUS)?;
        let (bus_process, bus) = Process::start_and_read(
            Command::new("dbus-daemon")
                .arg(format!("--config-file={}", configuration.display()))
                .args(["--nofork", "--print-address=1"])
                .env("HOME", &home),
            &logs.join("bus.log"),
            |line| line.starts_with("unix:").then(|| line.to_owned()),
        )?;
        let mut desktop = Self {
            display,
            bus,
            home,
            logs,
            _keyring: None,
            _bus: bus_process,
            _screen: screen,
        };
        if keyring {
            desktop._keyring = Some(desktop.unlock_keyring()?);
        }
        Ok(desktop)
    }

    fn unlock_keyring(&self) -> Result<Process> {
        let mut command = Command::new("gnome-keyring-daemon");
        command.args(["--unlock", "--components=secrets", "--foreground"]);
        self.dress(&mut command);
        // The password of the keyring comes by the pipe that its daemon was started with.
        let (reader, mut writer) = std::io::pipe()?;
        command.stdin(Stdio::from(reader));
        let process = Process::start(&mut command, &self.logs.join("keyring.log"))?;
        writer.write_all(b"password\n")?;
        Ok(process)
    }

    /// Opens the application with these variables over the desk's own (`ENGAGE_SERVER`, `ENGAGE_DATA_DIR`…).
    pub async fn open(&self, variables: &[(&str, &str)]) -> Result<Window> {
        let port = free_port()?;
        let mut command = Command::new("WebKitWebDriver");
        command.args([format!("--port={port}"), String::from("--host=127.0.0.1")]);
        self.dress(&mut command);
        command.envs(variables.iter().copied());
        let driver = Process::start(&mut command, &self.logs.join("window.log"))?;
        answers(port)?;
        let mut wanted = Capabilities::new();
        wanted.set(
            "webkitgtk:browserOptions",
            json!({"binary": program("engage")?, "args": []}),
        )?;
        let session = timeout(
            Duration::from_secs(60),
            WebDriver::new(format!("http://127.0.0.1:{port}"), wanted),
        )
        .await
        .map_err(anyhow::Error::from)
        .and_then(|opened| opened.map_err(anyhow::Error::from))
        .with_context(|| {
            format!(
                "the window did not open; {}",
                tail(&self.logs.join("window.log"))
            )
        })?;
        Ok(Window {
            page: Page::new(session, Some(self.display.clone())),
            driver,
        })
    }

    /// Starts the application as a person does, without a driver: for a second start, a link.
    pub fn start(
        &self,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> Result<std::process::ExitStatus> {
        let mut command = Command::new(program("engage")?);
        command.args(arguments);
        self.dress(&mut command);
        command.envs(variables.iter().copied());
        let log = std::fs::File::create(self.logs.join("second.log"))?;
        Ok(command.stdout(Stdio::null()).stderr(log).status()?)
    }

    fn dress(&self, command: &mut Command) {
        command
            .env("DISPLAY", &self.display)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            .env("HOME", &self.home)
            .env("XDG_RUNTIME_DIR", &self.home)
            .env("LANG", "es_AR.UTF-8")
            .env("GDK_BACKEND", "x11")
            .env("NO_AT_BRIDGE", "1")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("TAURI_AUTOMATION", "true")
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("XDG_DATA_HOME")
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("ENGAGE_SERVER")
            .env_remove("ENGAGE_DATA_DIR");
    }
}

const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// The application's window, as the person at the desk uses it.
pub struct Window {
    page: Page,
    driver: Process,
}

impl Window {
    pub const fn page(&self) -> &Page {
        &self.page
    }

    /// Ends the application, and waits until it is gone: one that starts while another is ending would take it for the
    /// one that is there already.
    pub async fn close(self) -> Result<()> {
        let application = children(self.driver.id());
        self.page.driver().clone().quit().await?;
        let gone = eventually(
            "the application to end",
            Duration::from_secs(10),
            || async {
                let left = application.iter().any(|id| is_alive(*id));
                Ok((!left).then_some(()))
            },
        )
        .await;
        if gone.is_err() {
            for id in application {
                Command::new("kill")
                    .args(["-KILL", &id.to_string()])
                    .status()?;
            }
        }
        Ok(())
    }
}

/// The processes that this one has started.
fn children(parent: u32) -> Vec<u32> {
    let listed = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"));
    listed
        .unwrap_or_default()
        .split_whitespace()
        .filter_map(|id| id.parse().ok())
        .collect()
}

/// One that has ended and waits for its parent's notice is not.
fn is_alive(id: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| {
        !stat
            .rsplit(')')
            .next()
            .is_some_and(|rest| rest.trim_start().starts_with('Z'))
    })
}
