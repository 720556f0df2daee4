//! Packages made in memory, good and hostile, for tests of this crate.
#![expect(clippy::format_push_string, clippy::format_collect, reason = "tests may be slow and plain")]

use std::io::{Cursor, Write};

use gridkeep_model::{Workbook, workbook::Cell};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::Limits;

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";

/// A package under construction: the smallest workbook there is, until parts are put into it.
pub(crate) struct PackageBuilder {
    parts: Vec<(String, Vec<u8>)>,
    sheets: Vec<String>,
    workbook: String,
    relationships: String,
}

impl PackageBuilder {
    /// A workbook with one sheet, `Sheet1`, of this content (what lies within `worksheet`).
    pub(crate) fn sheet(content: &str) -> Self {
        Self { parts: Vec::new(), sheets: Vec::new(), workbook: String::new(), relationships: String::new() }
            .and_sheet("Sheet1", content)
    }

    /// One more sheet.
    pub(crate) fn and_sheet(mut self, name: &str, content: &str) -> Self {
        let number = self.sheets.len() + 1;
        self.sheets.push(name.to_owned());
        let xml = format!(r#"<worksheet xmlns="{MAIN}" xmlns:r="{OFFICE}">{content}</worksheet>"#);
        self.part(&format!("xl/worksheets/sheet{number}.xml"), xml)
    }

    /// Puts a part into the package, in place of one of that name.
    pub(crate) fn part(mut self, name: &str, content: impl Into<Vec<u8>>) -> Self {
        self.parts.retain(|(known, _)| known != name);
        self.parts.push((name.to_owned(), content.into()));
        self
    }

    /// Puts the part into the package and a relationship from the workbook to it.
    pub(crate) fn related(mut self, kind: &str, name: &str, content: impl Into<Vec<u8>>) -> Self {
        let target = name.strip_prefix("xl/").unwrap_or(name).to_owned();
        self.relationships +=
            &format!(r#"<Relationship Id="k{kind}" Type="{OFFICE}/{kind}" Target="{target}"/>"#);
        self.part(name, content)
    }

    /// Adds the relationship file of a part: `(id, kind, target)` each, external when the target has a colon.
    pub(crate) fn relationships(self, part: &str, list: &[(&str, &str, &str)]) -> Self {
        let (folder, file) = part.rsplit_once('/').expect("a part in a folder");
        let entries: String = list
            .iter()
            .map(|(id, kind, target)| {
                let mode = if target.contains(':') { r#" TargetMode="External""# } else { "" };
                format!(r#"<Relationship Id="{id}" Type="{OFFICE}/{kind}" Target="{target}"{mode}/>"#)
            })
            .collect();
        self.part(
            &format!("{folder}/_rels/{file}.rels"),
            format!(r#"<Relationships xmlns="{PACKAGE}">{entries}</Relationships>"#),
        )
    }

    /// Adds to the workbook part, behind the sheets.
    pub(crate) fn workbook(mut self, content: &str) -> Self {
        self.workbook += content;
        self
    }

    /// All parts, those of the workbook included.
    pub(crate) fn parts(self) -> Vec<(String, Vec<u8>)> {
        let (mut sheets, mut relationships) = (String::new(), self.relationships);
        for (index, name) in self.sheets.iter().enumerate() {
            let number = index + 1;
            let name = quick_xml::escape::escape(name);
            sheets += &format!(r#"<sheet name="{name}" sheetId="{number}" r:id="s{number}"/>"#);
            relationships += &format!(
                r#"<Relationship Id="s{number}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>"#
            );
        }
        let types = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#;
        let own = [
            ("[Content_Types].xml", types.to_owned()),
            (
                "_rels/.rels",
                format!(
                    r#"<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
                ),
            ),
            (
                "xl/workbook.xml",
                format!(
                    r#"<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets>{}</workbook>"#,
                    self.workbook
                ),
            ),
            (
                "xl/_rels/workbook.xml.rels",
                format!(r#"<Relationships xmlns="{PACKAGE}">{relationships}</Relationships>"#),
            ),
        ];
        let given = self.parts;
        own.into_iter()
            .filter(|(name, _)| !given.iter().any(|(known, _)| known == name))
            .map(|(name, content)| (name.to_owned(), content.into_bytes()))
            .chain(given.clone())
            .collect()
    }

    /// The package's bytes.
    pub(crate) fn build(self) -> Vec<u8> {
        zipped(&self.parts())
    }

    /// The workbook that is read from it.
    pub(crate) fn read(self) -> Workbook {
        crate::read("test.xlsx", &self.build(), &Limits::default()).expect("a readable workbook")
    }
}

/// The message with which reading these bytes fails.
pub(crate) fn message(bytes: &[u8]) -> String {
    crate::read("test.xlsx", bytes, &Limits::default()).expect_err("an error").to_string()
}

/// A deflated archive of these parts.
pub(crate) fn zipped(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, content) in parts {
        writer.start_file(name, options).expect("a part");
        writer.write_all(content).expect("memory");
    }
    writer.finish().expect("memory").into_inner()
}

/// A cell as one line: `B2 =SUM(A1:A3) → 6 [0.00]`.
pub(crate) fn line(workbook: &Workbook, cell: &Cell) -> String {
    use gridkeep_model::{CellValue, workbook::Formula};
    let mut line = cell.at.to_string();
    match &cell.formula {
        Some(Formula::Plain(text)) => line += &format!(" ={text} →"),
        Some(Formula::Array(text, range)) => line += &format!(" {{={text}}} in {range} →"),
        Some(Formula::Spill(text, range)) => line += &format!(" ={text} spilled to {range} →"),
        None => {}
    }
    line += &match &cell.value {
        CellValue::Blank => " nothing".to_owned(),
        CellValue::Number(number) => format!(" {number}"),
        CellValue::Text(text) => format!(" {text:?}"),
        CellValue::Boolean(truth) => format!(" {truth}").to_uppercase(),
        CellValue::Error(error) => format!(" {error}"),
    };
    if workbook.format(cell) != "General" {
        line += &format!(" [{}]", workbook.format(cell));
    }
    line
}

/// All cells of the first sheet, a line each.
pub(crate) fn lines(workbook: &Workbook) -> String {
    workbook.sheets[0].cells().iter().map(|cell| line(workbook, cell)).collect::<Vec<_>>().join("\n")
}
