//! Load from many connections at once, for a bounded time and a bounded number of requests.

use std::{
    sync::{
        Barrier,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, anyhow, bail};

use super::{
    orders::Dice,
    peer::{Peer, Scenario},
    wire::Connection,
};
use crate::process::processor_time;

/// Requests of one load, at most, whatever the time.
const MOST: usize = 400_000;
/// Requests before a load that are not counted, at most.
const WARM_UP: usize = 100;

/// What a load came to.
pub(super) struct Sample {
    /// Requests answered with success.
    pub(super) requests: usize,
    seconds: f64,
    /// Sorted.
    latencies: Vec<Duration>,
    /// Processor time of the whole peer during the load.
    processor: Duration,
    /// Of all requests of the load, of others that ran beside these too.
    total: usize,
}

impl Sample {
    /// Requests a second.
    pub(super) fn rate(&self) -> f64 {
        self.requests as f64 / self.seconds
    }

    /// The time that so many of a hundred requests stayed below, in milliseconds.
    pub(super) fn percentile(&self, percent: usize) -> f64 {
        let index = (self.latencies.len() * percent / 100).min(self.latencies.len().saturating_sub(1));
        self.latencies.get(index).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    }

    /// The server's milliseconds of processor time a request; with others beside them, a request of any kind.
    pub(super) fn processor(&self) -> f64 {
        self.processor.as_secs_f64() * 1e3 / self.total.max(1) as f64
    }
}

/// Puts a service under one kind of load.
pub(super) fn run(peer: &Peer, scenario: Scenario, connections: usize, time: Duration) -> Result<Sample> {
    let mut samples = together(peer, &[(scenario, connections)], time)?;
    samples.pop().ok_or_else(|| anyhow!("no load"))
}

/// Puts a service under several kinds of load at once: a sample of each.
pub(super) fn together(peer: &Peer, kinds: &[(Scenario, usize)], time: Duration) -> Result<Vec<Sample>> {
    for &(scenario, _) in kinds {
        warm_up(peer, scenario, time / 4)?;
    }
    let all: usize = kinds.iter().map(|(_, connections)| connections).sum();
    let (barrier, stop) = (Barrier::new(all + 1), AtomicBool::new(false));
    let mut seed = 0;
    let mut work = Vec::with_capacity(all);
    for (kind, &(scenario, connections)) in kinds.iter().enumerate() {
        for _ in 0..connections {
            seed += 1;
            work.push((kind, Worker::open(peer, scenario, seed)?));
        }
    }
    let processes = peer.family();
    thread::scope(|scope| {
        let (barrier, stop) = (&barrier, &stop);
        let most = MOST / all;
        let threads: Vec<_> = work
            .into_iter()
            .map(|(kind, worker)| (kind, scope.spawn(move || worker.run(barrier, stop, time, most))))
            .collect();
        let before = processor_time(&processes);
        barrier.wait();
        let started = Instant::now();
        let mut latencies: Vec<Vec<Duration>> = kinds.iter().map(|_| Vec::new()).collect();
        let mut failure = None;
        for (kind, thread) in threads {
            match thread.join().unwrap_or_else(|_| Err(anyhow!("a load thread panicked"))) {
                Ok(times) => latencies[kind].extend(times),
                Err(error) => failure = Some(error),
            }
        }
        let (seconds, processor) =
            (started.elapsed().as_secs_f64(), processor_time(&processes).saturating_sub(before));
        if let Some(failure) = failure {
            return Err(failure.context(peer.name));
        }
        let total = latencies.iter().map(Vec::len).sum();
        let sample = |mut latencies: Vec<Duration>| {
            latencies.sort_unstable();
            Sample { requests: latencies.len(), seconds, latencies, processor, total }
        };
        Ok(latencies.into_iter().map(sample).collect())
    })
}

/// Asks so many times over several connections, however long it takes, and measures nothing.
pub(super) fn fill(peer: &Peer, scenario: Scenario, connections: usize, requests: usize) -> Result<()> {
    let left = AtomicUsize::new(requests);
    let take = || left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok();
    thread::scope(|scope| {
        let work = |seed: usize| {
            let take = &take;
            move || -> Result<()> {
                let mut worker = Worker::open(peer, scenario, seed as u64)?;
                while take() {
                    worker.once()?;
                }
                Ok(())
            }
        };
        let threads: Vec<_> = (0..connections).map(|seed| scope.spawn(work(seed))).collect();
        let mut ends = threads.into_iter().map(thread::ScopedJoinHandle::join);
        ends.try_for_each(|end| end.unwrap_or_else(|_| Err(anyhow!("a load thread panicked"))))
    })
}

fn warm_up(peer: &Peer, scenario: Scenario, time: Duration) -> Result<()> {
    let started = Instant::now();
    let mut worker = Worker::open(peer, scenario, 0)?;
    for _ in 0..WARM_UP {
        worker.once()?;
        if started.elapsed() > time {
            break;
        }
    }
    Ok(())
}

struct Worker<'a> {
    peer: &'a Peer,
    scenario: Scenario,
    connection: Connection,
    dice: Dice,
    request: String,
}

impl<'a> Worker<'a> {
    fn open(peer: &'a Peer, scenario: Scenario, seed: u64) -> Result<Self> {
        let connection = Connection::open(peer.address)?;
        Ok(Self { peer, scenario, connection, dice: Dice::new(seed), request: String::new() })
    }

    fn once(&mut self) -> Result<Duration> {
        self.peer.request(self.scenario, &mut self.dice, &mut self.request);
        let started = Instant::now();
        let status = self.connection.ask(self.request.as_bytes())?;
        let time = started.elapsed();
        let body = &self.connection.body;
        // A batch succeeds as a whole whatever happened in it.
        let refused = self.scenario == Scenario::Batch && count(body, b"\"status\":201") != 100;
        if !(200..300).contains(&status) || refused {
            let text = String::from_utf8_lossy(&body[..body.len().min(600)]);
            bail!("{:?} was answered with {status}: {text}", self.scenario);
        }
        Ok(time)
    }

    fn run(
        mut self,
        barrier: &Barrier,
        stop: &AtomicBool,
        time: Duration,
        most: usize,
    ) -> Result<Vec<Duration>> {
        barrier.wait();
        let started = Instant::now();
        let mut times = Vec::new();
        while started.elapsed() < time && times.len() < most && !stop.load(Ordering::Relaxed) {
            let once = self.once().inspect_err(|_| stop.store(true, Ordering::Relaxed));
            times.push(once?);
        }
        Ok(times)
    }
}

fn count(text: &[u8], what: &[u8]) -> usize {
    text.windows(what.len()).filter(|window| *window == what).count()
}
