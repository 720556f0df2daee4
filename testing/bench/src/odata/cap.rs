//! SAP CAP as a peer, where its harness (`../shared/bench/odata`) and npm are: installed once, loaded with our rows.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use super::peer::Peer;
use crate::process::{Process, free_address};

/// Hands the peer's own loader our rows.
const ROWS: &str = "exports.rows = function* () {
  const [head, ...lines] = require('fs').readFileSync(__dirname + '/orders.csv', 'utf8').trim().split('\\n');
  const names = head.split(',');
  for (const line of lines) {
    const row = Object.fromEntries(line.split(',').map((value, index) => [names[index], value]));
    yield { ...row, ID: Number(row.ID) };
  }
};
";
/// It would listen on every interface.
const LOOPBACK: &str = "const { Server } = require('net');
const listen = Server.prototype.listen;
Server.prototype.listen = function (first, ...rest) {
  const port = typeof first === 'object' ? first.port : first;
  return listen.call(this, { port, host: '127.0.0.1' }, rest.find((one) => typeof one === 'function'));
};
";

/// Starts it over these rows; `None`, with a line that says why, where it cannot be had.
pub(super) fn start(folder: &Path, csv: &str, orders: u64) -> Result<Option<(Process, Peer)>> {
    let Some(shared) = gridkeep_kit::shared() else {
        println!("skipped: SAP CAP, its harness is not here");
        return Ok(None);
    };
    let harness = shared.join("bench/odata/peers/cap");
    let folder = folder.join("cap");
    if let Err(error) = install(&harness, &folder) {
        println!("skipped: SAP CAP: {error:#}");
        return Ok(None);
    }
    fs::write(folder.join("orders.csv"), csv)?;
    fs::write(folder.join("rows.cjs"), ROWS)?;
    fs::write(folder.join("loopback.cjs"), LOOPBACK)?;
    let load = Command::new("node")
        .arg("load.js")
        .current_dir(&folder)
        .env("GEN", folder.join("rows.cjs"))
        .output()?;
    ensure!(load.status.success(), "load.js: {}", String::from_utf8_lossy(&load.stderr));
    let address = free_address()?;
    let mut serve = Command::new("node");
    serve
        .args(["--require", "./loopback.cjs", "node_modules/@sap/cds/bin/serve.js", "all"])
        .current_dir(&folder);
    serve.env("NODE_ENV", "production").env("PORT", address.port().to_string());
    let mut process = Process::start(&mut serve, address)?;
    process.wait().context("SAP CAP")?;
    let mut peer = Peer::new("SAP CAP", address, "/odata".to_owned(), orders);
    peer.processes.push(process.id());
    peer.learn()?;
    Ok(Some((process, peer)))
}

/// Copies the peer's few files and installs its packages, unless they are there.
fn install(harness: &Path, folder: &Path) -> Result<()> {
    copy(harness, folder).with_context(|| harness.display().to_string())?;
    if folder.join("node_modules/@sap/cds").is_dir() && folder.join("node_modules/better-sqlite3").is_dir() {
        return Ok(());
    }
    let npm = ["install", "--no-audit", "--no-fund", "--omit=dev", "--loglevel=error"];
    let done = Command::new("npm").args(npm).current_dir(folder).output().context("npm")?;
    ensure!(done.status.success(), "npm install: {}", String::from_utf8_lossy(&done.stderr));
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target: PathBuf = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            if entry.file_name() != "node_modules" {
                copy(&entry.path(), &target)?;
            }
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
