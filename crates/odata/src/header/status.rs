//! `AsyncResult`: the status of the request that a status monitor stands for (OData-Protocol 4.01, section 8.3.1).

use super::scan::Scan;
use crate::Error;

/// The status of the request that was answered later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsyncResult(pub u16);

/// Whether who asks a status monitor wants the whole answer as an HTTP message (`application/http`), as clients of 4.0 do
/// (section 11.6).
pub fn wants_message(accept: Option<&str>, max_version: Option<&str>) -> bool {
    let Some(accept) = accept else { return max_version.is_some_and(|version| version.trim() == "4.0") };
    let kinds = accept.split(',').map(|range| range.split(';').next().unwrap_or_default().trim());
    kinds.into_iter().any(|kind| kind.eq_ignore_ascii_case("application/http"))
}

impl AsyncResult {
    /// Reads three digits.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim_matches([' ', '\t']);
        let number =
            text.parse().ok().filter(|_| text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit()));
        number
            .map(Self)
            .ok_or_else(|| Scan::new(text).fail("AsyncResult", "Expected a status of three digits"))
    }
}
