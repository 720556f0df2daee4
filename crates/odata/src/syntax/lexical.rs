//! The forms of identifiers and primitive values (ABNF sections 6 and 7), as they are once percent-decoding is done.
//!
//! Each function answers how many bytes at the front of a text have the form; whether the value itself exists, such as
//! the 30th of February or the byte 300, is asked later, where the type is known.

use crate::edm::Primitive;

/// Length of an identifier at the front: a letter or underscore, then up to 127 letters, digits, marks or underscores.
pub fn identifier(text: &str) -> Option<usize> {
    let fits = |(index, c): (usize, char)| match c {
        'a'..='z' | 'A'..='Z' | '_' => true,
        '0'..='9' => index > 0,
        c if c.is_ascii() => false,
        c => c.is_alphabetic() || (index > 0 && (c.is_alphanumeric() || joins(c))),
    };
    let end: usize = text.chars().enumerate().take_while(|pair| fits(*pair)).map(|(_, c)| c.len_utf8()).sum();
    (end > 0 && text[..end].chars().count() <= 128).then_some(end)
}

/// Marks, connectors and format characters of the categories Mn, Mc, Pc and Cf that names are written with.
fn joins(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{200c}' | '\u{200d}' | '\u{203f}' | '\u{2040}' | '\u{20d0}'..='\u{20ff}')
}

/// Length of a name at the front, qualified or not: identifiers with dots between them.
pub fn name(text: &str) -> Option<usize> {
    let mut end = identifier(text)?;
    while text[end..].starts_with('.') {
        match identifier(&text[end + 1..]) {
            Some(more) => end += 1 + more,
            None => break,
        }
    }
    Some(end)
}

/// Whether the whole text is a value of this type as payloads, metadata and `$value` write it (the rules `...Value`).
/// Geography and geometry, streams and abstract types have no such form here; a string is any text.
pub fn is_value(kind: Primitive, text: &str) -> bool {
    let bytes = text.as_bytes();
    let whole = |length: Option<usize>| length == Some(bytes.len());
    match kind {
        Primitive::Binary => binary(text).is_some(),
        Primitive::Boolean => matches!(text, "true" | "false"),
        Primitive::Date => whole(date(bytes)),
        Primitive::DateTimeOffset => whole(date_time_offset(bytes)),
        Primitive::Decimal | Primitive::Double | Primitive::Single => {
            matches!(text, "INF" | "-INF" | "NaN") || whole(number(bytes).map(|number| number.length))
        }
        Primitive::Duration => whole(duration(bytes)),
        Primitive::Guid => whole(guid(bytes)),
        Primitive::Byte => matches!(bytes.len(), 1..=3) && digits(bytes) == bytes.len(),
        Primitive::SByte => integer(bytes, 3),
        Primitive::Int16 => integer(bytes, 5),
        Primitive::Int32 => integer(bytes, 10),
        Primitive::Int64 => integer(bytes, 19),
        Primitive::TimeOfDay => whole(time_of_day(bytes)),
        Primitive::String => true,
        Primitive::Stream | Primitive::Geo(_) | Primitive::Abstract(_) => false,
    }
}

fn integer(bytes: &[u8], most: usize) -> bool {
    let unsigned = &bytes[sign(bytes)..];
    (1..=most).contains(&unsigned.len()) && digits(unsigned) == unsigned.len()
}

/// How a number is written.
#[derive(Clone, Copy)]
pub(crate) struct Number {
    pub(crate) length: usize,
    pub(crate) point: bool,
    pub(crate) exponent: bool,
}

/// A number with an optional sign, fraction and exponent.
pub(crate) fn number(bytes: &[u8]) -> Option<Number> {
    let start = sign(bytes);
    let whole = digits(&bytes[start..]);
    if whole == 0 {
        return None;
    }
    let mut found = Number { length: start + whole, point: false, exponent: false };
    if bytes.get(found.length) == Some(&b'.') {
        let fraction = digits(&bytes[found.length + 1..]);
        if fraction > 0 {
            found.point = true;
            found.length += 1 + fraction;
        }
    }
    if matches!(bytes.get(found.length), Some(b'e' | b'E')) {
        let signed = found.length + 1 + sign(&bytes[found.length + 1..]);
        let exponent = digits(&bytes[signed..]);
        if exponent > 0 {
            found.exponent = true;
            found.length = signed + exponent;
        }
    }
    Some(found)
}

/// `01234567-89ab-cdef-0123-456789abcdef`
pub(crate) fn guid(bytes: &[u8]) -> Option<usize> {
    let text = bytes.get(..36)?;
    let fits = |(at, byte): (usize, &u8)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    text.iter().enumerate().all(fits).then_some(36)
}

