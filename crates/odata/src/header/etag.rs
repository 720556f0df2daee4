//! Entity tags and the conditions made of them: `If-Match`, `If-None-Match` (OData-Protocol 4.01, sections 8.2.4 and 8.2.5).

use std::fmt;

use super::scan::Scan;
use crate::Error;

/// An entity tag.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ETag {
    /// Says nothing of single bytes.
    pub weak: bool,
    /// What stands in the quotes.
    pub value: String,
}

impl ETag {
    /// A weak tag, as rows have: it depends on the row, not on its representation.
    pub fn weak(value: impl Into<String>) -> Self {
        Self { weak: true, value: value.into() }
    }

    /// Reads one tag, as `ETag` and `@odata.etag` carry it.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut scan = Scan::new(text);
        scan.white();
        let tag = Self::scan(&mut scan, "ETag")?;
        scan.white();
        if scan.done() { Ok(tag) } else { Err(scan.fail("ETag", "Expected the end of the entity tag")) }
    }

    fn scan(scan: &mut Scan<'_>, header: &'static str) -> Result<Self, Error> {
        let fail = |scan: &Scan<'_>| scan.fail(header, "Expected an entity tag such as W/\"1\"");
        let weak = scan.rest().starts_with("W/") && scan.eat('W') && scan.eat('/');
        if !scan.eat('"') {
            return Err(fail(scan));
        }
        // No escapes here: a backslash is a character as any other (RFC 9110, section 8.8.3).
        let rest = scan.rest();
        let end = rest.find('"').ok_or_else(|| fail(scan))?;
        let value = &rest[..end];
        if value.chars().any(|character| character <= ' ' || character == '\u{7f}') {
            return Err(fail(scan));
        }
        for character in value.chars() {
            scan.eat(character);
        }
        scan.eat('"');
        Ok(Self { weak, value: value.to_owned() })
    }

    /// The same by the weak comparison, which OData wants for both headers.
    pub fn matches(&self, other: &Self) -> bool {
        self.value == other.value
    }

    /// The same by the strong comparison (RFC 9110, section 8.8.3.2), as ranges of a stream need it.
    pub fn matches_strongly(&self, other: &Self) -> bool {
        !self.weak && !other.weak && self.value == other.value
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\"{}\"", if self.weak { "W/" } else { "" }, self.value)
    }
}

/// The value of `If-Match` or `If-None-Match`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// `*`
    Any,
    /// A list of tags.
    Tags(Vec<ETag>),
    /// `$<id>`: the tag that an earlier request of the batch answered (section 11.7.5); to be resolved before use.
    Reference(String),
}

impl Condition {
    /// Reads the value; `header` is named in errors.
    pub fn parse(text: &str, header: &'static str) -> Result<Self, Error> {
        let mut scan = Scan::new(text);
        scan.white();
        if matches!(scan.rest().trim_end(), "*") {
            return Ok(Self::Any);
        }
        if let Some(id) = scan.rest().trim_end().strip_prefix('$') {
            return super::RequestId::parse(id).map(|id| Self::Reference(id.0));
        }
        let mut tags = Vec::new();
        loop {
            while scan.eat_loose(',') {}
            scan.white();
            if scan.done() && !tags.is_empty() {
                return Ok(Self::Tags(tags));
            }
            tags.push(ETag::scan(&mut scan, header)?);
            scan.white();
            if !scan.done() && !scan.rest().starts_with(',') {
                return Err(scan.fail(header, "Expected `,` between entity tags"));
            }
        }
    }

    /// Whether a resource in this state fits the condition; `None` means it does not exist. A reference that was not
    /// resolved fits nothing.
    pub fn fits(&self, current: Option<&ETag>) -> bool {
        match (self, current) {
            (Self::Any, current) => current.is_some(),
            (Self::Tags(tags), Some(current)) => tags.iter().any(|tag| tag.matches(current)),
            (Self::Tags(_), None) | (Self::Reference(_), _) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read() {
        let check = |input: &str, expect: Result<&str, &str>| {
            let found = Condition::parse(input, "If-Match").map(|condition| match condition {
                Condition::Any => "*".to_owned(),
                Condition::Tags(tags) => tags.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
                Condition::Reference(id) => format!("${id}"),
            });
            assert_eq!(
                found.as_deref().map_err(ToString::to_string),
                expect.map_err(str::to_owned),
                "{input}"
            );
        };
        check("*", Ok("*"));
        check(" * ", Ok("*"));
        check("\"1\"", Ok("\"1\""));
        check("W/\"1\", \"x\\y\" ,,W/\"\"", Ok("W/\"1\" \"x\\y\" W/\"\""));
        check("\"ä\"", Ok("\"ä\""));
        check("$1", Ok("$1"));
        check("1", Err("Expected an entity tag such as W/\"1\" (at position 1)"));
        check("", Err("Expected an entity tag such as W/\"1\" (at position 1)"));
        check("w/\"1\"", Err("Expected an entity tag such as W/\"1\" (at position 1)"));
        check("\"1", Err("Expected an entity tag such as W/\"1\" (at position 2)"));
        check("\"1\" \"2\"", Err("Expected `,` between entity tags (at position 5)"));
    }

    #[test]
    fn conditions_fit() {
        let row = ETag::weak("3");
        let fits =
            |input: &str, current: Option<&ETag>| Condition::parse(input, "If-Match").unwrap().fits(current);
        assert!(fits("*", Some(&row)) && !fits("*", None));
        assert!(fits("\"3\"", Some(&row)) && fits("\"1\",W/\"3\"", Some(&row)));
        assert!(!fits("W/\"4\"", Some(&row)) && !fits("W/\"3\"", None));
        assert!(
            !row.matches_strongly(&row)
                && ETag::parse("\"3\"").unwrap().matches_strongly(&ETag { weak: false, value: "3".into() })
        );
    }
}
