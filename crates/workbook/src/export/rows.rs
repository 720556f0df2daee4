//! Rows of a block: changed in place, added below with the style and formulas of the last one, blanked when gone.

use std::collections::BTreeMap;

use gridkeep_model::{
    CellAt, CellValue, RangeAt, Workbook,
    address::MAX_ROW,
    workbook::{Formula, Sheet},
};

use super::{
    TableRows,
    adjust::Growth,
    cannot_write,
    cells::{Change, Content, Found, each_cell, expand_shared},
    check_value,
    markup::{self, PieceKind, each_piece},
    package::Edited,
    patch_sheet, sheet_part,
};
use crate::reason::Reason;
use crate::{
    WorkbookError,
    error::{Fault, Position},
    read::formula::Template,
};

/// Writes all blocks, the lowest of a sheet first, so that the places of the others hold.
pub(crate) fn write(
    edited: &mut Edited<'_>,
    workbook: &Workbook,
    tables: &[TableRows],
) -> Result<(), WorkbookError> {
    let mut order: Vec<&TableRows> = tables.iter().collect();
    order.sort_by_key(|table| std::cmp::Reverse(table.range.start.row));
    for table in order {
        block(edited, workbook, table)?;
    }
    Ok(())
}

fn block(edited: &mut Edited<'_>, workbook: &Workbook, table: &TableRows) -> Result<(), WorkbookError> {
    let part = sheet_part(edited, &table.sheet)?;
    let first = table.range.start.row + u32::from(table.has_headers);
    // A table always has a data row, if only a blank one.
    let last = table.range.end.row.max(first);
    let data =
        RangeAt::new(CellAt::new(first, table.range.start.column), CellAt::new(last, table.range.end.column));
    let place = format!("{}!{}", table.sheet, table.range);
    let width = table.range.columns();
    if table.columns.iter().any(|column| column.offset >= width)
        || table.rows.iter().any(|row| row.len() != table.columns.len())
    {
        return Err(cannot_write(&place, Position::Whole, Reason::RowsDoNotFit));
    }
    let in_file = |fault: Fault| fault.in_file("workbook");

    let known = data.rows() as usize;
    let added = table.rows.len().saturating_sub(known) as u32;
    let mut changes = in_place(table, data)?;
    if table.rows.len() < known {
        let gone = RangeAt::new(CellAt::new(first + table.rows.len() as u32, data.start.column), data.end);
        let xml = edited.text(&part).map_err(in_file)?;
        each_cell(&part, &xml, |at, _, found| {
            if gone.contains(at) && found.has_content {
                let change = Change { content: Content::Value(CellValue::Blank), style: None };
                changes.insert((at.row, at.column), change);
            }
            Ok(())
        })
        .map_err(in_file)?;
        shrink_table(edited, &part, data, gone.start.row).map_err(in_file)?;
    }
    edited.change(&part, |xml| patch_sheet(&part, xml, &changes)).map_err(in_file)?;
    if added == 0 {
        return Ok(());
    }

    let sheet = workbook
        .sheet(&table.sheet)
        .ok_or_else(|| cannot_write(&place, Position::Whole, Reason::SheetMissing))?;
    let shift = is_blocked(workbook, sheet, data, added);
    check_room(sheet, data, added, shift, &place)?;
    let growth = Growth { sheet: sheet.name.to_string(), data, rows: added, shift };
    edited.change(&part, |xml| expand_shared(&part, xml)).map_err(in_file)?;
    let (model, model_tag) = last_row(edited, &part, last).map_err(in_file)?;
    adjust_all(edited, &part, &growth).map_err(in_file)?;
    let new = new_rows(edited, &part, table, data, &model)?;
    edited
        .change(&part, |xml| {
            let xml = patch_sheet(&part, xml, &new)?;
            style_rows(&part, &xml, last + 1..=last + added, model_tag.as_deref())
        })
        .map_err(in_file)
}

/// The changes to rows that are there already.
fn in_place(table: &TableRows, data: RangeAt) -> Result<BTreeMap<(u32, u32), Change>, WorkbookError> {
    let mut changes = BTreeMap::new();
    for (row, values) in (data.start.row..=data.end.row).zip(&table.rows) {
        for (column, value) in table.columns.iter().zip(values) {
            let content = if column.computed {
                Content::Calculated(value.clone())
            } else {
                Content::Value(value.clone())
            };
            let at = CellAt::new(row, data.start.column + column.offset);
            check_value(&format!("{}!{at}", table.sheet), &content)?;
            changes.insert((at.row, at.column), Change { content, style: None });
        }
    }
    Ok(changes)
}

