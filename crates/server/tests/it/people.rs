//! People and groups of a tenant, and tenants that people make.

use gridkeep_server::tenancy::Founders;
use gridkeep_store::TenantRole;
use serde_json::{Value as Json, json};

use crate::{
    kit::{Browser, Wishes, World, databases, email},
    tenants::{account, publish, tenant},
};

#[tokio::test(flavor = "multi_thread")]
async fn administrators_rule_over_people_and_owners_over_them() {
    let (all, _postgres) = databases();
    for database in all {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        world.person("Root").await;
        let (mut ann, mut ben, mut cy) =
            (world.person("Ann").await, world.person("Ben").await, world.person("Cy").await);
        tenant(&world, "acme", &mut ann).await;
        let (a, b, c) = (account(&mut ann).await, account(&mut ben).await, account(&mut cy).await);
        let people = "/t/acme/api/people";
        let person = |id| format!("{people}/{id}");
        let add = |name: &str, role: &str| json!({"email": email(name), "role": role});
        ben.get(people).await.expect(404);
        world.browser().get(people).await.expect(401);
        let invitations = "/t/acme/api/invitations";
        world.join(&mut ann, "/t/acme", ("Ben", "administrator"), &mut ben).await;
        world.join(&mut ben, "/t/acme", ("Cy", "member"), &mut cy).await;
        // Whoever belongs to it stays what they are.
        let again = ben.post(invitations, add("Cy", "guest")).await.expect(409);
        assert_eq!(again.code(), "alreadyMember");
        // A member is told that they may not, an administrator that they may not do that.
        cy.get(people).await.expect(403);
        ben.post(invitations, add("Dee", "owner")).await.expect(403);
        ben.patch(&person(c), json!({"role": "owner"})).await.expect(403);
        ben.patch(&person(a), json!({"role": "guest"})).await.expect(403);
        ben.delete(&person(a)).await.expect(403);
        assert_eq!(ann.patch(&person(a), json!({"role": "member"})).await.expect(409).code(), "lastOwner");
        assert_eq!(ann.delete(&person(a)).await.expect(409).code(), "lastOwner");
        let found = async |browser: &mut Browser, query: &str| {
            let page = browser.get(&format!("{people}{query}")).await.expect(200).json();
            let names =
                page["people"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned());
            (names.collect::<Vec<_>>(), page["count"].clone())
        };
        assert_eq!(found(&mut ann, "").await, (vec!["Ann".into(), "Ben".into(), "Cy".into()], json!(3)));
        assert_eq!(found(&mut ann, "?search=BEN").await, (vec!["Ben".into()], json!(1)));
        assert_eq!(found(&mut ann, &format!("?after={a}")).await.0, ["Ben", "Cy"]);
        // Groups and attributes.
        let group = ben.post("/t/acme/api/groups", json!({"name": "North"})).await.expect(201).json();
        let north = group["id"].as_str().unwrap().to_owned();
        assert_eq!(
            ben.post("/t/acme/api/groups", json!({"name": "NORTH"})).await.expect(409).code(),
            "nameTaken"
        );
        ben.post("/t/acme/api/groups", json!({"name": " "})).await.expect(422);
        let change = json!({"groups": [north], "attributes": {"Region": "North", "Empty": ""}});
        let changed = ben.patch(&person(c), change).await.expect(200).json();
        assert_eq!(changed["groups"], json!([{"id": north, "name": "North"}]));
        // Who let somebody in, and that they were here.
        assert_eq!(changed["invitedBy"], "Ben");
        assert!(changed["seen"].is_string(), "{changed}");
        let whole = ann.get(people).await.expect(200).json();
        assert_eq!(whole["people"][0].get("invitedBy"), None, "who made the tenant");
        let one = |name: &str| (vec![name.to_owned()], json!(1));
        assert_eq!(found(&mut ann, &format!("?group={north}")).await, one("Cy"));
        assert_eq!(found(&mut ann, &format!("?group={north}&search=ben")).await.1, json!(0));
        assert_eq!(found(&mut ann, &format!("?group={b}")).await.1, json!(0), "no such group");
        assert_eq!(found(&mut ann, "?role=administrator").await, one("Ben"));
        assert_eq!(found(&mut ann, "?sort=newest").await.0, ["Cy", "Ben", "Ann"]);
        assert_eq!(found(&mut ann, &format!("?sort=newest&after={c}")).await.0, ["Ben", "Ann"]);
        assert_eq!(found(&mut ann, "?sort=name").await.0, ["Ann", "Ben", "Cy"]);
        ann.get(&format!("{people}?sort=size")).await.expect(400);
        ann.get(&format!("{people}?role=king")).await.expect(400);
        assert_eq!(changed["attributes"], json!({"Region": "North"}));
        ben.patch(&person(c), json!({"attributes": {"1st": "x"}})).await.expect(400);
        let root = world.house.called("default").await.unwrap().state.tenancy.id();
        let members = json!({"name": "Far north", "members": [a, c, root]});
        let renamed = ben.patch(&format!("/t/acme/api/groups/{north}"), members).await.expect(200).json();
        assert_eq!((&renamed["name"], &renamed["members"]), (&json!("Far north"), &json!(2)));
        assert_eq!(ben.get("/t/acme/api/groups").await.expect(200).json()[0]["name"], json!("Far north"));
        // Whoever is removed has lost what was given to them, at once.
        let app = publish(&mut ann, "/t/acme", "private", &["Cy"]).await["id"].as_str().unwrap().to_owned();
        cy.get(&format!("/t/acme/api/apps/{app}")).await.expect(200);
        ben.delete(&person(c)).await.expect(204);
        ben.delete(&person(c)).await.expect(404);
        cy.get(&format!("/t/acme/api/apps/{app}")).await.expect(404);
        cy.get("/t/acme/api/apps").await.expect(404);
        assert_eq!(ben.get("/t/acme/api/groups").await.json()[0]["members"], json!(1));
        ben.delete(&format!("/t/acme/api/groups/{north}")).await.expect(204);
        ben.delete(&format!("/t/acme/api/groups/{north}")).await.expect(404);
        // An owner names another and may go then.
        ann.patch(&person(b), json!({"role": "owner"})).await.expect(200);
        ann.delete(&person(a)).await.expect(204);
        ann.get(people).await.expect(404);
    }
}

