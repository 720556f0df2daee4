//! The `$skiptoken`: where a page ended. Opaque to clients; bound to the request by a fingerprint of the options that decide
//! the order and the choice of entities.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gridkeep_model::Value;

use super::{Kind, literal};

/// What a token says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    /// Keys of the last entity before.
    pub(super) after: Vec<Value>,
    /// How many entities are still wanted; `None` for all.
    pub(super) left: Option<u64>,
}

/// Parts the fields of a token: a character no value's text has unescaped.
const PART: char = '~';

/// The text of a token.
pub fn write(after: &[Value], left: Option<u64>, fingerprint: u64) -> String {
    let mut text =
        format!("{fingerprint:016x}{PART}{}", left.map(|left| left.to_string()).unwrap_or_default());
    for value in after {
        text.push(PART);
        match value {
            Value::Null => text.push('n'),
            Value::Text(own) => {
                text.push('v');
                escaped(own, &mut text);
            }
            Value::Guid(id) => {
                let _ = write!(text, "v{id}");
            }
            Value::Integer(integer) => {
                let _ = write!(text, "v{integer}");
            }
            Value::Decimal(decimal) => {
                let _ = write!(text, "v{decimal}");
            }
            Value::Double(double) => {
                let _ = write!(text, "v{double:e}");
            }
            Value::Boolean(boolean) => {
                let _ = write!(text, "v{boolean}");
            }
            Value::Date(date) => {
                let _ = write!(text, "v{date}");
            }
            Value::Time(time) => {
                let _ = write!(text, "v{time}");
            }
            Value::DateTime(moment) => {
                let _ = write!(text, "v{moment}");
            }
            Value::Duration(_) | Value::Binary(_) => {
                let _ = write!(text, "v{}", value.to_json().as_str().unwrap_or_default());
            }
        }
    }
    URL_SAFE_NO_PAD.encode(text)
}

/// What the text says; `None` when it was not given for these kinds of keys and this fingerprint.
pub(super) fn read(text: &str, kinds: &[Kind], fingerprint: u64) -> Option<Token> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let mut parts = text.split(PART);
    if u64::from_str_radix(parts.next()?, 16).ok()? != fingerprint {
        return None;
    }
    let left = match parts.next()? {
        "" => None,
        number => Some(number.parse().ok()?),
    };
    let mut after = Vec::with_capacity(kinds.len());
    for kind in kinds {
        let part = parts.next()?;
        if part == "n" {
            after.push(Value::Null);
            continue;
        }
        let value = part.strip_prefix('v')?;
        after.push(match kind {
            Kind::Null => return None,
            Kind::Text => Value::Text(unescaped(value)?),
            Kind::Boolean => Value::Boolean(value.parse().ok()?),
            Kind::Integer | Kind::Enumeration(_) => Value::Integer(value.parse().ok()?),
            Kind::Decimal => Value::Decimal(literal::decimal(value)?),
            Kind::Double => Value::Double(value.parse().ok().filter(|double: &f64| double.is_finite())?),
            Kind::Guid => literal::guid(value)?,
            Kind::Date => literal::date(value)?,
            Kind::Time => literal::time(value)?,
            Kind::DateTime => literal::moment(value)?,
            Kind::Duration => literal::duration(value)?,
            Kind::Binary => literal::binary(value)?,
        });
    }
    parts.next().is_none().then_some(Token { after, left })
}

/// FNV-1a over the options that decide which entities come and in which order, as they were written.
pub fn fingerprint(query: &str) -> u64 {
    let mut decisive: Vec<&str> = query.split('&').filter(|option| decides(&name_of(option))).collect();
    decisive.sort_unstable();
    let step = |sum: u64, byte: u8| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    decisive.join("&").bytes().fold(0xcbf2_9ce4_8422_2325, step)
}

/// The query of the next page: the same options, but for where it begins.
pub fn next_query(query: &str, token: &str) -> String {
    without(query, &["skip", "skiptoken", "deltatoken"], &format!("$skiptoken={token}"))
}

/// The query of the changes after a page, or of those after other changes: what decides which entities and what of them.
pub fn delta_query(query: &str, token: &str) -> String {
    let about_pages = ["skip", "skiptoken", "deltatoken", "top", "count", "orderby"];
    without(query, &about_pages, &format!("$deltatoken={token}"))
}

/// The options but for these, and one more.
fn without(query: &str, names: &[&str], more: &str) -> String {
    let stays = |option: &&str| !option.is_empty() && !names.contains(&name_of(option).as_str());
    let mut options: Vec<&str> = query.split('&').filter(stays).collect();
    options.push(more);
    options.join("&")
}

