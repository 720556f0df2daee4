//! Text to primitive values: the rules `dateValue`, `guidValue` and so on of the grammar (ABNF section 7). Numbers stay
//! exact.

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD_INDIFFERENT};
use jiff::{SignedDuration, civil};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::Scalar;
use crate::edm::{EnumType, Facets, Primitive, Scale};

/// Why a text is no value of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mismatch {
    /// It does not look like one.
    Type,
    /// Beyond what the type or its facets can hold.
    Range,
    /// More digits than the facets allow.
    Precision,
    /// Longer than the facets allow.
    Length,
    /// Known, and not offered here.
    Unsupported,
}

impl Mismatch {
    /// Stable code of it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Type => "WRONG_TYPE",
            Self::Range => "OUT_OF_RANGE",
            Self::Precision => "TOO_PRECISE",
            Self::Length => "TOO_LONG",
            Self::Unsupported => "UNSUPPORTED_TYPE",
        }
    }
}

type Result<T> = std::result::Result<T, Mismatch>;

impl<'a> Scalar<'a> {
    /// A value of a primitive type from its text, as it stands in payloads and, without quotes and prefix, in URLs.
    pub fn parse(kind: Primitive, text: Cow<'a, str>) -> Result<Self> {
        Ok(match kind {
            Primitive::String => Self::Text(text),
            Primitive::Boolean => Self::Boolean(match &*text {
                "true" => true,
                "false" => false,
                _ => return Err(Mismatch::Type),
            }),
            Primitive::Byte => Self::Integer(small(&text, 0, 255)?),
            Primitive::SByte => Self::Integer(small(&text, -128, 127)?),
            Primitive::Int16 => Self::Integer(small(&text, -32_768, 32_767)?),
            Primitive::Int32 => Self::Integer(small(&text, i32::MIN, i32::MAX)?),
            Primitive::Int64 => Self::Int64(integer(&text)?),
            Primitive::Decimal => decimal(&text)?,
            Primitive::Double => Self::Double(double(&text)?),
            Primitive::Single => Self::Single(single(&text)?),
            Primitive::Date => Self::Date(date(&text)?),
            Primitive::TimeOfDay => Self::TimeOfDay(time(&text)?),
            Primitive::DateTimeOffset => Self::DateTimeOffset(instant(&text)?),
            Primitive::Duration => Self::Duration(duration(&text)?),
            Primitive::Guid => Self::Guid(guid(&text)?),
            Primitive::Binary | Primitive::Stream => Self::Binary(Cow::Owned(binary(&text)?)),
            Primitive::Geo(_) | Primitive::Abstract(_) => return Err(Mismatch::Unsupported),
        })
    }

    /// Names of an enumeration's members with commas between, or their numbers; the canonical text comes out.
    pub fn parse_enum(kind: &EnumType, text: &str) -> Result<Scalar<'static>> {
        let value = enum_value(kind, text).ok_or(Mismatch::Type)?;
        Ok(Scalar::Enum(Cow::Owned(enum_text(kind, value))))
    }

    /// Whether the value keeps within these facets. Facets that the metadata does not state do not narrow it.
    pub fn check(&self, facets: &Facets) -> Result<()> {
        let longest = facets.max_length.flatten().unwrap_or(u64::MAX);
        let precision = facets.precision.unwrap_or(u32::MAX);
        match self {
            Self::Text(text) if text.len() as u64 > longest && text.chars().count() as u64 > longest => {
                Err(Mismatch::Length)
            }
            Self::Text(text) if facets.unicode == Some(false) && !text.is_ascii() => Err(Mismatch::Range),
            Self::Binary(bytes) if bytes.len() as u64 > longest => Err(Mismatch::Length),
            Self::TimeOfDay(time) => fraction_fits(time.subsec_nanosecond(), precision),
            Self::DateTimeOffset(moment) => fraction_fits(moment.subsec_nanosecond(), precision),
            Self::Duration(length) => fraction_fits(length.subsec_nanos(), precision),
            Self::Decimal(number) => {
                let number = number.normalize();
                let digits = number.mantissa().unsigned_abs().checked_ilog10().map_or(0, |log| log + 1);
                decimal_fits(digits, number.scale(), facets)
            }
            Self::LongDecimal(text) => {
                let (whole, fraction) = text.trim_start_matches('-').split_once('.').unwrap_or((text, ""));
                let fraction = fraction.trim_end_matches('0').len() as u32;
                let whole = whole.trim_start_matches(['-', '0']).len() as u32;
                decimal_fits(whole + fraction, fraction, facets)
            }
            _ => Ok(()),
        }
    }
}

