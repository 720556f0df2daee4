//! What is drawn on a sheet: charts and pictures, and where (ECMA-376 part 1, section 20.5).

use gridkeep_model::{
    CellAt,
    address::{MAX_COLUMN, MAX_ROW},
    report::FindingKind,
    workbook::{Chart, Image, Sheet},
};

use super::{
    budget::Budget,
    chart,
    package::Package,
    xml::{Node, attribute},
};
use crate::error::Fault;

/// Something anchored to a cell, before its own part is read.
#[derive(Debug, Default)]
struct Anchored {
    row: u32,
    column: u32,
    chart: Option<String>,
    picture: Option<String>,
    description: String,
    /// A drawing of a kind that is not shown: a newer chart, a shape.
    other: bool,
}

/// Reads a drawing part into the sheet.
pub(crate) fn read(
    package: &mut Package<'_>,
    part: &str,
    sheet: &mut Sheet,
    budget: &mut Budget<'_>,
) -> Result<(), Fault> {
    let anchors = anchors(package, part, budget)?;
    let relationships = package.relationships(part)?;
    let target =
        |id: &str| relationships.get(id).filter(|found| !found.external).map(|found| found.target.clone());
    let mut shapes = 0;
    for anchor in anchors {
        let at = CellAt::new((anchor.row + 1).min(MAX_ROW), (anchor.column + 1).min(MAX_COLUMN));
        if let Some(chart) = anchor.chart.as_deref().and_then(target).filter(|part| package.has(part)) {
            let (kind, title, series) = chart::read(package, &chart, budget)?;
            sheet.charts.push(Chart { at, kind, title, series });
        } else if let Some(part) = anchor.picture.as_deref().and_then(target) {
            sheet.images.push(Image { at, part, description: anchor.description });
        } else if anchor.other {
            shapes += 1;
        }
    }
    if shapes > 0 {
        let detail = format!("{shapes} drawn shapes or charts of a newer kind are not shown");
        budget.leave_out(FindingKind::PartIgnored, sheet.name.to_string(), detail);
    }
    Ok(())
}

fn anchors(package: &mut Package<'_>, part: &str, budget: &mut Budget<'_>) -> Result<Vec<Anchored>, Fault> {
    let mut xml = package.xml(part)?;
    let mut anchors: Vec<Anchored> = Vec::new();
    let mut in_from = false;
    loop {
        match xml.next()? {
            Node::Start(start) => {
                let name = start.local_name();
                match name.as_ref() {
                    "twoCellAnchor" | "oneCellAnchor" | "absoluteAnchor" => {
                        budget.object(part)?;
                        anchors.push(Anchored::default());
                        continue;
                    }
                    "Fallback" => {
                        xml.skip()?;
                        continue;
                    }
                    "from" => in_from = true,
                    "to" => in_from = false,
                    _ => {}
                }
                let Some(anchor) = anchors.last_mut() else { continue };
                match name.as_ref() {
                    "row" | "col" if in_from => {
                        let is_row = name.as_ref() == "row";
                        let number = xml.text()?.trim().parse().unwrap_or(0);
                        if is_row { anchor.row = number } else { anchor.column = number }
                    }
                    "chart" => match attribute(&start, "id", part)? {
                        Some(id) => anchor.chart = Some(id.into_owned()),
                        None => anchor.other = true,
                    },
                    "blip" => {
                        anchor.picture = attribute(&start, "embed", part)?.map(std::borrow::Cow::into_owned);
                    }
                    "cNvPr" if anchor.description.is_empty() => {
                        anchor.description =
                            attribute(&start, "descr", part)?.unwrap_or_default().into_owned();
                        budget.text(part, anchor.description.len())?;
                    }
                    "sp" | "cxnSp" => anchor.other = true,
                    _ => {}
                }
            }
            Node::Eof => return Ok(anchors),
            _ => {}
        }
    }
}
