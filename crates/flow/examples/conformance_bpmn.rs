//! `cargo xtask conformance bpmn --dir DIR`: any folder of BPMN files, file by file; one JSON object a line.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the figures are this program's output"
)]
fn main() -> ExitCode {
    let mut arguments = std::env::args_os()
        .skip(1)
        .filter(|argument| argument != "--dir");
    let Some(dir) = arguments.next().map(PathBuf::from) else {
        eprintln!("--dir DIR: which folder?");
        return ExitCode::FAILURE;
    };
    let report = match flow::conformance::folder(&dir) {
        Ok(report) => report,
        Err(error) => {
            eprintln!("{}: {error}", dir.display());
            return ExitCode::FAILURE;
        }
    };
    for case in &report.cases {
        eprintln!(
            "{} {}: {}",
            if case.passed { "ok  " } else { "FAIL" },
            case.name,
            case.detail
        );
        let (passed, failed) = (u32::from(case.passed), u32::from(!case.passed));
        println!(
            "{}",
            json!({"name": case.name, "passed": passed, "failed": failed, "skipped": 0, "detail": case.detail})
        );
    }
    if report.failed() == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