/// Where a client stands in the history of a set: a delta token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Since {
    /// Which history.
    pub epoch: uuid::Uuid,
    /// The last change that is known.
    pub sequence: u64,
}

impl Since {
    /// Its text, bound to a fingerprint.
    pub fn write(self, fingerprint: u64) -> String {
        format!("{}{:016x}{fingerprint:016x}", self.epoch.simple(), self.sequence)
    }

    /// From its text; `None` when it was not given for this fingerprint.
    pub fn read(text: &str, fingerprint: u64) -> Option<Self> {
        if text.len() != 64 || !text.is_ascii() || u64::from_str_radix(&text[48..], 16).ok()? != fingerprint {
            return None;
        }
        let epoch = uuid::Uuid::try_parse(&text[..32]).ok()?;
        Some(Self { epoch, sequence: u64::from_str_radix(&text[32..48], 16).ok()? })
    }
}

/// FNV-1a over the options that decide which entities belong to a set of changes.
pub fn delta_fingerprint(query: &str) -> u64 {
    fingerprint(&without(query, &["orderby"], ""))
}

fn decides(name: &str) -> bool {
    name.starts_with('@') || matches!(name, "filter" | "search" | "orderby" | "compute" | "apply")
}

/// The name of an option without its `$`, in lower case.
fn name_of(option: &str) -> String {
    let name = option.split('=').next().unwrap_or_default();
    let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
    name.strip_prefix('$').unwrap_or(&name).to_ascii_lowercase()
}

fn escaped(text: &str, into: &mut String) {
    for c in text.chars() {
        match c {
            '\\' => into.push_str("\\\\"),
            PART => into.push_str("\\t"),
            other => into.push(other),
        }
    }
}

fn unescaped(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => plain.push(match characters.next()? {
                '\\' => '\\',
                't' => PART,
                _ => return None,
            }),
            other => plain.push(other),
        }
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_says_what_was_written() {
        let moment = literal::moment("2026-11-21T08:30:00Z").unwrap();
        let after = [
            Value::Null,
            Value::Text("a~b\\t\\".to_owned()),
            Value::Integer(-7),
            Value::Decimal("12.50".parse().unwrap()),
            Value::Double(1e-300),
            Value::Boolean(true),
            literal::date("2026-11-21").unwrap(),
            literal::time("08:30:00").unwrap(),
            moment,
            Value::Guid(uuid::Uuid::from_u128(7)),
            literal::duration("-P1DT0.000001S").unwrap(),
            Value::Binary(vec![0, 255]),
        ];
        let kinds = [
            Kind::Text,
            Kind::Text,
            Kind::Integer,
            Kind::Decimal,
            Kind::Double,
            Kind::Boolean,
            Kind::Date,
            Kind::Time,
            Kind::DateTime,
            Kind::Guid,
            Kind::Duration,
            Kind::Binary,
        ];
        let text = write(&after, Some(40), 9);
        assert_eq!(read(&text, &kinds, 9), Some(Token { after: after.to_vec(), left: Some(40) }));
        assert_eq!(read(&text, &kinds, 8), None);
        assert_eq!(read(&text, &kinds[1..], 9), None);
        assert_eq!(read("nonsense!", &kinds, 9), None);
        assert_eq!(read(&write(&[], None, 9), &[], 9), Some(Token { after: Vec::new(), left: None }));
    }

    #[test]
    fn the_next_page_keeps_the_options() {
        let check = |query: &str, expect: &str| assert_eq!(next_query(query, "T"), expect);
        check("", "$skiptoken=T");
        check("$filter=a%20eq%201&$skip=5&$top=9", "$filter=a%20eq%201&$top=9&$skiptoken=T");
        assert_eq!(
            delta_query("$filter=a&$top=3&$skiptoken=x&$deltatoken=y", "T"),
            "$filter=a&$deltatoken=T"
        );
        check("$DeltaToken=x&$skip=1&$filter=a", "$filter=a&$skiptoken=T");
        let since = Since { epoch: uuid::Uuid::from_u128(9), sequence: 77 };
        assert_eq!(Since::read(&since.write(5), 5), Some(since));
        for text in ["", "x", &since.write(6), &"é".repeat(32)] {
            assert_eq!(Since::read(text, 5), None, "{text}");
        }
        assert_eq!(delta_fingerprint("$filter=a&$orderby=b"), delta_fingerprint("$filter=a&$skiptoken=c"));
        check("%24SkipToken=X&skip=5&orderby=a", "orderby=a&$skiptoken=T");
        assert_eq!(fingerprint("$filter=a&$top=1"), fingerprint("$top=2&$filter=a&$skiptoken=x"));
        assert_ne!(fingerprint("$filter=a"), fingerprint("$filter=b"));
    }
}
