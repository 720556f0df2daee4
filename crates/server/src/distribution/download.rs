//! `GET /api/apps/{app}/versions/{version}/workbook`: the workbook a version calculates with, without the rows of published
//! tables.

use axum::{
    extract::State,
    http::{
        HeaderMap, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH},
    },
    response::{IntoResponse, Response},
};
use gridkeep_model::definition::Role;
use serde::Deserialize;

use super::{AppGrant, Copies, Definitions};
use crate::{error::ApiError, extract::Path, noun, tenancy::Tenancy};

/// How copies are made; a new number makes browsers fetch those again that they were asked to check.
const COPY: u32 = 1;

/// Which version.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    pub(super) version: u32,
}

/// The workbook of a version, as apps calculate with it: the rows of published tables are blank in it, for everybody; they
/// come from the row service. It never changes, so browsers keep it for good. Only the maker gets others than the current
/// one: they may hold what was withdrawn.
#[utoipa::path(get, path = "/api/apps/{app}/versions/{version}/workbook", tag = "distribution",
    params(("app" = String, Path), ("version" = u32, Path)),
    responses((status = 200, body = noun::File, content_type = "application/octet-stream"),
        (status = 304, description = "As you have it.")))]
pub(super) async fn download(
    State(tenancy): State<Tenancy>,
    State(definitions): State<Definitions>,
    State(copies): State<Copies>,
    AppGrant { app, role, .. }: AppGrant,
    Path(Wanted { version }): Path<Wanted>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let id = app.id;
    let version = if version == app.current.version {
        app.current
    } else if role == Role::Maker {
        let found = tenancy.read(move |reader| Ok(reader.version(id, version)?)).await?;
        found.ok_or(ApiError::NotFound)?
    } else {
        return Err(ApiError::NotFound);
    };
    let tag = format!("\"{id}-{}-copy{COPY}\"", version.version);
    // Private: a shared cache must not hand it to people who may not open the app.
    let cache = [(ETAG, tag.as_str()), (CACHE_CONTROL, "private, max-age=31536000, immutable")];
    let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|own| own.trim().trim_start_matches("W/") == tag)) {
        return Ok((StatusCode::NOT_MODIFIED, cache).into_response());
    }
    let definition = definitions.of(id, version.version).await?;
    let bytes = copies.of(id, &version, &definition).await?;
    Ok((cache, [(CONTENT_TYPE, "application/octet-stream")], bytes).into_response())
}
