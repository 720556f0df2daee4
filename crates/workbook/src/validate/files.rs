//! Columns of files: what cannot be said of them, and where they cannot stand.

use gridkeep_model::definition::{ColumnDefinition, FieldKind, MAX_FILE, TableDefinition, Validation};

use super::{Check, ProblemCode, shown};

impl Check<'_> {
    /// A column, for what is special about files.
    pub(super) fn file(&mut self, path: &str, table: &TableDefinition, column: &ColumnDefinition) {
        if !column.is_file() {
            return self.no_file(path, column.kind, &column.validation);
        }
        let validation = &column.validation;
        let as_values = column.formula.is_some()
            || column.filled.is_some()
            || column.refers.is_some()
            || validation.choices.is_some()
            || validation.minimum.or(validation.maximum).is_some()
            || validation.max_length.is_some()
            || table.key.as_ref() == Some(&column.id);
        if as_values {
            self.add(
                path,
                ProblemCode::Contradiction,
                "A file is no value: it has no formula, reference, choices or bounds, and names no row",
                "Eine Datei ist kein Wert: Sie hat weder Formel, Bezug, Auswahl noch Grenzen und benennt keine Zeile",
            );
        }
        if validation.max_bytes.is_some_and(|most| !(1..=MAX_FILE).contains(&most)) {
            let most = MAX_FILE >> 20;
            self.add(
                &format!("{path}/validation/maxBytes"),
                ProblemCode::OutOfRange,
                format!("Files have at most {most} MB"),
                format!("Dateien haben höchstens {most} MB"),
            );
        }
    }

    /// A field, parameter or column that holds values.
    pub(super) fn no_file(&mut self, path: &str, kind: FieldKind, validation: &Validation) {
        if kind == FieldKind::File || validation.pictures || validation.max_bytes.is_some() {
            self.add(
                path,
                ProblemCode::Contradiction,
                "Only columns of tables hold files",
                "Nur Spalten von Tabellen enthalten Dateien",
            );
        }
    }

    /// Columns by which rows are named, found, filtered, ordered or set: none of files.
    pub(super) fn values_only<'c>(
        &mut self,
        path: &str,
        table: &TableDefinition,
        columns: impl IntoIterator<Item = &'c String>,
    ) {
        for column in columns.into_iter().filter_map(|id| table.column(id)).filter(|column| column.is_file())
        {
            self.add(
                path,
                ProblemCode::Contradiction,
                format!("“{}” holds files, which cannot be used here", shown(&column.title)),
                format!("„{}“ enthält Dateien, die hier nicht verwendbar sind", shown(&column.title)),
            );
        }
    }
}
