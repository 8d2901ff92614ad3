//! One door for every chore: `cargo xtask …`.
//!
//! Each command is a module; each says what it does before it does it, and does nothing when there is nothing to do.
//! To add a chore, write its module and one line in [`COMMANDS`].

mod icons;
mod place;
mod say;
mod setup;
mod ui;

use std::{env, process::ExitCode};

use anyhow::{Result, bail};

use crate::say::say;

type Chore = fn(&[String]) -> Result<()>;

/// Name, what follows it, what it is for, and the chore.
const COMMANDS: &[(&str, &str, &str, Chore)] = &[
    (
        "setup",
        "",
        "install what building and testing need",
        setup::command,
    ),
    (
        "icons",
        "",
        "draw the icons anew from icons/logo.svg",
        icons::command,
    ),
    (
        "ui",
        "[--fast]",
        "build the browser's bundle into ui/dist",
        ui::command,
    ),
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
    match COMMANDS.iter().find(|(known, ..)| known == name) {
        Some((.., chore)) => chore(rest),
        None => {
            help();
            bail!("there is no command `{name}`")
        }
    }
}

fn help() {
    say("cargo xtask COMMAND\n");
    for (name, arguments, purpose, _) in COMMANDS {
        say(format!("  {:<30} {purpose}", format!("{name} {arguments}")));
    }
}
