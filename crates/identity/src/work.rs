//! Proof of work: a puzzle that costs a browser a second and a flood of requests its pace (the ALTCHA scheme, version 1).
//!
//! The server keeps nothing of a puzzle it hands out: its signature says that it is ours, for what and until when. A solution
//! is worth one request; whoever calls remembers [`Solution::id`] until [`Solution::expires`].

use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{SHA256, digest},
    hmac,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use gridkeep_model::Rng;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretBox};
use serde::{Deserialize, Serialize};

/// How long a puzzle may take.
const LIFETIME: SignedDuration = SignedDuration::from_mins(10);
/// A solution's text is shorter than this.
const LONGEST: usize = 2_000;
const ALGORITHM: &str = "SHA-256";

/// A puzzle, as the widget reads it: find the number, at most `maxnumber`, for which `SHA-256(salt + number)` is `challenge`.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Puzzle {
    /// Always `SHA-256`.
    pub algorithm: String,
    /// Hexadecimal.
    pub challenge: String,
    /// The largest number to try.
    pub maxnumber: u32,
    /// What stands before the number; ends with until when and for what.
    pub salt: String,
    /// HMAC-SHA-256 of the challenge, hexadecimal.
    pub signature: String,
}

/// A puzzle that was solved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solution {
    /// Which one: never to be accepted again.
    pub id: [u8; 32],
    /// From then on it is refused anyway.
    pub expires: Timestamp,
}

/// Why a solution was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsolved {
    /// It is no solution at all.
    #[error("no solution of a puzzle")]
    Form,
    /// The puzzle is not ours, or for something else.
    #[error("a foreign puzzle")]
    Foreign,
    /// The puzzle is too old.
    #[error("an old puzzle")]
    Expired,
    /// The number is wrong.
    #[error("a wrong number")]
    Wrong,
}

#[derive(Deserialize)]
struct Payload {
    algorithm: String,
    challenge: String,
    number: u64,
    salt: String,
    signature: String,
}

/// Makes puzzles and checks solutions.
pub struct Puzzles {
    key: hmac::Key,
}

impl Puzzles {
    /// Signed with this key.
    pub fn new(key: &SecretBox<[u8; 32]>) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, key.expose_secret()) }
    }

    /// A puzzle for one purpose (a word of ours); `maxnumber` is how dear it is: twice the hashings it takes on average.
    pub fn make(&self, purpose: &str, maxnumber: u32, now: Timestamp, rng: &mut dyn Rng) -> Puzzle {
        let mut bytes = [0; 20];
        rng.fill(&mut bytes);
        let (salt, number) = bytes.split_at(16);
        let number = u32::from_le_bytes(number.try_into().unwrap_or_default()) % maxnumber.max(1);
        let expires = now.saturating_add(LIFETIME).unwrap_or(Timestamp::MAX).as_second();
        // The ampersand at the end keeps digits of the number from becoming part of a parameter.
        let salt = format!("{}?expires={expires}&for={purpose}&", hex(salt));
        let challenge = hex(challenge_of(&salt, number.into()).as_ref());
        let signature = hex(hmac::sign(&self.key, challenge.as_bytes()).as_ref());
        Puzzle { algorithm: ALGORITHM.to_owned(), challenge, maxnumber, salt, signature }
    }

    /// Checks what a widget sent: base64 of JSON.
    pub fn check(&self, text: &str, purpose: &str, now: Timestamp) -> Result<Solution, Unsolved> {
        if text.len() > LONGEST {
            return Err(Unsolved::Form);
        }
        let json = STANDARD.decode(text).map_err(|_| Unsolved::Form)?;
        let payload: Payload = serde_json::from_slice(&json).map_err(|_| Unsolved::Form)?;
        let signature = bytes(&payload.signature).ok_or(Unsolved::Form)?;
        let challenge = bytes(&payload.challenge).ok_or(Unsolved::Form)?;
        if payload.algorithm != ALGORITHM {
            return Err(Unsolved::Form);
        }
        hmac::verify(&self.key, payload.challenge.as_bytes(), &signature).map_err(|_| Unsolved::Foreign)?;
        // From here on the challenge is ours; that the salt is its own the number shows.
        if verify_slices_are_equal(challenge_of(&payload.salt, payload.number).as_ref(), &challenge).is_err()
        {
            return Err(Unsolved::Wrong);
        }
        let parameter = |name: &str| {
            let (_, query) = payload.salt.split_once('?')?;
            query
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .find(|(key, _)| *key == name)
                .map(|(_, v)| v)
        };
        if parameter("for") != Some(purpose) {
            return Err(Unsolved::Foreign);
        }
        let expires = parameter("expires").and_then(|text| Timestamp::from_second(text.parse().ok()?).ok());
        let expires = expires.ok_or(Unsolved::Form)?;
        if now >= expires {
            return Err(Unsolved::Expired);
        }
        Ok(Solution { id: challenge, expires })
    }
}

