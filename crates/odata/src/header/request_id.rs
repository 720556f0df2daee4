//! Names of requests in a batch: `Content-ID`, and `id` in JSON (OData-Protocol 4.01, section 11.7.3).

use super::scan::is_unreserved;
use crate::{Error, ErrorKind};

/// The name of a request within its batch.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(pub String);

/// Longer names serve nobody.
const MAX_LENGTH: usize = 256;

impl RequestId {
    /// Reads it: one or more of letters, digits and `-._~`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim_matches([' ', '\t']);
        let fail = |kind, message: &str| Err(Error::new(kind, "BAD_REQUEST_ID", message).about("Content-ID"));
        if text.len() > MAX_LENGTH {
            return fail(ErrorKind::TooLarge, "A request's id has at most 256 characters");
        }
        if text.is_empty() || !text.bytes().all(is_unreserved) {
            return fail(ErrorKind::Malformed, "A request's id consists of letters, digits and `-._~`");
        }
        Ok(Self(text.to_owned()))
    }
}
