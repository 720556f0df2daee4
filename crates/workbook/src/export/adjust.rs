//! References after rows were added to a block: what covers the block grows with it, what lies below moves down.
//!
//! **Architecture Invariant:** a reference changes only if it names the grown sheet, by word or by standing on it; texts,
//! other sheets, 3-D references and other files are left alone.

use gridkeep_model::{
    CellAt, RangeAt,
    address::{MAX_COLUMN, MAX_ROW, column_letters},
};

use super::markup::{self, PieceKind, each_piece};
use crate::{
    error::Fault,
    read::formula::{Axis, Piece, reference, sheets, verbatim, word},
};

/// Rows added below the last row of a block.
#[derive(Debug, Clone)]
pub(crate) struct Growth {
    pub(crate) sheet: String,
    /// The block's data rows as they were, without headers.
    pub(crate) data: RangeAt,
    /// How many rows were added.
    pub(crate) rows: u32,
    /// Everything below moves down, too: something was in the way.
    pub(crate) shift: bool,
}

impl Growth {
    /// Where a row is now.
    pub(crate) const fn row(&self, row: u32) -> u32 {
        if self.shift && row > self.data.end.row { row + self.rows } else { row }
    }

    /// Where a range is now; `grow` is false for formulas within the block itself, such as running totals.
    fn range(&self, range: RangeAt, grow: bool) -> RangeAt {
        let mut now = range;
        now.start.row = self.row(range.start.row);
        now.end.row = self.row(range.end.row);
        let (data, whole_column) = (self.data, range.end.row == MAX_ROW && range.start.row == 1);
        let covers = range.start.row <= data.start.row
            && range.end.row == data.end.row
            && range.start.column >= data.start.column
            && range.end.column <= data.end.column;
        if whole_column {
            return range;
        }
        if grow && covers {
            now.end.row += self.rows;
        }
        now.end.row = now.end.row.min(MAX_ROW);
        now.start.row = now.start.row.min(MAX_ROW);
        now
    }

    /// A formula, as it reads now. `on_sheet` says that it stands on the grown sheet, where references name none.
    pub(crate) fn formula(&self, formula: &str, on_sheet: bool, grow: bool) -> String {
        let mut out = String::with_capacity(formula.len());
        let mut at = 0;
        // The sheet named just before, if any: whether it is the grown one.
        let mut named: Option<bool> = None;
        let mut foreign = false;
        while at < formula.len() {
            let rest = &formula[at..];
            let skip = verbatim(rest);
            if skip > 0 {
                let copied = &rest[..skip];
                out.push_str(copied);
                at += skip;
                if let Some(quoted) = copied.strip_prefix('\'').and_then(|name| name.strip_suffix('\'')) {
                    named = Some(self.is_sheet(&quoted.replace("''", "'")));
                } else {
                    foreign = copied.starts_with('[')
                        && copied[1..].trim_end_matches(']').bytes().all(|b| b.is_ascii_digit());
                    named = None;
                }
                continue;
            }
            let end = word(rest);
            if end == 0 {
                let next = rest.chars().next().map_or(1, char::len_utf8);
                out.push_str(&rest[..next]);
                at += next;
                if &rest[..next] != "!" {
                    named = None;
                    foreign = false;
                }
                continue;
            }
            let length = sheets(rest, end);
            if rest[length..].starts_with('!') {
                named = Some(!foreign && length == end && self.is_sheet(&rest[..end]));
                foreign = false;
                out.push_str(&rest[..length]);
                at += length;
                continue;
            }
            let Some((piece, length)) = reference(rest, end) else {
                out.push_str(&rest[..end]);
                at += end;
                named = None;
                continue;
            };
            let ours = named.unwrap_or(on_sheet);
            let (pieces, length) = match (&piece, rest[length..].strip_prefix(':')) {
                (Piece::Cell(..), Some(after)) => match reference(after, word(after)) {
                    Some((second @ Piece::Cell(..), more)) if word(after) > 0 => {
                        ((piece, Some(second)), length + 1 + more)
                    }
                    _ => ((piece, None), length),
                },
                _ => ((piece, None), length),
            };
            if ours {
                self.write(&pieces.0, pieces.1.as_ref(), grow, &mut out);
            } else {
                out.push_str(&rest[..length]);
            }
            at += length;
            named = None;
        }
        out
    }

