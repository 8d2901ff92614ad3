//! `cargo xtask bench flow`: one JSON object a line.

use std::process::ExitCode;
use std::time::Instant;

use serde_json::json;

#[expect(clippy::print_stdout, reason = "the figures are this program's output")]
fn main() -> ExitCode {
    let Some(plan) = flow::bench::row(10) else {
        return ExitCode::FAILURE;
    };
    flow::bench::run(&plan, 1_000);
    let begin = Instant::now();
    let work = flow::bench::run(&plan, 100_000);
    let rate = work.steps as f64 / begin.elapsed().as_secs_f64();
    println!(
        "{}",
        json!({"name": "kernel in memory", "value": rate.round(), "unit": "steps/s", "goal": ">= 500000"})
    );
    let Ok(definitions) = flow::xml::read(&flow::bench::large(1_000)) else {
        return ExitCode::FAILURE;
    };
    let begin = Instant::now();
    let findings = flow::lint::lint(&definitions);
    let lint = begin.elapsed().as_secs_f64() * 1_000.0;
    println!(
        "{}",
        json!({"name": "lint of 1,000 elements", "value": lint, "unit": "ms", "goal": "<= 100"})
    );
    if rate >= 500_000.0 && lint <= 100.0 && !findings.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
