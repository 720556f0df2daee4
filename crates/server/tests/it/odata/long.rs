//! Answers that are long: they go out while they are read, and end when nobody takes them.

use std::fmt::Write as _;

use axum::http::Method;
use serde_json::{Value as Json, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{Program, stock};

/// Sixty items with long names, beside the three that are there: more than goes out at once.
const ITEMS: usize = 60;
const LENGTH: usize = 20_000;

async fn filled() -> (crate::kit::World, Program) {
    let (world, _maker, _app, mut program) = stock(None).await;
    let mut body = "{\"requests\":[".to_owned();
    for id in 0..ITEMS {
        let comma = if id > 0 { "," } else { "" };
        let name = format!("{id:03} \\\"é\\n{}", "x".repeat(LENGTH));
        write!(
            body,
            "{comma}{{\"id\":\"{id}\",\"method\":\"post\",\"url\":\"Stock\",\"headers\":{{\"content-type\":\"application/json\"}},\
             \"body\":{{\"Sku\":\"l{id}\",\"Item\":\"{name}\",\"Qty\":{id}}}}}"
        )
        .unwrap();
    }
    body.push_str("]}");
    program.send(Method::POST, "$batch", &[], &body).await.expect(200);
    assert_eq!(program.get("Stock/$count").await.text(), (ITEMS + 3).to_string());
    (world, program)
}

#[tokio::test(flavor = "multi_thread")]
async fn long_answers_say_what_short_ones_say() {
    let (_world, mut program) = filled().await;
    for options in ["", "&$select=Item", "&$orderby=Item%20desc", "&$count=true", "&$filter=Qty%20ge%2020"] {
        let long = program.get(&format!("Stock?$skip=1{options}")).await.expect(200);
        assert!(long.body.len() > 600_000, "{options}: {}", long.body.len());
        assert_eq!(
            long.headers.get("content-length").is_none(),
            options != "&$filter=Qty%20ge%2020",
            "{options}"
        );
        let long = long.json();
        // The same in pages that are read and written at once.
        let (mut rows, mut next) = (Vec::new(), Some(format!("Stock?$skip=1{options}")));
        while let Some(path) = next {
            let page =
                program.send(Method::GET, &path, &[("prefer", "maxpagesize=7")], "").await.expect(200).json();
            rows.extend(page["value"].as_array().unwrap().iter().cloned());
            let root = format!("http://gridkeep.test{}", program.root);
            next = page["@nextLink"].as_str().map(|link| link.strip_prefix(&root).unwrap().to_owned());
        }
        assert_eq!(long["value"], Json::from(rows), "{options}");
        assert_eq!(long["@count"], if options == "&$count=true" { json!(ITEMS + 3) } else { Json::Null });
    }
    let head = program.send(Method::HEAD, "Stock", &[], "").await.expect(200);
    assert!(head.body.is_empty());
    // Within a batch, and later, it is there as a whole.
    let batch = json!({ "requests": [{ "id": "1", "method": "get", "url": "Stock" }] }).to_string();
    let batch = program.send(Method::POST, "$batch", &[], &batch).await.expect(200).json();
    assert_eq!(batch["responses"][0]["body"]["value"].as_array().map(Vec::len), Some(ITEMS + 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_takes_ends_and_keeps_nobody_waiting() {
    let (_world, mut program) = filled().await;
    let request = format!(
        "GET {}Stock HTTP/1.1\r\nHost: gridkeep.test\r\nAuthorization: Bearer {}\r\n\r\n",
        program.root,
        program.key.as_deref().unwrap_or_default()
    );
    let mut slow = Vec::new();
    for _ in 0..12 {
        let mut stream = TcpStream::connect(program.browser.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut start = [0; 15];
        stream.read_exact(&mut start).await.unwrap();
        assert_eq!(&start, b"HTTP/1.1 200 OK");
        slow.push(stream);
    }
    // Twelve that take nothing more, three times as many as there are places for: others are answered all the same.
    assert_eq!(
        program.get("Stock").await.expect(200).json()["value"].as_array().map(Vec::len),
        Some(ITEMS + 3)
    );
    drop(slow);
    program
        .send(Method::POST, "Stock", &[], &json!({ "Sku": "last", "Qty": 1 }).to_string())
        .await
        .expect(201);
    let long = program.get("Stock").await.expect(200);
    assert_eq!(long.json()["value"].as_array().map(Vec::len), Some(ITEMS + 4));
}
