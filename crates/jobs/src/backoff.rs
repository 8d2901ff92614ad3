use std::time::Duration;

use kernel::Span;

/// How the jobs of a kind are run.
#[derive(Clone, Debug)]
pub struct Policy {
    /// How often a job is begun before it is a dead letter. Lost leases count: a job that kills its node ends too.
    pub attempts: i64,
    /// How many run at once on this node. As many again are held ready.
    pub limit: usize,
    /// Whoever runs longer gives its place to the next and goes on beside: what hangs must not keep the others waiting.
    pub patience: Duration,
    /// How many may go on so; when there are as many, what runs long keeps its place.
    pub ward: usize,
    /// How long one run may take.
    pub timeout: Duration,
    /// How long a lease lasts. It is prolonged every third of it.
    pub lease: Duration,
    /// The pause after the first failure; it doubles with each.
    pub first_pause: Duration,
    pub longest_pause: Duration,
    /// The other side recognises the effect key: what was armed when its node died may be begun again.
    pub repeatable: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            attempts: 10,
            limit: 32,
            patience: Duration::from_secs(2),
            ward: 256,
            timeout: Duration::from_secs(60),
            lease: Duration::from_secs(10),
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(600),
            repeatable: false,
        }
    }
}

impl Policy {
    /// How long to wait before the next attempt, after `attempt` of them (from 1). `chance` is any number: it spreads the
    /// retries of jobs that failed together over the second half of the pause.
    pub fn pause(&self, attempt: i64, chance: u32) -> Span {
        let doublings = u32::try_from(attempt.clamp(1, 31) - 1).unwrap_or(0);
        let full = self
            .first_pause
            .saturating_mul(1_u32 << doublings)
            .min(self.longest_pause);
        let half = i64::try_from(full.as_micros() / 2).unwrap_or(i64::MAX / 2);
        let spread = i64::try_from(i128::from(half) * i128::from(chance) / i128::from(u32::MAX))
            .unwrap_or(0);
        Span::from_micros(half + spread)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_are_spread_over_their_second_half() {
        let policy = Policy::default();
        assert_eq!(policy.pause(1, 0), Span::from_millis(500));
        assert_eq!(policy.pause(1, u32::MAX), Span::from_secs(1));
        assert_eq!(policy.pause(3, u32::MAX), Span::from_secs(4));
        assert_eq!(policy.pause(40, u32::MAX), Span::from_secs(600));
        assert_eq!(policy.pause(i64::MAX, 0), Span::from_secs(300));
    }
}
