//! What others answer: whoever began it is told, carries on, and puts it away.

use axum::{body::Body, http::Method};
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use super::{
    config::promote,
    flow::{Shop, approve, at, password},
    gate,
    others::waiting,
    put, repeat,
};
use crate::{
    kit::{Answer, Browser, PASSWORD, databases},
    programs::{get, tokens},
    tenants::account,
};

const EXPORT: &str = "/api/audit.csv";

/// Asks for the log as our own pages do.
pub(super) async fn export(browser: &mut Browser, challenge: Option<&Json>) -> Answer {
    let mut request = browser.request(Method::GET, EXPORT);
    if let Some(challenge) = challenge {
        request = request.header("checkpoint", challenge["challenge"].as_str().unwrap());
    }
    browser.send(request.body(Body::empty()).unwrap()).await
}

/// The same in a browser that another page had follow the address.
async fn followed(browser: &mut Browser) -> Answer {
    let request = browser.request(Method::GET, EXPORT);
    let mut request = request.body(Body::empty()).unwrap();
    request.headers_mut().remove("x-gridkeep");
    browser.send(request).await
}

/// What is to be approved by somebody else.
pub(super) fn waits(answer: Answer) -> Json {
    let answer = answer.expect(202);
    assert_eq!(answer.code(), "SECURITY_CHECKPOINT_WAITING");
    answer.json()["checkpoint"].clone()
}

/// A shop where exports take two, and another administrator.
pub(super) async fn two(database: Option<String>) -> (Shop, Browser) {
    let mut shop = Shop::open(database).await;
    let mut second = shop.world.person("Second").await;
    promote(&mut shop.owner, &mut second, "administrator").await;
    put(&mut shop.owner, &gate("EXPORT_ALL", "&USER exports &EVENT", true)).await;
    shop.owner.put("/api/checkpoints/settings", json!({"fourEyes": true})).await.expect(204);
    (shop, second)
}

