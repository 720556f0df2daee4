//! Calculated columns and actions that look up other tables: they see rows as they are, and follow them; the same on both
//! databases.

use serde_json::{Value as Json, json};

use super::*;
use crate::kit::databases;

/// The expense report with its rates as a table of their own, and an action that looks them up.
async fn expenses(database: Option<String>) -> (World, Browser, String, Program) {
    let world = World::with(Wishes { database, ..Wishes::default() }).await;
    let mut maker = world.person("Maker").await;
    let (token, definition) = uploaded(&mut maker, "/api/creations").await;
    let request = json!({ "definition": definition, "audience": "private" });
    let answer = maker.post(&format!("/api/creations/{token}/publish"), request).await.expect(201);
    let app = answer.json()["id"].as_str().unwrap().to_owned();
    let program = program(&mut maker, &world, &app, true).await;
    (world, maker, app, program)
}

/// Brings the workbook; gives the creation's token and a definition.
async fn uploaded(maker: &mut Browser, path: &str) -> (String, Json) {
    let bytes = include_bytes!("../../../../../samples/expense_report.xlsx").as_slice();
    let made = maker.upload(path, "expense_report.xlsx", bytes).await.expect(201).json();
    let mut definition = match &made["rebound"]["definition"] {
        Json::Null => made["proposals"][0]["definition"].clone(),
        own => own.clone(),
    };
    if definition["tables"].as_array().unwrap().len() == 1 {
        let column = |id: &str, offset: u32, kind: &str, column_type: Json| json!({ "id": id, "title": id, "offset": offset, "kind": kind, "type": column_type });
        definition["tables"].as_array_mut().unwrap().push(json!({
            "id": "rates", "title": "Rates", "key": "code", "source": { "from": "range", "sheet": "Rates", "range": "A1:B4" },
            "columns": [
                column("code", 0, "text", json!({ "name": "text" })),
                column("rate", 1, "number", json!({ "name": "decimal", "scale": 4 })),
            ],
        }));
        definition["actions"] = json!([{
            "id": "in_euro", "title": "In euro", "table": "expenses",
            "when": "ISNUMBER(MATCH([@Currency],Rates!A:A,0))",
            "steps": [{ "do": "set", "values": {
                "currency": { "value": "EUR" },
                "amount": { "formula": "ROUND([@Amount]*INDEX(Rates!B:B,MATCH([@Currency],Rates!A:A,0)),2)" },
            } }],
        }]);
    }
    (made["token"].as_str().unwrap().to_owned(), definition)
}

async fn post(program: &mut Program, path: &str, body: &Json) -> Answer {
    program.send(Method::POST, path, &[], &body.to_string()).await
}

/// Rate and euros of an expense.
async fn calculated(program: &mut Program, description: &str) -> Json {
    let path = format!("Expenses?$filter=Description%20eq%20'{description}'&$select=Rate,Eur");
    let found = program.get(&path).await.expect(200).json();
    let row = &found["value"][0];
    json!([row["Rate"], row["Eur"]])
}

fn expense(description: &str, currency: &str) -> Json {
    json!({ "Description": description, "Category": "Travel", "Currency": currency, "Amount": 100 })
}

