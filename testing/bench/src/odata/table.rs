//! How figures are shown: services under each other, ours beside how often it beats the peer.

use std::fs;

use anyhow::Result;

use super::{load::Sample, peer::Peer};
use crate::process::memory;

/// Begins a section, with how busy the machine is.
pub(super) fn section(name: &str) -> Result<()> {
    let load = fs::read_to_string("/proc/loadavg")?;
    println!("\n{name}; load average before: {}", load.split(' ').next().unwrap_or_default());
    Ok(())
}

/// One service in one load.
pub(super) struct Row {
    name: &'static str,
    connections: usize,
    rate: f64,
    requests: usize,
    percentiles: [f64; 2],
    /// Milliseconds of processor time a request.
    processor: f64,
    resident: u64,
}

impl Row {
    /// Of a load that has just ended.
    pub(super) fn new(peer: &Peer, connections: usize, sample: &Sample) -> Result<Self> {
        let own = peer.processes.first().copied().unwrap_or_default();
        Ok(Self {
            name: peer.name,
            connections,
            rate: sample.rate(),
            requests: sample.requests,
            percentiles: [sample.percentile(50), sample.percentile(99)],
            processor: sample.processor(),
            resident: memory(own, "VmRSS")?,
        })
    }

    /// Shows services under each other.
    pub(super) fn print(rows: &[Self], goal: Option<f64>) {
        println!(
            "  {:<18} {:>5} {:>9} {:>9} {:>9} {:>9} {:>10} {:>7}  requests a CPU second",
            "", "conns", "requests", "req/s", "p50 ms", "p99 ms", "CPU ms/req", "RSS MB"
        );
        let peer = rows.iter().find(|row| row.name == "SAP CAP").map(|row| row.processor);
        for row in rows {
            let beaten = match peer {
                Some(peer) if row.name != "SAP CAP" => {
                    let goal = goal.map(|goal| format!(", >= {goal}")).unwrap_or_default();
                    format!("{:.1} times the peer's{goal}", peer / row.processor.max(1e-6))
                }
                _ => format!("{:.0}", 1e3 / row.processor.max(1e-6)),
            };
            let [median, slow] = row.percentiles;
            println!(
                "  {:<18} {:>5} {:>9} {:>9.0} {median:>9.2} {slow:>9.2} {:>10.3} {:>7.0}  {beaten}",
                row.name,
                row.connections,
                row.requests,
                row.rate,
                row.processor,
                row.resident as f64 / 1e3
            );
        }
    }
}
