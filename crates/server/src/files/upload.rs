//! `POST /api/apps/{app}/tables/{table}/files`: a photo or another file for a row.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
};
use gridkeep_model::{
    RowId,
    definition::{Role, Validation},
};
use gridkeep_odata::header::MediaType;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Files, Offered, Place, keep::SMALL};
use crate::{
    distribution::{AppGrant, Definitions},
    error::ApiError,
    extract::{Json, Parameters, Path},
    noun,
};

/// Which table.
#[derive(Debug, Deserialize)]
pub(super) struct Table {
    table: String,
}

/// Where the content is to go, and what it is called.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct For {
    column: String,
    row: RowId,
    name: Option<String>,
    /// A small picture of the content, which was sent before.
    small: Option<String>,
    /// This is one.
    #[serde(default)]
    is_small: bool,
}

/// A content that was stored: `object` is the value by which the row refers to it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StoredFile)]
pub(super) struct View {
    object: String,
    /// Its media type, as its content tells.
    media_type: String,
    /// Its bytes.
    size: u64,
    name: Option<String>,
}

/// Stores a photo or another file for a row, which need not be there yet. The transaction that adds or changes the row gives
/// `object` as the column's value; what no row refers to is deleted after a day. A small picture for lists, of at most 64 KiB,
/// may be sent first (`isSmall`) and named with the content (`small`).
#[utoipa::path(post, path = "/api/apps/{app}/tables/{table}/files", tag = "files",
    params(("app" = String, Path), ("table" = String, Path), ("column" = String, Query),
        ("row" = String, Query), ("name" = Option<String>, Query),
        ("small" = Option<String>, Query), ("isSmall" = Option<bool>, Query)),
    request_body(content = noun::File, content_type = "application/octet-stream"),
    responses((status = 201, body = View), (status = 413, description = "Larger than the column takes."),
        (status = 415, description = "No picture, where only pictures are taken."),
        (status = 507, description = "There is no room left.")))]
pub(super) async fn upload(
    State(files): State<Files>,
    State(definitions): State<Definitions>,
    grant: AppGrant,
    Path(Table { table }): Path<Table>,
    Parameters(to): Parameters<For>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<View>), ApiError> {
    let definition = definitions.seen(&grant.app, &grant.rights).await?;
    let table = definition.table(&table).ok_or(ApiError::NotFound)?;
    let column = table.column(&to.column).filter(|column| column.is_file()).ok_or(ApiError::NotFound)?;
    if column.read_only {
        return Err(ApiError::Forbidden);
    }
    let access = &table.access;
    let may = grant.role == Role::Maker
        || access.insert.contains(&grant.role)
        || access.see.contains(&grant.role) && access.update.contains(&grant.role);
    if !may {
        return Err(if access.see.contains(&grant.role) { ApiError::Forbidden } else { ApiError::NotFound });
    }
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let offered = Offered {
        body,
        length: text(header::CONTENT_LENGTH).and_then(|length| length.parse().ok()),
        // What is no media type says nothing.
        media_type: text(header::CONTENT_TYPE)
            .and_then(|kind| MediaType::parse(kind).ok())
            .map(|kind| kind.to_string()),
        name: to.name,
        small: to.small.filter(|_| !to.is_small),
    };
    let small = Validation { pictures: true, max_bytes: Some(SMALL), ..Validation::default() };
    let mut place = Place::of(grant.app.id, table, column, to.row);
    if to.is_small {
        place.validation = &small;
    }
    let stored = files.keep(place, offered).await?;
    let view =
        View { object: stored.object, media_type: stored.media_type, size: stored.size, name: stored.name };
    Ok((StatusCode::CREATED, Json(view)))
}
