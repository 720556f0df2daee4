//! Export: what is edited shows, everything else is as it was.
#![expect(clippy::format_push_string, reason = "tests may be slow and plain")]

use std::io::Read;

use gridkeep_model::{CellAt, CellRef, CellValue, RangeAt, Workbook};
use proptest::prelude::*;

use super::{Edits, TableColumnAt, TableRows, export};
use crate::{
    Limits,
    read::testing::{PackageBuilder, line, lines},
};

fn at(address: &str) -> CellRef {
    address.parse().expect("an address")
}

fn number(number: f64) -> CellValue {
    CellValue::Number(number)
}

fn reread(bytes: &[u8]) -> Workbook {
    crate::read("exported", bytes, &Limits::default()).expect("a readable export")
}

fn part(bytes: &[u8], name: &str) -> Option<String> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("an archive");
    let mut text = String::new();
    archive.by_name(name).ok()?.read_to_string(&mut text).expect("text");
    Some(text)
}

fn rows(range: &str, columns: &[(u32, bool)], rows: &[&[CellValue]]) -> TableRows {
    TableRows {
        sheet: "Sheet1".into(),
        range: range.parse().expect("a range"),
        has_headers: true,
        columns: columns.iter().map(|&(offset, computed)| TableColumnAt { offset, computed }).collect(),
        rows: rows.iter().map(|row| row.to_vec()).collect(),
    }
}

const STYLES: &str =
    r#"<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="2"/><xf numFmtId="10"/></cellXfs></styleSheet>"#;

