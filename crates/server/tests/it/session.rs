//! Accounts and sessions.

use jiff::SignedDuration;
use serde_json::json;

use crate::kit::{PASSWORD, Wishes, World, email, redacted};

#[tokio::test(flavor = "multi_thread")]
async fn the_first_person_administers_and_sessions_end() {
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
    assert_eq!((&second["account"]["administrator"], &second["firstRun"]), (&json!(false), &json!(false)));

    let stolen = ada.clone();
    ada.delete("/api/session").await.expect(204);
    assert!(ada.cookies.is_empty());
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
async fn a_closed_server_takes_the_first_person_and_those_who_are_named() {
    let world = World::with(Wishes { closed: true, ..Wishes::default() }).await;
    let mut ada = world.person("Ada").await;
    ada.publish("private", &["Ben"]).await;
    let account = |name: &str| json!({"email": email(name), "name": name, "password": PASSWORD});
    let mut somebody = world.browser();
    assert_eq!(somebody.post("/api/accounts", account("Eve")).await.expect(403).code(), "signUpClosed");
    somebody.post("/api/accounts", account("Ben")).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn https_ties_cookies_to_the_host() {
    let world = World::with(Wishes { base_url: Some("https://apps.example.com"), ..Wishes::default() }).await;
    let mut ada = world.person("Ada").await;
    assert_eq!(ada.cookies.keys().collect::<Vec<_>>(), ["__Host-gk_session"]);
    let answer = ada.get("/api/session").await.expect(200);
    assert_eq!(answer.header("strict-transport-security"), "max-age=31536000");
}
