//! Requests of one kind, as fast as they are answered or at a pace.

use std::{
    net::SocketAddr,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, anyhow, ensure};

use crate::odata::wire::Connection;

/// Requests of one load, at most.
const MOST: usize = 200_000;

/// How long requests took, sorted.
#[derive(Default)]
pub(super) struct Times(Vec<Duration>);

impl Times {
    /// How many there were.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// What so many of a hundred stayed below, in milliseconds.
    pub(super) fn percentile(&self, percent: usize) -> f64 {
        let index = (self.0.len() * percent / 100).min(self.0.len().saturating_sub(1));
        self.0.get(index).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    }

    /// Both together.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self.0.sort_unstable();
        self
    }
}

/// Asks over so many connections for so long; with a pace, each connection asks once in that time, and what counts is the time
/// since it was due: a server that stands still for a while is not asked less.
pub(super) fn run(
    address: SocketAddr,
    request: &str,
    connections: usize,
    time: Duration,
    pace: Option<Duration>,
) -> Result<Times> {
    let mut open: Vec<_> = (0..connections).map(|_| Connection::open(address)).collect::<Result<_>>()?;
    // What is made ready at the first request is not measured.
    for connection in &mut open {
        once(connection, request)?;
    }
    let started = Instant::now();
    let all: Vec<Result<Vec<Duration>>> = thread::scope(|scope| {
        let work = |(index, mut connection): (usize, Connection)| {
            move || -> Result<Vec<Duration>> {
                let mut times = Vec::new();
                let mut due = started + pace.unwrap_or_default() / connections as u32 * index as u32;
                while started.elapsed() < time && times.len() < MOST / connections {
                    let mut asked = Instant::now();
                    if let Some(pace) = pace {
                        while let Some(left) = due.checked_duration_since(Instant::now()) {
                            thread::park_timeout(left);
                        }
                        asked = due;
                        due += pace;
                    }
                    once(&mut connection, request)?;
                    times.push(asked.elapsed());
                }
                Ok(times)
            }
        };
        let threads: Vec<_> = open.into_iter().enumerate().map(|one| scope.spawn(work(one))).collect();
        let joined = threads.into_iter().map(thread::ScopedJoinHandle::join);
        joined.map(|one| one.unwrap_or_else(|_| Err(anyhow!("a load thread panicked")))).collect()
    });
    let mut times = Vec::new();
    for one in all {
        times.extend(one?);
    }
    times.sort_unstable();
    Ok(Times(times))
}

fn once(connection: &mut Connection, request: &str) -> Result<()> {
    let status = connection.ask(request.as_bytes())?;
    let body = &connection.body;
    ensure!(status == 200, "{status}: {}", String::from_utf8_lossy(&body[..body.len().min(600)]));
    Ok(())
}
