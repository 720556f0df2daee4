//! Photos and files of rows: sent by a form, held by their row, seen by whom they concern, and swept when nobody holds them.

use std::collections::BTreeSet;

use axum::http::Method;
use gridkeep_server::{creation::UploadLimits, files::sweep_files};
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use crate::kit::{Answer, Browser, Wishes, World, databases, definition, id};

pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n0123456789";

/// The stock list with a photo and a paper for each item; guests may add items.
pub(crate) fn with_files() -> Json {
    let mut definition = definition();
    let table = &mut definition["tables"][0];
    let columns = table["columns"].as_array_mut().unwrap();
    columns.push(json!({"id": "photo", "title": "Photo", "type": {"name": "text"}, "kind": "file",
        "validation": {"pictures": true, "maxBytes": 2_000_000}}));
    columns.push(json!({"id": "paper", "title": "Paper", "type": {"name": "text"}, "kind": "file"}));
    table["access"] = json!({"see": ["maker", "member"], "insert": ["maker", "member", "guest"],
        "update": ["maker"], "delete": ["maker"]});
    definition
}

pub(crate) async fn publish(maker: &mut Browser, audience: &str, definition: Json) -> String {
    let token = maker.stock().await;
    let people: Vec<String> = Vec::new();
    let request = json!({"definition": definition, "audience": audience, "people": people});
    let answer = maker.post(&format!("/api/creations/{token}/publish"), request).await.expect(201);
    answer.json()["id"].as_str().unwrap().to_owned()
}

impl Browser {
    async fn file(&mut self, app: &str, place: (&str, u64), kind: &str, content: &[u8]) -> Answer {
        let (column, row) = place;
        let path =
            format!("/api/apps/{app}/tables/stock/files?column={column}&row={}&name=a%2Fb.png", id(row));
        let request = self.request(Method::POST, &path).header("content-type", kind);
        self.send(request.body(content.to_vec().into()).unwrap()).await
    }

    async fn transact(&mut self, app: &str, number: u64, operation: Json) -> Answer {
        let transaction = json!({"id": id(number), "operations": [operation]});
        self.post(&format!("/api/apps/{app}/transactions"), transaction).await
    }
}

fn insert(row: u64, photo: &Json) -> Json {
    json!({"type": "insert", "table": "stock", "id": id(row),
        "values": {"sku": row.to_string(), "qty": 1, "photo": photo}})
}

