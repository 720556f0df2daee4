//! Why the rows of a workbook cannot be published or written back, and where, in both languages.

use gridkeep_engine::typed::Misfit;
use gridkeep_model::{ColumnType, data::ValueError};
use gridkeep_store::Unconvertible;

use crate::error::{ApiError, Words};

fn refused(english: String, german: String) -> ApiError {
    ApiError::RowsNotPublishable(Box::new(Words { english, german }))
}

/// The value of a cell that people entered fits no value of its column.
pub(super) fn lost(cell: &str, misfit: &Misfit) -> ApiError {
    let german = match misfit {
        Misfit::Error(error) => error.as_str(),
        Misfit::Value(ValueError::WrongType) => "passt nicht zum Typ der Spalte",
        Misfit::Value(ValueError::OutOfRange) => "liegt außerhalb des Bereichs der Spalte",
        Misfit::Value(ValueError::TooPrecise) => "hat mehr Nachkommastellen als die Spalte",
    };
    refused(format!("{cell}: {misfit}"), format!("{cell}: {german}"))
}

/// Values that are there already cannot be made into those of a column's new type.
pub(super) fn unconvertible(problems: &[Unconvertible]) -> ApiError {
    let Some(Unconvertible { table, column, from, to, rows, .. }) = problems.first() else {
        return refused(String::new(), String::new());
    };
    let ([from, von], [to, nach]) = (named(*from), named(*to));
    refused(
        format!("{table}/{column}: {from} cannot become {to} in {rows} rows"),
        format!("{table}/{column}: {von} kann in {rows} Zeilen nicht {nach} werden"),
    )
}

/// A table has more rows than fit into a workbook.
pub(super) fn too_many(table: &str, most: usize) -> ApiError {
    refused(format!("{table}: more than {most} rows"), format!("{table}: mehr als {most} Zeilen"))
}

/// A type in English and German.
const fn named(column: ColumnType) -> [&'static str; 2] {
    match column {
        ColumnType::Text => ["text", "Text"],
        ColumnType::Integer => ["a whole number", "eine ganze Zahl"],
        ColumnType::Decimal { .. } => ["a decimal number", "eine Dezimalzahl"],
        ColumnType::Double => ["a number", "eine Zahl"],
        ColumnType::Boolean => ["yes or no", "Ja oder Nein"],
        ColumnType::Date => ["a date", "ein Datum"],
        ColumnType::Time => ["a time", "eine Uhrzeit"],
        ColumnType::DateTime => ["a date with time", "ein Datum mit Uhrzeit"],
        ColumnType::Guid => ["an identifier", "eine Kennung"],
        ColumnType::Duration => ["a duration", "eine Dauer"],
        ColumnType::Binary => ["binary data", "Binärdaten"],
    }
}

#[cfg(test)]
mod tests {
    use gridkeep_model::RowId;

    use super::*;
    use crate::language::Language;

    #[test]
    fn it_is_told_in_both_languages() {
        let check = |error: ApiError, english: &str, german: &str| {
            let ApiError::RowsNotPublishable(words) = error else { panic!("{error}") };
            assert_eq!([words.told(Language::English), words.told(Language::German)], [english, german]);
        };
        let misfit = |error: ValueError| lost("Stock!D7", &Misfit::Value(error));
        check(
            misfit(ValueError::WrongType),
            "Stock!D7: not a value of this column's type",
            "Stock!D7: passt nicht zum Typ der Spalte",
        );
        check(
            misfit(ValueError::TooPrecise),
            "Stock!D7: more decimal places than this column keeps",
            "Stock!D7: hat mehr Nachkommastellen als die Spalte",
        );
        check(lost("A!B2", &Misfit::Error("#N/A".to_owned())), "A!B2: #N/A", "A!B2: #N/A");
        let problem = Unconvertible {
            table: "stock".to_owned(),
            column: "item".to_owned(),
            from: ColumnType::Text,
            to: ColumnType::Decimal { scale: 2 },
            rows: 3,
            example: RowId::from_uuid(uuid::Uuid::nil()),
        };
        check(
            unconvertible(&[problem]),
            "stock/item: text cannot become a decimal number in 3 rows",
            "stock/item: Text kann in 3 Zeilen nicht eine Dezimalzahl werden",
        );
        check(too_many("Stock", 9), "Stock: more than 9 rows", "Stock: mehr als 9 Zeilen");
    }
}
