//! Readers' copies: what is not theirs is not in them, the rest is as it was.

use std::io::Read;

use gridkeep_engine::{LoadOptions, load};
use gridkeep_model::{
    AppDefinition, CellValue, ImportReport, Workbook,
    report::{Finding, FindingKind},
    workbook::Sheet,
};
use proptest::prelude::*;
use serde_json::json;

use super::{readers_copy, unpublished_cells, write};
use crate::{
    Limits,
    read::testing::{PackageBuilder, line},
};

fn reread(bytes: &[u8]) -> Workbook {
    crate::read("copy", bytes, &Limits::default()).expect("a readable copy")
}

/// All parts of a package, names included, as one text.
fn inside(bytes: &[u8]) -> String {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("an archive");
    let mut all = String::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).expect("a part");
        all.push_str(&file.name().expect("a name"));
        file.read_to_string(&mut all).expect("text");
    }
    all
}

/// A workbook as far as a copy holds it.
fn plain(mut workbook: Workbook) -> Workbook {
    for sheet in &mut workbook.sheets {
        sheet.charts.clear();
        sheet.images.clear();
        sheet.links.clear();
        sheet.validations.clear();
    }
    workbook.has_macros = false;
    workbook.external_links.clear();
    workbook.left_out.clear();
    workbook
}

fn definition(source: &serde_json::Value, offsets: &[u32]) -> AppDefinition {
    let column = |offset: &u32| json!({"id": format!("c{offset}"), "title": "C", "offset": offset, "type": {"name": "text"}, "kind": "text"});
    let columns: Vec<_> = offsets.iter().map(column).collect();
    serde_json::from_value(json!({
        "schemaVersion": 1, "name": "A", "icon": "list", "accent": "#000000", "language": "en", "screens": [],
        "tables": [{"id": "t", "title": "T", "source": source, "columns": columns}]
    }))
    .expect("a definition")
}

