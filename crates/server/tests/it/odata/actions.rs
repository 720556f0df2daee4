//! Actions of an app, called by programs: alone, in groups, refused; the same on both databases.

use serde_json::{Value as Json, json};

use super::*;
use crate::kit::{databases, definition, email};

/// The stock list with actions.
async fn acting(database: Option<String>) -> (World, Browser, String, Program) {
    let world = World::with(Wishes { database, ..Wishes::default() }).await;
    let mut maker = world.person("Maker").await;
    let token = maker.stock().await;
    let mut definition = definition();
    definition["actions"] = json!([
        {
            "id": "receive_goods", "title": "Receive goods", "description": "Adds what was delivered.", "table": "stock",
            "parameters": [
                { "id": "pieces", "title": "Pieces", "type": { "name": "integer" }, "kind": "integer",
                  "validation": { "required": true, "minimum": 1.0, "maximum": 50.0 } },
                { "id": "note", "title": "Note", "type": { "name": "text" }, "kind": "text", "validation": { "maxLength": 20 } },
            ],
            "when": "[@Qty]<1000", "refusal": "The shelf is full.",
            "steps": [{ "do": "set", "values": { "qty": { "formula": "[@Qty]+pieces" } } }],
        },
        {
            "id": "empty_shelves", "title": "Empty the shelves", "parameters": [
                { "id": "below", "title": "Below", "type": { "name": "integer" }, "kind": "integer" } ],
            "steps": [{ "do": "update", "table": "stock",
                "where": [{ "column": "qty", "comparison": "lessThan", "value": { "formula": "IF(below=0,3,below)" } }],
                "values": { "qty": { "value": 0 } } }],
        },
        {
            "id": "scrap", "title": "Scrap", "table": "stock", "access": [],
            "steps": [{ "do": "delete", "table": "stock", "where": [
                { "column": "sku", "comparison": "equals", "value": { "formula": "[@SKU]" } } ] }],
        },
    ]);
    let request = json!({"definition": definition, "audience": "private", "people": [email("Member")]});
    let answer = maker.post(&format!("/api/creations/{token}/publish"), request).await.expect(201);
    let app = answer.json()["id"].as_str().unwrap().to_owned();
    let program = program(&mut maker, &world, &app, true).await;
    (world, maker, app, program)
}

