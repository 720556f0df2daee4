//! What the headers of an answer say of an error.

use std::borrow::Cow;

use super::{ApiError, Challenge};

impl ApiError {
    /// What `WWW-Authenticate` says of it.
    pub fn challenge(&self) -> Option<Cow<'static, str>> {
        Some(Cow::Borrowed(match self {
            Self::InvalidToken(Challenge::Bearer) => r#"Bearer error="invalid_token""#,
            Self::InvalidToken(Challenge::Dpop) => r#"DPoP error="invalid_token", algs="ES256 EdDSA""#,
            Self::InvalidToken(Challenge::Proof) => r#"DPoP error="invalid_dpop_proof", algs="ES256 EdDSA""#,
            Self::InsufficientScope => r#"Bearer error="insufficient_scope", scope="read write""#,
            // RFC 9470: who the person is was proven before this was asked for. A program that has them asked anew as this says goes on
            // with what they approve then; whatever the kind of its tokens is.
            Self::CheckpointRequired(shown) if shown.bearer => {
                let asks = format!(
                    r#"error="insufficient_user_authentication", error_description="a security checkpoint asks for fresh authentication", acr_values="checkpoint:{}", max_age="0""#,
                    shown.challenge
                );
                return Some(Cow::Owned(format!(r#"Bearer {asks}, DPoP {asks}, algs="ES256 EdDSA""#)));
            }
            _ => return None,
        }))
    }

    /// Seconds after which another try makes sense.
    pub const fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooManyTries(seconds) | Self::Crowded(seconds) => Some(*seconds),
            Self::Overloaded | Self::TimedOut => Some(1),
            Self::UploadsFull => Some(60),
            // The oldest of an hour are forgotten one by one.
            Self::TooManyChallenges => Some(600),
            _ => None,
        }
    }
}
