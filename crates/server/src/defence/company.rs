//! Slows down those who set out for companies and come back with nothing.
//!
//! Anybody can set out, and come back with a code that is none: each such code is asked about at the company's provider, where there
//! are few places. Counted are, apart from each other, what came to nothing from a network, and at a provider from everywhere. Beyond
//! a few a puzzle is asked for at the start, and whoever has solved one is heard: so people behind one address shut out nobody there.
//! Codes that the provider refused count once more: after very many from one network it waits. A browser that somebody has come through
//! the provider with before counts by itself, so that whoever shares its network costs it nothing.

use axum::http::HeaderValue;
use gridkeep_model::{ProviderId, SessionId, TenantId};
use gridkeep_store::{Allowance, StoreError, Tally};
use jiff::SignedDuration;

use super::{
    Visitor,
    arrivals::KNOWN,
    throttle::{FORGOTTEN, TRUSTED, Throttle, Verdict, What, after, from, longest, site, spend},
};
use crate::{error::ApiError, http::Cookie, secret::Token, site::Site};

/// Ways to companies that are begun from one network within a minute until each costs a puzzle: a house full of people begins its
/// day at once.
const DEPARTURES: u32 = 120;
/// Proofs anew that a session sets out for within a minute.
const SHOWINGS: u32 = 10;
/// What came to nothing at a provider, from one network, from all of an IPv6 site and from everywhere, until each start costs a puzzle:
/// whoever has a site has 65,536 networks, and is not to make it cost everybody else one.
const NETWORK_FREE_OF_PUZZLES: u32 = 20;
const SITE_FREE_OF_PUZZLES: u32 = 100;
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
    counted: Vec<What>,
    /// What is taken back where the provider was at fault.
    refused: What,
}

/// What a code is counted by, as hashes.
#[derive(Clone, Copy)]
struct Keys {
    /// What came to nothing at the provider from the network.
    here: What,
    /// The same from everywhere.
    everywhere: What,
    /// What came to nothing at the provider from the site that the network is one of.
    site: Option<What>,
    /// What the provider refused from the network.
    refused: What,
}

/// A browser at a provider, as hashes.
#[derive(Clone, Copy)]
struct Friend {
    /// Somebody came through with it.
    known: What,
    /// What came to nothing.
    wrong: What,
}

impl Throttle {
    fn keys(&self, visitor: &Visitor, provider: ProviderId) -> Keys {
        let (from, provider) = (from(visitor), provider.to_string());
        Keys {
            here: self.hash(&["exchanges", &provider, &from]),
            everywhere: self.hash(&["exchanges everywhere", &provider]),
            site: visitor
                .visit
                .address
                .and_then(site)
                .map(|site| self.hash(&["exchanges of site", &provider, &site.to_string()])),
            refused: self.hash(&["exchanges refused", &provider, &from]),
        }
    }

    fn friend(&self, browser: &Token, provider: ProviderId) -> Friend {
        let (browser, provider) = (browser.expose(), provider.to_string());
        Friend {
            known: self.hash(&["came through", &provider, browser]),
            wrong: self.hash(&["exchanges by", &provider, browser]),
        }
    }

    /// Somebody has come through a provider: their browser counts by itself there from now on, by the cookie that this gives. No
    /// account knows it by that.
    pub async fn came_through(
        &self,
        visitor: &Visitor,
        provider: ProviderId,
        site: &Site,
    ) -> Result<HeaderValue, ApiError> {
        let token = visitor.browser.clone().unwrap_or_else(|| Token::new(&self.chance));
        let (friend, now) = (self.friend(&token, provider), self.time.now());
        self.control
            .tally(now, move |tally| {
                tally.forget(&friend.wrong)?;
                tally.count(&friend.known, after(now, KNOWN))
            })
            .await?;
        Ok(Cookie::Known.keep(site, &token, Some(KNOWN.as_secs())))
    }

    /// Lets somebody set out for their company; whether it cost them a puzzle. Each minute counts by itself: whoever comes often was
    /// no guess.
    pub async fn departure(&self, visitor: &Visitor, provider: ProviderId) -> Result<bool, ApiError> {
        let now = self.time.now();
        let minute = (now.as_second() / 60).to_string();
        let own = self.hash(&["departures", &from(visitor), &minute]);
        let keys = self.keys(visitor, provider);
        let friend = visitor.browser.as_ref().map(|browser| {
            (self.friend(browser, provider), self.hash(&["departures", browser.expose(), &minute]))
        });
        let solution = self.solution(visitor, MATTER);
        let verdict = self
            .control
            .tally(now, move |tally| {
                let (own, among) = match friend {
                    Some((friend, own)) if friend.is_trusted(tally)? => (own, None),
                    _ => (own, Some(keys)),
                };
                let many = among.map(|keys| keys.are_many(tally)).transpose()?.unwrap_or(false);
                let suspicious = tally.tries(&own)?.failures >= DEPARTURES || many;
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
        let friend = visitor.browser.as_ref().map(|browser| self.friend(browser, provider));
        let counted = self
            .control
            .tally(now, move |tally| {
                if let Some(friend) = friend
                    && friend.is_trusted(tally)?
                {
                    tally.count(&friend.wrong, after(now, FORGOTTEN))?;
                    return Ok(Some((vec![friend.wrong], friend.wrong)));
                }
                if !paid && keys.are_many(tally)?
                    || longest(tally, &[(keys.refused, REFUSED)], now)?.is_some()
                {
                    return Ok(None);
                }
                for what in keys.all() {
                    tally.count(&what, after(now, FORGOTTEN))?;
                }
                Ok(Some((keys.all(), keys.refused)))
            })
            .await?;
        Ok(counted.map(|(counted, refused)| Exchange { throttle: self.clone(), counted, refused }))
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
        let Self { throttle, counted, refused } = self;
        let back = match fault {
            Some(Fault::Theirs) => return Ok(()),
            Some(Fault::Providers) => vec![refused],
            Some(Fault::Nobodys) | None => counted,
        };
        let settle = move |tally: &mut Tally<'_>| back.iter().try_for_each(|what| tally.take_back(what));
        Ok(throttle.control.tally(throttle.time.now(), settle).await?)
    }
}

impl Friend {
    /// Whether somebody came through with it before, and not too much came to nothing since: it may have been stolen.
    fn is_trusted(&self, tally: &mut Tally<'_>) -> Result<bool, StoreError> {
        Ok(tally.tries(&self.known)?.failures > 0 && tally.tries(&self.wrong)?.failures < TRUSTED)
    }
}

impl Keys {
    fn all(&self) -> Vec<What> {
        [Some(self.here), Some(self.everywhere), self.site, Some(self.refused)]
            .into_iter()
            .flatten()
            .collect()
    }

    /// Whether so many came to nothing that each costs a puzzle.
    fn are_many(&self, tally: &mut Tally<'_>) -> Result<bool, StoreError> {
        if let Some(site) = &self.site
            && tally.tries(site)?.failures >= SITE_FREE_OF_PUZZLES
        {
            return Ok(true);
        }
        Ok(tally.tries(&self.here)?.failures >= NETWORK_FREE_OF_PUZZLES
            || tally.tries(&self.everywhere)?.failures >= FREE_OF_PUZZLES)
    }
}
