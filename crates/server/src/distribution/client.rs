//! `GET /api/apps/{app}/client`: what the client loads first.

use std::sync::Arc;

use axum::{extract::State, http::HeaderMap};
use gridkeep_model::{AppDefinition, AppId, definition::Role};
use serde::Serialize;
use utoipa::ToSchema;

use super::{AppGrant, Definitions};
use crate::{
    error::ApiError,
    extract::Json,
    http::is_own_page,
    invited::Invitations,
    noun,
    session::{InBrowser, Logins},
};

/// An app as the client opens it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ClientApp {
    #[schema(value_type = String, format = Uuid)]
    id: AppId,
    /// Which version; its workbook is at `/api/apps/{app}/versions/{version}/workbook`.
    version: u32,
    /// What the person is to it.
    #[schema(value_type = noun::Role)]
    role: Role,
    #[schema(value_type = noun::AppDefinition)]
    definition: Arc<AppDefinition>,
    /// The workbook's file name.
    file_name: String,
    /// Who made it; null when the account is gone.
    maker: Option<String>,
}

/// What the client needs to open an app; for a public one nobody has to sign in.
#[utoipa::path(get, path = "/api/apps/{app}/client", tag = "distribution", params(("app" = String, Path)),
    responses((status = 200, body = ClientApp)))]
pub(super) async fn client(
    State(definitions): State<Definitions>,
    State(logins): State<Logins>,
    State(invitations): State<Invitations>,
    AppGrant { app, role, rights, person, looks, .. }: AppGrant,
    browser: Result<InBrowser, ApiError>,
    headers: HeaderMap,
) -> Result<Json<ClientApp>, ApiError> {
    // By our own page, which no other one can say it is: see `http::guard`.
    let comes = browser.is_ok() && is_own_page(&headers) && !looks;
    if let Some(person) = person.filter(|person| comes && role == Role::Member && person.confirmed)
        && let Err(error) = invitations.opened_by_name(app.id, &person).await
    {
        // That is no reason to keep it from them.
        tracing::warn!(error.code = error.code(), "an invitation could not be noted as accepted");
    }
    let definition = definitions.seen(&app, &rights).await?;
    let mut names = logins.names_of([app.owner].into()).await?;
    Ok(Json(ClientApp {
        id: app.id,
        version: app.current.version,
        role,
        definition,
        file_name: app.current.file_name,
        maker: names.remove(&app.owner),
    }))
}