fn decimal_fits(digits: u32, scale: u32, facets: &Facets) -> Result<()> {
    let precision = facets.precision.unwrap_or(u32::MAX);
    match facets.scale {
        Some(Scale::Fixed(places)) if scale > places => Err(Mismatch::Precision),
        Some(Scale::Fixed(places)) if digits.saturating_sub(scale) > precision.saturating_sub(places) => {
            Err(Mismatch::Range)
        }
        _ if digits > precision => Err(Mismatch::Precision),
        _ => Ok(()),
    }
}

fn fraction_fits(nanoseconds: i32, precision: u32) -> Result<()> {
    let unit = 10_u32.pow(9_u32.saturating_sub(precision));
    if nanoseconds.unsigned_abs().is_multiple_of(unit) { Ok(()) } else { Err(Mismatch::Precision) }
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn integer(text: &str) -> Result<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !all_digits(digits) {
        return Err(Mismatch::Type);
    }
    text.parse().map_err(|_| Mismatch::Range)
}

fn small(text: &str, least: i32, most: i32) -> Result<i32> {
    i32::try_from(integer(text)?).ok().filter(|value| (least..=most).contains(value)).ok_or(Mismatch::Range)
}

/// Most digits of a decimal that is kept: what databases can hold.
const MAX_DIGITS: usize = 131;

/// An exact decimal, in plain or exponential notation. Its places are kept: `1.50` is not `1.5`.
fn decimal<'a>(text: &str) -> Result<Scalar<'a>> {
    // Most are short and plain.
    let plain =
        |text: &str| text.len() <= 28 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let digits = text.strip_prefix('-').unwrap_or(text);
    if plain(digits)
        && digits.starts_with(|it: char| it.is_ascii_digit())
        && !digits.ends_with('.')
        && let Ok(number) = Decimal::from_str_exact(text)
    {
        return Ok(Scalar::Decimal(number));
    }
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, integer(exponent).map_err(|_| Mismatch::Type)?),
        None => (text, 0),
    };
    let (negative, digits) = match mantissa.strip_prefix(['-', '+']) {
        Some(digits) => (mantissa.starts_with('-'), digits),
        None => (false, mantissa),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if !all_digits(whole) || (digits.contains('.') && !all_digits(fraction)) {
        return Err(Mismatch::Type);
    }
    let mut digits = format!("{whole}{fraction}");
    // Where the point stands, counted from the front.
    let point = whole.len() as i64 + exponent;
    if digits.bytes().all(|digit| digit == b'0') && !(-28..=28).contains(&exponent) {
        return Ok(Scalar::Decimal(Decimal::ZERO));
    }
    if point.unsigned_abs() > MAX_DIGITS as u64 || digits.len() > MAX_DIGITS {
        return Err(Mismatch::Range);
    }
    if point <= 0 {
        digits.insert_str(0, &"0".repeat(1 + point.unsigned_abs() as usize));
    }
    let point = point.max(1) as usize;
    while digits.len() < point {
        digits.push('0');
    }
    let (whole, fraction) = digits.split_at(point);
    let whole = Some(whole.trim_start_matches('0')).filter(|whole| !whole.is_empty()).unwrap_or("0");
    let (sign, dot) = (if negative { "-" } else { "" }, if fraction.is_empty() { "" } else { "." });
    let plain = format!("{sign}{whole}{dot}{fraction}");
    Ok(match Decimal::from_str_exact(&plain) {
        Ok(number) => Scalar::Decimal(number),
        Err(_) => Scalar::LongDecimal(Cow::Owned(plain)),
    })
}

