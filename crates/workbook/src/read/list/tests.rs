//! What files say to columns of every type.

use gridkeep_model::ColumnType::{Boolean, Date, DateTime, Decimal, Double, Integer, Text, Time};

use super::*;
use crate::read::testing::PackageBuilder;

fn wanted<'a, F: Fn(&str) -> bool>(sheet: Option<&'a str>, is_known: F, cancel: &'a Cancel) -> Wanted<'a, F> {
    Wanted { sheet, is_known, decimal_comma: false, rows: 10, cancel }
}

fn of(bytes: &[u8], sheet: Option<&str>, limits: &Limits) -> Result<Option<List>, WorkbookError> {
    let is_known = |name: &str| {
        assert!(name.len() <= 1_020, "whoever knows the names is asked about none that is longer");
        name == "a"
    };
    list("list", bytes, &wanted(sheet, is_known, &Cancel::new()), limits)
}

fn read(bytes: &[u8]) -> List {
    of(bytes, None, &Limits::default()).expect("it is read").expect("a sheet")
}

/// What the only column under `a` says to a column of this type.
fn said(list: &List, column: ColumnType) -> Vec<String> {
    let (place, _) = list.heads.iter().find(|(_, name)| name == "a").expect("a column");
    let manner = list.manner(*place);
    list.rows().iter().map(|row| row.value(*place, column, manner).to_string()).collect()
}

