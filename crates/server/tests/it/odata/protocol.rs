//! What the protocol asks of every service, whatever it serves: versions, methods, formats and options.

use axum::http::Method;
use serde_json::json;

use super::{Program, stock};
use crate::kit::Answer;

#[tokio::test(flavor = "multi_thread")]
async fn versions_are_agreed_upon() {
    let (_world, _maker, _app, mut program) = stock(None).await;
    program.version = None;
    for (headers, expect, version, name) in [
        // Nothing said: the latest version, with the names that 4.0 knows.
        (&[][..], 200, "4.01", "@odata.context"),
        (&[("odata-maxversion", "4.0")], 200, "4.0", "@odata.context"),
        (&[("odata-maxversion", "4.01")], 200, "4.01", "@context"),
        (&[("odata-maxversion", "5.0")], 200, "4.01", "@context"),
        (&[("odata-version", "4.0")], 200, "4.0", "@odata.context"),
        (&[("odata-version", "4.01")], 200, "4.01", "@context"),
        (&[("odata-version", "4.01"), ("odata-maxversion", "4.0")], 200, "4.0", "@odata.context"),
        (&[("odata-maxversion", "3.0")], 406, "4.01", "error"),
        (&[("odata-maxversion", "latest")], 406, "4.01", "error"),
        (&[("odata-version", "3.0")], 400, "4.01", "error"),
        (&[("odata-version", "5.0")], 400, "4.01", "error"),
        (&[("isolation", "snapshot")], 412, "4.01", "error"),
        (&[("odata-isolation", "snapshot")], 412, "4.01", "error"),
        (&[("isolation", "none")], 400, "4.01", "error"),
    ] {
        for path in ["", "Stock", "Stock(Sku='0008')", "Stock(Sku='0008')/Qty"] {
            let answer = program.send(Method::GET, path, headers, "").await.expect(expect);
            assert_eq!(answer.header("odata-version"), version, "{path} {headers:?}");
            assert!(answer.json().get(name).is_some(), "{path} {headers:?}: {}", answer.text());
        }
    }
    // The prefix stands before the names of format parameters too.
    assert_eq!(program.get("Stock").await.header("content-type"), "application/json;odata.metadata=minimal");
    let entity = program.get("Stock(Sku='0008')").await.json();
    assert!(entity["@odata.etag"].is_string(), "{entity}");
}