    fn write(&self, first: &Piece, second: Option<&Piece>, grow: bool, out: &mut String) {
        let axis = |axis: Axis, text: String| if axis.fixed { format!("${text}") } else { text };
        let column = |c: Axis| axis(c, column_letters(c.number));
        let row = |r: Axis, now: u32| axis(r, now.to_string());
        let text = match (first, second) {
            (&Piece::Cell(c1, r1), Some(&Piece::Cell(c2, r2))) => {
                let range =
                    RangeAt::new(CellAt::new(r1.number, c1.number), CellAt::new(r2.number, c2.number));
                let now = self.range(range, grow);
                // Ranges may be written from bottom to top.
                let (top, bottom) = if r1.number <= r2.number {
                    (now.start.row, now.end.row)
                } else {
                    (now.end.row, now.start.row)
                };
                format!("{}{}:{}{}", column(c1), row(r1, top), column(c2), row(r2, bottom))
            }
            (&Piece::Cell(c, r), _) => {
                let now = self.row(r.number).min(MAX_ROW);
                format!("{}{}", column(c), row(r, now))
            }
            (&Piece::Rows(r1, r2), _) => {
                let range = RangeAt::new(CellAt::new(r1.number, 1), CellAt::new(r2.number, MAX_COLUMN));
                let now = self.range(range, false);
                format!("{}:{}", row(r1, now.start.row), row(r2, now.end.row))
            }
            (&Piece::Columns(c1, c2), _) => format!("{}:{}", column(c1), column(c2)),
            (Piece::Text(text), _) => text.to_string(),
        };
        out.push_str(&text);
    }

    fn is_sheet(&self, name: &str) -> bool {
        name.to_lowercase() == self.sheet.to_lowercase()
    }

    /// A part as it reads now: references in its formulas, and in `ref` and `sqref` where it belongs to the sheet.
    pub(crate) fn part(&self, part: &str, xml: &str, on_sheet: bool) -> Result<String, Fault> {
        let mut out = String::with_capacity(xml.len() + 1024);
        let mut formula: Option<String> = None;
        // The cell whose formula is read: whether it lies in the block.
        let mut in_block = false;
        let mut element = String::new();
        // Within the corner of a drawing or the data of a note, where `row` is a number, not a row of cells.
        let mut in_corner = false;
        each_piece(part, xml, |piece| {
            let raw = &xml[piece.start..piece.end];
            let name = piece.name.as_ref();
            match piece.kind {
                PieceKind::Start | PieceKind::Empty => {
                    if name == "c" {
                        let at = markup::get(raw, "r").and_then(|at| at.parse().ok());
                        in_block = at.is_some_and(|at| self.data.contains(at));
                    }
                    out.push_str(&if on_sheet { self.tag(name, raw, in_block) } else { raw.to_owned() });
                    if piece.kind == PieceKind::Start
                        && (is_formula(name) || (on_sheet && is_place(name, in_corner)))
                    {
                        formula = Some(String::new());
                        name.clone_into(&mut element);
                    }
                    in_corner |= piece.kind == PieceKind::Start && is_corner(name);
                }
                PieceKind::Other => match &mut formula {
                    Some(text) => text.push_str(raw),
                    None => out.push_str(raw),
                },
                PieceKind::End => {
                    if let Some(text) = formula.take() {
                        out.push_str(&self.content(&element, &text, on_sheet, !in_block));
                    }
                    if name == "c" {
                        in_block = false;
                    }
                    in_corner &= !is_corner(name);
                    out.push_str(raw);
                }
            }
            Ok(())
        })?;
        Ok(out)
    }

