//! Every case of the DMN TCK passes, but for the folders that the runner names with a reason.

use std::path::PathBuf;

use rules::tck;

#[test]
fn every_case_passes() {
    let root = std::env::var_os("ENGAGE_TESTDATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/testdata"),
        PathBuf::from,
    );
    let directory = root.join("dmn-tck");
    if !directory.is_dir() {
        eprintln!("skipped: no data");
        return;
    }
    let report = tck::run(&directory).unwrap();
    for failure in &report.failures {
        eprintln!(
            "{} {}: expected {}, found {}",
            failure.case, failure.node, failure.expected, failure.found
        );
    }
    eprintln!(
        "{} passed, {} failed, {} skipped; mean {} ns a case, {:?} in all",
        report.passed(),
        report.failed(),
        report.skipped(),
        report.mean_nanos(),
        report.whole
    );
    assert_eq!(report.failed(), 0);
    assert!(report.passed() > 0);
}
