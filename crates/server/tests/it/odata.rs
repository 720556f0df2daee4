//! An app as an OData service, as programs see it.

use std::fmt::Write as _;

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use serde_json::{Value as Json, json};

use crate::kit::{Answer, Browser, Wishes, World, databases, id};

/// A program with a key, or without.
struct Program {
    browser: Browser,
    root: String,
    key: Option<String>,
}

impl Program {
    async fn send(&mut self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.root))
            .header(header::HOST, "gridkeep.test");
        if let Some(key) = &self.key {
            request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
        }
        if !body.is_empty() && headers.iter().all(|(name, _)| *name != "content-type") {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.browser.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], "").await
    }

    /// Follows next links and gives the names of all items.
    async fn walk(&mut self, first: &str, headers: &[(&str, &str)]) -> Vec<Vec<String>> {
        let mut pages = Vec::new();
        let mut next = Some(first.to_owned());
        while let Some(path) = next {
            let page = self.send(Method::GET, &path, headers, "").await.expect(200).json();
            let items = page["value"].as_array().unwrap();
            pages.push(items.iter().map(|item| item["Item"].as_str().unwrap_or("-").to_owned()).collect());
            let root = format!("http://gridkeep.test{}", self.root);
            next = page["@nextLink"].as_str().map(|link| link.strip_prefix(&root).unwrap().to_owned());
        }
        pages
    }
}

/// The stock list of a maker, and a program with a key of theirs.
async fn stock(database: Option<String>) -> (World, Browser, String, Program) {
    let world = World::with(Wishes { database, ..Wishes::default() }).await;
    let mut maker = world.person("Maker").await;
    let app = maker.publish("private", &["Member"]).await;
    let program = program(&mut maker, &world, &app, true).await;
    (world, maker, app, program)
}

async fn program(person: &mut Browser, world: &World, app: &str, writes: bool) -> Program {
    let made = person.post(&format!("/api/apps/{app}/keys"), json!({"name": "test", "writes": writes})).await;
    let key = made.expect(201).json()["secret"].as_str().unwrap().to_owned();
    Program { browser: world.browser(), root: format!("/odata/default/{app}/"), key: Some(key) }
}

/// Status, the headers that matter and the body, with what differs from run to run hidden.
fn shown(answer: &Answer, app: &str) -> String {
    let mut text = format!("{}\n", answer.status);
    let names = [
        "content-type",
        "odata-version",
        "etag",
        "location",
        "odata-entityid",
        "preference-applied",
        "allow",
    ];
    for name in names {
        if let Some(value) = answer.headers.get(name) {
            writeln!(text, "{name}: {}", value.to_str().unwrap()).unwrap();
        }
    }
    text.push_str(&answer.text());
    hidden(&text.replace(app, "[app]"))
}

