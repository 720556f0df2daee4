//! A guarded change from the challenge to the commit, by whichever way it comes.

use axum::{
    body::Body,
    http::{Method, header},
};
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use super::{gate, guarded, publish, put};
use crate::kit::{Answer, Browser, PASSWORD, Wishes, World, databases, id};

/// An owner with a stock list that is changed past a gate where there are more than ten, and a member of it.
pub(super) struct Shop {
    pub(super) world: World,
    pub(super) owner: Browser,
    pub(super) member: Browser,
    pub(super) app: String,
    /// Ids of the rows: motors, bolts, seals.
    pub(super) rows: Rows,
}

pub(super) struct Rows(Vec<String>);

impl Rows {
    /// A change of how many there are of something.
    pub(super) fn change(&self, number: u64, row: usize, version: u64, qty: i64) -> Json {
        json!({"id": id(number), "operations": [
            {"type": "update", "table": "stock", "id": self.0[row], "baseVersion": version, "values": {"qty": qty}}
        ]})
    }
}

pub(super) const MESSAGE: &str = "Change &ITEM from &OLD_QTY to &QTY?";

impl Shop {
    pub(super) async fn open(database: Option<String>) -> Self {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let mut owner = world.person("Owner").await;
        put(&mut owner, &gate("STOCK_CHANGE", MESSAGE, false)).await;
        let app = publish(&mut owner, guarded(10), &["Member"]).await.expect(201).json();
        let app = app["id"].as_str().unwrap().to_owned();
        put(&mut owner, &gate("STOCK_CHANGE", MESSAGE, true)).await;
        let member = world.person("Member").await;
        let mut shop = Self { world, owner, member, app, rows: Rows(Vec::new()) };
        let snapshot = shop.owner.get(&format!("/api/apps/{}/tables/stock/snapshot", shop.app)).await.text();
        let lines = snapshot.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
        let mut rows: Vec<(String, String)> = lines
            .filter(Json::is_array)
            .map(|row| (row[2].as_str().unwrap().to_owned(), row[0].as_str().unwrap().to_owned()))
            .collect();
        rows.sort();
        shop.rows = Rows(rows.into_iter().map(|(_, id)| id).collect());
        shop
    }

    pub(super) fn path(&self) -> String {
        format!("/api/apps/{}/transactions", self.app)
    }

    /// How many there are, and the version.
    pub(super) async fn stock(&mut self, row: usize) -> (i64, i64) {
        let path = format!("/api/apps/{}/tables/stock/snapshot", self.app);
        let text = self.owner.get(&path).await.expect(200).text();
        let lines = text.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
        let row = lines.filter(Json::is_array).find(|own| own[0] == json!(self.rows.0[row])).unwrap();
        (row[4].as_i64().unwrap(), row[1].as_i64().unwrap())
    }
}

/// Sends a change that is asked about; gives the challenge.
pub(super) async fn asked(browser: &mut Browser, path: &str, change: &Json) -> Json {
    let answer = browser.post(path, change.clone()).await.expect(403);
    assert_eq!(answer.code(), "SECURITY_CHECKPOINT_REQUIRED");
    answer.json()["checkpoint"].clone()
}

pub(super) fn at(challenge: &Json, what: &str) -> String {
    format!("/api/checkpoints/challenges/{}{what}", challenge["challenge"].as_str().unwrap())
}

pub(super) async fn approve(browser: &mut Browser, challenge: &Json, proof: Json) -> Answer {
    let mut body = proof;
    body["contentHash"] = challenge["contentHash"].clone();
    browser.post(&at(challenge, "/approve"), body).await
}

