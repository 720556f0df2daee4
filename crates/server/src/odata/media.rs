//! Media entities and streams in JSON, and the names that headers give contents.

use axum::http::HeaderMap;
use gridkeep_odata::json::{Fact, Media};
use percent_encoding::percent_decode_str;

use crate::files::Stored;

/// What is said of a stream that is read and replaced at one address. Without a content it has no type and no ETag.
pub(super) fn said(
    stored: Option<&Stored>,
    link: Option<Fact<'_>>,
    etag: &str,
    write: impl FnOnce(&Media<'_>),
) {
    write(&Media {
        read_link: link,
        edit_link: link,
        etag: stored.map(|_| etag),
        content_type: stored.map(|stored| stored.media_type.as_str()),
    });
}

/// The name that a header suggests for a new media entity (RFC 5023, section 9.7): UTF-8, percent-encoded.
pub(super) fn slug(headers: &HeaderMap) -> Option<String> {
    let written = headers.get("slug")?.to_str().ok()?.trim();
    let name = percent_decode_str(written).decode_utf8_lossy().into_owned();
    (!name.is_empty()).then_some(name)
}

/// The name that `Content-Disposition` gives a content (RFC 6266): that for all characters before the plain one.
pub(super) fn file_name(headers: &HeaderMap) -> Option<String> {
    let written = headers.get("content-disposition")?.to_str().ok()?;
    let parameter = |name: &str| {
        written.split(';').skip(1).find_map(|part| {
            let (own, value) = part.split_once('=')?;
            own.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
        })
    };
    let extended = parameter("filename*").and_then(|value| {
        let encoded = value.strip_prefix("UTF-8''").or_else(|| value.strip_prefix("utf-8''"))?;
        Some(percent_decode_str(encoded).decode_utf8_lossy().into_owned())
    });
    extended.or_else(|| parameter("filename")).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_header_names_a_file() {
        let check = |written: &'static str, expect: Option<&str>| {
            let headers = HeaderMap::from_iter([(
                axum::http::header::CONTENT_DISPOSITION,
                HeaderValue::from_static(written),
            )]);
            assert_eq!(file_name(&headers).as_deref(), expect, "{written}");
        };
        check("attachment; filename=\"a b.png\"", Some("a b.png"));
        check("attachment; filename=a.png; filename*=UTF-8''K%C3%BCche.png", Some("Küche.png"));
        check("attachment; filename*=latin1''x", None);
        check("inline", None);
        check("attachment; filename=", None);
    }
}
