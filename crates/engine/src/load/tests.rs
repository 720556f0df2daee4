//! Loading and calculating: tables, names, spills and the report.

use gridkeep_model::{
    CellAt, CellRef, CellValue, RangeRef, Workbook,
    workbook::{Cell, DefinedName, Formula, Sheet, Table, TableColumn},
};

use super::*;

fn at(address: &str) -> CellAt {
    address.parse().expect("a cell address")
}

fn cell(address: &str, content: &str) -> Cell {
    let (value, formula) = match content.strip_prefix('=') {
        Some(formula) => (CellValue::Number(-1.0), Some(Formula::Plain(formula.into()))),
        None => match content.parse() {
            Ok(number) => (CellValue::Number(number), None),
            Err(_) => (CellValue::text(content), None),
        },
    };
    Cell { at: at(address), value, formula, style: 0 }
}

fn workbook(cells: &[(&str, &str)]) -> Workbook {
    let cells = cells.iter().map(|(address, content)| cell(address, content)).collect();
    Workbook { sheets: vec![Sheet::new("S", cells)], ..Workbook::default() }
}

fn options() -> LoadOptions {
    LoadOptions::at("2026-11-21T20:00:00".parse().expect("a moment"))
}

fn show(engine: &dyn Engine, address: &str) -> String {
    match engine.value(&CellRef::new("S", at(address))) {
        CellValue::Blank => String::new(),
        CellValue::Number(number) => number.to_string(),
        CellValue::Text(text) => format!("“{text}”"),
        CellValue::Boolean(boolean) => boolean.to_string(),
        CellValue::Error(error) => error.to_string(),
    }
}

#[test]
fn formulas_ignore_what_the_file_cached() {
    let check = |cells: &[(&str, &str)], address: &str, expect: &str| {
        let (engine, _) = load(&workbook(cells), &options()).expect("loads");
        assert_eq!(show(&*engine, address), expect, "{cells:?}");
    };
    check(&[("A1", "2"), ("A2", "=A1*21")], "A2", "42");
    check(&[("A1", "2"), ("B1", "5"), ("D3", "=A1:C1")], "D3", "#VALUE!");
    check(&[("A1", "2"), ("B1", "5"), ("B3", "=A1:C1")], "B3", "5");
    check(&[("A1", "=TODAY()")], "A1", "46347");
    check(&[("A1", "=B1")], "A1", "0");
    check(&[("A1", "=A1+1")], "A1", "#CIRC!");
    check(&[("A1", "=NOSUCH(1)")], "A1", "#NAME?");
    check(&[("A1", "=SUM(B:B)"), ("B7", "3")], "A1", "3");
}

#[test]
fn arrays_and_spills_fill_their_range() {
    let mut book = workbook(&[("A1", "1"), ("A2", "2"), ("A3", "3"), ("D1", "9"), ("D2", "9"), ("D3", "9")]);
    let range = "C1:C3".parse().expect("a range");
    for (address, formula) in [
        ("C1", Formula::Array("A1:A3*10".into(), range)),
        ("E1", Formula::Spill("A1:A3+D1:D3".into(), "E1:E3".parse().expect("a range"))),
    ] {
        book.sheets[0].put(Cell {
            at: at(address),
            value: CellValue::Number(0.0),
            formula: Some(formula),
            style: 0,
        });
    }
    for address in ["C2", "C3", "E2", "E3"] {
        book.sheets[0].put(cell(address, "-7"));
    }
    let (mut engine, _) = load(&book, &options()).expect("loads");
    assert_eq!(
        ["C1", "C2", "C3", "E1", "E2", "E3"].map(|a| show(&*engine, a)),
        ["10", "20", "30", "10", "11", "12"]
    );
    engine.set(&[(CellRef::new("S", at("A2")), CellValue::Number(5.0))]).expect("enters");
    engine.recalculate(&Cancel::new()).expect("calculates");
    assert_eq!(["C2", "E2"].map(|a| show(&*engine, a)), ["50", "14"]);
}

#[test]
fn what_is_repeated_depends_on_all_it_reads() {
    let mut book = workbook(&[
        ("A1", "1"),
        ("A2", "2"),
        ("A3", "2"),
        ("B1", "10"),
        ("B2", "=SUMPRODUCT(SUMIFS(A1:A3,A1:A3,C1:C2))"),
        ("B3", "=SUM(MAP(A1:A3,LAMBDA(a,a*B1)))"),
        ("C1", "1"),
        ("C2", "7"),
    ]);
    let spill = Formula::Spill("COUNTIF(A1:A3,A1:A3)".into(), "D1:D3".parse().expect("a range"));
    book.sheets[0].put(Cell { at: at("D1"), value: CellValue::Blank, formula: Some(spill), style: 0 });
    let (mut engine, report) = load(&book, &options()).expect("loads");
    assert_eq!((report.formulas, report.supported, report.findings.len()), (3, 3, 0));
    let cells = ["B2", "B3", "D1", "D2", "D3"];
    assert_eq!(cells.map(|a| show(&*engine, a)), ["1", "50", "1", "2", "2"]);
    for (cell, value) in [("A1", 2.0), ("B1", 1.0), ("C2", 2.0)] {
        engine.set(&[(CellRef::new("S", at(cell)), CellValue::Number(value))]).expect("enters");
    }
    engine.recalculate(&Cancel::new()).expect("calculates");
    assert_eq!(cells.map(|a| show(&*engine, a)), ["6", "6", "3", "3", "3"]);
    engine.insert_rows("S", 2, 1).expect("inserts");
    engine.recalculate(&Cancel::new()).expect("calculates");
    let formula = |address: &str| engine.formula(&CellRef::new("S", at(address))).unwrap_or_default();
    assert_eq!(formula("B3"), "SUMPRODUCT(SUMIFS(A1:A4, A1:A4, C1:C3))");
    assert_eq!(formula("B4"), "SUM(MAP(A1:A4, LAMBDA(a, a * B1)))");
    assert_eq!(show(&*engine, "B3"), "6");
}

