//! A row of the log as the web sees it.

use std::collections::BTreeMap;

use gridkeep_store::audit::{Entry, KeptValue, hex};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// A row of the log.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditRow)]
pub(super) struct RowView {
    /// Its number.
    pub(super) sequence: u64,
    /// What happened, as `checkpoint.passed`.
    pub(super) kind: String,
    /// What it is about; may be empty.
    pub(super) subject: String,
    #[schema(value_type = String, format = DateTime)]
    pub(super) at: Timestamp,
    /// What else is known of it. `before` and `after` are the two states of a setting.
    #[schema(value_type = Object)]
    pub(super) facts: Value,
    /// What is somebody's, by name; no value where it was erased.
    pub(super) personal: BTreeMap<String, ValueView>,
    /// The row's hash, in hexadecimal.
    pub(super) hash: String,
}

/// A value that is somebody's.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditValue)]
pub(super) struct ValueView {
    /// Null when it was erased.
    pub(super) value: Option<String>,
    /// Whose it is.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub(super) account: Option<Uuid>,
}

/// Rows with the values that are kept beside them.
pub(super) fn rows(entries: Vec<Entry>, values: Vec<KeptValue>) -> Vec<RowView> {
    let mut kept: BTreeMap<u64, Vec<KeptValue>> = BTreeMap::new();
    for value in values {
        kept.entry(value.sequence).or_default().push(value);
    }
    entries.into_iter().map(|entry| row(&entry, kept.remove(&entry.sequence).unwrap_or_default())).collect()
}

fn row(entry: &Entry, values: Vec<KeptValue>) -> RowView {
    // What was tampered with is shown as it is, and found by the verification.
    let facts = serde_json::from_str(&entry.facts).unwrap_or_else(|_| Value::from(entry.facts.clone()));
    let committed: BTreeMap<String, Value> = serde_json::from_str(&entry.commitments).unwrap_or_default();
    let mut personal: BTreeMap<String, ValueView> =
        committed.into_keys().map(|name| (name, ValueView::default())).collect();
    for KeptValue { name, account, value, .. } in values {
        // Of an address it is nobody's account: see `NewEntry::naming`.
        let account = account.filter(|_| !name.starts_with("address_")).map(gridkeep_model::AccountId::uuid);
        personal.insert(name, ValueView { value: Some(value), account });
    }
    RowView {
        sequence: entry.sequence,
        kind: entry.kind.clone(),
        subject: entry.subject.clone(),
        at: Timestamp::from_millisecond(entry.time).unwrap_or(Timestamp::UNIX_EPOCH),
        facts,
        personal,
        hash: hex(&entry.hash),
    }
}
