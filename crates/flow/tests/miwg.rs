//! The MIWG reference models, when the data is at hand.
#![cfg(feature = "conformance")]

mod common;

#[test]
fn every_reference_model_is_read_drawn_and_written_back() {
    let Some(dir) = common::testdata("bpmn-miwg") else {
        return;
    };
    let report = flow::conformance::miwg(&dir).expect("the folder can be read");
    let failed: Vec<_> = report.cases.iter().filter(|case| !case.passed).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert_eq!(report.cases.len(), 21);
}
