//! How somebody proves that they are there: a PIN that has five tries, a passkey that signs the content.

use std::sync::Arc;

use axum::http::Method;
use gridkeep_kit::{Authenticator, Lie, Postgres};
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use super::{
    flow::{MESSAGE, Shop, approve, asked, at, password},
    gate, put, repeat, required,
};
use crate::{
    kit::{Answer, Browser, PASSWORD, Wishes, World},
    tenants::account,
};

const PIN: &str = "482915";

/// A gate that takes these.
async fn takes(shop: &mut Shop, methods: &[&str]) {
    let mut gate = gate("STOCK_CHANGE", MESSAGE, true);
    gate["methods"] = json!(methods);
    put(&mut shop.owner, &gate).await;
}

/// Sets a PIN, with the password in the same request.
async fn set(browser: &mut Browser, pin: &str) -> Answer {
    browser.put("/api/account/pin", json!({"pin": pin, "proof": {"password": PASSWORD}})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sets_a_pin_proves_with_it_who_they_are() {
    let mut shop = Shop::open(None).await;
    let path = "/api/account/pin";
    // Whoever signed in a moment ago has left the desk perhaps.
    let refused = shop.member.put(path, json!({"pin": PIN})).await.expect(403);
    assert_eq!(refused.code(), "proofRequired");
    let with = |proof: Json| json!({"pin": PIN, "proof": proof});
    let refused = shop.member.put(path, with(json!({"password": "wrong"}))).await.expect(401);
    assert_eq!(refused.code(), "wrongCredentials");
    for none in [json!({}), json!({"password": PASSWORD, "passkey": {}}), json!({"totp": "000000"})] {
        shop.member.put(path, with(none)).await.expect(400);
    }
    assert_eq!(shop.member.get(path).await.json()["set"], false);
    let mut passkey = Authenticator::new("http://gridkeep.test", "gridkeep.test", false);
    let options = shop.member.post("/api/account/passkeys/options", json!({})).await.expect(200).json();
    let keep = json!({"name": "Laptop", "passkey": passkey.create(&options, Lie::None)});
    shop.member.post("/api/account/passkeys", keep).await.expect(200);
    // The password alone is no proof any more, and what a passkey signed is used up when the PIN is set, not before.
    shop.member.put(path, with(json!({"password": PASSWORD}))).await.expect(400);
    put(&mut shop.owner, &gate("PIN_CHANGE", "&EVENT?", true)).await;
    let options = shop.member.post("/api/account/proof/passkey", json!({})).await.expect(200).json();
    let body = with(json!({"passkey": passkey.get(&options, Lie::None)}));
    let challenge = required(&mut shop.member, Method::PUT, path, &body).await;
    approve(&mut shop.member, &challenge, password()).await.expect(200);
    repeat(&mut shop.member, Method::PUT, path, &body, &challenge).await.expect(204);
    assert_eq!(shop.member.get(path).await.json()["set"], true);
    // What was approved for removing one sets none; its owner is told when it goes.
    let challenge = required(&mut shop.member, Method::DELETE, path, &Json::Null).await;
    approve(&mut shop.member, &challenge, password()).await.expect(200);
    repeat(&mut shop.member, Method::PUT, path, &body, &challenge).await.expect(403);
    repeat(&mut shop.member, Method::DELETE, path, &Json::Null, &challenge).await.expect(204);
    assert_eq!(shop.member.get(path).await.json()["set"], false);
    let mails = shop.world.mails("Member").await;
    assert!(mails.iter().any(|(subject, _)| subject == "Your PIN was removed"), "{mails:?}");
    // All of it is in the log of those whom they belong to, and nothing of what was refused.
    let rows = shop.owner.get("/api/audit?kind=config").await.expect(200).json();
    let told = |row: &Json| row["kind"].as_str().unwrap().to_owned();
    let kinds: Vec<String> = rows["rows"].as_array().unwrap().iter().map(told).collect();
    let gate = "config.checkpoints.changed";
    assert_eq!(kinds[..4], ["config.pins.removed", "config.pins.changed", gate, "config.factors.added"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_began_goes_with_them() {
    let mut shop = Shop::open(None).await;
    let path = shop.path();
    let challenge = asked(&mut shop.member, &path, &shop.rows.change(1, 0, 1, 12)).await;
    let id = challenge["challenge"].as_str().unwrap().parse().unwrap();
    let kept = async |world: &World| {
        world.state.tenancy.read(move |reader| Ok(reader.pending(id)?)).await.unwrap().is_some()
    };
    assert!(kept(&shop.world).await);
    let member = account(&mut shop.member).await;
    shop.owner.delete(&format!("/api/people/{member}")).await.expect(204);
    assert!(!kept(&shop.world).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_has_five_tries_wherever_it_is_tried() {
    let mut shop = Shop::open(None).await;
    let path = shop.path();
    takes(&mut shop, &["pin", "password"]).await;
    for bad in ["123456", "12345", "48291a", "111111"] {
        let refused = shop.member.put("/api/account/pin", json!({"pin": bad})).await.expect(422);
        assert_eq!(refused.code(), "pinTooEasy");
    }
    let challenge = asked(&mut shop.member, &path, &shop.rows.change(1, 0, 1, 12)).await;
    // Whoever has none is not offered it.
    let ways = |read: Json| read["methods"].clone();
    assert_eq!(ways(shop.member.get(&at(&challenge, "")).await.json()), json!(["password"]));
    assert_eq!(
        approve(&mut shop.member, &challenge, json!({"pin": PIN})).await.expect(403).code(),
        "pinDisabled"
    );
    set(&mut shop.member, PIN).await.expect(204);
    assert!(shop.world.mails("Member").await.iter().any(|(subject, _)| subject == "A PIN was set"));
    assert_eq!(ways(shop.member.get(&at(&challenge, "")).await.json()), json!(["password", "pin"]));
    approve(&mut shop.member, &challenge, json!({"pin": PIN})).await.expect(200);
    // A right one gives it all its tries again; then five that are wrong, of whichever challenge and session.
    let mut elsewhere = shop.world.browser();
    let sign_in = json!({"email": "member@example.com", "password": PASSWORD});
    elsewhere.post("/api/session", sign_in).await.expect(200);
    let mut answers = Vec::new();
    for number in 0..6 {
        let mut browser = if number % 2 == 0 { shop.member.clone() } else { elsewhere.clone() };
        let change = shop.rows.change(10 + number, 1, 1, 100);
        let challenge = asked(&mut browser, &path, &change).await;
        answers.push(approve(&mut browser, &challenge, json!({"pin": "590382"})).await.code());
        if number < 4 {
            // Each time it is longer until the next may be tried, wherever; what comes too early costs nothing.
            let early = approve(&mut shop.member.clone(), &challenge, json!({"pin": PIN})).await;
            let early = if number % 2 == 0 {
                early
            } else {
                approve(&mut elsewhere, &challenge, json!({"pin": PIN})).await
            };
            let wait = 2_u64.pow(1 + number as u32);
            assert_eq!(early.expect(429).header("retry-after"), wait.to_string());
            let left = browser.get(&at(&challenge, "")).await.json()["triesLeft"].clone();
            assert_eq!(left, 2);
            shop.world.clock.advance(SignedDuration::from_secs(wait as i64));
        }
    }
    let wrong = vec!["checkpointDenied"; 4];
    assert_eq!(answers, [wrong, vec!["pinDisabled", "pinDisabled"]].concat());
    let challenge = asked(&mut shop.member, &path, &shop.rows.change(20, 1, 1, 100)).await;
    assert_eq!(
        approve(&mut shop.member, &challenge, json!({"pin": PIN})).await.expect(403).code(),
        "pinDisabled"
    );
    assert!(
        shop.world.mails("Member").await.iter().any(|(subject, _)| subject == "Your PIN no longer holds")
    );
    let read = shop.member.get("/api/account/pin").await.expect(200).json();
    assert_eq!((&read["set"], &read["disabled"]), (&json!(true), &json!(true)));
    // A new one holds; none is asked for no more.
    set(&mut shop.member, "907361").await.expect(204);
    approve(&mut shop.member, &challenge, json!({"pin": "907361"})).await.expect(200);
    shop.member.delete("/api/account/pin").await.expect(204);
    assert_eq!(shop.member.get("/api/account/pin").await.json()["set"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_signs_what_was_shown_and_nothing_else() {
    let mut shop = Shop::open(None).await;
    let path = shop.path();
    takes(&mut shop, &["passkey"]).await;
    let mut passkey = Authenticator::new("http://gridkeep.test", "gridkeep.test", false);
    let options = shop.member.post("/api/account/passkeys/options", json!({})).await.expect(200).json();
    let keep = json!({"name": "Laptop", "passkey": passkey.create(&options, Lie::None)});
    shop.member.post("/api/account/passkeys", keep).await.expect(200);
    let challenge = asked(&mut shop.member, &path, &shop.rows.change(1, 0, 1, 12)).await;
    let other = asked(&mut shop.member, &path, &shop.rows.change(2, 1, 1, 13)).await;
    let said = json!({"comment": "Counted"});
    let ask = shop.member.post(&at(&challenge, "/passkey"), said.clone()).await.expect(200).json();
    let again = shop.member.post(&at(&challenge, "/passkey"), said).await.expect(200).json();
    assert_eq!(ask["challenge"], again["challenge"]);
    let for_other = shop.member.post(&at(&other, "/passkey"), json!({"comment": "Counted"})).await.json();
    assert_ne!(ask["challenge"], for_other["challenge"]);
    // A password is none of what this gate takes.
    approve(&mut shop.member, &challenge, json!({"password": PASSWORD})).await.expect(400);
    let proof = |shown: Json, comment: &str| json!({"passkey": shown, "comment": comment});
    // Another content, another comment.
    let shown = passkey.get(&for_other, Lie::None);
    approve(&mut shop.member, &challenge, proof(shown, "Counted")).await.expect(401);
    let shown = passkey.get(&ask, Lie::None);
    approve(&mut shop.member, &challenge, proof(shown.clone(), "Something else")).await.expect(401);
    approve(&mut shop.member, &challenge, proof(shown.clone(), "Counted")).await.expect(200);
    assert_eq!(shop.stock(0).await, (12, 2));
    approve(&mut shop.member, &other, proof(shown, "Counted")).await.expect(401);
    // Nor one that signs for signing in.
    let fresh = shop.member.post("/api/account/proof/passkey", json!({})).await.expect(200).json();
    approve(&mut shop.member, &other, proof(passkey.get(&fresh, Lie::None), "Counted")).await.expect(401);
    assert_eq!(shop.stock(1).await, (250, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_guesses_at_two_servers_are_looked_at_five_times() {
    let Some(server) = Postgres::start() else { return };
    let database = server.fresh_database();
    let mut shop = Shop::open(Some(database.clone())).await;
    takes(&mut shop, &["pin"]).await;
    set(&mut shop.member, PIN).await.expect(204);
    let wishes = Wishes { database: Some(database), ..Wishes::default() };
    let second = World::over(Arc::clone(&shop.world.data), wishes).await;
    let sign_in = json!({"email": "member@example.com", "password": PASSWORD});
    // As many challenges as there are guesses: a session of its own for every five.
    let mut browsers = Vec::new();
    for number in 0..20 {
        let mut browser = if number % 2 == 0 { shop.world.browser() } else { second.browser() };
        browser.post("/api/session", sign_in.clone()).await.expect(200);
        browsers.push(browser);
    }
    let mut number = 100;
    // A hundred at once; and whenever the next may be tried, some at once again.
    for (round, guesses) in [100, 10, 10, 10, 10].into_iter().enumerate() {
        let mut all = Vec::new();
        for guess in 0..guesses {
            let mut browser = browsers[guess % browsers.len()].clone();
            number += 1;
            let change = shop.rows.change(number, 1, 1, number as i64);
            let challenge = asked(&mut browser, &shop.path(), &change).await;
            all.push((browser, challenge));
        }
        let guesses = all.into_iter().enumerate().map(|(guess, (mut browser, challenge))| {
            let pin = format!("{}", 590_382 + guess);
            tokio::spawn(async move { approve(&mut browser, &challenge, json!({"pin": pin})).await.code() })
        });
        let mut looked_at = 0;
        for guess in guesses.collect::<Vec<_>>() {
            match guess.await.unwrap().as_str() {
                "checkpointDenied" => looked_at += 1,
                // Not looked at: one before was wrong, or too many came at this moment.
                "tooManyTries" | "crowded" => {}
                // The fifth was the last, for whoever made it and for all others.
                "pinDisabled" => assert_eq!(round, 4),
                other => panic!("{other}"),
            }
        }
        assert_eq!(looked_at, usize::from(round < 4), "round {round}");
        for clock in [&shop.world.clock, &second.clock] {
            clock.advance(SignedDuration::from_secs(16));
        }
    }
    assert_eq!(shop.member.get("/api/account/pin").await.json()["disabled"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_has_time_to_look_at_is_no_try() {
    let mut shop = Shop::open(None).await;
    takes(&mut shop, &["pin", "password"]).await;
    set(&mut shop.member, PIN).await.expect(204);
    let path = shop.path();
    let challenge = asked(&mut shop.member, &path, &shop.rows.change(1, 0, 1, 12)).await;
    let passwords = shop.world.house.called("default").await.unwrap().state.passwords.clone();
    let crowd: Vec<_> = std::iter::from_fn(|| passwords.reserve().ok()).collect();
    for wrong in [json!({"password": "wrong horse battery"}), json!({"pin": "590382"})] {
        for _ in 0..6 {
            let answer = approve(&mut shop.member, &challenge, wrong.clone()).await.expect(503);
            assert_eq!(answer.code(), "crowded");
        }
    }
    drop(crowd);
    assert_eq!(shop.member.get(&at(&challenge, "")).await.expect(200).json()["triesLeft"], json!(3));
    approve(&mut shop.member, &challenge, json!({"pin": PIN})).await.expect(200);
}
