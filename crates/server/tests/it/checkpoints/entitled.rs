//! Who may look at, approve, end and read what: whoever began it, and others.

use axum::{
    body::Body,
    http::{Method, header},
};
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use super::{
    flow::{MESSAGE, Shop, approve, asked, at, password, service},
    gate,
    others::waiting,
    put, repeat, required,
};
use crate::{
    kit::{Answer, Browser, PASSWORD, databases, email},
    tenants::tenant,
};

/// Gives somebody something of the shop's app; signs them in.
async fn give(shop: &mut Shop, name: &str, grant: Json) {
    let given = json!({"to": "person", "name": email(name), "grant": grant});
    shop.owner.put(&format!("/api/apps/{}/grants", shop.app), given).await.expect(200);
}

async fn settings(shop: &mut Shop, settings: Json) {
    shop.owner.put("/api/checkpoints/settings", settings).await.expect(204);
}

/// The newest row of a gate that was passed.
async fn passed(owner: &mut Browser) -> Json {
    let page = owner.get("/api/audit?kind=checkpoint.passed").await.expect(200).json();
    page["rows"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_is_asked_is_theirs_to_end() {
    let mut shop = Shop::open(None).await;
    settings(&mut shop, json!({"anyEntitled": true})).await;
    let path = shop.path();
    let challenge = asked(&mut shop.member, &path, &shop.rows.change(1, 0, 1, 12)).await;
    // Whoever may approve it sees it, and takes it from nobody.
    shop.owner.get(&at(&challenge, "")).await.expect(200);
    shop.owner.delete(&at(&challenge, "")).await.expect(403);
    shop.owner.post(&at(&challenge, "/extend"), json!({})).await.expect(403);
    shop.member.post(&at(&challenge, "/extend"), json!({})).await.expect(200);
    shop.member.delete(&at(&challenge, "")).await.expect(204);
    // What waits for others they turn down.
    settings(&mut shop, json!({"fourEyes": true})).await;
    let answer = shop.member.post(&path, shop.rows.change(2, 0, 1, 12)).await.expect(202);
    let challenge = answer.json()["checkpoint"].clone();
    shop.owner.delete(&at(&challenge, "")).await.expect(204);
    assert_eq!(shop.member.get(&at(&challenge, "")).await.expect(200).json()["state"], "cancelled");
    shop.owner.get(&at(&challenge, "")).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_approved_must_be_allowed_to_when_it_is_done() {
    let mut shop = Shop::open(None).await;
    settings(&mut shop, json!({"anyEntitled": true})).await;
    let mut clerk = shop.world.person("Clerk").await;
    give(&mut shop, "Clerk", json!({})).await;
    let body = json!({"Qty": 77});
    for allowed in [false, true] {
        let ask = service(&shop.member, &shop.app, "Stock(Sku='0007')", None, &body);
        let refused = shop.member.send(ask).await.expect(403).json();
        let challenge = refused["error"]["innererror"]["checkpoint"].clone();
        let approved = approve(&mut clerk, &challenge, password()).await.expect(200).json();
        assert_eq!(approved["state"], "approved");
        // Between the approval and the request that it is for, they lose what they had.
        if !allowed {
            give(&mut shop, "Clerk", json!({"level": "view"})).await;
        }
        let repeat = service(&shop.member, &shop.app, "Stock(Sku='0007')", Some(&challenge), &body);
        let answer = shop.member.send(repeat).await;
        assert_eq!(answer.status, if allowed { 204 } else { 403 }, "{}", answer.text());
        assert_eq!(shop.stock(0).await, if allowed { (77, 2) } else { (3, 1) });
        give(&mut shop, "Clerk", json!({})).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_user_name_is_a_try() {
    let mut shop = Shop::open(None).await;
    let path = shop.path();
    let mut strict = gate("STOCK_CHANGE", MESSAGE, true);
    strict["retypeUsername"] = json!(true);
    put(&mut shop.owner, &strict).await;
    let wrong = json!({"password": PASSWORD, "username": "owner@example.com"});
    let (mut answers, mut last) = (Vec::new(), Json::Null);
    for number in 0..2 {
        last = asked(&mut shop.member, &path, &shop.rows.change(number + 1, 0, 1, 12)).await;
        for _ in 0..3 {
            answers.push(approve(&mut shop.member, &last, wrong.clone()).await.code());
        }
    }
    // Three for a challenge, and five until each has to wait.
    let due = [
        "wrongUsername",
        "wrongUsername",
        "checkpointDenied",
        "wrongUsername",
        "wrongUsername",
        "tooManyTries",
    ];
    assert_eq!(answers, due);
    // The last was looked at by nobody: it is none of the challenge's tries, and comes when it may.
    let denied = async |owner: &mut Browser| {
        let page = owner.get("/api/audit?kind=checkpoint.denied").await.expect(200).json();
        page["rows"].as_array().unwrap().clone()
    };
    let rows = denied(&mut shop.owner).await;
    assert_eq!((rows.len(), &rows[0]["facts"]["reason"]), (5, &json!("user name")));
    shop.world.clock.advance(SignedDuration::from_secs(30));
    let read = shop.member.get(&at(&last, "")).await.expect(200).json();
    assert_eq!(read["triesLeft"], 1);
    assert_eq!(approve(&mut shop.member, &last, wrong).await.code(), "checkpointDenied");
    assert_eq!(denied(&mut shop.owner).await.len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_log_says_of_others_is_not_the_initiators() {
    let mut shop = Shop::open(None).await;
    let path = shop.path();
    let member = shop.member.get("/api/session").await.expect(200).json()["account"]["id"].clone();
    for (number, message) in [(1, MESSAGE), (2, "&USER wants &QTY")] {
        put(&mut shop.owner, &gate("STOCK_CHANGE", message, true)).await;
        let change = shop.rows.change(number, 0, number, 20 + number as i64);
        let challenge = asked(&mut shop.member, &path, &change).await;
        approve(&mut shop.member, &challenge, password()).await.expect(200);
        let row = passed(&mut shop.owner).await;
        // Whoever began it stands beside it, and is not in it.
        assert_eq!(row["personal"]["message"]["account"], Json::Null, "{row}");
        assert!(!row["personal"]["message"]["value"].as_str().unwrap().contains('@'), "{row}");
        assert_eq!(row["personal"]["changes"]["account"], Json::Null);
        assert_eq!(row["personal"]["user"]["account"], member);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reads_at_a_gate_what_they_may_not_read() {
    let mut shop = Shop::open(None).await;
    settings(&mut shop, json!({"anyEntitled": true})).await;
    let message = "Change &ITEM from &OLD_QTY to &QTY at &PRICE, was &OLD_PRICE?";
    put(&mut shop.owner, &gate("STOCK_CHANGE", message, true)).await;
    let hidden = json!({"tables": {"stock": {"hidden": ["price"]}}});
    give(&mut shop, "Member", hidden.clone()).await;
    let (mut clerk, mut peer) = (shop.world.person("Clerk").await, shop.world.person("Peer").await);
    give(&mut shop, "Clerk", json!({})).await;
    give(&mut shop, "Peer", hidden).await;
    let path = shop.path();
    let challenge = asked(&mut shop.member, &path, &shop.rows.change(1, 0, 1, 12)).await;
    let withheld = "Change Motor from 3 to 12 at •••, was •••?";
    let whole = "Change Motor from 3 to 12 at 19.90, was 19.90?";
    assert_eq!(challenge["gates"][0]["message"], withheld);
    let read = shop.member.get(&at(&challenge, "")).await.expect(200);
    assert_eq!(read.json()["gates"][0]["message"], withheld);
    assert!(!read.text().contains("19.9"));
    // Others approve only what they read in full.
    peer.get(&at(&challenge, "")).await.expect(404);
    approve(&mut peer, &challenge, password()).await.expect(404);
    assert_eq!(waiting(&mut peer).await["others"], json!([]));
    assert_eq!(waiting(&mut clerk).await["others"][0]["gates"][0]["message"], whole);
    assert_eq!(clerk.get(&at(&challenge, "")).await.expect(200).json()["gates"][0]["message"], whole);
    approve(&mut shop.member, &challenge, password()).await.expect(200);
    // The log keeps all.
    assert_eq!(passed(&mut shop.owner).await["personal"]["message"]["value"], whole);
    // Nor do they learn which values are equal: lines are counted by what they read.
    put(&mut shop.owner, &gate("STOCK_CHANGE", "Change it at &PRICE?", true)).await;
    let both = json!({"id": crate::kit::id(50), "operations": [
        shop.rows.change(3, 0, 2, 20)["operations"][0], shop.rows.change(3, 1, 1, 20)["operations"][0]]});
    let challenge = asked(&mut shop.member, &path, &both).await;
    let lines = json!([{"gate": "STOCK_CHANGE", "message": "Change it at •••? (×2)"}]);
    assert_eq!(challenge["gates"], lines);
    assert_eq!(shop.member.get(&at(&challenge, "")).await.expect(200).json()["gates"], lines);
    let whole = clerk.get(&at(&challenge, "")).await.expect(200).json()["gates"].clone();
    assert_eq!((&whole[0]["message"], whole.as_array().unwrap().len()), (&json!("Change it at 19.90?"), 2));
    // A new hash each time: what is not read cannot be tried until it fits.
    let change = shop.rows.change(2, 0, 2, 13);
    let first = asked(&mut shop.member, &path, &change).await;
    let second = asked(&mut shop.member, &path, &change).await;
    assert_ne!(first["contentHash"], second["contentHash"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_condition_tells_nobody_what_they_may_not_read() {
    let mut shop = Shop::open(None).await;
    let mut definition = super::guarded(10);
    definition["tables"][0]["gates"][0]["where"] = json!("Price gt 5");
    let creation = format!("/api/apps/{}/creation", shop.app);
    let created = shop.owner.upload(&creation, "stock.csv", crate::kit::STOCK).await.expect(201).json();
    let publish = format!("/api/creations/{}/publish", created["token"].as_str().unwrap());
    let again = json!({"definition": definition, "audience": "private", "replaces": shop.app});
    let challenge = required(&mut shop.owner, Method::POST, &publish, &again).await;
    approve(&mut shop.owner, &challenge, password()).await.expect(200);
    repeat(&mut shop.owner, Method::POST, &publish, &again, &challenge).await.expect(201);
    let path = shop.path();
    // Motors cost 19.90, bolts 0.05.
    asked(&mut shop.member, &path, &shop.rows.change(1, 0, 1, 12)).await;
    shop.member.post(&path, shop.rows.change(2, 1, 1, 251)).await.expect(200);
    // Whoever does not read the price is asked about both, in the same words.
    give(&mut shop, "Member", json!({"tables": {"stock": {"hidden": ["price"]}}})).await;
    asked(&mut shop.member, &path, &shop.rows.change(3, 0, 1, 12)).await;
    asked(&mut shop.member, &path, &shop.rows.change(4, 1, 2, 252)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_approved_at_one_tenant_is_nothing_at_another() {
    let (databases, _server) = databases();
    for database in databases {
        let mut shop = Shop::open(database).await;
        // The same person, in the same browser, owns both.
        tenant(&shop.world, "acme", &mut shop.owner).await;
        let change = shop.rows.change(1, 0, 1, 12);
        let path = shop.path();
        let challenge = asked(&mut shop.owner, &path, &change).await;
        let there = |what: &str| format!("/t/acme{}", at(&challenge, what));
        shop.owner.get(&there("")).await.expect(404);
        shop.owner.delete(&there("")).await.expect(404);
        let proof = json!({"password": PASSWORD, "contentHash": challenge["contentHash"]});
        for (what, body) in [("/approve", proof), ("/extend", json!({})), ("/passkey", json!({}))] {
            shop.owner.post(&there(what), body).await.expect(404);
        }
        assert_eq!(shop.stock(0).await, (3, 1));
        // Approved here, it lets nothing through there, and is not used up by it.
        let body = json!({"Qty": 77});
        let ask = service(&shop.owner, &shop.app, "Stock(Sku='0007')", None, &body);
        let refused = shop.owner.send(ask).await.expect(403).json();
        let challenge = refused["error"]["innererror"]["checkpoint"].clone();
        approve(&mut shop.owner, &challenge, password()).await.expect(200);
        put_at(&mut shop.owner, "/t/acme", &gate("CHECKPOINT_CONFIG", "Sure?", true)).await.expect(204);
        let gate = gate("OTHER", "Other?", false);
        let request = shop
            .owner
            .request(Method::PUT, "/t/acme/api/checkpoints/gates/OTHER")
            .header(header::CONTENT_TYPE, "application/json")
            .header("checkpoint", challenge["challenge"].as_str().unwrap());
        let request = request.body(Body::from(gate.to_string())).unwrap();
        assert_eq!(shop.owner.send(request).await.expect(403).code(), "SECURITY_CHECKPOINT_REQUIRED");
        let repeat = service(&shop.owner, &shop.app, "Stock(Sku='0007')", Some(&challenge), &body);
        shop.owner.send(repeat).await.expect(204);
        assert_eq!(shop.stock(0).await, (77, 2));
    }
}

async fn put_at(browser: &mut Browser, place: &str, gate: &Json) -> Answer {
    let path = format!("{place}/api/checkpoints/gates/{}", gate["id"].as_str().unwrap());
    browser.put(&path, gate.clone()).await
}
