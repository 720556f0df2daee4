//! Tokens that are bound to a key: worth nothing without it.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use axum::{
    body::Body,
    http::{Request, header},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gridkeep_model::Clock;
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use super::{code, form, question, redeem, refresh, text, tokens};
use crate::kit::{Answer, Wishes, World, databases};

const PLACE: &str = "http://gridkeep.test";

/// A program's key, and how many proofs it has made.
pub(crate) struct Key {
    pair: Ed25519KeyPair,
    made: std::cell::Cell<u64>,
}

impl Key {
    pub(crate) fn new(seed: u8) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
        Self { pair, made: std::cell::Cell::new(0) }
    }

    pub(crate) fn proof(&self, world: &World, method: &str, path: &str, token: Option<&str>) -> String {
        self.made.set(self.made.get() + 1);
        let encode = |json: Json| URL_SAFE_NO_PAD.encode(json.to_string());
        let x = URL_SAFE_NO_PAD.encode(self.pair.public_key());
        let header =
            json!({"typ": "dpop+jwt", "alg": "EdDSA", "jwk": {"kty": "OKP", "crv": "Ed25519", "x": x}});
        let mut claims = json!({
            "jti": self.made.get().to_string(), "htm": method, "htu": format!("{PLACE}{path}"),
            "iat": world.clock.now().as_second(),
        });
        if let Some(token) = token {
            let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.as_bytes());
            claims["ath"] = json!(URL_SAFE_NO_PAD.encode(digest));
        }
        let text = format!("{}.{}", encode(header), encode(claims));
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(self.pair.sign(text.as_bytes())))
    }

    /// Its thumbprint (RFC 7638).
    pub(crate) fn thumbprint(&self) -> String {
        let x = URL_SAFE_NO_PAD.encode(self.pair.public_key());
        let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, canonical.as_bytes());
        URL_SAFE_NO_PAD.encode(digest)
    }

    fn for_token(&self, world: &World) -> String {
        self.proof(world, "POST", "/oauth/token", None)
    }
}

