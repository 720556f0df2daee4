//! Media types with their parameters (RFC 9110, section 8.3.1).

use std::fmt;

use super::scan::{Scan, is_token};
use crate::Error;

/// A media type or, in `Accept`, a range of them. Type, subtype and parameter names are lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaType {
    /// Such as `application`, or `*`.
    pub kind: String,
    /// Such as `json`, or `*`.
    pub subtype: String,
    /// Parameters in order; values without their quotes.
    pub parameters: Vec<(String, String)>,
}

impl MediaType {
    /// Reads a whole header value.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut scan = Scan::new(text);
        scan.white();
        let media = Self::scan(&mut scan, "Content-Type")?;
        scan.white();
        if scan.done() {
            Ok(media)
        } else {
            Err(scan.fail("Content-Type", "Expected the end of the media type"))
        }
    }

    pub(super) fn scan(scan: &mut Scan<'_>, header: &'static str) -> Result<Self, Error> {
        let kind = scan.token().to_ascii_lowercase();
        if kind.is_empty() || !scan.eat('/') {
            return Err(scan.fail(header, "Expected a media type such as application/json"));
        }
        let subtype = scan.token().to_ascii_lowercase();
        if subtype.is_empty() {
            return Err(scan.fail(header, "Expected a subtype after the slash"));
        }
        let mut parameters = Vec::new();
        while scan.eat_loose(';') {
            let name = scan.token().to_ascii_lowercase();
            if name.is_empty() {
                // RFC 9110 lets parameters be empty, `a/b;;c=d`.
                continue;
            }
            if !scan.eat_loose('=') {
                return Err(scan.fail(header, format!("Expected `=` and a value for parameter {name}")));
            }
            let value = scan
                .word()
                .ok_or_else(|| scan.fail(header, format!("Expected a value of parameter {name}")))?;
            parameters.push((name, value));
        }
        Ok(Self { kind, subtype, parameters })
    }

    /// Whether it is this type and subtype, in lower case.
    pub fn is(&self, kind: &str, subtype: &str) -> bool {
        self.kind == kind && self.subtype == subtype
    }

    /// Whether it is JSON: `application/json` or a subtype of it such as `application/problem+json`.
    pub fn is_json(&self) -> bool {
        self.kind == "application" && (self.subtype == "json" || self.subtype.ends_with("+json"))
    }

    /// Value of a parameter, by its name in lower case.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether the range covers this type and subtype.
    pub(super) fn covers(&self, kind: &str, subtype: &str) -> bool {
        (self.kind == "*" && self.subtype == "*")
            || (self.kind == kind && (self.subtype == "*" || self.subtype == subtype))
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.subtype)?;
        for (name, value) in &self.parameters {
            if !value.is_empty() && value.bytes().all(is_token) {
                write!(f, ";{name}={value}")?;
            } else {
                write!(f, ";{name}=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_are_read_and_written() {
        let check = |input: &str, expect: Result<&str, &str>| {
            let found =
                MediaType::parse(input).map(|media| media.to_string()).map_err(|error| error.to_string());
            assert_eq!(found.as_deref().map_err(String::as_str), expect, "{input}");
        };
        check("application/json", Ok("application/json"));
        check(
            "Application/JSON ; OData.Metadata=Full;; IEEE754Compatible=\"true\"",
            Ok("application/json;odata.metadata=Full;ieee754compatible=true"),
        );
        check("multipart/mixed; boundary=\"a b\\\"c\"", Ok("multipart/mixed;boundary=\"a b\\\"c\""));
        check("json", Err("Expected a media type such as application/json (at position 5)"));
        check("application/", Err("Expected a subtype after the slash (at position 13)"));
        check("a/b;c", Err("Expected `=` and a value for parameter c (at position 6)"));
        check("a/b;c=\"d", Err("Expected a value of parameter c (at position 7)"));
        check("a/b c", Err("Expected the end of the media type (at position 5)"));
    }
}
