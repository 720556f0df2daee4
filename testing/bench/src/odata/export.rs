//! All orders of a service, page by page, as a warehouse fetches them.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value as Json;

use super::{peer::Peer, wire::Connection};
use crate::process::processor_time;

/// What exports came to.
pub(super) struct Exported {
    /// Rows of all of them.
    pub(super) rows: u64,
    pub(super) pages: u64,
    pub(super) bytes: u64,
    pub(super) seconds: f64,
    /// Of the service.
    pub(super) processor: Duration,
}

/// Exports again and again for this long, once at least, in pages of this size. Before that, one whose rows are counted and
/// compared.
pub(super) fn run(peer: &Peer, page: usize, time: Duration) -> Result<Exported> {
    let (rows, ..) = once(peer, page, true)?;
    let processes = peer.family();
    let (before, started) = (processor_time(&processes), Instant::now());
    let mut all = Exported { rows: 0, pages: 0, bytes: 0, seconds: 0.0, processor: Duration::ZERO };
    while all.pages == 0 || started.elapsed() < time {
        let (_, pages, bytes) = once(peer, page, false)?;
        all.rows += rows;
        all.pages += pages;
        all.bytes += bytes;
    }
    all.seconds = started.elapsed().as_secs_f64();
    all.processor = processor_time(&processes).saturating_sub(before);
    Ok(all)
}

/// Rows (when they are counted), pages and bytes of one export.
fn once(peer: &Peer, page: usize, counted: bool) -> Result<(u64, u64, u64)> {
    let mut connection = Connection::open(peer.address)?;
    let prefer = format!("prefer: odata.maxpagesize={page}\r\n");
    let (mut rows, mut pages, mut bytes, mut seen) = (0, 0, 0, HashSet::new());
    let mut next = Some(format!("{}/{}", peer.base, peer.set));
    while let Some(path) = next {
        let status = connection.ask(peer.head("GET", &path, &prefer).as_bytes())?;
        let body = &connection.body;
        ensure!(status == 200, "{path}: {status}: {}", String::from_utf8_lossy(&body[..body.len().min(600)]));
        pages += 1;
        bytes += body.len() as u64;
        if counted {
            let json: Json = serde_json::from_slice(body)?;
            for row in json["value"].as_array().context("no rows")? {
                rows += 1;
                seen.insert(row[&peer.number].as_u64().context("an order without a number")?);
            }
        }
        next = link(body).map(|link| absolute(peer, &link));
    }
    ensure!(
        !counted || seen.len() as u64 == rows,
        "{}: {rows} rows, {} of them different",
        peer.name,
        seen.len()
    );
    ensure!(!counted || rows >= peer.orders, "{}: only {rows} rows", peer.name);
    Ok((rows, pages, bytes))
}

/// The link to the next page, wherever it stands: before the rows or behind them.
fn link(body: &[u8]) -> Option<String> {
    let name = b"extLink\":\"";
    let at = body.windows(name.len()).rposition(|window| window == name)?;
    let rest = &body[at + name.len() - 1..];
    let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<String>();
    values.next()?.ok()
}

/// The path of a link that may be relative to the service.
fn absolute(peer: &Peer, link: &str) -> String {
    match link.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]).to_owned(),
        None if link.starts_with('/') => link.to_owned(),
        None => format!("{}/{link}", peer.base),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_followed() {
        let peer = Peer::new("a", ([127, 0, 0, 1], 1).into(), "/odata".to_owned(), 1);
        let check = |body: &str, expect: Option<&str>| {
            let found = link(body.as_bytes()).map(|link| absolute(&peer, &link));
            assert_eq!(found.as_deref(), expect, "{body}");
        };
        check(r#"{"value":[],"@odata.nextLink":"Orders?$skiptoken=1"}"#, Some("/odata/Orders?$skiptoken=1"));
        check(r#"{"@nextLink":"http://a:1/b?c=\"\u0026d","value":[]}"#, Some("/b?c=\"&d"));
        check(r#"{"value":[{"a":"nextLink"}]}"#, None);
    }
}