fn double(text: &str) -> Result<f64> {
    match text {
        "INF" => Ok(f64::INFINITY),
        "-INF" => Ok(f64::NEG_INFINITY),
        "NaN" => Ok(f64::NAN),
        _ if text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E')) => {
            let float: f64 = text.parse().map_err(|_| Mismatch::Type)?;
            if float.is_finite() { Ok(float) } else { Err(Mismatch::Range) }
        }
        _ => Err(Mismatch::Type),
    }
}

fn single(text: &str) -> Result<f32> {
    // Read as a double first only to judge the text; the value is read as what it is.
    let wide = double(text)?;
    if !wide.is_finite() {
        return Ok(wide as f32);
    }
    text.parse::<f32>().ok().filter(|float| float.is_finite()).ok_or(Mismatch::Range)
}

/// Digits of exactly this many places.
fn digits(text: &str, count: usize) -> Result<i16> {
    if text.len() != count || !all_digits(text) {
        return Err(Mismatch::Type);
    }
    text.parse().map_err(|_| Mismatch::Type)
}

fn date(text: &str) -> Result<civil::Date> {
    let (sign, plain) = text.strip_prefix('-').map_or((1, text), |plain| (-1, plain));
    let mut parts = plain.splitn(3, '-');
    let mut part = || parts.next().ok_or(Mismatch::Type);
    let (year, month, day) = (part()?, part()?, part()?);
    let (month, day) = (digits(month, 2)?, digits(day, 2)?);
    if year.len() > 4 && all_digits(year) && !year.starts_with('0') {
        return Err(Mismatch::Range);
    }
    let year = sign * digits(year, 4)?;
    civil::Date::new(year, month as i8, day as i8).map_err(|_| Mismatch::Type)
}

/// `hh:mm[:ss[.fffffffff]]`; a leap second is the second before it, as jiff has it.
fn time(text: &str) -> Result<civil::Time> {
    let mut parts = text.splitn(3, ':');
    let mut part = || parts.next().ok_or(Mismatch::Type);
    let (hour, minute) = (digits(part()?, 2)?, digits(part()?, 2)?);
    let (second, nanoseconds) = match part() {
        Err(_) => (0, 0),
        Ok(second) => match second.split_once('.') {
            None => (digits(second, 2)?, 0),
            Some((second, fraction)) => (digits(second, 2)?, nanoseconds(fraction)?),
        },
    };
    let second = if second == 60 { 59 } else { second };
    civil::Time::new(hour as i8, minute as i8, second as i8, nanoseconds).map_err(|_| Mismatch::Type)
}

/// One to twelve digits behind the point of a second, of which nine are kept.
fn nanoseconds(fraction: &str) -> Result<i32> {
    if !all_digits(fraction) || fraction.len() > 12 {
        return Err(Mismatch::Type);
    }
    let kept = &fraction[..fraction.len().min(9)];
    if fraction[kept.len()..].bytes().any(|digit| digit != b'0') {
        return Err(Mismatch::Precision);
    }
    format!("{kept:0<9}").parse().map_err(|_| Mismatch::Type)
}

fn instant(text: &str) -> Result<civil::DateTime> {
    let (day, rest) = text.split_once('T').ok_or(Mismatch::Type)?;
    let (clock, offset) = if let Some(clock) = rest.strip_suffix('Z') {
        (clock, 0)
    } else {
        let at = rest.rfind(['+', '-']).ok_or(Mismatch::Type)?;
        let (hour, minute) = rest[at + 1..].split_once(':').ok_or(Mismatch::Type)?;
        let (hour, minute) = (i64::from(digits(hour, 2)?), i64::from(digits(minute, 2)?));
        if hour > 23 || minute > 59 {
            return Err(Mismatch::Type);
        }
        let sign = if rest[at..].starts_with('-') { -1 } else { 1 };
        (&rest[..at], sign * (hour * 60 + minute))
    };
    let local = date(day)?.to_datetime(time(clock)?);
    local.checked_sub(SignedDuration::from_mins(offset)).map_err(|_| Mismatch::Range)
}

