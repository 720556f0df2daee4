//! Rows of a published table as they travel: `[id, version, value, ...]`.

use gridkeep_model::{Row, RowId, Value, definition::TableDefinition};
use serde_json::Value as Json;

use crate::failure::Failure;

/// Reads rows by the table's columns.
pub(crate) fn parse(table: &TableDefinition, json: &str) -> Result<Vec<Row>, Failure> {
    let rows: Vec<Vec<Json>> = serde_json::from_str(json)?;
    rows.into_iter().map(|row| parse_row(table, &row)).collect()
}

fn parse_row(table: &TableDefinition, row: &[Json]) -> Result<Row, Failure> {
    let unfit = |words: String| Failure::new("badRequest", words);
    let [id, version, values @ ..] = row else {
        return Err(unfit("a row has an id and a version".to_owned()));
    };
    if values.len() != table.columns.len() {
        let (has, wants) = (values.len(), table.columns.len());
        return Err(unfit(format!("a row has {has} values for {wants} columns")));
    }
    let id: RowId = serde_json::from_value(id.clone())?;
    let version: u64 = serde_json::from_value(version.clone())?;
    let typed = |(column, json): (&gridkeep_model::definition::ColumnDefinition, &Json)| {
        let value = Value::from_json(column.column_type, json);
        value.map_err(|error| unfit(format!("row {id}, column {}: {error}", column.id)))
    };
    let values = table.columns.iter().zip(values).map(typed).collect::<Result<_, _>>()?;
    Ok(Row { id, version, values })
}
