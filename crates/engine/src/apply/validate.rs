//! What a field or column accepts.

use gridkeep_model::{
    CellValue, Value,
    definition::{Binding, Choices, Validation},
    transaction::Reason,
};
use rust_decimal::Decimal;

use crate::typed::{moment, plain_number, to_cell};

/// Why a value is refused; `None` when it is accepted. `choices` are the texts to choose from, when they are known here.
pub(crate) fn check_value(
    validation: &Validation,
    value: &Value,
    choices: Option<&[String]>,
    date_1904: bool,
) -> Option<Reason> {
    if value.is_null() {
        return validation.required.then_some(Reason::Required);
    }
    if let Some(minimum) = validation.minimum.filter(|minimum| is_below(value, *minimum, date_1904)) {
        return Some(Reason::TooSmall { minimum: bound(value, minimum, date_1904) });
    }
    if let Some(maximum) = validation.maximum.filter(|maximum| is_above(value, *maximum, date_1904)) {
        return Some(Reason::TooLarge { maximum: bound(value, maximum, date_1904) });
    }
    if let (Some(maximum), Value::Text(text)) = (validation.max_length, value)
        && text.chars().count() > maximum as usize
    {
        return Some(Reason::TooLong { maximum });
    }
    let choices = choices.filter(|_| !validation.open)?;
    (!choices.iter().any(|choice| is_choice(value, choice))).then_some(Reason::NotAChoice)
}

/// Choices that are a column of a published table: they change with its rows.
pub(super) fn choices_of_rows(validation: &Validation) -> Option<(&str, &str)> {
    match validation.choices.as_ref()? {
        Choices::Range { binding: Binding::Column { table, column } } => Some((table, column)),
        _ => None,
    }
}

fn is_choice(value: &Value, choice: &str) -> bool {
    match value {
        Value::Text(text) => text == choice,
        Value::Integer(_) | Value::Decimal(_) | Value::Double(_) => {
            to_cell(value, false).as_number() == choice.trim().parse().ok()
        }
        Value::Boolean(boolean) => choice.eq_ignore_ascii_case(if *boolean { "true" } else { "false" }),
        other => other.to_json().as_str() == Some(choice),
    }
}

fn is_below(value: &Value, minimum: f64, date_1904: bool) -> bool {
    match (value, exact(minimum)) {
        (Value::Decimal(decimal), Some(minimum)) => *decimal < minimum,
        _ => number(value, date_1904).is_some_and(|number| number < minimum),
    }
}

fn is_above(value: &Value, maximum: f64, date_1904: bool) -> bool {
    match (value, exact(maximum)) {
        (Value::Decimal(decimal), Some(maximum)) => *decimal > maximum,
        _ => number(value, date_1904).is_some_and(|number| number > maximum),
    }
}

fn exact(bound: f64) -> Option<Decimal> {
    Decimal::from_str_exact(&bound.to_string()).ok()
}

fn number(value: &Value, date_1904: bool) -> Option<f64> {
    match to_cell(value, date_1904) {
        CellValue::Number(number) => Some(number),
        _ => None,
    }
}

/// A bound in the JSON form of the value it rules.
fn bound(value: &Value, bound: f64, date_1904: bool) -> String {
    let moment = moment(bound, date_1904);
    match (value, moment) {
        (Value::Date(_), Some(moment)) => moment.date().to_string(),
        (Value::DateTime(_), Some(moment)) => moment.to_string(),
        (Value::Time(_), _) => crate::typed::moment(bound.rem_euclid(1.0) + 1.0, false)
            .map_or_else(|| plain_number(bound), |moment| moment.time().to_string()),
        _ => plain_number(bound),
    }
}
