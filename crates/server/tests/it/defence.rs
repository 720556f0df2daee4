//! What guessing costs, whom it never locks out, and what is recorded of it.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use gridkeep_server::{
    defence::{SIGN_IN, Visitor},
    error::ApiError,
};
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use crate::kit::{Answer, Browser, PASSWORD, Wishes, World, email};

const WRONG: &str = "wrong horse battery staple";

/// The solution of the puzzle in an answer, as a browser would send it.
pub(crate) fn solved(answer: &Answer) -> String {
    let puzzle = &answer.json()["puzzle"];
    let (salt, challenge) = (puzzle["salt"].as_str().unwrap(), puzzle["challenge"].as_str().unwrap());
    let hex = |number: u64| -> String {
        let hash = digest(&SHA256, format!("{salt}{number}").as_bytes());
        gridkeep_server::secret::hex(hash.as_ref())
    };
    let number = (0..puzzle["maxnumber"].as_u64().unwrap()).find(|number| hex(*number) == challenge);
    let mut payload = puzzle.clone();
    payload["number"] = json!(number.unwrap());
    STANDARD.encode(payload.to_string())
}

async fn sign_in(browser: &mut Browser, name: &str, password: &str) -> Answer {
    browser.post("/api/session", json!({"email": email(name), "password": password})).await
}

async fn proxied() -> World {
    World::with(Wishes { proxied: true, ..Wishes::default() }).await
}

