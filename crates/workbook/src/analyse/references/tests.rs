//! Small workbooks with and without references.

use gridkeep_model::{
    Workbook,
    workbook::{DataValidation, Table, TableColumn, ValidationKind, ValidationOperator},
};

use super::super::{
    analyse_with,
    tests::{cached, workbook},
};

/// What is found, one line a reference: `Orders!Customer -> Customers!ID LookUp`.
fn found(workbook: &Workbook) -> Vec<String> {
    let analysis = analyse_with(workbook, &cached(workbook));
    let column = |place: &super::ColumnPlace| {
        let sheet = &analysis.sheets[place.sheet];
        let column = sheet.blocks[place.block].column(place.offset).expect("a column");
        format!("{}!{}", sheet.name, column.header)
    };
    analysis
        .references
        .iter()
        .map(|found| {
            assert!((0.5..=1.0).contains(&found.confidence) && found.reason.en != found.reason.de);
            format!("{} -> {} {:?}", column(&found.from), column(&found.to), found.evidence)
        })
        .collect()
}

fn check(sheets: &[(&str, &[&str])], expect: &[&str]) {
    assert_eq!(found(&workbook(sheets)), expect, "{sheets:?}");
}

const CUSTOMERS: (&str, &[&str]) =
    ("Customers", &["ID|Name|City", "C1|Ann Bell|Rome", "C2|Bo Cray|Oslo", "C3|Cy Dunn|Rome"]);

#[test]
fn look_ups_by_a_cell_of_the_row_refer() {
    let one = |formula: &str| {
        let row = |row: u32, who: &str| {
            let formula = formula.replace("B2", &format!("B{row}"));
            format!("{row}|{who}|{}|={formula}", row * 10)
        };
        let rows: Vec<String> = std::iter::once("Line|Who|Sum|Found".to_owned())
            .chain([row(2, "C1"), row(3, "C3"), row(4, "C1")])
            .collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let mut book = workbook(&[("Sales", &rows), CUSTOMERS]);
        let named = |name: &str, refers_to: &str| gridkeep_model::workbook::DefinedName {
            name: name.into(),
            sheet: None,
            refers_to: refers_to.into(),
            hidden: false,
        };
        book.names = vec![named("Ids", "Customers!$A$2:$A$4"), named("People", "Customers!$A$2:$C$4")];
        found(&book)
    };
    let yes = ["Sales!Who -> Customers!ID LookUp"];
    let check = |formula: &str, expect: &[&str]| assert_eq!(one(formula), expect, "{formula}");
    check("VLOOKUP(B2,Customers!$A$2:$C$4,2,FALSE)", &yes);
    check("IFERROR( VLOOKUP( $B2 , Customers!$A:$C , 2 , 0 ) , \"none, sorry\" )", &yes);
    check("VLOOKUP(B2,People,3,FALSE)", &yes);
    check("_xlfn.XLOOKUP(B2,Customers!$A$2:$A$4,Customers!$B$2:$B$4)", &yes);
    check("_xlfn.XLOOKUP(B2,Ids,Customers!$B$2:$B$4,\"?\",0)", &yes);
    check("INDEX(Customers!B:B,MATCH(B2,Customers!A:A,0))", &yes);
    check("INDEX(Customers!B:B,_xlfn.XMATCH(B2,Ids))", &yes);
    check("UPPER(LEFT(INDEX(Customers!$B$2:$C$4,MATCH(B2,Ids,0),2),3))&\"!\"", &yes);
    // The nearest value is the value itself where all texts are there.
    check("VLOOKUP(B2,Customers!$A$2:$C$4,2)", &yes);
    check("LOOKUP(B2,Ids,Customers!$B$2:$B$4)", &yes);
    // A question whether something is there, counts, other keys, other cells, ranges that move.
    check("ISNUMBER(MATCH(B2,Customers!A:A,0))", &[]);
    check("COUNTIF(Customers!$A$2:$A$4,B2)", &[]);
    check("VLOOKUP(LEFT(B2,2),Customers!$A$2:$C$4,2,FALSE)", &[]);
    check("VLOOKUP($F$1,Customers!$A$2:$C$4,2,FALSE)", &[]);
    check("VLOOKUP(B2,Customers!A2:C4,2,FALSE)", &[]);
    check("VLOOKUP(B2,Customers!$C$2:$C$4,1,FALSE)", &[]);
    check("VLOOKUP(B2,{\"C1\",1},2,FALSE)", &[]);
    check("_xlfn.XLOOKUP(B2,Customers!$A$2:$B$4,Customers!$B$2:$B$4)", &[]);
    check("VLOOKUP(B2", &[]);
}