#[tokio::test(flavor = "multi_thread")]
async fn calculated_columns_follow_the_rows_they_read() {
    let (databases, _server) = databases();
    for database in databases {
        let (_world, mut maker, app, mut program) = expenses(database).await;
        let first = post(&mut program, "Expenses", &expense("one", "NOK")).await.expect(201).json();
        assert_eq!((&first["Rate"], &first["Eur"]), (&Json::Null, &Json::Null));
        let etag = first["@etag"].as_str().unwrap().to_owned();
        let changes = program
            .send(Method::GET, "Expenses?$top=1&$count=true", &[("prefer", "track-changes")], "")
            .await
            .expect(200)
            .json();
        assert_eq!(changes["@count"], 41);

        // The rate comes, and the expense has it, as another version of itself.
        post(&mut program, "Rates", &json!({ "Code": "NOK", "Rate": 0.1 })).await.expect(201);
        assert_eq!(calculated(&mut program, "one").await, json!([0.1, 10.0]));
        let path = format!("Expenses({})", first["RowId"].as_str().unwrap());
        let patch = [("if-match", etag.as_str())];
        program.send(Method::PATCH, &path, &patch, r#"{"Amount":1}"#).await.expect(412);
        let changed = [("if-match", "*")];
        program.send(Method::PATCH, "Rates(Code='NOK')", &changed, r#"{"Rate":0.2}"#).await.expect(204);
        assert_eq!(calculated(&mut program, "one").await, json!([0.2, 20.0]));
        post(&mut program, "Expenses", &expense("two", "NOK")).await.expect(201);
        assert_eq!(calculated(&mut program, "two").await, json!([0.2, 20.0]));

        // What is refused is seen by nobody; what is kept is seen within its own transaction.
        let group = |code: &str, valid: bool| {
            let part = |id: &str, url: &str, body: Json| json!({ "id": id, "atomicityGroup": "g", "method": "POST", "url": url, "body": body });
            let mut late = expense(code, code);
            if !valid {
                late["Amount"] = "much".into();
            }
            json!({ "requests": [
                part("1", "Expenses", expense(&format!("early {code}"), code)),
                part("2", "Rates", json!({ "Code": code, "Rate": 3 })),
                part("3", "Expenses", late),
            ] })
        };
        post(&mut program, "$batch", &group("SEK", false)).await.expect(200);
        post(&mut program, "Expenses", &expense("three", "SEK")).await.expect(201);
        assert_eq!(calculated(&mut program, "three").await, json!([null, null]));
        let answers = post(&mut program, "$batch", &group("DKK", true)).await.expect(200).json();
        // Answered as it is in the end.
        assert_eq!(answers["responses"][0]["body"]["Eur"], 300.0, "{answers}");
        assert_eq!(calculated(&mut program, "early%20DKK").await, json!([3.0, 300.0]));
        assert_eq!(calculated(&mut program, "DKK").await, json!([3.0, 300.0]));

        // Actions see them as well.
        let path = "Expenses?$filter=Description%20eq%20'DKK'";
        let row = program.get(path).await.json()["value"][0]["RowId"].as_str().unwrap().to_owned();
        let done =
            post(&mut program, &format!("Expenses({row})/InEuro"), &json!({})).await.expect(200).json();
        assert_eq!((&done["Currency"], &done["Eur"]), (&json!("EUR"), &json!(300.0)));
        let row = program.get("Expenses?$filter=Description%20eq%20'three'").await.json();
        let row = row["value"][0]["RowId"].as_str().unwrap().to_owned();
        post(&mut program, &format!("Expenses({row})/InEuro"), &json!({})).await.expect(409);

        // A rate that goes leaves nothing to find; another workbook finds the rows that people have, not its own.
        program.send(Method::DELETE, "Rates(Code='NOK')", &changed, "").await.expect(204);
        assert_eq!(calculated(&mut program, "one").await, json!([null, null]));
        post(&mut program, "Rates", &json!({ "Code": "NOK", "Rate": 0.5 })).await.expect(201);
        let (token, definition) = uploaded(&mut maker, &format!("/api/apps/{app}/creation")).await;
        let request =
            json!({ "definition": definition, "audience": "private", "rows": "keep", "replaces": app });
        maker.post(&format!("/api/creations/{token}/publish"), request).await.expect(201);
        assert_eq!(calculated(&mut program, "one").await, json!([0.5, 50.0]));
        post(&mut program, "Expenses", &expense("four", "NOK")).await.expect(201);
        assert_eq!(calculated(&mut program, "four").await, json!([0.5, 50.0]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_before_a_start_is_read_again() {
    let (databases, _server) = databases();
    for database in databases {
        let (world, maker, app, mut program) = expenses(database.clone()).await;
        post(&mut program, "Rates", &json!({ "Code": "NOK", "Rate": 0.1 })).await.expect(201);
        let data = world.end().await;
        let world = World::over(data, Wishes { database, ..Wishes::default() }).await;
        let mut maker = Browser { address: world.address, ..maker };
        let mut program = super::program(&mut maker, &world, &app, true).await;
        post(&mut program, "Expenses", &expense("one", "NOK")).await.expect(201);
        assert_eq!(calculated(&mut program, "one").await, json!([0.1, 10.0]));
    }
}
