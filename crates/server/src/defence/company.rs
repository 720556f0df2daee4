//! Slows down those who set out for companies and come back with nothing.
//!
//! Anybody can set out, and come back with a code that is none: each such code is asked about at the company's provider, where there
//! are few places. Counted are, apart from each other, what came to nothing from a network, and at a provider from everywhere. Beyond
//! a few a puzzle is asked for at the start, and whoever has solved one is heard: so people behind one address shut out nobody there.
//! Codes that the provider refused count once more: after very many from one network it waits.

use gridkeep_model::{ProviderId, SessionId, TenantId};
use gridkeep_store::{Allowance, StoreError, Tally};
use jiff::SignedDuration;

use super::{
    Visitor,
    throttle::{FORGOTTEN, Throttle, Verdict, What, after, from, longest, spend},
};
use crate::error::ApiError;

/// Ways to companies that are begun from one network within a minute until each costs a puzzle: a house full of people begins its
/// day at once.
const DEPARTURES: u32 = 120;
/// Proofs anew that a session sets out for within a minute.
const SHOWINGS: u32 = 10;
/// What came to nothing at a provider, from one network and from everywhere, until each start costs a puzzle.
const NETWORK_FREE_OF_PUZZLES: u32 = 20;
const FREE_OF_PUZZLES: u32 = 200;
/// Codes a provider refused from one network until it waits, with puzzles or without.
const REFUSED: u32 = 200;
/// What a puzzle is for.
const MATTER: &str = "company";

/// Whose fault it is that nobody came of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Whoever brought it.
    Theirs,
    /// The provider's, as far as anybody can tell.
    Providers,
    /// Nothing was asked.
    Nobodys,
}

/// A code that is asked about. Counts as refused until it is settled: so those at the same moment all count.
pub struct Exchange {
    throttle: Throttle,
    keys: Keys,
}

/// What a code is counted by, as hashes.
#[derive(Clone, Copy)]
struct Keys {
    /// What came to nothing at the provider from the network.
    here: What,
    /// The same from everywhere.
    everywhere: What,
    /// What the provider refused from the network.
    refused: What,
}

impl Throttle {
    fn keys(&self, visitor: &Visitor, provider: ProviderId) -> Keys {
        let (from, provider) = (from(visitor), provider.to_string());
        Keys {
            here: self.hash(&["exchanges", &provider, &from]),
            everywhere: self.hash(&["exchanges everywhere", &provider]),
            refused: self.hash(&["exchanges refused", &provider, &from]),
        }
    }

    /// Lets somebody set out for their company; whether it cost them a puzzle. Each minute counts by itself: whoever comes often was
    /// no guess.
    pub async fn departure(&self, visitor: &Visitor, provider: ProviderId) -> Result<bool, ApiError> {
        let now = self.time.now();
        let own = self.hash(&["departures", &from(visitor), &(now.as_second() / 60).to_string()]);
        let keys = self.keys(visitor, provider);
        let solution = self.solution(visitor, MATTER);
        let verdict = self
            .control
            .tally(now, move |tally| {
                let suspicious = tally.tries(&own)?.failures >= DEPARTURES || keys.are_many(tally)?;
                if suspicious && !spend(tally, solution)? {
                    return Ok(Verdict::Work);
                }
                tally.count(&own, after(now, SignedDuration::from_mins(2)))?;
                Ok(Verdict::Go { slows: suspicious })
            })
            .await?;
        self.go(verdict, MATTER)
    }

    /// Lets somebody set out to show anew who they are, or says how long to wait: by the session, so that it costs nobody else
    /// anything.
    pub async fn showing(&self, session: SessionId) -> Result<(), ApiError> {
        let now = self.time.now();
        let second = now.as_second();
        let own = self.hash(&["showings", &session.to_string(), &(second / 60).to_string()]);
        let left = u64::try_from(60 - second.rem_euclid(60)).unwrap_or(60);
        let verdict = self
            .control
            .tally(now, move |tally| {
                if tally.tries(&own)?.failures >= SHOWINGS {
                    return Ok(Verdict::Wait(left));
                }
                tally.count(&own, after(now, SignedDuration::from_mins(2)))?;
                Ok(Verdict::Go { slows: false })
            })
            .await?;
        self.go(verdict, MATTER).map(drop)
    }

    /// Lets a code be asked about; `None` when too many from there came to nothing, unless it was paid for with a puzzle.
    pub async fn exchange(
        &self,
        visitor: &Visitor,
        provider: ProviderId,
        paid: bool,
    ) -> Result<Option<Exchange>, ApiError> {
        let now = self.time.now();
        let keys = self.keys(visitor, provider);
        let goes = self
            .control
            .tally(now, move |tally| {
                if !paid && keys.are_many(tally)?
                    || longest(tally, &[(keys.refused, REFUSED)], now)?.is_some()
                {
                    return Ok(false);
                }
                for what in keys.all() {
                    tally.count(&what, after(now, FORGOTTEN))?;
                }
                Ok(true)
            })
            .await?;
        Ok(goes.then(|| Exchange { throttle: self.clone(), keys }))
    }

    /// How many more people a tenant's company may bring within this hour whom nobody here knows.
    pub fn newcomers(&self, tenant: TenantId, most: u32) -> Allowance {
        let now = self.time.now();
        let hour = (now.as_second() / 3_600).to_string();
        Allowance {
            what: self.hash(&["newcomers", &tenant.to_string(), &hour]),
            most,
            until: after(now, FORGOTTEN),
        }
    }
}

impl Exchange {
    /// What came of it; nothing was wrong when `None`.
    pub async fn settle(self, fault: Option<Fault>) -> Result<(), ApiError> {
        let Self { throttle, keys } = self;
        let back = match fault {
            Some(Fault::Theirs) => return Ok(()),
            Some(Fault::Providers) => vec![keys.refused],
            Some(Fault::Nobodys) | None => keys.all().to_vec(),
        };
        let settle = move |tally: &mut Tally<'_>| back.iter().try_for_each(|what| tally.take_back(what));
        Ok(throttle.control.tally(throttle.time.now(), settle).await?)
    }
}

impl Keys {
    fn all(&self) -> [What; 3] {
        [self.here, self.everywhere, self.refused]
    }

    /// Whether so many came to nothing that each costs a puzzle.
    fn are_many(&self, tally: &mut Tally<'_>) -> Result<bool, StoreError> {
        Ok(tally.tries(&self.here)?.failures >= NETWORK_FREE_OF_PUZZLES
            || tally.tries(&self.everywhere)?.failures >= FREE_OF_PUZZLES)
    }
}
