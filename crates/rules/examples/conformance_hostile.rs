//! `cargo xtask conformance hostile`: the expressions that mean harm, each held to 20 ms of processor time and 16 MiB, from
//! reading the text to letting go of the value.

use std::process::ExitCode;
use std::time::Instant;

use peak_alloc::PeakAlloc;
use rules::{Expression, Scope};
use serde_json::json;

#[path = "../tests/hostile/texts.rs"]
mod texts;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const MILLISECONDS: f64 = 20.0;
const MEBIBYTES: f64 = 16.0;

/// Seconds that this thread has had a processor; elsewhere than on Linux, the clock.
fn spent(since: Instant) -> f64 {
    let counted = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = counted.and_then(|line| line.split(' ').next()?.parse::<f64>().ok());
    nanos.map_or_else(|| since.elapsed().as_secs_f64(), |nanos| nanos / 1e9)
}

/// The milliseconds (the best of three: a first run also warms the machine) and the mebibytes that one takes.
#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn take(text: &str, scope: &Scope) -> (f64, f64) {
    let (mut time, mut memory) = (f64::INFINITY, 0.0_f64);
    for _ in 0..3 {
        let (begun, used) = (Instant::now(), MEMORY.current_usage());
        let before = spent(begun);
        MEMORY.reset_peak_usage();
        if let Ok(expression) = Expression::parse(text) {
            drop(expression.evaluate(scope));
        }
        time = time.min((spent(begun) - before) * 1e3);
        let peak = MEMORY.peak_usage().saturating_sub(used);
        memory = memory.max(peak as f64 / f64::from(1 << 20));
    }
    (time, memory)
}

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the figures are this program's output"
)]
fn main() -> ExitCode {
    let scope = Scope::new().with("y", 1);
    let texts = texts::hostile();
    let (mut slowest, mut largest, mut failed) = (0.0_f64, 0.0_f64, 0);
    for text in &texts {
        let (time, memory) = take(text, &scope);
        if time > MILLISECONDS || memory > MEBIBYTES {
            let shown: String = text.chars().take(90).collect();
            eprintln!("{shown}: {time:.1} ms, {memory:.1} MiB");
            failed += 1;
        }
        (slowest, largest) = (slowest.max(time), largest.max(memory));
    }
    println!(
        "{}",
        json!({"name": "expressions that mean harm", "passed": texts.len() - failed, "failed": failed, "skipped": 0})
    );
    println!(
        "{}",
        json!({"name": "the slowest", "value": slowest, "unit": "ms", "goal": format!("<= {MILLISECONDS}")})
    );
    println!(
        "{}",
        json!({"name": "the largest", "value": largest, "unit": "MiB", "goal": format!("<= {MEBIBYTES}")})
    );
    if failed == 0 && texts.len() >= 300 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
