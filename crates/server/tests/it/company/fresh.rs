//! Showing anew at the company who one is.

use gridkeep_model::{Clock as _, SessionId};
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
async fn back(
    (world, liar, provider): (&World, &Liar, &str),
    browser: &mut Browser,
    location: &str,
    (subject, shown): (&str, Option<i64>),
) -> String {
    let mut claims = liar.claims(world, &parameter(location, "nonce"));
    claims["sub"] = json!(subject);
    match shown {
        Some(second) => claims["auth_time"] = json!(second),
        None => drop(claims.as_object_mut().unwrap().remove("auth_time")),
    }
    claims["acr"] = json!("gold");
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
    let location = set_out(&mut ben).await;
    let (back, asked) = there.sign_in(&location, "ben").await;
    assert!(asked, "somebody who is signed in there is asked again");
    let pairs = query(&back);
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let done = come_back(&mut ben, "/t/acme", id, &pairs).await;
    assert_eq!(done.header("location"), format!("{BACK}proved"));
    assert!(is_fresh(&mut ben).await);
    assert_eq!(ben.get("/t/acme/api/providers").await.expect(200).json().as_array().map(Vec::len), Some(1));
    let _: Json = ben.post("/t/acme/api/domains", json!({"domain": "corp.example"})).await.expect(201).json();
}