/// Whoever changes one belonging changes no other, and it is the same however often it is said.
#[tokio::test(flavor = "multi_thread")]
async fn people_come_into_groups_and_leave_them_one_by_one() {
    let (all, _postgres) = databases();
    for database in all {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let (mut ann, mut ben, mut cy) =
            (world.person("Ann").await, world.person("Ben").await, world.person("Cy").await);
        let (mut dee, mut eve) = (world.person("Dee").await, world.person("Eve").await);
        tenant(&world, "acme", &mut ann).await;
        world.join(&mut ann, "/t/acme", ("Ben", "administrator"), &mut ben).await;
        world.join(&mut ann, "/t/acme", ("Cy", "member"), &mut cy).await;
        world.join(&mut ann, "/t/acme", ("Dee", "guest"), &mut dee).await;
        let (a, c, d) = (account(&mut ann).await, account(&mut cy).await, account(&mut dee).await);
        let stranger = account(&mut eve).await;
        let mut groups = Vec::new();
        for name in ["East", "North", "South"] {
            let made = ann.post("/t/acme/api/groups", json!({"name": name})).await.expect(201).json();
            groups.push(made["id"].as_str().unwrap().to_owned());
        }
        let [east, north, south] = &groups[..] else { panic!("{groups:?}") };
        let one = |group: &str, person| format!("/t/acme/api/groups/{group}/people/{person}");
        let names = |card: Json| {
            let groups = card["groups"].as_array().unwrap().iter();
            groups.map(|group| group["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
        };
        ann.put(&one(east, c), json!(null)).await.expect(200);
        // Both have seen East, and each adds another.
        let (to_north, to_south, from_east) = (one(north, c), one(south, c), one(east, c));
        let both = tokio::join!(ann.put(&to_north, json!(null)), ben.put(&to_south, json!(null)));
        both.0.expect(200);
        both.1.expect(200);
        assert_eq!(names(ann.put(&to_north, json!(null)).await.expect(200).json()), "East North South");
        let dee_to_north = one(north, d);
        let both = tokio::join!(ann.delete(&from_east), ben.put(&dee_to_north, json!(null)));
        both.0.expect(200);
        both.1.expect(200);
        for _ in 0..2 {
            assert_eq!(names(ben.delete(&to_south).await.expect(200).json()), "North");
        }
        // Who is in it, and who could come.
        let found = async |browser: &mut Browser, query: String| {
            let page = browser.get(&format!("/t/acme/api/people?sort=name&{query}")).await.expect(200).json();
            let names = page["people"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap());
            (names.collect::<Vec<_>>().join(" "), page["count"].clone())
        };
        assert_eq!(found(&mut ben, format!("group={north}")).await, ("Cy Dee".to_owned(), json!(2)));
        assert_eq!(found(&mut ben, format!("outside={north}")).await, ("Ann Ben".to_owned(), json!(2)));
        let both = format!("group={north}&outside={east}&search=dee");
        assert_eq!(found(&mut ben, both).await, ("Dee".to_owned(), json!(1)));
        assert_eq!(found(&mut ben, format!("outside={south}")).await.1, json!(4));
        // Nobody changes somebody who is more than they are, or who is not here; nor a group that is not.
        ben.put(&one(north, a), json!(null)).await.expect(403);
        ben.delete(&one(north, a)).await.expect(403);
        cy.put(&one(south, c), json!(null)).await.expect(403);
        eve.put(&one(north, c), json!(null)).await.expect(404);
        ann.put(&one(north, stranger), json!(null)).await.expect(404);
        ann.put(&one(&c.to_string(), c), json!(null)).await.expect(404);
        ann.delete(&one(&c.to_string(), c)).await.expect(404);
        // What was changed stands in the log, with whom it was about.
        let rows = ann.get("/t/acme/api/audit?kind=config.groups.changed").await.expect(200).json();
        let rows = rows["rows"].as_array().unwrap();
        assert_eq!(rows.len(), 8);
        let last = &rows[0];
        assert_eq!((&last["subject"], &last["facts"]["after"]["member"]), (&json!(south), &json!(false)));
        assert_eq!(last["facts"]["before"]["member"], json!(false), "it was said twice");
        let personal = |name: &str| last["personal"][name]["value"].clone();
        assert_eq!((personal("name"), personal("person")), (json!("South"), json!(email("Cy"))));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_make_tenants_where_they_may_and_end_their_own() {
    let check = async |founders, expect: [u16; 3]| {
        let world = World::with(Wishes { founders, newcomers: None, ..Wishes::default() }).await;
        let mut root = world.person("Root").await;
        let mut ann = world.person("Ann").await;
        let mut unproven = world.browser();
        let account = json!({"email": email("Eve"), "name": "Eve", "password": crate::kit::PASSWORD});
        unproven.post("/api/accounts", account).await.expect(201);
        let new = |name: &str| json!({"name": name, "title": format!("The {name}")});
        let found = [
            root.post("/api/tenants", new("roots")).await.status,
            ann.post("/api/tenants", new("anns")).await.status,
            unproven.post("/api/tenants", new("eves")).await.status,
        ];
        assert_eq!(found, expect, "{founders:?}");
        let may = [&mut root, &mut ann, &mut unproven];
        for (browser, status) in may.into_iter().zip(expect) {
            let own = browser.get("/api/tenants").await.expect(200).json();
            assert_eq!(own["mayFound"], json!(status == 201));
        }
        (world, root, ann)
    };
    check(Founders::Nobody, [404, 404, 404]).await;
    check(Founders::Server, [201, 404, 404]).await;
    let (world, mut root, mut ann) = check(Founders::Anybody, [201, 201, 403]).await;
    // Who came by themselves belongs to what they made, and to nothing else.
    let own = ann.get("/t/anns/api/tenants").await.expect(200).json();
    let card = json!({"name": "anns", "title": "The anns", "role": "owner", "link": "http://gridkeep.test/t/anns/", "current": true});
    assert_eq!(own["tenants"], json!([card]));
    ann.get("/api/apps").await.expect(404);
    ann.upload("/api/creations", "stock.csv", crate::kit::STOCK).await.expect(404);
    world.browser().upload("/api/creations", "stock.csv", crate::kit::STOCK).await.expect(401);
    let app = publish(&mut ann, "/t/anns", "private", &[]).await["id"].as_str().unwrap().to_owned();
    for wrong in ["", "ab", "Anns", "default", "a--b"] {
        ann.post("/api/tenants", json!({"name": wrong, "title": "T"})).await.expect(422);
    }
    let taken = ann.post("/api/tenants", json!({"name": "roots", "title": "T"})).await.expect(409);
    assert_eq!(taken.code(), "nameTaken");
    // An administrator is no owner.
    world.join(&mut ann, "/t/anns", ("Root", "administrator"), &mut root).await;
    let end = async |browser: &mut Browser, place: &str, name: &str| {
        let request = browser.request(axum::http::Method::DELETE, &format!("{place}/api/tenant"));
        let body = json!({"name": name}).to_string();
        browser
            .send(request.header("content-type", "application/json").body(body.into()).unwrap())
            .await
            .status
    };
    assert_eq!(end(&mut root, "/t/anns", "anns").await, 403);
    assert_eq!(end(&mut root, "", "default").await, 403);
    assert_eq!(end(&mut ann, "/t/anns", "roots").await, 400);
    assert_eq!(end(&mut ann, "/t/roots", "roots").await, 404);
    // An unlocked desk is not enough.
    world.clock.advance(jiff::SignedDuration::from_secs(301));
    assert_eq!(end(&mut ann, "/t/anns", "anns").await, 403);
    assert_eq!(end(&mut ann, "/t/roots", "roots").await, 404);
    ann.post("/api/account/proof", json!({"password": crate::kit::PASSWORD})).await.expect(204);
    assert_eq!(end(&mut ann, "/t/anns", "anns").await, 204);
    assert_eq!(end(&mut ann, "/t/anns", "anns").await, 404);
    ann.get(&format!("/t/anns/api/apps/{app}")).await.expect(404);
    assert_eq!(ann.get("/api/tenants").await.json()["tenants"], json!([]));
    world.house.erase().await;
    ann.post("/api/tenants", json!({"name": "anns", "title": "Again"})).await.expect(201);
    for number in 1..20 {
        // Many in a row take time.
        world.clock.advance(jiff::SignedDuration::from_hours(1));
        ann.post("/api/tenants", json!({"name": format!("anns-{number}"), "title": "T"})).await.expect(201);
    }
    let more = ann.post("/api/tenants", json!({"name": "more", "title": "T"})).await.expect(422);
    assert_eq!(more.code(), "tooManyTenants");
    assert_eq!(TenantRole::ALL.len(), 5);
    let _: Json = more.json();
}

#[tokio::test(flavor = "multi_thread")]
async fn people_say_what_they_are_called_and_at_which_tenant_they_are() {
    let (all, _postgres) = databases();
    for database in all {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let (mut root, mut ann) = (world.person("Root").await, world.person("Ann").await);
        tenant(&world, "acme", &mut ann).await;
        for wrong in ["", "  ", "A\u{0}", &"x".repeat(101)] {
            let refused = ann.patch("/api/account", json!({"name": wrong})).await.expect(422);
            assert_eq!(refused.code(), "invalidName", "{wrong:?}");
        }
        world.browser().patch("/api/account", json!({"name": "Eve"})).await.expect(401);
        ann.patch("/api/account", json!({"name": " Anna  Ahlgren "})).await.expect(204);
        let session = ann.get("/t/acme/api/session").await.expect(200).json();
        assert_eq!(session["account"]["name"], "Anna  Ahlgren");
        let page = ann.get("/t/acme/api/people").await.expect(200).json();
        assert_eq!(page["people"][0]["name"], "Anna  Ahlgren");
        // Its name is for those who belong to it; the server's first has none.
        assert!(session["workspace"].is_string(), "{session}");
        for (who, place) in [(&mut root, "/t/acme"), (&mut ann, "")] {
            let session = who.get(&format!("{place}/api/session")).await.expect(200).json();
            assert_eq!(session.get("workspace"), None, "{place}");
        }
    }
}
