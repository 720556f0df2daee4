//! Why a request is refused: what kind of refusal, in words, and where in the text.

use std::{fmt, ops::Range};

/// A place in the text that was parsed, as byte offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self { start: range.start, end: range.end }
    }
}

/// What kind of refusal it is; each is one HTTP status (OData-Protocol 4.01, section 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The text does not follow the grammar, or means nothing in this model: 400.
    Malformed,
    /// Right by the standard and not offered here: 501.
    Unsupported,
    /// Names something the model or the service does not have: 404.
    NotFound,
    /// Larger, deeper or longer than accepted: 400, with the limit in the words.
    TooLarge,
    /// The representation asked for cannot be given: 406.
    NotAcceptable,
    /// The payload's representation is not understood: 415.
    MediaType,
}

/// A refusal. `code` is stable and machine-readable, `message` is for people and names what was found and expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Error {
    /// What kind of refusal.
    pub kind: ErrorKind,
    /// Stable code in upper case, such as `SYNTAX` or `UNKNOWN_PROPERTY`.
    pub code: &'static str,
    /// What is wrong, in a sentence without anything internal.
    pub message: String,
    /// Where in the text; `None` when it is not about a text.
    pub span: Option<Span>,
    /// What it is about: a query option, a header or a property's path.
    pub target: Option<String>,
}

impl Error {
    /// A refusal without a place.
    pub fn new(kind: ErrorKind, code: &'static str, message: impl Into<String>) -> Self {
        Self { kind, code, message: message.into(), span: None, target: None }
    }

    /// The same, at this place.
    #[must_use]
    pub fn at(self, span: impl Into<Span>) -> Self {
        Self { span: Some(span.into()), ..self }
    }

    /// The same, about this.
    #[must_use]
    pub fn about(self, target: impl Into<String>) -> Self {
        Self { target: Some(target.into()), ..self }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(Span { start, .. }) = self.span {
            write!(f, " (at position {})", start + 1)?;
        }
        Ok(())
    }
}
