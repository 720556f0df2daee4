//! Bad input: every case is answered with at most ten seconds of work, within 256 MiB, and never by a panic or an abort.

use std::time::Duration;

use gridkeep_engine::{Cancel, Engine, EngineError, LoadOptions, load, load_cancellable};
use gridkeep_kit::effort;
use gridkeep_model::{
    CellAt, CellError, CellRef, CellValue, ImportReport, Workbook,
    report::FindingKind,
    workbook::{Cell, Formula, Sheet},
};

fn at(address: &str) -> CellAt {
    address.parse().expect("an address")
}

fn formula(at: CellAt, text: impl Into<String>) -> Cell {
    let text: String = text.into();
    Cell { at, value: CellValue::Blank, formula: Some(Formula::Plain(text.into())), style: 0 }
}

fn number(at: CellAt, number: f64) -> Cell {
    Cell { at, value: CellValue::Number(number), formula: None, style: 0 }
}

fn workbook(cells: Vec<Cell>) -> Workbook {
    Workbook { sheets: vec![Sheet::new("S", cells)], ..Workbook::default() }
}

fn options() -> LoadOptions {
    LoadOptions::at("2026-11-21T20:00:00".parse().expect("a moment"))
}

fn open(workbook: &Workbook) -> (Box<dyn Engine>, ImportReport) {
    let (loaded, took) = effort(|| load(workbook, &options()).expect("loads"));
    assert!(took < Duration::from_secs(10), "took {took:?}");
    loaded
}

fn value(engine: &dyn Engine, address: &str) -> CellValue {
    engine.value(&CellRef::new("S", at(address)))
}

/// What one formula in A1 gives, and the findings it made.
fn run(text: &str) -> (CellValue, Vec<FindingKind>) {
    let (engine, report) = open(&workbook(vec![formula(at("A1"), text)]));
    (value(&*engine, "A1"), report.findings.iter().map(|finding| finding.kind).collect())
}

#[test]
fn circular_references_are_reported() {
    let book = workbook(vec![
        formula(at("A1"), "B1+1"),
        formula(at("B1"), "C1+1"),
        formula(at("C1"), "A1+1"),
        formula(at("D1"), "SUM(D1:D9)"),
        formula(at("E1"), "A1*2"),
    ]);
    let (engine, report) = open(&book);
    assert_eq!(value(&*engine, "A1"), CellValue::Error(CellError::Circular));
    assert_eq!(value(&*engine, "D1"), CellValue::Error(CellError::Circular));
    let circular = report.findings.iter().filter(|f| f.kind == FindingKind::CircularReference).count();
    assert!(circular >= 4, "{:?}", report.findings);
}

#[test]
fn deep_nesting_is_refused_before_it_is_parsed() {
    for text in [
        "(".repeat(10_000),
        format!("{}1{}", "(".repeat(10_000), ")".repeat(10_000)),
        format!("{}1{}", "ABS(".repeat(8_000), ")".repeat(8_000)),
        format!("{}1{}", "{".repeat(5_000), "}".repeat(5_000)),
    ] {
        let (_, findings) = run(&text);
        assert_eq!(findings, [FindingKind::LimitReached]);
    }
    // Without parentheses depth comes from operators: a parser must not recurse into these either.
    for text in [
        format!("{}1", "-".repeat(30_000)),
        format!("1{}", "^1".repeat(16_000)),
        format!("1{}", "+1".repeat(16_000)),
    ] {
        let (_, findings) = run(&text);
        assert_eq!(findings.len(), 1, "{}…", &text[..10]);
    }
    let mut engine = open(&workbook(vec![number(at("A1"), 1.0)])).0;
    let refused = engine.set_formula(&CellRef::new("S", at("B1")), &"(".repeat(10_000));
    assert!(matches!(refused, Err(EngineError::Limit { .. })), "{refused:?}");
    // 64 levels are allowed, as in Excel.
    let (result, findings) = run(&format!("{}A2{}", "ABS(".repeat(64), ")".repeat(64)));
    assert_eq!((result, findings), (CellValue::Number(0.0), Vec::new()));
}

