//! What the portal shows of directories, and who may see it.

use serde_json::json;

use super::{acme, refused};
use crate::kit::World;

#[tokio::test(flavor = "multi_thread")]
async fn administrators_see_what_directories_did() {
    let world = World::start().await;
    let (mut ann, own, mut directory) = acme(&world, json!({ "newcomers": "member" })).await;
    let id = directory.user("eve").await;
    directory.get("/Users").await.expect(200);
    // Events of one millisecond have no order.
    world.clock.advance(jiff::SignedDuration::from_millis(1));
    assert_eq!(refused(&directory.patch(&format!("/Users/{id}"), json!([{ "op": "remove" }])).await).0, 400);
    let seen = ann.get("/t/acme/api/directory").await.expect(200).json();
    assert_eq!(seen["address"], "http://gridkeep.test/t/acme/scim/v2");
    assert_eq!(
        (&seen["tokens"][0]["name"], &seen["tokens"][0]["provider"]),
        (&json!("Entra"), &json!(own.id))
    );
    assert!(seen["tokens"][0]["usedAt"].is_string());
    assert!(!seen.to_string().contains("gkd_"));
    let events = seen["events"].as_array().unwrap();
    assert_eq!(events.len(), 2, "{events:?}");
    assert_eq!(
        (&events[0]["method"], &events[0]["status"], &events[0]["subject"]),
        (&json!("PATCH"), &json!(400), &json!("eve@corp.example"))
    );
    assert!(events[0]["reason"].as_str().unwrap().contains("path"), "{events:?}");
    assert_eq!((&events[1]["method"], &events[1]["status"]), (&json!("POST"), &json!(201)));
    // The last fifty are enough.
    for _ in 0..60 {
        directory.patch(&format!("/Users/{id}"), json!([{ "op": "remove" }])).await.expect(400);
    }
    let seen = ann.get("/t/acme/api/directory").await.expect(200).json();
    assert_eq!(seen["events"].as_array().unwrap().len(), 50);
    // Others know nothing of it.
    let mut bob = world.person("Bob").await;
    bob.get("/t/acme/api/directory").await.expect(404);
    bob.post("/t/acme/api/directory/tokens", json!({ "provider": own.id, "name": "Mine" })).await.expect(404);
    // A token wants a name, a provider of the tenant's, and a fresh proof.
    let path = "/t/acme/api/directory/tokens";
    assert_eq!(ann.post(path, json!({ "provider": own.id, "name": " " })).await.code(), "invalidName");
    let none = crate::kit::id(1);
    ann.post(path, json!({ "provider": none, "name": "X" })).await.expect(404);
    ann.post(path, json!({ "provider": own.id, "name": "X", "most": "owner" })).await.expect(400);
    let ends = ann.post(path, json!({ "provider": own.id, "name": "X", "days": 1 })).await.expect(201).json();
    assert!(ends["expiresAt"].is_string());
    world.clock.advance(jiff::SignedDuration::from_hours(25));
    let mut over = directory.clone();
    ends["secret"].as_str().unwrap().clone_into(&mut over.token);
    assert_eq!(refused(&over.get("/Users").await).0, 401);
    directory.get("/Users").await.expect(200);
    assert_eq!(ann.post(path, json!({ "provider": own.id, "name": "X" })).await.code(), "proofRequired");
}

/// A token is worth what whoever answers for it is: nothing once that is nobody who rules over people.
#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_worth_what_their_maker_is() {
    let world = World::start().await;
    let (mut ann, own, mut directory) = acme(&world, json!({ "newcomers": "member" })).await;
    let mut admin = world.person("Admin").await;
    world.join(&mut ann, "/t/acme", ("Admin", "administrator"), &mut admin).await;
    let id = admin.get("/t/acme/api/session").await.json()["account"]["id"].as_str().unwrap().to_owned();
    let new = json!({ "provider": own.id, "name": "Admin's" });
    let made = admin.post("/t/acme/api/directory/tokens", new).await.expect(201).json();
    assert_eq!((&made["maker"], &made["orphaned"]), (&json!("Admin"), &json!(false)));
    let token = made["id"].as_str().unwrap().to_owned();
    let mut theirs = directory.clone();
    made["secret"].as_str().unwrap().clone_into(&mut theirs.token);
    theirs.get("/Users").await.expect(200);
    let person = format!("/t/acme/api/people/{id}");
    ann.patch(&person, json!({ "role": "maker" })).await.expect(200);
    assert_eq!(refused(&theirs.get("/Users").await).0, 401);
    directory.get("/Users").await.expect(200);
    ann.patch(&person, json!({ "role": "administrator" })).await.expect(200);
    theirs.get("/Users").await.expect(200);
    ann.delete(&person).await.expect(204);
    assert_eq!(refused(&theirs.get("/Users").await).0, 401);
    let orphaned = async |ann: &mut crate::kit::Browser| {
        let seen = ann.get("/t/acme/api/directory").await.expect(200).json();
        let tokens = seen["tokens"].as_array().unwrap().clone();
        let own = tokens.iter().find(|own| own["id"] == token.as_str()).unwrap();
        (own["maker"].clone(), own["orphaned"].clone())
    };
    assert_eq!(orphaned(&mut ann).await, (json!("Admin"), json!(true)));
    // Somebody else answers for it, whoever may; nobody else, and not from an unlocked desk.
    let path = format!("/t/acme/api/directory/tokens/{token}/maker");
    admin.put(&path, json!({})).await.expect(404);
    world.person("Bob").await.put(&path, json!({})).await.expect(404);
    ann.put(&format!("/t/acme/api/directory/tokens/{}/maker", crate::kit::id(7)), json!({}))
        .await
        .expect(404);
    ann.put(&path, json!({})).await.expect(204);
    theirs.get("/Users").await.expect(200);
    assert_eq!(orphaned(&mut ann).await, (json!("Ann"), json!(false)));
    world.clock.advance(jiff::SignedDuration::from_mins(6));
    assert_eq!(ann.put(&path, json!({})).await.expect(403).code(), "proofRequired");
}
