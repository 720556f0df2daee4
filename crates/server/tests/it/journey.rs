//! Upload, publish, a second person, an edit, an export: DESIGN section 2, on both databases.

use serde_json::{Value as Json, json};

use crate::kit::{Browser, STOCK, Wishes, World, databases, definition, email, id, redacted};

async fn rows(browser: &mut Browser, app: &str, request: Json) -> Json {
    browser.post(&format!("/api/apps/{app}/tables/stock/rows"), request).await.expect(200).json()
}

/// The answer as a browser gets it, unpacked.
async fn compressed(browser: &mut Browser, path: &str) -> String {
    let request = browser.request(axum::http::Method::GET, path).header("accept-encoding", "gzip");
    let answer = browser.send(request.body(axum::body::Body::empty()).unwrap()).await.expect(200);
    assert_eq!(answer.header("content-encoding"), "gzip");
    std::io::read_to_string(flate2::read::GzDecoder::new(&answer.body[..])).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_file_to_an_app_in_use() {
    let (databases, _server) = databases();
    for database in databases {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let mut ada = world.person("Ada").await;
        let mut ben = world.person("Ben").await;

        // Upload and look at it, before anything is stored.
        let created = ada.upload("/api/creations", "M%C3%A4rz.csv", STOCK).await.expect(201).json();
        let token = created["token"].as_str().unwrap().to_owned();
        let again = ada.get(&format!("/api/creations/{token}")).await.expect(200).json();
        assert_eq!(again, created);
        let mut shown = redacted(created);
        shown["proposals"] = json!(!shown["proposals"].as_array().unwrap().is_empty());
        insta::assert_json_snapshot!("creation", shown);
        let file = ada.get(&format!("/api/creations/{token}/workbook")).await.expect(200);
        assert_eq!(file.text(), STOCK);
        let check = json!({"definition": definition()});
        let checked = ada.post(&format!("/api/creations/{token}/check"), check).await.expect(200).json();
        assert_eq!(checked, json!({"problems": []}));

        // Publish for Ben.
        let publish = json!({"definition": definition(), "audience": "private", "people": [email("Ben")]});
        let app = ada.post(&format!("/api/creations/{token}/publish"), publish).await.expect(201).json();
        let app_id = app["id"].as_str().unwrap().to_owned();
        insta::assert_json_snapshot!("app", redacted(app));

        // Ben opens it.
        let card = ben.get("/api/apps").await.expect(200).json();
        insta::assert_json_snapshot!("app_of_a_member", redacted(card));
        let client = ben.get(&format!("/api/apps/{app_id}/client")).await.expect(200).json();
        assert_eq!((&client["role"], &client["maker"]), (&json!("member"), &json!("Ada")));
        assert_eq!(client["definition"]["tables"][0]["id"], "stock");
        let workbook = format!("/api/apps/{app_id}/versions/1/workbook");
        let first = ben.get(&workbook).await.expect(200);
        let copy =
            gridkeep_workbook::read("copy", &first.body, &gridkeep_workbook::Limits::default()).unwrap();
        assert_eq!(copy.sheets[0].cells().len(), 4, "the headers alone");
        assert_eq!(
            ada.get(&format!("/api/apps/{app_id}/versions/1/original")).await.expect(200).text(),
            STOCK
        );
        assert!(first.header("cache-control").contains("immutable"));
        let request = ben
            .request(axum::http::Method::GET, &workbook)
            .header("if-none-match", first.header("etag"))
            .body(axum::body::Body::empty());
        ben.send(request.unwrap()).await.expect(304);

        // He reads, changes, adds and deletes.
        let page = rows(&mut ben, &app_id, json!({"count": true})).await;
        insta::assert_json_snapshot!("rows", redacted(page.clone()));
        let (motor, bolt) = (page["rows"][0][0].clone(), page["rows"][1][0].clone());
        let transactions = format!("/api/apps/{app_id}/transactions");
        let changes = json!({"id": id(1), "operations": [
            {"type": "update", "table": "stock", "id": motor, "baseVersion": 1, "values": {"qty": 2}},
            {"type": "insert", "table": "stock", "id": id(2),
                "values": {"sku": "0010", "item": "=HYPERLINK(1)", "qty": 5, "price": "3.50"}},
            {"type": "delete", "table": "stock", "id": bolt, "baseVersion": 1},
        ]});
        let outcome = ben.post(&transactions, changes.clone()).await.expect(200).json();
        insta::assert_json_snapshot!("outcome", redacted(outcome.clone()));
        // Sent again, it happened once.
        assert_eq!(ben.post(&transactions, changes.clone()).await.expect(200).json(), outcome);
        let filtered = json!({"search": "mot", "sort": {"column": "qty", "descending": true}, "count": true});
        let found = rows(&mut ben, &app_id, filtered).await;
        assert_eq!(found["total"], 1);
        assert_eq!(found["rows"][0][4], 2);

        // All rows, as they are now.
        let snapshot = ben.get(&format!("/api/apps/{app_id}/tables/stock/snapshot")).await.expect(200).text();
        assert_eq!(
            compressed(&mut ben, &format!("/api/apps/{app_id}/tables/stock/snapshot")).await,
            snapshot
        );
        let lines: Vec<Json> = snapshot.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines[0]["columns"], json!(["sku", "item", "qty", "price"]));
        assert_eq!(lines[0]["sequence"], outcome["sequence"]);
        let inserted = lines.iter().find(|line| line[0] == id(2)).unwrap();
        assert_eq!(*inserted, json!([id(2), 1, "0010", "=HYPERLINK(1)", 5, "3.50"]));
        let csv = ben.get(&format!("/api/apps/{app_id}/tables/stock/export.csv")).await.expect(200);
        let text = csv.text();
        assert_eq!(text.trim_start_matches('\u{feff}').lines().next(), Some("SKU,Item,Qty,Price"));
        assert!(text.contains("0010,'=HYPERLINK(1),5,3.50\r\n"), "{text}");
        let export = ada.get(&format!("/api/apps/{app_id}/export.xlsx")).await.expect(200);
        assert!(export.header("content-disposition").contains("M%C3%A4rz.csv"));
        assert!(export.text().contains("0007,Motor,2,19.9"), "{}", export.text());
        assert!(!export.text().contains("Bolt"), "{}", export.text());

        let qr = ben.get(&format!("/api/apps/{app_id}/qr.svg")).await.expect(200);
        assert_eq!(qr.header("content-type"), "image/svg+xml");

        // Ben is no longer named.
        let patched =
            ada.patch(&format!("/api/apps/{app_id}"), json!({"people": []})).await.expect(200).json();
        assert_eq!((&patched["people"], &patched["audience"]), (&json!([]), &json!("private")));
        ben.get(&format!("/api/apps/{app_id}")).await.expect(404);

        // Gone is gone.
        ada.delete(&format!("/api/apps/{app_id}")).await.expect(204);
        assert_eq!(ben.get(&format!("/api/apps/{app_id}/client")).await.expect(404).code(), "notFound");
        let objects = world.data.path().join("data/objects");
        let left = walk(&objects);
        assert!(left.is_empty(), "{left:?}");
    }
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(walk(&path)) } else { files.push(path) }
    }
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_workbook_keeps_or_replaces_rows_and_can_be_rolled_back() {
    let (databases, _server) = databases();
    for database in databases {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let mut ada = world.person("Ada").await;
        let app = ada.publish("private", &[]).await;
        let page = rows(&mut ada, &app, json!({})).await;
        let update = json!({"id": id(1), "operations": [{"type": "update", "table": "stock",
            "id": page["rows"][0][0], "baseVersion": 1, "values": {"qty": 99}}]});
        ada.post(&format!("/api/apps/{app}/transactions"), update).await.expect(200);

        let newer = STOCK.replace("Motor", "Engine");
        let replace = format!("/api/apps/{app}/creation");
        let created = ada.upload(&replace, "newer.csv", newer).await.expect(201).json();
        assert_eq!(created["replaces"], json!(app));
        assert_eq!(created["rebound"]["lost"], json!([]));
        let mut definition = created["rebound"]["definition"].clone();
        definition["name"] = json!("Stock 2");
        let publish = format!("/api/creations/{}/publish", created["token"].as_str().unwrap());
        let request = |rows: &str| json!({"definition": definition, "audience": "private", "replaces": app, "rows": rows});
        let second = ada.post(&publish, request("keep")).await.expect(201).json();
        assert_eq!((&second["version"], &second["name"]), (&json!(2), &json!("Stock 2")));
        let kept = rows(&mut ada, &app, json!({})).await;
        assert_eq!((&kept["rows"][0][3], &kept["rows"][0][4]), (&json!("Motor"), &json!(99)));

        ada.post(&publish, request("replace")).await.expect(201);
        let replaced = rows(&mut ada, &app, json!({})).await;
        assert_eq!((&replaced["rows"][0][3], &replaced["rows"][0][4]), (&json!("Engine"), &json!(3)));

        let rollback = format!("/api/apps/{app}/rollback");
        let first = ada.post(&rollback, json!({"version": 1})).await.expect(200).json();
        assert_eq!(
            (&first["version"], &first["versions"], &first["name"]),
            (&json!(1), &json!(3), &json!("Stock"))
        );
        assert_eq!(ada.post(&rollback, json!({"version": 9})).await.expect(404).code(), "notFound");
        let versions = ada.get(&format!("/api/apps/{app}/versions")).await.expect(200).json();
        insta::assert_json_snapshot!("versions", versions);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kept_rows_follow_the_new_formulas() {
    let world = World::start().await;
    let mut ada = world.person("Ada").await;
    let created = ada.upload("/api/creations?sample=inventory_list", "", "").await.expect(201).json();
    let publish = format!("/api/creations/{}/publish", created["token"].as_str().unwrap());
    let mut definition = created["proposals"][0]["definition"].clone();
    let request = json!({"definition": definition, "audience": "private"});
    let app = ada.post(&publish, request).await.expect(201).json()["id"].as_str().unwrap().to_owned();
    let table = definition["tables"][0]["id"].as_str().unwrap().to_owned();
    let columns = definition["tables"][0]["columns"].as_array().unwrap().clone();
    let value = columns.iter().position(|column| column["formula"] == "D4*F4").unwrap();
    let rows = format!("/api/apps/{app}/tables/{table}/rows");
    let amount =
        |page: &Json| page["rows"][0][value + 2].to_string().trim_matches('"').parse::<f64>().unwrap();
    let before = ada.post(&rows, json!({"limit": 1})).await.expect(200).json();
    // 38 pieces at 59.58.
    assert_eq!(amount(&before), 2264.04);

    definition["tables"][0]["columns"][value]["formula"] = json!("D4*F4*2");
    let request = json!({"definition": definition, "audience": "private", "replaces": app});
    ada.post(&publish, request).await.expect(201);
    let after = ada.post(&rows, json!({"limit": 1})).await.expect(200).json();
    assert_eq!(amount(&after), 4528.08);
    assert_eq!((&after["rows"][0][0], &after["rows"][0][1]), (&before["rows"][0][0], &json!(2)));

    ada.post(&format!("/api/apps/{app}/rollback"), json!({"version": 1})).await.expect(200);
    let back = ada.post(&rows, json!({"limit": 1})).await.expect(200).json();
    assert_eq!(amount(&back), 2264.04);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_there_after_a_restart() {
    let world = World::start().await;
    let mut ada = world.person("Ada").await;
    let app = ada.publish("public", &[]).await;
    // The old server still has the folder when somebody forgets to let go of it.
    let world = World::over(world.end().await, Wishes::default()).await;
    ada.address = world.address;
    let session = ada.get("/api/session").await.expect(200).json();
    assert_eq!(session["account"]["name"], "Ada");
    assert_eq!(rows(&mut ada, &app, json!({"count": true})).await["total"], 3);
    let workbook = ada.get(&format!("/api/apps/{app}/versions/1/original")).await.expect(200);
    assert_eq!(workbook.text(), STOCK);
}
