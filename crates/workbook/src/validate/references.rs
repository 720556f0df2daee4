//! Columns that refer to rows of a table: there must be such a column, of one type, and it must find one row.

use std::collections::HashSet;

use gridkeep_engine::rows::source_range;
use gridkeep_model::{
    CellAt, CellValue, RangeAt,
    definition::{Binding, Choices, ColumnDefinition, TableDefinition},
};

use super::{Check, ProblemCode, shown};

impl<'a> Check<'a> {
    /// A column's reference and the choices that come from it.
    pub(super) fn refers(&mut self, path: &str, table: &'a TableDefinition, column: &'a ColumnDefinition) {
        if let Some(Choices::Range { binding: Binding::Column { table, column: key } }) =
            &column.validation.choices
            && column.refers.as_ref().is_none_or(|refers| refers.table != *table || refers.column != *key)
        {
            self.add(
                &format!("{path}/validation/choices"),
                ProblemCode::WrongBinding,
                "The column can be chosen only from the table it refers to",
                "Ausgewählt werden kann nur aus der Tabelle, auf die sich die Spalte bezieht",
            );
        }
        let Some(refers) = &column.refers else { return };
        let Some(other) = self.definition.table(&refers.table) else {
            self.add(
                &format!("{path}/refers/table"),
                ProblemCode::UnknownTable,
                format!("The app has no table “{}”", shown(&refers.table)),
                format!("Die App hat keine Tabelle „{}“", shown(&refers.table)),
            );
            return;
        };
        let path = format!("{path}/refers/column");
        let Some(found) = other.column(&refers.column) else {
            self.unknown_column(&path, &refers.column);
            return;
        };
        if other.id == table.id && found.id == column.id {
            self.add(
                &path,
                ProblemCode::Contradiction,
                "A column cannot refer to itself",
                "Eine Spalte kann sich nicht auf sich selbst beziehen",
            );
        } else if found.column_type != column.column_type {
            self.add(
                &path,
                ProblemCode::Contradiction,
                format!("“{}” and “{}” are of different types", shown(&column.title), shown(&found.title)),
                format!("„{}“ und „{}“ haben verschiedene Typen", shown(&column.title), shown(&found.title)),
            );
        } else if !found.is_entered() {
            self.add(
                &path,
                ProblemCode::Calculated,
                "A column that nobody enters cannot be referred to",
                "Auf eine Spalte, die niemand eingibt, kann sich nichts beziehen",
            );
        } else if found.is_file() {
            self.values_only(&path, other, [&found.id]);
        } else if other.key.as_ref() != Some(&found.id) && self.repeats(other, found) {
            self.add(
                &path,
                ProblemCode::Duplicate,
                format!("“{}” has the same value in several rows", shown(&found.title)),
                format!("„{}“ hat in mehreren Zeilen denselben Wert", shown(&found.title)),
            );
        }
    }

    /// Whether the workbook has a value twice in this column.
    fn repeats(&self, table: &TableDefinition, column: &ColumnDefinition) -> bool {
        let workbook = self.workbook;
        let Some(rows) = source_range(workbook, &table.source) else { return false };
        let Some(sheet) = workbook.sheet(&rows.sheet) else { return false };
        let Some(at) = rows.at.start.column.checked_add(column.offset) else { return false };
        let cells = RangeAt::new(CellAt::new(rows.at.start.row, at), CellAt::new(rows.at.end.row, at));
        let mut seen = HashSet::new();
        sheet.range(cells).filter_map(|cell| same(&cell.value)).any(|value| !seen.insert(value))
    }
}

/// What makes two cells of a column the same; `None` for blanks.
fn same(value: &CellValue) -> Option<String> {
    match value {
        CellValue::Blank => None,
        CellValue::Text(text) => Some(text.trim().to_lowercase()).filter(|text| !text.is_empty()),
        CellValue::Number(number) => Some(number.to_string()),
        other => Some(format!("{other:?}")),
    }
}
