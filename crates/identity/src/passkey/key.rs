//! A passkey's public key (COSE_Key, RFC 9053): the three kinds that authenticators in use have.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};

use super::cbor::Reader;

/// COSE's names of the algorithms, the best first: ES256, EdDSA, RS256.
pub const ALGORITHMS: [i64; 3] = [-7, -8, -257];

/// A public key that signatures are checked with.
pub(super) enum Key<'a> {
    /// A point on P-256, uncompressed.
    Es256(Box<[u8; 65]>),
    /// Ed25519.
    EdDsa(&'a [u8]),
    /// PKCS #1 version 1.5 with SHA-256, as Windows Hello has it.
    Rs256 { modulus: &'a [u8], exponent: &'a [u8] },
}

/// What a parameter of a key is.
#[derive(Debug, Clone, Copy)]
enum Part<'a> {
    Number(i64),
    Bytes(&'a [u8]),
}

impl<'a> Key<'a> {
    /// Reads a key and what follows it; `None` when it is of no kind above, or says something twice.
    pub(super) fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let mut parts: [Option<(i64, Part<'a>)>; 5] = [None; 5];
        let pairs = usize::try_from(reader.map()?).ok()?;
        for at in 0..pairs {
            let label = reader.integer()?;
            let mut ahead = *reader;
            let part = match ahead.integer() {
                Some(number) => {
                    *reader = ahead;
                    Part::Number(number)
                }
                None => Part::Bytes(reader.bytes()?),
            };
            if parts.iter().flatten().any(|(own, _)| *own == label) {
                return None;
            }
            *parts.get_mut(at)? = Some((label, part));
        }
        let part = |label: i64| parts.iter().flatten().find(|(own, _)| *own == label).map(|(_, part)| *part);
        let number = |label: i64| match part(label)? {
            Part::Number(number) => Some(number),
            Part::Bytes(_) => None,
        };
        let bytes = |label: i64, least: usize, most: usize| match part(label)? {
            Part::Bytes(bytes) if (least..=most).contains(&bytes.len()) => Some(bytes),
            _ => None,
        };
        match (number(1)?, number(3)?) {
            (2, -7) if number(-1)? == 1 => {
                let mut point = Box::new([4; 65]);
                point[1..33].copy_from_slice(bytes(-2, 32, 32)?);
                point[33..].copy_from_slice(bytes(-3, 32, 32)?);
                Some(Self::Es256(point))
            }
            (1, -8) if number(-1)? == 6 => Some(Self::EdDsa(bytes(-2, 32, 32)?)),
            (3, -257) => Some(Self::Rs256 { modulus: bytes(-1, 256, 512)?, exponent: bytes(-2, 1, 4)? }),
            _ => None,
        }
    }

    /// Whether this key signed this.
    pub(super) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let checked =
            match self {
                Self::Es256(point) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point.as_slice())
                    .verify(message, signature),
                Self::EdDsa(key) => UnparsedPublicKey::new(&ED25519, key).verify(message, signature),
                Self::Rs256 { modulus, exponent } => RsaPublicKeyComponents { n: modulus, e: exponent }
                    .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature),
            };
        checked.is_ok()
    }
}
