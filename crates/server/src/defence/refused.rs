//! Keys and tokens of programs that were refused: counted in memory, and written into the log together, so that whoever shows wrong ones
//! by the thousand costs the database nothing.
//!
//! **Architecture Invariant:** what is counted here is bounded, whoever makes what up; a crash loses a minute of it.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use gridkeep_model::AccountId;
use gridkeep_store::LoginMethod;
use jiff::Timestamp;

use crate::http::{Visit, network};

/// Lines counted at once; the rest are nobody's from nowhere.
const MOST: usize = 500;

/// What was refused, of whom and from where.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Line {
    method: &'static str,
    pub(super) account: Option<AccountId>,
    /// The network: an address, of IPv6 a subscriber's.
    pub(super) network: Option<String>,
}

/// How often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) method: LoginMethod,
    pub(super) times: u32,
    pub(super) last: Timestamp,
    /// What the first called itself.
    pub(super) agent: Option<String>,
}

/// What was refused since it was last written down.
#[derive(Debug, Default)]
pub(super) struct Refused(Mutex<HashMap<Line, Count>>);

impl Refused {
    /// Counts one more.
    pub(super) fn count(
        &self,
        method: LoginMethod,
        account: Option<AccountId>,
        visit: Visit,
        now: Timestamp,
    ) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let network = visit.address.map(|address| network(address).to_string());
        let mut line = Line { method: method.word(), account, network };
        let mut agent = visit.agent;
        if lines.len() >= MOST && !lines.contains_key(&line) {
            line = Line { account: None, network: None, ..line };
            agent = None;
        }
        let count = lines.entry(line).or_insert(Count { method, times: 0, last: now, agent });
        count.times = count.times.saturating_add(1);
        count.last = now;
    }

    /// All of it; it is somebody else's to write down now.
    pub(super) fn take(&self) -> HashMap<Line, Count> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_bounded() {
        let refused = Refused::default();
        let now = Timestamp::UNIX_EPOCH;
        let from = |number: u32| Visit {
            address: Some(std::net::Ipv4Addr::from(number).into()),
            agent: Some(number.to_string()),
        };
        for number in 0..2 * MOST as u32 {
            refused.count(LoginMethod::ApiKey, None, from(number), now);
        }
        refused.count(LoginMethod::ApiKey, None, from(7), now);
        let all = refused.take();
        assert_eq!(all.len(), MOST + 1);
        let of = |network: Option<&str>| {
            all.iter().find(|(line, _)| line.network.as_deref() == network).unwrap().1.times
        };
        assert_eq!((of(Some("0.0.0.7")), of(None)), (2, MOST as u32));
        assert!(refused.take().is_empty());
    }
}
