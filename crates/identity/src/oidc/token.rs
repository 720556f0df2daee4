//! ID tokens (OpenID Connect Core section 2), and when they count (section 3.1.3.7).

use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{SHA256, SHA512, digest},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value as Json};

use super::{Algorithm, KeySet};
use crate::jws::split;

/// A longer text is no ID token.
const LONGEST: usize = 64 * 1_024;
/// How far the provider's clock may be from ours.
const SKEW: SignedDuration = SignedDuration::from_secs(120);
/// How long a token may be on its way, whatever it says.
const OLDEST: SignedDuration = SignedDuration::from_mins(10);
/// Longest subject (OpenID Connect Core section 2).
const LONGEST_SUBJECT: usize = 255;

/// What a token is to say.
pub struct Expected<'a> {
    /// Who has to say it.
    pub issuer: &'a str,
    /// To whom: our id with them.
    pub client: &'a str,
    /// What we asked with.
    pub nonce: &'a str,
    /// What it may be signed with.
    pub algorithms: &'a [Algorithm],
    /// They had to show who they are since then.
    pub since: Option<Timestamp>,
    /// One of these had to be how they showed it; any when there is none.
    pub acr: &'a [String],
    /// The access token that came with it.
    pub access: Option<&'a str>,
    /// Now.
    pub now: Timestamp,
}

/// A token that counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// Who says it.
    pub issuer: String,
    /// Whom it is about.
    pub subject: String,
    /// When they showed who they are.
    pub authenticated: Option<Timestamp>,
    /// All that it says.
    pub claims: Map<String, Json>,
}

/// Why an answer was refused. For the log, tests, and whoever tests a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No answer of this kind, or far too long.
    #[error("no answer of this kind")]
    Form,
    /// Its header names a key of its own, or what we do not know.
    #[error("a header that is not to be followed")]
    Header,
    /// Signed by another algorithm than allowed.
    #[error("an algorithm that is not allowed")]
    Algorithm,
    /// The provider has no such key, now.
    #[error("a key that the provider does not have")]
    Key,
    /// Another key signed it, or it was changed.
    #[error("a wrong signature")]
    Signature,
    /// Another provider's.
    #[error("another issuer")]
    Issuer,
    /// For somebody else.
    #[error("for another audience")]
    Audience,
    /// It is over.
    #[error("expired")]
    Expired,
    /// Too old, of the future, or without a time.
    #[error("of another time")]
    Time,
    /// An answer to another question.
    #[error("an answer to another question")]
    Nonce,
    /// It does not say when they showed who they are, or that was too long ago.
    #[error("no fresh proof")]
    Stale,
    /// They did not show it as was asked.
    #[error("not shown as was asked")]
    Context,
    /// The access token beside it is another's.
    #[error("another access token")]
    Access,
    /// About nobody, or somebody else.
    #[error("about nobody, or somebody else")]
    Subject,
}

/// Checks a token by the provider's keys.
pub fn verify(token: &str, keys: &KeySet, expected: &Expected<'_>) -> Result<Verified, Refused> {
    let parts = split(token, LONGEST).ok_or(Refused::Form)?;
    let header: Map<String, Json> = serde_json::from_slice(&parts.header).map_err(|_| Refused::Header)?;
    // Keys it brings along, or says where to get, are its maker's; what must be understood is not.
    if ["jku", "jwk", "x5u", "x5c", "crit", "b64", "zip", "enc"].iter().any(|name| header.contains_key(*name))
    {
        return Err(Refused::Header);
    }
    let text = |name: &str| match header.get(name) {
        None => Ok(None),
        Some(Json::String(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(Refused::Header),
    };
    if text("typ")?.is_some_and(|kind| !kind.eq_ignore_ascii_case("jwt")) {
        return Err(Refused::Header);
    }
    let named = text("alg")?.ok_or(Refused::Header)?;
    let algorithm = expected.algorithms.iter().find(|own| own.word() == named).ok_or(Refused::Algorithm)?;
    let key = keys.find(text("kid")?, *algorithm).ok_or(Refused::Key)?;
    let payload = parts.payload(&key).ok_or(Refused::Signature)?;
    let claims: Map<String, Json> = serde_json::from_slice(&payload).map_err(|_| Refused::Form)?;
    let text = |name: &str| claims.get(name).and_then(Json::as_str);
    if text("iss") != Some(expected.issuer) {
        return Err(Refused::Issuer);
    }
    is_for(&claims, expected.client)?;
    let moment = |name: &str| match claims.get(name) {
        None | Some(Json::Null) => Ok(None),
        Some(value) => {
            let second = value.as_i64().or_else(|| value.as_f64().map(|second| second as i64));
            second.and_then(|second| Timestamp::from_second(second).ok()).map(Some).ok_or(Refused::Time)
        }
    };
    let (expires, issued) = (moment("exp")?.ok_or(Refused::Time)?, moment("iat")?.ok_or(Refused::Time)?);
    let age = expected.now.duration_since(issued);
    if expected.now.duration_since(expires) >= SKEW {
        return Err(Refused::Expired);
    }
    let early = moment("nbf")?.is_some_and(|from| from.duration_since(expected.now) > SKEW);
    if age > OLDEST || age < -SKEW || early {
        return Err(Refused::Time);
    }
    let nonce = text("nonce").ok_or(Refused::Nonce)?;
    verify_slices_are_equal(nonce.as_bytes(), expected.nonce.as_bytes()).map_err(|_| Refused::Nonce)?;
    let authenticated = moment("auth_time").map_err(|_| Refused::Stale)?;
    if let Some(since) = expected.since {
        let shown = authenticated.ok_or(Refused::Stale)?;
        if since.duration_since(shown) > SKEW {
            return Err(Refused::Stale);
        }
    }
    if authenticated.is_some_and(|shown| shown.duration_since(expected.now) > SKEW) {
        return Err(Refused::Stale);
    }
    if !expected.acr.is_empty() && !text("acr").is_some_and(|acr| expected.acr.iter().any(|own| own == acr)) {
        return Err(Refused::Context);
    }
    if let (Some(hash), Some(access)) = (claims.get("at_hash"), expected.access)
        && hash.as_str() != Some(&left_half(*algorithm, access))
    {
        return Err(Refused::Access);
    }
    let subject =
        text("sub").filter(|sub| !sub.is_empty() && sub.len() <= LONGEST_SUBJECT).ok_or(Refused::Subject)?;
    let (issuer, subject) = (expected.issuer.to_owned(), subject.to_owned());
    Ok(Verified { issuer, subject, authenticated, claims })
}

/// Whether we are whom it is for, and whom it was made for where it is for several.
fn is_for(claims: &Map<String, Json>, client: &str) -> Result<(), Refused> {
    let (own, several) = match claims.get("aud") {
        Some(Json::String(one)) => (one == client, false),
        Some(Json::Array(all)) => (all.iter().any(|one| one.as_str() == Some(client)), all.len() > 1),
        _ => (false, false),
    };
    let party = claims.get("azp").map(|party| party.as_str() == Some(client));
    // Others may show a token that is for them too, unless it says that it was made for us.
    if own && party.unwrap_or(!several) { Ok(()) } else { Err(Refused::Audience) }
}

/// The left half of an access token's hash (OpenID Connect Core section 3.1.3.6).
fn left_half(algorithm: Algorithm, access: &str) -> String {
    let hash = match algorithm {
        Algorithm::EdDsa => digest(&SHA512, access.as_bytes()),
        Algorithm::Rs256 | Algorithm::Ps256 | Algorithm::Es256 => digest(&SHA256, access.as_bytes()),
    };
    URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2])
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
