//! A maker looks at an app as somebody else.

use axum::{
    body::Body,
    http::{Method, header},
};
use serde_json::{Value as Json, json};

use super::{Scene, north};
use crate::kit::{Browser, email, id};

#[tokio::test(flavor = "multi_thread")]
async fn a_maker_looks_at_an_app_as_somebody_else() {
    let mut scene = Scene::new(None, north()).await;
    let app = format!("/api/apps/{}", scene.app);
    let ask = |browser: &Browser, method: Method, path: &str, who: &str, body: Json| {
        let request = browser.request(method, path).header("x-gridkeep-as", who);
        let request = request.header(header::CONTENT_TYPE, "application/json");
        request.body(Body::from(if body.is_null() { String::new() } else { body.to_string() })).unwrap()
    };
    let (rows, client) = (format!("{app}/tables/orders/rows"), format!("{app}/client"));
    let ann = email("Ann");
    let hers = scene.ann.get(&client).await.expect(200).json();
    let request = ask(&scene.maker, Method::GET, &client, &ann, Json::Null);
    assert_eq!(scene.maker.send(request).await.expect(200).json(), hers);
    let hers = scene.ann.post(&rows, json!({})).await.expect(200).json();
    let request = ask(&scene.maker, Method::POST, &rows, &ann, json!({}));
    assert_eq!(scene.maker.send(request).await.expect(200).json(), hers);
    // Nobody else does, and nothing is changed, not even what a maker may.
    let change = json!({"id": id(400), "operations": [{"type": "delete", "table": "orders", "id": scene.row("n1"), "baseVersion": 1}]});
    for (maker, method, path, who, body, status) in [
        (false, Method::GET, client.clone(), &*email("Maker"), Json::Null, 403),
        (false, Method::GET, client.clone(), "", Json::Null, 403),
        (true, Method::GET, client.clone(), "", Json::Null, 404),
        (true, Method::GET, client.clone(), "nobody", Json::Null, 422),
        (true, Method::GET, client.clone(), "eve@example.com", Json::Null, 404),
        (true, Method::GET, format!("{app}/grants"), &*ann, Json::Null, 403),
        (true, Method::GET, format!("{app}/export.xlsx"), &*ann, Json::Null, 403),
        (true, Method::POST, format!("{app}/transactions"), &*ann, change.clone(), 403),
        (true, Method::POST, format!("{app}/transactions"), &*email("Maker"), change, 403),
        (true, Method::POST, format!("{app}/keys"), &*ann, json!({"name": "x"}), 403),
        (true, Method::PATCH, app.clone(), &*email("Maker"), json!({"audience": "public"}), 403),
        (true, Method::DELETE, app.clone(), &*email("Maker"), Json::Null, 403),
    ] {
        let browser = if maker { &mut scene.maker } else { &mut scene.ann };
        let request = ask(browser, method.clone(), &path, who, body);
        let answer = browser.send(request).await;
        assert_eq!(answer.status, status, "{method} {path} as {who}: {}", answer.text());
    }
    // What a condition is about is counted before it is given.
    let check = format!("{app}/grants/check");
    let own = json!({"rows": "own", "column": "owner"});
    let told = |filter: &str| json!({"rows": "where", "filter": filter});
    for (body, rows) in [
        (json!({"table": "orders", "rows": {"rows": "all"}}), 4),
        (json!({"table": "orders", "rows": told("Region eq 'south'")}), 2),
        (json!({"table": "orders", "rows": told("Owner eq user.Email"), "person": ann}), 1),
        (json!({"table": "orders", "rows": told("Owner eq user.Email")}), 0),
        (json!({"table": "orders", "rows": own, "person": ann}), 1),
        (json!({"table": "orders", "rows": told("Region eq user.Region"), "person": ann}), 0),
    ] {
        let answer = scene.maker.post(&check, body.clone()).await.expect(200);
        assert_eq!(answer.json(), json!({"rows": rows}), "{body}");
    }
    for body in [
        json!({"table": "orders", "rows": told("Region eq")}),
        json!({"table": "x", "rows": {"rows": "all"}}),
    ] {
        scene.maker.post(&check, body.clone()).await.expect(400);
        scene.ann.post(&check, body).await.expect(403);
    }
}
