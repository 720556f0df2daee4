//! A new password by mail: what it gets past, what it unlocks, and what it ends.

use gridkeep_kit::{Authenticator, Lie};
use serde_json::json;

use super::{
    App, OTHER, STEP, codes, half, pass,
    passkeys::{add, asked},
    refused, with_app,
};
use crate::kit::{PASSWORD, World, email};

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_by_mail_gets_past_no_factor() {
    let world = World::start().await;
    let (mut ada, app) = with_app(&world, "Ada").await;
    let code = codes(&mut ada).await.remove(0);
    world.browser().post("/api/accounts/reset", json!({"email": email("Ada")})).await.expect(202);
    let token = world.token("Ada", "/new-password#").await;
    // Whoever has the link is told what the password has to be; nobody else is.
    let rule = "/api/accounts/password/rule";
    let told = world.browser().post(rule, json!({"token": token})).await.expect(200).json();
    assert_eq!(told, json!({"leastPassword": 8}));
    assert_eq!(
        world.browser().post(rule, json!({"token": "0".repeat(64)})).await.expect(410).code(),
        "linkOver"
    );
    world.person("Ben").await;
    world.browser().post("/api/accounts/reset", json!({"email": email("Ben")})).await.expect(202);
    let bens = world.token("Ben", "/new-password#").await;
    let told = world.browser().post(rule, json!({"token": bens})).await.expect(200).json();
    assert_eq!(told, json!({"leastPassword": 15}));
    world
        .browser()
        .post("/api/accounts/password", json!({"token": token, "password": OTHER}))
        .await
        .expect(204);
    ada.get("/api/apps").await.expect(401);
    let mut thief = world.browser();
    let sign_in = json!({"email": email("Ada"), "password": OTHER});
    let answer = thief.post("/api/session", sign_in.clone()).await.expect(200).json();
    assert_eq!(answer["secondStep"]["ways"], json!(["totp", "recovery"]));
    thief.get("/api/apps").await.expect(401);
    pass(&world, 60);
    thief.post(STEP, json!({"totp": app.code(&world)})).await.expect(200);
    let mut ada = world.browser();
    ada.post("/api/session", sign_in).await.expect(200);
    ada.post(STEP, json!({"recovery": code})).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_by_mail_unlocks_what_the_old_one_locked() {
    let world = World::start().await;
    let (_, app) = with_app(&world, "Ada").await;
    // Somebody who knows her password guesses as often as one may.
    for _ in 0..100 {
        pass(&world, 3_601);
        let mut thief = half(&world, "Ada").await;
        refused(&mut thief, json!({"totp": "000000"}), 401, "wrongProof").await;
    }
    pass(&world, 10 * 3_600);
    half(&world, "Ada").await.post(STEP, json!({"totp": app.code(&world)})).await.expect(429);
    world.browser().post("/api/accounts/reset", json!({"email": email("Ada")})).await.expect(202);
    let token = world.token("Ada", "/new-password#").await;
    let new = json!({"token": token, "password": OTHER});
    world.browser().post("/api/accounts/password", new).await.expect(204);
    let sign_in = json!({"email": email("Ada"), "password": OTHER});
    // Whoever reads the mail alone has not a hundred new tries at once: one an hour.
    let mut other = world.browser();
    other.post("/api/session", sign_in.clone()).await.expect(200);
    refused(&mut other, json!({"totp": "000000"}), 401, "wrongProof").await;
    let waits = other.post(STEP, json!({"totp": app.code(&world)})).await.expect(429);
    assert_eq!(waits.header("retry-after"), "3600");
    pass(&world, 3_601);
    let mut ada = world.browser();
    ada.post("/api/session", sign_in).await.expect(200);
    ada.post(STEP, json!({"totp": app.code(&world)})).await.expect(200);
}

/// What a stranger ties to an account whose address they only claim does not outlive its owner's proof.
#[tokio::test(flavor = "multi_thread")]
async fn a_claimers_factors_end_when_the_address_is_proven_by_mail() {
    let world = World::start().await;
    world.person("Ada").await;
    let claim = async |name: &str| {
        let mut browser = world.browser();
        let account = json!({"email": email(name), "name": "Eve", "password": PASSWORD});
        browser.post("/api/accounts", account).await.expect(201);
        browser
    };
    let reset = async |name: &str, password: &str| {
        world.browser().post("/api/accounts/reset", json!({"email": email(name)})).await.expect(202);
        let set = json!({"token": world.token(name, "/new-password#").await, "password": password});
        world.browser().post("/api/accounts/password", set).await
    };
    let mut thief = claim("Ben").await;
    let mut passkey = Authenticator::new("http://gridkeep.test", "gridkeep.test", false);
    add(&mut thief, &mut passkey, Lie::None, 200).await;
    codes(&mut thief).await;
    // A short password stands beside nothing of theirs.
    assert_eq!(reset("Ben", "b7#kq2-Wz").await.expect(422).code(), "passwordTooShort");
    reset("Ben", OTHER).await.expect(204);
    let options = asked(&mut thief, "/api/session/passkey/options").await;
    let shown = json!({"passkey": passkey.get(&options, Lie::None)});
    assert_eq!(thief.post("/api/session/passkey", shown).await.expect(401).code(), "wrongProof");
    // Nor does an app of the stranger's lock the owner out.
    let mut thief = claim("Cy").await;
    let begun = thief.post("/api/account/totp", json!({})).await.expect(200).json();
    let code = App::of(begun["secret"].as_str().unwrap()).code(&world);
    let confirm = json!({"id": begun["id"], "code": code, "name": "Phone"});
    thief.post("/api/account/totp/confirmation", confirm).await.expect(200);
    reset("Cy", OTHER).await.expect(204);
    for name in ["Ben", "Cy"] {
        let mut owner = world.browser();
        let sign_in = json!({"email": email(name), "password": OTHER});
        let session = owner.post("/api/session", sign_in).await.expect(200).json();
        assert_eq!(session["account"]["email"], email(name));
        let security = owner.get("/api/account/security").await.expect(200).json();
        assert_eq!((&security["factors"], &security["recoveryCodes"]), (&json!([]), &json!(0)), "{name}");
    }
    // Whoever has proven the address keeps theirs.
    let (_, _) = with_app(&world, "Dee").await;
    reset("Dee", OTHER).await.expect(204);
    let sign_in = json!({"email": email("Dee"), "password": OTHER});
    let half = world.browser().post("/api/session", sign_in).await.expect(200).json();
    assert_eq!(half["account"], json!(null));
}
