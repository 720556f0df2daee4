//! What our requests are signed with, where a provider wants that: a key of our own, in a certificate that only carries it.
//!
//! The certificate follows from the key and two dates: kept is the key alone.

use aws_lc_rs::{
    digest::{SHA256, digest},
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::KeySize,
    signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use secrecy::{ExposeSecret as _, SecretSlice};

use super::der;

/// sha256WithRSAEncryption and its absent parameters (RFC 4055 section 5).
const SHA256_RSA: &[u8] = &[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0];
/// The name of a common name.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
/// For how many years the certificate says it is good; the key is what counts.
const YEARS: i64 = 20;

/// A key to sign with: RSA with 2,048 bits and SHA-256, which every provider knows.
pub struct Signer(RsaKeyPair);

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer")
    }
}

impl Signer {
    /// A new key, to be kept secret (PKCS #8). Takes about a tenth of a second; `None` when there is no chance to be had.
    pub fn generate() -> Option<SecretSlice<u8>> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).ok()?;
        let der: Pkcs8V1Der<'_> = pair.as_der().ok()?;
        Some(der.as_ref().to_vec().into())
    }

    /// A key that was kept.
    pub fn kept(secret: &SecretSlice<u8>) -> Option<Self> {
        RsaKeyPair::from_pkcs8(secret.expose_secret()).ok().map(Self)
    }

    /// Signs a query.
    pub(super) fn sign(&self, text: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        match self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature) {
            Ok(()) => signature,
            // A signature of nothing: whoever checks it refuses.
            Err(_) => Vec::new(),
        }
    }

    /// Its certificate in base64, good from then on; the same for the same moment.
    pub fn certificate(&self, since: Timestamp) -> String {
        let public: Option<PublicKeyX509Der<'_>> = self.0.public_key().as_der().ok();
        let public = public.map(|der| der.as_ref().to_vec()).unwrap_or_default();
        let algorithm = der::piece(der::SEQUENCE, &[SHA256_RSA]);
        let name = [der::piece(der::OBJECT, &[COMMON_NAME]), der::piece(der::TEXT, &[b"Gridkeep"])].concat();
        let name = der::piece(der::SET, &[&der::piece(der::SEQUENCE, &[&name])]);
        let name = der::piece(der::SEQUENCE, &[&name]);
        let mut serial = digest(&SHA256, &public).as_ref()[..16].to_vec();
        // Positive, and its first byte is needed.
        serial[0] = serial[0] & 0x3f | 0x40;
        let zoned = since.to_zoned(TimeZone::UTC);
        let until = zoned.checked_add(YEARS.years()).unwrap_or_else(|_| zoned.clone());
        let dates = [zoned, until]
            .map(|date| der::piece(der::TIME, &[date.strftime("%Y%m%d%H%M%SZ").to_string().as_bytes()]));
        let body = der::piece(
            der::SEQUENCE,
            &[
                &der::piece(der::VERSION, &[&der::piece(der::INTEGER, &[&[2]])]),
                &der::piece(der::INTEGER, &[&serial]),
                &algorithm,
                &name,
                &der::piece(der::SEQUENCE, &[&dates.concat()]),
                &name,
                &public,
            ],
        );
        let signature = der::piece(der::BITS, &[&[0], &self.sign(&body)]);
        STANDARD.encode(der::piece(der::SEQUENCE, &[&body, &algorithm, &signature]))
    }
}
