//! Signed texts in three parts with dots between (JWS, RFC 7515 section 7.1), as far as our tokens and proofs need them.
//!
//! **Architecture Invariant:** a key knows its one algorithm. What a text says of its own is compared with it and decides
//! nothing; a text is read only after its signature was found right.

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED, ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
        RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
    },
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// A text taken apart, of which nothing is believed yet.
pub(crate) struct Parts<'a> {
    pub(crate) header: Vec<u8>,
    payload: &'a str,
    /// What was signed: header and payload as they were sent.
    signed: &'a str,
    signature: Vec<u8>,
}

/// Takes a text apart; `None` when it is longer than this, or none.
pub(crate) fn split(text: &str, longest: usize) -> Option<Parts<'_>> {
    if text.len() > longest {
        return None;
    }
    let (signed, signature) = text.rsplit_once('.')?;
    let (header, payload) = signed.split_once('.')?;
    // Canonical only: one signature has one text.
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
    (!payload.contains('.')).then_some(())?;
    Some(Parts { header: decode(header)?, payload, signed, signature: decode(signature)? })
}

impl Parts<'_> {
    /// What it says, if this key signed it.
    pub(crate) fn payload(&self, key: &VerifyingKey) -> Option<Vec<u8>> {
        let (text, signature) = (self.signed.as_bytes(), self.signature.as_slice());
        let right = match key {
            VerifyingKey::Hs256(key) => hmac::verify(key, text, signature).is_ok(),
            VerifyingKey::EdDsa(key) => UnparsedPublicKey::new(&ED25519, key).verify(text, signature).is_ok(),
            VerifyingKey::Rs256 { n, e } => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, text, signature).is_ok()
            }
            VerifyingKey::Ps256 { n, e } => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PSS_2048_8192_SHA256, text, signature).is_ok()
            }
            VerifyingKey::Es256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(text, signature).is_ok()
            }
        };
        right.then(|| URL_SAFE_NO_PAD.decode(self.payload).ok()).flatten()
    }
}

/// What signatures are checked with.
pub(crate) enum VerifyingKey {
    /// HMAC with SHA-256 (RFC 7518 section 3.2).
    Hs256(Box<hmac::Key>),
    /// Ed25519 (RFC 8037).
    EdDsa([u8; 32]),
    /// ECDSA with P-256 and SHA-256 (RFC 7518 section 3.4); an uncompressed point.
    Es256([u8; 65]),
    /// RSA with PKCS #1 version 1.5 and SHA-256, 2048 bits at least (RFC 7518 section 3.3).
    Rs256 { n: Vec<u8>, e: Vec<u8> },
    /// RSA with PSS and SHA-256, 2048 bits at least (RFC 7518 section 3.5).
    Ps256 { n: Vec<u8>, e: Vec<u8> },
}

impl VerifyingKey {
    /// Its algorithm, as headers name it.
    pub(crate) const fn algorithm(&self) -> &'static str {
        match self {
            Self::Hs256(_) => "HS256",
            Self::EdDsa(_) => "EdDSA",
            Self::Es256(_) => "ES256",
            Self::Rs256 { .. } => "RS256",
            Self::Ps256 { .. } => "PS256",
        }
    }
}

/// What our own tokens are signed with.
pub(crate) enum SigningKey {
    Hs256(Box<hmac::Key>),
    EdDsa(Box<Ed25519KeyPair>),
    Es256(Box<EcdsaKeyPair>),
}

impl SigningKey {
    /// What others check with.
    pub(crate) fn verifying(&self) -> VerifyingKey {
        match self {
            Self::Hs256(key) => VerifyingKey::Hs256(key.clone()),
            Self::EdDsa(pair) => {
                let mut public = [0; 32];
                public.copy_from_slice(pair.public_key().as_ref());
                VerifyingKey::EdDsa(public)
            }
            Self::Es256(pair) => {
                let mut public = [0; 65];
                public.copy_from_slice(pair.public_key().as_ref());
                VerifyingKey::Es256(public)
            }
        }
    }

