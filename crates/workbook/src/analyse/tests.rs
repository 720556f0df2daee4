//! Small workbooks written as text, and what the analysis makes of them.

use gridkeep_model::{
    CellAt, CellRef, CellValue, Workbook,
    workbook::{Cell, Formula, Sheet},
};

use super::*;

/// A workbook from sheets of lines such as `Item|3|=B1*2`; formulas have the cached value 1.
pub(crate) fn workbook(sheets: &[(&str, &[&str])]) -> Workbook {
    let sheets = sheets.iter().map(|(name, rows)| {
        let cells = (1_u32..).zip(rows.iter()).flat_map(|(row, line)| {
            (1_u32..)
                .zip(line.split('|'))
                .filter(|(_, text)| !text.is_empty())
                .map(move |(column, text)| cell(CellAt::new(row, column), text))
        });
        Sheet::new(*name, cells.collect())
    });
    Workbook { sheets: sheets.collect(), formats: vec!["General".into()], ..Workbook::default() }
}

fn cell(at: CellAt, text: &str) -> Cell {
    let (value, formula) = match text.strip_prefix('=') {
        Some(formula) => (CellValue::Number(1.0), Some(Formula::Plain(formula.into()))),
        None => match text.parse::<f64>() {
            Ok(number) => (CellValue::Number(number), None),
            Err(_) => (CellValue::text(text), None),
        },
    };
    Cell { at, value, formula, style: 0 }
}

/// The file's own value of a cell, where tests need no engine.
pub(crate) fn cached(workbook: &Workbook) -> impl Fn(&CellRef) -> CellValue + '_ {
    |cell| workbook.sheet(&cell.sheet).map_or(CellValue::Blank, |sheet| sheet.value(cell.at).clone())
}

/// The workbook as the analysis sees it.
pub(crate) fn book(workbook: &Workbook) -> Book<'_> {
    Book::new(workbook, &cached(workbook))
}

fn analysed(sheets: &[(&str, &[&str])]) -> Analysis {
    let workbook = workbook(sheets);
    analyse_with(&workbook, &cached(&workbook))
}

#[test]
fn blocks_are_told_apart_by_their_purpose() {
    let check = |rows: &[&str], expect: &[(BlockKind, u32, u32)]| {
        let analysis = analysed(&[("S", rows), ("P", &["Item|Price", "a|1", "b|2", "c|3"])]);
        let found: Vec<_> = analysis.sheets[0]
            .blocks
            .iter()
            .map(|block| (block.kind, block.rows, block.spare_rows))
            .collect();
        assert_eq!(found, expect, "{rows:?}");
    };
    check(
        &["Stock", "", "SKU|Qty|Value", "a1|3|=B4*2", "a2|4|=B5*2"],
        &[(BlockKind::Loose, 0, 0), (BlockKind::List, 2, 0)],
    );
    check(&["Item|Qty|Price", "a|3|=B2*2", "||=B3*2", "||=B4*2", "||=B5*2"], &[(BlockKind::Entry, 1, 3)]);
    check(
        &["No|Pay|Rest", "1|=P!B2|=B2", "2|=P!B2|=C2-B3", "3|=P!B2|=C3-B4"],
        &[(BlockKind::Calculated, 3, 0)],
    );
    check(&["Amount|250000", "Rate|0.05", "Pay|=B1*B2"], &[(BlockKind::Pairs, 0, 0)]);
    check(&["Name|City|Age"], &[(BlockKind::List, 0, 0)]);
    check(&["A|B|C", "x|y|1", "x|z|2", "", "x|z|3", "y|z|4"], &[(BlockKind::List, 4, 0)]);
}

