//! A clock that a test can move from outside: the machine's, plus what a file says.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use kernel::{Clock, Error, Moment, Result, Span};
use store::SystemClock;

struct ShiftedClock(Arc<AtomicI64>);

impl Clock for ShiftedClock {
    fn now(&self) -> Moment {
        SystemClock.now() + Span::from_secs(self.0.load(Ordering::Relaxed))
    }
}

/// The clock for this configuration. A shifted one is refused where nobody asked for it by name: whoever can write a file
/// must not be able to move the time of a company.
pub fn from(offset_file: Option<PathBuf>) -> Result<Arc<dyn Clock>> {
    let Some(file) = offset_file else {
        return Ok(Arc::new(SystemClock));
    };
    if std::env::var_os("ENGAGE_TEST_CLOCK").is_none_or(|v| v != "1") {
        return Err(Error::invalid("clock_offset_file", "test_clock_only"));
    }
    let seconds = Arc::new(AtomicI64::new(read(&file).unwrap_or(0)));
    let shared = Arc::clone(&seconds);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_millis(100)).await;
            if let Some(offset) = read(&file) {
                shared.store(offset, Ordering::Relaxed);
            }
        }
    });
    Ok(Arc::new(ShiftedClock(seconds)))
}

fn read(file: &std::path::Path) -> Option<i64> {
    std::fs::read_to_string(file).ok()?.trim().parse().ok()
}
