//! From the rows of a published table to the block of cells they came from.
//!
//! **Architecture Invariant:** a value that nobody changed is written as the file had it: a code kept as text stays the
//! number it was, a rounded amount keeps its digits.

use std::collections::HashMap;

use gridkeep_engine::typed::{to_cell, to_value};
use gridkeep_model::{
    CellAt, CellValue, RangeAt, Value, Workbook,
    definition::{TableDefinition, TableSource},
    workbook::Sheet,
};

use super::{TableColumnAt, TableRows};

impl TableRows {
    /// The rows of a published table, in the order they are to have; `None` when the workbook has no such table. Each
    /// row's values follow the definition's columns; those of computed columns are written beside the formulas.
    pub fn of<'r>(
        workbook: &Workbook,
        table: &TableDefinition,
        rows: impl IntoIterator<Item = &'r [Value]>,
    ) -> Option<Self> {
        let (sheet, range, has_headers) = source(workbook, &table.source)?;
        let first = range.start.row + u32::from(has_headers);
        // Files have no place in a workbook.
        let kept: Vec<_> = table.columns.iter().enumerate().filter(|(_, column)| !column.is_file()).collect();
        let columns: Vec<Written<'_>> = kept
            .iter()
            .map(|(_, column)| {
                let at = range.start.column + column.offset;
                Written { workbook, sheet, at, kind: column.column_type, known: HashMap::new() }
                    .learn(first, range.end.row)
            })
            .collect();
        let rows = (first..).zip(rows).map(|(row, values)| {
            let values = kept.iter().filter_map(|(place, _)| values.get(*place));
            columns.iter().zip(values).map(|(column, value)| column.cell(row, range.end.row, value)).collect()
        });
        Some(Self {
            sheet: sheet.name.clone(),
            range,
            has_headers,
            columns: kept
                .iter()
                .map(|(_, column)| TableColumnAt {
                    offset: column.offset,
                    computed: column.formula.is_some(),
                })
                .collect(),
            rows: rows.collect(),
        })
    }
}

/// A column of the original, for writing values as it does.
struct Written<'w> {
    workbook: &'w Workbook,
    sheet: &'w Sheet,
    at: u32,
    kind: gridkeep_model::ColumnType,
    /// How the column writes a value, by the value's JSON form.
    known: HashMap<String, &'w CellValue>,
}

impl Written<'_> {
    fn learn(mut self, first: u32, last: u32) -> Self {
        for row in first..=last {
            let cell = self.sheet.value(CellAt::new(row, self.at));
            if let Some(key) = self.typed(cell).as_ref().and_then(key) {
                self.known.entry(key).or_insert(cell);
            }
        }
        self
    }

    fn typed(&self, cell: &CellValue) -> Option<Value> {
        to_value(cell, self.kind, self.workbook.date_1904).ok()
    }

    fn cell(&self, row: u32, last: u32, value: &Value) -> CellValue {
        let own = self.sheet.value(CellAt::new(row, self.at));
        if row <= last && self.typed(own).as_ref() == Some(value) {
            return own.clone();
        }
        let known = key(value).and_then(|key| self.known.get(&key));
        known.map_or_else(|| to_cell(value, self.workbook.date_1904), |known| (*known).clone())
    }
}

fn key(value: &Value) -> Option<String> {
    if *value == Value::Null { None } else { serde_json::to_string(value).ok() }
}

fn source<'w>(workbook: &'w Workbook, source: &TableSource) -> Option<(&'w Sheet, RangeAt, bool)> {
    match source {
        TableSource::Table { name } => {
            let table = workbook.table(name)?;
            let mut range = table.range;
            range.end.row = (range.end.row - u32::from(table.has_totals)).max(range.start.row);
            Some((workbook.sheets.get(table.sheet)?, range, table.has_headers))
        }
        TableSource::Range { sheet, range } => Some((workbook.sheet(sheet)?, range.parse().ok()?, true)),
    }
}

#[cfg(test)]
mod tests {
    use gridkeep_model::{ColumnType, definition::ColumnDefinition};

    use super::*;
    use crate::read::testing::PackageBuilder;

    fn column(id: &str, offset: u32, column_type: ColumnType, formula: Option<&str>) -> ColumnDefinition {
        let kind = serde_json::json!({ "id": id, "title": id, "offset": offset, "type": column_type, "kind": "text", "formula": formula });
        serde_json::from_value(kind).expect("a column")
    }

    #[test]
    fn unchanged_values_are_written_as_they_were() {
        let workbook = PackageBuilder::sheet(
            r#"<sheetData><row r="1"><c r="A1" t="str"><v>Code</v></c><c r="B1" t="str"><v>Sum</v></c><c r="C1" t="str"><v>Qty</v></c></row>
            <row r="2"><c r="A2"><v>7</v></c><c r="B2"><v>1.00499999</v></c><c r="C2" t="str"><v>n/a</v></c></row><row r="3"><c r="A3" t="str"><v>8</v></c><c r="B3"><v>2</v></c><c r="C3"><v>5</v></c></row></sheetData>"#,
        )
        .read();
        let table = TableDefinition {
            id: "t".into(),
            title: "T".into(),
            source: TableSource::Range { sheet: "Sheet1".into(), range: "A1:C3".into() },
            columns: vec![
                column("code", 0, ColumnType::Text, None),
                column("sum", 1, ColumnType::Decimal { scale: 2 }, Some("A2*2")),
                column("quantity", 2, ColumnType::Integer, None),
            ],
            key: None,
            access: gridkeep_model::definition::TableAccess::default(),
            gates: Vec::new(),
        };
        let money = |text: &str| Value::decimal(text, 2).expect("a decimal");
        let rows = [
            [Value::Text("8".into()), money("1.00"), Value::Null],
            [Value::Text("7".into()), money("2.50"), Value::Integer(6)],
            [Value::Text("9".into()), Value::Null, Value::Null],
        ];
        let rows =
            TableRows::of(&workbook, &table, rows.iter().map(<[Value; 3]>::as_slice)).expect("the table");
        assert_eq!(
            rows.rows,
            [
                [CellValue::text("8"), CellValue::Number(1.004_999_99), CellValue::text("n/a")],
                [CellValue::Number(7.0), CellValue::Number(2.5), CellValue::Number(6.0)],
                [CellValue::text("9"), CellValue::Blank, CellValue::Blank],
            ]
        );
        assert_eq!(rows.columns[1], TableColumnAt { offset: 1, computed: true });
        assert_eq!(rows.range.to_string(), "A1:C3");
    }
}
