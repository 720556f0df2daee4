//! Slows down guessing: after a few failed tries an account can be tried from that network only now and then, and after some
//! more from anywhere only by whoever solves a puzzle each time.
//!
//! Counted are, in the control database: an account from a network, so that one person's mistakes cost nobody else anything;
//! a network alone, so that many accounts are not tried from one place; an account from everywhere, for guessing from many
//! places (NIST SP 800-63B-4 section 3.2.2 asks for at most 100 failed tries in a row). A browser that its owner has signed in
//! with before is counted by itself and slowed by nothing of that, so strangers lock nobody out.

use std::{net::IpAddr, sync::Arc};

use aws_lc_rs::hmac;
use gridkeep_identity::work::Puzzles;
use gridkeep_model::AccountId;
use gridkeep_store::{Control, StoreError, Tally};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretBox};

use super::Visitor;
use crate::{
    chance::{Chance, Time},
    error::ApiError,
    http::network,
    secret::Token,
};

/// Failed tries that cost nothing, for one account from one network or known browser.
const FREE: u32 = 5;
/// Failed tries that cost nothing, for all accounts from one network.
const FREE_FROM_NETWORK: u32 = 50;
/// Failed tries of one account from everywhere until each costs a puzzle, and until one in an hour is all there is.
const FREE_OF_PUZZLES: u32 = 10;
const MOST_IN_A_ROW: u32 = 100;
/// Failed tries from one network until each costs a puzzle.
const NETWORK_FREE_OF_PUZZLES: u32 = 20;
/// The same from all networks of an IPv6 site: whoever has a /48 has 65,536 of them.
const SITE_FREE_OF_PUZZLES: u32 = 400;
/// A known browser with more failed tries is one like any other: it may have been stolen.
pub(super) const TRUSTED: u32 = 20;
/// New accounts from one network within a day that cost no puzzle, and the most there are.
const FREE_ACCOUNTS: u32 = 20;
const MOST_ACCOUNTS: u32 = 200;
/// New accounts on all of the server within an hour, until each costs a puzzle.
const FREE_ACCOUNTS_OF_ALL: u32 = 500;
/// Tokens of directories that were nobody's, from one network: directories of many companies come from a few.
const FREE_TOKENS: u32 = 200;
/// Mails about new browsers until some time without any.
const TOLD: u32 = 5;
const FIRST_WAIT: u64 = 30;
const LONGEST_WAIT: u64 = 3_600;
/// When failed tries are forgotten that no other followed.
pub(super) const FORGOTTEN: SignedDuration = SignedDuration::from_hours(2);
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// A browser solves a puzzle in about half this many hashings: less than a second on a phone.
pub const WORK: u32 = 200_000;

/// The matter of whoever signs in.
pub const SIGN_IN: &str = "sign-in";

pub(super) type What = [u8; 32];

/// Counts failed tries. Cheap to clone.
#[derive(Clone)]
pub struct Throttle {
    pub(super) control: Control,
    puzzles: Arc<Puzzles>,
    key: Arc<hmac::Key>,
    work: u32,
    pub(super) time: Time,
    pub(super) chance: Chance,
}

/// Permission for one try. Counts as failed unless [`Attempt::succeeded`]: so tries at the same moment all count.
pub struct Attempt {
    throttle: Throttle,
    here: What,
    /// What else counts; a known browser counts for itself alone.
    beyond: Option<Keys>,
    slows: bool,
}

/// What a try is counted by, as hashes.
#[derive(Clone, Copy)]
struct Keys {
    /// The account, or what else is tried, from this network or by this browser.
    here: What,
    /// The network.
    network: What,
    /// The site that the network is one of.
    site: Option<What>,
    /// The account from everywhere.
    everywhere: What,
}

/// Whether a try may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It may; whether the next one has to wait when this one fails.
    Go { slows: bool },
    /// In so many seconds.
    Wait(u64),
    /// With a puzzle's solution.
    Work,
}

impl Throttle {
    /// With a key of the server's for puzzles, and to keep what is counted from being guessed; `work` is how dear a puzzle is:
    /// see [`WORK`].
    pub fn new(control: Control, key: &SecretBox<[u8; 32]>, work: u32, time: Time, chance: Chance) -> Self {
        let hash = hmac::Key::new(hmac::HMAC_SHA256, key.expose_secret());
        Self { control, puzzles: Arc::new(Puzzles::new(key)), key: Arc::new(hash), work, time, chance }
    }

