//! Where people are signed in, as they see and end it.

use axum::{body::Body, http::Method};
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use crate::kit::{Browser, PASSWORD, World, email};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

async fn sign_in(world: &World, name: &str, agent: &str) -> Browser {
    let mut browser = world.browser();
    let body = json!({"email": email(name), "password": PASSWORD}).to_string();
    let request = browser.request(Method::POST, "/api/session").header("user-agent", agent);
    let request = request.header("content-type", "application/json").body(Body::from(body)).unwrap();
    browser.send(request).await.expect(200);
    browser
}

async fn places(browser: &mut Browser) -> Vec<Json> {
    let answer = browser.get("/api/account/sessions").await.expect(200);
    answer.json().as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_sees_and_ends_where_they_are_signed_in() {
    let world = World::start().await;
    let mut ada = world.person("Ada").await;
    let mut ben = world.person("Ben").await;
    world.clock.advance(SignedDuration::from_hours(1));
    let mut laptop = sign_in(&world, "Ada", FIREFOX).await;
    world.clock.advance(SignedDuration::from_hours(1));
    let all = places(&mut laptop).await;
    let id = all[0]["id"].as_str().unwrap().to_owned();
    let expect = json!({
        "id": id, "current": true, "program": "Firefox", "system": "Linux", "address": "127.0.0.1", "methods": ["pwd"],
        "signedInAt": "2026-11-21T13:00:00Z", "seenAt": "2026-11-21T14:00:00Z", "endsAt": "2026-12-21T13:00:00Z",
    });
    assert_eq!((all.len(), &all[0]), (2, &expect));
    assert_eq!((&all[1]["current"], &all[1]["program"]), (&json!(false), &json!(null)));
    // Nobody else's can be ended, and nobody learns whether it is there.
    let path = format!("/api/account/sessions/{id}");
    let refused = ben.delete(&path).await.expect(404);
    let absent = ben.delete(&format!("/api/account/sessions/{}", crate::kit::id(1))).await.expect(404);
    assert_eq!(refused.text(), absent.text());
    ben.delete("/api/account/sessions/none").await.expect(404);
    world.browser().delete(&path).await.expect(401);
    world.browser().get("/api/account/sessions").await.expect(401);
    world.browser().delete("/api/account/sessions").await.expect(401);
    assert_eq!(places(&mut laptop).await.len(), 2);

    ada.delete(&path).await.expect(204);
    laptop.get("/api/apps").await.expect(401);
    let (mut one, mut two) = (sign_in(&world, "Ada", "curl/8.5.0").await, sign_in(&world, "Ada", "").await);
    assert_eq!(places(&mut one).await[0]["program"], json!("curl"));
    one.delete("/api/account/sessions").await.expect(204);
    for browser in [&mut ada, &mut two] {
        browser.get("/api/apps").await.expect(401);
    }
    ben.get("/api/apps").await.expect(200);
    assert_eq!(places(&mut one).await.len(), 1);
    let own = places(&mut one).await[0]["id"].as_str().unwrap().to_owned();
    one.delete(&format!("/api/account/sessions/{own}")).await.expect(204);
    assert!(!one.cookies.contains_key("gk_session"));
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_end_when_nobody_comes_back_and_in_any_case() {
    let world = World::start().await;
    let mut ada = world.person("Ada").await;
    let mut idle = ada.clone();
    let mut phone = sign_in(&world, "Ada", FIREFOX).await;
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    for _ in 0..2 {
        world.clock.advance(days(10));
        ada.get("/api/apps").await.expect(200);
    }
    // Not used for two weeks.
    phone.get("/api/apps").await.expect(401);
    assert_eq!(places(&mut ada).await.len(), 1);
    world.clock.advance(days(9));
    idle.get("/api/apps").await.expect(200);
    // A month is over.
    world.clock.advance(days(1));
    ada.get("/api/apps").await.expect(401);
}
