//! Time and chance as the whole server shares them; injected, so that tests own both.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gridkeep_model::{Clock, Rng, RowId};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

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
pub struct Chance(Arc<Mutex<Source>>);

struct Source {
    rng: Box<dyn Rng>,
    /// The last of the ids that follow one another.
    last: Uuid,
}

impl Chance {
    /// Shares this source.
    pub fn new(rng: Box<dyn Rng>) -> Self {
        Self(Arc::new(Mutex::new(Source { rng, last: Uuid::nil() })))
    }

    /// This many random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.with(|rng| rng.fill(&mut bytes));
        bytes
    }

    /// Draws with the source itself, for ids.
    pub fn with<T>(&self, draw: impl FnOnce(&mut dyn Rng) -> T) -> T {
        draw(&mut *self.source().rng)
    }

    /// A row's id, after all that were drawn before it also within one millisecond: what is inserted together is read in the
    /// order it was inserted (RFC 9562 section 6.2, method 2).
    pub fn row_id(&self, time: &Time) -> RowId {
        let source = &mut *self.source();
        let mut id = RowId::new(time.clock(), &mut *source.rng).uuid();
        if id.as_u128() >> 80 == source.last.as_u128() >> 80 {
            let step = 1 + u128::from(id.as_u128() as u32);
            let next = Uuid::from_u128(source.last.as_u128() + step);
            // Beyond the bits that are random lies the variant: then chance alone has to do.
            if next.get_variant() == source.last.get_variant() {
                id = next;
            }
        }
        source.last = id;
        RowId::from_uuid(id)
    }

    fn source(&self) -> MutexGuard<'_, Source> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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

#[cfg(test)]
mod tests {
    use gridkeep_model::clock::FixedClock;

    use super::*;

    #[test]
    fn rows_of_one_millisecond_follow_one_another() {
        let chance = Chance::new(Box::new(SystemRng));
        let at =
            |millisecond| Time::new(Arc::new(FixedClock(Timestamp::from_millisecond(millisecond).unwrap())));
        let (one, next) = (at(1_000), at(1_001));
        let mut ids: Vec<RowId> = (0..1_000).map(|_| chance.row_id(&one)).collect();
        ids.push(chance.row_id(&next));
        assert!(ids.is_sorted_by(|one, other| one < other));
        assert!(ids.iter().all(|id| id.uuid().get_version_num() == 7));
        // A clock that was set back draws by chance again.
        assert!(chance.row_id(&one) < ids[1_000]);
    }
}