#[test]
fn bands_of_numbers_are_no_references() {
    let grades: (&str, &[&str]) = ("Grades", &["From|Grade|Words", "0|F|fail", "50|C|fair", "80|A|good"]);
    let rows =
        ["Who|Points|Grade", "x|0|=VLOOKUP(B2,Grades!$A$2:$C$4,2)", "y|50|=VLOOKUP(B3,Grades!$A$2:$C$4,2)"];
    check(&[("Marks", &rows), grades], &[]);
    // Half of what is looked up is not there.
    let rows = [
        "Line|Who|Name",
        "1|C1|=VLOOKUP(B2,Customers!$A$2:$C$4,2,FALSE)",
        "2|X9|=VLOOKUP(B3,Customers!$A$2:$C$4,2,FALSE)",
    ];
    check(&[("Sales", &rows), CUSTOMERS], &[]);
    // The searched column has a value twice.
    let rows = [
        "Line|Where|Name",
        "1|Rome|=VLOOKUP(B2,Customers!$C$2:$D$4,2,FALSE)",
        "2|Oslo|=VLOOKUP(B3,Customers!$C$2:$D$4,2,FALSE)",
    ];
    check(&[("Sales", &rows), CUSTOMERS], &[]);
}

#[test]
fn tables_are_known_by_their_columns() {
    let mut book = workbook(&[
        (
            "Sales",
            &[
                "Line|Who|Name",
                "1|C1|=_xlfn.XLOOKUP([@Who],People[ID],People[Name])",
                "2|C3|=_xlfn.XLOOKUP([@Who],People[ID],People[Name])",
            ],
        ),
        CUSTOMERS,
    ]);
    let table = |name: &str, sheet: usize, range: &str, columns: &[&str]| Table {
        name: name.into(),
        sheet,
        range: range.parse().expect("a range"),
        has_headers: true,
        has_totals: false,
        columns: columns.iter().map(|name| TableColumn { name: (*name).into(), formula: None }).collect(),
    };
    book.tables = vec![
        table("Sold", 0, "A1:C3", &["Line", "Who", "Name"]),
        table("People", 1, "A1:C4", &["ID", "Name", "City"]),
    ];
    assert_eq!(found(&book), ["Sales!Who -> Customers!ID LookUp"]);
}

#[test]
fn choices_from_a_key_refer() {
    let check = |list: &str, blocking: bool, other: (&str, &[&str]), expect: &[&str]| {
        let mut book = workbook(&[("Sales", &["Line|Who|Sum", "1|C1|5", "2|C3|6", "3|C1|7"]), other]);
        let rule = |range: &str, formula1: &str| DataValidation {
            ranges: vec![range.parse().expect("a range")],
            kind: ValidationKind::List,
            operator: ValidationOperator::Between,
            formula1: formula1.into(),
            formula2: String::new(),
            allow_blank: true,
            blocking,
            error_message: String::new(),
            prompt: String::new(),
        };
        book.sheets[0]
            .validations
            .extend(list.split(';').zip(["B2:B9", "A2:A9"]).map(|(list, at)| rule(at, list)));
        assert_eq!(found(&book), expect, "{list} {other:?}");
    };
    let yes = ["Sales!Who -> Customers!ID Choices"];
    check("Customers!$A$2:$A$4", true, CUSTOMERS, &yes);
    check("Customers!$A$2:$A$4", false, CUSTOMERS, &yes);
    check("Customers!$A$2:$C$4", true, CUSTOMERS, &[]);
    check("Customers!$C$2:$C$4", true, CUSTOMERS, &[]);
    // Lists side by side, and a list alone, are no records.
    let lists: (&str, &[&str]) = ("Lists", &["Who|Line", "C1|1", "C2|2", "C3|3"]);
    check("Lists!$A$2:$A$4;Lists!$B$2:$B$4", true, lists, &[]);
    check("Lists!$A$2:$A$4", true, ("Lists", &["Who", "C1", "C2", "C3"]), &[]);
    let uneven: (&str, &[&str]) = ("Lists", &["Whoever|State", "C1|new", "C2|old", "C3|"]);
    check("Lists!$B$2:$B$3", true, uneven, &[]);
}

