//! Proof that whoever shows a token also has the key it is bound to (DPoP, RFC 9449).
//!
//! **Architecture Invariant:** the key in a proof is public, of a kind we name, and says nothing but whose proof it is: what
//! it may do is decided by the token that names its thumbprint. A proof is for one request at one place, made just now, and
//! good once; that it was not seen before is for whoever keeps [`Proof::id`] to say.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::jws::{VerifyingKey, split};

/// What `typ` says of a proof.
const TYPE: &str = "dpop+jwt";
/// A longer text is no proof.
const LONGEST: usize = 4_096;
/// Most characters of a proof's own id.
const LONGEST_ID: usize = 256;
/// How old a proof may be, and how far ahead its maker's clock.
pub const WINDOW: SignedDuration = SignedDuration::from_secs(60);

/// What proofs may be signed with, as servers say it of themselves.
pub const ALGORITHMS: [&str; 2] = ["ES256", "EdDSA"];

/// The request a proof is to be for.
pub struct Request<'a> {
    /// The method as it was sent.
    pub method: &'a str,
    /// Whether an origin such as `https://apps.example.com` is the server's own.
    pub is_own: &'a dyn Fn(&str) -> bool,
    /// The path as it was sent, without the query.
    pub path: &'a str,
    /// The access token that is shown with it.
    pub token: Option<&'a str>,
    /// Now.
    pub now: Timestamp,
}

/// A proof that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The thumbprint of its key (RFC 7638).
    pub key: String,
    /// What tells it from all others: to be seen once.
    pub id: [u8; 32],
    /// From when on it holds no longer, so that its id can be forgotten.
    pub until: Timestamp,
}

/// Why a proof was refused. For the log and for tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is no proof, or far too long.
    #[error("no proof")]
    Form,
    /// Its header is not one of a proof: another type or algorithm, or more than there should be.
    #[error("a header that proofs do not have")]
    Header,
    /// Its key is private, of another kind, or none.
    #[error("a key that is none")]
    Key,
    /// Another key signed it, or it was changed.
    #[error("a wrong signature")]
    Signature,
    /// It is for another method or place.
    #[error("for another request")]
    Request,
    /// It is for another token, or for none.
    #[error("for another token")]
    Token,
    /// It is too old, or of the future.
    #[error("of another time")]
    Time,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    typ: String,
    alg: String,
    jwk: Jwk,
}

/// A public key (RFC 7517). Anything else that a key may hold would be private, or of another kind.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Jwk {
    kty: String,
    crv: String,
    x: String,
    y: Option<String>,
    #[serde(rename = "alg")]
    _alg: Option<Json>,
    #[serde(rename = "kid")]
    _kid: Option<Json>,
    #[serde(rename = "use")]
    _usage: Option<Json>,
    #[serde(rename = "key_ops")]
    _operations: Option<Json>,
    #[serde(rename = "ext")]
    _extractable: Option<Json>,
}

#[derive(Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    iat: i64,
    ath: Option<String>,
}

/// Checks a proof; what it says of itself is read once its signature was found right.
pub fn verify(proof: &str, request: &Request<'_>) -> Result<Proof, Refused> {
    let parts = split(proof, LONGEST).ok_or(Refused::Form)?;
    let header: Header = serde_json::from_slice(&parts.header).map_err(|_| Refused::Header)?;
    if header.typ != TYPE {
        return Err(Refused::Header);
    }
    let (key, thumbprint) = header.jwk.key().ok_or(Refused::Key)?;
    if header.alg != key.algorithm() {
        return Err(Refused::Header);
    }
    let payload = parts.payload(&key).ok_or(Refused::Signature)?;
    let claims: Claims = serde_json::from_slice(&payload).map_err(|_| Refused::Form)?;
    if claims.jti.is_empty() || claims.jti.len() > LONGEST_ID {
        return Err(Refused::Form);
    }
    if claims.htm != request.method || !is_at(&claims.htu, request) {
        return Err(Refused::Request);
    }
    if claims.ath != request.token.map(hash_of) {
        return Err(Refused::Token);
    }
    let made = Timestamp::from_second(claims.iat).map_err(|_| Refused::Time)?;
    let until = made.checked_add(WINDOW).map_err(|_| Refused::Time)?;
    if until <= request.now || made.duration_since(request.now) > WINDOW {
        return Err(Refused::Time);
    }
    let id = hash(format!("{thumbprint} {}", claims.jti).as_bytes());
    Ok(Proof { key: thumbprint, id, until })
}

/// Whether a text can be a key's thumbprint: 32 bytes in base64url.
pub fn is_thumbprint(text: &str) -> bool {
    text.len() == 43 && URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 32)
}

impl Jwk {
    /// The key and its thumbprint, whose members stand in the order of their names (RFC 7638 section 3).
    fn key(&self) -> Option<(VerifyingKey, String)> {
        let number = |text: &str| <[u8; 32]>::try_from(URL_SAFE_NO_PAD.decode(text).ok()?).ok();
        let x = number(&self.x)?;
        // What is base64url has no quotes to be escaped.
        let (key, canonical) = match (self.kty.as_str(), self.crv.as_str(), &self.y) {
            ("EC", "P-256", Some(y)) => {
                let mut point = [4; 65];
                point[1..33].copy_from_slice(&x);
                point[33..].copy_from_slice(&number(y)?);
                let text = format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{y}"}}"#, self.x);
                (VerifyingKey::Es256(point), text)
            }
            ("OKP", "Ed25519", None) => {
                let text = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, self.x);
                (VerifyingKey::EdDsa(x), text)
            }
            _ => return None,
        };
        Some((key, URL_SAFE_NO_PAD.encode(hash(canonical.as_bytes()))))
    }
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}

/// What a proof says of the token it is shown with.
fn hash_of(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(hash(token.as_bytes()))
}

/// Whether this is the address of the request, its query and fragment aside (RFC 9449 section 4.3), whichever way it is
/// written.
fn is_at(address: &str, request: &Request<'_>) -> bool {
    let address = address.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = address.split_once("://") else { return false };
    let (host, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, "/"),
    };
    let scheme = scheme.to_ascii_lowercase();
    let standard = if scheme == "https" { ":443" } else { ":80" };
    let host = host.to_ascii_lowercase();
    let host = host.strip_suffix(standard).unwrap_or(&host);
    (request.is_own)(&format!("{scheme}://{host}")) && normal(path) == normal(request.path)
}

/// A path with escapes in one form: none of what needs none, capitals in the others (RFC 3986 section 6.2.2).
fn normal(path: &str) -> Vec<u8> {
    let bytes = path.as_bytes();
    let mut normal = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        if byte == b'%'
            && let Some((high, low)) = digit(at + 1).zip(digit(at + 2))
        {
            let byte = (high * 16 + low) as u8;
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                normal.push(byte);
            } else {
                normal.push(b'%');
                normal.extend(bytes[at + 1..at + 3].to_ascii_uppercase());
            }
            at += 3;
        } else {
            normal.push(byte);
            at += 1;
        }
    }
    normal
}

#[cfg(test)]
#[path = "dpop/tests.rs"]
mod tests;
