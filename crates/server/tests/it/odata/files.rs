//! Columns of files as streams.

use axum::http::Method;
use serde_json::json;

use super::{Program, program};
use crate::{
    files::{publish, with_files},
    kit::{Browser, Wishes, World, databases, id},
};

async fn shelf(database: Option<String>) -> (World, Browser, Program) {
    let world = World::with(Wishes { database, ..Wishes::default() }).await;
    let mut maker = world.person("Maker").await;
    let app = publish(&mut maker, "private", with_files()).await;
    let program = program(&mut maker, &world, &app, true).await;
    (world, maker, program)
}

/// Method, headers, body, and the status and text it is answered with.
type Step<'a> = (Method, &'a [(&'a str, &'a str)], &'a str, u16, &'a str);

const GIF: &str = "GIF89a0123456789";

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_is_put_read_in_part_and_removed() {
    let (databases, _server) = databases();
    for database in databases {
        let (_world, _maker, mut program) = shelf(database).await;
        let row = id(5);
        let body = json!({"RowId": row, "Sku": "5", "Qty": 1}).to_string();
        program.send(Method::POST, "Stock", &[], &body).await.expect(201);
        let track = [("prefer", "track-changes")];
        let delta =
            program.send(Method::GET, "Stock", &track, "").await.expect(200).json()["@deltaLink"].clone();
        let photo = format!("Stock({row})/Photo");
        let gif = ("content-type", "image/gif");
        let any = ("if-match", "*");
        let steps: &[Step<'_>] = &[
            (Method::GET, &[], "", 204, ""),
            (Method::PUT, &[gif], GIF, 428, ""),
            (Method::PUT, &[gif, ("if-match", "W/\"7\"")], GIF, 412, ""),
            (Method::PUT, &[gif, any], "<html>", 415, ""),
            (Method::PUT, &[gif, any, ("content-disposition", "attachment; filename=a.gif")], GIF, 204, ""),
            (Method::GET, &[], "", 200, GIF),
            (Method::GET, &[("range", "bytes=6-8")], "", 206, "012"),
            (Method::GET, &[("range", "bytes=-1")], "", 206, "9"),
            (Method::GET, &[("range", "bytes=16-")], "", 416, ""),
            (Method::GET, &[("range", "bytes=0-0"), ("if-range", "W/\"2\"")], "", 200, GIF),
            (Method::GET, &[("if-none-match", "W/\"2\"")], "", 304, ""),
            (Method::GET, &[("accept", "text/plain")], "", 406, ""),
            (Method::HEAD, &[], "", 200, ""),
            (Method::PATCH, &[gif, any], GIF, 405, ""),
        ];
        for (method, headers, body, status, expect) in steps {
            let answer = program.send(method.clone(), &photo, headers, body).await;
            assert_eq!(answer.status, *status, "{method} {headers:?}: {}", answer.text());
            if *status < 300 {
                assert_eq!(answer.text(), *expect, "{method} {headers:?}");
            }
        }
        let head = program.send(Method::HEAD, &photo, &[], "").await;
        for (name, expect) in [
            ("content-length", "16"),
            ("content-type", "image/gif"),
            ("content-disposition", "inline; filename*=UTF-8''a.gif"),
            ("accept-ranges", "bytes"),
            ("etag", "W/\"2\""),
        ] {
            assert_eq!(head.header(name), expect, "{name}");
        }
        let full = [("accept", "application/json;odata.metadata=full")];
        let entity = program.send(Method::GET, &format!("Stock({row})"), &full, "").await.expect(200).json();
        assert_eq!(entity["Photo@mediaContentType"], "image/gif");
        assert!(entity["Photo@mediaReadLink"].as_str().unwrap().ends_with(&photo), "{entity}");
        assert!(entity["Photo@mediaEditLink"].as_str().unwrap().ends_with(&photo), "{entity}");
        assert_eq!((entity.get("Photo"), entity.get("Paper@mediaContentType")), (None, None));
        // Whoever follows the changes sees this one.
        let root = format!("http://gridkeep.test{}", program.root);
        let delta = delta.as_str().unwrap().strip_prefix(&root).unwrap().to_owned();
        let changed = program.get(&delta).await.expect(200).json();
        assert_eq!(changed["value"][0]["Photo@mediaContentType"], "image/gif", "{changed}");
        // In a batch a content is a part of its answer.
        let batch = json!({"requests": [{"id": "1", "method": "GET", "url": photo}]}).to_string();
        let answered = program.send(Method::POST, "$batch", &[], &batch).await.expect(200).json();
        assert_eq!(answered["responses"][0]["body"], "R0lGODlhMDEyMzQ1Njc4OQ", "{answered}");
        for query in ["$filter=Photo%20ne%20null", "$filter=contains(Photo,'a')", "$orderby=Photo"] {
            program.get(&format!("Stock?{query}")).await.expect(400);
        }
        let found = program.get("Stock?$search=stream").await.expect(200).json();
        assert_eq!(found["value"], json!([]), "what a row keeps of a content is no text of its own");
        program.send(Method::DELETE, &photo, &[any], "").await.expect(204);
        program.get(&photo).await.expect(204);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn long_contents_are_passed_through_and_only_where_contents_are_taken() {
    let (_world, _maker, mut program) = shelf(None).await;
    let row = id(5);
    let body = json!({"RowId": row, "Sku": "5", "Qty": 1}).to_string();
    program.send(Method::POST, "Stock", &[], &body).await.expect(201);
    let paper = format!("Stock({row})/Paper");
    let long = "0123456789abcdef".repeat(3 << 20);
    let headers = [("content-type", "text/x-long"), ("if-match", "*")];
    program.send(Method::PUT, &paper, &headers, &long).await.expect(204);
    let got = program.get(&paper).await.expect(200);
    assert!(got.text() == long, "{} of {} bytes", got.body.len(), long.len());
    assert_eq!(got.header("content-disposition"), "attachment; filename*=UTF-8''file");
    let end = program.send(Method::GET, &paper, &[("range", "bytes=50331640-")], "").await.expect(206);
    assert_eq!(end.text(), "89abcdef");
    let batch = json!({"requests": [{"id": "1", "method": "GET", "url": paper}]}).to_string();
    let answered = program.send(Method::POST, "$batch", &[], &batch).await.expect(200).json();
    assert_eq!(answered["responses"][0]["status"], 501, "{answered}");
    let long = &long[..2 << 20];
    for (method, path, expect) in [
        (Method::PUT, format!("Stock({row})/Photo"), 413),
        (Method::PUT, format!("Stock({row})"), 415),
        (Method::POST, "Stock".to_owned(), 415),
        (Method::POST, "$batch".to_owned(), 415),
        (Method::PUT, format!("Stock({})/Paper", id(6)), 412),
    ] {
        let answer = program.send(method, &path, &headers, long).await;
        assert_eq!(answer.status, expect, "{path}: {}", answer.text());
    }
    let metadata = program.get("$metadata").await.expect(200).text();
    for part in [
        "<Property Name=\"Photo\" Type=\"Edm.Stream\" MaxLength=\"2000000\">",
        "<String>image/png</String>",
        "<Property Name=\"Paper\" Type=\"Edm.Stream\" MaxLength=\"67108864\">",
    ] {
        assert!(metadata.contains(part), "{part}: {metadata}");
    }
}
