//! The operations that an import is.

use std::{
    collections::{BTreeMap, HashMap},
    mem::replace,
};

use aws_lc_rs::digest::{SHA256, digest};
use gridkeep_engine::Cancel;
use gridkeep_model::{
    Operation, Query, RowId, TransactionId, Value,
    definition::ColumnDefinition,
    query::{Expr, Page},
};
use gridkeep_store::Reader;
use gridkeep_workbook::List;
use jiff::{SignedDuration, civil::DateTime};
use serde_json::Value as Json;
use uuid::Uuid;

use super::{import::Mode, target::Target};
use crate::{
    distribution::AppGrant,
    error::{ApiError, NotImportable},
};

/// Keys that are looked for at once: databases take so many values in a query.
const AT_ONCE: usize = 500;

/// Values of all rows, blanks among them where those clear what was there: 25 columns in as many rows as may be, or a hundred in a quarter
/// of them.
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
    /// In the order of the file's columns; `None` where whoever imports does not see one.
    values: Vec<Option<Value>>,
    /// When it was last changed, where the table tells and the file does.
    changed: Option<DateTime>,
}

/// Places of the file, and the columns that they fill.
pub(super) struct Filling {
    pub(super) columns: Vec<(usize, ColumnDefinition)>,
    /// Where the file says when a row was last changed, and that column.
    pub(super) changed: Option<(usize, ColumnDefinition)>,
}

/// A row of the file.
pub(super) struct Said {
    values: Values,
    /// When the row was last changed, as far as the file knows.
    changed: Option<DateTime>,
}

type Values = BTreeMap<String, Json>;

/// What the rows of a file say to these columns. What does not fit is left as it is: whoever applies it says so.
pub(super) fn values(
    list: &List,
    Filling { columns, changed }: &Filling,
    mode: Mode,
    cancel: &Cancel,
) -> Result<Vec<Said>, ApiError> {
    let changed = changed.as_ref().map(|(place, column)| (*place, column, list.manner(*place)));
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
        let changed = changed.and_then(|(place, column, manner)| {
            match typed(column, &record.value(place, column.column_type, manner))? {
                Value::DateTime(moment) => Some(moment),
                _ => None,
            }
        });
        rows.push(Said { values, changed });
    }
    Ok(rows)
}

impl Made {
    /// Of what the rows of a file say, beside those that are there.
    pub(super) fn of(
        reader: &mut Reader<'_>,
        grant: &AppGrant,
        target: &Target,
        (filling, rows): (&Filling, Vec<Said>),
        mode: Mode,
        id: TransactionId,
    ) -> Result<Self, ApiError> {
        let columns = &filling.columns;
        let key = match mode {
            Mode::Add => None,
            Mode::Change if !target.changes => return Err(ApiError::Forbidden),
            Mode::Change => {
                let key = columns.iter().find(|(_, column)| Some(&column.id) == target.table().key.as_ref());
                Some(&key.ok_or(ApiError::NotImportable(NotImportable::NoKey))?.1)
            }
        };
        let mut known = match key {
            Some(key) => found(reader, grant, (target, filling), key, &rows)?,
            None => HashMap::new(),
        };
        let exact = exactness(&rows);
        let mut made = Self { operations: Vec::with_capacity(rows.len()), lines: Vec::new() };
        for (index, Said { mut values, changed }) in rows.into_iter().enumerate() {
            let table = target.table().id.clone();
            let same = key.and_then(|key| Some((key, typed(key, values.get(&key.id)?)?)));
            // A second row with the same key is added, and refused: one of the two is wrong.
            let own = same.and_then(|(key, value)| Some((key, known.remove(&value)?)));
            let operation = match own {
                None => {
                    // It has nothing to clear.
                    values.retain(|_, value| !value.is_null());
                    Operation::Insert { table, id: row_id(id, index), values }
                }
                Some((key, Found { id, version, values: before, changed: last })) => {
                    for ((_, column), before) in columns.iter().zip(before) {
                        let after = values.get(&column.id).and_then(|value| typed(column, value));
                        if column.id == key.id || after.is_some() && after == before {
                            values.remove(&column.id);
                        }
                    }
                    if values.is_empty() {
                        continue;
                    }
                    // Made from another version than the one that is there: the executor says so.
                    let stale =
                        changed.zip(last).is_some_and(|(said, last)| last.duration_since(said) >= exact);
                    let base_version = version - u64::from(stale);
                    Operation::Update { table, id, base_version, values }
                }
            };
            made.operations.push(operation);
            made.lines.push(index);
        }
        Ok(made)
    }
}

