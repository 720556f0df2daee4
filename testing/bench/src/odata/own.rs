//! Our server with the orders published as an app, through the doors that a maker's browser uses.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value as Json, json};

use super::peer::Peer;
use crate::{
    figures::{figure, milliseconds, timed},
    http::Client,
    process::{Process, Serving, free_address, memory, processor_time},
    server::{publish, sign_up},
};

/// What all our services have in common.
pub(super) struct Own {
    /// The server's program.
    pub(super) program: PathBuf,
    /// Rows of the app.
    pub(super) orders: u64,
    /// Commits do not wait for the disk, as the peer's do not.
    pub(super) relaxed: bool,
}

impl Own {
    /// Starts a server on an empty folder, publishes the orders, makes a key and starts it again: what the upload took in
    /// memory is nothing that the service holds.
    pub(super) fn start(
        &self,
        name: &'static str,
        data: &Path,
        database: Option<String>,
        csv: &str,
    ) -> Result<(Process, Peer)> {
        let (program, relaxed) = (self.program.clone(), self.relaxed);
        let serving =
            Serving { program, web: None, data: data.to_owned(), database, relaxed, proxied: false };
        serving.fresh()?;
        let address = free_address()?;
        let mut process = serving.start(address)?;
        let mut client = Client::connect(address)?;
        sign_up(&mut client)?;
        let (published, time) = timed(|| -> Result<_> {
            let creation = client.upload("Orders.csv", csv.as_bytes())?;
            publish(&mut client, &creation, show_amounts)
        });
        let (app, table) = published?;
        let highest = memory(process.id(), "VmHWM")?;
        let busy = milliseconds(processor_time(&[process.id()]));
        let more =
            format!("{busy} of processor time, at most {:.0} MB resident meanwhile", highest as f64 / 1e3);
        figure(&format!("{name}: upload and publish"), milliseconds(time), &more);
        let key =
            client.post(&format!("/api/apps/{app}/keys"), &json!({ "name": "bench", "writes": true }))?;
        let secret = key["secret"].as_str().context("no key")?;
        let own = table["key"].as_str().context("a table without a key column")?;
        anyhow::ensure!(own.eq_ignore_ascii_case("id"), "the key column is {own}, not the order's number");
        process.end()?;
        let process = serving.start(address)?;
        let mut peer = Peer::new(name, address, format!("/odata/default/{app}"), self.orders);
        peer.credentials = format!("authorization: Bearer {secret}\r\n");
        peer.processes.push(process.id());
        peer.learn()?;
        Ok((process, peer))
    }
}

/// A maker whose people look for the dearest orders shows the amount in the list, offers the status as a filter, and lets the
/// list begin with the largest amount: that gives it an index by amount, and one by status and amount as the peer has.
fn show_amounts(definition: &mut Json) {
    let screens = definition["screens"].as_array_mut().into_iter().flatten();
    let components = screens.flat_map(|screen| screen["components"].as_array_mut().into_iter().flatten());
    for list in components.filter(|component| component["type"] == "list") {
        if let Some(columns) = list["columns"].as_array_mut()
            && !columns.contains(&json!("amount"))
        {
            columns.push(json!("amount"));
        }
        if let Some(filters) = list["filters"].as_array_mut()
            && !filters.contains(&json!("status"))
        {
            filters.push(json!("status"));
        }
        list["sort"] = json!({ "column": "amount", "descending": true });
    }
}