    /// Lets somebody try to prove that they are an account's owner, or says what that costs. `matter` says by what: each is
    /// counted by itself.
    pub async fn attempt(&self, matter: &str, account: &str, visitor: &Visitor) -> Result<Attempt, ApiError> {
        let account = account.to_lowercase();
        let from = from(visitor);
        let site = visitor.visit.address.and_then(site);
        let browser = visitor.browser.as_ref().map(|token| self.browser(token, &account));
        let stranger = Keys {
            here: self.hash(&["here", matter, &account, &from]),
            network: self.hash(&["network", &from]),
            site: site.map(|site| self.hash(&["site", &site.to_string()])),
            everywhere: self.hash(&["everywhere", matter, &account]),
        };
        let friend = browser.map(|browser| (browser, self.hash_of_browser(matter, &browser)));
        let solution = self.solution(visitor, matter);
        let now = self.time.now();
        let (here, beyond, verdict) = self
            .control
            .tally(now, move |tally| {
                if let Some((browser, here)) = friend
                    && tally.knows(&browser)?
                    && tally.tries(&here)?.failures < TRUSTED
                {
                    let verdict = of_friend(tally, here, now)?;
                    if matches!(verdict, Verdict::Go { .. }) {
                        tally.count(&here, after(now, FORGOTTEN))?;
                    }
                    return Ok((here, None, verdict));
                }
                let verdict = of_stranger(tally, stranger, solution, now)?;
                if matches!(verdict, Verdict::Go { .. }) {
                    tally.count(&stranger.here, after(now, FORGOTTEN))?;
                    for network in [Some(stranger.network), stranger.site].into_iter().flatten() {
                        tally.count(&network, after(now, FORGOTTEN))?;
                    }
                    tally.count(&stranger.everywhere, after(now, DAY))?;
                }
                Ok((stranger.here, Some(stranger), verdict))
            })
            .await?;
        let slows = self.go(verdict, matter)?;
        Ok(Attempt { throttle: self.clone(), here, beyond, slows })
    }

    /// Lets somebody make an account, or says what that costs: many from one network are a flood.
    pub async fn sign_up(&self, visitor: &Visitor) -> Result<(), ApiError> {
        const MATTER: &str = "sign-up";
        let from = from(visitor);
        let now = self.time.now();
        let hour = (now.as_second() / 3_600).to_string();
        let (own, all) = (self.hash(&["accounts", &from]), self.hash(&["accounts of all", &hour]));
        let solution = self.solution(visitor, MATTER);
        let verdict = self
            .control
            .tally(now, move |tally| {
                let (made, of_all) = (tally.tries(&own)?.failures, tally.tries(&all)?.failures);
                if made >= MOST_ACCOUNTS {
                    return Ok(Verdict::Wait(LONGEST_WAIT));
                }
                if (made >= FREE_ACCOUNTS || of_all >= FREE_ACCOUNTS_OF_ALL) && !spend(tally, solution)? {
                    return Ok(Verdict::Work);
                }
                tally.count(&own, after(now, DAY))?;
                tally.count(&all, after(now, FORGOTTEN))?;
                Ok(Verdict::Go { slows: false })
            })
            .await?;
        self.go(verdict, MATTER).map(drop)
    }

    /// Lets somebody make another tenant, or says how long to wait: each costs a database and a key, and one that has ended is
    /// erased later only.
    pub async fn found(&self, account: AccountId, visitor: &Visitor) -> Result<(), ApiError> {
        let own = self.hash(&["tenants", &account.to_string()]);
        let network = self.hash(&["tenants from", &from(visitor)]);
        let now = self.time.now();
        let verdict = self
            .control
            .tally(now, move |tally| {
                let waits = [(own, FREE), (network, FREE_FROM_NETWORK)];
                if let Some(seconds) = longest(tally, &waits, now)? {
                    return Ok(Verdict::Wait(seconds));
                }
                tally.count(&own, after(now, DAY))?;
                tally.count(&network, after(now, FORGOTTEN))?;
                Ok(Verdict::Go { slows: false })
            })
            .await?;
        self.go(verdict, "tenant").map(drop)
    }

    /// Lets a mail be asked for, or says how long to wait. Mails count apart from guesses: a house that asks for many still
    /// signs in.
    pub async fn mail(&self, matter: &str, address: &str, visitor: &Visitor) -> Result<(), ApiError> {
        let from = from(visitor);
        let here = self.hash(&["mail", matter, address, &from]);
        let all = self.hash(&["mails", &from]);
        let now = self.time.now();
        let verdict = self
            .control
            .tally(now, move |tally| {
                let waits = [(here, FREE), (all, FREE_FROM_NETWORK)];
                if let Some(seconds) = longest(tally, &waits, now)? {
                    return Ok(Verdict::Wait(seconds));
                }
                tally.count(&here, after(now, FORGOTTEN))?;
                tally.count(&all, after(now, FORGOTTEN))?;
                Ok(Verdict::Go { slows: false })
            })
            .await?;
        self.go(verdict, matter).map(drop)
    }

