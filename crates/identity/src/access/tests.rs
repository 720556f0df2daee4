//! Tokens at their limits, forged ones, and keys over time.

use super::*;

const OURS: (&str, &str) = ("https://apps.example", "gridkeep");

fn secret(number: u8) -> SecretBox<[u8; 32]> {
    SecretBox::new(Box::new([number; 32]))
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn keys(algorithm: Algorithm, second: i64) -> Keys {
    Keys::at(&secret(1), algorithm, at(second), OURS).unwrap()
}

fn claims() -> Claims {
    Claims {
        iss: OURS.0.to_owned(),
        aud: OURS.1.to_owned(),
        sub: Uuid::from_u128(1),
        jti: Uuid::from_u128(2),
        iat: 1_000,
        exp: 1_300,
        tenant: Uuid::from_u128(3),
        sid: Uuid::from_u128(4),
        client_id: "device".to_owned(),
        scope: "read".to_owned(),
        cnf: None,
    }
}

/// A token with another header, signed with a key of the attacker's choice or not at all.
fn forged(header: &str, claims: &str, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let encode = |value: &[u8]| URL_SAFE_NO_PAD.encode(value);
    let text = format!("{}.{}", encode(header.as_bytes()), encode(claims.as_bytes()));
    format!("{text}.{}", encode(&sign(text.as_bytes())))
}

fn hmac(secret: &[u8]) -> impl Fn(&[u8]) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    move |text| hmac::sign(&key, text).as_ref().to_vec()
}

/// Signed as the server signs, with whatever header.
fn genuine(keys: &Keys) -> impl Fn(&[u8]) -> Vec<u8> {
    |text| match &keys.all[1].signing {
        SigningKey::Hs256(key) => hmac::sign(key, text).as_ref().to_vec(),
        SigningKey::EdDsa(pair) => pair.sign(text).as_ref().to_vec(),
        SigningKey::Es256(_) => panic!("no token of ours"),
    }
}

#[test]
fn tokens_hold_for_their_time_and_audience() {
    let check = |change: &dyn Fn(&mut Claims), second: i64, expect: Result<(), Refused>| {
        for algorithm in [Algorithm::Hs256, Algorithm::EdDsa] {
            let keys = keys(algorithm, 1_000);
            let mut claims = claims();
            change(&mut claims);
            let found = keys.verify(&keys.sign(&claims).unwrap(), at(second));
            assert_eq!(found.as_ref().map(|_| ()).map_err(|error| *error), expect);
            assert!(found.is_err() || found == Ok(claims));
        }
    };
    check(&|_| (), 1_000, Ok(()));
    check(&|_| (), 1_299, Ok(()));
    check(&|_| (), 1_300, Err(Refused::Expired));
    check(&|_| (), 996, Ok(()));
    check(&|_| (), 900, Err(Refused::Time));
    check(&|claims| claims.exp = 2_000, 1_000, Err(Refused::Time));
    check(&|claims| claims.exp = i64::MAX, 1_000, Err(Refused::Time));
    check(&|claims| (claims.iat, claims.exp) = (i64::MIN, i64::MAX), 1_000, Err(Refused::Time));
    check(&|claims| claims.aud = "other".to_owned(), 1_000, Err(Refused::Audience));
    check(&|claims| claims.iss = "https://evil.example".to_owned(), 1_000, Err(Refused::Audience));
    check(&|claims| claims.cnf = Some(Confirmation { jkt: "x".to_owned() }), 1_000, Ok(()));
}

