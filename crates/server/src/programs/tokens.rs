//! Refresh tokens: a random text that names its family, with a tag by which one of ours is known for ever.
//!
//! `gkr_`, the session, 256 random bits and 128 bits of their HMAC. The server keeps the hash of the newest and of the one
//! before; the tag tells an older one from what somebody made up, so that only a token that was stolen ends its family.

use std::sync::Arc;

use aws_lc_rs::{constant_time::verify_slices_are_equal, digest, hmac};
use gridkeep_model::SessionId;
use secrecy::{ExposeSecret, SecretBox};
use uuid::Uuid;

use crate::{chance::Chance, secret::hex};

/// What every refresh token begins with, so that a scanner of leaked secrets recognises it.
const PREFIX: &str = "gkr_";
const SESSION: usize = 16;
const CHANCE: usize = 32;
const TAG: usize = 16;

/// Makes refresh tokens and knows them again; clones share it.
#[derive(Clone)]
pub struct Refreshing(Arc<hmac::Key>);

/// A refresh token, for whom it is.
pub(super) struct RefreshToken {
    pub(super) session: SessionId,
    text: String,
}

impl RefreshToken {
    /// What the server keeps of it.
    pub(super) fn hash(&self) -> [u8; 32] {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest::digest(&digest::SHA256, self.text.as_bytes()).as_ref());
        hash
    }

    /// The text to hand out.
    pub(super) fn expose(&self) -> &str {
        &self.text
    }
}

impl Refreshing {
    /// With tags by this secret.
    pub fn new(secret: &SecretBox<[u8; 32]>) -> Self {
        Self(Arc::new(hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret())))
    }

    /// A new token of a family.
    pub(super) fn make(&self, session: SessionId, chance: &Chance) -> RefreshToken {
        let mut bytes = [0; SESSION + CHANCE + TAG];
        bytes[..SESSION].copy_from_slice(session.uuid().as_bytes());
        bytes[SESSION..SESSION + CHANCE].copy_from_slice(&chance.bytes::<CHANCE>());
        let tag = hmac::sign(&self.0, &bytes[..SESSION + CHANCE]);
        bytes[SESSION + CHANCE..].copy_from_slice(&tag.as_ref()[..TAG]);
        RefreshToken { session, text: format!("{PREFIX}{}", hex(&bytes)) }
    }

    /// A token that was handed in, if it is one of ours.
    pub(super) fn read(&self, text: &str) -> Option<RefreshToken> {
        let digits = text.strip_prefix(PREFIX)?;
        let lower = digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if digits.len() != 2 * (SESSION + CHANCE + TAG) || !lower {
            return None;
        }
        let mut bytes = [0_u8; SESSION + CHANCE + TAG];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).ok()?;
        }
        let (said, tag) = bytes.split_at(SESSION + CHANCE);
        let right = hmac::sign(&self.0, said);
        verify_slices_are_equal(&right.as_ref()[..TAG], tag).ok()?;
        let session = SessionId::from_uuid(Uuid::from_slice(&said[..SESSION]).ok()?);
        Some(RefreshToken { session, text: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::SystemRng;

    #[test]
    fn only_own_tokens_are_known_again() {
        let chance = Chance::new(Box::new(SystemRng));
        let own = Refreshing::new(&SecretBox::new(Box::new([1; 32])));
        let other = Refreshing::new(&SecretBox::new(Box::new([2; 32])));
        let session = SessionId::from_uuid(Uuid::from_u128(7));
        let token = own.make(session, &chance);
        let again = own.read(token.expose()).unwrap();
        assert_eq!((again.session, again.hash()), (session, token.hash()));
        assert_ne!(own.make(session, &chance).hash(), token.hash());
        assert!(other.read(token.expose()).is_none());
        let text = token.expose();
        for at in 0..text.len() {
            let mut changed = text.as_bytes().to_vec();
            changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
            assert!(own.read(&String::from_utf8(changed).unwrap()).is_none(), "{at}");
        }
        for text in ["", "gkr_", &text[4..], &text.to_uppercase(), &format!("{text}00"), &format!("{text}é")]
        {
            assert!(own.read(text).is_none(), "{text}");
        }
    }
}