pub(super) fn password() -> Json {
    json!({"password": PASSWORD})
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_approved_is_done_and_nothing_else() {
    let (databases, _server) = databases();
    for database in databases {
        let mut shop = Shop::open(database).await;
        let path = shop.path();
        // Where the condition does not hold, before or after, nobody is asked.
        let few = shop.rows.change(1, 0, 1, 4);
        shop.member.post(&path, few).await.expect(200);
        let many = shop.rows.change(2, 0, 2, 12);
        let challenge = asked(&mut shop.member, &path, &many).await;
        assert_eq!(
            challenge["gates"],
            json!([{"gate": "STOCK_CHANGE", "message": "Change Motor from 4 to 12?"}])
        );
        assert_eq!(
            (&challenge["state"], &challenge["username"]),
            (&json!("open"), &json!("member@example.com"))
        );
        assert_eq!((&challenge["methods"], &challenge["action"]), (&json!(["password"]), &json!("Stock")));
        assert_eq!(shop.stock(0).await, (4, 2));
        let read = shop.member.get(&at(&challenge, "")).await.expect(200).json();
        assert_eq!((&read["contentHash"], &read["triesLeft"]), (&challenge["contentHash"], &json!(3)));
        // A wrong password is counted; another hash is another content.
        let wrong = approve(&mut shop.member, &challenge, json!({"password": "no"})).await.expect(401);
        assert_eq!((wrong.code().as_str(), &wrong.json()["triesLeft"]), ("checkpointDenied", &json!(2)));
        let other = json!({"password": PASSWORD, "contentHash": "00"});
        shop.member.post(&at(&challenge, "/approve"), other).await.expect(410);
        let done = approve(
            &mut shop.member,
            &challenge,
            json!({"password": PASSWORD, "comment": "New\u{202e} shelf"}),
        );
        let done = done.await.expect(200).json();
        assert_eq!(
            (&done["state"], &done["outcome"]["outcome"]),
            (&json!("done"), &json!("applied")),
            "{done}"
        );
        assert_eq!(shop.stock(0).await, (12, 3));
        // Sent again, it gives the stored answer; approved again, it is over.
        let again = shop.rows.change(2, 0, 2, 12);
        let again = shop.member.post(&path, again).await.expect(200).json();
        assert_eq!(again["sequence"], done["outcome"]["sequence"]);
        approve(&mut shop.member, &challenge, password()).await.expect(410);
        assert_eq!(shop.member.get(&at(&challenge, "")).await.expect(200).json()["state"], "done");
        // The next one asks again, and names what it was before; so does one that only leaves the guarded range.
        let fewer = shop.rows.change(3, 0, 3, 1);
        let challenge = asked(&mut shop.member, &path, &fewer).await;
        shop.member.delete(&at(&challenge, "")).await.expect(204);
        approve(&mut shop.member, &challenge, password()).await.expect(410);
        assert_eq!(shop.stock(0).await, (12, 3));
        // Switched off as a whole, nobody is asked.
        shop.owner.put("/api/checkpoints/settings", json!({"enabled": false})).await.expect(204);
        shop.member.post(&path, fewer).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_changed_since_it_was_shown_is_shown_anew() {
    let mut shop = Shop::open(None).await;
    let path = shop.path();
    // The row.
    let challenge = asked(&mut shop.member, &path, &shop.rows.change(1, 0, 1, 12)).await;
    let (other, few) = (path.clone(), shop.rows.change(2, 0, 1, 5));
    shop.owner.post(&other, few).await.expect(200);
    let refused = approve(&mut shop.member, &challenge, password()).await.expect(409).json();
    assert_eq!(refused["outcome"]["problems"][0]["reason"]["code"], "conflict", "{refused}");
    assert_eq!(shop.stock(0).await, (5, 2));
    approve(&mut shop.member, &challenge, password()).await.expect(410);
    // The gate: stricter, it asks anew, and the new challenge does it.
    let change = shop.rows.change(3, 0, 2, 12);
    let challenge = asked(&mut shop.member, &path, &change).await;
    put(&mut shop.owner, &gate("STOCK_CHANGE", "Really &QTY?", true)).await;
    let anew = approve(&mut shop.member, &challenge, password()).await.expect(403);
    assert_eq!(anew.code(), "SECURITY_CHECKPOINT_REQUIRED");
    let anew = anew.json()["checkpoint"].clone();
    assert_eq!(anew["gates"][0]["message"], "Really 12?");
    assert_eq!(shop.stock(0).await, (5, 2));
    // Switched off meanwhile, what was shown still has to be approved, and can be.
    put(&mut shop.owner, &gate("STOCK_CHANGE", "Really &QTY?", false)).await;
    approve(&mut shop.member, &anew, json!({"password": "no"})).await.expect(401);
    approve(&mut shop.member, &anew, password()).await.expect(200);
    assert_eq!(shop.stock(0).await, (12, 3));
    put(&mut shop.owner, &gate("STOCK_CHANGE", MESSAGE, true)).await;
    // The app.
    let challenge = asked(&mut shop.member, &path, &shop.rows.change(4, 0, 3, 13)).await;
    let creation = format!("/api/apps/{}/creation", shop.app);
    let token =
        shop.owner.upload(&creation, "stock.csv", crate::kit::STOCK).await.expect(201).json()["token"]
            .as_str()
            .unwrap()
            .to_owned();
    let again = json!({"definition": guarded(10), "audience": "private", "replaces": shop.app});
    shop.owner.post(&format!("/api/creations/{token}/publish"), again).await.expect(201);
    let anew = approve(&mut shop.member, &challenge, password()).await.expect(403);
    assert_eq!(anew.code(), "SECURITY_CHECKPOINT_REQUIRED");
    assert_eq!(shop.stock(0).await, (12, 3));
    // Time.
    let anew = anew.json()["checkpoint"].clone();
    shop.world.clock.advance(SignedDuration::from_secs(299));
    shop.member.post(&at(&anew, "/extend"), json!({})).await.expect(200);
    shop.world.clock.advance(SignedDuration::from_secs(300));
    approve(&mut shop.member, &anew, password()).await.expect(410);
    shop.member.post(&at(&anew, "/extend"), json!({})).await.expect(410);
    assert_eq!(shop.member.get(&at(&anew, "")).await.expect(200).json()["state"], "expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_is_its_person_and_its_session() {
    let mut shop = Shop::open(None).await;
    let path = shop.path();
    let challenge = asked(&mut shop.member, &path, &shop.rows.change(1, 0, 1, 12)).await;
    let nobody = json!({"challenge": id(9)});
    let mut elsewhere = shop.world.browser();
    let sign_in = json!({"email": "member@example.com", "password": PASSWORD});
    elsewhere.post("/api/session", sign_in).await.expect(200);
    for other in [&mut elsewhere, &mut shop.owner] {
        for what in ["/approve", "/extend", "/passkey"] {
            let body = if what == "/approve" {
                json!({"contentHash": challenge["contentHash"], "password": PASSWORD})
            } else {
                json!({})
            };
            let found = other.post(&at(&challenge, what), body.clone()).await.expect(404);
            let none = other.post(&at(&nobody, what), body).await.expect(404);
            assert_eq!(found.body, none.body);
        }
        other.get(&at(&challenge, "")).await.expect(404);
        other.delete(&at(&challenge, "")).await.expect(404);
    }
    shop.world.browser().get(&at(&challenge, "")).await.expect(401);
    // Six at once: the oldest is given up.
    let mut all = vec![challenge];
    for number in 2..=6 {
        shop.world.clock.advance(SignedDuration::from_secs(1));
        all.push(asked(&mut shop.member, &path, &shop.rows.change(number, 1, 1, number as i64 + 100)).await);
    }
    assert_eq!(shop.member.get(&at(&all[0], "")).await.json()["state"], "cancelled");
    assert_eq!(shop.member.get(&at(&all[1], "")).await.json()["state"], "open");
    // Three proofs that are wrong end one.
    for left in [2, 1, 0] {
        let wrong = approve(&mut shop.member, &all[1], json!({"password": "no"})).await.expect(401);
        assert_eq!(wrong.json()["triesLeft"], left);
    }
    approve(&mut shop.member, &all[1], password()).await.expect(410);
    // Comments and names by the gate's rules.
    let mut strict = gate("STOCK_CHANGE", MESSAGE, true);
    strict["comment"] = json!("required");
    strict["retypeUsername"] = json!(true);
    put(&mut shop.owner, &strict).await;
    let challenge = asked(&mut shop.member, &path, &shop.rows.change(20, 1, 1, 99)).await;
    assert_eq!((&challenge["username"], &challenge["comment"]), (&Json::Null, &json!("required")));
    approve(&mut shop.member, &challenge, password()).await.expect(400);
    let named = |name: &str| json!({"password": PASSWORD, "comment": "Counted", "username": name});
    let wrong = approve(&mut shop.member, &challenge, named("owner@example.com")).await.expect(422);
    assert_eq!(wrong.code(), "wrongUsername");
    approve(&mut shop.member, &challenge, named(" Member@EXAMPLE.com ")).await.expect(200);
    assert_eq!(shop.stock(1).await, (99, 2));
}

/// A request to the app's service as a browser sends it.
pub(super) fn service(
    browser: &Browser,
    app: &str,
    path: &str,
    checkpoint: Option<&Json>,
    body: &Json,
) -> axum::http::Request<Body> {
    let request = browser
        .request(Method::PATCH, &format!("/odata/default/{app}/{path}"))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::IF_MATCH, "*");
    let request = match checkpoint {
        Some(challenge) => request.header("checkpoint", challenge["challenge"].as_str().unwrap()),
        None => request,
    };
    request.body(Body::from(body.to_string())).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_commits_of_one_approval_exactly_one_is_done() {
    let (databases, _server) = databases();
    for database in databases {
        let mut shop = Shop::open(database).await;
        let body = json!({"Qty": 77});
        let request = service(&shop.member, &shop.app, "Stock(Sku='0007')", None, &body);
        let refused = shop.member.send(request).await.expect(403);
        let error = refused.json()["error"].clone();
        assert_eq!(error["code"], "SECURITY_CHECKPOINT_REQUIRED");
        assert_eq!(error["details"][0]["message"], "Change Motor from 3 to 77?");
        let challenge = error["innererror"]["checkpoint"].clone();
        assert_eq!(challenge["executes"], false);
        // Not approved yet, it lets nothing through.
        let early = service(&shop.member, &shop.app, "Stock(Sku='0007')", Some(&challenge), &body);
        shop.member.send(early).await.expect(410);
        let approved = approve(&mut shop.member, &challenge, password()).await.expect(200).json();
        assert_eq!(approved["state"], "approved");
        // Another content is asked about by itself.
        let other =
            service(&shop.member, &shop.app, "Stock(Sku='0007')", Some(&challenge), &json!({"Qty": 78}));
        shop.member.send(other).await.expect(403);
        let mut sent = Vec::new();
        for _ in 0..50 {
            let (mut browser, app) = (shop.member.clone(), shop.app.clone());
            let request = service(&browser, &app, "Stock(Sku='0007')", Some(&challenge), &body);
            sent.push(tokio::spawn(async move { browser.send(request).await.status }));
        }
        let mut done = 0;
        for one in sent {
            match one.await.unwrap() {
                200 | 204 => done += 1,
                // Used up, or by then about another version of the row.
                status => assert!([403, 410].contains(&status), "{status}"),
            }
        }
        assert_eq!(done, 1);
        assert_eq!(shop.stock(0).await, (77, 2));
        // Of fifty approvals of one challenge too.
        let path = shop.path();
        let challenge = asked(&mut shop.member, &path, &shop.rows.change(2, 0, 2, 90)).await;
        let mut sent = Vec::new();
        for _ in 0..50 {
            let (mut browser, challenge) = (shop.member.clone(), challenge.clone());
            sent.push(tokio::spawn(
                async move { approve(&mut browser, &challenge, password()).await.status },
            ));
        }
        let mut done = 0;
        for one in sent {
            done += usize::from(one.await.unwrap() == 200);
        }
        assert_eq!(done, 1);
        assert_eq!(shop.stock(0).await, (90, 3));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_is_judged_by_the_row_it_runs_on_and_leaves() {
    let world = World::start().await;
    let mut owner = world.person("Owner").await;
    put(&mut owner, &gate("CHECK_STOCK", "Check?", true)).await;
    let mut definition = crate::kit::definition();
    // It changes nothing about the row it is called on.
    definition["actions"] = json!([{"id": "check", "title": "Check", "table": "stock",
        "gates": [{"gate": "CHECK_STOCK", "where": "Qty gt 1000"}],
        "steps": [{"do": "insert", "table": "stock",
            "values": {"sku": {"formula": "[@SKU]&\"-checked\""}, "qty": {"value": 1}}}]}]);
    let app = publish(&mut owner, definition, &[]).await.expect(201).json();
    let path = format!("/api/apps/{}/transactions", app["id"].as_str().unwrap());
    let insert = |row: u64, qty: u64| json!({"type": "insert", "table": "stock", "id": id(row), "values": {"sku": row.to_string(), "qty": qty}});
    let update = |row: u64, version: u64, qty: u64| json!({"type": "update", "table": "stock", "id": id(row), "baseVersion": version, "values": {"qty": qty}});
    let call = |row: u64| json!({"type": "call", "action": "check", "row": id(row), "arguments": {}});
    let mut number = 100;
    let mut send = |operations: Vec<Json>| {
        number += 1;
        json!({"id": id(number), "operations": operations})
    };
    owner.post(&path, send(vec![insert(1, 5)])).await.expect(200);
    for operations in [
        vec![update(1, 1, 5_000), call(1)],
        vec![insert(2, 5_000), call(2)],
        vec![call(1), update(1, 1, 5_000)],
        vec![update(1, 1, 5_000), call(1), update(1, 2, 5)],
    ] {
        asked(&mut owner, &path, &send(operations)).await;
    }
    owner.post(&path, send(vec![call(1)])).await.expect(200);
    owner.post(&path, send(vec![insert(3, 5), call(3)])).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_words_say_how_many_rows_they_are_about_and_names_of_ours_are_ours() {
    let mut shop = Shop::open(None).await;
    put(&mut shop.owner, &gate("STOCK_CHANGE", "Change it as &USER?", true)).await;
    let both = json!({"id": id(50), "operations": [
        shop.rows.change(1, 0, 1, 20)["operations"][0], shop.rows.change(1, 1, 1, 20)["operations"][0]]});
    let path = shop.path();
    let challenge = asked(&mut shop.member, &path, &both).await;
    assert_eq!(challenge["gates"][0]["message"], "Change it as member@example.com? (×2)");
    approve(&mut shop.member, &challenge, password()).await.expect(200);
    // How many the transaction has in all does not say how many of them are alike.
    put(&mut shop.owner, &gate("STOCK_CHANGE", "&QTY each, &COUNT in all", true)).await;
    for (number, last, expect) in
        [(51, 40, vec!["30 each, 3 in all (×2)", "40 each, 3 in all"]), (52, 30, vec!["30 each, 3 in all"])]
    {
        let change = |row, version, qty| shop.rows.change(1, row, version, qty)["operations"][0].clone();
        let operations = [change(0, 2, 30), change(1, 2, 30), change(2, 1, last)];
        let alike = json!({"id": id(number), "operations": operations});
        let challenge = asked(&mut shop.member, &path, &alike).await;
        let lines =
            challenge["gates"].as_array().unwrap().iter().map(|gate| gate["message"].as_str().unwrap());
        assert_eq!(lines.collect::<Vec<_>>(), expect);
    }
    put(&mut shop.owner, &gate("STOCK_CHANGE", "Change it as &USER?", true)).await;
    // A column that is called so says nothing of who asks.
    let text =
        guarded(10).to_string().replace(r#""id":"item""#, r#""id":"user""#).replace(r#""item""#, r#""user""#);
    let app = publish(&mut shop.owner, serde_json::from_str(&text).unwrap(), &[]).await.expect(201).json();
    let path = format!("/api/apps/{}/transactions", app["id"].as_str().unwrap());
    let insert = json!({"id": id(60), "operations": [{"type": "insert", "table": "stock", "id": id(60),
        "values": {"sku": "X", "user": "somebody else", "qty": 500}}]});
    let challenge = asked(&mut shop.owner, &path, &insert).await;
    assert_eq!(challenge["gates"][0]["message"], "Change it as owner@example.com?");
}
