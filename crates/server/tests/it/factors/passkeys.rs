//! Passkeys: kept, shown by themselves and beside a password, and those who lie about them.

use gridkeep_kit::{Authenticator, Lie};
use serde_json::{Value as Json, json};

use super::{STEP, half, pass, refused};
use crate::kit::{Browser, World, email};

/// Somebody who is signed in, and their passkey.
async fn with_passkey(world: &World, name: &str) -> (Browser, Authenticator) {
    let mut browser = world.person(name).await;
    let mut passkey = Authenticator::new("http://gridkeep.test", "gridkeep.test", false);
    add(&mut browser, &mut passkey, Lie::None, 200).await;
    (browser, passkey)
}

pub(super) async fn add(browser: &mut Browser, passkey: &mut Authenticator, lie: Lie, status: u16) {
    let options = browser.post("/api/account/passkeys/options", json!({})).await.expect(200).json();
    let made = passkey.create(&options, lie);
    let keep = json!({"name": "Laptop", "passkey": made});
    browser.post("/api/account/passkeys", keep.clone()).await.expect(status);
    // The challenge is used up, or was never good.
    browser.post("/api/account/passkeys", keep).await.expect(401);
}

pub(super) async fn asked(browser: &mut Browser, path: &str) -> Json {
    browser.post(path, json!({})).await.expect(200).json()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_signs_in_by_itself() {
    let world = World::start().await;
    let (_, mut passkey) = with_passkey(&world, "Ada").await;
    let mut ada = world.browser();
    let options = asked(&mut ada, "/api/session/passkey/options").await;
    assert_eq!((&options["allowCredentials"], &options["rpId"]), (&json!([]), &json!("gridkeep.test")));
    let shown = json!({"passkey": passkey.get(&options, Lie::None)});
    let session = ada.post("/api/session/passkey", shown.clone()).await.expect(200).json();
    assert_eq!(session["account"]["email"], email("Ada"));
    let sessions = ada.get("/api/account/sessions").await.expect(200).json();
    assert!(sessions.as_array().unwrap().iter().any(|own| own["methods"] == json!(["hwk", "mfa"])));
    // Replayed.
    world.browser().post("/api/session/passkey", shown).await.expect(401);
    for lie in [Lie::Count, Lie::Origin, Lie::CrossOrigin, Lie::Party, Lie::Unverified, Lie::Signature] {
        let mut thief = world.browser();
        let options = asked(&mut thief, "/api/session/passkey/options").await;
        let shown = json!({"passkey": passkey.get(&options, lie)});
        assert_eq!(
            thief.post("/api/session/passkey", shown).await.expect(401).code(),
            "wrongProof",
            "{lie:?}"
        );
        pass(&world, 3_600);
    }
    // Too old, or nobody's.
    let options = asked(&mut ada, "/api/session/passkey/options").await;
    pass(&world, 300);
    let shown = json!({"passkey": passkey.get(&options, Lie::None)});
    world.browser().post("/api/session/passkey", shown).await.expect(401);
    pass(&world, 3_600);
    let options = asked(&mut ada, "/api/session/passkey/options").await;
    let mut nobody = Authenticator::new("http://gridkeep.test", "gridkeep.test", true);
    nobody.user.clone_from(&passkey.user);
    let shown = json!({"passkey": nobody.get(&options, Lie::None)});
    let absent = world.browser().post("/api/session/passkey", shown).await.expect(401);
    let shown = json!({"passkey": passkey.get(&options, Lie::Signature)});
    let wrong = world.browser().post("/api/session/passkey", shown).await.expect(401);
    assert_eq!(absent.text(), wrong.text());
    world.browser().post("/api/session/passkey", json!({"passkey": {}})).await.expect(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_needs_more_than_twenty() {
    let world = World::start().await;
    let (mut ada, _) = with_passkey(&world, "Ada").await;
    for _ in 1..20 {
        let mut passkey = Authenticator::new("http://gridkeep.test", "gridkeep.test", true);
        let options = asked(&mut ada, "/api/account/passkeys/options").await;
        let made = json!({"name": "Key", "passkey": passkey.create(&options, Lie::None)});
        ada.post("/api/account/passkeys", made).await.expect(200);
    }
    for path in ["/api/account/passkeys/options", "/api/account/totp"] {
        assert_eq!(ada.post(path, json!({})).await.expect(422).code(), "tooManyFactors");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_whole_registrations_for_this_session_are_kept() {
    let world = World::start().await;
    let mut ada = world.person("Ada").await;
    for lie in [Lie::Origin, Lie::Party, Lie::Unverified, Lie::Type, Lie::Trailing] {
        let mut passkey = Authenticator::new("http://gridkeep.test", "gridkeep.test", false);
        add(&mut ada, &mut passkey, lie, 401).await;
    }
    // Asked for in somebody else's session.
    let mut ben = world.person("Ben").await;
    let options = asked(&mut ben, "/api/account/passkeys/options").await;
    let mut passkey = Authenticator::new("http://gridkeep.test", "gridkeep.test", false);
    let made = passkey.create(&options, Lie::None);
    ada.post("/api/account/passkeys", json!({"name": "Mine", "passkey": made})).await.expect(401);
    // A credential is one account's.
    add(&mut ben, &mut passkey, Lie::None, 200).await;
    add(&mut ada, &mut passkey, Lie::None, 401).await;
    assert_eq!(ada.get("/api/account/security").await.json()["factors"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_is_a_second_step_and_a_fresh_proof() {
    let world = World::start().await;
    let (_, mut passkey) = with_passkey(&world, "Ada").await;
    let (mut ben, mut other) = with_passkey(&world, "Ben").await;
    let mut ada = half(&world, "Ada").await;
    let options = asked(&mut ada, "/api/session/step/passkey").await;
    assert_eq!(options["allowCredentials"].as_array().map(Vec::len), Some(1));
    // Somebody else's passkey, another's half sign-in, a challenge for something else.
    refused(&mut ada, json!({"passkey": other.get(&options, Lie::None)}), 401, "wrongProof").await;
    let mut second = half(&world, "Ada").await;
    refused(&mut second, json!({"passkey": passkey.get(&options, Lie::None)}), 401, "wrongProof").await;
    let foreign = asked(&mut ada, "/api/session/passkey/options").await;
    refused(&mut ada, json!({"passkey": passkey.get(&foreign, Lie::None)}), 401, "wrongProof").await;
    ada.post(STEP, json!({"passkey": passkey.get(&options, Lie::None)})).await.expect(200);
    let sessions = ada.get("/api/account/sessions").await.expect(200).json();
    assert!(sessions.as_array().unwrap().iter().any(|own| own["methods"] == json!(["pwd", "hwk"])));
    world.browser().post("/api/session/step/passkey", json!({})).await.expect(410);

    pass(&world, 301);
    let proof = "/api/account/proof";
    let options = asked(&mut ada, "/api/account/proof/passkey").await;
    let wrong = ada.post(proof, json!({"passkey": other.get(&options, Lie::None)})).await.expect(401);
    assert_eq!(wrong.code(), "wrongProof");
    ada.post("/api/account/recovery-codes", json!({})).await.expect(403);
    let shown = json!({"passkey": passkey.get(&options, Lie::None)});
    ben.post(proof, shown.clone()).await.expect(401);
    ada.post(proof, shown).await.expect(204);
    ada.post("/api/account/recovery-codes", json!({})).await.expect(200);
}
