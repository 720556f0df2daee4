//! When whoever is turned away from the queue of passwords is to come back.
//!
//! **Architecture Invariant:** however many come, one moment is remembered. Each is told a turn of its own, one hashing after the
//! other: told the same moment, a crowd comes back as a crowd, is turned away as one, and what others ask for waits meanwhile. A
//! turn is a hint: no place is held for it, and whoever never waits may be there first. Who finds none then is told another.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::chance::Chance;

/// What a hashing is thought to take until one was seen.
const FIRST: SignedDuration = SignedDuration::from_millis(200);
/// One that took longer (the machine slept, its clock was set) counts as this long.
const LONGEST: SignedDuration = SignedDuration::from_secs(5);
/// Nobody is told to wait for longer: who comes after that gets some moment of the second half.
const MOST: i64 = 60;
/// So much a new observation counts: one of so many.
const MEMORY: i32 = 8;

/// Hands out turns.
pub(super) struct Turns {
    at_once: i32,
    /// Hashings that the queue holds when it is half empty: the first turn is then, so that it is likely to find a place.
    half: i32,
    state: Mutex<State>,
}

struct State {
    hashing: SignedDuration,
    /// The latest turn that somebody has.
    last: Timestamp,
}

impl Turns {
    /// So many are hashed at once, and so many wait for it.
    pub(super) fn new(at_once: usize, waiting: usize) -> Self {
        let number = |count: usize| i32::try_from(count.max(1)).unwrap_or(i32::MAX);
        let state = State { hashing: FIRST, last: Timestamp::MIN };
        Self { at_once: number(at_once), half: number(waiting / 2), state: Mutex::new(state) }
    }

    /// A hashing took so long.
    pub(super) fn took(&self, time: SignedDuration) {
        let time = time.clamp(SignedDuration::from_millis(1), LONGEST);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let further = (time - state.hashing) / MEMORY;
        state.hashing += further;
    }

    /// The next turn, in seconds from now: from 1 to 60.
    pub(super) fn next(&self, now: Timestamp, chance: &Chance) -> u64 {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let one = state.hashing / self.at_once;
        let earliest = now.saturating_add(one * self.half).unwrap_or(Timestamp::MAX);
        let turn = state.last.max(earliest).saturating_add(one).unwrap_or(Timestamp::MAX);
        let seconds = turn.duration_since(now).as_secs() + 1;
        if seconds > MOST {
            let [byte] = chance.bytes();
            return (MOST - i64::from(byte) % (MOST / 2)).unsigned_abs();
        }
        state.last = turn;
        seconds.unsigned_abs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::SystemRng;

    #[test]
    fn a_crowd_comes_back_one_after_the_other() {
        let chance = Chance::new(Box::new(SystemRng));
        let second = |second| Timestamp::from_second(second).unwrap();
        let turns = Turns::new(2, 32);
        // 100 ms each: half a queue takes 1.6 s, and then ten have their turn in a second.
        let told: Vec<_> = (0..500).map(|_| turns.next(second(1_000), &chance)).collect();
        assert_eq!(told[..6], [2, 2, 2, 3, 3, 3]);
        assert_eq!((told[500 - 1], told.iter().filter(|told| **told == 40).count()), (52, 10));
        // Later ones get one of the times that are left, spread.
        let told: Vec<_> = (0..600).map(|_| turns.next(second(1_000), &chance)).skip(100).collect();
        assert!(told.iter().all(|told| (31..=60).contains(told)), "{told:?}");
        assert!((31..=60).all(|time| told.contains(&time)), "{told:?}");
        // A while later nobody is left.
        assert_eq!(turns.next(second(1_100), &chance), 2);
    }

    #[test]
    fn how_long_hashing_takes_is_learnt() {
        let chance = Chance::new(Box::new(SystemRng));
        let check = |took: i64, expect: u64| {
            let turns = Turns::new(1, 20);
            for _ in 0..60 {
                turns.took(SignedDuration::from_millis(took));
            }
            assert_eq!(turns.next(Timestamp::UNIX_EPOCH, &chance), expect, "{took}");
        };
        check(100, 2);
        check(1_000, 11);
        check(-5, 1);
        check(1_000_000, 55);
    }
}
