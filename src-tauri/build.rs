//! Prepares what the shell embeds: the bundle of the UI, the permissions of each window, the icons.
use std::{fs, io, path::Path};

use tauri_build::{AppManifest, Attributes};

/// Every command that the page may be granted. Each becomes `allow-…` and `deny-…`, to be named one by one in
/// `src-tauri/capabilities`.
const COMMANDS: &[&str] = &[
    "call",
    "listen",
    "notify",
    "open_link",
    "open_window",
    "save",
    "session_state",
    "sign_in_elsewhere",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    page_or_notice(Path::new("ui/dist/index.html"))?;
    for path in [
        "src-tauri/build.rs",
        "src-tauri/capabilities",
        "ui/dist/index.html",
        "icons",
    ] {
        println!("cargo:rerun-if-changed={path}");
    }
    tauri_build::try_build(
        Attributes::new()
            .capabilities_path_pattern("./src-tauri/capabilities/**/*")
            .app_manifest(AppManifest::new().commands(COMMANDS)),
    )?;
    Ok(())
}

/// Code is checked more often than the UI is built, and the bundle must exist for the shell to compile. The page says
/// what is missing to whoever opens such a build.
fn page_or_notice(page: &Path) -> io::Result<()> {
    if page.exists() {
        return Ok(());
    }
    if let Some(folder) = page.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(
        page,
        "<!doctype html><meta charset=\"utf-8\"><title>Engage</title><p>The UI is not built yet: cargo xtask ui</p>\n",
    )
}
