//! Security checkpoints: gates, challenges, proofs.

mod flow;
mod gates;
mod machine;
mod methods;
mod others;
mod sample;

use serde_json::{Value as Json, json};

use crate::kit::{Browser, definition, email};

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
pub(crate) async fn publish(browser: &mut Browser, definition: Json, people: &[&str]) -> crate::kit::Answer {
    let token = browser.stock().await;
    let people: Vec<_> = people.iter().map(|name| email(name)).collect();
    let request = json!({"definition": definition, "audience": "private", "people": people});
    browser.post(&format!("/api/creations/{token}/publish"), request).await
}
