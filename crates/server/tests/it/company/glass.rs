//! Whose passkey opens another way in where company sign-in is required: what a password alone can make does not.

use gridkeep_store::TenantRole;
use jiff::SignedDuration;
use serde_json::json;

use super::{
    door::provider,
    required::{add_passkey, with_passkey},
};
use crate::{
    kit::{Browser, PASSWORD, Wishes, World, databases, email},
    tenants::tenant,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_password_alone_does_not_break_the_glass() {
    let (all, _postgres) = databases();
    for database in all {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        world.person("Root").await;
        let (mut ann, mut eve) = (world.person("Ann").await, world.person("Eve").await);
        tenant(&world, "acme", &mut ann).await;
        world.join(&mut ann, "/t/acme", ("Eve", "owner"), &mut eve).await;
        let mut old = world.browser();
        let password = json!({"email": email("Eve"), "password": PASSWORD});
        old.post("/api/session", password.clone()).await.expect(200);
        ann.post("/t/acme/api/domains", json!({"domain": "example.com"})).await.expect(201);
        let id = world.house.called("acme").await.unwrap().state.tenancy.id();
        let control = world.state.company.control().clone();
        control.verify_company_domain(id, "example.com", world.state.time.now()).await.unwrap();
        provider(&world, "acme", json!({"newcomers": "member"}), TenantRole::Administrator).await;
        let mut of_ann = add_passkey(&mut ann).await;
        let path = "/t/acme/api/domains/example.com";
        ann.put(path, json!({"required": true})).await.expect(200);
        ann.get("/t/acme/api/apps").await.expect(200);
        world.clock.advance(SignedDuration::from_mins(6));

        // Eve's password, at another place and in an old session: each makes a passkey, and none opens anything here.
        let shut = async |browser: &mut Browser| {
            assert_eq!(browser.get("/t/acme/api/apps").await.expect(403).code(), "companyRequired");
            assert_eq!(browser.get("/t/acme/api/session").await.json()["needs"], "company");
        };
        old.post("/api/account/proof", json!({"password": PASSWORD})).await.expect(204);
        let mut elsewhere = world.browser();
        elsewhere.post("/t/nothing/api/session", password.clone()).await;
        elsewhere.post("/api/session", password).await.expect(200);
        for session in [&mut old, &mut elsewhere] {
            let mut passkey = add_passkey(session).await;
            shut(session).await;
            let (_, status, code) = with_passkey(&world, &mut passkey, "/t/acme").await;
            assert_eq!((status, code.as_str()), (403, "companyRequired"));
            // Nor in a session begun by it, nor does what is made there.
            let (mut begun, status, _) = with_passkey(&world, &mut passkey, "").await;
            assert_eq!(status, 200);
            shut(&mut begun).await;
            let mut second = add_passkey(&mut begun).await;
            let (_, status, _) = with_passkey(&world, &mut second, "/t/acme").await;
            assert_eq!(status, 403);
        }
        // To say again that it is required does not make them older.
        let (mut owner, status, _) = with_passkey(&world, &mut of_ann, "/t/acme").await;
        assert_eq!(status, 200);
        owner.put(path, json!({"required": true})).await.expect(200);
        shut(&mut elsewhere).await;
        // What an owner makes in a session begun by a passkey that was there before is as good as that one.
        let mut spare = add_passkey(&mut owner).await;
        let (mut by_spare, status, _) = with_passkey(&world, &mut spare, "/t/acme").await;
        assert_eq!(status, 200);
        by_spare.get("/t/acme/api/apps").await.expect(200);
        // Asked for anew, it counts from then on.
        owner.put(path, json!({"required": false})).await.expect(200);
        let mut of_eve = add_passkey(&mut elsewhere).await;
        owner.put(path, json!({"required": true})).await.expect(200);
        let (_, status, _) = with_passkey(&world, &mut of_eve, "/t/acme").await;
        assert_eq!(status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_way_in_is_taken_away_by_nobody() {
    let (all, _postgres) = databases();
    for database in all {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        world.person("Root").await;
        let (mut ann, mut eve) = (world.person("Ann").await, world.person("Eve").await);
        tenant(&world, "acme", &mut ann).await;
        world.join(&mut ann, "/t/acme", ("Eve", "owner"), &mut eve).await;
        ann.post("/t/acme/api/domains", json!({"domain": "example.com"})).await.expect(201);
        let id = world.house.called("acme").await.unwrap().state.tenancy.id();
        let control = world.state.company.control().clone();
        control.verify_company_domain(id, "example.com", world.state.time.now()).await.unwrap();
        provider(&world, "acme", json!({"newcomers": "member"}), TenantRole::Administrator).await;
        let mut of_ann = add_passkey(&mut ann).await;
        let domain = "/t/acme/api/domains/example.com";
        ann.put(domain, json!({"required": true})).await.expect(200);
        world.clock.advance(SignedDuration::from_mins(6));

        let (mut owner, status, _) = with_passkey(&world, &mut of_ann, "/t/acme").await;
        assert_eq!(status, 200);
        let oldest = oldest_passkey(&mut owner).await;
        let person = format!(
            "/t/acme/api/people/{}",
            owner.get("/api/session").await.json()["account"]["id"].as_str().unwrap()
        );
        let mut stuck = async |why: &str| {
            let (passkey, role, leave) = (
                owner.delete(&oldest).await,
                owner.patch(&person, json!({"role": "member"})).await,
                owner.delete(&person).await,
            );
            assert_eq!(
                (passkey.expect(409).code(), role.expect(409).code()),
                ("lastPasskey".into(), "lastOwnerWithPasskey".into()),
                "{why}"
            );
            assert_eq!(leave.expect(409).code(), "lastOwnerWithPasskey", "{why}");
        };
        stuck("nobody else has a passkey").await;
        eve.post("/api/account/proof", json!({"password": PASSWORD})).await.expect(204);
        add_passkey(&mut eve).await;
        stuck("a younger passkey opens nothing here").await;
        // Eve's may go: it opened nothing.
        let of_eve = oldest_passkey(&mut eve).await;
        eve.delete(&of_eve).await.expect(204);
        // Another of the same worth, and the first may go; the second may not.
        add_passkey(&mut owner).await;
        owner.delete(&oldest).await.expect(204);
        let spare = oldest_passkey(&mut owner).await;
        assert_eq!(owner.delete(&spare).await.expect(409).code(), "lastPasskey");
        // What asks for it goes, and so may the rest; of an owner's passkeys elsewhere nothing was ever asked.
        owner.put(domain, json!({"required": false})).await.expect(200);
        owner.delete(&spare).await.expect(204);
        owner.delete(&person).await.expect(204);
    }
}

/// Where the oldest of somebody's passkeys is removed.
async fn oldest_passkey(browser: &mut Browser) -> String {
    let all = browser.get("/api/account/security").await.expect(200).json();
    let first = all["factors"].as_array().unwrap_or_else(|| panic!("{all}"))[0].clone();
    format!("/api/account/factors/{}", first["id"].as_str().unwrap())
}
