//! `cargo xtask bench desktop`: how long the application takes to be usable, what it and its webview hold in memory, and
//! how large its parts are.

use std::{
    collections::BTreeMap,
    fs,
    io::{Write, stdout},
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use journeys::{Database, Desktop, Options, Place, Service};
use serde_json::json;
use tokio::time::sleep;

#[tokio::main]
async fn main() -> Result<()> {
    let place = Place::new("bench-desktop")?;
    let data = place.folder("data")?.display().to_string();
    let desk = Desktop::new(&place, "desk")?;
    let variables = [("ENGAGE_DATA_DIR", data.as_str()), ("ENGAGE_DEMO", "true")];

    // The first start makes the demo world; the second is what people meet every morning.
    let first = desk.open(&variables).await?;
    first.page().id("sign-in-button").await?;
    first.close().await?;
    let mut starts = Vec::new();
    for _ in 0..5 {
        let started = Instant::now();
        let window = desk.open(&variables).await?;
        window.page().id("sign-in-button").await?;
        starts.push(started.elapsed().as_secs_f64());
        window.close().await?;
    }
    starts.sort_by(f64::total_cmp);
    tell(
        "start to usable, median of 5 (with the driver's own start)",
        starts[2],
        "s",
        "<= 1.5",
    )?;

    let window = desk.open(&variables).await?;
    window.page().id("sign-in-button").await?;
    sleep(Duration::from_secs(2)).await;
    tell(
        "application and webview, shared pages counted once",
        family("engage")?,
        "MB",
        "<= 250",
    )?;
    window.close().await?;

    let database = Database::file(&place);
    let service = Service::start(&place, "node", &database, &Options::demo())?;
    sleep(Duration::from_secs(3)).await;
    tell("idle service, resident", service.memory()?, "MB", "<= 80")?;

    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    if let Some(program) = desk_program(&root.join("ui/dist.packed")) {
        let mb = fs::metadata(program)?.len() as f64 / 1e6;
        tell("wasm of the desk, brotli", mb, "MB", "<= 1.2")?;
    }
    let programs = std::env::current_exe()?;
    let packages = programs
        .ancestors()
        .nth(2)
        .context("no target folder")?
        .join("bundle/deb");
    if let Some(deb) = with_ending(&packages, "deb") {
        tell("deb", fs::metadata(deb)?.len() as f64 / 1e6, "MB", "<= 25")?;
    }
    Ok(())
}

fn tell(name: &str, value: f64, unit: &str, goal: &str) -> Result<()> {
    let line = json!({"name": name, "value": value, "unit": unit, "goal": goal});
    writeln!(stdout().lock(), "{line}")?;
    Ok(())
}

/// What a browser fetches before the desk can be used.
fn desk_program(folder: &Path) -> Option<std::path::PathBuf> {
    fs::read_dir(folder)
        .ok()?
        .flatten()
        .map(|entry| entry.path().join("ui_bg.wasm.br"))
        .find(|path| path.is_file())
}

fn with_ending(folder: &Path, ending: &str) -> Option<std::path::PathBuf> {
    fs::read_dir(folder)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|found| found == ending))
}

/// Proportional memory of the program of that name and of everything that it started, in MB.
fn family(name: &str) -> Result<f64> {
    let mut parents = BTreeMap::new();
    let mut members: Vec<u32> = Vec::new();
    for entry in fs::read_dir("/proc")?.flatten() {
        let Some(id) = entry
            .file_name()
            .to_str()
            .and_then(|id| id.parse::<u32>().ok())
        else {
            continue;
        };
        let Ok(status) = fs::read_to_string(entry.path().join("status")) else {
            continue;
        };
        let field = |key: &str| {
            status
                .lines()
                .find_map(|line| line.strip_prefix(key))
                .map(str::trim)
        };
        if field("Name:") == Some(name) {
            members.push(id);
        }
        if let Some(parent) = field("PPid:").and_then(|id| id.parse::<u32>().ok()) {
            parents.insert(id, parent);
        }
    }
    loop {
        let before = members.len();
        for (child, parent) in &parents {
            if members.contains(parent) && !members.contains(child) {
                members.push(*child);
            }
        }
        if members.len() == before {
            break;
        }
    }
    let kib: f64 = members
        .iter()
        .filter_map(|id| {
            let text = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok()?;
            let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
            line.split_whitespace().next()?.parse::<f64>().ok()
        })
        .sum();
    Ok(kib * 1024.0 / 1e6)
}
