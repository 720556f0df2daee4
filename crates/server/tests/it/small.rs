//! Small pictures for lists: sent with a content, shown in its place where that is asked for, and gone with it.

use axum::http::Method;
use gridkeep_server::files::sweep_files;
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use crate::{
    files::{PNG, publish, with_files},
    kit::{Answer, Browser, STOCK, Wishes, World, databases, definition, id},
};

const SMALL: &[u8] = b"\x89PNG\r\n\x1a\nsmall";

impl Browser {
    async fn send_file(&mut self, app: &str, row: u64, more: &str, content: &[u8]) -> Answer {
        let path =
            format!("/api/apps/{app}/tables/stock/files?column=photo&row={}&name=shelf.png{more}", id(row));
        let request = self.request(Method::POST, &path).header("content-type", "image/png");
        self.send(request.body(content.to_vec().into()).unwrap()).await
    }
}

fn object(answer: &Answer) -> String {
    answer.json()["object"].as_str().unwrap().to_owned()
}

async fn change(browser: &mut Browser, app: &str, number: u64, operation: &Json) {
    let transaction = json!({"id": id(number), "operations": [operation]});
    browser.post(&format!("/api/apps/{app}/transactions"), transaction).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_picture_comes_and_goes_with_its_content() {
    let (databases, _server) = databases();
    for database in databases {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let mut maker = world.person("Maker").await;
        let app = publish(&mut maker, "private", with_files()).await;
        let small = object(&maker.send_file(&app, 1, "&isSmall=true", SMALL).await.expect(201));
        let named = format!("&small={}", small.replace('/', "%2F"));
        let whole = object(&maker.send_file(&app, 1, &named, PNG).await.expect(201));
        let insert = json!({"type": "insert", "table": "stock", "id": id(1), "values": {"sku": "1", "qty": 1, "photo": whole}});
        change(&mut maker, &app, 2, &insert).await;
        let path = format!("/api/apps/{app}/tables/stock/rows/{}/files/photo", id(1));
        let shown = maker.get(&path).await.expect(200);
        assert_eq!(shown.body, PNG);
        let tag = shown.header("etag").to_owned();
        let shown = maker.get(&format!("{path}?small={}", small.replace('/', "%2F"))).await.expect(200);
        assert_eq!(shown.body, SMALL);
        assert_eq!(shown.header("content-type"), "image/png");
        assert_ne!(shown.header("etag"), tag);

        // A content without one is shown itself; one of another row, or one that is none, is refused.
        let plain = object(&maker.send_file(&app, 2, "", PNG).await.expect(201));
        let insert = json!({"type": "insert", "table": "stock", "id": id(2), "values": {"sku": "2", "qty": 1, "photo": plain}});
        change(&mut maker, &app, 3, &insert).await;
        let other = format!("/api/apps/{app}/tables/stock/rows/{}/files/photo", id(2));
        assert_eq!(maker.get(&format!("{other}?small=x")).await.expect(200).body, PNG);
        maker.send_file(&app, 2, &named, PNG).await.expect(400);
        maker.send_file(&app, 1, "&small=stream%2Fnone", PNG).await.expect(400);
        maker.send_file(&app, 1, "&isSmall=true", b"no picture").await.expect(415);
        let mut large = PNG.to_vec();
        large.resize(70_000, 0);
        maker.send_file(&app, 1, "&isSmall=true", &large).await.expect(413);
        let large = object(&maker.send_file(&app, 1, "", &large).await.expect(201));
        maker.send_file(&app, 1, &format!("&small={}", large.replace('/', "%2F")), PNG).await.expect(400);

        // It stays as long as the content does.
        let files = &world.state.files;
        let stored = async || {
            world.state.vault.contents().await.unwrap().iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        world.clock.advance(SignedDuration::from_hours(25));
        sweep_files(files).await;
        let left = stored().await;
        assert!(left.contains(&small) && left.contains(&whole) && left.contains(&plain), "{left:?}");
        assert_eq!(left.len(), 3);
        assert_eq!(files.check(&world.state.definitions).await.unwrap().unheld, 0);
        let none = json!({"type": "update", "table": "stock", "id": id(1), "baseVersion": 1, "values": {"photo": null}});
        change(&mut maker, &app, 4, &none).await;
        world.clock.advance(SignedDuration::from_hours(25));
        sweep_files(files).await;
        assert_eq!(stored().await, [plain]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_of_files_comes_to_rows_that_are_there_and_goes_again() {
    let (databases, _server) = databases();
    for database in databases {
        let world = World::with(Wishes { database, ..Wishes::default() }).await;
        let mut maker = world.person("Maker").await;
        let app = publish(&mut maker, "private", definition()).await;
        let rows = format!("/api/apps/{app}/tables/stock/rows");
        let motor = async |maker: &mut Browser| {
            let page = maker.post(&rows, json!({"search": "Motor"})).await.expect(200).json();
            assert_eq!(page["rows"].as_array().unwrap().len(), 1, "{page}");
            page["rows"][0].clone()
        };
        let before = motor(&mut maker).await;
        let version = async |maker: &mut Browser, definition: Json| {
            let created =
                maker.upload(&format!("/api/apps/{app}/creation"), "stock.csv", STOCK).await.expect(201);
            let token = created.json()["token"].as_str().unwrap().to_owned();
            let request =
                json!({"definition": definition, "audience": "private", "replaces": app, "rows": "keep"});
            maker.post(&format!("/api/creations/{token}/publish"), request).await.expect(201);
        };
        version(&mut maker, with_files()).await;
        let row = motor(&mut maker).await;
        assert_eq!(row[0], before[0], "the row is the same");
        assert_eq!((&row[6], &row[7]), (&Json::Null, &Json::Null));
        let id_of = row[0].as_str().unwrap().to_owned();
        let path = format!("/api/apps/{app}/tables/stock/files?column=photo&row={id_of}&name=a.png");
        let request = maker.request(Method::POST, &path).header("content-type", "image/png");
        let photo = object(&maker.send(request.body(PNG.to_vec().into()).unwrap()).await.expect(201));
        let update = json!({"type": "update", "table": "stock", "id": id_of, "baseVersion": row[1], "values": {"photo": photo}});
        change(&mut maker, &app, 1, &update).await;
        let file = format!("/api/apps/{app}/tables/stock/rows/{id_of}/files/photo");
        assert_eq!(maker.get(&file).await.expect(200).body, PNG);
        // Without the column nobody sees it; with it again, it is there.
        version(&mut maker, definition()).await;
        maker.get(&file).await.expect(404);
        assert_eq!(motor(&mut maker).await.as_array().unwrap().len(), 6);
        world.clock.advance(SignedDuration::from_hours(25));
        sweep_files(&world.state.files).await;
        version(&mut maker, with_files()).await;
        assert_eq!(maker.get(&file).await.expect(200).body, PNG);
    }
}
