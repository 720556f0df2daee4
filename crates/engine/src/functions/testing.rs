//! Formulas as tables: one formula, one expected text.

use gridkeep_model::{
    CellRef, CellValue, Workbook,
    workbook::{Cell, Formula, Sheet},
};

use crate::{LoadOptions, format, load};

/// Calculates a formula on a sheet whose cells A1, A2, ... hold 1, 2, 3, "x" and nothing, and compares what it shows.
pub(super) fn check(formula: &str, expect: &str) {
    let cell = |address: &str, value: CellValue, formula: Option<Formula>| Cell {
        at: address.parse().expect("an address"),
        value,
        formula,
        style: 0,
    };
    let number = CellValue::Number;
    let cells = vec![
        cell("A1", number(1.0), None),
        cell("A2", number(2.0), None),
        cell("A3", number(3.0), None),
        cell("A4", CellValue::text("x"), None),
        cell("D9", CellValue::Blank, Some(Formula::Plain(formula.into()))),
    ];
    let workbook = Workbook { sheets: vec![Sheet::new("S", cells)], ..Workbook::default() };
    let options = LoadOptions::at("2026-11-21T20:00:00".parse().expect("a moment"));
    let (engine, _) = load(&workbook, &options).expect("loads");
    let value = engine.value(&CellRef::new("S", "D9".parse().expect("an address")));
    assert_eq!(format::display(&value, "General", options.locale, false), expect, "={formula}");
}
