//! The workbook part and the order in which everything else is read.

use gridkeep_model::{
    Workbook,
    report::FindingKind,
    workbook::{DefinedName, SheetVisibility},
};

use super::{
    budget::Budget,
    cells::Shared,
    formula, kind, metadata,
    package::{Package, Relationships},
    sheet::{self, SheetPlace},
    strings,
    styles::{self, Formats},
    xml::{Node, attribute, flag, unescape},
};
use crate::reason::Reason;
use crate::{
    Limits,
    error::{Fault, Named, presentable},
};

/// What the workbook part says.
#[derive(Default)]
pub(crate) struct Outline {
    pub(crate) sheets: Vec<SheetPlace>,
    names: Vec<DefinedName>,
    external_ids: Vec<String>,
    date_1904: bool,
    iterative: bool,
}

/// Reads a package as a workbook.
pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<Workbook, Fault> {
    let mut package = Package::open(bytes, limits)?;
    let part = workbook_part(&mut package)?;
    let relationships = package.relationships(&part)?;
    let mut budget = Budget::new(limits);
    let outline = outline(&mut package, &part, &relationships, &mut budget)?;

    let shared = Shared {
        strings: match present(&package, &relationships, "sharedStrings") {
            Some(part) => strings::read(&mut package, &part, limits)?,
            None => Vec::new(),
        },
        formats: match present(&package, &relationships, "styles") {
            Some(part) => styles::read(&mut package, &part, limits)?,
            None => Formats::new(),
        },
        metadata: match present(&package, &relationships, "sheetMetadata") {
            Some(part) => metadata::read(&mut package, &part, limits)?,
            None => metadata::Metadata::default(),
        },
        date_1904: outline.date_1904,
    };

    let (mut sheets, mut tables) = (Vec::with_capacity(outline.sheets.len()), Vec::new());
    for (index, place) in outline.sheets.iter().enumerate() {
        let (sheet, of_sheet) = sheet::read(&mut package, place, index, &shared, &mut budget)?;
        sheets.push(sheet);
        tables.extend(of_sheet);
    }
    let external_links = external_links(&mut package, &relationships, &outline.external_ids)?;
    if relationships.part("connections").is_some() {
        let detail = "connections to outside data are not used; the last values are kept";
        budget.leave_out(FindingKind::PartIgnored, "connections", detail);
    }
    let has_macros = package.names().any(|name| name.ends_with("vbaproject.bin"));
    Ok(Workbook {
        sheets,
        names: outline.names,
        tables,
        formats: shared.formats.codes,
        date_1904: outline.date_1904,
        has_macros,
        external_links,
        iterative: outline.iterative,
        left_out: budget.left_out,
    })
}

/// The name of the workbook part, by the package's own relationships.
pub(crate) fn workbook_part(package: &mut Package<'_>) -> Result<String, Fault> {
    let relationships = package.relationships("")?;
    let part = relationships.part("officeDocument").unwrap_or("xl/workbook.xml").to_owned();
    let other = [".bin", "word/document.xml", "ppt/presentation.xml"];
    let is_workbook = !other.iter().any(|other| part.ends_with(other));
    if is_workbook && package.has(&part) {
        return Ok(part);
    }
    if package.has("xl/workbook.xml") {
        return Ok("xl/workbook.xml".to_owned());
    }
    if is_workbook && relationships.part("officeDocument").is_some() {
        return Err(Fault::damaged("package", Reason::MainPartMissing { part: presentable(&part) }));
    }
    Err(kind::foreign_package(package.names()))
}

fn present(package: &Package<'_>, relationships: &Relationships, kind: &str) -> Option<String> {
    relationships.part(kind).filter(|part| package.has(part)).map(str::to_owned)
}

