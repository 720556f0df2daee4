//! A key as its person sees it, without what proves it.

use gridkeep_model::ApiKeyId;
use gridkeep_store::ApiKey;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// An API key.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ApiKey)]
pub(super) struct KeyCard {
    #[schema(value_type = String, format = Uuid)]
    id: ApiKeyId,
    name: String,
    /// Whether it may change rows.
    writes: bool,
    /// In whose name, for makers who look at the keys of others; absent for one's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// To about a quarter of an hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    used_at: Option<Timestamp>,
}

impl KeyCard {
    pub(super) fn new(key: ApiKey, person: Option<String>) -> Self {
        let ApiKey { id, name, writes, created, expires, used, .. } = key;
        Self { id, name, writes, person, created_at: created, expires_at: expires, used_at: used }
    }
}