fn challenge_of(salt: &str, number: u64) -> aws_lc_rs::digest::Digest {
    digest(&SHA256, format!("{salt}{number}").as_bytes())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn bytes(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; 32];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Zeros;

    impl Rng for Zeros {
        fn fill(&mut self, buffer: &mut [u8]) {
            buffer.fill(7);
        }
    }

    fn puzzles(key: u8) -> Puzzles {
        Puzzles::new(&SecretBox::new(Box::new([key; 32])))
    }

    fn solve(puzzle: &Puzzle) -> u64 {
        let found = (0..u64::from(puzzle.maxnumber))
            .find(|number| hex(challenge_of(&puzzle.salt, *number).as_ref()) == puzzle.challenge);
        found.expect("a number")
    }

    fn payload(puzzle: &Puzzle, number: u64) -> String {
        let Puzzle { algorithm, challenge, salt, signature, .. } = puzzle;
        let json = serde_json::json!({ "algorithm": algorithm, "challenge": challenge, "number": number, "salt": salt,
            "signature": signature, "took": 12 });
        STANDARD.encode(json.to_string())
    }

    #[test]
    fn only_own_fresh_puzzles_of_this_purpose_count() {
        let now = Timestamp::from_second(1_000).unwrap();
        let puzzle = puzzles(1).make("sign-up", 500, now, &mut Zeros);
        let number = solve(&puzzle);
        let check = |text: &str, purpose: &str, second: i64, expect: Result<(), Unsolved>| {
            let found = puzzles(1).check(text, purpose, Timestamp::from_second(second).unwrap());
            assert_eq!(found.map(drop), expect, "{purpose} {second}");
        };
        let right = payload(&puzzle, number);
        check(&right, "sign-up", 1_001, Ok(()));
        check(&right, "sign-in", 1_001, Err(Unsolved::Foreign));
        check(&right, "sign-up", 1_600, Err(Unsolved::Expired));
        check(&payload(&puzzle, number + 1), "sign-up", 1_001, Err(Unsolved::Wrong));
        let foreign = puzzles(2).make("sign-up", 500, now, &mut Zeros);
        check(&payload(&foreign, number), "sign-up", 1_001, Err(Unsolved::Foreign));
        let swap = |salt: &str| payload(&Puzzle { salt: salt.to_owned(), ..puzzle.clone() }, number);
        check(
            &swap(&puzzle.salt.replace("expires=1600", "expires=9999")),
            "sign-up",
            1_001,
            Err(Unsolved::Wrong),
        );
        // The number's digits cannot move into the salt: an ampersand stands between.
        let digits = number.to_string();
        let (head, tail) = digits.split_at(1);
        let moved = Puzzle { salt: format!("{}{head}", puzzle.salt), ..puzzle.clone() };
        let found = puzzles(1).check(&payload(&moved, tail.parse().unwrap()), "sign-up", now);
        assert_eq!(found.map(|solution| solution.expires.as_second()), Ok(1_600));
        check("", "sign-up", 1_001, Err(Unsolved::Form));
        check("bm8=", "sign-up", 1_001, Err(Unsolved::Form));
        check(&"A".repeat(3_000), "sign-up", 1_001, Err(Unsolved::Form));
    }
}
