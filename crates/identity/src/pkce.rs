//! Proof that whoever redeems a code is who asked for it (PKCE, RFC 7636), with SHA-256 only.

use aws_lc_rs::{constant_time::verify_slices_are_equal, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// What a program shows when it asks: the hash of a secret it keeps until it redeems the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge([u8; 32]);

impl Challenge {
    /// Reads a challenge; `None` when it is not a SHA-256 in base64url, or was made otherwise (`plain`).
    pub fn parse(challenge: &str, method: &str) -> Option<Self> {
        if method != "S256" || challenge.len() != 43 {
            return None;
        }
        URL_SAFE_NO_PAD.decode(challenge).ok()?.try_into().ok().map(Self)
    }

    /// One that was kept.
    pub const fn kept(hash: [u8; 32]) -> Self {
        Self(hash)
    }

    /// What is kept of it.
    pub const fn hash(&self) -> [u8; 32] {
        self.0
    }

    /// Whether this is the secret it was made of; 43 to 128 plain characters (RFC 7636 section 4.1).
    pub fn is_met_by(&self, verifier: &str) -> bool {
        let plain = verifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
        let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
        plain
            && (43..=128).contains(&verifier.len())
            && verify_slices_are_equal(hash.as_ref(), &self.0).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_secret_itself_redeems() {
        // RFC 7636 appendix B.
        let (verifier, challenge) =
            ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        let known = Challenge::parse(challenge, "S256").unwrap();
        let check =
            |verifier: &str, expect: bool| assert_eq!(known.is_met_by(verifier), expect, "{verifier}");
        check(verifier, true);
        check(challenge, false);
        check("", false);
        check(&verifier.to_lowercase(), false);
        check(&format!("{verifier} "), false);
        for (text, method) in [
            (challenge, "plain"),
            (challenge, ""),
            (challenge, "s256"),
            ("", "S256"),
            (verifier, "plain"),
            ("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c", "S256"),
            ("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM", "S256"),
        ] {
            assert_eq!(Challenge::parse(text, method), None, "{text} {method}");
        }
        // A secret too short to be one, with its right hash.
        let short = digest::digest(&digest::SHA256, b"short");
        assert!(!Challenge::kept(short.as_ref().try_into().unwrap()).is_met_by("short"));
        assert_eq!(Challenge::kept(known.hash()), known);
    }
}
