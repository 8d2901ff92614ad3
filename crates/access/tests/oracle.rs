//! The decision function against an oracle that was written apart from it, in another language, from the same rules: more
//! than 150,000 questions. `cargo xtask conformance access` asks 1,200,000.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

mod common;
#[path = "common/oracle.rs"]
mod oracle;

#[test]
fn the_oracle_decides_alike() {
    let Some(tally) = oracle::compare(oracle::cases(2_500)) else {
        eprintln!("skipped: no python3");
        return;
    };
    if let Some(first) = tally.mismatches.first() {
        panic!("{} mismatches, the first:\n{first}", tally.mismatches.len());
    }
    let all: usize = tally.counts.iter().sum();
    // The world is small enough that every answer comes up often.
    assert!(
        tally.counts.iter().all(|c| c * 500 > all),
        "{:?}",
        tally.counts
    );
    eprintln!("allowed, denied, need approval: {:?}", tally.counts);
}
