//! `cargo xtask test`: everything that must hold, one step after the other, on a machine that has only Rust.
//!
//! A step that fails does not stop the next: one run tells all that is wrong. The times are printed at the end; the
//! status says whether every step passed.

use std::{
    env,
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

use crate::{
    bundle, fuzz,
    place::{cargo, root, target},
    postgres::{Cluster, Durability},
    say::{has_program, run, say},
    setup, strangers, ui,
};

/// Without input or output, clock or chance: the browser runs them too.
pub const PURE: &[&str] = &["kernel", "access", "form", "rules", "flow", "locale", "api"];

const WINDOWS: &str = "x86_64-pc-windows-gnu";

/// How a step may end when it does not fail.
enum Done {
    Passed,
    /// Cannot be had on this machine, and why.
    Skipped(String),
}

type Act = fn() -> Result<Done>;

struct Step {
    name: &'static str,
    time: Duration,
    result: Result<Done>,
}

pub fn command(arguments: &[String]) -> Result<()> {
    let only: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if let Some(unknown) = only
        .iter()
        .find(|name| !STEPS.iter().any(|(known, _)| known == *name))
    {
        let names: Vec<&str> = STEPS.iter().map(|(name, _)| *name).collect();
        bail!(
            "there is no step `{unknown}`; there are: {}",
            names.join(" ")
        );
    }
    let mut done: Vec<Step> = Vec::new();
    for (name, step) in STEPS {
        if !only.is_empty() && !only.contains(name) {
            continue;
        }
        say(format!("\n━━ {name} ━━"));
        let started = Instant::now();
        let result = step();
        if let Err(error) = &result {
            say(format!("{name} failed: {error:#}"));
        }
        let nothing_works_without = *name == "setup" && result.is_err();
        done.push(Step {
            name,
            time: started.elapsed(),
            result,
        });
        if nothing_works_without {
            break;
        }
    }
    summary(&done)
}

const STEPS: &[(&str, Act)] = &[
    ("setup", set_up),
    ("format", format_),
    ("ui", bundle_of_ui),
    ("pure", pure),
    ("lint", lint),
    ("build", build),
    ("tests", tests),
    ("strangers", strangers_),
    ("packages", packages),
    ("windows", windows),
    ("fuzz", look_for_faults),
];

fn summary(steps: &[Step]) -> Result<()> {
    say("\nstep            time   result");
    for step in steps {
        let result = match &step.result {
            Ok(Done::Passed) => String::from("passed"),
            Ok(Done::Skipped(why)) => format!("skipped: {why}"),
            Err(error) => format!("FAILED: {}", first_line(&format!("{error:#}"))),
        };
        let seconds = step.time.as_secs();
        say(format!(
            "{:<12} {:>3}:{:02}   {result}",
            step.name,
            seconds / 60,
            seconds % 60
        ));
    }
    let total: u64 = steps.iter().map(|step| step.time.as_secs()).sum();
    let failed: Vec<&str> = steps
        .iter()
        .filter(|step| step.result.is_err())
        .map(|step| step.name)
        .collect();
    say(format!("{:<12} {:>3}:{:02}", "all", total / 60, total % 60));
    if failed.is_empty() {
        return Ok(());
    }
    bail!("failed: {}", failed.join(", "))
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

fn set_up() -> Result<Done> {
    setup::have(setup::ALL)?;
    setup::wasm_target();
    Ok(Done::Passed)
}

fn format_() -> Result<Done> {
    run(cargo().args(["fmt", "--all", "--check"]))?;
    Ok(Done::Passed)
}

fn bundle_of_ui() -> Result<Done> {
    ui::build(ui::Speed::Small)?;
    Ok(Done::Passed)
}

fn pure() -> Result<Done> {
    if !setup::wasm_target() {
        return Ok(Done::Skipped(String::from(
            "rustup cannot add wasm32-unknown-unknown here; the ui step has built these rooms for it",
        )));
    }
    let mut check = cargo();
    check.args(["check", "--target", "wasm32-unknown-unknown"]);
    for room in PURE {
        check.args(["--package", room]);
    }
    run(&mut check)?;
    Ok(Done::Passed)
}

/// The lints, and every statement and type of every target. All steps choose the same packages, so that cargo resolves
/// the same features and builds each dependency once.
fn lint() -> Result<Done> {
    run(lean(&mut cargo()).args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--quiet",
        "--",
        "-D",
        "warnings",
    ]))?;
    Ok(Done::Passed)
}

/// All targets: with the programs themselves, which the journeys start.
fn build() -> Result<Done> {
    run(lean(&mut cargo()).args(["build", "--workspace", "--all-targets", "--quiet"]))?;
    Ok(Done::Passed)
}

fn tests() -> Result<Done> {
    let database = Cluster::start(Durability::None)?;
    let mut command = cargo();
    lean(&mut command);
    if has_program("cargo-nextest") {
        command.args(["nextest", "run", "--workspace", "--no-fail-fast"]);
        command.args(["--status-level", "slow", "--final-status-level", "slow"]);
    } else {
        command.args(["test", "--workspace", "--no-fail-fast"]);
    }
    // A test's error says what is wrong; fifty frames of the runtime below it only push that out of sight.
    command.env("RUST_LIB_BACKTRACE", "0");
    command.env("ENGAGE_TEST_POSTGRES", database.url());
    command.env("ENGAGE_SCREENSHOTS", target()?.join("screenshots"));
    if env::var_os("ENGAGE_TESTDATA").is_none() {
        command.env("ENGAGE_TESTDATA", root().join("../shared/testdata"));
    }
    run(&mut command)?;
    Ok(Done::Passed)
}

fn strangers_() -> Result<Done> {
    Ok(match strangers::knock()? {
        None => Done::Passed,
        Some(why) => Done::Skipped(why),
    })
}

/// deb and rpm of the shell that the tests have just used, installed into a folder and looked at.
fn packages() -> Result<Done> {
    bundle::bundle(bundle::Profile::Dev)?;
    bundle::inspect(bundle::Profile::Dev)?;
    Ok(Done::Passed)
}

fn windows() -> Result<Done> {
    if !setup::rust_target(WINDOWS) {
        return Ok(Done::Skipped(format!(
            "rustup cannot add {WINDOWS} here, and Debian has no packaged standard library for it"
        )));
    }
    if !has_program("x86_64-w64-mingw32-gcc") {
        return Ok(Done::Skipped(String::from(
            "no mingw-w64 here to compile SQLite's C with",
        )));
    }
    run(lean(&mut cargo()).args([
        "check",
        "--quiet",
        "--target",
        WINDOWS,
        "--package",
        "engage",
        "--package",
        "service",
        "--bins",
    ]))?;
    Ok(Done::Passed)
}

/// A look at each fuzz target: long enough to find what broke since yesterday.
fn look_for_faults() -> Result<Done> {
    fuzz::look(None, fuzz::BRIEFLY, &[])?;
    Ok(Done::Passed)
}

/// On a machine that is thrown away afterwards, what makes the next build quicker only costs time and disk.
fn lean(command: &mut Command) -> &mut Command {
    if env::var_os("CI").is_some() {
        command.env("CARGO_INCREMENTAL", "0");
    }
    command
}

/// Where the tests leave their pictures.
pub fn screenshots() -> Result<PathBuf> {
    Ok(target()?.join("screenshots"))
}
