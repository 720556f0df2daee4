//! The log that is only added to: what a row costs, in works of their own that are committed together and within one work, and
//! what it costs to look at all of them. On SQLite, encrypted, every commit on the disk.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use gridkeep_kit::{SeededRng, StepClock};
use gridkeep_model::{AccountId, Clock, TenantId};
use gridkeep_store::{
    Backend, DatabaseKey, Durability, KeyError, KeyOwner, Keys, Store, StoreConfig, StoreError, StoreLimits,
    Tenant, WrappedKey,
    audit::{NewEntry, Verifier},
};

use crate::figures::{figure, milliseconds, timed};

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Rows of the log that is verified
    #[arg(long, default_value_t = 1_000_000)]
    rows: u64,
    /// Works that wait at the same time
    #[arg(long, default_value_t = 64)]
    callers: u64,
    /// Seconds of each load
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
}

/// One key for all; what it costs to open a key is not measured.
struct OneKey;

impl Keys for OneKey {
    fn create(&self, owner: KeyOwner) -> Result<(WrappedKey, DatabaseKey), KeyError> {
        let wrapped = WrappedKey(Vec::new());
        let key = self.open(owner, &wrapped)?;
        Ok((wrapped, key))
    }

    fn open(&self, _: KeyOwner, _: &WrappedKey) -> Result<DatabaseKey, KeyError> {
        Ok(DatabaseKey::new(Box::new([7; 32]).into()))
    }

    fn rewrap(&self, _: KeyOwner, _: &WrappedKey) -> Result<Option<WrappedKey>, KeyError> {
        Ok(None)
    }
}

/// A row as a passed gate leaves it.
fn entry(number: u64, at: jiff::Timestamp) -> NewEntry {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&number.to_be_bytes());
    let account = Some(AccountId::from_uuid(uuid::Uuid::from_u128(u128::from(number % 50))));
    NewEntry::new("checkpoint.passed", at, seed)
        .about("EXPENSE_APPROVE")
        .fact("method", "password")
        .fact("transaction", format!("{number:032x}"))
        .fact("contentHash", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")
        .personal("user", account, "Ann Example <ann@example.com>")
        .personal("message", account, "Approve expense 4711 of 5,250.00 EUR for the fair in Hanover?")
}

/// Measures and prints.
pub(crate) fn run(options: &Options) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(measure(options))
}

async fn measure(options: &Options) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let config = StoreConfig {
        backend: Backend::Sqlite { folder: folder.path().to_owned() },
        keys: Arc::new(OneKey),
        durability: Durability::Full,
        limits: StoreLimits { read_time: Duration::from_mins(10), ..StoreLimits::default() },
    };
    let store = Store::open(config).await?;
    let (clock, mut rng) = (StepClock::default(), SeededRng::default());
    let now = clock.now();
    let tenant = store.create_tenant(TenantId::new(&clock, &mut rng), "bench", now).await?;
    let time = Duration::from_secs_f64(options.seconds.clamp(0.1, 60.0));
    let (rows, took) = together(&tenant, options.callers.clamp(1, 512), time, now).await?;
    let per_second = rows as f64 / took.as_secs_f64();
    let words = format!("rows of the log a second, {} works at a time", options.callers);
    figure(&words, format!("{per_second:.0}"), ">= 5,000");
    let mut size = rows;
    let mut slowest = Duration::ZERO;
    let (mut added, mut took) = (0, Duration::ZERO);
    while size < options.rows {
        let (from, many) = (size, (options.rows - size).min(1_000));
        let (done, time) = timed(|| {
            tenant.write(move |work| {
                for number in from..from + many {
                    work.audit(&entry(number, now))?;
                }
                Ok::<_, StoreError>(())
            })
        });
        let started = Instant::now();
        done.await?;
        let time = time + started.elapsed();
        (slowest, took, added, size) = (slowest.max(time), took + time, added + many, size + many);
    }
    if added > 0 {
        let per_second = added as f64 / took.as_secs_f64();
        figure("rows of the log a second, 1,000 a work", format!("{per_second:.0}"), "");
        figure("the slowest of these works", milliseconds(slowest), "");
    }
    let started = Instant::now();
    let mut verifier = Verifier::new([]);
    loop {
        let step = tenant.read(move |reader| {
            let ended = reader.audit_verify(&mut verifier, 20_000)?;
            Ok::<_, StoreError>((verifier, ended))
        });
        let (next, ended) = step.await?;
        verifier = next;
        if ended {
            break;
        }
    }
    let took = started.elapsed();
    ensure!(verifier.faults().is_empty() && verifier.size() == size, "the log is not whole");
    let per_second = size as f64 / took.as_secs_f64();
    figure(
        &format!("rows verified a second, of {size}, two values each"),
        format!("{per_second:.0}"),
        ">= 200,000",
    );
    let started = Instant::now();
    let proofs = 100;
    for number in 0..proofs {
        let sequence = 1 + number * (size / proofs);
        tenant.read(move |reader| reader.audit_inclusion(sequence, size)).await?;
    }
    figure("proof of a row", milliseconds(started.elapsed() / proofs as u32), "");
    Ok(())
}

/// Rows that callers add, each in a work of its own, for so long.
async fn together(
    tenant: &Tenant,
    callers: u64,
    time: Duration,
    now: jiff::Timestamp,
) -> Result<(u64, Duration)> {
    let started = Instant::now();
    let all = (0..callers).map(|caller| {
        let tenant = tenant.clone();
        tokio::spawn(async move {
            let mut rows = 0;
            while started.elapsed() < time {
                let row = entry(caller << 32 | rows, now);
                tenant.change(move |work| work.audit(&row)).await?;
                rows += 1;
            }
            Ok::<_, StoreError>(rows)
        })
    });
    let mut rows = 0;
    for one in all.collect::<Vec<_>>() {
        rows += one.await??;
    }
    Ok((rows, started.elapsed()))
}
