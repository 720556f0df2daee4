//! Names of files that are downloaded.

use axum::http::{HeaderName, HeaderValue, header::CONTENT_DISPOSITION};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What RFC 8187 calls `attr-char`, other than letters and digits, stays as it is.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A header that names the file (RFC 6266), for whatever characters the name has.
pub fn attachment(name: &str) -> (HeaderName, HeaderValue) {
    let text = format!("attachment; filename*=UTF-8''{}", utf8_percent_encode(name, ENCODED));
    (CONTENT_DISPOSITION, HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("attachment")))
}

/// The value of a header that names what is shown in place, and would be saved under this name.
pub fn inline(name: Option<&str>) -> HeaderValue {
    let shown = HeaderValue::from_static("inline");
    let Some(name) = name else { return shown };
    let text = format!("inline; filename*=UTF-8''{}", utf8_percent_encode(name, ENCODED));
    HeaderValue::from_str(&text).unwrap_or(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_becomes_a_header() {
        let check = |name: &str, expect: &str| assert_eq!(attachment(name).1, expect);
        check("Lager März.csv", "attachment; filename*=UTF-8''Lager%20M%C3%A4rz.csv");
        check("a\"b\r\n.csv", "attachment; filename*=UTF-8''a%22b%0D%0A.csv");
    }
}
