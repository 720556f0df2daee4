//! The text of primitive values (OData-JSON 4.01, section 7.1): exact, and without an allocation a value.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, civil};
use rust_decimal::Decimal;

use super::{Scalar, text};

/// Writes a value; `quoted` says that Int64 and Decimal become strings.
#[inline]
pub(super) fn write(out: &mut Vec<u8>, scalar: &Scalar<'_>, quoted: bool) {
    match scalar {
        Scalar::Null => out.extend_from_slice(b"null"),
        Scalar::Boolean(boolean) => out.extend_from_slice(if *boolean { b"true" } else { b"false" }),
        Scalar::Integer(integer) => int(out, *integer),
        Scalar::Int64(integer) => maybe_quoted(out, quoted, |out| int(out, *integer)),
        Scalar::Decimal(number) => maybe_quoted(out, quoted, |out| decimal(out, *number)),
        Scalar::LongDecimal(digits) => {
            maybe_quoted(out, quoted, |out| out.extend_from_slice(digits.as_bytes()));
        }
        Scalar::Single(float) => match special(f64::from(*float)) {
            Some(name) => out.extend_from_slice(name),
            None => out.extend_from_slice(zmij::Buffer::new().format_finite(*float).as_bytes()),
        },
        Scalar::Double(float) => match special(*float) {
            Some(name) => out.extend_from_slice(name),
            None => out.extend_from_slice(zmij::Buffer::new().format_finite(*float).as_bytes()),
        },
        Scalar::Text(content) | Scalar::Enum(content) => text::write(out, content),
        Scalar::Date(day) => maybe_quoted(out, true, |out| date(out, *day)),
        Scalar::TimeOfDay(moment) => maybe_quoted(out, true, |out| time(out, *moment)),
        Scalar::DateTimeOffset(moment) => maybe_quoted(out, true, |out| instant(out, *moment)),
        Scalar::Duration(length) => maybe_quoted(out, true, |out| duration(out, *length)),
        Scalar::Guid(guid) => {
            maybe_quoted(out, true, |out| {
                out.extend_from_slice(guid.hyphenated().encode_lower(&mut [0; 36]).as_bytes());
            });
        }
        Scalar::Binary(bytes) => maybe_quoted(out, true, |out| base64url(out, bytes)),
    }
}

#[inline]
fn maybe_quoted(out: &mut Vec<u8>, quoted: bool, write: impl FnOnce(&mut Vec<u8>)) {
    if quoted {
        out.push(b'"');
    }
    write(out);
    if quoted {
        out.push(b'"');
    }
}

#[inline]
pub(super) fn int(out: &mut Vec<u8>, integer: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(integer).as_bytes());
}

fn special(float: f64) -> Option<&'static [u8]> {
    match float {
        f64::INFINITY => Some(b"\"INF\""),
        f64::NEG_INFINITY => Some(b"\"-INF\""),
        _ if float.is_nan() => Some(b"\"NaN\""),
        _ => None,
    }
}

/// All its digits, in plain notation.
#[inline]
pub(super) fn decimal(out: &mut Vec<u8>, number: Decimal) {
    let (mantissa, scale) = (number.mantissa(), number.scale() as usize);
    if mantissa < 0 {
        out.push(b'-');
    }
    let mut buffer = itoa::Buffer::new();
    let digits = match u64::try_from(mantissa.unsigned_abs()) {
        Ok(short) => buffer.format(short),
        Err(_) => buffer.format(mantissa.unsigned_abs()),
    }
    .as_bytes();
    if scale == 0 {
        out.extend_from_slice(digits);
    } else if let Some(whole) = digits.len().checked_sub(scale).filter(|whole| *whole > 0) {
        out.extend_from_slice(&digits[..whole]);
        out.push(b'.');
        out.extend_from_slice(&digits[whole..]);
    } else {
        out.extend_from_slice(b"0.");
        out.resize(out.len() + scale - digits.len(), b'0');
        out.extend_from_slice(digits);
    }
}

#[inline]
fn two(out: &mut Vec<u8>, number: i8) {
    let number = number.unsigned_abs();
    out.extend_from_slice(&[b'0' + number / 10, b'0' + number % 10]);
}

#[inline]
pub(super) fn date(out: &mut Vec<u8>, day: civil::Date) {
    if day.year() < 0 {
        out.push(b'-');
    }
    let year = day.year().unsigned_abs();
    two(out, (year / 100) as i8);
    two(out, (year % 100) as i8);
    out.push(b'-');
    two(out, day.month());
    out.push(b'-');
    two(out, day.day());
}

#[inline]
pub(super) fn time(out: &mut Vec<u8>, moment: civil::Time) {
    two(out, moment.hour());
    out.push(b':');
    two(out, moment.minute());
    out.push(b':');
    two(out, moment.second());
    fraction(out, moment.subsec_nanosecond().unsigned_abs());
}

/// The fraction of a second, without zeros at its end.
fn fraction(out: &mut Vec<u8>, nanoseconds: u32) {
    if nanoseconds == 0 {
        return;
    }
    let digits = format!("{nanoseconds:09}");
    out.push(b'.');
    out.extend_from_slice(digits.trim_end_matches('0').as_bytes());
}

#[inline]
pub(super) fn instant(out: &mut Vec<u8>, moment: civil::DateTime) {
    date(out, moment.date());
    out.push(b'T');
    time(out, moment.time());
    out.push(b'Z');
}

