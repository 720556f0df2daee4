//! An app changed as a whole: a version in which a gate asks less, rows behind one replaced, an app that ends.

use axum::http::Method;
use serde_json::{Value as Json, json};

use super::{
    flow::{Shop, approve, password},
    gate, guarded, put, repeat, required,
};
use crate::kit::{Browser, Wishes, World, databases, definition};

/// A request to publish a new version of the shop's app: its address and body.
async fn version(shop: &mut Shop, definition: Json, rows: &str) -> (String, Json) {
    let token = shop.owner.stock().await;
    let body = json!({"definition": definition, "audience": "private", "replaces": shop.app, "rows": rows});
    (format!("/api/creations/{token}/publish"), body)
}

async fn versions(shop: &mut Shop) -> u64 {
    shop.owner.get(&format!("/api/apps/{}", shop.app)).await.expect(200).json()["version"].as_u64().unwrap()
}

/// The last row of the log of this kind: what it is about, and its facts.
async fn row(browser: &mut Browser, kind: &str) -> (Json, Json) {
    let rows = browser.get(&format!("/api/audit?kind={kind}")).await.expect(200).json();
    (rows["rows"][0]["subject"].clone(), rows["rows"][0]["facts"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_asks_less_is_asked_about() {
    let (databases, _server) = databases();
    for database in databases {
        let mut shop = Shop::open(database).await;
        // A gate is asked about its own removal, whether there is a gate of gates or not; and it is in the log.
        for less in [definition(), guarded(50)] {
            let (path, body) = version(&mut shop, less.clone(), "keep").await;
            let challenge = required(&mut shop.owner, Method::POST, &path, &body).await;
            let how = if less == definition() { "no longer asks" } else { "asks for other rows" };
            let said = format!("Stock: STOCK_CHANGE {how} in “Stock”");
            assert_eq!(challenge["gates"], json!([{"gate": "STOCK_CHANGE", "message": said}]));
            assert_eq!(versions(&mut shop).await, 1);
            if less != definition() {
                approve(&mut shop.owner, &challenge, password()).await.expect(200);
                repeat(&mut shop.owner, Method::POST, &path, &body, &challenge).await.expect(201);
            }
        }
        let less = json!([{"gate": "STOCK_CHANGE", "part": "tables", "of": "stock", "how": "otherRows"}]);
        let (subject, facts) = row(&mut shop.owner, "config.apps.published").await;
        assert_eq!((&subject, &facts["gates"]), (&json!(shop.app), &less));
        put(&mut shop.owner, &gate("CHECKPOINT_CONFIG", "&EVENT?", true)).await;
        // The same, and more, is nobody's business.
        for more in [guarded(50), {
            let mut all = guarded(50);
            all["tables"][0]["gates"] = json!([{"gate": "STOCK_CHANGE"}]);
            all
        }] {
            let (path, body) = version(&mut shop, more, "keep").await;
            shop.owner.post(&path, body).await.expect(201);
        }
        // Less is asked about, and nothing is done meanwhile.
        let (path, body) = version(&mut shop, definition(), "keep").await;
        let challenge = required(&mut shop.owner, Method::POST, &path, &body).await;
        let said = "Stock: STOCK_CHANGE no longer asks in “Stock”";
        let both = json!([
            {"gate": "CHECKPOINT_CONFIG", "message": format!("{said}?")},
            {"gate": "STOCK_CHANGE", "message": said},
        ]);
        assert_eq!(challenge["gates"], both);
        assert_eq!(versions(&mut shop).await, 4);
        approve(&mut shop.owner, &challenge, password()).await.expect(200);
        // For that very definition, once; the upload is there still.
        let mut other = body.clone();
        other["definition"]["description"] = json!("Something else.");
        repeat(&mut shop.owner, Method::POST, &path, &other, &challenge).await.expect(403);
        repeat(&mut shop.owner, Method::POST, &path, &body, &challenge).await.expect(201);
        let (subject, facts) = row(&mut shop.owner, "checkpoint.passed").await;
        let what = &facts["what"];
        // Each gate has its row.
        assert_eq!((subject, &facts["operation"]), (json!("STOCK_CHANGE"), &json!("CHECKPOINT_CONFIG")));
        assert_eq!((&what["app"], &what["gates"][0]["how"]), (&json!(shop.app), &json!("dropped")));
        // Back to where it asks again is free; from there to where it does not is not, and what is approved is for one way.
        let path = format!("/api/apps/{}/rollback", shop.app);
        shop.owner.post(&path, json!({"version": 4})).await.expect(200);
        let challenge = required(&mut shop.owner, Method::POST, &path, &json!({"version": 5})).await;
        approve(&mut shop.owner, &challenge, password()).await.expect(200);
        let other = json!({"version": 2});
        repeat(&mut shop.owner, Method::POST, &path, &other, &challenge).await.expect(403);
        assert_eq!(versions(&mut shop).await, 4);
        let own = json!({"version": 5});
        repeat(&mut shop.owner, Method::POST, &path, &own, &challenge).await.expect(200);
        assert_eq!(versions(&mut shop).await, 5);
        let (subject, facts) = row(&mut shop.owner, "config.apps.rolled_back").await;
        assert_eq!((subject, &facts["before"]["version"]), (json!(shop.app), &json!(4)));
        assert_eq!(facts["gates"][0]["how"], "dropped");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_behind_a_gate_neither_go_nor_are_replaced_unasked() {
    let mut shop = Shop::open(None).await;
    let change = shop.rows.change(1, 0, 1, 4);
    let transactions = shop.path();
    shop.member.post(&transactions, change).await.expect(200);
    let (path, body) = version(&mut shop, guarded(10), "replace").await;
    let challenge = required(&mut shop.owner, Method::POST, &path, &body).await;
    let said = "Stock: all rows of “Stock” are replaced";
    assert_eq!(challenge["gates"], json!([{"gate": "STOCK_CHANGE", "message": said}]));
    assert_eq!(challenge["action"], said);
    assert_eq!(shop.stock(0).await, (4, 2));
    approve(&mut shop.owner, &challenge, password()).await.expect(200);
    repeat(&mut shop.owner, Method::POST, &path, &body, &challenge).await.expect(201);
    let (subject, facts) = row(&mut shop.owner, "checkpoint.passed").await;
    assert_eq!((subject, &facts["operation"]), (json!("STOCK_CHANGE"), &json!("rows.replaced")));
    assert_eq!(facts["what"]["rowsReplaced"], json!(["stock"]));
    // Both at once are one proof.
    put(&mut shop.owner, &gate("CHECKPOINT_CONFIG", "&EVENT?", true)).await;
    let (path, body) = version(&mut shop, definition(), "replace").await;
    let challenge = required(&mut shop.owner, Method::POST, &path, &body).await;
    let gates: Vec<&Json> = challenge["gates"].as_array().unwrap().iter().map(|gate| &gate["gate"]).collect();
    assert_eq!(gates, ["CHECKPOINT_CONFIG", "STOCK_CHANGE"]);
    // An app does not end past the gates of its rows, nor past that of erasures.
    let path = format!("/api/apps/{}", shop.app);
    let challenge = required(&mut shop.owner, Method::DELETE, &path, &Json::Null).await;
    let said = "Stock: all rows of “Stock” are removed with the app";
    assert_eq!(challenge["gates"], json!([{"gate": "STOCK_CHANGE", "message": said}]));
    approve(&mut shop.owner, &challenge, password()).await.expect(200);
    repeat(&mut shop.owner, Method::DELETE, &path, &Json::Null, &challenge).await.expect(204);
    shop.owner.get(&path).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_guarded_is_published_as_before() {
    let world = World::with(Wishes::default()).await;
    let mut owner = world.person("Owner").await;
    for id in ["CHECKPOINT_CONFIG", "STOCK_CHANGE"] {
        put(&mut owner, &gate(id, "Sure?", id == "STOCK_CHANGE")).await;
    }
    put(&mut owner, &gate("CHECKPOINT_CONFIG", "Sure?", true)).await;
    // The first version comes with its rows: there were none before.
    let app = super::publish(&mut owner, guarded(0), &[]).await.expect(201).json();
    assert_eq!(app["version"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_workbook_under_the_same_words_is_asked_about() {
    let world = World::with(Wishes::default()).await;
    let mut owner = world.person("Owner").await;
    put(&mut owner, &gate("VALUE", "Sure?", false)).await;
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/inventory_list.xlsx");
    let bytes = std::fs::read(path).unwrap();
    // The same cells in another file: a comment of one letter ends it.
    let mut other = bytes.clone();
    let end = other.len() - 2;
    assert_eq!(other[end..], [0, 0]);
    other[end] = 1;
    other.push(b'x');
    let upload = async |owner: &mut Browser, bytes: &[u8]| {
        owner.upload("/api/creations", "inventory_list.xlsx", bytes.to_vec()).await.expect(201).json()
    };
    let created = upload(&mut owner, &bytes).await;
    let mut definition = created["proposals"][0]["definition"].clone();
    let columns = definition["tables"][0]["columns"].as_array().unwrap();
    let value = columns.iter().find(|column| column["formula"] == "D4*F4").unwrap();
    let value = format!("{} gt 5", value["title"].as_str().unwrap());
    definition["tables"][0]["gates"] = json!([{"gate": "VALUE", "where": value}]);
    let publish = |created: &Json| format!("/api/creations/{}/publish", created["token"].as_str().unwrap());
    let wish = json!({"definition": definition, "audience": "private"});
    let app = owner.post(&publish(&created), wish).await.expect(201).json()["id"].clone();
    put(&mut owner, &gate("VALUE", "Sure?", true)).await;
    let wish = json!({"definition": definition, "audience": "private", "replaces": app, "rows": "keep"});
    let same = upload(&mut owner, &bytes).await;
    owner.post(&publish(&same), wish.clone()).await.expect(201);
    let path = publish(&upload(&mut owner, &other).await);
    let challenge = required(&mut owner, Method::POST, &path, &wish).await;
    let message = challenge["gates"][0]["message"].as_str().unwrap();
    assert!(message.contains("VALUE asks for other rows in"), "{message}");
    approve(&mut owner, &challenge, password()).await.expect(200);
    repeat(&mut owner, Method::POST, &path, &wish, &challenge).await.expect(201);
    // And back again.
    let path = format!("/api/apps/{}/rollback", app.as_str().unwrap());
    required(&mut owner, Method::POST, &path, &json!({"version": 1})).await;
    owner.post(&path, json!({"version": 3})).await.expect(200);
}
