//! A workbook as an .xlsx package (ECMA-376 part 1), as far as our reader and engine are concerned: cells, formulas,
//! tables, names, number formats, hidden rows and columns.
//!
//! **Architecture Invariant:** what is read from the package equals the workbook it was written from, drawings, links and
//! validations aside. Parts are compressed as they are written; memory follows the largest part's dictionary of texts.

use std::{
    collections::HashMap,
    io::{BufWriter, Cursor, Write},
    sync::Arc,
};

use gridkeep_model::{
    CellValue, Workbook,
    workbook::{Formula, Sheet, SheetVisibility, Table},
};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{
    error::Fault,
    export::{
        cells::written,
        markup::{escape, escape_cell},
    },
};

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const SHEETML: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";

/// Number formats of one's own begin here.
const FIRST_FORMAT: usize = 164;

/// Says that a formula's results spill (`XLDAPR`, [MS-XLSX] 2.2.4.10); cells refer to its only entry.
const METADATA: &str = r#"<metadata xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:xda="http://schemas.microsoft.com/office/spreadsheetml/2017/dynamicarray"><metadataTypes count="1"><metadataType name="XLDAPR" minSupportedVersion="120000" copy="1" pasteAll="1" pasteValues="1" merge="1" splitFirst="1" rowColShift="1" clearFormats="1" clearComments="1" assign="1" coerce="1" cellMeta="1"/></metadataTypes><futureMetadata name="XLDAPR" count="1"><bk><extLst><ext uri="{bdbb8cdc-fa1e-496e-a857-3c3f30c029c3}"><xda:dynamicArrayProperties fDynamic="1" fCollapsed="0"/></ext></extLst></bk></futureMetadata><cellMetadata count="1"><bk><rc t="1" v="0"/></bk></cellMetadata></metadata>"#;

/// The package's bytes.
pub(super) fn package(workbook: &Workbook) -> Result<Vec<u8>, Fault> {
    write(workbook).map_err(|error| Fault::unreadable("package", &error))
}

type Out = BufWriter<Zip>;

struct Zip(ZipWriter<Cursor<Vec<u8>>>);

