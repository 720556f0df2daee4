//! TEXT by our own number formats, and VALUE.

use formualizer::common::{ExcelErrorKind, LiteralValue};

use super::adapter::{Body, Context, Definition, Outcome, text_of};
use crate::{
    Locale,
    format::{Format, separators},
    value::from_literal,
};

pub(super) const FUNCTIONS: &[Definition] = &[
    Definition { name: "TEXT", arguments: (2, 2), body: Body::Scalar(text) },
    Definition { name: "VALUE", arguments: (1, 1), body: Body::Scalar(value) },
];

fn value(context: &Context, arguments: &[LiteralValue]) -> Outcome {
    let number = match &arguments[0] {
        LiteralValue::Boolean(_) => return Err(ExcelErrorKind::Value),
        LiteralValue::Text(text) => match context.number_in(text) {
            Some(number) => number,
            None => grouped_number(text, context.locale).ok_or(ExcelErrorKind::Value)?,
        },
        other => context.number(other)?,
    };
    Ok(LiteralValue::Number(number))
}

/// A number with a currency sign, thousands or the person's decimal sign.
fn grouped_number(text: &str, locale: Locale) -> Option<f64> {
    let (point, separator) = separators(locale);
    let text = text.trim();
    let (text, negative) = match text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
        Some(inner) => (inner, true),
        None => (text, false),
    };
    let is_sign = |c: char| "€$£¥".contains(c);
    let text = text.strip_prefix(is_sign).or_else(|| text.strip_suffix(is_sign)).unwrap_or(text).trim();
    let (whole, fraction) = text.split_once(point).unwrap_or((text, ""));
    let mut groups = whole.trim_start_matches(['+', '-']).split(separator);
    let first = groups.next()?;
    let well_formed = groups.clone().count() == 0 || (1..=3).contains(&first.len());
    if !well_formed || groups.any(|group| group.len() != 3) {
        return None;
    }
    let plain = format!("{}.{fraction}0", whole.replace(separator, ""));
    let digits = plain.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'+' | b'-'));
    let number: f64 = plain.parse().ok().filter(|_| digits && !whole.is_empty())?;
    Some(if negative { -number } else { number })
}

fn text(context: &Context, arguments: &[LiteralValue]) -> Outcome {
    let code = text_of(&arguments[1])?;
    let code = if context.locale == Locale::De { english(&code) } else { code };
    let value = match &arguments[0] {
        // A text that reads as a number is one here.
        LiteralValue::Text(text) => match context.number_in(text) {
            Some(number) => LiteralValue::Number(number),
            None => LiteralValue::Text(text.clone()),
        },
        LiteralValue::Error(error) => return Err(error.kind),
        LiteralValue::Empty => LiteralValue::Number(0.0),
        other => other.clone(),
    };
    if code.is_empty() {
        return Ok(LiteralValue::Text(String::new()));
    }
    let format = Format::new(&code);
    if !format.is_sound() {
        return Err(ExcelErrorKind::Value);
    }
    let shown = format.display(&from_literal(&value), context.locale, context.date_1904);
    // Excel refuses what a cell would show as hash marks.
    if shown.starts_with("########") { Err(ExcelErrorKind::Value) } else { Ok(LiteralValue::Text(shown)) }
}

/// German people write German codes into TEXT: `TT.MM.JJJJ`, `#.##0,00`. They are kept in the file as written.
fn english(code: &str) -> String {
    let mut quoted = false;
    let german_numbers = code.contains("0,0") || code.contains("#.##");
    code.chars()
        .map(|c| {
            if c == '"' {
                quoted = !quoted;
            }
            match c {
                _ if quoted => c,
                'T' | 't' => 'd',
                'J' | 'j' => 'y',
                ',' if german_numbers => '.',
                '.' if german_numbers => ',',
                _ => c,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;

    #[test]
    fn excels_cases() {
        check("TEXT(1234.5,\"#,##0.00\")", "1,234.50");
        check("TEXT(-5,\"0;(0)\")", "(5)");
        check("TEXT(\"1234.5\",\"0\")", "1235");
        check("TEXT(\"abc\",\"0\")", "abc");
        check("TEXT(46347,\"yyyy-mm-dd\")", "2026-11-21");
        check("TEXT(-1,\"yyyy\")", "#VALUE!");
        check("TEXT(TRUE,\"0\")", "TRUE");
        check("TEXT(A9,\"0\")", "0");
        check("VALUE(\"12€\")", "12");
        check("VALUE(\"$1,234.5\")", "1234.5");
        check("VALUE(\"12,34\")", "#VALUE!");
        check("VALUE(\"(5)\")", "-5");
        check("VALUE(\"40%\")", "0.4");
        check("VALUE(\"\")", "#VALUE!");
        check("VALUE(TRUE)", "#VALUE!");
        check("VALUE(A9)", "0");
    }

    #[test]
    fn german_codes_become_english_ones() {
        let check = |code: &str, expect: &str| assert_eq!(super::english(code), expect);
        check("TT.MM.JJJJ", "dd.MM.yyyy");
        check("#.##0,00", "#,##0.00");
        check("0,00 \"Stück\"", "0.00 \"Stück\"");
    }
}
