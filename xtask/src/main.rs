//! One door for every chore: `cargo xtask …`.
//!
//! Each command is a module; each says what it does before it does it, and does nothing when there is nothing to do.
//! To add a chore, write its module and one line in [`COMMANDS`].

mod browser;
mod bundle;
mod bundle_service;
mod fuzz;
mod gallery;
#[cfg(test)]
mod house;
mod icons;
mod place;
mod postgres;
mod proof;
mod run;
mod say;
mod setup;
mod strangers;
mod test;
mod ui;

use std::{env, process::ExitCode};

use anyhow::{Result, bail};

use crate::say::say;

struct Chore {
    name: &'static str,
    arguments: &'static str,
    purpose: &'static str,
    start: fn(&[String]) -> Result<()>,
}

const COMMANDS: &[Chore] = &[
    Chore {
        name: "run",
        arguments: "",
        purpose: "open Engage on the demo world; without a screen, serve it to a browser",
        start: run::run,
    },
    Chore {
        name: "test",
        arguments: "[STEP…]",
        purpose: "everything that must hold, or only the named steps",
        start: test::command,
    },
    Chore {
        name: "setup",
        arguments: "",
        purpose: "install what building and testing need",
        start: setup::command,
    },
    Chore {
        name: "ui",
        arguments: "[--fast]",
        purpose: "build the browser's bundle into ui/dist",
        start: ui::command,
    },
    Chore {
        name: "service",
        arguments: "COMMAND…",
        purpose: "engage-service from this tree: serve, migrate, demo, user add, doctor",
        start: run::service,
    },
    Chore {
        name: "bundle",
        arguments: "",
        purpose: "the installable packages (deb, rpm), installed into a folder and looked at",
        start: bundle::command,
    },
    Chore {
        name: "gallery",
        arguments: "",
        purpose: "pictures of every component and screen",
        start: gallery::command,
    },
    Chore {
        name: "pictures",
        arguments: "",
        purpose: "the README's pictures, taken anew of the demo world",
        start: gallery::pictures,
    },
    Chore {
        name: "bench",
        arguments: "[AREA] [--json]",
        purpose: "measure, and keep the figures in docs/benchmarks",
        start: proof::bench,
    },
    Chore {
        name: "conformance",
        arguments: "[SUITE] [--json]",
        purpose: "hold the product against public test suites",
        start: proof::conformance,
    },
    Chore {
        name: "simulate",
        arguments: "[NAME] [--json]",
        purpose: "random histories under a clock of their own",
        start: proof::simulate,
    },
    Chore {
        name: "chaos",
        arguments: "[SCENARIO] [--json]",
        purpose: "break things on purpose, and count what was lost",
        start: proof::chaos,
    },
    Chore {
        name: "fuzz",
        arguments: "[TARGET] [--seconds N]",
        purpose: "random texts against the readers of texts, until something breaks",
        start: fuzz::command,
    },
    Chore {
        name: "icons",
        arguments: "",
        purpose: "draw the icons anew from icons/logo.svg",
        start: icons::command,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(format!("\nxtask: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<()> {
    let Some((name, rest)) = arguments.split_first() else {
        help();
        return Ok(());
    };
    if matches!(name.as_str(), "help" | "--help" | "-h") {
        help();
        return Ok(());
    }
    match COMMANDS.iter().find(|chore| chore.name == name) {
        Some(chore) => (chore.start)(rest),
        None => {
            help();
            bail!("there is no command `{name}`")
        }
    }
}

fn help() {
    say("cargo xtask COMMAND\n");
    for chore in COMMANDS {
        say(format!(
            "  {:<30} {}",
            format!("{} {}", chore.name, chore.arguments),
            chore.purpose
        ));
    }
}
