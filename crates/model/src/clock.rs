//! Time and chance as parameters, so that tests own both.

use jiff::Timestamp;

/// Where the current moment comes from.
pub trait Clock: Send + Sync {
    /// The current moment in UTC.
    fn now(&self) -> Timestamp;
}

/// Where randomness comes from. Implementations outside tests must be cryptographically secure: tokens are made from it.
pub trait Rng: Send {
    /// Fills the buffer with random bytes.
    fn fill(&mut self, buffer: &mut [u8]);
}

/// A clock that stands still: for tests, and for recalculations that must give the same answer twice.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(pub Timestamp);

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}
