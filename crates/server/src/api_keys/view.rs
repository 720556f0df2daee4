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
    /// Why it opens nothing although its time is not over; absent while it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<Ended>,
}

/// Why a key opens nothing although its time is not over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ApiKeyEnded)]
pub(super) enum Ended {
    /// Its person's password was lost, or changed and the keys ended with it.
    Password,
    /// The workspace asks for a second factor that whoever made it had not shown. Where it does so no longer, the key works again.
    Factor,
    /// People with such an address come through their company. Where they need no longer, the key works again.
    Company,
}

impl KeyCard {
    pub(super) fn new(key: ApiKey, person: Option<String>, ended: Option<Ended>) -> Self {
        let ApiKey { id, name, writes, created, expires, used, .. } = key;
        Self { id, name, writes, person, created_at: created, expires_at: expires, used_at: used, ended }
    }
}
