//! From typed rows back into cells, so that formulas find there what they were written for.

use gridkeep_model::{
    CellAt, CellValue, ColumnType, RangeAt, RangeRef, Value, Workbook, definition::TableDefinition,
};

use super::source_range;
use crate::{
    refs::scan,
    typed::{plain_number, to_cell},
};

/// How hidden defined names begin that say of a column whose cells were blanked: there were numbers in it.
pub const NUMBERS_NAME: &str = "_gridkeep.numbers.";

/// How a table's values become cells again.
///
/// A column that mixes numbers and words is kept as text, but its numbers were numbers to the formulas that read them: to
/// Excel `"11" < 13` is false. Where the file has numbers in such a column, a text that is one is written back as one.
#[derive(Debug, Clone)]
pub struct Back {
    mixed: Vec<bool>,
    date_1904: bool,
}

impl Back {
    /// For a table and the workbook its rows came from.
    pub fn of(workbook: &Workbook, table: &TableDefinition) -> Self {
        let mut mixed = vec![false; table.columns.len()];
        if let Some(source) = source_range(workbook, &table.source) {
            for (mixed, column) in mixed.iter_mut().zip(&table.columns) {
                *mixed =
                    column.column_type == ColumnType::Text && has_numbers(workbook, &source, column.offset);
            }
        }
        Self { mixed, date_1904: workbook.date_1904 }
    }

    /// The cell for a value of the column at this position.
    pub fn cell(&self, position: usize, value: &Value) -> CellValue {
        if let Value::Text(text) = value
            && self.mixed.get(position).is_some_and(|mixed| *mixed)
            && let Ok(number) = text.parse::<f64>()
            // "0037" and "1e3" are words that look like numbers.
            && number.is_finite()
            && plain_number(number) == *text
        {
            return CellValue::Number(number);
        }
        to_cell(value, self.date_1904)
    }
}

/// Whether a column of a block, by its offset, holds numbers, or held some before its cells were blanked.
pub fn has_numbers(workbook: &Workbook, source: &RangeRef, offset: u32) -> bool {
    let Some(column) = source.at.start.column.checked_add(offset) else { return false };
    let range =
        RangeAt::new(CellAt::new(source.at.start.row, column), CellAt::new(source.at.end.row, column));
    let is_number = |cell: &gridkeep_model::workbook::Cell| matches!(cell.value, CellValue::Number(_));
    if workbook.sheet(&source.sheet).is_some_and(|sheet| sheet.range(range).any(is_number)) {
        return true;
    }
    let told = workbook.names.iter().filter(|name| name.hidden && name.name.starts_with(NUMBERS_NAME));
    told.flat_map(|name| scan(&name.refers_to, "").ranges)
        .any(|told| told.at == range && told.sheet.to_lowercase() == source.sheet.to_lowercase())
}

#[cfg(test)]
mod tests {
    use gridkeep_model::{
        CellAt,
        definition::{ColumnDefinition, FieldKind, TableAccess, TableSource, Validation},
        workbook::{Cell, Sheet},
    };

    use super::*;

    #[test]
    fn numbers_of_a_mixed_column_are_numbers_again() {
        let cell = |row, column, value| Cell { at: CellAt::new(row, column), value, formula: None, style: 0 };
        let cells = vec![
            cell(2, 1, CellValue::text("000037")),
            cell(2, 2, CellValue::Number(11.0)),
            cell(3, 2, CellValue::text("n/a")),
        ];
        let workbook = Workbook { sheets: vec![Sheet::new("S", cells)], ..Workbook::default() };
        let column = |offset| ColumnDefinition {
            id: format!("c{offset}"),
            title: String::new(),
            offset,
            column_type: ColumnType::Text,
            kind: FieldKind::Text,
            unit: None,
            format: None,
            validation: Validation::default(),
            formula: None,
            refers: None,
            filled: None,
            read_only: false,
        };
        let table = TableDefinition {
            id: "t".into(),
            title: String::new(),
            source: TableSource::Range { sheet: "S".into(), range: "A1:B3".into() },
            columns: vec![column(0), column(1)],
            key: None,
            access: TableAccess::default(),
            gates: Vec::new(),
        };
        let back = Back::of(&workbook, &table);
        let check = |position, text: &str, expect: CellValue| {
            assert_eq!(back.cell(position, &Value::Text(text.into())), expect, "{position} {text}");
        };
        check(0, "37", CellValue::text("37"));
        check(1, "11", CellValue::Number(11.0));
        check(1, "-2.5", CellValue::Number(-2.5));
        check(1, "n/a", CellValue::text("n/a"));
        check(1, "0037", CellValue::text("0037"));
        check(1, "1e3", CellValue::text("1e3"));
        check(1, "NaN", CellValue::text("NaN"));
    }
}
