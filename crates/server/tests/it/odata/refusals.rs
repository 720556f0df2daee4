//! What is wrong is refused with what and where, and disturbs nobody.

use std::fmt::Write as _;

use axum::http::Method;

use super::{shown, stock};

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
        (Method::GET, "Stock?$apply=topcount(Qty,Qty)", &[]),
        (Method::GET, "Stock?$apply=groupby((Item))/nest(identity%20as%20All)", &[]),
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