    /// Signs a header and what it is about, both JSON.
    pub(crate) fn sign(&self, header: &[u8], payload: &[u8]) -> String {
        let mut text = URL_SAFE_NO_PAD.encode(header);
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(payload, &mut text);
        let signature = match self {
            Self::Hs256(key) => URL_SAFE_NO_PAD.encode(hmac::sign(key, text.as_bytes())),
            Self::EdDsa(pair) => URL_SAFE_NO_PAD.encode(pair.sign(text.as_bytes())),
            // A signature of nothing where there is no chance to be had: whoever checks it refuses.
            Self::Es256(pair) => pair
                .sign(&SystemRandom::new(), text.as_bytes())
                .map(|signature| URL_SAFE_NO_PAD.encode(signature))
                .unwrap_or_default(),
        };
        text.push('.');
        text.push_str(&signature);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        URL_SAFE_NO_PAD.decode(text).unwrap().try_into().unwrap()
    }

    /// The examples of the standards, and that nothing of them can be changed.
    #[test]
    fn signatures_are_as_the_standards_say() {
        let check = |key: VerifyingKey, text: &str, expect: &str| {
            let parts = split(text, 4_096).unwrap();
            assert_eq!(String::from_utf8(parts.payload(&key).unwrap()).unwrap(), expect);
            let header = String::from_utf8(parts.header).unwrap();
            assert!(header.contains(&format!(r#""alg":"{}""#, key.algorithm())), "{header}");
            for at in (0..text.len()).step_by(7) {
                let mut changed = text.as_bytes().to_vec();
                changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
                let changed = String::from_utf8(changed).unwrap();
                let found = split(&changed, 4_096).and_then(|parts| parts.payload(&key));
                assert!(found.is_none(), "{at}");
            }
            for short in
                [&text[..text.len() - 1], &text[..text.len() - 4], &format!("{text}A"), &format!("{text}.")]
            {
                assert!(split(short, 4_096).and_then(|parts| parts.payload(&key)).is_none(), "{short}");
            }
        };
        // RFC 7515 appendix A.1.
        let secret = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let joe = "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
        let claims =
            "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        check(
            VerifyingKey::Hs256(Box::new(hmac::Key::new(hmac::HMAC_SHA256, &bytes::<64>(secret)))),
            &format!(
                "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{claims}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
            ),
            joe,
        );
        // RFC 7515 appendix A.3.
        let mut point = [4; 65];
        point[1..33].copy_from_slice(&bytes::<32>("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"));
        point[33..].copy_from_slice(&bytes::<32>("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"));
        check(
            VerifyingKey::Es256(point),
            &format!(
                "eyJhbGciOiJFUzI1NiJ9.{claims}.\
                 DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
            ),
            joe,
        );
        // RFC 8037 appendix A.4.
        let seed = bytes::<32>("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
        let pair = SigningKey::EdDsa(Box::new(Ed25519KeyPair::from_seed_unchecked(&seed).unwrap()));
        let text = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.\
            hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
        assert_eq!(pair.sign(br#"{"alg":"EdDSA"}"#, b"Example of Ed25519 signing"), text);
        check(pair.verifying(), text, "Example of Ed25519 signing");
    }

    #[test]
    fn what_is_no_signed_text_is_refused() {
        for text in ["", ".", "..", "a.b", "a.b.c.d", "e30.e30.e3 ", "e30=.e30.e30", "\u{e9}.e30.e30"] {
            let key = VerifyingKey::Hs256(Box::new(hmac::Key::new(hmac::HMAC_SHA256, &[0; 32])));
            assert!(split(text, 64).and_then(|parts| parts.payload(&key)).is_none(), "{text}");
        }
        assert!(split(&format!("e30.{}.e30", "A".repeat(100)), 64).is_none());
    }
}
