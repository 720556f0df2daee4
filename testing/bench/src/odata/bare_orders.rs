//! What the bare database gives for the very rows that are inserted: the table of orders with the indexes that an app has for its
//! screens, the log of changes, encrypted and on the disk. One thread, no checks, no rights, no HTTP and no OData.
//!
//! The group commit in [`super::bare`] adds a row at the end of each of three tables. These go into two indexes at random places as
//! well, each a page of its own to encrypt and to write: this is how far single inserts can come on a disk.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use rusqlite::{Connection, params};

use super::orders::{Dice, FIRST_NEW};

/// As an app has them whose list begins with the largest amount and is filtered by status.
const TABLES: &str = "CREATE TABLE orders (id BLOB NOT NULL PRIMARY KEY, version INTEGER NOT NULL, number INTEGER, customer TEXT,
        customer_folded TEXT, state TEXT, state_folded TEXT, cents INTEGER, day TEXT, region TEXT, region_folded TEXT,
        notes TEXT, notes_folded TEXT) STRICT;
    CREATE TABLE changes (sequence INTEGER PRIMARY KEY, id BLOB NOT NULL, version INTEGER NOT NULL) STRICT;
    CREATE INDEX by_number ON orders (number, id);
    CREATE INDEX by_amount ON orders (cents, id);
    CREATE INDEX by_state_and_amount ON orders (substr(state_folded, 1, 100), cents, id);";

/// Orders a second that are on the disk, so many a commit, behind those that are there.
pub(super) fn inserts(folder: &Path, csv: &str, group: u64, time: Duration) -> Result<f64> {
    let folder = tempfile::tempdir_in(folder)?;
    let mut database = Connection::open(folder.path().join("orders.sqlite"))?;
    database.pragma_update(None, "key", "of no importance")?;
    database.pragma_update(None, "cipher_hmac_algorithm", "HMAC_SHA256")?;
    database.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 4000",
    )?;
    database.execute_batch(TABLES)?;
    let work = database.transaction()?;
    for (row, line) in (1_u64..).zip(csv.lines().skip(1)) {
        let fields: Vec<&str> = line.split(',').collect();
        let [_, customer, state, amount, day, region, notes] = fields[..] else { continue };
        let cents = amount.replace('.', "").parse().context("no amount")?;
        insert(&work, row, row, [customer, state, day, region, notes], cents)?;
    }
    work.commit()?;
    database.execute_batch("PRAGMA wal_checkpoint (TRUNCATE)")?;
    let (mut dice, started, mut count) = (Dice::new(7), Instant::now(), 0);
    while started.elapsed() < time {
        let work = database.transaction()?;
        for _ in 0..group {
            let customer = format!("Customer {:05}", dice.below(5_000));
            let state = ["open", "closed", "shipped", "cancelled", "draft"][dice.below(5) as usize];
            let texts = [&customer, state, "2025-03-11", "West", "inserted by the load generator"];
            let row = FIRST_NEW + count;
            insert(&work, row, row, texts, dice.below(1_000_000) + 100)?;
            count += 1;
        }
        work.commit()?;
    }
    Ok(count as f64 / started.elapsed().as_secs_f64())
}

fn insert(
    database: &Connection,
    sequence: u64,
    number: u64,
    [customer, state, day, region, notes]: [&str; 5],
    cents: u64,
) -> Result<()> {
    let id = (u128::from(sequence) << 64 | u128::from(cents)).to_be_bytes();
    let fold = str::to_lowercase;
    let sql = "INSERT INTO orders VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    database.prepare_cached(sql)?.execute(params![
        id,
        number as i64,
        customer,
        fold(customer),
        state,
        fold(state),
        cents as i64,
        day,
        region,
        fold(region),
        notes,
        fold(notes)
    ])?;
    let sql = "INSERT INTO changes VALUES (?1, ?2, 1)";
    database.prepare_cached(sql)?.execute(params![sequence as i64, id])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_of_inserts_is_measured() {
        let folder = tempfile::tempdir().expect("a folder");
        let csv = super::super::orders::csv(1_000);
        let rate = inserts(folder.path(), &csv, 64, Duration::from_millis(20)).expect("a rate");
        assert!(rate > 0.0);
    }
}
