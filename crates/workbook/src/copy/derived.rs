//! Cells that look like constants and were derived from others by something no formula shows: pivot tables and what-if
//! tables.

use gridkeep_model::{CellAt, CellRef, RangeAt, RangeRef, Workbook};

use crate::{
    Limits,
    error::Fault,
    read::{
        budget::Budget,
        kind,
        package::Package,
        xlsx,
        xml::{Node, attribute},
    },
};

/// A derived block.
pub(super) struct Derived {
    /// Index of its sheet.
    pub(super) sheet: usize,
    /// Where its results are.
    pub(super) shown: RangeAt,
    /// What they were derived from; a range on no sheet when that is not known.
    pub(super) reads: Vec<RangeRef>,
}

/// All pivot tables and what-if tables.
pub(super) fn find(original: &[u8], workbook: &Workbook, limits: &Limits) -> Result<Vec<Derived>, Fault> {
    if matches!(kind::kind(original)?, kind::Kind::Text) {
        return Ok(Vec::new());
    }
    let mut package = Package::open(original, limits)?;
    let part = xlsx::workbook_part(&mut package)?;
    let relationships = package.relationships(&part)?;
    let mut budget = Budget::new(limits);
    let outline = xlsx::outline(&mut package, &part, &relationships, &mut budget)?;
    let mut found = Vec::new();
    // What-if tables are told of only when there are any, so other sheets need not be read again.
    let what_if = workbook.left_out.iter().any(|finding| finding.detail.contains("what-if"));
    for (index, place) in outline.sheets.iter().enumerate() {
        let Some(part) = &place.part else { continue };
        if what_if && package.has(part) {
            what_if_tables(&mut package, part, index, &place.name, &mut found)?;
        }
        let pivots = package.relationships(part)?;
        for pivot in pivots.of_kind("pivotTable").filter(|pivot| !pivot.external) {
            if package.has(&pivot.target) {
                found.extend(pivot_table(&mut package, &pivot.target, index, workbook)?);
            }
        }
    }
    Ok(found)
}

fn what_if_tables(
    package: &mut Package<'_>,
    part: &str,
    sheet: usize,
    name: &str,
    found: &mut Vec<Derived>,
) -> Result<(), Fault> {
    let mut xml = package.xml(part)?;
    loop {
        match xml.next()? {
            Node::Start(start) if start.local_name().as_ref() == "f" => {
                if attribute(&start, "t", part)?.as_deref() != Some("dataTable") {
                    continue;
                }
                let range = attribute(&start, "ref", part)?.and_then(|range| range.parse::<RangeAt>().ok());
                let Some(shown) = range else { continue };
                // The formulas it tries stand above it and to its left.
                let corner = CellAt::new((shown.start.row - 1).max(1), (shown.start.column - 1).max(1));
                let reads = vec![
                    RangeRef::new(name, RangeAt::new(corner, CellAt::new(corner.row, shown.end.column))),
                    RangeRef::new(name, RangeAt::new(corner, CellAt::new(shown.end.row, corner.column))),
                ];
                found.push(Derived { sheet, shown, reads });
            }
            Node::Eof => return Ok(()),
            _ => {}
        }
    }
}

fn pivot_table(
    package: &mut Package<'_>,
    part: &str,
    sheet: usize,
    workbook: &Workbook,
) -> Result<Option<Derived>, Fault> {
    let Some(shown) = pivot_place(package, part)? else { return Ok(None) };
    let relationships = package.relationships(part)?;
    let cache = relationships.part("pivotCacheDefinition").map(str::to_owned);
    let source = match cache.filter(|part| package.has(part)) {
        Some(cache) => pivot_source(package, &cache, workbook)?,
        None => None,
    };
    // A source that cannot be told may be any cell.
    let reads = source.unwrap_or_else(|| RangeRef::new("", RangeAt::cell(CellAt::new(1, 1))));
    Ok(Some(Derived { sheet, shown, reads: vec![reads] }))
}

/// Where a pivot table is, its filters included.
fn pivot_place(package: &mut Package<'_>, part: &str) -> Result<Option<RangeAt>, Fault> {
    let mut shown = None;
    let mut xml = package.xml(part)?;
    loop {
        match xml.next()? {
            Node::Start(start) if start.local_name().as_ref() == "location" => {
                let number = |name| -> Result<u32, Fault> {
                    Ok(attribute(&start, name, part)?.and_then(|n| n.trim().parse().ok()).unwrap_or(0))
                };
                let range = attribute(&start, "ref", part)?.and_then(|range| range.parse::<RangeAt>().ok());
                // Above the table stand its filters, a blank row between.
                let (rows, columns) = (number("rowPageCount")?, number("colPageCount")?);
                shown = range.map(|mut range| {
                    if rows > 0 {
                        range.start.row = range.start.row.saturating_sub(rows.saturating_add(1)).max(1);
                        let width = columns.max(1).saturating_mul(3);
                        let right = range.start.column.saturating_add(width);
                        range.end.column = range.end.column.max(right.min(16_384));
                    }
                    range
                });
            }
            Node::Eof => return Ok(shown),
            _ => {}
        }
    }
}

fn pivot_source(
    package: &mut Package<'_>,
    part: &str,
    workbook: &Workbook,
) -> Result<Option<RangeRef>, Fault> {
    let mut xml = package.xml(part)?;
    loop {
        match xml.next()? {
            Node::Start(start) if start.local_name().as_ref() == "worksheetSource" => {
                let text = |name| -> Result<Option<String>, Fault> {
                    Ok(attribute(&start, name, part)?.map(std::borrow::Cow::into_owned))
                };
                if text("id")?.is_some() {
                    return Ok(None);
                }
                if let (Some(sheet), Some(range)) = (text("sheet")?, text("ref")?) {
                    return Ok(range.parse().ok().map(|range| RangeRef::new(sheet, range)));
                }
                let Some(name) = text("name")? else { return Ok(None) };
                if let Some(table) = workbook.table(&name) {
                    let sheet = workbook.sheets.get(table.sheet);
                    return Ok(sheet.map(|sheet| RangeRef::new(sheet.name.clone(), table.range)));
                }
                let named = workbook.names.iter().find(|own| own.name.eq_ignore_ascii_case(&name));
                return Ok(named.and_then(|named| reference(&named.refers_to)));
            }
            Node::Eof => return Ok(None),
            _ => {}
        }
    }
}

fn reference(text: &str) -> Option<RangeRef> {
    let range = text.parse::<RangeRef>().ok();
    range.or_else(|| {
        text.parse::<CellRef>().ok().map(|cell| RangeRef::new(cell.sheet, RangeAt::cell(cell.at)))
    })
}
