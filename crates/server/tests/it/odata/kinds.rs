//! GUIDs, durations, bytes, long decimals and fractions of seconds, from a workbook to programs and back, on both databases.

use std::fmt::Write as _;

use axum::http::Method;
use serde_json::{Value as Json, json};

use super::{Program, program};
use crate::kit::{Wishes, World, databases};

const OWNER: &str = "01234567-89ab-cdef-0123-456789abcdef";

/// As a workbook shows them: bytes in base64url, durations as ISO 8601 has them.
const THINGS: &str = "\
Code,Owner,Took,Data
a,01234567-89AB-CDEF-0123-456789ABCDEF,PT90M,T0RhdGE
b,,,
";

fn definition() -> Json {
    let column = |id: &str, offset: u32, kind: &str, column_type: Json| json!({"id": id, "title": id, "offset": offset, "kind": kind, "type": column_type});
    let named = |name: &str| json!({ "name": name });
    json!({
        "schemaVersion": 1, "name": "Kinds", "description": "", "icon": "list", "accent": "#2f6f4f", "language": "en",
        "screens": [{"id": "things", "title": "Things", "icon": "list", "kind": "list", "components": [{
            "type": "list", "id": "items", "table": "things", "titleColumn": "code", "columns": ["took", "data"],
            "filters": [], "search": ["code"], "sort": {"column": "took"}, "detail": ["code", "owner"]
        }]}],
        "tables": [{
            "id": "things", "title": "Things", "key": "code",
            "source": {"from": "range", "sheet": gridkeep_workbook::read::CSV_SHEET, "range": "A1:G3"},
            "columns": [
                column("code", 0, "text", named("text")),
                column("owner", 1, "text", named("guid")),
                column("took", 2, "text", named("duration")),
                column("data", 3, "text", named("binary")),
                column("fine", 4, "number", json!({"name": "decimal", "scale": 18})),
                column("opens", 5, "time", named("time")),
                column("made", 6, "dateTime", named("dateTime")),
            ]
        }]
    })
}

async fn things(database: Option<String>) -> (World, Program) {
    let world = World::with(Wishes { database, ..Wishes::default() }).await;
    let mut maker = world.person("Maker").await;
    let answer = maker.upload("/api/creations", "things.csv", THINGS).await.expect(201);
    let token = answer.json()["token"].as_str().unwrap().to_owned();
    let people: Vec<String> = Vec::new();
    let request = json!({"definition": definition(), "audience": "private", "people": people});
    let answer = maker.post(&format!("/api/creations/{token}/publish"), request).await.expect(201);
    let app = answer.json()["id"].as_str().unwrap().to_owned();
    let program = program(&mut maker, &world, &app, true).await;
    (world, program)
}

fn url(options: &str) -> String {
    format!("Things?{}", options.replace(' ', "%20").replace('\'', "%27"))
}

