//! Between a cell's value and a column's typed value.
//!
//! **Architecture Invariant:** decimals never pass through binary fractions further than the fifteen digits a cell has.

use gridkeep_model::{CellValue, ColumnType, Value, data::ValueError};
use jiff::civil;
use rust_decimal::{Decimal, prelude::ToPrimitive};

use crate::format::date::{Moment, civil as civil_of};

/// Seconds in a day.
const DAY: f64 = 86_400.0;
/// Bytes whose base64 text a cell can hold; what is longer has no place in a spreadsheet.
const CELL_BYTES: usize = 32_767 / 4 * 3;
/// Days between the two date systems.
const DAYS_1904: f64 = 1462.0;

/// Why a cell's value does not fit a column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// The cell holds an error such as `#N/A`.
    #[error("{0}")]
    Error(String),
    /// The value is of another type or out of range.
    #[error(transparent)]
    Value(#[from] ValueError),
}

/// A cell's value as the column keeps it. Blank cells and empty texts are null, and so are [placeholders](is_placeholder)
/// in columns of numbers, dates and the like; decimals are rounded as ROUND does.
pub fn to_value(cell: &CellValue, column: ColumnType, date_1904: bool) -> Result<Value, Misfit> {
    match cell {
        CellValue::Error(error) => Err(Misfit::Error(error.to_string())),
        _ if cell.is_blank() => Ok(Value::Null),
        CellValue::Text(text) => from_text(text, column),
        CellValue::Boolean(boolean) => match column {
            ColumnType::Boolean => Ok(Value::Boolean(*boolean)),
            ColumnType::Text => Ok(Value::Text(boolean.to_string().to_uppercase())),
            _ => Err(ValueError::WrongType.into()),
        },
        CellValue::Number(number) => from_number(*number, column, date_1904),
        CellValue::Blank => Ok(Value::Null),
    }
}

/// A typed value as a cell holds it.
pub fn to_cell(value: &Value, date_1904: bool) -> CellValue {
    let serial = |days: f64| CellValue::Number(if date_1904 { days - DAYS_1904 } else { days });
    match value {
        Value::Null => CellValue::Blank,
        Value::Text(text) => CellValue::text(text.as_str()),
        Value::Integer(integer) => CellValue::Number(*integer as f64),
        Value::Decimal(decimal) => CellValue::Number(decimal.to_f64().unwrap_or_default()),
        Value::Double(double) => CellValue::Number(*double),
        Value::Boolean(boolean) => CellValue::Boolean(*boolean),
        Value::Date(date) => serial(days(*date)),
        Value::Time(time) => CellValue::Number(fraction(*time)),
        Value::DateTime(moment) => serial(days(moment.date()) + fraction(moment.time())),
        Value::Guid(id) => CellValue::text(id.to_string()),
        // Days, as Excel counts hours beyond 24 with the format [h]:mm:ss.
        Value::Duration(duration) => CellValue::Number(duration.as_secs_f64() / DAY),
        Value::Binary(bytes) if bytes.len() > CELL_BYTES => CellValue::Blank,
        Value::Binary(_) => CellValue::text(value.to_json().as_str().unwrap_or_default()),
    }
}

/// A number with the digits a cell shows of it: fifteen, without an exponent where that is readable.
pub fn plain_number(number: f64) -> String {
    match decimal(number) {
        Some(decimal) => decimal.normalize().to_string(),
        None => number.to_string(),
    }
}

/// The date and time of a serial number; `None` outside Excel's calendar.
pub fn moment(serial: f64, date_1904: bool) -> Option<civil::DateTime> {
    let serial = if date_1904 { serial + DAYS_1904 } else { serial };
    if !(0.0..2_958_466.0).contains(&serial) {
        return None;
    }
    let moment = Moment::of(serial, 0);
    // Day 0 and 29 February 1900 exist in Excel only.
    let day = i8::try_from(moment.day).ok().filter(|day| *day > 0)?;
    let date = civil::Date::new(i16::try_from(moment.year).ok()?, moment.month as i8, day).ok()?;
    let time = civil::Time::new(moment.hour as i8, moment.minute as i8, moment.second as i8, 0).ok()?;
    Some(date.to_datetime(time))
}

