//! What a column of text holds: numbers, dates, truths, or text after all.
//!
//! **Architecture Invariant:** nothing is guessed away. A code with leading zeros or more digits than a number can hold
//! keeps its column text, and a date is one only where the whole column agrees how dates are written.

use gridkeep_model::CellValue;
use jiff::civil::{Date, Time};

use super::super::date;

/// How dates are written in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DateOrder {
    /// `2026-11-21`
    Iso,
    /// `21.11.2026`
    Dots,
    /// `11/21/2026`
    MonthFirst,
    /// `21/11/2026`
    DayFirst,
}

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ColumnKind {
    /// Text, and only text.
    Text,
    /// Numbers where the cell is one; with what all of them have in common.
    Numbers {
        /// `€` in `12 €`; empty for none.
        unit: String,
        /// The unit stands before the number.
        unit_first: bool,
        /// Digits behind the decimal sign, at most.
        decimals: usize,
        /// Thousands are set apart.
        grouped: bool,
    },
    /// Days, or moments when `time` is set.
    Dates { order: DateOrder, time: bool },
    /// Times of day; with seconds when set.
    Times { seconds: bool },
    /// TRUE and FALSE.
    Booleans,
}

/// A value and the number format that shows it as it was written.
pub(crate) struct Column {
    pub(crate) kind: ColumnKind,
    pub(crate) format: String,
}

impl DateOrder {
    /// The order by which most of these are dates; where several are, the one of whoever writes numbers so.
    pub(crate) fn of<'v>(values: &(impl Iterator<Item = &'v str> + Clone), decimal_comma: bool) -> Self {
        let read = |order: &Self| values.clone().filter(|value| moment(value, *order).is_some()).count();
        // The last of those that are equally good counts.
        orders(decimal_comma).into_iter().rev().max_by_key(read).unwrap_or(Self::Iso)
    }
}

/// Ways to write dates, the likelier first.
const fn orders(decimal_comma: bool) -> [DateOrder; 4] {
    if decimal_comma {
        [DateOrder::Iso, DateOrder::Dots, DateOrder::DayFirst, DateOrder::MonthFirst]
    } else {
        [DateOrder::Iso, DateOrder::Dots, DateOrder::MonthFirst, DateOrder::DayFirst]
    }
}

impl Column {
    /// Looks at all values of a column, headers left out.
    pub(crate) fn of<'v>(values: impl Iterator<Item = &'v str> + Clone, decimal_comma: bool) -> Self {
        let kind = kind(values, decimal_comma);
        let format = format(&kind);
        Self { kind, format }
    }

    /// The value of one cell; text where it is not what the column holds.
    pub(crate) fn value(&self, text: &str, decimal_comma: bool) -> Option<CellValue> {
        let text = text.trim();
        match &self.kind {
            ColumnKind::Text => None,
            ColumnKind::Numbers { .. } => {
                Number::read(text, decimal_comma).map(|number| CellValue::Number(number.value))
            }
            ColumnKind::Dates { order, .. } => moment(text, *order).map(CellValue::Number),
            ColumnKind::Times { .. } => time(text).map(|time| CellValue::Number(date::fraction(time))),
            ColumnKind::Booleans => boolean(text).map(CellValue::Boolean),
        }
    }
}

fn kind<'v>(values: impl Iterator<Item = &'v str> + Clone, decimal_comma: bool) -> ColumnKind {
    let filled = values.map(str::trim).filter(|value| !value.is_empty());
    let Some(first) = filled.clone().next() else { return ColumnKind::Text };
    for order in orders(decimal_comma) {
        if moment(first, order).is_some() && filled.clone().all(|value| moment(value, order).is_some()) {
            return ColumnKind::Dates { order, time: filled.clone().any(|value| value.contains(':')) };
        }
    }
    if filled.clone().all(|value| time(value).is_some()) {
        return ColumnKind::Times { seconds: filled.clone().any(|value| value.matches(':').count() > 1) };
    }
    if filled.clone().all(|value| boolean(value).is_some()) {
        return ColumnKind::Booleans;
    }
    if filled.clone().any(is_code) {
        return ColumnKind::Text;
    }
    let mut numbers = filled.filter_map(|value| Number::read(value, decimal_comma));
    let Some(first) = numbers.next() else { return ColumnKind::Text };
    let (mut unit, mut decimals, mut grouped) = (first.unit, first.decimals, first.grouped);
    for number in numbers {
        if number.unit != unit {
            unit = "";
        }
        decimals = decimals.max(number.decimals);
        grouped |= number.grouped;
    }
    ColumnKind::Numbers { unit: unit.to_owned(), unit_first: first.unit_first, decimals, grouped }
}

