//! What the service can do, and what resources are made of.

use axum::{http::StatusCode, response::Response};
use gridkeep_identity::scim::{
    question::MOST,
    schema::{LIST, resource_types as types, schemas as all_schemas, service as described},
};
use serde_json::{Value as Json, json};

use super::{Directory, Failure, answer::told};
use crate::{error::ApiError, extract::Path};

fn list(all: &[Json]) -> Json {
    json!({ "schemas": [LIST], "totalResults": all.len(), "startIndex": 1, "itemsPerPage": all.len(), "Resources": all })
}

fn one(all: Vec<Json>, id: &str) -> Result<Response, Failure> {
    let found =
        all.into_iter().find(|one| one["id"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(id)));
    Ok(told(StatusCode::OK, &found.ok_or(ApiError::NotFound)?))
}

/// What the service can do (SCIM 2.0).
#[utoipa::path(get, path = "/scim/v2/ServiceProviderConfig", tag = "scim",
    responses((status = 200, body = Object, content_type = "application/scim+json")))]
pub(super) async fn service(directory: Directory) -> Response {
    told(StatusCode::OK, &described(&directory.base(), MOST))
}

/// What resources there are (SCIM 2.0).
#[utoipa::path(get, path = "/scim/v2/ResourceTypes", tag = "scim",
    responses((status = 200, body = Object, content_type = "application/scim+json")))]
pub(super) async fn resource_types(directory: Directory) -> Response {
    told(StatusCode::OK, &list(&types(&directory.base())))
}

/// One kind of resource (SCIM 2.0).
#[utoipa::path(get, path = "/scim/v2/ResourceTypes/{kind}", tag = "scim", params(("kind" = String, Path)),
    responses((status = 200, body = Object, content_type = "application/scim+json")))]
pub(super) async fn resource_type(
    directory: Directory,
    Path(kind): Path<String>,
) -> Result<Response, Failure> {
    one(types(&directory.base()), &kind)
}

/// What resources are made of (SCIM 2.0).
#[utoipa::path(get, path = "/scim/v2/Schemas", tag = "scim",
    responses((status = 200, body = Object, content_type = "application/scim+json")))]
pub(super) async fn schemas(directory: Directory) -> Response {
    told(StatusCode::OK, &list(&all_schemas(&directory.base())))
}

/// One schema (SCIM 2.0).
#[utoipa::path(get, path = "/scim/v2/Schemas/{schema}", tag = "scim", params(("schema" = String, Path)),
    responses((status = 200, body = Object, content_type = "application/scim+json")))]
pub(super) async fn schema(directory: Directory, Path(id): Path<String>) -> Result<Response, Failure> {
    one(all_schemas(&directory.base()), &id)
}
