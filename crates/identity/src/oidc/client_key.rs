//! What the server proves itself with at a provider's token endpoint instead of a shared secret: a key of its own for each provider
//! (`private_key_jwt`: OpenID Connect Core section 9, RFC 7523).
//!
//! **Architecture Invariant:** the key follows from a secret of the server and the provider's id: nothing is kept, several servers agree,
//! and what is signed for one provider means nothing to another.

use aws_lc_rs::{
    agreement::{ECDH_P256, PrivateKey},
    digest::{SHA256, digest},
    hmac,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretBox};
use serde_json::{Value as Json, json};

use crate::jws::SigningKey;

/// How long an assertion is good: it is made for the request it goes with.
const LIFE: SignedDuration = SignedDuration::from_mins(1);
/// What a form says the assertion is (RFC 7523 section 2.2).
pub(super) const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A key of the server's own, for one provider (ES256, which most providers know).
pub struct ClientKey {
    id: String,
    key: SigningKey,
    /// As others read it.
    point: [u8; 65],
}

impl std::fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ClientKey({})", self.id)
    }
}

impl ClientKey {
    /// The key for a provider of this id; `None` when none can be made.
    pub fn derived(secret: &SecretBox<[u8; 32]>, provider: &str) -> Option<Self> {
        let base = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret());
        // What is no number of the curve's group is passed over: once in four thousand million times.
        let mut tries = (0_u8..4)
            .map(|number| hmac::sign(&base, format!("gridkeep client key {number} {provider}").as_bytes()));
        let (scalar, private) = tries.find_map(|scalar| {
            Some((scalar, PrivateKey::from_private_key(&ECDH_P256, scalar.as_ref()).ok()?))
        })?;
        let public = private.compute_public_key().ok()?;
        let point: [u8; 65] = public.as_ref().try_into().ok()?;
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, scalar.as_ref(), &point).ok()?;
        let id = URL_SAFE_NO_PAD.encode(&digest(&SHA256, &point).as_ref()[..12]);
        Some(Self { id, key: SigningKey::Es256(Box::new(pair)), point })
    }

    /// The public key, for the provider to check with (RFC 7517 section 5).
    pub fn jwks(&self) -> Json {
        let (x, y) = self.point[1..].split_at(32);
        let [x, y] = [x, y].map(|part| URL_SAFE_NO_PAD.encode(part));
        json!({"keys": [{"kty": "EC", "crv": "P-256", "x": x, "y": y, "use": "sig", "alg": "ES256", "kid": self.id}]})
    }

    /// Says that we are this client, to whoever is at that address, this once.
    pub fn assertion(&self, client: &str, audience: &str, once: &str, now: Timestamp) -> String {
        let header = json!({"typ": "JWT", "alg": self.key.verifying().algorithm(), "kid": self.id});
        let now = now.as_second();
        let claims = json!({
            "iss": client, "sub": client, "aud": audience, "jti": once, "iat": now, "exp": now + LIFE.as_secs(),
        });
        self.key.sign(header.to_string().as_bytes(), claims.to_string().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jws::{VerifyingKey, split};

    fn key(secret: u8, provider: &str) -> ClientKey {
        ClientKey::derived(&SecretBox::new(Box::new([secret; 32])), provider).unwrap()
    }

    #[test]
    fn each_provider_has_a_key_of_its_own() {
        let shown = |secret, provider| key(secret, provider).jwks().to_string();
        assert_eq!(shown(1, "a"), shown(1, "a"));
        assert_ne!(shown(1, "a"), shown(1, "b"));
        assert_ne!(shown(1, "a"), shown(2, "a"));
        assert!(!shown(1, "a").contains("\"d\""), "the private part");
    }

    #[test]
    fn an_assertion_is_checked_with_what_is_shown() {
        let own = key(1, "a");
        let now = Timestamp::from_second(1_000).unwrap();
        let text = own.assertion("gridkeep", "https://id.example/token", "x1", now);
        let parts = split(&text, 4_096).unwrap();
        let shown = own.jwks()["keys"][0].clone();
        let header: Json = serde_json::from_slice(&parts.header).unwrap();
        assert_eq!(header, json!({"typ": "JWT", "alg": "ES256", "kid": shown["kid"]}));
        let mut point = vec![4];
        for part in ["x", "y"] {
            point.extend(URL_SAFE_NO_PAD.decode(shown[part].as_str().unwrap()).unwrap());
        }
        let payload = parts.payload(&VerifyingKey::Es256(point.try_into().unwrap())).unwrap();
        let claims: Json = serde_json::from_slice(&payload).unwrap();
        assert_eq!(
            claims,
            json!({"iss": "gridkeep", "sub": "gridkeep", "aud": "https://id.example/token", "jti": "x1", "iat": 1_000, "exp": 1_060})
        );
        let other = VerifyingKey::Es256(key(1, "b").point);
        assert!(split(&text, 4_096).unwrap().payload(&other).is_none());
    }
}
