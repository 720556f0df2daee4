//! Requests of those who have no business here, and bodies that mean ill.

use axum::{body::Body, http::Request};
use gridkeep_store::ProviderKind;
use serde_json::json;

use super::{USER, acme, directory, refused};
use crate::{
    kit::{Wishes, World},
    tenants::{bare, tenant},
};

#[tokio::test(flavor = "multi_thread")]
async fn only_a_token_of_the_tenants_opens_anything() {
    let world = World::start().await;
    let (mut ann, _, mut first) = acme(&world, json!({})).await;
    tenant(&world, "other", &mut ann).await;
    let (_, second) = directory(&world, "other", &mut ann, json!({})).await;
    let id = first.user("eve").await;
    let ask = async |place: &str, method: &str, path: &str, token: Option<&str>| {
        let mut request = Request::builder().method(method).uri(format!("{place}/scim/v2{path}"));
        if let Some(token) = token {
            request = request.header("authorization", token);
        }
        let request = request.header("content-type", "application/scim+json");
        bare(&world.browser().send(request.body(Body::from("{}")).unwrap()).await)
    };
    let paths = [
        ("GET", "/Users".to_owned()),
        ("POST", "/Users".to_owned()),
        ("GET", format!("/Users/{id}")),
        ("DELETE", format!("/Users/{id}")),
        ("PATCH", format!("/Users/{id}")),
        ("GET", "/Groups".to_owned()),
        ("GET", "/ServiceProviderConfig".to_owned()),
        ("GET", "/nothing".to_owned()),
    ];
    let good = format!("Bearer {}", first.token);
    for (method, path) in &paths {
        // Nobody's, another tenant's, a tenant's that is not there: all alike, byte for byte.
        let expect = ask("/t/nowhere-at-all", method, path, None).await;
        assert_eq!(expect.0, 401, "{expect:?}");
        assert!(expect.2.contains("urn:ietf:params:scim:api:messages:2.0:Error"), "{expect:?}");
        let wrong = [
            None,
            Some(format!("Bearer {}", second.token)),
            Some(format!("Bearer gkd_{}", "0".repeat(64))),
            Some("Bearer".to_owned()),
            Some(format!("Basic {}", first.token)),
        ];
        for token in wrong {
            assert_eq!(
                ask("/t/acme", method, path, token.as_deref()).await,
                expect,
                "{method} {path} {token:?}"
            );
        }
        assert_eq!(ask("/t/nowhere-at-all", method, path, Some(&good)).await, expect, "{method} {path}");
        assert_eq!(ask("", method, path, Some(&good)).await, expect, "{method} {path}");
    }
    // Many wrong ones are slowed down; a right one is not.
    let mut last = 401;
    for _ in 0..220 {
        last = ask("/t/acme", "GET", "/Users", None).await.0;
    }
    assert_eq!(last, 429);
    first.get("/Users").await.expect(200);
    // One that was ended opens nothing any more.
    let tokens = ann.get("/t/acme/api/directory").await.expect(200).json();
    let token = tokens["tokens"][0]["id"].as_str().unwrap().to_owned();
    ann.delete(&format!("/t/other/api/directory/tokens/{token}")).await.expect(404);
    ann.delete(&format!("/t/acme/api/directory/tokens/{token}")).await.expect(204);
    world.clock.advance(jiff::SignedDuration::from_hours(3));
    assert_eq!(refused(&first.get("/Users").await).0, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_bodies_are_refused_with_words() {
    let world = World::start().await;
    let (_, _, mut directory) = acme(&world, json!({})).await;
    let id = directory.user("eve").await;
    let one = format!("/Users/{id}");
    let check = async |directory: &mut super::Directory,
                       method: &str,
                       path: &str,
                       body: &str,
                       expect: (u16, &str)| {
        let answer = directory.ask(method, path, Some(body)).await;
        let found = refused(&answer);
        assert_eq!((found.0, found.1.as_str()), expect, "{method} {path}: {}", answer.text());
    };
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let large = format!("{{\"schemas\":[\"{USER}\"],\"userName\":\"{}\"}}", "a".repeat(1 << 20));
    let many = format!(
        "{{\"schemas\":[\"{USER}\"],\"userName\":\"a\",\"emails\":[{}]}}",
        vec!["{\"value\":\"a@b.example\"}"; 1_000].join(",")
    );
    check(&mut directory, "POST", "/Users", "", (400, "invalidSyntax")).await;
    check(&mut directory, "POST", "/Users", "{", (400, "invalidSyntax")).await;
    check(&mut directory, "POST", "/Users", "\u{feff}{}", (400, "invalidSyntax")).await;
    check(&mut directory, "POST", "/Users", "[]", (400, "invalidSyntax")).await;
    check(&mut directory, "POST", "/Users", &deep, (400, "invalidSyntax")).await;
    check(&mut directory, "POST", "/Users", &large, (413, "")).await;
    check(&mut directory, "POST", "/Users", &many, (400, "invalidValue")).await;
    let says = |more: &str| format!("{{\"schemas\":[\"{USER}\"],{more}}}");
    check(&mut directory, "POST", "/Users", &says("\"userName\":\"x\""), (400, "invalidValue")).await;
    check(
        &mut directory,
        "POST",
        "/Users",
        &says("\"userName\":\"x@b.example\",\"active\":7"),
        (400, "invalidValue"),
    )
    .await;
    check(
        &mut directory,
        "POST",
        "/Users",
        &says("\"userName\":\"x\\u0000@b.example\""),
        (400, "invalidValue"),
    )
    .await;
    check(&mut directory, "POST", "/Groups", &says("\"displayName\":\"x\""), (400, "invalidSyntax")).await;
    check(&mut directory, "PATCH", &one, "{}", (400, "invalidSyntax")).await;
    check(&mut directory, "POST", "/Bulk", "{}", (501, "")).await;
    check(&mut directory, "POST", "/.search", "{}", (501, "")).await;
    check(&mut directory, "GET", "/Me", "", (501, "")).await;
    check(&mut directory, "GET", "/Nothing", "", (404, "")).await;
    check(&mut directory, "POST", &one, "{}", (405, "")).await;
    check(&mut directory, "DELETE", "/Schemas", "", (405, "")).await;
    check(&mut directory, "GET", "/Schemas/none", "", (404, "")).await;
    for filter in
        ["password+pr", "userName+eq", "(((", "groups.value+eq+%221%22", "%FF", "userName+eq+%22%FF%22"]
    {
        let found = refused(&directory.get(&format!("/Users?filter={filter}")).await);
        assert_eq!(found.0, 400, "{filter}");
    }
    assert_eq!(refused(&directory.get("/Users?count=x").await), (400, "invalidValue".to_owned()));
    let operations = vec![json!({ "op": "remove", "path": "title" }); 1_001];
    assert_eq!(refused(&directory.patch(&one, json!(operations)).await), (400, "invalidSyntax".to_owned()));
    // Injection is text.
    let name = "x'); DROP TABLE accounts; --";
    let user = json!({ "schemas": [USER], "userName": name, "emails": [{ "value": "drop@corp.example" }] });
    directory.post("/Users", user).await.expect(201);
    let found = directory
        .get("/Users?filter=userName+eq+%22x%27%29%3B+DROP+TABLE+accounts%3B+--%22")
        .await
        .expect(200);
    assert_eq!(found.json()["totalResults"], 1);
    // The form of a body is said.
    let request = Request::builder()
        .method("POST")
        .uri("/t/acme/scim/v2/Users")
        .header("authorization", format!("Bearer {}", directory.token))
        .header("content-type", "text/xml");
    let answer = directory.browser.send(request.body(Body::from("<user/>")).unwrap()).await;
    assert_eq!(refused(&answer).0, 415);
    directory.get(&one).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_gone_takes_its_tokens_and_people_with_it() {
    let world = World::with(Wishes::default()).await;
    let (mut ann, own, mut first) = acme(&world, json!({})).await;
    assert_eq!(own.kind, ProviderKind::Oidc);
    let id = first.user("eve").await;
    let group = json!({ "schemas": [super::GROUP], "displayName": "Sales", "members": [{ "value": id }] });
    let group = first.post("/Groups", group).await.expect(201).json()["id"].as_str().unwrap().to_owned();
    let control = world.state.company.control();
    assert!(control.remove_provider(own.tenant, own.id, None).await.unwrap().unwrap());
    assert_eq!(refused(&first.get("/Users").await).0, 401);
    let overview = ann.get("/t/acme/api/directory").await.expect(200).json();
    assert_eq!((&overview["tokens"], &overview["events"]), (&json!([]), &json!([])));
    assert!(control.directory_user(own.id, id.parse().unwrap()).await.unwrap().is_none());
    // Its groups are people's from now on.
    let groups = ann.get("/t/acme/api/groups").await.expect(200).json();
    assert_eq!((&groups[0]["name"], &groups[0]["directed"]), (&json!("Sales"), &json!(false)));
    ann.delete(&format!("/t/acme/api/groups/{group}")).await.expect(204);
    // And a tenant that ends takes all of it.
    let (own, mut second) = directory(&world, "acme", &mut ann, json!({})).await;
    let id = second.user("zoe").await;
    ann.delete("/t/acme/api/tenant").await;
    let tenants = world.house.tenants();
    tenants.end(own.tenant).await.unwrap();
    assert_eq!(refused(&second.get("/Users").await).0, 401);
    assert!(control.account(id.parse().unwrap()).await.unwrap().is_none());
}
