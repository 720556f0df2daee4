//! Part of a content (RFC 9110, section 14): one range of bytes. Several at once, and what is no range of bytes, are passed
//! over, as the section allows: then the whole content is the answer.

use std::ops::Range;

/// What of a content is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// All of it.
    Whole,
    /// These bytes, of which there is at least one.
    Part(Range<u64>),
    /// Nothing that it has.
    Outside,
}

/// What `Range` and `If-Range` ask of a content of this size. `tag` is its strong entity tag, when it has one.
pub fn wanted(range: Option<&str>, if_range: Option<&str>, tag: Option<&str>, size: u64) -> Wanted {
    if if_range.is_some_and(|known| tag != Some(known.trim())) {
        return Wanted::Whole;
    }
    range.and_then(|range| parse(range, size)).unwrap_or(Wanted::Whole)
}

fn parse(range: &str, size: u64) -> Option<Wanted> {
    let (unit, set) = range.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") || set.contains(',') {
        return None;
    }
    let (first, last) = set.trim().split_once('-')?;
    let number = |text: &str| -> Option<u64> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().unwrap_or(u64::MAX))
    };
    let part = match (first, last) {
        ("", last) => size.saturating_sub(number(last)?)..size,
        (first, "") => number(first)?..size,
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            if last < first {
                return None;
            }
            first..last.saturating_add(1).min(size)
        }
    };
    Some(if part.is_empty() { Wanted::Outside } else { Wanted::Part(part) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_understood() {
        let check = |range: &str, expect: Wanted| {
            assert_eq!(wanted(Some(range), None, None, 100), expect, "{range}");
        };
        check("bytes=0-9", Wanted::Part(0..10));
        check("Bytes=90-", Wanted::Part(90..100));
        check("bytes=-10", Wanted::Part(90..100));
        check("bytes=-1000", Wanted::Part(0..100));
        check("bytes=95-1000", Wanted::Part(95..100));
        check("bytes=0-99999999999999999999999", Wanted::Part(0..100));
        check("bytes=100-", Wanted::Outside);
        check("bytes=-0", Wanted::Outside);
        check("bytes=9-0", Wanted::Whole);
        check("bytes=0-1,5-6", Wanted::Whole);
        check("rows=0-1", Wanted::Whole);
        check("bytes=a-b", Wanted::Whole);
        check("bytes=+1-2", Wanted::Whole);
        check("bytes", Wanted::Whole);
    }

    #[test]
    fn a_range_of_another_content_is_not_given() {
        let check = |if_range: &str, tag: Option<&str>, expect: Wanted| {
            assert_eq!(wanted(Some("bytes=0-0"), Some(if_range), tag, 9), expect, "{if_range}");
        };
        check("\"a\"", Some("\"a\""), Wanted::Part(0..1));
        check("\"b\"", Some("\"a\""), Wanted::Whole);
        check("W/\"a\"", None, Wanted::Whole);
        check("Sun, 22 Nov 2026 06:00:00 GMT", Some("\"a\""), Wanted::Whole);
    }
}
