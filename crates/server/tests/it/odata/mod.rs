//! An app as an OData service, as programs see it.

mod actions;
mod apply;
mod batches;
mod bound;
mod calculators;
mod callers;
mod clients;
mod current;
mod files;
mod hostile;
mod kept;
mod kinds;
mod long;
mod nesting;
mod protocol;
mod reading;
mod refusals;
mod related;
mod truth;
mod truth_related;
mod writing;

use std::fmt::Write as _;

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use serde_json::json;

use crate::kit::{Answer, Browser, Wishes, World};

/// A program with a key, or without.
struct Program {
    browser: Browser,
    root: String,
    key: Option<String>,
    /// What it says of versions, where a request says nothing itself.
    version: Option<&'static str>,
}

impl Program {
    async fn send(&mut self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.root))
            .header(header::HOST, "gridkeep.test");
        if let Some(key) = &self.key {
            request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
        }
        if !body.is_empty() && headers.iter().all(|(name, _)| *name != "content-type") {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        if let Some(version) =
            self.version.filter(|_| headers.iter().all(|(name, _)| *name != "odata-maxversion"))
        {
            request = request.header("odata-maxversion", version);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.browser.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], "").await
    }

    /// Follows next links and gives the names of all items.
    async fn walk(&mut self, first: &str, headers: &[(&str, &str)]) -> Vec<Vec<String>> {
        let mut pages = Vec::new();
        let mut next = Some(first.to_owned());
        while let Some(path) = next {
            let page = self.send(Method::GET, &path, headers, "").await.expect(200).json();
            let items = page["value"].as_array().unwrap();
            pages.push(items.iter().map(|item| item["Item"].as_str().unwrap_or("-").to_owned()).collect());
            let root = format!("http://gridkeep.test{}", self.root);
            next = page["@nextLink"].as_str().map(|link| link.strip_prefix(&root).unwrap().to_owned());
        }
        pages
    }
}

/// The stock list of a maker, and a program with a key of theirs.
async fn stock(database: Option<String>) -> (World, Browser, String, Program) {
    let world = World::with(Wishes { database, ..Wishes::default() }).await;
    let mut maker = world.person("Maker").await;
    let app = maker.publish("private", &["Member"]).await;
    let program = program(&mut maker, &world, &app, true).await;
    (world, maker, app, program)
}

async fn program(person: &mut Browser, world: &World, app: &str, writes: bool) -> Program {
    let made = person.post(&format!("/api/apps/{app}/keys"), json!({"name": "test", "writes": writes})).await;
    let key = made.expect(201).json()["secret"].as_str().unwrap().to_owned();
    Program {
        browser: world.browser(),
        root: format!("/odata/default/{app}/"),
        key: Some(key),
        version: Some("4.01"),
    }
}

/// Status, the headers that matter and the body, with what differs from run to run hidden.
fn shown(answer: &Answer, app: &str) -> String {
    let mut text = format!("{}\n", answer.status);
    let names = [
        "content-type",
        "odata-version",
        "etag",
        "location",
        "odata-entityid",
        "preference-applied",
        "allow",
    ];
    for name in names {
        if let Some(value) = answer.headers.get(name) {
            writeln!(text, "{name}: {}", value.to_str().unwrap()).unwrap();
        }
    }
    text.push_str(&answer.text());
    hidden(&text.replace(app, "[app]"))
}

/// Row ids are made at publishing.
fn hidden(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let at = rest
            .char_indices()
            .map(|(at, _)| at)
            .find(|at| rest.get(*at..*at + 36).is_some_and(|part| uuid::Uuid::parse_str(part).is_ok()));
        let Some(at) = at else {
            out.push_str(rest);
            break;
        };
        out.push_str(&rest[..at]);
        out.push_str("[row]");
        rest = &rest[at + 36..];
    }
    out
}
