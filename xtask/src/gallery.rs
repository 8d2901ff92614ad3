//! `cargo xtask gallery`: pictures of every component and screen, to be looked at.

use anyhow::Result;

use crate::{
    place::{cargo, target},
    say::{run, say},
    setup, test, ui,
};

pub fn command(_: &[String]) -> Result<()> {
    setup::have(&[
        &setup::COMPILER,
        &setup::BUNDLE_OF_UI,
        &setup::WINDOWS_AND_BROWSERS,
    ])?;
    ui::build(ui::Speed::Small)?;
    run(cargo().args(["build", "--quiet", "--package", "service"]))?;
    let folder = test::screenshots()?;
    run(cargo()
        .args([
            "run",
            "--quiet",
            "--package",
            "journeys",
            "--bin",
            "gallery",
        ])
        .env("ENGAGE_PROGRAMS", target()?.join("debug"))
        .env("ENGAGE_SCREENSHOTS", &folder))?;
    say(format!("The pictures are in {}.", folder.display()));
    Ok(())
}
