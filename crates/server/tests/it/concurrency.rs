//! Many people at once: nothing is lost, nothing happens twice.

use serde_json::json;

use crate::kit::{Wishes, World, databases, id};

#[tokio::test(flavor = "multi_thread")]
async fn of_two_edits_of_one_version_one_is_told_so() {
    let (databases, _server) = databases();
    for database in databases {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let mut ada = world.person("Ada").await;
        let app = ada.publish("private", &["Ben"]).await;
        let mut ben = world.person("Ben").await;
        let rows = format!("/api/apps/{app}/tables/stock/rows");
        let transactions = format!("/api/apps/{app}/transactions");
        let row = ada.post(&rows, json!({})).await.expect(200).json()["rows"][0][0].clone();
        let edit = |number: u64, base: u64, qty: i64| {
            let update = json!({"type": "update", "table": "stock", "id": row, "baseVersion": base, "values": {"qty": qty}});
            json!({"id": id(number), "operations": [update]})
        };
        ada.post(&transactions, edit(1, 1, 7)).await.expect(200);
        let conflict = ben.post(&transactions, edit(2, 1, 8)).await.expect(409).json();
        insta::assert_json_snapshot!("conflict", conflict);
        assert_eq!(ben.post(&transactions, edit(2, 1, 8)).await.expect(409).json(), conflict);
        let invalid = ben.post(&transactions, edit(3, 2, -1)).await.expect(422).json();
        insta::assert_json_snapshot!("invalid", invalid);
        // Nobody else gets the stored answer, and nobody uses the number for something else.
        assert_eq!(ada.post(&transactions, edit(2, 1, 8)).await.expect(409).code(), "transactionReused");
        let current = ada.post(&rows, json!({})).await.json();
        assert_eq!((&current["rows"][0][1], &current["rows"][0][4]), (&json!(2), &json!(7)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_writers_lose_nothing() {
    let (databases, _server) = databases();
    for database in databases {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let mut ada = world.person("Ada").await;
        let app = ada.publish("private", &[]).await;
        let transactions = format!("/api/apps/{app}/transactions");
        let send = |number: u64| {
            let (mut browser, transactions) = (ada.clone(), transactions.clone());
            tokio::spawn(async move {
                let insert = json!({"type": "insert", "table": "stock", "id": id(number),
                    "values": {"sku": number.to_string(), "qty": 1}});
                let body = json!({"id": id(number), "operations": [insert]});
                browser.post(&transactions, body).await.expect(200).json()["sequence"].as_u64().unwrap()
            })
        };
        // Each twice, as an impatient network does.
        let tasks: Vec<_> = (100..140).flat_map(|number| [send(number), send(number)]).collect();
        let mut sequences = Vec::new();
        for task in tasks {
            sequences.push(task.await.unwrap());
        }
        sequences.sort_unstable();
        sequences.dedup();
        assert_eq!(sequences.len(), 40);
        let page = json!({"count": true, "limit": 1000});
        let rows = ada.post(&format!("/api/apps/{app}/tables/stock/rows"), page).await.expect(200).json();
        assert_eq!(rows["total"], 43);
    }
}
