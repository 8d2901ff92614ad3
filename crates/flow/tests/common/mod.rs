use std::path::PathBuf;

/// A folder of the shared test data, or `None` (said aloud) where it is not at hand.
pub fn testdata(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("ENGAGE_TESTDATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/testdata"),
        PathBuf::from,
    );
    let dir = root.join(folder);
    if !dir.is_dir() {
        println!("skipped: no data");
        return None;
    }
    Some(dir)
}
