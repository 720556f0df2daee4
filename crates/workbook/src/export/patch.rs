//! A sheet's part with some cells changed or added.
//!
//! **Architecture Invariant:** rows and cells stay in ascending order, and everything that is not a changed cell is
//! copied as it was.

use std::collections::BTreeMap;

use gridkeep_model::{CellAt, RangeAt};

use super::{
    cells::{Change, Content, cell, recalculated},
    markup::{self, PieceKind, each_piece},
};
use crate::{
    error::{Fault, Position},
    reason::Reason,
};

/// The sheet with cells changed or added, and its dimension made to hold them.
pub(crate) fn patch(part: &str, xml: &str, changes: &BTreeMap<(u32, u32), Change>) -> Result<String, Fault> {
    if changes.is_empty() {
        return Ok(xml.to_owned());
    }
    let mut patcher = Patcher {
        xml,
        out: String::with_capacity(xml.len() + 4096),
        copied: 0,
        changes,
        next: changes.iter().peekable(),
        row: 0,
        column: 0,
        prefix: String::new(),
        cell: None,
        row_is_open: false,
        seen: false,
    };
    each_piece(part, xml, |piece| patcher.piece(part, piece.kind, &piece.name, piece.start, piece.end))?;
    if !patcher.seen {
        return Err(Fault::damaged(part, Reason::NoPlaceForCells));
    }
    let out = patcher.finish();
    Ok(grow_dimension(&out, changes))
}

struct Patcher<'x> {
    xml: &'x str,
    out: String,
    copied: usize,
    changes: &'x BTreeMap<(u32, u32), Change>,
    next: std::iter::Peekable<std::collections::btree_map::Iter<'x, (u32, u32), Change>>,
    row: u32,
    column: u32,
    prefix: String,
    /// The cell that is being replaced, and where it began.
    cell: Option<(CellAt, usize)>,
    row_is_open: bool,
    /// Between the ends of `sheetData`, or behind it.
    seen: bool,
}