/// `2012-09-03`, `-10000-04-01`
pub(crate) fn date(bytes: &[u8]) -> Option<usize> {
    let start = usize::from(bytes.first() == Some(&b'-'));
    let year = digits(&bytes[start..]);
    if year < 4 || (year > 4 && bytes[start] == b'0') {
        return None;
    }
    let mut at = start + year;
    for most in [12, 31] {
        if bytes.get(at) != Some(&b'-') || !(1..=most).contains(&pair(bytes, at + 1)?) {
            return None;
        }
        at += 3;
    }
    Some(at)
}

/// `11:22`, `11:22:33.4444444`
pub(crate) fn time_of_day(bytes: &[u8]) -> Option<usize> {
    let colon = |at: usize| bytes.get(at) == Some(&b':');
    if pair(bytes, 0)? > 23 || !colon(2) || pair(bytes, 3)? > 59 {
        return None;
    }
    if !colon(5) || pair(bytes, 6).is_none_or(|second| second > 60) {
        return Some(5);
    }
    let fraction = if bytes.get(8) == Some(&b'.') { digits(&bytes[9..]) } else { 0 };
    Some(if (1..=12).contains(&fraction) { 9 + fraction } else { 8 })
}

/// `2012-09-03T23:59:00+01:00`
pub(crate) fn date_time_offset(bytes: &[u8]) -> Option<usize> {
    let day = date(bytes)?;
    if !matches!(bytes.get(day), Some(b'T' | b't')) {
        return None;
    }
    let time = day + 1 + time_of_day(&bytes[day + 1..])?;
    match bytes.get(time)? {
        b'Z' | b'z' => Some(time + 1),
        b'+' | b'-' => {
            let fits = pair(bytes, time + 1)? < 24 && bytes.get(time + 3) == Some(&b':');
            (fits && pair(bytes, time + 4)? < 60).then_some(time + 6)
        }
        _ => None,
    }
}

/// `-P6DT23H59M59.9999S`; at least one part is there.
pub(crate) fn duration(bytes: &[u8]) -> Option<usize> {
    let mut at = usize::from(bytes.first() == Some(&b'-'));
    if !matches!(bytes.get(at), Some(b'P' | b'p')) {
        return None;
    }
    at += 1;
    let part = |at: usize, unit: u8| {
        let length = digits(&bytes[at..]);
        let is_unit = bytes.get(at + length).is_some_and(|byte| byte.eq_ignore_ascii_case(&unit));
        (length > 0 && is_unit).then_some(at + length + 1)
    };
    let days = part(at, b'D');
    at = days.unwrap_or(at);
    if !matches!(bytes.get(at), Some(b'T' | b't')) {
        return days;
    }
    let clock = at + 1;
    at = part(clock, b'H').unwrap_or(clock);
    at = part(at, b'M').unwrap_or(at);
    let whole = digits(&bytes[at..]);
    let fraction =
        if bytes.get(at + whole) == Some(&b'.') { 1 + digits(&bytes[at + whole + 1..]) } else { 0 };
    let end = at + whole + fraction;
    if whole > 0 && fraction != 1 && matches!(bytes.get(end), Some(b'S' | b's')) {
        at = end + 1;
    }
    (at > clock).then_some(at)
}

/// The bytes that base64url text stands for, with or without padding.
pub fn binary(text: &str) -> Option<Vec<u8>> {
    let bytes = text.as_bytes();
    let data = bytes.strip_suffix(b"==").or_else(|| bytes.strip_suffix(b"=")).unwrap_or(bytes);
    let padded = bytes.len() - data.len();
    let left = data.len() % 4;
    if left == 1 || (padded > 0 && left + padded != 4) {
        return None;
    }
    let mut out = Vec::with_capacity(data.len() * 3 / 4);
    for chunk in data.chunks(4) {
        let mut bits = 0_u32;
        for byte in chunk {
            let value = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'-' => 62,
                b'_' => 63,
                _ => return None,
            };
            bits = bits << 6 | u32::from(value);
        }
        let missing = 4 - chunk.len();
        bits <<= 6 * missing;
        let whole = 3 - missing;
        if bits.to_be_bytes()[1 + whole..].iter().any(|rest| *rest != 0) {
            return None;
        }
        out.extend_from_slice(&bits.to_be_bytes()[1..=whole]);
    }
    Some(out)
}

/// How many digits are at the front.
pub(crate) fn digits(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

fn sign(bytes: &[u8]) -> usize {
    usize::from(matches!(bytes.first(), Some(b'+' | b'-')))
}

/// The number that two digits make.
fn pair(bytes: &[u8], at: usize) -> Option<u8> {
    let [tens, ones] = *bytes.get(at..at + 2)? else { return None };
    (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| (tens - b'0') * 10 + (ones - b'0'))
}
