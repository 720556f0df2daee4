//! The operations that an import is.

use std::collections::{BTreeMap, HashMap};

use aws_lc_rs::digest::{SHA256, digest};
use gridkeep_engine::Cancel;
use gridkeep_model::{
    Operation, Query, RowId, TransactionId, Value,
    definition::ColumnDefinition,
    query::{Expr, Page},
};
use gridkeep_workbook::List;
use serde_json::Value as Json;
use uuid::Uuid;

use super::{Imports, import::Mode, target::Target};
use crate::{
    distribution::AppGrant,
    error::{ApiError, NotImportable},
};

/// Keys that are looked for at once: databases take so many values in a query.
const AT_ONCE: usize = 500;

/// Values of all rows, blanks among them where those clear what was there: a hundred columns in as many rows as may be.
const MOST_VALUES: usize = 500_000;

/// What an import does.
pub(super) struct Made {
    pub(super) operations: Vec<Operation>,
    /// Index of the record of each operation.
    pub(super) lines: Vec<usize>,
}

/// A row that is there.
struct Found {
    id: RowId,
    version: u64,
    values: HashMap<String, Value>,
}

type Columns = [(usize, ColumnDefinition)];
type Values = BTreeMap<String, Json>;

/// What the rows of a file say to these columns. What does not fit is left as it is: whoever applies it says so.
pub(super) fn values(
    list: &List,
    columns: &Columns,
    mode: Mode,
    cancel: &Cancel,
) -> Result<Vec<Values>, ApiError> {
    let manners: Vec<_> = columns.iter().map(|(place, _)| list.manner(*place)).collect();
    let (mut held, mut rows) = (0, Vec::with_capacity(list.rows().len()));
    for record in list.rows() {
        if cancel.is_cancelled() {
            return Err(ApiError::AnalysisTimedOut);
        }
        let values = columns.iter().zip(&manners).map(|((place, column), manner)| {
            (column.id.clone(), record.value(*place, column.column_type, *manner))
        });
        // What a new row leaves blank is nothing said, as in a form.
        let values: Values = values.filter(|(_, value)| mode == Mode::Change || !value.is_null()).collect();
        held += values.len();
        if held > MOST_VALUES {
            return Err(ApiError::NotImportable(NotImportable::TooManyValues { most: MOST_VALUES }));
        }
        rows.push(values);
    }
    Ok(rows)
}

impl Made {
    /// Of what the rows of a file say.
    pub(super) async fn of(
        imports: &Imports,
        grant: &AppGrant,
        target: &Target,
        (columns, values): (&Columns, Vec<Values>),
        mode: Mode,
        id: TransactionId,
    ) -> Result<Self, ApiError> {
        let key = match mode {
            Mode::Add => None,
            Mode::Change if !target.changes => return Err(ApiError::Forbidden),
            Mode::Change => {
                let key = columns.iter().find(|(_, column)| Some(&column.id) == target.table().key.as_ref());
                Some(&key.ok_or(ApiError::NotImportable(NotImportable::NoKey))?.1)
            }
        };
        let mut known = match key {
            Some(key) => found(imports, grant, target, key, &values).await?,
            None => HashMap::new(),
        };
        let mut made = Self { operations: Vec::new(), lines: Vec::new() };
        for (index, mut values) in values.into_iter().enumerate() {
            let table = target.table().id.clone();
            let same = key.and_then(|key| Some((key, typed(key, values.get(&key.id)?)?)));
            // A second row with the same key is added, and refused: one of the two is wrong.
            let own = same.and_then(|(key, value)| Some((key, known.remove(&name(&value))?)));
            let operation = match own {
                None => {
                    // It has nothing to clear.
                    values.retain(|_, value| !value.is_null());
                    Operation::Insert { table, id: row_id(id, index), values }
                }
                Some((key, Found { id, version, values: before })) => {
                    for (_, column) in columns {
                        let after = values.get(&column.id).and_then(|value| typed(column, value));
                        if column.id == key.id || after.is_some() && after.as_ref() == before.get(&column.id)
                        {
                            values.remove(&column.id);
                        }
                    }
                    if values.is_empty() {
                        continue;
                    }
                    Operation::Update { table, id, base_version: version, values }
                }
            };
            made.operations.push(operation);
            made.lines.push(index);
        }
        Ok(made)
    }
}

