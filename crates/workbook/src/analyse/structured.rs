//! Structured references: what `Sales[[#This Row],[Price]]` means in cells.

use gridkeep_model::{RangeAt, workbook::Table};

/// What a structured reference means: the table's sheet, the cells, and whether only the own row of them.
pub(crate) fn structured(table: &Table, inside: &str) -> Option<(usize, RangeAt, bool)> {
    let own_row = inside.starts_with('@') || inside.to_lowercase().contains("#this row");
    let words: Vec<String> = inside
        .trim_start_matches('@')
        .split(['[', ']'])
        .map(|word| word.trim().replace('\'', "").to_lowercase())
        .filter(|word| !word.is_empty() && !word.starts_with('#'))
        .collect();
    let positions: Vec<u32> = (0_u32..)
        .zip(&table.columns)
        .filter(|(_, column)| words.contains(&column.name.replace('\'', "").to_lowercase()))
        .map(|(index, _)| index)
        .collect();
    let mut range = if inside.to_lowercase().contains("#all") { table.range } else { table.data_range()? };
    if let (Some(first), Some(last)) = (positions.first(), positions.last()) {
        range.end.column = range.start.column + last;
        range.start.column += first;
    }
    Some((table.sheet, range, own_row))
}

#[cfg(test)]
mod tests {
    use gridkeep_model::workbook::TableColumn;

    use super::*;

    #[test]
    fn columns_and_rows_are_named() {
        let column = |name: &str| TableColumn { name: name.into(), formula: None };
        let table = Table {
            name: "T".into(),
            sheet: 2,
            range: "B3:D9".parse().expect("a range"),
            has_headers: true,
            has_totals: true,
            columns: vec![column("Item"), column("Unit price"), column("Qty")],
        };
        let check = |inside: &str, range: &str, own_row: bool| {
            let found = structured(&table, inside).map(|(sheet, range, own)| (sheet, range.to_string(), own));
            assert_eq!(found, Some((2, range.to_owned(), own_row)), "{inside}");
        };
        check("Qty", "D4:D8", false);
        check("@Qty", "D4:D8", true);
        check("@[Unit price]", "C4:C8", true);
        check("[#This Row],[Qty]", "D4:D8", true);
        check("[Item]:[Unit price]", "B4:C8", false);
        check("#All", "B3:D9", false);
        check("", "B4:D8", false);
    }
}
