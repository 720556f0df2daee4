//! Invitations through the front door: who may invite as what, who joins, and what nobody learns.

mod links;
mod lists;

use axum::http::Method;
use gridkeep_store::TenantRole;
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use crate::{
    kit::{Answer, Browser, PASSWORD, Wishes, World, databases, email},
    tenants::{account, publish, tenant},
};

const INVITE: &str = "/t/acme/api/invitations";
const READ: &str = "/t/acme/api/accounts/invitation";
const ACCEPT: &str = "/t/acme/api/accounts/invitation/acceptance";
const DECLINE: &str = "/t/acme/api/accounts/invitation/refusal";
const PAGE: &str = "/t/acme/invitation#";

fn guest(name: &str, role: &str) -> Json {
    json!({"email": email(name), "role": role})
}

fn held(token: &str) -> Json {
    json!({"token": token})
}

fn new_account(name: &str, token: Option<&str>) -> Json {
    json!({"email": email(name), "name": name, "password": PASSWORD, "invitation": token})
}

/// A server of several tenants with one that Ann owns.
async fn acme(database: Option<String>) -> (World, Browser, Browser) {
    let world = World::with(Wishes { database, newcomers: None, ..Wishes::default() }).await;
    let root = world.person("Root").await;
    let mut ann = world.person("Ann").await;
    tenant(&world, "acme", &mut ann).await;
    (world, root, ann)
}

/// What is mailed from now on is newer than what was.
fn tick(world: &World) {
    world.clock.advance(SignedDuration::from_millis(1));
}

/// What the newest invitation of somebody stands at.
async fn status(browser: &mut Browser, name: &str) -> String {
    let page = browser.get(&format!("{INVITE}?search={}", email(name))).await.expect(200).json();
    page["invitations"][0]["status"].as_str().unwrap_or("none").to_owned()
}

async fn role(browser: &mut Browser) -> Json {
    browser.get("/t/acme/api/session").await.expect(200).json()["account"]["role"].clone()
}

