//! A folder of files, good and bad.
#![cfg(feature = "conformance")]

mod common;

use std::path::Path;

#[test]
fn a_bad_file_does_not_stop_the_others() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/models");
    let report = flow::conformance::folder(&dir).expect("the folder can be read");
    let names: Vec<&str> = report.cases.iter().map(|case| &*case.name).collect();
    assert_eq!(
        names,
        [
            "broken/no-drawing.bpmn",
            "broken/not-xml.bpmn",
            "visit.bpmn"
        ]
    );
    assert_eq!((report.passed(), report.failed()), (2, 1));
    let detail = |at: usize| &report.cases[at].detail;
    assert!(
        detail(0).contains("laid out") && detail(0).contains("0 of 1 processes can run"),
        "{}",
        detail(0)
    );
    assert!(detail(1).contains("not valid XML"), "{}", detail(1));
    assert!(
        detail(2).contains("1 of 1 processes can run"),
        "{}",
        detail(2)
    );
}

#[test]
fn the_public_models_pass_as_a_folder_too() {
    for folder in ["bpmn-miwg", "token-simulation"] {
        let Some(dir) = common::testdata(folder) else {
            return;
        };
        let report = flow::conformance::folder(&dir).expect("the folder can be read");
        let failed: Vec<_> = report.cases.iter().filter(|case| !case.passed).collect();
        assert!(failed.is_empty(), "{failed:#?}");
        assert!(report.passed() > 20);
    }
}
