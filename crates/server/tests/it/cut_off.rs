//! Contents and rows that parted: by a server killed while a file came, and by a content that somebody took away.

use std::{path::Path, sync::Arc};

use axum::{body::Body, http::Method};
use bytes::Bytes;
use futures::stream;
use gridkeep_kit::Postgres;
use gridkeep_server::{files::sweep_files, state::Parts, tenancy::sweep_objects};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tempfile::TempDir;

use crate::{
    files::{PNG, publish, with_files},
    kit::{Browser, PASSWORD, Wishes, World, id},
    program::{Program, doctor, files},
};

/// Where a photo for a row of the stock list goes.
fn photo(app: &str, row: u64) -> String {
    format!("/api/apps/{app}/tables/stock/files?column=photo&row={}&name=shelf.png", id(row))
}

async fn send(browser: &mut Browser, app: &str, row: u64) -> String {
    let request = browser.request(Method::POST, &photo(app, row)).header("content-type", "image/png");
    let stored = browser.send(request.body(PNG.to_vec().into()).unwrap()).await.expect(201);
    stored.json()["object"].as_str().unwrap().to_owned()
}

async fn hold(browser: &mut Browser, app: &str, row: u64, object: &str) {
    let insert = json!({"type": "insert", "table": "stock", "id": id(row),
        "values": {"sku": row.to_string(), "qty": 1, "photo": object}});
    let transaction = json!({"id": id(row + 500), "operations": [insert]});
    browser.post(&format!("/api/apps/{app}/transactions"), transaction).await.expect(200);
}

/// Pieces of objects that are being stored.
fn drafts(data: &Path) -> usize {
    files(&data.join("objects")).iter().filter(|path| path.to_string_lossy().contains('#')).count()
}

async fn killed_while_a_file_comes(database: Option<&str>) {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let program = Program::start(&data, database);
    let mut maker = program.browser();
    let account = json!({"email": "ada@example.com", "name": "Ada", "password": PASSWORD});
    maker.post("/api/accounts", account).await.expect(201);
    let app = publish(&mut maker, "private", with_files()).await;
    let whole = send(&mut maker, &app, 1).await;
    hold(&mut maker, &app, 1, &whole).await;
    let before = files(&data.join("objects")).len();

    // Half of what was said comes, and then nothing more.
    let mut half = PNG.to_vec();
    half.resize(600_000, 7);
    let pieces = stream::unfold(Some(half), |piece| async move {
        match piece {
            Some(piece) => Some((Ok::<_, std::io::Error>(Bytes::from(piece)), None)),
            None => std::future::pending().await,
        }
    });
    let request = maker
        .request(Method::POST, &photo(&app, 2))
        .header("content-type", "image/png")
        .header("content-length", "1200000")
        .body(Body::from_stream(pieces))
        .unwrap();
    let sender = maker.clone();
    let sent = tokio::spawn(async move { sender.status(request).await });
    let place = data.clone();
    let killer = tokio::task::spawn_blocking(move || {
        while drafts(&data) == 0 {
            std::thread::yield_now();
        }
        program.kill();
    });
    killer.await.unwrap();
    assert_eq!(sent.await.unwrap(), None, "nobody was answered");

    // There is nothing to mend, and nothing half: the row is as it was, what had come is nobody's.
    let said = doctor(&place, database, &["--listen", "127.0.0.1:0"]);
    let bad: Vec<&str> = said.out.lines().filter(|line| line.starts_with("mend")).collect();
    assert_eq!(bad, ["mend  web pages: start with --web DIR"], "{said:?}");
    assert!(said.out.contains("good  files: 1 looked for"), "{said:?}");
    let program = Program::start(&place, database);
    maker.address = program.address;
    let path = |row: u64| format!("/api/apps/{app}/tables/stock/rows/{}/files/photo", id(row));
    assert_eq!(maker.get(&path(1)).await.expect(200).body, PNG);
    maker.get(&path(2)).await.expect(404);
    // It can be sent again at once.
    let again = send(&mut maker, &app, 2).await;
    hold(&mut maker, &app, 2, &again).await;
    assert_eq!(maker.get(&path(2)).await.expect(200).body, PNG);
    program.stop();

    // The piece goes when it is a day old, and nothing else.
    let wishes = Wishes { database: database.map(ToOwned::to_owned), ..Wishes::default() };
    let world = World::over(Arc::new(folder), wishes).await;
    let Parts { tenancy, vault, time, files: contents, .. } = &*world.state;
    world.clock.advance(Timestamp::now().duration_since(time.now()));
    for (passed, left) in [(0, 1), (25, 0)] {
        world.clock.advance(SignedDuration::from_hours(passed));
        sweep_objects(tenancy, vault, time).await;
        sweep_files(contents).await;
        assert_eq!(drafts(&place), left, "after {passed} hours");
    }
    assert_eq!(files(&place.join("objects")).len(), before + 1, "the second photo has come");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_file_whose_server_was_killed_nothing_is_left() {
    killed_while_a_file_comes(None).await;
    if let Some(server) = Postgres::start() {
        killed_while_a_file_comes(Some(&server.fresh_database())).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_without_contents_and_contents_without_rows_are_told() {
    let world = World::start().await;
    let mut maker = world.person("Maker").await;
    let app = publish(&mut maker, "private", with_files()).await;
    let Parts { files, definitions, vault, .. } = &*world.state;
    let check = async || {
        let found = files.check(definitions).await.unwrap();
        let lost: Vec<String> = found
            .lost
            .iter()
            .map(|one| format!("{} {} {} {} {}", one.app, one.table, one.column, one.row, one.file))
            .collect();
        (found.known, lost, found.unheld)
    };
    assert_eq!(check().await, (0, vec![], 0));
    let first = send(&mut maker, &app, 1).await;
    assert_eq!(check().await, (1, vec![], 1), "its row has not come yet");
    hold(&mut maker, &app, 1, &first).await;
    let second = send(&mut maker, &app, 2).await;
    hold(&mut maker, &app, 2, &second).await;
    assert_eq!(check().await, (2, vec![], 0));
    // One that nothing is written down of.
    let stray = vault.new_content().unwrap();
    let row = |number| gridkeep_model::RowId::from_uuid(id(number).parse().unwrap());
    let mut writer = vault.begin_content(app.parse().unwrap(), row(3), &stray, 2).await.unwrap();
    writer.write(b"xy").await.unwrap();
    writer.finish().await.unwrap();
    assert_eq!(check().await, (2, vec![], 1));
    vault.forget(&second).await;
    let lost = vec![format!("Stock Stock Photo {} shelf.png", id(2))];
    assert_eq!(check().await, (2, lost, 1));
}
