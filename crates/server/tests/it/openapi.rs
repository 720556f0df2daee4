//! The description other programs are generated from.

use std::collections::BTreeSet;

use serde_json::Value as Json;

fn references(json: &Json, found: &mut BTreeSet<String>) {
    match json {
        Json::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Json::as_str).map(str::to_owned));
            fields.values().for_each(|value| references(value, found));
        }
        Json::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn the_document_is_complete() {
    let document = gridkeep_server::router::document();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    for reference in &found {
        let pointer = reference.strip_prefix('#').unwrap();
        let target = document.pointer(pointer);
        assert!(target.is_some(), "{reference} leads nowhere");
        assert_ne!(
            target.and_then(|t| t["$ref"].as_str()),
            Some(reference.as_str()),
            "{reference} leads to itself"
        );
    }
    let mut ids = BTreeSet::new();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap().to_owned();
            operations.push(format!("{method} {path} {id}"));
            assert!(ids.insert(id), "{path} {method}: its id is taken");
        }
    }
    operations.sort();
    insta::assert_snapshot!("operations", operations.join("\n"));
    insta::assert_json_snapshot!("creation_schema", document["components"]["schemas"]["Creation"]);
}