/// `[-]P[nD][T[nH][nM][n[.f]S]]`, at least one part.
fn duration(text: &str) -> Result<SignedDuration> {
    let (negative, text) = match text.strip_prefix(['-', '+']) {
        Some(plain) => (text.starts_with('-'), plain),
        None => (false, text),
    };
    let mut rest = text.strip_prefix('P').ok_or(Mismatch::Type)?;
    let (mut seconds, mut nanos, mut parts) = (0_i64, 0, 0);
    let (mut in_time, mut last) = (false, 0);
    while !rest.is_empty() {
        if !in_time && let Some(time) = rest.strip_prefix('T') {
            (in_time, rest) = (true, time);
            if rest.is_empty() {
                return Err(Mismatch::Type);
            }
            continue;
        }
        let length = rest.find(|character: char| !character.is_ascii_digit()).ok_or(Mismatch::Type)?;
        let (number, mut tail) = rest.split_at(length);
        if let Some(behind) = tail.strip_prefix('.') {
            let length = behind.find(|character: char| !character.is_ascii_digit()).ok_or(Mismatch::Type)?;
            nanos = nanoseconds(&behind[..length])?;
            tail = &behind[length..];
            if !tail.starts_with('S') {
                return Err(Mismatch::Type);
            }
        }
        let unit = tail.chars().next().ok_or(Mismatch::Type)?;
        let (order, factor) = match (unit, in_time) {
            ('D', false) => (1, 86_400),
            ('H', true) => (2, 3600),
            ('M', true) => (3, 60),
            ('S', true) => (4, 1),
            _ => return Err(Mismatch::Type),
        };
        if order <= last {
            return Err(Mismatch::Type);
        }
        let count = integer(number)?.checked_mul(factor).ok_or(Mismatch::Range)?;
        seconds = seconds.checked_add(count).ok_or(Mismatch::Range)?;
        (last, parts, rest) = (order, parts + 1, &tail[1..]);
    }
    if parts == 0 {
        return Err(Mismatch::Type);
    }
    let length = SignedDuration::new(seconds, nanos);
    Ok(if negative { -length } else { length })
}

fn guid(text: &str) -> Result<Uuid> {
    // The crate reads other spellings too.
    let hyphens = text.len() == 36 && [8, 13, 18, 23].iter().all(|at| text.as_bytes()[*at] == b'-');
    if hyphens { Uuid::try_parse(text).map_err(|_| Mismatch::Type) } else { Err(Mismatch::Type) }
}

fn binary(text: &str) -> Result<Vec<u8>> {
    URL_SAFE_NO_PAD_INDIFFERENT.decode(text).map_err(|_| Mismatch::Type)
}

/// The number of an enumeration value from names or numbers with commas between; `None` when it has no such member.
pub fn enum_value(kind: &EnumType, text: &str) -> Option<i64> {
    let member = |text: &str| {
        let named = kind.members.iter().find(|member| member.name == text);
        named.map(|member| member.value).or_else(|| integer(text).ok())
    };
    if !kind.flags {
        // Only the values that it has.
        return member(text).filter(|value| kind.members.iter().any(|member| member.value == *value));
    }
    text.split(',').try_fold(0, |sum, part| Some(sum | member(part.trim_matches(' '))?))
}

/// The preferred text of an enumeration value: the names of its members, or the number where they do not make it up.
pub fn enum_text(kind: &EnumType, value: i64) -> String {
    if let Some(member) = kind.members.iter().find(|member| member.value == value) {
        return member.name.clone();
    }
    let (mut left, mut names) = (value, Vec::new());
    if kind.flags {
        for member in kind.members.iter().rev() {
            if member.value != 0 && left & member.value == member.value {
                left &= !member.value;
                names.push(member.name.as_str());
            }
        }
    }
    names.reverse();
    if left == 0 && !names.is_empty() { names.join(",") } else { value.to_string() }
}

