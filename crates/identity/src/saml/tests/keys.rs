//! Which certificates hold a key that is of use.

use aws_lc_rs::{
    encoding::{AsDer as _, PublicKeyX509Der},
    signature::{ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::maker::*;
use crate::saml::{BadKey, Key, Signer, der::piece};

/// A SubjectPublicKeyInfo of an RSA key of so many bits; nobody has its other half.
fn rsa(bits: usize) -> Vec<u8> {
    let mut modulus = vec![0xff; bits / 8];
    modulus.insert(0, 0);
    let key = piece(0x30, &[&piece(0x02, &[&modulus]), &piece(0x02, &[&[1, 0, 1]])]);
    let object = piece(0x06, &[&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01]]);
    piece(0x30, &[&piece(0x30, &[&object, &piece(0x05, &[])]), &piece(0x03, &[&[0], &key])])
}

#[test]
fn keys_are_long_enough_and_of_a_kind() {
    let check = |name: &str, text: &str, expect: Result<(), BadKey>| {
        assert_eq!(Key::of_certificate(text).map(|_| ()), expect, "{name}");
    };
    let p521 = EcdsaKeyPair::generate(&ECDSA_P521_SHA512_FIXED_SIGNING).unwrap();
    let p521: PublicKeyX509Der<'_> = p521.public_key().as_der().unwrap();
    let good = certificate(&PROVIDER.public());
    check("RSA", &good, Ok(()));
    check("P-256", &certificate(&Pair::p256().public()), Ok(()));
    check("P-384", &certificate(&Pair::p384().public()), Ok(()));
    check("P-521", &certificate(p521.as_ref()), Err(BadKey::Kind));
    check("RSA 1024", &certificate(&rsa(1_024)), Err(BadKey::Kind));
    check("RSA 2040", &certificate(&rsa(2_040)), Err(BadKey::Kind));
    check("RSA 2048", &certificate(&rsa(2_048)), Ok(()));
    check("RSA 8448", &certificate(&rsa(8_448)), Err(BadKey::Kind));
    check("PEM", &format!("-----BEGIN CERTIFICATE-----\r\n{good}\r\n-----END CERTIFICATE-----\r\n"), Ok(()));
    check("none", "", Err(BadKey::Form));
    check("text", "certificate", Err(BadKey::Form));
    check("a key without a certificate", &STANDARD.encode(PROVIDER.public()), Err(BadKey::Form));
    let bytes = STANDARD.decode(&good).unwrap();
    for length in (0..bytes.len()).step_by(13) {
        assert!(Key::of_certificate(&STANDARD.encode(&bytes[..length])).is_err(), "{length}");
    }
    check("more behind it", &STANDARD.encode([bytes.as_slice(), &[0]].concat()), Err(BadKey::Form));
    check("far too long", &"A".repeat(1 << 20), Err(BadKey::Form));
    let key = Key::of_certificate(&good).unwrap();
    assert_eq!(key.until, Some(at("2056-01-01T00:00:00Z")));
    assert_eq!(format!("{key:?}"), "Key(Rsa)");
}

#[test]
fn our_own_certificate_can_be_read() {
    let secret = Signer::generate().unwrap();
    let signer = Signer::kept(&secret).unwrap();
    let certificate = signer.certificate(at("2049-12-31T12:00:00Z"));
    assert_eq!(certificate, Signer::kept(&secret).unwrap().certificate(at("2049-12-31T12:00:00Z")));
    let key = Key::of_certificate(&certificate).unwrap();
    assert_eq!(key.until, Some(at("2069-12-31T12:00:00Z")));
    assert!(Signer::kept(&b"no key".to_vec().into()).is_none());
}