/// The cells of new rows, after the rows below made way.
fn new_rows(
    edited: &mut Edited<'_>,
    part: &str,
    table: &TableRows,
    data: RangeAt,
    model: &BTreeMap<u32, Found>,
) -> Result<BTreeMap<(u32, u32), Change>, WorkbookError> {
    let column_formulas =
        calculated_columns(edited, part, data).map_err(|fault| fault.in_file("workbook"))?;
    let mut changes = BTreeMap::new();
    for (index, values) in table.rows.iter().enumerate().skip(data.rows() as usize) {
        let row = data.start.row + index as u32;
        for offset in 0..data.columns() {
            let column = data.start.column + offset;
            let found = model.get(&column).cloned().unwrap_or_default();
            let listed = table.columns.iter().zip(values).find(|(column, _)| column.offset == offset);
            let own = found
                .formula
                .as_deref()
                .map(|formula| Template::new(formula).moved(i64::from(row) - i64::from(data.end.row), 0));
            let formula = own.or_else(|| column_formulas.get(&offset).cloned());
            let content = match (listed, formula) {
                (Some((column, value)), formula) if !column.computed || formula.is_none() => {
                    Content::Value(value.clone())
                }
                (Some((_, value)), Some(formula)) => Content::Formula(formula, value.clone()),
                (None, Some(formula)) => Content::Formula(formula, CellValue::Blank),
                (_, None) => Content::Value(CellValue::Blank),
            };
            check_value(&format!("{}!{}", table.sheet, CellAt::new(row, column)), &content)?;
            if content != Content::Value(CellValue::Blank) || found.style.is_some() {
                changes.insert((row, column), Change { content, style: found.style });
            }
        }
    }
    Ok(changes)
}

/// Whether something lies where the new rows go: a filled cell, another table, a merged range, the table's own totals.
fn is_blocked(workbook: &Workbook, sheet: &Sheet, data: RangeAt, added: u32) -> bool {
    let room = RangeAt::new(
        CellAt::new(data.end.row + 1, data.start.column),
        CellAt::new((data.end.row + added).min(MAX_ROW), data.end.column),
    );
    let on_sheet = |table: &gridkeep_model::workbook::Table| {
        workbook.sheets.get(table.sheet).is_some_and(|other| other.name == sheet.name)
    };
    sheet.range(room).next().is_some()
        || sheet.merged.iter().any(|merged| merged.intersects(&room))
        || workbook.tables.iter().any(|table| on_sheet(table) && table.range.intersects(&room))
}

/// Refuses what cannot make way.
fn check_room(
    sheet: &Sheet,
    data: RangeAt,
    added: u32,
    shift: bool,
    place: &str,
) -> Result<(), WorkbookError> {
    let last = if shift { sheet.used_range().map_or(0, |used| used.end.row) } else { 0 };
    if last.max(data.end.row) + added > MAX_ROW {
        return Err(cannot_write(place, Position::Whole, Reason::BeyondLastRow { rows: added }));
    }
    let crossing = sheet.cells().iter().find_map(|cell| {
        let range = match cell.formula.as_ref()? {
            Formula::Array(_, range) | Formula::Spill(_, range) => *range,
            Formula::Plain(_) => return None,
        };
        (shift && range.start.row <= data.end.row && range.end.row > data.end.row).then_some(range)
    });
    match crossing {
        Some(range) => {
            let reason = Reason::CutsArray { range: range.to_string() };
            Err(cannot_write(place, Position::Row(data.end.row), reason))
        }
        None => Ok(()),
    }
}

/// The cells of a row by column, and the row's tag.
fn last_row(
    edited: &mut Edited<'_>,
    part: &str,
    row: u32,
) -> Result<(BTreeMap<u32, Found>, Option<String>), Fault> {
    let xml = edited.text(part)?;
    let mut cells = BTreeMap::new();
    each_cell(part, &xml, |at, _, found| {
        if at.row == row {
            cells.insert(at.column, found);
        }
        Ok(())
    })?;
    let mut tag = None;
    each_piece(part, &xml, |piece| {
        let raw = &xml[piece.start..piece.end];
        if matches!(piece.kind, PieceKind::Start | PieceKind::Empty)
            && piece.name == "row"
            && markup::get(raw, "r").is_some_and(|r| r == row.to_string())
        {
            tag = Some(raw.to_owned());
        }
        Ok(())
    })?;
    Ok((cells, tag))
}

/// The formulas of calculated columns, by offset, of the table that lies over the block.
fn calculated_columns(
    edited: &mut Edited<'_>,
    sheet_part: &str,
    data: RangeAt,
) -> Result<BTreeMap<u32, String>, Fault> {
    let mut formulas = BTreeMap::new();
    for part in edited.related(sheet_part, &["table"])? {
        let xml = edited.text(&part)?;
        let (mut covers, mut column, mut open) = (false, 0, false);
        each_piece(&part, &xml, |piece| {
            let raw = &xml[piece.start..piece.end];
            match (piece.kind, piece.name.as_ref()) {
                (PieceKind::Start, "table") => {
                    let range = markup::get(raw, "ref").and_then(|range| range.parse::<RangeAt>().ok());
                    covers = range.is_some_and(|range| {
                        range.contains(data.start) && range.start.column == data.start.column
                    });
                }
                (PieceKind::Start | PieceKind::Empty, "tableColumn") => column += 1,
                (PieceKind::Start, "calculatedColumnFormula") => open = covers,
                (PieceKind::End, "calculatedColumnFormula") => open = false,
                (PieceKind::Other, _) if open => {
                    formulas.entry(column - 1).or_insert_with(String::new).push_str(&markup::text(raw));
                }
                _ => {}
            }
            Ok(())
        })?;
    }
    Ok(formulas)
}

