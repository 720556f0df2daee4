//! What the bare database gives, without rights, HTTP or OData: the limits that our figures stand beside.

use std::{
    fs,
    io::Write as _,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use rusqlite::{Connection, params};

/// Transactions of one commit: as many as callers wait in the measurement beside it.
const GROUP: u64 = 64;

/// Rows a second of one core: the orders read from a plain SQLite file and written as the JSON that an export holds.
pub(super) fn json(csv: &str, time: Duration) -> Result<f64> {
    let folder = tempfile::tempdir()?;
    let mut database = Connection::open(folder.path().join("orders.sqlite"))?;
    database.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA cache_size = -65536;
         CREATE TABLE orders (row BLOB PRIMARY KEY, version INTEGER, number INTEGER, customer TEXT, state TEXT,
                              amount TEXT, date TEXT, region TEXT, notes TEXT) WITHOUT ROWID;",
    )?;
    let work = database.transaction()?;
    let mut insert = work.prepare("INSERT INTO orders VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?;
    for (row, line) in (1_u128..).zip(csv.lines().skip(1)) {
        let fields: Vec<&str> = line.split(',').collect();
        let [number, customer, state, amount, date, region, notes] = fields[..] else { continue };
        let number: i64 = number.parse()?;
        insert.execute(params![row.to_be_bytes(), number, customer, state, amount, date, region, notes])?;
    }
    drop(insert);
    work.commit()?;
    let mut select = database.prepare("SELECT * FROM orders ORDER BY row")?;
    let (started, before, mut rows) = (Instant::now(), own_time()?, 0_u64);
    let mut page = Vec::new();
    while rows == 0 || started.elapsed() < time {
        let mut cursor = select.query([])?;
        while let Some(row) = cursor.next()? {
            if rows.is_multiple_of(1_000) {
                std::hint::black_box(&page);
                page.clear();
            }
            let id = u128::from_be_bytes(row.get(0)?);
            write!(page, "{{\"@odata.etag\":\"W/\\\"{}\\\"\",\"RowId\":\"", row.get::<_, i64>(1)?)?;
            let (high, low) = ((id >> 64) as u64, id as u64);
            write!(page, "{:08x}-{:04x}-{:04x}-", high >> 32, high >> 16 & 0xffff, high & 0xffff)?;
            write!(
                page,
                "{:04x}-{:012x}\",\"Id\":{}",
                low >> 48,
                low & 0xffff_ffff_ffff,
                row.get::<_, i64>(2)?
            )?;
            for (index, name) in [(3, "Customer"), (4, "Status"), (6, "Date"), (7, "Region"), (8, "Notes")] {
                write!(page, ",\"{name}\":")?;
                serde_json::to_writer(&mut page, row.get_ref(index)?.as_str()?)?;
            }
            write!(page, ",\"Amount\":{}}},", row.get_ref(5)?.as_str()?)?;
            rows += 1;
        }
    }
    Ok(rows as f64 / own_time()?.saturating_sub(before).as_secs_f64())
}

/// Durable transactions a second of one thread that commits 64 at a time, four statements each, on the disk of this folder.
pub(super) fn group_commit(folder: &Path, encrypted: bool, time: Duration) -> Result<f64> {
    let folder = tempfile::tempdir_in(folder)?;
    let database = Connection::open(folder.path().join("group.sqlite"))?;
    if encrypted {
        database.pragma_update(None, "key", "of no importance")?;
        database.pragma_update(None, "cipher_hmac_algorithm", "HMAC_SHA256")?;
    }
    database.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;
         CREATE TABLE entry (id BLOB PRIMARY KEY, name TEXT, count INTEGER, note TEXT) WITHOUT ROWID;
         CREATE TABLE change (number INTEGER PRIMARY KEY, id BLOB, what TEXT, at INTEGER);
         CREATE TABLE done (id BLOB PRIMARY KEY, outcome TEXT) WITHOUT ROWID;
         CREATE TABLE head (number INTEGER);
         INSERT INTO head VALUES (0);",
    )?;
    let note = "a note of about sixty bytes, so that rows are as long as usual";
    let (started, mut count) = (Instant::now(), 0_u64);
    while started.elapsed() < time {
        database.execute_batch("BEGIN IMMEDIATE")?;
        for _ in 0..GROUP {
            database.prepare_cached("SAVEPOINT one")?.execute([])?;
            let next = "UPDATE head SET number = number + 1 RETURNING number";
            let number: i64 = database.prepare_cached(next)?.query_row([], |row| row.get(0))?;
            let id = u128::from(started.elapsed().as_nanos() as u64) << 64 | u128::from(count);
            let id = id.to_be_bytes();
            let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| -> rusqlite::Result<usize> {
                database.prepare_cached(sql)?.execute(values)
            };
            run("INSERT INTO entry VALUES (?1, 'a name', ?2, ?3)", &[&id, &number, &note])?;
            run("INSERT INTO change VALUES (?1, ?2, 'put', ?1)", &[&number, &id])?;
            run("INSERT INTO done VALUES (?1, 'ok')", &[&id])?;
            database.prepare_cached("RELEASE one")?.execute([])?;
            count += 1;
        }
        database.execute_batch("COMMIT")?;
    }
    Ok(count as f64 / started.elapsed().as_secs_f64())
}

/// Processor time of this thread.
fn own_time() -> Result<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds = text.split(' ').next().context("no processor time")?.parse()?;
    Ok(Duration::from_nanos(nanoseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_measured() {
        let csv = super::super::orders::csv(2_000);
        assert!(json(&csv, Duration::ZERO).expect("a rate") > 0.0);
        let folder = tempfile::tempdir().expect("a folder");
        for encrypted in [false, true] {
            let rate = group_commit(folder.path(), encrypted, Duration::from_millis(20)).expect("a rate");
            assert!(rate > 0.0);
        }
    }
}