fn update(row: u64, version: u64, values: &Json) -> Json {
    json!({"type": "update", "table": "stock", "id": id(row), "baseVersion": version, "values": values})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_sends_a_photo_and_members_see_it() {
    let (databases, _server) = databases();
    for database in databases {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let mut maker = world.person("Maker").await;
        let app = publish(&mut maker, "public", with_files()).await;
        let mut guest = world.browser();
        let sent = guest.file(&app, ("photo", 1), "image/jpeg", PNG).await.expect(201).json();
        // What it is its content says, and its name is only a name.
        assert_eq!(
            (&sent["mediaType"], &sent["size"], &sent["name"]),
            (&json!("image/png"), &json!(18), &json!("b.png"))
        );
        guest.transact(&app, 10, insert(1, &sent["object"])).await.expect(200);
        let path = format!("/api/apps/{app}/tables/stock/rows/{}/files/photo", id(1));
        guest.get(&path).await.expect(404);
        let got = maker.get(&path).await.expect(200);
        assert_eq!(&got.body[..], PNG);
        for (header, expect) in [
            ("content-type", "image/png"),
            ("content-length", "18"),
            ("content-disposition", "inline; filename*=UTF-8''b.png"),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "private, no-cache"),
            ("accept-ranges", "bytes"),
        ] {
            assert_eq!(got.header(header), expect, "{header}");
        }
        assert!(got.header("content-security-policy").contains("sandbox"));
        let tag = got.header("etag").to_owned();
        let mut ask = async |method: Method, headers: &[(&str, &str)]| {
            let request = maker.request(method, &path);
            let request =
                headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
            let answer = maker.send(request.body(axum::body::Body::empty()).unwrap()).await;
            (answer.status, answer.header("content-range").to_owned(), answer.text())
        };
        let part = |text: &str, range: &str| (206, range.to_owned(), text.to_owned());
        assert_eq!(ask(Method::GET, &[("range", "bytes=8-11")]).await, part("0123", "bytes 8-11/18"));
        assert_eq!(
            ask(Method::GET, &[("range", "bytes=-2"), ("if-range", &tag)]).await,
            part("89", "bytes 16-17/18")
        );
        assert_eq!(
            ask(Method::GET, &[("range", "bytes=99-")]).await,
            (416, "bytes */18".into(), String::new())
        );
        assert_eq!(ask(Method::GET, &[("range", "bytes=0-0"), ("if-range", "\"x\"")]).await.0, 200);
        assert_eq!(ask(Method::GET, &[("if-none-match", &tag)]).await.0, 304);
        assert_eq!(ask(Method::HEAD, &[("range", "bytes=0-0")]).await, (200, String::new(), String::new()));
        let csv = maker.get(&format!("/api/apps/{app}/tables/stock/export.csv")).await.expect(200).text();
        assert!(csv.contains(",b.png,"), "{csv}");
        maker.get(&format!("/api/apps/{app}/export.xlsx")).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_column_does_not_take_is_refused_in_words() {
    let limits = UploadLimits { files_total: 3_000_000, ..UploadLimits::default() };
    let world = World::with(Wishes { uploads: limits, ..Wishes::default() }).await;
    let mut maker = world.person("Maker").await;
    let app = publish(&mut maker, "public", with_files()).await;
    let mut check = async |column: &str, kind: &str, content: &[u8], expect: (u16, &str)| {
        let answer = maker.file(&app, (column, 1), kind, content).await;
        let code = if answer.status == 201 { String::new() } else { answer.code() };
        assert_eq!((answer.status, code.as_str()), expect, "{column} {kind}: {}", answer.text());
    };
    check("photo", "image/png", b"<html>", (415, "notAPicture")).await;
    check("photo", "image/svg+xml", b"<svg/>", (415, "notAPicture")).await;
    check("photo", "image/png", &[PNG, &vec![0; 2_000_000]].concat(), (413, "tooLarge")).await;
    check("paper", "text/html", b"<html>", (201, "")).await;
    check("paper", "not a type", b"text", (201, "")).await;
    check("paper", "text/plain", b"", (201, "")).await;
    check("qty", "text/plain", b"text", (404, "notFound")).await;
    check("paper", "text/plain", &vec![7; 2_500_000], (201, "")).await;
    check("paper", "text/plain", &vec![7; 600_000], (507, "filesFull")).await;
    check("photo", "image/png", PNG, (201, "")).await;
    // Whoever may neither add nor change rows sends nothing.
    let mut closed = with_files();
    closed["tables"][0]["access"]["insert"] = json!(["maker"]);
    let app = publish(&mut maker, "public", closed).await;
    world.browser().file(&app, ("photo", 1), "image/png", PNG).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_refers_only_to_what_was_sent_for_it() {
    let world = World::start().await;
    let mut maker = world.person("Maker").await;
    let app = publish(&mut maker, "public", with_files()).await;
    let mine = maker.file(&app, ("photo", 1), "image/png", PNG).await.expect(201).json()["object"].clone();
    maker.transact(&app, 10, insert(1, &mine)).await.expect(200);
    let rows = maker.post(&format!("/api/apps/{app}/tables/stock/rows"), json!({})).await.text();
    let mut check = async |number: u64, operation: Json, expect: u16| {
        let answer = maker.transact(&app, number, operation).await;
        assert_eq!(answer.status, expect, "{number}: {} {rows}", answer.text());
    };
    check(11, insert(2, &mine), 422).await;
    check(12, insert(2, &json!("stream/x/1")), 422).await;
    check(13, update(1, 1, &json!({"paper": mine})), 422).await;
    check(14, update(1, 1, &json!({"photo": "not a file"})), 422).await;
    check(15, update(1, 1, &json!({"photo": mine, "qty": 2})), 200).await;
    check(16, update(1, 2, &json!({"qty": 3})), 200).await;
    check(17, update(1, 3, &json!({"photo": ""})), 200).await;
    // Until it is swept it can come back, as by undoing.
    check(18, update(1, 4, &json!({"photo": mine})), 200).await;
    check(19, update(1, 5, &json!({"photo": null})), 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_row_holds_is_swept_after_a_day_and_nothing_else() {
    let (databases, _server) = databases();
    for database in databases {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let mut maker = world.person("Maker").await;
        let app = publish(&mut maker, "public", with_files()).await;
        let stored = async || -> BTreeSet<String> {
            let all = world.state.vault.contents().await.unwrap();
            all.iter().map(ToString::to_string).collect()
        };
        let mut sent = Vec::new();
        for row in 1..=4 {
            let one =
                maker.file(&app, ("photo", row), "image/png", PNG).await.expect(201).json()["object"].clone();
            if row < 4 {
                maker.transact(&app, 10 + row, insert(row, &one)).await.expect(200);
            }
            sent.push(one.as_str().unwrap().to_owned());
        }
        // A request that broke off after storing.
        let stray = world.state.vault.new_content().unwrap();
        let row = id(9).parse().unwrap();
        let writer = world.state.vault.begin_content(app.parse().unwrap(), row, &stray, 0).await.unwrap();
        writer.finish().await.unwrap();
        let mut another =
            maker.file(&app, ("photo", 2), "image/png", PNG).await.expect(201).json()["object"].take();
        maker.transact(&app, 20, update(2, 1, &json!({"photo": another}))).await.expect(200);
        let delete = json!({"type": "delete", "table": "stock", "id": id(3), "baseVersion": 1});
        maker.transact(&app, 21, delete).await.expect(200);
        sent.push(another.take().as_str().unwrap().to_owned());
        sweep_files(&world.state.files).await;
        assert_eq!(stored().await.len(), 6, "nothing is old yet");
        world.clock.advance(SignedDuration::from_hours(25));
        sweep_files(&world.state.files).await;
        assert_eq!(stored().await, BTreeSet::from([sent[0].clone(), sent[4].clone()]));
        sweep_files(&world.state.files).await;
        let path = |row: u64| format!("/api/apps/{app}/tables/stock/rows/{}/files/photo", id(row));
        for row in [1, 2] {
            assert_eq!(&maker.get(&path(row)).await.expect(200).body[..], PNG);
        }
        // A swept content is not to be had again.
        maker.transact(&app, 22, update(2, 2, &json!({"photo": sent[1]}))).await.expect(422);
        // With their app all go.
        maker.delete(&format!("/api/apps/{app}")).await.expect(204);
        sweep_files(&world.state.files).await;
        assert_eq!(stored().await.len(), 0);
    }
}
