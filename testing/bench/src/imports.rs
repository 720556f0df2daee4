//! Rows of a file taken over, beside the same rows put into a bare table by one prepared statement in one transaction, and how long
//! others wait for it.
//!
//! **Architecture Invariant:** ours and the bare table take turns on the same disk within one run, so that what else the machine does
//! is on both.

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use gridkeep_kit::Postgres;
use rusqlite::{Connection, params};
use serde_json::Value as Json;

use crate::{
    figures::{figure, milliseconds, timed},
    gates::Writer,
    http::Client,
    odata::orders,
    process::{Process, Serving, free_address, memory},
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
    /// Rows of the files, one after the other
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 5_000, 10_000, 20_000])]
    rows: Vec<usize>,
}

/// Orders that are there before.
const THERE: usize = 1_000;
/// The bare table: no checks, no rights, no log, no encryption, its key alone indexed.
const TABLE: &str =
    "CREATE TABLE orders (id BIGINT PRIMARY KEY, customer TEXT, state TEXT, amount TEXT, day TEXT,
    region TEXT, notes TEXT)";

/// Measures and prints.
pub(crate) fn run(options: &Options) -> Result<()> {
    std::fs::create_dir_all(&options.folder)?;
    let all = orders::csv((THERE + options.rows.iter().sum::<usize>()) as u64);
    let lines: Vec<&str> = all.lines().collect();
    let bare = Connection::open(options.folder.join("bare.sqlite"))?;
    bare.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; DROP TABLE IF EXISTS orders")?;
    bare.execute_batch(TABLE)?;
    measure("SQLite", options, None, &lines, &mut |rows| plain(&bare, rows))?;
    if let Some(postgres) = Postgres::start() {
        println!(
            "PostgreSQL is the tests' own unless GRIDKEEP_TEST_POSTGRES names another: it commits without fsync"
        );
        let mut bare = postgres::Client::connect(&postgres.fresh_database(), postgres::NoTls)?;
        bare.batch_execute(TABLE)?;
        let own = Some(postgres.fresh_database());
        measure("PostgreSQL", options, own, &lines, &mut |rows| plain_postgres(&mut bare, rows))?;
    }
    Ok(std::fs::remove_dir_all(&options.folder)?)
}

fn measure(
    name: &str,
    options: &Options,
    database: Option<String>,
    lines: &[&str],
    bare: &mut dyn FnMut(&[&str]) -> Result<()>,
) -> Result<()> {
    let data = options.folder.join("data");
    let (mut server, client, path, table) = start(options, &data, database, lines)?;
    let app = path.split('/').nth(3).context("no app")?.to_owned();
    let mut rest = &lines[THERE + 1..];
    for rows in &options.rows {
        let (now, later) = rest.split_at(*rows);
        rest = later;
        let file = format!("{}\n{}\n", lines[0], now.join("\n"));
        let (done, limit) = timed(|| bare(now));
        done?;
        let import = |query: &str, file: &str, counted: &str| -> Result<Duration> {
            let path = format!("{path}/import{query}");
            let (done, took) = timed(|| client.again()?.send_file(&path, "orders.csv", file.as_bytes()));
            ensure!(done?[counted] == *rows, "{rows} rows were not {counted}");
            Ok(took)
        };
        let (added, waited) = beside(&client, &app, &table, || import("", &file, "added"))?;
        let edited = file.replace(",Customer ", ",Client ");
        let (changed, waited_too) =
            beside(&client, &app, &table, || import("?rows=change", &edited, "changed"))?;
        let rate = |time: Duration| *rows as f64 / time.as_secs_f64();
        let (own, peer) = (rate(added), rate(limit));
        figure(&format!("{name}: {rows} rows added"), milliseconds(added), &format!("{own:.0} rows/s"));
        figure(
            &format!("{name}: the same by a bare prepared statement"),
            milliseconds(limit),
            &format!("{peer:.0} rows/s; ours are {:.0} % of it", 100.0 * own / peer),
        );
        figure(
            &format!("{name}: {rows} rows changed"),
            milliseconds(changed),
            &format!("{:.0} rows/s", rate(changed)),
        );
        figure(
            &format!("{name}: the longest that another's write waited"),
            milliseconds(waited.max(waited_too)),
            "",
        );
    }
    figure(
        &format!("{name}: memory at its highest"),
        format!("{:.0} MB", memory(server.id(), "VmHWM")? as f64 / 1e3),
        "",
    );
    server.end()?;
    Ok(std::fs::remove_dir_all(data)?)
}