#[test]
fn the_column_decides_what_a_text_means() {
    let check = |column: ColumnType, values: &str, expect: &str| {
        let text = format!("a;b\n{};x\n", values.replace('|', ";x\n"));
        assert_eq!(said(&read(text.as_bytes()), column).join(" "), expect, "{column:?} of {values}");
    };
    check(Text, "007|1,50|21.11.2026|wahr", r#""007" "1,50" "21.11.2026" "wahr""#);
    check(Text, "=1+1|'=1+1|n/a", r#""=1+1" "=1+1" "n/a""#);
    check(Integer, "007|1.000|x|n/a|2,5", r#"7 1000 "x" null "2,5""#);
    check(Decimal { scale: 2 }, "1.234,50|-7|0,125", r#""1234.5" "-7" "0.125""#);
    check(Double, "1,5|12 %", "1.5 0.12");
    check(
        Date,
        "21.11.2026|1.2.26|31.02.2026|2026-11-21",
        r#""2026-11-21" "2026-02-01" "31.02.2026" "2026-11-21""#,
    );
    check(Date, "11/12/2026|21/11/2026", r#""2026-12-11" "2026-11-21""#);
    check(DateTime, "21.11.2026 08:30|2026-11-21 08:30:15", r#""2026-11-21T08:30:00" "2026-11-21T08:30:15""#);
    check(Time, "8:30|25:00", r#""08:30:00" "25:00""#);
    check(Boolean, "ja|FALSE|1|vielleicht", r#"true false true "vielleicht""#);
}

#[test]
fn any_writing_of_a_text_is_read() {
    let check = |bytes: &[u8], expect: &str| {
        let list = read(bytes);
        let names: Vec<&str> = list.heads.iter().map(|(_, name)| name.as_str()).collect();
        let rows: Vec<String> = list
            .rows()
            .iter()
            .map(|row| format!("{}: {} {}", row.line, list.shown(row, 0, 80), list.shown(row, 1, 80)))
            .collect();
        assert_eq!(format!("{} | {}", names.join(" "), rows.join(", ")), expect);
    };
    check(b"a,b\n1,2\n", "a b | 2: 1 2");
    check("\u{feff}a;b\r\nM\u{fc}ller;2\r\n".as_bytes(), "a b | 2: M\u{fc}ller 2");
    check(b"a;b\nM\xfcller;Stra\xdfe 5\n", "a b | 2: M\u{fc}ller Stra\u{df}e 5");
    check(b"a\tb\n\n1\t2\n\n", "a b | 3: 1 2");
    check(b"Prices of 2026\na;b\n1;2\n", "a b | 3: 1 2");
    check(b"sep=;\na;b\n1;2\n", "a b | 2: 1 2");
    check(b"a;b\n\"x\ny\";2;3\n", "a b | 2: x\ny 2");
}

#[test]
fn cells_are_their_values_and_formulas_what_was_last_seen_of_them() {
    let sheet = r#"<sheetData><row r="1"><c r="A1" t="str"><v>Prices</v></c></row>
        <row r="3"><c r="A3" t="str"><v>a</v></c><c r="XFD3" t="str"><v>far</v></c></row>
        <row r="4"><c r="A4" s="1"><v>46347</v></c><c r="B4"><f>1+1</f><v>2</v></c></row>
        <row r="5"><c r="A5" t="e"><v>#DIV/0!</v></c></row>
        <row r="6"><c r="A6"><f>WEBSERVICE("http://127.0.0.1/")</f></c></row>
        <row r="7"><c r="A7"><v>1.5</v></c></row></sheetData>"#;
    let styles = r#"<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#;
    let file = PackageBuilder::sheet("<sheetData/>")
        .and_sheet("Notes", r#"<sheetData><row r="1"><c r="A1" t="str"><v>b</v></c></row></sheetData>"#)
        .and_sheet("Second", sheet)
        .and_sheet("Third", r#"<sheetData><row r="1"><c r="A1"><v>7</v></c></row></sheetData>"#)
        .related("styles", "xl/styles.xml", styles)
        .build();
    let list = read(&file);
    assert_eq!((list.sheets.join(" "), list.sheet), ("Notes Second Third".to_owned(), 1));
    assert_eq!(
        said(&list, Date).join(" "),
        r##""2026-11-21" {"error":"#DIV/0!"} {"formula":"WEBSERVICE(\"http://127.0.0.1/\")"} "1900-01-01""##
    );
    assert_eq!(
        said(&list, Text).join(" "),
        r##""2026-11-21" {"error":"#DIV/0!"} {"formula":"WEBSERVICE(\"http://127.0.0.1/\")"} "1.5""##
    );
    assert_eq!(
        said(&list, Integer).join(" "),
        r##"46347 {"error":"#DIV/0!"} {"formula":"WEBSERVICE(\"http://127.0.0.1/\")"} 1.5"##
    );
    let sheet = |name: &str| of(&file, Some(name), &Limits::default()).expect("it is read");
    assert_eq!(sheet("third").expect("a sheet").sheet, 2);
    assert!(sheet("Fourth").is_none());
}

/// A sheet of these rows, each of so many cells, with a text that the file holds once and every cell refers to.
fn repeated(text: &str, rows: u32, columns: u32) -> Vec<u8> {
    let cells = |row: u32| {
        let cell =
            |column| format!(r#"<c r="{}" t="s"><v>1</v></c>"#, gridkeep_model::CellAt::new(row, column));
        (2..=columns).map(cell).collect::<Vec<_>>().concat()
    };
    let row = |row: u32| format!(r#"<row r="{row}"><c r="A{row}" t="s"><v>0</v></c>{}</row>"#, cells(row));
    let rows = (1..=rows).map(row).collect::<Vec<_>>().concat();
    PackageBuilder::sheet(&format!("<sheetData>{rows}</sheetData>"))
        .related(
            "sharedStrings",
            "xl/sharedStrings.xml",
            format!("<sst><si><t>a</t></si><si><t>{text}</t></si></sst>"),
        )
        .build()
}

#[test]
fn a_text_that_is_held_once_counts_each_time() {
    let check = |(length, rows, columns), limits: &Limits| {
        let file = repeated(&"x".repeat(length), rows, columns);
        of(&file, None, limits).err().map(|error| error.to_string()).unwrap_or_default()
    };
    let limits = Limits { text_bytes: 1 << 20, columns: 1_000, ..Limits::default() };
    assert_eq!(check((32_767, 10, 2), &limits), "");
    insta::assert_snapshot!(check((32_768, 10, 2), &limits), @"“list” is too large (sheet “Sheet1”, cell B1): a text is longer than 32767 characters, which no cell can hold");
    insta::assert_snapshot!(check((32_767, 10, 5), &limits), @"“list” is too large (sheet “Sheet1”, cell B9): the workbook has more than 1 MB of text");
    assert_eq!(check((1, 2, 1_000), &limits), "");
    insta::assert_snapshot!(check((1, 2, 1_001), &limits), @"“list” is too large (sheet “Sheet1”, row 1): it has 1001 values; 1000 are allowed");
    // Of what is of no use nothing is kept that could be too much.
    assert_eq!(check((1_500, 5_000, 2), &limits), "");
}

#[test]
fn names_are_cut_and_rows_of_no_use_only_counted() {
    let list = read(&repeated(&"x".repeat(32_767), 3, 3));
    let heads: Vec<(usize, usize)> = list.heads.iter().map(|(place, name)| (*place, name.len())).collect();
    assert_eq!(heads, [(0, 1), (1, 255), (2, 255)]);
    for file in ["a\n".repeat(100_000).into_bytes(), repeated("x", 100_000, 1)] {
        let list = read(&file);
        assert_eq!((list.count(), list.records.len()), (99_999, 10 + HEADS + 1));
    }
    // A title above takes none of the rows.
    let list = read(format!("{}a;b\n{}", "Title;\n".repeat(HEADS - 1), "1;2\n".repeat(11)).as_bytes());
    assert_eq!((list.count(), list.rows().len()), (11, 11));
}

#[test]
fn nothing_is_read_for_nobody() {
    let cancel = Cancel::new();
    cancel.cancel();
    for file in [b"a;b\n1;2\n".to_vec(), repeated("x", 3, 3)] {
        let read = list("list", &file, &wanted(None, |_: &str| true, &cancel), &Limits::default());
        assert!(read.expect("no fault").is_none());
    }
}
