//! How a row refers to a stored content.

use axum::http::HeaderValue;
use gridkeep_model::Value;
use serde::{Deserialize, Serialize};

use super::judge::is_picture;
use crate::http::{attachment, inline};

/// What a column keeps of a stored content, as JSON text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stored {
    /// Where it is in the vault.
    pub object: String,
    /// Its media type: what the content is known to be, or else what was said of it.
    #[serde(rename = "type")]
    pub media_type: String,
    /// Its length in bytes.
    pub size: u64,
    /// What it was called where it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// SHA-256, in hexadecimal digits.
    pub digest: String,
    /// A small picture of it in the vault, for lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub small: Option<String>,
}

impl Stored {
    /// What a value refers to, if to any content.
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Text(text) => serde_json::from_str(text).ok(),
            _ => None,
        }
    }

    /// The contents in the vault by which it is there: its own, and its small picture.
    pub fn objects(&self) -> impl Iterator<Item = &str> {
        [Some(self.object.as_str()), self.small.as_deref()].into_iter().flatten()
    }

    /// The value by which a row refers to it.
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// A strong entity tag of the content.
    pub fn tag(&self) -> String {
        format!("\"{}\"", self.digest.get(..32).unwrap_or(&self.digest))
    }
}

/// How a browser that is led to the content takes it: pictures are shown, everything else is saved.
pub fn disposition(stored: &Stored) -> HeaderValue {
    let name = stored.name.as_deref();
    if is_picture(&stored.media_type) { inline(name) } else { attachment(name.unwrap_or("file")).1 }
}
