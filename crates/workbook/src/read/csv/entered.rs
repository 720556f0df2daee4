//! What a text says to a column whose type is known.

use gridkeep_model::{CellValue, ColumnType};

use super::{
    super::date,
    typing::{DateOrder, Number, boolean, moment, time},
};

/// A date, time or truth; `None` for what is none, and for columns of other types.
pub(crate) fn entered(text: &str, column: ColumnType, order: DateOrder) -> Option<CellValue> {
    match column {
        ColumnType::Boolean => boolean(text).or_else(|| word(text)).map(CellValue::Boolean),
        ColumnType::Date | ColumnType::DateTime => {
            // One date may be written otherwise than the others.
            let other =
                || [DateOrder::Iso, DateOrder::Dots].into_iter().find_map(|order| moment(text, order));
            moment(text, order).or_else(other).map(CellValue::Number)
        }
        ColumnType::Time => time(text).map(|time| CellValue::Number(date::fraction(time))),
        _ => None,
    }
}

/// A number in plain digits with a point, each of its digits kept: `-1234.50` of `-1.234,50 €`.
pub(crate) fn exact(text: &str, decimal_comma: bool) -> Option<String> {
    let unsigned = text.strip_prefix(['-', '+', '−']).unwrap_or(text);
    // A code is refused where nobody said that it is a number; here somebody did.
    let significant = unsigned.trim_start_matches('0');
    let read = if significant.len() < unsigned.len() && significant.starts_with(|c: char| c.is_ascii_digit())
    {
        significant
    } else {
        text
    };
    let number = Number::read(read, decimal_comma)?;
    let negative = number.value < 0.0 || text.starts_with(['-', '−']) && number.value != 0.0;
    let exponent = read.trim_end_matches("EUR").trim_start_matches("EUR").contains(['e', 'E']);
    if number.unit == "%" || exponent {
        return Some(gridkeep_engine::typed::plain_number(number.value));
    }
    let mark = if decimal_comma { ',' } else { '.' };
    let mut plain: String = read.chars().filter(|c| c.is_ascii_digit() || *c == mark).collect();
    if decimal_comma {
        plain = plain.replace(',', ".");
    }
    if let Some((whole, fraction)) = plain.split_once('.') {
        let fraction = fraction.trim_end_matches('0');
        let whole = if whole.is_empty() { "0" } else { whole };
        plain = if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") };
    }
    Some(if negative { format!("-{plain}") } else { plain })
}

fn word(text: &str) -> Option<bool> {
    let is = |words: [&str; 3]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(["yes", "ja", "1"]) {
        Some(true)
    } else if is(["no", "nein", "0"]) {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits() {
        let check = |text: &str, decimal_comma: bool, expect: &str| {
            assert_eq!(exact(text, decimal_comma).unwrap_or_default(), expect, "{text}");
        };
        check("12", false, "12");
        check("-1.234,50 €", true, "-1234.5");
        check("EUR 5,10", true, "5.1");
        check("1,234.50", false, "1234.5");
        check("1234567890.123456789", false, "1234567890.123456789");
        check("007", false, "7");
        check("-007", false, "-7");
        check("0", false, "0");
        check("-0,5", true, "-0.5");
        check("12,5 %", true, "0.125");
        check("1.5E+3", false, "1500");
        check("5.00", false, "5");
        check(".5", false, "0.5");
        check("5 EUR", false, "5");
        check("1.5", true, "");
        check("soon", false, "");
        check("=1+1", false, "");
    }
}
