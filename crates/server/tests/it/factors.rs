//! Second factors through the front door: one-time codes, recovery codes, passkeys, and what gets past none of them.

mod others;
mod passkeys;
mod reset;

use gridkeep_identity::one_time::OneTime;
use gridkeep_kit::{Authenticator, Lie};
use gridkeep_model::Clock;
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use self::passkeys::add;
use crate::kit::{Browser, PASSWORD, Wishes, World, email, redacted};

const OTHER: &str = "seven violet umbrellas in march";
const STEP: &str = "/api/session/step";

/// An authenticator app in somebody's hand.
struct App(OneTime);

impl App {
    /// Of the secret that was shown as base32.
    fn of(words: &str) -> Self {
        let digit = |c: u8| u64::from(if c.is_ascii_uppercase() { c - b'A' } else { c - b'2' + 26 });
        let eights = words.as_bytes().chunks(8);
        let bytes = eights.flat_map(|eight| {
            let bits = eight.iter().fold(0, |bits, c| bits << 5 | digit(*c));
            bits.to_be_bytes()[3..].to_vec()
        });
        Self(OneTime::of(&bytes.collect::<Vec<_>>()).unwrap())
    }

    fn code(&self, world: &World) -> String {
        self.0.code(world.clock.now())
    }
}

fn pass(world: &World, seconds: i64) {
    world.clock.advance(SignedDuration::from_secs(seconds));
}

/// Somebody who is signed in and has just set up an authenticator app.
async fn with_app(world: &World, name: &str) -> (Browser, App) {
    let mut browser = world.person(name).await;
    let begun = browser.post("/api/account/totp", json!({})).await.expect(200).json();
    let app = App::of(begun["secret"].as_str().unwrap());
    assert!(begun["picture"].as_str().unwrap().contains("<svg"));
    let confirm = json!({"id": begun["id"], "code": app.code(world), "name": " Phone "});
    let security = browser.post("/api/account/totp/confirmation", confirm).await.expect(200).json();
    assert_eq!((&security["factors"][0]["name"], &security["leastPassword"]), (&json!("Phone"), &json!(8)));
    (browser, app)
}

async fn codes(browser: &mut Browser) -> Vec<String> {
    let made = browser.post("/api/account/recovery-codes", json!({})).await.expect(200).json();
    serde_json::from_value(made["codes"].clone()).unwrap()
}

/// A browser in which the password was right.
async fn half(world: &World, name: &str) -> Browser {
    let mut browser = world.browser();
    let answer = browser.post("/api/session", json!({"email": email(name), "password": PASSWORD})).await;
    let answer = answer.expect(200).json();
    assert_eq!(answer["account"], json!(null));
    assert!(answer["secondStep"]["ways"].is_array(), "{answer}");
    browser
}

async fn refused(browser: &mut Browser, step: Json, status: u16, code: &str) {
    let answer = browser.post(STEP, step).await.expect(status);
    assert_eq!(answer.code(), code);
    assert!(browser.get("/api/session").await.json()["account"].is_null());
}

