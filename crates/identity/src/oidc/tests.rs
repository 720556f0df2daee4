//! Tokens that are refused, each for one lie.

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
        RSA_PSS_SHA256,
    },
};
use serde_json::json;

use super::*;
use crate::oidc::{Answer, Ask, Back, ClientProof, Metadata, Redeem, answer, merge, redeemed};

const ISSUER: &str = "https://id.example";
const NOW: i64 = 1_800_000_000;

/// A provider with a key of each kind.
struct Provider {
    rsa: RsaKeyPair,
    point: EcdsaKeyPair,
    edwards: Ed25519KeyPair,
}

fn base64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Provider {
    fn new() -> Self {
        Self {
            rsa: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
            point: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
            edwards: Ed25519KeyPair::generate().unwrap(),
        }
    }

    /// Of PKCS #1's sequence of two numbers: 256 bytes behind a header of nine.
    fn modulus(&self) -> String {
        base64(&self.rsa.public_key().as_ref()[9..265])
    }

    fn jwks(&self) -> Json {
        let e = "AQAB";
        let point = self.point.public_key().as_ref();
        json!({"keys": [
            {"kty": "RSA", "kid": "r", "use": "sig", "n": self.modulus(), "e": e},
            {"kty": "EC", "kid": "p", "crv": "P-256", "x": base64(&point[1..33]), "y": base64(&point[33..])},
            {"kty": "OKP", "kid": "e", "alg": "EdDSA", "crv": "Ed25519", "x": base64(self.edwards.public_key().as_ref())},
            {"kty": "oct", "kid": "h", "k": "AAAA"},
            {"kty": "RSA", "kid": "enc", "use": "enc", "n": self.modulus(), "e": e},
        ]})
    }

    fn keys(&self) -> KeySet {
        KeySet::read(self.jwks().to_string().as_bytes()).unwrap()
    }

    fn sign(&self, header: &Json, claims: &Json) -> String {
        let text =
            format!("{}.{}", base64(header.to_string().as_bytes()), base64(claims.to_string().as_bytes()));
        let rng = SystemRandom::new();
        let rsa = |padding| {
            let mut signature = vec![0; self.rsa.public_modulus_len()];
            self.rsa.sign(padding, &rng, text.as_bytes(), &mut signature).unwrap();
            signature
        };
        let signature = match header["alg"].as_str().unwrap_or_default() {
            "RS256" => rsa(&RSA_PKCS1_SHA256),
            "PS256" => rsa(&RSA_PSS_SHA256),
            "ES256" => self.point.sign(&rng, text.as_bytes()).unwrap().as_ref().to_vec(),
            "EdDSA" => self.edwards.sign(text.as_bytes()).as_ref().to_vec(),
            // The classic: our public key as the secret.
            "HS256" => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, self.modulus().as_bytes());
                hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
            }
            _ => Vec::new(),
        };
        format!("{text}.{}", base64(&signature))
    }
}

fn claims() -> Json {
    json!({"iss": ISSUER, "aud": "us", "sub": "1", "iat": NOW, "exp": NOW + 300, "nonce": "n", "auth_time": NOW - 10, "acr": "gold"})
}

fn with(name: &str, value: Json) -> Json {
    let mut claims = claims();
    if value.is_null() {
        claims.as_object_mut().unwrap().remove(name);
    } else {
        claims[name] = value;
    }
    claims
}

fn expected<'a>() -> Expected<'a> {
    Expected {
        issuer: ISSUER,
        client: "us",
        nonce: "n",
        algorithms: &Algorithm::ALL,
        since: None,
        acr: &[],
        access: None,
        now: Timestamp::from_second(NOW).unwrap(),
    }
}

#[test]
fn tokens_of_every_allowed_kind_count() {
    let provider = Provider::new();
    for (alg, kid) in [("RS256", "r"), ("PS256", "r"), ("ES256", "p"), ("EdDSA", "e")] {
        let token = provider.sign(&json!({"alg": alg, "kid": kid, "typ": "JWT", "x5t": "abc"}), &claims());
        let found = verify(&token, &provider.keys(), &expected()).unwrap();
        assert_eq!((found.subject.as_str(), found.issuer.as_str()), ("1", ISSUER), "{alg}");
        assert_eq!(found.authenticated, Timestamp::from_second(NOW - 10).ok());
        // Without a name, where one key can be meant.
        let token = provider.sign(&json!({"alg": alg}), &claims());
        verify(&token, &provider.keys(), &expected()).unwrap();
        // Not one of those this provider is to sign with.
        let others: Vec<_> = Algorithm::ALL.into_iter().filter(|own| own.word() != alg).collect();
        let strict = Expected { algorithms: &others, ..expected() };
        assert_eq!(verify(&token, &provider.keys(), &strict), Err(Refused::Algorithm));
        // Any bit that is not as it was signed.
        for at in (0..token.len()).step_by(token.len() / 40) {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(verify(&changed, &provider.keys(), &expected()).is_err(), "{alg} {at}");
        }
    }
}

