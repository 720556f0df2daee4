//! Time and chance as the whole server shares them; injected, so that tests own both.

use std::sync::{Arc, Mutex, PoisonError};

use gridkeep_model::{Clock, Rng};
use jiff::{SignedDuration, Timestamp};

/// The clock every room looks at.
#[derive(Clone)]
pub struct Time(Arc<dyn Clock>);

impl Time {
    /// Shares this clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self(clock)
    }

    /// The current moment in UTC.
    pub fn now(&self) -> Timestamp {
        self.0.now()
    }

    /// The moment this far ahead; the furthest one there is when that is beyond the calendar.
    pub fn after(&self, duration: SignedDuration) -> Timestamp {
        self.now().saturating_add(duration).unwrap_or(Timestamp::MAX)
    }

    /// The clock itself, for ids.
    pub fn clock(&self) -> &dyn Clock {
        &*self.0
    }
}

/// The source of chance every room draws from: cryptographically secure outside tests.
#[derive(Clone)]
pub struct Chance(Arc<Mutex<Box<dyn Rng>>>);

impl Chance {
    /// Shares this source.
    pub fn new(rng: Box<dyn Rng>) -> Self {
        Self(Arc::new(Mutex::new(rng)))
    }

    /// This many random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.with(|rng| rng.fill(&mut bytes));
        bytes
    }

    /// Draws with the source itself, for ids.
    pub fn with<T>(&self, draw: impl FnOnce(&mut dyn Rng) -> T) -> T {
        draw(&mut **self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The system's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The system's secure random numbers.
#[derive(Debug, Clone, Copy)]
pub struct SystemRng;

impl Rng for SystemRng {
    /// # Panics
    /// When the operating system gives no randomness: nothing secret can be made then.
    fn fill(&mut self, buffer: &mut [u8]) {
        aws_lc_rs::rand::fill(buffer).expect("the operating system gives randomness");
    }
}
