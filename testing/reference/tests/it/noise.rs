//! Requests made by chance of the grammar's cases and the model's names: each is answered, none of them by a fault of ours,
//! and none disturbs the next.

use std::{fmt::Write as _, fs};

use gridkeep_kit::SeededRng;
use serde_json::Value as Json;

use crate::kit::World;

const REQUESTS: usize = 2_000;
/// What names of the cases become.
const NAMES: [&str; 20] = [
    "Name",
    "Price",
    "Rating",
    "CreatedAt",
    "Status",
    "Category",
    "Descriptions",
    "RelatedProducts",
    "ShippingAddress",
    "City",
    "Weight",
    "Data",
    "OpenTime",
    "ShippingTime",
    "ID",
    "Version",
    "Photo",
    "App.SpecialProduct",
    "Products",
    "LanguageKey",
];
const OPTIONS: [&str; 8] =
    ["$filter", "$orderby", "$select", "$expand", "$compute", "$apply", "$search", "$count"];
const METHODS: [&str; 8] = ["GET", "GET", "GET", "GET", "POST", "PATCH", "PUT", "DELETE"];
const BODIES: [&str; 6] =
    ["", "{}", "{\"Price\":1e400}", "{\"Name\":[{}]}", "[[[[", "{\"Category@odata.bind\":\"$1\"}"];

/// The text with some of its names others.
fn renamed(text: &str, random: &mut impl FnMut(usize) -> usize) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_uppercase()) {
        out.push_str(&rest[..at]);
        let end = rest[at..].find(|c: char| !c.is_ascii_alphanumeric()).map_or(rest.len(), |end| at + end);
        if end - at > 2 && random(4) > 0 {
            out.push_str(NAMES[random(NAMES.len())]);
        } else {
            out.push_str(&rest[at..end]);
        }
        rest = &rest[end..];
    }
    out + rest
}

/// As it may stand in a request's line.
fn sendable(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'!' | b'#'..=b'~'
                if !matches!(byte, b'#' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}') =>
            {
                out.push(byte.into());
            }
            byte => write!(out, "%{byte:02X}").unwrap(),
        }
    }
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn noise_is_no_fault_of_ours() {
    let Some(shared) = gridkeep_kit::shared() else { return };
    let world = World::start().await;
    let mut rng = SeededRng::new(7);
    let mut random = |below: usize| (rng.next() % below as u64) as usize;
    let mut cases = Vec::new();
    for file in ["odata-abnf-testcases.json", "odata-aggregation-testcases.json"] {
        let text = fs::read_to_string(shared.join("data/odata/oasis-abnf").join(file)).unwrap();
        let document: Json = serde_json::from_str(&text).unwrap();
        let inputs = document["TestCases"].as_array().unwrap().iter();
        cases.extend(inputs.filter_map(|case| case["Input"].as_str().map(ToOwned::to_owned)));
    }
    let mut answered = [0; 6];
    for _ in 0..REQUESTS {
        let case = renamed(&cases[random(cases.len())], &mut random);
        let bare = case.split_once('=').map_or(case.as_str(), |(_, value)| value);
        let path = match random(4) {
            0 => case.trim_start_matches('/').to_owned(),
            1 => format!("Products?{case}"),
            2 => format!("Products/$filter({bare})/$count"),
            _ => format!("Products?{}={bare}", OPTIONS[random(OPTIONS.len())]),
        };
        let path = sendable(path.split_once("://").map_or(path.as_str(), |(_, rest)| rest));
        let (method, body) = (METHODS[random(METHODS.len())], BODIES[random(BODIES.len())]);
        let headers = [("content-type", "application/json"), ("if-match", "*")];
        let answer = world.send(method, &path, &headers, body).await;
        assert_ne!(answer.status, 500, "{method} {path} {body}: {}", answer.text());
        answered[usize::from(answer.status / 100)] += 1;
    }
    assert!(answered[2] > 50 && answered[4] > 50, "{answered:?}");
    world.get("Products").await.expect(200);
}
