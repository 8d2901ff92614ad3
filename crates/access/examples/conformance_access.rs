//! The decision function against the oracle, at the size that the security goals ask for. `cargo xtask conformance access`.
//! `ENGAGE_ORACLE_CASES` sets how many policies are tried (60 questions each; 20,000 without it).
#![expect(clippy::print_stdout, reason = "a command line's answer")]
#![expect(clippy::unwrap_used, reason = "a proof that cannot run shall stop")]

#[path = "../tests/common/mod.rs"]
mod common;
#[path = "../tests/common/oracle.rs"]
mod oracle;

fn main() {
    let cases = oracle::cases(20_000);
    let Some(tally) = oracle::compare(cases) else {
        println!(
            r#"{{"name":"decisions against the Python oracle","passed":0,"failed":0,"skipped":1}}"#
        );
        return;
    };
    let (passed, failed) = (tally.counts.iter().sum::<usize>(), tally.mismatches.len());
    println!(
        r#"{{"name":"decisions against the Python oracle","passed":{passed},"failed":{failed},"skipped":0}}"#
    );
    if failed > 0 {
        std::process::exit(1);
    }
}
