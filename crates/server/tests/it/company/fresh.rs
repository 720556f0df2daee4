//! Showing anew at the company who one is.

use axum::extract::FromRequestParts as _;
use gridkeep_model::{Clock as _, SessionId};
use gridkeep_server::session::InBrowser;
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use super::{
    add, come_back,
    hostile::{Liar, acme},
    parameter, query,
    real::{There, company, people, through, world},
    settings,
};
use crate::{
    kit::{Browser, World},
    tenants::tenant,
};

const BACK: &str = "http://gridkeep.test/t/acme/providers?a=b&company=";

/// Sets out to show anew who one is; where that leads.
async fn set_out(browser: &mut Browser) -> String {
    let wish = json!({"back": "/providers?a=b"});
    let answer = browser.post("/t/acme/api/company/proof", wish).await.expect(200);
    answer.json()["location"].as_str().unwrap().to_owned()
}

async fn is_fresh(browser: &mut Browser) -> bool {
    let answer = browser.put("/t/acme/api/domains/corp.example", json!({"required": false})).await;
    match answer.status {
        404 => true,
        403 => {
            assert_eq!(answer.code(), "proofRequired");
            false
        }
        other => panic!("{other}: {}", answer.text()),
    }
}

/// Comes back with what a liar says of somebody, signed in at that second; where that leads.
pub(super) async fn back(
    at: (&World, &Liar, &str),
    browser: &mut Browser,
    location: &str,
    (subject, shown): (&str, Option<i64>),
) -> String {
    back_by(at, browser, location, (subject, shown), "gold").await
}