impl Write for Zip {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn write(workbook: &Workbook) -> std::io::Result<Vec<u8>> {
    let mut out = BufWriter::with_capacity(1 << 16, Zip(ZipWriter::new(Cursor::new(Vec::new()))));
    let mut texts = Texts::default();
    begin(&mut out, "[Content_Types].xml")?;
    content_types(&mut out, workbook)?;
    begin(&mut out, "_rels/.rels")?;
    relationships(&mut out, [("officeDocument", "xl/workbook.xml".to_owned())])?;
    begin(&mut out, "xl/workbook.xml")?;
    workbook_part(&mut out, workbook)?;
    begin(&mut out, "xl/_rels/workbook.xml.rels")?;
    let sheets = (1..=workbook.sheets.len()).map(|n| ("worksheet", format!("worksheets/sheet{n}.xml")));
    let others = [("styles", "styles"), ("sharedStrings", "sharedStrings"), ("sheetMetadata", "metadata")];
    relationships(&mut out, sheets.chain(others.map(|(kind, part)| (kind, format!("{part}.xml")))))?;
    begin(&mut out, "xl/styles.xml")?;
    styles(&mut out, workbook)?;
    begin(&mut out, "xl/metadata.xml")?;
    out.write_all(METADATA.as_bytes())?;
    for (index, sheet) in workbook.sheets.iter().enumerate() {
        let tables: Vec<usize> =
            (0..workbook.tables.len()).filter(|&table| workbook.tables[table].sheet == index).collect();
        if !tables.is_empty() {
            begin(&mut out, &format!("xl/worksheets/_rels/sheet{}.xml.rels", index + 1))?;
            let parts = tables.iter().map(|table| ("table", format!("../tables/table{}.xml", table + 1)));
            relationships(&mut out, parts)?;
        }
        begin(&mut out, &format!("xl/worksheets/sheet{}.xml", index + 1))?;
        worksheet(&mut out, sheet, tables.len(), &mut texts)?;
    }
    for (index, own) in workbook.tables.iter().enumerate() {
        begin(&mut out, &format!("xl/tables/table{}.xml", index + 1))?;
        table(&mut out, own, index + 1)?;
    }
    begin(&mut out, "xl/sharedStrings.xml")?;
    texts.write(&mut out)?;
    out.flush()?;
    let Zip(writer) = out.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    Ok(writer.finish()?.into_inner())
}

fn begin(out: &mut Out, part: &str) -> std::io::Result<()> {
    out.flush()?;
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    Ok(out.get_mut().0.start_file(part, options)?)
}

fn content_types(out: &mut Out, workbook: &Workbook) -> std::io::Result<()> {
    write!(
        out,
        r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>"#
    )?;
    let mut part = |name: &str, kind: &str| {
        write!(out, r#"<Override PartName="/xl/{name}.xml" ContentType="{SHEETML}.{kind}+xml"/>"#)
    };
    part("workbook", "sheet.main")?;
    part("styles", "styles")?;
    part("sharedStrings", "sharedStrings")?;
    part("metadata", "sheetMetadata")?;
    (1..=workbook.sheets.len()).try_for_each(|n| part(&format!("worksheets/sheet{n}"), "worksheet"))?;
    (1..=workbook.tables.len()).try_for_each(|n| part(&format!("tables/table{n}"), "table"))?;
    write!(out, "</Types>")
}

fn relationships(
    out: &mut Out,
    list: impl IntoIterator<Item = (&'static str, String)>,
) -> std::io::Result<()> {
    write!(out, r#"<Relationships xmlns="{PACKAGE}">"#)?;
    for (index, (kind, target)) in list.into_iter().enumerate() {
        let id = index + 1;
        write!(out, r#"<Relationship Id="r{id}" Type="{OFFICE}/{kind}" Target="{target}"/>"#)?;
    }
    write!(out, "</Relationships>")
}

fn workbook_part(out: &mut Out, workbook: &Workbook) -> std::io::Result<()> {
    write!(out, r#"<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">"#)?;
    if workbook.date_1904 {
        write!(out, r#"<workbookPr date1904="1"/>"#)?;
    }
    write!(out, "<sheets>")?;
    for (index, sheet) in workbook.sheets.iter().enumerate() {
        let state = match sheet.visibility {
            SheetVisibility::Visible => "",
            SheetVisibility::Hidden => r#" state="hidden""#,
            SheetVisibility::VeryHidden => r#" state="veryHidden""#,
        };
        let (n, name) = (index + 1, attribute(&sheet.name));
        write!(out, r#"<sheet name="{name}" sheetId="{n}"{state} r:id="r{n}"/>"#)?;
    }
    write!(out, "</sheets>")?;
    if !workbook.names.is_empty() {
        write!(out, "<definedNames>")?;
        for name in &workbook.names {
            let sheet = name.sheet.map(|sheet| format!(r#" localSheetId="{sheet}""#)).unwrap_or_default();
            let hidden = if name.hidden { r#" hidden="1""# } else { "" };
            let (own, text) = (escape(&name.name), escape_cell(&name.refers_to));
            write!(out, r#"<definedName name="{own}"{sheet}{hidden}>{text}</definedName>"#)?;
        }
        write!(out, "</definedNames>")?;
    }
    let iterate = if workbook.iterative { r#" iterate="1""# } else { "" };
    write!(out, r#"<calcPr{iterate} fullCalcOnLoad="1"/></workbook>"#)
}

/// Number formats and the least of the rest that every program asks for.
fn styles(out: &mut Out, workbook: &Workbook) -> std::io::Result<()> {
    write!(out, r#"<styleSheet xmlns="{MAIN}"><numFmts count="{}">"#, workbook.formats.len())?;
    for (index, code) in workbook.formats.iter().enumerate() {
        write!(
            out,
            r#"<numFmt numFmtId="{}" formatCode="{}"/>"#,
            FIRST_FORMAT + index,
            escape(code).replace('\n', "&#10;")
        )?;
    }
    write!(
        out,
        r#"</numFmts><fonts count="1"><font/></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="{}">"#,
        workbook.formats.len()
    )?;
    for index in 0..workbook.formats.len() {
        write!(out, r#"<xf numFmtId="{}" xfId="0" applyNumberFormat="1"/>"#, FIRST_FORMAT + index)?;
    }
    write!(out, "</cellXfs></styleSheet>")
}

fn worksheet(out: &mut Out, sheet: &Sheet, tables: usize, texts: &mut Texts) -> std::io::Result<()> {
    write!(out, r#"<worksheet xmlns="{MAIN}" xmlns:r="{OFFICE}">"#)?;
    if !sheet.hidden_columns.is_empty() {
        write!(out, "<cols>")?;
        for (first, last) in &sheet.hidden_columns {
            write!(out, r#"<col min="{first}" max="{last}" hidden="1"/>"#)?;
        }
        write!(out, "</cols>")?;
    }
    write!(out, "<sheetData>")?;
    let mut hidden = sheet.hidden_rows.iter().flat_map(|&(first, last)| first..=last).peekable();
    for row in sheet.cells().chunk_by(|a, b| a.at.row == b.at.row) {
        let number = row[0].at.row;
        while let Some(empty) = hidden.next_if(|&at| at < number) {
            write!(out, r#"<row r="{empty}" hidden="1"/>"#)?;
        }
        let state = if hidden.next_if_eq(&number).is_some() { r#" hidden="1""# } else { "" };
        write!(out, r#"<row r="{number}"{state}>"#)?;
        for cell in row {
            write!(out, r#"<c r="{}""#, cell.at)?;
            if cell.style > 0 {
                write!(out, r#" s="{}""#, cell.style)?;
            }
            content(out, cell.formula.as_ref(), &cell.value, texts)?;
        }
        write!(out, "</row>")?;
    }
    for empty in hidden {
        write!(out, r#"<row r="{empty}" hidden="1"/>"#)?;
    }
    write!(out, "</sheetData>")?;
    if !sheet.merged.is_empty() {
        write!(out, "<mergeCells>")?;
        for merged in &sheet.merged {
            write!(out, r#"<mergeCell ref="{merged}"/>"#)?;
        }
        write!(out, "</mergeCells>")?;
    }
    if tables > 0 {
        write!(out, r#"<tableParts count="{tables}">"#)?;
        for n in 1..=tables {
            write!(out, r#"<tablePart r:id="r{n}"/>"#)?;
        }
        write!(out, "</tableParts>")?;
    }
    write!(out, "</worksheet>")
}

/// The rest of a cell, behind its address and style.
fn content(
    out: &mut Out,
    formula: Option<&Formula>,
    value: &CellValue,
    texts: &mut Texts,
) -> std::io::Result<()> {
    if let (None, CellValue::Text(text)) = (formula, value) {
        return write!(out, r#" t="s"><v>{}</v></c>"#, texts.index(text));
    }
    let value = written(value);
    if let Some(kind) = value.as_ref().and_then(|(kind, _)| *kind) {
        write!(out, r#" t="{kind}""#)?;
    }
    if matches!(formula, Some(Formula::Spill(..))) {
        write!(out, r#" cm="1""#)?;
    }
    write!(out, ">")?;
    match formula {
        Some(Formula::Plain(text)) => write!(out, "<f>{}</f>", escape_cell(text))?,
        Some(Formula::Array(text, range) | Formula::Spill(text, range)) => {
            write!(out, r#"<f t="array" ref="{range}">{}</f>"#, escape_cell(text))?;
        }
        None => {}
    }
    if let Some((_, text)) = value {
        write!(out, "<v>{text}</v>")?;
    }
    write!(out, "</c>")
}

fn table(out: &mut Out, table: &Table, id: usize) -> std::io::Result<()> {
    let (name, range) = (escape(&table.name), table.range);
    let (headers, totals) = (u8::from(table.has_headers), u8::from(table.has_totals));
    write!(
        out,
        r#"<table xmlns="{MAIN}" id="{id}" name="{name}" displayName="{name}" ref="{range}" headerRowCount="{headers}" totalsRowCount="{totals}"><tableColumns count="{}">"#,
        table.columns.len()
    )?;
    for (index, column) in table.columns.iter().enumerate() {
        write!(out, r#"<tableColumn id="{}" name="{}""#, index + 1, attribute(&column.name))?;
        match &column.formula {
            Some(formula) => write!(
                out,
                "><calculatedColumnFormula>{}</calculatedColumnFormula></tableColumn>",
                escape_cell(formula)
            )?,
            None => write!(out, "/>")?,
        }
    }
    write!(out, "</tableColumns></table>")
}

/// Text for an attribute that is read with `ST_Xstring`'s escapes: white space other than blanks must be one.
fn attribute(text: &str) -> String {
    escape_cell(text).replace('\n', "_x000A_").replace('\t', "_x0009_")
}

/// The texts of cells, each once.
#[derive(Default)]
struct Texts {
    known: HashMap<Arc<str>, usize>,
    order: Vec<Arc<str>>,
}

impl Texts {
    fn index(&mut self, text: &Arc<str>) -> usize {
        if let Some(&index) = self.known.get(text) {
            return index;
        }
        let index = self.order.len();
        self.known.insert(text.clone(), index);
        self.order.push(text.clone());
        index
    }

    fn write(&self, out: &mut Out) -> std::io::Result<()> {
        write!(out, r#"<sst xmlns="{MAIN}" uniqueCount="{}">"#, self.order.len())?;
        for text in &self.order {
            write!(out, r#"<si><t xml:space="preserve">{}</t></si>"#, escape_cell(text))?;
        }
        write!(out, "</sst>")
    }
}
