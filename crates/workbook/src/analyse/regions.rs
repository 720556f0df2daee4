//! Finds the islands of a sheet: filled cells that touch each other, also at a corner, as Excel's current region does.

use gridkeep_model::{CellAt, RangeAt};

use super::book::Surface;

/// Merged ranges taller than this do not hold cells together.
const MAX_MERGED_ROWS: u32 = 200;
/// Above this number of islands overlapping ones are left alone.
const MAX_JOINED: usize = 400;

/// The islands outside the given ranges, top to bottom, left to right.
pub(crate) fn islands(surface: &Surface<'_>, outside: &[RangeAt]) -> Vec<RangeAt> {
    let mut runs: Vec<Run> = Vec::new();
    for spot in &surface.spots {
        if outside.iter().any(|range| range.contains(spot.at)) {
            continue;
        }
        match runs.last_mut() {
            Some(run) if run.row == spot.at.row && run.right + 1 == spot.at.column => run.right += 1,
            _ => runs.push(Run { row: spot.at.row, left: spot.at.column, right: spot.at.column }),
        }
    }
    for merged in &surface.sheet.merged {
        let alone = !outside.iter().any(|range| range.intersects(merged));
        if alone && merged.rows() <= MAX_MERGED_ROWS && surface.spot(merged.start).is_some() {
            let (left, right) = (merged.start.column, merged.end.column);
            runs.extend((merged.start.row..=merged.end.row).map(|row| Run { row, left, right }));
        }
    }
    runs.sort_unstable_by_key(|run| (run.row, run.left, run.right));
    let mut groups = Groups((0..runs.len()).collect());
    let (mut above, mut start) = (0..0, 0);
    while start < runs.len() {
        let row = runs[start].row;
        let end = start + runs[start..].partition_point(|run| run.row == row);
        let mut reach = start;
        for index in start + 1..end {
            if runs[index].left <= runs[reach].right + 1 {
                groups.join(index, reach);
            }
            if runs[index].right > runs[reach].right {
                reach = index;
            }
        }
        if above.clone().next().is_some_and(|first: usize| runs[first].row + 1 == row) {
            let mut first = above.start;
            for index in start..end {
                while first < above.end && runs[first].right + 1 < runs[index].left {
                    first += 1;
                }
                let mut other = first;
                while other < above.end && runs[other].left <= runs[index].right + 1 {
                    groups.join(index, other);
                    other += 1;
                }
                first = first.max(other.saturating_sub(1)).min(above.end);
            }
        }
        (above, start) = (start..end, end);
    }
    let mut boxes: Vec<Option<RangeAt>> = vec![None; runs.len()];
    for (index, run) in runs.iter().enumerate() {
        let run = RangeAt::new(CellAt::new(run.row, run.left), CellAt::new(run.row, run.right));
        let root = groups.root(index);
        boxes[root] = Some(boxes[root].map_or(run, |found| around(found, run)));
    }
    let mut islands: Vec<RangeAt> = boxes.into_iter().flatten().collect();
    if islands.len() <= MAX_JOINED {
        join_overlapping(&mut islands);
    }
    islands.sort_unstable_by_key(|range| (range.start, range.end));
    islands
}

/// The smallest range around both.
pub(crate) fn around(a: RangeAt, b: RangeAt) -> RangeAt {
    let start = CellAt::new(a.start.row.min(b.start.row), a.start.column.min(b.start.column));
    RangeAt { start, end: CellAt::new(a.end.row.max(b.end.row), a.end.column.max(b.end.column)) }
}

/// Neighbouring filled cells of one row.
struct Run {
    row: u32,
    left: u32,
    right: u32,
}

/// Union-find over the runs.
struct Groups(Vec<usize>);

impl Groups {
    fn root(&mut self, index: usize) -> usize {
        let mut at = index;
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b)] = a.min(b);
    }
}

fn join_overlapping(islands: &mut Vec<RangeAt>) {
    let mut index = 0;
    while index < islands.len() {
        let current = islands[index];
        if let Some(other) = (index + 1..islands.len()).find(|&other| islands[other].intersects(&current)) {
            let taken = islands.swap_remove(other);
            islands[index] = around(current, taken);
            index = 0;
        } else {
            index += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{book, workbook};
    use super::*;

    #[test]
    fn touching_cells_are_one_island() {
        let check = |rows: &[&str], expect: &[&str]| {
            let workbook = workbook(&[("S", rows)]);
            let book = book(&workbook);
            let found: Vec<_> = islands(&book.surfaces[0], &[]).iter().map(ToString::to_string).collect();
            assert_eq!(found, expect, "{rows:?}");
        };
        check(&["a|b|c", "1|2|3"], &["A1:C2"]);
        check(&["Title", "", "a|b", "1|2"], &["A1", "A3:B4"]);
        check(&["a|b||x|y", "1|2||3|4"], &["A1:B2", "D1:E2"]);
        check(&["a", "|b", "||c"], &["A1:C3"]);
        check(&["a||b", "|c"], &["A1:C2"]);
        check(&["a||b||c", "||||", "a|b|c|d|e"], &["A1", "C1", "E1", "A3:E3"]);
        check(&["a|a|a", "a||a", "a|a|a"], &["A1:C3"]);
        check(&["|||a", "", "x|x|x|x"], &["D1", "A3:D3"]);
        check(&[], &[]);
    }
}
