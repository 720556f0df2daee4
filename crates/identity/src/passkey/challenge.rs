//! Challenges that the server need not remember: a signature says that one is ours, for what, for whom and until when.
//!
//! **Architecture Invariant:** a challenge is worth one answer. Nothing is kept of those that are handed out, however many
//! ask; whoever accepts one remembers its hash until it is too old.

use aws_lc_rs::{
    digest::{SHA256, digest},
    hmac,
};
use gridkeep_model::Rng;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretBox};

/// How long an answer may take.
const LIFETIME: SignedDuration = SignedDuration::from_mins(5);
const RANDOM: usize = 16;
const MOMENT: usize = 8;

/// What a challenge is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Signing in with a passkey alone.
    SignIn,
    /// The second step of a sign-in, by its half sign-in.
    Step,
    /// Proving anew who one is, by the session.
    Proof,
    /// A new passkey, by the account.
    SetUp,
}

/// A challenge that was accepted: never to be again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    /// Its hash.
    pub hash: [u8; 32],
    /// From then on it is refused anyway.
    pub expires: Timestamp,
}

pub(super) struct Challenges(hmac::Key);

impl Challenges {
    pub(super) fn new(key: &SecretBox<[u8; 32]>) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key.expose_secret()))
    }

    pub(super) fn make(&self, purpose: Purpose, whose: &[u8], now: Timestamp, rng: &mut dyn Rng) -> Vec<u8> {
        let mut challenge = vec![0; RANDOM];
        rng.fill(&mut challenge);
        let expires = now.saturating_add(LIFETIME).unwrap_or(Timestamp::MAX);
        challenge.extend_from_slice(&expires.as_second().to_be_bytes());
        let tag = hmac::sign(&self.0, &signed(purpose, whose, &challenge));
        challenge.extend_from_slice(tag.as_ref());
        challenge
    }

    /// `None` when it is not ours, for something or somebody else, or too old.
    pub(super) fn check(
        &self,
        challenge: &[u8],
        purpose: Purpose,
        whose: &[u8],
        now: Timestamp,
    ) -> Option<Spent> {
        let (text, tag) = challenge.split_at_checked(RANDOM + MOMENT)?;
        hmac::verify(&self.0, &signed(purpose, whose, text), tag).ok()?;
        let moment = i64::from_be_bytes(text.get(RANDOM..)?.try_into().ok()?);
        let expires = Timestamp::from_second(moment).ok().filter(|expires| now < *expires)?;
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, challenge).as_ref());
        Some(Spent { hash, expires })
    }
}

/// The text comes last and has one length, so that no two askers share a signature.
fn signed(purpose: Purpose, whose: &[u8], text: &[u8]) -> Vec<u8> {
    let word: &[u8] = match purpose {
        Purpose::SignIn => b"sign-in",
        Purpose::Step => b"step",
        Purpose::Proof => b"proof",
        Purpose::SetUp => b"set-up",
    };
    [word, b"\0", whose, text].concat()
}
