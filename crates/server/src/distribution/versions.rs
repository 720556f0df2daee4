//! `GET /api/apps/{app}/versions`

use std::collections::BTreeSet;

use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::MakerGrant;
use crate::{error::ApiError, extract::Json, session::Logins, tenancy::Tenancy};

/// A version of an app.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AppVersion)]
pub(super) struct VersionCard {
    version: u32,
    /// The app's name in it.
    name: String,
    /// The workbook's file name.
    file_name: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Name of who published it; null when the account is gone.
    created_by: Option<String>,
    /// Whether people get this one.
    current: bool,
}

/// All versions of an app, the newest first.
#[utoipa::path(get, path = "/api/apps/{app}/versions", tag = "distribution", params(("app" = String, Path)),
    responses((status = 200, body = [VersionCard])))]
pub(super) async fn versions(
    State(tenancy): State<Tenancy>,
    State(logins): State<Logins>,
    MakerGrant { app, .. }: MakerGrant,
) -> Result<Json<Vec<VersionCard>>, ApiError> {
    let versions = tenancy.read(move |reader| Ok(reader.versions(app.id)?)).await?;
    let makers: BTreeSet<_> = versions.iter().map(|version| version.created_by).collect();
    let names = logins.names_of(makers).await?;
    let cards = versions.into_iter().map(|version| VersionCard {
        version: version.version,
        name: version.name,
        file_name: version.file_name,
        created_at: version.created,
        created_by: names.get(&version.created_by).cloned(),
        current: version.version == app.current.version,
    });
    Ok(Json(cards.collect()))
}
