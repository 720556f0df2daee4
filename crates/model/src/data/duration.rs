//! Durations as text (ISO 8601: days, hours, minutes and seconds) and as databases keep them.
//!
//! **Architecture Invariant:** a duration is a whole number of microseconds of 64 bits; each has one text.

use std::fmt::Write as _;

use jiff::SignedDuration;

use super::ValueError;

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;
/// Microseconds in a day.
pub(crate) const DAY: i64 = 86_400 * SECOND;

/// Bytes a text may have.
const LONGEST: usize = 100;

/// The duration in microseconds; `None` when it is none in whole ones, or beyond 64 bits.
pub fn micros(duration: SignedDuration) -> Option<i64> {
    let exact = duration.subsec_nanos() % 1_000 == 0;
    i64::try_from(duration.as_micros()).ok().filter(|_| exact)
}

/// From microseconds.
pub const fn from_micros(micros: i64) -> SignedDuration {
    SignedDuration::from_micros(micros)
}

/// `P1DT2H3M4.5S`, without parts that are zero; `PT0S` for none. Also of a duration that is more precise.
pub fn text(duration: SignedDuration) -> String {
    let (seconds, nanos) = (duration.as_secs().unsigned_abs(), duration.subsec_nanos().unsigned_abs());
    if seconds == 0 && nanos == 0 {
        return "PT0S".to_owned();
    }
    let mut text = String::from(if duration.is_negative() { "-P" } else { "P" });
    let part = |count: u64, unit: char, text: &mut String| {
        if count > 0 {
            // Writing to a text never fails.
            let _ = write!(text, "{count}{unit}");
        }
    };
    part(seconds / 86_400, 'D', &mut text);
    if seconds % 86_400 > 0 || nanos > 0 {
        text.push('T');
    }
    part(seconds / 3_600 % 24, 'H', &mut text);
    part(seconds / 60 % 60, 'M', &mut text);
    if nanos > 0 {
        let fraction = format!("{nanos:09}");
        let _ = write!(text, "{}.{}S", seconds % 60, fraction.trim_end_matches('0'));
    } else {
        part(seconds % 60, 'S', &mut text);
    }
    text
}

/// From text in that form; parts may be zero or larger than the next unit, a plus sign and zeros behind the last place are
/// allowed.
pub fn parse(text: &str) -> Result<SignedDuration, ValueError> {
    if text.len() > LONGEST {
        return Err(ValueError::WrongType);
    }
    let (negative, unsigned) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let body = unsigned.strip_prefix('P').ok_or(ValueError::WrongType)?;
    let (date, time) = match body.split_once('T') {
        Some((_, "")) => return Err(ValueError::WrongType),
        Some((date, time)) => (date, time),
        None if body.is_empty() => return Err(ValueError::WrongType),
        None => (body, ""),
    };
    let mut total = 0_i128;
    let days = part(date, 'D', DAY.into(), &mut total)?;
    if !days.is_empty() {
        return Err(ValueError::WrongType);
    }
    let rest = part(time, 'H', i128::from(SECOND) * 3_600, &mut total)?;
    let rest = part(rest, 'M', i128::from(SECOND) * 60, &mut total)?;
    if !rest.is_empty() {
        seconds(rest, &mut total)?;
    }
    let total = if negative { -total } else { total };
    i64::try_from(total).map(from_micros).map_err(|_| ValueError::OutOfRange)
}

/// Adds the number before this unit, when the text begins with one; answers what is behind it.
fn part<'a>(text: &'a str, unit: char, size: i128, total: &mut i128) -> Result<&'a str, ValueError> {
    let Some((number, rest)) = text.split_once(unit) else { return Ok(text) };
    *total += size.checked_mul(digits(number)?.into()).ok_or(ValueError::OutOfRange)?;
    Ok(rest)
}

fn seconds(text: &str, total: &mut i128) -> Result<(), ValueError> {
    let number = text.strip_suffix('S').ok_or(ValueError::WrongType)?;
    let (whole, fraction) = match number.split_once('.') {
        Some((_, "")) => return Err(ValueError::WrongType),
        Some((whole, fraction)) => (whole, fraction),
        None => (number, ""),
    };
    *total += i128::from(digits(whole)?) * i128::from(SECOND);
    if !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(ValueError::WrongType);
    }
    let kept = fraction.trim_end_matches('0');
    if kept.len() > 6 {
        return Err(ValueError::TooPrecise);
    }
    if !kept.is_empty() {
        *total += i128::from(digits(kept)?) * 10_i128.pow(6 - kept.len() as u32);
    }
    Ok(())
}

fn digits(text: &str) -> Result<u64, ValueError> {
    if text.is_empty() || !text.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(ValueError::WrongType);
    }
    text.parse().map_err(|_| ValueError::OutOfRange)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_are_read_and_written() {
        let check = |input: &str, expect: Result<&str, ValueError>| {
            assert_eq!(parse(input).map(text), expect.map(str::to_owned), "{input}");
        };
        check("PT0S", Ok("PT0S"));
        check("P0D", Ok("PT0S"));
        check("-PT0S", Ok("PT0S"));
        check("P1DT2H3M4.5S", Ok("P1DT2H3M4.5S"));
        check("-PT36H", Ok("-P1DT12H"));
        check("+PT90M", Ok("PT1H30M"));
        check("PT0.000001S", Ok("PT0.000001S"));
        check("PT1.5000000S", Ok("PT1.5S"));
        check("PT1.0000001S", Err(ValueError::TooPrecise));
        check("P106751991D", Ok("P106751991D"));
        check("P106751992D", Err(ValueError::OutOfRange));
        check("PT99999999999999999999S", Err(ValueError::OutOfRange));
        for wrong in [
            "", "P", "PT", "P1DT", "1D", "P1H", "PT1D", "PT1M1H", "P1Y", "P1M", "P-1D", "PT.5S", "PT1.S",
            "PT1.5M", "PT1S1S", "P1D1D", "pt1s", "PT 1S", "PTS", "P1DT1", "PT1.5.5S", "P١D",
        ] {
            check(wrong, Err(ValueError::WrongType));
        }
    }

    proptest! {
        #[test]
        fn durations_survive_their_text(count in any::<i64>()) {
            let duration = from_micros(count);
            prop_assert_eq!(parse(&text(duration)), Ok(duration));
            prop_assert_eq!(micros(duration), Some(count));
        }
    }
}
