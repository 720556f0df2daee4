//! `DELETE /api/apps/{app}/keys/{key}`

use axum::{extract::State, http::StatusCode};
use gridkeep_model::{ApiKeyId, definition::Role};

use super::create::said;
use crate::{distribution::AppGrant, error::ApiError, extract::Path, noted, tenancy::Tenancy};

/// Ends a key at once: one's own, or as the app's maker anybody's.
#[utoipa::path(delete, path = "/api/apps/{app}/keys/{key}", tag = "api keys",
    params(("app" = String, Path), ("key" = String, Path)),
    responses((status = 204, description = "It opens nothing any more.")))]
pub(super) async fn revoke(
    State(tenancy): State<Tenancy>,
    AppGrant { app, role, person, .. }: AppGrant,
    path: Path<(String, ApiKeyId)>,
) -> Result<StatusCode, ApiError> {
    let Path((_, key)) = path;
    let person = person.ok_or(ApiError::SignInRequired)?;
    let of = (role != Role::Maker).then_some(person.id);
    let known = tenancy.read(move |reader| Ok(reader.api_keys(app.id)?)).await?;
    if let Some(known) = known.into_iter().find(|known| known.id == key) {
        noted::fact("before", said(&known));
        noted::personal("name", Some(known.account), known.name);
    }
    let ended = tenancy.write(move |work| Ok(work.revoke_api_key(app.id, key, of)?)).await?;
    if ended { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::NotFound) }
}