    fn content(&self, element: &str, raw: &str, on_sheet: bool, grow: bool) -> String {
        let text = markup::text(raw);
        let now = match element {
            "sqref" => self.ranges(&text, grow),
            // Drawings count rows from 0.
            "row" | "Row" => text
                .trim()
                .parse::<u32>()
                .map_or_else(|_| text.clone(), |row| (self.row(row + 1) - 1).to_string()),
            _ => self.formula(&text, on_sheet, grow),
        };
        if now == text { raw.to_owned() } else { markup::escape(&now).into_owned() }
    }

    fn tag(&self, name: &str, raw: &str, in_block: bool) -> String {
        let mut tag = raw.to_owned();
        match name {
            "row" | "c" if self.shift => {
                if let Some(place) = markup::get(raw, "r") {
                    let now = match (name, place.parse::<CellAt>(), place.parse::<u32>()) {
                        ("c", Ok(at), _) => CellAt::new(self.row(at.row).min(MAX_ROW), at.column).to_string(),
                        ("row", _, Ok(row)) => self.row(row).min(MAX_ROW).to_string(),
                        _ => place.clone(),
                    };
                    if now != place {
                        tag = markup::with(raw, "r", Some(&now));
                    }
                }
            }
            "row" | "c" => {}
            _ => {
                for attribute in ["ref", "sqref", "topLeftCell", "activeCell"] {
                    let Some(text) = markup::get(&tag, attribute) else { continue };
                    let now = self.ranges(&text, !in_block && name != "mergeCell");
                    if now != text {
                        tag = markup::with(&tag, attribute, Some(&now));
                    }
                }
            }
        }
        tag
    }

    /// A list of ranges as it reads now.
    fn ranges(&self, text: &str, grow: bool) -> String {
        let now = text.split(' ').map(|word| match word.parse::<RangeAt>() {
            Ok(range) if range.end.row < MAX_ROW && range.end.column < MAX_COLUMN && !word.contains('$') => {
                self.range(range, grow).to_string()
            }
            _ => word.to_owned(),
        });
        now.collect::<Vec<_>>().join(" ")
    }
}

/// Elements whose text is a formula.
fn is_formula(name: &str) -> bool {
    matches!(
        name,
        "f" | "formula"
            | "formula1"
            | "formula2"
            | "definedName"
            | "calculatedColumnFormula"
            | "totalsRowFormula"
    )
}

/// Elements whose text is a place on the sheet: ranges of the 2010 extensions, rows of a drawing's corners and of notes.
fn is_place(name: &str, in_corner: bool) -> bool {
    name == "sqref" || (in_corner && matches!(name, "row" | "Row"))
}

/// Elements that place something on the sheet.
fn is_corner(name: &str) -> bool {
    matches!(name, "from" | "to" | "ClientData")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_grow_and_move() {
        let check = |formula: &str, shift: bool, expect: &str| {
            let data = "A2:C9".parse().expect("a range");
            let growth = Growth { sheet: "My Data".into(), data, rows: 3, shift };
            assert_eq!(growth.formula(formula, true, true), expect, "{formula}");
        };
        check("SUM(B2:B9)", false, "SUM(B2:B12)");
        check("SUM($B$1:$B$9)+SUM(B3:B9)", false, "SUM($B$1:$B$12)+SUM(B3:B9)");
        check("SUM(B2:B9)+B10+D11+B9", true, "SUM(B2:B12)+B13+D14+B9");
        check("SUM(B2:B20)+SUM(B11:B20)", true, "SUM(B2:B23)+SUM(B14:B23)");
        check("SUM(D2:D9)+SUM(A:C)+SUM(10:12)", true, "SUM(D2:D9)+SUM(A:C)+SUM(13:15)");
        check(
            "'My Data'!B10+Other!B10+'my data'!B2:B9+[1]Data!B10",
            true,
            "'My Data'!B13+Other!B10+'my data'!B2:B12+[1]Data!B10",
        );
        check("\"B10\"&T[[#All],[B10]]&LOG10(B10)", true, "\"B10\"&T[[#All],[B10]]&LOG10(B13)");
        check("B9:B2", false, "B12:B2");
    }
}
