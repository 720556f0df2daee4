//! Keys that signatures are checked with: taken from certificates that somebody who may do so put into the settings.
//!
//! **Architecture Invariant:** a key is good for the algorithms of its own kind that are named here, and for no other: RSA of
//! at least 2,048 bits with SHA-2, P-256 with SHA-256 and P-384 with SHA-384. No message brings a key or chooses beyond that.
//! A certificate is a box for a key: who issued it and until when is not asked, for the key itself is what is trusted.

use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
        RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, VerificationAlgorithm,
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::{Timestamp, civil::DateTime};

use super::der::{self, Der};

/// Longest certificate, in bytes.
const LONGEST: usize = 16 << 10;

const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];

/// A key, and what people know it by.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    kind: Kind,
    /// As a SubjectPublicKeyInfo.
    public: Vec<u8>,
    /// The SHA-256 of the certificate it came in.
    pub fingerprint: [u8; 32],
    /// Until when its certificate says it is good; for people to read, no check asks for it.
    pub until: Option<Timestamp>,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({:?})", self.kind)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rsa,
    P256,
    P384,
}

/// Why a certificate is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// It is no X.509 certificate.
    #[error("no certificate")]
    Form,
    /// Its key is neither RSA nor on P-256 or P-384, or is too short.
    #[error("a key of a kind or length that signatures are not accepted of")]
    Kind,
}

impl Key {
    /// Reads a certificate in base64, with or without the lines that begin and end a PEM file.
    pub fn of_certificate(text: &str) -> Result<Self, BadKey> {
        let text: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
        let der = unspaced(&text, LONGEST).ok_or(BadKey::Form)?;
        Self::of_der(&der)
    }

    fn of_der(certificate: &[u8]) -> Result<Self, BadKey> {
        let (public, until) = opened(certificate).ok_or(BadKey::Form)?;
        let mut key = Self { kind: Kind::Rsa, public: public.to_vec(), fingerprint: [0; 32], until };
        key.fingerprint.copy_from_slice(digest(&SHA256, certificate).as_ref());
        key.kind = kind(public).ok_or(BadKey::Kind)?;
        let first: &'static dyn VerificationAlgorithm = match key.kind {
            Kind::Rsa => &RSA_PKCS1_2048_8192_SHA256,
            Kind::P256 => &ECDSA_P256_SHA256_FIXED,
            Kind::P384 => &ECDSA_P384_SHA384_FIXED,
        };
        let parsed = ParsedPublicKey::new(first, &key.public).map_err(|_| BadKey::Kind)?;
        // Its length is looked at when something is checked with it: so that is done here once.
        if key.kind == Kind::Rsa && !is_long_enough(public) {
            return Err(BadKey::Kind);
        }
        drop(parsed);
        Ok(key)
    }

    /// Whether this key signed these bytes by this algorithm, which the message names.
    pub(super) fn has_signed(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let with: &'static dyn VerificationAlgorithm = match (self.kind, algorithm) {
            (Kind::Rsa, Algorithm::RsaSha256) => &RSA_PKCS1_2048_8192_SHA256,
            (Kind::Rsa, Algorithm::RsaSha384) => &RSA_PKCS1_2048_8192_SHA384,
            (Kind::Rsa, Algorithm::RsaSha512) => &RSA_PKCS1_2048_8192_SHA512,
            (Kind::P256, Algorithm::EcdsaSha256) => &ECDSA_P256_SHA256_FIXED,
            (Kind::P384, Algorithm::EcdsaSha384) => &ECDSA_P384_SHA384_FIXED,
            _ => return false,
        };
        ParsedPublicKey::new(with, &self.public).is_ok_and(|key| key.verify_sig(message, signature).is_ok())
    }
}

/// How something may be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    RsaSha256,
    RsaSha384,
    RsaSha512,
    EcdsaSha256,
    EcdsaSha384,
}

impl Algorithm {
    /// By the name that messages have for it; `None` for all that are not accepted.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name.strip_prefix("http://www.w3.org/2001/04/xmldsig-more#")? {
            "rsa-sha256" => Self::RsaSha256,
            "rsa-sha384" => Self::RsaSha384,
            "rsa-sha512" => Self::RsaSha512,
            "ecdsa-sha256" => Self::EcdsaSha256,
            "ecdsa-sha384" => Self::EcdsaSha384,
            _ => return None,
        })
    }
}

/// Base64 as XML writes it, with space anywhere.
pub(super) fn unspaced(text: &str, longest: usize) -> Option<Vec<u8>> {
    if text.len() > longest.saturating_mul(2) {
        return None;
    }
    let text: String = text.chars().filter(|char| !super::xml::is_space(*char)).collect();
    STANDARD.decode(text).ok()
}

/// What kind a SubjectPublicKeyInfo is of (RFC 3279 section 2.3, RFC 5480 section 2).
fn kind(public: &[u8]) -> Option<Kind> {
    let mut algorithm = Der::new(Der::new(public).take(der::SEQUENCE)?).take(der::SEQUENCE).map(Der::new)?;
    match algorithm.take(der::OBJECT)? {
        RSA => Some(Kind::Rsa),
        EC => match algorithm.take(der::OBJECT)? {
            P256 => Some(Kind::P256),
            P384 => Some(Kind::P384),
            _ => None,
        },
        _ => None,
    }
}

/// Whether an RSA key has 2,048 to 8,192 bits, which is what aws-lc will check signatures with.
fn is_long_enough(public: &[u8]) -> bool {
    let bits = || {
        let mut info = Der::new(Der::new(public).take(der::SEQUENCE)?);
        info.take(der::SEQUENCE)?;
        let key = info.take(der::BITS)?.strip_prefix(&[0])?;
        let modulus = Der::new(Der::new(key).take(der::SEQUENCE)?).take(der::INTEGER)?;
        let modulus = modulus.strip_prefix(&[0]).unwrap_or(modulus);
        Some(modulus.len() * 8 - modulus.first()?.leading_zeros() as usize)
    };
    bits().is_some_and(|bits| (2_048..=8_192).contains(&bits))
}

/// The key in a certificate, and until when the certificate is good (RFC 5280 section 4.1).
fn opened(certificate: &[u8]) -> Option<(&[u8], Option<Timestamp>)> {
    let mut whole = Der::new(certificate);
    let mut outer = Der::new(whole.take(der::SEQUENCE)?);
    whole.end()?;
    let mut fields = Der::new(outer.take(der::SEQUENCE)?);
    if fields.peek()? == der::VERSION {
        fields.take(der::VERSION)?;
    }
    fields.take(der::INTEGER)?;
    fields.take(der::SEQUENCE)?;
    fields.take(der::SEQUENCE)?;
    let mut validity = Der::new(fields.take(der::SEQUENCE)?);
    validity.any()?;
    let until = validity.any().and_then(|(tag, text)| time(tag, text));
    fields.take(der::SEQUENCE)?;
    Some((fields.whole(der::SEQUENCE)?, until))
}

/// A time in a certificate: two digits of a year mean 1950 to 2049, else there are four (RFC 5280 section 4.1.2.5).
fn time(tag: u8, text: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?;
    let text = match tag {
        der::UTC_TIME if text.get(..2)? < "50" => format!("20{text}"),
        der::UTC_TIME => format!("19{text}"),
        der::TIME => text.to_owned(),
        _ => return None,
    };
    let moment = DateTime::strptime("%Y%m%d%H%M%SZ", &text).ok()?;
    moment.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}