#[test]
fn huge_results_become_errors() {
    let check = |text: &str| {
        let (result, _) = run(text);
        assert!(matches!(result, CellValue::Error(_)), "{text}: {}", describe(&result));
    };
    check("REPT(\"a\",1E9)");
    check("REPT(\"abc\",30000)");
    check("SEQUENCE(1E9)");
    check("SEQUENCE(1E5,1E5)");
    check("SUM(SEQUENCE(1E9))");
    check("RANDARRAY(1E6,1E6)");
    check("MAKEARRAY(1E6,1E6,LAMBDA(a,b,1))");
    check("REDUCE(\"a\",SEQUENCE(60),LAMBDA(a,b,a&a))");
    check("ROWS(REDUCE({1;2},SEQUENCE(60),LAMBDA(a,b,VSTACK(a,a))))");
    check("MAKEARRAY(1000,1000,LAMBDA(a,b,REPT(\"a\",32000)))");
    check("SUM(LEN(REPT(\"a\",SEQUENCE(1E6)*0+32000)))");
    check("SUBSTITUTE(REPT(\"a\",32000),\"a\",REPT(\"b\",32000))");
    check("TEXTJOIN(\",\",TRUE,IF(SEQUENCE(20000)>0,REPT(\"a\",100)))");
    check("MUNIT(1E6)");
    check("EXPAND(1,1E6,1E4)");
    check("BASE(1,2,1E9)");
    check("TEXT(1,REPT(\"0\",30000)&REPT(\"0\",30000))");
    check("CONCAT(REPT(\"a\",20000),REPT(\"a\",20000))");
    check("REPT(\"a\",20000)&REPT(\"a\",20000)");
}

fn describe(value: &CellValue) -> String {
    match value {
        CellValue::Text(text) => format!("a text of {} bytes", text.len()),
        other => format!("{other:?}"),
    }
}

#[test]
fn texts_that_double_stop_at_the_cells_limit() {
    let mut cells = vec![Cell { at: at("A1"), value: CellValue::text("abcdefgh"), formula: None, style: 0 }];
    for row in 2..=60 {
        cells.push(formula(CellAt::new(row, 1), format!("A{0}&A{0}", row - 1)));
    }
    let (engine, _) = open(&workbook(cells));
    assert_eq!(value(&*engine, "A60"), CellValue::Error(CellError::Value));
}

#[test]
fn entered_texts_have_a_limit() {
    let mut engine = open(&workbook(vec![number(at("A1"), 1.0)])).0;
    let cell = CellRef::new("S", at("A1"));
    let long = CellValue::text("a".repeat(32_768));
    assert!(matches!(engine.set(&[(cell.clone(), long)]), Err(EngineError::Limit { .. })));
    assert_eq!(engine.value(&cell), CellValue::Number(1.0));
    // A file's longer texts are cut.
    let text = CellValue::text("ä".repeat(40_000));
    let book = workbook(vec![Cell { at: at("A1"), value: text, formula: None, style: 0 }]);
    let engine = open(&book).0;
    let length = engine.value(&cell).as_text().map(|text| text.chars().count());
    assert_eq!(length, Some(32_767));
}

#[test]
fn deep_chains_are_calculated() {
    let mut cells = vec![number(at("A1"), 1.0)];
    for row in 2..=100_000 {
        cells.push(formula(CellAt::new(row, 1), format!("A{}+1", row - 1)));
    }
    let (mut engine, report) = open(&workbook(cells));
    assert_eq!(value(&*engine, "A100000"), CellValue::Number(100_000.0));
    assert_eq!((report.formulas, report.supported), (99_999, 99_999));
    engine.set(&[(CellRef::new("S", at("A1")), CellValue::Number(2.0))]).expect("enters");
    engine.recalculate(&Cancel::new()).expect("calculates");
    assert_eq!(value(&*engine, "A100000"), CellValue::Number(100_001.0));
}

#[test]
fn chains_that_no_copy_explains_are_calculated() {
    // Every formula is different, and the chain goes against the reading order.
    let mut cells = vec![number(at("A40000"), 1.0)];
    for row in 1..40_000 {
        cells.push(formula(CellAt::new(row, 1), format!("A{}+{row}-{}", row + 1, row - 1)));
    }
    let (engine, _) = open(&workbook(cells));
    assert_eq!(value(&*engine, "A1"), CellValue::Number(40_000.0));
}

#[test]
fn whole_columns_and_rows_cost_what_they_hold() {
    let mut cells: Vec<Cell> = (1..=2_000).map(|row| number(CellAt::new(row, 1), 1.0)).collect();
    for row in 1..=20 {
        cells.push(formula(CellAt::new(row, 3), "SUM(A:A)+COUNTIF(A:B,1)+SUM(A5:B5)".to_owned()));
        cells.push(formula(CellAt::new(row, 4), "SUMPRODUCT((A:A=1)*(A:A>0))".to_owned()));
    }
    let (engine, _) = open(&workbook(cells));
    assert_eq!(value(&*engine, "D1"), CellValue::Number(2_000.0));
    assert_eq!(value(&*engine, "C1"), CellValue::Number(4_001.0));
}

#[test]
fn sparse_sheets_stay_small() {
    let mut cells = vec![
        number(at("A1"), 1.0),
        number(at("XFD1048576"), 2.0),
        number(at("J500000"), 3.0),
        formula(at("C2"), "SUM(J:J)+SUM(5:9)"),
        formula(at("C3"), "SUM(A1:XFD1048576)"),
    ];
    cells.extend((0..1_000).map(|n| number(CellAt::new(n * 1_000 + 7, n * 16 + 9), 1.0)));
    let (engine, report) = open(&workbook(cells));
    assert_eq!(value(&*engine, "C2"), CellValue::Number(4.0));
    assert_eq!(report.findings[0].detail, "cells in one range");
    assert_eq!(value(&*engine, "XFD1048576"), CellValue::Number(2.0));
    let whole = engine.range(&"S!A1:B2".parse().expect("a range"));
    assert_eq!(whole.len(), 2);
}

