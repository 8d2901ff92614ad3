//! The machine's clock and its source of randomness: the one place that may take them.

use std::sync::Arc;

use kernel::{Ambient, Clock, Moment, Rng};

#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where the time comes in")]
    fn now(&self) -> Moment {
        let elapsed = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Moment::from_micros(i64::try_from(elapsed.as_micros()).unwrap_or(i64::MAX))
    }
}

#[derive(Debug, Clone, Copy, Default)]
pub struct OsRng;

impl Rng for OsRng {
    #[expect(
        clippy::expect_used,
        reason = "without randomness no token is safe: better to stop"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives no randomness");
    }
}

/// Real time and real chance.
pub fn ambient() -> Ambient {
    Ambient::new(Arc::new(SystemClock), Arc::new(OsRng))
}
