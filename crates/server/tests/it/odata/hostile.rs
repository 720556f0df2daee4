//! Requests that mean harm, or that nobody waits for any more: refused with 4xx, without effect, and without disturbing others.

use std::{
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use serde_json::json;
use tempfile::TempDir;

use super::{Program, stock};
use crate::{
    kit::{Answer, PASSWORD},
    program,
};

/// The longest body that is taken, in bytes; of a longer one nothing is held.
const LIMIT: usize = 16 << 20;
/// What a refusal may cost beside its body, in bytes: room for what the allocator keeps of the one before.
const ROOM: u64 = 16 << 20;

async fn send(program: &mut Program, path: &str, kind: &str, body: Vec<u8>) -> Answer {
    let request = Request::builder()
        .method(Method::POST)
        .uri(format!("{}{path}", program.root))
        .header(header::HOST, "gridkeep.test")
        .header(header::AUTHORIZATION, format!("Bearer {}", program.key.as_deref().unwrap_or_default()))
        .header(header::CONTENT_TYPE, kind);
    program.browser.send(request.body(Body::from(body)).unwrap()).await
}

/// The real program with a stock list, and somebody who may write to it.
async fn served(data: &TempDir) -> (program::Program, Program) {
    let server = program::Program::start(data.path(), None);
    let mut maker = server.browser();
    let person = json!({"email": "maker@gridkeep.test", "name": "Maker", "password": PASSWORD});
    maker.post("/api/accounts", person).await.expect(201);
    let app = maker.publish("private", &[]).await;
    let made = maker.post(&format!("/api/apps/{app}/keys"), json!({"name": "test", "writes": true})).await;
    let key = made.expect(201).json()["secret"].as_str().unwrap().to_owned();
    let root = format!("/odata/default/{app}/");
    let program = Program { browser: server.browser(), root, key: Some(key), version: Some("4.01") };
    (server, program)
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_requests_are_refused_in_bounded_memory() {
    let data = TempDir::new().unwrap();
    let (server, mut program) = served(&data).await;
    // Somebody else, who is answered all the while.
    let mut other = Program {
        browser: server.browser(),
        root: program.root.clone(),
        key: program.key.clone(),
        version: Some("4.01"),
    };
    let done = Arc::new(AtomicBool::new(false));
    let undisturbed = tokio::spawn({
        let done = Arc::clone(&done);
        async move {
            let mut answered = 0;
            while !done.load(Ordering::Relaxed) {
                other.get("Stock?$filter=Sku%20eq%20'0008'").await.expect(200);
                answered += 1;
            }
            answered
        }
    });
    let (json, text) = ("application/json", "text/plain");
    let expand = |depth: usize| format!("$expand={}A{}", "A($expand=".repeat(depth), ")".repeat(depth));
    let parts = |count: usize| {
        let mut body = "{\"requests\":[".to_owned();
        for id in 0..count {
            let comma = if id > 0 { "," } else { "" };
            write!(body, "{comma}{{\"id\":\"{id}\",\"method\":\"get\",\"url\":\"A\"}}").unwrap();
        }
        body + "]}"
    };
    let long = format!("$filter=Qty eq 1{}", " or Qty eq 1".repeat(90_000));
    for (path, kind, body, expect) in [
        ("Stock/$query", text, long.into_bytes(), &[400, 413][..]),
        ("Stock/$query", text, format!("$filter={}", "(".repeat(10_000)).into_bytes(), &[400]),
        ("Stock/$query", text, format!("$filter={}true", "not ".repeat(10_000)).into_bytes(), &[400]),
        ("Stock/$query", text, expand(50).into_bytes(), &[400]),
        ("Stock/$query", text, b"$filter=Item eq '\xff'".to_vec(), &[400]),
        ("Stock/$query", text, b"$top=1e12".to_vec(), &[400]),
        ("Stock/$query", text, b"$top=99999999999999999999999".to_vec(), &[400]),
        ("$batch", json, parts(1_000_000).into_bytes(), &[413, 400]),
        ("$batch", json, parts(100_000).into_bytes(), &[400]),
        ("$batch", "multipart/mixed;boundary=b", "--b\r\n\r\n".repeat(100_000).into_bytes(), &[400]),
        ("Stock", json, "[".repeat(10_000).into_bytes(), &[400]),
        ("Stock", json, format!("{{\"Item\":{}", "{\"a\":".repeat(10_000)).into_bytes(), &[400]),
        ("Stock", json, b"{\"Sku\":\"\xff\xfe\"}".to_vec(), &[400]),
        ("Stock", json, br#"{"Sku":"x","Qty":1e400}"#.to_vec(), &[400]),
        ("Stock", json, br#"{"Sku":"x","Qty":99999999999999999999999999}"#.to_vec(), &[400]),
        ("Stock", json, br#"{"Sku":"x","Qty":1,"Qty":2}"#.to_vec(), &[400]),
        ("Stock", json, br#"{"Sku":"x","Qty":[1]}"#.to_vec(), &[400]),
        ("Stock", json, br#"{"Sku":"x","Qty":1,"Colour":"red"}"#.to_vec(), &[400]),
        ("Stock", json, br#"{"Sku":"x\u0000","Qty":1}"#.to_vec(), &[400, 201]),
        ("Stock", json, vec![b' '; 17 << 20], &[413]),
    ] {
        let size = body.len();
        let start = String::from_utf8_lossy(&body[..size.min(60)]).into_owned();
        server.peak();
        let before = server.peak();
        let answer = send(&mut program, path, kind, body).await;
        let grown = server.peak().saturating_sub(before);
        let held = if size > LIMIT { 0 } else { size as u64 };
        assert!(grown <= 4 * held + ROOM, "{path} {start} ({size}) took {grown} bytes");
        assert!(
            expect.contains(&answer.status),
            "{path} {start} ({size}): {} {}",
            answer.status,
            answer.text()
        );
        assert!(answer.body.len() < 2_000, "the refusal of {path} {start} is long");
    }
    done.store(true, Ordering::Relaxed);
    assert!(undisturbed.await.unwrap() > 0);
    for (path, expect) in [
        ("Stock?$filter=Item%20eq%20'x''%20OR%201%20eq%201%20--'", 200),
        ("Stock?$filter=Item%20eq%20'%22;DROP%20TABLE%20x;--'", 200),
        ("Stock?$search=%22'%3B--%22", 200),
        ("Stock?$top=1000000000000", 200),
        ("Stock?$orderby=Item;DROP%20TABLE%20x", 400),
        ("Stock?$select=Item%22--", 400),
        ("Stock?$filter=%22Item%22%20eq%201", 400),
        ("Stock?$apply=groupby((Item%22))", 400),
        ("Stock;--", 404),
        ("Stock/..%2F..%2Fetc", 404),
        ("%00", 400),
        ("Stock('%FF')", 400),
    ] {
        let answer = program.get(path).await;
        assert!(
            answer.status == expect || (expect >= 400 && [400, 404].contains(&answer.status)),
            "{path}: {}",
            answer.text()
        );
    }
    program.get("Stock?$filter=Sku%20eq%20'0008'").await.expect(200);
}

/// Writes a request by hand and gives the connection.
async fn by_hand(program: &Program, length: usize, body: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(program.browser.address).await.unwrap();
    let head = format!(
        "POST {}$batch HTTP/1.1\r\nHost: gridkeep.test\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n",
        program.root,
        program.key.as_deref().unwrap_or_default()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_waits_for_stops() {
    let (_world, _maker, _app, mut program) = stock(None).await;
    // Half a batch, and no more to come: none of it is done.
    let half = r#"{"requests":[{"id":"1","method":"post","url":"Stock","headers":{"content-type":"application/json"},"body":{"Sku":"half","Qty":1}}"#;
    let mut stream = by_hand(&program, half.len() + 100, half.as_bytes()).await;
    stream.shutdown().await.unwrap();
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
    assert!(!String::from_utf8_lossy(&rest).contains(" 200 "), "{}", String::from_utf8_lossy(&rest));
    assert_eq!(program.get("Stock/$count").await.text(), "3");
    // A whole one whose sender goes away: what is not begun is not done.
    let count = 2_000;
    let mut body = "{\"requests\":[".to_owned();
    for id in 0..count {
        let comma = if id > 0 { "," } else { "" };
        write!(
            body,
            "{comma}{{\"id\":\"{id}\",\"method\":\"post\",\"url\":\"Stock\",\"headers\":{{\"content-type\":\"application/json\"}},\
             \"body\":{{\"Sku\":\"a{id}\",\"Qty\":1}}}}"
        )
        .unwrap();
    }
    body.push_str("]}");
    drop(by_hand(&program, body.len(), body.as_bytes()).await);
    let mut counts = Vec::new();
    // Others are answered meanwhile, until nothing more is added.
    while counts.len() < 20 || counts[counts.len() - 20..].iter().any(|one| one != counts.last().unwrap()) {
        counts.push(program.get("Stock/$count").await.expect(200).text());
    }
    let made: usize = counts.last().unwrap().parse::<usize>().unwrap() - 3;
    assert!(made < count, "all {made} requests of an abandoned batch were done");
}