impl Patcher<'_> {
    fn piece(
        &mut self,
        part: &str,
        kind: PieceKind,
        name: &str,
        start: usize,
        end: usize,
    ) -> Result<(), Fault> {
        let xml = self.xml;
        let raw = &xml[start..end];
        match (kind, name) {
            (PieceKind::Start, "sheetData") => {
                self.seen = true;
                markup::prefix(raw).clone_into(&mut self.prefix);
            }
            (PieceKind::Empty, "sheetData") => {
                self.seen = true;
                markup::prefix(raw).clone_into(&mut self.prefix);
                self.copy(start);
                self.out.push_str(raw.trim_end_matches("/>"));
                self.out.push('>');
                self.rows_before(u32::MAX);
                let close = format!("</{}sheetData>", self.prefix);
                self.out.push_str(&close);
                self.copied = end;
            }
            (PieceKind::End, "sheetData") => {
                self.copy(start);
                self.rows_before(u32::MAX);
            }
            (PieceKind::Start | PieceKind::Empty, "row") if self.seen => {
                let row = markup::get(raw, "r").and_then(|r| r.parse().ok()).unwrap_or(self.row + 1);
                if row <= self.row {
                    return Err(Fault::damaged(part, Reason::RowsNotInOrder).at(Position::Row(row)));
                }
                (self.row, self.column) = (row, 0);
                self.copy(start);
                self.rows_before(row);
                if self.next.peek().is_some_and(|((at, _), _)| *at == row) {
                    let tag = markup::with(&markup::with(raw, "spans", None), "r", Some(&row.to_string()));
                    self.copied = end;
                    if kind == PieceKind::Empty {
                        self.out.push_str(tag.trim_end_matches("/>").trim_end());
                        self.out.push('>');
                        self.cells_before(u32::MAX);
                        let close = format!("</{}row>", self.prefix);
                        self.out.push_str(&close);
                    } else {
                        self.out.push_str(&tag);
                        self.row_is_open = true;
                    }
                }
            }
            (PieceKind::End, "row") if self.row_is_open => {
                self.copy(start);
                self.cells_before(u32::MAX);
                self.row_is_open = false;
            }
            (PieceKind::Start | PieceKind::Empty, "c") if self.row_is_open => {
                let at = markup::get(raw, "r")
                    .and_then(|r| r.parse().ok())
                    .unwrap_or(CellAt::new(self.row, self.column + 1));
                if at.column <= self.column || at.row != self.row {
                    return Err(Fault::damaged(part, Reason::CellsNotInOrder).at(Position::Cell(at)));
                }
                self.column = at.column;
                self.copy(start);
                self.cells_before(at.column);
                if self.next.peek().is_some_and(|(place, _)| **place == (at.row, at.column)) {
                    if kind == PieceKind::Empty {
                        self.replace(at, start, end);
                    } else {
                        self.cell = Some((at, start));
                    }
                } else if markup::get(raw, "r").is_none() {
                    // A cell without an address counts from the one before it, which may be new.
                    self.out.push_str(&markup::with(raw, "r", Some(&at.to_string())));
                    self.copied = end;
                }
            }
            (PieceKind::End, "c") => {
                if let Some((at, start)) = self.cell.take() {
                    self.replace(at, start, end);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn copy(&mut self, to: usize) {
        self.out.push_str(&self.xml[self.copied..to]);
        self.copied = to;
    }

    /// Writes the rows that the sheet does not have, up to the one that it has next.
    fn rows_before(&mut self, row: u32) {
        while let Some(&(&(new, _), _)) = self.next.peek().filter(|((new, _), _)| *new < row) {
            let open = format!("<{}row r=\"{new}\">", self.prefix);
            self.out.push_str(&open);
            let (known, column) = (self.row, self.column);
            (self.row, self.column) = (new, 0);
            self.cells_before(u32::MAX);
            (self.row, self.column) = (known, column);
            let close = format!("</{}row>", self.prefix);
            self.out.push_str(&close);
        }
    }

    /// Writes the cells of this row that the sheet does not have, up to the one that it has next.
    fn cells_before(&mut self, column: u32) {
        while let Some((&(row, at), change)) =
            self.next.peek().copied().filter(|((row, at), _)| *row == self.row && *at < column)
        {
            self.out.push_str(&cell(
                &self.prefix,
                CellAt::new(row, at),
                change.style.as_deref(),
                &change.content,
            ));
            self.next.next();
        }
    }

    fn replace(&mut self, at: CellAt, start: usize, end: usize) {
        let raw = &self.xml[start..end];
        if let Some((_, change)) = self.next.next() {
            let new = match &change.content {
                Content::Calculated(value) => recalculated(raw, value),
                content => {
                    let own = markup::get(&raw[..raw.find('>').map_or(raw.len(), |at| at + 1)], "s");
                    cell(&self.prefix, at, own.as_deref().or(change.style.as_deref()), content)
                }
            };
            self.out.push_str(&new);
        }
        self.copied = end;
    }

    fn finish(mut self) -> String {
        self.copy(self.xml.len());
        debug_assert!(self.next.peek().is_none() || self.changes.is_empty(), "every change was written");
        self.out
    }
}

fn grow_dimension(xml: &str, changes: &BTreeMap<(u32, u32), Change>) -> String {
    let head = &xml[..xml.find("sheetData").unwrap_or(xml.len())];
    let Some(start) = head.find("dimension").and_then(|at| head[..at].rfind('<')) else {
        return xml.to_owned();
    };
    let Some(end) = head[start..].find('>').map(|at| start + at + 1) else { return xml.to_owned() };
    let Some(Ok(range)) = markup::get(&xml[start..end], "ref").map(|range| range.parse::<RangeAt>()) else {
        return xml.to_owned();
    };
    let now = changes.keys().fold(range, |range, &(row, column)| {
        let (start, end) = (range.start, range.end);
        RangeAt::new(
            CellAt::new(start.row.min(row), start.column.min(column)),
            CellAt::new(end.row.max(row), end.column.max(column)),
        )
    });
    format!(
        "{}{}{}",
        &xml[..start],
        markup::with(&xml[start..end], "ref", Some(&now.to_string())),
        &xml[end..]
    )
}
