//! `cargo xtask conformance dmn`: the DMN TCK, one JSON object a line for each folder, then the whole.

use std::path::PathBuf;
use std::process::ExitCode;

use rules::tck;
use serde_json::json;

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the figures are this program's output"
)]
fn main() -> ExitCode {
    let root = std::env::var_os("ENGAGE_TESTDATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/testdata"),
        PathBuf::from,
    );
    let directory = root.join("dmn-tck");
    let report = match tck::run(&directory) {
        Ok(report) => report,
        Err(error) => {
            eprintln!("{}: {error}", directory.display());
            return ExitCode::FAILURE;
        }
    };
    for failure in &report.failures {
        eprintln!(
            "{} {}: expected {}, found {}",
            failure.case, failure.node, failure.expected, failure.found
        );
    }
    for (case, reason) in &report.skips {
        eprintln!("skipped {case}: {reason}");
    }
    for folder in &report.folders {
        println!(
            "{}",
            json!({"name": folder.name, "passed": folder.passed, "failed": folder.failed, "skipped": folder.skipped})
        );
    }
    println!(
        "{}",
        json!({"name": "DMN TCK", "passed": report.passed(), "failed": report.failed(), "skipped": report.skipped()})
    );
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let mean = report.mean_nanos() as f64 / 1000.0;
    println!(
        "{}",
        json!({"name": "mean evaluation of a case", "value": mean, "unit": "µs", "goal": "<= 23"})
    );
    println!(
        "{}",
        json!({"name": "whole run", "value": report.whole.as_secs_f64(), "unit": "s"})
    );
    if report.failed() == 0 && report.passed() > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
