//! The cells of a sheet's part: looked at one by one, and written one by one.

use std::{collections::HashMap, ops::Range};

use gridkeep_model::{CellAt, CellValue, address::column_letters};

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
pub(crate) fn written(value: &CellValue) -> Option<(Option<&'static str>, String)> {
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
pub(crate) fn recalculated(raw: &str, value: &CellValue) -> String {
    let tag_end = raw.find('>').map_or(raw.len(), |at| at + 1);
    let prefix = markup::prefix(raw);
    let (open, close) = (format!("<{prefix}v>"), format!("</{prefix}v>"));
    let end = raw.rfind(&format!("</{prefix}c>")).unwrap_or(raw.len());
    let body_end = raw[tag_end..].find(&format!("<{prefix}v")).map_or(end, |at| tag_end + at);
    let (kind, text) = written(value).map_or((None, None), |(kind, text)| (kind, Some(text)));
    let value = text.map(|text| format!("{open}{text}{close}")).unwrap_or_default();
    format!("{}{}{value}{}", markup::with(&raw[..tag_end], "t", kind), &raw[tag_end..body_end], &raw[end..])
}
