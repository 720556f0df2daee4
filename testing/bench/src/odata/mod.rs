//! Apps as OData services under load, side by side with SAP CAP where that is here: the same rows, the same requests, the same
//! load generator, one after the other in each section, so that a busy machine is busy for all of them.
//!
//! **Architecture Invariant:** every load is bounded in time and in number, and stays on the loopback.

mod bare;
mod bare_orders;
mod cap;
mod export;
mod load;
pub(crate) mod orders;
mod own;
mod peer;
mod table;
pub(crate) mod wire;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result};

use self::{
    own::Own,
    peer::{Peer, Scenario},
    table::{Row, section},
};
use crate::{
    figures::{figure, milliseconds, timed},
    process::{Process, memory},
};

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The server's program, compiled for speed
    #[arg(long)]
    program: PathBuf,
    /// Where it, its peer and the limits may write
    #[arg(long)]
    folder: PathBuf,
    /// Seconds of each load
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Orders of each service
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1_000..=250_000))]
    orders: u64,
    /// Only these parts, and of services only ours on SQLite: for whoever works on one of them
    #[arg(long, value_delimiter = ',')]
    only: Vec<Part>,
}

/// A part of the measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    Key,
    RowId,
    Filter,
    Count,
    Page,
    Export,
    Beside,
    Insert,
    Batch,
    Durable,
    Million,
}

/// What is asked at how many connections, and how often our requests a processor second should beat the peer's.
const READS: [Section; 5] = [
    (Part::Key, Scenario::Key, "read by the order's number", [1, 32], Some(15.0)),
    (Part::RowId, Scenario::RowId, "read by the row's id", [1, 32], None),
    (Part::Filter, Scenario::Filter, "filter, sort, top 50", [1, 32], Some(15.0)),
    (Part::Count, Scenario::Count, "$count", [1, 32], None),
    (Part::Page, Scenario::Page, "page of 1,000 somewhere", [1, 32], Some(5.0)),
];
const WRITES: [Section; 2] = [
    (Part::Insert, Scenario::Insert, "insert", [1, 64], Some(15.0)),
    (Part::Batch, Scenario::Batch, "$batch of 100 inserts, one group", [1, 32], Some(20.0)),
];
const LARGE: [Section; 3] = [
    (Part::Million, Scenario::Page, "page of 1,000 somewhere, of a million", [1, 8], None),
    (Part::Million, Scenario::Count, "$count of a million", [1, 8], None),
    (Part::Million, Scenario::Filter, "filter, sort, top 50 of a million", [1, 8], None),
];
type Section = (Part, Scenario, &'static str, [usize; 2], Option<f64>);
/// Rows of the large table, and connections that fill it.
const MILLION: u64 = 1_000_000;
const FILLING: usize = 8;
/// A folder in memory, where what is written needs no disk.
const MEMORY: &str = "/dev/shm";
/// Rows of the batches that are worked on at once, which one commit takes.
const ROWS_AT_ONCE: u64 = 1_600;
const READERS: usize = 8;
const WRITERS: usize = 64;

/// Measures and prints.
pub(crate) fn run(options: &Options) -> Result<()> {
    let Options { folder, orders, .. } = options;
    std::fs::create_dir_all(folder)?;
    let csv = orders::csv(*orders);
    println!(
        "{orders} orders; of SQLite ours commits with synchronous=FULL, SAP CAP with NORMAL, and ours with NORMAL as \
         well where something is written\n"
    );
    let mut services = Vec::new();
    let disk = Own { program: options.program.clone(), orders: *orders, relaxed: false };
    services.push(disk.start("ours, SQLite", &folder.join("data"), None, &csv)?);
    let all = options.only.is_empty();
    let wanted = |part: Part| all || options.only.contains(&part);
    let postgres = if all { gridkeep_kit::Postgres::start() } else { None };
    if let Some(postgres) = &postgres {
        let database = postgres.fresh_database();
        let (process, mut peer) =
            disk.start("ours, PostgreSQL", &folder.join("data-postgres"), Some(database), &csv)?;
        peer.processes.extend(crate::process::children("postgres"));
        services.push((process, peer));
        println!(
            "PostgreSQL is the tests' own unless GRIDKEEP_TEST_POSTGRES names another: it commits without fsync"
        );
    }
    if all {
        services.extend(cap::start(folder, &csv, *orders)?);
    }
    let peers: Vec<&Peer> = services.iter().map(|(_, peer)| peer).collect();
    let time = Duration::from_secs_f64(options.seconds.clamp(0.1, 30.0));
    loads(&peers, READS.iter().filter(|section| wanted(section.0)), time)?;
    if wanted(Part::Export) {
        exports(&peers, &csv, time)?;
    }
    if wanted(Part::Beside) {
        beside_writers(&peers, time)?;
    }
    let writes: Vec<&Section> = WRITES.iter().filter(|section| wanted(section.0)).collect();
    if !writes.is_empty() {
        // Started only now, so that it takes no memory from the reads before.
        let data = folder.join("data-normal");
        let own = Own { program: options.program.clone(), orders: *orders, relaxed: true };
        let (mut process, relaxed) = own.start("ours, NORMAL", &data, None, &csv)?;
        let mut all = peers.clone();
        all.insert(1, &relaxed);
        loads(&all, writes.into_iter(), time)?;
        process.end()?;
        std::fs::remove_dir_all(&data)?;
    }
    if wanted(Part::Durable) {
        durable(&disk, peers[0], folder, &csv, time)?;
    }
    resident(&services)?;
    if wanted(Part::Million) {
        large(&disk, &folder.join("data-million"), &csv, time)?;
    }
    drop(services);
    drop(postgres);
    for name in ["data", "data-postgres"] {
        _ = std::fs::remove_dir_all(folder.join(name));
    }
    Ok(())
}

fn loads<'a>(peers: &[&Peer], sections: impl Iterator<Item = &'a Section>, time: Duration) -> Result<()> {
    for &(_, scenario, name, connections, goal) in sections {
        section(name)?;
        for connections in connections {
            let mut rows = Vec::new();
            for peer in peers.iter().filter(|peer| peer.knows(scenario)) {
                let sample = load::run(peer, scenario, connections, time)?;
                rows.push(Row::new(peer, connections, &sample)?);
            }
            Row::print(&rows, goal);
        }
    }
    Ok(())
}

