//! Data validations, in the words of an app definition.

use gridkeep_model::{
    CellAt, RangeAt,
    definition::{Binding, Choices, Validation},
    workbook::{DataValidation, ValidationKind, ValidationOperator},
};

use super::{
    book::Book,
    formula::{Piece, cut},
    structured::structured,
};

/// Longer inline lists are cut by Excel itself at 255 characters; this only bounds odd files.
const MAX_CHOICES: usize = 500;

/// The validation of a single cell.
pub(crate) fn of_cell(book: &Book<'_>, sheet: usize, at: CellAt) -> Validation {
    let rule = book.surfaces[sheet]
        .sheet
        .validations
        .iter()
        .find(|rule| rule.ranges.iter().any(|range| range.contains(at)));
    rule.map_or_else(Validation::default, |rule| convert(book, sheet, rule))
}

/// The validation of a column: the one that rules most of its cells, and at least a third of them.
pub(crate) fn of_column(book: &Book<'_>, sheet: usize, column: RangeAt) -> Validation {
    let covered = |rule: &DataValidation| -> u64 {
        rule.ranges
            .iter()
            .filter(|range| range.intersects(&column))
            .map(|range| overlap(*range, column))
            .sum()
    };
    let rules = book.surfaces[sheet].sheet.validations.iter();
    let best = rules
        .map(|rule| (covered(rule), rule))
        .filter(|(count, _)| *count > 0)
        .max_by_key(|(count, _)| *count);
    match best {
        Some((count, rule)) if count * 3 >= u64::from(column.rows()) => convert(book, sheet, rule),
        _ => Validation::default(),
    }
}

fn overlap(a: RangeAt, b: RangeAt) -> u64 {
    let rows = a.end.row.min(b.end.row) - a.start.row.max(b.start.row) + 1;
    let columns = a.end.column.min(b.end.column) - a.start.column.max(b.start.column) + 1;
    u64::from(rows) * u64::from(columns)
}

fn convert(book: &Book<'_>, sheet: usize, rule: &DataValidation) -> Validation {
    let message = rule.error_message.trim();
    let mut validation = Validation {
        required: !rule.allow_blank
            && rule.blocking
            && rule.kind != ValidationKind::Any
            && rule.kind != ValidationKind::List,
        message: (!message.is_empty()).then(|| message.chars().take(300).collect()),
        ..Validation::default()
    };
    match rule.kind {
        ValidationKind::List => {
            validation.choices = choices(book, sheet, rule);
            validation.open = validation.choices.is_some() && !rule.blocking;
        }
        ValidationKind::Whole | ValidationKind::Decimal | ValidationKind::Date | ValidationKind::Time
            if rule.blocking =>
        {
            let step = if rule.kind == ValidationKind::Whole { 1.0 } else { 0.0 };
            (validation.minimum, validation.maximum) = bounds(rule, step);
        }
        ValidationKind::TextLength if rule.blocking => {
            validation.max_length =
                bounds(rule, 1.0).1.filter(|length| (1.0..=32_767.0).contains(length)).map(|l| l as u32);
        }
        _ => {}
    }
    let rules = validation.choices.is_some()
        || validation.minimum.is_some()
        || validation.maximum.is_some()
        || validation.max_length.is_some();
    if rules || validation.required { validation } else { Validation::default() }
}

/// The bounds, ends included; for "greater than" they move by `step`. Operands that are not plain numbers set none.
fn bounds(rule: &DataValidation, step: f64) -> (Option<f64>, Option<f64>) {
    let first = rule.formula1.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    let second = rule.formula2.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    match rule.operator {
        ValidationOperator::Between => (first, second),
        ValidationOperator::Equal => (first, first),
        ValidationOperator::GreaterThan => (first.map(|number| number + step), None),
        ValidationOperator::GreaterThanOrEqual => (first, None),
        ValidationOperator::LessThan => (None, first.map(|number| number - step)),
        ValidationOperator::LessThanOrEqual => (None, first),
        ValidationOperator::NotBetween | ValidationOperator::NotEqual => (None, None),
    }
}

