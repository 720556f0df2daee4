//! The cells of a sheet's part: looked at, patched, added.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
};

use gridkeep_model::{CellAt, CellValue, RangeAt, address::column_letters};

use super::markup::{self, PieceKind, each_piece};
use crate::{error::Fault, read::formula::Template};

/// What a cell becomes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    /// A value in place of whatever was there.
    Value(CellValue),
    /// A formula as the file writes it, and its value; blank leaves it to the next program to calculate.
    Formula(String, CellValue),
    /// The value beside the formula, which stays.
    Calculated(CellValue),
}

/// A cell to be written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    pub(crate) content: Content,
    /// The style, where the cell has none of its own yet.
    pub(crate) style: Option<String>,
}

/// What a cell holds, as the file writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) style: Option<String>,
    pub(crate) formula: Option<String>,
    /// It holds the text of a shared formula that other cells use.
    pub(crate) is_master: bool,
    pub(crate) is_shared: bool,
    pub(crate) has_content: bool,
}

/// Calls `visit` for every cell of a sheet, shared formulas written out.
pub(crate) fn each_cell(
    part: &str,
    xml: &str,
    mut visit: impl FnMut(CellAt, Range<usize>, Found) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut masters: HashMap<String, (Template, CellAt)> = HashMap::new();
    let (mut row, mut column) = (0, 0);
    let mut cell: Option<(CellAt, Found, usize)> = None;
    let mut formula: Option<(String, Option<String>, bool)> = None;
    let mut inside = false;
    each_piece(part, xml, |piece| {
        let raw = &xml[piece.start..piece.end];
        match (piece.kind, piece.name.as_ref()) {
            (PieceKind::Start | PieceKind::Empty, "sheetData") => inside = piece.kind == PieceKind::Start,
            (PieceKind::End, "sheetData") => inside = false,
            _ if !inside => {}
            (PieceKind::Start | PieceKind::Empty, "row") => {
                row = markup::get(raw, "r").and_then(|r| r.parse().ok()).unwrap_or(row + 1);
                column = 0;
            }
            (PieceKind::Start | PieceKind::Empty, "c") => {
                let at = markup::get(raw, "r")
                    .and_then(|r| r.parse().ok())
                    .unwrap_or(CellAt::new(row, column + 1));
                column = at.column;
                let found = Found { style: markup::get(raw, "s"), ..Found::default() };
                if piece.kind == PieceKind::Empty {
                    visit(at, piece.start..piece.end, found)?;
                } else {
                    cell = Some((at, found, piece.start));
                }
            }
            (PieceKind::Start | PieceKind::Empty, "f") => {
                let kind = markup::get(raw, "t");
                let shared =
                    (kind.as_deref() == Some("shared")).then(|| markup::get(raw, "si").unwrap_or_default());
                formula = Some((String::new(), shared, kind.as_deref() == Some("dataTable")));
                if let (PieceKind::Empty, Some((at, found, _))) = (piece.kind, &mut cell) {
                    finish_formula(&mut formula, *at, found, &mut masters);
                }
            }
            (PieceKind::End, "f") => {
                if let Some((at, found, _)) = &mut cell {
                    finish_formula(&mut formula, *at, found, &mut masters);
                }
            }
            (PieceKind::Start, "v" | "is") => {
                if let Some((_, found, _)) = &mut cell {
                    found.has_content = true;
                }
            }
            (PieceKind::End, "c") => {
                if let Some((at, found, start)) = cell.take() {
                    visit(at, start..piece.end, found)?;
                }
            }
            (PieceKind::Other, _) => {
                if let Some((text, ..)) = &mut formula {
                    text.push_str(raw);
                }
            }
            _ => {}
        }
        Ok(())
    })
}

fn finish_formula(
    formula: &mut Option<(String, Option<String>, bool)>,
    at: CellAt,
    found: &mut Found,
    masters: &mut HashMap<String, (Template, CellAt)>,
) {
    let Some((raw, shared, is_data_table)) = formula.take() else { return };
    found.has_content = true;
    if is_data_table {
        return;
    }
    let text = markup::text(&raw);
    let Some(index) = shared else {
        found.formula = Some(text);
        return;
    };
    found.is_shared = true;
    if text.trim().is_empty() {
        found.formula = masters.get(&index).map(|(template, origin)| {
            template.moved(
                i64::from(at.row) - i64::from(origin.row),
                i64::from(at.column) - i64::from(origin.column),
            )
        });
    } else {
        found.is_master = true;
        masters.insert(index, (Template::new(&text), at));
        found.formula = Some(text);
    }
}

