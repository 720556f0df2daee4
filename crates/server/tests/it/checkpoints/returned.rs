//! Programs that know nothing of checkpoints and follow RFC 9470: they have their person asked anew, as the answer says, and go on with what
//! they get for it.

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use super::{
    flow::{Shop, approve, at, password},
    gate, put,
};
use crate::{
    kit::{Answer, Browser, PASSWORD, databases, email},
    programs::{Key, answered, code, form, question, redeem, text, tokens, with_token},
};

const UNMET: &str = "error=unmet_authentication_requirements";

/// A program with tokens of its own.
struct Program {
    token: String,
    key: Option<Key>,
}

impl Program {
    async fn of(shop: &mut Shop) -> Self {
        let own = tokens(&shop.world, &mut shop.member, "read write").await;
        Self { token: text(&own, "access_token").to_owned(), key: None }
    }

    /// Sets how many motors there are; says nothing of checkpoints.
    async fn motors(&self, shop: &Shop, count: i64) -> Answer {
        let path = format!("/odata/default/{}/Stock(Sku='0007')", shop.app);
        let mut request = Request::builder()
            .method(Method::PATCH)
            .uri(&path)
            .header(header::HOST, "gridkeep.test")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::IF_MATCH, "*");
        request = match &self.key {
            None => request.header(header::AUTHORIZATION, format!("Bearer {}", self.token)),
            Some(key) => request
                .header(header::AUTHORIZATION, format!("DPoP {}", self.token))
                .header("dpop", key.proof(&shop.world, "PATCH", &path, Some(&self.token))),
        };
        shop.world.browser().send(request.body(Body::from(json!({"Qty": count}).to_string())).unwrap()).await
    }
}