fn exports(peers: &[&Peer], csv: &str, time: Duration) -> Result<()> {
    section("all orders, by the links to the next page")?;
    let bare = bare::json(csv, time)?;
    figure("limit: bare SQLite and the same JSON, one thread", format!("{bare:.0}/s"), "rows a CPU second");
    // Others give the pages they like, whatever is preferred: one size is enough.
    let sizes = |peer: &&Peer| if peer.row_ids.is_empty() { 1 } else { 2 };
    let asked = |peer| [1_000, 10_000].into_iter().take(sizes(peer)).map(move |page| (peer, page));
    for (peer, page) in peers.iter().flat_map(asked) {
        let export::Exported { rows, pages, bytes, seconds, processor } = export::run(peer, page, time)?;
        let rate = rows as f64 / processor.as_secs_f64().max(0.01);
        let what = format!("{}: rows a CPU second, pages of {page}", peer.name);
        let more = format!(
            "{:.0} rows/s, {pages} pages, {:.0} MB; {:.2} of the limit; >= 700,000",
            rows as f64 / seconds,
            bytes as f64 / 1e6,
            rate / bare
        );
        figure(&what, format!("{rate:.0}/s"), &more);
    }
    Ok(())
}

/// What reads feel of many writers.
fn beside_writers(peers: &[&Peer], time: Duration) -> Result<()> {
    section("reads by number, alone and beside 64 writers that insert")?;
    for peer in peers {
        let idle = load::run(peer, Scenario::Key, READERS, time)?;
        let both = load::together(peer, &[(Scenario::Key, READERS), (Scenario::Insert, WRITERS)], time)?;
        let [reads, writes] = &both[..] else { continue };
        let what = format!("{}: p99 of reads, {READERS} connections", peer.name);
        let (alone, beside) = (idle.percentile(99), reads.percentile(99));
        let more = format!(
            "alone {alone:.2} ms ({:.0}/s): {:.1} times, <= 3; meanwhile {:.0} reads/s, {:.0} inserts/s",
            idle.rate(),
            beside / alone,
            reads.rate(),
            writes.rate()
        );
        figure(&what, format!("{beside:.2} ms"), &more);
    }
    Ok(())
}