    /// Lets somebody show another token that is nobody's, or says how long to wait.
    pub async fn token(&self, visitor: &Visitor) -> Result<(), ApiError> {
        let from = visitor.visit.address.map(network).map_or_else(String::new, |network| network.to_string());
        let (all, now) = (self.hash(&["tokens", &from]), self.time.now());
        let verdict = self
            .control
            .tally(now, move |tally| {
                if let Some(seconds) = longest(tally, &[(all, FREE_TOKENS)], now)? {
                    return Ok(Verdict::Wait(seconds));
                }
                tally.count(&all, after(now, FORGOTTEN))?;
                Ok(Verdict::Go { slows: false })
            })
            .await?;
        self.go(verdict, "token").map(drop)
    }

    /// Whether somebody is to be told of one more new browser: a few in an hour are enough.
    pub(super) async fn tells(&self, account: &str) -> Result<bool, ApiError> {
        let (told, now) = (self.hash(&["told", account]), self.time.now());
        let count = move |tally: &mut Tally<'_>| {
            tally.count(&told, after(now, FORGOTTEN))?;
            Ok(tally.tries(&told)?.failures <= TOLD)
        };
        Ok(self.control.tally(now, count).await?)
    }

    /// Forgets what was tried from everywhere to sign in to an account.
    pub(super) async fn forget(&self, account: &str) -> Result<(), ApiError> {
        let everywhere = self.hash(&["everywhere", SIGN_IN, account]);
        Ok(self.control.tally(self.time.now(), move |tally| tally.forget(&everywhere)).await?)
    }

    /// What a browser is known by to an account: nothing without the key.
    pub(super) fn browser(&self, token: &Token, account: &str) -> What {
        self.hash(&["browser", token.expose(), account])
    }

    fn hash_of_browser(&self, matter: &str, browser: &What) -> What {
        self.hash(&["here", matter, &crate::secret::hex(browser)])
    }

    pub(super) fn hash(&self, parts: &[&str]) -> What {
        let mut context = hmac::Context::with_key(&self.key);
        for part in parts {
            context.update(part.as_bytes());
            context.update(&[0]);
        }
        let mut hash = [0; 32];
        hash.copy_from_slice(context.sign().as_ref());
        hash
    }

    /// A solution that is right; whether it is new the database knows.
    pub(super) fn solution(&self, visitor: &Visitor, matter: &str) -> Option<(What, Timestamp)> {
        let solution = self.puzzles.check(visitor.work.as_deref()?, matter, self.time.now()).ok()?;
        Some((solution.id, solution.expires))
    }

    pub(super) fn go(&self, verdict: Verdict, matter: &str) -> Result<bool, ApiError> {
        match verdict {
            Verdict::Go { slows } => Ok(slows),
            Verdict::Wait(seconds) => Err(ApiError::TooManyTries(seconds)),
            Verdict::Work => {
                let now = self.time.now();
                let puzzle = self.chance.with(|rng| self.puzzles.make(matter, self.work, now, rng));
                Err(ApiError::WorkRequired(Box::new(puzzle)))
            }
        }
    }
}

impl Attempt {
    /// The try was no guess: the account's counts start anew, the network's goes back by one. What strangers tried goes on
    /// counting when its owner comes with a known browser.
    pub async fn succeeded(self) -> Result<(), ApiError> {
        let Self { throttle, here, beyond, .. } = self;
        let settle = move |tally: &mut Tally<'_>| {
            tally.forget(&here)?;
            if let Some(Keys { network, site, everywhere, .. }) = beyond {
                tally.forget(&everywhere)?;
                for network in [Some(network), site].into_iter().flatten() {
                    tally.take_back(&network)?;
                }
            }
            Ok(())
        };
        Ok(throttle.control.tally(throttle.time.now(), settle).await?)
    }

    /// What the try came to, if it came to be judged: one that was turned away because too many came at once was none. Otherwise
    /// whoever comes back when told to would have to wait longer each time.
    pub async fn judged<T>(self, found: Result<T, ApiError>) -> Result<(Self, T), ApiError> {
        match found {
            Ok(found) => Ok((self, found)),
            Err(turned_away @ (ApiError::Crowded(_) | ApiError::Overloaded)) => {
                self.never_was().await?;
                Err(turned_away)
            }
            Err(error) => Err(error),
        }
    }

    /// Nothing was tried after all.
    pub async fn never_was(self) -> Result<(), ApiError> {
        let Self { throttle, here, beyond, .. } = self;
        let undo = move |tally: &mut Tally<'_>| {
            tally.take_back(&here)?;
            if let Some(Keys { network, site, everywhere, .. }) = beyond {
                for counted in [Some(network), site, Some(everywhere)].into_iter().flatten() {
                    tally.take_back(&counted)?;
                }
            }
            Ok(())
        };
        Ok(throttle.control.tally(throttle.time.now(), undo).await?)
    }

    /// Whether nothing is known of the browser it is made with.
    pub fn is_of_stranger(&self) -> bool {
        self.beyond.is_some()
    }

    /// Whether the next one has to wait if this one fails.
    pub fn slows(&self) -> bool {
        self.slows
    }
}

