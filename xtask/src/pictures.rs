//! `cargo xtask pictures`: the README's pictures, taken anew from the demo world.

use anyhow::Result;

use crate::{
    place::{cargo, root, target},
    say::{run, say},
    setup, ui,
};

pub fn command(_: &[String]) -> Result<()> {
    setup::have(&[
        &setup::COMPILER,
        &setup::BUNDLE_OF_UI,
        &setup::WINDOWS_AND_BROWSERS,
    ])?;
    ui::build(ui::Speed::Small)?;
    run(cargo().args(["build", "--quiet", "--package", "service"]))?;
    let folder = root().join("docs/pictures");
    run(cargo()
        .args([
            "run",
            "--quiet",
            "--package",
            "journeys",
            "--bin",
            "pictures",
        ])
        .env("ENGAGE_PROGRAMS", target()?.join("debug"))
        .env("ENGAGE_PICTURES", &folder))?;
    say(format!("The pictures are in {}.", folder.display()));
    Ok(())
}