/// The sheet with every shared formula written out in its cell.
pub(crate) fn expand_shared(part: &str, xml: &str) -> Result<String, Fault> {
    let mut out = String::with_capacity(xml.len() * 5 / 4);
    let mut copied = 0;
    each_cell(part, xml, |_, place, found| {
        if let (true, Some(formula)) = (found.is_shared, found.formula) {
            out.push_str(&xml[copied..place.start]);
            out.push_str(&with_formula(&xml[place.clone()], &formula));
            copied = place.end;
        }
        Ok(())
    })?;
    out.push_str(&xml[copied..]);
    Ok(out)
}

/// A cell's text with a plain formula in place of its `f` element.
fn with_formula(raw: &str, formula: &str) -> String {
    let Some(start) = raw.find("<f").or_else(|| raw.find(":f").and_then(|at| raw[..at].rfind('<'))) else {
        return raw.to_owned();
    };
    let tag_end = start + raw[start..].find('>').unwrap_or(0) + 1;
    let prefix = markup::prefix(&raw[start..tag_end]);
    let close = format!("</{prefix}f>");
    let end = if raw[start..tag_end].ends_with("/>") {
        tag_end
    } else {
        raw[tag_end..].find(&close).map_or(tag_end, |at| tag_end + at + close.len())
    };
    format!("{}<{prefix}f>{}{close}{}", &raw[..start], markup::escape(formula), &raw[end..])
}

/// A cell as text.
pub(crate) fn cell(prefix: &str, at: CellAt, style: Option<&str>, content: &Content) -> String {
    let place = format!("{}{}", column_letters(at.column), at.row);
    let style = style.map(|style| format!(" s=\"{style}\"")).unwrap_or_default();
    let p = prefix;
    let (kind, inner) = match content {
        Content::Formula(formula, value) => {
            let (kind, value) = written(value)
                .map_or((None, String::new()), |(kind, text)| (kind, format!("<{p}v>{text}</{p}v>")));
            (kind, format!("<{p}f>{}</{p}f>{value}", markup::escape(formula)))
        }
        Content::Value(CellValue::Text(text)) => (
            Some("inlineStr"),
            format!("<{p}is><{p}t xml:space=\"preserve\">{}</{p}t></{p}is>", markup::escape_cell(text)),
        ),
        Content::Value(value) | Content::Calculated(value) => match written(value) {
            Some((kind, text)) => (kind, format!("<{p}v>{text}</{p}v>")),
            None => return format!("<{p}c r=\"{place}\"{style}/>"),
        },
    };
    let kind = kind.map(|kind| format!(" t=\"{kind}\"")).unwrap_or_default();
    format!("<{p}c r=\"{place}\"{style}{kind}>{inner}</{p}c>")
}

/// The type and the text of a value beside a formula; `None` for nothing.
fn written(value: &CellValue) -> Option<(Option<&'static str>, String)> {
    Some(match value {
        CellValue::Blank => return None,
        CellValue::Number(number) => (None, number.to_string()),
        CellValue::Boolean(truth) => (Some("b"), u8::from(*truth).to_string()),
        // Our own errors are none of Excel's.
        CellValue::Error(error) => (
            Some("e"),
            match error.as_str() {
                "#CIRC!" | "#LIMIT!" => "#VALUE!".to_owned(),
                text => text.to_owned(),
            },
        ),
        CellValue::Text(text) => (Some("str"), markup::escape_cell(text)),
    })
}

/// An existing cell with another value beside its formula.
fn recalculated(raw: &str, value: &CellValue) -> String {
    let tag_end = raw.find('>').map_or(raw.len(), |at| at + 1);
    let prefix = markup::prefix(raw);
    let (open, close) = (format!("<{prefix}v>"), format!("</{prefix}v>"));
    let end = raw.rfind(&format!("</{prefix}c>")).unwrap_or(raw.len());
    let body_end = raw[tag_end..].find(&format!("<{prefix}v")).map_or(end, |at| tag_end + at);
    let (kind, text) = written(value).map_or((None, None), |(kind, text)| (kind, Some(text)));
    let value = text.map(|text| format!("{open}{text}{close}")).unwrap_or_default();
    format!("{}{}{value}{}", markup::with(&raw[..tag_end], "t", kind), &raw[tag_end..body_end], &raw[end..])
}

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
        return Err(Fault::damaged(part, "it has no place for cells"));
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
                    return Err(
                        Fault::damaged(part, "its rows are not in order").at(format_args!("row {row}"))
                    );
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
                    return Err(
                        Fault::damaged(part, "its cells are not in order").at(format_args!("cell {at}"))
                    );
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