#[cfg(test)]
mod tests {
    use super::{super::value, *};
    use crate::edm::EnumMember;

    fn text(scalar: &Scalar<'_>) -> String {
        let mut out = Vec::new();
        value::write(&mut out, scalar, false);
        String::from_utf8(out).unwrap().trim_matches('"').to_owned()
    }

    #[test]
    fn texts_become_values() {
        use Mismatch::{Precision, Range, Type};
        let check = |kind: Primitive, input: &str, expect: std::result::Result<&str, Mismatch>| {
            let found = Scalar::parse(kind, Cow::Borrowed(input)).map(|scalar| text(&scalar));
            assert_eq!(found.as_deref().map_err(|it| *it), expect, "{kind:?} {input}");
        };
        let same = |kind, input| check(kind, input, Ok(input));
        same(Primitive::Byte, "255");
        check(Primitive::Byte, "256", Err(Range));
        check(Primitive::Byte, "-1", Err(Range));
        check(Primitive::SByte, "-129", Err(Range));
        check(Primitive::Int32, "1.0", Err(Type));
        check(Primitive::Int32, "1e2", Err(Type));
        same(Primitive::Int64, "-9223372036854775808");
        check(Primitive::Int64, "9223372036854775808", Err(Range));
        check(Primitive::Int64, "", Err(Type));
        same(Primitive::Decimal, "12.50");
        same(Primitive::Decimal, "0.000000000000000000000000000000000000000001");
        same(Primitive::Decimal, "12345678901234567890.123456789012345678");
        check(Primitive::Decimal, "1e3", Ok("1000"));
        check(Primitive::Decimal, "1.25E-4", Ok("0.000125"));
        check(Primitive::Decimal, "-007.5", Ok("-7.5"));
        check(Primitive::Decimal, "0e999999999", Ok("0"));
        check(Primitive::Decimal, "1e999999999", Err(Range));
        check(Primitive::Decimal, "1e99999999999999999999", Err(Type));
        check(Primitive::Decimal, "NaN", Err(Type));
        check(Primitive::Decimal, "1.", Err(Type));
        check(Primitive::Decimal, ".5", Err(Type));
        same(Primitive::Double, "-INF");
        check(Primitive::Double, "1e999", Err(Range));
        check(Primitive::Double, "inf", Err(Type));
        check(Primitive::Single, "1e39", Err(Range));
        same(Primitive::Single, "NaN");
        same(Primitive::Date, "2012-02-29");
        same(Primitive::Date, "-0044-03-15");
        check(Primitive::Date, "2011-02-29", Err(Type));
        check(Primitive::Date, "12012-01-01", Err(Range));
        check(Primitive::Date, "2012-1-1", Err(Type));
        check(Primitive::TimeOfDay, "07:59", Ok("07:59:00"));
        check(Primitive::TimeOfDay, "07:59:59.120", Ok("07:59:59.12"));
        check(Primitive::TimeOfDay, "07:59:59.1234567891", Err(Precision));
        check(Primitive::TimeOfDay, "24:00:00", Err(Type));
        check(Primitive::DateTimeOffset, "2012-12-03T07:16:23+01:30", Ok("2012-12-03T05:46:23Z"));
        check(Primitive::DateTimeOffset, "2012-12-03T23:16-02:00", Ok("2012-12-04T01:16:00Z"));
        check(Primitive::DateTimeOffset, "9999-12-31T23:59:59-01:00", Err(Range));
        check(Primitive::DateTimeOffset, "2012-12-03T07:16:23", Err(Type));
        same(Primitive::Duration, "P12DT23H59M59.999999999S");
        check(Primitive::Duration, "-PT90S", Ok("-PT1M30S"));
        check(Primitive::Duration, "PT36H", Ok("P1DT12H"));
        for bad in ["P", "PT", "P1H", "PT1D", "P1DT", "PT1M1H", "PT1.5M", "1D", "P-1D", "PT1"] {
            check(Primitive::Duration, bad, Err(Type));
        }
        check(Primitive::Duration, "P999999999999999D", Err(Range));
        check(
            Primitive::Guid,
            "01234567-89AB-cdef-0123-456789abcdef",
            Ok("01234567-89ab-cdef-0123-456789abcdef"),
        );
        check(Primitive::Guid, "0123456789abcdef0123456789abcdef", Err(Type));
        check(Primitive::Guid, "{1234567-89AB-cdef-0123-456789abcdef}", Err(Type));
        same(Primitive::Binary, "T0RhdGE");
        check(Primitive::Binary, "T0RhdGE=", Ok("T0RhdGE"));
        check(Primitive::Binary, "T0R+", Err(Type));
        check(Primitive::Binary, "T0RhdG", Err(Type));
        check(Primitive::Geo("Edm.GeographyPoint"), "", Err(Mismatch::Unsupported));
    }