#[test]
fn a_column_is_computable_when_its_row_is_enough() {
    let check = |rows: &[&str], expect: Option<(&str, bool)>| {
        let analysis =
            analysed(&[("S", rows), ("R", &["Cur|Rate", "USD|0.9", "CHF|1.1", "Sum|=SUM(S!B2:B9)"])]);
        let columns = &analysis.sheets[0].blocks[0].columns;
        let formula = columns.last().and_then(|column| column.formula.as_ref());
        assert_eq!(formula.map(|formula| (formula.text.as_str(), formula.computable)), expect, "{rows:?}");
    };
    let with = |a: &'static str, b: &'static str| -> Vec<&'static str> { vec!["Item|Qty|Result", a, b] };
    check(&with("a|3|=B2*2", "b|4|=B3*2"), Some(("B2*2", true)));
    check(
        &with("a|3|=INDEX(R!B:B,MATCH(A2,R!A:A,0))", "b|4|=INDEX(R!B:B,MATCH(A3,R!A:A,0))"),
        Some(("INDEX(R!B:B,MATCH(A2,R!A:A,0))", false)),
    );
    check(
        &with("a|3|=VLOOKUP(A2,R!$A$2:$B$3,2)", "b|4|=VLOOKUP(A3,R!$A$2:$B$3,2)"),
        Some(("VLOOKUP(A2,R!$A$2:$B$3,2)", true)),
    );
    check(&with("a|3|=B2-B1", "b|4|=B3-B2"), Some(("B2-B1", false)));
    check(&with("a|3|=B2/SUM($B$2:$B$3)", "b|4|=B3/SUM($B$2:$B$3)"), Some(("B2/SUM($B$2:$B$3)", false)));
    check(&with("a|3|=B2/R!$B$4", "b|4|=B3/R!$B$4"), Some(("B2/R!$B$4", false)));
    check(&with("a|3|=R!B2", "b|4|=R!B3"), Some(("R!B2", false)));
    check(&with("a|3|=OFFSET(B2,0,0)", "b|4|=OFFSET(B3,0,0)"), Some(("OFFSET(B2,0,0)", false)));
    check(&with("a|3|=B2*2", "b|4|=B3*3"), None);
    check(&with("a|3|5", "b|4|6"), None);
}

#[test]
fn keys_are_unique_filled_and_made_like_identifiers() {
    let check = |rows: &[&str], expect: &[u32]| {
        assert_eq!(analysed(&[("S", rows)]).sheets[0].blocks[0].keys, expect, "{rows:?}");
    };
    check(&["SKU|Qty", "a1|3", "a2|4"], &[0]);
    check(&["SKU|Qty", "a1|3", "a1|4"], &[]);
    check(&["Name|Qty", "Ann B|3", "Bob C|4"], &[]);
    check(&["Name|Ref", "Ann B|x-1", "Bob C|x-2"], &[1]);
    check(&["SKU|Qty", "a1|3", "|4"], &[]);
}

#[test]
fn inputs_feed_formulas_and_outputs_are_read_by_people() {
    let check = |sheets: &[(&str, &[&str])], inputs: &[&str], outputs: &[&str]| {
        let analysis = analysed(sheets);
        let found: Vec<_> = analysis
            .inputs
            .iter()
            .map(|input| format!("{}={}", input.value.cell.at, input.value.title))
            .collect();
        assert_eq!(found, inputs, "{sheets:?}");
        let found: Vec<_> = analysis
            .outputs
            .iter()
            .map(|output| format!("{}={}", output.value.cell.at, output.value.title))
            .collect();
        assert_eq!(found, outputs, "{sheets:?}");
    };
    let loan: &[&str] = &["Loan amount|250000", "Rate (%)|5", "", "Payment:|=B1*B2", "Total|=B4*12"];
    check(&[("Loan", loan)], &["B1=Loan amount", "B2=Rate"], &["B4=Payment", "B5=Total"]);
    check(
        &[("Q", &["Quote", "Customer|", "Discount|0.1", "", "Net|100|=B3*2"])],
        &["B2=Customer", "B3=Discount"],
        &["C5=C5"],
    );
    check(
        &[("S", &["Item|Qty|Value", "a|1|=B2*2", "b|2|=B3*2", "Total|=SUM(B2:B3)|=SUM(C2:C3)"])],
        &[],
        &["B4=Total Qty", "C4=Total Value"],
    );
    check(&[("S", &["5", "=A1*2"])], &["A1=A1"], &["A2=A2"]);
    check(&[("S", &["Name|Ann", "City|Rome"])], &[], &[]);
}

#[test]
fn an_empty_workbook_is_no_trouble() {
    let analysis = analysed(&[("S", &[])]);
    assert_eq!((analysis.sheets.len(), analysis.inputs.len(), analysis.outputs.len()), (1, 0, 0));
    assert!(analyse_with(&Workbook::default(), &|_| CellValue::Blank).sheets.is_empty());
}
