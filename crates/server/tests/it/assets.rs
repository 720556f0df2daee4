//! Pages, assets and the headers around them.

use std::collections::BTreeMap;

use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::kit::{Answer, Wishes, World};

fn build() -> TempDir {
    let folder = TempDir::new().unwrap();
    std::fs::create_dir(folder.path().join("assets")).unwrap();
    for (name, content) in [
        ("index.html", "<!doctype html>portal"),
        ("client.html", "<!doctype html>client"),
        ("favicon.svg", "<svg/>"),
        ("assets/portal-1a2b.js", "plain"),
        ("assets/portal-1a2b.js.br", "as brotli"),
        ("assets/portal-1a2b.js.gz", "as gzip"),
    ] {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_assets_are_served_as_built() {
    let build = build();
    let world = World::with(Wishes { web: Some(build.path().to_owned()), ..Wishes::default() }).await;
    let mut browser = world.browser();
    let mut table = String::new();
    for path in [
        "/",
        "/apps/some-app/people",
        "/app/018f0000-0000-7000-8000-000000000001",
        "/app/preview",
        "/favicon.svg",
        "/assets/portal-1a2b.js",
        "/assets/missing.js",
        "/missing.png",
        "/../Cargo.toml",
        "/assets/..%2f..%2fCargo.toml",
    ] {
        let answer = browser.get(path).await;
        let body = if answer.status == 200 { answer.text() } else { String::new() };
        let frames = if answer.header("content-security-policy").contains("frame-ancestors 'self'") {
            "self"
        } else {
            "none"
        };
        let row = [
            path,
            &answer.status.to_string(),
            answer.header("content-type"),
            answer.header("cache-control"),
            frames,
            &body,
        ];
        table.push_str(&row.join(" | "));
        table.push('\n');
    }
    insta::assert_snapshot!("pages", table);

    let encoded = |answer: Answer| (answer.header("content-encoding").to_owned(), answer.text());
    for (accepts, expect) in
        [("br, gzip", ("br", "as brotli")), ("gzip", ("gzip", "as gzip")), ("", ("", "plain"))]
    {
        let request = browser.request(axum::http::Method::GET, "/assets/portal-1a2b.js");
        let request = request.header("accept-encoding", accepts).body(axum::body::Body::empty()).unwrap();
        assert_eq!(encoded(browser.send(request).await), (expect.0.to_owned(), expect.1.to_owned()));
    }
    let answer = browser.get("/").await;
    let changing = ["date", "last-modified", "etag"];
    let headers: BTreeMap<&str, &str> = answer
        .headers
        .keys()
        .map(|name| (name.as_str(), answer.header(name.as_str())))
        .filter(|(name, _)| !changing.contains(name))
        .collect();
    insta::assert_debug_snapshot!("page_headers", headers);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_build_the_root_says_so() {
    let world = World::start().await;
    let mut browser = world.browser();
    let root = browser.get("/").await.expect(404);
    assert!(root.text().contains("cargo xtask demo"));
    assert_eq!(browser.get("/healthz").await.expect(200).text(), "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_compressed_for_those_who_ask() {
    let world = World::start().await;
    let mut browser = world.browser();
    let plain = browser.get("/api/openapi.json").await.expect(200);
    assert_eq!(plain.header("content-encoding"), "");
    let request =
        browser.request(axum::http::Method::GET, "/api/openapi.json").header("accept-encoding", "gzip, br");
    let answer = browser.send(request.body(axum::body::Body::empty()).unwrap()).await.expect(200);
    assert_eq!(answer.header("content-encoding"), "br");
    // The document grows with what is offered: what counts is what is saved.
    let (whole, sent) = (plain.body.len(), answer.body.len());
    assert!(whole > 100_000 && sent * 4 < whole, "{sent} of {whole}");
}

#[tokio::test(flavor = "multi_thread")]
async fn oversized_headers_are_refused_and_a_stop_lets_requests_finish() {
    let mut world = World::start().await;
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    let huge = format!("GET / HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", "a".repeat(100_000));
    // The server answers and hangs up while more is on its way, and then the network may lose the answer.
    let _ = stream.write_all(huge.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 431"), "{}", String::from_utf8_lossy(&answer));
    // When nothing is on its way any more, the answer comes.
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    stream.write_all(&huge.as_bytes()[..32 * 1024]).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");

    // A request of which half has arrived when the server is told to stop: it has said that it waits for the rest.
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    stream
        .write_all(
            b"POST /api/session HTTP/1.1\r\nhost: a\r\nx-gridkeep: 1\r\ncontent-type: application/json\r\n\
            expect: 100-continue\r\ncontent-length: 2\r\n\r\n",
        )
        .await
        .unwrap();
    let mut waits = [0; 25];
    stream.read_exact(&mut waits).await.unwrap();
    assert_eq!(&waits, b"HTTP/1.1 100 Continue\r\n\r\n");
    while world.address_is_open().await {
        world.stop();
        tokio::task::yield_now().await;
    }
    stream.write_all(b"{}").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}