#[test]
fn headers_decide_nothing() {
    let (provider, foreign) = (Provider::new(), Provider::new());
    let check = |header: Json, expect: Refused| {
        let token = provider.sign(&header, &claims());
        assert_eq!(verify(&token, &provider.keys(), &expected()), Err(expect), "{header}");
    };
    check(json!({"alg": "none"}), Refused::Algorithm);
    check(json!({"alg": "None", "kid": "r"}), Refused::Algorithm);
    check(json!({"alg": "HS256", "kid": "r"}), Refused::Algorithm);
    check(json!({"alg": "HS256", "kid": "h"}), Refused::Algorithm);
    check(json!({"kid": "r"}), Refused::Header);
    check(json!({"alg": 7}), Refused::Header);
    check(json!({"alg": "RS256", "kid": ["r"]}), Refused::Header);
    check(json!({"alg": "RS256", "kid": "none"}), Refused::Key);
    check(json!({"alg": "RS256", "kid": "../../r"}), Refused::Key);
    check(json!({"alg": "RS256", "kid": "p"}), Refused::Key);
    check(json!({"alg": "RS256", "kid": "enc"}), Refused::Key);
    check(json!({"alg": "RS256", "kid": "r", "typ": "at+jwt"}), Refused::Header);
    check(json!({"alg": "RS256", "kid": "r", "crit": ["exp"]}), Refused::Header);
    for name in ["jku", "x5u", "x5c", "jwk"] {
        check(json!({"alg": "RS256", "kid": "r", name: "https://evil.example/keys"}), Refused::Header);
    }
    let token = foreign.sign(&json!({"alg": "RS256", "kid": "r"}), &claims());
    assert_eq!(verify(&token, &provider.keys(), &expected()), Err(Refused::Signature));
    for text in ["", ".", "a.b", "e30.e30.", &"a".repeat(70_000)] {
        assert!(verify(text, &provider.keys(), &expected()).is_err());
    }
    // Two keys of one name: which is meant nobody knows.
    let mut twice = provider.jwks();
    let again = foreign.jwks()["keys"][0].clone();
    twice["keys"].as_array_mut().unwrap().push(again);
    let keys = KeySet::read(twice.to_string().as_bytes()).unwrap();
    let token = provider.sign(&json!({"alg": "RS256", "kid": "r"}), &claims());
    assert_eq!(verify(&token, &keys, &expected()), Err(Refused::Key));
    assert!(KeySet::read(b"[]").is_none() && KeySet::read(b"{\"keys\": []}").unwrap().is_empty());
    assert_eq!(provider.keys().len(), 3);
}

#[test]
fn claims_are_as_expected() {
    let provider = Provider::new();
    let keys = provider.keys();
    let check = |claims: Json, expect: Option<Refused>| {
        let token = provider.sign(&json!({"alg": "ES256", "kid": "p"}), &claims);
        assert_eq!(verify(&token, &keys, &expected()).err(), expect, "{claims}");
    };
    check(with("iss", json!("https://evil.example")), Some(Refused::Issuer));
    check(with("iss", json!("https://id.example/")), Some(Refused::Issuer));
    check(with("iss", Json::Null), Some(Refused::Issuer));
    check(with("aud", json!("them")), Some(Refused::Audience));
    check(with("aud", Json::Null), Some(Refused::Audience));
    check(with("aud", json!(["us"])), None);
    check(with("aud", json!(["us", "them"])), Some(Refused::Audience));
    check(with("azp", json!("them")), Some(Refused::Audience));
    check(with("azp", json!("us")), None);
    let mut both = with("aud", json!(["them", "us"]));
    both["azp"] = json!("us");
    check(both, None);
    check(with("exp", json!(NOW - 119)), None);
    check(with("exp", json!(NOW - 120)), Some(Refused::Expired));
    check(with("exp", Json::Null), Some(Refused::Time));
    check(with("exp", json!("soon")), Some(Refused::Time));
    check(with("exp", json!(1e300)), Some(Refused::Time));
    check(with("iat", json!(NOW + 121)), Some(Refused::Time));
    check(with("iat", json!(NOW + 119)), None);
    check(with("iat", json!(NOW - 601)), Some(Refused::Time));
    check(with("iat", Json::Null), Some(Refused::Time));
    check(with("nbf", json!(NOW + 200)), Some(Refused::Time));
    check(with("nonce", json!("m")), Some(Refused::Nonce));
    check(with("nonce", json!("")), Some(Refused::Nonce));
    check(with("nonce", Json::Null), Some(Refused::Nonce));
    check(with("sub", json!("")), Some(Refused::Subject));
    check(with("sub", json!(7)), Some(Refused::Subject));
    check(with("sub", json!("x".repeat(256))), Some(Refused::Subject));
    check(with("auth_time", json!(NOW + 500)), Some(Refused::Stale));
    check(with("auth_time", Json::Null), None);
}

