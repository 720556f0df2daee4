//! Accounts and sessions.

use gridkeep_identity::password::Scheme;
use jiff::SignedDuration;
use serde_json::json;

use crate::kit::{PASSWORD, Wishes, World, email, redacted};

#[tokio::test(flavor = "multi_thread")]
async fn the_first_person_owns_and_sessions_end() {
    let world = World::start().await;
    let mut ada = world.browser();
    let nobody = ada.get("/api/session").await.expect(200).json();
    assert_eq!(nobody, json!({"account": null, "firstRun": true}));
    let account = json!({"email": " Ada@Example.com", "name": " Ada ", "password": PASSWORD});
    let session = ada.post("/api/accounts", account).await.expect(201);
    insta::assert_json_snapshot!("session", redacted(session.json()));
    let cookie = session.header("set-cookie");
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000"), "{cookie}");
    let mut ben = world.person("Ben").await;
    let second = ben.get("/api/session").await.expect(200).json();
    assert_eq!((&second["account"]["role"], &second["firstRun"]), (&json!("maker"), &json!(false)));

    let stolen = ada.clone();
    ada.delete("/api/session").await.expect(204);
    assert_eq!(ada.cookies.keys().collect::<Vec<_>>(), ["gk_known"]);
    for mut browser in [ada.clone(), stolen] {
        assert_eq!(browser.get("/api/session").await.json()["account"], json!(null));
        assert_eq!(browser.get("/api/apps").await.expect(401).code(), "signInRequired");
    }
    let sign_in = json!({"email": "ADA@example.com", "password": PASSWORD});
    ada.post("/api/session", sign_in).await.expect(200);
    ada.get("/api/apps").await.expect(200);
    world.clock.advance(SignedDuration::from_hours(31 * 24));
    ada.get("/api/apps").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_is_slowed_down_and_tells_nothing() {
    let world = World::start().await;
    world.person("Ada").await;
    let mut thief = world.browser();
    let wrong = json!({"email": email("Ada"), "password": "wrong horse battery staple"});
    let unknown = json!({"email": email("Eve"), "password": PASSWORD});
    let refused = thief.post("/api/session", wrong.clone()).await.expect(401);
    let absent = thief.post("/api/session", unknown).await.expect(401);
    assert_eq!(refused.text(), absent.text());
    for _ in 0..4 {
        thief.post("/api/session", wrong.clone()).await.expect(401);
    }
    let right = json!({"email": email("Ada"), "password": PASSWORD});
    let slowed = thief.post("/api/session", right.clone()).await.expect(429);
    assert_eq!((slowed.code().as_str(), slowed.header("retry-after")), ("tooManyTries", "30"));
    world.clock.advance(SignedDuration::from_secs(31));
    thief.post("/api/session", right).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_are_hashed_anew_when_the_way_has_changed() {
    let world = World::start().await;
    world.person("Ada").await;
    let kept = async |world: &World| {
        let found = world.state.logins.password_hash(&email("Ada").parse().unwrap()).await.unwrap();
        found.unwrap()
    };
    assert!(kept(&world).await.starts_with("$argon2id$v=19$m=64,t=1,p=1,keyid="));
    let folder = world.end().await;
    let world = World::over(folder, Wishes { scheme: Some(Scheme::Pbkdf2(10)), ..Wishes::default() }).await;
    let mut ada = world.browser();
    let wrong = json!({"email": email("Ada"), "password": "wrong horse battery staple"});
    ada.post("/api/session", wrong).await.expect(401);
    assert!(kept(&world).await.starts_with("$argon2id$"));
    let right = json!({"email": email("Ada"), "password": PASSWORD});
    ada.post("/api/session", right.clone()).await.expect(200);
    assert!(kept(&world).await.starts_with("$pbkdf2-sha256$i=10,l=32,keyid="));
    ada.post("/api/session", right).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn https_ties_cookies_to_the_host() {
    let world = World::with(Wishes { base_url: Some("https://apps.example.com"), ..Wishes::default() }).await;
    let mut ada = world.person("Ada").await;
    assert_eq!(ada.cookies.keys().collect::<Vec<_>>(), ["__Host-gk_known", "__Host-gk_session"]);
    let answer = ada.get("/api/session").await.expect(200);
    assert_eq!(answer.header("strict-transport-security"), "max-age=31536000");
}
