//! Time and chance that a test owns: the same run gives the same ids.

use std::sync::atomic::{AtomicI64, Ordering};

use gridkeep_model::{Clock, clock::Rng};
use jiff::Timestamp;

/// A clock that moves by a fixed step each time it is read, starting 2026-01-01T00:00:00Z.
#[derive(Debug)]
pub struct StepClock {
    millisecond: AtomicI64,
    step: i64,
}

impl StepClock {
    /// A clock that gains this many milliseconds a reading.
    pub const fn new(step_milliseconds: i64) -> Self {
        Self { millisecond: AtomicI64::new(1_767_225_600_000), step: step_milliseconds }
    }

    /// Moves it without reading it.
    pub fn advance(&self, milliseconds: i64) {
        self.millisecond.fetch_add(milliseconds, Ordering::Relaxed);
    }
}

impl Default for StepClock {
    fn default() -> Self {
        Self::new(1)
    }
}

impl Clock for StepClock {
    fn now(&self) -> Timestamp {
        let now = self.millisecond.fetch_add(self.step, Ordering::Relaxed);
        Timestamp::from_millisecond(now).unwrap_or(Timestamp::MAX)
    }
}

/// Chance that is no chance: SplitMix64 from a seed. Never for a program, only for tests.
#[derive(Debug, Clone)]
pub struct SeededRng(u64);

impl SeededRng {
    /// The same seed gives the same bytes.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

impl Default for SeededRng {
    fn default() -> Self {
        Self::new(1)
    }
}

impl Rng for SeededRng {
    fn fill(&mut self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use gridkeep_model::RowId;

    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_ids_in_order() {
        let ids = || {
            let (clock, mut rng) = (StepClock::default(), SeededRng::new(7));
            (0..10).map(|_| RowId::new(&clock, &mut rng)).collect::<Vec<_>>()
        };
        assert_eq!(ids(), ids());
        assert!(ids().is_sorted());
    }
}