    #[test]
    fn facets_narrow() {
        let check = |kind: Primitive, input: &str, facets: &Facets, expect: Result<()>| {
            let scalar = Scalar::parse(kind, Cow::Borrowed(input)).unwrap();
            assert_eq!(scalar.check(facets), expect, "{kind:?} {input}");
        };
        let money = Facets { precision: Some(5), scale: Some(Scale::Fixed(2)), ..Facets::default() };
        check(Primitive::Decimal, "123.45", &money, Ok(()));
        check(Primitive::Decimal, "-123.4500", &money, Ok(()));
        check(Primitive::Decimal, "1234.5", &money, Err(Mismatch::Range));
        check(Primitive::Decimal, "1.234", &money, Err(Mismatch::Precision));
        let long = Facets { precision: Some(38), scale: Some(Scale::Fixed(18)), ..Facets::default() };
        check(Primitive::Decimal, "12345678901234567890.123456789012345678", &long, Ok(()));
        check(Primitive::Decimal, "123456789012345678901.123456789012345678", &long, Err(Mismatch::Range));
        check(Primitive::Decimal, "0.1234567890123456789012345678901", &long, Err(Mismatch::Precision));
        let short = Facets { max_length: Some(Some(3)), precision: Some(3), ..Facets::default() };
        check(Primitive::String, "äöü", &short, Ok(()));
        check(Primitive::String, "abcd", &short, Err(Mismatch::Length));
        check(Primitive::Binary, "T0RhdGE", &short, Err(Mismatch::Length));
        check(Primitive::TimeOfDay, "07:59:59.123", &short, Ok(()));
        check(Primitive::TimeOfDay, "07:59:59.1234", &short, Err(Mismatch::Precision));
    }

    #[test]
    fn enumerations_by_name_and_number() {
        let member = |name: &str, value| EnumMember { name: name.into(), value, annotations: vec![] };
        let mut kind = EnumType {
            name: "Status".into(),
            underlying: Primitive::Int32,
            flags: true,
            members: vec![
                member("None", 0),
                member("InStock", 1),
                member("OnSale", 2),
                member("Both", 3),
                member("Old", 4),
            ],
            annotations: vec![],
        };
        let check = |kind: &EnumType, input: &str, expect: Option<&str>| {
            let found = enum_value(kind, input).map(|value| enum_text(kind, value));
            assert_eq!(found.as_deref(), expect, "{input}");
        };
        check(&kind, "OnSale", Some("OnSale"));
        check(&kind, "Old,InStock", Some("InStock,Old"));
        check(&kind, "1,OnSale", Some("Both"));
        check(&kind, "7", Some("Both,Old"));
        check(&kind, "8", Some("8"));
        check(&kind, "0", Some("None"));
        check(&kind, "Gone", None);
        kind.flags = false;
        check(&kind, "2", Some("OnSale"));
        check(&kind, "8", None);
        check(&kind, "Old,InStock", None);
    }
}