fn format(kind: &ColumnKind) -> String {
    match kind {
        ColumnKind::Text => "@".to_owned(),
        ColumnKind::Booleans => "General".to_owned(),
        ColumnKind::Times { seconds: true } => "hh:mm:ss".to_owned(),
        ColumnKind::Times { seconds: false } => "hh:mm".to_owned(),
        ColumnKind::Dates { order, time } => {
            let date = match order {
                DateOrder::Iso => "yyyy-mm-dd",
                DateOrder::Dots => "dd.mm.yyyy",
                DateOrder::MonthFirst => "mm/dd/yyyy",
                DateOrder::DayFirst => "dd/mm/yyyy",
            };
            if *time { format!("{date} hh:mm:ss") } else { date.to_owned() }
        }
        ColumnKind::Numbers { unit, unit_first, decimals, grouped } => {
            let (decimals, whole) = (*decimals, if *grouped { "#,##0" } else { "0" });
            let number = if decimals == 0 {
                whole.to_owned()
            } else {
                format!("{whole}.{}", "0".repeat(decimals.min(15)))
            };
            match unit.as_str() {
                "" if *grouped => number,
                "" => "General".to_owned(),
                "%" => format!("{number}%"),
                unit if *unit_first => format!("\"{unit}\"{number}"),
                unit => format!("{number} \"{unit}\""),
            }
        }
    }
}

/// A number as text holds it.
pub(super) struct Number<'t> {
    pub(super) value: f64,
    pub(super) unit: &'t str,
    unit_first: bool,
    decimals: usize,
    grouped: bool,
}

impl<'t> Number<'t> {
    /// Reads `-1.234,50 €`, `12.5%`, `1.5E-7`; `None` for anything that may be meant otherwise.
    pub(super) fn read(text: &'t str, decimal_comma: bool) -> Option<Self> {
        if is_code(text) || text.len() > 40 {
            return None;
        }
        let (negative, rest) = sign(text);
        let before =
            ["€", "$", "£", "¥", "CHF", "EUR", "USD"].into_iter().find(|unit| rest.starts_with(unit));
        let rest = before.map_or(rest, |unit| rest[unit.len()..].trim_start());
        let (negative_behind, rest) = if before.is_some() && !negative { sign(rest) } else { (false, rest) };
        let after =
            ["%", "€", "$", "£", "¥", "CHF", "EUR", "USD"].into_iter().find(|unit| rest.ends_with(unit));
        if before.is_some() && after.is_some() {
            return None;
        }
        let digits = after.map_or(rest, |unit| rest[..rest.len() - unit.len()].trim_end());
        let (decimal, group) = if decimal_comma { (',', '.') } else { ('.', ',') };
        let (mantissa, exponent) = match digits.find(['e', 'E']) {
            Some(at) => (&digits[..at], Some(&digits[at + 1..])),
            None => (digits, None),
        };
        let (whole, fraction) = mantissa.split_once(decimal).unwrap_or((mantissa, ""));
        let mut parts = whole.split([group, '\'', '’', ' ', '\u{a0}', '\u{202f}']);
        let first = parts.next()?;
        let groups: Vec<&str> = parts.collect();
        let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let well_grouped = groups.is_empty()
            || ((1..=3).contains(&first.len())
                && groups.iter().all(|group| group.len() == 3 && all_digits(group)));
        if !well_grouped
            || !all_digits(first)
            || !all_digits(fraction)
            || (first.is_empty() && fraction.is_empty())
        {
            return None;
        }
        // `12E5` is as likely a code as a number.
        if let Some(exponent) = exponent {
            let plain = exponent.trim_start_matches(['+', '-']);
            if fraction.is_empty() && exponent == plain
                || plain.is_empty()
                || plain.len() > 3
                || !all_digits(plain)
            {
                return None;
            }
        }
        let text = format!("{first}{}.{fraction}0e{}", groups.concat(), exponent.unwrap_or("0"));
        let value: f64 = text.parse().ok().filter(|value: &f64| value.is_finite())?;
        let percent = after == Some("%");
        let value = if percent { value / 100.0 } else { value };
        Some(Self {
            value: if negative || negative_behind { -value } else { value },
            unit: before.or(after).unwrap_or(""),
            unit_first: before.is_some(),
            decimals: fraction.len(),
            grouped: !groups.is_empty(),
        })
    }
}

/// Whether a text reads as a number, whatever the decimal sign.
pub(crate) fn is_number(text: &str) -> bool {
    Number::read(text.trim(), false).is_some() || Number::read(text.trim(), true).is_some()
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// Digits that are no amount: leading zeros, or more of them than a number keeps.
fn is_code(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    (digits > 1 && text.starts_with('0') && digits == text.len()) || digits > 15
}

pub(super) fn boolean(text: &str) -> Option<bool> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    match () {
        () if is("true") || is("wahr") => Some(true),
        () if is("false") || is("falsch") => Some(false),
        () => None,
    }
}

