//! Calculated columns and actions that look up other tables: they see rows as they are, and follow them; the same on both
//! databases.

use serde_json::{Value as Json, json};

use super::*;
use crate::kit::{databases, id};

/// The expense report with its rates as a table of their own, and an action that looks them up.
async fn expenses(database: Option<String>) -> (World, Browser, String, Program) {
    expenses_in(Wishes { database, ..Wishes::default() }).await
}

async fn expenses_in(wishes: Wishes) -> (World, Browser, String, Program) {
    let world = World::with(wishes).await;
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

#[tokio::test(flavor = "multi_thread")]
async fn more_than_may_follow_at_once_follow_in_slices() {
    let (databases, _server) = databases();
    for database in databases {
        // The sample has 40 expenses: at most seven follow at once.
        let wishes = || Wishes { database: database.clone(), following: Some(7), ..Wishes::default() };
        let (world, maker, app, mut program) = expenses_in(wishes()).await;
        post(&mut program, "Expenses", &expense("one", "NOK")).await.expect(201);
        let etag = |answer: &Answer| answer.json()["value"][0]["@etag"].as_str().unwrap().to_owned();
        let untouched = "Expenses?$filter=Currency%20eq%20'EUR'&$top=1";
        let before = etag(&program.get(untouched).await.expect(200));
        post(&mut program, "Rates", &json!({ "Code": "NOK", "Rate": 0.1 })).await.expect(201);
        assert_eq!(calculated(&mut program, "one").await, json!([null, null]), "it waits");
        // Forty-one rows, and nothing the second time.
        assert_eq!(world.state.executor.catch_up().await.unwrap(), 41);
        assert_eq!(calculated(&mut program, "one").await, json!([0.1, 10.0]));
        assert_eq!(world.state.executor.catch_up().await.unwrap(), 0);
        assert_eq!(etag(&program.get(untouched).await), before, "what stays the same is no change");

        // What waits outlives a stop, and is what formulas make of the rows as they are then.
        let changed = [("if-match", "*")];
        program.send(Method::PATCH, "Rates(Code='NOK')", &changed, r#"{"Rate":0.2}"#).await.expect(204);
        program.send(Method::PATCH, "Rates(Code='NOK')", &changed, r#"{"Rate":0.3}"#).await.expect(204);
        let data = world.end().await;
        let world = World::over(data, wishes()).await;
        let mut maker = Browser { address: world.address, ..maker };
        let mut program = super::program(&mut maker, &world, &app, true).await;
        assert_eq!(calculated(&mut program, "one").await, json!([0.1, 10.0]), "it waits still");
        // The second change found the table waiting, and nothing of it begun.
        assert_eq!(world.state.executor.catch_up().await.unwrap(), 41);
        assert_eq!(calculated(&mut program, "one").await, json!([0.3, 30.0]));

        // A table that is published no more waits for nothing.
        program.send(Method::PATCH, "Rates(Code='NOK')", &changed, r#"{"Rate":0.4}"#).await.expect(204);
        maker.delete(&format!("/api/apps/{app}")).await.expect(204);
        assert_eq!(world.state.executor.catch_up().await.unwrap(), 0);
    }
}

/// Sends a transaction of one insert; the id makes the transaction and its row.
async fn insert(mut browser: Browser, app: &str, number: u64, table: &str, values: Json) -> Answer {
    let operation = json!({ "type": "insert", "table": table, "id": id(number), "values": values });
    let transaction = json!({ "id": id(number), "operations": [operation] });
    browser.post(&format!("/api/apps/{app}/transactions"), transaction).await
}

#[tokio::test(flavor = "multi_thread")]
async fn works_that_run_again_look_up_what_is_there() {
    let (databases, _server) = databases();
    for database in databases {
        let (world, maker, app, mut program) = expenses(database).await;
        let expense = |text: String, currency: &str| json!({ "description": text, "category": "Travel", "currency": currency, "amount": "100" });
        insert(maker.clone(), &app, 1, "expenses", expense("first".into(), "EUR")).await.expect(200);
        // Works that share a commit are undone together when one of them fails, and run again: formulas have by then seen
        // rows of those that were undone.
        let undone = || world.state.tenancy.tenant().undone();
        let mut rounds = 0_u64;
        while undone() < 3 && rounds < 200 {
            rounds += 1;
            let code = format!("X{rounds}");
            let number = rounds * 10;
            let send = |at: u64, table: &'static str, values: Json| {
                insert(maker.clone(), &app, number + at, table, values)
            };
            let (early, rate, late, again, refused) = tokio::join!(
                send(0, "expenses", expense(format!("early{rounds}"), &code)),
                send(1, "rates", json!({ "code": code, "rate": rounds.to_string() })),
                send(2, "expenses", expense(format!("late{rounds}"), &code)),
                // The id is another transaction's: a failure, not a refusal.
                insert(maker.clone(), &app, 1, "expenses", expense("other".into(), &code)),
                send(3, "rates", json!({ "code": code, "rate": "much" })),
            );
            for answer in [early, late, rate] {
                answer.expect(200);
            }
            again.expect(409);
            refused.expect(422);
            for which in ["early", "late"] {
                let shown = calculated(&mut program, &format!("{which}{rounds}")).await;
                assert_eq!(shown, json!([rounds as f64, rounds as f64 * 100.0]), "{which} of round {rounds}");
            }
        }
        assert!(undone() > 0, "no works were undone in {rounds} rounds");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_formulas_read_takes_fewer_rows_at_once() {
    let (_world, mut maker, app, _) = expenses(None).await;
    let path = format!("/api/apps/{app}/tables/rates/import");
    let rates = |count: usize| {
        let rows = (0..count).map(|row| format!("X{row:05},1.5\n")).collect::<Vec<_>>().concat();
        format!("code,rate\n{rows}").into_bytes()
    };
    let refused = maker.upload(&path, "rates.csv", rates(5_001)).await.expect(422).json();
    assert_eq!(refused["code"], "tooManyOperations");
    assert_eq!(refused["detail"], "At most 5000 rows can be changed at once.");
    let added = maker.upload(&path, "rates.csv", rates(50)).await.expect(200).json();
    assert_eq!(added, json!({"outcome": "applied", "added": 50, "changed": 0, "unchanged": 0}));
}