#[tokio::test(flavor = "multi_thread")]
async fn urls_as_programs_write_them() {
    let (_world, _maker, _app, mut program) = stock(None).await;
    let names = |answer: Answer| {
        let answer = answer.expect(200).json();
        let items = answer["value"].as_array().unwrap().iter();
        items.map(|item| item["Item"].as_str().unwrap_or("-").to_owned()).collect::<Vec<_>>().join(" ")
    };
    for (path, expect) in [
        ("/Stock?$orderby=Item", "Bolt Motor Seal"),
        ("//Stock?$orderby=Item", "Bolt Motor Seal"),
        ("Stock?%24orderby=Item+desc&%24filter=Qty+gt+0+and+Item+ne+%27a%2Bb%27", "Seal Motor Bolt"),
        ("Stock?$orderby=Item+desc", "Seal Motor Bolt"),
        ("Stock?$ORDERBY=Item%20DESC&top=1", "Seal"),
        ("Stock?orderby=Item%20desc&$Top=1", "Seal"),
        ("Stock?$filter=Item%20eq%20'x%2By'", ""),
        ("Stock?$orderby=Item&unknown=1&Top%20=x", "Bolt Motor Seal"),
        ("Stock?$filter=Item%20eq%20@who&@who='Seal'", "Seal"),
    ] {
        assert_eq!(names(program.get(path).await), expect, "{path}");
    }
    // A page's link is written as others are.
    let page =
        program.send(Method::GET, "Stock?%24orderby=Item+desc", &[("prefer", "maxpagesize=1")], "").await;
    let next = page.expect(200).json()["@nextLink"].as_str().unwrap().to_owned();
    assert_eq!(names(program.get(next.rsplit_once('/').unwrap().1).await), "Motor Bolt");
    for path in [
        "Stock?$unknown=1",
        "Stock?$top=1&$top=2",
        "Stock?$top=1&TOP=2",
        "Stock?$top=",
        "Stock?$top",
        "Stock?$skip=abc",
        "Stock?$count=yes",
        "Stock?$filter=(Qty%20gt%201",
        "Stock?$orderby=Item%20downwards",
        "Stock?$select=Nothing",
        "Stock?$format=jason",
        "Stock?&$top=1",
    ] {
        program.get(path).await.expect(400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_and_formats() {
    let (_world, _maker, _app, mut program) = stock(None).await;
    let trace = Method::from_bytes(b"MERGE").unwrap();
    for (method, path, allow) in [
        (Method::PUT, "Stock", "GET, HEAD, POST, PATCH, OPTIONS"),
        (Method::DELETE, "Stock", "GET, HEAD, POST, PATCH, OPTIONS"),
        (Method::POST, "Stock(Sku='0008')", "GET, HEAD, PATCH, PUT, DELETE, OPTIONS"),
        (trace, "Stock(Sku='0008')", "GET, HEAD, PATCH, PUT, DELETE, OPTIONS"),
        (Method::POST, "", "GET, HEAD, OPTIONS"),
        (Method::DELETE, "", "GET, HEAD, OPTIONS"),
        (Method::POST, "$metadata", "GET, HEAD, OPTIONS"),
        (Method::PATCH, "$metadata", "GET, HEAD, OPTIONS"),
        (Method::GET, "$batch", "POST, OPTIONS"),
        (Method::POST, "Stock/$count", "GET, HEAD, OPTIONS"),
    ] {
        let answer = program.send(method.clone(), path, &[], "").await.expect(405);
        assert_eq!(answer.header("allow"), allow, "{method} {path}");
        let answer = program.send(Method::OPTIONS, path, &[], "").await.expect(204);
        assert_eq!(answer.header("allow"), allow, "OPTIONS {path}");
    }
    for path in
        ["", "$metadata", "Stock", "Stock(Sku='0008')", "Stock/$count", "Stock(Sku='0008')/Item/$value"]
    {
        let whole = program.get(path).await.expect(200);
        let head = program.send(Method::HEAD, path, &[], "").await.expect(200);
        assert_eq!(head.header("content-length"), whole.body.len().to_string(), "{path}");
        assert_eq!(head.header("content-type"), whole.header("content-type"), "{path}");
        assert_eq!(head.header("etag"), whole.header("etag"), "{path}");
        assert!(head.body.is_empty(), "{path}");
    }
    program.send(Method::HEAD, "Nothing", &[], "").await.expect(404);
    for (path, accept, expect) in [
        ("Stock", "application/xml", 406),
        ("Stock", "text/html", 406),
        ("Stock", "*/*", 200),
        ("Stock", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", 200),
        ("Stock", "application/json;odata.metadata=maximal", 406),
        ("Stock?$format=json", "text/html", 200),
        ("Stock?$format=xml", "application/json", 406),
        ("Stock?$format=atom", "application/json", 406),
        ("Stock?$format=application/json;odata.metadata=none", "text/html", 200),
        ("$metadata", "application/xml", 200),
        ("$metadata", "application/json", 200),
        ("$metadata", "text/html", 406),
        ("Stock(Sku='0008')/Item/$value", "text/plain", 200),
    ] {
        let answer = program.send(Method::GET, path, &[("accept", accept)], "").await;
        assert_eq!(answer.status, expect, "{path} {accept}: {}", answer.text());
    }
    for kind in ["text/plain", "application/xml", "application/json;x=y", "nonsense"] {
        let answer =
            program.send(Method::POST, "Stock", &[("content-type", kind)], r#"{"Sku":"x","Qty":1}"#).await;
        assert!([400, 415].contains(&answer.status), "{kind}: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_offered_is_said_to_be_so() {
    let (_world, _maker, _app, mut program) = stock(None).await;
    let not_offered =
        ["Stock?$filter=matchesPattern(Item,Sku)", "$all", "$crossjoin(Stock,Stock)", "Stock?$index=1"];
    for path in not_offered {
        let answer = program.get(path).await.expect(501);
        assert!(answer.json()["error"]["code"].is_string(), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_may_come_later() {
    let (world, mut maker, app, mut program) = stock(None).await;
    let later = ("prefer", "respond-async");
    let root = format!("http://gridkeep.test{}", program.root);
    let path = |answer: &Answer| answer.header("location").strip_prefix(&root).unwrap().to_owned();
    let accepted = program.send(Method::GET, "Stock?$orderby=Item", &[later], "").await.expect(202);
    assert_eq!(accepted.header("preference-applied"), "respond-async");
    assert!(accepted.body.is_empty());
    let monitor = path(&accepted);
    let now = program.get("Stock?$orderby=Item").await;
    let done = finished(&mut program, &monitor).await;
    assert_eq!((done.header("asyncresult"), &done.body), ("200", &now.body));
    assert_eq!(done.header("content-type"), now.header("content-type"));
    // As a message, for those who ask for one and for those of 4.0.
    for headers in [&[("accept", "application/http")][..], &[("odata-maxversion", "4.0")]] {
        let message = program.send(Method::GET, &monitor, headers, "").await.expect(200);
        assert_eq!(message.header("content-type"), "application/http");
        assert!(message.text().starts_with("HTTP/1.1 200 OK\r\n"), "{}", message.text());
        assert!(message.text().ends_with(&format!("\r\n\r\n{}", now.text())), "{}", message.text());
    }
    // A failure is a result as well.
    let failing = program.send(Method::GET, "Nothing", &[later], "").await.expect(202);
    let failed = finished(&mut program, &path(&failing)).await;
    assert_eq!(
        (failed.header("asyncresult"), &failed.json()["error"]["code"]),
        ("404", &json!("UNKNOWN_SEGMENT"))
    );
    // It is nobody else's, and nothing else's.
    let mut member = world.person("Member").await;
    let mut other = super::program(&mut member, &world, &app, true).await;
    other.get(&monitor).await.expect(404);
    program.get("$status/0123").await.expect(404);
    program.send(Method::POST, &monitor, &[], "").await.expect(405);
    program.send(Method::DELETE, &monitor, &[], "").await.expect(204);
    program.get(&monitor).await.expect(404);
    // Who waits long enough has it at once.
    let waited = [("prefer", "respond-async, wait=20")];
    assert_eq!(program.send(Method::GET, "Stock/$count", &waited, "").await.expect(200).text(), "3");
    // A change is made now; a batch may be answered later, and is not taken back.
    program.send(Method::POST, "Stock", &[later], r#"{"Sku":"l","Qty":1}"#).await.expect(201);
    let batch = json!({"requests": [
        {"id": "1", "method": "post", "url": "Stock", "headers": {"content-type": "application/json", "prefer": "respond-async"},
            "body": {"Sku": "m", "Qty": 1}}]});
    let accepted = program.send(Method::POST, "$batch", &[later], &batch.to_string()).await.expect(202);
    let monitor = path(&accepted);
    let done = finished(&mut program, &monitor).await;
    assert_eq!(done.json()["responses"][0]["status"], 201);
    let refused = program.send(Method::DELETE, &monitor, &[], "").await.expect(405);
    assert_eq!(refused.header("allow"), "GET, HEAD, OPTIONS");
    // The oldest answer goes when there are too many, and all when they are old.
    let mut monitors = Vec::new();
    for _ in 0..17 {
        let accepted = program.send(Method::GET, "Stock/$count", &[later], "").await.expect(202);
        finished(&mut program, &path(&accepted)).await;
        monitors.push(path(&accepted));
    }
    program.get(&monitors[0]).await.expect(404);
    program.get(&monitors[16]).await.expect(200);
    world.clock.advance(jiff::SignedDuration::from_mins(11));
    program.get(&monitors[16]).await.expect(404);
    maker.get("/api/session").await.expect(200);
}

/// Asks a monitor until it has the answer.
async fn finished(program: &mut Program, monitor: &str) -> Answer {
    loop {
        let answer = program.get(monitor).await;
        if answer.status != 202 {
            return answer.expect(200);
        }
        assert!(answer.header("location").ends_with(monitor));
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_said_of_a_batch() {
    let (_world, _maker, _app, mut program) = stock(None).await;
    let json = r#"{"requests":[{"id":"1","method":"get","url":"Nothing"},{"id":"2","method":"get","url":"/Stock/$count"}]}"#;
    for (headers, expect) in [
        (&[][..], 200),
        (&[("if-match", "*")], 400),
        (&[("if-none-match", "*")], 400),
        (&[("prefer", "return=minimal")], 400),
        (&[("odata-maxversion", "4.0")], 415),
        (&[("accept", "multipart/mixed")], 406),
        (&[("accept", "application/json, multipart/mixed")], 200),
        (&[("isolation", "snapshot")], 412),
    ] {
        let answer = program.send(Method::POST, "$batch", headers, json).await;
        assert_eq!(answer.status, expect, "{headers:?}: {}", answer.text());
    }
    let goes_on = [("prefer", "odata.continue-on-error")];
    let answer = program.send(Method::POST, "$batch", &goes_on, json).await.expect(200);
    assert_eq!(answer.header("preference-applied"), "odata.continue-on-error");
    assert_eq!(answer.json()["responses"][0]["status"], 404);
    let empty = program.send(Method::POST, "$batch", &[], r#"{"requests":[]}"#).await.expect(200);
    assert_eq!(empty.json()["responses"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn entities_by_their_ids() {
    let (_world, _maker, _app, mut program) = stock(None).await;
    let entity = program.get("Stock(Sku='0008')").await.expect(200);
    let row = entity.json()["RowId"].as_str().unwrap().to_owned();
    let root = format!("http://gridkeep.test{}", program.root);
    for (path, expect) in [
        (format!("$entity?$id=Stock({row})"), 200),
        (format!("$entity?$id={root}Stock({row})"), 200),
        (format!("$entity?$id={root}Stock/{row}"), 200),
        (format!("$entity?$id={}Stock(Sku='0008')", program.root), 200),
        (format!("$entity/App.StockRow?$id=Stock({row})&$select=Item"), 200),
        (format!("$entity?id=Stock({row})&$format=json"), 200),
        ("$entity?$id=Stock(018f0000-0000-7000-8000-000000000001)".to_owned(), 404),
        ("$entity?$id=Nothing(1)".to_owned(), 404),
        (format!("$entity?$id=https://elsewhere.example/Stock({row})"), 400),
        ("$entity?$id=Stock".to_owned(), 400),
        ("$entity?$id=$metadata".to_owned(), 400),
        (format!("$entity?$id=Stock({row})/Item"), 400),
        (format!("$entity?$id=Stock({row})/$ref"), 400),
        (format!("$entity?$id=Stock({row})?$select=Item"), 400),
        (format!("$entity?$id=../other/Stock({row})"), 400),
        ("$entity".to_owned(), 400),
    ] {
        let answer = program.get(&path).await;
        assert_eq!(answer.status, expect, "{path}: {}", answer.text());
        if expect == 200 && !path.contains("select") {
            assert_eq!(answer.body, entity.body, "{path}");
        }
    }
    let path = format!("$entity?$id=Stock({row})");
    program.send(Method::DELETE, &path, &[("if-match", "*")], "").await.expect(405);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_has_versions() {
    let (_world, _maker, _app, mut program) = stock(None).await;
    let version = async |program: &mut Program| {
        let metadata = program.get("$metadata").await.expect(200).text();
        let said = metadata.split("Core.SchemaVersion\" String=\"").nth(1).unwrap();
        said.split('"').next().unwrap().to_owned()
    };
    let first = version(&mut program).await;
    for (asked, expect) in [("*", 200), (first.as_str(), 200), ("no-such", 404), ("", 400)] {
        for path in ["$metadata", "Stock", "Stock(Sku='0008')", "Stock/$count"] {
            let answer = program.get(&format!("{path}?$schemaversion={asked}")).await;
            assert_eq!(answer.status, expect, "{path} {asked}: {}", answer.text());
        }
    }
    let old = [("odata-maxversion", "4.0")];
    program.send(Method::GET, "Stock?$schemaversion=*", &old, "").await.expect(400);
    let any = [("if-match", "*")];
    let path = format!("Stock(Sku='0008')?$schemaversion={first}");
    program.send(Method::PATCH, &path, &any, r#"{"Qty":9}"#).await.expect(204);
}
