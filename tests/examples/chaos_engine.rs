//! `cargo xtask chaos F1` (F2, F4, F6, F7, F9): the scenarios of `journeys::chaos` in full, with their controls; `--short`
//! for the form that the tests run.

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Result;
use journeys::chaos::{self, SCENARIOS, Size};

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let size = if words.iter().any(|word| word == "--short") {
        Size::Short
    } else {
        Size::Full
    };
    let named: Vec<&str> = words
        .iter()
        .filter(|word| !word.starts_with('-'))
        .map(String::as_str)
        .collect();
    let chosen = if named.is_empty() {
        &SCENARIOS[..]
    } else {
        &named
    };
    let mut good = true;
    for scenario in chosen {
        for score in chaos::run(scenario, size).await? {
            good &= score.failed == 0;
            writeln!(std::io::stdout(), "{}", score.line())?;
        }
    }
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