fn decimal(number: f64) -> Option<Decimal> {
    Decimal::from_scientific(&format!("{number:.14e}")).ok()
}

/// Whether a text stands where a value is not known or does not apply, as people write it in a column of numbers or dates.
pub fn is_placeholder(text: &str) -> bool {
    const WORDS: [&str; 16] = [
        "n/a", "n.a.", "na", "n/v", "n.v.", "k.a.", "k. a.", "#n/a", "none", "null", "tbd", "-", "--",
        "\u{2013}", "\u{2014}", "?",
    ];
    let text = text.trim();
    WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

fn from_text(text: &str, column: ColumnType) -> Result<Value, Misfit> {
    if !matches!(column, ColumnType::Text | ColumnType::Binary) && is_placeholder(text) {
        return Ok(Value::Null);
    }
    let json = serde_json::Value::String(text.trim().to_owned());
    match column {
        ColumnType::Text => Ok(Value::Text(text.replace('\0', ""))),
        ColumnType::Integer | ColumnType::Double | ColumnType::Boolean => Err(ValueError::WrongType.into()),
        _ => Ok(Value::from_json(column, &json)?),
    }
}

fn from_number(number: f64, column: ColumnType, date_1904: bool) -> Result<Value, Misfit> {
    let out_of_range = || Misfit::Value(ValueError::OutOfRange);
    Ok(match column {
        ColumnType::Text => Value::Text(plain_number(number)),
        ColumnType::Integer if number.fract() == 0.0 => {
            Value::from_json(column, &serde_json::json!(number as i64))?
        }
        ColumnType::Integer => return Err(ValueError::TooPrecise.into()),
        ColumnType::Decimal { scale } => Value::rounded(decimal(number).ok_or_else(out_of_range)?, scale)?,
        ColumnType::Double if number.is_finite() => Value::Double(number),
        ColumnType::Double => return Err(out_of_range()),
        ColumnType::Boolean => match number {
            0.0 => Value::Boolean(false),
            1.0 => Value::Boolean(true),
            _ => return Err(ValueError::WrongType.into()),
        },
        ColumnType::Date => Value::Date(moment(number, date_1904).ok_or_else(out_of_range)?.date()),
        ColumnType::DateTime => Value::DateTime(moment(number, date_1904).ok_or_else(out_of_range)?),
        ColumnType::Time => {
            let of_day = if number < 0.0 { return Err(out_of_range()) } else { number.fract() };
            let moment = Moment::of(of_day, 0);
            let time = civil::Time::new(moment.hour as i8, moment.minute as i8, moment.second as i8, 0);
            Value::Time(time.map_err(|_| out_of_range())?)
        }
        // To the millisecond, as Excel shows it: what is behind it comes from days being binary fractions.
        ColumnType::Duration => {
            let millis = (number * DAY * 1e3).round();
            if millis.abs() > 9e15 {
                return Err(out_of_range());
            }
            Value::Duration(jiff::SignedDuration::from_millis(millis as i64))
        }
        ColumnType::Guid | ColumnType::Binary => return Err(ValueError::WrongType.into()),
    })
}

/// Serial days of a date in the system of 1900.
fn days(date: civil::Date) -> f64 {
    let origin = civil::Date::constant(1899, 12, 30);
    let days = i64::from(date.since(origin).map_or(0, |span| span.get_days()));
    // Excel counts a 29 February 1900 that never was.
    let days = if days <= 60 && civil_of(days) != parts(date) { days - 1 } else { days };
    days as f64
}

fn parts(date: civil::Date) -> (i64, u32, u32) {
    (date.year().into(), date.month().unsigned_abs().into(), date.day().unsigned_abs().into())
}

fn fraction(time: civil::Time) -> f64 {
    let seconds = i32::from(time.hour()) * 3600 + i32::from(time.minute()) * 60 + i32::from(time.second());
    (f64::from(seconds) + f64::from(time.subsec_nanosecond()) / 1e9) / DAY
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cells_become_typed() {
        let check = |cell: CellValue, column: ColumnType, expect: &str| {
            let value = to_value(&cell, column, false);
            let shown = value.map_or_else(|misfit| misfit.to_string(), |value| value.to_json().to_string());
            assert_eq!(shown, expect, "{cell:?} {column:?}");
        };
        let number = CellValue::Number;
        check(number(0.1 + 0.2), ColumnType::Decimal { scale: 2 }, "\"0.30\"");
        check(number(1.005), ColumnType::Decimal { scale: 2 }, "\"1.01\"");
        check(number(46_347.5), ColumnType::DateTime, "\"2026-11-21T12:00:00\"");
        check(number(46_347.0), ColumnType::Date, "\"2026-11-21\"");
        check(number(0.354_166_666_7), ColumnType::Time, "\"08:30:00\"");
        check(number(7.0), ColumnType::Text, "\"7\"");
        check(number(7.5), ColumnType::Integer, "more decimal places than this column keeps");
        check(CellValue::text(""), ColumnType::Integer, "null");
        check(CellValue::text(" N/A"), ColumnType::Decimal { scale: 2 }, "null");
        check(CellValue::text("-"), ColumnType::Date, "null");
        check(CellValue::text("n/a"), ColumnType::Text, "\"n/a\"");
        check(CellValue::text("none"), ColumnType::Binary, "\"none\"");
        check(number(1.5), ColumnType::Duration, "\"P1DT12H\"");
        check(number(46_347.5 - 46_347.25), ColumnType::Duration, "\"PT6H\"");
        check(number(-0.1), ColumnType::Duration, "\"-PT2H24M\"");
        check(number(1e12), ColumnType::Duration, "beyond the range of this column");
        check(CellValue::text("PT36H"), ColumnType::Duration, "\"P1DT12H\"");
        let id = "01234567-89ab-cdef-0123-456789abcdef";
        check(CellValue::text(id), ColumnType::Guid, &format!("\"{id}\""));
        check(number(7.0), ColumnType::Guid, "not a value of this column's type");
        check(CellValue::text("__4"), ColumnType::Binary, "\"__4\"");
        check(CellValue::text("12,5"), ColumnType::Double, "not a value of this column's type");
        check(CellValue::Error(gridkeep_model::CellError::NotAvailable), ColumnType::Text, "#N/A");
    }

    #[test]
    fn values_become_cells() {
        let check = |column: ColumnType, json: serde_json::Value, expect: CellValue| {
            let value = Value::from_json(column, &json).expect("a value");
            assert_eq!(to_cell(&value, false), expect, "{value:?}");
        };
        let json = |text: &str| serde_json::Value::String(text.to_owned());
        check(ColumnType::Duration, json("P1DT12H"), CellValue::Number(1.5));
        check(ColumnType::Duration, json("-PT6H"), CellValue::Number(-0.25));
        check(ColumnType::Time, json("12:00:00.5"), CellValue::Number(43_200.5 / DAY));
        let id = "01234567-89ab-cdef-0123-456789abcdef";
        check(ColumnType::Guid, json(id), CellValue::text(id));
        check(ColumnType::Binary, json("__4"), CellValue::text("__4"));
        check(ColumnType::Binary, json(&"A".repeat(32_764)), CellValue::text("A".repeat(32_764)));
        check(ColumnType::Binary, json(&"A".repeat(32_768)), CellValue::Blank);
    }

    proptest! {
        #[test]
        fn dates_survive_their_serial_number(day in 61_i64..2_958_465, date_1904 in any::<bool>()) {
            prop_assume!(!date_1904 || day < 2_957_000);
            let value = to_value(&CellValue::Number(day as f64), ColumnType::Date, date_1904).expect("a date");
            prop_assert_eq!(to_cell(&value, date_1904), CellValue::Number(day as f64));
        }
    }
}
