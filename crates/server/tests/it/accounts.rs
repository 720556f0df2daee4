//! How accounts come to be, prove their address and get another password; what strangers learn of it: nothing.

use jiff::SignedDuration;
use serde_json::json;

use crate::kit::{Browser, PASSWORD, Wishes, World, email};

const OTHER: &str = "seven violet umbrellas in march";

async fn sign_up(world: &World, name: &str) -> Browser {
    world.clock.advance(SignedDuration::from_millis(1));
    let mut browser = world.browser();
    let account = json!({"email": email(name), "name": name, "password": PASSWORD});
    browser.post("/api/accounts", account).await.expect(201);
    browser
}

/// The newest mail to somebody but those about browsers: subject and text. What is asked for from here on is newer.
async fn mail(world: &World, name: &str) -> Option<(String, String)> {
    let mails = world.mails(name).await;
    let newest = mails.into_iter().find(|(subject, _)| subject != "New sign-in to your account");
    world.clock.advance(SignedDuration::from_millis(1));
    newest
}

async fn token_of(world: &World, name: &str, page: &str) -> String {
    let token = world.token(name, page).await;
    world.clock.advance(SignedDuration::from_millis(1));
    token
}

async fn sign_in(world: &World, name: &str, password: &str) -> u16 {
    let mut browser = world.browser();
    browser.post("/api/session", json!({"email": email(name), "password": password})).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claimed_address_opens_nothing_until_it_is_proven() {
    let world = World::start().await;
    let mut ada = world.person("Ada").await;
    let app = ada.publish("private", &["Ben"]).await;
    let mut thief = sign_up(&world, "Ben").await;
    // Making and publishing works before; what is shared with the address is not theirs.
    assert_eq!(thief.get("/api/session").await.json()["account"]["confirmed"], json!(false));
    thief.publish("prototype", &[]).await;
    thief.get(&format!("/api/apps/{app}")).await.expect(404);
    assert_eq!(thief.get("/api/apps").await.expect(200).json().as_array().map(Vec::len), Some(1));
    assert_eq!(sign_in(&world, "Ben", PASSWORD).await, 401);

    // The link alone proves nothing: its reader may never have made the account.
    let stranger = token_of(&world, "Ben", "/confirm#").await;
    let mut ben = world.browser();
    let confirm = |token: &str, password: Option<&str>| json!({"token": token, "password": password});
    let path = "/api/accounts/confirmation";
    assert_eq!(ben.post(path, confirm(&stranger, None)).await.expect(401).code(), "signInRequired");
    assert_eq!(ben.post(path, confirm(&stranger, Some(OTHER))).await.expect(401).code(), "wrongCredentials");
    thief.get(&format!("/api/apps/{app}")).await.expect(404);
    // Their own account they prove, and the stranger's claim is worth nothing from then on.
    let mut ben = sign_up(&world, "Ben").await;
    let own = token_of(&world, "Ben", "/confirm#").await;
    let answer = ben.post(path, confirm(&own, None)).await.expect(200);
    assert_eq!(answer.json(), json!({"email": email("Ben")}));
    assert_eq!(ben.post(path, confirm(&own, None)).await.expect(410).code(), "linkOver");
    ben.get(&format!("/api/apps/{app}")).await.expect(200);
    assert_eq!(thief.post(path, confirm(&stranger, None)).await.expect(409).code(), "emailTaken");
    thief.get(&format!("/api/apps/{app}")).await.expect(404);
    // From another browser, the account's password stands in for its session.
    let cy = sign_up(&world, "Cy").await;
    let token = token_of(&world, "Cy", "/confirm#").await;
    let mut phone = world.browser();
    phone.post(path, confirm(&token, Some(PASSWORD))).await.expect(200);
    assert!(phone.cookies.is_empty() && !cy.cookies.is_empty());
    assert_eq!(sign_in(&world, "Cy", PASSWORD).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lost_an_unproven_account_gets_it_back_by_mail() {
    let world = World::start().await;
    world.person("Ada").await;
    let mut thief = sign_up(&world, "Ben").await;
    let path = "/api/accounts/reset";
    world.browser().post(path, json!({"email": email("Ben")})).await.expect(202);
    let token = token_of(&world, "Ben", "/new-password#").await;
    let set = json!({"token": token, "password": OTHER});
    world.browser().post("/api/accounts/password", set).await.expect(204);
    // Proven, and only theirs: whoever claimed the address is out.
    assert_eq!((sign_in(&world, "Ben", PASSWORD).await, sign_in(&world, "Ben", OTHER).await), (401, 200));
    thief.get("/api/apps").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_writes_to_others_before_their_own_address_is_proven() {
    let world = World::start().await;
    world.person("Ada").await;
    let mut stranger = sign_up(&world, "Ben").await;
    let app = stranger.publish("prototype", &[]).await;
    let change = json!({"audience": "private", "people": [email("Cy")]});
    let refused = stranger.patch(&format!("/api/apps/{app}"), change).await.expect(403);
    assert_eq!(refused.code(), "confirmFirst");
    assert!(mail(&world, "Cy").await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_who_has_an_account() {
    let world = World::start().await;
    world.person("Ada").await;
    let mut stranger = world.browser();
    let new = |name: &str| json!({"email": email(name), "name": "Somebody", "password": OTHER});
    let known = stranger.post("/api/accounts", new("Ada")).await.expect(201);
    let mut second = world.browser();
    let unknown = second.post("/api/accounts", new("Cy")).await.expect(201);
    let plain = |text: String| text.replace(&email("Ada"), "X").replace(&email("Cy"), "X");
    let without_id = |text: String| {
        let mut json: serde_json::Value = serde_json::from_str(&plain(text)).unwrap();
        json["account"]["id"] = json!(null);
        json
    };
    assert_eq!(without_id(known.text()), without_id(unknown.text()));
    let (subject, text) = mail(&world, "Ada").await.unwrap();
    assert_eq!(subject, "You have an account already");
    assert!(!text.contains('#'), "{text}");
    // Naming an address tells nothing of it either, but to administrators.
    let mut maker = world.person("Maker").await;
    let app = maker.publish("private", &["Ada", "Other"]).await;
    let card = maker.get(&format!("/api/apps/{app}")).await.expect(200).json();
    let names: Vec<_> = card["people"].as_array().unwrap().iter().map(|person| &person["name"]).collect();
    assert_eq!(names, [&json!(null), &json!(null)]);
    assert_eq!(mail(&world, "Other").await.unwrap().0, "Maker invites you to “Stock”");
    // Neither the claim nor its password opens the account.
    assert_eq!(sign_in(&world, "Ada", OTHER).await, 401);
    assert_eq!(sign_in(&world, "Cy", OTHER).await, 401);
    assert_eq!(sign_in(&world, "Ada", PASSWORD).await, 200);

    let forgot = |name: &str| json!({"email": email(name)});
    let known = stranger.post("/api/accounts/reset", forgot("Ada")).await.expect(202);
    let unknown = stranger.post("/api/accounts/reset", forgot("Nobody")).await.expect(202);
    assert_eq!((known.text(), known.headers.len()), (unknown.text(), unknown.headers.len()));
    assert!(mail(&world, "Nobody").await.is_none());
    assert_eq!(mail(&world, "Ada").await.unwrap().0, "Set a new password");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_claim_an_address_the_first_to_prove_it_has_it() {
    let world = World::start().await;
    world.person("Ada").await;
    let mut one = sign_up(&world, "Ben").await;
    let first = token_of(&world, "Ben", "/confirm#").await;
    let mut two = sign_up(&world, "Ben").await;
    let second = token_of(&world, "Ben", "/confirm#").await;
    two.post("/api/accounts/confirmation", json!({"token": second})).await.expect(200);
    let late = one.post("/api/accounts/confirmation", json!({"token": first})).await.expect(409);
    assert_eq!(late.code(), "emailTaken");
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_that_look_alike_make_no_second_person() {
    let world = World::start().await;
    world.person("Coco").await;
    let mut twin = world.browser();
    // All Cyrillic, so that nothing is mixed.
    let address = "\u{441}\u{43e}\u{441}\u{43e}@example.com";
    let account = json!({"email": address, "name": "Twin", "password": PASSWORD});
    twin.post("/api/accounts", account).await.expect(201);
    world.state.post.work_off().await.unwrap();
    let mails = world.state.post.list(10).await.unwrap();
    let (_, state) = mails.into_iter().find(|(mail, _)| mail.address == address).unwrap();
    assert_eq!(state.text.unwrap().0, "This address cannot be used");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_all_sessions_and_is_told() {
    let world = World::start().await;
    let mut ada = world.person("Ada").await;
    world.browser().post("/api/accounts/reset", json!({"email": email("Ada")})).await.expect(202);
    let first = token_of(&world, "Ada", "/new-password#").await;
    world.browser().post("/api/accounts/reset", json!({"email": email("Ada")})).await.expect(202);
    let second = token_of(&world, "Ada", "/new-password#").await;
    let mut browser = world.browser();
    let set = |token: &str, password: &str| json!({"token": token, "password": password});
    // A newer link ends the older one; a weak password does not use a link up.
    let mut check = async |token: &str, password: &str, expect: &str| {
        let answer = browser.post("/api/accounts/password", set(token, password)).await;
        let code = if answer.status == 204 { "done".to_owned() } else { answer.code() };
        assert_eq!(code, expect);
    };
    check(&first, OTHER, "linkOver").await;
    check("x", OTHER, "linkOver").await;
    check(&second, "short", "passwordTooShort").await;
    check(&second, OTHER, "done").await;
    check(&second, OTHER, "linkOver").await;
    ada.get("/api/apps").await.expect(401);
    assert_eq!((sign_in(&world, "Ada", PASSWORD).await, sign_in(&world, "Ada", OTHER).await), (401, 200));
    assert_eq!(mail(&world, "Ada").await.unwrap().0, "Your password was changed");

    world.clock.advance(SignedDuration::from_hours(1));
    world.browser().post("/api/accounts/reset", json!({"email": email("Ada")})).await.expect(202);
    let old = token_of(&world, "Ada", "/new-password#").await;
    world.clock.advance(SignedDuration::from_mins(30));
    let late = world.browser().post("/api/accounts/password", set(&old, PASSWORD)).await.expect(410);
    assert_eq!(late.code(), "linkOver");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_signed_in_changes_their_password_with_the_old_one() {
    let world = World::start().await;
    let mut ada = world.person("Ada").await;
    let mut phone = world.browser();
    phone.post("/api/session", json!({"email": email("Ada"), "password": PASSWORD})).await.expect(200);
    let change = |current: &str, new: &str| json!({"current": current, "password": new});
    let path = "/api/account/password";
    assert_eq!(ada.put(path, change("wrong", OTHER)).await.expect(401).code(), "wrongCredentials");
    assert_eq!(ada.put(path, change(PASSWORD, "short")).await.expect(422).code(), "passwordTooShort");
    ada.put(path, change(PASSWORD, OTHER)).await.expect(204);
    ada.get("/api/apps").await.expect(200);
    phone.get("/api/apps").await.expect(401);
    assert_eq!(mail(&world, "Ada").await.unwrap().0, "Your password was changed");
    world.browser().put(path, change(OTHER, PASSWORD)).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_lets_its_address_in_and_nobody_else() {
    let world = World::with(Wishes { closed: true, ..Wishes::default() }).await;
    let mut ada = world.person("Ada").await;
    let app = ada.publish("private", &["Ben"]).await;
    let token = token_of(&world, "Ben", "/invitation#").await;
    let mut ben = world.browser();
    let shown = ben.post("/api/accounts/invitation", json!({"token": token})).await.expect(200).json();
    let expect = json!({
        "email": email("Ben"), "app": app, "name": "Stock", "role": "guest", "sender": "Ada", "guest": "",
        "known": false, "own": false
    });
    assert_eq!(shown, expect);
    let account = |name: &str, token: Option<&str>| json!({"email": email(name), "name": name, "password": PASSWORD, "invitation": token});
    // A closed server tells those who come without an invitation nothing about who has one.
    for name in ["Ben", "Eve"] {
        assert_eq!(ben.post("/api/accounts", account(name, None)).await.expect(403).code(), "signUpClosed");
    }
    assert_eq!(ben.post("/api/accounts", account("Eve", Some(&token))).await.expect(410).code(), "linkOver");
    let session = ben.post("/api/accounts", account("Ben", Some(&token))).await.expect(201).json();
    assert_eq!(session["account"]["confirmed"], json!(true));
    ben.get(&format!("/api/apps/{app}")).await.expect(200);
    assert_eq!(ben.post("/api/accounts", account("Ben", Some(&token))).await.expect(410).code(), "linkOver");
    // Who was invited before is not told again; who comes new is, in the maker's language.
    ada.language = "de";
    ada.patch(&format!("/api/apps/{app}"), json!({"people": [email("Ben"), email("Cy")]})).await.expect(200);
    assert_eq!(mail(&world, "Cy").await.unwrap().0, "Ada lädt Sie zu „Stock“ ein");
    // Taken back: the link shows nothing any more.
    let token = token_of(&world, "Cy", "/invitation#").await;
    ada.patch(&format!("/api/apps/{app}"), json!({"people": [email("Ben")]})).await.expect(200);
    assert_eq!(
        ben.post("/api/accounts/invitation", json!({"token": token})).await.expect(410).code(),
        "linkOver"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_proves_the_address_of_whoever_claims_it() {
    let world = World::start().await;
    let mut ada = world.person("Ada").await;
    let mut ben = sign_up(&world, "Ben").await;
    world.clock.advance(SignedDuration::from_millis(1));
    let app = ada.publish("private", &["Ben"]).await;
    ben.get(&format!("/api/apps/{app}")).await.expect(404);
    let token = token_of(&world, "Ben", "/invitation#").await;
    let shown = ben.post("/api/accounts/invitation", json!({"token": token})).await.expect(200).json();
    assert_eq!((&shown["own"], &shown["known"]), (&json!(true), &json!(true)));
    // Looking at it changes nothing; somebody else's session proves nothing.
    ben.get(&format!("/api/apps/{app}")).await.expect(404);
    let accept = "/api/accounts/invitation/acceptance";
    let mut eve = sign_up(&world, "Eve").await;
    let shown = eve.post("/api/accounts/invitation", json!({"token": token})).await.expect(200).json();
    assert_eq!((&shown["own"], &shown["known"]), (&json!(false), &json!(false)));
    assert_eq!(eve.post(accept, json!({"token": token})).await.expect(410).code(), "linkOver");
    world.browser().post(accept, json!({"token": token})).await.expect(401);
    let joined = ben.post(accept, json!({"token": token})).await.expect(200).json();
    assert_eq!(joined, json!({"app": app}));
    ben.get(&format!("/api/apps/{app}")).await.expect(200);
    ben.post(accept, json!({"token": token})).await.expect(410);
    eve.get(&format!("/api/apps/{app}")).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn links_are_mailed_again_but_not_without_end() {
    let world = World::start().await;
    let mut ada = world.person("Ada").await;
    let mut ben = sign_up(&world, "Ben").await;
    let first = token_of(&world, "Ben", "/confirm#").await;
    ben.post("/api/account/confirmation", json!({})).await.expect(202);
    let second = token_of(&world, "Ben", "/confirm#").await;
    assert_ne!(first, second);
    ben.post("/api/accounts/confirmation", json!({"token": first})).await.expect(410);
    for _ in 0..4 {
        ben.post("/api/account/confirmation", json!({})).await.expect(202);
    }
    assert_eq!(ben.post("/api/account/confirmation", json!({})).await.expect(429).code(), "tooManyTries");
    world.browser().post("/api/account/confirmation", json!({})).await.expect(401);
    // An address gets five an hour about the same, wherever they are asked for; what is beyond waits.
    let to_ben = async |browser: &mut Browser, status: &str| {
        world.state.post.work_off().await.unwrap();
        let mails = browser.get("/api/mails").await.expect(200).json();
        let own = |mail: &&serde_json::Value| mail["to"] == json!(email("Ben")) && mail["status"] == status;
        mails.as_array().unwrap().iter().filter(own).count()
    };
    assert_eq!((to_ben(&mut ada, "kept").await, to_ben(&mut ada, "queued").await), (5, 1));
    world.clock.advance(SignedDuration::from_mins(61));
    assert_eq!((to_ben(&mut ada, "kept").await, to_ben(&mut ada, "queued").await), (6, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_read_what_nobody_sends() {
    let world = World::start().await;
    let mut ada = world.person("Ada").await;
    let mut ben = sign_up(&world, "Ben").await;
    ben.get("/api/mails").await.expect(403);
    world.browser().get("/api/mails").await.expect(401);
    let token = token_of(&world, "Ben", "/confirm#").await;
    let mails = ada.get("/api/mails").await.expect(200).json();
    let mail = &mails[0];
    assert_eq!(
        (&mail["to"], &mail["purpose"], &mail["status"]),
        (&json!(email("Ben")), &json!("confirm"), &json!("kept"))
    );
    assert!(mail["body"].as_str().unwrap().contains(&token));
    let folder = world.data.path().join("data").join("outbox");
    let file = folder.join(format!("{}.eml", mail["id"].as_str().unwrap()));
    assert!(std::fs::read_to_string(&file).unwrap().contains("To: ben@example.com"));
    // After five days nothing of it is listed.
    world.clock.advance(SignedDuration::from_hours(5 * 24 + 1));
    world.state.post.work_off().await.unwrap();
    assert!(world.state.post.list(10).await.unwrap().is_empty() && !file.exists());
}
