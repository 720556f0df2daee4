//! Security checkpoints: gates, challenges, proofs.

mod answers;
mod config;
mod doors;
mod entitled;
mod erased;
mod flow;
mod gates;
mod imported;
mod machine;
mod methods;
mod others;
mod returned;
mod routes;
mod sample;
mod several;
mod tries;
mod unmeetable;
mod vouching;
mod whole;

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use serde_json::{Value as Json, json};

use crate::kit::{Answer, Browser, definition, email};

/// A gate with this id and message that asks for a password.
pub(crate) fn gate(id: &str, message: &str, active: bool) -> Json {
    json!({"id": id, "message": message, "active": active, "methods": ["password"], "comment": "optional"})
}

/// Makes a gate.
pub(crate) async fn put(browser: &mut Browser, gate: &Json) {
    let path = format!("/api/checkpoints/gates/{}", gate["id"].as_str().unwrap());
    browser.put(&path, gate.clone()).await.expect(204);
}

/// The stock list, whose rows are changed only past a gate where there is more than this of them.
pub(crate) fn guarded(above: u32) -> Json {
    let mut definition = definition();
    definition["tables"][0]["gates"] =
        json!([{"gate": "STOCK_CHANGE", "on": ["insert", "update"], "where": format!("Qty gt {above}")}]);
    definition
}

/// Publishes a definition of the stock list for these people.
pub(crate) async fn publish(browser: &mut Browser, definition: Json, people: &[&str]) -> Answer {
    let token = browser.stock().await;
    let people: Vec<_> = people.iter().map(|name| email(name)).collect();
    let request = json!({"definition": definition, "audience": "private", "people": people});
    browser.post(&format!("/api/creations/{token}/publish"), request).await
}

fn request(
    browser: &Browser,
    (method, path): (Method, &str),
    body: &Json,
    shown: Option<&Json>,
) -> Request<Body> {
    let mut request = browser.request(method, path);
    if let Some(challenge) = shown {
        request = request.header("checkpoint", challenge["challenge"].as_str().unwrap());
    }
    match body {
        Json::Null => request.body(Body::empty()),
        body => request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())),
    }
    .unwrap()
}

/// Sends what is asked about; gives the challenge.
pub(crate) async fn required(browser: &mut Browser, method: Method, path: &str, body: &Json) -> Json {
    let request = request(browser, (method, path), body, None);
    let answer = browser.send(request).await.expect(403);
    assert_eq!(answer.code(), "SECURITY_CHECKPOINT_REQUIRED", "{path}");
    answer.json()["checkpoint"].clone()
}

/// Sends it again, with what was approved.
pub(crate) async fn repeat(
    browser: &mut Browser,
    method: Method,
    path: &str,
    body: &Json,
    challenge: &Json,
) -> Answer {
    let request = request(browser, (method, path), body, Some(challenge));
    browser.send(request).await
}