#[test]
fn tricks_with_headers_are_refused() {
    let keys = keys(Algorithm::EdDsa, 1_000);
    let VerifyingKey::EdDsa(public) = &keys.all[1].verifying else { panic!("another key") };
    let body = serde_json::to_string(&claims()).unwrap();
    let check = |header: &str, sign: &dyn Fn(&[u8]) -> Vec<u8>, expect: Result<Claims, Refused>| {
        assert_eq!(keys.verify(&forged(header, &body, sign), at(1_000)), expect, "{header}");
    };
    let own = genuine(&keys);
    check(r#"{"typ":"at+jwt","alg":"EdDSA","kid":"e0"}"#, &own, Ok(claims()));
    for alg in ["none", "None", "HS256", "HS384", "ES256", "RS256", "Ed25519", "eddsa"] {
        let header = format!(r#"{{"typ":"at+jwt","alg":"{alg}","kid":"e0"}}"#);
        check(&header, &|_| Vec::new(), Err(Refused::Header));
        // The public key as an HMAC secret: algorithm confusion.
        check(&header, &hmac(public), Err(Refused::Header));
        check(&header, &own, Err(Refused::Header));
    }
    check(r#"{"typ":"at+jwt","alg":"EdDSA","kid":"e0"}"#, &hmac(public), Err(Refused::Signature));
    check(r#"{"typ":"at+jwt","alg":"EdDSA","kid":"e0"}"#, &|_| Vec::new(), Err(Refused::Signature));
    check(r#"{"typ":"at+jwt","alg":"EdDSA"}"#, &own, Err(Refused::Header));
    for kid in ["", "e2", "h0", "../../dev/null", "e0' OR '1'='1", "e-1e0"] {
        check(&format!(r#"{{"typ":"at+jwt","alg":"EdDSA","kid":"{kid}"}}"#), &own, Err(Refused::Key));
    }
    // A key of ours, yet not the one that signed.
    check(r#"{"typ":"at+jwt","alg":"EdDSA","kid":"e1"}"#, &own, Err(Refused::Signature));
    for typ in ["JWT", "dpop+jwt", "application/at+jwt", "AT+JWT", ""] {
        check(&format!(r#"{{"typ":"{typ}","alg":"EdDSA","kid":"e0"}}"#), &own, Err(Refused::Header));
    }
    for extra in [
        r#""jku":"https://evil.example/keys""#,
        r#""x5u":"https://evil.example/keys""#,
        r#""x5c":["AAAA"]"#,
        r#""jwk":{"kty":"oct","k":"AAAA"}"#,
        r#""crit":["b64"],"b64":false"#,
        r#""kid":"e0""#,
        r#""alg":"EdDSA""#,
    ] {
        check(&format!(r#"{{"typ":"at+jwt","alg":"EdDSA","kid":"e0",{extra}}}"#), &own, Err(Refused::Header));
    }
    let right = keys.sign(&claims()).unwrap();
    for text in ["", ".", "..", "a.b.c", &"a".repeat(5_000), &right[..right.len() - 2], &format!("{right}.x")]
    {
        let found = keys.verify(text, at(1_000));
        assert!(
            matches!(found, Err(Refused::Form | Refused::Signature | Refused::Header)),
            "{text} {found:?}"
        );
    }
    // Claims that are said twice, or not at all.
    for body in [body.replace("\"exp\":1300", "\"exp\":1300,\"exp\":1400"), body.replace("\"exp\":1300,", "")]
    {
        let token = forged(r#"{"typ":"at+jwt","alg":"EdDSA","kid":"e0"}"#, &body, &own);
        assert_eq!(keys.verify(&token, at(1_000)), Err(Refused::Form), "{body}");
    }
}

#[test]
fn keys_change_with_an_overlap_and_only_public_ones_are_shown() {
    let month = PERIOD.as_secs();
    let made = |second: i64| Claims { iat: second, exp: second + 300, ..claims() };
    for algorithm in [Algorithm::Hs256, Algorithm::EdDsa] {
        let old = keys(algorithm, month - 1);
        let new = keys(algorithm, month);
        assert!(old.are_current(at(month - 1)) && !old.are_current(at(month)) && new.are_current(at(month)));
        let token = old.sign(&made(month - 1)).unwrap();
        assert_eq!(new.verify(&token, at(month + 1)), Ok(made(month - 1)));
        // A server whose clock is a little behind.
        let token = new.sign(&made(month)).unwrap();
        assert_eq!(old.verify(&token, at(month - 1)), Ok(made(month)));
        let token = keys(algorithm, 0).sign(&made(0)).unwrap();
        assert_eq!(keys(algorithm, 2 * month).verify(&token, at(1)), Err(Refused::Key));
        // Another server's secret, another algorithm.
        let other = Keys::at(&secret(2), algorithm, at(0), OURS).unwrap();
        assert_eq!(other.verify(&token, at(1)), Err(Refused::Signature));
    }
    let shown = keys(Algorithm::EdDsa, 0).jwks();
    let ids: Vec<_> =
        shown["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap()).collect();
    assert_eq!(ids, ["e-1", "e0", "e1"]);
    assert!(shown.to_string().find("\"d\"").is_none());
    assert_eq!(keys(Algorithm::Hs256, 0).jwks(), serde_json::json!({"keys": []}));
}
