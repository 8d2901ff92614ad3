//! `cargo xtask bench rules`: one JSON object a line.

use std::process::ExitCode;

use rules::bench;
use serde_json::json;

#[expect(clippy::print_stdout, reason = "the figures are this program's output")]
fn main() -> ExitCode {
    let mut good = true;
    for figure in bench::all() {
        good &= figure.value <= figure.goal;
        println!(
            "{}",
            json!({"name": figure.name, "value": figure.value, "unit": figure.unit, "goal": format!("<= {}", figure.goal)})
        );
    }
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
