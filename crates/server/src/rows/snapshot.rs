//! `GET /api/apps/{app}/tables/{table}/snapshot`: all rows as NDJSON, as they come from the database.

use std::io::Write;

use axum::{
    body::Body,
    extract::State,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::stream;
use gridkeep_model::{Query, Row};
use gridkeep_store::{RowStream, StoreError};
use serde_json::json;

use crate::{distribution::TableGrant, error::ApiError, tenancy::Tenancy};

/// All rows of a table: a first line `{"columns":[..],"sequence":n}`, then `[id,version,value,...]` a line. The rows are of
/// one state of the table, the one after the change `sequence`. A body that ends without its last line break was cut off.
#[utoipa::path(get, path = "/api/apps/{app}/tables/{table}/snapshot", tag = "rows",
    params(("app" = String, Path), ("table" = String, Path)),
    responses((status = 200, body = str, content_type = "application/x-ndjson")))]
pub(super) async fn snapshot(
    State(tenancy): State<Tenancy>,
    table: TableGrant,
) -> Result<Response, ApiError> {
    let query = table.seen(Query { table: table.table().id.clone(), ..Query::default() });
    let rows = tenancy.tenant().stream(table.grant.app.id, query).await?;
    let columns: Vec<_> = rows.schema.columns.iter().map(|column| &column.id).collect();
    let first = json!({"columns": columns, "sequence": rows.head.sequence});
    let body = body(rows, format!("{first}\n").into(), lines);
    Ok(([(CONTENT_TYPE, "application/x-ndjson")], body).into_response())
}

/// A body of a beginning and then the batches of a stream, as fast as the reader takes them. An error cuts the connection:
/// the reader must not take a part for the whole.
pub(super) fn body(rows: RowStream, first: Bytes, write: fn(&[Row]) -> Bytes) -> Body {
    let rest = stream::unfold(rows, move |mut rows| async move {
        let batch = rows.next().await?;
        if let Err(error) = &batch {
            tracing::warn!(error.cause = %error, "rows were cut off");
        }
        Some((batch.map(|batch| write(&batch)), rows))
    });
    let first = stream::iter([Ok::<_, StoreError>(first)]);
    // Compression asks once more after the end, which `unfold` answers with a panic unless it is fused.
    Body::from_stream(futures::StreamExt::fuse(futures::StreamExt::chain(first, rest)))
}

fn lines(rows: &[Row]) -> Bytes {
    let mut text = Vec::with_capacity(rows.len() * 96);
    for row in rows {
        let _ = write!(text, "[\"{}\",{}", row.id, row.version);
        for value in &row.values {
            text.push(b',');
            // Writing to memory does not fail, and values have no maps with odd keys.
            let _ = serde_json::to_writer(&mut text, value);
        }
        text.extend_from_slice(b"]\n");
    }
    text.into()
}
