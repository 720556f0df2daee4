//! Without the person present, by somebody else, and the server's own operations.

use axum::{
    body::Body,
    http::{Method, header},
};
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use super::{
    flow::{MESSAGE, Shop, approve, asked, at, password},
    gate, put,
};
use crate::{
    kit::{Answer, Browser, PASSWORD, databases, email},
    programs::{tokens, with_token},
};

/// A change of the motors by a program with a key.
pub(super) async fn by_key(shop: &Shop, key: &str, method: Method, path: &str, body: &Json) -> Answer {
    let path = format!("/odata/default/{}/{path}", shop.app);
    let request = axum::http::Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "gridkeep.test")
        .header(header::AUTHORIZATION, format!("Bearer {key}"))
        .header(header::CONTENT_TYPE, "application/json");
    shop.world.browser().send(request.body(Body::from(body.to_string())).unwrap()).await
}

pub(super) async fn key(shop: &mut Shop) -> String {
    let wish = json!({"name": "Import", "writes": true});
    let made = shop.member.post(&format!("/api/apps/{}/keys", shop.app), wish).await.expect(201).json();
    made["secret"].as_str().unwrap().to_owned()
}

pub(super) async fn waiting(browser: &mut Browser) -> Json {
    browser.get("/api/checkpoints/waiting").await.expect(200).json()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_without_its_person_waits_for_them() {
    let (databases, _server) = databases();
    for database in databases {
        let mut shop = Shop::open(database).await;
        let key = key(&mut shop).await;
        let body = json!({"Sku": "0010", "Item": "Nut", "Qty": 500, "Price": "0.10"});
        let answer = by_key(&shop, &key, Method::POST, "Stock", &body).await.expect(202).json();
        assert_eq!(answer["error"]["code"], "SECURITY_CHECKPOINT_WAITING", "{answer}");
        let challenge = answer["error"]["innererror"]["checkpoint"].clone();
        assert_eq!((&challenge["state"], &challenge["executes"]), (&json!("waiting"), &json!(true)));
        // Sent again it waits once; few are let through.
        let again = by_key(&shop, &key, Method::POST, "Stock", &body).await.expect(202).json();
        assert_eq!(again["error"]["innererror"]["checkpoint"]["challenge"], challenge["challenge"]);
        let few = json!({"Sku": "0011", "Item": "Pin", "Qty": 5, "Price": "0.10"});
        by_key(&shop, &key, Method::POST, "Stock", &few).await.expect(201);
        // What came first stands first.
        shop.world.clock.advance(SignedDuration::from_secs(1));
        // In a batch, too, and it keeps what stands beside it in its group from being done.
        let group = json!({"requests": [
            {"id": "1", "atomicityGroup": "g", "method": "post", "url": "Stock",
             "headers": {"content-type": "application/json"}, "body": {"Sku": "0012", "Item": "Rod", "Qty": 1, "Price": "1"}},
            {"id": "2", "atomicityGroup": "g", "method": "post", "url": "Stock",
             "headers": {"content-type": "application/json"}, "body": {"Sku": "0013", "Item": "Cap", "Qty": 99, "Price": "1"}},
        ]});
        let answer = by_key(&shop, &key, Method::POST, "$batch", &group).await.expect(200).text();
        assert!(answer.contains("SECURITY_CHECKPOINT_WAITING"), "{answer}");
        let told = shop.world.mails("Member").await;
        let told = told.iter().filter(|(subject, _)| subject == "Changes wait for your approval");
        assert_eq!(told.count(), 1);
        let list = waiting(&mut shop.member).await;
        assert_eq!(list["own"].as_array().unwrap().len(), 2, "{list}");
        assert_eq!(list["own"][0]["gates"][0]["message"], "Change Nut from – to 500?");
        let nothing = json!({"own": [], "others": [], "ended": [], "given": [], "nextOwn": null, "nextOthers": null, "nextGiven": null});
        assert_eq!(waiting(&mut shop.owner).await, nothing);
        let count = async |shop: &mut Shop| {
            let path = format!("/odata/default/{}/Stock/$count", shop.app);
            shop.owner.get(&path).await.expect(200).text()
        };
        assert_eq!(count(&mut shop).await, "4");
        // Days later, in whichever browser of theirs.
        shop.world.clock.advance(SignedDuration::from_hours(70));
        let mut elsewhere = shop.world.browser();
        let sign_in = json!({"email": "member@example.com", "password": PASSWORD});
        elsewhere.post("/api/session", sign_in).await.expect(200);
        let done = approve(&mut elsewhere, &challenge, password()).await.expect(200).json();
        assert_eq!(done["state"], "done");
        assert_eq!(count(&mut shop).await, "5");
        approve(&mut elsewhere, &challenge, password()).await.expect(410);
        let group = waiting(&mut elsewhere).await["own"][0].clone();
        approve(&mut elsewhere, &group, password()).await.expect(200);
        assert_eq!(count(&mut shop).await, "7");
        // Too late.
        let body = json!({"Sku": "0014", "Item": "Nail", "Qty": 500, "Price": "0.10"});
        let late = by_key(&shop, &key, Method::POST, "Stock", &body).await.expect(202).json();
        shop.world.clock.advance(SignedDuration::from_hours(73));
        let late = late["error"]["innererror"]["checkpoint"].clone();
        approve(&mut elsewhere, &late, password()).await.expect(410);
        assert_eq!(waiting(&mut elsewhere).await["own"], json!([]));
        // Where a gate lets nothing of that wait, it is refused.
        let proof = json!({"password": PASSWORD});
        shop.owner.post("/api/account/proof", proof).await.expect(204);
        let mut strict = gate("STOCK_CHANGE", MESSAGE, true);
        strict["offline"] = json!("forbid");
        put(&mut shop.owner, &strict).await;
        let refused = by_key(&shop, &key, Method::POST, "Stock", &body).await.expect(403).json();
        assert_eq!(refused["error"]["code"], "SECURITY_CHECKPOINT_FORBIDDEN");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_is_asked_for_fresh_authentication_and_its_person_approves() {
    let mut shop = Shop::open(None).await;
    let token = tokens(&shop.world, &mut shop.member, "read write").await;
    let token = token["access_token"].as_str().unwrap().to_owned();
    let path = format!("/odata/default/{}/Stock(Sku='0007')", shop.app);
    let body = json!({"Qty": 70});
    let ask = |token: &str, checkpoint: Option<&Json>| {
        let request = axum::http::Request::builder()
            .method(Method::PATCH)
            .uri(&path)
            .header(header::HOST, "gridkeep.test")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::IF_MATCH, "*");
        let request = match checkpoint {
            Some(challenge) => request.header("checkpoint", challenge["challenge"].as_str().unwrap()),
            None => request,
        };
        request.body(Body::from(body.to_string())).unwrap()
    };
    let mut program = shop.world.browser();
    let answer = program.send(ask(&token, None)).await.expect(401);
    let asks = answer.header("www-authenticate").to_owned();
    assert!(asks.starts_with(r#"Bearer error="insufficient_user_authentication""#), "{asks}");
    assert!(asks.contains(r#"max_age="0""#) && asks.contains("acr_values="), "{asks}");
    let challenge = answer.json()["error"]["innererror"]["checkpoint"].clone();
    let page = format!("/checkpoint/{}", challenge["challenge"].as_str().unwrap());
    assert!(challenge["link"].as_str().unwrap().ends_with(&page));
    // The program itself approves nothing.
    let proof = json!({"contentHash": challenge["contentHash"], "password": PASSWORD});
    with_token(&shop.world, Method::POST, &at(&challenge, "/approve"), &token, proof).await.expect(403);
    let approved = approve(&mut shop.member, &challenge, password()).await.expect(200).json();
    assert_eq!(approved["state"], "approved");
    // Another program of the same person has approved nothing; nor have they in their browser.
    let other = tokens(&shop.world, &mut shop.member, "read write").await;
    let other = other["access_token"].as_str().unwrap().to_owned();
    program.send(ask(&other, Some(&challenge))).await.expect(410);
    program.send(ask(&token, Some(&challenge))).await.expect(204);
    assert_eq!(shop.stock(0).await, (70, 2));
    program.send(ask(&token, Some(&challenge))).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn four_eyes_are_two_people_who_may() {
    let mut shop = Shop::open(None).await;
    let path = shop.path();
    shop.owner.put("/api/checkpoints/settings", json!({"fourEyes": true})).await.expect(204);
    let change = shop.rows.change(1, 0, 1, 12);
    let answer = shop.member.post(&path, change.clone()).await.expect(202);
    assert_eq!(answer.code(), "SECURITY_CHECKPOINT_WAITING");
    let challenge = answer.json()["checkpoint"].clone();
    assert_eq!(challenge["fourEyes"], true);
    // Not who began it; not who may not do it; who may sees it and who it is of.
    approve(&mut shop.member, &challenge, password()).await.expect(403);
    let mut stranger = shop.world.person("Stranger").await;
    approve(&mut stranger, &challenge, password()).await.expect(404);
    let others = waiting(&mut shop.owner).await["others"].clone();
    assert_eq!(
        (&others[0]["by"], &others[0]["username"]),
        (&json!("member@example.com"), &json!("owner@example.com"))
    );
    assert_eq!(waiting(&mut stranger).await["others"], json!([]));
    let done = approve(&mut shop.owner, &challenge, password()).await.expect(200).json();
    assert_eq!((&done["state"], &done["outcome"]), (&json!("done"), &Json::Null));
    assert_eq!(shop.stock(0).await, (12, 2));
    // Whoever began it finds what came of it by asking again.
    shop.member.post(&path, change).await.expect(200);
    assert_eq!(shop.member.get(&at(&challenge, "")).await.json()["state"], "done");
    // Without it anybody entitled may, and whoever began it too.
    shop.owner.put("/api/checkpoints/settings", json!({"anyEntitled": true})).await.expect(204);
    let challenge = asked(&mut shop.member, &path, &shop.rows.change(2, 0, 2, 13)).await;
    approve(&mut stranger, &challenge, password()).await.expect(404);
    approve(&mut shop.owner, &challenge, password()).await.expect(200);
    let challenge = asked(&mut shop.member, &path, &shop.rows.change(3, 0, 3, 14)).await;
    shop.owner.put("/api/checkpoints/settings", json!({})).await.expect(204);
    approve(&mut shop.owner, &challenge, password()).await.expect(404);
    let anew = approve(&mut shop.member, &challenge, password()).await.expect(403);
    approve(&mut shop.member, &anew.json()["checkpoint"], password()).await.expect(200);
    assert_eq!(shop.stock(0).await, (14, 4));
}

#[tokio::test(flavor = "multi_thread")]
async fn gates_guard_themselves() {
    let mut shop = Shop::open(None).await;
    put(&mut shop.owner, &gate("CHECKPOINT_CONFIG", "&USER changes &EVENT", true)).await;
    let path = "/api/checkpoints/gates/STOCK_CHANGE";
    let off = gate("STOCK_CHANGE", MESSAGE, false);
    let refused = shop.owner.put(path, off.clone()).await.expect(403);
    assert_eq!(refused.code(), "SECURITY_CHECKPOINT_REQUIRED");
    let challenge = refused.json()["checkpoint"].clone();
    assert_eq!(challenge["gates"][0]["message"], "owner@example.com changes STOCK_CHANGE");
    assert_eq!(challenge["executes"], false);
    let repeat = |browser: &Browser, body: &Json| {
        let request = browser
            .request(Method::PUT, path)
            .header(header::CONTENT_TYPE, "application/json")
            .header("checkpoint", challenge["challenge"].as_str().unwrap());
        request.body(Body::from(body.to_string())).unwrap()
    };
    let early = repeat(&shop.owner, &off);
    shop.owner.send(early).await.expect(410);
    approve(&mut shop.owner, &challenge, password()).await.expect(200);
    // For what was shown, once.
    let other = repeat(&shop.owner, &gate("STOCK_CHANGE", "Sure?", false));
    shop.owner.send(other).await.expect(403);
    let own = repeat(&shop.owner, &off);
    shop.owner.send(own).await.expect(204);
    let again = repeat(&shop.owner, &off);
    shop.owner.send(again).await.expect(410);
    // It cannot be switched off past itself.
    shop.owner.put("/api/checkpoints/settings", json!({"enabled": false})).await.expect(403);
    shop.owner.delete("/api/checkpoints/gates/CHECKPOINT_CONFIG").await.expect(403);
    let path = shop.path();
    shop.member.post(&path, shop.rows.change(1, 0, 1, 99)).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_listed_in_pages_for_whoever_might_approve_it() {
    let (databases, _server) = databases();
    for database in databases {
        let mut shop = Shop::open(database).await;
        let key = key(&mut shop).await;
        shop.owner.put("/api/checkpoints/settings", json!({"anyEntitled": true})).await.expect(204);
        for number in 0..60 {
            shop.world.clock.advance(SignedDuration::from_millis(2));
            let body = json!({"Sku": format!("N{number:02}"), "Item": format!("Nut {number}"), "Qty": 500, "Price": "1"});
            by_key(&shop, &key, Method::POST, "Stock", &body).await.expect(202);
        }
        // Whoever may approve all of it finds the newest, too; and so does whoever began it.
        for (browser, part, next, from) in [
            (&mut shop.owner, "others", "nextOthers", "afterOthers"),
            (&mut shop.member, "own", "nextOwn", "afterOwn"),
        ] {
            let (mut said, mut query) = (Vec::new(), String::new());
            for size in [25, 25, 10] {
                let path = format!("/api/checkpoints/waiting{query}");
                let page = browser.get(&path).await.expect(200).json();
                let items = page[part].as_array().unwrap();
                assert_eq!(items.len(), size);
                said.extend(
                    items.iter().map(|item| item["gates"][0]["message"].as_str().unwrap().to_owned()),
                );
                query = page[next].as_str().map(|next| format!("?{from}={next}")).unwrap_or_default();
            }
            assert_eq!(query, "");
            let due = (0..60).map(|number| format!("Change Nut {number} from – to 500?"));
            assert_eq!(said, due.collect::<Vec<_>>());
        }
        // Where a page of others' ends is for whoever was told alone, and names nothing.
        let page = waiting(&mut shop.owner).await;
        let next = page["nextOthers"].as_str().unwrap();
        assert!(uuid::Uuid::parse_str(next).is_err(), "{next}");
        let path = format!("/api/checkpoints/waiting?afterOthers={next}");
        shop.owner.get(&path).await.expect(200);
        shop.member.get(&path).await.expect(400);
        let last = page["others"][24]["challenge"].as_str().unwrap();
        shop.owner.get(&format!("/api/checkpoints/waiting?afterOthers={last}")).await.expect(400);
        // Whoever is no one here is told nothing, wherever they say they are.
        let mut stranger = shop.world.person("Stranger").await;
        let path = "/api/checkpoints/waiting";
        assert_eq!(stranger.get(path).await.expect(200).json()["others"], json!([]));
        stranger.get(&format!("{path}?afterOthers=x")).await.expect(400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_may_not_do_is_not_listed_for_them() {
    let mut shop = Shop::open(None).await;
    let key = key(&mut shop).await;
    shop.owner.put("/api/checkpoints/settings", json!({"anyEntitled": true})).await.expect(204);
    for (sku, qty) in [("A", 50), ("B", 5_000)] {
        shop.world.clock.advance(SignedDuration::from_millis(2));
        let body = json!({"Sku": sku, "Item": "Nut", "Qty": qty, "Price": "1"});
        by_key(&shop, &key, Method::POST, "Stock", &body).await.expect(202);
    }
    // The bolts: 250 of them.
    shop.world.clock.advance(SignedDuration::from_millis(2));
    let change = shop.rows.change(900, 1, 1, 40);
    let path = shop.path();
    asked(&mut shop.member, &path, &change).await;
    for (grant, messages) in [
        (
            json!({}),
            vec!["Change Nut from – to 50?", "Change Nut from – to 5,000?", "Change Bolt from 250 to 40?"],
        ),
        (json!({"level": "view"}), vec![]),
        (json!({"tables": {"stock": {"hidden": ["price"]}}}), vec!["Change Bolt from 250 to 40?"]),
        (
            json!({"tables": {"stock": {"rows": {"rows": "where", "filter": "Qty lt 100"}}}}),
            vec!["Change Nut from – to 50?"],
        ),
        (
            json!({"tables": {"stock": {"rows": {"rows": "where", "filter": "Qty lt 1000"}}}}),
            vec!["Change Nut from – to 50?", "Change Bolt from 250 to 40?"],
        ),
    ] {
        let person = format!("Clerk{}", messages.len() + grant.to_string().len());
        let mut clerk = shop.world.person(&person).await;
        let given = json!({"to": "person", "name": email(&person), "grant": grant});
        shop.owner.put(&format!("/api/apps/{}/grants", shop.app), given).await.expect(200);
        let listed = waiting(&mut clerk).await["others"].clone();
        let said: Vec<_> = listed
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["gates"][0]["message"].as_str().unwrap())
            .collect();
        assert_eq!(said, messages, "{grant}");
        // What is listed can be opened, and nothing else.
        for item in waiting(&mut shop.owner).await["others"].as_array().unwrap() {
            let seen = listed.as_array().unwrap().iter().any(|own| own["challenge"] == item["challenge"]);
            clerk.get(&at(item, "")).await.expect(if seen { 200 } else { 404 });
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_begins_and_gives_up_again_and_again_is_told_to_wait() {
    let mut shop = Shop::open(None).await;
    let path = shop.path();
    for number in 0..300 {
        let challenge = asked(&mut shop.member, &path, &shop.rows.change(1_000 + number, 1, 1, 7)).await;
        shop.member.delete(&at(&challenge, "")).await.expect(204);
        assert_eq!(shop.member.get(&at(&challenge, "")).await.expect(200).json()["gates"], json!([]));
    }
    let refused = shop.member.post(&path, shop.rows.change(2_000, 1, 1, 7)).await.expect(429);
    assert_eq!((refused.code().as_str(), refused.header("retry-after")), ("tooManyChallenges", "600"));
    // What nobody guards goes on, others do, and so do they in an hour.
    shop.member.post(&path, shop.rows.change(2_001, 0, 1, 4)).await.expect(200);
    asked(&mut shop.owner, &path, &shop.rows.change(2_002, 1, 1, 8)).await;
    shop.world.clock.advance(SignedDuration::from_hours(1));
    let challenge = asked(&mut shop.member, &path, &shop.rows.change(2_003, 1, 1, 9)).await;
    approve(&mut shop.member, &challenge, password()).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn so_much_waits_and_guests_are_asked_for_nothing() {
    let mut shop = Shop::open(None).await;
    let key = key(&mut shop).await;
    let nut =
        |number: usize| json!({"Sku": format!("N{number}"), "Item": "Nut", "Qty": 500, "Price": "0.10"});
    for number in 0..200 {
        by_key(&shop, &key, Method::POST, "Stock", &nut(number)).await.expect(202);
    }
    let refused = by_key(&shop, &key, Method::POST, "Stock", &nut(200)).await.expect(422).json();
    assert_eq!(refused["error"]["code"], "tooManyWaiting");
    by_key(&shop, &key, Method::POST, "Stock", &nut(7)).await.expect(202);
    // Who is nobody can be asked for no proof.
    let mut open = super::guarded(10);
    open["tables"][0]["access"] =
        json!({"see": ["guest"], "insert": ["guest"], "update": ["guest"], "delete": []});
    let token = shop.owner.stock().await;
    let request = json!({"definition": open, "audience": "public"});
    let app = shop.owner.post(&format!("/api/creations/{token}/publish"), request).await.expect(201).json();
    let path = format!("/api/apps/{}/transactions", app["id"].as_str().unwrap());
    let insert = |number: u64, qty: u64| {
        json!({"id": crate::kit::id(number), "operations": [{"type": "insert", "table": "stock",
            "id": crate::kit::id(number), "values": {"sku": number.to_string(), "qty": qty}}]})
    };
    let mut guest = shop.world.browser();
    guest.post(&path, insert(1, 5)).await.expect(200);
    let refused = guest.post(&path, insert(2, 50)).await.expect(403);
    assert_eq!(refused.code(), "SECURITY_CHECKPOINT_FORBIDDEN");
}
