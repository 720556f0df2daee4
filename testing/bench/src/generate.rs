//! Workbooks made for measuring: the same bytes every time, and none of them anybody's data.

use std::{
    fmt::Write as _,
    io::{Cursor, Write as _},
};

use anyhow::Result;
use zip::{ZipWriter, write::SimpleFileOptions};

/// Rows of the sheet that the formulas work over.
const ROWS: usize = 20_000;
const REGIONS: usize = 20;
const PRODUCTS: usize = 200;
/// Products that the summary has a column for.
const COLUMNS: usize = 50;

/// 100,000 formulas: 40,000 look-ups, 59,000 calculations over their results, 1,000 SUMIFS over 20,000 rows.
pub(crate) fn formulas() -> Result<Vec<u8>> {
    let mut data = Sheet::default();
    data.texts(1, &["Id", "Region", "Product", "Quantity", "Price", "Surcharge", "Net", "Gross", "Class"]);
    for index in 0..ROWS {
        let row = index + 2;
        data.begin(row);
        data.number(index + 1);
        data.text(&region(index * 7 % REGIONS));
        data.text(&product(index * 13 % PRODUCTS));
        data.number(index * 31 % 97 + 1);
        data.formula(&format!("VLOOKUP(C{row},Products!$A$2:$B$201,2,FALSE)"));
        data.formula(&format!("INDEX(Regions!$B$2:$B$21,MATCH(B{row},Regions!$A$2:$A$21,0))"));
        data.formula(&format!("D{row}*E{row}"));
        data.formula(&format!("ROUND(G{row}*(1+F{row})*Inputs!$B$3,2)"));
        if index < ROWS - REGIONS * COLUMNS {
            data.formula(&format!("IF(H{row}&gt;Inputs!$B$2,\"high\",\"low\")"));
        }
        data.end();
    }
    let mut summary = Sheet::default();
    summary.begin(1);
    summary.text("Region");
    (0..COLUMNS).for_each(|column| summary.text(&product(column)));
    summary.end();
    for index in 0..REGIONS {
        let row = index + 2;
        summary.begin(row);
        summary.text(&region(index));
        for column in 0..COLUMNS {
            let letters = letters(column + 1);
            summary.formula(&format!(
                "SUMIFS(Data!$H$2:$H$20001,Data!$B$2:$B$20001,$A{row},Data!$C$2:$C$20001,{letters}$1)"
            ));
        }
        summary.end();
    }
    let mut inputs = Sheet::default();
    inputs.texts(1, &["Input", "Value"]);
    for (row, (label, value)) in [("Threshold", 500), ("Factor", 1)].into_iter().enumerate() {
        inputs.begin(row + 2);
        inputs.text(label);
        inputs.number(value);
        inputs.end();
    }
    let mut products = Sheet::default();
    products.texts(1, &["Product", "Price"]);
    (0..PRODUCTS).for_each(|index| products.pair(index + 2, &product(index), index * 3 + 2));
    let mut regions = Sheet::default();
    regions.texts(1, &["Region", "Surcharge"]);
    (0..REGIONS).for_each(|index| regions.pair(index + 2, &region(index), index % 4));
    package(&[
        ("Inputs", inputs),
        ("Data", data),
        ("Summary", summary),
        ("Products", products),
        ("Regions", regions),
    ])
}

/// A list of so many rows, as a warehouse keeps it, without formulas.
pub(crate) fn rows(count: usize) -> Result<Vec<u8>> {
    let mut sheet = Sheet::default();
    sheet.texts(1, &["SKU", "Item", "Category", "Quantity", "Minimum", "Price"]);
    for index in 0..count {
        sheet.begin(index + 2);
        sheet.text(&format!("A{index:06}"));
        sheet.text(&format!("Part {}", index * 7919 % count));
        sheet.text(&region(index * 7 % REGIONS));
        sheet.number(index * 31 % 997);
        sheet.number(index * 17 % 101);
        sheet.number(index * 13 % 499 + 1);
        sheet.end();
    }
    package(&[("Stock", sheet)])
}

fn region(index: usize) -> String {
    format!("Region {index:02}")
}

fn product(index: usize) -> String {
    format!("P{index:03}")
}

fn letters(column: usize) -> String {
    let letter = |index: usize| char::from(b'A' + (index % 26) as u8);
    if column < 26 {
        letter(column).to_string()
    } else {
        format!("{}{}", letter(column / 26 - 1), letter(column))
    }
}

