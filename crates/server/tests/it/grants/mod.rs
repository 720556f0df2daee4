//! What is granted holds on every way into an app: the same person through each face, and nothing that is not theirs in any
//! answer. Hidden cells and rows hold marks that are looked for in all of them.

mod changed;
mod files;
mod given;
mod imported;
mod read;
mod seen_as;

use axum::{
    body::Body,
    http::{Method, header},
};
use serde_json::{Value as Json, json};

use crate::kit::{Answer, Browser, Wishes, World, email};

/// What stands in cells that Ann must not see, as text and as number.
const MARKS: [&str; 2] = ["MARK", "7777777"];

/// Orders and customers of two regions, and a table beside them. North is Ann's.
const BOOK: &str = "\
No,Region,Owner,Amount,Secret,Customer Code,,Code,Name,Region,Note,,Id,What
n1,north,ann@example.com,10,MARK-cell-1,c1,,c1,Cleo,north,MARK-note-1,,v1,MARK-vault-1
n2,north,bob@example.com,20,MARK-cell-2,c2,,c2,MARK-name-2,south,MARK-note-2,,v2,MARK-vault-2
s1,south,MARK-owner-1,77777771,MARK-cell-3,c1,,c3,Cora,north,MARK-note-3,,,
s2,south,MARK-owner-2,77777772,MARK-cell-4,c2,,,,,,,,
";

fn definition() -> Json {
    let column = |id: &str, offset: u32, kind: &str| {
        json!({"id": id, "title": id, "offset": offset,
        "kind": kind, "type": {"name": if kind == "integer" { "integer" } else { "text" }}})
    };
    let text = |id: &str, offset: u32| column(id, offset, "text");
    let table = |id: &str, key: &str, range: &str, columns: Vec<Json>| {
        let source = json!({"from": "range", "sheet": gridkeep_workbook::read::CSV_SHEET, "range": range});
        json!({"id": id, "title": id, "key": key, "source": source, "columns": columns})
    };
    let mut customer = text("customer_code", 5);
    customer["refers"] = json!({"table": "customers", "column": "code"});
    let mut photo = text("photo", 0);
    photo["kind"] = "file".into();
    let mut scan = text("scan", 0);
    scan["kind"] = "file".into();
    json!({
        "schemaVersion": 1, "name": "Force", "description": "", "icon": "list", "accent": "#2f6f4f", "language": "en",
        "screens": [
            {"id": "orders", "title": "Orders", "icon": "list", "kind": "list", "components": [{
                "type": "list", "id": "o", "table": "orders", "titleColumn": "secret", "columns": ["amount", "secret"],
                "filters": ["secret"], "search": ["secret", "no"], "sort": {"column": "secret"},
                "detail": ["no", "secret", "amount"]}]},
            {"id": "vault", "title": "Vault", "icon": "list", "kind": "list", "components": [{
                "type": "list", "id": "v", "table": "vault", "titleColumn": "what", "columns": [], "filters": [],
                "search": [], "detail": ["id"]}]}],
        "tables": [
            table("orders", "no", "A1:F5", vec![text("no", 0), text("region", 1), text("owner", 2),
                column("amount", 3, "integer"), text("secret", 4), customer, photo, scan]),
            table("customers", "code", "H1:K4", vec![text("code", 0), text("name", 1), text("region", 2), text("note", 3)]),
            table("vault", "id", "M1:N3", vec![text("id", 0), text("what", 1)]),
        ],
        "actions": [
            {"id": "close", "title": "Close", "table": "orders", "access": ["member"], "steps": [
                {"do": "set", "values": {"amount": {"value": 0}, "secret": {"value": "MARK-closed"}}},
                {"do": "update", "table": "vault", "values": {"what": {"value": "MARK-changed"}}}]},
            {"id": "wipe", "title": "Wipe", "access": ["member"], "steps": [
                {"do": "delete", "table": "vault", "where": [{"column": "id", "comparison": "filled"}]}]}]
    })
}

