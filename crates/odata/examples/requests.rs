//! How many inserts a second are read: as single payloads, and in batches of 100 in both formats, beside serde_json
//! reading the same payload into its own tree in the same run.
//!
//! `cargo run --release -p gridkeep-odata --example requests`
#![expect(clippy::print_stdout, reason = "figures for a person")]

use std::{fmt::Write as _, hint::black_box, time::Instant};

use gridkeep_odata::{
    batch,
    edm::{Edm, Key, Primitive, Property, QName, Schema, StructuredType, TypeKind, TypeRef},
    json::{Limits, Reader},
};

const BODY: &str = r#"{"ID":"0190aaaa-0000-7000-8000-00000000000f","Customer":"Customer 00042 & Söhne","Amount":"1250.75",
"Quantity":42,"Weight":0.125,"Day":"2026-11-21","Changed":"2026-11-21T08:30:05Z"}"#;
const ROUNDS: usize = 5;

fn main() {
    let property = |(name, primitive): (&str, Primitive)| Property {
        name: name.to_owned(),
        kind: TypeRef::primitive(primitive),
        default: None,
        annotations: Vec::new(),
    };
    let order = StructuredType {
        name: "Order".to_owned(),
        kind: TypeKind::Entity { has_stream: false },
        base: None,
        is_abstract: false,
        open: false,
        key: vec![Key { path: "ID".to_owned(), alias: None }],
        properties: [
            ("ID", Primitive::Guid),
            ("Customer", Primitive::String),
            ("Amount", Primitive::Decimal),
            ("Quantity", Primitive::Int64),
            ("Weight", Primitive::Double),
            ("Day", Primitive::Date),
            ("Changed", Primitive::DateTimeOffset),
        ]
        .map(property)
        .into(),
        navigations: Vec::new(),
        annotations: Vec::new(),
    };
    let schema = Schema { namespace: "Model".to_owned(), types: vec![order], ..Schema::default() };
    let edm = Edm { schemas: vec![schema], ..Edm::default() };
    let kind = QName::new("Model", "Order");
    let read = |body: &[u8]| {
        let reader = Reader::new(&edm, body, 0, Limits::default());
        usize::from(reader.and_then(|reader| reader.entity(&kind)).is_ok())
    };
    let parts = |events: Result<Vec<batch::Event>, gridkeep_odata::Error>| {
        let body = |event: &batch::Event| match event {
            batch::Event::Part(part) => read(&part.body),
            batch::Event::Begin(_) | batch::Event::End(_) => 0,
        };
        events.map_or(0, |events| events.iter().map(body).sum())
    };
    let (mut multipart, mut json) = (String::new(), String::from("{\"requests\":["));
    for id in 0..100 {
        let head = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary";
        let request = "POST Orders HTTP/1.1\r\nContent-Type: application/json";
        let _ = write!(multipart, "--b\r\n{head}\r\nContent-ID: {id}\r\n\r\n{request}\r\n\r\n{BODY}\r\n");
        let comma = if id > 0 { "," } else { "" };
        let _ =
            write!(json, "{comma}{{\"id\":\"{id}\",\"method\":\"post\",\"url\":\"Orders\",\"body\":{BODY}}}");
    }
    multipart.push_str("--b--\r\n");
    json.push_str("]}");

    measure("payload", 200_000, || read(black_box(BODY.as_bytes())));
    measure("payload by serde_json", 200_000, || {
        usize::from(serde_json::from_str::<serde_json::Value>(black_box(BODY)).is_ok())
    });
    let limits = batch::Limits::default();
    measure("multipart batch of 100", 2000, || {
        parts(batch::Reader::multipart("b", limits).all(black_box(multipart.as_bytes())))
    });
    measure("JSON batch of 100", 2000, || parts(batch::Reader::json(limits).all(black_box(json.as_bytes()))));
}

fn measure(name: &str, times: usize, read: impl Fn() -> usize) {
    let (mut best, mut count) = (f64::INFINITY, 0);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        count = (0..times).map(|_| read()).sum();
        best = best.min(start.elapsed().as_secs_f64());
    }
    println!("{name}: {:.0} inserts read a second, best of {ROUNDS}", count as f64 / best);
}
