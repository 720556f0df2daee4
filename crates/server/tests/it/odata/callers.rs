//! Who may ask: keys, sessions, and pages of named origins.

use axum::{body::Body, http::Method};
use serde_json::json;

use super::{Program, program, stock};
use crate::kit::{Wishes, World, id};

#[tokio::test(flavor = "multi_thread")]
async fn a_key_opens_what_its_person_may() {
    let (world, mut maker, app, _) = stock(None).await;
    let mut member = world.person("Member").await;
    let mut stranger = world.person("Stranger").await;
    let mut reads = program(&mut member, &world, &app, false).await;
    reads.get("Stock").await.expect(200);
    reads.send(Method::POST, "Stock", &[], r#"{"Sku":"9","Qty":1}"#).await.expect(403);
    let mut writes = program(&mut member, &world, &app, true).await;
    writes.send(Method::POST, "Stock", &[], r#"{"Sku":"9","Qty":1}"#).await.expect(201);
    // Without credentials, with a wrong key, with another app's key: asked for credentials, whether the app is there or not.
    let other = maker.publish("private", &[]).await;
    let mut elsewhere = program(&mut maker, &world, &other, true).await;
    elsewhere.root.clone_from(&writes.root);
    let unknown = format!("/odata/default/{}/", id(5));
    for key in [None, Some("gk_nonsense".to_owned()), elsewhere.key.clone()] {
        for root in [&writes.root, &unknown] {
            let mut nobody =
                Program { browser: world.browser(), root: root.clone(), key: key.clone(), version: None };
            let answer = nobody.get("Stock").await.expect(401);
            assert!(answer.header("www-authenticate").starts_with("Basic"));
        }
    }
    // The app's card says where all this is.
    let card = member.get(&format!("/api/apps/{app}")).await.expect(200).json();
    assert_eq!(card["service"], format!("http://gridkeep.test{}", writes.root));
    // A session works as well, from our own pages only.
    let path = format!("{}Stock", writes.root);
    member.get(&path).await.expect(200);
    stranger.get(&path).await.expect(404);
    let foreign = member.request(Method::POST, &path).header("origin", "https://evil.example");
    let foreign = foreign.header("content-type", "application/json").body(Body::from("{}")).unwrap();
    member.send(foreign).await.expect(403);
    // Who is named no longer has a key that opens nothing, and so has a revoked one.
    maker.patch(&format!("/api/apps/{app}"), json!({"people": []})).await.expect(200);
    writes.get("Stock").await.expect(401);
    maker.patch(&format!("/api/apps/{app}"), json!({"people": ["member@example.com"]})).await.expect(200);
    writes.get("Stock").await.expect(200);
    for key in maker.get(&format!("/api/apps/{app}/keys")).await.json().as_array().unwrap() {
        maker.delete(&format!("/api/apps/{app}/keys/{}", key["id"].as_str().unwrap())).await.expect(204);
    }
    writes.get("Stock").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_named_origins_may_ask() {
    let site = "https://reports.example.com";
    let world = World::with(Wishes { origins: vec![site.to_owned()], ..Wishes::default() }).await;
    let mut maker = world.person("Maker").await;
    let app = maker.publish("public", &[]).await;
    let mut guest = Program {
        browser: world.browser(),
        root: format!("/odata/default/{app}/"),
        key: None,
        version: None,
    };
    let preflight = |origin| {
        [
            ("origin", origin),
            ("access-control-request-method", "PATCH"),
            ("access-control-request-headers", "if-match"),
        ]
    };
    let named = guest.send(Method::OPTIONS, "Stock", &preflight(site), "").await.expect(200);
    assert_eq!(named.header("access-control-allow-origin"), site);
    assert_eq!(named.header("access-control-allow-credentials"), "");
    let other = guest.send(Method::OPTIONS, "Stock", &preflight("https://evil.example"), "").await;
    assert_eq!(other.header("access-control-allow-origin"), "");
    let read = guest.send(Method::GET, "Stock", &[("origin", site)], "").await.expect(200);
    assert_eq!(read.header("access-control-allow-origin"), site);
    assert!(read.header("access-control-expose-headers").contains("odata-version"));
    // The rest of the server says nothing of other origins.
    let portal =
        maker.request(Method::GET, "/api/session").header("origin", site).body(Body::empty()).unwrap();
    assert_eq!(maker.send(portal).await.header("access-control-allow-origin"), "");
}
