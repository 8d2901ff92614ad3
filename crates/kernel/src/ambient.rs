use std::sync::Arc;

use crate::{Id, Moment};

/// Where the time comes from. The service reads the machine's clock; a test turns its own.
pub trait Clock: Send + Sync {
    /// The present instant. May repeat, and may step back when the machine's clock is set.
    fn now(&self) -> Moment;
}

/// Where chance comes from. Must be unpredictable in the service: session tokens are made of it.
pub trait Rng: Send + Sync {
    /// Fills the whole slice.
    fn fill(&self, bytes: &mut [u8]);
}

/// The two things that a pure program may not take by itself.
#[derive(Clone)]
pub struct Ambient {
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
}

impl Ambient {
    pub fn new(clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Self {
        Self { clock, rng }
    }

    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// A new identity (UUID v7, RFC 9562 §5.7): sorts by the time it was made.
    pub fn id<T>(&self) -> Id<T> {
        let mut random = [0; 10];
        self.rng.fill(&mut random);
        Id::from_parts(self.now(), random)
    }

    /// `N` bytes of chance, for tokens and salts.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill(&mut bytes);
        bytes
    }

    /// The same chance under another clock, for a part of the product that runs on simulated time.
    pub fn with_clock(&self, clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            rng: Arc::clone(&self.rng),
        }
    }
}

impl std::fmt::Debug for Ambient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ambient")
    }
}
