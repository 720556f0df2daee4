//! The OpenAPI 3.1 document: what `utoipa` gathered from the endpoints, completed with the nouns' own schemas.
//!
//! **Architecture Invariant:** an endpoint is documented or it does not exist: the router takes only handlers that carry
//! their description.

use serde_json::{Value as Json, json};
use utoipa::{PartialSchema, openapi::OpenApi};

use crate::{
    error::{ChallengeView, GateMessage, ProblemDetails, PuzzleView},
    noun,
};

/// The whole document as JSON.
pub fn document(gathered: &OpenApi) -> Json {
    let mut document = serde_json::to_value(gathered).unwrap_or_default();
    document["openapi"] = json!("3.1.0");
    document["info"] = json!({
        "title": "Gridkeep",
        "version": env!("CARGO_PKG_VERSION"),
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        "description": "State-changing requests carry the header `x-gridkeep: 1`. \
            Errors are `application/problem+json` with a stable `code`.",
    });
    if let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Json::as_object_mut) {
        schemas.extend(noun::definitions());
        for (name, schema) in [
            ("ProblemDetails", ProblemDetails::schema()),
            ("Puzzle", PuzzleView::schema()),
            ("Challenge", ChallengeView::schema()),
            ("GateMessage", GateMessage::schema()),
        ] {
            schemas.insert(name.to_owned(), serde_json::to_value(schema).unwrap_or_default());
        }
    }
    complete_operations(&mut document);
    document
}

/// Every operation may fail, and one shared response says how. Its id gets the room's name before it, to be the only one.
fn complete_operations(document: &mut Json) {
    document["components"]["responses"]["Problem"] = json!({
        "description": "What did not work, in the language of Accept-Language.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
    });
    let Some(paths) = document["paths"].as_object_mut() else { return };
    for operation in paths.values_mut().filter_map(Json::as_object_mut).flat_map(|item| item.values_mut()) {
        if let Some(responses) = operation["responses"].as_object_mut() {
            responses.insert("default".to_owned(), json!({"$ref": "#/components/responses/Problem"}));
        }
        let room = operation["tags"][0].as_str().unwrap_or_default();
        let id = format!("{room}_{}", operation["operationId"].as_str().unwrap_or_default());
        operation["operationId"] = json!(id);
    }
}
