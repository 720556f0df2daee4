//! The metadata of a service as text, and back: CSDL XML and CSDL JSON (OData-CSDL 4.01).
//!
//! Both writers bring the model into its normal form first, and both readers hand it out in that form, so
//! `read(write(edm)) == normal(edm)`; only what CSDL JSON cannot tell apart (a date in an annotation from other text)
//! comes back from there as text.
//!
//! **Architecture Invariant:** a document is refused, with its place, where it is longer, deeper or larger than [`Limits`],
//! where it declares a document type, and where it holds something this room does not understand. Nothing is ignored but
//! what stands in a foreign XML namespace.

pub mod json;
mod names;
mod normal;
mod version;
pub mod xml;

#[cfg(test)]
mod tests;

pub use normal::normal;

use crate::{
    Error, ErrorKind, Span,
    edm::{Primitive, QName, Scale, TypeName},
};

/// How large a document may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest text, in bytes.
    pub bytes: usize,
    /// Deepest nesting of elements or values.
    pub depth: usize,
    /// Most elements and attributes, or values.
    pub nodes: usize,
}

impl Default for Limits {
    /// Several times what large published services have. What is read takes at most about 150 MB meanwhile.
    fn default() -> Self {
        Self { bytes: 16 << 20, depth: 100, nodes: 250_000 }
    }
}

impl Limits {
    /// Refuses a text that is too long, before anything reads it.
    fn admit(&self, text: &str) -> Result<(), Error> {
        if text.len() <= self.bytes {
            return Ok(());
        }
        let message = format!("the metadata is {} bytes long; at most {} are read", text.len(), self.bytes);
        Err(Error::new(ErrorKind::TooLarge, "METADATA_TOO_LARGE", message))
    }
}

fn malformed(at: Span, message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Malformed, "METADATA", message).at(at.start..at.end)
}

fn too_large(at: usize, message: impl Into<String>) -> Error {
    Error::new(ErrorKind::TooLarge, "METADATA_TOO_LARGE", message).at(at..at)
}

/// A text from outside within an error: short, and in one line.
fn shown(text: &str) -> String {
    let short: String = text.chars().take(60).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if short.len() < text.len() && short.chars().count() == 60 {
        format!("“{short}…”")
    } else {
        format!("“{short}”")
    }
}

/// The type of this name; a name in `Edm` that is not known is kept, for [`crate::edm::Edm::check`] to judge.
fn type_name(text: &str) -> Option<TypeName> {
    Primitive::parse(text).map(TypeName::Primitive).or_else(|| QName::parse(text).map(TypeName::Named))
}

fn type_text(name: &TypeName) -> String {
    match name {
        TypeName::Primitive(primitive) => primitive.name().to_owned(),
        TypeName::Named(name) => name.to_string(),
    }
}

/// `variable`, `floating` or digits. Some services write the words with a capital.
fn scale(text: &str) -> Option<Scale> {
    if text.eq_ignore_ascii_case("variable") {
        return Some(Scale::Variable);
    }
    if text.eq_ignore_ascii_case("floating") {
        return Some(Scale::Floating);
    }
    text.parse().ok().map(Scale::Fixed)
}

/// The integer types an enumeration may have beneath it.
fn enum_base(text: &str) -> Option<Primitive> {
    use Primitive::{Byte, Int16, Int32, Int64, SByte};
    Primitive::parse(text).filter(|found| matches!(found, Byte | SByte | Int16 | Int32 | Int64))
}

/// The one of a table of names.
fn named<T: Copy>(table: &[(T, &str)], name: &str) -> Option<T> {
    table.iter().find(|(_, known)| *known == name).map(|(value, _)| *value)
}

/// The name of the one.
fn name_of<T: Copy + PartialEq>(table: &[(T, &'static str)], value: T) -> &'static str {
    table.iter().find(|(known, _)| *known == value).map_or("", |(_, name)| name)
}

/// A number as CSDL writes it: digits, perhaps with a sign, a fraction and an exponent, or one of the words.
fn is_number(text: &str) -> bool {
    if matches!(text, "INF" | "-INF" | "NaN") {
        return true;
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'))
        && digits.parse::<f64>().is_ok()
}
