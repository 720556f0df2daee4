//! Tokens that only their holder knows: 256 random bits, of which the server keeps the hash.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use crate::chance::Chance;

/// What the server keeps of a [`Token`]: its SHA-256. Enough to recognise it, useless to whoever reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenHash(pub [u8; 32]);

/// A bearer token: 64 hexadecimal digits.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    const BYTES: usize = 32;

    /// A new one.
    pub fn new(chance: &Chance) -> Self {
        Self(hex(&chance.bytes::<{ Self::BYTES }>()))
    }

    /// One that was handed in; `None` when it cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let fits =
            text.len() == 2 * Self::BYTES && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        fits.then(|| Self(text.to_owned()))
    }

    /// One that was handed in as a secret.
    pub fn secret(text: &SecretString) -> Option<Self> {
        Self::parse(text.expose_secret())
    }

    /// What the server keeps of it.
    pub fn hash(&self) -> TokenHash {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, self.0.as_bytes());
        let mut hash = [0; 32];
        hash.copy_from_slice(digest.as_ref());
        TokenHash(hash)
    }

    /// The text to hand out.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::SystemRng;

    #[test]
    fn tokens_are_hidden_and_checked() {
        let chance = Chance::new(Box::new(SystemRng));
        let token = Token::new(&chance);
        assert_eq!(format!("{token:?}"), "Token(..)");
        assert_eq!(Token::parse(token.expose()).map(|t| t.hash()), Some(token.hash()));
        assert_ne!(Token::new(&chance).hash(), token.hash());
        assert!(Token::parse("").is_none());
        assert!(Token::parse(&"G".repeat(64)).is_none());
    }
}