/// Whether somebody was told of this by mail.
async fn told(world: &World, name: &str, subject: &str) -> bool {
    world.mails(name).await.iter().any(|(own, _)| own == subject)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_alone_no_longer_signs_in() {
    let world = World::start().await;
    let (_, app) = with_app(&world, "Ada").await;
    assert!(told(&world, "Ada", "A second factor was added").await);
    pass(&world, 30);
    let mut ada = half(&world, "Ada").await;
    // It opens nothing, and says so again when the page is loaded anew.
    ada.get("/api/apps").await.expect(401);
    ada.get("/api/account/security").await.expect(401);
    let waiting = ada.get("/api/session").await.expect(200).json();
    assert_eq!(waiting["secondStep"], json!({"ways": ["totp", "recovery"]}));
    let answer = ada.post(STEP, json!({"totp": app.code(&world)})).await.expect(200);
    assert_eq!(answer.json()["account"]["email"], email("Ada"));
    assert_eq!(ada.cookies.keys().collect::<Vec<_>>(), ["gk_known", "gk_session"]);
    ada.get("/api/apps").await.expect(200);
    let sessions = ada.get("/api/account/sessions").await.expect(200).json();
    assert_eq!(sessions[0]["methods"], json!(["pwd", "otp"]));
    // Both steps are recorded, and the way that was taken.
    let logins = ada.get("/api/account/logins").await.expect(200).json().to_string();
    for noted in [r#""method":"oneTimeCode","result":"#, r#""method":"password","result":"half""#] {
        assert!(logins.contains(noted), "{logins}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_that_are_not_right_now_are_refused() {
    let world = World::start().await;
    let (_, app) = with_app(&world, "Ada").await;
    let used = app.code(&world);
    // The code that set it up is used; those before it are older than it.
    refused(&mut half(&world, "Ada").await, json!({"totp": used}), 401, "wrongProof").await;
    pass(&world, 120);
    let (now, mut browser) = (world.clock.now(), half(&world, "Ada").await);
    let code = |seconds: i64| app.0.code(now + SignedDuration::from_secs(seconds));
    for wrong in [code(-60), code(60), "12345".to_owned()] {
        refused(&mut browser, json!({"totp": wrong}), 401, "wrongProof").await;
    }
    // Whose clock is half a minute late; then what came before that is older.
    browser.post(STEP, json!({"totp": code(-30)})).await.expect(200);
    let mut browser = half(&world, "Ada").await;
    refused(&mut browser, json!({"totp": code(-30)}), 401, "wrongProof").await;
    browser.post(STEP, json!({"totp": code(30)})).await.expect(200);
    refused(&mut half(&world, "Ada").await, json!({"totp": code(0)}), 401, "wrongProof").await;
    let mut browser = half(&world, "Ada").await;
    for (body, status) in [(json!({}), 400), (json!({"totp": 1}), 400), (json!({"other": "1"}), 400)] {
        browser.post(STEP, body).await.expect(status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_sign_in_ends_and_is_one_browsers() {
    let world = World::start().await;
    let (_, app) = with_app(&world, "Ada").await;
    let mut ada = world.browser();
    refused(&mut ada, json!({"totp": app.code(&world)}), 410, "stepOver").await;
    pass(&world, 60);
    // Five minutes.
    let mut late = half(&world, "Ada").await;
    pass(&world, 300);
    refused(&mut late, json!({"totp": app.code(&world)}), 410, "stepOver").await;
    assert!(late.get("/api/session").await.json()["secondStep"].is_null());
    // Once.
    let mut ada = half(&world, "Ada").await;
    let mut copy = ada.clone();
    ada.post(STEP, json!({"totp": app.code(&world)})).await.expect(200);
    pass(&world, 60);
    refused(&mut copy, json!({"totp": app.code(&world)}), 410, "stepOver").await;
    // Given up.
    let mut ada = half(&world, "Ada").await;
    let mut copy = ada.clone();
    ada.delete(STEP).await.expect(204);
    assert!(ada.cookies.is_empty());
    refused(&mut copy, json!({"totp": app.code(&world)}), 410, "stepOver").await;
    // A new password ends those that wait with the old one.
    let mut waiting = half(&world, "Ada").await;
    let mut other = half(&world, "Ada").await;
    other.post(STEP, json!({"totp": app.code(&world)})).await.expect(200);
    let change = json!({"current": PASSWORD, "password": "b7#kq2-Wz"});
    other.put("/api/account/password", change).await.expect(204);
    pass(&world, 60);
    refused(&mut waiting, json!({"totp": app.code(&world)}), 410, "stepOver").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_codes_is_slowed_down_across_browsers() {
    let world = World::start().await;
    let (_, app) = with_app(&world, "Ada").await;
    pass(&world, 60);
    for _ in 0..2 {
        let mut thief = half(&world, "Ada").await;
        for _ in 0..2 {
            refused(&mut thief, json!({"totp": "000000"}), 401, "wrongProof").await;
        }
    }
    let mut thief = half(&world, "Ada").await;
    refused(&mut thief, json!({"totp": "000000"}), 401, "wrongProof").await;
    let slowed = thief.post(STEP, json!({"totp": app.code(&world)})).await.expect(429);
    assert_eq!((slowed.code().as_str(), slowed.header("retry-after")), ("tooManyTries", "30"));
    // Nobody who does not know the password can do that to its owner; the owner waits or takes another way.
    let mut ada = half(&world, "Ada").await;
    ada.post(STEP, json!({"totp": app.code(&world)})).await.expect(429);
    pass(&world, 31);
    ada.post(STEP, json!({"totp": app.code(&world)})).await.expect(200);
    // One half sign-in takes five tries, however slowly they come.
    let mut thief = half(&world, "Ada").await;
    for _ in 0..5 {
        refused(&mut thief, json!({"recovery": "0000-0000-0000-0000"}), 401, "wrongProof").await;
    }
    pass(&world, 60);
    refused(&mut thief, json!({"totp": app.code(&world)}), 410, "stepOver").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recovery_codes_work_once_each() {
    let world = World::start().await;
    let (mut ada, _) = with_app(&world, "Ada").await;
    let old = codes(&mut ada).await;
    let new = codes(&mut ada).await;
    assert_eq!((new.len(), new[0].len()), (10, 19));
    assert!(told(&world, "Ada", "New recovery codes").await);
    let mut phone = half(&world, "Ada").await;
    refused(&mut phone, json!({"recovery": old[0]}), 401, "wrongProof").await;
    let typed = new[0].to_uppercase().replace('-', " ");
    phone.post(STEP, json!({"recovery": typed})).await.expect(200);
    assert!(told(&world, "Ada", "A recovery code was used").await);
    assert_eq!(phone.get("/api/account/security").await.json()["recoveryCodes"], 9);
    refused(&mut half(&world, "Ada").await, json!({"recovery": new[0]}), 401, "wrongProof").await;
    half(&world, "Ada").await.post(STEP, json!({"recovery": new[1]})).await.expect(200);
    // Without a factor there is nothing to recover from.
    let mut ben = world.person("Ben").await;
    ben.post("/api/account/recovery-codes", json!({})).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_need_a_fresh_proof() {
    let world = World::start().await;
    let (mut ada, app) = with_app(&world, "Ada").await;
    let security = ada.get("/api/account/security").await.expect(200).json();
    assert_eq!(security["fresh"], json!(true));
    insta::assert_json_snapshot!("security", redacted(security.clone()));
    let factor = format!("/api/account/factors/{}", security["factors"][0]["id"].as_str().unwrap());
    pass(&world, 301);
    assert_eq!(ada.get("/api/account/security").await.json()["fresh"], json!(false));
    for path in ["/api/account/totp", "/api/account/recovery-codes", "/api/account/passkeys/options"] {
        assert_eq!(ada.post(path, json!({})).await.expect(403).code(), "proofRequired", "{path}");
    }
    assert_eq!(ada.delete(&factor).await.expect(403).code(), "proofRequired");
    // A name is no protection.
    ada.patch(&factor, json!({"name": "Old phone"})).await.expect(204);
    assert_eq!(ada.patch(&factor, json!({"name": " "})).await.expect(422).code(), "invalidFactorName");
    // Whoever took her session and knows her password is not her: the factor is asked for, whatever the password is.
    for (proof, status, code) in [
        (json!({"password": PASSWORD}), 400, "invalidRequest"),
        (json!({"password": OTHER}), 400, "invalidRequest"),
        (json!({}), 400, "invalidRequest"),
        (json!({"totp": app.code(&world)}), 400, "invalidRequest"),
        (json!({"password": PASSWORD, "totp": "1", "recovery": "1"}), 400, "invalidRequest"),
        (json!({"password": OTHER, "totp": app.code(&world)}), 401, "wrongCredentials"),
        (json!({"password": PASSWORD, "totp": "000000"}), 401, "wrongProof"),
        (json!({"password": PASSWORD, "recovery": "0000-0000-0000-0000"}), 401, "wrongProof"),
    ] {
        let refused = ada.post("/api/account/proof", proof.clone()).await.expect(status);
        assert_eq!(refused.code(), code, "{proof}");
    }
    ada.post("/api/account/totp", json!({})).await.expect(403);
    let proof = json!({"password": PASSWORD, "totp": app.code(&world)});
    ada.post("/api/account/proof", proof.clone()).await.expect(204);
    assert_eq!(ada.post("/api/account/proof", proof).await.expect(401).code(), "wrongProof");
    let code = codes(&mut ada).await.remove(0);
    ada.post("/api/account/proof", json!({"password": PASSWORD, "recovery": code})).await.expect(204);
    assert!(told(&world, "Ada", "A recovery code was used").await);
    assert_eq!(ada.get("/api/account/security").await.json()["recoveryCodes"], 9);
    // Somebody else's factor is nobody's.
    let mut ben = world.person("Ben").await;
    ben.delete(&factor).await.expect(404);
    ben.patch(&factor, json!({"name": "Mine"})).await.expect(404);
    ada.delete(&factor).await.expect(204);
    assert!(told(&world, "Ada", "A second factor was removed").await);
    let mut again = world.browser();
    let sign_in = json!({"email": email("Ada"), "password": PASSWORD});
    again.post("/api/session", sign_in).await.expect(200);
    again.get("/api/apps").await.expect(200);
    // Guessing the password at an unlocked desk is slowed down.
    for _ in 0..5 {
        again.post("/api/account/proof", json!({"password": OTHER})).await.expect(401);
    }
    again.post("/api/account/proof", json!({"password": PASSWORD})).await.expect(429);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_counts_once_its_code_was_right() {
    let world = World::start().await;
    let mut ada = world.person("Ada").await;
    let begun = ada.post("/api/account/totp", json!({})).await.expect(200).json();
    let app = App::of(begun["secret"].as_str().unwrap());
    let confirm = |id: &Json, code: &str| json!({"id": id, "code": code, "name": "Phone"});
    let path = "/api/account/totp/confirmation";
    ada.post(path, confirm(&begun["id"], "000000")).await.expect(401);
    let sign_in = json!({"email": email("Ada"), "password": PASSWORD});
    let session = world.browser().post("/api/session", sign_in).await.expect(200).json();
    assert_eq!(session["account"]["email"], email("Ada"));
    // Begun anew: the first secret is worth nothing, nor is what somebody else began.
    let second = ada.post("/api/account/totp", json!({})).await.expect(200).json();
    ada.post(path, confirm(&begun["id"], &app.code(&world))).await.expect(404);
    let mut ben = world.person("Ben").await;
    let own = App::of(second["secret"].as_str().unwrap());
    ben.post(path, confirm(&second["id"], &own.code(&world))).await.expect(404);
    // Too late.
    pass(&world, 15 * 60);
    ada.post("/api/account/proof", json!({"password": PASSWORD})).await.expect(204);
    ada.post(path, confirm(&second["id"], &own.code(&world))).await.expect(404);
    // Short passwords are for those who have one.
    let short = json!({"current": PASSWORD, "password": "b7#kq2-Wz"});
    assert_eq!(ada.put("/api/account/password", short).await.expect(422).code(), "passwordTooShort");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_password_stands_beside_a_factor_only() {
    let world = World::start().await;
    let mut admin = world.person("Admin").await;
    let (mut ada, _) = with_app(&world, "Ada").await;
    let short = "b7#kq2-Wz";
    let change = json!({"current": PASSWORD, "password": short});
    ada.put("/api/account/password", change).await.expect(204);
    let security = ada.get("/api/account/security").await.json();
    let factor = format!("/api/account/factors/{}", security["factors"][0]["id"].as_str().unwrap());
    assert_eq!(ada.delete(&factor).await.expect(409).code(), "longerPasswordFirst");
    // Only whoever runs the server resets somebody's factors.
    let reset = json!({"email": email("Ada")});
    ada.post("/api/accounts/factors/reset", reset.clone()).await.expect(403);
    let nobody = json!({"email": email("Eve")});
    admin.post("/api/accounts/factors/reset", nobody).await.expect(404);
    pass(&world, 1);
    admin.post("/api/accounts/factors/reset", reset).await.expect(204);
    assert!(told(&world, "Ada", "Your second factors were reset").await);
    ada.get("/api/apps").await.expect(401);
    let sign_in = |password: &str| json!({"email": email("Ada"), "password": password});
    let answer = ada.post("/api/session", sign_in(short)).await.expect(403);
    assert_eq!(answer.code(), "newPasswordNeeded");
    ada.post("/api/session", sign_in("b7#kq2-Wy")).await.expect(401);
    world.browser().post("/api/accounts/reset", json!({"email": email("Ada")})).await.expect(202);
    let token = world.token("Ada", "/new-password#").await;
    let set = |password: &str| json!({"token": token, "password": password});
    assert_eq!(ada.post("/api/accounts/password", set(short)).await.expect(422).code(), "passwordTooShort");
    ada.post("/api/accounts/password", set(OTHER)).await.expect(204);
    ada.post("/api/session", sign_in(OTHER)).await.expect(200);
    ada.get("/api/apps").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn https_ties_the_second_step_to_the_host() {
    let world = World::with(Wishes { base_url: Some("https://apps.example.com"), ..Wishes::default() }).await;
    with_app(&world, "Ada").await;
    let ada = half(&world, "Ada").await;
    assert_eq!(ada.cookies.keys().collect::<Vec<_>>(), ["__Host-gk_step"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_not_shown_what_is_asked_for_reaches_their_account_only() {
    let world = World::start().await;
    let mut admin = world.person("Admin").await;
    let app = admin.publish("public", &[]).await;
    let policy = "/api/second-factor";
    let ask = |what: &str| json!({"secondFactor": what});
    assert_eq!(admin.get(policy).await.expect(200).json(), ask("none"));
    // Nobody locks themselves out.
    assert_eq!(admin.put(policy, ask("any")).await.expect(403).code(), "factorRequired");
    let mut weak = world.browser();
    let sign_in = json!({"email": email("Admin"), "password": PASSWORD});
    weak.post("/api/session", sign_in).await.expect(200);
    weak.get("/t/nowhere/api/mails").await.expect(200);
    let mut passkey = Authenticator::new("http://gridkeep.test", "gridkeep.test", false);
    add(&mut admin, &mut passkey, Lie::None, 200).await;
    admin.put(policy, ask("any")).await.expect(204);
    // What is the whole server's is nowhere to be had for less than its own tenant asks.
    let lost = json!({"email": email("Admin")});
    for place in ["", "/t/nowhere"] {
        weak.get(&format!("{place}/api/mails")).await.expect(403);
        weak.get(&format!("{place}/api/logins.csv")).await.expect(403);
        weak.post(&format!("{place}/api/accounts/factors/reset"), lost.clone()).await.expect(403);
    }
    weak.get("/api/account/sessions").await.expect(200);
    admin.put(policy, ask("all")).await.expect(400);
    admin.get("/api/apps").await.expect(200);

    let mut ada = world.person("Ada").await;
    assert_eq!(ada.get("/api/session").await.json()["needs"], "any");
    for path in ["/api/apps", policy, "/api/mails"] {
        assert_eq!(ada.get(path).await.expect(403).code(), "factorRequired", "{path}");
    }
    // Here and over the app's service she is nobody, whatever the app is open to.
    for path in [format!("/api/apps/{app}"), format!("/odata/default/{app}/")] {
        assert_eq!(ada.get(&path).await.text(), world.browser().get(&path).await.text(), "{path}");
    }
    let begun = ada.post("/api/account/totp", json!({})).await.expect(200).json();
    let own = App::of(begun["secret"].as_str().unwrap());
    let confirm = json!({"id": begun["id"], "code": own.code(&world), "name": "Phone"});
    ada.post("/api/account/totp/confirmation", confirm).await.expect(200);
    ada.get("/api/apps").await.expect(200);
    assert_eq!(ada.put(policy, ask("none")).await.expect(403).code(), "forbidden");

    // From the next request on.
    admin.put(policy, ask("passkey")).await.expect(204);
    ada.get("/api/apps").await.expect(403);
    assert_eq!(ada.get("/api/session").await.json()["needs"], "passkey");
    let mut other = Authenticator::new("http://gridkeep.test", "gridkeep.test", true);
    add(&mut ada, &mut other, Lie::None, 200).await;
    ada.get("/api/apps").await.expect(200);
    // Without its last passkey, a session is worth as much as its password and code.
    let security = ada.get("/api/account/security").await.json();
    let all = security["factors"].as_array().unwrap();
    let last = all.iter().find(|own| own["kind"] == "passkey").unwrap()["id"].as_str().unwrap();
    ada.delete(&format!("/api/account/factors/{last}")).await.expect(204);
    ada.get("/api/apps").await.expect(403);
    // Signed in anew with a code, a passkey is still asked for.
    pass(&world, 60);
    let mut again = half(&world, "Ada").await;
    let answer = again.post(STEP, json!({"totp": own.code(&world)})).await.expect(200).json();
    assert_eq!(answer["needs"], "passkey");
    again.get("/api/apps").await.expect(403);
    admin.put(policy, ask("none")).await.expect(204);
    again.get("/api/apps").await.expect(200);
}
