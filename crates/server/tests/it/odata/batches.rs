//! Several requests in one, in both formats.

use axum::http::Method;
use serde_json::json;

use super::{hidden, stock};
use crate::kit::{databases, id};

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
