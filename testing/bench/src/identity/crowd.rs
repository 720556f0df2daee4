//! A thousand people who sign in at the same moment, each from a network of their own, and what those feel who are in already.
//!
//! Who is told to come back does so as soon as they were told to, until they are in or time is up.

use std::{
    sync::{
        Barrier,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, anyhow};

use super::{
    load::{self, Times},
    town::{PEOPLE, Town, proof},
};
use crate::{
    figures::{figure, milliseconds},
    odata::wire::Connection,
    process::memory,
};

/// How long the crowd may take: the first time, when their passwords are hashed anew, and the second.
const FIRST: Duration = Duration::from_mins(8);
const SECOND: Duration = Duration::from_mins(3);
/// Who reads meanwhile: so many connections, each so often.
const READERS: usize = 4;
const PACE: Duration = Duration::from_millis(20);
/// A stack is enough for a request.
const STACK: usize = 256 << 10;

/// What became of the crowd.
#[derive(Default)]
struct Became {
    signed_in: AtomicUsize,
    told_to_come_back: AtomicUsize,
    otherwise: AtomicUsize,
}

/// Measures and prints.
pub(super) fn run(town: &mut Town, time: Duration) -> Result<()> {
    for (name, most) in [("the first time since their import", FIRST), ("once more", SECOND)] {
        println!("\n{PEOPLE} people sign in at once, {name}");
        town.again()?;
        let process = town.process()?.id();
        // As long as the rest together, for a tail that means something.
        let idle = readers(town, time * 5, &AtomicBool::new(false))?;
        let before = memory(process, "VmHWM")?;
        let (became, over) = (Became::default(), AtomicBool::new(false));
        let started = Instant::now();
        let (signed, beside) = thread::scope(|scope| {
            let reading = scope.spawn(|| readers(town, most, &over));
            let signed = crowd(town, most, &became);
            over.store(true, Ordering::Relaxed);
            let read = reading.join().unwrap_or_else(|_| Err(anyhow!("a reader panicked")));
            (signed, read)
        });
        let (last, beside) = (signed?, beside?);
        let took = started.elapsed();
        let count = |number: &AtomicUsize| number.load(Ordering::Relaxed);
        let more = format!(
            "in {:.1} s, {:.1}/s; the last waited {}; told to come back {} times; otherwise {}",
            took.as_secs_f64(),
            count(&became.signed_in) as f64 / took.as_secs_f64(),
            milliseconds(last),
            count(&became.told_to_come_back),
            count(&became.otherwise),
        );
        figure("  signed in", format!("{} of {PEOPLE}", count(&became.signed_in)), &more);
        for (percent, goal) in [(50, ""), (99, "; <= 2")] {
            let (alone, crowded) = (idle.percentile(percent), beside.percentile(percent));
            let more = format!(
                "alone {alone:.2} ms of {}: {:.1} times{goal}; of {}",
                idle.count(),
                crowded / alone.max(0.001),
                beside.count()
            );
            figure(&format!("  p{percent} of others' lists meanwhile"), format!("{crowded:.2} ms"), &more);
        }
        let highest = memory(process, "VmHWM")? as f64 / 1e3;
        let more = format!("before {:.0} MB", before as f64 / 1e3);
        figure("  resident at its highest", format!("{highest:.0} MB"), &more);
    }
    Ok(())
}

/// Lists that somebody reads who is in already, over OData and in the client.
fn readers(town: &Town, time: Duration, over: &AtomicBool) -> Result<Times> {
    let address = town.process()?.address;
    let (app, set, key) = (&town.apps[1], &town.set, &town.own.keys[1]);
    let service = format!(
        "GET /odata/default/{app}/{set}?$top=50 HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\n\r\n"
    );
    let (table, cookie) = (&town.table, town.own.client.cookie());
    let body = "{\"limit\":50}";
    let client = format!(
        "POST /api/apps/{app}/tables/{table}/rows HTTP/1.1\r\nhost: {address}\r\nx-gridkeep: 1\r\ncookie: {cookie}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let (started, mut all) = (Instant::now(), Times::default());
    // In short loads, so that they end with the crowd.
    while started.elapsed() < time && !over.load(Ordering::Relaxed) {
        let left = time.saturating_sub(started.elapsed()).min(Duration::from_secs(2));
        let (one, other) = thread::scope(|scope| {
            let one = scope.spawn(|| load::run(address, &service, READERS / 2, left, Some(PACE)));
            let other = load::run(address, &client, READERS / 2, left, Some(PACE));
            (one.join().unwrap_or_else(|_| Err(anyhow!("a reader panicked"))), other)
        });
        all = all.and(one?).and(other?);
    }
    Ok(all)
}

/// Everybody at once; gives how long the last one waited who got in.
fn crowd(town: &Town, most: Duration, became: &Became) -> Result<Duration> {
    let address = town.process()?.address;
    let barrier = Barrier::new(PEOPLE);
    thread::scope(|scope| {
        let mut threads = Vec::with_capacity(PEOPLE);
        for number in 0..PEOPLE {
            let barrier = &barrier;
            let work = move || -> Result<Duration> {
                let connection = Connection::open(address);
                let body = proof(number).to_string();
                let request = format!(
                    "POST /api/session HTTP/1.1\r\nhost: {address}\r\nx-gridkeep: 1\r\n\
                     x-forwarded-for: 10.{}.{}.1\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                    number / 200,
                    number % 200,
                    body.len()
                );
                barrier.wait();
                let (mut connection, started) = (connection?, Instant::now());
                loop {
                    match connection.ask(request.as_bytes())? {
                        200 => {
                            became.signed_in.fetch_add(1, Ordering::Relaxed);
                            return Ok(started.elapsed());
                        }
                        503 if started.elapsed() < most => {
                            became.told_to_come_back.fetch_add(1, Ordering::Relaxed);
                            let due = Instant::now() + Duration::from_secs(connection.again.max(1));
                            while let Some(left) = due.checked_duration_since(Instant::now()) {
                                thread::park_timeout(left);
                            }
                            // The server closes connections over which nothing comes for a while.
                            connection = Connection::open(address)?;
                        }
                        _ => {
                            became.otherwise.fetch_add(1, Ordering::Relaxed);
                            return Ok(Duration::ZERO);
                        }
                    }
                }
            };
            threads.push(thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work)?);
        }
        let mut last = Duration::ZERO;
        for thread in threads {
            last = last.max(thread.join().unwrap_or_else(|_| Err(anyhow!("one of the crowd panicked")))?);
        }
        Ok(last)
    })
}