#[test]
fn what_was_asked_for_was_shown() {
    let provider = Provider::new();
    let keys = provider.keys();
    let check =
        |claims: &Json, since: Option<i64>, acr: &[&str], access: Option<&str>, expect: Option<Refused>| {
            let token = provider.sign(&json!({"alg": "ES256", "kid": "p"}), claims);
            let acr: Vec<String> = acr.iter().map(|acr| (*acr).to_owned()).collect();
            let since = since.map(|second| Timestamp::from_second(second).unwrap());
            let expected = Expected { since, acr: &acr, access, ..expected() };
            assert_eq!(verify(&token, &keys, &expected).err(), expect, "{claims}");
        };
    check(&claims(), Some(NOW - 60), &[], None, None);
    check(&with("auth_time", json!(NOW - 1_000)), Some(NOW - 60), &[], None, Some(Refused::Stale));
    check(&with("auth_time", Json::Null), Some(NOW - 60), &[], None, Some(Refused::Stale));
    check(&claims(), None, &["silver", "gold"], None, None);
    check(&claims(), None, &["silver"], None, Some(Refused::Context));
    check(&with("acr", Json::Null), None, &["gold"], None, Some(Refused::Context));
    // Of the standard's own example (OpenID Connect Core appendix A.4).
    let access = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    check(&with("at_hash", json!("77QmUPtjPfzWtF2AnpK9RQ")), None, &[], Some(access), None);
    check(
        &with("at_hash", json!("77QmUPtjPfzWtF2AnpK9RQ")),
        None,
        &[],
        Some("another"),
        Some(Refused::Access),
    );
    check(&with("at_hash", json!(7)), None, &[], Some(access), Some(Refused::Access));
}

fn metadata(more: &Json) -> Metadata {
    let mut all = json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://id.example/auth?tenant=1",
        "token_endpoint": "https://id.example/token",
        "jwks_uri": "https://id.example/jwks",
    });
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Metadata::read(all.to_string().as_bytes(), ISSUER).unwrap()
}

#[test]
fn questions_and_answers() {
    let ask = Ask {
        client: "us & co",
        redirect: "https://own.example/back",
        state: "s",
        nonce: "n",
        // RFC 7636 appendix B.
        verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        scope: "openid email",
        acr: Some("gold"),
        hint: Some("ann@example.com"),
        anew: true,
    };
    assert_eq!(
        ask.location(&metadata(&json!({}))),
        "https://id.example/auth?tenant=1&response_type=code&client_id=us%20%26%20co&redirect_uri=https%3A%2F%2Fown.example%2Fback\
         &scope=openid%20email&state=s&nonce=n&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM\
         &code_challenge_method=S256&acr_values=gold&login_hint=ann%40example.com&prompt=login&max_age=0"
    );
    let own = metadata(&json!({"authorization_response_iss_parameter_supported": true}));
    let back = |code: Option<&str>, iss: Option<&str>, error: Option<&str>| Back {
        code: code.map(str::to_owned),
        iss: iss.map(str::to_owned),
        error: error.map(str::to_owned),
    };
    let check = |back: Back, metadata: &Metadata, expect: Result<Answer, Refused>| {
        assert_eq!(answer(back.clone(), metadata), expect, "{back:?}");
    };
    let plain = metadata(&json!({}));
    check(back(Some("c"), Some(ISSUER), None), &own, Ok(Answer::Code("c".to_owned())));
    check(back(Some("c"), None, None), &plain, Ok(Answer::Code("c".to_owned())));
    check(back(Some("c"), None, None), &own, Err(Refused::Issuer));
    check(back(Some("c"), Some("https://evil.example"), None), &plain, Err(Refused::Issuer));
    check(back(None, Some(ISSUER), Some("access_denied")), &own, Ok(Answer::Denied));
    check(back(None, None, Some("access_denied")), &own, Err(Refused::Issuer));
    check(back(None, Some(ISSUER), Some("server_error")), &own, Err(Refused::Form));
    check(back(Some("c"), Some(ISSUER), Some("access_denied")), &own, Err(Refused::Form));
    check(back(Some(""), None, None), &plain, Err(Refused::Form));
    check(back(None, None, None), &plain, Err(Refused::Form));
}

