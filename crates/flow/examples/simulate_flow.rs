//! `cargo xtask simulate`: 100,000 seeds, or `--seeds N`, or one with `--seed S`; one JSON object a line.

use std::process::ExitCode;

use serde_json::json;

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the figures are this program's output"
)]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)?.parse::<u64>().ok()
    };
    let seeds = match number("--seed") {
        Some(seed) => seed..seed + 1,
        None => 0..number("--seeds").unwrap_or(100_000),
    };
    let (mut passed, mut failed) = (0_u64, 0_u64);
    for seed in seeds {
        match flow::simulate(seed) {
            Ok(_) => passed += 1,
            Err(failure) => {
                failed += 1;
                eprintln!(
                    "{failure}\n{}\n{}",
                    failure.process,
                    failure.history.join("\n")
                );
            }
        }
    }
    println!(
        "{}",
        json!({"name": "flow", "passed": passed, "failed": failed, "skipped": 0})
    );
    if failed == 0 && passed > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