/// An answer without what differs by chance or by what was asked.
fn shape(answer: &Answer) -> (u16, Vec<String>, Json) {
    let mut json = answer.json();
    for field in ["id", "email"] {
        json[field] = Json::Null;
    }
    let names = answer.headers.keys().map(ToString::to_string).collect();
    (answer.status, names, json)
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_invited_with_a_role_and_groups_and_joins() {
    let (all, _postgres) = databases();
    for database in all {
        let (world, _, mut ann) = acme(database).await;
        let mut ben = world.person("Ben").await;
        let group = ann.post("/t/acme/api/groups", json!({"name": "North"})).await.expect(201).json();
        let north = group["id"].as_str().unwrap().to_owned();
        tick(&world);
        // Whoever has an account and whoever has none: the same answer, the same mail.
        let wish =
            |name: &str| json!({"email": email(name), "role": "maker", "groups": [north], "name": "Dear"});
        let (known, unknown) =
            (ann.post(INVITE, wish("Ben")).await.expect(201), ann.post(INVITE, wish("Cy")).await.expect(201));
        assert_eq!(shape(&known), shape(&unknown));
        let card = known.json();
        assert_eq!(
            (&card["status"], &card["app"], &card["byLink"]),
            (&json!("queued"), &Json::Null, &json!(false))
        );
        assert_eq!(card["groups"], json!([{"id": north, "name": "North"}]));
        let mail = world.mails("Ben").await[0].clone();
        assert_eq!(mail.0, "Ann invites you to “The acme”");
        let same = |text: &str| text.split("invitation#").next().unwrap().to_owned();
        assert_eq!(same(&mail.1), same(&world.mails("Cy").await[0].1));
        assert_eq!(status(&mut ann, "Ben").await, "kept");

        // With the account that is there.
        let token = world.token("Ben", PAGE).await;
        let shown = ben.post(READ, held(&token)).await.expect(200).json();
        assert_eq!(
            shown,
            json!({"email": email("Ben"), "app": null, "name": "The acme", "role": "maker",
            "sender": "Ann", "guest": "Dear", "known": true, "own": true})
        );
        assert_eq!(role(&mut ben).await, Json::Null);
        assert_eq!(ben.post(ACCEPT, held(&token)).await.expect(200).json(), json!({"app": null}));
        assert_eq!(role(&mut ben).await, json!("maker"));
        // Replay.
        assert_eq!(ben.post(ACCEPT, held(&token)).await.expect(410).code(), "linkOver");
        // With one that is made for it: proven, and a member in the same commit.
        let token = world.token("Cy", PAGE).await;
        let mut cy = world.browser();
        let session =
            cy.post("/t/acme/api/accounts", new_account("Cy", Some(&token))).await.expect(201).json();
        assert_eq!(
            (&session["account"]["confirmed"], &session["account"]["role"]),
            (&json!(true), &json!("maker"))
        );
        for who in ["Ben", "Cy"] {
            assert_eq!(status(&mut ann, who).await, "accepted");
        }
        assert_eq!(ann.get("/t/acme/api/groups").await.json()[0]["members"], json!(2));
        let people = ann.get("/t/acme/api/people?search=cy").await.json();
        assert_eq!(people["people"][0]["groups"], json!([{"id": north, "name": "North"}]));
        // The tenant is the only one they belong to.
        assert_eq!(cy.get("/api/tenants").await.expect(200).json()["tenants"][0]["name"], json!("acme"));
        assert_eq!(cy.get("/api/session").await.json()["account"]["role"], Json::Null);
        // Who belongs to it is not invited; a removed one does not come back by what was mailed before.
        assert_eq!(ann.post(INVITE, guest("Ben", "guest")).await.expect(409).code(), "alreadyMember");
        let id = account(&mut ben).await;
        ann.delete(&format!("/t/acme/api/people/{id}")).await.expect(204);
        assert_eq!(role(&mut ben).await, Json::Null);
        tick(&world);
        ann.post(INVITE, guest("Ben", "member")).await.expect(201);
        let token = world.token("Ben", PAGE).await;
        ben.post(ACCEPT, held(&token)).await.expect(200);
        tick(&world);
        let app = publish(&mut ann, "/t/acme", "private", &[]).await["id"].as_str().unwrap().to_owned();
        ann.patch(&format!("/t/acme/api/apps/{app}"), json!({"people": [email("Ben")]})).await.expect(200);
        let token = world.token("Ben", PAGE).await;
        ann.delete(&format!("/t/acme/api/people/{id}")).await.expect(204);
        ben.post(ACCEPT, held(&token)).await.expect(410);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_invites_as_more_than_they_are() {
    let (world, _, mut ann) = acme(None).await;
    let (mut ben, mut cy) = (world.person("Ben").await, world.person("Cy").await);
    world.join(&mut ann, "/t/acme", ("Ben", "administrator"), &mut ben).await;
    world.join(&mut ann, "/t/acme", ("Cy", "maker"), &mut cy).await;
    ben.post(INVITE, guest("Dee", "owner")).await.expect(403);
    ben.post(INVITE, guest("Dee", "administrator")).await.expect(201);
    cy.post(INVITE, guest("Fay", "guest")).await.expect(403);
    world.browser().post(INVITE, guest("Fay", "guest")).await.expect(401);
    // Fields that nobody is to set, words that are no role, groups that are none.
    let with = |name: &str, value: Json| {
        let mut new = guest("Gil", "member");
        new[name] = value;
        new
    };
    for (name, value) in [
        ("state", json!("accepted")),
        ("tenant", json!("00000000-0000-0000-0000-000000000000")),
        ("sender", json!("Root")),
        ("role", json!("root")),
        ("role", json!(["owner"])),
        ("groups", json!(["018f0000-0000-7000-8000-000000000001"])),
    ] {
        assert_eq!(ann.post(INVITE, with(name, value)).await.expect(400).code(), "invalidRequest", "{name}");
    }
    // A role in the acceptance or the new account is no way either.
    let token = world.token("Dee", PAGE).await;
    let mut dee = world.browser();
    let mut greedy = new_account("Dee", Some(&token));
    greedy["role"] = json!("owner");
    dee.post("/t/acme/api/accounts", greedy).await.expect(400);
    dee.post("/t/acme/api/accounts", new_account("Dee", Some(&token))).await.expect(201);
    dee.post(ACCEPT, json!({"token": token, "role": "owner"})).await.expect(400);
    assert_eq!(role(&mut dee).await, json!("administrator"));
    // What somebody may no longer give is worth nothing.
    ben.post(INVITE, guest("Hal", "administrator")).await.expect(201);
    ben.post(INVITE, guest("Ira", "member")).await.expect(201);
    let (hal, ira) = (world.token("Hal", PAGE).await, world.token("Ira", PAGE).await);
    let id = account(&mut ben).await;
    ann.patch(&format!("/t/acme/api/people/{id}"), json!({"role": "maker"})).await.expect(200);
    for token in [&hal, &ira] {
        world.browser().post(READ, held(token)).await.expect(410);
    }
    ann.patch(&format!("/t/acme/api/people/{id}"), json!({"role": "administrator"})).await.expect(200);
    world.browser().post(READ, held(&hal)).await.expect(200);
    // An administrator does not decide about what is to be an owner.
    let owner = ann.post(INVITE, guest("Jo", "owner")).await.expect(201).json();
    let one = format!("{INVITE}/{}", owner["id"].as_str().unwrap());
    ben.post(&format!("{one}/resend"), json!({})).await.expect(403);
    ben.delete(&one).await.expect(403);
    cy.delete(&one).await.expect(404);
    let left = ben.post(INVITE, guest("Jo", "member")).await.expect(201).json();
    assert_eq!((&left["id"], &left["role"]), (&owner["id"], &json!("owner")));
    assert_eq!(TenantRole::ALL.len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_alone_lets_nobody_in() {
    let (all, _postgres) = databases();
    for database in all {
        let (world, _, mut ann) = acme(database).await;
        let (mut ben, mut eve) = (world.person("Ben").await, world.person("Eve").await);
        tenant(&world, "other", &mut eve).await;
        tick(&world);
        ann.post(INVITE, guest("Ben", "member")).await.expect(201);
        let token = world.token("Ben", PAGE).await;
        // Forwarded: to somebody signed in, to nobody, with another address, in another case and with a twin's letters.
        assert_eq!(eve.post(ACCEPT, held(&token)).await.expect(410).code(), "linkOver");
        assert_eq!(world.browser().post(ACCEPT, held(&token)).await.expect(401).code(), "signInRequired");
        for other in ["eve2@example.com", "ben@example.org", "bеn@example.com"] {
            let mut new = new_account("Ben", Some(&token));
            new["email"] = json!(other);
            let refused = world.browser().post("/t/acme/api/accounts", new).await;
            assert!([410, 422].contains(&refused.status), "{other}: {}", refused.text());
        }
        // Of another tenant, of none, and what is no token at all.
        for place in ["", "/t/other", "/t/nowhere"] {
            for way in ["", "/acceptance", "/refusal"] {
                let path = format!("{place}/api/accounts/invitation{way}");
                assert_eq!(ben.post(&path, held(&token)).await.expect(410).code(), "linkOver", "{path}");
            }
            let made = world
                .browser()
                .post(&format!("{place}/api/accounts"), new_account("Ben", Some(&token)))
                .await;
            assert_eq!(made.expect(410).code(), "linkOver");
        }
        for wrong in ["", "0", &"0".repeat(64), &"g".repeat(64)] {
            ben.post(ACCEPT, held(wrong)).await.expect(410);
        }
        // Links are built from the configured address, whatever the request says.
        let mail = world.mails("Ben").await[0].1.clone();
        assert!(mail.contains("http://gridkeep.test/t/acme/invitation#"), "{mail}");
        let request = ann
            .request(Method::POST, INVITE)
            .header("x-forwarded-host", "evil.example")
            .header("forwarded", "host=evil.example")
            .header("content-type", "application/json");
        let poisoned = request.body(guest("Cy", "member").to_string().into()).unwrap();
        let mut poisoned = poisoned;
        poisoned.headers_mut().insert("host", "evil.example".parse().unwrap());
        ann.send(poisoned).await;
        assert!(world.mails("Cy").await.iter().all(|(_, text)| !text.contains("evil")));
        // Of many who come at once with it, one joins.
        let racing = (0..20).map(|_| {
            let (mut ben, token) = (ben.clone(), token.clone());
            tokio::spawn(async move { ben.post(ACCEPT, held(&token)).await.status })
        });
        let mut statuses = Vec::new();
        for racer in racing.collect::<Vec<_>>() {
            statuses.push(racer.await.unwrap());
        }
        statuses.sort_unstable();
        assert_eq!(
            (statuses[0], statuses[1..].iter().all(|status| *status == 410)),
            (200, true),
            "{statuses:?}"
        );
        let people = ann.get("/t/acme/api/people").await.json();
        assert_eq!(people["count"], json!(2));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_only_claims_the_address_proves_it_by_the_link() {
    let (world, _, mut ann) = acme(None).await;
    let mut ben = world.browser();
    ben.post("/api/accounts", new_account("Ben", None)).await.expect(201);
    ann.post(INVITE, guest("Ben", "member")).await.expect(201);
    // Without the link the claim is worth nothing.
    assert_eq!(role(&mut ben).await, Json::Null);
    let token = world.token("Ben", PAGE).await;
    // Two claim it: the one that has the link has the address.
    let mut eve = world.browser();
    eve.post("/api/accounts", new_account("Ben", None)).await.expect(201);
    ben.post(ACCEPT, held(&token)).await.expect(200);
    assert_eq!(role(&mut ben).await, json!("member"));
    assert_eq!((role(&mut eve).await, eve.post(ACCEPT, held(&token)).await.status), (Json::Null, 410));
    // Twins in the tenant are not invited.
    ann.post(INVITE, json!({"email": "соса@example.com", "role": "member"})).await.expect(201);
    let twin = ann.post(INVITE, json!({"email": "coca@example.com", "role": "member"})).await.expect(422);
    assert_eq!(twin.code(), "twinAddress");
    let cased = ann.post(INVITE, json!({"email": "BEN@Example.com", "role": "member"})).await.expect(409);
    assert_eq!(cased.code(), "alreadyMember");
    ann.post(INVITE, json!({"email": "pаul@example.com", "role": "member"})).await.expect(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn invitations_are_declined_taken_back_sent_again_and_run_out() {
    let (all, _postgres) = databases();
    for database in all {
        let (world, _, mut ann) = acme(database).await;
        let invited = async |ann: &mut Browser, name: &str| {
            let card = ann.post(INVITE, guest(name, "member")).await.expect(201).json();
            (format!("{INVITE}/{}", card["id"].as_str().unwrap()), world.token(name, PAGE).await)
        };
        // Declined by whoever holds the link; whoever invited sees it.
        let (one, token) = invited(&mut ann, "Ben").await;
        world.browser().post(DECLINE, held(&token)).await.expect(204);
        assert_eq!(world.browser().post(DECLINE, held(&token)).await.expect(410).code(), "linkOver");
        world.browser().post("/t/acme/api/accounts", new_account("Ben", Some(&token))).await.expect(410);
        assert_eq!(status(&mut ann, "Ben").await, "declined");
        let told = world.mails("Ann").await;
        let told: Vec<_> = told.iter().filter(|(subject, _)| subject.contains("declined")).collect();
        assert_eq!(told.len(), 1);
        let (subject, body) = told[0];
        assert_eq!(*subject, format!("{} declined your invitation", email("Ben")));
        assert!(
            body.contains("“The acme”") && body.contains("http://gridkeep.test/t/acme/invitations"),
            "{body}"
        );
        ann.post(&format!("{one}/resend"), json!({})).await.expect(404);
        ann.delete(&one).await.expect(404);
        // Taken back.
        let (one, token) = invited(&mut ann, "Cy").await;
        ann.delete(&one).await.expect(204);
        world.browser().post(READ, held(&token)).await.expect(410);
        assert_eq!(status(&mut ann, "Cy").await, "revoked");
        // Sent again: not at once, and older links end.
        let (one, first) = invited(&mut ann, "Dee").await;
        let soon = ann.post(&format!("{one}/resend"), json!({})).await.expect(429);
        assert!(soon.headers.contains_key("retry-after"), "{}", soon.text());
        world.clock.advance(SignedDuration::from_mins(6));
        ann.post(&format!("{one}/resend"), json!({})).await.expect(200);
        let second = world.token("Dee", PAGE).await;
        assert_ne!(first, second);
        world.browser().post(READ, held(&first)).await.expect(410);
        // A mailbox gets five of a tenant in a day, however often somebody asks; the rest wait.
        for _ in 0..8 {
            world.clock.advance(SignedDuration::from_mins(6));
            ann.post(&format!("{one}/resend"), json!({})).await.expect(200);
            world.mails("Dee").await;
        }
        assert_eq!(world.mails("Dee").await.len(), 5);
        assert_eq!(status(&mut ann, "Dee").await, "queued");
        world.clock.advance(SignedDuration::from_hours(24));
        assert_eq!(world.mails("Dee").await.len(), 6);
        let token = world.token("Dee", PAGE).await;
        // After seven days the link has run out; sent again, it works.
        world.clock.advance(SignedDuration::from_hours(7 * 24));
        assert_eq!(status(&mut ann, "Dee").await, "expired");
        world.browser().post("/t/acme/api/accounts", new_account("Dee", Some(&token))).await.expect(410);
        ann.post(&format!("{one}/resend"), json!({})).await.expect(200);
        let token = world.token("Dee", PAGE).await;
        let mut dee = world.browser();
        dee.post("/t/acme/api/accounts", new_account("Dee", Some(&token))).await.expect(201);
        assert_eq!(role(&mut dee).await, json!("member"));
        // Inviting again changes what the address is invited as.
        invited(&mut ann, "Fay").await;
        ann.post(INVITE, guest("Fay", "guest")).await.expect(201);
        let page = ann.get(&format!("{INVITE}?status=kept")).await.expect(200).json();
        assert_eq!((&page["count"], &page["invitations"][0]["role"]), (&json!(1), &json!("guest")));
        ann.get(&format!("{INVITE}?status=nonsense")).await.expect(400);
        // After ninety days nothing of what was decided is kept.
        world.clock.advance(SignedDuration::from_hours(24 * 98));
        assert_eq!(world.state.invitations.sweep().await.unwrap(), 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_of_a_closed_server_invites_again_and_makes_guests() {
    let (all, _postgres) = databases();
    for database in all {
        let wishes = Wishes { database, closed: true, newcomers: None, ..Wishes::default() };
        let world = World::with(wishes).await;
        let mut ada = world.person("Ada").await;
        let app = ada.publish("private", &["Ben"]).await;
        let list = format!("/api/apps/{app}/invitations");
        world.clock.advance(SignedDuration::from_hours(7 * 24 + 1));
        let page = ada.get(&list).await.expect(200).json();
        // Not mailed while nobody looked for it: it waits, and runs out from the mail on.
        assert_eq!(page["invitations"][0]["status"], json!("queued"));
        world.token("Ben", "/invitation#").await;
        world.clock.advance(SignedDuration::from_hours(7 * 24 + 1));
        let page = ada.get(&list).await.expect(200).json();
        assert_eq!(page["invitations"][0]["status"], json!("expired"));
        let id = page["invitations"][0]["id"].as_str().unwrap().to_owned();
        ada.post(&format!("/api/invitations/{id}/resend"), json!({})).await.expect(200);
        let token = world.token("Ben", "/invitation#").await;
        let mut ben = world.browser();
        let session = ben.post("/api/accounts", new_account("Ben", Some(&token))).await.expect(201).json();
        assert_eq!(session["account"]["role"], json!("guest"));
        ben.get(&format!("/api/apps/{app}")).await.expect(200);
        // Named and invited in one; taken back, the app names them no longer.
        let card = ada.post(&list, json!({"email": email("Cy")})).await.expect(201).json();
        let token = world.token("Cy", "/invitation#").await;
        let people = async |ada: &mut Browser| {
            let app = ada.get(&format!("/api/apps/{app}")).await.expect(200).json();
            app["people"].as_array().unwrap().len()
        };
        assert_eq!(people(&mut ada).await, 2);
        ada.delete(&format!("/api/invitations/{}", card["id"].as_str().unwrap())).await.expect(204);
        assert_eq!(people(&mut ada).await, 1);
        ben.post("/api/accounts/invitation", held(&token)).await.expect(410);
        ben.get(&list).await.expect(403);
        ben.post(&list, json!({"email": email("Dee")})).await.expect(403);
        world.browser().get(&list).await.expect(404);
        ada.patch(&format!("/api/apps/{app}"), json!({"audience": "prototype"})).await.expect(200);
        ada.post(&list, json!({"email": email("Dee")})).await.expect(400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_invited_is_led_there_from_the_root() {
    const OWN: &str = "/api/account/invitations";
    let (world, _, mut ann) = acme(None).await;
    let mut ben = world.person("Ben").await;
    let app =
        publish(&mut ann, "/t/acme", "private", &["Ben", "Cy"]).await["id"].as_str().unwrap().to_owned();
    ann.post(INVITE, guest("Ben", "member")).await.expect(201);
    let token = world.token("Ben", PAGE).await;
    let own = ben.get(OWN).await.expect(200).json();
    let mut all: Vec<(String, Json)> = own
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["name"].as_str().unwrap().to_owned(), one["link"].clone()))
        .collect();
    all.sort_by(|one, other| one.0.cmp(&other.0));
    let link = json!(format!("http://gridkeep.test/t/acme/app/{app}"));
    assert_eq!(all, [("Stock".to_owned(), link), ("The acme".to_owned(), Json::Null)]);
    ben.get(&format!("/t/acme/api/apps/{app}")).await.expect(200);
    // Nothing for whoever only claims the address, and nothing of what is answered.
    let mut eve = world.browser();
    eve.post("/api/accounts", new_account("Cy", None)).await.expect(201);
    assert_eq!(eve.get(OWN).await.expect(200).json(), json!([]));
    world.browser().get(OWN).await.expect(401);
    let token =
        if ben.post(READ, held(&token)).await.status == 200 { token } else { world.token("Ben", PAGE).await };
    ben.post(DECLINE, held(&token)).await.expect(204);
    assert_eq!(ben.get(OWN).await.expect(200).json().as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_is_opened_is_an_invitation_that_is_accepted() {
    let (all, _postgres) = databases();
    for database in all {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        world.person("Root").await;
        let mut ann = world.person("Ann").await;
        tenant(&world, "acme", &mut ann).await;
        let mut cy = world.person("Cy").await;
        let mut dee = world.person("Dee").await;
        let app = publish(&mut ann, "/t/acme", "private", &["Cy", "Dee"]).await;
        let app = format!("/t/acme/api/apps/{}", app["id"].as_str().unwrap());
        let stands = async |browser: &mut Browser| {
            let all = browser.get(&format!("{app}/invitations")).await.expect(200).json();
            let all = all["invitations"].as_array().unwrap().iter();
            let mut all: Vec<_> = all.map(|one| format!("{} {}", one["email"], one["status"])).collect();
            all.sort();
            all.join(", ")
        };
        let token = world.token("Cy", "/t/acme/invitation#").await;
        let before = stands(&mut ann).await;
        // Her maker's looking as somebody else is not their coming.
        let looks = ann.request(Method::GET, &format!("{app}/client"));
        let looks = looks.header("x-gridkeep-as", email("Cy")).body(axum::body::Body::empty()).unwrap();
        ann.send(looks).await.expect(200);
        ann.get(&format!("{app}/client")).await.expect(200);
        // Nor is a request that no page of ours sent.
        let mut foreign =
            cy.request(Method::GET, &format!("{app}/client")).body(axum::body::Body::empty()).unwrap();
        foreign.headers_mut().remove("x-gridkeep");
        cy.send(foreign).await.expect(200);
        assert_eq!(stands(&mut ann).await, before);
        for _ in 0..2 {
            cy.get(&format!("{app}/client")).await.expect(200);
        }
        let after = stands(&mut ann).await;
        assert!(after.contains(r#""cy@example.com" "accepted""#), "{after}");
        assert!(!after.contains(r#""dee@example.com" "accepted""#), "{after}");
        // The link is used up with it, and they belong to the tenant as its guest.
        let accept = "/t/acme/api/accounts/invitation/acceptance";
        cy.post(accept, json!({"token": token})).await.expect(410);
        let session = cy.get("/t/acme/api/session").await.expect(200).json();
        assert_eq!(session["account"]["role"], json!("guest"));
        // What has run out is not accepted by it, though the app opens.
        world.clock.advance(SignedDuration::from_hours(8 * 24));
        dee.get(&format!("{app}/client")).await.expect(200);
        let last = stands(&mut ann).await;
        assert!(last.contains(r#""dee@example.com" "expired""#), "{last}");
    }
}
