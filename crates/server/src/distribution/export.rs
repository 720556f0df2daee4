//! `GET /api/apps/{app}/export.xlsx`: the workbook with the rows as they are now.

use axum::{
    extract::State,
    http::header::{CONTENT_TYPE, HeaderValue},
    response::{IntoResponse, Response},
};
use gridkeep_engine::rows::Back;
use gridkeep_model::{
    AppDefinition, Query, RangeAt, Row, Value, Workbook,
    definition::{Role, TableDefinition, TableSource},
};
use gridkeep_workbook::{Edits, TableColumnAt, TableRows};
use serde_json::json;

use super::{AppGrant, Definitions, results::results, unpublishable};
use crate::{
    creation::{Analyst, unreadable},
    error::ApiError,
    gates::AtGate,
    http::attachment,
    noun,
    tenancy::{Tenancy, Vault},
};

/// Rows of all tables together that one export holds.
const MOST_ROWS: usize = 500_000;

/// The workbook with the rows as they are now, of the kind it was uploaded as. Everything else in it stays as it was. Only
/// for those who see all of all its tables: what is left of others in the file cannot be told from the rest.
#[utoipa::path(get, path = "/api/apps/{app}/export.xlsx", tag = "distribution", params(("app" = String, Path)),
    responses((status = 200, body = noun::File, content_type = "application/octet-stream")))]
pub(super) async fn export(
    State(tenancy): State<Tenancy>,
    State(vault): State<Vault>,
    State(analyst): State<Analyst>,
    State(definitions): State<Definitions>,
    at: AtGate,
    AppGrant { app, role, rights, person, .. }: AppGrant,
) -> Result<Response, ApiError> {
    let definition = definitions.current(&app).await?;
    if !rights.sees_everything(&definition) {
        return Err(ApiError::Forbidden);
    }
    at.pass(person.as_ref(), "EXPORT_ALL", &definition.name, json!({"app": app.id})).await?;
    let original = vault.get(&app.current.workbook).await?;
    let mut tables = Vec::new();
    let mut count = 0;
    for table in &definition.tables {
        let query = Query { table: table.id.clone(), ..Query::default() }.seen(rights.sight());
        let mut stream = tenancy.tenant().stream(app.id, query).await?;
        let mut rows = Vec::new();
        while let Some(batch) = stream.next().await {
            let batch = batch?;
            count += batch.len();
            if count > MOST_ROWS {
                return Err(unpublishable::too_many(&table.title, MOST_ROWS));
            }
            rows.extend(batch);
        }
        let order: Vec<&str> = stream.schema.columns.iter().map(|column| column.id.as_str()).collect();
        tables.push((table.id.clone(), in_order(table, &order, rows)));
    }
    let workbook = analyst.read(&app.current.file_name, original.clone()).await?;
    let calculated = results(&analyst, workbook.clone(), definition.clone(), &tables).await;
    let write = move |_: &gridkeep_engine::Cancel| {
        let mut edits = Edits { calculated, ..edits(&definition, &workbook, tables) };
        if role != Role::Maker {
            edits.cells = gridkeep_workbook::unpublished_cells(&workbook, &definition);
        }
        gridkeep_workbook::export(&original, &edits).map_err(|error| unreadable(&error))
    };
    let bytes = analyst.run(write).await?;
    let kind = [(CONTENT_TYPE, HeaderValue::from_static(content_type(&app.current.file_name)))];
    Ok((kind, [attachment(&app.current.file_name)], bytes).into_response())
}

/// Rows with their values in the order of the definition's columns.
fn in_order(table: &TableDefinition, order: &[&str], mut rows: Vec<Row>) -> Vec<Row> {
    if order.iter().eq(table.columns.iter().map(|column| &column.id)) {
        return rows;
    }
    let places: Vec<_> =
        table.columns.iter().map(|column| order.iter().position(|id| *id == column.id)).collect();
    for row in &mut rows {
        let value = |place: &Option<usize>| place.and_then(|at| row.values.get(at)).cloned();
        row.values = places.iter().map(|place| value(place).unwrap_or(Value::Null)).collect();
    }
    rows
}

/// What goes back into the workbook: the rows of each table, in the order of their age, which begins as the workbook's.
fn edits(definition: &AppDefinition, workbook: &Workbook, tables: Vec<(String, Vec<Row>)>) -> Edits {
    let mut edits = Edits::default();
    for (id, rows) in tables {
        let Some(table) = definition.table(&id) else { continue };
        let Some(block) = block(workbook, table) else { continue };
        let column = |column: &gridkeep_model::definition::ColumnDefinition| TableColumnAt {
            offset: column.offset,
            computed: column.formula.is_some(),
        };
        // Files have no place in a workbook.
        let columns = table.columns.iter().filter(|column| !column.is_file()).map(column).collect();
        let back = Back::of(workbook, table);
        let is_cell = |at: usize| table.columns.get(at).is_none_or(|column| !column.is_file());
        let cells = |row: Row| {
            let values = row.values.iter().enumerate().filter(|(at, _)| is_cell(*at));
            values.map(|(at, value)| back.cell(at, value)).collect()
        };
        let rows = rows.into_iter().map(cells).collect();
        edits.tables.push(TableRows { columns, rows, ..block });
    }
    edits
}

/// Where a table is in the workbook: headers and rows, without totals.
fn block(workbook: &Workbook, table: &TableDefinition) -> Option<TableRows> {
    let (sheet, range, has_headers) = match &table.source {
        TableSource::Table { name } => {
            let found = workbook.table(name)?;
            let mut range = found.range;
            range.end.row -= u32::from(found.has_totals);
            (workbook.sheets.get(found.sheet)?.name.clone(), range, found.has_headers)
        }
        TableSource::Range { sheet, range } => {
            (workbook.sheet(sheet)?.name.clone(), range.parse::<RangeAt>().ok()?, true)
        }
    };
    Some(TableRows { sheet, range, has_headers, columns: Vec::new(), rows: Vec::new() })
}

fn content_type(file_name: &str) -> &'static str {
    match file_name.rsplit('.').next().map(str::to_ascii_lowercase).as_deref() {
        Some("xlsm") => "application/vnd.ms-excel.sheet.macroEnabled.12",
        Some("csv") => "text/csv",
        _ => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
}
