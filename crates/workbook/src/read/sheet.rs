//! One worksheet: its cells, and what lies around and above them.

use gridkeep_model::{
    RangeAt,
    report::FindingKind,
    workbook::{Link, Sheet, SheetVisibility, Table},
};

use super::{
    budget::Budget,
    cells::{self, Shared},
    drawing,
    package::{Package, Relationships},
    structure,
    xml::{Node, attribute, flag},
};
use crate::{
    error::{Fault, presentable},
    reason::Reason,
};

/// Where a sheet is and what the workbook says of it.
#[derive(Debug)]
pub(crate) struct SheetPlace {
    pub(crate) name: String,
    pub(crate) visibility: SheetVisibility,
    /// Its part; `None` when the package does not hold it.
    pub(crate) part: Option<String>,
    /// The last word of its relationship's type: `worksheet`, `chartsheet`, `xlMacrosheet`.
    pub(crate) kind: String,
}

/// What the sheet's own part points at by relationship.
#[derive(Default)]
struct Pointers {
    drawing: Option<String>,
    links: Vec<(RangeAt, Option<String>, String)>,
}

/// Reads a sheet and its tables; `index` is its place among the sheets.
pub(crate) fn read(
    package: &mut Package<'_>,
    place: &SheetPlace,
    index: usize,
    shared: &Shared,
    budget: &mut Budget<'_>,
) -> Result<(Sheet, Vec<Table>), Fault> {
    let mut sheet = Sheet::new(place.name.as_str(), Vec::new());
    sheet.visibility = place.visibility;
    let Some(part) = &place.part else {
        budget.leave_out(FindingKind::PartIgnored, place.name.clone(), "the sheet is missing in the file");
        return Ok((sheet, Vec::new()));
    };
    if !matches!(place.kind.as_str(), "worksheet" | "chartsheet") {
        let kind =
            if place.kind.contains("acro") { FindingKind::MacroIgnored } else { FindingKind::PartIgnored };
        budget.leave_out(kind, place.name.clone(), "a sheet of a kind that is not read");
        return Ok((sheet, Vec::new()));
    }
    let relationships = package.relationships(part)?;
    let pointers = worksheet(package, part, &mut sheet, shared, budget)?;
    for (range, id, location) in pointers.links {
        let target = id.and_then(|id| relationships.get(&id)).map(|found| found.target.clone());
        let target = match (target, location.as_str()) {
            (Some(target), "") => target,
            (Some(target), location) => format!("{target}#{location}"),
            (None, "") => continue,
            (None, location) => format!("#{location}"),
        };
        budget.text(part, target.len())?;
        sheet.links.push(Link { range, target });
    }
    let drawing = pointers.drawing.and_then(|id| relationships.get(&id)).map(|found| found.target.clone());
    if let Some(drawing) = drawing.filter(|part| package.has(part)) {
        drawing::read(package, &drawing, &mut sheet, budget)?;
    }
    let mut tables = Vec::new();
    for relationship in relationships.of_kind("table").filter(|found| !found.external) {
        tables.extend(structure::table(package, &relationship.target, index, budget)?);
    }
    note_left_out(&relationships, &place.name, budget);
    Ok((sheet, tables))
}

fn worksheet(
    package: &mut Package<'_>,
    part: &str,
    sheet: &mut Sheet,
    shared: &Shared,
    budget: &mut Budget<'_>,
) -> Result<Pointers, Fault> {
    let mut pointers = Pointers::default();
    let mut xml = package.xml(part)?;
    loop {
        let depth = xml.depth();
        match xml.next()? {
            Node::Start(start) => match start.local_name().as_ref() {
                "worksheet" | "chartsheet" if depth == 0 => {}
                name if depth == 0 => {
                    let reason = Reason::NotAWorksheet { name: presentable(name) };
                    return Err(Fault::damaged(part, reason));
                }
                "col" => {
                    let number = |name| -> Result<Option<u32>, Fault> {
                        Ok(attribute(&start, name, part)?.and_then(|number| number.trim().parse().ok()))
                    };
                    if let (Some(first), Some(last), true) =
                        (number("min")?, number("max")?, flag(&start, "hidden", false, part)?)
                    {
                        budget.object(part)?;
                        sheet.hidden_columns.push((first, last));
                    }
                }
                "sheetData" => {
                    let name = sheet.name.clone();
                    let cells = cells::read(&mut xml, &name, shared, budget)?;
                    let empty = std::mem::replace(sheet, Sheet::new(name, cells.cells));
                    sheet.visibility = empty.visibility;
                    sheet.hidden_columns = empty.hidden_columns;
                    sheet.hidden_rows = cells.hidden_rows;
                }
                "mergeCell" => {
                    let text = attribute(&start, "ref", part)?.unwrap_or_default();
                    sheet.merged.extend(structure::ranges(&text, part, budget)?);
                }
                "dataValidation" => {
                    let head = structure::validation_head(&start, part, budget)?;
                    sheet.validations.extend(structure::validation(&mut xml, head, budget)?);
                }
                "hyperlink" => {
                    budget.object(part)?;
                    let range = attribute(&start, "ref", part)?.and_then(|range| range.parse().ok());
                    let id = attribute(&start, "id", part)?.map(std::borrow::Cow::into_owned);
                    let location = attribute(&start, "location", part)?.unwrap_or_default().into_owned();
                    if let Some(range) = range {
                        pointers.links.push((range, id, location));
                    }
                }
                "drawing" => {
                    pointers.drawing = attribute(&start, "id", part)?.map(std::borrow::Cow::into_owned);
                }
                "Fallback" | "conditionalFormatting" | "sparklineGroups" => xml.skip()?,
                _ => {}
            },
            Node::Eof => return Ok(pointers),
            _ => {}
        }
    }
}

/// Notes what hangs on the sheet and is not read, by the relationships that lead to it.
fn note_left_out(relationships: &Relationships, sheet: &str, budget: &mut Budget<'_>) {
    let kinds = [
        ("pivotTable", "pivot table: its last values are kept and not summed up again"),
        ("ctrlProp", "form control"),
        ("control", "ActiveX control"),
        ("oleObject", "embedded document"),
        ("package", "embedded document"),
        ("queryTable", "query to outside data: its last values are kept"),
        ("slicer", "slicer"),
        ("timeline", "timeline"),
        ("comments", "comments"),
        ("threadedComment", "conversation"),
    ];
    for (kind, what) in kinds {
        let count = relationships.of_kind(kind).count();
        if count > 0 {
            let detail = if count == 1 { what.to_owned() } else { format!("{what} ({count})") };
            budget.leave_out(FindingKind::PartIgnored, sheet, detail);
        }
    }
}
