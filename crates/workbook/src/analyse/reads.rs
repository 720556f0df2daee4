//! What formulas read of a sheet: cells one by one, ranges, and whether a cell is read at all.
//!
//! A range is never walked cell by cell, so that running totals over 100,000 rows stay linear.

use std::collections::{HashMap, HashSet};

use gridkeep_model::{CellAt, RangeAt};

/// What formulas read of one sheet.
#[derive(Debug, Default)]
pub(crate) struct Reads {
    /// Cells read one by one, with the number of readers.
    pub(crate) single: HashMap<CellAt, u32>,
    /// Those that a formula reads on its own account: by a fixed address or name, or as the only one of its kind from
    /// another row. The columns of a table are read row by row and do not belong here.
    pub(crate) apart: HashSet<CellAt>,
    /// Ranges of several cells, with the number of readers.
    pub(crate) ranges: HashMap<RangeAt, u32>,
    /// Those of them that look-ups read.
    pub(crate) lookups: Vec<RangeAt>,
    /// Covered rows by column, merged and sorted.
    covered: HashMap<u32, Vec<(u32, u32)>>,
}

impl Reads {
    /// Whether some formula reads the cell, alone or within a range.
    pub(crate) fn reads(&self, at: CellAt) -> bool {
        self.single.contains_key(&at) || self.covers(at)
    }

    /// Whether some range covers the cell.
    pub(crate) fn covers(&self, at: CellAt) -> bool {
        self.covered.get(&at.column).is_some_and(|rows| {
            let index = rows.partition_point(|&(_, end)| end < at.row);
            rows.get(index).is_some_and(|&(start, _)| start <= at.row)
        })
    }

    /// Sorts what was collected, so that [`Reads::covers`] is a binary search.
    pub(crate) fn settle(&mut self, used: Option<RangeAt>) {
        let Some(used) = used else { return };
        for range in self.ranges.keys().filter(|range| range.intersects(&used)) {
            for column in range.start.column.max(used.start.column)..=range.end.column.min(used.end.column) {
                self.covered.entry(column).or_default().push((range.start.row, range.end.row));
            }
        }
        for rows in self.covered.values_mut() {
            rows.sort_unstable();
            let mut merged: Vec<(u32, u32)> = Vec::with_capacity(rows.len());
            for &(start, end) in rows.iter() {
                match merged.last_mut() {
                    Some(last) if start <= last.1.saturating_add(1) => last.1 = last.1.max(end),
                    _ => merged.push((start, end)),
                }
            }
            *rows = merged;
        }
    }
}