#[test]
fn keys_are_known_by_header_and_values() {
    let sales = |header: &str, values: [&str; 3]| {
        let line = |row: usize, value: &str| format!("{}|{value}|{}", row + 1, 5 - row);
        let mut rows = vec![format!("Line|{header}|Sum")];
        rows.extend(values.iter().enumerate().map(|(row, value)| line(row, value)));
        rows
    };
    let check = |header: &str, values: [&str; 3], other: (&str, &[&str]), expect: Option<&str>| {
        let rows = sales(header, values);
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let expect: Vec<String> =
            expect.iter().map(|column| format!("Sales!{header} -> {}!{column} Values", other.0)).collect();
        assert_eq!(found(&workbook(&[("Sales", &rows), other])), expect, "{header} {other:?}");
    };
    let ids = ["C1", "C3", "C1"];
    for header in ["Customer ID", "CustomerId", "customer_id", "Bill-to customer", "Customer"] {
        check(header, ids, CUSTOMERS, Some("ID"));
    }
    check("Customer", ["Ann Bell", "Cy Dunn", "Ann Bell"], CUSTOMERS, Some("Name"));
    check("Customer", ["Ann Bell", "", "Ann Bell"], CUSTOMERS, Some("Name"));
    // Not all are there; the header is another's; the values repeat; nothing stands there.
    check("Customer ID", ["C1", "C9", "C1"], CUSTOMERS, None);
    check("Customer", ["Ann bell", "Cy Dunn", "Ann Bell"], CUSTOMERS, None);
    check("ID", ids, CUSTOMERS, None);
    check("Seller", ids, CUSTOMERS, None);
    check("Customer city", ["Rome", "Rome", "Oslo"], CUSTOMERS, None);
    check("Customer", ["", "", ""], CUSTOMERS, None);
    let numbered: (&str, &[&str]) = ("Customers", &["No|Name|City", "1|Ann|Rome", "2|Bo|Oslo", "3|Cy|Rome"]);
    check("Customer No", ["1", "3", "1"], numbered, Some("No"));
    check("Number of customers", ["1", "3", "1"], numbered, None);
    check("Customers", ["1", "3", "1"], numbered, None);
    let german: (&str, &[&str]) = ("Kunden", &["Nr.|Name|Ort", "K1|Ann|Rom", "K2|Bo|Ulm", "K3|Cy|Rom"]);
    for header in ["Kundennr", "Kundennummer", "Kunden-Nr.", "Kunde"] {
        check(header, ["K1", "K3", "K1"], german, Some("Nr."));
    }
    let parts: (&str, &[&str]) = ("Stock", &["SKU|Item|Rest", "a1|Bolt|3", "a2|Nut|4", "a3|Pin|5"]);
    check("SKU", ["a1", "a3", "a1"], parts, Some("SKU"));
    check("Item", ["Bolt", "Pin", "Bolt"], parts, None);
}

#[test]
fn what_could_be_either_is_neither() {
    // A list of one kind a month, with the same numbers in each.
    let month = |name: &'static str| (name, &["No|Item no|Who", "1|a1|x", "2|a2|y", "3|a1|y"] as &[&str]);
    check(&[month("May"), month("June")], &[]);
    // Two blocks with the key.
    let other: (&str, &[&str]) =
        ("Old", &["Customer ID|Name|Left", "C1|Ann|1999", "C2|Bo|2001", "C3|Cy|2002"]);
    let new: (&str, &[&str]) = ("New", &["Customer ID|City|Street", "C1|Rome|a", "C2|Oslo|b", "C3|Rome|c"]);
    let sales: (&str, &[&str]) = ("Sales", &["Line|Customer ID|Sum", "1|C1|5", "2|C3|6", "3|C1|7"]);
    check(&[sales, other, new], &[]);
    // Details of the same rows: the header says whose they are.
    let people: (&str, &[&str]) =
        ("Employees", &["Employee ID|Name|City", "E1|Ann|Rome", "E2|Bo|Oslo", "E3|Cy|Ulm"]);
    let pay: (&str, &[&str]) =
        ("Salaries", &["Employee ID|Salary|Since", "E1|10|2001", "E2|20|2003", "E3|15|2002"]);
    check(&[people, pay], &["Salaries!Employee ID -> Employees!Employee ID Values"]);
}

#[test]
fn large_columns_are_compared_in_bounded_time() {
    let keys: Vec<String> = std::iter::once("SKU|Item|Rest".to_owned())
        .chain((0..20_000).map(|n| format!("a{n}|Item {n}|3")))
        .collect();
    let rows: Vec<String> = std::iter::once("Line|SKU|Sum".to_owned())
        .chain((0..20_000).map(|n| format!("{n}|a{}|3", n / 2)))
        .collect();
    let (keys, rows): (Vec<&str>, Vec<&str>) =
        (keys.iter().map(String::as_str).collect(), rows.iter().map(String::as_str).collect());
    check(&[("Sales", &rows), ("Stock", &keys)], &["Sales!SKU -> Stock!SKU Values"]);
}
