//! The token-simulation cases, when the data is at hand.
#![cfg(feature = "conformance")]

mod common;

#[test]
fn every_case_gives_the_expected_trace() {
    let Some(dir) = common::testdata("token-simulation") else {
        return;
    };
    let report = flow::conformance::token_simulation(&dir).expect("the folder can be read");
    let failed: Vec<_> = report.cases.iter().filter(|case| !case.passed).collect();
    for case in &report.cases {
        println!("{:60} {:?} {}", case.name, case.level, case.detail);
    }
    assert!(failed.is_empty(), "{} failed: {failed:#?}", failed.len());
    assert_eq!(report.cases.len(), 87);
    assert_eq!(report.at("exact"), 86);
}
