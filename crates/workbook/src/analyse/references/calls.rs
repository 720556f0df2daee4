//! Look-ups in a formula: which cell of the row is searched for, and where.

use std::ops::Range;

use gridkeep_model::{CellAt, RangeAt};

use super::{
    super::{
        book::Book,
        formula::{Piece, cut},
        report::BlockColumn,
        structured::structured,
    },
    Placed,
};

/// A value of the row that is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LookUp {
    /// Offset of the column whose value is searched for.
    pub(super) key: u32,
    /// The sheet that is searched.
    pub(super) sheet: usize,
    /// The cells that are searched.
    pub(super) range: RangeAt,
    /// Only an equal value is found, not the nearest.
    pub(super) exact: bool,
}

/// What the column's formula looks up by a value of its own row.
pub(super) fn look_ups(book: &Book<'_>, from: &Placed<'_>, column: &BlockColumn) -> Vec<LookUp> {
    let Some(formula) = &column.formula else { return Vec::new() };
    let own = CellAt::new(from.rows.start.row, from.block.range.at.start.column + column.offset);
    let pieces = cut(&formula.text, own);
    let calls = calls(&pieces);
    let place = Place { book, from, own };
    calls.iter().filter_map(|call| place.look_up(&pieces, call, &calls)).collect()
}

/// A call within a formula.
struct Call {
    name: String,
    /// Each argument's pieces.
    arguments: Vec<Range<usize>>,
    /// The call it is an argument of.
    inside: Option<usize>,
}

/// Calls in the order in which they begin.
fn calls(pieces: &[Piece<'_>]) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    // What is open: a call with the start of its current argument, or other brackets.
    let mut open: Vec<Option<(usize, usize)>> = Vec::new();
    let mut named = false;
    for (at, piece) in pieces.iter().enumerate() {
        let begins = std::mem::replace(&mut named, false);
        match piece {
            Piece::Function(name) => {
                let inside = open.last().copied().flatten().map(|(call, _)| call);
                let name = name.trim_start_matches("_xlfn.").trim_start_matches("_xlws.").to_uppercase();
                calls.push(Call { name, arguments: Vec::new(), inside });
                named = true;
            }
            Piece::Text("(") => open.push(begins.then(|| (calls.len() - 1, at + 1))),
            Piece::Text("{") => open.push(None),
            Piece::Text("," | ";") => {
                if let Some(Some((call, start))) = open.last_mut() {
                    calls[*call].arguments.push(*start..at);
                    *start = at + 1;
                }
            }
            Piece::Text(")" | "}") => {
                if let Some(Some((call, start))) = open.pop() {
                    calls[call].arguments.push(start..at);
                }
            }
            _ => {}
        }
    }
    calls
}

/// Where a formula stands.
struct Place<'a, 'b> {
    book: &'a Book<'b>,
    from: &'a Placed<'a>,
    own: CellAt,
}

impl Place<'_, '_> {
    fn look_up(&self, pieces: &[Piece<'_>], call: &Call, calls: &[Call]) -> Option<LookUp> {
        let argument =
            |at: usize| -> Option<&[Piece<'_>]> { Some(trimmed(&pieces[call.arguments.get(at)?.clone()])) };
        // What is left out or left empty has its default.
        let said = |at: usize| argument(at).map(written).filter(|text| !text.is_empty());
        let is =
            |text: Option<String>, wanted: &[&str]| text.is_some_and(|text| wanted.contains(&text.as_str()));
        let exact = match call.name.as_str() {
            "VLOOKUP" => is(said(3), &["0", "FALSE"]),
            "XLOOKUP" => said(4).is_none() || is(said(4), &["0"]),
            "LOOKUP" => false,
            // Alone it asks whether a value is there; inside INDEX it finds the row.
            "MATCH" | "XMATCH" if call.inside.is_none_or(|around| calls[around].name != "INDEX") => {
                return None;
            }
            "MATCH" => is(said(2), &["0"]),
            "XMATCH" => said(2).is_none() || is(said(2), &["0"]),
            _ => return None,
        };
        let key = self.own_column(argument(0)?)?;
        let [searched] = argument(1)? else { return None };
        let (sheet, mut range) = self.range(searched)?;
        if call.name == "VLOOKUP" {
            range.end.column = range.start.column;
        }
        Some(LookUp { key, sheet, range, exact })
    }

    /// Offset of the column of the block that an argument names in the formula's own row.
    fn own_column(&self, argument: &[Piece<'_>]) -> Option<u32> {
        let (sheet, column) = match argument {
            [Piece::Reference(reference)] if reference.own_row() => {
                let sheet =
                    reference.sheet.as_ref().map_or(Some(self.from.sheet), |name| self.book.sheet(name));
                let range = reference.range(self.own).filter(|range| range.len() == 1)?;
                (sheet?, range.start.column)
            }
            [Piece::Table(name, inside)] => {
                let (sheet, range, own_row) = self.table(name, inside)?;
                if !own_row || range.columns() != 1 || !range.intersects(&self.from.rows) {
                    return None;
                }
                (sheet, range.start.column)
            }
            _ => return None,
        };
        let at = self.from.block.range.at;
        let within = sheet == self.from.sheet && (at.start.column..=at.end.column).contains(&column);
        within.then(|| column - at.start.column)
    }

    /// Cells that stay where they are when the formula is copied down.
    fn range(&self, piece: &Piece<'_>) -> Option<(usize, RangeAt)> {
        match piece {
            Piece::Reference(reference) if reference.fixed_rows() => {
                let sheet =
                    reference.sheet.as_ref().map_or(Some(self.from.sheet), |name| self.book.sheet(name));
                Some((sheet?, reference.range(self.own)?))
            }
            Piece::Name(name) => self.book.name(self.from.sheet, name).or_else(|| {
                let table = self.book.workbook.table(name)?;
                Some((table.sheet, table.data_range()?))
            }),
            Piece::Table(name, inside) => {
                let (sheet, range, own_row) = self.table(name, inside)?;
                (!own_row).then_some((sheet, range))
            }
            _ => None,
        }
    }

    fn table(&self, name: &str, inside: &str) -> Option<(usize, RangeAt, bool)> {
        let tables = &self.book.workbook.tables;
        let table = match name {
            "" => {
                tables.iter().find(|table| table.sheet == self.from.sheet && table.range.contains(self.own))
            }
            name => self.book.workbook.table(name),
        };
        structured(table?, inside)
    }
}

/// Pieces without blanks around them.
fn trimmed<'p, 'a>(mut pieces: &'p [Piece<'a>]) -> &'p [Piece<'a>] {
    let blank = |piece: &Piece<'_>| matches!(piece, Piece::Text(text) if text.trim().is_empty());
    while let [first, rest @ ..] = pieces
        && blank(first)
    {
        pieces = rest;
    }
    while let [rest @ .., last] = pieces
        && blank(last)
    {
        pieces = rest;
    }
    pieces
}

/// A constant as it is written; something else is no constant.
fn written(pieces: &[Piece<'_>]) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.to_uppercase(),
            _ => "?".to_owned(),
        })
        .collect()
}