/// What a program makes of a 401, by RFC 9470 and nothing else: what it asks for when it sends its person to us.
fn steps_up(answer: &Answer) -> BTreeMap<&'static str, String> {
    let header = answer.header("www-authenticate");
    assert!(header.starts_with(r#"Bearer error="insufficient_user_authentication", "#), "{header}");
    let said = |name: &str| {
        let (_, rest) = header.split_once(&format!("{name}=\"")).unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    };
    let mut asks = question("read write");
    asks.insert("acr_values", said("acr_values"));
    asks.insert("max_age", said("max_age"));
    asks
}

fn challenge_of(answer: &Answer) -> Json {
    answer.json()["error"]["innererror"]["checkpoint"].clone()
}

/// What our page is told when a program sends somebody there.
async fn page(browser: &mut Browser, asks: &BTreeMap<&str, String>) -> Json {
    let parameters: Vec<_> = asks.iter().collect();
    browser.post("/api/oauth/question", json!({"parameters": parameters})).await.expect(200).json()
}

/// Where somebody is sent who says yes.
async fn sent(browser: &mut Browser, asks: &BTreeMap<&str, String>) -> String {
    let answer = answered(browser, asks, true).await.expect(200);
    text(&answer.json(), "location").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_only_asks_anew_goes_on_once_its_person_approved() {
    let (databases, _server) = databases();
    for database in databases {
        let mut shop = Shop::open(database).await;
        // What they proved when they let it in is long ago.
        let before = Program::of(&mut shop).await;
        shop.world.clock.advance(SignedDuration::from_mins(4));
        let refused = before.motors(&shop, 70).await.expect(401);
        let asks = steps_up(&refused);
        let challenge = challenge_of(&refused);
        let shown = page(&mut shop.member, &asks).await;
        assert_eq!((&shown["checkpoint"], &shown["location"]), (&challenge["challenge"], &Json::Null));
        assert_eq!(shown["mine"], true);
        // Whoever might approve it for them, and whoever is not known yet, are told that it is not theirs.
        assert_eq!(page(&mut shop.owner, &asks).await["mine"], false);
        assert_eq!(page(&mut shop.world.browser(), &asks).await["mine"], false);
        // Saying yes is not enough.
        assert!(sent(&mut shop.member, &asks).await.contains(UNMET));
        approve(&mut shop.member, &challenge, password()).await.expect(200);
        let code = code(&mut shop.member, &asks).await;
        let own = redeem(&shop.world, &code, None).await.expect(200).json();
        let after = Program { token: text(&own, "access_token").to_owned(), key: None };
        // For what was shown, and at the place where it goes on.
        after.motors(&shop, 71).await.expect(401);
        before.motors(&shop, 70).await.expect(401);
        assert_eq!(shop.stock(0).await.1, 1);
        after.motors(&shop, 70).await.expect(204);
        assert_eq!(shop.stock(0).await, (70, 2));
        // The next one asks again.
        after.motors(&shop, 70).await.expect(401);
        // The place that it has left is there for a day.
        shop.world.clock.advance(SignedDuration::from_hours(25));
        let mut elsewhere = shop.world.browser();
        elsewhere
            .post("/api/session", json!({"email": email("Member"), "password": PASSWORD}))
            .await
            .expect(200);
        let places = elsewhere.get("/api/account/sessions").await.expect(200).json();
        let programs = places.as_array().unwrap().iter().filter(|place| place["program"].is_string());
        assert_eq!(programs.count(), 1, "{places}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_when_it_is_approved_is_answered_where_the_program_goes_on() {
    let mut shop = Shop::open(None).await;
    let program = Program::of(&mut shop).await;
    let (path, change) = (shop.path(), shop.rows.change(1, 0, 1, 12));
    let refused =
        with_token(&shop.world, Method::POST, &path, &program.token, change.clone()).await.expect(401);
    let asks = steps_up(&refused);
    approve(&mut shop.member, &refused.json()["checkpoint"], password()).await.expect(200);
    assert_eq!(shop.stock(0).await, (12, 2));
    let code = code(&mut shop.member, &asks).await;
    let own = redeem(&shop.world, &code, None).await.expect(200).json();
    let again = with_token(&shop.world, Method::POST, &path, text(&own, "access_token"), change).await;
    assert_eq!(again.expect(200).json()["outcome"], "applied");
    assert_eq!(shop.stock(0).await, (12, 2));
    // For a while: whoever sends them there with what was done long ago has proven nothing.
    shop.world.clock.advance(SignedDuration::from_mins(5));
    assert!(sent(&mut shop.member, &asks).await.contains(UNMET));
}

#[tokio::test(flavor = "multi_thread")]
async fn exports_go_on_alike() {
    let mut shop = Shop::open(None).await;
    put(&mut shop.owner, &gate("EXPORT_ALL", "&EVENT?", true)).await;
    let program = Program::of(&mut shop).await;
    let path = format!("/api/apps/{}/export.xlsx", shop.app);
    let refused = with_token(&shop.world, Method::GET, &path, &program.token, Json::Null).await.expect(401);
    let asks = steps_up(&refused);
    approve(&mut shop.member, &refused.json()["checkpoint"], password()).await.expect(200);
    let code = code(&mut shop.member, &asks).await;
    let own = redeem(&shop.world, &code, None).await.expect(200).json();
    let token = text(&own, "access_token");
    with_token(&shop.world, Method::GET, &path, token, Json::Null).await.expect(200);
    with_token(&shop.world, Method::GET, &path, token, Json::Null).await.expect(401);
}

/// Swapped, over, or of somebody else: nobody is shown it, and nobody goes on with it.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_goes_on_with_what_is_not_theirs() {
    let mut shop = Shop::open(None).await;
    let program = Program::of(&mut shop).await;
    let refused = program.motors(&shop, 70).await;
    let (asks, challenge) = (steps_up(&refused), challenge_of(&refused));

    // No checkpoint at all.
    let mut wrong = asks.clone();
    wrong.insert("acr_values", "checkpoint:none".to_owned());
    let shown = page(&mut shop.member, &wrong).await;
    assert!(text(&shown, "location").contains("error=invalid_request"), "{shown}");
    wrong.insert("acr_values", "checkpoint:0193a7f0-0000-7000-8000-000000000000".to_owned());
    let none = page(&mut shop.member, &wrong).await;
    assert!(text(&none, "location").contains(UNMET) && none.get("checkpoint").is_none(), "{none}");

    // Another program wants its person to approve what this one began.
    let new = json!({"name": "Reports", "redirects": ["https://reports.example/back"]});
    let made = shop.owner.post("/api/programs", new).await.expect(201).json();
    let mut other = asks.clone();
    other.insert("client_id", text(&made, "id").to_owned());
    other.insert("redirect_uri", "https://reports.example/back".to_owned());
    let shown = page(&mut shop.member, &other).await;
    assert!(text(&shown, "location").contains(UNMET) && shown.get("checkpoint").is_none(), "{shown}");
    approve(&mut shop.member, &challenge, password()).await.expect(200);
    assert!(sent(&mut shop.member, &other).await.contains(UNMET));

    // Somebody else is signed in.
    assert!(sent(&mut shop.owner, &asks).await.contains(UNMET));

    // A code that is redeemed twice ends what came of it; what was approved went with that.
    let twice = code(&mut shop.member, &asks).await;
    let own = redeem(&shop.world, &twice, None).await.expect(200).json();
    redeem(&shop.world, &twice, None).await.expect(400);
    let ended = Program { token: text(&own, "access_token").to_owned(), key: None };
    ended.motors(&shop, 70).await.expect(401);
    assert!(sent(&mut shop.member, &asks).await.contains(UNMET));
    let anew = program.motors(&shop, 70).await.expect(401).json();
    assert_eq!(anew["error"]["code"], "SECURITY_CHECKPOINT_REQUIRED");

    // It was turned down, or its time is over.
    for turned_down in [true, false] {
        let refused = program.motors(&shop, 70).await;
        let (asks, challenge) = (steps_up(&refused), challenge_of(&refused));
        if turned_down {
            shop.member.delete(&at(&challenge, "")).await.expect(204);
        } else {
            approve(&mut shop.member, &challenge, password()).await.expect(200);
            shop.world.clock.advance(SignedDuration::from_secs(121));
        }
        let shown = page(&mut shop.member, &asks).await;
        assert!(text(&shown, "location").contains(UNMET), "{shown}");
        assert!(sent(&mut shop.member, &asks).await.contains(UNMET));
    }

    // Its place is over.
    let refused = program.motors(&shop, 70).await;
    let (asks, challenge) = (steps_up(&refused), challenge_of(&refused));
    approve(&mut shop.member, &challenge, password()).await.expect(200);
    let places = shop.member.get("/api/account/sessions").await.expect(200).json();
    for place in places.as_array().unwrap().iter().filter(|place| place["program"].is_string()) {
        shop.member.delete(&format!("/api/account/sessions/{}", text(place, "id"))).await.expect(204);
    }
    program.motors(&shop, 70).await.expect(401);
    assert!(sent(&mut shop.member, &asks).await.contains(UNMET));
    assert_eq!(shop.stock(0).await.1, 1);
}

/// What was begun with a key goes on with that key.
#[tokio::test(flavor = "multi_thread")]
async fn the_key_stays_the_same() {
    let mut shop = Shop::open(None).await;
    let (key, thief) = (Key::new(1), Key::new(2));
    let first = code(&mut shop.member, &question("read write")).await;
    let proof = |key: &Key, shop: &Shop| key.proof(&shop.world, "POST", "/oauth/token", None);
    let own = redeem(&shop.world, &first, Some(&proof(&key, &shop))).await.expect(200).json();
    let program = Program { token: text(&own, "access_token").to_owned(), key: Some(key) };
    let refused = program.motors(&shop, 70).await.expect(401);
    // As its tokens are shown, too.
    let header = refused.header("www-authenticate");
    assert!(header.contains(r#", DPoP error="insufficient_user_authentication", "#), "{header}");
    let (asks, challenge) = (steps_up(&refused), challenge_of(&refused));
    approve(&mut shop.member, &challenge, password()).await.expect(200);
    let mut bound = asks.clone();
    bound.insert("dpop_jkt", thief.thumbprint());
    assert!(sent(&mut shop.member, &bound).await.contains(UNMET));
    for proof in [None, Some(proof(&thief, &shop))] {
        let code = code(&mut shop.member, &asks).await;
        redeem(&shop.world, &code, proof.as_deref()).await.expect(400);
    }
    let key = program.key.unwrap();
    let code = code(&mut shop.member, &asks).await;
    let own = redeem(&shop.world, &code, Some(&proof(&key, &shop))).await.expect(200).json();
    let token = text(&own, "access_token").to_owned();
    // Neither with what a refresh gives is anything approved anew.
    let program = Program { token, key: Some(key) };
    program.motors(&shop, 70).await.expect(204);
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", "gridkeep"),
        ("refresh_token", text(&own, "refresh_token")),
    ];
    let key = program.key.unwrap();
    let next = form(&shop.world, "/oauth/token", &fields, Some(&proof(&key, &shop))).await.expect(200).json();
    let program = Program { token: text(&next, "access_token").to_owned(), key: Some(key) };
    program.motors(&shop, 80).await.expect(401);
}
