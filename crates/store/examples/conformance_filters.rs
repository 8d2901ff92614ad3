//! `cargo xtask conformance filters`: random conditions on random records, evaluated by `rules`, matched as filters in memory,
//! and asked of SQLite and PostgreSQL. `--count N` compares another number of them, `--seed N` others.

use std::process::ExitCode;
use std::time::Instant;

use serde_json::json;

#[path = "../tests/things/alike.rs"]
mod alike;
#[path = "../tests/things/dice.rs"]
mod dice;
#[path = "../tests/things/mod.rs"]
mod things;
use things::create;

#[tokio::main]
#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the figures are this program's output"
)]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |name: &str, default: u64| {
        let at = arguments.iter().position(|word| word == name)?;
        arguments.get(at + 1)?.parse().ok().or(Some(default))
    };
    let count = number("--count", 100_000).unwrap_or(100_000);
    let seed = number("--seed", 2026).unwrap_or(2026);
    let file = store::testing::sqlite().await;
    let server = store::testing::postgres().await;
    let mut databases = vec![file.db.clone()];
    databases.extend(server.as_ref().map(|server| server.db.clone()));
    for db in &databases {
        if let Err(why) = create(db).await {
            eprintln!("no table: {why}");
            return ExitCode::FAILURE;
        }
    }
    let begun = Instant::now();
    let outcome = alike::compare(
        &databases,
        seed,
        usize::try_from(count).unwrap_or(usize::MAX),
    )
    .await;
    let (tally, failed) = match outcome {
        Ok(tally) => (tally, 0),
        Err(difference) => {
            eprintln!("seed {seed}: {difference}");
            (alike::Tally::default(), 1)
        }
    };
    println!(
        "{}",
        json!({"name": "conditions as filters, in memory and in SQL", "passed": tally.conditions, "failed": failed, "skipped": 0})
    );
    println!(
        "{}",
        json!({"name": "filter trees, in memory and in SQL", "passed": tally.trees, "failed": failed, "skipped": 0})
    );
    for (name, value, unit) in [
        (
            "conditions that no filter says, each with its part",
            tally.refused,
            "",
        ),
        ("records found", tally.found, ""),
        ("databases", databases.len(), ""),
    ] {
        println!("{}", json!({"name": name, "value": value, "unit": unit}));
    }
    println!(
        "{}",
        json!({"name": "whole run", "value": begun.elapsed().as_secs_f64(), "unit": "s"})
    );
    // Half of the promise is about PostgreSQL: without it nothing is shown.
    if failed == 0 && databases.len() == 2 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
