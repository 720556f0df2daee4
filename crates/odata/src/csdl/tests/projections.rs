//! The metadata of apps: sound, truthful by the vocabularies, and valid (the last in `own`, beside our own model).

use gridkeep_model::{AppDefinition, definition::Role};
use serde_json::json;

use super::own::vocabularies;
use crate::{csdl::normal, edm::Edm, project::Projection};

/// An app with a column of every type and every validation, a table with unusual names, and a calculator.
fn definition() -> AppDefinition {
    let field = |id: &str, kind: &str, mode: &str, more: serde_json::Value| {
        let mut field = json!({
            "id": id, "label": format!("{id} <&\"'>"), "kind": kind, "mode": mode,
            "binding": {"kind": "cell", "sheet": "S", "cell": "A1"}
        });
        field.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        field
    };
    let kinds = [
        "number", "integer", "currency", "percent", "text", "longText", "boolean", "date", "time",
        "dateTime", "choice",
    ];
    let limits = json!({"validation": {"minimum": 0.5, "maximum": 100.0}, "unit": "EUR"});
    let inputs = kinds.map(|kind| field(&format!("in_{kind}"), kind, "write", limits.clone()));
    let results = kinds.map(|kind| field(&format!("out_{kind}"), kind, "read", json!({})));
    let column = |at: usize, (id, kind, column, more): (&str, &str, serde_json::Value, serde_json::Value)| {
        let mut all =
            json!({"id": id, "title": format!("{id}, titled"), "offset": at, "kind": kind, "type": column});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let columns = [
        ("sku", "text", json!({"name": "text"}), json!({"validation": {"required": true, "maxLength": 40}})),
        (
            "größe 1",
            "choice",
            json!({"name": "text"}),
            json!({"validation": {"choices": {"from": "list", "values": ["S", "M & L"]}}}),
        ),
        (
            "count",
            "integer",
            json!({"name": "integer"}),
            json!({"validation": {"minimum": -3.0, "maximum": 1e18}}),
        ),
        (
            "price",
            "currency",
            json!({"name": "decimal", "scale": 2}),
            json!({"unit": "EUR", "validation": {"minimum": 0.01}}),
        ),
        ("weight", "number", json!({"name": "double"}), json!({"unit": "kg"})),
        ("active", "boolean", json!({"name": "boolean"}), json!({})),
        ("since", "date", json!({"name": "date"}), json!({"validation": {"minimum": 45000.0}})),
        ("opens", "time", json!({"name": "time"}), json!({})),
        ("counted", "dateTime", json!({"name": "dateTime"}), json!({})),
        (
            "total",
            "currency",
            json!({"name": "decimal", "scale": 2}),
            json!({"formula": "[@count]*[@price]"}),
        ),
        ("row_id", "text", json!({"name": "text"}), json!({})),
        ("1st", "text", json!({"name": "text"}), json!({})),
    ];
    let columns: Vec<_> = columns.into_iter().enumerate().map(|(at, each)| column(at, each)).collect();
    let table = |id: &str, access: serde_json::Value| {
        json!({
            "id": id, "title": id, "key": "sku", "source": {"from": "table", "name": "T"}, "columns": columns, "access": access
        })
    };
    serde_json::from_value(json!({
        "schemaVersion": 1, "name": "Shop", "icon": "box", "accent": "#336699", "language": "en",
        "screens": [{
            "id": "quote", "title": "Quote", "icon": "box", "kind": "calculator",
            "components": [
                {"type": "fields", "id": "a", "title": "", "fields": inputs},
                {"type": "fields", "id": "b", "title": "", "fields": results}
            ]
        }],
        "tables": [
            table("stock", json!({"see": ["guest"], "insert": ["member"], "update": ["member"], "delete": []})),
            table("Stock", json!({"see": [], "insert": ["guest", "member"], "update": [], "delete": []})),
            table("order lines", json!({"see": ["member"], "insert": [], "update": [], "delete": []})),
        ]
    }))
    .unwrap()
}

/// What each role sees of it.
pub(super) fn projections() -> Vec<(String, Edm)> {
    let of = |role| (format!("app of a {role:?}"), Projection::of_app(&definition(), role).edm);
    let mut all: Vec<_> = [Role::Guest, Role::Member, Role::Maker].map(of).into();
    let related = Projection::of_app(&super::related::definition(), Role::Maker);
    all.push(("app with references".to_owned(), related.edm));
    all
}

#[test]
fn projections_are_sound() {
    let counts = projections().into_iter().map(|(_, edm)| {
        let container = edm.schemas[0].container.as_ref().unwrap();
        (container.sets.len(), container.functions.len())
    });
    assert_eq!(counts.collect::<Vec<_>>(), [(2, 1), (3, 1), (3, 1), (4, 0)]);
    for (name, edm) in projections() {
        assert_eq!(edm.check(), [], "{name}");
        assert_eq!(normal(edm).check(), [], "{name}");
    }
}

#[test]
fn annotations_of_projections_are_right() {
    let Some(vocabularies) = vocabularies() else { return };
    for (name, edm) in projections() {
        assert_eq!(vocabularies.judge(&edm), [], "{name}");
    }
}
