//! What a caller decides: the moment, the seed, the language, the limits, and when to stop.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde::{Deserialize, Serialize};

/// How to load and calculate a workbook.
#[derive(Debug, Clone)]
pub struct LoadOptions {
    /// What NOW() and TODAY() say, in the local time of the person.
    pub now: jiff::civil::DateTime,
    /// What RAND() and its kin begin with.
    pub seed: u64,
    /// Separators and names in texts that formulas and number formats make.
    pub locale: Locale,
    /// How much is allowed.
    pub limits: Limits,
}

impl LoadOptions {
    /// For this moment, with the default limits, seed 0 and English separators.
    pub fn at(now: jiff::civil::DateTime) -> Self {
        Self { now, seed: 0, locale: Locale::En, limits: Limits::default() }
    }
}

/// The language of separators, month and day names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// English: `1,234.5`.
    #[default]
    En,
    /// German: `1.234,5`.
    De,
}

/// How much one workbook may cost. Reaching a limit is reported, never a crash.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Cells that hold something, in all sheets.
    pub cells: u64,
    /// Bytes of one formula's text; Excel allows 8,192 characters.
    pub formula_bytes: usize,
    /// Parentheses and function calls within each other; Excel allows 64 calls.
    pub formula_depth: usize,
    /// Characters of one cell's text, as in Excel.
    pub text_length: usize,
    /// Cells one array may have.
    pub array_cells: u64,
    /// Cells one range of a formula may have, as far as they are in use.
    pub range_cells: u64,
    /// Cells one formula may spill into.
    pub spill_cells: u32,
    /// One recalculation.
    pub time: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            cells: 5_000_000,
            formula_bytes: 32_768,
            formula_depth: 64,
            text_length: 32_767,
            array_cells: 1 << 21,
            range_cells: 1 << 26,
            spill_cells: 1 << 18,
            time: Some(Duration::from_secs(6)),
        }
    }
}

/// A way to stop a calculation from another thread. Clones share the signal.
#[derive(Debug, Clone, Default)]
pub struct Cancel(pub(crate) Arc<AtomicBool>);

impl Cancel {
    /// A signal that nobody has given yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the calculation to stop at its next checkpoint.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether somebody asked.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
