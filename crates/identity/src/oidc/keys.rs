//! A provider's keys (JWK Set, RFC 7517): those that sign, of kinds we know.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::jws::VerifyingKey;

/// Keys that are looked at of one set.
const MOST: usize = 100;

/// What ID tokens may be signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Algorithm {
    /// RSA with PKCS #1 version 1.5 and SHA-256, which every provider has to offer.
    #[serde(rename = "RS256")]
    Rs256,
    /// RSA with PSS and SHA-256.
    #[serde(rename = "PS256")]
    Ps256,
    /// ECDSA with P-256 and SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Rs256, Self::Ps256, Self::Es256, Self::EdDsa];

    /// As headers name it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }
}

/// The keys of a provider that sign.
#[derive(Debug, Clone, Default)]
pub struct KeySet(Vec<Jwk>);

/// A key as the set has it. Whatever else it says is of no use here.
#[derive(Debug, Clone, Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

impl KeySet {
    /// Reads a set; keys of other kinds are left out. `None` when it is none.
    pub fn read(text: &[u8]) -> Option<Self> {
        let set: Json = serde_json::from_slice(text).ok()?;
        let keys = set.get("keys")?.as_array()?.iter().take(MOST);
        let keys = keys.filter_map(|key| serde_json::from_value::<Jwk>(key.clone()).ok());
        // A shared secret among public keys is nobody's secret.
        let keys =
            keys.filter(|key| key.kty != "oct" && key.usage.as_deref().is_none_or(|usage| usage == "sig"));
        Some(Self(keys.collect()))
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key of this name for this algorithm; without a name, the only one for it.
    pub(super) fn find(&self, name: Option<&str>, algorithm: Algorithm) -> Option<VerifyingKey> {
        let mut fitting =
            self.0.iter().filter(|key| name.is_none_or(|name| key.kid.as_deref() == Some(name)));
        let mut found = fitting.by_ref().filter_map(|key| key.verifying(algorithm));
        let first = found.next()?;
        // Of two it is not known which is meant.
        if found.next().is_some() { None } else { Some(first) }
    }
}

impl Jwk {
    fn verifying(&self, algorithm: Algorithm) -> Option<VerifyingKey> {
        if self.alg.as_deref().is_some_and(|own| own != algorithm.word()) {
            return None;
        }
        let bytes = |part: &Option<String>| URL_SAFE_NO_PAD.decode(part.as_ref()?).ok();
        let curve = |name: &str| (self.crv.as_deref() == Some(name)).then_some(());
        let rsa = || {
            let (n, e) = (bytes(&self.n)?, bytes(&self.e)?);
            (self.kty == "RSA" && (256..=1_024).contains(&n.len()) && (1..=8).contains(&e.len()))
                .then_some((n, e))
        };
        match algorithm {
            Algorithm::Rs256 => rsa().map(|(n, e)| VerifyingKey::Rs256 { n, e }),
            Algorithm::Ps256 => rsa().map(|(n, e)| VerifyingKey::Ps256 { n, e }),
            Algorithm::Es256 => {
                curve("P-256").filter(|()| self.kty == "EC")?;
                let mut point = [4; 65];
                point[1..33].copy_from_slice(&<[u8; 32]>::try_from(bytes(&self.x)?).ok()?);
                point[33..].copy_from_slice(&<[u8; 32]>::try_from(bytes(&self.y)?).ok()?);
                Some(VerifyingKey::Es256(point))
            }
            Algorithm::EdDsa => {
                curve("Ed25519").filter(|()| self.kty == "OKP")?;
                bytes(&self.x)?.try_into().ok().map(VerifyingKey::EdDsa)
            }
        }
    }
}