fn people() -> PackageBuilder {
    PackageBuilder::sheet(
        r#"<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c><c r="D1" t="s"><v>3</v></c></row>
        <row r="2"><c r="A2" t="s"><v>4</v></c><c r="B2"><v>51234</v></c><c r="C2" t="s"><v>5</v></c><c r="D2"><f>B2*2</f><v>102468</v></c></row>
        <row r="3"><c r="A3" t="s"><v>6</v></c><c r="B3"><f>40000+1999</f><v>41999</v></c><c r="C3"><v>77001</v></c><c r="D3"><f>77123+1</f><v>77124</v></c></row>
        <row r="4"><c r="B4"><f>SUM(B2:B3)</f><v>93233</v></c></row></sheetData>
        <dataValidations><dataValidation type="list" sqref="A2:A3"><formula1>"Adams,Brown"</formula1></dataValidation></dataValidations>
        <hyperlinks><hyperlink ref="A2" location="Adams"/></hyperlinks>"#,
    )
    .and_sheet(
        "Sums",
        r#"<sheetData><row r="1"><c r="A1"><f>Sheet1!B4*2</f><v>186466</v></c><c r="B1"><f>[1]Other!A1+B9</f><v>555001</v></c><c r="C1"><f>[1]Other!A1+Sheet1!B4</f><v>555002</v></c><c r="D1"><f>[1]Other!A1+INDIRECT("Sheet1!B2")</f><v>555003</v></c></row>
        <row r="2"><c r="A2" cm="1"><f t="array" ref="A2:A3">_xlfn._xlws.SORT(Sheet1!A2:A3)</f><v>0</v></c></row><row r="3"><c r="A3" t="s"><v>6</v></c></row>
        <row r="5"><c r="B5"><v>7</v></c><c r="C5"><f t="dataTable" ref="C5:C6" dt2D="0" r1="B9"/><v>888001</v></c></row><row r="6"><c r="B6"><v>8</v></c><c r="C6"><v>888002</v></c></row>
        <row r="4"><c r="C4"><f>A1</f><v>186466</v></c></row>
        <row r="9"><c r="B9"><v>3</v></c></row></sheetData>"#,
    )
    .and_sheet("Pivot", r#"<sheetData><row r="1"><c r="A1" t="s"><v>7</v></c></row><row r="3"><c r="A3" t="s"><v>4</v></c><c r="B3"><v>51234</v></c></row><row r="9"><c r="A9" t="s"><v>8</v></c></row></sheetData>"#)
    .related("sharedStrings", "xl/sharedStrings.xml", "<sst><si><t>Name</t></si><si><t>Pay</t></si><si><t>Note</t></si><si><t>Twice</t></si><si><t>Adams</t></si><si><t>lazy</t></si><si><r><t>Bro</t></r><r><t>wn</t></r></si><si><t>(Adams)</t></si><si><t>Total</t></si></sst>")
    .related("sheetMetadata", "xl/metadata.xml", r#"<metadata><metadataTypes count="1"><metadataType name="XLDAPR"/></metadataTypes><futureMetadata name="XLDAPR" count="1"><bk><extLst><ext><dynamicArrayProperties fDynamic="1"/></ext></extLst></bk></futureMetadata><cellMetadata count="1"><bk><rc t="1" v="0"/></bk></cellMetadata></metadata>"#)
    .relationships("xl/worksheets/sheet1.xml", &[("c", "comments", "../comments1.xml")])
    .part("xl/comments1.xml", "<comments><text><t>Adams is leaving</t></text></comments>")
    .relationships("xl/worksheets/sheet3.xml", &[("p", "pivotTable", "../pivotTables/pivotTable1.xml")])
    .part("xl/pivotTables/pivotTable1.xml", r#"<pivotTableDefinition><location ref="A3:B4" rowPageCount="1" colPageCount="1"/></pivotTableDefinition>"#)
    .relationships("xl/pivotTables/pivotTable1.xml", &[("d", "pivotCacheDefinition", "../pivotCache/pivotCacheDefinition1.xml")])
    .part("xl/pivotCache/pivotCacheDefinition1.xml", r#"<pivotCacheDefinition><cacheSource type="worksheet"><worksheetSource ref="A1:D3" sheet="Sheet1"/></cacheSource><sharedItems><s v="Adams"/></sharedItems></pivotCacheDefinition>"#)
}

fn report() -> ImportReport {
    let finding =
        |place: &str| Finding { kind: FindingKind::ExternalLink, place: place.into(), detail: String::new() };
    let findings = ["Sums!B1", "Sums!C1", "Sums!D1"].map(finding).to_vec();
    ImportReport { findings, ..ImportReport::default() }
}

#[test]
fn nothing_of_the_rows_is_in_the_copy() {
    let original = people().build();
    let workbook = reread(&original);
    // The note is in the file and not in the app.
    let definition = definition(&json!({"from": "range", "sheet": "Sheet1", "range": "A1:D3"}), &[0, 1]);
    let copy = readers_copy(&original, &workbook, &definition, &report()).expect("a copy");
    let all = inside(&copy);
    for secret in [
        "Adams", "Brown", "lazy", "51234", "41999", "40000", "1999", "93233", "186466", "77001", "77123",
        "77124", "555002", "555003", "888",
    ] {
        assert!(!all.contains(secret), "{secret} is in the copy");
    }
    assert!(inside(&original).contains("Adams"));
    let read = reread(&copy);
    let shown: Vec<String> = read
        .sheets
        .iter()
        .flat_map(|sheet| sheet.cells().iter().map(|cell| format!("{}!{}", sheet.name, line(&read, cell))))
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    Sheet1!A1 "Name"
    Sheet1!B1 "Pay"
    Sheet1!C1 "Note"
    Sheet1!D1 "Twice"
    Sheet1!D2 =B2*2 → nothing
    Sheet1!B4 =SUM(B2:B3) → nothing
    Sums!A1 =Sheet1!B4*2 → nothing
    Sums!B1 =[1]Other!A1+B9 → 555001
    Sums!C1 =[1]Other!A1+Sheet1!B4 → nothing
    Sums!D1 =[1]Other!A1+INDIRECT("Sheet1!B2") → nothing
    Sums!A2 =SORT(Sheet1!A2:A3) spilled to A2:A3 → nothing
    Sums!C4 =A1 → nothing
    Sums!B5 7
    Sums!B6 8
    Sums!B9 3
    Pivot!A9 "Total"
    "#);
    let left_out: Vec<String> =
        unpublished_cells(&workbook, &definition).iter().map(|(cell, _)| cell.to_string()).collect();
    assert_eq!(left_out, ["Sheet1!C2", "Sheet1!C3", "Sheet1!D3"]);
}

#[test]
fn a_pivot_table_over_other_cells_stays() {
    let elsewhere = r#"<pivotCacheDefinition><cacheSource type="worksheet"><worksheetSource ref="B8:B9" sheet="Sums"/></cacheSource></pivotCacheDefinition>"#;
    let check = |source: &str, stays: bool| {
        let original = people().part("xl/pivotCache/pivotCacheDefinition1.xml", source).build();
        let definition = definition(&json!({"from": "range", "sheet": "Sheet1", "range": "A1:D3"}), &[0]);
        let copy = readers_copy(&original, &reread(&original), &definition, &report()).expect("a copy");
        let kept = reread(&copy).sheets[2].value("B3".parse().expect("an address")).clone();
        assert_eq!(kept != CellValue::Blank, stays, "{source}");
    };
    check(elsewhere, true);
    check(&elsewhere.replace("Sums", "Sheet1").replace("B8:B9", "B3:B9"), false);
    // The total that the pivot table sums up was calculated from the rows.
    check(&elsewhere.replace("B8:B9", "A1:A1"), false);
    check("<pivotCacheDefinition/>", false);
}

#[test]
fn an_app_without_tables_gets_the_original() {
    let original = people().build();
    let mut definition = definition(&json!({"from": "table", "name": "none"}), &[]);
    definition.tables.clear();
    let copy = readers_copy(&original, &reread(&original), &definition, &report()).expect("a copy");
    assert_eq!(copy, original);
}

#[test]
fn numbers_of_a_mixed_column_are_still_known() {
    let original = people().build();
    let workbook = reread(&original);
    let definition = definition(&json!({"from": "range", "sheet": "Sheet1", "range": "A1:D3"}), &[0, 2]);
    let copy = reread(&readers_copy(&original, &workbook, &definition, &report()).expect("a copy"));
    let table = &definition.tables[0];
    for workbook in [&workbook, &copy] {
        let back = gridkeep_engine::rows::Back::of(workbook, table);
        let number = gridkeep_model::Value::Text("12".into());
        assert_eq!(back.cell(0, &number), CellValue::text("12"));
        assert_eq!(back.cell(1, &number), CellValue::Number(12.0));
    }
}

#[test]
fn every_shared_workbook_is_written_as_it_was_read() {
    let Some(shared) = gridkeep_kit::shared() else { return };
    for folder in ["data/workbooks", "data/formulas"] {
        for entry in std::fs::read_dir(shared.join(folder)).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_none_or(|extension| extension != "xlsx" && extension != "xlsm") {
                continue;
            }
            let workbook = plain(reread(&std::fs::read(&path).expect("a file")));
            let written = reread(&write::package(&workbook).expect("a package"));
            assert!(written == workbook, "{}", path.display());
        }
    }
}

/// Whatever calculates without rows calculates the same in the copy.
#[test]
fn calculators_calculate_the_same() {
    let Some(shared) = gridkeep_kit::shared() else { return };
    let options = LoadOptions::at(jiff::civil::date(2026, 11, 21).at(12, 0, 0, 0));
    for name in ["loan_calculator", "price_quote_de"] {
        let bytes = std::fs::read(shared.join(format!("data/workbooks/{name}.xlsx"))).expect("a file");
        let workbook = reread(&bytes);
        let (engine, _) = load(&workbook, &options).expect("an engine");
        let copy = reread(&write::package(&plain(workbook.clone())).expect("a package"));
        let (again, _) = load(&copy, &options).expect("an engine");
        for sheet in &workbook.sheets {
            for cell in sheet.cells() {
                let at = gridkeep_model::CellRef::new(sheet.name.clone(), cell.at);
                assert_eq!(engine.value(&at), again.value(&at), "{name} {at}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn values_are_read_again(
        values in prop::collection::btree_map((1_u32..40, 1_u32..9), value(), 1..30),
        name in "[ -~\t\näß€]{1,20}",
        hidden in prop::collection::btree_set(1_u32..60, 0..8),
    ) {
        let cells = values.into_iter().map(|((row, column), value)| gridkeep_model::workbook::Cell {
            at: gridkeep_model::CellAt::new(row, column), value, formula: None, style: 0,
        }).filter(|cell| cell.value != CellValue::Blank).collect();
        let mut sheet = Sheet::new(name.as_str(), cells);
        for row in hidden {
            match sheet.hidden_rows.last_mut() {
                Some((_, last)) if *last + 1 == row => *last = row,
                _ => sheet.hidden_rows.push((row, row)),
            }
        }
        let workbook = Workbook { sheets: vec![sheet], formats: vec!["General".into()], ..Workbook::default() };
        prop_assert_eq!(reread(&write::package(&workbook).expect("a package")), workbook);
    }
}

fn value() -> impl Strategy<Value = CellValue> {
    prop_oneof![
        any::<bool>().prop_map(CellValue::Boolean),
        prop::num::f64::NORMAL.prop_map(CellValue::Number),
        "[ -~\t\r\näß€😀\u{1}]{0,20}".prop_map(CellValue::text),
        "_x00[0-9A-F]{2}_".prop_map(CellValue::text),
    ]
}
