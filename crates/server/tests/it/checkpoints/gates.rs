//! Gates as administrators define them and apps name them.

use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use super::{gate, guarded, publish, put};
use crate::kit::{Wishes, World, databases, definition};

#[tokio::test(flavor = "multi_thread")]
async fn gates_are_made_named_and_switched_on() {
    let (databases, _server) = databases();
    for database in databases {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let mut owner = world.person("Owner").await;
        let handler = json!({"name": "Us", "kind": "mail", "target": "us@example.com", "enabled": true,
            "events": ["SECURITY_CHECKPOINT_CONFIG_CHANGED"]});
        let handler = owner.post("/api/handlers", handler).await.expect(201).json();
        // An app names gates that are there.
        let refused = publish(&mut owner, guarded(5), &[]).await.expect(422).json();
        assert_eq!(refused["problems"][0]["path"], "tables/0/gates/0/gate", "{refused}");
        assert_eq!(refused["problems"][0]["code"], "unknownName");
        // One that nobody names cannot show a column; inactive it can wait for it.
        let message = "Change &SKU to &QTY (was &OLD_QTY) in &TABLE?";
        let path = "/api/checkpoints/gates/STOCK_CHANGE";
        let refused = owner.put(path, gate("STOCK_CHANGE", message, true)).await.expect(422);
        assert_eq!(
            (refused.code().as_str(), &refused.json()["place"]),
            ("unknownParameter", &json!("OLD_QTY"))
        );
        put(&mut owner, &gate("STOCK_CHANGE", message, false)).await;
        publish(&mut owner, guarded(5), &[]).await.expect(201);
        put(&mut owner, &gate("STOCK_CHANGE", message, true)).await;
        let refused = owner.put(path, gate("STOCK_CHANGE", "&SKUX", true)).await.expect(422);
        assert_eq!(refused.json()["place"], "SKUX");
        let listed = owner.get("/api/checkpoints/gates").await.expect(200).json();
        let listed = &listed["gates"][0];
        assert_eq!((&listed["gate"]["active"], &listed["gate"]["ttlSeconds"]), (&json!(true), &json!(300)));
        assert_eq!(listed["apps"][0]["places"], json!(["Stock"]), "{listed}");
        let shows = |name: &str| listed["parameters"].as_array().unwrap().contains(&json!(name));
        assert!(shows("OLD_QTY") && shows("USER") && !shows("SKUX"), "{listed}");
        // A version that takes away what an active gate shows is not published, nor one whose condition means nothing.
        let mut other = guarded(5);
        for (condition, code) in [("Qty gt user.Level", "format"), ("Nothing eq 1", "format")] {
            other["tables"][0]["gates"][0]["where"] = json!(condition);
            let refused = publish(&mut owner, other.clone(), &[]).await.expect(422).json();
            assert_eq!(refused["problems"][0]["code"], code, "{refused}");
        }
        owner.delete(path).await.expect(204);
        owner.delete(path).await.expect(404);
        owner.put("/api/checkpoints/settings", json!({"waitHours": 24})).await.expect(204);
        // Each change is in the log, with what was and what is; what was refused is not.
        let rows = owner.get("/api/audit?kind=config.checkpoints").await.expect(200).json();
        let rows = rows["rows"].as_array().unwrap();
        let facts = |row: &Json| {
            let facts = &row["facts"];
            let active = |which: &str| facts[which]["active"].clone();
            json!([
                row["kind"],
                row["subject"],
                active("before"),
                active("after"),
                facts["after"]["waitHours"]
            ])
        };
        let (changed, removed) = ("config.checkpoints.changed", "config.checkpoints.removed");
        assert_eq!(
            json!(rows.iter().map(facts).collect::<Vec<_>>()),
            json!([
                [changed, "", null, null, 24],
                [removed, "STOCK_CHANGE", true, null, null],
                [changed, "STOCK_CHANGE", false, true, null],
                [changed, "STOCK_CHANGE", null, false, null],
            ])
        );
        // Whoever is told of such is told of each.
        world.state.teller.work_off().await.unwrap();
        let path = format!("/api/handlers/{}/deliveries", handler["handler"]["id"].as_str().unwrap());
        let told = owner.get(&path).await.expect(200).json();
        let told: Vec<&Json> = told.as_array().unwrap().iter().map(|event| &event["sequence"]).collect();
        assert!(rows.iter().all(|row| told.contains(&&row["sequence"])), "{told:?}");
        // Definitions as they were before are published as before.
        publish(&mut owner, definition(), &[]).await.expect(201);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_gate_is_refused() {
    let world = World::start().await;
    let mut owner = world.person("Owner").await;
    for (id, change) in [
        ("lower", json!({"id": "lower"})),
        ("X", json!({"id": "Y"})),
        ("X", json!({"id": "X", "message": " "})),
        ("X", json!({"id": "X", "message": "a\u{202e}b"})),
        ("X", json!({"id": "X", "message": "Sure?", "methods": []})),
        ("X", json!({"id": "X", "message": "Sure?", "methods": ["word"]})),
        ("X", json!({"id": "X", "message": "Sure?", "ttlSeconds": 29})),
        ("X", json!({"id": "X", "message": "Sure?", "description": "a\nb"})),
        ("X", json!({"id": "X", "message": "Sure?", "more": 1})),
    ] {
        let answer = owner.put(&format!("/api/checkpoints/gates/{id}"), change.clone()).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "invalidRequest"), "{change}");
    }
    let settings = owner.get("/api/checkpoints/settings").await.expect(200).json();
    assert_eq!(settings["enabled"], true);
    let path = "/api/checkpoints/settings";
    owner.put(path, json!({"waitHours": 0})).await.expect(400);
    owner.put(path, json!({"commentsRequired": true, "waitHours": 24})).await.expect(204);
    let settings = owner.get(path).await.expect(200).json();
    assert_eq!((&settings["commentsRequired"], &settings["fourEyes"]), (&json!(true), &json!(false)));
    // An unlocked desk is not enough.
    world.clock.advance(SignedDuration::from_mins(6));
    let refused = owner.put(path, json!({})).await.expect(403);
    assert_eq!(refused.code(), "proofRequired");
    owner.put("/api/checkpoints/gates/X", gate("X", "Sure?", true)).await.expect(403);
    owner.delete("/api/checkpoints/gates/X").await.expect(403);
    // Others make none, and strangers see none.
    let mut member = world.person("Member").await;
    member.get("/api/checkpoints/gates").await.expect(403);
    member.put(path, json!({})).await.expect(403);
    world.browser().get("/api/checkpoints/gates").await.expect(401);
}
