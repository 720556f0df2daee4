//! Taking times and printing them.

use std::time::{Duration, Instant};

/// What a piece of work gave and how long it took.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let started = Instant::now();
    let result = work();
    (result, started.elapsed())
}

/// One line: the figure, and what the issue asks for.
pub(crate) fn figure(name: &str, value: impl std::fmt::Display, goal: &str) {
    println!("{name:<58} {value:>14}   {goal}");
}

/// A time in the unit people compare.
pub(crate) fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1_000.0)
}

/// The one in the middle.
pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
