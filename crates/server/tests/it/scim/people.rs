//! People: what a directory says of them, and what that is worth here.

use gridkeep_store::TenantRole;
use serde_json::{Value as Json, json};

use super::{ENTERPRISE, USER, acme, directory, refused};
use crate::{
    company::{door::come, required::add_passkey},
    kit::{Wishes, World, databases, email},
    tenants::{account, tenant},
};

#[tokio::test(flavor = "multi_thread")]
async fn entra_makes_changes_finds_and_removes_people() {
    let (all, _postgres) = databases();
    for database in all {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let (mut ann, _, mut entra) = acme(&world, json!({ "newcomers": "maker" })).await;
        // As documented, in this order.
        let none = entra.get("/Users?filter=userName%20eq%20%22nobody%22").await.expect(200).json();
        assert_eq!((&none["totalResults"], &none["Resources"]), (&json!(0), &json!([])));
        let new = json!({
            "schemas": [USER, ENTERPRISE], "externalId": "0a21f0f2", "userName": "Test_User_00aa", "active": true,
            "emails": [{ "primary": true, "type": "work", "value": "Test_User_11bb@corp.example" }],
            "meta": { "resourceType": "User" },
            "name": { "formatted": "givenName familyName", "familyName": "familyName", "givenName": "givenName" },
            "roles": [],
        });
        let made = entra.post("/Users", new.clone()).await.expect(201);
        let place = made.header("location").to_owned();
        let made = made.json();
        let id = made["id"].as_str().unwrap().to_owned();
        assert_eq!(made["userName"], "Test_User_00aa");
        assert_eq!(made["emails"], new["emails"]);
        assert_eq!(made["meta"]["location"], place.as_str());
        assert!(place.ends_with(&format!("/t/acme/scim/v2/Users/{id}")), "{place}");
        assert_eq!(refused(&entra.post("/Users", new).await), (409, "uniqueness".to_owned()));
        for filter in [
            "userName%20eq%20%22test_user_00AA%22",
            "externalId%20eq%20%220a21f0f2%22",
            "emails%5Btype%20eq%20%22work%22%5D.value%20eq%20%22test_user_11bb@corp.example%22",
            "emails%5Btype%20eq%20%22work%22%20and%20value%20eq%20%22test_user_11bb@corp.example%22%5D",
            "active%20eq%20true%20and%20userName%20sw%20%22test%22",
            "name.familyName+co+%22mily%22",
        ] {
            let found = entra.get(&format!("/Users?filter={filter}")).await.expect(200).json();
            assert_eq!(
                (&found["totalResults"], &found["Resources"][0]["id"]),
                (&json!(1), &json!(id)),
                "{filter}"
            );
        }
        // They are somebody of the tenant.
        let people = ann.get("/t/acme/api/people?search=test_user").await.expect(200).json();
        assert_eq!(people["people"][0]["id"], id);
        assert_eq!(people["people"][0]["role"], "maker");
        let one = format!("/Users/{id}");
        let changed = entra
            .patch(&one, json!([
                { "op": "Replace", "path": "emails[type eq \"work\"].value", "value": "updated@corp.example" },
                { "op": "Replace", "path": "name.familyName", "value": "updatedFamilyName" },
                { "op": "Add", "path": format!("{ENTERPRISE}:department"), "value": "Engines" },
            ]))
            .await
            .expect(200)
            .json();
        assert_eq!(changed["emails"][0]["value"], "updated@corp.example");
        assert_eq!(changed["name"]["familyName"], "updatedFamilyName");
        assert_eq!(changed[ENTERPRISE]["department"], "Engines");
        assert_eq!(changed["schemas"], json!([USER, ENTERPRISE]));
        let people = ann.get("/t/acme/api/people?search=updated@corp").await.expect(200).json();
        assert_eq!(people["people"][0]["id"], id);
        // Locked out and let in again, as Entra writes it.
        let off = json!([{ "op": "Replace", "path": "active", "value": "False" }]);
        assert_eq!(entra.patch(&one, off.clone()).await.expect(200).json()["active"], false);
        assert_eq!(ann.get("/t/acme/api/people?search=updated").await.json()["count"], 0);
        entra.patch(&one, off).await.expect(200);
        assert_eq!(entra.get(&one).await.expect(200).json()["active"], false);
        // What is not said lets nobody in again.
        entra
            .put(
                &one,
                json!({ "schemas": [USER], "userName": "Test_User_00aa", "externalId": "0a21f0f2",
                "emails": [{ "value": "updated@corp.example", "type": "work" }] }),
            )
            .await
            .expect(200);
        assert_eq!(entra.get(&one).await.json()["active"], false);
        entra.patch(&one, json!([{ "op": "Replace", "path": "active", "value": "True" }])).await.expect(200);
        assert_eq!(ann.get("/t/acme/api/people?search=updated").await.json()["count"], 1);
        entra.delete(&one).await.expect(204);
        entra.get(&one).await.expect(404);
        entra.delete(&one).await.expect(404);
        assert_eq!(ann.get("/t/acme/api/people?search=updated").await.json()["count"], 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn okta_lists_puts_and_deactivates_people() {
    let world = World::start().await;
    let (_, _, mut okta) = acme(&world, json!({})).await;
    for number in 0..7 {
        okta.user(&format!("p{number}")).await;
        world.clock.advance(jiff::SignedDuration::from_secs(1));
    }
    let page = okta.get("/Users?startIndex=1&count=5").await.expect(200).json();
    assert_eq!(
        (&page["totalResults"], &page["itemsPerPage"], &page["startIndex"]),
        (&json!(7), &json!(5), &json!(1))
    );
    let rest = okta.get("/Users?startIndex=6&count=5").await.expect(200).json();
    let names = |page: &Json| -> Vec<String> {
        page["Resources"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["displayName"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!([names(&page), names(&rest)].concat(), ["p0", "p1", "p2", "p3", "p4", "p5", "p6"]);
    let some = okta
        .get("/Users?filter=userName+ne+%22p0@corp.example%22&startIndex=3&count=2&attributes=displayName")
        .await
        .json();
    assert_eq!((names(&some), &some["totalResults"]), (vec!["p3".to_owned(), "p4".to_owned()], &json!(6)));
    assert!(some["Resources"][0].get("userName").is_none());
    assert_eq!(okta.get("/Users?count=0").await.json()["Resources"], json!([]));
    let asked = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": "displayName eq \"P3\"", "attributes": ["userName"] });
    let found = okta.post("/Users/.search", asked).await.expect(200).json();
    assert_eq!(found["Resources"][0]["userName"], "p3@corp.example");
    // The whole of it, with what is not for a directory to say.
    let id = page["Resources"][0]["id"].as_str().unwrap();
    let whole = json!({
        "schemas": [USER], "id": id, "userName": "p0@corp.example", "name": { "givenName": "Another", "middleName": "", "familyName": "User" },
        "emails": [{ "primary": true, "value": "p0@corp.example", "type": "work", "display": "p0@corp.example" }],
        "active": true, "groups": [], "password": "1mz050nq", "roles": [{ "value": "owner" }], "meta": { "resourceType": "User" },
    });
    let put = okta.put(&format!("/Users/{id}"), whole).await.expect(200);
    let tag = put.header("etag").to_owned();
    let put = put.json();
    assert_eq!(put["name"], json!({ "givenName": "Another", "familyName": "User" }));
    for gone in ["password", "roles", "displayName", "externalId", "groups"] {
        assert!(put.get(gone).is_none(), "{gone}");
    }
    assert_eq!(put["meta"]["version"], tag.as_str());
    let off = json!([{ "op": "replace", "value": { "active": false } }]);
    assert_eq!(okta.patch(&format!("/Users/{id}"), off).await.expect(200).json()["active"], false);
    // Versions.
    let mut with = async |method: &str, name: &str, tag: &str| {
        let request = axum::http::Request::builder()
            .method(method)
            .uri(format!("/t/acme/scim/v2/Users/{id}"))
            .header("authorization", format!("Bearer {}", okta.token))
            .header(name, tag);
        okta.browser.send(request.body(axum::body::Body::empty()).unwrap()).await.status
    };
    assert_eq!(with("DELETE", "if-match", &tag).await, 412);
    assert_eq!(with("GET", "if-none-match", "*").await, 304);
    assert_eq!(with("GET", "if-none-match", &tag).await, 200);
    assert_eq!(with("DELETE", "if-match", "*").await, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_locked_out_has_lost_everything_at_the_next_request() {
    let (all, _postgres) = databases();
    for database in all {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let (mut ann, own, mut directory) =
            acme(&world, json!({ "newcomers": "maker", "claims": { "external": "oid" } })).await;
        let id = directory.user("eve").await;
        // She comes by the provider: she is whom the directory named.
        let claims = json!({ "email": "eve@corp.example", "oid": "ext-eve" });
        let mut eve = come(&world, "acme", &own, "sub-eve", claims.clone()).await.unwrap();
        assert_eq!(eve.get("/t/acme/api/session").await.json()["account"]["id"], id);
        let app = crate::tenants::publish(&mut eve, "/t/acme", "private", &[]).await["id"]
            .as_str()
            .unwrap()
            .to_owned();
        // A key from the time before a company's word stopped being enough for one.
        let room = world.house.called("acme").await.unwrap();
        let token = gridkeep_server::secret::Token::new(&room.state.chance);
        let kept = gridkeep_store::ApiKey {
            id: crate::kit::id(1).parse().unwrap(),
            app: app.parse().unwrap(),
            account: id.parse().unwrap(),
            name: "Excel".to_owned(),
            writes: false,
            created: own.created,
            expires: None,
            methods: None,
            used: None,
        };
        let hash = token.hash().0;
        let made = room.state.tenancy.write(move |work| Ok(work.create_api_key(&kept, hash)?));
        made.await.unwrap();
        let key = format!("gk_{}", token.expose());
        let service = async |key: &str| {
            let request = axum::http::Request::builder()
                .uri(format!("/odata/acme/{app}/Stock"))
                .header("x-api-key", key);
            world.browser().send(request.body(axum::body::Body::empty()).unwrap()).await.status
        };
        assert_eq!(service(&key).await, 200);
        let one = format!("/Users/{id}");
        directory
            .patch(&one, json!([{ "op": "replace", "path": "active", "value": false }]))
            .await
            .expect(200);
        eve.get("/t/acme/api/apps").await.expect(401);
        assert_eq!(service(&key).await, 401);
        assert!(come(&world, "acme", &own, "sub-eve", claims.clone()).await.is_none());
        // Let in again she is who she was, without what others gave her by hand.
        directory
            .patch(&one, json!([{ "op": "replace", "path": "active", "value": true }]))
            .await
            .expect(200);
        let mut eve = come(&world, "acme", &own, "sub-eve", claims.clone()).await.unwrap();
        assert_eq!(eve.get("/t/acme/api/session").await.json()["account"]["id"], id);
        assert_eq!(service(&key).await, 401);
        directory.delete(&one).await.expect(204);
        eve.get("/t/acme/api/apps").await.expect(401);
        // Her account went with it, and nobody comes in as somebody new whom the directory took out.
        assert!(come(&world, "acme", &own, "sub-eve", claims.clone()).await.is_none());
        assert!(
            come(&world, "acme", &own, "sub-eve", json!({ "email": "eve@corp.example" })).await.is_none()
        );
        assert!(come(&world, "acme", &own, "sub-other", claims.clone()).await.is_none());
        assert_eq!(ann.get("/t/acme/api/people?search=eve").await.json()["count"], 0);
        // The directory names her again: she comes as somebody new.
        let there = directory.user("eve").await;
        assert_ne!(there, id);
        let mut again = come(&world, "acme", &own, "sub-eve", claims.clone()).await.unwrap();
        assert_eq!(account_at(&mut again).await, there);
        // Or an administrator lets her in; nobody else does.
        directory.delete(&format!("/Users/{there}")).await.expect(204);
        let removed = ann.get("/t/acme/api/company/removed").await.expect(200).json();
        assert_eq!(removed.as_array().unwrap().len(), 1, "{removed}");
        assert_eq!(
            (&removed[0]["email"], &removed[0]["knownAs"], &removed[0]["provider"]),
            (&Json::Null, &json!("ext-eve"), &json!("Company"))
        );
        let path = format!("/t/acme/api/company/removed/{}", removed[0]["id"].as_str().unwrap());
        let mut bob = world.person("Bob").await;
        bob.get("/t/acme/api/company/removed").await.expect(404);
        bob.delete(&path).await.expect(404);
        ann.delete(&path.replace("/t/acme", "")).await.expect(403);
        ann.delete(&path).await.expect(204);
        ann.delete(&path).await.expect(404);
        assert!(come(&world, "acme", &own, "sub-eve", claims).await.is_some());
    }
}

/// Whom an administrator removed comes in again when one lets them; whom the directory locks out is the directory's to let in.
#[tokio::test(flavor = "multi_thread")]
async fn removed_people_are_let_in_again() {
    let (all, _postgres) = databases();
    for database in all {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let (mut ann, own, mut directory) = acme(&world, json!({ "newcomers": "maker" })).await;
        let claims = json!({ "email": "ben@corp.example", "name": "Ben" });
        let mut ben = come(&world, "acme", &own, "ben", claims.clone()).await.unwrap();
        let id = account_at(&mut ben).await;
        let list = "/t/acme/api/company/removed";
        assert_eq!(ann.get(list).await.expect(200).json(), json!([]));
        ann.delete(&format!("/t/acme/api/people/{id}")).await.expect(204);
        assert!(come(&world, "acme", &own, "ben", claims.clone()).await.is_none());
        // Somebody the directory locks out is not in this list.
        let eve = directory.user("eve").await;
        let lock = json!([{ "op": "replace", "path": "active", "value": false }]);
        directory.patch(&format!("/Users/{eve}"), lock).await.expect(200);
        let removed = ann.get(list).await.expect(200).json();
        assert_eq!(removed.as_array().unwrap().len(), 1, "{removed}");
        assert_eq!((&removed[0]["email"], &removed[0]["name"]), (&json!("ben@corp.example"), &json!("Ben")));
        let path = format!("{list}/{}", removed[0]["id"].as_str().unwrap());
        ann.delete(&path).await.expect(204);
        assert_eq!(ann.get(list).await.expect(200).json(), json!([]));
        let mut again = come(&world, "acme", &own, "ben", claims).await.unwrap();
        assert_eq!(account_at(&mut again).await, id);
        let people = ann.get("/t/acme/api/people?search=ben").await.json();
        assert_eq!(people["people"][0]["role"], "member");
        world.clock.advance(jiff::SignedDuration::from_mins(6));
        assert_eq!(ann.delete(&path).await.expect(403).code(), "proofRequired");
    }
}

async fn account_at(browser: &mut crate::kit::Browser) -> String {
    let session = browser.get("/t/acme/api/session").await.expect(200).json();
    session["account"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_elsewhere_is_opened_changed_erased_or_told_of() {
    let (all, _postgres) = databases();
    for database in all {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let (mut ann, own, mut directory) = acme(&world, json!({})).await;
        let mut bob = world.person("Bob").await;
        let before = account(&mut bob).await.to_string();
        // An address that somebody has and one that nobody has are answered alike.
        let user = |name: &str| json!({ "schemas": [USER], "userName": email(name), "displayName": "X", "emails": [{ "value": email(name), "type": "work" }] });
        let known = directory.post("/Users", user("Bob")).await.expect(201).json();
        let unknown = directory.post("/Users", user("Nobody")).await.expect(201).json();
        let keys = |json: &Json| json.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&known), keys(&unknown));
        assert_ne!(known["id"], before);
        assert_eq!(account(&mut bob).await.to_string(), before);
        // What is done to the one is not done to the other.
        let one = format!("/Users/{}", known["id"].as_str().unwrap());
        directory
            .patch(&one, json!([{ "op": "replace", "path": "displayName", "value": "Hacked" }]))
            .await
            .expect(200);
        directory.delete(&one).await.expect(204);
        let seen = bob.get("/api/session").await.expect(200).json();
        assert_eq!(
            (&seen["account"]["name"], &seen["account"]["email"]),
            (&json!("Bob"), &json!(email("Bob")))
        );
        // Ids of accounts that are not of the directory are nobody's.
        for id in [before.as_str(), &account(&mut ann).await.to_string(), "none", "%00"] {
            assert_eq!(refused(&directory.get(&format!("/Users/{id}")).await), (404, String::new()), "{id}");
            assert_eq!(refused(&directory.delete(&format!("/Users/{id}")).await).0, 404, "{id}");
        }
        // Somebody who linked their own account is taken out of the tenant, and stays who they are.
        let linked = gridkeep_store::Outside {
            id: gridkeep_model::OutsideId::from_uuid(uuid::Uuid::from_u128(7)),
            provider: own.id,
            account: account(&mut bob).await,
            subject: Some(("https://id.example".to_owned(), "bob".to_owned())),
            external: Some("ext-bob".to_owned()),
            origin: gridkeep_store::Origin::Linked,
            blocked: None,
            created: own.created,
            seen: None,
        };
        assert!(world.state.company.control().link_outside(linked).await.unwrap());
        assert_eq!(directory.user("bob").await, before);
        assert_eq!(bob.get("/t/acme/api/session").await.json()["account"]["role"], "member");
        let seen = bob.get("/api/session").await.expect(200).json();
        assert_eq!(
            (&seen["account"]["name"], &seen["account"]["email"]),
            (&json!("Bob"), &json!(email("Bob")))
        );
        directory.delete(&format!("/Users/{before}")).await.expect(204);
        assert_eq!(bob.get("/t/acme/api/session").await.json()["account"]["role"], Json::Null);
        bob.get("/api/apps").await.expect(200);
        bob.delete("/api/session").await.expect(204);
        let again = json!({ "email": email("Bob"), "password": crate::kit::PASSWORD });
        bob.post("/api/session", again).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn owners_stay_and_tokens_are_worth_what_their_makers_are() {
    let (all, _postgres) = databases();
    for database in all {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let (mut ann, own, mut directory_of_ann) =
            acme(&world, json!({ "claims": { "external": "oid" } })).await;
        let control = world.state.company.control().clone();
        let id = directory_of_ann.user("eve").await;
        let eve = id.parse().unwrap();
        let room = world.house.called("acme").await.unwrap();
        let tenant = room.state.tenancy.id();
        control.change_role(tenant, eve, TenantRole::Owner, TenantRole::Owner, None).await.unwrap();
        // Whoever answers for the token is an administrator now, and so is it.
        let ann_id = account(&mut ann).await;
        control
            .change_role(tenant, ann_id, TenantRole::Administrator, TenantRole::Owner, None)
            .await
            .unwrap();
        let one = format!("/Users/{id}");
        let off = json!([{ "op": "replace", "path": "active", "value": false }]);
        assert_eq!(refused(&directory_of_ann.patch(&one, off.clone()).await).0, 403);
        assert_eq!(refused(&directory_of_ann.delete(&one).await).0, 403);
        assert_eq!(directory_of_ann.get(&one).await.expect(200).json()["active"], true);
        // An administrator's token does not reach owners.
        let new = json!({ "provider": own.id, "name": "Another" });
        let made = ann.post("/t/acme/api/directory/tokens", new).await.expect(201).json();
        control.change_role(tenant, ann_id, TenantRole::Owner, TenantRole::Owner, None).await.unwrap();
        let mut lesser = directory_of_ann.clone();
        made["secret"].as_str().unwrap().clone_into(&mut lesser.token);
        assert_eq!(refused(&lesser.patch(&one, off.clone()).await).0, 403);
        assert_eq!(refused(&lesser.delete(&one).await).0, 403);
        // Nor does it give them another address, by whose mail they could be had.
        let mine = json!([{ "op": "replace", "path": "emails[type eq \"work\"].value", "value": "mallory@corp.example" }]);
        lesser.patch(&one, mine).await;
        assert_eq!(control.account(eve).await.unwrap().unwrap().email, "eve@corp.example");
        // The only owner stays, also by a token of their own; of two one may go.
        let linked = gridkeep_store::Outside {
            id: gridkeep_model::OutsideId::from_uuid(uuid::Uuid::from_u128(9)),
            provider: own.id,
            account: ann_id,
            subject: Some(("https://id.example".to_owned(), "ann".to_owned())),
            external: Some("ext-ann".to_owned()),
            origin: gridkeep_store::Origin::Linked,
            blocked: None,
            created: own.created,
            seen: None,
        };
        assert!(control.link_outside(linked).await.unwrap());
        let herself = format!("/Users/{}", directory_of_ann.user("ann").await);
        assert_eq!(herself, format!("/Users/{ann_id}"));
        control.change_role(tenant, eve, TenantRole::Member, TenantRole::Owner, None).await.unwrap();
        let stays = directory_of_ann.patch(&herself, off.clone()).await;
        assert_eq!(refused(&stays), (409, "mutability".to_owned()));
        assert_eq!(refused(&directory_of_ann.delete(&herself).await).0, 409);
        control.change_role(tenant, eve, TenantRole::Owner, TenantRole::Owner, None).await.unwrap();
        // Nor does the only owner go who comes in when the company's sign-in is broken.
        ann.post("/t/acme/api/domains", json!({ "domain": "example.com" })).await.expect(201);
        control.verify_company_domain(tenant, "example.com", world.state.time.now()).await.unwrap();
        add_passkey(&mut ann).await;
        ann.put("/t/acme/api/domains/example.com", json!({ "required": true })).await.expect(200);
        assert_eq!(refused(&directory_of_ann.patch(&herself, off.clone()).await).0, 409);
        assert_eq!(refused(&directory_of_ann.delete(&herself).await).0, 409);
        ann.put("/t/acme/api/domains/example.com", json!({ "required": false })).await.expect(200);
        // A provider that is closed has no directory.
        let provider = control.provider(tenant, own.id).await.unwrap().unwrap();
        let (open, at) = (provider.clone(), provider.changed);
        let closed = gridkeep_store::Provider { enabled: false, ..provider };
        assert!(control.change_provider(closed, at, None).await.unwrap().unwrap());
        assert_eq!(directory_of_ann.get(&one).await.status, 401);
        assert!(control.change_provider(open, at, None).await.unwrap().unwrap());
        // Whoever has come by it begins what the owner approves.
        come(&world, "acme", &own, "eve", json!({ "oid": "ext-eve" })).await.unwrap();
        // Whoever leaves a company leaves it, also where nobody can meet the gate of gates then: those who rule hear of it.
        let config = crate::checkpoints::gate("CHECKPOINT_CONFIG", "&EVENT?", true);
        let config = serde_json::from_value(config).unwrap();
        let settings = serde_json::from_value(json!({"fourEyes": true})).unwrap();
        let clock = world.state.time.clone();
        let takes_two = move |work: &mut gridkeep_store::Work<'_>| {
            work.put_gate(&config, ann_id, clock.clock())?;
            Ok(work.put_gate_settings(&settings, ann_id, clock.clock())?)
        };
        room.state.tenancy.write(takes_two).await.unwrap();
        let told = async || {
            world.house.watch_gates().await;
            let mails = world.mails("ann").await;
            mails.iter().filter(|(subject, _)| subject.starts_with("Nobody can change security")).count()
        };
        assert_eq!(told().await, 0);
        directory_of_ann.patch(&one, off).await.expect(200);
        assert_eq!((told().await, told().await), (1, 1));
        directory_of_ann.delete(&one).await.expect(204);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twins_are_refused_within_a_tenant_and_another_one_knows_nothing_of_it() {
    let world = World::start().await;
    let (mut ann, _, mut first) = acme(&world, json!({})).await;
    tenant(&world, "other", &mut ann).await;
    let (_, mut second) = directory(&world, "other", &mut ann, json!({})).await;
    let user = |name: &str, address: &str| json!({ "schemas": [USER], "userName": name, "emails": [{ "value": address }] });
    let latin = first.post("/Users", user("coco", "coco@corp.example")).await.expect(201).json();
    let check = async |directory: &mut super::Directory, name: &str, address: &str, expect: u16| {
        let answer = directory.post("/Users", user(name, address)).await;
        assert_eq!(answer.status, expect, "{name} {address}: {}", answer.text());
    };
    // Cyrillic letters that look the same, other capitals, the same once more.
    check(&mut first, "twin", "\u{441}\u{43e}\u{441}\u{43e}@corp.example", 409).await;
    check(&mut first, "twin", "COCO@corp.example", 409).await;
    check(&mut first, "COCO", "else@corp.example", 409).await;
    check(&mut first, "mixed", "p\u{430}ypal@corp.example", 400).await;
    check(&mut first, "p\u{430}ypal@corp.example", "fine@corp.example", 400).await;
    // Those of the tenant who are of no directory have their likeness too.
    check(&mut first, "likeness", "\u{430}\u{432}\u{432}@example.com", 201).await;
    check(&mut second, "twin", "\u{441}\u{43e}\u{441}\u{43e}@corp.example", 201).await;
    // Nor does a change get past it.
    let other = first.user("other").await;
    let change = json!([{ "op": "replace", "path": "emails", "value": [{ "value": "Coco@corp.example" }] }]);
    assert_eq!(
        refused(&first.patch(&format!("/Users/{other}"), change).await),
        (409, "uniqueness".to_owned())
    );
    let change = json!([{ "op": "replace", "path": "userName", "value": "Coco" }]);
    assert_eq!(
        refused(&first.patch(&format!("/Users/{other}"), change).await),
        (409, "uniqueness".to_owned())
    );
    // One tenant's people are nobody to the other's directory.
    let id = latin["id"].as_str().unwrap();
    second.get(&format!("/Users/{id}")).await.expect(404);
    second.delete(&format!("/Users/{id}")).await.expect(404);
    let found = second.get(&format!("/Users?filter=id+eq+%22{id}%22")).await.expect(200).json();
    assert_eq!(found["totalResults"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proven_domain_makes_addresses_good_within_the_tenant() {
    let world = World::start().await;
    let (mut ann, own, mut directory) = acme(&world, json!({ "claims": { "external": "oid" } })).await;
    let room = world.house.called("acme").await.unwrap();
    let (control, tenant) = (world.state.company.control(), room.state.tenancy.id());
    let domain = gridkeep_store::CompanyDomain {
        domain: "corp.example".to_owned(),
        proof: String::new(),
        verified: None,
        required: false,
        created: own.created,
    };
    assert!(control.add_company_domain(tenant, domain, 5).await.unwrap());
    control.verify_company_domain(tenant, "corp.example", own.created).await.unwrap();
    let app =
        crate::tenants::publish(&mut ann, "/t/acme", "private", &[]).await["id"].as_str().unwrap().to_owned();
    let grant = json!({ "to": "person", "name": "eve@corp.example", "grant": { "level": "view" } });
    ann.put(&format!("/t/acme/api/apps/{app}/grants"), grant).await.expect(200);
    let id = directory.user("eve").await;
    let mut eve = come(
        &world,
        "acme",
        &own,
        "1",
        json!({ "oid": "ext-eve", "email": "eve@corp.example", "email_verified": true }),
    )
    .await
    .unwrap();
    eve.get(&format!("/t/acme/api/apps/{app}/client")).await.expect(200);
    // What was given to the address goes with whom it was given to.
    let one = format!("/Users/{id}");
    directory.patch(&one, json!([{ "op": "replace", "path": "active", "value": false }])).await.expect(200);
    let grants = ann.get(&format!("/t/acme/api/apps/{app}/grants")).await.expect(200).text();
    assert!(!grants.contains("eve@corp.example"), "{grants}");
}

/// Where a provider says nothing of an address, what its directory says of it goes on; where it says another one, that ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_without_an_address_takes_nothing_back() {
    let (all, _postgres) = databases();
    for database in all {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let (mut ann, own, mut entra) = acme(&world, json!({ "newcomers": "member" })).await;
        ann.post("/t/acme/api/domains", json!({ "domain": "corp.example" })).await.expect(201);
        let tenant = world.house.called("acme").await.unwrap().state.tenancy.id();
        let control = world.state.company.control().clone();
        control.verify_company_domain(tenant, "corp.example", world.state.time.now()).await.unwrap();
        entra.user("eve").await;
        let confirmed = async |subject: &str, claims: Json| {
            let mut browser = come(&world, "acme", &own, subject, claims).await.unwrap();
            browser.get("/t/acme/api/session").await.json()["account"]["confirmed"].clone()
        };
        assert_eq!(confirmed("ext-eve", json!({})).await, json!(true));
        assert_eq!(confirmed("ext-eve", json!({ "email": "eve@corp.example" })).await, json!(false));
        assert_eq!(confirmed("ext-eve", json!({})).await, json!(false));
        // Whom no directory names is vouched for by the provider alone.
        let claims = json!({ "email": "bob@corp.example", "email_verified": true });
        assert_eq!(confirmed("bob", claims).await, json!(true));
        assert_eq!(confirmed("bob", json!({})).await, json!(false));
    }
}

/// What a directory says of work decides which rows people see, and a sign-in that says nothing of it leaves it so.
#[tokio::test(flavor = "multi_thread")]
async fn departments_are_attributes() {
    let (all, _postgres) = databases();
    for database in all {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let rules =
            json!({ "newcomers": "member", "attributes": { "Department": "department", "Title": "title" } });
        let (mut ann, own, mut entra) = acme(&world, rules).await;
        let id = entra.user("eve").await;
        let mut known = async || {
            let all = ann.get("/t/acme/api/people").await.expect(200).json();
            let mut all = all["people"].as_array().unwrap().clone().into_iter();
            all.find(|person| person["id"] == id.as_str()).unwrap()["attributes"].clone()
        };
        assert_eq!(known().await, json!({}));
        let says = json!([
            { "op": "add", "path": format!("{ENTERPRISE}:department"), "value": "North" },
            { "op": "add", "path": "title", "value": "Engineer" },
        ]);
        entra.patch(&format!("/Users/{id}"), says).await.expect(200);
        assert_eq!(known().await, json!({ "Department": "North", "Title": "Engineer" }));
        let come = async |claims: Json| come(&world, "acme", &own, "ext-eve", claims).await;
        assert!(come(json!({ "title": "Chief" })).await.is_some());
        assert_eq!(known().await, json!({ "Department": "North", "Title": "Chief" }));
        assert!(come(json!({})).await.is_some());
        assert_eq!(known().await, json!({ "Department": "North", "Title": "Engineer" }));
        // What it says no longer is known no longer.
        let gone = json!([{ "op": "remove", "path": format!("{ENTERPRISE}:department") }]);
        entra.patch(&format!("/Users/{id}"), gone).await.expect(200);
        assert_eq!(known().await, json!({ "Title": "Engineer" }));
        assert!(come(json!({})).await.is_some());
        assert_eq!(known().await, json!({ "Title": "Engineer" }));
    }
}