#[test]
fn secrets_go_where_the_provider_takes_them() {
    use secrecy::ExposeSecret;
    let secret = ClientProof::Secret("a:b c".to_owned().into());
    let redeem =
        Redeem { client: "us", proof: &secret, code: "c", redirect: "https://own.example/", verifier: "v" };
    let base =
        "grant_type=authorization_code&code=c&redirect_uri=https%3A%2F%2Fown.example%2F&code_verifier=v";
    let (body, header) = redeem.request(&metadata(&json!({})));
    assert_eq!(body, base);
    let expect = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode("us:a%3Ab%20c"));
    assert_eq!(header.unwrap().expose_secret(), expect);
    let post = metadata(&json!({"token_endpoint_auth_methods_supported": ["client_secret_post"]}));
    let (body, header) = redeem.request(&post);
    assert_eq!(body, format!("{base}&client_id=us&client_secret=a%3Ab%20c"));
    assert!(header.is_none());
    let (body, header) = Redeem { proof: &ClientProof::Nothing, ..redeem }.request(&post);
    assert_eq!(body, format!("{base}&client_id=us"));
    assert!(header.is_none());
    let signed = ClientProof::Assertion("a.b.c".to_owned());
    let (body, header) = Redeem { proof: &signed, ..redeem }.request(&metadata(&json!({})));
    let kind = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
    let expect = format!("{base}&client_id=us&client_assertion_type={kind}&client_assertion=a.b.c");
    assert!(body == expect && header.is_none(), "{body}");
    let (token, access) =
        redeemed(br#"{"id_token": "i", "access_token": "a", "token_type": "bearer"}"#).unwrap();
    assert_eq!(
        (token.expose_secret(), access.map(|a| a.expose_secret().to_owned())),
        ("i", Some("a".to_owned()))
    );
    assert!(redeemed(br#"{"error": "invalid_grant"}"#).is_err() && redeemed(b"<html>").is_err());
    assert!(
        redeemed(br#"{"id_token": "i", "access_token": "a\nb", "token_type": "Bearer"}"#)
            .unwrap()
            .1
            .is_none()
    );
}

#[test]
fn what_is_said_beside_the_token_adds_and_changes_nothing() {
    let Json::Object(mut own) = claims() else { panic!() };
    assert_eq!(merge(&mut own, br#"{"sub": "2", "email": "x"}"#), Err(Refused::Subject));
    assert_eq!(merge(&mut own, br#"{"email": "x"}"#), Err(Refused::Subject));
    assert_eq!(merge(&mut own, b"[]"), Err(Refused::Form));
    let before = own.clone();
    merge(
        &mut own,
        br#"{"sub": "1", "amr": ["hwk"], "acr": "platinum", "nonce": "x", "email": "a@example.com"}"#,
    )
    .unwrap();
    assert_eq!(own.remove("email"), Some(json!("a@example.com")));
    assert_eq!(own, before);
    // Its word for an address is about its own.
    let check = |own: &[u8], beside: &[u8], expect: Json| {
        let mut own = serde_json::from_slice(own).unwrap();
        merge(&mut own, beside).unwrap();
        assert_eq!((own.get("email"), own.get("email_verified")), (Some(&expect[0]), expect.get(1)));
    };
    let sure = br#"{"sub": "1", "email": "a@example.com", "email_verified": true}"#;
    check(br#"{"sub": "1"}"#, sure, json!(["a@example.com", true]));
    check(br#"{"sub": "1", "email": "a@example.com"}"#, sure, json!(["a@example.com", true]));
    check(br#"{"sub": "1", "email": "root@example.com"}"#, sure, json!(["root@example.com"]));
    check(
        br#"{"sub": "1", "email": "root@example.com"}"#,
        br#"{"sub": "1", "email_verified": true}"#,
        json!(["root@example.com"]),
    );
}