/// A sheet's rows as they are written, cell by cell.
#[derive(Default)]
struct Sheet {
    xml: String,
    row: usize,
    column: usize,
}

impl Sheet {
    fn begin(&mut self, row: usize) {
        (self.row, self.column) = (row, 0);
        self.push(&format!("<row r=\"{row}\">"));
    }

    fn end(&mut self) {
        self.push("</row>");
    }

    fn texts(&mut self, row: usize, texts: &[&str]) {
        self.begin(row);
        for text in texts {
            self.text(text);
        }
        self.end();
    }

    fn pair(&mut self, row: usize, text: &str, number: usize) {
        self.begin(row);
        self.text(text);
        self.number(number);
        self.end();
    }

    fn text(&mut self, text: &str) {
        self.cell(" t=\"inlineStr\"", &format!("<is><t>{text}</t></is>"));
    }

    fn number(&mut self, number: usize) {
        self.cell("", &format!("<v>{number}</v>"));
    }

    fn formula(&mut self, formula: &str) {
        self.cell("", &format!("<f>{formula}</f>"));
    }

    fn cell(&mut self, attributes: &str, content: &str) {
        let address = format!("{}{}", letters(self.column), self.row);
        self.column += 1;
        _ = write!(self.xml, "<c r=\"{address}\"{attributes}>{content}</c>");
    }

    fn push(&mut self, text: &str) {
        self.xml.push_str(text);
    }
}

/// The smallest package that is a workbook (ECMA-376 part 1, section 12).
fn package(sheets: &[(&str, Sheet)]) -> Result<Vec<u8>> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relationships = "http://schemas.openxmlformats.org/package/2006/relationships";
    let types = "http://schemas.openxmlformats.org/package/2006/content-types";
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut part = |name: &str, xml: &str| -> Result<()> {
        zip.start_file(name, SimpleFileOptions::default())?;
        zip.write_all(b"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n")?;
        zip.write_all(xml.as_bytes())?;
        Ok(())
    };
    let (mut list, mut targets, mut overrides) = (String::new(), String::new(), String::new());
    for (index, (name, _)) in sheets.iter().enumerate() {
        let id = index + 1;
        write!(list, "<sheet name=\"{name}\" sheetId=\"{id}\" r:id=\"rId{id}\"/>")?;
        write!(
            targets,
            "<Relationship Id=\"rId{id}\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet{id}.xml\"/>"
        )?;
        write!(
            overrides,
            "<Override PartName=\"/xl/worksheets/sheet{id}.xml\" ContentType=\"{kind}.worksheet+xml\"/>"
        )?;
    }
    part(
        "[Content_Types].xml",
        &format!(
            "<Types xmlns=\"{types}\"><Default Extension=\"rels\" \
             ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
             <Override PartName=\"/xl/workbook.xml\" ContentType=\"{kind}.sheet.main+xml\"/>{overrides}</Types>"
        ),
    )?;
    part(
        "_rels/.rels",
        &format!(
            "<Relationships xmlns=\"{relationships}\"><Relationship Id=\"rId1\" \
             Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
        ),
    )?;
    part(
        "xl/workbook.xml",
        &format!("<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets>{list}</sheets></workbook>"),
    )?;
    part(
        "xl/_rels/workbook.xml.rels",
        &format!("<Relationships xmlns=\"{relationships}\">{targets}</Relationships>"),
    )?;
    for (index, (_, sheet)) in sheets.iter().enumerate() {
        let xml = format!("<worksheet xmlns=\"{main}\"><sheetData>{}</sheetData></worksheet>", sheet.xml);
        part(&format!("xl/worksheets/sheet{}.xml", index + 1), &xml)?;
    }
    Ok(zip.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use gridkeep_workbook::Limits;

    use super::*;

    #[test]
    fn generated_workbooks_are_what_they_claim() {
        let bytes = formulas().expect("a workbook");
        let workbook =
            gridkeep_workbook::read("formulas.xlsx", &bytes, &Limits::default()).expect("readable");
        assert_eq!(workbook.formula_count(), 100_000);
        let bytes = rows(1_000).expect("a workbook");
        let workbook = gridkeep_workbook::read("rows.xlsx", &bytes, &Limits::default()).expect("readable");
        assert_eq!(workbook.sheets[0].cells().len(), 6_006);
    }
}
