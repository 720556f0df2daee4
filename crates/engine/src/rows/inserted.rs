//! Rows that were inserted into sheets since a workbook was loaded: where its places are now.

use std::sync::Arc;

use gridkeep_model::{CellRef, RangeAt, RangeRef};

/// Insertions in their order: sheet, before which row, how many.
#[derive(Debug, Default)]
pub(crate) struct Inserted(Vec<(Arc<str>, u32, u32)>);

impl Inserted {
    pub(crate) fn push(&mut self, sheet: Arc<str>, before: u32, count: u32) {
        // Within or right behind the last ones of the sheet they are one with them.
        let last = self.0.iter_mut().rev().find(|(own, ..)| *own == sheet);
        match last.filter(|(_, own, many)| (*own..=*own + *many).contains(&before)) {
            Some((_, _, many)) => *many += count,
            None => self.0.push((sheet, before, count)),
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Where a range of the workbook is now.
    pub(crate) fn moved(&self, mut range: RangeRef) -> RangeRef {
        for (sheet, before, count) in &self.0 {
            if **sheet == *range.sheet {
                range.at.start.row += if range.at.start.row >= *before { *count } else { 0 };
                range.at.end.row += if range.at.end.row >= *before { *count } else { 0 };
            }
        }
        range
    }

    /// Where a cell of the workbook is now.
    pub(crate) fn moved_cell(&self, cell: &CellRef) -> CellRef {
        let range = self.moved(RangeRef::new(cell.sheet.clone(), RangeAt::cell(cell.at)));
        CellRef::new(range.sheet, range.at.start)
    }

    /// Where a range was in the workbook.
    pub(crate) fn unmoved(&self, mut range: RangeRef) -> RangeRef {
        for (sheet, before, count) in self.0.iter().rev() {
            if **sheet == *range.sheet {
                let back = |row: u32| if row >= before + count { row - count } else { row };
                range.at.start.row = back(range.at.start.row);
                range.at.end.row = back(range.at.end.row);
            }
        }
        range
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn insertions_that_touch_are_one() {
        let sheet: Arc<str> = "S".into();
        let mut inserted = Inserted::default();
        for (sheet, before) in [("S", 3), ("T", 9), ("S", 4), ("S", 5), ("S", 3), ("S", 20), ("S", 2)] {
            inserted.push(sheet.into(), before, 1);
        }
        assert_eq!(inserted.0.len(), 4);
        let check = |row: u32, expect: u32| {
            let range = RangeRef::new(sheet.clone(), RangeAt::cell(gridkeep_model::CellAt::new(row, 1)));
            let moved = inserted.moved(range.clone());
            assert_eq!(moved.at.start.row, expect, "{row}");
            assert_eq!(inserted.unmoved(moved), range);
        };
        for (row, expect) in [(1, 1), (2, 3), (3, 8), (15, 20), (16, 22)] {
            check(row, expect);
        }
    }
}
