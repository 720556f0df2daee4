//! The sample that ships: expenses above 5,000 are approved past a gate.

use serde_json::{Value as Json, json};

use super::{
    flow::{approve, asked, password},
    gate, put,
};
use crate::kit::{World, id};

#[tokio::test(flavor = "multi_thread")]
async fn an_expense_above_five_thousand_is_approved_by_somebody_who_is_there() {
    let world = World::start().await;
    let mut owner = world.person("Owner").await;
    let propose = "/api/creations?sample=expense_report";
    let gates = |creation: &Json| creation["proposals"][0]["definition"]["actions"][0]["gates"].clone();
    // Where the workspace has no such gate, the sample asks nobody.
    let created = owner.upload(propose, "x", "").await.expect(201).json();
    assert_eq!(gates(&created), Json::Null);
    put(&mut owner, &gate("APPROVE_EXPENSE", "Approve &AMOUNT as &APPROVER?", false)).await;
    let created = owner.upload(propose, "x", "").await.expect(201).json();
    assert_eq!(gates(&created), json!([{"gate": "APPROVE_EXPENSE", "where": "Amount gt 5000"}]));
    let definition = &created["proposals"][0]["definition"];
    let wish = json!({"definition": definition, "audience": "private"});
    let publish = format!("/api/creations/{}/publish", created["token"].as_str().unwrap());
    let app = owner.post(&publish, wish).await.expect(201).json()["id"].as_str().unwrap().to_owned();
    put(&mut owner, &gate("APPROVE_EXPENSE", "Approve &AMOUNT as &APPROVER?", true)).await;
    let path = format!("/api/apps/{app}/transactions");
    let columns = definition["tables"][0]["columns"].as_array().unwrap();
    let text =
        columns.iter().find(|column| column["type"]["name"] == "text" && column["id"] != "approved_by");
    let text = text.map(|column| column["id"].as_str().unwrap().to_owned());
    for (number, amount, guarded) in [(1_u64, "4999.99", false), (2, "12500", true)] {
        let mut values = json!({"amount": amount});
        if let Some(text) = &text {
            values[text] = json!("Train");
        }
        for column in columns {
            let (column, required) = (column["id"].as_str().unwrap(), &column["validation"]["required"]);
            if required == &json!(true) && values[column].is_null() && column == "date" {
                values[column] = json!("2026-11-20");
            }
        }
        let insert = json!({"id": id(number), "operations": [
            {"type": "insert", "table": "expenses", "id": id(number), "values": values}]});
        owner.post(&path, insert).await.expect(200);
        let call = json!({"id": id(100 + number), "operations": [
            {"type": "call", "action": "approve_expense", "row": id(number), "arguments": {"approver": "Ada"}}]});
        if guarded {
            let challenge = asked(&mut owner, &path, &call).await;
            let message = challenge["gates"][0]["message"].as_str().unwrap().to_owned();
            assert!(message.starts_with("Approve 12,500") && message.ends_with(" as Ada?"), "{message}");
            assert_eq!(challenge["action"], "Approve expense");
            let done = approve(&mut owner, &challenge, password()).await.expect(200).json();
            assert_eq!(done["state"], "done");
        } else {
            owner.post(&path, call).await.expect(200);
        }
    }
}
