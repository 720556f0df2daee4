//! `PATCH /api/tenant`: what people call the tenant that is asked at.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::{error::ApiError, extract::Json, noted, people::Ruler, session::Logins, tenant_name::title};

/// What to call it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TenantChange {
    title: String,
}

/// Says what people call the tenant; its administrators do. Its name in addresses stays.
#[utoipa::path(patch, path = "/api/tenant", tag = "tenants", request_body = TenantChange,
    responses((status = 204, description = "Everybody reads it from now on.")))]
pub(super) async fn rename(
    State(logins): State<Logins>,
    _: Ruler,
    Json(change): Json<TenantChange>,
) -> Result<StatusCode, ApiError> {
    let title = title(&change.title)?;
    noted::fact("before", json!({"title": logins.title().await?}));
    noted::fact("after", json!({"title": title}));
    logins.retitle(&title).await?;
    Ok(StatusCode::NO_CONTENT)
}
