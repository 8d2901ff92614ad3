//! How fast one session may ask: enough for any person and for a busy screen, not for who copies everything that may be seen.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use kernel::{Code, Error, Result};
use uuid::Uuid;

/// What is left to each session: a bucket that fills evenly and holds a minute's worth. Kept by each node for itself.
#[derive(Default)]
pub struct Paces(Mutex<HashMap<Uuid, Bucket>>);

struct Bucket {
    left: f64,
    at: Instant,
}

/// Sessions beyond so many: those whose buckets are full again are forgotten.
const HELD: usize = 10_000;

impl Paces {
    /// One request at `now`; [`Code::Throttled`] when the minute's worth is used up. 0: no limit.
    pub fn take(&self, session: Uuid, per_minute: u32, now: Instant) -> Result<()> {
        if per_minute == 0 {
            return Ok(());
        }
        let most = f64::from(per_minute);
        let rate = most / 60.0;
        let filled = |bucket: &Bucket| {
            let since = now.saturating_duration_since(bucket.at).as_secs_f64();
            (bucket.left + since * rate).min(most)
        };
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= HELD && !held.contains_key(&session) {
            held.retain(|_, bucket| filled(bucket) < most);
        }
        let bucket = held.entry(session).or_insert(Bucket {
            left: most,
            at: now,
        });
        bucket.left = filled(bucket);
        bucket.at = now;
        if bucket.left < 1.0 {
            let seconds = ((1.0 - bucket.left) / rate).ceil().max(1.0);
            return Err(Error::new(Code::Throttled).with("seconds", seconds as u64));
        }
        bucket.left -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_minutes_worth_at_once_and_then_as_it_fills() {
        let (paces, now) = (Paces::default(), Instant::now());
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let asked = |session, at| paces.take(session, 60, at).is_ok();
        assert!((0..60).all(|_| asked(one, now)) && !asked(one, now));
        assert!(asked(other, now), "another session has its own");
        assert!(!asked(one, now + Duration::from_millis(900)));
        let later = now + Duration::from_millis(2_100);
        assert!(asked(one, later) && asked(one, later) && !asked(one, later));
        // However long nothing was asked, no more than a minute's worth is there.
        let next_day = now + Duration::from_hours(24);
        assert!((0..60).all(|_| asked(one, next_day)) && !asked(one, next_day));
        assert!((0..1_000).all(|_| paces.take(one, 0, next_day).is_ok()));
        let refused = paces.take(one, 60, next_day).unwrap_err();
        assert_eq!(
            (refused.code(), refused.args()["seconds"].as_str()),
            (Code::Throttled, "1")
        );
    }
}
