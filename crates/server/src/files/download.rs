//! `GET /api/apps/{app}/tables/{table}/rows/{row}/files/{column}`: the content of a row's file.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::Response,
};
use gridkeep_model::{Query, RowId, Value, query::Expr};
use gridkeep_store::Reader;
use serde::Deserialize;

use super::{Files, POLICY, Stored, Wanted, disposition, wanted};
use crate::{
    distribution::TableGrant,
    error::ApiError,
    extract::{Parameters, Path},
    noun,
};

/// Whose, and of which column.
#[derive(Debug, Deserialize)]
pub(super) struct Of {
    row: RowId,
    column: String,
}

/// Which of its contents.
#[derive(Debug, Deserialize)]
pub(super) struct Which {
    /// The small picture, where there is one; which one it is only tells browsers that it is another.
    small: Option<String>,
}

/// The content of a row's file: a picture to be shown, anything else to be saved. Part of it with `Range`.
#[utoipa::path(get, path = "/api/apps/{app}/tables/{table}/rows/{row}/files/{column}", tag = "files",
    params(("app" = String, Path), ("table" = String, Path), ("row" = String, Path), ("column" = String, Path),
        ("small" = Option<String>, Query)),
    responses((status = 200, body = noun::File, content_type = "application/octet-stream"),
        (status = 206, body = noun::File, content_type = "application/octet-stream"),
        (status = 304, description = "As you have it."), (status = 416, description = "It is not that long.")))]
pub(super) async fn download(
    State(files): State<Files>,
    table: TableGrant,
    Path(Of { row, column }): Path<Of>,
    Parameters(Which { small }): Parameters<Which>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let app = table.grant.app.id;
    let column = table.table().column(&column).filter(|column| column.is_file()).ok_or(ApiError::NotFound)?;
    let query = Query {
        table: table.table().id.clone(),
        filter: Some(Expr::is_row(row)),
        columns: Some(vec![column.id.clone()]),
        ..Query::default()
    };
    let query = table.seen(query);
    let read = move |reader: &mut Reader<'_>| {
        let found = reader.rows(app, &query)?;
        let stored = found.rows.first().and_then(|row| row.values.first()).and_then(Stored::of);
        let Some(object) =
            stored.as_ref().and_then(|stored| stored.small.as_ref()).filter(|_| small.is_some())
        else {
            return Ok(stored);
        };
        let small = reader.file(app, object)?;
        Ok(small.and_then(|small| Stored::of(&Value::Text(small.reference))).or(stored))
    };
    let stored = files.tenancy.read(read).await?.ok_or(ApiError::NotFound)?;
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let tag = stored.tag();
    let mut response = Response::new(Body::empty());
    let known = |known: &str| known.split(',').any(|own| own.trim().trim_start_matches("W/") == tag);
    let range = wanted(
        text(header::RANGE).filter(|_| method == Method::GET),
        text(header::IF_RANGE),
        Some(&tag),
        stored.size,
    );
    let (status, part) = match range {
        _ if text(header::IF_NONE_MATCH).is_some_and(known) => (StatusCode::NOT_MODIFIED, None),
        Wanted::Whole => (StatusCode::OK, Some(0..stored.size)),
        Wanted::Part(part) => (StatusCode::PARTIAL_CONTENT, Some(part)),
        Wanted::Outside => (StatusCode::RANGE_NOT_SATISFIABLE, None),
    };
    *response.status_mut() = status;
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    };
    set(header::ETAG, &tag);
    // Kept by the browser, and asked for each time: rights may have changed.
    set(header::CACHE_CONTROL, "private, no-cache");
    set(header::ACCEPT_RANGES, "bytes");
    set(header::CONTENT_SECURITY_POLICY, POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    let size = stored.size;
    if status == StatusCode::RANGE_NOT_SATISFIABLE {
        set(header::CONTENT_RANGE, &format!("bytes */{size}"));
    }
    if let Some(part) = part {
        if status == StatusCode::PARTIAL_CONTENT {
            set(header::CONTENT_RANGE, &format!("bytes {}-{}/{size}", part.start, part.end - 1));
        }
        set(header::CONTENT_TYPE, &stored.media_type);
        set(header::CONTENT_LENGTH, &(part.end - part.start).to_string());
        response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition(&stored));
        let content = files.read(app, row, &stored.object, part).await?.ok_or(ApiError::NotFound)?;
        *response.body_mut() = Body::from_stream(content);
    }
    Ok(response)
}
