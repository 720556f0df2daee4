//! What a tenant asks for, and whoever comes otherwise than its members in a browser: keys of programs, and guests.

use axum::{body::Body, http::Method};
use gridkeep_kit::{Authenticator, Lie};
use serde_json::{Value as Json, json};

use super::add;
use crate::{
    kit::{Browser, Wishes, World, databases, id},
    tenants::{publish, tenant},
};

fn ask(what: &str) -> Json {
    json!({"secondFactor": what})
}

async fn with_passkey(browser: &mut Browser) {
    let mut passkey = Authenticator::new("http://gridkeep.test", "gridkeep.test", false);
    add(browser, &mut passkey, Lie::None, 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_good_where_their_maker_had_shown_what_is_asked_for() {
    let (databases, _server) = databases();
    for database in databases {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let (mut admin, mut ben) = (world.person("Admin").await, world.person("Ben").await);
        let app = admin.publish("private", &["Ben"]).await;
        let keys = format!("/api/apps/{app}/keys");
        let key = async |browser: &mut Browser| {
            let made = browser.post(&keys, json!({"name": "Excel"})).await.expect(201).json();
            made["secret"].as_str().unwrap().to_owned()
        };
        let reads = async |key: &str| {
            let mut program = world.browser();
            let request = program.request(Method::GET, &format!("/odata/default/{app}/Stock"));
            program.send(request.header("x-api-key", key).body(Body::empty()).unwrap()).await.status
        };
        let weak = key(&mut ben).await;
        with_passkey(&mut admin).await;
        let strong = key(&mut admin).await;
        assert_eq!((reads(&weak).await, reads(&strong).await), (200, 200));
        for policy in ["any", "passkey"] {
            admin.put("/api/second-factor", ask(policy)).await.expect(204);
            // At the next request.
            assert_eq!((reads(&weak).await, reads(&strong).await), (401, 200), "{policy}");
            ben.post(&keys, json!({"name": "Other"})).await.expect(404);
            let ended: Vec<_> = admin
                .get(&keys)
                .await
                .json()
                .as_array()
                .unwrap()
                .iter()
                .map(|key| key["ended"].clone())
                .collect();
            assert!(ended.contains(&json!("factor")) && ended.contains(&Json::Null), "{ended:?}");
        }
        admin.put("/api/second-factor", ask("none")).await.expect(204);
        assert_eq!((reads(&weak).await, reads(&strong).await), (200, 200));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_an_app_names_is_told_what_is_asked_for() {
    let world = World::start().await;
    world.person("Root").await;
    let mut ann = world.person("Ann").await;
    tenant(&world, "acme", &mut ann).await;
    let client = async |browser: &mut Browser, app: &str| {
        let answer = browser.get(&format!("/t/acme/api/apps/{app}/client")).await;
        (answer.status, answer.code())
    };
    let app = publish(&mut ann, "/t/acme", "private", &["Cy"]).await["id"].as_str().unwrap().to_owned();
    let open = publish(&mut ann, "/t/acme", "public", &[]).await["id"].as_str().unwrap().to_owned();
    with_passkey(&mut ann).await;
    ann.put("/t/acme/api/second-factor", ask("any")).await.expect(204);
    let (mut cy, mut eve) = (world.person("Cy").await, world.person("Eve").await);
    assert_eq!(client(&mut cy, &app).await, (403, "factorRequired".to_owned()));
    // Nobody else learns that it is there, and they learn of nothing else.
    assert_eq!(client(&mut eve, &app).await, (404, "notFound".to_owned()));
    assert_eq!(client(&mut world.browser(), &app).await, (404, "notFound".to_owned()));
    assert_eq!(client(&mut cy, &id(99)).await, (404, "notFound".to_owned()));
    // What is open to all is open to them, and nobody makes a key of it without what is asked for.
    assert_eq!(client(&mut eve, &open).await.0, 200);
    let keys = format!("/t/acme/api/apps/{open}/keys");
    assert_eq!(eve.post(&keys, json!({"name": "x"})).await.expect(403).code(), "factorRequired");
    // Told what it is, although they do not belong to the workspace.
    ann.put("/t/acme/api/second-factor", ask("passkey")).await.expect(204);
    let told = cy.get(&format!("/t/acme/api/apps/{app}/client")).await.expect(403).json();
    assert_eq!(told["title"], "A passkey is needed");
    with_passkey(&mut cy).await;
    assert_eq!(client(&mut cy, &app).await.0, 200);
}
