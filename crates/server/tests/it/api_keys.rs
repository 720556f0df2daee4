//! API keys: made, listed and revoked by those they belong to.

use axum::{body::Body, http::Request};
use jiff::SignedDuration;
use serde_json::json;

use crate::kit::{World, email, id};

#[tokio::test(flavor = "multi_thread")]
async fn a_key_belongs_to_its_person() {
    let world = World::start().await;
    let mut maker = world.person("Maker").await;
    let mut member = world.person("Member").await;
    let mut stranger = world.person("Stranger").await;
    let app = maker.publish("private", &["Member"]).await;
    let keys = format!("/api/apps/{app}/keys");
    let made = member.post(&keys, json!({"name": " Excel ", "writes": true, "days": 30})).await.expect(201);
    let made = made.json();
    assert_eq!(made["name"], "Excel");
    assert!(made["expiresAt"].as_str().unwrap().starts_with("2026-12-21T12:00:00"));
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("gk_") && secret.len() == 67, "{secret}");
    let own = member.get(&keys).await.expect(200).json();
    assert_eq!(own[0]["id"], made["id"]);
    assert!(!own.to_string().contains(secret));
    assert_eq!(own[0].get("person"), None);
    // Its maker sees whose it is, and may end it; a stranger does not even see the app.
    assert_eq!(maker.get(&keys).await.expect(200).json()[0]["person"], "Member");
    stranger.get(&keys).await.expect(404);
    maker.post(&keys, json!({"name": "mine"})).await.expect(201);
    assert_eq!(member.get(&keys).await.json().as_array().unwrap().len(), 1);
    let all = maker.get(&keys).await.json();
    let makers = all.as_array().unwrap().iter().find(|key| key["name"] == "mine").unwrap();
    let makers = makers["id"].as_str().unwrap().to_owned();
    member.delete(&format!("{keys}/{makers}")).await.expect(404);
    maker.delete(&format!("{keys}/{}", made["id"].as_str().unwrap())).await.expect(204);
    assert_eq!(member.get(&keys).await.json(), json!([]));
    member.delete(&format!("{keys}/{}", id(1))).await.expect(404);
    member.delete(&format!("{keys}/nonsense")).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn wishes_that_cannot_be_granted_are_answered_in_words() {
    let world = World::start().await;
    let mut maker = world.person("Maker").await;
    let app = maker.publish("public", &[]).await;
    let keys = format!("/api/apps/{app}/keys");
    for name in ["", "  ", "a\nb", &"x".repeat(81)] {
        let answer = maker.post(&keys, json!({"name": name})).await.expect(422);
        assert_eq!(answer.code(), "invalidName", "{name:?}");
    }
    assert_eq!(world.browser().post(&keys, json!({"name": "x"})).await.expect(401).code(), "signInRequired");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_ends_the_keys_of_whoever_lost_their_password() {
    let world = World::start().await;
    let mut ada = world.person("Ada").await;
    let app = ada.publish("private", &[]).await;
    let keys = format!("/api/apps/{app}/keys");
    let secret = ada.post(&keys, json!({"name": "Excel"})).await.expect(201).json();
    let ask = async |secret: &serde_json::Value| {
        let path = format!("/odata/default/{app}/Stock");
        let request = Request::builder().uri(path).header("x-api-key", secret["secret"].as_str().unwrap());
        world.browser().send(request.body(Body::empty()).unwrap()).await.status
    };
    assert_eq!(ask(&secret).await, 200);
    let other = "seven violet umbrellas in march";
    // Whoever knows their password changes it, and keeps what goes on by itself.
    world.clock.advance(SignedDuration::from_secs(1));
    let change = json!({"current": crate::kit::PASSWORD, "password": other});
    ada.put("/api/account/password", change).await.expect(204);
    assert_eq!(ask(&secret).await, 200);
    world.browser().post("/api/accounts/reset", json!({"email": email("Ada")})).await.expect(202);
    let token = world.token("Ada", "/new-password#").await;
    let set = json!({"token": token, "password": crate::kit::PASSWORD});
    world.browser().post("/api/accounts/password", set).await.expect(204);
    assert_eq!(ask(&secret).await, 401);
    world.clock.advance(SignedDuration::from_secs(1));
    let sign_in = json!({"email": email("Ada"), "password": crate::kit::PASSWORD});
    ada.post("/api/session", sign_in).await.expect(200);
    assert_eq!(ada.get(&keys).await.json()[0]["expiresAt"], json!("2026-11-21T12:00:01Z"));
    let new = ada.post(&keys, json!({"name": "Excel again"})).await.expect(201).json();
    assert_eq!((ask(&new).await, ask(&secret).await), (200, 401));
    let all = ada.get(&keys).await.json();
    assert_eq!((&all[0]["ended"], &all[1]["ended"]), (&json!(null), &json!("password")));
    // Whoever says so ends them with another password.
    world.clock.advance(SignedDuration::from_secs(1));
    let change = json!({"current": crate::kit::PASSWORD, "password": other, "endKeys": true});
    ada.put("/api/account/password", change).await.expect(204);
    assert_eq!(ask(&new).await, 401);
    assert_eq!(ada.get(&keys).await.json()[0]["ended"], "password");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_made_by_whoever_has_just_shown_who_they_are() {
    let world = World::start().await;
    let mut ada = world.person("Ada").await;
    let app = ada.publish("private", &[]).await;
    let keys = format!("/api/apps/{app}/keys");
    let first = ada.post(&keys, json!({"name": "Excel"})).await.expect(201).json();
    world.clock.advance(SignedDuration::from_mins(6));
    assert_eq!(ada.post(&keys, json!({"name": "x"})).await.expect(403).code(), "proofRequired");
    // What is there goes on, and is ended without a proof.
    let path = format!("{keys}/{}", first["id"].as_str().unwrap());
    ada.delete(&path).await.expect(204);
    ada.post("/api/account/proof", json!({"password": crate::kit::PASSWORD})).await.expect(204);
    ada.post(&keys, json!({"name": "x"})).await.expect(201);
}
