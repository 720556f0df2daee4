//! Proofs as their holders make them, and as thieves would.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
};
use serde_json::json;

use super::*;

const NOW: i64 = 1_795_262_400;

type Sign = Box<dyn Fn(&[u8]) -> Vec<u8>>;

/// A key somebody has, as the header's `jwk` and as what signs.
struct Holder {
    jwk: Json,
    alg: &'static str,
    sign: Sign,
}

fn p256() -> Holder {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let point = pair.public_key().as_ref().to_vec();
    let part = |from: usize| URL_SAFE_NO_PAD.encode(&point[from..from + 32]);
    let jwk = json!({"kty": "EC", "crv": "P-256", "x": part(1), "y": part(33)});
    let sign = move |text: &[u8]| pair.sign(&SystemRandom::new(), text).unwrap().as_ref().to_vec();
    Holder { jwk, alg: "ES256", sign: Box::new(sign) }
}

fn ed25519() -> Holder {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap();
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(pair.public_key())});
    Holder { jwk, alg: "EdDSA", sign: Box::new(move |text| pair.sign(text).as_ref().to_vec()) }
}

impl Holder {
    fn header(&self) -> Json {
        json!({"typ": "dpop+jwt", "alg": self.alg, "jwk": self.jwk})
    }

    fn proof(&self, header: &Json, claims: &Json) -> String {
        let encode = |json: &Json| URL_SAFE_NO_PAD.encode(json.to_string());
        let text = format!("{}.{}", encode(header), encode(claims));
        format!("{text}.{}", URL_SAFE_NO_PAD.encode((self.sign)(text.as_bytes())))
    }
}

fn claims() -> Json {
    json!({
        "jti": "one", "htm": "GET", "htu": "https://apps.example/api/apps", "iat": NOW, "ath": hash_of("token"),
    })
}

fn check(proof: &str) -> Result<Proof, Refused> {
    verify(
        proof,
        &Request {
            method: "GET",
            is_own: &|origin| origin == "https://apps.example",
            path: "/api/apps",
            token: Some("token"),
            now: Timestamp::from_second(NOW).unwrap(),
        },
    )
}

fn with(claims: &Json, name: &str, value: Json) -> Json {
    let mut changed = claims.clone();
    changed[name] = value;
    changed
}