/// Inserts that are on the disk, beside what the disk and the bare database give.
fn durable(own: &Own, peer: &Peer, folder: &Path, csv: &str, time: Duration) -> Result<()> {
    section("durable inserts over HTTP, beside the bare database's group commit")?;
    let plain = bare::group_commit(folder, false, time)?;
    figure("limit: SQLite, 64 transactions a commit", format!("{plain:.0}/s"), "plain, fsync");
    let limit = bare::group_commit(folder, true, time)?;
    figure("limit: the same, encrypted by SQLCipher itself", format!("{limit:.0}/s"), "fsync");
    let singles = bare_orders::inserts(folder, csv, WRITERS as u64, time)?;
    figure("limit: these very rows and indexes, 64 a commit", format!("{singles:.0}/s"), "encrypted, fsync");
    let many = bare_orders::inserts(folder, csv, ROWS_AT_ONCE, time)?;
    figure("limit: the same, 1,600 a commit", format!("{many:.0}/s"), "encrypted, fsync");
    let measure = |peer: &Peer| -> Result<()> {
        let inserts = load::run(peer, Scenario::Insert, WRITERS, time)?;
        let what = format!("{}: inserts, {WRITERS} connections", peer.name);
        let share = 100.0 * inserts.rate() / singles;
        let share = format!(">= 15,000/s on the disk; {share:.0} % of the limit of these rows");
        figure(&what, format!("{:.0}/s", inserts.rate()), &share);
        let batches = load::run(peer, Scenario::Batch, WRITERS, time)?;
        let rows = batches.rate() * 100.0;
        let what = format!("{}: rows in batches of 100, {WRITERS} connections", peer.name);
        let share = format!(
            "{:.0} % of the encrypted limit, {:.0} % of the plain one; >= 50 %; {:.0} % of that of these rows",
            100.0 * rows / limit,
            100.0 * rows / plain,
            100.0 * rows / many
        );
        figure(&what, format!("{rows:.0}/s"), &share);
        Ok(())
    };
    measure(peer)?;
    if Path::new(MEMORY).is_dir() {
        let data = Path::new(MEMORY).join(format!("gridkeep-bench-{}", std::process::id()));
        let (mut process, peer) = own.start("ours, data in memory (fsync for nothing)", &data, None, csv)?;
        let measured = measure(&peer);
        process.end()?;
        std::fs::remove_dir_all(&data)?;
        measured?;
    } else {
        println!("skipped: ours without the cost of fsync, {MEMORY} is absent");
    }
    Ok(())
}

/// The same table with ten times the rows, most of them inserted one batch after the other.
fn large(own: &Own, data: &Path, csv: &str, time: Duration) -> Result<()> {
    section("a million orders")?;
    let (mut process, mut peer) = own.start("ours, SQLite", data, None, csv)?;
    let missing = MILLION.saturating_sub(own.orders);
    let (filled, took) =
        timed(|| load::fill(&peer, Scenario::Batch, FILLING, missing.div_ceil(100) as usize));
    filled?;
    figure(
        "ours, SQLite: the missing ones, in batches of 100",
        milliseconds(took),
        &format!("{missing} rows"),
    );
    peer.orders = MILLION;
    loads(&[&peer], LARGE.iter(), time)?;
    let highest = memory(process.id(), "VmHWM")?;
    figure("ours, SQLite: resident", format!("{:.0} MB", highest as f64 / 1e3), "<= 150 MB");
    process.end()?;
    Ok(std::fs::remove_dir_all(data)?)
}

fn resident(services: &[(Process, Peer)]) -> Result<()> {
    section("memory at its highest, since all orders are in")?;
    for (process, peer) in services {
        let highest = memory(process.id(), "VmHWM").context(peer.name)?;
        figure(
            &format!("{}: resident, without a database beside it", peer.name),
            format!("{:.0} MB", highest as f64 / 1e3),
            "ours <= 150 MB",
        );
    }
    Ok(())
}
