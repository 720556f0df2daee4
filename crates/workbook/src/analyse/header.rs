//! Finds the row of headers within an island, and the totals beneath it.

use gridkeep_model::{CellAt, CellValue, RangeAt};

use super::{
    book::{Book, Origin, Spot, Surface},
    number_format::{Shows, look},
    words::{self, mentions},
};

/// So many rows of titles may stand above the headers.
const TITLE_ROWS: u32 = 15;
/// So many rows below a candidate are looked at.
const SAMPLE: u32 = 60;
/// Longer texts are no headers.
const MAX_HEADER: usize = 120;

/// The row with the headers, when the island is a table of cells.
pub(crate) fn header_row(book: &Book<'_>, sheet: usize, island: RangeAt) -> Option<u32> {
    let surface = &book.surfaces[sheet];
    if island.rows() < 2 {
        return None;
    }
    let last = island.end.row.min(island.start.row + TITLE_ROWS);
    let mut best: Option<(f64, u32)> = None;
    for row in island.start.row..last {
        if let Some(score) = score(book, surface, island, row)
            && best.is_none_or(|(known, _)| score > known + 0.01)
        {
            best = Some((score, row));
        }
    }
    let (_, row) = best?;
    (!reads_like_pairs(book, sheet, island, row)).then_some(row)
}

/// The text that heads a column, and whether it is written in that very cell (not merged over it).
pub(crate) fn header_of<'a>(surface: &'a Surface<'_>, at: CellAt) -> Option<(&'a str, bool)> {
    if let Some(spot) = surface.spot(at) {
        return head_text(spot).map(|text| (text, true));
    }
    let merged = surface.merged(at)?;
    let text = head_text(surface.spot(merged.start)?)?;
    (merged.end.row >= at.row).then_some((text, false))
}

/// A header may be typed or be the text result of a formula.
fn head_text(spot: &Spot) -> Option<&str> {
    let text = spot.value.as_text().map(str::trim).filter(|text| !text.is_empty())?;
    (text.chars().count() <= MAX_HEADER).then_some(text)
}

/// How much a row looks like headers of what is below it; `None` when it cannot be.
fn score(book: &Book<'_>, surface: &Surface<'_>, island: RangeAt, row: u32) -> Option<f64> {
    let body_end = island.end.row.min(row + SAMPLE);
    let width = island.columns() as usize;
    let mut columns: Vec<Body> = (0..width).map(|_| Body::default()).collect();
    let body =
        RangeAt::new(CellAt::new(row + 1, island.start.column), CellAt::new(body_end, island.end.column));
    for spot in surface.range(body) {
        columns[(spot.at.column - island.start.column) as usize]
            .add(spot, look(book.format(spot.style)).shows);
    }
    let (mut occupied, mut headed, mut others, mut points, mut empty) = (0_u32, 0_u32, 0_u32, 0.0, 0_u32);
    let mut seen: Vec<&str> = Vec::new();
    for (offset, body) in columns.iter().enumerate() {
        let at = CellAt::new(row, island.start.column + offset as u32);
        let header = header_of(surface, at);
        if body.filled == 0 {
            empty += u32::from(header.is_some_and(|(_, own)| own));
            continue;
        }
        occupied += 1;
        match header {
            Some((text, own)) => {
                headed += 1;
                // A header merged over several columns is more likely the heading of a group.
                points += if own { body.points(text) + 0.2 } else { body.points(text) / 2.0 };
                points -= if own && seen.contains(&text) { 0.3 } else { 0.0 };
                seen.push(text);
            }
            None => others += u32::from(surface.spot(at).is_some()),
        }
    }
    // A single column of words is a legend or an address, unless there is nothing else.
    let whole = surface.spots.len() as u32 == columns[0].filled + 1;
    let enough =
        if occupied == 1 { island.columns() == 1 && island.rows() >= 4 && whole } else { headed >= 2 };
    let alone = occupied == 1 && headed == 1 && empty >= 1;
    let alone = alone
        && !(island.start.row..row)
            .any(|above| surface.row(above).iter().filter(|spot| island.contains(spot.at)).count() >= 2);
    let covers =
        f64::from(headed) >= 0.6 * f64::from(occupied) && f64::from(others) <= 0.2 * f64::from(headed);
    let convincing = points >= 0.5 * f64::from(headed);
    (occupied > 0
        && (enough || alone)
        && covers
        && convincing
        && !records_above(surface, island, row, &columns, headed))
    .then_some(points + 0.2 * f64::from(empty))
}

