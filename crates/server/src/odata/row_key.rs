//! Ids of rows whose key is columns: they follow from the key, so that no two rows have the same.

use std::collections::BTreeMap;

use gridkeep_model::{Operation, RowId, Value};
use gridkeep_odata::{
    bind::EntityKey,
    json::{KeyForm, Scalar, key_predicate},
    project::{MemberSource, SetSource},
};
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

/// The id that a key says, whether there is such a row or not; `None` where only the rows tell.
pub(super) fn id_of(set: &SetSource, key: &EntityKey) -> Option<RowId> {
    match key {
        EntityKey::Row(id) => Some(*id),
        EntityKey::Columns(values) => {
            row_id(set, &values.iter().map(|(column, value)| (column.clone(), value.to_json())).collect())
        }
    }
}

/// Where a new row is going to be, behind the service's root; `None` for what is no new row.
pub(super) fn place_of_new(set: &SetSource, operation: &Operation) -> Option<String> {
    let Operation::Insert { id, values, .. } = operation else { return None };
    let mut key = Vec::with_capacity(set.key.len());
    for property in &set.key {
        let value = match &set.member(property)?.source {
            MemberSource::RowId => Value::Guid(id.uuid()),
            MemberSource::Column { id, kind } => Value::from_json(*kind, values.get(id)?).ok()?,
            _ => return None,
        };
        key.push((property.as_str(), value));
    }
    let key: Vec<_> = key.iter().map(|(property, value)| (*property, Scalar::from(value))).collect();
    Some(format!("{}{}", set.name, key_predicate(&key, KeyForm::Url)))
}
