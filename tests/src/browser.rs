use std::{path::PathBuf, process::Command};

use anyhow::Result;
use serde_json::json;
use thirtyfour::{Capabilities, WebDriver};

use crate::{
    Page, Place,
    process::{Process, answers, free_port},
};

/// Chromium without a head, driven by its own driver.
pub struct Browser {
    page: Page,
    _driver: Process,
}

impl Browser {
    pub async fn open(place: &Place, name: &str, address: &str) -> Result<Self> {
        Self::open_sized(place, name, address, (1366, 768)).await
    }

    /// With a window of so many CSS pixels.
    pub async fn open_sized(
        place: &Place,
        name: &str,
        address: &str,
        (width, height): (u32, u32),
    ) -> Result<Self> {
        let folder = place.folder(name)?;
        let port = free_port()?;
        let driver = Process::start(
            Command::new("chromedriver").arg(format!("--port={port}")),
            &folder.join("chromedriver.log"),
        )?;
        answers(port)?;
        let mut wanted = Capabilities::new();
        wanted.set("browserName", "chrome")?;
        wanted.set(
            "goog:chromeOptions",
            json!({
                "binary": binary(),
                "args": arguments(&folder, width, height),
                // Of the person, whatever the machine speaks.
                "prefs": {"intl.accept_languages": "es-AR,es"},
            }),
        )?;
        let session = WebDriver::new(format!("http://127.0.0.1:{port}"), wanted).await?;
        let page = Page::new(session, None);
        page.driver().goto(address).await?;
        Ok(Self {
            page,
            _driver: driver,
        })
    }

    pub const fn page(&self) -> &Page {
        &self.page
    }

    pub async fn close(self) -> Result<()> {
        self.page.driver().clone().quit().await?;
        Ok(())
    }
}

fn binary() -> PathBuf {
    PathBuf::from("/usr/bin/chromium")
}

/// It runs as root in containers, and asks for nothing outside this machine.
fn arguments(folder: &std::path::Path, width: u32, height: u32) -> Vec<String> {
    let mut all: Vec<String> = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--force-device-scale-factor=1",
        "--lang=es",
    ]
    .map(str::to_owned)
    .to_vec();
    all.push(format!(
        "--user-data-dir={}",
        folder.join("profile").display()
    ));
    all.push(format!("--window-size={width},{height}"));
    all
}
