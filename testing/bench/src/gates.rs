//! What gates cost: a write that none guards beside the same with the service off, a challenge, and an approval.
//!
//! **Architecture Invariant:** both sides of a comparison are measured in turns within one run, so that what else the machine does
//! is on both.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, Result, ensure};
use serde_json::{Value as Json, json};

use crate::{
    figures::{figure, median, milliseconds, timed},
    generate,
    http::Client,
    process::{Serving, free_address},
    server::{publish, sign_up},
};

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The server's program, compiled for speed
    #[arg(long)]
    program: PathBuf,
    /// Where it may write
    #[arg(long)]
    folder: PathBuf,
    /// Writes of each kind
    #[arg(long, default_value_t = 2_000)]
    writes: usize,
}

/// Writes in one turn.
const TURN: usize = 50;
/// Challenges that are made, of which five are open at once.
const CHALLENGES: usize = 200;

/// Measures and prints.
pub(crate) fn run(options: &Options) -> Result<()> {
    let data = options.folder.join("data");
    let serving = Serving {
        program: options.program.clone(),
        web: None,
        data: data.clone(),
        database: None,
        relaxed: true,
        proxied: false,
    };
    serving.fresh()?;
    let mut server = serving.start(free_address()?)?;
    let mut client = Client::connect(server.address)?;
    sign_up(&mut client)?;
    for number in 0..20 {
        gate(&mut client, &format!("GATE_{number}"))?;
    }
    let bytes = generate::rows(1_000)?;
    let creation = client.upload("rows.xlsx", &bytes)?;
    let (plain, table) = publish(&mut client, &creation, |_| ())?;
    let creation = client.upload("rows.xlsx", &bytes)?;
    let (guarded, _) = publish(&mut client, &creation, |definition| {
        definition["tables"][0]["gates"] = json!([{"gate": "GATE_1"}]);
    })?;
    let mut writer = Writer::new(client, table);
    let (mut off, mut on) = (Vec::new(), Vec::new());
    for turn in 0..2 * options.writes.div_ceil(TURN) {
        let enabled = turn % 2 == 1;
        let settings = json!({"enabled": enabled});
        writer.client.command("PUT", "/api/checkpoints/settings", &settings)?;
        for _ in 0..TURN {
            let time = writer.write(&format!("/api/apps/{plain}/transactions"))?;
            if enabled { on.push(time) } else { off.push(time) }
        }
    }
    let (on, off) = (median(on), median(off));
    let more = 100.0 * (on.as_secs_f64() / off.as_secs_f64() - 1.0);
    figure("checkpoint: a write that no gate guards", micros(on), "");
    figure("checkpoint: the same with the service off", micros(off), &format!("<= 1 % less; {more:+.1} %"));

    let path = format!("/api/apps/{guarded}/transactions");
    let (mut asked, mut approved) = (Vec::new(), Vec::new());
    for number in 0..CHALLENGES {
        let change = writer.change();
        let (answer, time) = timed(|| writer.client.refused("POST", &path, &change));
        let challenge = answer?["checkpoint"].clone();
        asked.push(time);
        let id = challenge["challenge"].as_str().context("no challenge")?;
        if number % 10 == 0 {
            let proof =
                json!({"contentHash": challenge["contentHash"], "password": "a bench needs no secrets"});
            let path = format!("/api/checkpoints/challenges/{id}/approve");
            let (done, time) = timed(|| writer.client.post(&path, &proof));
            ensure!(done?["state"] == "done", "an approval was refused");
            approved.push(time);
        }
    }
    figure("checkpoint: a challenge", milliseconds(median(asked)), "<= 5 ms");
    figure("checkpoint: an approval by password", milliseconds(median(approved)), "what hashing costs");
    server.end()?;
    Ok(std::fs::remove_dir_all(data)?)
}

fn gate(client: &mut Client, id: &str) -> Result<()> {
    let gate = json!({"id": id, "message": "Sure, &USER?", "active": true, "methods": ["password"]});
    client.command("PUT", &format!("/api/checkpoints/gates/{id}"), &gate)
}

/// Makes rows that no two of are alike.
pub(crate) struct Writer {
    client: Client,
    table: Json,
    number: u64,
}

impl Writer {
    /// Of this table.
    pub(crate) fn new(client: Client, table: Json) -> Self {
        Self { client, table, number: 0 }
    }

    /// Adds one, and says how long it took.
    pub(crate) fn write(&mut self, path: &str) -> Result<Duration> {
        let change = self.change();
        let (done, time) = timed(|| self.client.post(path, &change));
        ensure!(done?["outcome"] == "applied", "a write was refused");
        Ok(time)
    }

    fn change(&mut self) -> Json {
        self.number += 1;
        let id = format!("018f0000-0000-7000-8000-{:012x}", self.number);
        let columns = self.table["columns"].as_array().into_iter().flatten();
        let entered = columns.filter(|column| column["formula"].is_null());
        let values = entered.filter_map(|column| {
            let name = column["id"].as_str()?.to_owned();
            let value = match column["type"]["name"].as_str()? {
                "text" => json!(format!("Row {}", self.number)),
                "integer" => json!(self.number + 1_000_000),
                "decimal" | "double" => json!(12),
                "date" => json!("2026-11-22"),
                _ => return None,
            };
            Some((name, value))
        });
        let values: serde_json::Map<String, Json> = values.collect();
        json!({"id": id, "operations": [{"type": "insert", "table": self.table["id"], "id": id, "values": values}]})
    }
}

fn micros(time: Duration) -> String {
    format!("{:.0} us", time.as_secs_f64() * 1e6)
}