#[test]
fn a_calculation_can_be_stopped_and_continued() {
    let mut cells: Vec<Cell> = (1..=3_000).map(|row| number(CellAt::new(row, 1), f64::from(row))).collect();
    for row in 1..=3_000 {
        cells.push(formula(
            CellAt::new(row, 2),
            format!("SUMPRODUCT((A$1:A$3000>A{row})*(A$1:A$3000<{row}+9))+A{row}"),
        ));
    }
    let book = workbook(cells);
    let cancelled = Cancel::new();
    cancelled.cancel();
    assert!(matches!(load_cancellable(&book, &options(), &cancelled), Err(EngineError::Cancelled)));
    let cancel = Cancel::new();
    let remote = cancel.clone();
    let stopper = std::thread::spawn(move || {
        // In the middle of it; should the machine be quick enough to finish first, both answers are right.
        std::thread::park_timeout(Duration::from_millis(60));
        remote.cancel();
    });
    let (result, took) = effort(|| load_cancellable(&book, &options(), &cancel));
    assert!(took < Duration::from_secs(10), "took {took:?}");
    assert!(matches!(result, Ok(_) | Err(EngineError::Cancelled)));
    stopper.join().expect("the stopper ends");
    let mut small = open(&workbook(vec![number(at("A1"), 1.0), formula(at("A2"), "A1+1")])).0;
    small.set(&[(CellRef::new("S", at("A1")), CellValue::Number(5.0))]).expect("enters");
    assert!(matches!(small.recalculate(&cancelled), Err(EngineError::Cancelled)));
    small.recalculate(&Cancel::new()).expect("continues");
    assert_eq!(value(&*small, "A2"), CellValue::Number(6.0));
}

#[test]
fn time_is_limited() {
    let mut cells: Vec<Cell> = (1..=20_000).map(|row| number(CellAt::new(row, 1), f64::from(row))).collect();
    for row in 1..=20_000 {
        cells.push(formula(
            CellAt::new(row, 2),
            format!("SUMPRODUCT((A$1:A$2000>A{row})*(A$1:A$2000<{row}+9))"),
        ));
    }
    let mut options = options();
    options.limits.time = Some(Duration::from_millis(500));
    let ((_, report), took) = effort(|| load(&workbook(cells), &options).expect("loads"));
    assert!(took < Duration::from_secs(10), "took {took:?}");
    assert!(report.findings.iter().any(|finding| finding.kind == FindingKind::LimitReached));
}

#[test]
fn what_is_repeated_can_be_stopped() {
    for text in [
        "SUM(MAP(SEQUENCE(1000),LAMBDA(a,SUM(MAP(SEQUENCE(1000),LAMBDA(b,SUM(SEQUENCE(1000,b))))))))",
        "SUMPRODUCT(COUNTIF(A1:A20000,A1:A20000))",
    ] {
        let mut cells: Vec<Cell> =
            (1..=20_000).map(|row| number(CellAt::new(row, 1), f64::from(row % 997))).collect();
        cells.push(formula(at("B1"), text));
        let mut options = options();
        options.limits.time = Some(Duration::from_millis(100));
        let ((_, report), took) = effort(|| load(&workbook(cells), &options).expect("loads"));
        assert!(took < Duration::from_secs(5), "{text} took {took:?}");
        assert!(report.findings.iter().any(|finding| finding.kind == FindingKind::LimitReached), "{text}");
    }
}

#[test]
fn too_many_cells_are_refused() {
    let mut options = options();
    options.limits.cells = 2;
    let book = workbook(vec![number(at("A1"), 1.0), number(at("A2"), 1.0), number(at("A3"), 1.0)]);
    let refused = load(&book, &options).err().map(|error| error.to_string());
    assert_eq!(refused.as_deref(), Some("S: cells is more than the 2 allowed"));
}

#[test]
fn odd_names_do_no_harm() {
    let long = "n".repeat(65_536);
    let names = ["It's \"quoted\" & <odd>", "\u{202e}rtl\u{202c}", "a!b", long.as_str(), "[1]x", ""];
    for name in names {
        let cells = vec![number(at("A1"), 2.0), formula(at("A2"), "A1*3")];
        let book = Workbook { sheets: vec![Sheet::new(name, cells)], ..Workbook::default() };
        if let Ok((engine, _)) = load(&book, &options()) {
            assert_eq!(engine.value(&CellRef::new(name, at("A2"))), CellValue::Number(6.0), "{name:.20}");
        }
    }
}