/// Whether a row above is filled in the same columns: then this row is one of several, not their header.
fn records_above(surface: &Surface<'_>, island: RangeAt, row: u32, columns: &[Body], headed: u32) -> bool {
    (island.start.row..row).any(|above| {
        let spots = surface.row(above).iter().filter(|spot| island.contains(spot.at) && !spot.calculated());
        let filled =
            spots.filter(|spot| columns[(spot.at.column - island.start.column) as usize].filled > 0).count();
        filled >= 2 && filled as f64 >= 0.8 * f64::from(headed)
    })
}

/// What stands below a possible header.
#[derive(Default)]
struct Body {
    filled: u32,
    classes: [u32; 4],
    calculated: u32,
    texts: Vec<String>,
}

impl Body {
    fn add(&mut self, spot: &Spot, shows: Shows) {
        self.filled += 1;
        self.calculated += u32::from(spot.calculated());
        match &spot.value {
            CellValue::Text(text) if !text.trim().is_empty() => {
                self.classes[0] += 1;
                if self.texts.len() < SAMPLE as usize {
                    self.texts.push(text.trim().to_lowercase());
                }
            }
            CellValue::Number(_) if matches!(shows, Shows::Date | Shows::DateTime | Shows::Time) => {
                self.classes[2] += 1;
            }
            CellValue::Number(_) => self.classes[1] += 1,
            CellValue::Boolean(_) => self.classes[3] += 1,
            _ => {}
        }
    }

    /// Evidence that this text heads the column: text over a column of other things is strong, text over texts is weak,
    /// text over a medley is against it.
    fn points(&self, header: &str) -> f64 {
        let header = header.to_lowercase();
        if self.texts.contains(&header) {
            return -3.0;
        }
        let known: u32 = self.classes.iter().sum();
        let most = self.classes.iter().copied().max().unwrap_or(0);
        if known == 0 {
            return if self.calculated > 0 { 1.0 } else { 0.0 };
        }
        if most * 10 < known * 7 && known > 2 {
            return -1.0;
        }
        if self.classes[0] == most { 0.5 } else { 2.0 }
    }
}

/// Two or three columns of words whose cells are used one by one are labels with values, not a table.
fn reads_like_pairs(book: &Book<'_>, sheet: usize, island: RangeAt, header: u32) -> bool {
    if island.columns() > 3 {
        return false;
    }
    let surface = &book.surfaces[sheet];
    let first = island.start.column;
    let rows = RangeAt::new(CellAt::new(header, first), island.end);
    let labels: Vec<&str> =
        surface.range(rows).filter(|s| s.at.column == first).filter_map(Spot::words).collect();
    let colons = labels.iter().filter(|label| label.ends_with(':')).count();
    if labels.len() >= 2 && colons * 2 > labels.len() {
        return true;
    }
    let named = book.named_cells();
    let (mut values, mut used) = (0_u32, 0_u32);
    for spot in surface.range(rows).filter(|spot| spot.at.column > first) {
        values += 1;
        let fixed = book.reads[sheet].apart.contains(&spot.at) && !spot.calculated();
        used += u32::from(named.contains_key(&(sheet, spot.at)) || fixed);
    }
    values > 0 && used * 3 >= values
}