/// The same, shown in some way.
async fn back_by(
    (world, liar, provider): (&World, &Liar, &str),
    browser: &mut Browser,
    location: &str,
    (subject, shown): (&str, Option<i64>),
    acr: &str,
) -> String {
    let mut claims = liar.claims(world, &parameter(location, "nonce"));
    claims["sub"] = json!(subject);
    match shown {
        Some(second) => claims["auth_time"] = json!(second),
        None => drop(claims.as_object_mut().unwrap().remove("auth_time")),
    }
    claims["acr"] = json!(acr);
    liar.says(liar.sign(&json!({"alg": "EdDSA", "kid": "k"}), &claims));
    let state = parameter(location, "state");
    let pairs = [("code", "c"), ("state", state.as_str()), ("iss", liar.issuer.as_str())];
    come_back(browser, "/t/acme", provider, &pairs).await.header("location").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_shown_anew_counts() {
    let (world, mut ann) = acme().await;
    let liar = Liar::start().await;
    let rules = json!({"newcomers": "administrator"});
    let own = add(&mut ann, "/t/acme", "Liar", &settings(&liar.issuer, "us", rules), "").await;
    let id = own["id"].as_str().unwrap().to_owned();
    let at = (&world, &liar, id.as_str());
    let now = || world.clock.now().as_second();
    let mut ben = world.browser();
    let location = super::set_out(&mut ben, "/t/acme", &id).await;
    assert!(!location.contains("prompt=login"));
    // Signed in there an hour ago: not fresh here, though the session is new.
    let first = now() - 3_600;
    assert!(back(at, &mut ben, &location, ("1", Some(first))).await.ends_with("/apps/1"));
    assert!(!is_fresh(&mut ben).await);
    // Whoever was not asked, whoever does not say when, somebody else, and what was known before.
    for (who, shown) in [("1", Some(first)), ("1", None), ("2", Some(now())), ("1", Some(now() - 300))] {
        let location = set_out(&mut ben).await;
        assert_eq!(
            (parameter(&location, "prompt"), parameter(&location, "max_age")),
            ("login".into(), "0".into())
        );
        assert_eq!(
            back(at, &mut ben, &location, (who, shown)).await,
            format!("{BACK}unproved"),
            "{who} {shown:?}"
        );
        assert!(!is_fresh(&mut ben).await);
    }
    // They say no there.
    let location = set_out(&mut ben).await;
    let state = parameter(&location, "state");
    let pairs = [("error", "access_denied"), ("state", state.as_str()), ("iss", liar.issuer.as_str())];
    let denied = come_back(&mut ben, "/t/acme", &id, &pairs).await;
    assert_eq!(denied.header("location"), format!("{BACK}unproved"));
    // Shown anew.
    let location = set_out(&mut ben).await;
    assert_eq!(back(at, &mut ben, &location, ("1", Some(now()))).await, format!("{BACK}proved"));
    assert!(is_fresh(&mut ben).await);
    // Taken once, for what it was shown.
    let sessions = ben.get("/t/acme/api/account/sessions").await.expect(200).json();
    let session: SessionId = sessions[0]["id"].as_str().unwrap().parse().unwrap();
    let control = world.state.company.control();
    let take = async |purpose: u8| {
        control.take_company_proof(session, [purpose; 32], world.clock.now()).await.unwrap()
    };
    assert_eq!(take(1).await, None);
    let proof = take(0).await.unwrap();
    assert_eq!((proof.authenticated.as_second(), proof.acr.as_deref()), (now(), Some("gold")));
    assert_eq!(take(0).await, None);
    // What was shown is no proof again, and fresh for five minutes only.
    let location = set_out(&mut ben).await;
    assert_eq!(back(at, &mut ben, &location, ("1", Some(now()))).await, format!("{BACK}unproved"));
    world.clock.advance(SignedDuration::from_mins(5));
    assert!(!is_fresh(&mut ben).await);
    // Begun by one session, brought back in another of the same browser: nobody's.
    let location = set_out(&mut ben).await;
    let mut other = world.browser();
    let elsewhere = super::set_out(&mut other, "/t/acme", &id).await;
    back(at, &mut other, &elsewhere, ("3", Some(now()))).await;
    let mut swapped = other.clone();
    swapped.cookies.insert("gk_company".to_owned(), ben.cookies["gk_company"].clone());
    let failed = back(at, &mut swapped, &location, ("3", Some(now() + 1))).await;
    assert_eq!(failed, super::hostile::FAILED);
    assert!(!is_fresh(&mut ben).await);
    // It opens nothing of the account itself, and is for nobody with a proof of their own.
    let location = set_out(&mut ben).await;
    assert_eq!(back(at, &mut ben, &location, ("1", Some(now()))).await, format!("{BACK}proved"));
    assert_eq!(ben.post("/t/acme/api/account/totp", json!({})).await.code(), "ownProofRequired");
    ann.post("/t/acme/api/company/proof", json!({})).await.expect(404);
    world.browser().post("/t/acme/api/company/proof", json!({})).await.expect(401);
    // Nobody is led elsewhere, and a closed provider proves nothing.
    let away = ben.post("/t/acme/api/company/proof", json!({"back": "//evil.example"})).await.expect(200);
    assert!(away.json()["location"].as_str().unwrap().starts_with(&liar.issuer));
    world.clock.advance(SignedDuration::from_secs(1));
    let location = away.json()["location"].as_str().unwrap().to_owned();
    let led = back(at, &mut ben, &location, ("1", Some(now()))).await;
    assert_eq!(led, "http://gridkeep.test/t/acme/?company=proved");
}

/// What is shown anew is worth as much as what the session began with.
#[tokio::test(flavor = "multi_thread")]
async fn a_proof_is_not_less_than_the_session() {
    let (world, mut ann) = acme().await;
    let liar = Liar::start().await;
    let factor = |acr: &str, counts: &str| json!({"says": "acr", "value": acr, "counts": counts});
    let factors = [factor("silver", "any"), factor("gold", "passkey")];
    let rules = json!({"newcomers": "administrator", "factors": factors});
    let own = add(&mut ann, "/t/acme", "Liar", &settings(&liar.issuer, "us", rules), "").await;
    let id = own["id"].as_str().unwrap().to_owned();
    let at = (&world, &liar, id.as_str());
    let now = || world.clock.now().as_second();
    for (number, (began, shown, expect)) in [
        ("gold", "silver", "unproved"),
        ("gold", "bronze", "unproved"),
        ("gold", "gold", "proved"),
        ("silver", "bronze", "unproved"),
        ("silver", "silver", "proved"),
        ("silver", "gold", "proved"),
        ("bronze", "bronze", "proved"),
    ]
    .into_iter()
    .enumerate()
    {
        let (mut ben, subject) = (world.browser(), number.to_string());
        let location = super::set_out(&mut ben, "/t/acme", &id).await;
        let first = now() - 3_600;
        back_by(at, &mut ben, &location, (&subject, Some(first)), began).await;
        let location = set_out(&mut ben).await;
        let led = back_by(at, &mut ben, &location, (&subject, Some(now())), shown).await;
        assert_eq!(led, format!("{BACK}{expect}"), "{began} {shown}");
        assert_eq!(is_fresh(&mut ben).await, expect == "proved", "{began} {shown}");
    }
}

/// What was shown for something else makes nobody fresh, and cannot be shown again.
#[tokio::test(flavor = "multi_thread")]
async fn a_proof_for_something_is_for_that() {
    let (world, mut ann) = acme().await;
    let liar = Liar::start().await;
    let rules = json!({"newcomers": "administrator"});
    let own = add(&mut ann, "/t/acme", "Liar", &settings(&liar.issuer, "us", rules), "").await;
    let id = own["id"].as_str().unwrap().to_owned();
    let at = (&world, &liar, id.as_str());
    let now = || world.clock.now().as_second();
    let mut ben = world.browser();
    let location = super::set_out(&mut ben, "/t/acme", &id).await;
    back(at, &mut ben, &location, ("1", Some(now() - 3_600))).await;
    let room = world.house.called("acme").await.unwrap();
    let state = &room.state;
    let request = ben.request(axum::http::Method::GET, "/t/acme/api/session").body(()).unwrap();
    let (mut parts, ()) = request.into_parts();
    let session = InBrowser::from_request_parts(&mut parts, state).await.ok().unwrap().0;
    let purpose = ([7; 32], Some("/providers?a=b".to_owned()));
    let begun = state.company.begin_proof(&session, purpose, (&state.logins, &state.site), &parts.headers);
    let body = axum::body::to_bytes(begun.await.unwrap().into_body(), 10_000).await.unwrap();
    let begun: Json = serde_json::from_slice(&body).unwrap();
    let location = begun["location"].as_str().unwrap().to_owned();
    let shown = now();
    assert_eq!(back(at, &mut ben, &location, ("1", Some(shown))).await, format!("{BACK}proved"));
    assert!(!is_fresh(&mut ben).await);
    // The provider repeats what it said: that was this one showing.
    let location = set_out(&mut ben).await;
    assert_eq!(back(at, &mut ben, &location, ("1", Some(shown))).await, format!("{BACK}unproved"));
    assert!(!is_fresh(&mut ben).await);
    assert!(state.company.take_proof(&session, [0; 32]).await.unwrap().is_none());
    assert!(state.company.take_proof(&session, [7; 32]).await.unwrap().is_some());
}

/// Who shows often waits, and nobody else.
#[tokio::test(flavor = "multi_thread")]
async fn showing_anew_is_counted_by_session() {
    let (world, mut ann) = acme().await;
    let liar = Liar::start().await;
    let id = super::hostile::set_up(&mut ann, &liar).await;
    let come = async |subject: &str| {
        let mut browser = world.browser();
        let location = super::set_out(&mut browser, "/t/acme", &id).await;
        let shown = Some(world.clock.now().as_second());
        back((&world, &liar, &id), &mut browser, &location, (subject, shown)).await;
        browser
    };
    let (mut ben, mut eve) = (come("1").await, come("2").await);
    for _ in 0..10 {
        eve.post("/t/acme/api/company/proof", json!({})).await.expect(200);
    }
    eve.post("/t/acme/api/company/proof", json!({})).await.expect(429);
    ben.post("/t/acme/api/company/proof", json!({})).await.expect(200);
    world.clock.advance(SignedDuration::from_mins(1));
    eve.post("/t/acme/api/company/proof", json!({})).await.expect(200);
}

/// panva's provider asks again when it is asked to, and says when that was.
#[tokio::test(flavor = "multi_thread")]
async fn a_real_provider_asks_anew() {
    let Some(real) = gridkeep_kit::CompanyProvider::start(&people()) else { return };
    let world = world().await;
    world.person("Root").await;
    let mut ann = world.person("Ann").await;
    tenant(&world, "acme", &mut ann).await;
    let own = company(&mut ann, "/t/acme", &real, json!({"newcomers": "administrator"})).await;
    let id = own["id"].as_str().unwrap();
    let (mut ben, mut there) = (world.browser(), There::new(real.issuer()));
    let (answer, asked) = through(&mut ben, &mut there, "/t/acme", &own, "ben").await;
    assert!(answer.status == 303 && asked);
    assert!(!is_fresh(&mut ben).await);
    world.clock.advance(SignedDuration::from_secs(2));
    // The provider has a clock of its own, and says seconds: one in the second of the sign-in before is no later one.
    let second = || jiff::Timestamp::now().as_second();
    let mut before = second();
    loop {
        let begun = second();
        let location = set_out(&mut ben).await;
        let (back, asked) = there.sign_in(&location, "ben").await;
        assert!(asked, "somebody who is signed in there is asked again");
        let pairs = query(&back);
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let done = come_back(&mut ben, "/t/acme", id, &pairs).await;
        if done.header("location") == format!("{BACK}proved") {
            break;
        }
        assert_eq!(done.header("location"), format!("{BACK}unproved"));
        assert_eq!(begun, before, "what is shown in a later second counts");
        before = second();
    }
    assert!(is_fresh(&mut ben).await);
    assert_eq!(ben.get("/t/acme/api/providers").await.expect(200).json().as_array().map(Vec::len), Some(1));
    let _: Json = ben.post("/t/acme/api/domains", json!({"domain": "corp.example"})).await.expect(201).json();
}
