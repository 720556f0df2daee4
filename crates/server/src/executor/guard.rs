//! What a transaction relies on of rows that it does not change itself, such as the other end of a link.
//!
//! **Architecture Invariant:** guards are checked on the writer, in the work that writes: what was read before may be gone.

use std::collections::HashSet;

use gridkeep_model::{
    AppDefinition, AppId, RowId, Transaction, Value,
    transaction::{Problem, Reason},
};
use gridkeep_store::{RowWork, StoreError};
use serde::{Deserialize, Serialize};

/// A row that must still be as it was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Guard {
    /// Index of the first operation that relies on it.
    pub operation: usize,
    /// The table's id.
    pub table: String,
    /// The row.
    pub row: RowId,
    /// A column and the value it must still have; without one the row need only be there.
    #[serde(with = "typed")]
    pub holds: Option<(String, Value)>,
}

/// What is no longer as it was read: rows that are gone, values that are others by now. What operations of the transaction
/// are about is checked by them.
pub(super) fn broken(
    work: &mut RowWork<'_>,
    app: AppId,
    definition: &AppDefinition,
    transaction: &Transaction,
    guards: &[Guard],
) -> Result<Vec<Problem>, StoreError> {
    let mut problems = Vec::new();
    if guards.is_empty() {
        return Ok(problems);
    }
    let own: HashSet<_> = transaction.operations.iter().map(|one| (one.table(), one.row())).collect();
    for Guard { operation, table, row: id, holds } in guards {
        if own.contains(&(Some(table), Some(*id))) {
            continue;
        }
        let Some(row) = work.row(app, table, *id)? else {
            problems.push(Problem::new(*operation, None, Reason::NotFound));
            continue;
        };
        let Some((column, value)) = holds else { continue };
        let place = definition
            .table(table)
            .and_then(|table| table.columns.iter().position(|known| known.id == *column));
        if place.and_then(|place| row.values.get(place)) != Some(value) {
            problems.push(Problem::new(*operation, None, Reason::Conflict { current: row.version }));
        }
    }
    Ok(problems)
}

/// Values with their types, as guards are kept while they wait for an approval.
mod typed {
    use gridkeep_model::{ColumnType, Value};
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    type Kept = (String, Option<ColumnType>, serde_json::Value);

    #[expect(clippy::ref_option, reason = "serde hands over the field")]
    pub(super) fn serialize<S: Serializer>(
        holds: &Option<(String, Value)>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let kept = holds
            .as_ref()
            .map(|(column, value)| -> Kept { (column.clone(), type_of(value), value.to_json()) });
        kept.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<(String, Value)>, D::Error> {
        let Some((column, kind, json)) = Option::<Kept>::deserialize(deserializer)? else { return Ok(None) };
        let value = match kind {
            Some(kind) => Value::from_json(kind, &json).map_err(D::Error::custom)?,
            None => Value::Null,
        };
        Ok(Some((column, value)))
    }

    fn type_of(value: &Value) -> Option<ColumnType> {
        Some(match value {
            Value::Null => return None,
            Value::Text(_) => ColumnType::Text,
            Value::Integer(_) => ColumnType::Integer,
            Value::Decimal(number) => {
                ColumnType::Decimal { scale: u8::try_from(number.scale()).unwrap_or(0) }
            }
            Value::Double(_) => ColumnType::Double,
            Value::Boolean(_) => ColumnType::Boolean,
            Value::Date(_) => ColumnType::Date,
            Value::Time(_) => ColumnType::Time,
            Value::DateTime(_) => ColumnType::DateTime,
            Value::Guid(_) => ColumnType::Guid,
            Value::Duration(_) => ColumnType::Duration,
            Value::Binary(_) => ColumnType::Binary,
        })
    }
}