/// The first row of the totals at the end of the rows, when there are some.
pub(crate) fn totals_row(book: &Book<'_>, sheet: usize, data: RangeAt) -> Option<u32> {
    let surface = &book.surfaces[sheet];
    let mut found = None;
    for distance in 0..4 {
        let row = data.end.row.checked_sub(distance).filter(|row| *row > data.start.row)?;
        let spots: Vec<&Spot> = surface
            .range(RangeAt::new(CellAt::new(row, data.start.column), CellAt::new(row, data.end.column)))
            .collect();
        let labelled =
            spots.first().and_then(|spot| spot.words()).is_some_and(|text| mentions(text, &words::TOTAL));
        let sums = |spot: &&&Spot| {
            let Origin::Formula(pattern) = spot.origin else { return false };
            book.ranges(pattern, sheet, spot.at).iter().any(|&(target, range)| {
                target == sheet && range.rows() >= 2 && range.end.row < row && range.intersects(&data)
            })
        };
        let summed = spots.iter().filter(sums).count();
        let different = spots.iter().any(|spot| {
            let above = surface.spot(CellAt::new(row - 1, spot.at.column));
            matches!(spot.origin, Origin::Formula(_)) && above.is_none_or(|above| above.origin != spot.origin)
        });
        let filled = spots.len();
        if (labelled && (different || (summed == 0 && filled >= 2)))
            || (summed > 0 && summed * 2 >= filled && different)
        {
            found = Some(row);
        } else if found.is_some() || !spots.is_empty() {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::tests::{book, workbook};
    use super::*;

    #[test]
    fn headers_are_found_wherever_they_stand() {
        let check = |rows: &[&str], expect: Option<u32>| {
            let workbook = workbook(&[("S", rows)]);
            let book = book(&workbook);
            let island = workbook.sheets[0].used_range().expect("cells");
            assert_eq!(header_row(&book, 0, island), expect, "{rows:?}");
        };
        check(&["Item|Qty", "a|1", "b|2"], Some(1));
        check(&["Weekly report", "Item|Qty", "a|1", "b|2"], Some(2));
        check(&["|Item|Qty", "|a|1", "|b|2"], Some(1));
        check(&["Name|City", "Ann|Rome", "Bob|Oslo"], Some(1));
        check(&["Name|City|Age", "Ann|Rome|30", "Bob|Oslo|31"], Some(1));
        check(&["Report|Start date|=TODAY()", "Day|Hours|Notes", "1|2|x", "2|3|y"], Some(2));
        check(&["Amount|250000", "Rate|0.05", "Years|25"], None);
        check(&["Name:|Ann", "City:|Rome", "Street:|x"], None);
        check(&["1|2", "3|4"], None);
        check(&["Day|Task|Hours", "=1||", "=2||"], Some(1));
        check(
            &[
                "Project|Atlas|shown on top",
                "Start|=DATE(2026,1,1)|first day of all",
                "Days|120|at most 120",
                "Owner|John|",
            ],
            None,
        );
        check(&["Item|2024|2025", "a|1|2"], None);
        check(&["Only"], None);
    }

    #[test]
    fn totals_end_the_rows() {
        let check = |rows: &[&str], expect: Option<u32>| {
            let workbook = workbook(&[("S", rows)]);
            let book = book(&workbook);
            let mut data = workbook.sheets[0].used_range().expect("cells");
            data.start.row = 2;
            assert_eq!(totals_row(&book, 0, data), expect, "{rows:?}");
        };
        check(&["Item|Qty", "a|1", "b|2", "Total|=SUM(B2:B3)"], Some(4));
        check(&["Item|Qty", "a|1", "b|2", "|=SUM(B2:B3)"], Some(4));
        check(&["Item|Qty", "a|1", "b|2", "Summe|=SUM(B2:B3)", "Gesamt|=B4*2"], Some(4));
        check(&["Item|Qty", "a|1", "b|2", "Total|3"], Some(4));
        check(&["Item|Qty", "a|=1*2", "b|=2*2", "total station|=3*2"], Some(4));
        check(&["Item|Qty", "a|1", "b|2"], None);
        check(&["Item|Qty", "a|=C2*2", "b|=C3*2"], None);
    }
}