impl Program {
    /// The codes of the things that a query gives.
    async fn codes(&mut self, options: &str) -> String {
        let answer = self.get(&url(options)).await.expect(200).json();
        let code = |item: &Json| item["Code"].as_str().unwrap_or("-").to_owned();
        answer["value"].as_array().unwrap().iter().map(code).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_of_every_kind_are_kept_and_found() {
    let (databases, _server) = databases();
    for database in databases {
        let (_world, mut program) = things(database).await;
        let first = program.get("Things(Code='a')").await.expect(200).json();
        assert_eq!(
            (&first["Owner"], &first["Took"], &first["Data"]),
            (&json!(OWNER), &json!("PT1H30M"), &json!("T0RhdGE"))
        );
        let given = json!({
            "Code": "c", "Owner": "80000000-0000-0000-0000-000000000000", "Took": "-P1DT0.000001S", "Data": "__4=",
            "Fine": "9999999999.999999999999999999", "Opens": "08:30:00.5", "Made": "2026-11-21T09:30:00.25+01:00",
        });
        let headers = [("content-type", "application/json;IEEE754Compatible=true")];
        let made =
            program.send(Method::POST, "Things", &headers, &given.to_string()).await.expect(201).json();
        let read = program.send(Method::GET, "Things(Code='c')", &[("accept", headers[0].1)], "").await;
        let read = read.expect(200).json();
        for (name, value) in [
            ("Owner", "80000000-0000-0000-0000-000000000000"),
            ("Took", "-P1DT0.000001S"),
            ("Data", "__4"),
            ("Fine", "9999999999.999999999999999999"),
            ("Opens", "08:30:00.5"),
            ("Made", "2026-11-21T08:30:00.25Z"),
        ] {
            assert_eq!(read[name], value, "{name}");
            assert!(name == "Fine" || made[name] == value, "{name}");
        }
        let mut shown = String::new();
        for options in [
            &format!("$filter=Owner eq {OWNER}"),
            "$filter=Took lt duration'PT0S'",
            "$filter=Took eq 'PT90M' or Data eq binary'__4'",
            "$filter=Fine eq 9999999999.999999999999999999",
            "$filter=Fine lt 9999999999.999999999999999999",
            "$filter=Made sub duration'PT0.25S' eq 2026-11-21T08:30:00Z",
            "$filter=totalseconds(Took) ge 5400",
            "$filter=cast(Owner,Edm.String) ge '8'",
            "$filter=Opens gt 08:30:00 and fractionalseconds(Opens) eq 0.5",
            "$orderby=Owner desc",
            "$orderby=Took,Code",
            "$orderby=Fine desc",
            "$orderby=Opens desc",
            "$filter=Data ne null&$orderby=Code",
        ] {
            writeln!(shown, "{options}: {}", program.codes(options).await).unwrap();
        }
        insta::assert_snapshot!("found", shown);
        // Pages go on behind keys of every kind.
        for key in ["Owner", "Took", "Fine", "Opens", "Made"] {
            let mut codes = String::new();
            let mut next = Some(url(&format!("$orderby={key} desc&$select=Code")));
            while let Some(path) = next {
                let page = program.send(Method::GET, &path, &[("prefer", "maxpagesize=1")], "").await;
                let page = page.expect(200).json();
                page["value"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .for_each(|item| codes.push_str(item["Code"].as_str().unwrap()));
                let root = format!("http://gridkeep.test{}", program.root);
                next = page["@nextLink"].as_str().map(|link| link.strip_prefix(&root).unwrap().to_owned());
            }
            assert_eq!(codes, program.codes(&format!("$orderby={key} desc")).await, "{key}");
        }
        let apply =
            program.get(&url("$apply=aggregate(Owner with max as Last,Took with min as Least)")).await;
        let apply = &apply.expect(200).json()["value"][0];
        assert_eq!(apply["Last"], "80000000-0000-0000-0000-000000000000");
        assert_eq!(apply["Least"], "-P1DT0.000001S");
        let computed = "$compute=Made sub 2026-11-21T00:00:00Z as Since,-Took as Back&$filter=Code eq 'c'&$select=Since,Back";
        let computed = program.get(&url(computed)).await.expect(200).json();
        assert_eq!(computed["value"][0]["Since"], "PT8H30M0.25S");
        assert_eq!(computed["value"][0]["Back"], "P1DT0.000001S");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn single_values_are_read_and_set() {
    let (_world, mut program) = things(None).await;
    let raw = program.get("Things(Code='a')/Data/$value").await.expect(200);
    assert_eq!(raw.headers["content-type"], "application/octet-stream");
    assert_eq!(raw.text(), "OData");
    assert_eq!(program.get("Things(Code='a')/Took/$value").await.expect(200).text(), "PT1H30M");
    program.get("Things(Code='b')/Data/$value").await.expect(204);
    let bytes = [("content-type", "application/octet-stream"), ("if-match", "*")];
    program.send(Method::PUT, "Things(Code='b')/Data/$value", &bytes, "raw").await.expect(204);
    let plain = [("content-type", "text/plain"), ("if-match", "*")];
    program.send(Method::PUT, "Things(Code='b')/Took/$value", &plain, "PT36H").await.expect(204);
    program.send(Method::PUT, "Things(Code='b')/Owner/$value", &plain, OWNER).await.expect(204);
    let changed = program.get("Things(Code='b')").await.expect(200).json();
    assert_eq!(
        (&changed["Data"], &changed["Took"], &changed["Owner"]),
        (&json!("cmF3"), &json!("P1DT12H"), &json!(OWNER))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_refused_and_named() {
    let (_world, mut program) = things(None).await;
    let mut shown = String::new();
    let long = "A".repeat(1_398_104);
    for body in [
        json!({"Code": "x", "Owner": "none"}),
        json!({"Code": "x", "Took": "1 hour"}),
        json!({"Code": "x", "Took": "PT0.0000001S"}),
        json!({"Code": "x", "Took": "P106751992D"}),
        json!({"Code": "x", "Data": "?"}),
        json!({"Code": "x", "Data": long}),
        json!({"Code": "x", "Fine": 1e10}),
        json!({"Code": "x", "Opens": "08:30:00.1234567"}),
        json!({"Code": "x", "Made": "2026-11-21T08:30:00"}),
    ] {
        let answer = program.send(Method::POST, "Things", &[], &body.to_string()).await.expect(400).json();
        let error = &answer["error"];
        writeln!(shown, "{} {}: {}", error["target"], error["code"], error["message"]).unwrap();
    }
    for (path, body) in [("Took", "an hour"), ("Owner", "x"), ("Fine", "1e11")] {
        let path = format!("Things(Code='a')/{path}/$value");
        let answer = program.send(Method::PUT, &path, &[("content-type", "text/plain")], body).await;
        let error = &answer.expect(400).json()["error"];
        writeln!(shown, "{} {}: {}", error["target"], error["code"], error["message"]).unwrap();
    }
    for options in ["$orderby=Data", "$filter=Data gt binary'AA'"] {
        let error = &program.get(&url(options)).await.expect(501).json()["error"];
        writeln!(shown, "{options} {}: {}", error["code"], error["message"]).unwrap();
    }
    insta::assert_snapshot!("refused", shown);
    let metadata = program.get("$metadata").await.expect(200).text();
    let properties =
        metadata.lines().filter(|line| line.contains("<Property ") || line.contains("NonSortable"));
    insta::assert_snapshot!("properties", properties.map(str::trim).collect::<Vec<_>>().join("\n"));
}
