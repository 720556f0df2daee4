//! Tries of what waits for days: twenty that were looked at, and none that was turned away before.

use jiff::SignedDuration;
use serde_json::json;

use super::{
    answers::{export, two, waits},
    flow::{approve, at, password},
};
use crate::{
    defence::solved,
    kit::{Browser, databases},
};

/// A browser that its owner has never signed in with, as far as the server knows.
fn unknown(browser: &Browser) -> Browser {
    let mut browser = browser.clone();
    let before = browser.cookies.len();
    browser.cookies.retain(|name, _| !name.contains("known"));
    assert_eq!(browser.cookies.len() + 1, before, "{:?}", browser.cookies.keys());
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_tries_past_the_puzzles_are_all_there_are() {
    let (databases, _server) = databases();
    for database in databases {
        let (mut shop, second) = two(database).await;
        let mut second = unknown(&second);
        let challenge = waits(export(&mut shop.owner, None).await);
        let left = async |browser: &mut Browser| {
            browser.get(&at(&challenge, "")).await.expect(200).json()["triesLeft"].as_u64().unwrap()
        };
        let wrong = || json!({"password": "wrong horse battery staple"});
        let (mut puzzles, mut waits_) = (0, 0);
        for tried in 0..20 {
            // However often they are turned away: what nobody looked at is no try.
            let answer = loop {
                let answer = approve(&mut second, &challenge, wrong()).await;
                second.work = None;
                match answer.code().as_str() {
                    "workRequired" => {
                        puzzles += 1;
                        second.work = Some(solved(&answer));
                    }
                    "tooManyTries" => {
                        waits_ += 1;
                        let wait = answer.header("retry-after").parse().unwrap();
                        shop.world.clock.advance(SignedDuration::from_secs(wait));
                    }
                    _ => break answer,
                }
                assert_eq!(left(&mut second).await, 20 - tried);
            };
            let answer = answer.expect(401);
            assert_eq!(
                (answer.code().as_str(), &answer.json()["triesLeft"]),
                ("checkpointDenied", &json!(19 - tried))
            );
        }
        assert!(puzzles >= 10 && waits_ >= 10, "{puzzles} {waits_}");
        // It is over, also for whoever knows it, and whoever asked is told: by mail, and what became of it.
        approve(&mut second, &challenge, password()).await.expect(404);
        let ended = shop.owner.get(&at(&challenge, "")).await.expect(200).json();
        assert_eq!(
            (&ended["state"], &ended["answer"]["by"]),
            (&json!("failed"), &json!("second@example.com"))
        );
        let told = shop.world.mails("Owner").await;
        let told = told.iter().filter(|(subject, _)| subject == "What you asked for was answered");
        assert_eq!(told.count(), 1);
        let page = shop.owner.get("/api/audit?kind=checkpoint.denied").await.expect(200).json();
        let rows = page["rows"].as_array().unwrap();
        assert_eq!(rows.len(), 20);
        assert!(rows.iter().all(|row| row["facts"]["reason"] == "proof"), "{rows:?}");
        // Asked for again it waits anew, with all its tries.
        let next = waits(export(&mut shop.owner, None).await);
        assert_ne!(next["challenge"], challenge["challenge"]);
        assert_eq!(next["triesLeft"], json!(20));
    }
}
