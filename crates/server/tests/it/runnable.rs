//! Which actions people are offered: those whose condition holds now; the same on both databases.

use serde_json::{Value as Json, json};

use crate::kit::{Browser, Wishes, World, databases, definition, email, id};

fn acting() -> Json {
    let mut definition = definition();
    let action = |name: &str, table: Option<&str>, when: Option<&str>, access: &[&str]| {
        let mut action = json!({ "id": name, "title": name, "access": access, "steps": [
            { "do": "update", "table": "stock", "values": { "qty": { "value": 0 } },
              "where": [{ "column": "sku", "comparison": "equals", "value": { "value": "0007" } }] }] });
        if let Some(table) = table {
            action["table"] = json!(table);
        }
        if let Some(when) = when {
            action["when"] = json!(when);
        }
        action
    };
    definition["actions"] = json!([
        action("sell", Some("stock"), Some("[@Qty]>0"), &["member"]),
        action("order", Some("stock"), Some("[@Qty]=0"), &["member"]),
        action("count", Some("stock"), None, &["guest", "member"]),
        action("scrap", Some("stock"), Some("[@Qty]=0"), &[]),
        action("close", None, Some("1=1"), &["member"]),
        action("open", None, Some("1=2"), &["member"]),
    ]);
    definition
}

async fn offered(browser: &mut Browser, app: &str, query: &str) -> String {
    let answer = browser.get(&format!("/api/apps/{app}/actions{query}")).await;
    if answer.status != 200 {
        return answer.status.to_string();
    }
    let actions = answer.json()["actions"].clone();
    actions.as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_offered_what_holds() {
    let (databases, _server) = databases();
    for database in databases {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let mut maker = world.person("Maker").await;
        let mut member = world.person("Member").await;
        let token = maker.stock().await;
        let request = json!({"definition": acting(), "audience": "public", "people": [email("Member")]});
        let answer = maker.post(&format!("/api/creations/{token}/publish"), request).await.expect(201);
        let app = answer.json()["id"].as_str().unwrap().to_owned();
        let mut guest = world.browser();
        let rows = maker
            .post(&format!("/api/apps/{app}/tables/stock/rows"), json!({"search": "Motor"}))
            .await
            .expect(200)
            .json();
        let row = rows["rows"][0].clone();
        let on = format!("?table=stock&row={}", row[0].as_str().unwrap());
        assert_eq!(offered(&mut maker, &app, &on).await, "sell count");
        assert_eq!(offered(&mut member, &app, &on).await, "sell count");
        assert_eq!(offered(&mut guest, &app, &on).await, "count");
        assert_eq!(offered(&mut member, &app, "").await, "close");
        assert_eq!(offered(&mut guest, &app, "").await, "");
        // A look changes nothing; the next change is seen at once.
        let update = json!({"id": id(1), "operations": [{"type": "update", "table": "stock", "id": row[0],
            "baseVersion": row[1], "values": {"qty": 0}}]});
        member.post(&format!("/api/apps/{app}/transactions"), update).await.expect(200);
        assert_eq!(offered(&mut maker, &app, &on).await, "order count scrap");
        assert_eq!(offered(&mut member, &app, &on).await, "order count");
        // What is not offered is refused all the same.
        let call = json!({"id": id(2), "operations": [{"type": "call", "action": "sell", "row": row[0]}]});
        let refused = member.post(&format!("/api/apps/{app}/transactions"), call).await.expect(422).json();
        assert_eq!(refused["problems"][0]["reason"]["code"], "notNow");
        for (query, expect) in [
            (format!("?table=stock&row={}", id(9)), "404"),
            (format!("?table=none&row={}", id(9)), "404"),
            ("?table=stock".to_owned(), "400"),
            ("?row=x".to_owned(), "400"),
        ] {
            assert_eq!(offered(&mut member, &app, &query).await, expect, "{query}");
        }
    }
}
