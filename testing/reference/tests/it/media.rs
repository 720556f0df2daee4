//! Stream properties and media entities: contents as they are, and what JSON says of them.

use serde_json::json;

use crate::kit::{Answer, World};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\xff";

/// Status, type and content.
fn content(answer: &Answer) -> (u16, &str, &[u8]) {
    (answer.status, answer.header("content-type"), &answer.body)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_is_put_read_and_removed() {
    let world = World::start().await;
    let mug = world.named("Products", "Coffee Mug").await;
    let photo = format!("{mug}/Photo");
    let check = async |method: &str, path: &str, headers: &[(&str, &str)], body: &'static [u8], expect| {
        let answer = world.send(method, path, headers, body).await;
        assert_eq!(content(&answer), expect, "{method} {path} {headers:?}: {}", answer.text());
        answer
    };
    let value = format!("{photo}/$value");
    let png = [("content-type", "image/png")];
    check("GET", &photo, &[], b"", (204, "", b"")).await;
    let put = check("PUT", &photo, &png, PNG, (204, "", b"")).await;
    let got = check("GET", &photo, &[], b"", (200, "image/png", PNG)).await;
    assert_eq!((got.header("etag"), put.header("etag")), ("W/\"2\"", "W/\"2\""));
    assert!(got.header("content-security-policy").contains("sandbox"), "{:?}", got.headers);
    check("GET", &value, &[("accept", "image/*")], b"", (200, "image/png", PNG)).await;
    check("GET", &value, &[("if-none-match", "W/\"2\"")], b"", (304, "", b"")).await;
    let head = world.send("HEAD", &photo, &[], "").await.expect(200);
    assert_eq!((head.header("content-type"), head.header("content-length")), ("image/png", "10"));
    // The type is kept, whatever it is.
    check("PUT", &value, &[("content-type", "text/plain;charset=latin1")], b"\xe4", (204, "", b"")).await;
    check("GET", &photo, &[], b"", (200, "text/plain;charset=latin1", b"\xe4")).await;
    check("PUT", &photo, &[("content-type", "application/json")], b"{\"a\":1", (204, "", b"")).await;
    check("GET", &photo, &[], b"", (200, "application/json", b"{\"a\":1")).await;
    check("PUT", &photo, &[], b"", (204, "", b"")).await;
    check("GET", &photo, &[], b"", (200, "application/octet-stream", b"")).await;
    check("DELETE", &photo, &[("if-match", "*")], b"", (204, "", b"")).await;
    check("GET", &photo, &[], b"", (204, "", b"")).await;
    // A whole entity in place of another leaves the content alone.
    check("PUT", &photo, &png, PNG, (204, "", b"")).await;
    world.json("PUT", &mug, json!({"Name": "Mug", "Price": 1})).await.expect(204);
    check("GET", &photo, &[], b"", (200, "image/png", PNG)).await;
    world.send("POST", "Reseed", &[], "").await.expect(200);
    check("GET", &photo, &[], b"", (204, "", b"")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_with_a_stream_is_said() {
    let world = World::start().await;
    let mug = world.named("Products", "Coffee Mug").await;
    let photo = format!("{mug}/Photo");
    let png = ("content-type", "image/png");
    let check = async |method: &str, path: &str, headers: &[(&str, &str)], body: Vec<u8>, expect: u16| {
        let answer = world.send(method, path, headers, body).await;
        assert_eq!(answer.status, expect, "{method} {path} {headers:?}: {}", answer.text());
    };
    check("PUT", &photo, &[png, ("if-match", "W/\"7\"")], PNG.into(), 412).await;
    check("PUT", &photo, &[png], vec![7; 16 * 1024 * 1024 + 1], 413).await;
    check("PUT", &photo, &[png], vec![7; 16 * 1024 * 1024], 204).await;
    check("PUT", &photo, &[png, ("if-match", "W/\"2\"")], PNG.into(), 204).await;
    check("GET", &photo, &[("accept", "text/html")], vec![], 406).await;
    check("PUT", &photo, &[("content-type", "png")], PNG.into(), 400).await;
    check("PATCH", &photo, &[png], PNG.into(), 405).await;
    check("POST", &photo, &[png], PNG.into(), 405).await;
    let unknown = "Products(00000000-0000-0000-0000-000000000001)/Photo";
    check("GET", unknown, &[], vec![], 404).await;
    check("PUT", unknown, &[png], PNG.into(), 404).await;
    check("GET", &format!("{mug}/$value"), &[], vec![], 404).await;
    check("GET", "Products?$filter=Photo%20eq%20null", &[], vec![], 400).await;
    check("GET", "Products?$filter=contains(Photo,'stream')", &[], vec![], 400).await;
    check("GET", "Products?$orderby=Photo", &[], vec![], 400).await;
    check("GET", "MediaItems?$filter=content%20ne%20null", &[], vec![], 400).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn entities_say_where_their_photo_is() {
    let world = World::start().await;
    let mug = world.named("Products", "Coffee Mug").await;
    let photo = format!("{mug}/Photo");
    world.send("PUT", &photo, &[("content-type", "image/png")], PNG).await.expect(204);
    let address = format!("{}{photo}", world.root());
    let check = async |level: &str, query: &str, expect: [Option<&str>; 4]| {
        let accept = format!("application/json;odata.metadata={level}");
        let path = format!("{mug}{query}");
        let shown = world.send("GET", &path, &[("accept", &accept)], "").await.expect(200).json();
        let names = ["ReadLink", "EditLink", "ContentType", "Etag"];
        let said = names.map(|name| {
            let long = &shown[format!("Photo@odata.media{name}")];
            long.as_str().or_else(|| shown[format!("Photo@media{name}")].as_str())
        });
        assert_eq!((said, shown.get("Photo")), (expect, None), "{level} {query}: {shown}");
    };
    let (place, kind, etag) = (Some(address.as_str()), Some("image/png"), Some("W/\"2\""));
    check("full", "", [place, place, kind, etag]).await;
    check("minimal", "", [None, None, kind, etag]).await;
    check("none", "", [None; 4]).await;
    check("full", "?$select=Photo", [place, place, kind, etag]).await;
    check("full", "?$select=Name", [None; 4]).await;
    world.send("DELETE", &photo, &[], "").await.expect(204);
    check("full", "", [place, place, None, None]).await;
    check("minimal", "", [None; 4]).await;
    let metadata = world.get("$metadata").await.expect(200).text();
    assert!(metadata.contains("Name=\"Photo\" Type=\"Edm.Stream\""), "{metadata}");
    assert!(metadata.contains("HasStream=\"true\""), "{metadata}");
}

#[tokio::test(flavor = "multi_thread")]
async fn media_entities_are_made_of_contents() {
    let world = World::start().await;
    let post = async |headers: &[(&str, &str)], body: &'static [u8]| {
        world.send("POST", "MediaItems", headers, body).await
    };
    let made = post(&[("content-type", "image/png"), ("slug", "Caf%C3%A9 terrace")], PNG).await.expect(201);
    let item = made.header("location").to_owned();
    let shown = made.json();
    assert_eq!(
        (&shown["Name"], &shown["ContentType"], &shown["Size"]),
        (&json!("Café terrace"), &json!("image/png"), &json!(10))
    );
    let value = format!("{item}/$value");
    for shown in [shown, world.get(&item).await.expect(200).json()] {
        assert_eq!(
            (&shown["@odata.mediaReadLink"], &shown["@odata.mediaEditLink"]),
            (&json!(value), &json!(value))
        );
        assert_eq!(
            (&shown["@odata.mediaContentType"], &shown["@odata.mediaEtag"]),
            (&json!("image/png"), &shown["@odata.etag"])
        );
        assert_eq!(shown.get("content"), None);
    }
    assert_eq!(content(&world.get(&value).await), (200, "image/png", PNG));
    world.send("GET", &value, &[("accept", "application/json")], "").await.expect(406);
    world.send("PUT", &value, &[("content-type", "text/plain")], "four").await.expect(204);
    assert_eq!(content(&world.get(&value).await), (200, "text/plain", b"four".as_slice()));
    let found = world.get("MediaItems?$filter=Size%20eq%204&$select=ContentType").await.expect(200).json();
    assert_eq!(found["value"][0]["ContentType"], "text/plain");
    world.send("DELETE", &value, &[], "").await.expect(405);
    // Its properties are changed like any other's, and what the content says of itself is not.
    world.json("PATCH", &item, json!({"Name": "Terrace", "Size": 1})).await.expect(204);
    let renamed = world.get(&item).await.expect(200).json();
    assert_eq!((&renamed["Name"], &renamed["Size"]), (&json!("Terrace"), &json!(4)));
    world.send("DELETE", &item, &[], "").await.expect(204);
    world.get(&value).await.expect(404);
    // Without a content, by JSON; without a type, not at all.
    let empty = world.json("POST", "MediaItems", json!({"Name": "Later"})).await.expect(201);
    let later = format!("{}/$value", empty.header("location"));
    assert_eq!(empty.json().get("@odata.mediaContentType"), None);
    world.get(&later).await.expect(204);
    world.send("PUT", &later, &[("content-type", "image/png")], PNG).await.expect(204);
    assert_eq!(content(&world.get(&later).await), (200, "image/png", PNG));
    post(&[], PNG).await.expect(415);
    // Sets that are no media entities take only JSON.
    world.send("POST", "Categories", &[("content-type", "image/png")], PNG).await.expect(415);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_carries_contents() {
    let world = World::start().await;
    let mug = world.named("Products", "Coffee Mug").await;
    let request = |id: &str, method: &str, url: &str| json!({"id": id, "method": method, "url": url});
    let mut put = request("1", "PUT", &format!("{mug}/Photo"));
    put["headers"] = json!({"content-type": "image/png"});
    put["body"] = json!("iVBORw0KGgoA_w");
    let mut grouped = put.clone();
    grouped["id"] = json!("2");
    grouped["atomicityGroup"] = json!("g");
    let mut wrong = request("4", "PATCH", &format!("{mug}/Photo"));
    wrong["atomicityGroup"] = json!("h");
    wrong["headers"] = json!({"content-type": "image/png"});
    wrong["body"] = json!("iVBORw0KGgoA_w");
    let requests = json!({"requests": [put, grouped, request("3", "GET", &format!("{mug}/Photo")), wrong]});
    let headers = [("content-type", "application/json"), ("prefer", "continue-on-error")];
    let answered = world.send("POST", "$batch", &headers, requests.to_string()).await.expect(200).json();
    let statuses: Vec<u64> =
        answered["responses"].as_array().unwrap().iter().map(|one| one["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [204, 204, 200, 405], "{answered}");
    assert_eq!(answered["responses"][2]["body"], "iVBORw0KGgoA_w");
}
