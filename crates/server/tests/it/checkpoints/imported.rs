//! An import at the gates: asked once for all its rows, done once, and waiting where nobody is there.

use axum::http::{Method, header};
use serde_json::{Value as Json, json};

use super::{
    flow::{Shop, approve, at, password},
    gate,
    others::{key, waiting},
    put,
};
use crate::{
    kit::{Answer, Browser, databases, id},
    programs::tokens,
};

fn path(shop: &Shop, query: &str) -> String {
    format!("/api/apps/{}/tables/stock/import{query}", shop.app)
}

/// So many new rows past the gate.
fn many(rows: usize) -> String {
    (0..rows).fold("SKU,Item,Qty\n".to_owned(), |file, row| format!("{file}n{row},Nut,500\n"))
}

async fn count(shop: &mut Shop) -> String {
    let path = format!("/odata/default/{}/Stock/$count", shop.app);
    shop.owner.get(&path).await.expect(200).text()
}

async fn asked(browser: &mut Browser, path: &str, file: &str) -> Json {
    let answer = browser.upload(path, "rows.csv", file.to_owned()).await.expect(403);
    assert_eq!(answer.code(), "SECURITY_CHECKPOINT_REQUIRED");
    answer.json()["checkpoint"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_asked_about_once_and_done_once() {
    let (databases, _server) = databases();
    for database in databases {
        let mut shop = Shop::open(database).await;
        put(&mut shop.owner, &gate("STOCK_CHANGE", "&COUNT rows in &TABLE", true)).await;
        let to = path(&shop, &format!("?rows=change&transaction={}", id(50)));
        // What is wrong is said before anybody is asked, and few are let through.
        let wrong = shop.member.upload(&to, "rows.csv", "SKU,Qty\nx,500\ny,soon\n").await.expect(422).json();
        assert_eq!(wrong["problems"][0]["row"], 3);
        shop.member.upload(&path(&shop, ""), "rows.csv", "SKU,Qty\nfew,5\n").await.expect(200);
        let file = many(250) + "0007,Motor,77\n";
        let challenge = asked(&mut shop.member, &to, &file).await;
        assert_eq!(challenge["gates"][0]["message"], "251 rows in Stock");
        assert_eq!(
            (challenge["gates"].as_array().unwrap().len(), &challenge["action"]),
            (1, &json!("Stock"))
        );
        // Given up, nothing is done; asked again and approved, all of it is.
        shop.member.delete(&at(&challenge, "")).await.expect(204);
        assert_eq!(count(&mut shop).await, "4");
        let challenge = asked(&mut shop.member, &to, &file).await;
        approve(&mut shop.member, &challenge, password()).await.expect(200);
        assert_eq!(count(&mut shop).await, "254");
        let done = shop.member.upload(&to, "rows.csv", file.clone()).await.expect(200).json();
        assert_eq!(done, json!({"outcome": "applied", "added": 250, "changed": 1, "unchanged": 0}));
        approve(&mut shop.member, &challenge, password()).await.expect(410);
        assert_eq!(count(&mut shop).await, "254");
        // What changed meanwhile is not overwritten by what was approved before.
        let to = path(&shop, &format!("?rows=change&transaction={}", id(51)));
        let challenge = asked(&mut shop.member, &to, "SKU,Qty\n0007,88\n").await;
        let other = shop.rows.change(52, 0, 2, 1);
        let to_all = shop.path();
        let other = super::flow::asked(&mut shop.owner, &to_all, &other).await;
        approve(&mut shop.owner, &other, password()).await.expect(200);
        approve(&mut shop.member, &challenge, password()).await.expect(409);
        assert_eq!(shop.stock(0).await, (1, 3));
        // What nobody can look through is not asked about.
        let answer = shop.member.upload(&to, "rows.csv", many(1_260)).await.expect(422);
        assert_eq!(answer.code(), "tooManyOperations");
    }
}

async fn by(shop: &Shop, shown: &str, to: &str, file: &str) -> Answer {
    let request = axum::http::Request::builder()
        .method(Method::POST)
        .uri(to)
        .header(header::HOST, "gridkeep.test")
        .header(header::AUTHORIZATION, format!("Bearer {shown}"));
    shop.world.browser().send(request.body(file.to_owned().into()).unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_without_its_person_waits_for_them() {
    let (databases, _server) = databases();
    for database in databases {
        let mut shop = Shop::open(database).await;
        put(&mut shop.owner, &gate("STOCK_CHANGE", "&COUNT rows in &TABLE", true)).await;
        let key = key(&mut shop).await;
        let (to, file) = (path(&shop, ""), many(250));
        by(&shop, &key, &to, "SKU,Qty\nfew,5\n").await.expect(200);
        let answer = by(&shop, &key, &to, &file).await.expect(202);
        assert_eq!(answer.code(), "SECURITY_CHECKPOINT_WAITING");
        let challenge = answer.json()["checkpoint"].clone();
        // Sent again it waits once.
        let again = by(&shop, &key, &to, &file).await.expect(202).json();
        assert_eq!(again["checkpoint"]["challenge"], challenge["challenge"]);
        assert_eq!(count(&mut shop).await, "4");
        let list = waiting(&mut shop.member).await;
        assert_eq!(list["own"].as_array().unwrap().len(), 1);
        assert_eq!(list["own"][0]["gates"][0]["message"], "250 rows in Stock");
        approve(&mut shop.member, &challenge, password()).await.expect(200);
        assert_eq!(count(&mut shop).await, "254");
        // A program that acts for somebody sends them to approve it.
        let token = tokens(&shop.world, &mut shop.member, "read write").await;
        let token = token["access_token"].as_str().unwrap();
        let own = path(&shop, &format!("?transaction={}", id(60)));
        let file = "SKU,Qty\nprogram,500\n";
        let answer = by(&shop, token, &own, file).await.expect(401);
        assert!(answer.header("www-authenticate").contains("insufficient_user_authentication"));
        approve(&mut shop.member, &answer.json()["checkpoint"].clone(), password()).await.expect(200);
        by(&shop, token, &own, file).await.expect(200);
        assert_eq!(count(&mut shop).await, "255");
        // A key for reading, one of another app, and none at all.
        let reads = shop.member.post(&format!("/api/apps/{}/keys", shop.app), json!({"name": "Reads"})).await;
        let reads = reads.expect(201).json()["secret"].as_str().unwrap().to_owned();
        by(&shop, &reads, &to, file).await.expect(403);
        by(&shop, "gk_none", &to, file).await.expect(401);
        let reads = tokens(&shop.world, &mut shop.member, "read").await;
        by(&shop, reads["access_token"].as_str().unwrap(), &to, file).await.expect(403);
        assert_eq!(count(&mut shop).await, "255");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_thousand_rows_say_is_listed_in_part_and_approved_whole() {
    let (databases, _server) = databases();
    for database in databases {
        let mut shop = Shop::open(database).await;
        put(&mut shop.owner, &gate("STOCK_CHANGE", "Take &SKU", true)).await;
        let key = key(&mut shop).await;
        let to = path(&shop, "");
        // Of more nobody is asked, and nothing is kept.
        let answer = by(&shop, &key, &to, &many(1_001)).await.expect(422);
        assert_eq!(answer.code(), "tooManyOperations");
        assert!(waiting(&mut shop.member).await["own"].as_array().unwrap().is_empty());
        let challenge = by(&shop, &key, &to, &many(1_000)).await.expect(202).json()["checkpoint"].clone();
        let list = waiting(&mut shop.member).await;
        let item = &list["own"][0];
        assert_eq!((item["gates"].as_array().unwrap().len(), &item["more"]), (10, &json!(990)));
        assert_eq!(
            (&item["gates"][9]["message"], &item["firstGate"]),
            (&json!("Take n9"), &json!("STOCK_CHANGE"))
        );
        assert!(list.to_string().len() < 4_000, "{list}");
        let whole = shop.member.get(&at(&challenge, "")).await.expect(200).json();
        assert_eq!(whole["gates"].as_array().unwrap().len(), 1_000);
        assert_eq!(whole["gates"][999]["message"], "Take n999");
        approve(&mut shop.member, &challenge, password()).await.expect(200);
        assert_eq!(count(&mut shop).await, "1003");
        assert!(waiting(&mut shop.member).await["own"].as_array().unwrap().is_empty());
    }
}