/// A server with a few orders, somebody who is signed in, where the orders are, and their table.
fn start(
    options: &Options,
    data: &Path,
    database: Option<String>,
    lines: &[&str],
) -> Result<(Process, Client, String, Json)> {
    let (program, data) = (options.program.clone(), data.to_owned());
    let serving = Serving { program, web: None, data, database, relaxed: false, proxied: false };
    serving.fresh()?;
    let server = serving.start(free_address()?)?;
    let mut client = Client::connect(server.address)?;
    sign_up(&mut client)?;
    let creation = client.upload("Orders.csv", lines[..=THERE].join("\n").as_bytes())?;
    let (app, table) = publish(&mut client, &creation, |_| ())?;
    let path = format!("/api/apps/{app}/tables/{}", table["id"].as_str().context("no table")?);
    Ok((server, client, path, table))
}

/// What this gives, and how long the writes of somebody else took meanwhile at most.
fn beside(
    client: &Client,
    app: &str,
    table: &Json,
    work: impl FnOnce() -> Result<Duration>,
) -> Result<(Duration, Duration)> {
    let done = AtomicBool::new(false);
    let mut writer = Writer::new(client.again()?, table.clone());
    let path = format!("/api/apps/{app}/transactions");
    thread::scope(|scope| {
        let others = scope.spawn(|| -> Result<Duration> {
            let mut longest = Duration::ZERO;
            while !done.load(Ordering::Relaxed) {
                let started = Instant::now();
                writer.write(&path)?;
                longest = longest.max(started.elapsed());
            }
            Ok(longest)
        });
        let took = work();
        done.store(true, Ordering::Relaxed);
        let longest = others.join().map_err(|_| anyhow::anyhow!("the other writer failed"))?;
        Ok((took?, longest?))
    })
}

fn plain(bare: &Connection, rows: &[&str]) -> Result<()> {
    bare.execute_batch("BEGIN IMMEDIATE")?;
    let mut insert = bare.prepare_cached("INSERT INTO orders VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
    for row in rows {
        let (number, [customer, state, amount, day, region, notes]) = fields(row)?;
        insert.execute(params![number, customer, state, amount, day, region, notes])?;
    }
    Ok(bare.execute_batch("COMMIT")?)
}

fn plain_postgres(bare: &mut postgres::Client, rows: &[&str]) -> Result<()> {
    let mut work = bare.transaction()?;
    let insert = work.prepare("INSERT INTO orders VALUES ($1, $2, $3, $4, $5, $6, $7)")?;
    for row in rows {
        let (number, [customer, state, amount, day, region, notes]) = fields(row)?;
        work.execute(&insert, &[&number, &customer, &state, &amount, &day, &region, &notes])?;
    }
    Ok(work.commit()?)
}

fn fields(row: &str) -> Result<(i64, [&str; 6])> {
    let mut fields = row.split(',');
    let number = fields.next().context("no number")?.parse()?;
    let rest: Vec<&str> = fields.collect();
    Ok((number, rest.try_into().map_err(|_| anyhow::anyhow!("a row of another width"))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_takes_every_row() {
        let csv = orders::csv(50);
        let bare = Connection::open_in_memory().expect("a database");
        bare.execute_batch(TABLE).expect("a table");
        plain(&bare, &csv.lines().skip(1).collect::<Vec<_>>()).expect("rows");
        let count: i64 =
            bare.query_row("SELECT count(*) FROM orders", [], |row| row.get(0)).expect("a count");
        assert_eq!(count, 50);
    }
}