/// Row ids are made at publishing.
fn hidden(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let at = rest
            .char_indices()
            .map(|(at, _)| at)
            .find(|at| rest.get(*at..*at + 36).is_some_and(|part| uuid::Uuid::parse_str(part).is_ok()));
        let Some(at) = at else {
            out.push_str(rest);
            break;
        };
        out.push_str(&rest[..at]);
        out.push_str("[row]");
        rest = &rest[at + 36..];
    }
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_describes_itself_and_answers() {
    let (_world, _maker, app, mut program) = stock(None).await;
    for (name, path, headers) in [
        ("service", "", &[][..]),
        ("metadata_xml", "$metadata", &[("odata-maxversion", "4.01")]),
        ("metadata_json", "$metadata?$format=json", &[]),
        ("set", "Stock?$orderby=Item&$count=true", &[]),
        ("set_none", "Stock?$orderby=Item&$top=1", &[("accept", "application/json;odata.metadata=none")]),
        (
            "set_full",
            "Stock?$orderby=Item&$top=1&$select=Item,Price",
            &[("accept", "application/json;metadata=full;IEEE754Compatible=true")],
        ),
        ("set_4_0", "Stock?$orderby=Item&$top=1", &[("odata-maxversion", "4.0")]),
        (
            "query",
            "Stock?$filter=Qty gt 10 and contains(Item,'l')&$select=Item,Twice&$compute=Qty mul 2 as Twice"
                .replace(' ', "%20")
                .leak(),
            &[],
        ),
        (
            "groups",
            "Stock?$apply=filter(Qty gt 2)/compute(Qty gt 30 as Many)/groupby((Many),aggregate(Qty mul Price with sum as Worth,\
             Price with average as Mean,$count as N))/filter(N gt 0)&$orderby=Worth desc&$count=true"
                .replace(' ', "%20")
                .leak(),
            &[],
        ),
        (
            "groups_4_0",
            "Stock?$apply=aggregate(Qty with max as Most,Item with countdistinct as Items)".replace(' ', "%20").leak(),
            &[("odata-maxversion", "4.0")],
        ),
        ("search", "Stock?$search=SEAL", &[]),
        ("count", "Stock/$count?$filter=Qty%20lt%2050", &[]),
        ("entity", "Stock(Sku='0008')", &[]),
        ("property", "Stock(Sku='0008')/Price", &[]),
        ("value", "Stock(Sku='0008')/Price/$value", &[]),
        ("reference", "Stock(Sku='0008')/$ref", &[]),
        ("refs", "Stock/$ref?$filter=Qty%20eq%203", &[]),
    ] {
        let answer = program.send(Method::GET, path, headers, "").await;
        insta::assert_snapshot!(name, format!("GET {path}\n{}", shown(&answer, &app)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_while_rows_come() {
    let (databases, _server) = databases();
    for database in databases {
        let (_world, _maker, _app, mut program) = stock(database).await;
        let three = [("prefer", "maxpagesize=1")];
        let pages = program.walk("Stock?$orderby=Item%20desc", &three).await;
        assert_eq!(pages[..3], [["Seal"], ["Motor"], ["Bolt"]]);
        // A page's end holds although a row comes before it.
        let first = program.send(Method::GET, "Stock?$orderby=Item", &three, "").await.expect(200);
        assert_eq!(first.header("preference-applied"), "maxpagesize=1");
        program.send(Method::POST, "Stock", &[], r#"{"Sku":"1","Item":"Anvil","Qty":1}"#).await.expect(201);
        let next = first.json()["@nextLink"].as_str().unwrap().to_owned();
        let path = next.rsplit_once('/').unwrap().1;
        assert_eq!(program.walk(path, &three).await[..2], [["Motor"], ["Seal"]]);
        let groups = program.walk("Stock?$apply=groupby((Item))&$orderby=Item", &three).await;
        assert_eq!(groups, [vec!["Anvil"], vec!["Bolt"], vec!["Motor"], vec!["Seal"], vec![]]);
        // `$top` counts over all pages.
        let pages = program.walk("Stock?$orderby=Item&$top=3&$skip=1", &[("prefer", "maxpagesize=2")]).await;
        assert_eq!(pages, [vec!["Bolt", "Motor"], vec!["Seal"]]);
        let other =
            format!("Stock?$orderby=Qty&{}", path.split_once('?').unwrap().1.split_once('&').unwrap().1);
        let answer = program.get(&other).await.expect(400);
        assert_eq!(answer.json()["error"]["code"], "INVALID_SKIPTOKEN");
    }
}

/// Method, headers, body and the status it is answered with.
type Step<'a> = (&'a Method, &'a [(&'a str, &'a str)], &'a str, u16);

#[tokio::test(flavor = "multi_thread")]
async fn entities_are_made_changed_and_removed() {
    let (databases, _server) = databases();
    for database in databases {
        let (_world, _maker, app, mut program) = stock(database).await;
        let row = id(77);
        let body = format!(r#"{{"RowId":"{row}","Sku":"0100","Item":"Größe \"L\"","Qty":"7","Price":12.5}}"#);
        let made = program.send(Method::POST, "Stock", &[], &body).await.expect(201);
        let here = format!("http://gridkeep.test/odata/default/{app}/Stock({row})");
        assert_eq!((made.header("location"), made.header("etag")), (&*here, "W/\"1\""));
        assert_eq!(made.json()["Price"], json!(12.50));
        assert_eq!(made.json()["Item"], "Größe \"L\"");
        program.send(Method::POST, "Stock", &[], &body).await.expect(409);

        let path = format!("Stock({row})");
        let none: &[(&str, &str)] = &[];
        let patch = r#"{"Qty":8}"#;
        let steps: &[Step<'_>] = &[
            (&Method::GET, &[("if-none-match", "W/\"1\"")], "", 304),
            (&Method::PATCH, none, patch, 428),
            (&Method::PATCH, &[("if-match", "W/\"9\"")], patch, 412),
            (&Method::PATCH, &[("if-none-match", "*")], patch, 412),
            (&Method::PATCH, &[("if-match", "W/\"1\"")], patch, 204),
            (&Method::PATCH, &[("if-match", "W/\"1\"")], patch, 412),
            (&Method::PATCH, &[("if-match", "*"), ("prefer", "return=representation")], r#"{"Qty":9}"#, 200),
            (&Method::PATCH, &[("if-match", "*")], r#"{"Qty":-1}"#, 400),
            (&Method::PATCH, &[("if-match", "*")], r#"{"Qty":null}"#, 400),
            (&Method::PATCH, &[("if-match", "*")], r#"{"Qty":"many"}"#, 400),
            (&Method::PATCH, &[("if-match", "*")], r#"{"Colour":"red"}"#, 400),
            (&Method::PATCH, &[("if-match", "*")], r#"{"Qty":1,"Qty":2}"#, 400),
            (&Method::PATCH, &[("if-match", "*")], "{", 400),
            (&Method::PUT, &[("if-match", "*")], r#"{"Sku":"0100","Qty":1}"#, 204),
            (&Method::DELETE, none, "", 428),
            (&Method::DELETE, &[("if-match", "W/\"4\"")], "", 204),
            (&Method::GET, none, "", 404),
            (&Method::DELETE, &[("if-match", "*")], "", 412),
            (&Method::DELETE, none, "", 404),
            (&Method::PATCH, &[("if-match", "*")], r#"{"Sku":"5","Qty":5}"#, 412),
            (&Method::PATCH, none, r#"{"Sku":"5","Qty":5}"#, 201),
        ];
        for (step, (method, headers, body, expect)) in steps.iter().enumerate() {
            let answer = program.send((*method).clone(), &path, headers, body).await;
            assert_eq!(answer.status, *expect, "step {step} {method} {headers:?} {body}: {}", answer.text());
        }
        let any = ("if-match", "*");
        // What could not be answered is refused before it is done.
        for (query, header) in
            [("", ("accept", "text/html")), ("?$select=Nope", any), ("?$filter=Qty eq 1", any)]
        {
            let query = query.replace(' ', "%20");
            let count = program.get("Stock/$count").await.text();
            let body = r#"{"Sku":"refused","Qty":1}"#;
            let answer = program.send(Method::POST, &format!("Stock{query}"), &[header], body).await;
            assert!([400, 406].contains(&answer.status), "{}", answer.text());
            assert_eq!(program.get("Stock/$count").await.text(), count, "{query} {header:?}");
        }
        // A property on its own, and each entity of a collection.
        let parts: &[(&str, Step<'_>)] = &[
            ("/Item", (&Method::PUT, &[any], r#"{"value":"Nut"}"#, 204)),
            ("/Item", (&Method::PUT, none, r#"{"value":"Nut"}"#, 428)),
            ("/Item/$value", (&Method::PUT, &[any, ("content-type", "text/plain")], "Big nut", 204)),
            ("/Qty/$value", (&Method::PUT, &[any, ("content-type", "text/plain")], "many", 400)),
            ("/Qty", (&Method::DELETE, &[any], "", 400)),
            ("/RowId", (&Method::PUT, &[any], r#"{"value":"018f0000-0000-7000-8000-000000000001"}"#, 400)),
        ];
        for (part, (method, headers, body, expect)) in parts {
            let answer = program.send((*method).clone(), &format!("{path}{part}"), headers, body).await;
            assert_eq!(answer.status, *expect, "{method} {part} {headers:?} {body}: {}", answer.text());
        }
        assert_eq!(program.get(&format!("{path}/Item/$value")).await.text(), "Big nut");
        program.send(Method::DELETE, &format!("{path}/Item"), &[any], "").await.expect(204);
        program.get(&format!("{path}/Item")).await.expect(204);
        let some = "Stock/$filter(Qty%20ge%2040)/$each";
        program.send(Method::PATCH, some, none, r#"{"Item":"Many"}"#).await.expect(204);
        program.send(Method::PATCH, some, none, r#"{"Qty":-1}"#).await.expect(400);
        let text = [("content-type", "text/plain")];
        let query = "$filter=Item eq 'Many'&$count=true&$top=0".replace(' ', "%20");
        let found = program.send(Method::POST, "Stock/$query", &text, &query).await.expect(200);
        assert_eq!(found.json()["@count"], 2);
        program.send(Method::DELETE, some, none, "").await.expect(204);
        assert_eq!(program.get("Stock/$count?$filter=Item%20eq%20'Many'").await.text(), "0");
        // By the alternate key, and with nothing in return.
        let minimal = [("prefer", "return=minimal")];
        let made =
            program.send(Method::PATCH, "Stock(Sku='new')", &minimal, r#"{"Qty":1}"#).await.expect(204);
        assert!(
            made.headers.contains_key("odata-entityid")
                && made.header("preference-applied") == "return=minimal"
        );
        assert_eq!(program.get("Stock(Sku='new')").await.expect(200).json()["Qty"], 1);
    }
}

/// A batch as OpenUI5 sends it: one read and one lone change, with words behind the end.
const MULTIPART: &str = "--b1\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n\
GET Stock?$count=true&$orderby=Item&$top=1&$select=Item HTTP/1.1\r\nAccept: application/json;odata.metadata=minimal;IEEE754Compatible=true\r\n\r\n\r\n\
--b1\r\nContent-Type: multipart/mixed;boundary=c1\r\n\r\n\
--c1\r\nContent-Type: application/http\r\nContent-ID: 1\r\n\r\n\
POST Stock HTTP/1.1\r\nContent-Type: application/json\r\nPrefer: return=minimal\r\n\r\n{\"Sku\":\"b1\",\"Qty\":1}\r\n\
--c1\r\nContent-Type: application/http\r\nContent-ID: 2\r\n\r\n\
PATCH $1 HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{\"Item\":\"Batch\"}\r\n--c1--\r\n\
--b1\r\nContent-Type: application/http\r\n\r\nGET Stock(Sku='b1') HTTP/1.1\r\n\r\n\r\n--b1--\r\nGroup ID: $auto";

#[tokio::test(flavor = "multi_thread")]
async fn batches_in_both_formats() {
    let (databases, _server) = databases();
    for database in databases {
        let (_world, _maker, app, mut program) = stock(database).await;
        let boundary = [("content-type", "multipart/mixed;boundary=b1"), ("odata-maxversion", "4.0")];
        let answer = program.send(Method::POST, "$batch", &boundary, MULTIPART).await.expect(200);
        let kind = answer.header("content-type").to_owned();
        let boundary = kind.split_once("boundary=").unwrap().1;
        let text = hidden(&answer.text().replace(&app, "[app]").replace(boundary, "[boundary]"));
        insta::assert_snapshot!("batch_multipart", text.replace('\r', ""));

        let row = id(5);
        let json = json!({"requests": [
            {"id": "r0", "method": "get", "url": "Stock/$count"},
            {"id": "a", "atomicityGroup": "g1", "method": "post", "url": "Stock", "body": {"RowId": row, "Sku": "j1", "Qty": 1},
                "headers": {"content-type": "application/json"}},
            {"id": "b", "atomicityGroup": "g1", "method": "patch", "url": "$a", "body": {"Qty": 2},
                "headers": {"content-type": "application/json"}},
            {"id": "c", "method": "get", "url": "$a/Qty", "dependsOn": ["g1"]},
            {"id": "d", "atomicityGroup": "g2", "method": "post", "url": "Stock", "body": {"Sku": "j2", "Qty": 1},
                "headers": {"content-type": "application/json"}},
            {"id": "e", "atomicityGroup": "g2", "method": "post", "url": "Stock", "body": {"Sku": "j1", "Qty": 1},
                "headers": {"content-type": "application/json"}},
            {"id": "f", "method": "get", "url": "Stock", "dependsOn": ["g2"]},
            {"id": "h", "method": "get", "url": format!("/odata/default/{app}/Stock(Sku='j1')/Qty/$value")},
        ]});
        let send = [("content-type", "application/json"), ("prefer", "continue-on-error")];
        let body = json.to_string();
        let answer = program.send(Method::POST, "$batch", &send, &body).await.expect(200);
        let answers = answer.json();
        let statuses: Vec<_> = answers["responses"]
            .as_array()
            .unwrap()
            .iter()
            .map(|answer| (answer["id"].as_str().unwrap().to_owned(), answer["status"].as_u64().unwrap()))
            .collect();
        let expect =
            [("r0", 200), ("a", 201), ("b", 204), ("c", 200), ("d", 424), ("e", 409), ("f", 424), ("h", 200)];
        assert_eq!(statuses, expect.map(|(id, status)| (id.to_owned(), status)), "{}", answer.text());
        assert_eq!(answers["responses"][3]["body"]["value"], 2);
        // The group that failed has left nothing.
        program.get("Stock(Sku='j2')").await.expect(404);
        // Without the preference the first failure ends it.
        let stops = json!({"requests": [
            {"id": "1", "method": "get", "url": "Nothing"}, {"id": "2", "method": "get", "url": "Stock"},
        ]});
        let answer = program.send(Method::POST, "$batch", &[], &stops.to_string()).await.expect(200).json();
        let statuses: Vec<_> =
            answer["responses"].as_array().unwrap().iter().map(|one| one["status"].clone()).collect();
        assert_eq!(statuses, [404, 424]);
        for (kind, body, expect) in [
            ("text/plain", "x", 415),
            ("multipart/mixed", "x", 400),
            ("multipart/mixed;boundary=b1", "--b1\r\nContent-Type: application/http\r\n\r\nGET Stock", 400),
            ("application/json", "{\"requests\":[{}]}", 400),
            ("application/json", r#"{"requests":[{"id":"1","method":"post","url":"$batch"}]}"#, 400),
        ] {
            let answer = program.send(Method::POST, "$batch", &[("content-type", kind)], body).await;
            assert_eq!(answer.status, expect, "{kind} {body}: {}", answer.text());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_opens_what_its_person_may() {
    let (world, mut maker, app, _) = stock(None).await;
    let mut member = world.person("Member").await;
    let mut stranger = world.person("Stranger").await;
    let mut reads = program(&mut member, &world, &app, false).await;
    reads.get("Stock").await.expect(200);
    reads.send(Method::POST, "Stock", &[], r#"{"Sku":"9","Qty":1}"#).await.expect(403);
    let mut writes = program(&mut member, &world, &app, true).await;
    writes.send(Method::POST, "Stock", &[], r#"{"Sku":"9","Qty":1}"#).await.expect(201);
    // Without credentials, with a wrong key, with another app's key: asked for credentials, whether the app is there or not.
    let other = maker.publish("private", &[]).await;
    let mut elsewhere = program(&mut maker, &world, &other, true).await;
    elsewhere.root.clone_from(&writes.root);
    let unknown = format!("/odata/default/{}/", id(5));
    for key in [None, Some("gk_nonsense".to_owned()), elsewhere.key.clone()] {
        for root in [&writes.root, &unknown] {
            let mut nobody = Program { browser: world.browser(), root: root.clone(), key: key.clone() };
            let answer = nobody.get("Stock").await.expect(401);
            assert!(answer.header("www-authenticate").starts_with("Basic"));
        }
    }
    // The app's card says where all this is.
    let card = member.get(&format!("/api/apps/{app}")).await.expect(200).json();
    assert_eq!(card["service"], format!("http://gridkeep.test{}", writes.root));
    // A session works as well, from our own pages only.
    let path = format!("{}Stock", writes.root);
    member.get(&path).await.expect(200);
    stranger.get(&path).await.expect(404);
    let foreign = member.request(Method::POST, &path).header("origin", "https://evil.example");
    let foreign = foreign.header("content-type", "application/json").body(Body::from("{}")).unwrap();
    member.send(foreign).await.expect(403);
    // Who is named no longer has a key that opens nothing, and so has a revoked one.
    maker.patch(&format!("/api/apps/{app}"), json!({"people": []})).await.expect(200);
    writes.get("Stock").await.expect(401);
    maker.patch(&format!("/api/apps/{app}"), json!({"people": ["member@example.com"]})).await.expect(200);
    writes.get("Stock").await.expect(200);
    for key in maker.get(&format!("/api/apps/{app}/keys")).await.json().as_array().unwrap() {
        maker.delete(&format!("/api/apps/{app}/keys/{}", key["id"].as_str().unwrap())).await.expect(204);
    }
    writes.get("Stock").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_are_answered_with_what_and_where() {
    let (_world, _maker, app, mut program) = stock(None).await;
    let mut table = String::new();
    for (method, path, headers) in [
        (Method::GET, "Nothing", &[][..]),
        (Method::GET, "Stock(1)", &[]),
        (Method::GET, "Stock?$filter=Qty%20gt", &[]),
        (Method::GET, "Stock?$filter=Colour%20eq%201", &[]),
        (Method::GET, "Stock?$top=-1", &[]),
        (Method::GET, "Stock?$expand=Lines", &[]),
        (Method::GET, "Stock?$apply=topcount(2,Qty)", &[]),
        (Method::GET, "Stock?$apply=groupby((Item))/top(1)", &[]),
        (Method::GET, "Stock?$apply=groupby((Item),aggregate(Item%20with%20sum%20as%20S))", &[]),
        (Method::GET, "Stock?$apply=groupby((Item))&$filter=Qty%20eq%201", &[]),
        (Method::GET, "Stock?$nonsense=1", &[]),
        (Method::GET, "Stock", &[("accept", "text/html")]),
        (Method::GET, "Stock", &[("odata-maxversion", "3.0")]),
        (Method::POST, "Stock(Sku='0008')", &[]),
        (Method::DELETE, "Stock", &[]),
        (Method::OPTIONS, "Stock", &[]),
        (Method::HEAD, "Stock", &[]),
        (Method::POST, "$batch", &[]),
        (Method::GET, "$entity?$id=x", &[]),
    ] {
        let answer = program.send(method.clone(), path, headers, "").await;
        let text = shown(&answer, &app).replace('\n', " | ");
        writeln!(table, "{method} {path} {headers:?}\n  {text}").unwrap();
    }
    insta::assert_snapshot!("mistakes", table);
    // A long filter is answered quickly, in bounded memory.
    let long = format!("Stock?$filter={}", "Qty%20eq%201%20or%20".repeat(400) + "true");
    program.get(&long).await.expect(200);
    let deep = format!("Stock?$filter={}", "(".repeat(6_000));
    program.get(&deep).await.expect(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn calculators_are_functions() {
    let world = World::start().await;
    let mut maker = world.person("Maker").await;
    let workbook =
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/loan_calculator.xlsx")).unwrap();
    let creation = maker.upload("/api/creations", "loan.xlsx", workbook).await.expect(201).json();
    let best = &creation["proposals"][0]["definition"];
    let token = creation["token"].as_str().unwrap();
    let request = json!({"definition": best, "audience": "public", "people": []});
    let app = maker.post(&format!("/api/creations/{token}/publish"), request).await.expect(201).json();
    let app = app["id"].as_str().unwrap();
    // A public app answers without a key.
    let mut guest = Program { browser: world.browser(), root: format!("/odata/default/{app}/"), key: None };
    let metadata = guest.get("$metadata").await.expect(200);
    insta::assert_snapshot!("calculator_metadata", hidden(&metadata.text().replace(app, "[app]")));
    let service = guest.get("").await.expect(200).json();
    let names: Vec<&Json> = service["value"].as_array().unwrap().iter().map(|entry| &entry["name"]).collect();
    let name =
        names.iter().find_map(|name| name.as_str().filter(|name| name.starts_with("Calculate"))).unwrap();
    let answer = guest.get(name).await.expect(200);
    insta::assert_snapshot!("calculator", shown(&answer, app));
    let asked = guest.get(&format!("{name}(LoanAmount=100000,InterestRatePA=0.06,Years=10)")).await;
    insta::assert_snapshot!("calculator_asked", shown(&asked, app));
    // Nobody finds what somebody else entered.
    assert_eq!(guest.get(name).await.text(), answer.text());
    for (path, expect) in [
        (format!("{name}(LoanAmount='much')"), 400),
        (format!("{name}(Nonsense=1)"), 404),
        (format!("{name}?Nonsense=1"), 400),
        (format!("{name}(LoanAmount=1e999)"), 400),
        (format!("{name}/More"), 404),
    ] {
        let answer = guest.get(&path).await;
        assert_eq!(answer.status, expect, "{path}: {}", answer.text());
    }
    assert_eq!(guest.get(&format!("{name}?@y=10&LoanAmount=1000&Years=@y")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_since_a_read_are_told() {
    let (databases, _server) = databases();
    for database in databases {
        let (_world, _maker, app, mut program) = stock(database).await;
        let root = format!("http://gridkeep.test{}", program.root);
        let relative = |link: &Json| link.as_str().unwrap().strip_prefix(&root).unwrap().to_owned();
        let track = [("prefer", "odata.track-changes, maxpagesize=2")];
        // A row comes between the pages: it is told with the first changes.
        let first = program
            .send(Method::GET, "Stock?$filter=Qty%20ge%201&$orderby=Item", &track, "")
            .await
            .expect(200);
        assert_eq!(first.header("preference-applied"), "odata.track-changes, maxpagesize=2");
        let mut next = relative(&first.json()["@nextLink"]);
        let row = id(9);
        let body = format!(r#"{{"RowId":"{row}","Sku":"new","Item":"Aaa","Qty":5}}"#);
        program.send(Method::POST, "Stock", &[], &body).await.expect(201);
        let delta = loop {
            let page = program.send(Method::GET, &next, &track, "").await.expect(200).json();
            match page.get("@nextLink") {
                Some(link) => next = relative(link),
                None => break relative(&page["@deltaLink"]),
            }
        };
        let told = program.get(&delta).await.expect(200).json();
        assert_eq!(told["value"][0]["RowId"], row);
        let link = relative(&told["@deltaLink"]);
        assert_eq!(program.get(&link).await.json()["value"], json!([]));
        // One leaves the filter, one is deleted, one changes twice.
        let any = [("if-match", "*")];
        program.send(Method::PATCH, &format!("Stock({row})"), &any, r#"{"Qty":0}"#).await.expect(204);
        program.send(Method::DELETE, "Stock(Sku='0009')", &any, "").await.expect(204);
        program.send(Method::PATCH, "Stock(Sku='0008')", &any, r#"{"Qty":1}"#).await.expect(204);
        program.send(Method::PATCH, "Stock(Sku='0008')", &any, r#"{"Qty":2}"#).await.expect(204);
        let told = program.get(&link).await.expect(200);
        insta::assert_snapshot!(
            "delta",
            hidden(&told.text().replace(&app, "[app]")).split("$deltatoken").next().unwrap()
        );
        let old = [("odata-maxversion", "4.0")];
        let told = program.send(Method::GET, &link, &old, "").await.expect(200);
        insta::assert_snapshot!(
            "delta_4_0",
            hidden(&told.text().replace(&app, "[app]")).split("$deltatoken").next().unwrap()
        );
        // In steps, until nothing is left.
        let step =
            program.send(Method::GET, &link, &[("prefer", "maxpagesize=1")], "").await.expect(200).json();
        assert!(step.get("@deltaLink").is_none() && step["@nextLink"].is_string(), "{step}");
        // Of another query, of another history, of the future.
        let other = link.replace("ge%201", "ge%202");
        let (path, token) = link.split_once("$deltatoken=").unwrap();
        for (wrong, expect) in [
            (other, 410),
            (format!("{path}$deltatoken=x"), 410),
            (format!("{path}$deltatoken={}{}", "0".repeat(32), &token[32..]), 410),
            (format!("{path}$deltatoken={}{}{}", &token[..32], "f".repeat(16), &token[48..]), 410),
        ] {
            program.get(&wrong).await.expect(expect);
        }
        program
            .send(Method::GET, &link, &[("accept", "application/json;metadata=none")], "")
            .await
            .expect(406);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_named_origins_may_ask() {
    let site = "https://reports.example.com";
    let world = World::with(Wishes { origins: vec![site.to_owned()], ..Wishes::default() }).await;
    let mut maker = world.person("Maker").await;
    let app = maker.publish("public", &[]).await;
    let mut guest = Program { browser: world.browser(), root: format!("/odata/default/{app}/"), key: None };
    let preflight = |origin| {
        [
            ("origin", origin),
            ("access-control-request-method", "PATCH"),
            ("access-control-request-headers", "if-match"),
        ]
    };
    let named = guest.send(Method::OPTIONS, "Stock", &preflight(site), "").await.expect(200);
    assert_eq!(named.header("access-control-allow-origin"), site);
    assert_eq!(named.header("access-control-allow-credentials"), "");
    let other = guest.send(Method::OPTIONS, "Stock", &preflight("https://evil.example"), "").await;
    assert_eq!(other.header("access-control-allow-origin"), "");
    let read = guest.send(Method::GET, "Stock", &[("origin", site)], "").await.expect(200);
    assert_eq!(read.header("access-control-allow-origin"), site);
    assert!(read.header("access-control-expose-headers").contains("odata-version"));
    // The rest of the server says nothing of other origins.
    let portal =
        maker.request(Method::GET, "/api/session").header("origin", site).body(Body::empty()).unwrap();
    assert_eq!(maker.send(portal).await.header("access-control-allow-origin"), "");
}

/// Pieces that requests are put together from by chance.
const PIECES: [&str; 40] = [
    "Stock",
    "Stock(",
    ")",
    "/",
    "?",
    "&",
    "$filter=",
    "$apply=",
    "$select=",
    "$orderby=",
    "$skiptoken=",
    "Qty",
    "Item",
    "RowId",
    "%20eq%20",
    "%20and%20",
    "%20in%20",
    "not%20",
    "'x'",
    "1",
    "-9e999",
    "null",
    "(",
    ",",
    "groupby((",
    "aggregate(",
    "$count",
    "%20with%20sum%20as%20T",
    "$each",
    "$value",
    "$ref",
    "/$query",
    "@a",
    "=",
    "%00",
    "%FF",
    "contains(",
    "any(x:",
    "$batch",
    "now()",
];

#[tokio::test(flavor = "multi_thread")]
async fn noise_is_refused_and_disturbs_nobody() {
    let (_world, _maker, _app, mut program) = stock(None).await;
    let mut seed = 0x5eed_u64;
    let mut next = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % below as u64).unwrap()
    };
    let methods =
        [Method::GET, Method::GET, Method::GET, Method::POST, Method::PATCH, Method::PUT, Method::DELETE];
    let bodies = [
        "",
        "{}",
        "{\"Qty\":",
        "{\"Qty\":1e400,\"Sku\":null}",
        "[[[[",
        "\u{feff}{}",
        "{\"value\":[1]}",
        "--b\r\n\r\n",
    ];
    for _ in 0..600 {
        let length = 1 + next(9);
        let url: String = (0..length).map(|_| PIECES[next(PIECES.len())]).collect();
        if url.starts_with('/') {
            continue;
        }
        let (method, body) = (methods[next(methods.len())].clone(), bodies[next(bodies.len())]);
        let answer = program.send(method.clone(), &url, &[("if-match", "*")], body).await;
        assert_ne!(answer.status, 500, "{method} {url} {body}: {}", answer.text());
    }
    program.get("Stock").await.expect(200);
}

/// What OpenUI5's model sends that the standard does not foresee; found by testing/clients.
#[tokio::test(flavor = "multi_thread")]
async fn openui5_is_understood() {
    let (_world, _maker, _app, mut program) = stock(None).await;
    // It asks for the metadata without saying which versions it knows, and knows 4.0 alone.
    for (headers, path, version) in [
        (&[][..], "$metadata", "4.0"),
        (&[("odata-maxversion", "4.0")], "$metadata", "4.0"),
        (&[("odata-maxversion", "4.01")], "$metadata", "4.01"),
        (&[], "$metadata?$format=json", "4.01"),
    ] {
        let answer = program.send(Method::GET, path, headers, "").await.expect(200);
        assert_eq!(answer.header("odata-version"), version, "{path} {headers:?}");
        let said = [format!("Version=\"{version}\""), format!("\"$Version\":\"{version}\"")];
        assert!(said.iter().any(|said| answer.text().contains(said)), "{path} {headers:?}");
    }
    // It asks for counts as for everything else.
    let json = [("accept", "application/json;odata.metadata=minimal;IEEE754Compatible=true")];
    assert_eq!(program.send(Method::GET, "Stock/$count", &json, "").await.expect(200).text(), "3");
    program.get("Stock/$count?$format=json").await.expect(406);
    // It repeats the batch's credentials in each request. Those of somebody else do not pass for them.
    let key = program.key.clone().unwrap();
    for (header, expect) in [
        (format!("Authorization: Bearer {key}"), 200),
        ("Authorization: Bearer gk_other".to_owned(), 400),
        (format!("X-API-Key: {key}"), 400),
    ] {
        let body = format!(
            "--b1\r\nContent-Type: application/http\r\n\r\nGET Stock/$count HTTP/1.1\r\n{header}\r\n\r\n\r\n--b1--"
        );
        let boundary = [("content-type", "multipart/mixed;boundary=b1")];
        let answer = program.send(Method::POST, "$batch", &boundary, &body).await.expect(200);
        assert!(answer.text().contains(&format!("HTTP/1.1 {expect} ")), "{header}: {}", answer.text());
    }
}
