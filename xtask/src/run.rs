//! `cargo xtask run` and `cargo xtask service`: the product, from this source tree.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    time::SystemTime,
};

use anyhow::Result;

use crate::{
    place::{cargo, root, target},
    say::{run as start, say},
    setup, ui,
};

/// The desktop on the demo world; without a screen, the same for a browser.
pub fn run(arguments: &[String]) -> Result<()> {
    if !has_screen() {
        say(
            "No screen here (neither DISPLAY nor WAYLAND_DISPLAY is set): serving the web agent instead.",
        );
        return serve_demo(arguments);
    }
    let program = target()?.join("debug/engage");
    if !is_current(&program) {
        setup::have(&[&setup::COMPILER, &setup::WEBVIEW])?;
        ui::build(ui::Speed::Small)?;
        start(cargo().args(["build", "--quiet", "--package", "engage"]))?;
    }
    start(
        Command::new(program)
            .env("ENGAGE_DEMO", "true")
            .args(arguments),
    )
}

/// `engage-service` with the arguments as given: `serve`, `migrate`, `demo`, `user add`, `doctor`.
pub fn service(arguments: &[String]) -> Result<()> {
    build_service()?;
    start(Command::new(target()?.join("debug/engage-service")).args(arguments))
}

fn serve_demo(arguments: &[String]) -> Result<()> {
    build_service()?;
    start(
        Command::new(target()?.join("debug/engage-service"))
            .arg("serve")
            .env("ENGAGE_DEMO", "true")
            .env("ENGAGE_UI_DIR", root().join("ui/dist"))
            .args(arguments),
    )
}

fn build_service() -> Result<()> {
    if is_current(&target()?.join("debug/engage-service")) {
        return Ok(());
    }
    setup::have(&[&setup::COMPILER])?;
    ui::build(ui::Speed::Small)?;
    start(cargo().args(["build", "--quiet", "--package", "service"]))
}

/// Whether the program and the bundle of the UI are newer than everything that they are made of: then nothing has to be
/// asked of cargo, which takes longer to find that out than the window takes to open.
fn is_current(program: &Path) -> bool {
    let Some(built) = changed(program) else {
        return false;
    };
    let Some(bundle) = changed(&root().join("ui/dist/index.html")) else {
        return false;
    };
    // The window's program holds the bundle within it.
    bundle <= built
        && newest(&SOURCES.map(|name| root().join(name)))
            .is_some_and(|source| source <= bundle && source <= built)
}

/// What the programs and the bundle are made of.
const SOURCES: [&str; 12] = [
    "Cargo.lock",
    "Cargo.toml",
    "crates",
    "icons",
    "migrations",
    "src-tauri",
    "tauri.conf.json",
    "ui/Cargo.toml",
    "ui/index.html",
    "ui/public",
    "ui/src",
    "ui/styles",
];

fn changed(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

/// When a file below these places was last changed; folders count too, for what was taken away.
fn newest(places: &[PathBuf]) -> Option<SystemTime> {
    let mut last = None;
    let mut open = places.to_vec();
    while let Some(place) = open.pop() {
        last = last.max(changed(&place));
        if place.is_dir() {
            // `gen` is written by the build itself.
            let inside = fs::read_dir(&place).into_iter().flatten().flatten();
            open.extend(
                inside
                    .filter(|entry| entry.file_name() != "gen")
                    .map(|entry| entry.path()),
            );
        }
    }
    last
}

fn has_screen() -> bool {
    cfg!(not(target_os = "linux"))
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_than_a_source_is_not_current() -> Result<()> {
        let folder = env::temp_dir().join(format!("engage-newest-{}", std::process::id()));
        fs::create_dir_all(folder.join("src/deep"))?;
        let program = folder.join("program");
        fs::write(&program, "")?;
        let before = newest(&[folder.join("src")]);
        assert!(before <= changed(&program));
        std::thread::sleep(std::time::Duration::from_millis(20));
        fs::write(folder.join("src/deep/one.rs"), "")?;
        assert!(newest(&[folder.join("src")]) > changed(&program));
        fs::remove_dir_all(folder)?;
        assert_eq!(newest(&[PathBuf::from("nowhere")]), None);
        Ok(())
    }
}