#[test]
fn names_and_tables_resolve() {
    let mut book =
        workbook(&[("A1", "Item"), ("B1", "Qty"), ("A2", "x"), ("B2", "3"), ("A3", "y"), ("B3", "4")]);
    book.sheets[0].put(cell("D1", "=SUM(Stock[Qty])*Factor"));
    book.sheets[0].put(cell("C3", "=Stock[[#This Row],[Qty]]*2"));
    book.sheets[0].put(cell("D2", "=SUM(Everything)"));
    let name = |name: &str, refers_to: &str| DefinedName {
        name: name.into(),
        sheet: None,
        refers_to: refers_to.into(),
        hidden: false,
    };
    book.names = vec![name("Factor", "10"), name("Everything", "S!$B$2:$B$3"), name("First", "S!$B$2")];
    let column = |name: &str| TableColumn { name: name.into(), formula: None };
    book.tables.push(Table {
        name: "Stock".into(),
        sheet: 0,
        range: "A1:C3".parse().expect("a range"),
        has_headers: true,
        has_totals: false,
        columns: vec![column("Item"), column("Qty"), column("Double")],
    });
    let (engine, report) = load(&book, &options()).expect("loads");
    assert_eq!(["D1", "C3", "D2"].map(|a| show(&*engine, a)), ["70", "8", "7"]);
    let shown = |range: Option<RangeRef>| range.map_or_else(String::new, |range| range.to_string());
    assert_eq!(shown(engine.resolve("everything")), "S!B2:B3");
    assert_eq!(shown(engine.resolve("stock")), "S!A2:C3");
    assert_eq!(shown(engine.resolve("Factor")), "");
    let precedents = engine.precedents(&CellRef::new("S", at("D1")));
    assert_eq!(precedents.iter().map(ToString::to_string).collect::<Vec<_>>(), ["S!B2:B3"]);
    assert_eq!((report.formulas, report.supported), (3, 3));
}

#[test]
fn the_report_names_what_is_not_whole() {
    let book = workbook(&[
        ("A1", "=NOSUCH(1)+OTHER(2)"),
        ("A2", "=SUM(("),
        ("A3", "=[1]Sheet1!A1"),
        ("A4", "=NOW()"),
        ("A5", "=A6"),
        ("A6", "=A5"),
        ("A7", "=1+1"),
    ]);
    let (engine, report) = load(&book, &options()).expect("loads");
    let findings: Vec<String> =
        report.findings.iter().map(|f| format!("{:?} {} {}", f.kind, f.place, f.detail)).collect();
    insta::assert_snapshot!(findings.join("\n"));
    assert_eq!((report.formulas, report.supported), (7, 2));
    assert_eq!(show(&*engine, "A3"), "-1", "the last known value stays");
}

#[test]
fn names_with_locals_are_reported() {
    let mut book = workbook(&[
        ("A1", "=SUM(MAP({1,2},Double))"),
        ("A2", "=Double(3)"),
        ("A3", "=Twice+1"),
        ("A4", "=Nowhere+1"),
        ("A5", "=LET(Double,LAMBDA(x,2*x),Double(3))"),
    ]);
    let name = |name: &str, refers_to: &str| DefinedName {
        name: name.into(),
        sheet: None,
        refers_to: refers_to.into(),
        hidden: false,
    };
    book.names = vec![name("Double", "_xlfn.LAMBDA(x,2*x)"), name("Twice", "LET(a,1,2*a)")];
    let (engine, report) = load(&book, &options()).expect("loads");
    let findings: Vec<String> =
        report.findings.iter().map(|finding| format!("{} {}", finding.place, finding.detail)).collect();
    assert_eq!(findings, ["S!A1 LAMBDA in the name Double", "S!A2 DOUBLE", "S!A3 LET in the name Twice"]);
    assert_eq!((report.formulas, report.supported), (5, 2));
    assert_eq!(show(&*engine, "A5"), "6");
}

#[test]
fn hidden_rows_and_unknown_names_count_as_in_excel() {
    let mut book = workbook(&[
        ("A1", "1"),
        ("A2", "2"),
        ("A3", "4"),
        ("B1", "=SUBTOTAL(9,A1:A3)"),
        ("B2", "=SUBTOTAL(109,A1:A3)"),
        ("B3", "=IF(ISERROR(VLOOKUP(1,NoSuchName,2)),\"none\",1)"),
        ("B4", "=IF(ISERROR(Broken),\"none\",1)"),
    ]);
    book.sheets[0].hidden_rows = vec![(2, 2)];
    book.names.push(DefinedName {
        name: "Broken".into(),
        sheet: None,
        refers_to: "#REF!$A$1".into(),
        hidden: false,
    });
    let (engine, _) = load(&book, &options()).expect("loads");
    assert_eq!(["B1", "B2", "B3", "B4"].map(|a| show(&*engine, a)), ["7", "5", "“none”", "“none”"]);
}
