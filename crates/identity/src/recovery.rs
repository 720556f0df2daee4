//! Recovery codes: each lets somebody in once, when the phone with their second factor is gone.
//!
//! **Architecture Invariant:** 80 random bits each, so that a plain hash keeps them: nobody can try them all.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use gridkeep_model::Rng;
use secrecy::{ExposeSecret, SecretString};

/// How many are made at once.
pub const CODES: usize = 10;
/// Letters and digits that nobody takes for another (Crockford's base32).
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH: usize = 16;

/// A code, as its owner reads it: `abcd-efgh-jkmn-pqrs`.
pub struct RecoveryCode(SecretString);

/// What is kept of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RecoveryHash(pub [u8; 32]);

impl RecoveryCode {
    /// A new one.
    pub fn new(rng: &mut dyn Rng) -> Self {
        let mut bytes = [0; LENGTH];
        rng.fill(&mut bytes);
        // 32 letters divide 256, so that each is as likely.
        let letters = bytes.map(|byte| LETTERS[usize::from(byte % 32)]);
        let parts =
            letters.chunks(4).map(|part| part.iter().map(|byte| char::from(*byte)).collect::<String>());
        Self(parts.collect::<Vec<_>>().join("-").into())
    }

    /// For its owner, once.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// What is kept of it.
    pub fn hash(&self) -> RecoveryHash {
        hash_of(&letters(self.expose()))
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(..)")
    }
}

/// The hash of what somebody typed, with or without dashes, in any case, `O` for `0` and `I` or `L` for `1`; `None` when it
/// cannot be a code.
pub fn typed(text: &str) -> Option<RecoveryHash> {
    let letters = letters(text);
    let fits = letters.len() == LENGTH && letters.bytes().all(|byte| LETTERS.contains(&byte));
    fits.then(|| hash_of(&letters))
}

fn letters(text: &str) -> String {
    let plain = text.chars().take(64).filter(|c| !c.is_whitespace() && *c != '-');
    plain
        .map(|c| match c.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        })
        .collect()
}

fn hash_of(letters: &str) -> RecoveryHash {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, letters.as_bytes()).as_ref());
    RecoveryHash(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting(u8);

    impl Rng for Counting {
        fn fill(&mut self, buffer: &mut [u8]) {
            for byte in buffer {
                *byte = self.0;
                self.0 = self.0.wrapping_add(1);
            }
        }
    }

    #[test]
    fn people_type_them_as_they_read_them() {
        let code = RecoveryCode::new(&mut Counting(0));
        assert_eq!(code.expose(), "0123-4567-89ab-cdef");
        assert_eq!(format!("{code:?}"), "RecoveryCode(..)");
        let check = |text: &str, expect: bool| assert_eq!(typed(text) == Some(code.hash()), expect, "{text}");
        check("0123-4567-89ab-cdef", true);
        check(" O1234 56789 ABCDEF", true);
        check("oi23456789abcdef", true);
        check("0123-4567-89ab-cdeg", false);
        check("0123-4567-89ab-cde", false);
        check("0123-4567-89ab-cde!", false);
        assert!(typed("").is_none() && typed("ü123-4567-89ab-cdef").is_none());
    }
}
