//! Published tables: source, columns, key.

use std::collections::{HashMap, HashSet};

use gridkeep_model::{
    CellAt, ColumnType, RangeAt,
    data::MAX_PLACES,
    definition::{Binding, Choices, ColumnDefinition, FieldKind, TableDefinition, TableSource},
    workbook::Sheet,
};

use super::{Check, ProblemCode, shown};

/// Columns of one table.
const MAX_COLUMNS: usize = 200;
/// Digits behind the point.
/// So many rows are searched for a column's formula.
const SAMPLE_ROWS: u32 = 1_000;

impl<'a> Check<'a> {
    pub(super) fn table(&mut self, path: &str, index: usize, table: &'a TableDefinition) {
        self.id(&format!("{path}/id"), &table.id);
        let before = &self.definition.tables[..index];
        if before.iter().any(|other| other.id == table.id) {
            self.duplicate(&format!("{path}/id"), &table.id);
        }
        if before.iter().any(|other| other.source == table.source) {
            self.add(
                &format!("{path}/source"),
                ProblemCode::Duplicate,
                "Another table already has these rows",
                "Eine andere Tabelle hat diese Zeilen schon",
            );
        }
        self.label(&format!("{path}/title"), &table.title);
        if table.columns.is_empty() {
            self.add(
                &format!("{path}/columns"),
                ProblemCode::Missing,
                "The table has no columns",
                "Die Tabelle hat keine Spalten",
            );
        }
        self.most(&format!("{path}/columns"), table.columns.len(), MAX_COLUMNS);
        let rows = self.source(&format!("{path}/source"), &table.source);
        let (mut ids, mut offsets) = (HashSet::new(), HashMap::new());
        for (index, column) in table.columns.iter().enumerate() {
            let path = format!("{path}/columns/{index}");
            if !ids.insert(column.id.as_str()) {
                self.duplicate(&path, &column.id);
            }
            if !column.is_file()
                && let Some(other) = offsets.insert(column.offset, column.title.as_str())
            {
                self.same_column(&format!("{path}/offset"), other, &column.title);
            }
            self.file(&path, table, column);
            self.column(&path, column, rows.filter(|_| !column.is_file()));
            self.refers(&path, table, column);
        }
        if let Some(key) = &table.key {
            let path = format!("{path}/key");
            match table.column(key) {
                None => self.unknown_column(&path, key),
                Some(column) if !column.is_entered() => {
                    self.add(
                        &path,
                        ProblemCode::Calculated,
                        "A column that nobody enters cannot name rows",
                        "Eine Spalte, die niemand eingibt, kann keine Zeilen benennen",
                    );
                }
                Some(_) => {}
            }
        }
    }

    /// The rows of a source, headers included.
    fn source(&mut self, path: &str, source: &TableSource) -> Option<(&'a Sheet, RangeAt)> {
        match source {
            TableSource::Table { name } => {
                let found = self.workbook.table(name).filter(|table| table.has_headers);
                let Some(table) = found else {
                    self.add(
                        path,
                        ProblemCode::UnknownName,
                        format!("The workbook has no table “{}” with headers", shown(name)),
                        format!("Die Arbeitsmappe hat keine Tabelle „{}“ mit Überschriften", shown(name)),
                    );
                    return None;
                };
                Some((self.workbook.sheets.get(table.sheet)?, table.range))
            }
            TableSource::Range { sheet, range } => {
                let sheet = self.sheet(path, sheet)?;
                let Ok(at) = range.parse::<RangeAt>() else {
                    self.no_address(path, range);
                    return None;
                };
                if at.rows() < 2 {
                    self.add(
                        path,
                        ProblemCode::OutOfRange,
                        "Headers and at least one row are needed",
                        "Überschriften und mindestens eine Zeile werden gebraucht",
                    );
                    return None;
                }
                Some((sheet, at))
            }
        }
    }

