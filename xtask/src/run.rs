//! `cargo xtask run` and `cargo xtask service`: the product, from this source tree.

use std::{env, process::Command};

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
    setup::have(&[&setup::COMPILER, &setup::BUNDLE_OF_UI, &setup::WEBVIEW])?;
    ui::build(ui::Speed::Small)?;
    start(cargo().args(["build", "--quiet", "--package", "engage"]))?;
    start(
        Command::new(target()?.join("debug/engage"))
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
    setup::have(&[&setup::COMPILER, &setup::BUNDLE_OF_UI])?;
    ui::build(ui::Speed::Small)?;
    start(cargo().args(["build", "--quiet", "--package", "service"]))
}

fn has_screen() -> bool {
    cfg!(not(target_os = "linux"))
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}
