//! What other people's clients send.

use axum::http::Method;

use super::stock;

/// What OpenUI5's model sends that the standard does not foresee; found by testing/clients.
#[tokio::test(flavor = "multi_thread")]
async fn openui5_is_understood() {
    let (_world, _maker, _app, mut program) = stock(None).await;
    program.version = None;
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