fn of_friend(tally: &mut Tally<'_>, here: What, now: Timestamp) -> Result<Verdict, StoreError> {
    Ok(match longest(tally, &[(here, FREE)], now)? {
        Some(seconds) => Verdict::Wait(seconds),
        None => Verdict::Go { slows: tally.tries(&here)?.failures + 1 == FREE },
    })
}

fn of_stranger(
    tally: &mut Tally<'_>,
    keys: Keys,
    solution: Option<(What, Timestamp)>,
    now: Timestamp,
) -> Result<Verdict, StoreError> {
    let waits = [(keys.here, FREE), (keys.network, FREE_FROM_NETWORK)];
    let everywhere = tally.tries(&keys.everywhere)?;
    let mut wait = longest(tally, &waits, now)?;
    if everywhere.failures >= MOST_IN_A_ROW {
        wait = wait.max(left(now, everywhere.last, LONGEST_WAIT));
    }
    if let Some(seconds) = wait {
        return Ok(Verdict::Wait(seconds));
    }
    let mut suspicious = everywhere.failures >= FREE_OF_PUZZLES
        || tally.tries(&keys.network)?.failures >= NETWORK_FREE_OF_PUZZLES;
    if let Some(site) = keys.site {
        suspicious |= tally.tries(&site)?.failures >= SITE_FREE_OF_PUZZLES;
    }
    if suspicious && !spend(tally, solution)? {
        return Ok(Verdict::Work);
    }
    Ok(Verdict::Go { slows: tally.tries(&keys.here)?.failures + 1 == FREE })
}

/// Uses up a solution, if there is one that nobody has used.
pub(super) fn spend(tally: &mut Tally<'_>, solution: Option<(What, Timestamp)>) -> Result<bool, StoreError> {
    match solution {
        Some((id, until)) => tally.spend(&id, until),
        None => Ok(false),
    }
}

/// The longest of the waits that these ask for.
pub(super) fn longest(
    tally: &mut Tally<'_>,
    all: &[(What, u32)],
    now: Timestamp,
) -> Result<Option<u64>, StoreError> {
    let mut longest = None;
    for (what, free) in all {
        let tries = tally.tries(what)?;
        if let Some(wait) = wait(tries.failures, *free) {
            longest = longest.max(left(now, tries.last, wait));
        }
    }
    Ok(longest)
}

/// What is left of a wait; `None` when it is over.
fn left(now: Timestamp, since: Timestamp, wait: u64) -> Option<u64> {
    let passed = now.duration_since(since).as_secs().max(0) as u64;
    (passed < wait).then(|| wait - passed)
}

/// Seconds between two tries after so many failures; doubles each time.
fn wait(failures: u32, free: u32) -> Option<u64> {
    let beyond = failures.checked_sub(free)?;
    Some((FIRST_WAIT << beyond.min(16)).min(LONGEST_WAIT))
}

/// A site with IPv6 owns a /48 at most: all that somebody at home or in a small company can be given.
pub(super) fn site(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V6(v6) if v6.to_ipv4_mapped().is_none() => {
            Some(IpAddr::V6((u128::from(v6) & !(u128::MAX >> 48)).into()))
        }
        _ => None,
    }
}

/// The network somebody comes from, as a text.
pub(super) fn from(visitor: &Visitor) -> String {
    visitor.visit.address.map(network).map_or_else(String::new, |network| network.to_string())
}

pub(super) fn after(now: Timestamp, duration: SignedDuration) -> Timestamp {
    now.saturating_add(duration).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let check =
            |failures: u32, expect: Option<u64>| assert_eq!(wait(failures, FREE), expect, "{failures}");
        check(0, None);
        check(4, None);
        check(5, Some(30));
        check(6, Some(60));
        check(12, Some(3_600));
        check(u32::MAX, Some(3_600));
    }

    #[test]
    fn a_subscriber_is_one_network_of_a_site() {
        let check = |address: &str, own: &str, whole: Option<&str>| {
            let address = address.parse().unwrap();
            assert_eq!(network(address), own.parse::<IpAddr>().unwrap(), "{address}");
            assert_eq!(site(address), whole.map(|site| site.parse().unwrap()), "{address}");
        };
        check("192.0.2.7", "192.0.2.7", None);
        check("::ffff:192.0.2.7", "192.0.2.7", None);
        check("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::", Some("2001:db8:1::"));
    }
}
