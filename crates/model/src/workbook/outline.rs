//! The shape of a workbook without any cell's content: what an editor's sheet tabs need.

use serde::{Deserialize, Serialize};

use super::{SheetVisibility, Workbook};
use crate::{RangeAt, RangeRef};

/// Sheets, names and tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Outline {
    /// In the order of their tabs.
    pub sheets: Vec<SheetOutline>,
    /// Defined names that people see.
    pub names: Vec<String>,
    /// Names of the tables.
    pub tables: Vec<String>,
    /// Where those of the names and tables are that stand for cells; a constant has no place.
    pub places: Vec<OutlinePlace>,
}

/// Where a name or a table is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct OutlinePlace {
    /// The name, or the table's.
    pub name: String,
    /// A table rather than a name.
    pub table: bool,
    /// The sheet's name.
    pub sheet: String,
    /// The address in A1 notation; a table's with its headers and totals.
    pub range: String,
}

/// One sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SheetOutline {
    /// Its name.
    pub name: String,
    /// Whether its tab is shown.
    pub visibility: SheetVisibility,
    /// Last row in use, from 1; 0 when the sheet is empty.
    pub rows: u32,
    /// Last column in use, from 1; 0 when the sheet is empty.
    pub columns: u32,
    /// Cells that hold a formula.
    pub formulas: usize,
}

impl Outline {
    /// Of this workbook.
    pub fn of(workbook: &Workbook) -> Self {
        let sheets = workbook.sheets.iter().map(|sheet| SheetOutline {
            name: sheet.name.to_string(),
            visibility: sheet.visibility,
            rows: sheet.cells().last().map_or(0, |cell| cell.at.row),
            columns: sheet.cells().iter().map(|cell| cell.at.column).max().unwrap_or(0),
            formulas: sheet.cells().iter().filter(|cell| cell.formula.is_some()).count(),
        });
        let names = || workbook.names.iter().filter(|name| !name.hidden);
        let place = |name: &str, table, sheet: &str, range: RangeAt| OutlinePlace {
            name: name.to_owned(),
            table,
            sheet: sheet.to_owned(),
            range: range.to_string(),
        };
        let named = names().filter_map(|name| {
            let at: RangeRef = name.refers_to.parse().ok()?;
            Some(place(&name.name, false, &at.sheet, at.at))
        });
        let tables = workbook.tables.iter().filter_map(|table| {
            let sheet = workbook.sheets.get(table.sheet)?;
            Some(place(&table.name, true, &sheet.name, table.range))
        });
        Self {
            sheets: sheets.collect(),
            places: named.chain(tables).collect(),
            names: names().map(|name| name.name.clone()).collect(),
            tables: workbook.tables.iter().map(|table| table.name.clone()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        CellAt, CellValue,
        workbook::{Cell, DefinedName, Formula, Sheet, Table},
    };

    #[test]
    fn an_outline_tells_the_shape() {
        let cell = |row, column, formula| Cell {
            at: CellAt::new(row, column),
            value: CellValue::Number(1.0),
            formula,
            style: 0,
        };
        let data = Sheet::new("Data", vec![cell(2, 9, None), cell(7, 1, Some(Formula::Plain("A1".into())))]);
        let mut empty = Sheet::new("Empty", Vec::new());
        empty.visibility = SheetVisibility::VeryHidden;
        let sheets = vec![data, empty];
        let name = |name: &str, refers_to: &str, hidden| DefinedName {
            name: name.into(),
            sheet: None,
            refers_to: refers_to.into(),
            hidden,
        };
        let names = vec![
            name("Total", "Data!$I$2", false),
            name("Rate", "0.05", false),
            name("_xlnm.Print_Area", "Data!$A$1", true),
        ];
        let table = Table {
            name: "Stock".into(),
            sheet: 0,
            range: "A1:B7".parse().expect("a range"),
            has_headers: true,
            has_totals: false,
            columns: Vec::new(),
        };
        let workbook = Workbook { sheets, names, tables: vec![table], ..Workbook::default() };
        let json = serde_json::to_value(Outline::of(&workbook)).expect("plain data");
        let expect = serde_json::json!({
            "sheets": [
                { "name": "Data", "visibility": "visible", "rows": 7, "columns": 9, "formulas": 1 },
                { "name": "Empty", "visibility": "veryHidden", "rows": 0, "columns": 0, "formulas": 0 },
            ],
            "names": ["Total", "Rate"],
            "tables": ["Stock"],
            "places": [
                { "name": "Total", "table": false, "sheet": "Data", "range": "I2" },
                { "name": "Stock", "table": true, "sheet": "Data", "range": "A1:B7" },
            ],
        });
        assert_eq!(json, expect);
    }
}