/// Makes every part that refers to the sheet follow.
fn adjust_all(edited: &mut Edited<'_>, part: &str, growth: &Growth) -> Result<(), Fault> {
    let sheets: Vec<String> = edited.sheets.iter().filter_map(|sheet| sheet.part.clone()).collect();
    for sheet in &sheets {
        let on_sheet = sheet == part;
        if !on_sheet {
            // A shared formula is written once for many places, which need not change alike.
            let name = growth.sheet.clone();
            edited.change(sheet, |xml| {
                if names(xml, &name) { expand_shared(sheet, xml) } else { Ok(xml.to_owned()) }
            })?;
        }
        edited.change(sheet, |xml| growth.part(sheet, xml, on_sheet))?;
        for table in edited.related(sheet, &["table"])? {
            edited.change(&table, |xml| growth.part(&table, xml, on_sheet))?;
        }
    }
    let workbook = edited.workbook();
    edited.change(&workbook, |xml| growth.part(&workbook, xml, false))?;
    for chart in edited.parts("xl/charts/chart") {
        edited.change(&chart, |xml| growth.part(&chart, xml, false))?;
    }
    let escaped = markup::escape(&growth.sheet).into_owned();
    for cache in edited.parts("xl/pivotcache/pivotcachedefinition") {
        let on_sheet = |xml: &str| xml.contains(&format!("sheet=\"{escaped}\""));
        edited.change(&cache, |xml| growth.part(&cache, xml, on_sheet(xml)))?;
    }
    if growth.shift {
        for beside in edited.related(part, &["drawing", "comments", "threadedComment", "pivotTable"])? {
            edited.change(&beside, |xml| growth.part(&beside, xml, true))?;
        }
        for notes in edited.related(part, &["vmlDrawing"])? {
            // The shapes of notes are an older dialect that need not be XML; then they stay where they are.
            edited.change(&notes, |xml| {
                Ok(growth.part(&notes, xml, true).unwrap_or_else(|_| xml.to_owned()))
            })?;
        }
    }
    Ok(())
}

fn names(xml: &str, sheet: &str) -> bool {
    xml.contains(&*markup::escape(sheet)) || xml.contains(&*markup::escape(&sheet.replace('\'', "''")))
}

/// Shrinks the table over the block when it has no totals below; a table keeps one data row.
fn shrink_table(edited: &mut Edited<'_>, sheet_part: &str, data: RangeAt, gone: u32) -> Result<(), Fault> {
    let end = gone.saturating_sub(1).max(data.start.row);
    for part in edited.related(sheet_part, &["table"])? {
        edited.change(&part, |xml| {
            let mut out = String::with_capacity(xml.len());
            each_piece(&part, xml, |piece| {
                let raw = &xml[piece.start..piece.end];
                let range = match (piece.kind, piece.name.as_ref()) {
                    (PieceKind::Start | PieceKind::Empty, "table" | "autoFilter") => {
                        markup::get(raw, "ref").and_then(|range| range.parse::<RangeAt>().ok())
                    }
                    _ => None,
                };
                match range.filter(|range| range.contains(data.start) && range.end.row == data.end.row) {
                    Some(mut range) => {
                        range.end.row = end;
                        out.push_str(&markup::with(raw, "ref", Some(&range.to_string())));
                    }
                    None => out.push_str(raw),
                }
                Ok(())
            })?;
            Ok(out)
        })?;
    }
    Ok(())
}

/// Gives new rows the height and style of the last one.
fn style_rows(
    part: &str,
    xml: &str,
    rows: std::ops::RangeInclusive<u32>,
    model: Option<&str>,
) -> Result<String, Fault> {
    let Some(model) = model else { return Ok(xml.to_owned()) };
    let kept = ["ht", "customHeight", "s", "customFormat"];
    let values: Vec<(&str, String)> =
        kept.iter().filter_map(|name| markup::get(model, name).map(|value| (*name, value))).collect();
    let mut out = String::with_capacity(xml.len());
    each_piece(part, xml, |piece| {
        let raw = &xml[piece.start..piece.end];
        let is_new = matches!(piece.kind, PieceKind::Start | PieceKind::Empty)
            && piece.name == "row"
            && markup::get(raw, "r").and_then(|r| r.parse().ok()).is_some_and(|row: u32| rows.contains(&row));
        if is_new {
            let tag = values.iter().fold(raw.to_owned(), |tag, (name, value)| {
                if markup::get(&tag, name).is_some() { tag } else { markup::with(&tag, name, Some(value)) }
            });
            out.push_str(&tag);
        } else {
            out.push_str(raw);
        }
        Ok(())
    })?;
    Ok(out)
}
