//! Batches as a black-box run sends them: what earlier requests made, and what goes wrong.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::kit::{Answer, World};

/// A change set of these requests, each with the id of its place and the lines of its head.
fn change_set(requests: &[(&str, &str)]) -> String {
    let mut body = "--b\nContent-Type: multipart/mixed; boundary=c\n\n".to_owned();
    for (id, (line, content)) in requests.iter().enumerate() {
        let head = if content.is_empty() { "" } else { "Content-Type: application/json\n" };
        write!(
            body,
            "--c\nContent-Type: application/http\nContent-Transfer-Encoding: binary\nContent-ID: r{id}\n\n{line} HTTP/1.1\n{head}\n{content}\n\n"
        )
        .unwrap();
    }
    body + "--c--\n\n--b--"
}

async fn sent(world: &World, requests: &[(&str, &str)]) -> Answer {
    let multipart = [("content-type", "multipart/mixed; boundary=b")];
    world.send("POST", "$batch", &multipart, change_set(requests)).await.expect(200)
}

/// The statuses in a multipart answer.
fn statuses(answer: &Answer) -> Vec<u16> {
    let text = answer.text();
    let lines = text.split("HTTP/1.1 ").skip(1);
    lines.map(|line| line[..3].parse().unwrap()).collect()
}

const LAMP: &str = r#"{"Name":"Lamp","Price":10.0,"Status":1}"#;
const OTHER: &str = r#"{"Name":"Shade","Price":20.0,"Status":1}"#;

