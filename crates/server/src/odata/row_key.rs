//! Ids of rows whose key is columns: they follow from the key, so that no two rows have the same.

use std::collections::BTreeMap;

use gridkeep_model::RowId;
use gridkeep_odata::project::{MemberSource, SetSource};
use serde_json::Value as Json;

/// The id of a new row with these values; `None` where the id itself is the key, or a part of the key is not given.
pub fn row_id(set: &SetSource, values: &BTreeMap<String, Json>) -> Option<RowId> {
    let mut key = Vec::with_capacity(set.key.len());
    for property in &set.key {
        let MemberSource::Column { id, .. } = &set.member(property)?.source else { return None };
        key.push(values.get(id).filter(|value| !value.is_null())?);
    }
    let text = serde_json::to_vec(&(&set.table, key)).ok()?;
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &text);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.as_ref()[..16]);
    // RFC 9562, section 5.8: a UUID of our own making.
    Some(RowId::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid()))
}
