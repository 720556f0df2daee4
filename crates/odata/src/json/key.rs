//! Key predicates: the `(…)` behind an entity set, for ids, links and context URLs (OData-URL 4.01, section 4.3.1).

use super::Scalar;

/// How a key predicate is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyForm {
    /// For URLs: percent-encoded, colons too, so that relative URLs stay relative.
    Url,
    /// For context URLs, which are not percent-encoded.
    Canonical,
}

/// The predicate of an entity with these key values: `(1)`, `(ProductID=1,Language='EN')`. A single value needs no name.
pub fn key_predicate(keys: &[(&str, Scalar<'_>)], form: KeyForm) -> String {
    let mut text = String::from("(");
    for (index, (name, scalar)) in keys.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        if keys.len() > 1 {
            text.push_str(name);
            text.push('=');
        }
        literal(&mut text, scalar, form);
    }
    text.push(')');
    text
}

fn literal(text: &mut String, scalar: &Scalar<'_>, form: KeyForm) {
    let plain = || scalar.to_string();
    let (prefix, content) = match scalar {
        Scalar::Null => ("", "null".to_owned()),
        Scalar::Text(content) | Scalar::Enum(content) => ("'", content.replace('\'', "''")),
        Scalar::Duration(_) => ("duration'", plain()),
        Scalar::Binary(_) => ("binary'", plain()),
        _ => ("", plain()),
    };
    text.push_str(prefix);
    match form {
        KeyForm::Canonical => text.push_str(&content),
        KeyForm::Url => encode(text, &content),
    }
    if !prefix.is_empty() {
        text.push('\'');
    }
}

/// Everything but unreserved characters and the quote.
fn encode(text: &mut String, content: &str) {
    for byte in content.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~'".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push('%');
            for half in [byte >> 4, byte & 15] {
                text.push(char::from(b"0123456789ABCDEF"[usize::from(half)]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, civil};

    use super::*;

    #[test]
    fn keys_are_written() {
        let check = |keys: &[(&str, Scalar<'_>)], url: &str, canonical: &str| {
            assert_eq!(key_predicate(keys, KeyForm::Url), url);
            assert_eq!(key_predicate(keys, KeyForm::Canonical), canonical);
        };
        let same = |scalar: Scalar<'_>, expect: &str| check(&[("ID", scalar)], expect, expect);
        same(Scalar::Int64(-1), "(-1)");
        same(Scalar::Boolean(true), "(true)");
        same(Scalar::Guid(uuid::Uuid::from_u128(15)), "(00000000-0000-0000-0000-00000000000f)");
        same(Scalar::Date(civil::date(2026, 1, 2)), "(2026-01-02)");
        same(Scalar::Duration(SignedDuration::from_secs(90)), "(duration'PT1M30S')");
        same(Scalar::Binary(b"OData"[..].into()), "(binary'T0RhdGE')");
        same(Scalar::Enum("Red".into()), "('Red')");
        check(
            &[("ID", Scalar::Text("O'Neil & Sö/n".into()))],
            "('O''Neil%20%26%20S%C3%B6%2Fn')",
            "('O''Neil & Sö/n')",
        );
        let moment = Scalar::DateTimeOffset(civil::date(2026, 1, 2).at(3, 4, 5, 0));
        check(&[("ID", moment)], "(2026-01-02T03%3A04%3A05Z)", "(2026-01-02T03:04:05Z)");
        check(&[("A", Scalar::Int64(1)), ("B", Scalar::Text("x".into()))], "(A=1,B='x')", "(A=1,B='x')");
    }
}