async fn elsewhere(shop: &Shop) -> Browser {
    let mut browser = shop.world.browser();
    let sign_in = json!({"email": "owner@example.com", "password": PASSWORD});
    browser.post("/api/session", sign_in).await.expect(200);
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asked_is_told_that_it_was_approved_and_carries_on() {
    let (databases, _server) = databases();
    for database in databases {
        let (mut shop, mut second) = two(database).await;
        shop.owner.language = "de";
        let challenge = waits(export(&mut shop.owner, None).await);
        shop.owner.language = "en";
        assert_eq!((&challenge["executes"], &challenge["answer"]), (&json!(false), &Json::Null));
        // Asked for again it is the same that waits; whose page it is not asks for nothing.
        let again = waits(export(&mut shop.owner, None).await);
        assert_eq!(again["challenge"], challenge["challenge"]);
        followed(&mut shop.owner).await.expect(403);
        // Nobody but whoever asked is shown the address.
        let seen = waiting(&mut second).await["others"][0].clone();
        assert_eq!((&seen["challenge"], &seen["request"]), (&challenge["challenge"], &Json::Null));
        let own = waiting(&mut shop.owner).await["own"][0].clone();
        assert_eq!(
            (&own["state"], &own["request"]),
            (&json!("waiting"), &json!({"method": "GET", "path": EXPORT}))
        );
        let proof = json!({"password": PASSWORD, "comment": "for the auditor"});
        assert_eq!(approve(&mut second, &challenge, proof).await.expect(200).json()["state"], "approved");
        // In the language in which they asked, whoever answered.
        let told = shop.world.mails("Owner").await;
        let told = told.iter().filter(|(subject, _)| subject == "Ihre Anfrage wurde beantwortet");
        assert_eq!(told.count(), 1);
        let own = waiting(&mut shop.owner).await["own"][0].clone();
        assert_eq!((&own["state"], &own["fourEyes"]), (&json!("approved"), &json!(true)));
        let by = (&own["answer"]["by"], &own["answer"]["comment"]);
        assert_eq!(by, (&json!("second@example.com"), &json!("for the auditor")));
        assert_eq!(waiting(&mut second).await["others"], json!([]));
        // As long again as it might wait; nobody else uses it, nor does a page of somebody else's; in another browser of theirs it is
        // known by what is asked for.
        shop.world.clock.advance(SignedDuration::from_hours(70));
        followed(&mut shop.owner).await.expect(403);
        waits(export(&mut second, Some(&challenge)).await);
        let mut elsewhere = elsewhere(&shop).await;
        export(&mut elsewhere, Some(&challenge)).await.expect(200);
        let list = waiting(&mut shop.owner).await;
        assert_eq!((&list["own"], &list["ended"]), (&json!([]), &json!([])));
        // Once.
        let next = waits(export(&mut shop.owner, None).await);
        assert_ne!(next["challenge"], challenge["challenge"]);
        approve(&mut second, &next, password()).await.expect(200);
        // Not another request, and not by a program's header of somebody else's; this one needs none.
        shop.owner.get("/api/audit.jsonl").await.expect(202);
        export(&mut shop.owner, None).await.expect(200);
        // Whoever approved it and may no more has approved nothing; what is asked for waits anew.
        let next = waits(export(&mut shop.owner, None).await);
        approve(&mut second, &next, password()).await.expect(200);
        promote(&mut shop.owner, &mut second, "member").await;
        waits(export(&mut shop.owner, Some(&next)).await);
        assert_eq!(shop.owner.get(&at(&next, "")).await.expect(200).json()["state"], "failed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asked_is_told_that_it_was_turned_down_and_why() {
    let (databases, _server) = databases();
    for database in databases {
        let (mut shop, mut second) = two(database).await;
        let challenge = waits(export(&mut shop.owner, None).await);
        let refuse = at(&challenge, "/refuse");
        // Nobody their own; nobody else's whom it does not concern.
        shop.owner.post(&refuse, json!({})).await.expect(403);
        shop.member.post(&refuse, json!({})).await.expect(404);
        let long = json!({"comment": "x".repeat(2_001)});
        second.post(&refuse, long).await.expect(400);
        second.post(&refuse, json!({"comment": "Not this month."})).await.expect(204);
        second.post(&refuse, json!({})).await.expect(404);
        let list = waiting(&mut shop.owner).await;
        let ended = &list["ended"][0];
        assert_eq!((&list["own"], &ended["state"]), (&json!([]), &json!("cancelled")));
        assert_eq!(ended["gates"][0]["message"], "owner@example.com exports audit.csv");
        assert_eq!(ended["answer"]["comment"], "Not this month.");
        assert_eq!(
            shop.owner.get(&at(&challenge, "")).await.expect(200).json()["answer"]["by"],
            "second@example.com"
        );
        let page = shop.owner.get("/api/audit?kind=checkpoint.cancelled").await.expect(200).json();
        let row = &page["rows"][0];
        assert_eq!(row["facts"]["reason"], "turned down");
        assert_eq!(row["personal"]["comment"]["value"], "Not this month.", "{row}");
        // Of several that were answered the first is mailed.
        let next = waits(export(&mut shop.owner, None).await);
        second.delete(&at(&next, "")).await.expect(204);
        let told = shop.world.mails("Owner").await;
        assert_eq!(
            told.iter().filter(|(subject, _)| subject == "What you asked for was answered").count(),
            1
        );
        // Read, it is put away, by whoever it is of.
        second.delete(&at(&challenge, "")).await.expect(404);
        shop.owner.delete(&at(&challenge, "")).await.expect(204);
        shop.owner.delete(&at(&challenge, "")).await.expect(410);
        assert_eq!(waiting(&mut shop.owner).await["ended"].as_array().unwrap().len(), 1);
        // What was given up by whoever began it is told to nobody.
        let next = waits(export(&mut shop.owner, None).await);
        shop.owner.delete(&at(&next, "")).await.expect(204);
        assert_eq!(waiting(&mut shop.owner).await["ended"].as_array().unwrap().len(), 1);
        // What was approved is given up, too, wherever they are signed in.
        let next = waits(export(&mut shop.owner, None).await);
        approve(&mut second, &next, password()).await.expect(200);
        let mut elsewhere = elsewhere(&shop).await;
        let seen = elsewhere.get(&at(&next, "")).await.expect(200).json();
        assert_eq!(
            (&seen["state"], &seen["answer"]["by"]),
            (&json!("approved"), &json!("second@example.com"))
        );
        elsewhere.delete(&at(&next, "")).await.expect(204);
        export(&mut shop.owner, Some(&next)).await.expect(410);
        waits(export(&mut shop.owner, None).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_approved_something_takes_it_back_until_it_is_carried_on() {
    let (databases, _server) = databases();
    for database in databases {
        let (mut shop, mut second) = two(database).await;
        let mut third = shop.world.person("Third").await;
        promote(&mut shop.owner, &mut third, "administrator").await;
        let challenge = waits(export(&mut shop.owner, None).await);
        let path = at(&challenge, "");
        approve(&mut second, &challenge, password()).await.expect(200);
        // They see it, with what they said; nobody else does.
        let given = waiting(&mut second).await["given"].clone();
        assert_eq!(given.as_array().unwrap().len(), 1);
        let shown = (&given[0]["challenge"], &given[0]["by"], &given[0]["state"]);
        assert_eq!(shown, (&challenge["challenge"], &json!("owner@example.com"), &json!("approved")));
        assert!(given[0]["gates"][0]["message"].as_str().unwrap().starts_with("owner@example.com exports"));
        let answer = &given[0]["answer"];
        assert_eq!((&answer["by"], &answer["withdrawn"]), (&json!("second@example.com"), &json!(false)));
        assert!(answer["at"].is_string() && given[0]["expiresAt"].is_string(), "{given}");
        for other in [&mut shop.owner, &mut third, &mut shop.member] {
            assert_eq!(waiting(other).await["given"], json!([]));
        }
        let own = second.get("/api/checkpoints/waiting").await.expect(200).json();
        assert_eq!((&own["own"], &own["others"], &own["nextGiven"]), (&json!([]), &json!([]), &Json::Null));
        // Nobody else takes it back, whatever they might have approved.
        third.delete(&path).await.expect(410);
        third.post(&at(&challenge, "/refuse"), json!({})).await.expect(410);
        shop.member.delete(&path).await.expect(404);
        // Whatever they may approve by now.
        promote(&mut shop.owner, &mut second, "member").await;
        assert_eq!(waiting(&mut second).await["given"][0]["challenge"], challenge["challenge"]);
        let why = json!({"comment": "I looked at the wrong one."});
        second.post(&at(&challenge, "/refuse"), why).await.expect(204);
        second.delete(&path).await.expect(404);
        export(&mut shop.owner, Some(&challenge)).await.expect(410);
        let list = waiting(&mut shop.owner).await;
        assert_eq!((&list["own"], &list["ended"][0]["state"]), (&json!([]), &json!("cancelled")));
        let answer = &list["ended"][0]["answer"];
        let told = (&answer["by"], &answer["comment"], &answer["withdrawn"]);
        assert_eq!(told, (&json!("second@example.com"), &json!("I looked at the wrong one."), &json!(true)));
        assert_eq!(waiting(&mut second).await["given"], json!([]));
        // Mailed as they were when it was approved: they had read nothing else.
        let mails = shop.world.mails("Owner").await;
        let mails = mails.iter().filter(|(subject, _)| subject == "What you asked for was answered");
        assert_eq!(mails.count(), 2);
        let page = shop.owner.get("/api/audit?kind=checkpoint.cancelled").await.expect(200).json();
        let row = &page["rows"][0];
        assert_eq!(row["facts"]["reason"], "withdrawn");
        assert_eq!(row["personal"]["approver"]["value"], "second@example.com");
        // What was carried on is done.
        let next = waits(export(&mut shop.owner, None).await);
        approve(&mut third, &next, password()).await.expect(200);
        export(&mut shop.owner, Some(&next)).await.expect(200);
        third.delete(&at(&next, "")).await.expect(404);
        assert_eq!(waiting(&mut third).await["given"], json!([]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_approved_is_listed_in_pages_for_them_alone() {
    let (mut shop, mut second) = two(None).await;
    let mut third = shop.world.person("Third").await;
    promote(&mut shop.owner, &mut third, "administrator").await;
    let mut due = Vec::new();
    for number in 0..30 {
        shop.world.clock.advance(SignedDuration::from_millis(2));
        let challenge = waits(shop.owner.get(&format!("{EXPORT}?kind=k{number}")).await);
        approve(&mut second, &challenge, password()).await.expect(200);
        due.push(challenge["challenge"].clone());
    }
    let (mut found, mut query) = (Vec::new(), String::new());
    for size in [25, 5] {
        let path = format!("/api/checkpoints/waiting{query}");
        let page = second.get(&path).await.expect(200).json();
        let items = page["given"].as_array().unwrap();
        assert_eq!(items.len(), size);
        found.extend(items.iter().map(|item| item["challenge"].clone()));
        query = page["nextGiven"].as_str().map(|next| format!("?afterGiven={next}")).unwrap_or_default();
        if !query.is_empty() {
            // Where it ends is for whoever was told alone.
            let path = format!("/api/checkpoints/waiting{query}");
            third.get(&path).await.expect(400);
            assert_eq!(third.get("/api/checkpoints/waiting").await.expect(200).json()["given"], json!([]));
        }
    }
    assert_eq!((&found, query.as_str()), (&due, ""));
    let bare = format!("/api/checkpoints/waiting?afterGiven={}", due[24].as_str().unwrap());
    second.get(&bare).await.expect(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_program_asked_for_is_not_what_its_person_asked_for() {
    let (mut shop, mut second) = two(None).await;
    let token = tokens(&shop.world, &mut shop.owner, "read write").await;
    let path = format!("/api/apps/{}/export.xlsx", shop.app);
    let programs = waits(get(&shop.world, &path, &token).await);
    let own = waits(shop.owner.get(&path).await);
    assert_ne!(programs["challenge"], own["challenge"]);
    assert_eq!(waits(get(&shop.world, &path, &token).await)["challenge"], programs["challenge"]);
    // What the program may do is not carried on by the person, whose own waits on; and each carries on its own.
    approve(&mut second, &programs, password()).await.expect(200);
    assert_eq!(waits(shop.owner.get(&path).await)["challenge"], own["challenge"]);
    approve(&mut second, &own, password()).await.expect(200);
    shop.owner.get(&path).await.expect(200);
    get(&shop.world, &path, &token).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_whoever_is_erased_nothing_waits_and_nothing_is_approved() {
    let (databases, _server) = databases();
    for database in databases {
        let (mut shop, mut second) = two(database).await;
        let approved = waits(export(&mut shop.owner, None).await);
        approve(&mut second, &approved, password()).await.expect(200);
        let theirs = waits(export(&mut second, None).await);
        assert_eq!(waiting(&mut shop.owner).await["others"][0]["challenge"], theirs["challenge"]);
        let path = format!("/api/audit/people/{}", account(&mut second).await);
        shop.owner.delete(&path).await.expect(200);
        let list = waiting(&mut shop.owner).await;
        assert_eq!((&list["own"], &list["others"], &list["ended"]), (&json!([]), &json!([]), &json!([])));
        assert_eq!(shop.owner.get(&at(&approved, "")).await.expect(200).json()["state"], "failed");
        export(&mut shop.owner, Some(&approved)).await.expect(410);
        second.get(&at(&theirs, "")).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_time_ended_is_told_until_somebody_named_goes() {
    let (mut shop, mut second) = two(None).await;
    let late = waits(export(&mut shop.owner, None).await);
    let approved = waits(shop.owner.get("/api/audit.jsonl").await);
    approve(&mut second, &approved, password()).await.expect(200);
    shop.world.clock.advance(SignedDuration::from_hours(73));
    let mut owner = elsewhere(&shop).await;
    let list = waiting(&mut owner).await;
    assert_eq!(list["own"], json!([]));
    let ended = list["ended"].as_array().unwrap();
    let states: Vec<_> = ended.iter().map(|one| one["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["expired", "expired"]);
    assert_eq!(ended[1]["gates"][0]["message"], "owner@example.com exports audit.csv");
    // Before anybody cleared it, and after.
    assert_eq!(owner.get(&at(&late, "")).await.expect(200).json()["state"], "expired");
    owner.delete(&at(&late, "")).await.expect(204);
    assert_eq!(waiting(&mut owner).await["ended"].as_array().unwrap().len(), 1);
    // A new one has those that are over cleared; whoever approved one of them leaves.
    let kept = waits(owner.get("/api/audit.jsonl").await);
    let mut second = {
        let mut browser = shop.world.browser();
        let sign_in = json!({"email": "second@example.com", "password": PASSWORD});
        browser.post("/api/session", sign_in).await.expect(200);
        browser
    };
    approve(&mut second, &kept, password()).await.expect(200);
    let id = second.get("/api/session").await.expect(200).json()["account"]["id"].clone();
    owner.delete(&format!("/api/people/{}", id.as_str().unwrap())).await.expect(204);
    let list = waiting(&mut owner).await;
    assert_eq!((&list["ended"], &list["own"]), (&json!([]), &json!([])));
    assert_eq!(owner.get(&at(&kept, "")).await.expect(200).json()["state"], "failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_began_a_transaction_is_told_what_became_of_it() {
    let (mut shop, _) = two(None).await;
    let path = shop.path();
    let change = |shop: &Shop, number, version, qty| shop.rows.change(number, 0, version, qty);
    let body = change(&shop, 1, 1, 12);
    let challenge = waits(shop.member.post(&path, body).await);
    assert_eq!(challenge["executes"], true);
    let proof = json!({"password": PASSWORD, "comment": "fine"});
    approve(&mut shop.owner, &challenge, proof).await.expect(200);
    let list = waiting(&mut shop.member).await;
    let ended = &list["ended"][0];
    assert_eq!((&ended["state"], &ended["action"]), (&json!("done"), &json!("Stock")));
    assert_eq!(ended["gates"][0]["message"], "Change Motor from 3 to 12?");
    assert_eq!(
        (&ended["answer"]["by"], &ended["answer"]["comment"]),
        (&json!("owner@example.com"), &json!("fine"))
    );
    let mails = shop.world.mails("Member").await;
    assert!(mails.iter().any(|(subject, _)| subject == "What you asked for was answered"), "{mails:?}");
    // What they approved themselves, where they may, they know.
    shop.owner.put("/api/checkpoints/settings", json!({})).await.expect(204);
    shop.member.delete(&at(&challenge, "")).await.expect(204);
    let key = super::others::key(&mut shop).await;
    let body = json!({"Sku": "0010", "Item": "Nut", "Qty": 500, "Price": "0.10"});
    let answer = super::others::by_key(&shop, &key, Method::POST, "Stock", &body).await.expect(202).json();
    let challenge = answer["error"]["innererror"]["checkpoint"].clone();
    approve(&mut shop.member, &challenge, password()).await.expect(200);
    assert_eq!(waiting(&mut shop.member).await["ended"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gate_is_changed_once_somebody_else_approved_it() {
    let (mut shop, mut second) = two(None).await;
    let path = "/api/checkpoints/gates/EXPORT_ALL";
    // With four eyes the gate of gates takes two, too.
    shop.owner.put("/api/checkpoints/settings", json!({})).await.expect(204);
    put(&mut shop.owner, &gate("CHECKPOINT_CONFIG", "&USER changes &EVENT", true)).await;
    let on = json!({"fourEyes": true});
    let asked = shop.owner.put("/api/checkpoints/settings", on.clone()).await.expect(403);
    let challenge = asked.json()["checkpoint"].clone();
    approve(&mut shop.owner, &challenge, password()).await.expect(200);
    repeat(&mut shop.owner, Method::PUT, "/api/checkpoints/settings", &on, &challenge).await.expect(204);
    let off = gate("EXPORT_ALL", "&USER exports &EVENT", false);
    let challenge = waits(shop.owner.put(path, off.clone()).await);
    assert_eq!(waiting(&mut shop.owner).await["own"][0]["request"], Json::Null);
    approve(&mut second, &challenge, password()).await.expect(200);
    // Another one is another request; the very one goes through by itself, with the fresh proof that it takes.
    let other = gate("EXPORT_ALL", "&USER takes &EVENT", false);
    waits(shop.owner.put(path, other).await);
    shop.owner.put(path, off).await.expect(204);
    let rows = shop.owner.get("/api/audit?kind=checkpoint.passed").await.expect(200).json();
    assert_eq!(rows["rows"][0]["facts"]["fourEyes"], true);
}
