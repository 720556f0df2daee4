//! What is granted holds on every way into an app: the same person through each face, and nothing that is not theirs in any
//! answer. Hidden cells and rows hold marks that are looked for in all of them.

use std::fmt::Write as _;

use axum::{
    body::Body,
    http::{Method, header},
};
use serde_json::{Value as Json, json};

use crate::kit::{Answer, Browser, Wishes, World, databases, email, id};

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

/// What is read over OData, and the status it gets.
const READS: &[(&str, u16)] = &[
    ("", 200),
    ("$metadata", 200),
    ("$metadata?$format=json", 200),
    ("Orders", 200),
    ("Orders?$count=true&$top=1", 200),
    ("Orders?$format=application/json;odata.metadata=full", 200),
    ("Orders?$filter=Secret eq 'MARK-cell-3'", 400),
    ("Orders?$filter=Region eq 'south'", 200),
    ("Orders?$filter=true or Region eq 'south'", 200),
    ("Orders?$orderby=Secret", 400),
    ("Orders?$select=Secret", 400),
    ("Orders?$select=*", 200),
    ("Orders?$search=MARK", 200),
    ("Orders?$search=NOT n1", 200),
    ("Orders?$compute=concat(Secret,'x') as Y&$select=Y", 400),
    ("Orders?$compute=concat(Region,'x') as Y&$select=Y", 200),
    ("Orders?$apply=groupby((Secret))", 400),
    ("Orders?$apply=groupby((Region),aggregate($count as N,Amount with sum as T))", 200),
    ("Orders?$apply=aggregate(Amount with max as M,Owner with countdistinct as D)", 200),
    ("Orders?$apply=aggregate(Secret with max as M)", 400),
    ("Orders?$apply=filter(Region eq 'south')/aggregate($count as N)", 200),
    ("Orders?$apply=concat(identity,topcount(1,Amount))", 200),
    ("Orders?$apply=orderby(Amount desc)/top(1)", 200),
    ("Orders?$apply=compute(Secret as X)", 400),
    ("Orders?$apply=groupby((Customer/Name))", 200),
    ("Orders?$expand=Customer", 200),
    ("Orders?$expand=*", 200),
    ("Orders?$expand=Customer($select=Note)", 400),
    ("Orders?$expand=Customer($filter=Note eq 'MARK')", 400),
    ("Orders?$filter=Customer/Note eq 'MARK-note-1'", 400),
    ("Orders?$filter=Customer/Name eq 'MARK-name-2'", 200),
    ("Orders?$orderby=Customer/Name", 200),
    ("Customers?$expand=Orders", 200),
    ("Customers?$expand=Orders($count=true;$top=1;$orderby=Amount desc)", 200),
    ("Customers?$expand=Orders/$count", 200),
    ("Customers?$expand=Orders($apply=aggregate(Amount with sum as T))", 200),
    ("Customers?$expand=Orders($expand=Customer)", 200),
    ("Customers?$filter=Orders/any(o:o/Region eq 'south')", 200),
    ("Customers?$filter=Orders/all(o:o/Region eq 'north')", 200),
    ("Customers?$filter=Orders/any(o:o/Secret eq 'MARK-cell-1')", 400),
    ("Customers?$filter=Orders/$count gt 1", 200),
    ("Customers?$orderby=Orders/$count desc", 200),
    ("Customers/$count", 200),
    ("Customers(Code='c2')", 404),
    ("Customers(Code='c2')/Orders", 404),
    ("Customers(Code='c1')/Orders", 200),
    ("Customers(Code='c1')/Orders/$ref", 200),
    ("Customers(Code='c1')/Orders/$count", 200),
    ("Customers(Code='c1')/Note", 404),
    ("Orders(No='s1')", 404),
    ("Orders(No='s1')/Amount", 404),
    ("Orders(No='s1')/$ref", 404),
    ("Orders(No='s1')/Photo", 404),
    ("Orders(No='n1')", 200),
    ("Orders(No='n1')/Secret", 404),
    ("Orders(No='n1')/Secret/$value", 404),
    ("Orders(No='n1')/Scan", 404),
    ("Orders(No='n1')/Customer", 200),
    ("Orders(No='n2')/Customer", 204),
    ("Orders(No='n2')/Customer/$ref", 204),
    ("Orders(No='n2')/Customer/Name", 404),
    ("Vault", 404),
    ("Vault/$count", 404),
    ("Vault(Id='v1')", 404),
    ("Close()", 404),
    ("Wipe", 404),
];

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_not_theirs_is_read_on_any_way() {
    let (databases, _server) = databases();
    for database in databases {
        let mut scene = Scene::new(database, north()).await;
        for (url, status) in READS {
            let answer = scene.odata(Method::GET, url, &[], "").await;
            scene.clean(url, &answer);
            assert_eq!(answer.status, *status, "{url}: {}", answer.text());
            // With the session instead of the key it is the same.
            let path =
                format!("/odata/default/{}/{}", scene.app, url.replace(' ', "%20").replace('\'', "%27"));
            let own = scene.ann.get(&path).await;
            scene.clean(url, &own);
            assert_eq!(own.status, *status, "{url} with a session");
        }
        let texts = [
            ("Orders/$count", "2"),
            ("Customers/$count", "2"),
            ("Orders/$count?$filter=Region eq 'south'", "0"),
            ("Customers(Code='c1')/Orders/$count", "1"),
            ("Orders(No='n1')/Owner/$value", "ann@example.com"),
        ];
        for (url, expect) in texts {
            let answer = scene.odata(Method::GET, url, &[], "").await;
            assert_eq!((answer.status, answer.text().as_str()), (200, expect), "{url}");
        }
        let sum = "Orders?$apply=aggregate(Amount with sum as T)";
        let sum = scene.odata(Method::GET, sum, &[], "").await.json();
        assert_eq!(sum["value"][0]["T"], 30, "{sum}");

        // A row by its id, by reference and as the target of an id.
        for row in scene.unseen() {
            for url in
                [format!("Orders({row})"), format!("$entity?$id=Orders({row})"), format!("Customers({row})")]
            {
                let (answer, none) = (
                    scene.odata(Method::GET, &url, &[], "").await,
                    scene.odata(Method::GET, &url.replace(&row, &id(99)), &[], "").await,
                );
                assert_eq!(answer.status, 404, "{url}");
                assert_eq!(answer.text(), none.text().replace(&id(99), &row), "{url}");
            }
        }
        // Changes are not tracked for those who see some rows: nothing would tell which of them are gone.
        let tracked = [("prefer", "track-changes")];
        let answer = scene.odata(Method::GET, "Orders", &tracked, "").await.expect(200);
        assert!(!answer.text().contains("deltaLink") && answer.header("preference-applied").is_empty());
        let batch = json!({"requests": [
            {"id": "1", "method": "get", "url": "Orders"}, {"id": "2", "method": "get", "url": "Vault"},
            {"id": "3", "method": "get", "url": "Orders(No='s1')"},
            {"id": "4", "method": "post", "url": "Orders/$query", "headers": {"content-type": "text/plain"},
                "body": "$search=MARK"}]});
        let answer = scene.odata(Method::POST, "$batch", &[], &batch.to_string()).await;
        scene.clean(&batch.to_string(), &answer);
        assert!(answer.text().contains("\"n1\""), "{}", answer.text());

        // The rows of the portal's own pages.
        let rows = |table: &str| format!("/api/apps/{}/tables/{table}/rows", scene.app);
        let (orders, vault) = (rows("orders"), rows("vault"));
        let row = scene.row("s1");
        let asks = [
            (&orders, json!({}), 200),
            (&orders, json!({"count": true, "search": "MARK"}), 200),
            (&orders, json!({"search": "MARK", "searchColumns": ["secret"]}), 400),
            (&orders, json!({"sort": {"column": "secret"}}), 400),
            (&orders, json!({"sort": {"column": "amount", "descending": true}}), 200),
            (
                &orders,
                json!({"filters": [{"column": "secret", "operator": "eq", "value": "MARK-cell-1"}]}),
                400,
            ),
            (
                &orders,
                json!({"filters": [{"column": "customer_code/note", "operator": "eq", "value": "MARK"}]}),
                400,
            ),
            (
                &orders,
                json!({"filters": [{"column": "customer_code/name", "operator": "ge", "value": "M"}]}),
                200,
            ),
            (&orders, json!({"search": "MARK-name", "searchColumns": ["customer_code/name"]}), 200),
            (&orders, json!({"id": row}), 200),
            (&vault, json!({}), 404),
        ];
        for (path, body, status) in asks {
            let answer = scene.ann.post(path, body.clone()).await;
            scene.clean(&body.to_string(), &answer);
            assert_eq!(answer.status, status, "{body}: {}", answer.text());
        }
        let app = format!("/api/apps/{}", scene.app);
        for (path, status) in [
            ("", 200),
            ("/client", 200),
            ("/versions/1/workbook", 200),
            ("/versions/1/original", 403),
            ("/export.xlsx", 403),
            ("/grants", 403),
            ("/actions", 200),
            (&format!("/actions?table=orders&row={}", scene.row("n1")), 200),
            (&format!("/actions?table=orders&row={}", scene.row("s1")), 404),
            (&format!("/actions?table=vault&row={}", scene.row("v1")), 404),
            ("/tables/orders/snapshot", 200),
            ("/tables/customers/snapshot", 200),
            ("/tables/vault/snapshot", 404),
            ("/tables/orders/export.csv", 200),
            ("/tables/vault/export.csv", 404),
            (&format!("/tables/orders/rows/{}/files/photo", scene.row("s1")), 404),
            (&format!("/tables/orders/rows/{}/files/scan", scene.row("n1")), 404),
        ] {
            let answer = scene.ann.get(&format!("{app}{path}")).await;
            scene.clean(path, &answer);
            assert_eq!(answer.status, status, "{path}: {}", answer.text());
        }
        let client = scene.ann.get(&format!("{app}/client")).await.text();
        for hidden in ["secret", "vault", "note", "wipe", "scan"] {
            assert!(!client.to_lowercase().contains(hidden), "{hidden} in {client}");
        }
        for (metadata, hidden) in
            [("$metadata", "Secret"), ("$metadata", "Vault"), ("", "Vault"), ("$metadata", "Wipe")]
        {
            let answer = scene.odata(Method::GET, metadata, &[], "").await.text();
            assert!(!answer.contains(hidden), "{hidden} in {answer}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_not_theirs_is_changed_on_any_way() {
    let (databases, _server) = databases();
    for database in databases {
        let mut scene = Scene::new(database, north()).await;
        let before = scene.all().await;
        let path = format!("/api/apps/{}/transactions", scene.app);
        let mut number = 100;
        let mut fresh = || {
            number += 1;
            id(number)
        };
        let (seen, unseen, absent) = (scene.row("n1"), scene.row("s1"), id(99));
        let set = |row: &str, values: Json| json!({"type": "update", "table": "orders", "id": row, "baseVersion": 1, "values": values});
        let add = |row: String, table: &str, values: Json| json!({"type": "insert", "table": table, "id": row, "values": values});
        // What is not seen is refused as what is not there, word by word.
        let twins = [
            (set(&unseen, json!({"amount": 1})), set(&absent, json!({"amount": 1}))),
            (set(&unseen, json!({"amount": "x", "zzz": 1})), set(&absent, json!({"amount": "x", "zzz": 1}))),
            (
                json!({"type": "update", "table": "orders", "id": unseen, "baseVersion": 7, "values": {}}),
                json!({"type": "update", "table": "orders", "id": absent, "baseVersion": 7, "values": {}}),
            ),
            (
                json!({"type": "delete", "table": "orders", "id": unseen, "baseVersion": 1}),
                json!({"type": "delete", "table": "orders", "id": absent, "baseVersion": 1}),
            ),
            (
                json!({"type": "call", "action": "close", "row": unseen}),
                json!({"type": "call", "action": "close", "row": absent}),
            ),
            (
                json!({"type": "call", "action": "close", "row": unseen, "baseVersion": 4}),
                json!({"type": "call", "action": "close", "row": absent, "baseVersion": 4}),
            ),
            (json!({"type": "call", "action": "wipe"}), json!({"type": "call", "action": "none"})),
            (
                set(&seen, json!({"secret": "x", "amount": "y"})),
                set(&seen, json!({"sdcret": "x", "amount": "y"})),
            ),
            (add(id(300), "vault", json!({"id": "v9"})), add(id(300), "nothing", json!({"id": "v9"}))),
        ];
        for (one, other) in twins {
            let mut told = Vec::new();
            for operation in [&one, &other] {
                let body = json!({"id": fresh(), "operations": [operation]});
                let answer = scene.ann.post(&path, body.clone()).await;
                scene.clean(&body.to_string(), &answer);
                assert!(answer.status >= 400, "{operation}: {}", answer.text());
                told.push((
                    answer.status,
                    answer.text().replace("sdcret", "secret").replace("\"none\"", "\"wipe\""),
                ));
            }
            assert_eq!(told[0], told[1], "{one}");
        }
        // What would be out of her reach, or is in it and not hers to change.
        for operation in [
            add(fresh(), "orders", json!({"no": "x1", "region": "south"})),
            add(fresh(), "orders", json!({"no": "x1"})),
            set(&seen, json!({"region": "south"})),
            set(&seen, json!({"owner": "ann@example.com"})),
            set(&seen, json!({"region": null})),
        ] {
            let body = json!({"id": fresh(), "operations": [operation]});
            let answer = scene.ann.post(&path, body.clone()).await;
            scene.clean(&body.to_string(), &answer);
            assert!([403, 422].contains(&answer.status), "{operation}: {}", answer.text());
        }
        for (method, url, body, status) in [
            (Method::PATCH, "Orders(No='n1')", json!({"Secret": "x"}), 400),
            (Method::PATCH, "Orders(No='n1')", json!({"Region": "south"}), 403),
            (Method::PUT, "Orders(No='n1')/Region", json!({"value": "south"}), 403),
            (Method::DELETE, "Orders(No='n1')/Region", Json::Null, 403),
            (Method::DELETE, "Orders(No='s1')", Json::Null, 0),
            (Method::PUT, "Orders(No='s1')/Amount", json!({"value": 1}), 0),
            (Method::DELETE, "Vault(Id='v1')", Json::Null, 404),
            (Method::POST, "Vault", json!({"Id": "v9"}), 404),
            (Method::POST, "Orders", json!({"No": "x2", "Region": "south"}), 403),
            (
                Method::POST,
                "Customers",
                json!({"Code": "c9", "Region": "north", "Orders": [{"No": "x3", "Region": "south"}]}),
                403,
            ),
            (Method::POST, "Wipe", json!({}), 404),
            (Method::POST, "Orders(No='s1')/App.Close", json!({}), 404),
            (Method::PUT, "Orders(No='n1')/Customer/$ref", json!({"@id": "Customers(Code='c2')"}), 0),
            (Method::POST, "Customers(Code='c1')/Orders/$ref", json!({"@id": "Orders(No='s1')"}), 0),
            (Method::DELETE, "Customers(Code='c1')/Orders/$ref?$id=Orders(No='s1')", Json::Null, 0),
        ] {
            let text = if body.is_null() { String::new() } else { body.to_string() };
            let answer = scene.odata(method.clone(), url, &[], &text).await;
            scene.clean(&format!("{method} {url} {text}"), &answer);
            let refused = status == answer.status || status == 0 && (400..500).contains(&answer.status);
            assert!(refused, "{method} {url} {text}: {} {}", answer.status, answer.text());
        }
        // Keys that others have are taken: that much cannot be kept from whoever tries them, and no more is said.
        let row = scene.row("s1");
        for (url, body) in [
            ("Orders(No='s1')", json!({"Region": "north"})),
            (&*format!("Orders({row})"), json!({"No": "x4", "Region": "north"})),
        ] {
            let new = [("if-none-match", "*")];
            let answer = scene.odata(Method::PATCH, url, &new, &body.to_string()).await;
            scene.clean(&format!("{url} {body}"), &answer);
            assert!((400..500).contains(&answer.status), "{url}: {} {}", answer.status, answer.text());
        }
        let files =
            format!("/api/apps/{}/tables/orders/files?column=scan&row={}", scene.app, scene.row("n1"));
        scene.ann.upload(&files, "x", "x").await.expect(404);
        assert_eq!(scene.all().await, before);

        // What is hers she changes, and is told of it what she sees; what is done to all is done to hers.
        let body = json!({"id": fresh(), "operations": [set(&seen, json!({"amount": 11})),
            add(fresh(), "orders", json!({"no": "n3", "region": "north", "customer_code": "c1"}))]});
        let answer = scene.ann.post(&path, body.clone()).await.expect(200);
        scene.clean(&body.to_string(), &answer);
        let columns = answer.json()["rows"][0]["values"].as_array().unwrap().len();
        assert_eq!(columns, 6, "{}", answer.text());
        let representation = [("prefer", "return=representation")];
        let answer = scene.odata(Method::PATCH, "Orders(No='n1')", &representation, r#"{"Amount":12}"#).await;
        scene.clean("PATCH", &answer);
        assert_eq!((answer.status, &answer.json()["Amount"]), (200, &json!(12)), "{}", answer.text());
        let answer = scene.odata(Method::POST, "Orders", &[], r#"{"No":"n4","Region":"north"}"#).await;
        scene.clean("POST", &answer);
        assert_eq!((answer.status, &answer.json()["No"]), (201, &json!("n4")), "{}", answer.text());
        scene.odata(Method::PATCH, "Orders/$each", &[], r#"{"Amount":13}"#).await.expect(204);
        let action = scene.odata(Method::POST, "Orders(No='n1')/App.Close", &[], "{}").await;
        scene.clean("close", &action);
        assert!([200, 204].contains(&action.status), "{}", action.text());
        let body = json!({"id": fresh(), "operations": [{"type": "call", "action": "close", "row": scene.row("n2")}]});
        let answer = scene.ann.post(&path, body).await.expect(200);
        scene.clean("call", &answer);
        assert_eq!(answer.json()["rows"].as_array().unwrap().len(), 1, "{}", answer.text());
        scene.odata(Method::DELETE, "Orders/$filter(Amount ge 0)/$each", &[], "").await.expect(204);
        let mut left = String::new();
        let looked = ["\"n1\"", "\"n2\"", "\"n3\"", "\"n4\"", "south"];
        for line in scene.all().await.lines().filter(|line| looked.iter().any(|part| line.contains(part))) {
            writeln!(left, "{}", line.split_once(',').unwrap().1).unwrap();
        }
        assert_eq!(
            left,
            "1,\"s1\",\"south\",\"MARK-owner-1\",77777771,\"MARK-cell-3\",\"c1\",null,null]\n\
            1,\"s2\",\"south\",\"MARK-owner-2\",77777772,\"MARK-cell-4\",\"c2\",null,null]\n\
            1,\"c2\",\"MARK-name-2\",\"south\",\"MARK-note-2\"]\n"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_and_taken_holds_at_the_next_request() {
    let (databases, _server) = databases();
    for database in databases {
        let own = json!({"rows": "own", "column": "owner"});
        let grant = json!({"level": "none", "tables": {"orders": {"level": "submit", "rows": own}}});
        let mut scene = Scene::new(database, grant).await;
        let names = |answer: Answer| {
            let text = answer.text();
            let json: Json = serde_json::from_str(&text).unwrap_or_default();
            let names = json["value"].as_array().map(|all| {
                all.iter().map(|one| one["No"].as_str().unwrap_or("-").to_owned()).collect::<Vec<_>>()
            });
            format!("{} {}", answer.status, names.unwrap_or_default().join(","))
        };
        // Her own, to which she adds: with her address, whatever she says.
        let read = "Orders?$orderby=No";
        assert_eq!(names(scene.odata(Method::GET, read, &[], "").await), "200 n1");
        assert_eq!(
            scene.odata(Method::POST, "Orders", &[], r#"{"No":"a1"}"#).await.expect(201).json()["Owner"],
            "ann@example.com"
        );
        scene
            .odata(Method::POST, "Orders", &[], r#"{"No":"a2","Owner":"bob@example.com"}"#)
            .await
            .expect(403);
        scene.odata(Method::PATCH, "Orders(No='a1')", &[], r#"{"Amount":1}"#).await.expect(405);
        scene.odata(Method::DELETE, "Orders(No='a1')", &[], "").await.expect(405);
        scene.odata(Method::GET, "Customers", &[], "").await.expect(404);
        assert_eq!(names(scene.odata(Method::GET, read, &[], "").await), "200 a1,n1");

        let person = |grant: Json| json!({"to": "person", "name": email("Ann"), "grant": grant});
        let mut seen = String::new();
        for (what, change) in [
            ("reading", person(json!({"level": "view"}))),
            (
                "south",
                person(
                    json!({"level": "view", "tables": {"orders": {"rows": {"rows": "where", "filter": "Region eq 'south'"}}}}),
                ),
            ),
            (
                "mine",
                person(
                    json!({"tables": {"orders": {"rows": {"rows": "where", "filter": "Owner eq user.Email"}}}}),
                ),
            ),
            (
                "unknown of her",
                person(
                    json!({"tables": {"orders": {"rows": {"rows": "where", "filter": "Region ne user.Region"}}}}),
                ),
            ),
            ("adding", person(json!({"level": "submit"}))),
            ("nothing", person(json!({"level": "none"}))),
            ("as all", person(Json::Null)),
            (
                "all read south",
                json!({"to": "members", "grant": {"level": "view", "tables": {"orders": {"rows": {"rows": "where", "filter": "Region eq 'south'"}}}}}),
            ),
            ("all as defined", json!({"to": "members", "grant": null})),
        ] {
            scene.give(change).await;
            let read = names(scene.odata(Method::GET, read, &[], "").await);
            let write = scene.odata(Method::PATCH, "Orders(No='n1')", &[], r#"{"Amount":5}"#).await.status;
            let page =
                scene.ann.post(&format!("/api/apps/{}/tables/orders/rows", scene.app), json!({})).await;
            writeln!(seen, "{what}: {read}; change {write}; page {}", page.status).unwrap();
        }
        assert_eq!(
            seen,
            "\
reading: 200 a1,n1,n2,s1,s2; change 405; page 200
south: 200 s1,s2; change 405; page 200
mine: 200 a1,n1; change 204; page 200
unknown of her: 404 ; change 404; page 404
adding: 403 ; change 405; page 404
nothing: 401 ; change 401; page 404
as all: 200 a1,n1,n2,s1,s2; change 204; page 200
all read south: 200 s1,s2; change 405; page 200
all as defined: 200 a1,n1,n2,s1,s2; change 204; page 200
"
        );
        // Whoever administers is a maker; whoever is taken away has nothing, and what was theirs is not kept for later.
        scene.give(person(json!({"level": "administer"}))).await;
        let grants = format!("/api/apps/{}/grants", scene.app);
        let all = scene.ann.get(&grants).await.expect(200).json();
        assert_eq!(all[2], json!({"to": "person", "name": email("Ann"), "grant": {"level": "administer"}}));
        let gone =
            scene.maker.delete(&format!("{grants}?to=person&name={}", email("Ann"))).await.expect(200).json();
        assert_eq!(gone.as_array().unwrap().len(), 2, "{gone}");
        scene.ann.get(&grants).await.expect(404);
        scene.odata(Method::GET, "Orders", &[], "").await.expect(401);
        scene.maker.delete(&format!("{grants}?to=person&name={}", email("Ann"))).await.expect(404);
        scene
            .maker
            .patch(&format!("/api/apps/{}", scene.app), json!({"people": [email("Ann")]}))
            .await
            .expect(200);
        scene.ann.get(&grants).await.expect(403);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn grants_that_mean_nothing_are_refused() {
    let mut scene = Scene::new(None, north()).await;
    let path = format!("/api/apps/{}/grants", scene.app);
    let rows = |rows: Json| json!({"tables": {"orders": {"rows": rows}}});
    let person = |grant: Json| json!({"to": "person", "name": email("Ann"), "grant": grant});
    for (change, status) in [
        (json!({"to": "members", "grant": {"level": "administer"}}), 400),
        (json!({"to": "guests", "grant": {"level": "administer"}}), 400),
        (json!({"to": "members", "name": "x", "grant": {}}), 400),
        (json!({"to": "person", "grant": {}}), 400),
        (json!({"to": "person", "name": "nobody", "grant": {}}), 422),
        (json!({"to": "person", "name": "eve@example.com", "grant": null}), 404),
        (json!({"to": "group", "name": " ", "grant": {}}), 400),
        (json!({"to": "group", "name": id(7), "grant": {}}), 404),
        (json!({"to": "everybody", "grant": {}}), 400),
        (person(json!({"level": "own"})), 400),
        (person(json!({"level": "view", "more": 1})), 400),
        (person(json!({"tables": {"nothing": {}}})), 400),
        (person(json!({"tables": {"orders": {"level": "administer"}}})), 400),
        (person(json!({"tables": {"orders": {"hidden": ["nothing"]}}})), 400),
        (person(json!({"actions": {"nothing": true}})), 400),
        (person(rows(json!({"rows": "own", "column": "amount"}))), 400),
        (person(rows(json!({"rows": "own", "column": "photo"}))), 400),
        (person(rows(json!({"rows": "where", "filter": "Region eq"}))), 400),
        (person(rows(json!({"rows": "where", "filter": "Customer/Name eq 'x'"}))), 400),
        (person(rows(json!({"rows": "where", "filter": "Vault eq 'x'"}))), 400),
    ] {
        let answer = scene.maker.put(&path, change.clone()).await;
        assert_eq!(answer.status, status, "{change}: {}", answer.text());
    }
    for body in [json!({"to": "members", "grant": {}}), person(json!({}))] {
        scene.ann.put(&path, body.clone()).await.expect(403);
        scene.world.browser().put(&path, body).await.expect(404);
    }
    // Nothing of all that was kept.
    assert_eq!(scene.odata(Method::GET, "Orders/$count", &[], "").await.text(), "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_maker_looks_at_an_app_as_somebody_else() {
    let mut scene = Scene::new(None, north()).await;
    let app = format!("/api/apps/{}", scene.app);
    let ask = |browser: &Browser, method: Method, path: &str, who: &str, body: Json| {
        let request = browser.request(method, path).header("x-gridkeep-as", who);
        let request = request.header(header::CONTENT_TYPE, "application/json");
        request.body(Body::from(if body.is_null() { String::new() } else { body.to_string() })).unwrap()
    };
    let (rows, client) = (format!("{app}/tables/orders/rows"), format!("{app}/client"));
    let ann = email("Ann");
    let hers = scene.ann.get(&client).await.expect(200).json();
    let request = ask(&scene.maker, Method::GET, &client, &ann, Json::Null);
    assert_eq!(scene.maker.send(request).await.expect(200).json(), hers);
    let hers = scene.ann.post(&rows, json!({})).await.expect(200).json();
    let request = ask(&scene.maker, Method::POST, &rows, &ann, json!({}));
    assert_eq!(scene.maker.send(request).await.expect(200).json(), hers);
    // Nobody else does, and nothing is changed, not even what a maker may.
    let change = json!({"id": id(400), "operations": [{"type": "delete", "table": "orders", "id": scene.row("n1"), "baseVersion": 1}]});
    for (maker, method, path, who, body, status) in [
        (false, Method::GET, client.clone(), &*email("Maker"), Json::Null, 403),
        (false, Method::GET, client.clone(), "", Json::Null, 403),
        (true, Method::GET, client.clone(), "", Json::Null, 404),
        (true, Method::GET, client.clone(), "nobody", Json::Null, 422),
        (true, Method::GET, client.clone(), "eve@example.com", Json::Null, 404),
        (true, Method::GET, format!("{app}/grants"), &*ann, Json::Null, 403),
        (true, Method::GET, format!("{app}/export.xlsx"), &*ann, Json::Null, 403),
        (true, Method::POST, format!("{app}/transactions"), &*ann, change.clone(), 403),
        (true, Method::POST, format!("{app}/transactions"), &*email("Maker"), change, 403),
        (true, Method::POST, format!("{app}/keys"), &*ann, json!({"name": "x"}), 403),
        (true, Method::PATCH, app.clone(), &*email("Maker"), json!({"audience": "public"}), 403),
        (true, Method::DELETE, app.clone(), &*email("Maker"), Json::Null, 403),
    ] {
        let browser = if maker { &mut scene.maker } else { &mut scene.ann };
        let request = ask(browser, method.clone(), &path, who, body);
        let answer = browser.send(request).await;
        assert_eq!(answer.status, status, "{method} {path} as {who}: {}", answer.text());
    }
    // What a condition is about is counted before it is given.
    let check = format!("{app}/grants/check");
    let own = json!({"rows": "own", "column": "owner"});
    let told = |filter: &str| json!({"rows": "where", "filter": filter});
    for (body, rows) in [
        (json!({"table": "orders", "rows": {"rows": "all"}}), 4),
        (json!({"table": "orders", "rows": told("Region eq 'south'")}), 2),
        (json!({"table": "orders", "rows": told("Owner eq user.Email"), "person": ann}), 1),
        (json!({"table": "orders", "rows": told("Owner eq user.Email")}), 0),
        (json!({"table": "orders", "rows": own, "person": ann}), 1),
        (json!({"table": "orders", "rows": told("Region eq user.Region"), "person": ann}), 0),
    ] {
        let answer = scene.maker.post(&check, body.clone()).await.expect(200);
        assert_eq!(answer.json(), json!({"rows": rows}), "{body}");
    }
    for body in [
        json!({"table": "orders", "rows": told("Region eq")}),
        json!({"table": "x", "rows": {"rows": "all"}}),
    ] {
        scene.maker.post(&check, body.clone()).await.expect(400);
        scene.ann.post(&check, body).await.expect(403);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_and_attributes_count_at_the_next_request() {
    let (databases, _server) = databases();
    for database in databases {
        let mut scene = Scene::new(database, json!({})).await;
        let ann = email("Ann");
        scene.maker.delete(&format!("/api/apps/{}/grants?to=person&name={ann}", scene.app)).await.expect(200);
        let people = scene.maker.get("/api/people").await.expect(200).json();
        let own = people["people"].as_array().unwrap().iter().find(|one| one["email"] == ann).unwrap();
        let account = format!("/api/people/{}", own["id"].as_str().unwrap());
        let group = scene.maker.post("/api/groups", json!({"name": "North"})).await.expect(201).json();
        let group = group["id"].as_str().unwrap().to_owned();
        let rows = json!({"rows": "where", "filter": "Region eq user.Region"});
        let grant = json!({"level": "view", "tables": {"orders": {"rows": rows}}});
        scene.give(json!({"to": "group", "name": group, "grant": grant})).await;
        let mut seen = String::new();
        let of_group = format!("/api/groups/{group}");
        let region = |region: &str| json!({"attributes": {"Region": region}});
        for (what, path, change) in [
            ("nothing", "", Json::Null),
            ("in the group", &*of_group, json!({"members": [own["id"]]})),
            ("north", &*account, region("north")),
            ("south", &*account, region("south")),
            ("nowhere", &*account, json!({"attributes": {}})),
            ("north again", &*account, region("north")),
            ("out of the group", &*of_group, json!({"members": []})),
        ] {
            if !path.is_empty() {
                scene.maker.patch(path, change).await.expect(200);
            }
            let apps = scene.ann.get("/api/apps").await;
            let apps = apps.json().as_array().map_or(0, Vec::len);
            let answer = scene.odata(Method::GET, "Orders/$count", &[], "").await;
            let count = if answer.status == 200 { answer.text() } else { String::new() };
            writeln!(seen, "{what}: {} {count}; {apps}", answer.status).unwrap();
        }
        assert_eq!(
            seen,
            "nothing: 401 ; 0\nin the group: 404 ; 1\nnorth: 200 2; 1\nsouth: 200 2; 1\nnowhere: 404 ; 1\n\
            north again: 200 2; 1\nout of the group: 401 ; 0\n"
        );
    }
}