async fn post(program: &mut Program, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    program.send(Method::POST, path, headers, body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn actions_change_rows_in_one_transaction() {
    let (databases, _server) = databases();
    for database in databases {
        let (world, mut maker, app, mut program) = acting(database).await;
        let metadata = program.get("$metadata").await.expect(200).text();
        let operations: String = metadata
            .split_inclusive("</Action>")
            .filter_map(|part| part.find("<Action ").map(|at| &part[at..]))
            .collect();
        insta::assert_snapshot!("action_metadata", operations);
        let qty = |answer: &Answer| answer.json()["Qty"].clone();
        let before = qty(&program.get("Stock(Sku='0008')").await.expect(200)).as_i64().unwrap();
        let done = post(&mut program, "Stock(Sku='0008')/App.ReceiveGoods", &[], r#"{"Pieces":5}"#)
            .await
            .expect(200);
        assert_eq!(qty(&done), before + 5, "{}", done.text());
        assert!(
            done.json()["@context"].as_str().unwrap().ends_with("$metadata#Stock/$entity"),
            "{}",
            done.text()
        );
        let etag = done.header("etag").to_owned();
        // Unqualified, with the version it is based on, and nothing to be answered.
        let minimal = [("if-match", etag.as_str()), ("prefer", "return=minimal")];
        let done =
            post(&mut program, "Stock(Sku='0008')/ReceiveGoods", &minimal, r#"{"Pieces":1,"Note":"x"}"#)
                .await
                .expect(204);
        assert_eq!(done.header("preference-applied"), "return=minimal");
        post(&mut program, "Stock(Sku='0008')/ReceiveGoods", &minimal, r#"{"Pieces":1}"#).await.expect(412);
        assert_eq!(qty(&program.get("Stock(Sku='0008')").await), before + 6);

        let mut table = String::new();
        for (path, body) in [
            ("Stock(Sku='0008')/ReceiveGoods", "{}"),
            ("Stock(Sku='0008')/ReceiveGoods", r#"{"Pieces":"x"}"#),
            ("Stock(Sku='0008')/ReceiveGoods", r#"{"Pieces":51}"#),
            ("Stock(Sku='0008')/ReceiveGoods", r#"{"Pieces":1,"Note":"much longer than twenty"}"#),
            ("Stock(Sku='0008')/ReceiveGoods", r#"{"Pieces":1,"More":1}"#),
            ("Stock(Sku='0008')/ReceiveGoods()", r#"{"Pieces":1}"#),
            ("Stock(Sku='none')/ReceiveGoods", r#"{"Pieces":1}"#),
            ("Stock/ReceiveGoods", r#"{"Pieces":1}"#),
            ("ReceiveGoods", r#"{"Pieces":1}"#),
            ("EmptyShelves", r#"{"Below":"x"}"#),
        ] {
            let answer = post(&mut program, path, &[], body).await;
            writeln!(table, "{path} {body}\n  {} {}", answer.status, answer.text()).unwrap();
        }
        let get = program.get("Stock(Sku='0008')/ReceiveGoods").await;
        writeln!(table, "GET {} {}", get.status, get.header("allow")).unwrap();
        program
            .send(Method::PATCH, "Stock(Sku='0008')", &[("if-match", "*")], r#"{"Qty":1000}"#)
            .await
            .expect(204);
        let full = post(&mut program, "Stock(Sku='0008')/ReceiveGoods", &[], r#"{"Pieces":1}"#).await;
        writeln!(table, "full {} {}", full.status, full.text()).unwrap();
        insta::assert_snapshot!("action_refusals", hidden(&table));

        // Full metadata says which may be called on which row: not where the condition does not hold.
        let full = [("accept", "application/json;metadata=full")];
        let said = async |program: &mut Program, path: &str| {
            let answer = program.send(Method::GET, path, &full, "").await.expect(200).json();
            let rows = answer["value"].as_array().cloned().unwrap_or_else(|| vec![answer.clone()]);
            let actions = |row: &Json| -> Vec<String> {
                let members = row.as_object().unwrap().iter().filter(|(name, _)| name.starts_with('#'));
                members
                    .map(|(name, said)| format!("{} {name} {said}", row["Sku"].as_str().unwrap_or("-")))
                    .collect()
            };
            hidden(&rows.iter().flat_map(actions).collect::<Vec<_>>().join("\n"))
        };
        let mut table = String::new();
        for path in [
            "Stock?$orderby=Sku",
            "Stock(Sku='0007')",
            "Stock(Sku='0008')",
            "Stock?$select=Sku,Qty",
            "Stock?$select=Sku,App.*&$orderby=Sku",
            "Stock(Sku='0008')?$select=App.ReceiveGoods",
        ] {
            writeln!(table, "{path}\n{}", said(&mut program, path).await).unwrap();
        }
        let minimal = program.get("Stock(Sku='0007')").await.text();
        assert!(!minimal.contains('#') || !minimal.contains("#App."), "{minimal}");
        insta::assert_snapshot!("actions_of_rows", table.replace(&app, "[app]"));

        // One of none, with nothing in its body.
        post(&mut program, "EmptyShelves", &[], "").await.expect(204);
        let few = program.get("Stock/$count?$filter=Qty%20gt%200%20and%20Qty%20lt%203").await;
        assert_eq!(few.text(), "0");
        // It removes what it is called on.
        post(&mut program, "Stock(Sku='0009')/Scrap", &[], "").await.expect(204);
        program.get("Stock(Sku='0009')").await.expect(404);

        // Members are offered less; a key for reading runs nothing.
        let mut member = world.person("Member").await;
        let mut theirs = super::program(&mut member, &world, &app, true).await;
        assert!(!theirs.get("$metadata").await.text().contains("Scrap"));
        post(&mut theirs, "Stock(Sku='0007')/Scrap", &[], "").await.expect(404);
        post(&mut theirs, "Stock(Sku='0007')/ReceiveGoods", &[], r#"{"Pieces":2}"#).await.expect(200);
        let mut reader = super::program(&mut maker, &world, &app, false).await;
        post(&mut reader, "Stock(Sku='0007')/ReceiveGoods", &[], r#"{"Pieces":2}"#).await.expect(403);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn actions_belong_to_groups() {
    let (databases, _server) = databases();
    for database in databases {
        let (_world, _maker, _app, mut program) = acting(database).await;
        let qty = async |program: &mut Program, sku: &str| {
            program.get(&format!("Stock(Sku='{sku}')")).await.expect(200).json()["Qty"].as_i64().unwrap()
        };
        let (seven, eight) = (qty(&mut program, "0007").await, qty(&mut program, "0008").await);
        let group = |pieces: i64| {
            let call = |id: &str, sku: &str, pieces: i64| {
                json!({ "id": id, "atomicityGroup": "g", "method": "POST",
                "url": format!("Stock(Sku='{sku}')/App.ReceiveGoods"), "body": { "Pieces": pieces } })
            };
            json!({ "requests": [
                call("1", "0007", 1),
                { "id": "2", "atomicityGroup": "g", "method": "PATCH", "url": "Stock(Sku='0008')",
                  "headers": { "if-match": "*" }, "body": { "Item": "Named anew" } },
                call("3", "0008", pieces),
                call("4", "0007", 1),
            ] })
            .to_string()
        };
        let answer = post(&mut program, "$batch", &[], &group(3)).await.expect(200).json();
        let found: Vec<(&Json, &Json)> = answer["responses"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (&one["status"], &one["body"]["Qty"]))
            .collect();
        // Each is answered when all is done.
        assert_eq!(
            json!(found),
            json!([[200, seven + 2], [204, null], [200, eight + 3], [200, seven + 2]]),
            "{answer}"
        );
        let answer = post(&mut program, "$batch", &[], &group(99)).await.expect(200).json();
        let found: Vec<&Json> =
            answer["responses"].as_array().unwrap().iter().map(|one| &one["status"]).collect();
        assert_eq!(json!(found), json!([424, 424, 400, 424]), "{answer}");
        assert_eq!(qty(&mut program, "0007").await, seven + 2);
        // What the group itself makes can be called on, and is refused as a whole if it cannot.
        let made = |pieces: i64| {
            json!({ "requests": [
                { "id": "1", "atomicityGroup": "g", "method": "POST", "url": "Stock", "body": { "Sku": "new", "Qty": 2 } },
                { "id": "2", "atomicityGroup": "g", "method": "POST", "url": "$1/App.ReceiveGoods", "body": { "Pieces": pieces } },
            ] })
            .to_string()
        };
        for (pieces, expect) in [(99, json!([424, 400])), (5, json!([201, 200]))] {
            let answer = post(&mut program, "$batch", &[], &made(pieces)).await.expect(200).json();
            let found: Vec<&Json> =
                answer["responses"].as_array().unwrap().iter().map(|one| &one["status"]).collect();
            assert_eq!(json!(found), expect, "{answer}");
        }
        assert_eq!(qty(&mut program, "new").await, 7);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn apps_run_actions_as_programs_do() {
    let (_world, mut maker, app, mut program) = acting(None).await;
    let found = program.get("Stock(Sku='0008')").await.expect(200).json();
    let row = found["RowId"].as_str().unwrap();
    let transaction = |number: u32, pieces: Json, version: u64| {
        json!({ "id": format!("0192a000-0000-7000-8000-{number:012}"), "operations": [{
            "type": "call", "action": "receive_goods", "row": row, "baseVersion": version, "arguments": { "pieces": pieces } }] })
    };
    let path = format!("/api/apps/{app}/transactions");
    let done = maker.post(&path, transaction(1, json!(2), 1)).await.expect(200).json();
    assert_eq!(done["rows"][0]["version"], 2, "{done}");
    // The same again is answered from what is kept.
    assert_eq!(maker.post(&path, transaction(1, json!(2), 1)).await.expect(200).json(), done);
    let old = maker.post(&path, transaction(2, json!(2), 1)).await.expect(409).json();
    assert_eq!(old["problems"][0]["within"], json!({ "action": "receive_goods" }), "{old}");
    let wrong = maker.post(&path, transaction(3, json!(200), 2)).await.expect(422).json();
    assert_eq!(
        wrong["problems"][0],
        json!({ "operation": 0, "column": null, "reason": { "code": "tooLarge", "maximum": "50" },
            "within": { "action": "receive_goods", "parameter": "pieces" } })
    );
}