pub(super) async fn ask(world: &World, path: &str, scheme: &str, token: &str, proofs: &[&str]) -> Answer {
    let mut request = Request::builder().uri(path).header(header::AUTHORIZATION, format!("{scheme} {token}"));
    for proof in proofs {
        request = request.header("dpop", *proof);
    }
    world.browser().send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bound_token_needs_its_key_for_each_request() {
    let world = World::start().await;
    let mut ada = world.person("Ada").await;
    let app = ada.publish("private", &[]).await;
    let (key, thief) = (Key::new(1), Key::new(2));
    let first = code(&mut ada, &question("read")).await;
    let own = redeem(&world, &first, Some(&key.for_token(&world))).await.expect(200).json();
    assert_eq!(text(&own, "token_type"), "DPoP");
    let token = text(&own, "access_token");
    for path in ["/api/apps".to_owned(), format!("/odata/default/{app}/Stock")] {
        let proof = key.proof(&world, "GET", &path, Some(token));
        ask(&world, &path, "DPoP", token, &[&proof]).await.expect(200);
        // The same proof a second time.
        let again = ask(&world, &path, "DPoP", token, &[&proof]).await.expect(401);
        assert!(again.header("www-authenticate").starts_with(r#"DPoP error="invalid_dpop_proof""#));
        let query = format!("{path}?$top=1");
        let proof = key.proof(&world, "GET", &path, Some(token));
        ask(&world, &query, "dpop", token, &[&proof]).await.expect(200);
        let wrong = [
            thief.proof(&world, "GET", &path, Some(token)),
            key.proof(&world, "POST", &path, Some(token)),
            key.proof(&world, "GET", "/api/session", Some(token)),
            key.proof(&world, "GET", &path, Some("other")),
            key.proof(&world, "GET", &path, None),
            "nonsense".to_owned(),
        ];
        for proof in &wrong {
            ask(&world, &path, "DPoP", token, &[proof]).await.expect(401);
        }
        ask(&world, &path, "DPoP", token, &[]).await.expect(401);
        let two =
            [&key.proof(&world, "GET", &path, Some(token)), &key.proof(&world, "GET", &path, Some(token))];
        ask(&world, &path, "DPoP", token, &[two[0], two[1]]).await.expect(401);
        // As one that is not bound, be it with a proof.
        ask(&world, &path, "Bearer", token, &[]).await.expect(401);
        let proof = key.proof(&world, "GET", &path, Some(token));
        ask(&world, &path, "Bearer", token, &[&proof]).await.expect(401);
        let old = key.proof(&world, "GET", &path, Some(token));
        world.clock.advance(SignedDuration::from_secs(61));
        ask(&world, &path, "DPoP", token, &[&old]).await.expect(401);
    }
    // One that is not bound does not become so by being shown with a key.
    let bare = tokens(&world, &mut ada, "read").await;
    let token = text(&bare, "access_token");
    let proof = key.proof(&world, "GET", "/api/apps", Some(token));
    ask(&world, "/api/apps", "DPoP", token, &[&proof]).await.expect(401);
    ask(&world, "/api/apps", "Bearer", token, &[]).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_and_refresh_tokens_are_bound_too() {
    let world = World::start().await;
    let mut ada = world.person("Ada").await;
    let (key, thief) = (Key::new(1), Key::new(2));
    // A code that was asked for with a key.
    let mut asked = question("read");
    asked.insert("dpop_jkt", key.thumbprint());
    for proof in [None, Some(thief.for_token(&world))] {
        let code = code(&mut ada, &asked).await;
        redeem(&world, &code, proof.as_deref()).await.expect(400);
    }
    let mine = code(&mut ada, &asked).await;
    let own = redeem(&world, &mine, Some(&key.for_token(&world))).await.expect(200).json();

    // A thief of the refresh token gets nothing for it, and ends nothing.
    let token = text(&own, "refresh_token");
    refresh(&world, token, None).await.expect(400);
    refresh(&world, token, Some(&thief.for_token(&world))).await.expect(400);
    let used = key.for_token(&world);
    let second = refresh(&world, token, Some(&used)).await.expect(200).json();
    let replayed = refresh(&world, text(&second, "refresh_token"), Some(&used)).await.expect(400);
    assert_eq!(replayed.json()["error"], json!("invalid_dpop_proof"));
    // The answer was lost: within ten seconds its holder asks once more, and what was lost is worth nothing.
    world.clock.advance(SignedDuration::from_secs(9));
    let third = refresh(&world, token, Some(&key.for_token(&world))).await.expect(200).json();
    let fourth = refresh(&world, text(&third, "refresh_token"), Some(&key.for_token(&world))).await;
    let fourth = fourth.expect(200).json();
    // Later, or the one that was lost, is a replay.
    world.clock.advance(SignedDuration::from_secs(11));
    refresh(&world, text(&third, "refresh_token"), Some(&key.for_token(&world))).await.expect(400);
    refresh(&world, text(&fourth, "refresh_token"), Some(&key.for_token(&world))).await.expect(400);

    // Nobody may bind afterwards what is not bound.
    let bare = tokens(&world, &mut ada, "read").await;
    refresh(&world, text(&bare, "refresh_token"), Some(&key.for_token(&world))).await.expect(400);
    // Proofs by those who have nothing of ours to prove by are not even remembered: nobody fills that room.
    let proof = key.for_token(&world);
    for client in ["unknown", "gridkeep"] {
        let fields = [("grant_type", "refresh_token"), ("client_id", client), ("refresh_token", "made up")];
        for _ in 0..2 {
            let refused = form(&world, "/oauth/token", &fields, Some(&proof)).await;
            assert_ne!(refused.json()["error"], json!("invalid_dpop_proof"), "{client}");
        }
    }
    let fields = [("grant_type", "refresh_token"), ("client_id", "gridkeep")];
    let nonsense = form(&world, "/oauth/token", &fields, Some("nonsense")).await.expect(400);
    assert_eq!(nonsense.json()["error"], json!("invalid_dpop_proof"));
}

/// Of several servers of one database each knows what the others were shown.
#[tokio::test(flavor = "multi_thread")]
async fn a_proof_counts_once_at_all_servers() {
    let (all, _postgres) = databases();
    for database in all.into_iter().flatten() {
        let wishes = || Wishes { database: Some(database.clone()), ..Wishes::default() };
        let world = World::with(wishes()).await;
        let mut ada = world.person("Ada").await;
        let key = Key::new(1);
        let first = code(&mut ada, &question("read")).await;
        let own = redeem(&world, &first, Some(&key.for_token(&world))).await.expect(200).json();
        let token = text(&own, "access_token");
        // Another server has the same key, in a folder of its own.
        let folder = tempfile::TempDir::new().unwrap();
        copied(world.data.path(), folder.path());
        let other = World::over(std::sync::Arc::new(folder), wishes()).await;
        let path = "/api/apps";
        for (here, there) in [(&world, &other), (&other, &world)] {
            let proof = key.proof(&world, "GET", path, Some(token));
            ask(here, path, "DPoP", token, &[&proof]).await.expect(200);
            let again = ask(there, path, "DPoP", token, &[&proof]).await.expect(401);
            assert!(again.header("www-authenticate").starts_with(r#"DPoP error="invalid_dpop_proof""#));
        }
    }
}

fn copied(from: &std::path::Path, to: &std::path::Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir(&target).unwrap();
            copied(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