/// The rows that have one of these keys, of those that whoever imports sees.
fn found(
    reader: &mut Reader<'_>,
    grant: &AppGrant,
    (target, Filling { columns, changed }): (&Target, &Filling),
    key: &ColumnDefinition,
    rows: &[Said],
) -> Result<HashMap<Value, Found>, ApiError> {
    let keys = rows.iter().filter_map(|row| typed(key, row.values.get(&key.id)?));
    let keys: Vec<Value> = keys.filter(|key| !key.is_null()).collect();
    let mut found = HashMap::new();
    for some in keys.chunks(AT_ONCE) {
        let query = Query {
            table: target.table().id.clone(),
            filter: Some(Expr::column(&key.id).one_of(some.iter().cloned())),
            page: Page::first(AT_ONCE as u32),
            ..Query::default()
        };
        let rows = reader.rows(grant.app.id, &grant.seen(query))?;
        let place = |id: &str| rows.schema.columns.iter().position(|column| column.id == id);
        let places: Vec<_> = columns.iter().map(|(_, column)| place(&column.id)).collect();
        let changed = changed.as_ref().and_then(|(_, column)| place(&column.id));
        let Some(key) = place(&key.id) else { continue };
        for mut row in rows.rows {
            let Some(own) = row.values.get(key).cloned() else { continue };
            let changed = match changed.and_then(|place| row.values.get(place)) {
                Some(Value::DateTime(moment)) => Some(*moment),
                _ => None,
            };
            let mut take =
                |place: &usize| row.values.get_mut(*place).map(|value| replace(value, Value::Null));
            let values = places.iter().map(|place| place.as_ref().and_then(&mut take)).collect();
            found.insert(own, Found { id: row.id, version: row.version, values, changed });
        }
    }
    Ok(found)
}

/// How exactly a file says when its rows were changed: people's programs write moments to the minute.
fn exactness(rows: &[Said]) -> SignedDuration {
    let whole = |moment: DateTime| moment.second() == 0 && moment.subsec_nanosecond() == 0;
    let to_the_minute = rows.iter().filter_map(|row| row.changed).all(whole);
    if to_the_minute { SignedDuration::from_mins(1) } else { SignedDuration::from_secs(1) }
}

/// A value as the executor will have it; `None` where it will refuse it.
fn typed(column: &ColumnDefinition, json: &Json) -> Option<Value> {
    match Value::from_json(column.column_type, json).ok()? {
        Value::Text(text) if text.is_empty() => Some(Value::Null),
        value => Some(value),
    }
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
        let columns = |count: usize, place: usize| -> Filling {
            let column = |id| {
                let column =
                    json!({"id": format!("c{id}"), "title": "A", "type": {"name": "text"}, "kind": "text"});
                (place, serde_json::from_value(column).unwrap())
            };
            Filling { columns: (0..count).map(column).collect(), changed: None }
        };
        let held = |count, place, mode| match values(&list, &columns(count, place), mode, &cancel) {
            Ok(rows) => Ok(rows.iter().map(|row| row.values.len()).sum::<usize>()),
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
    fn a_file_says_moments_to_the_minute_or_to_the_second() {
        let check = |moments: &[&str], seconds: i64| {
            let said = |text: &&str| Said { values: Values::new(), changed: text.parse().ok() };
            let rows: Vec<Said> = moments.iter().map(said).collect();
            assert_eq!(exactness(&rows).as_secs(), seconds, "{moments:?}");
        };
        check(&["2026-11-23T05:00:00", "", "2026-11-23T05:01:00"], 60);
        check(&["2026-11-23T05:00:00", "2026-11-23T05:01:07"], 1);
        check(&["2026-11-23T05:00:00.4"], 1);
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
