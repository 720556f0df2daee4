//! Dates, times and durations.

use super::{
    code::{Section, Token},
    push,
};
use crate::Locale;

/// A moment as Excel's calendar of 1900 shows it, 29 February 1900 included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) year: i64,
    pub(crate) month: u32,
    pub(crate) day: u32,
    /// 0 is Sunday.
    pub(crate) weekday: u32,
    pub(crate) hour: u32,
    pub(crate) minute: u32,
    pub(crate) second: u32,
    /// Millionths of a second.
    pub(crate) micros: u32,
}

impl Moment {
    /// The moment of a non-negative serial number, rounded to this many digits of a second.
    pub(crate) fn of(serial: f64, digits: u32) -> Self {
        let unit = 10_i64.pow(digits.min(6));
        let ticks = (serial * 86_400.0 * unit as f64).round() as i64;
        let day_ticks = 86_400 * unit;
        let (days, ticks) = (ticks.div_euclid(day_ticks), ticks.rem_euclid(day_ticks));
        let seconds = ticks / unit;
        let micros = (ticks % unit * (1_000_000 / unit)) as u32;
        let (year, month, day) = civil(days);
        Self {
            year,
            month,
            day,
            weekday: ((days + 6).rem_euclid(7)) as u32,
            hour: (seconds / 3600) as u32,
            minute: (seconds / 60 % 60) as u32,
            second: (seconds % 60) as u32,
            micros,
        }
    }
}

/// Year, month and day of a serial day. Day 0 is "0 January 1900", day 60 the 29 February that never was.
pub(crate) fn civil(days: i64) -> (i64, u32, u32) {
    match days {
        0 => return (1900, 1, 0),
        60 => return (1900, 2, 29),
        _ => {}
    }
    // Days since 1970-01-01, then Howard Hinnant's civil_from_days.
    let z = if days > 60 { days - 25_569 } else { days - 25_568 } + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month as u32, day as u32)
}

pub(super) fn date(section: &Section, serial: f64, locale: Locale) -> String {
    let digits = section.tokens.iter().find_map(|token| match token {
        Token::Fraction(digits) => Some(*digits as u32),
        _ => None,
    });
    let moment = Moment::of(serial, digits.unwrap_or(0));
    let half_days = section.tokens.iter().any(|token| matches!(token, Token::AmPm(_)));
    let mut out = String::new();
    for token in &section.tokens {
        match token {
            Token::Year(1..=2) => push(&mut out, format_args!("{:02}", moment.year % 100)),
            Token::Year(_) => push(&mut out, format_args!("{:04}", moment.year)),
            Token::Month(length) => out.push_str(&month(moment.month, *length, locale)),
            Token::Day(length) => out.push_str(&day(moment, *length, locale)),
            Token::Hour(length) => {
                let hour = match moment.hour {
                    hour if !half_days => hour,
                    hour => (hour + 11) % 12 + 1,
                };
                padded(&mut out, u64::from(hour), *length);
            }
            Token::Minute(length) => padded(&mut out, u64::from(moment.minute), *length),
            Token::Second(length) => padded(&mut out, u64::from(moment.second), *length),
            Token::AmPm(short) => out.push_str(half(moment.hour, *short)),
            other => common(&mut out, other, moment.micros, locale),
        }
    }
    out
}

/// `[h]:mm` and its kin: the first unit grows beyond a day.
pub(super) fn elapsed(section: &Section, value: f64, locale: Locale) -> String {
    let digits = section.tokens.iter().find_map(|token| match token {
        Token::Fraction(digits) => Some(*digits as u32),
        _ => None,
    });
    let unit = 10_u64.pow(digits.unwrap_or(0).min(6));
    let ticks = (value.abs() * 86_400.0 * unit as f64).round() as u64;
    let (seconds, micros) = (ticks / unit, (ticks % unit * (1_000_000 / unit)) as u32);
    let mut out = String::new();
    if value < 0.0 && ticks > 0 {
        out.push('-');
    }
    for token in &section.tokens {
        match token {
            Token::Elapsed('h', length) => padded(&mut out, seconds / 3600, *length),
            Token::Elapsed('m', length) => padded(&mut out, seconds / 60, *length),
            Token::Elapsed(_, length) => padded(&mut out, seconds, *length),
            Token::Hour(length) => padded(&mut out, seconds / 3600 % 24, *length),
            Token::Minute(length) => padded(&mut out, seconds / 60 % 60, *length),
            Token::Second(length) => padded(&mut out, seconds % 60, *length),
            other => common(&mut out, other, micros, locale),
        }
    }
    out
}

fn common(out: &mut String, token: &Token, micros: u32, locale: Locale) {
    let point = super::separators(locale).0;
    match token {
        Token::Fraction(digits) => {
            out.push(point);
            out.push_str(&format!("{micros:06}")[..(*digits).min(6)]);
        }
        Token::Literal(text) => out.push_str(text),
        Token::Skip => out.push(' '),
        Token::Slash => out.push(if locale == Locale::De { '.' } else { '/' }),
        Token::Point => out.push('.'),
        Token::Comma => out.push(','),
        Token::Percent => out.push('%'),
        Token::Digit(digit) => out.push(*digit),
        _ => {}
    }
}

fn padded(out: &mut String, number: u64, length: usize) {
    if length > 1 { push(out, format_args!("{number:02}")) } else { out.push_str(&number.to_string()) }
}

fn half(hour: u32, short: bool) -> &'static str {
    match (hour < 12, short) {
        (true, false) => "AM",
        (false, false) => "PM",
        (true, true) => "A",
        (false, true) => "P",
    }
}

fn month(month: u32, length: usize, locale: Locale) -> String {
    let name = month_name(month, locale);
    match length {
        1 => month.to_string(),
        2 => format!("{month:02}"),
        3 if locale == Locale::De && month == 3 => "Mrz".into(),
        3 => name.chars().take(3).collect(),
        5 => name.chars().take(1).collect(),
        _ => name.into(),
    }
}

fn day(moment: Moment, length: usize, locale: Locale) -> String {
    let name = weekday_name(moment.weekday, locale);
    match length {
        1 => moment.day.to_string(),
        2 => format!("{:02}", moment.day),
        3 => name.chars().take(if locale == Locale::De { 2 } else { 3 }).collect(),
        _ => name.into(),
    }
}

fn month_name(month: u32, locale: Locale) -> &'static str {
    const EN: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    const DE: [&str; 12] = [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ];
    let names = if locale == Locale::De { DE } else { EN };
    names[(month.clamp(1, 12) - 1) as usize]
}

fn weekday_name(weekday: u32, locale: Locale) -> &'static str {
    const EN: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
    const DE: [&str; 7] = ["Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"];
    let names = if locale == Locale::De { DE } else { EN };
    names[(weekday % 7) as usize]
}