    fn column(&mut self, path: &str, column: &ColumnDefinition, rows: Option<(&Sheet, RangeAt)>) {
        self.id(&format!("{path}/id"), &column.id);
        self.label(&format!("{path}/title"), &column.title);
        if let ColumnType::Decimal { scale } = column.column_type
            && scale > MAX_PLACES
        {
            self.add(
                &format!("{path}/type"),
                ProblemCode::OutOfRange,
                format!("At most {MAX_PLACES} decimal places are kept"),
                format!("Höchstens {MAX_PLACES} Nachkommastellen werden gehalten"),
            );
        }
        if !fits(column.column_type, column.kind) {
            self.add(
                &format!("{path}/kind"),
                ProblemCode::Contradiction,
                "This kind of field does not fit the column's type",
                "Diese Feldart passt nicht zum Typ der Spalte",
            );
        }
        self.filled(path, column);
        // A table's column as choices is looked at with the reference.
        let of_rows =
            matches!(column.validation.choices, Some(Choices::Range { binding: Binding::Column { .. } }));
        let chosen = column.is_entered() && !of_rows;
        let kind = if !chosen && column.kind == FieldKind::Choice { FieldKind::Text } else { column.kind };
        let mut validation = column.validation.clone();
        validation.choices = validation.choices.filter(|_| !of_rows);
        self.validation(&format!("{path}/validation"), kind, &validation);
        let Some((sheet, range)) = rows else { return };
        if column.offset >= range.columns() {
            self.add(
                &format!("{path}/offset"),
                ProblemCode::OutOfRange,
                format!("The table has only {} columns", range.columns()),
                format!("Die Tabelle hat nur {} Spalten", range.columns()),
            );
            return;
        }
        if let Some(formula) = &column.formula {
            let at = range.start.column + column.offset;
            let end = range.end.row.min(range.start.row + SAMPLE_ROWS);
            let cells = RangeAt::new(
                CellAt::new(range.start.row + 1, at),
                CellAt::new(end.max(range.start.row + 1), at),
            );
            let calculated = sheet.range(cells).any(|cell| cell.formula.is_some());
            if formula.trim().is_empty() || !calculated {
                self.add(
                    &format!("{path}/formula"),
                    ProblemCode::NotCalculated,
                    format!("“{}” is not calculated in the workbook", shown(&column.title)),
                    format!("„{}“ wird in der Arbeitsmappe nicht berechnet", shown(&column.title)),
                );
            }
        }
    }

    /// A column that is filled with moments holds moments, and gets them from nowhere else.
    fn filled(&mut self, path: &str, column: &ColumnDefinition) {
        if column.filled.is_none() {
            return;
        }
        let path = format!("{path}/filled");
        if column.column_type != ColumnType::DateTime {
            self.add(
                &path,
                ProblemCode::Contradiction,
                format!("“{}” is filled with date and time and cannot hold them", shown(&column.title)),
                format!(
                    "„{}“ wird mit Datum und Uhrzeit gefüllt und kann sie nicht aufnehmen",
                    shown(&column.title)
                ),
            );
        }
        if column.formula.is_some() || column.refers.is_some() || !column.validation.is_empty() {
            self.add(
                &path,
                ProblemCode::Contradiction,
                format!(
                    "“{}” is filled by the app: there is nothing to calculate, to find or to check",
                    shown(&column.title)
                ),
                format!(
                    "„{}“ füllt die App: es gibt nichts zu berechnen, zu finden oder zu prüfen",
                    shown(&column.title)
                ),
            );
        }
    }

    pub(super) fn unknown_column(&mut self, path: &str, column: &str) {
        self.add(
            path,
            ProblemCode::UnknownColumn,
            format!("The table has no column “{}”", shown(column)),
            format!("Die Tabelle hat keine Spalte „{}“", shown(column)),
        );
    }
}

/// Whether values of this type can be entered by this kind of field.
pub(super) fn fits(column_type: ColumnType, kind: FieldKind) -> bool {
    use FieldKind as K;
    match column_type {
        ColumnType::Text => matches!(kind, K::Text | K::LongText | K::Choice | K::File),
        ColumnType::Integer => matches!(kind, K::Integer | K::Number | K::Currency | K::Choice),
        ColumnType::Decimal { .. } | ColumnType::Double => {
            matches!(kind, K::Number | K::Integer | K::Currency | K::Percent | K::Choice)
        }
        ColumnType::Boolean => kind == K::Boolean,
        ColumnType::Date => matches!(kind, K::Date | K::Choice),
        ColumnType::Time => matches!(kind, K::Time | K::Choice),
        ColumnType::DateTime => matches!(kind, K::DateTime | K::Choice),
        ColumnType::Guid | ColumnType::Duration => matches!(kind, K::Text | K::Choice),
        ColumnType::Binary => matches!(kind, K::Text | K::LongText),
    }
}