/// Days, hours, minutes and seconds; `PT0S` for none.
pub(super) fn duration(out: &mut Vec<u8>, length: SignedDuration) {
    if length.is_negative() {
        out.push(b'-');
    }
    out.push(b'P');
    let (seconds, nanoseconds) = (length.as_secs().unsigned_abs(), length.subsec_nanos().unsigned_abs());
    let part = |out: &mut Vec<u8>, count: u64, unit: u8| {
        if count > 0 {
            int(out, count);
            out.push(unit);
        }
    };
    part(out, seconds / 86_400, b'D');
    if seconds % 86_400 == 0 && nanoseconds == 0 {
        if seconds == 0 {
            out.extend_from_slice(b"T0S");
        }
        return;
    }
    out.push(b'T');
    part(out, seconds / 3600 % 24, b'H');
    part(out, seconds / 60 % 60, b'M');
    if nanoseconds > 0 || seconds % 60 > 0 {
        int(out, seconds % 60);
        fraction(out, nanoseconds);
        out.push(b'S');
    }
}

/// RFC 4648, section 5, without padding.
pub(crate) fn base64url(out: &mut Vec<u8>, bytes: &[u8]) {
    let mut block = [0; 1024];
    for chunk in bytes.chunks(768) {
        // The block holds what 768 bytes become, so this cannot fail.
        if let Ok(length) = URL_SAFE_NO_PAD.encode_slice(chunk, &mut block) {
            out.extend_from_slice(&block[..length]);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use uuid::Uuid;

    use super::*;

    #[test]
    fn values_are_written() {
        let check = |scalar: Scalar<'_>, plain: &str, compatible: &str| {
            let text = |quoted| {
                let mut out = Vec::new();
                write(&mut out, &scalar, quoted);
                String::from_utf8(out).unwrap()
            };
            assert_eq!((text(false).as_str(), text(true).as_str()), (plain, compatible));
        };
        let same = |scalar: Scalar<'_>, expect: &str| check(scalar, expect, expect);
        let number = |text: &str| Scalar::Decimal(text.parse().unwrap());
        same(Scalar::Null, "null");
        same(Scalar::Boolean(true), "true");
        same(Scalar::Integer(-128), "-128");
        check(Scalar::Int64(i64::MIN), "-9223372036854775808", "\"-9223372036854775808\"");
        check(number("12.50"), "12.50", "\"12.50\"");
        check(number("-0.005"), "-0.005", "\"-0.005\"");
        check(number("0.00"), "0.00", "\"0.00\"");
        check(
            number("79228162514264337593543950335"),
            "79228162514264337593543950335",
            "\"79228162514264337593543950335\"",
        );
        check(
            number("-7.9228162514264337593543950335"),
            "-7.9228162514264337593543950335",
            "\"-7.9228162514264337593543950335\"",
        );
        check(
            Scalar::LongDecimal("123.450000000000000000".into()),
            "123.450000000000000000",
            "\"123.450000000000000000\"",
        );
        same(Scalar::Double(0.1), "0.1");
        same(Scalar::Double(1e300), "1e+300");
        same(Scalar::Double(f64::NEG_INFINITY), "\"-INF\"");
        same(Scalar::Single(f32::NAN), "\"NaN\"");
        same(Scalar::Single(0.1), "0.1");
        same(Scalar::Text("Say \"Hello\",\nthen go".into()), r#""Say \"Hello\",\nthen go""#);
        same(Scalar::Date(civil::date(2012, 12, 3)), "\"2012-12-03\"");
        same(Scalar::Date(civil::date(-44, 3, 15)), "\"-0044-03-15\"");
        same(Scalar::TimeOfDay(civil::time(7, 59, 59, 999_000_000)), "\"07:59:59.999\"");
        same(Scalar::DateTimeOffset(civil::date(2012, 12, 3).at(7, 16, 23, 0)), "\"2012-12-03T07:16:23Z\"");
        same(
            Scalar::Duration(SignedDuration::new(12 * 86_400 + 86_399, 999_999_999)),
            "\"P12DT23H59M59.999999999S\"",
        );
        same(Scalar::Duration(SignedDuration::from_secs(-90)), "\"-PT1M30S\"");
        same(Scalar::Duration(SignedDuration::from_hours(48)), "\"P2D\"");
        same(Scalar::Duration(SignedDuration::ZERO), "\"PT0S\"");
        same(Scalar::Duration(SignedDuration::new(0, 5_000_000)), "\"PT0.005S\"");
        same(
            Scalar::Guid(Uuid::from_u128(0x0123_4567_89AB_CDEF_0123_4567_89AB_CDEF)),
            "\"01234567-89ab-cdef-0123-456789abcdef\"",
        );
        same(Scalar::Binary(Cow::Borrowed(b"OData")), "\"T0RhdGE\"");
        same(Scalar::Binary(Cow::Borrowed(&[0xff, 0xfe])), "\"__4\"");
        same(Scalar::Enum("Red,Green".into()), "\"Red,Green\"");
    }

    #[test]
    fn long_binaries_have_no_seams() {
        let bytes: Vec<u8> = (0..5000_u32).map(|it| it as u8).collect();
        let mut out = Vec::new();
        base64url(&mut out, &bytes);
        assert_eq!(String::from_utf8(out).unwrap(), URL_SAFE_NO_PAD.encode(bytes));
    }
}
