//! Rows found and ordered by the names of the rows they refer to; the same on both databases, and only for those who see them.

use serde_json::{Value as Json, json};

use crate::kit::{Browser, Wishes, World, databases};

/// Customers and orders beside each other.
const SHOP: &str = "\
Code,Name,,No,Customer
c1,Zoe Adler,,o1,c2
c2,Ann Bell,,o2,c1
,,,o3,c2
,,,o4,
";

fn definition(see: &[&str]) -> Json {
    let text = |id: &str, offset: u32| json!({"id": id, "title": id, "offset": offset, "kind": "text", "type": {"name": "text"}});
    let sheet = gridkeep_workbook::read::CSV_SHEET;
    let source = |range: &str| json!({"from": "range", "sheet": sheet, "range": range});
    let mut customer = text("customer", 1);
    customer["refers"] = json!({"table": "customers", "column": "code"});
    json!({
        "schemaVersion": 1, "name": "Shop", "description": "", "icon": "list", "accent": "#2f6f4f", "language": "en",
        "screens": [{"id": "orders", "title": "Orders", "icon": "list", "kind": "list", "components": [{
            "type": "list", "id": "items", "table": "orders", "titleColumn": "no", "columns": ["customer"],
            "filters": [], "search": ["no"], "sort": {"column": "no"}, "detail": ["no"]
        }]}],
        "tables": [
            {"id": "customers", "title": "Customers", "key": "code", "source": source("A1:B3"),
             "columns": [text("code", 0), text("name", 1)],
             "access": {"see": see, "insert": [], "update": [], "delete": []}},
            {"id": "orders", "title": "Orders", "key": "no", "source": source("D1:E5"), "columns": [text("no", 0), customer]},
        ]
    })
}

async fn found(browser: &mut Browser, app: &str, request: Json) -> String {
    let answer = browser.post(&format!("/api/apps/{app}/tables/orders/rows"), request).await;
    if answer.status != 200 {
        return format!("{} {}", answer.status, answer.code());
    }
    let rows = answer.json()["rows"].clone();
    rows.as_array().unwrap().iter().map(|row| row[2].as_str().unwrap()).collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn names_find_and_order_rows() {
    let (databases, _server) = databases();
    for database in databases {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let mut maker = world.person("Maker").await;
        let mut guest = world.browser();
        let mut published = Vec::new();
        for see in [&["guest", "member"][..], &[]] {
            let answer = maker.upload("/api/creations", "shop.csv", SHOP.to_owned()).await.expect(201);
            let token = answer.json()["token"].as_str().unwrap().to_owned();
            let request = json!({"definition": definition(see), "audience": "public", "people": []});
            let answer = maker.post(&format!("/api/creations/{token}/publish"), request).await.expect(201);
            published.push(answer.json()["id"].as_str().unwrap().to_owned());
        }
        let search = |words: &str| json!({"search": words, "searchColumns": ["no", "customer/name"], "sort": {"column": "no"}});
        let order = |descending: bool| json!({"sort": {"column": "customer/name", "descending": descending}});
        let named = json!({"filters": [{"column": "customer/name", "operator": "eq", "value": "Ann Bell"}]});
        let requests = [
            (search("bell"), "o1 o3"),
            (search("ADLER o2"), "o2"),
            (search("nobody"), ""),
            (order(false), "o4 o1 o3 o2"),
            (order(true), "o2 o3 o1 o4"),
            (named, "o1 o3"),
        ];
        for (request, expect) in requests {
            let [open, hidden] = &published[..] else { panic!("two apps") };
            assert_eq!(found(&mut guest, open, request.clone()).await, expect, "{request}");
            assert_eq!(found(&mut guest, hidden, request.clone()).await, "400 invalidQuery", "{request}");
            assert_eq!(found(&mut maker, hidden, request.clone()).await, expect, "{request}");
        }
    }
}
