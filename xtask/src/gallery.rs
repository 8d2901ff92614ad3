//! `cargo xtask gallery`: pictures of every component and screen, to be looked at. `cargo xtask pictures`: those of the
//! README, taken anew.

use std::path::Path;

use anyhow::Result;

use crate::{
    place::{cargo, root, target},
    say::{run, say},
    setup, test, ui,
};

pub fn command(_: &[String]) -> Result<()> {
    let folder = test::screenshots()?;
    photograph("gallery", &[])?;
    say(format!("The pictures are in {}.", folder.display()));
    Ok(())
}

pub fn pictures(_: &[String]) -> Result<()> {
    photograph("pictures", &[&root().join("docs/pictures")])
}

/// Builds the product and starts a program of the journeys that looks at it.
fn photograph(program: &str, arguments: &[&Path]) -> Result<()> {
    setup::have(&[&setup::COMPILER, &setup::WINDOWS_AND_BROWSERS])?;
    ui::build(ui::Speed::Small)?;
    run(cargo().args(["build", "--quiet", "--package", "service"]))?;
    run(cargo()
        .args(["run", "--quiet", "--package", "journeys", "--bin", program])
        .arg("--")
        .args(arguments)
        .env("ENGAGE_PROGRAMS", target()?.join("debug"))
        .env("ENGAGE_SCREENSHOTS", test::screenshots()?))
}
