//! How many tests passed, failed and were skipped, read from what the runners print.

use std::fmt;

/// Counts of tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    /// As they should.
    pub(crate) passed: u64,
    /// Not as they should, or not to their end.
    pub(crate) failed: u64,
    /// Not run.
    pub(crate) skipped: u64,
}

impl Counts {
    /// Adds others to these.
    pub(crate) const fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// Counts so many of the passed as skipped: tests that found out themselves that they cannot be done here.
    pub(crate) const fn leave_out(&mut self, tests: u64) {
        self.passed = self.passed.saturating_sub(tests);
        self.skipped += tests;
    }

    /// Those of all summary lines of cargo's test runners, nextest's or the one that comes with Rust.
    pub(crate) fn of_cargo(lines: &[String]) -> Self {
        let mut all = Self::default();
        for line in lines {
            // Further in stands what nextest repeats of a test that failed, which its own summary counts.
            let nextest = line.trim().strip_prefix("Summary [").and_then(|rest| rest.split_once("run: "));
            let usual = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". "));
            if let Some((_, words)) = nextest.or(usual) {
                all.add(Self::of_words(words));
            }
        }
        all
    }

    /// `3 passed (1 slow), 1 failed, 2 timed out; 0 ignored`
    fn of_words(words: &str) -> Self {
        let mut counts = Self::default();
        for part in words.split([',', ';']) {
            let Some((number, kind)) = part.trim().split_once(' ') else { continue };
            let Ok(number) = number.parse::<u64>() else { continue };
            match kind.split(" (").next().unwrap_or(kind).trim_end_matches(')') {
                "passed" => counts.passed += number,
                "failed" | "timed out" | "exec failed" => counts.failed += number,
                "skipped" | "ignored" => counts.skipped += number,
                _ => {}
            }
        }
        counts
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_are_read() {
        let check = |lines: &[&str], passed: u64, failed: u64, skipped: u64| {
            let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            assert_eq!(Counts::of_cargo(&lines), Counts { passed, failed, skipped }, "{lines:?}");
        };
        check(&["     Summary [   0.033s] 18 tests run: 18 passed, 0 skipped"], 18, 0, 0);
        check(&["Summary [ 9s] 1 test run: 0 passed, 1 failed, 2 skipped"], 0, 1, 2);
        check(
            &[
                "Summary [ 9s] 7/9 tests run: 4 passed (2 slow, 1 flaky), 1 timed out, 2 exec failed, 0 skipped",
            ],
            4,
            3,
            0,
        );
        let one =
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        let other = "test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 17 filtered out; finished in 0.08s";
        check(&[one, "unrelated 5 passed", other], 3, 1, 1);
        let repeated = format!("    {other}");
        check(&[&repeated, "     Summary [   9s] 1 test run: 0 passed, 1 failed, 0 skipped"], 0, 1, 0);
        check(&[], 0, 0, 0);
    }
}