/// A browser elsewhere, with a network of its own.
fn elsewhere(world: &World, number: u32) -> Browser {
    let mut browser = world.browser();
    browser.network = Some(format!("198.51.{}.{}", number / 250, number % 250 + 1));
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_from_everywhere_costs_puzzles_and_never_locks_out_the_owner() {
    let world = proxied().await;
    let mut ada = world.person("Ada").await;
    for number in 0..10 {
        sign_in(&mut elsewhere(&world, number), "Ada", WRONG).await.expect(401);
    }
    // From anywhere else: first a puzzle, which is worth one try.
    let mut thief = elsewhere(&world, 11);
    let asked = sign_in(&mut thief, "Ada", WRONG).await.expect(403);
    assert_eq!(asked.code(), "workRequired");
    thief.work = Some("bm8=".to_owned());
    sign_in(&mut thief, "Ada", WRONG).await.expect(403);
    thief.work = Some(solved(&asked));
    sign_in(&mut thief, "Ada", WRONG).await.expect(401);
    sign_in(&mut thief, "Ada", WRONG).await.expect(403);
    // An address that nobody has is asked for the same.
    for number in 20..30 {
        sign_in(&mut elsewhere(&world, number), "Eve", WRONG).await.expect(401);
    }
    let other = sign_in(&mut elsewhere(&world, 31), "Eve", WRONG).await.expect(403);
    assert_eq!(other.json()["detail"], asked.json()["detail"]);
    // Her own browser is asked for nothing, wherever it is.
    ada.delete("/api/session").await.expect(204);
    ada.network = Some("203.0.113.5".to_owned());
    sign_in(&mut ada, "Ada", WRONG).await.expect(401);
    sign_in(&mut ada, "Ada", PASSWORD).await.expect(200);
    // The known browser's success does not take back what strangers tried.
    sign_in(&mut elsewhere(&world, 40), "Ada", WRONG).await.expect(403);
    // A hundred in a row are enough: one in an hour from then on.
    for number in 50..139 {
        let mut thief = elsewhere(&world, number);
        thief.work = Some(solved(&sign_in(&mut thief, "Ada", WRONG).await.expect(403)));
        sign_in(&mut thief, "Ada", WRONG).await.expect(401);
    }
    let mut last = elsewhere(&world, 150);
    let waits = sign_in(&mut last, "Ada", PASSWORD).await.expect(429);
    assert_eq!(waits.header("retry-after"), "3600");
    sign_in(&mut ada, "Ada", PASSWORD).await.expect(200);
    world.clock.advance(SignedDuration::from_hours(1));
    last.work = Some(solved(&sign_in(&mut last, "Ada", PASSWORD).await.expect(403)));
    sign_in(&mut last, "Ada", PASSWORD).await.expect(200);
    sign_in(&mut elsewhere(&world, 151), "Ada", WRONG).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_browser_is_slowed_like_any_other_and_trusted_for_so_many_tries() {
    let world = proxied().await;
    let mut ada = world.person("Ada").await;
    ada.delete("/api/session").await.expect(204);
    for _ in 0..5 {
        sign_in(&mut ada, "Ada", WRONG).await.expect(401);
    }
    sign_in(&mut ada, "Ada", WRONG).await.expect(429);
    // Another browser in the same network is no victim of it.
    sign_in(&mut world.browser(), "Ada", PASSWORD).await.expect(200);
    // A cookie made up is no known browser.
    let mut thief = world.browser();
    thief.cookies.insert("gk_known".to_owned(), "0".repeat(64));
    for _ in 0..5 {
        sign_in(&mut thief, "Ada", WRONG).await.expect(401);
    }
    sign_in(&mut thief, "Ada", PASSWORD).await.expect(429);
}

#[tokio::test(flavor = "multi_thread")]
async fn tries_count_on_after_a_restart() {
    let world = World::start().await;
    world.person("Ada").await;
    for _ in 0..5 {
        sign_in(&mut world.browser(), "Ada", WRONG).await.expect(401);
    }
    let world = World::over(world.end().await, Wishes::default()).await;
    sign_in(&mut world.browser(), "Ada", PASSWORD).await.expect(429);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_accounts_from_one_network_cost_puzzles() {
    let world = World::start().await;
    let account =
        |number: u32| json!({"email": email(&format!("n{number}")), "name": "N", "password": PASSWORD});
    for number in 0..20 {
        world.browser().post("/api/accounts", account(number)).await.expect(201);
    }
    let mut browser = world.browser();
    // What is refused anyway is refused without one.
    let mut weak = account(21);
    weak["password"] = json!("short");
    assert_eq!(browser.post("/api/accounts", weak).await.expect(422).code(), "passwordTooShort");
    let asked = browser.post("/api/accounts", account(21)).await.expect(403);
    assert_eq!(asked.code(), "workRequired");
    browser.work = Some(solved(&asked));
    browser.post("/api/accounts", account(21)).await.expect(201);
    browser.post("/api/accounts", account(22)).await.expect(403);
    // A puzzle for one thing opens no other, and an old one nothing.
    browser.work = Some(solved(&browser.clone().post("/api/accounts", account(22)).await));
    world.clock.advance(SignedDuration::from_mins(11));
    browser.post("/api/accounts", account(22)).await.expect(403);
    world.clock.advance(SignedDuration::from_hours(25));
    browser.work = None;
    browser.post("/api/accounts", account(22)).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_told_of_new_browsers() {
    let world = World::start().await;
    let mut ada = world.person("Ada").await;
    let mails =
        async || world.mails("Ada").await.iter().map(|(subject, _)| subject.clone()).collect::<Vec<_>>();
    sign_in(&mut ada, "Ada", PASSWORD).await.expect(200);
    assert_eq!(mails().await, Vec::<String>::new());
    let mut phone = world.browser();
    sign_in(&mut phone, "Ada", PASSWORD).await.expect(200);
    sign_in(&mut phone, "Ada", PASSWORD).await.expect(200);
    assert_eq!(mails().await, ["New sign-in to your account"]);
    // One machine, two people: each of them is known by themselves.
    let mut ben = world.person("Ben").await;
    sign_in(&mut ben, "Ben", PASSWORD).await.expect(200);
    world.clock.advance(SignedDuration::from_secs(1));
    ben.cookies.extend(phone.cookies.clone().into_iter().filter(|(name, _)| name == "gk_known"));
    sign_in(&mut ben, "Ben", PASSWORD).await.expect(200);
    assert_eq!(world.mails("Ben").await[0].0, "New sign-in to your account");
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_are_recorded_for_those_who_may_see_them() {
    let world = proxied().await;
    let mut ada = world.person("Ada").await;
    let mut ben = world.person("Ben").await;
    let mut thief = elsewhere(&world, 1);
    let moment = async || world.clock.advance(SignedDuration::from_secs(1));
    for _ in 0..5 {
        moment().await;
        sign_in(&mut thief, "Ben", WRONG).await.expect(401);
    }
    moment().await;
    sign_in(&mut ben, "Ben", PASSWORD).await.expect(200);
    moment().await;
    let body = json!({"email": "=cmd@example.com", "password": "not an address, a password"});
    sign_in(&mut thief, "Nobody", WRONG).await.expect(401);
    moment().await;
    thief.post("/api/session", body).await.expect(401);

    let told = |answer: Answer| -> Vec<String> {
        let json = answer.expect(200).json();
        let events: Vec<&Json> = json["events"].as_array().unwrap().iter().collect();
        let text = |json: &Json| json.as_str().unwrap_or("-").to_owned();
        events
            .iter()
            .map(|event| {
                format!("{} {} {}", text(&event["address"]), text(&event["method"]), text(&event["result"]))
            })
            .collect()
    };
    let own = told(ben.get("/api/account/logins").await);
    // What failed alike within an hour is one line.
    let expect = [
        "ben@example.com password done",
        "ben@example.com password slowed",
        "ben@example.com password wrong",
        "ben@example.com signUp done",
    ];
    assert_eq!(own, expect);
    ben.get("/api/logins").await.expect(403);
    ben.get("/api/logins.csv").await.expect(403);
    world.browser().get("/api/account/logins").await.expect(401);
    let all = told(ada.get("/api/logins").await);
    assert_eq!((all.len(), all[0].as_str()), (7, "=cmd@example.com password wrong"));
    assert_eq!(told(ada.get("/api/logins?result=slowed").await), ["ben@example.com password slowed"]);
    assert_eq!(told(ada.get("/api/logins?address=ADA@example.com").await), ["ada@example.com signUp done"]);
    assert_eq!(ada.get("/api/logins?result=perhaps").await.expect(400).code(), "invalidRequest");
    // Page by page, and all of it as a file that no spreadsheet program runs.
    let page = ada.get("/api/logins?until=2026-11-21T12:00:03Z").await.expect(200).json();
    let before = page["events"][1]["id"].as_str().unwrap();
    let rest = told(ada.get(&format!("/api/logins?until=2026-11-21T12:00:03Z&before={before}")).await);
    assert_eq!(rest.len() + 2, page["events"].as_array().unwrap().len());
    let csv = ada.get("/api/logins.csv").await.expect(200).text();
    assert_eq!(csv.lines().count(), 8, "{csv}");
    assert!(csv.contains("'=cmd@example.com") && !csv.contains(",=cmd"), "{csv}");
    // Nothing that was typed as a password lies in any of it.
    assert!(!csv.contains("battery"), "{csv}");
    world.clock.advance(SignedDuration::from_hours(401 * 24));
    assert_eq!(world.state.arrivals.sweep().await.unwrap(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_with_many_networks_is_one_site() {
    let world = proxied().await;
    let at = |site: u32, network: u32| {
        let mut browser = world.browser();
        browser.network = Some(format!("2001:db8:{site:x}:{network:x}::1"));
        browser
    };
    // Each from a network of its own, at an account of its own.
    for number in 0..400 {
        sign_in(&mut at(1, number), &format!("Person{number}"), WRONG).await.expect(401);
    }
    let asked = sign_in(&mut at(1, 1_000), "Somebody", WRONG).await.expect(403);
    assert_eq!(asked.code(), "workRequired");
    sign_in(&mut at(2, 1), "Somebody", WRONG).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_and_keys_are_in_the_log_when_they_arrive() {
    let world = proxied().await;
    let mut ada = world.person("Ada").await;
    let app = ada.publish("private", &[]).await;
    let made = ada.post(&format!("/api/apps/{app}/keys"), json!({"name": "Excel"})).await.expect(201).json();
    let ask = async || {
        let mut program = elsewhere(&world, 7);
        let request = program.request(axum::http::Method::GET, &format!("/odata/default/{app}/Stock"));
        let request =
            request.header("x-api-key", made["secret"].as_str().unwrap()).header("user-agent", "Excel/16");
        program.send(request.body(axum::body::Body::empty()).unwrap()).await.expect(200);
    };
    let log = async |ada: &mut Browser| -> Vec<Json> {
        let all = ada.get("/api/account/logins").await.expect(200).json();
        let events = all["events"].as_array().unwrap().iter();
        events.filter(|event| event["method"] == "apiKey").cloned().collect()
    };
    for _ in 0..3 {
        ask().await;
    }
    let events = log(&mut ada).await;
    assert_eq!(events.len(), 1, "{events:?}");
    let event = &events[0];
    assert_eq!((&event["apiKey"], &event["result"]), (&made["id"], &json!("done")));
    assert_eq!((&event["network"], &event["agent"]), (&json!("198.51.0.8"), &json!("Excel/16")));
    // One that goes on is there already; after a pause it comes anew.
    world.clock.advance(SignedDuration::from_mins(20));
    ask().await;
    assert_eq!(log(&mut ada).await.len(), 1);
    world.clock.advance(SignedDuration::from_mins(61));
    ask().await;
    assert_eq!(log(&mut ada).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_by_mail_trusts_nobody_from_before() {
    let world = proxied().await;
    let mut ada = world.person("Ada").await;
    for number in 0..10 {
        sign_in(&mut elsewhere(&world, number), "Ada", WRONG).await.expect(401);
    }
    world.browser().post("/api/accounts/reset", json!({"email": email("Ada")})).await.expect(202);
    let token = world.token("Ada", "/new-password#").await;
    let other = "seven violet umbrellas in march";
    let set = json!({"token": token, "password": other});
    let mut own = elsewhere(&world, 20);
    own.post("/api/accounts/password", set).await.expect(204);
    // Who guessed so far starts anew, and so does her browser, which a thief may have had.
    sign_in(&mut elsewhere(&world, 30), "Ada", other).await.expect(200);
    ada.network = Some("203.0.113.5".to_owned());
    for number in 40..50 {
        sign_in(&mut elsewhere(&world, number), "Ada", WRONG).await.expect(401);
    }
    assert_eq!(sign_in(&mut ada, "Ada", other).await.expect(403).code(), "workRequired");
    // The one that the new password was set with is hers.
    sign_in(&mut own, "Ada", other).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_claims_an_address_is_no_known_browser_of_its_owner() {
    let world = proxied().await;
    world.person("Ada").await;
    let mut eve = elsewhere(&world, 1);
    let claim = json!({"email": email("Ada"), "name": "Eve", "password": PASSWORD});
    eve.post("/api/accounts", claim).await.expect(201);
    for number in 10..20 {
        sign_in(&mut elsewhere(&world, number), "Ada", WRONG).await.expect(401);
    }
    assert_eq!(sign_in(&mut eve, "Ada", WRONG).await.expect(403).code(), "workRequired");
    assert!(world.mails("Ada").await.iter().all(|(subject, _)| subject == "You have an account already"));
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_not_flooded_with_news_of_browsers() {
    let world = World::start().await;
    world.person("Ada").await;
    for _ in 0..9 {
        world.clock.advance(SignedDuration::from_secs(1));
        sign_in(&mut world.browser(), "Ada", PASSWORD).await.expect(200);
    }
    assert_eq!(world.mails("Ada").await.len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_found_no_room_has_not_tried() {
    let world = World::start().await;
    world.person("Ada").await;
    for (number, code) in [(30, "crowded"), (30, "overloaded")] {
        for _ in 0..number {
            let attempt =
                world.state.throttle.attempt(SIGN_IN, &email("Ada"), &Visitor::default()).await.unwrap();
            let refused = if code == "crowded" { ApiError::Crowded(7) } else { ApiError::Overloaded };
            let turned_away = attempt.judged::<()>(Err(refused)).await.err().unwrap();
            assert_eq!(turned_away.code(), code);
        }
    }
    // Neither the account from everywhere nor the network has been tried.
    sign_in(&mut world.browser(), "Ada", WRONG).await.expect(401);
    world.state.throttle.attempt(SIGN_IN, &email("Ada"), &Visitor::default()).await.unwrap();
    sign_in(&mut world.browser(), "Ada", PASSWORD).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_tries_keys_and_tokens_are_one_line_each() {
    let world = World::start().await;
    let mut ada = world.person("Ada").await;
    let app = ada.publish("private", &[]).await;
    let log = async |browser: &mut Browser| {
        let events = browser.get("/api/logins").await.expect(200).json()["events"].clone();
        let line = |event: &Json| {
            let word = |name: &str| event[name].as_str().unwrap_or("-").to_owned();
            let account = if event["account"].is_null() { "nobody" } else { "somebody" };
            format!("{} {} {account} {} {}", word("method"), word("result"), word("address"), event["times"])
        };
        events.as_array().unwrap().iter().map(line).collect::<Vec<_>>()
    };
    let before = log(&mut ada).await.len();
    world.clock.advance(SignedDuration::from_secs(1));
    let mut thief = world.browser();
    for _ in 0..3 {
        sign_in(&mut thief, "Ada", WRONG).await.expect(401);
        world.clock.advance(SignedDuration::from_secs(1));
    }
    let ask = async |header: (&'static str, String)| {
        let mut program = world.browser();
        let request = program.request(axum::http::Method::GET, &format!("/odata/default/{app}/Stock"));
        let request = request.header(header.0, header.1);
        program.send(request.body(axum::body::Body::empty()).unwrap()).await.expect(401);
    };
    for number in 0..4 {
        ask(("x-api-key", format!("gk_{number:064}"))).await;
        ask(("authorization", "Basic bm8=".to_owned())).await;
    }
    let own = crate::programs::tokens(&world, &mut ada, "read").await;
    let token = own["refresh_token"].as_str().unwrap();
    crate::programs::refresh(&world, token, None).await.expect(200);
    // Used twice: its owner reads of it. Made up: nobody's.
    crate::programs::refresh(&world, token, None).await.expect(400);
    for _ in 0..2 {
        crate::programs::refresh(&world, "gkr_none", None).await.expect(400);
        crate::programs::redeem(&world, "none", None).await.expect(400);
    }
    let mut lines = log(&mut ada).await;
    lines.truncate(lines.len() - before);
    lines.sort();
    let expect = [
        "apiKey wrong nobody - 8",
        "password wrong somebody ada@example.com 3",
        "program done somebody ada@example.com 1",
        "program wrong nobody - 4",
        "program wrong somebody ada@example.com 1",
    ];
    assert_eq!(lines, expect);
    let own = ada.get("/api/account/logins").await.expect(200).text();
    assert!(own.contains("\"times\":3") && !own.contains("apiKey\",\"result"), "{own}");
    let csv = ada.get("/api/logins.csv").await.expect(200).text();
    assert!(csv.lines().next().unwrap().ends_with("agent,times,last"), "{csv}");
    // Another hour is another line.
    world.clock.advance(SignedDuration::from_hours(1));
    sign_in(&mut world.browser(), "Ada", WRONG).await.expect(401);
    assert_eq!(log(&mut ada).await.len(), before + expect.len() + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_beside_a_link_is_recorded_too() {
    let world = World::start().await;
    world.person("Ada").await;
    let mut ben = world.browser();
    let account = json!({"email": email("Ben"), "name": "Ben", "password": PASSWORD});
    ben.post("/api/accounts", account).await.expect(201);
    let token = world.token("Ben", "/confirm#").await;
    for _ in 0..2 {
        let guess = json!({"token": token, "password": WRONG});
        world.browser().post("/api/accounts/confirmation", guess).await.expect(401);
    }
    let log = ben.get("/api/account/logins").await.expect(200).json();
    let events = log["events"].as_array().unwrap().iter();
    let wrong: Vec<_> = events.filter(|event| event["result"] == "wrong").collect();
    assert_eq!(wrong.len(), 1, "{log}");
    assert_eq!((&wrong[0]["method"], &wrong[0]["times"]), (&json!("change"), &json!(2)));
    assert_eq!(wrong[0]["address"], json!(email("Ben")));
}
