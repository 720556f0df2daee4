//! Giving and taking: refused where it means nothing, and held to from the next request on.

use std::fmt::Write as _;

use axum::http::Method;
use serde_json::{Value as Json, json};

use super::{Scene, north};
use crate::kit::{Answer, databases, email, id};

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_made_with_more_rights_is_gone_with_them() {
    let mut scene = Scene::new(None, north()).await;
    let later = [("prefer", "respond-async")];
    let accepted = scene.odata(Method::GET, "Orders?$orderby=No", &later, "").await.expect(202);
    let location = accepted.header("location").to_owned();
    let monitor = location.rsplit_once("$status/").map(|(_, token)| format!("$status/{token}")).unwrap();
    let mut answer = scene.odata(Method::GET, &monitor, &[], "").await;
    while answer.status == 202 {
        tokio::task::yield_now().await;
        answer = scene.odata(Method::GET, &monitor, &[], "").await;
    }
    assert_eq!(answer.expect(200).header("asyncresult"), "200");
    let other =
        json!({"level": "view", "tables": {"orders": {"rows": {"rows": "where", "filter": "No eq 'n2'"}}}});
    scene.give(json!({"to": "person", "name": email("Ann"), "grant": other})).await;
    scene.odata(Method::GET, &monitor, &[], "").await.expect(404);
    scene.give(json!({"to": "person", "name": email("Ann"), "grant": north()})).await;
    scene.odata(Method::GET, &monitor, &[], "").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_and_taken_holds_at_the_next_request() {
    let (databases, _server) = databases();
    for database in databases {
        let own = json!({"rows": "own", "column": "owner"});
        let grant = json!({"level": "none", "tables": {"orders": {"level": "submit", "rows": own}}});
        let mut scene = Scene::new(database, grant).await;
        let names = |answer: Answer| {
            let text = answer.text();
            let json: Json = serde_json::from_str(&text).unwrap_or_default();
            let names = json["value"].as_array().map(|all| {
                all.iter().map(|one| one["No"].as_str().unwrap_or("-").to_owned()).collect::<Vec<_>>()
            });
            format!("{} {}", answer.status, names.unwrap_or_default().join(","))
        };
        // Her own, to which she adds: with her address, whatever she says.
        let read = "Orders?$orderby=No";
        assert_eq!(names(scene.odata(Method::GET, read, &[], "").await), "200 n1");
        assert_eq!(
            scene.odata(Method::POST, "Orders", &[], r#"{"No":"a1"}"#).await.expect(201).json()["Owner"],
            "ann@example.com"
        );
        scene
            .odata(Method::POST, "Orders", &[], r#"{"No":"a2","Owner":"bob@example.com"}"#)
            .await
            .expect(403);
        scene.odata(Method::PATCH, "Orders(No='a1')", &[], r#"{"Amount":1}"#).await.expect(405);
        scene.odata(Method::DELETE, "Orders(No='a1')", &[], "").await.expect(405);
        scene.odata(Method::GET, "Customers", &[], "").await.expect(404);
        assert_eq!(names(scene.odata(Method::GET, read, &[], "").await), "200 a1,n1");

        let person = |grant: Json| json!({"to": "person", "name": email("Ann"), "grant": grant});
        let mut seen = String::new();
        for (what, change) in [
            ("reading", person(json!({"level": "view"}))),
            (
                "south",
                person(
                    json!({"level": "view", "tables": {"orders": {"rows": {"rows": "where", "filter": "Region eq 'south'"}}}}),
                ),
            ),
            (
                "mine",
                person(
                    json!({"tables": {"orders": {"rows": {"rows": "where", "filter": "Owner eq user.Email"}}}}),
                ),
            ),
            (
                "unknown of her",
                person(
                    json!({"tables": {"orders": {"rows": {"rows": "where", "filter": "Region ne user.Region"}}}}),
                ),
            ),
            ("adding", person(json!({"level": "submit"}))),
            ("nothing", person(json!({"level": "none"}))),
            ("as all", person(Json::Null)),
            (
                "all read south",
                json!({"to": "members", "grant": {"level": "view", "tables": {"orders": {"rows": {"rows": "where", "filter": "Region eq 'south'"}}}}}),
            ),
            ("all as defined", json!({"to": "members", "grant": null})),
        ] {
            scene.give(change).await;
            let read = names(scene.odata(Method::GET, read, &[], "").await);
            let write = scene.odata(Method::PATCH, "Orders(No='n1')", &[], r#"{"Amount":5}"#).await.status;
            let page =
                scene.ann.post(&format!("/api/apps/{}/tables/orders/rows", scene.app), json!({})).await;
            writeln!(seen, "{what}: {read}; change {write}; page {}", page.status).unwrap();
        }
        assert_eq!(
            seen,
            "\
reading: 200 a1,n1,n2,s1,s2; change 405; page 200
south: 200 s1,s2; change 405; page 200
mine: 200 a1,n1; change 204; page 200
unknown of her: 404 ; change 404; page 404
adding: 403 ; change 405; page 404
nothing: 401 ; change 401; page 404
as all: 200 a1,n1,n2,s1,s2; change 204; page 200
all read south: 200 s1,s2; change 405; page 200
all as defined: 200 a1,n1,n2,s1,s2; change 204; page 200
"
        );
        // Whoever administers is a maker; whoever is taken away has nothing, and what was theirs is not kept for later.
        scene.give(person(json!({"level": "administer"}))).await;
        let grants = format!("/api/apps/{}/grants", scene.app);
        let all = scene.ann.get(&grants).await.expect(200).json();
        assert_eq!(all[2], json!({"to": "person", "name": email("Ann"), "grant": {"level": "administer"}}));
        let gone =
            scene.maker.delete(&format!("{grants}?to=person&name={}", email("Ann"))).await.expect(200).json();
        assert_eq!(gone.as_array().unwrap().len(), 2, "{gone}");
        scene.ann.get(&grants).await.expect(404);
        scene.odata(Method::GET, "Orders", &[], "").await.expect(401);
        scene.maker.delete(&format!("{grants}?to=person&name={}", email("Ann"))).await.expect(404);
        scene
            .maker
            .patch(&format!("/api/apps/{}", scene.app), json!({"people": [email("Ann")]}))
            .await
            .expect(200);
        scene.ann.get(&grants).await.expect(403);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn grants_that_mean_nothing_are_refused() {
    let mut scene = Scene::new(None, north()).await;
    let path = format!("/api/apps/{}/grants", scene.app);
    let rows = |rows: Json| json!({"tables": {"orders": {"rows": rows}}});
    let person = |grant: Json| json!({"to": "person", "name": email("Ann"), "grant": grant});
    for (change, status) in [
        (json!({"to": "members", "grant": {"level": "administer"}}), 400),
        (json!({"to": "guests", "grant": {"level": "administer"}}), 400),
        (json!({"to": "members", "name": "x", "grant": {}}), 400),
        (json!({"to": "person", "grant": {}}), 400),
        (json!({"to": "person", "name": "nobody", "grant": {}}), 422),
        (json!({"to": "person", "name": "eve@example.com", "grant": null}), 404),
        (json!({"to": "group", "name": " ", "grant": {}}), 400),
        (json!({"to": "group", "name": id(7), "grant": {}}), 404),
        (json!({"to": "everybody", "grant": {}}), 400),
        (person(json!({"level": "own"})), 400),
        (person(json!({"level": "view", "more": 1})), 400),
        (person(json!({"tables": {"nothing": {}}})), 400),
        (person(json!({"tables": {"orders": {"level": "administer"}}})), 400),
        (person(json!({"tables": {"orders": {"hidden": ["nothing"]}}})), 400),
        (person(json!({"actions": {"nothing": true}})), 400),
        (person(rows(json!({"rows": "own", "column": "amount"}))), 400),
        (person(rows(json!({"rows": "own", "column": "photo"}))), 400),
        (person(rows(json!({"rows": "where", "filter": "Region eq"}))), 400),
        (person(rows(json!({"rows": "where", "filter": "Customer/Name eq 'x'"}))), 400),
        (person(rows(json!({"rows": "where", "filter": "Vault eq 'x'"}))), 400),
    ] {
        let answer = scene.maker.put(&path, change.clone()).await;
        assert_eq!(answer.status, status, "{change}: {}", answer.text());
    }
    for body in [json!({"to": "members", "grant": {}}), person(json!({}))] {
        scene.ann.put(&path, body.clone()).await.expect(403);
        scene.world.browser().put(&path, body).await.expect(404);
    }
    // Nothing of all that was kept.
    assert_eq!(scene.odata(Method::GET, "Orders/$count", &[], "").await.text(), "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_and_attributes_count_at_the_next_request() {
    let (databases, _server) = databases();
    for database in databases {
        let mut scene = Scene::new(database, json!({})).await;
        let ann = email("Ann");
        scene.maker.delete(&format!("/api/apps/{}/grants?to=person&name={ann}", scene.app)).await.expect(200);
        let people = scene.maker.get("/api/people").await.expect(200).json();
        let own = people["people"].as_array().unwrap().iter().find(|one| one["email"] == ann).unwrap();
        let account = format!("/api/people/{}", own["id"].as_str().unwrap());
        let group = scene.maker.post("/api/groups", json!({"name": "North"})).await.expect(201).json();
        let group = group["id"].as_str().unwrap().to_owned();
        let rows = json!({"rows": "where", "filter": "Region eq user.Region"});
        let grant = json!({"level": "view", "tables": {"orders": {"rows": rows}}});
        scene.give(json!({"to": "group", "name": group, "grant": grant})).await;
        let mut seen = String::new();
        let of_group = format!("/api/groups/{group}");
        let region = |region: &str| json!({"attributes": {"Region": region}});
        for (what, path, change) in [
            ("nothing", "", Json::Null),
            ("in the group", &*of_group, json!({"members": [own["id"]]})),
            ("north", &*account, region("north")),
            ("south", &*account, region("south")),
            ("nowhere", &*account, json!({"attributes": {}})),
            ("north again", &*account, region("north")),
            ("out of the group", &*of_group, json!({"members": []})),
        ] {
            if !path.is_empty() {
                scene.maker.patch(path, change).await.expect(200);
            }
            let apps = scene.ann.get("/api/apps").await;
            let apps = apps.json().as_array().map_or(0, Vec::len);
            let answer = scene.odata(Method::GET, "Orders/$count", &[], "").await;
            let count = if answer.status == 200 { answer.text() } else { String::new() };
            writeln!(seen, "{what}: {} {count}; {apps}", answer.status).unwrap();
        }
        assert_eq!(
            seen,
            "nothing: 401 ; 0\nin the group: 404 ; 1\nnorth: 200 2; 1\nsouth: 200 2; 1\nnowhere: 404 ; 1\n\
            north again: 200 2; 1\nout of the group: 401 ; 0\n"
        );
    }
}