fn choices(book: &Book<'_>, sheet: usize, rule: &DataValidation) -> Option<Choices> {
    let text = rule.formula1.trim().trim_start_matches('=');
    if let Some(list) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        let mut values: Vec<String> = Vec::new();
        for value in list.replace("\"\"", "\"").split(',').map(str::trim).filter(|value| !value.is_empty()) {
            if !values.iter().any(|known| known == value) && values.len() < MAX_CHOICES {
                values.push(value.to_owned());
            }
        }
        return (!values.is_empty()).then_some(Choices::List { values });
    }
    let own = rule.ranges.first()?.start;
    match cut(text, own).as_slice() {
        [Piece::Reference(reference)] => {
            let target = match &reference.sheet {
                Some(name) => book.sheet(name)?,
                None => sheet,
            };
            let range = reference.range(own)?;
            let surface = &book.surfaces[target];
            let label = super::labels::label_above(surface, range.start).map(|label| label.text);
            let binding =
                Binding::Range { sheet: surface.sheet.name.to_string(), range: range.to_string(), label };
            Some(Choices::Range { binding })
        }
        // Validations cannot name a table's column but in a text.
        [Piece::Function(name), Piece::Text("("), Piece::Text(quoted), Piece::Text(")")]
            if name.eq_ignore_ascii_case("INDIRECT") =>
        {
            let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
            let pieces = cut(inner, own);
            let [Piece::Table(name, inside)] = pieces.as_slice() else { return None };
            let (target, range, own_row) = structured(book.workbook.table(name)?, inside)?;
            if own_row || range.columns() != 1 {
                return None;
            }
            let surface = book.surfaces.get(target)?;
            let label = super::labels::label_above(surface, range.start).map(|label| label.text);
            let binding =
                Binding::Range { sheet: surface.sheet.name.to_string(), range: range.to_string(), label };
            Some(Choices::Range { binding })
        }
        [Piece::Name(name)] => {
            book.name(sheet, name)?;
            Some(Choices::Range { binding: Binding::Name { name: (*name).to_owned() } })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use gridkeep_model::workbook::{Table, TableColumn};

    use super::super::tests::{book, workbook};
    use super::*;

    fn rule(
        kind: ValidationKind,
        operator: ValidationOperator,
        formula1: &str,
        formula2: &str,
    ) -> DataValidation {
        DataValidation {
            ranges: vec!["B2:B3".parse().expect("a range")],
            kind,
            operator,
            formula1: formula1.into(),
            formula2: formula2.into(),
            allow_blank: true,
            blocking: true,
            error_message: String::new(),
            prompt: String::new(),
        }
    }

    #[test]
    fn validations_become_what_a_field_accepts() {
        use ValidationKind as K;
        use ValidationOperator as O;
        let check = |rule: DataValidation, expect: Validation| {
            let mut workbook = workbook(&[("S", &["a|b", "1|2", "3|4"]), ("My list", &["Item", "x", "y"])]);
            workbook.sheets[0].validations.push(rule.clone());
            workbook.tables.push(Table {
                name: "Items".into(),
                sheet: 1,
                range: "A1:A3".parse().expect("a range"),
                has_headers: true,
                has_totals: false,
                columns: vec![TableColumn { name: "Item".into(), formula: None }],
            });
            let book = book(&workbook);
            assert_eq!(of_cell(&book, 0, CellAt::new(2, 2)), expect, "{rule:?}");
            assert_eq!(of_column(&book, 0, "B2:B4".parse().expect("a range")), expect, "{rule:?}");
            assert_eq!(of_column(&book, 0, "B2:B99".parse().expect("a range")), Validation::default());
        };
        let bounded = |minimum, maximum| Validation { minimum, maximum, ..Validation::default() };
        let chosen = |choices| Validation { choices: Some(choices), ..Validation::default() };
        check(rule(K::Whole, O::Between, "1", "9"), bounded(Some(1.0), Some(9.0)));
        check(rule(K::Whole, O::GreaterThan, "0", ""), bounded(Some(1.0), None));
        check(rule(K::Decimal, O::LessThan, "0.5", ""), bounded(None, Some(0.5)));
        check(rule(K::Decimal, O::NotEqual, "0.5", ""), Validation::default());
        check(rule(K::Whole, O::Between, "A1", "B7*2"), Validation::default());
        let length = Validation { max_length: Some(20), ..Validation::default() };
        check(rule(K::TextLength, O::LessThanOrEqual, "20", ""), length);
        check(rule(K::Custom, O::Between, "ISNUMBER(B2)", ""), Validation::default());
        let values = vec!["Pass".to_owned(), "Fail".to_owned()];
        check(rule(K::List, O::Between, "\"Pass, Fail,,Pass\"", ""), chosen(Choices::List { values }));
        let binding =
            Binding::Range { sheet: "My list".into(), range: "A2:A3".into(), label: Some("Item".into()) };
        let range = chosen(Choices::Range { binding });
        check(rule(K::List, O::Between, "'My list'!$A$2:$A$3", ""), range.clone());
        check(rule(K::List, O::Between, "INDIRECT(\"Items[Item]\")", ""), range);
        check(rule(K::List, O::Between, "INDIRECT(\"Items[Other]\"&A1)", ""), Validation::default());
        check(rule(K::List, O::Between, "INDIRECT(\"Gone[Item]\")", ""), Validation::default());
        check(rule(K::List, O::Between, "INDIRECT(\"x\")", ""), Validation::default());
        check(rule(K::List, O::Between, "Missing!A1:A2", ""), Validation::default());
    }
}