/// What Ann is given: her region's orders without two columns, her region's customers, nothing of the vault.
fn north() -> Json {
    let rows = json!({"rows": "where", "filter": "Region eq 'north'"});
    json!({"level": "edit", "actions": {"wipe": false}, "tables": {
        "orders": {"rows": rows, "hidden": ["secret", "scan"], "readOnly": ["owner"]},
        "customers": {"rows": rows, "hidden": ["note"]},
        "vault": {"level": "none"}}})
}

struct Scene {
    world: World,
    maker: Browser,
    ann: Browser,
    app: String,
    key: String,
    /// Ids of rows by their key.
    rows: Vec<(String, String)>,
}

impl Scene {
    async fn new(database: Option<String>, grant: Json) -> Self {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let mut maker = world.person("Maker").await;
        let mut ann = world.person("Ann").await;
        let answer = maker.upload("/api/creations", "force.csv", BOOK).await.expect(201);
        let token = answer.json()["token"].as_str().unwrap().to_owned();
        let request = json!({"definition": definition(), "audience": "private", "people": [email("Ann")]});
        let answer = maker.post(&format!("/api/creations/{token}/publish"), request).await.expect(201);
        let app = answer.json()["id"].as_str().unwrap().to_owned();
        let mut rows = Vec::new();
        for table in ["orders", "customers", "vault"] {
            let page =
                maker.post(&format!("/api/apps/{app}/tables/{table}/rows"), json!({})).await.expect(200);
            for row in page.json()["rows"].as_array().unwrap() {
                rows.push((row[2].as_str().unwrap().to_owned(), row[0].as_str().unwrap().to_owned()));
            }
        }
        let made = ann.post(&format!("/api/apps/{app}/keys"), json!({"name": "x", "writes": true})).await;
        let key = made.expect(201).json()["secret"].as_str().unwrap().to_owned();
        let mut scene = Self { world, maker, ann, app, key, rows };
        scene.give(json!({"to": "person", "name": email("Ann"), "grant": grant})).await;
        scene
    }

    async fn give(&mut self, change: Json) {
        self.maker.put(&format!("/api/apps/{}/grants", self.app), change).await.expect(200);
    }

    fn row(&self, key: &str) -> String {
        self.rows.iter().find(|(own, _)| own == key).unwrap().1.clone()
    }

    /// Ids of the rows that Ann must not know of.
    fn unseen(&self) -> Vec<String> {
        ["s1", "s2", "c2", "v1", "v2"].map(|key| self.row(key)).into()
    }

    async fn odata(&mut self, method: Method, url: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let url = url.replace(' ', "%20").replace('\'', "%27");
        let method_changes =
            [Method::PATCH, Method::PUT, Method::DELETE].contains(&method) || url.ends_with("App.Close");
        let mut request = axum::http::Request::builder()
            .method(method)
            .uri(format!("/odata/default/{}/{url}", self.app))
            .header(header::HOST, "gridkeep.test")
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key))
            .header("odata-maxversion", "4.01");
        if !body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        if method_changes && !headers.iter().any(|(name, _)| *name == "if-none-match") {
            request = request.header("if-match", "*");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut browser = self.world.browser();
        browser.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    /// Fails when an answer holds what Ann must not see. What she said herself may be said back.
    #[track_caller]
    fn clean(&self, asked: &str, answer: &Answer) {
        let text = format!("{:?}\n{}", answer.headers, answer.text());
        for mark in MARKS.iter().map(ToString::to_string).chain(self.unseen()) {
            let found = text.contains(&mark) && !asked.contains(&mark);
            assert!(!found, "{mark} in the answer to {asked}:\n{} {text}", answer.status);
        }
        assert!(answer.status < 500 || answer.status == 501, "{asked}: {} {text}", answer.status);
    }

    /// What rows are now, as their maker sees them.
    async fn all(&mut self) -> String {
        let mut all = String::new();
        for table in ["orders", "customers", "vault"] {
            let path = format!("/api/apps/{}/tables/{table}/snapshot", self.app);
            let text = self.maker.get(&path).await.expect(200).text();
            let (_, rows) = text.split_once('\n').unwrap();
            all.push_str(rows);
        }
        all
    }
}
