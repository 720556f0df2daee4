//! Passwords: which are accepted, how they are kept and checked.
//!
//! NIST SP 800-63B-4 section 3.1.1.2: length and a list of easily guessed ones decide, never the kinds of characters; what is
//! typed is normalised (NFKC) and never cut off.

mod even;
mod hash;
mod imported;
mod pin;
mod rules;

use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization;

pub use even::iterations;
pub use hash::{Cost, HashError, Hasher, Pepper, Scheme, Verdict};
pub use imported::{ImportError, Imported};
pub use rules::{Beside, NewPassword, Weakness};

/// Most characters of a password.
pub const LONGEST: usize = 256;

/// What somebody typed as their password, in the form that is hashed: NFKC, at most [`LONGEST`] characters.
#[derive(Debug, Clone)]
pub struct Password(SecretString);

impl Password {
    /// `None` when it is longer than any password can be: it is nobody's, and hashing it would only cost time.
    pub fn typed(text: &SecretString) -> Option<Self> {
        // NFKC makes of one character 18 at most (UAX #15), so what is longer than that bound needs no look.
        let text = text.expose_secret();
        if text.len() > LONGEST * 4 * 18 {
            return None;
        }
        let normal: String = text.nfkc().take(LONGEST + 1).collect();
        (normal.chars().count() <= LONGEST).then(|| Self(normal.into()))
    }

    fn bytes(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_alike_is_alike() {
        let check = |one: &str, other: &str, expect: bool| {
            let typed = |text: &str| Password::typed(&text.to_owned().into()).map(|own| own.bytes().to_vec());
            assert_eq!(typed(one) == typed(other), expect, "{one} {other}");
        };
        check("Caf\u{e9}", "Cafe\u{301}", true);
        check("ﬁsh", "fish", true);
        check("Fish", "fish", false);
        check(" fish", "fish", false);
        assert!(Password::typed(&"ä".repeat(256).into()).is_some());
        assert!(Password::typed(&"ä".repeat(257).into()).is_none());
        assert!(Password::typed(&"ﷺ".repeat(100_000).into()).is_none());
    }
}
