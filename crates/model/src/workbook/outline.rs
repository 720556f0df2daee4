//! The shape of a workbook without any cell's content: what an editor's sheet tabs need.

use serde::{Deserialize, Serialize};

use super::{SheetVisibility, Workbook};

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
        let names = workbook.names.iter().filter(|name| !name.hidden);
        Self {
            sheets: sheets.collect(),
            names: names.map(|name| name.name.clone()).collect(),
            tables: workbook.tables.iter().map(|table| table.name.clone()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        CellAt, CellValue,
        workbook::{Cell, Formula, Sheet},
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
        let workbook = Workbook { sheets, ..Workbook::default() };
        let json = serde_json::to_value(Outline::of(&workbook)).expect("plain data");
        let expect = serde_json::json!({
            "sheets": [
                { "name": "Data", "visibility": "visible", "rows": 7, "columns": 9, "formulas": 1 },
                { "name": "Empty", "visibility": "veryHidden", "rows": 0, "columns": 0, "formulas": 0 },
            ],
            "names": [],
            "tables": [],
        });
        assert_eq!(json, expect);
    }
}
