//! Access tokens: short-lived JWTs (RFC 9068) that say who asks, at which tenant and with which rights.
//!
//! **Architecture Invariant:** one key, one algorithm. What a token says of its own algorithm, key or type only ever makes it
//! refused: the key is found by its id among ours, its algorithm is the key's, and a header with anything else in it (one
//! that brings or fetches keys, or demands extensions) is none of ours.

use aws_lc_rs::{hmac, signature::Ed25519KeyPair};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretBox};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::jws::{SigningKey, VerifyingKey, split};

/// What `typ` says of an access token (RFC 9068 section 2.1).
const TYPE: &str = "at+jwt";
/// A longer text is no token of ours.
const LONGEST: usize = 2_048;
/// How far clocks of several servers may be apart.
const LEEWAY: SignedDuration = SignedDuration::from_secs(5);
/// The longest an access token may live, whoever made it.
pub const LONGEST_LIFE: SignedDuration = SignedDuration::from_mins(10);
/// How long a key signs; it verifies for as long before and after.
const PERIOD: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who made it: our base URL, with what names a tenant behind it. Which one it must be is for whoever asks to say.
    pub iss: String,
    /// For whom: the API's name.
    pub aud: String,
    /// The account.
    pub sub: Uuid,
    /// The token's own id.
    pub jti: Uuid,
    /// Made when, in seconds since 1970.
    pub iat: i64,
    /// Refused from then on.
    pub exp: i64,
    /// The tenant it is good for.
    pub tenant: Uuid,
    /// The place where the person let the program in: ends with it.
    pub sid: Uuid,
    /// Which program, as it was registered.
    pub client_id: String,
    /// What it may do, with blanks between.
    pub scope: String,
    /// The key its holder must prove (RFC 9449 section 6.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
}

/// The key a token is bound to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// Its JWK thumbprint (RFC 7638).
    pub jkt: String,
}

/// Why a token was refused. For the log and for tests; its bearer is told that it is no good, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is no JWT, or far too long.
    #[error("no token")]
    Form,
    /// Its header names another type or algorithm, or says more than ours do.
    #[error("a header that ours do not have")]
    Header,
    /// Its key is none of ours.
    #[error("an unknown key")]
    Key,
    /// It was signed by somebody else, or changed.
    #[error("a wrong signature")]
    Signature,
    /// Another issuer or audience.
    #[error("for somebody else")]
    Audience,
    /// It is over.
    #[error("expired")]
    Expired,
    /// It was made in the future, or lives longer than any of ours.
    #[error("of no time of ours")]
    Time,
}

/// Keys could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the keys of tokens cannot be made")]
pub struct KeyError;

/// What tokens are signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// A secret that only the server has (HMAC with SHA-256).
    Hs256,
    /// A key pair (Ed25519), so that others can check tokens with what [`Keys::jwks`] shows.
    EdDsa,
}

/// All a token's header ever says.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header<'a> {
    typ: &'a str,
    alg: &'a str,
    kid: &'a str,
}

struct Key {
    id: String,
    signing: SigningKey,
    verifying: VerifyingKey,
}

/// The keys of a server at a time. Every 30 days another one signs; those before and after it verify too.
///
/// Each is derived from one secret and the number of its period, so that several servers agree without telling each other,
/// and none has to be kept.
pub struct Keys {
    period: i64,
    /// Of the period before, this one and the next.
    all: [Key; 3],
    issuer: String,
    audience: String,
}

impl Keys {
    /// For tokens from this issuer to this audience, as of now.
    pub fn at(
        secret: &SecretBox<[u8; 32]>,
        algorithm: Algorithm,
        now: Timestamp,
        (issuer, audience): (&str, &str),
    ) -> Result<Self, KeyError> {
        let period = period(now);
        let key = |period: i64| Key::derived(secret, algorithm, period);
        Ok(Self {
            period,
            all: [key(period - 1)?, key(period)?, key(period + 1)?],
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
        })
    }

    /// Whether they are still those to use.
    pub fn are_current(&self, now: Timestamp) -> bool {
        self.period == period(now)
    }

    /// What tokens name as their issuer.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// What tokens name as their audience.
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// Whether tokens may name this as their issuer: the server, or a place of it.
    fn is_issuer(&self, name: &str) -> bool {
        name.strip_prefix(&self.issuer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Signs a token.
    pub fn sign(&self, claims: &Claims) -> Result<String, KeyError> {
        let key = &self.all[1];
        let header = Header { typ: TYPE, alg: key.verifying.algorithm(), kid: &key.id };
        let header = serde_json::to_vec(&header).map_err(|_| KeyError)?;
        Ok(key.signing.sign(&header, &serde_json::to_vec(claims).map_err(|_| KeyError)?))
    }

    /// What a token says, if it is ours and holds now.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, Refused> {
        let parts = split(token, LONGEST).ok_or(Refused::Form)?;
        let header: Header<'_> = serde_json::from_slice(&parts.header).map_err(|_| Refused::Header)?;
        if header.typ != TYPE {
            return Err(Refused::Header);
        }
        let key = self.all.iter().find(|key| key.id == header.kid).ok_or(Refused::Key)?;
        if header.alg != key.verifying.algorithm() {
            return Err(Refused::Header);
        }
        let payload = parts.payload(&key.verifying).ok_or(Refused::Signature)?;
        let claims: Claims = serde_json::from_slice(&payload).map_err(|_| Refused::Form)?;
        if !self.is_issuer(&claims.iss) || claims.aud != self.audience {
            return Err(Refused::Audience);
        }
        let now = now.as_second();
        if claims.exp <= now {
            return Err(Refused::Expired);
        }
        let lives = claims.exp.saturating_sub(claims.iat);
        if claims.iat > now + LEEWAY.as_secs() || !(0..=LONGEST_LIFE.as_secs()).contains(&lives) {
            return Err(Refused::Time);
        }
        Ok(claims)
    }

    /// The public keys, for others who check our tokens (RFC 7517); none of a secret.
    pub fn jwks(&self) -> serde_json::Value {
        let keys = self.all.iter().filter_map(|key| {
            let VerifyingKey::EdDsa(public) = &key.verifying else { return None };
            let x = URL_SAFE_NO_PAD.encode(public);
            Some(serde_json::json!({
                "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": key.id, "x": x,
            }))
        });
        serde_json::json!({ "keys": keys.collect::<Vec<_>>() })
    }
}

impl Key {
    fn derived(secret: &SecretBox<[u8; 32]>, algorithm: Algorithm, period: i64) -> Result<Self, KeyError> {
        let name = match algorithm {
            Algorithm::Hs256 => "h",
            Algorithm::EdDsa => "e",
        };
        let id = format!("{name}{period}");
        // A key of its own for every id: HMAC as the one step of a derivation (NIST SP 800-108).
        let base = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret());
        let own = hmac::sign(&base, format!("gridkeep access token key {id}").as_bytes());
        let signing = match algorithm {
            Algorithm::Hs256 => SigningKey::Hs256(Box::new(hmac::Key::new(hmac::HMAC_SHA256, own.as_ref()))),
            Algorithm::EdDsa => {
                let pair = Ed25519KeyPair::from_seed_unchecked(own.as_ref()).map_err(|_| KeyError)?;
                SigningKey::EdDsa(Box::new(pair))
            }
        };
        let verifying = signing.verifying();
        Ok(Self { id, signing, verifying })
    }
}

fn period(now: Timestamp) -> i64 {
    now.as_second().div_euclid(PERIOD.as_secs())
}

#[cfg(test)]
#[path = "access/tests.rs"]
mod tests;
