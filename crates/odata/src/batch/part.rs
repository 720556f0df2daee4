//! One request of a batch.

use super::Method;
use crate::{Error, ErrorKind, Span};

/// A request, in either format.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Counted from 0.
    pub index: usize,
    /// Its name in the batch.
    pub id: Option<String>,
    /// The atomicity group or change set it belongs to.
    pub group: Option<String>,
    /// Requests and groups that must have succeeded; what its URL refers to is among them.
    pub depends_on: Vec<String>,
    /// An expression to decide by instead (`if` of the JSON format), with its place in the batch.
    pub condition: Option<(String, Span)>,
    /// What to do.
    pub method: Method,
    /// Where: absolute, from the host's root, relative to the service's root, or beginning with `$<id>`.
    pub url: String,
    /// Place of the URL in the batch.
    pub url_span: Span,
    /// Its headers.
    pub headers: Headers,
    /// Its body, decoded.
    pub body: Vec<u8>,
    /// Where the body begins in the batch, to be the offset of places in it.
    pub body_at: usize,
}

/// Headers of a request, names in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Headers(Vec<(String, String)>);

/// What must not be in a batch (section 11.7.7.1): it would go around what the batch itself was let in by.
///
/// `Authorization` must not either, yet OpenUI5 repeats that of the batch in each request. It is let through here for whoever
/// knows the batch's own to compare: a repetition says nothing new, anything else is to be refused.
const FORBIDDEN: [&str; 9] = [
    "proxy-authorization",
    "authentication-info",
    "www-authenticate",
    "cookie",
    "expect",
    "from",
    "max-forwards",
    "range",
    "te",
];

impl Headers {
    /// The value of a header, by its name in lower case; the first of several.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All values of a header that may come several times.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Adds a header after checking it.
    pub(super) fn add(&mut self, name: &str, value: &str, span: Span) -> Result<(), Error> {
        let refuse = |message: String| {
            let error = Error::new(ErrorKind::Malformed, "BAD_HEADER", message);
            Err(error.at(span.start..span.end))
        };
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if name.is_empty() || !name.bytes().all(token) {
            return refuse(format!("`{}` is no name of a header", crate::header::excerpt(name)));
        }
        let name = name.to_ascii_lowercase();
        if FORBIDDEN.contains(&name.as_str()) {
            return refuse(format!("A request in a batch must not have the header {name}"));
        }
        if value.chars().any(|character| character.is_control() && character != '\t') {
            return refuse(format!("The value of header {name} contains a control character"));
        }
        self.0.push((name, value.to_owned()));
        Ok(())
    }

    /// Continues the last header on a further line.
    pub(super) fn fold(&mut self, more: &str) {
        if let Some((_, value)) = self.0.last_mut() {
            value.push(' ');
            value.push_str(more);
        }
    }
}