/// The rows that have one of these keys, of those that whoever imports sees.
async fn found(
    imports: &Imports,
    grant: &AppGrant,
    target: &Target,
    key: &ColumnDefinition,
    rows: &[Values],
) -> Result<HashMap<String, Found>, ApiError> {
    let keys = rows.iter().filter_map(|values| typed(key, values.get(&key.id)?));
    let keys: Vec<Value> = keys.filter(|key| !key.is_null()).collect();
    let queries: Vec<Query> = keys
        .chunks(AT_ONCE)
        .map(|some| {
            let filter = Expr::column(&key.id).one_of(some.iter().cloned());
            let table = target.table().id.clone();
            let page = Page::first(AT_ONCE as u32);
            grant.seen(Query { table, filter: Some(filter), page, ..Query::default() })
        })
        .collect();
    let (app, key) = (grant.app.id, key.id.clone());
    let look = move |reader: &mut gridkeep_store::Reader<'_>| {
        let mut found = HashMap::new();
        for query in &queries {
            let rows = reader.rows(app, query)?;
            let ids: Vec<String> = rows.schema.columns.into_iter().map(|column| column.id).collect();
            for row in rows.rows {
                let values: HashMap<String, Value> = ids.iter().cloned().zip(row.values).collect();
                if let Some(own) = values.get(&key) {
                    found.insert(name(own), Found { id: row.id, version: row.version, values });
                }
            }
        }
        Ok::<_, ApiError>(found)
    };
    imports.tenancy.read(look).await
}

/// A value as the executor will have it; `None` where it will refuse it.
fn typed(column: &ColumnDefinition, json: &Json) -> Option<Value> {
    match Value::from_json(column.column_type, json).ok()? {
        Value::Text(text) if text.is_empty() => Some(Value::Null),
        value => Some(value),
    }
}

fn name(key: &Value) -> String {
    key.to_json().to_string()
}

/// The id of a new row: of the transaction and the row's place, so that the same import has the same, in the order of the file.
fn row_id(transaction: TransactionId, index: usize) -> RowId {
    let index = (index as u32).to_be_bytes();
    let own = digest(&SHA256, &[transaction.uuid().as_bytes().as_slice(), &index].concat());
    let mut id = [0; 16];
    id.copy_from_slice(&own.as_ref()[..16]);
    id[..6].copy_from_slice(&transaction.uuid().as_bytes()[..6]);
    // A counter of 18 bits behind the moment (RFC 9562 section 6.2, method 1): twelve of them beside the version, six beside the variant.
    let count = u32::from_be_bytes(index);
    id[6..8].copy_from_slice(&((count >> 6) as u16).to_be_bytes());
    id[8] = (count & 0x3f) as u8;
    RowId::from_uuid(version_7(id))
}

/// These bytes as a UUIDv7.
pub(super) fn version_7(mut bytes: [u8; 16]) -> Uuid {
    bytes[6] = bytes[6] & 0x0f | 0x70;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    Uuid::from_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn blanks_that_clear_count_too() {
        let text = format!("a,b\n{}", "x,\n".repeat(5_000));
        let cancel = Cancel::new();
        let wanted = gridkeep_workbook::Wanted {
            sheet: None,
            is_known: |_: &str| false,
            decimal_comma: false,
            rows: 5_000,
            cancel: &cancel,
        };
        let limits = gridkeep_workbook::Limits::default();
        let list = gridkeep_workbook::list("list", text.as_bytes(), &wanted, &limits).unwrap().unwrap();
        let columns = |count: usize, place: usize| -> Vec<(usize, ColumnDefinition)> {
            let column = |id| {
                let column =
                    json!({"id": format!("c{id}"), "title": "A", "type": {"name": "text"}, "kind": "text"});
                (place, serde_json::from_value(column).unwrap())
            };
            (0..count).map(column).collect()
        };
        let held = |count, place, mode| match values(&list, &columns(count, place), mode, &cancel) {
            Ok(rows) => Ok(rows.iter().map(BTreeMap::len).sum::<usize>()),
            Err(error) => Err(error.code()),
        };
        assert_eq!(held(100, 1, Mode::Change), Ok(500_000));
        assert_eq!(held(101, 1, Mode::Change), Err("importTooManyValues"));
        assert_eq!(held(101, 0, Mode::Add), Err("importTooManyValues"));
        // A new row has nothing to clear.
        assert_eq!(held(101, 1, Mode::Add), Ok(0));
        cancel.cancel();
        assert_eq!(held(1, 0, Mode::Add), Err("analysisTimedOut"));
    }

    #[test]
    fn new_rows_are_in_the_order_of_the_file_and_the_same_again() {
        let of = |transaction: u128| {
            let transaction = TransactionId::from_uuid(Uuid::from_u128(transaction));
            (0..10_000).map(|index| row_id(transaction, index).uuid()).collect::<Vec<_>>()
        };
        let ids = of(0x01a2_0607_434d_7368_846e_73c3_6a8e_8d7b);
        assert!(ids.is_sorted() && ids.windows(2).all(|two| two[0] != two[1]));
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
        assert_eq!(ids, of(0x01a2_0607_434d_7368_846e_73c3_6a8e_8d7b));
        assert_ne!(ids[0], of(0x01a2_0607_434d_7368_846e_73c3_6a8e_8d7c)[0]);
    }
}
