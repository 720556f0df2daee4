//! Slows down guessing: after a few failed tries an account can be tried from that address only now and then.
//!
//! The count is per account *and* address, so that nobody can lock somebody else out (NIST SP 800-63B-4 section 3.2.2 asks for
//! a limit, ASVS warns of the lock-out), and per address alone, so that many accounts are not tried from one place.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

use crate::{chance::Time, error::ApiError};

/// Failed tries that cost nothing, for one account from one address.
const FREE: u32 = 5;
/// Failed tries that cost nothing, for all accounts from one address.
const FREE_FROM_ADDRESS: u32 = 50;
const FIRST_WAIT: u64 = 30;
const LONGEST_WAIT: u64 = 3_600;
/// Entries kept; beyond, the oldest go: a flood of addresses must not take the memory.
const ENTRIES: usize = 20_000;

/// Counts failed tries.
#[derive(Clone)]
pub struct Throttle {
    time: Time,
    entries: Arc<Mutex<HashMap<Key, Entry>>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    /// Lower case; `None` counts for the address alone.
    account: Option<String>,
    address: Option<IpAddr>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    failures: u32,
    last: Timestamp,
}

/// Permission for one try. Counts as failed unless [`Attempt::succeeded`]: so tries at the same moment all count.
pub struct Attempt {
    throttle: Throttle,
    keys: [Key; 2],
}

impl Throttle {
    /// Nobody has tried yet.
    pub fn new(time: Time) -> Self {
        Self { time, entries: Arc::default() }
    }

    /// Lets a try happen, or says how long to wait.
    pub fn attempt(&self, account: &str, address: Option<IpAddr>) -> Result<Attempt, ApiError> {
        self.attempt_as(Some(account), None, address)
    }

    /// Lets a mail be asked for, or says how long to wait. Mails count apart from guesses: a house that asks for many still
    /// signs in.
    pub fn mail(&self, what: &str, address: Option<IpAddr>) -> Result<(), ApiError> {
        self.attempt_as(Some(what), Some("mails"), address).map(drop)
    }

    fn attempt_as(
        &self,
        account: Option<&str>,
        all: Option<&str>,
        address: Option<IpAddr>,
    ) -> Result<Attempt, ApiError> {
        let key = |account: Option<&str>| Key {
            account: account.map(str::to_lowercase),
            address: address.map(network),
        };
        let keys = [key(account), key(all)];
        let now = self.time.now();
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = keys.iter().zip([FREE, FREE_FROM_ADDRESS]).filter_map(|(key, free)| {
            let entry = entries.get(key)?;
            let wait = wait(entry.failures, free)?;
            let passed = now.duration_since(entry.last).as_secs().max(0) as u64;
            (passed < wait).then(|| wait - passed)
        });
        if let Some(seconds) = wait.max() {
            return Err(ApiError::TooManyTries(seconds));
        }
        make_room(&mut entries, now);
        for key in &keys {
            let entry = entries.entry(key.clone()).or_insert(Entry { failures: 0, last: now });
            entry.failures = entry.failures.saturating_add(1);
            entry.last = now;
        }
        drop(entries);
        Ok(Attempt { throttle: self.clone(), keys })
    }
}

impl Attempt {
    /// The try was no guess: the account's count starts anew, the address's goes back by one.
    pub fn succeeded(self) {
        let mut entries = self.throttle.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.remove(&self.keys[0]);
        if let Some(entry) = entries.get_mut(&self.keys[1]) {
            entry.failures = entry.failures.saturating_sub(1);
        }
    }
}

/// Seconds between two tries after so many failures; doubles each time.
fn wait(failures: u32, free: u32) -> Option<u64> {
    let beyond = failures.checked_sub(free)?;
    Some((FIRST_WAIT << beyond.min(16)).min(LONGEST_WAIT))
}

/// An IPv6 subscriber owns at least a /64: it counts as one address.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into()),
        },
    }
}

fn make_room(entries: &mut HashMap<Key, Entry>, now: Timestamp) {
    if entries.len() + 2 <= ENTRIES {
        return;
    }
    let forget = SignedDuration::from_secs(2 * LONGEST_WAIT as i64);
    entries.retain(|_, entry| now.duration_since(entry.last) < forget);
    if entries.len() + 2 > ENTRIES {
        let mut ages: Vec<_> = entries.values().map(|entry| entry.last).collect();
        let (_, median, _) = ages.select_nth_unstable(ENTRIES / 2);
        let median = *median;
        entries.retain(|_, entry| entry.last > median);
    }
}

#[cfg(test)]
mod tests {
    use gridkeep_model::clock::FixedClock;

    use super::*;

    fn at(second: i64) -> Time {
        Time::new(Arc::new(FixedClock(Timestamp::from_second(second).unwrap())))
    }

    #[test]
    fn waits_grow_per_account_and_address() {
        let mut throttle = Throttle::new(at(0));
        let (here, there) = (Some("192.0.2.1".parse().unwrap()), Some("192.0.2.2".parse().unwrap()));
        for _ in 0..FREE {
            assert!(throttle.attempt("Ada@example.com", here).is_ok());
        }
        let wait = |throttle: &Throttle, from| match throttle.attempt("ada@example.com", from) {
            Err(ApiError::TooManyTries(seconds)) => seconds,
            _ => 0,
        };
        assert_eq!(wait(&throttle, here), 30);
        assert_eq!(wait(&throttle, there), 0);
        throttle.time = at(31);
        assert_eq!(wait(&throttle, here), 0);
        assert_eq!(wait(&throttle, here), 60);
        throttle.time = at(100);
        throttle.attempt("ada@example.com", here).ok().unwrap().succeeded();
        assert_eq!(wait(&throttle, here), 0);
    }

    #[test]
    fn a_flood_is_forgotten() {
        let throttle = Throttle::new(at(0));
        for index in 0..30_000_u32 {
            let address = IpAddr::V4((0x0a00_0000 + index).into());
            assert!(throttle.attempt("a", Some(address)).is_ok());
        }
        assert!(throttle.entries.lock().unwrap().len() <= ENTRIES);
    }
}
