//! Media entities and streams in JSON, and how a row refers to a stored content.

use axum::http::HeaderMap;
use gridkeep_model::Value;
use gridkeep_odata::json::{Fact, Media};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

/// What a column keeps of a stored content.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Stored {
    /// Where it is in the vault.
    pub(super) object: String,
    /// Its media type, as it was given.
    #[serde(rename = "type")]
    pub(super) media_type: String,
    /// Its length in bytes.
    pub(super) size: u64,
}

impl Stored {
    /// What a value refers to, if to any content.
    pub(super) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Text(text) => serde_json::from_str(text).ok(),
            _ => None,
        }
    }
}

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