#[tokio::test(flavor = "multi_thread")]
async fn later_requests_of_a_change_set_name_what_earlier_ones_make() {
    let world = World::start().await;
    let check = async |requests: &[(&str, &str)], expect: &[u16]| {
        let answer = sent(&world, requests).await;
        assert_eq!(statuses(&answer), expect, "{requests:?}: {}", answer.text());
        answer
    };
    let answer = check(&[("POST /Products", LAMP), ("PATCH /$r0", OTHER)], &[201, 204]).await;
    for id in ["Content-ID: r0", "Content-ID: r1"] {
        assert!(answer.text().contains(id), "{}", answer.text());
    }
    world.named("Products", "Shade").await;
    check(&[("POST Products", LAMP), ("DELETE /$r0", "")], &[201, 204]).await;
    check(
        &[("POST Products", LAMP), ("POST Products", OTHER), ("PATCH $r0", OTHER), ("PATCH $r1", LAMP)],
        &[201, 201, 204, 204],
    )
    .await;
    check(
        &[
            ("POST Products", LAMP),
            ("POST $r0/Descriptions", r#"{"LanguageKey":"EN","Description":"It glows"}"#),
            ("PUT $r0/Name", r#"{"value":"Lantern"}"#),
        ],
        &[201, 201, 204],
    )
    .await;
    world.named("Products", "Lantern").await;
    // Where columns are the key, it tells the row as well.
    let mug = world.named("Products", "Coffee Mug").await;
    let id = mug.trim_start_matches("Products(").trim_end_matches(')');
    let along = format!("POST {mug}/Descriptions");
    let upsert = format!("PUT ProductDescriptions(ProductID={id},LanguageKey='XB')");
    let again = format!("PATCH ProductDescriptions(LanguageKey='XA',ProductID={id})");
    let (first, second) =
        (r#"{"LanguageKey":"XA","Description":"One"}"#, r#"{"Description":"Two","LongText":null}"#);
    check(
        &[
            (&along, first),
            ("PATCH $r0", second),
            (&again, second),
            (&upsert, second),
            ("PATCH $r3", r#"{"LongText":"Long"}"#),
            ("PUT $r3/CustomName", r#"{"value":"Custom"}"#),
        ],
        &[201, 204, 204, 201, 204, 204],
    )
    .await;
    for (language, expect) in [("XA", ["Two", "null"]), ("XB", ["Two", "\"Custom\""])] {
        let path = format!("ProductDescriptions(ProductID={id},LanguageKey='{language}')");
        let shown = world.get(&path).await.expect(200).text();
        assert!(expect.iter().all(|part| shown.contains(part)), "{shown}");
    }
    let delete = format!("DELETE ProductDescriptions(ProductID={id},LanguageKey='XB')");
    check(&[(&delete, ""), (&upsert, second)], &[204, 201]).await;
    // One answer speaks for a change set that fails. Requests in it only change, whatever a public suite sends.
    let count = world.get("Products/$count").await.text();
    check(&[("POST /Products", LAMP), ("PATCH /$r99", OTHER)], &[400]).await;
    let multipart = [("content-type", "multipart/mixed; boundary=b")];
    let reading = change_set(&[("POST /Products", LAMP), ("GET /$r0", "")]);
    let refused = world.send("POST", "$batch", &multipart, reading).await.expect(400).json();
    assert_eq!(refused["error"]["code"], "READ_IN_CHANGE_SET");
    check(&[("POST /Products", LAMP), ("PATCH /$r0", r#"{"Price":"dear"}"#)], &[400]).await;
    assert_eq!(world.get("Products/$count").await.text(), count);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_ends_a_batch_unless_it_may_go_on() {
    let world = World::start().await;
    let product = world.named("Products", "Laptop").await;
    let nobody = "Products(00000000-0000-0000-0000-000000000000)";
    let part = |path: &str| {
        format!(
            "--b\r\nContent-Type: application/http\r\n\r\nGET {path} HTTP/1.1\r\nAccept: application/json\r\n\r\n\r\n"
        )
    };
    let body = format!("{}{}{}--b--", part(&product), part(nobody), part(&product));
    let multipart = ("content-type", "multipart/mixed; boundary=b");
    for (headers, expect) in [
        (&[multipart][..], &[200, 404][..]),
        (&[multipart, ("prefer", "continue-on-error")], &[200, 404, 200]),
        (&[multipart, ("prefer", "odata.continue-on-error=true")], &[200, 404, 200]),
        (&[multipart, ("prefer", "continue-on-error=false")], &[200, 404]),
    ] {
        let answer = world.send("POST", "$batch", headers, body.clone()).await.expect(200);
        assert_eq!(statuses(&answer), expect, "{headers:?}");
        assert!(answer.text().contains("\"error\""));
    }
    let json = ("content-type", "application/json");
    let requests = |second: Json| {
        json!({"requests": [{"id": "1", "method": "get", "url": "Nothing"}, second]}).to_string()
    };
    for (headers, second, expect) in [
        (&[json][..], json!({"id": "2", "method": "get", "url": "Products"}), [404, 424]),
        (
            &[json, ("prefer", "continue-on-error")],
            json!({"id": "2", "method": "get", "url": "Products"}),
            [404, 200],
        ),
        (
            &[json, ("prefer", "continue-on-error")],
            json!({"id": "2", "method": "get", "url": "Products", "dependsOn": ["1"]}),
            [404, 424],
        ),
    ] {
        let answer = world.send("POST", "$batch", headers, requests(second.clone())).await.expect(200).json();
        let statuses: Vec<_> =
            answer["responses"].as_array().unwrap().iter().map(|one| one["status"].clone()).collect();
        assert_eq!(statuses, expect, "{headers:?} {second}");
    }
    // JSON came with 4.01.
    let old = [json, ("odata-maxversion", "4.0")];
    world.send("POST", "$batch", &old, r#"{"requests":[]}"#).await.expect(415);
    for wrong in [
        r#"{"requests":{}}"#,
        r#"{"requests":[{"id":"1","method":"get"}]}"#,
        r#"{"requests":[{"id":"1","method":"brew","url":"Products"}]}"#,
        r#"{"requests":[{"id":"1","method":"get","url":"Products"},{"id":"1","method":"get","url":"Products"}]}"#,
        r#"{"requests":[{"id":"1","method":"get","url":"Products","dependsOn":["2"]}]}"#,
        r#"{"requests":[{"method":"get","url":"Products"}]}"#,
        "[]",
        "",
    ] {
        world.send("POST", "$batch", &[json], wrong).await.expect(400);
    }
}
