//! `cargo xtask conformance token-simulation`: one JSON object a line.

use std::path::PathBuf;
use std::process::ExitCode;

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
    let dir = root.join("token-simulation");
    let report = match flow::conformance::token_simulation(&dir) {
        Ok(report) => report,
        Err(error) => {
            eprintln!("{}: {error}", dir.display());
            return ExitCode::FAILURE;
        }
    };
    for case in report.cases.iter().filter(|case| !case.passed) {
        eprintln!("{}: {}", case.name, case.detail);
    }
    for level in ["exact", "outcome"] {
        println!(
            "{}",
            json!({"name": format!("token-simulation, {level}"), "passed": report.at(level), "failed": 0, "skipped": 0})
        );
    }
    println!(
        "{}",
        json!({"name": report.suite, "passed": report.passed(), "failed": report.failed(), "skipped": 0})
    );
    if report.failed() == 0 && !report.cases.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
