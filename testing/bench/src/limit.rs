//! What the bare database gives for the same list, without encryption, rights, JSON or HTTP: the limit to compare with.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::Result;
use rusqlite::{Connection, params};

use crate::figures::figure;

/// Runs the list's query on two threads, with the index that fits it and without.
pub(crate) fn run(rows: usize, time: Duration) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("limit.sqlite");
    let database = Connection::open(&path)?;
    database.execute_batch(
        "PRAGMA journal_mode = WAL;
         CREATE TABLE stock (id INTEGER PRIMARY KEY, sku TEXT, item TEXT, category TEXT, quantity INTEGER,
                             minimum INTEGER, price INTEGER);
         BEGIN;",
    )?;
    let mut insert = database.prepare("INSERT INTO stock VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
    for index in 0..rows as i64 {
        let category = format!("Region {:02}", index * 7 % 20);
        let (sku, item) = (format!("A{index:06}"), format!("Part {}", index * 7919 % rows as i64));
        insert.execute(params![
            index,
            sku,
            item,
            category,
            index * 31 % 997,
            index * 17 % 101,
            index * 13 % 499 + 1
        ])?;
    }
    drop(insert);
    database.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE);")?;
    let rate = both(&path, time)?;
    figure("limit: bare SQLite, the same list, no index, 2 threads", format!("{rate:.0}/s"), "");
    database.execute_batch("CREATE INDEX stock_list ON stock (category, price DESC, id);")?;
    let rate = both(&path, time)?;
    figure("limit: bare SQLite, the same list, its best index, 2 threads", format!("{rate:.0}/s"), "");
    Ok(())
}

fn both(path: &std::path::Path, time: Duration) -> Result<f64> {
    let started = Instant::now();
    let work = |first: usize| -> Result<usize> {
        let database = Connection::open(path)?;
        let mut list =
            database.prepare("SELECT * FROM stock WHERE category = ?1 ORDER BY price DESC, id LIMIT 50")?;
        let mut count = 0;
        while started.elapsed() < time {
            let category = format!("Region {:02}", (first + count) % 20);
            let mut rows = list.query([category])?;
            while let Some(row) = rows.next()? {
                row.get_ref(6)?;
            }
            count += 1;
        }
        Ok(count)
    };
    let done: Vec<Result<usize>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|index| scope.spawn(move || work(index))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or(Ok(0))).collect()
    });
    let total: usize = done.into_iter().sum::<Result<usize>>()?;
    Ok(total as f64 / started.elapsed().as_secs_f64())
}