pub(super) fn time(text: &str) -> Option<Time> {
    let mut parts = text.split(':');
    let mut part = |most: i8| -> Option<i8> {
        let text = parts.next()?;
        let digits = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|number| digits && *number <= most)
    };
    let (hour, minute) = (part(23)?, part(59)?);
    let second = if text.matches(':').count() > 1 { part(59)? } else { 0 };
    if parts.next().is_some() {
        return None;
    }
    Time::new(hour, minute, second, 0).ok()
}

/// The serial number of a day or a moment.
pub(super) fn moment(text: &str, order: DateOrder) -> Option<f64> {
    let (day, time_of_day) = match text.find([' ', 'T']) {
        Some(at) => (&text[..at], Some(time(text[at + 1..].trim_end_matches('Z'))?)),
        None => (text, None),
    };
    let sign = match order {
        DateOrder::Iso => '-',
        DateOrder::Dots => '.',
        DateOrder::MonthFirst | DateOrder::DayFirst => '/',
    };
    let mut parts = day.split(sign);
    let mut part = |longest: usize| -> Option<i16> {
        let text = parts.next()?;
        let digits = !text.is_empty() && text.len() <= longest && text.bytes().all(|b| b.is_ascii_digit());
        if digits { text.parse().ok() } else { None }
    };
    let (year, month, day) = match order {
        DateOrder::Iso => (part(4)?, part(2)?, part(2)?),
        DateOrder::Dots | DateOrder::DayFirst => {
            let (day, month) = (part(2)?, part(2)?);
            (part(4)?, month, day)
        }
        DateOrder::MonthFirst => {
            let (month, day) = (part(2)?, part(2)?);
            (part(4)?, month, day)
        }
    };
    if parts.next().is_some() || (order == DateOrder::Iso && year < 1000) {
        return None;
    }
    // Excel's window: 30 and later is the last century.
    let year = match year {
        0..=29 => year + 2000,
        30..=99 => year + 1900,
        year => year,
    };
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    Some(date::days(date, false)? + time_of_day.map_or(0.0, date::fraction))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_typed() {
        let check = |values: &[&str], decimal_comma: bool, expect: &str| {
            let column = Column::of(values.iter().copied(), decimal_comma);
            let values: Vec<String> = values
                .iter()
                .map(|value| match column.value(value, decimal_comma) {
                    Some(CellValue::Number(number)) => number.to_string(),
                    Some(other) => format!("{other:?}"),
                    None => format!("“{value}”"),
                })
                .collect();
            assert_eq!(format!("{} [{}]", values.join(" "), column.format), expect);
        };
        check(&["1", "-2.5", "x"], false, "1 -2.5 “x” [General]");
        check(&["1.234,50", "-7"], true, "1234.5 -7 [#,##0.00]");
        check(&["1,234", "5"], false, "1234 5 [#,##0]");
        check(&["00123", "45678"], false, "“00123” “45678” [@]");
        check(&["1234567890123456", "1"], false, "“1234567890123456” “1” [@]");
        check(&["0", "0,5"], true, "0 0.5 [General]");
        check(&["12,5 %", "3 %"], true, "0.125 0.03 [0.0%]");
        check(&["€ 5", "€ -1,5"], true, "5 -1.5 [\"€\"0.0]");
        check(&["5.00 €", "1 €"], false, "5 1 [0.00 \"€\"]");
        check(&["2026-11-21", "1900-01-01"], false, "46347 1 [yyyy-mm-dd]");
        check(&["21.11.2026", "1.2.26"], true, "46347 46054 [dd.mm.yyyy]");
        check(&["21.11.2026", "soon"], true, "“21.11.2026” “soon” [@]");
        check(&["11/12/2026", "11/21/2026"], false, "46338 46347 [mm/dd/yyyy]");
        check(&["11/12/2026", "21/11/2026"], false, "46367 46347 [dd/mm/yyyy]");
        check(&["2026-11-21 12:00"], false, "46347.5 [yyyy-mm-dd hh:mm:ss]");
        check(&["08:30", "23:59:59"], false, "0.3541666666666667 0.999988425925926 [hh:mm:ss]");
        check(&["TRUE", "false"], false, "Boolean(true) Boolean(false) [General]");
        check(&["12E5", "1.5E+3"], false, "“12E5” 1500 [General]");
        check(&["", ""], false, "“” “” [@]");
    }
}
