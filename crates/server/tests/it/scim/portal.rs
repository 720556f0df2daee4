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
