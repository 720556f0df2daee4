//! Lists under a thousand grants, beside the same lists of somebody who has one grant and no condition.
//!
//! Both ask for the same rows in the same words to the database: whom a condition limits says nothing, the other asks for the same
//! by a filter. What is compared is the server's processor time a request, in turns, so that a busy machine is busy for both.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use super::{
    load::{self, Times},
    town::{Reader, Town},
};
use crate::{figures::figure, process::processor_time};

const CONNECTIONS: usize = 4;
const ROUNDS: usize = 5;

/// A kind of list as somebody asks for it.
struct Asked {
    name: &'static str,
    request: String,
    time: Duration,
    times: Times,
}

/// Measures and prints.
pub(super) fn run(town: &mut Town, time: Duration) -> Result<()> {
    let (address, process) = (town.process()?.address, town.process()?.id());
    let service = |app: usize, reader: &Reader, options: &str| {
        let (app_id, set, key) = (&town.apps[app], &town.set, &reader.keys[app]);
        format!(
            "GET /odata/default/{app_id}/{set}?{options}$top=50 HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\n\r\n"
        )
    };
    let client = |app: usize, reader: &Reader, filtered: bool| {
        let filters = if filtered {
            json!([{ "column": "region", "operator": "eq", "value": "North" }])
        } else {
            json!([])
        };
        let body = json!({ "limit": 50, "filters": filters }).to_string();
        let (app, table, cookie) = (&town.apps[app], &town.table, reader.client.cookie());
        format!(
            "POST /api/apps/{app}/tables/{table}/rows HTTP/1.1\r\nhost: {address}\r\nx-gridkeep: 1\r\ncookie: {cookie}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let filter = "$filter=Region%20eq%20%27North%27&";
    let Town { whole, own, grouped, .. } = &*town;
    let sections = [
        (
            "OData, first 50 of all",
            vec![("one grant", service(0, whole, "")), ("one of 1,000, no condition", service(1, whole, ""))],
        ),
        (
            "OData, first 50 of a region",
            vec![
                ("one grant, by a filter", service(0, whole, filter)),
                ("one of 1,000, by its condition", service(1, own, "")),
                ("three groups of 1,000, by conditions", service(1, grouped, "")),
            ],
        ),
        (
            "client, first 50 of all",
            vec![
                ("one grant", client(0, whole, false)),
                ("one of 1,000, no condition", client(1, whole, false)),
            ],
        ),
        (
            "client, first 50 of a region",
            vec![
                ("one grant, by a filter", client(0, whole, true)),
                ("one of 1,000, by its condition", client(1, own, false)),
                ("three groups of 1,000, by conditions", client(1, grouped, false)),
            ],
        ),
    ];
    for (section, kinds) in sections {
        println!("\nlists under grants: {section}");
        let mut all: Vec<Asked> = kinds
            .into_iter()
            .map(|(name, request)| Asked { name, request, time: Duration::ZERO, times: Times::default() })
            .collect();
        for round in 0..ROUNDS {
            let from = round % all.len();
            for index in 0..all.len() {
                let turn = (from + index) % all.len();
                let asked = &mut all[turn];
                let before = processor_time(&[process]);
                let times = load::run(address, &asked.request, CONNECTIONS, time / ROUNDS as u32, None)?;
                asked.time += processor_time(&[process]).saturating_sub(before);
                asked.times = std::mem::take(&mut asked.times).and(times);
            }
        }
        let cost = |asked: &Asked| asked.time.as_secs_f64() * 1e6 / asked.times.count().max(1) as f64;
        let least = cost(&all[0]);
        for (index, asked) in all.iter().enumerate() {
            let more = 100.0 * (cost(asked) / least - 1.0);
            let goal = if index == 0 { String::new() } else { format!("{more:+.1} %; <= +10 %; ") };
            let goal = format!(
                "{goal}p50 {:.2} ms, p99 {:.2} ms of {}",
                asked.times.percentile(50),
                asked.times.percentile(99),
                asked.times.count()
            );
            figure(&format!("  {}: processor time", asked.name), format!("{:.0} us", cost(asked)), &goal);
        }
    }
    Ok(())
}