pub(crate) fn outline(
    package: &mut Package<'_>,
    part: &str,
    relationships: &Relationships,
    budget: &mut Budget<'_>,
) -> Result<Outline, Fault> {
    let mut outline = Outline::default();
    let limits = budget.limits;
    let mut xml = package.xml(part)?;
    loop {
        let depth = xml.depth();
        match xml.next()? {
            Node::Start(start) => match start.local_name().as_ref() {
                "workbook" if depth == 0 => {}
                name if depth == 0 => {
                    let reason = Reason::NotAWorkbook { name: presentable(name) };
                    return Err(Fault::damaged(part, reason));
                }
                "workbookPr" => outline.date_1904 = flag(&start, "date1904", false, part)?,
                "calcPr" => outline.iterative = flag(&start, "iterate", false, part)?,
                "sheet" => {
                    let name = unescape(&attribute(&start, "name", part)?.unwrap_or_default()).into_owned();
                    budget.name(part, Named::Sheet, &name)?;
                    if outline.sheets.len() >= limits.sheets {
                        return Err(Fault::too_large(part, Reason::TooManySheets { most: limits.sheets }));
                    }
                    if name.is_empty() {
                        return Err(Fault::damaged(part, Reason::SheetWithoutName));
                    }
                    let lower = name.to_lowercase();
                    if outline.sheets.iter().any(|sheet| sheet.name.to_lowercase() == lower) {
                        return Err(Fault::damaged(
                            part,
                            Reason::SheetNamedTwice { name: presentable(&name) },
                        ));
                    }
                    let visibility = match attribute(&start, "state", part)?.as_deref() {
                        Some("hidden") => SheetVisibility::Hidden,
                        Some("veryHidden") => SheetVisibility::VeryHidden,
                        _ => SheetVisibility::Visible,
                    };
                    let id = attribute(&start, "id", part)?.unwrap_or_default();
                    let found = relationships.get(&id).filter(|found| !found.external);
                    outline.sheets.push(SheetPlace {
                        name,
                        visibility,
                        part: found.map(|found| found.target.clone()),
                        kind: found.map(|found| found.kind.clone()).unwrap_or_default(),
                    });
                }
                "definedName" => {
                    let name = attribute(&start, "name", part)?.unwrap_or_default().into_owned();
                    budget.name(part, Named::DefinedName, &name)?;
                    budget.object(part)?;
                    let sheet = attribute(&start, "localSheetId", part)?.and_then(|id| id.parse().ok());
                    let hidden = flag(&start, "hidden", false, part)? || name.starts_with("_xlnm.");
                    let text = xml.text()?;
                    budget.text(part, text.len() + name.len())?;
                    let refers_to = formula::plain(unescape(&text).trim());
                    outline.names.push(DefinedName { name, sheet, refers_to, hidden });
                }
                "externalReference" => {
                    budget.object(part)?;
                    outline
                        .external_ids
                        .extend(attribute(&start, "id", part)?.map(std::borrow::Cow::into_owned));
                }
                _ => {}
            },
            Node::Eof => break,
            _ => {}
        }
    }
    if outline.sheets.is_empty() {
        return Err(Fault::damaged(part, Reason::NoSheet));
    }
    let sheets = outline.sheets.len();
    outline.names.retain(|name| name.sheet.is_none_or(|sheet| sheet < sheets));
    Ok(outline)
}

/// What external links point at, in the order formulas count them (`[1]` is the first). Read, never followed.
fn external_links(
    package: &mut Package<'_>,
    relationships: &Relationships,
    ids: &[String],
) -> Result<Vec<String>, Fault> {
    let mut links = Vec::with_capacity(ids.len());
    for id in ids {
        let part = relationships.get(id).filter(|found| !found.external).map(|found| found.target.clone());
        let target = match part {
            Some(part) => {
                let own = package.relationships(&part)?;
                ["externalLinkPath", "oleObject", "xlExternalLinkPath/xlPathMissing", "xlPathMissing"]
                    .iter()
                    .find_map(|kind| own.of_kind(kind).next())
                    .map(|found| found.target.clone())
            }
            None => None,
        };
        links.push(target.unwrap_or_else(|| "unknown".to_owned()));
    }
    Ok(links)
}