#[test]
fn a_proof_is_of_its_key_and_request() {
    let keys: Vec<_> = [p256(), p256(), ed25519()]
        .iter()
        .map(|holder| {
            let proof = check(&holder.proof(&holder.header(), &claims())).unwrap();
            assert_eq!(proof.until, Timestamp::from_second(NOW + 60).unwrap());
            assert!(is_thumbprint(&proof.key));
            (proof.key, proof.id)
        })
        .collect();
    // Each key has its thumbprint, and with it another id of the same name.
    assert!(keys.iter().enumerate().all(|(at, key)| !keys[..at].contains(key)));
    // RFC 8037 appendix A.3 has this key and thumbprint.
    let known = Jwk {
        kty: "OKP".into(),
        crv: "Ed25519".into(),
        x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo".into(),
        y: None,
        _alg: None,
        _kid: None,
        _usage: None,
        _operations: None,
        _extractable: None,
    };
    assert_eq!(known.key().unwrap().1, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

#[test]
fn claims_are_checked() {
    for holder in [p256(), ed25519()] {
        let one = |name: &str, value: Json, expect: Result<(), Refused>| {
            let claims = with(&claims(), name, value.clone());
            let found = check(&holder.proof(&holder.header(), &claims)).map(drop);
            assert_eq!(found, expect, "{name} {value}");
        };
        one("htm", json!("POST"), Err(Refused::Request));
        one("htm", json!("get"), Err(Refused::Request));
        for (address, expect) in [
            ("https://apps.example/api/apps?x=1#y", Ok(())),
            ("HTTPS://APPS.example:443/api/%61pps", Ok(())),
            ("https://apps.example/api/apps/", Err(Refused::Request)),
            ("https://apps.example/api/Apps", Err(Refused::Request)),
            ("https://apps.example/api%2Fapps", Err(Refused::Request)),
            ("https://apps.example:8443/api/apps", Err(Refused::Request)),
            ("http://apps.example/api/apps", Err(Refused::Request)),
            ("https://evil.example/api/apps", Err(Refused::Request)),
            ("https://apps.example@evil.example/api/apps", Err(Refused::Request)),
            ("/api/apps", Err(Refused::Request)),
            ("", Err(Refused::Request)),
        ] {
            one("htu", json!(address), expect);
        }
        one("ath", json!(hash_of("other")), Err(Refused::Token));
        one("ath", Json::Null, Err(Refused::Token));
        for (second, expect) in [
            (NOW - 59, Ok(())),
            (NOW + 60, Ok(())),
            (NOW - 60, Err(Refused::Time)),
            (NOW + 61, Err(Refused::Time)),
            (i64::MAX, Err(Refused::Time)),
            (i64::MIN, Err(Refused::Time)),
        ] {
            one("iat", json!(second), expect);
        }
        one("iat", json!("now"), Err(Refused::Form));
        one("jti", json!(""), Err(Refused::Form));
        one("jti", json!("a".repeat(LONGEST_ID + 1)), Err(Refused::Form));
        one("jti", Json::Null, Err(Refused::Form));
    }
}

#[test]
fn headers_and_keys_are_checked() {
    let (holder, other) = (p256(), ed25519());
    let refuse = |header: Json, expect: Refused| {
        assert_eq!(check(&holder.proof(&header, &claims())), Err(expect), "{header}");
    };
    let header = holder.header();
    for alg in ["none", "HS256", "ES384", "RS256", "EdDSA", "es256"] {
        refuse(with(&header, "alg", json!(alg)), Refused::Header);
    }
    for typ in ["JWT", "at+jwt", "DPOP+JWT"] {
        refuse(with(&header, "typ", json!(typ)), Refused::Header);
    }
    for extra in ["kid", "jku", "x5u", "x5c", "crit"] {
        refuse(with(&header, extra, json!(["x"])), Refused::Header);
    }
    let key = |name: &str, value: Json| with(&header, "jwk", with(&holder.jwk, name, value));
    // A private key has no place in a header, nor has a secret.
    refuse(key("d", json!("AAAA")), Refused::Header);
    refuse(key("k", json!("AAAA")), Refused::Header);
    refuse(key("x", json!("AAAA")), Refused::Key);
    refuse(key("crv", json!("P-384")), Refused::Key);
    refuse(key("kty", json!("OKP")), Refused::Key);
    refuse(key("y", Json::Null), Refused::Key);
    refuse(with(&header, "jwk", json!({"kty": "oct", "k": "AAAA"})), Refused::Header);
    refuse(with(&header, "jwk", Json::Null), Refused::Header);
    refuse(with(&header, "jwk", other.jwk), Refused::Header);
    // Another's key with this signature, and a point that is on no curve.
    refuse(with(&header, "jwk", p256().jwk), Refused::Signature);
    refuse(key("x", json!(URL_SAFE_NO_PAD.encode([7; 32]))), Refused::Signature);
    // What browsers and libraries say of a public key beside it does no harm.
    let mut polite = holder.header();
    for (name, value) in
        [("ext", json!(true)), ("key_ops", json!(["verify"])), ("use", json!("sig")), ("kid", json!("x"))]
    {
        polite["jwk"][name] = value;
    }
    assert!(check(&holder.proof(&polite, &claims())).is_ok());
    for text in ["", "a.b.c", &"a".repeat(10_000)] {
        assert!(matches!(check(text), Err(Refused::Form | Refused::Header)), "{text}");
    }
}

#[test]
fn a_proof_without_a_token_is_for_no_token() {
    let holder = ed25519();
    let mut claims = claims();
    let request = |token| Request {
        method: "POST",
        is_own: &|_| true,
        path: "/oauth/token",
        token,
        now: Timestamp::from_second(NOW).unwrap(),
    };
    claims["htm"] = json!("POST");
    claims["htu"] = json!("https://apps.example/oauth/token");
    let proof = holder.proof(&holder.header(), &claims);
    assert_eq!(verify(&proof, &request(None)), Err(Refused::Token));
    claims.as_object_mut().unwrap().remove("ath");
    let proof = holder.proof(&holder.header(), &claims);
    assert!(verify(&proof, &request(None)).is_ok());
    assert_eq!(verify(&proof, &request(Some("token"))), Err(Refused::Token));
}
