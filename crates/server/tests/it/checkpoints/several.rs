//! Several gates in one transaction: together they ask at least what each asks.

use serde_json::{Value as Json, json};

use super::{
    flow::{Shop, approve, asked, at, password},
    gate, guarded, publish, put,
};
use crate::kit::{Browser, PASSWORD, id};

/// An app whose stock is behind two gates, and a change of it.
async fn behind_two(shop: &mut Shop) -> (String, Json) {
    // Gates are there before an app names them.
    takes(&mut shop.owner, "LARGE", &json!({"active": false})).await;
    let mut definition = guarded(10);
    definition["tables"][0]["gates"] = json!([{"gate": "STOCK_CHANGE"}, {"gate": "LARGE"}]);
    let app = publish(&mut shop.owner, definition, &["Member"]).await.expect(201).json();
    let path = format!("/api/apps/{}/transactions", app["id"].as_str().unwrap());
    let insert = json!({"id": id(700), "operations": [{"type": "insert", "table": "stock", "id": id(700),
        "values": {"sku": "9", "item": "Cog", "qty": 5}}]});
    (path, insert)
}

async fn takes(owner: &mut Browser, id: &str, rules: &Json) {
    let mut gate = gate(id, &format!("{id}: &ITEM?"), true);
    for (name, value) in rules.as_object().unwrap() {
        gate[name] = value.clone();
    }
    put(owner, &gate).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_strictest_of_all_gates_holds() {
    let mut shop = Shop::open(None).await;
    let (path, insert) = behind_two(&mut shop).await;
    let lax = json!({"methods": ["password", "pin"], "comment": "none", "ttlSeconds": 600});
    let strict = json!({"methods": ["passkey", "pin"], "comment": "required", "retypeUsername": true, "ttlSeconds": 60});
    shop.member
        .put("/api/account/pin", json!({"pin": "482915", "proof": {"password": PASSWORD}}))
        .await
        .expect(204);
    for (first, second) in [(&lax, &strict), (&strict, &lax)] {
        takes(&mut shop.owner, "STOCK_CHANGE", first).await;
        takes(&mut shop.owner, "LARGE", second).await;
        let challenge = asked(&mut shop.member, &path, &insert).await;
        assert_eq!(challenge["firstGate"], "STOCK_CHANGE");
        assert_eq!((&challenge["methods"], &challenge["comment"]), (&json!(["pin"]), &json!("required")));
        assert_eq!(challenge["username"], Json::Null);
        let time = |what: &str| challenge[what].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        assert_eq!(time("expiresAt").duration_since(time("now")).as_secs(), 60);
        // Neither what only one of them takes, nor less than one of them asks.
        let full = json!({"pin": "482915", "comment": "Counted", "username": "member@example.com"});
        for (without, instead) in [("pin", json!({"password": PASSWORD})), ("comment", json!({}))] {
            let mut proof = full.clone();
            proof.as_object_mut().unwrap().remove(without);
            proof.as_object_mut().unwrap().extend(instead.as_object().unwrap().clone());
            approve(&mut shop.member, &challenge, proof).await.expect(400);
        }
        let mut unnamed = full.clone();
        unnamed["username"] = json!("");
        approve(&mut shop.member, &challenge, unnamed).await.expect(422);
        shop.member.delete(&at(&challenge, "")).await.expect(204);
    }
    let challenge = asked(&mut shop.member, &path, &insert).await;
    let full = json!({"pin": "482915", "comment": "Counted", "username": "member@example.com"});
    approve(&mut shop.member, &challenge, full).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn gates_that_take_nothing_in_common_let_nothing_through() {
    let mut shop = Shop::open(None).await;
    let (path, insert) = behind_two(&mut shop).await;
    takes(&mut shop.owner, "STOCK_CHANGE", &json!({"methods": ["password"]})).await;
    takes(&mut shop.owner, "LARGE", &json!({"methods": ["passkey"]})).await;
    let refused = shop.member.post(&path, insert.clone()).await.expect(403);
    assert_eq!(refused.code(), "checkpointImpossible");
    let words = refused.json()["detail"].as_str().unwrap().to_owned();
    assert!(words.contains("LARGE, STOCK_CHANGE"), "{words}");
    // One that waits is not let through either, when another gate is switched on meanwhile.
    takes(&mut shop.owner, "LARGE", &json!({"active": false})).await;
    let challenge = asked(&mut shop.member, &path, &insert).await;
    takes(&mut shop.owner, "LARGE", &json!({"methods": ["passkey"]})).await;
    let refused = approve(&mut shop.member, &challenge, password()).await.expect(403);
    assert_eq!(refused.code(), "checkpointImpossible");
    assert_eq!(shop.member.post(&path, insert).await.code(), "checkpointImpossible");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_of_changes_without_their_person_stands_in_the_metadata() {
    let mut shop = Shop::open(None).await;
    let (path, _) = behind_two(&mut shop).await;
    let app = path.split('/').nth(3).unwrap().to_owned();
    let mut etags = std::collections::BTreeSet::new();
    for (first, second, policy) in [
        (json!({"active": false}), json!({"active": false}), None),
        (json!({}), json!({"active": false}), Some("defer")),
        (json!({"offline": "deviceSigned"}), json!({"active": false}), Some("deviceSigned")),
        (json!({"offline": "deviceSigned"}), json!({"offline": "forbid"}), Some("forbid")),
    ] {
        takes(&mut shop.owner, "STOCK_CHANGE", &first).await;
        takes(&mut shop.owner, "LARGE", &second).await;
        let metadata = shop.member.get(&format!("/odata/default/{app}/$metadata")).await.expect(200);
        etags.insert(metadata.header("etag").to_owned());
        let text = metadata.text();
        let said = text.split(r#"<Annotation Term="Gridkeep.V1.OfflinePolicy" String=""#).nth(1);
        assert_eq!(said.and_then(|said| said.split('"').next()), policy, "{text}");
        assert_eq!(text.contains(r#"<Schema Namespace="Gridkeep.V1""#), policy.is_some());
        assert_eq!(text.matches("Gridkeep.V1.OfflinePolicy").count(), usize::from(policy.is_some()));
        let json = shop.member.get(&format!("/odata/default/{app}/$metadata?$format=json")).await.expect(200);
        let set = json.json()["App"]["Service"]["Stock"].clone();
        assert_eq!(set["@Gridkeep.V1.OfflinePolicy"].as_str(), policy);
    }
    assert_eq!(etags.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gate_that_says_two_things_is_one_gate() {
    let mut shop = Shop::open(None).await;
    let both = json!({"id": id(50), "operations": [
        shop.rows.change(1, 0, 1, 20)["operations"][0], shop.rows.change(1, 1, 1, 30)["operations"][0]]});
    let path = shop.path();
    let challenge = asked(&mut shop.member, &path, &both).await;
    let says = |message: &str| json!({"gate": "STOCK_CHANGE", "message": message});
    assert_eq!(
        challenge["gates"],
        json!([says("Change Motor from 3 to 20?"), says("Change Bolt from 250 to 30?")])
    );
    approve(&mut shop.member, &challenge, password()).await.expect(200);
    assert_eq!((shop.stock(0).await, shop.stock(1).await), ((20, 2), (30, 2)));
    // Each of its messages is in the log; one was authenticated, the other went with it.
    let page = shop.owner.get("/api/audit?kind=checkpoint.passed").await.expect(200).json();
    let rows = page["rows"].as_array().unwrap();
    let said: Vec<_> = rows.iter().map(|row| row["personal"]["message"]["value"].as_str().unwrap()).collect();
    assert_eq!(said, ["Change Bolt from 250 to 30?", "Change Motor from 3 to 20?"]);
    assert_eq!(
        (&rows[1]["facts"]["method"], &rows[0]["facts"]["via"]),
        (&json!("password"), &json!("STOCK_CHANGE"))
    );
}