#[test]
fn cells_are_patched_and_keep_their_style() {
    let original = PackageBuilder::sheet(
        r#"<dimension ref="A1:B2"/><sheetData><row r="1" spans="1:2"><c r="A1" s="1"><v>1</v></c><c r="B1"><f>A1*2</f><v>2</v></c></row>
        <row r="3"/><row r="5"><c r="A5"><f t="shared" ref="A5:A6" si="0">B5+1</f><v>1</v></c></row><row r="6"><c r="A6"><f t="shared" si="0"/><v>1</v></c></row></sheetData>"#,
    )
    .related("styles", "xl/styles.xml", STYLES)
    .related("calcChain", "xl/calcChain.xml", r#"<calcChain><c r="B1" i="1"/></calcChain>"#)
    .related("vbaProject", "xl/vbaProject.bin", "macros stay")
    .build();
    let edits = Edits {
        cells: vec![
            (at("Sheet1!A1"), number(2.5)),
            (at("Sheet1!C1"), CellValue::text("a <b> & \"c\"\r\n _x000D_ ")),
            (at("Sheet1!B3"), CellValue::Boolean(true)),
            (at("Sheet1!A4"), CellValue::Error("#N/A".parse().expect("an error"))),
            (at("Sheet1!A5"), CellValue::Blank),
            (at("Sheet1!D9"), number(-1e-7)),
        ],
        calculated: vec![(at("Sheet1!B1"), number(5.0))],
        tables: Vec::new(),
    };
    let exported = export(&original, &edits).expect("an export");
    let workbook = reread(&exported);
    insta::assert_snapshot!(lines(&workbook), @r#"
    A1 2.5 [0.00]
    B1 =A1*2 → 5
    C1 "a <b> & \"c\"\r\n _x000D_ "
    B3 TRUE
    A4 #N/A
    A6 =B6+1 → 1
    D9 -0.0000001
    "#);
    assert!(workbook.has_macros);
    assert_eq!(part(&exported, "xl/calcChain.xml"), None);
    assert!(!part(&exported, "xl/_rels/workbook.xml.rels").expect("a part").contains("calcChain"));
    assert!(part(&exported, "xl/workbook.xml").expect("a part").contains(r#"<calcPr fullCalcOnLoad="1"/>"#));
    assert!(
        part(&exported, "xl/worksheets/sheet1.xml").expect("a part").contains(r#"<dimension ref="A1:D9"/>"#)
    );
    assert_eq!(part(&exported, "xl/styles.xml").as_deref(), Some(STYLES));
}

fn items() -> PackageBuilder {
    PackageBuilder::sheet(
        r#"<dimension ref="A1:D5"/><sheetData>
        <row r="1"><c r="A1" t="inlineStr"><is><t>Item</t></is></c><c r="B1" t="inlineStr"><is><t>Price</t></is></c><c r="C1" t="inlineStr"><is><t>Gross</t></is></c></row>
        <row r="2" ht="20" customHeight="1"><c r="A2" t="inlineStr"><is><t>a</t></is></c><c r="B2" s="1"><v>1</v></c><c r="C2" s="1"><f t="shared" ref="C2:C3" si="0">B2*1.19</f><v>1.19</v></c></row>
        <row r="3" ht="20" customHeight="1"><c r="A3" t="inlineStr"><is><t>b</t></is></c><c r="B3" s="1"><v>2</v></c><c r="C3" s="1"><f t="shared" si="0"/><v>2.38</v></c><c r="D3"><v>9</v></c></row>
        <row r="4"><c r="B4"><f>SUM(B2:B3)</f><v>3</v></c></row><row r="5"><c r="A5"><f>B4+1</f></c></row></sheetData>
        <mergeCells><mergeCell ref="A5:B5"/></mergeCells><dataValidations><dataValidation type="list" sqref="A2:A3"><formula1>"a,b"</formula1></dataValidation></dataValidations>"#,
    )
    .and_sheet("Other", "<sheetData><row r=\"1\"><c r=\"A1\"><f>SUM(Sheet1!B2:B3)+Sheet1!B4</f></c></row></sheetData>")
    .related("styles", "xl/styles.xml", STYLES)
    .relationships("xl/worksheets/sheet1.xml", &[("t1", "table", "../tables/table1.xml")])
    .part("xl/tables/table1.xml", r#"<table name="x" displayName="Items" ref="A1:C4" totalsRowCount="1"><autoFilter ref="A1:C3"/><tableColumns count="3"><tableColumn id="1" name="Item"/><tableColumn id="2" name="Price"/><tableColumn id="3" name="Gross"><calculatedColumnFormula>B2*1.19</calculatedColumnFormula></tableColumn></tableColumns></table>"#)
    .workbook("<definedNames><definedName name=\"Prices\">Sheet1!$B$2:$B$3</definedName></definedNames>")
}

fn all(workbook: &Workbook) -> String {
    let mut text = String::new();
    for sheet in &workbook.sheets {
        text += &format!("{}:\n", sheet.name);
        for cell in sheet.cells() {
            text += &format!("  {}\n", line(workbook, cell));
        }
        for merged in &sheet.merged {
            text += &format!("  merged {merged}\n");
        }
        for validation in &sheet.validations {
            text += &format!("  validated {}\n", validation.ranges[0]);
        }
    }
    for table in &workbook.tables {
        text += &format!("table {} {}\n", table.name, table.range);
    }
    for name in &workbook.names {
        text += &format!("name {} {}\n", name.name, name.refers_to);
    }
    text
}

#[test]
fn rows_that_are_added_push_down_what_is_below() {
    let text = CellValue::text;
    let table = rows(
        "A1:C3",
        &[(0, false), (1, false), (2, true)],
        &[
            &[text("a"), number(5.0), number(5.95)],
            &[text("b"), number(2.0), number(2.38)],
            &[text("c"), number(7.0), number(8.33)],
            &[text("d"), CellValue::Blank, number(0.0)],
        ],
    );
    let exported =
        export(&items().build(), &Edits { tables: vec![table], ..Edits::default() }).expect("an export");
    insta::assert_snapshot!(all(&reread(&exported)));
    assert!(
        part(&exported, "xl/worksheets/sheet1.xml")
            .expect("a part")
            .contains(r#"<row r="4" ht="20" customHeight="1">"#)
    );
    assert!(
        part(&exported, "xl/tables/table1.xml").expect("a part").contains(r#"<autoFilter ref="A1:C5"/>"#)
    );
}

#[test]
fn what_stands_below_keeps_its_values_and_follows() {
    let original = PackageBuilder::sheet(
        r#"<sheetViews><sheetView><selection activeCell="A9" sqref="A9"/></sheetView></sheetViews><sheetData><row r="1"><c r="A1"><v>7</v></c></row><row r="2"><c r="A2"><v>8</v></c></row><row r="9"><c r="A9"><v>50</v></c><c r="B9"><v>60</v></c></row></sheetData>
        <conditionalFormatting sqref="A1:A2"><cfRule><formula>A1&gt;A9</formula></cfRule></conditionalFormatting><drawing r:id="d"/>"#,
    )
    .relationships("xl/worksheets/sheet1.xml", &[("d", "drawing", "../drawings/drawing1.xml"), ("c", "comments", "../comments1.xml"), ("v", "vmlDrawing", "../drawings/vml1.vml")])
    .part("xl/comments1.xml", r#"<comments><commentList><comment ref="A9"><text><t>9</t></text></comment></commentList></comments>"#)
    .part("xl/drawings/vml1.vml", "<xml><x:ClientData ObjectType=\"Note\"><x:Row>8</x:Row><x:Column>0</x:Column></x:ClientData></xml>")
    .part("xl/drawings/drawing1.xml", "<wsDr><twoCellAnchor><from><col>1</col><row>8</row></from><to><col>9</col><row>20</row></to><graphicFrame><chart r:id=\"c\"/></graphicFrame></twoCellAnchor></wsDr>")
    .relationships("xl/drawings/drawing1.xml", &[("c", "chart", "../charts/chart1.xml")])
    .part("xl/charts/chart1.xml", "<chartSpace><chart><plotArea><lineChart><ser><cat><strRef><f>Sheet1!$A$9:$B$9</f></strRef></cat><val><numRef><f>Sheet1!$A$1:$A$2</f></numRef></val></ser></lineChart></plotArea></chart></chartSpace>")
    .build();
    let list: Vec<Vec<CellValue>> = (1..=12).map(|n| vec![number(f64::from(n))]).collect();
    let slices: Vec<&[CellValue]> = list.iter().map(Vec::as_slice).collect();
    let table = TableRows { has_headers: false, ..rows("A1:A2", &[(0, false)], &slices) };
    let exported = export(&original, &Edits { tables: vec![table], ..Edits::default() }).expect("an export");
    let workbook = reread(&exported);
    let below: Vec<String> = workbook.sheets[0].row(19).iter().map(|cell| line(&workbook, cell)).collect();
    assert_eq!(below, ["A19 50", "B19 60"]);
    let chart = &workbook.sheets[0].charts[0];
    assert_eq!(
        (chart.at.to_string().as_str(), chart.series[0].values.as_str(), chart.series[0].categories.as_str()),
        ("B19", "Sheet1!$A$1:$A$12", "Sheet1!$A$19:$B$19")
    );
    let sheet = part(&exported, "xl/worksheets/sheet1.xml").expect("a part");
    assert!(
        sheet.contains(r#"<conditionalFormatting sqref="A1:A12"><cfRule><formula>A1&gt;A19</formula>"#),
        "{sheet}"
    );
    assert!(sheet.contains(r#"activeCell="A19" sqref="A19""#));
    assert!(part(&exported, "xl/comments1.xml").expect("a part").contains(r#"ref="A19"><text><t>9</t>"#));
    assert!(
        part(&exported, "xl/drawings/vml1.vml").expect("a part").contains("<x:Row>18</x:Row><x:Column>0<")
    );
    assert!(
        part(&exported, "xl/drawings/drawing1.xml")
            .expect("a part")
            .contains("<to><col>9</col><row>30</row>")
    );
}

#[test]
fn rows_that_are_gone_leave_blanks() {
    let table = rows("A1:C3", &[(0, false), (1, false)], &[&[CellValue::text("b"), number(2.0)]]);
    let exported =
        export(&items().build(), &Edits { tables: vec![table], ..Edits::default() }).expect("an export");
    insta::assert_snapshot!(all(&reread(&exported)));
}

#[test]
fn what_does_not_fit_is_refused() {
    let check = |original: PackageBuilder, edits: Edits, expect: &str| {
        assert_eq!(export(&original.build(), &edits).expect_err("a refusal").to_string(), expect);
    };
    let cells = |cell: &str, value: CellValue| Edits { cells: vec![(at(cell), value)], ..Edits::default() };
    check(
        items(),
        cells("Nowhere!A1", number(1.0)),
        "the changes cannot be written into the workbook (Nowhere): the workbook has no sheet of that name",
    );
    check(
        items(),
        cells("Sheet1!A2", CellValue::text("x".repeat(32_768))),
        "the changes cannot be written into the workbook (Sheet1!A2): a text is longer than 32767 characters, which no cell can hold",
    );
    check(
        items(),
        cells("Sheet1!B1", number(1.0)),
        "the changes cannot be written into the workbook (Sheet1!B1): it is a header of the table “Items”",
    );
    let array = PackageBuilder::sheet(
        r#"<sheetData><row r="1"><c r="A1"><v>1</v></c><c r="C1"><f t="array" ref="C1:C4">A1:A4*2</f></c></row><row r="2"><c r="A2"><v>1</v></c></row></sheetData>"#,
    );
    check(
        PackageBuilder::sheet(
            r#"<sheetData><row r="1"><c r="C1"><f t="array" ref="C1:C4">1</f></c></row></sheetData>"#,
        ),
        cells("Sheet1!C2", number(1.0)),
        "the changes cannot be written into the workbook (Sheet1!C2): it is a part of the array formula in C1:C4",
    );
    let mut one = rows("A1:A1", &[(0, false)], &[&[number(1.0)], &[number(2.0)]]);
    one.has_headers = false;
    check(
        array,
        Edits { tables: vec![one], ..Edits::default() },
        "the changes cannot be written into the workbook (Sheet1!A1, row 1): new rows would cut the array formula in C1:C4 in two",
    );
}

#[test]
fn other_writers_dialects_are_kept() {
    let workbook = r#"<x:workbook xmlns:x="m" xmlns:q="o"><x:workbookPr date1904="1"/><x:sheets><x:sheet name="Main" q:id="a"/><x:sheet name="Back" state="hidden" q:id="b"/><x:sheet name="Deep" state="veryHidden" q:id="c"/></x:sheets></x:workbook>"#;
    let relation = |id: &str, target: &str| {
        format!(
            r#"<Relationship Id="{id}" Type="http://purl.oclc.org/ooxml/officeDocument/relationships/worksheet" Target="{target}"/>"#
        )
    };
    let relations = format!(
        "<Relationships>{}{}{}</Relationships>",
        relation("a", "/xl/worksheets/Sheet1.xml"),
        relation("b", "worksheets\\b.xml"),
        relation("c", "./worksheets/../worksheets/c.xml")
    );
    let first = r#"<x:worksheet xmlns:x="m"><x:sheetData><x:row><x:c t="d"><x:v>2026-11-21</x:v></x:c><x:c><x:f>A1+1</x:f><x:v>2</x:v></x:c></x:row><x:row/></x:sheetData></x:worksheet>"#;
    let utf16: Vec<u8> =
        "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-16\"?><worksheet><sheetData/></worksheet>"
            .to_string()
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
    let original = PackageBuilder::sheet("")
        .part("xl/workbook.xml", workbook)
        .part("xl/_rels/workbook.xml.rels", relations)
        .part("xl/worksheets/sheet1.xml", first)
        .part("xl/worksheets/b.xml", utf16)
        .part("xl/worksheets/c.xml", "<worksheet><sheetData></sheetData></worksheet>")
        .build();
    let cells = ["Main!B1", "Main!D1", "Main!A2", "Main!C3", "back!A1", "Deep!B2"]
        .map(|cell| (at(cell), CellValue::text(cell)));
    let exported =
        export(&original, &Edits { cells: cells.to_vec(), ..Edits::default() }).expect("an export");
    insta::assert_snapshot!(all(&reread(&exported)), @r#"
    Main:
      A1 44885
      B1 "Main!B1"
      D1 "Main!D1"
      A2 "Main!A2"
      C3 "Main!C3"
    Back:
      A1 "back!A1"
    Deep:
      B2 "Deep!B2"
    "#);
    let visibility = reread(&exported).sheets.iter().map(|sheet| sheet.visibility).collect::<Vec<_>>();
    assert_eq!(format!("{visibility:?}"), "[Visible, Hidden, VeryHidden]");
    assert!(reread(&exported).date_1904);
    let main = part(&exported, "xl/worksheets/sheet1.xml").expect("a part");
    assert!(main.contains(r#"<x:row r="3"><x:c r="C3" t="inlineStr">"#), "{main}");
    assert!(
        part(&exported, "xl/workbook.xml")
            .expect("a part")
            .contains(r#"</x:sheets><x:calcPr fullCalcOnLoad="1"/>"#)
    );
}

#[test]
fn separated_values_stay_separated() {
    let check = |original: &[u8], edits: Edits, expect: &str| {
        let exported = export(original, &edits).expect("an export");
        assert_eq!(encoding_rs::mem::decode_latin1(&exported), expect);
    };
    let value = |cell: &str, value: CellValue| Edits { cells: vec![(at(cell), value)], ..Edits::default() };
    check(
        b"a;b\r\n1,5;\"x\"\r\n2,5;y\r\n",
        value("Data!A3", number(-0.25)),
        "a;b\r\n1,5;\"x\"\r\n-0,25;y\r\n",
    );
    check(b"a,b\n1,=cmd\n-2,-x\n", value("Data!A2", number(3.0)), "a,b\n3,'=cmd\n-2,'-x\n");
    check(
        b"Stra\xDFe;n\nM\xFCller;1\n",
        value("Data!A2", CellValue::text("K\u{f6}ln; Nord")),
        "Straße;n\n\"Köln; Nord\";1\n",
    );
    check(b"d,p\n21.11.2026,5%\n", value("Data!A2", number(46_348.0)), "d,p\n22.11.2026,5%\n");
    check(b"d,p\n21.11.2026,5%\n", value("Data!B2", number(0.07)), "d,p\n21.11.2026,7 %\n");
    check(b"a,b\n\n1,2\n", value("Data!C4", CellValue::text("+1")), "a,b\n\n1,2\n,,'+1\n");
    let table = |list: &[&[CellValue]]| Edits {
        tables: vec![rows("A1:B3", &[(0, false), (1, false)], list)],
        ..Edits::default()
    };
    let row = |text: &str, n: f64| [CellValue::text(text), number(n)];
    check(
        b"a,b\nx,1\ny,2\nend,9\n",
        table(&[&row("x", 1.0), &row("y", 3.0), &row("=z", 4.0)]),
        "a,b\nx,1\ny,3\n'=z,4\nend,9\n",
    );
    check(b"a,b\nx,1\ny,2\nend,9\n", table(&[&row("y", 2.0)]), "a,b\ny,2\nend,9\n");
}

#[test]
fn every_shared_workbook_comes_back_from_an_export() {
    let Some(shared) = gridkeep_kit::shared() else { return };
    for folder in ["data/workbooks", "data/formulas"] {
        for entry in std::fs::read_dir(shared.join(folder)).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_none_or(|extension| extension != "xlsx" && extension != "xlsm") {
                continue;
            }
            let original = std::fs::read(&path).expect("a file");
            let mut before = reread(&original);
            let sheet = before.sheets[0].name.clone();
            let edit = (CellRef::new(sheet, CellAt::new(3, 2)), CellValue::text("changed"));
            let edits = Edits { cells: vec![edit.clone()], ..Edits::default() };
            let after = reread(&export(&original, &edits).expect("an export"));
            let style = before.sheets[0]
                .cell(edit.0.at)
                .map_or_else(|| after.sheets[0].cell(edit.0.at).expect("a cell").style, |cell| cell.style);
            before.sheets[0].put(gridkeep_model::workbook::Cell {
                at: edit.0.at,
                value: edit.1,
                formula: None,
                style,
            });
            assert!(before == after, "{}", path.display());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is put into whichever cells is there afterwards, and nothing else moved.
    #[test]
    fn edits_are_read_again(edits in prop::collection::btree_map((2_u32..12, 1_u32..8), value(), 1..12)) {
        let original = items().build();
        let mut expect = reread(&original);
        let cells = edits.iter().map(|(&(row, column), value)| (CellRef::new("Sheet1", CellAt::new(row, column)), value.clone())).collect();
        let after = reread(&export(&original, &Edits { cells, ..Edits::default() }).expect("an export"));
        for (&(row, column), value) in &edits {
            let at = CellAt::new(row, column);
            let style = after.sheets[0].cell(at).map_or(0, |cell| cell.style);
            prop_assert_eq!(after.sheets[0].value(at), value);
            expect.sheets[0].put(gridkeep_model::workbook::Cell { at, value: value.clone(), formula: None, style });
        }
        expect.sheets[0].retain(|cell| cell.formula.is_some() || cell.value != CellValue::Blank);
        prop_assert_eq!(after, expect);
    }

    /// Any number of rows comes back as it was given, whatever was there before.
    #[test]
    fn rows_are_read_again(list in prop::collection::vec((value(), value()), 1..9)) {
        let given: Vec<Vec<CellValue>> = list.iter().map(|(a, b)| vec![a.clone(), b.clone()]).collect();
        let slices: Vec<&[CellValue]> = given.iter().map(Vec::as_slice).collect();
        let table = rows("A1:C3", &[(0, false), (1, false)], &slices);
        let after = reread(&export(&items().build(), &Edits { tables: vec![table], ..Edits::default() }).expect("an export"));
        for (index, row) in given.iter().enumerate() {
            for (column, value) in row.iter().enumerate() {
                prop_assert_eq!(after.sheets[0].value(CellAt::new(index as u32 + 2, column as u32 + 1)), value);
            }
            let formula = after.sheets[0].cell(CellAt::new(index as u32 + 2, 3)).and_then(|cell| cell.formula.clone());
            let expect = format!("B{}*1.19", index + 2);
            prop_assert_eq!(formula.as_ref().map(gridkeep_model::workbook::Formula::text), Some(expect.as_str()));
        }
        let end = (given.len() as u32 + 2).max(4);
        let expect: RangeAt = format!("A1:C{end}").parse().expect("a range");
        prop_assert_eq!(after.tables[0].range, expect);
    }
}

proptest! {
    /// Values put into a text file are read again as they were, as far as text can tell what they are.
    #[test]
    fn separated_values_are_read_again(
        numbers in prop::collection::vec((-1e6_f64..1e6).prop_map(|n| (n * 100.0).round() / 100.0), 3..8),
        texts in prop::collection::vec("[a-zß=+@'-][ -~ä€]{0,12}[a-z]", 3..8),
        comma in any::<bool>(),
    ) {
        let original: &[u8] = if comma { b"n;t\r\n1,25;x\r\n2,5;y\r\n" } else { b"n,t\n1.25,x\n2.5,y\n" };
        let list: Vec<Vec<CellValue>> =
            numbers.iter().zip(&texts).map(|(&n, t)| vec![number(n), CellValue::text(t.as_str())]).collect();
        let slices: Vec<&[CellValue]> = list.iter().map(Vec::as_slice).collect();
        let table = rows("A1:B3", &[(0, false), (1, false)], &slices);
        let after = reread(&export(original, &Edits { tables: vec![table], ..Edits::default() }).expect("an export"));
        for (index, row) in list.iter().enumerate() {
            let row_number = index as u32 + 2;
            prop_assert_eq!(after.sheets[0].value(CellAt::new(row_number, 1)), &row[0]);
            prop_assert_eq!(after.sheets[0].value(CellAt::new(row_number, 2)), &row[1]);
        }
    }
}

fn value() -> impl Strategy<Value = CellValue> {
    prop_oneof![
        Just(CellValue::Blank),
        any::<bool>().prop_map(CellValue::Boolean),
        prop::num::f64::NORMAL.prop_map(CellValue::Number),
        "[ -~\t\r\näß€😀\u{1}]{0,20}".prop_map(CellValue::text),
        "_x00[0-9A-F]{2}_".prop_map(CellValue::text),
    ]
}
