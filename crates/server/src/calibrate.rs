//! `gridkeep calibrate-password`: finds what hashing a password should cost on this machine, and keeps it.

use std::{
    fs,
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use gridkeep_identity::password::{Beside, Cost, Hasher, NewPassword, Scheme};

use crate::session::COST_FILE;

/// What a sign-in may take of a core.
const WANTED: Duration = Duration::from_millis(150);
/// Memories that are tried, in KiB, the largest first: memory is what a thief's hardware has least of.
const MEMORIES: [u32; 4] = [128 * 1024, 64 * 1024, 32 * 1024, Cost::FLOOR.memory];
const MOST_PASSES: u32 = 16;

/// Measures and writes the result to the data folder; the next start of the server uses it.
pub fn calibrate(data: &Path) -> Result<()> {
    let mut out = std::io::stdout();
    let (cost, time) = find(|cost| {
        let time = measure(cost)?;
        let Cost { memory, passes } = cost;
        writeln!(
            out,
            "{:>4} MiB, {passes:>2} passes: {:>5.0} ms",
            memory / 1024,
            time.as_secs_f64() * 1_000.0
        )?;
        Ok(time)
    })?;
    fs::create_dir_all(data).with_context(|| format!("cannot use the folder {}", data.display()))?;
    let file = data.join(COST_FILE);
    fs::write(&file, format!("m={},t={}\n", cost.memory, cost.passes))
        .with_context(|| format!("cannot write {}", file.display()))?;
    let (mib, passes, ms) = (cost.memory / 1024, cost.passes, time.as_secs_f64() * 1_000.0);
    writeln!(out, "Kept in {}: {mib} MiB and {passes} passes, {ms:.0} ms a sign-in.", file.display())?;
    writeln!(out, "Passwords are hashed anew as their people sign in.")?;
    Ok(())
}

/// The most memory for which the fewest passes still fit into the time, and as many passes as fit; the floor when nothing
/// does.
fn find(mut measure: impl FnMut(Cost) -> Result<Duration>) -> Result<(Cost, Duration)> {
    for memory in MEMORIES {
        let mut best = None;
        for passes in Cost::FLOOR.passes..=MOST_PASSES {
            let cost = Cost { memory, passes };
            let time = measure(cost)?;
            if time > WANTED {
                break;
            }
            best = Some((cost, time));
        }
        if let Some(best) = best {
            return Ok(best);
        }
    }
    let time = measure(Cost::FLOOR)?;
    Ok((Cost::FLOOR, time))
}

/// The shortest of three, which others on the machine disturb least.
fn measure(cost: Cost) -> Result<Duration> {
    let hasher = Hasher::new(Scheme::Argon2id(cost), Vec::new())?;
    let password = NewPassword::choose(&"a password of usual length".into(), Beside::Nothing, &[])?;
    let mut best = Duration::MAX;
    for salt in 0..3 {
        let started = Instant::now();
        hasher.hash(&password, [salt; 16])?;
        best = best.min(started.elapsed());
    }
    Ok(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_comes_before_passes_and_never_less_than_the_floor() {
        // A machine that needs so many microseconds for a MiB and pass.
        let check = |micros: u64, memory: u32, passes: u32| {
            let found = find(|cost| {
                Ok(Duration::from_micros(micros * u64::from(cost.memory / 1024) * u64::from(cost.passes)))
            });
            assert_eq!(found.unwrap().0, Cost { memory: memory * 1024, passes }, "{micros}");
        };
        check(500, 128, 2);
        check(780, 64, 3);
        check(1_000, 64, 2);
        check(50, 128, 16);
        check(3_000, 19, 2);
        check(50_000, 19, 2);
    }
}
