//! `POST /api/apps/{app}/tables/{table}/rows`: a page of rows, filtered and sorted by the database.

use axum::extract::State;
use gridkeep_model::{
    Row,
    query::{RowsPage, RowsRequest},
};
use serde_json::Value as Json;

use crate::{distribution::TableGrant, error::ApiError, extract, noun, tenancy::Tenancy};

/// A page of rows. It only reads; it is a POST because filters are structured.
#[utoipa::path(post, path = "/api/apps/{app}/tables/{table}/rows", tag = "rows",
    params(("app" = String, Path), ("table" = String, Path)),
    request_body = noun::RowsRequest, responses((status = 200, body = noun::RowsPage)))]
pub(super) async fn page(
    State(tenancy): State<Tenancy>,
    table: TableGrant,
    extract::Json(request): extract::Json<RowsRequest>,
) -> Result<extract::Json<RowsPage>, ApiError> {
    let query = request
        .to_query(&table.definition, table.table(), table.grant.role)
        .map_err(|problem| ApiError::InvalidQuery(Box::new(problem)))?;
    let (app, query) = (table.grant.app.id, table.seen(query));
    let found = tenancy.read(move |reader| Ok(reader.rows(app, &query)?)).await?;
    let columns = found.schema.columns.into_iter().map(|column| column.id).collect();
    let rows = found.rows.iter().map(cells).collect();
    Ok(extract::Json(RowsPage { columns, rows, total: found.total }))
}

/// `[id, version, value, ...]`
fn cells(row: &Row) -> Vec<Json> {
    let mut cells = Vec::with_capacity(row.values.len() + 2);
    cells.push(Json::from(row.id.to_string()));
    cells.push(Json::from(row.version));
    cells.extend(row.values.iter().map(gridkeep_model::Value::to_json));
    cells
}
