//! `GET /api/apps/{app}/keys`

use std::collections::BTreeSet;

use axum::extract::State;
use gridkeep_model::definition::Role;

use super::view::KeyCard;
use crate::{distribution::AppGrant, error::ApiError, extract::Json, session::Logins, tenancy::Tenancy};

/// One's own keys of an app, the newest first; for its maker those of everybody.
#[utoipa::path(get, path = "/api/apps/{app}/keys", tag = "api keys", params(("app" = String, Path)),
    responses((status = 200, body = Vec<KeyCard>)))]
pub(super) async fn list(
    State(tenancy): State<Tenancy>,
    State(logins): State<Logins>,
    AppGrant { app, role, person, .. }: AppGrant,
) -> Result<Json<Vec<KeyCard>>, ApiError> {
    let person = person.ok_or(ApiError::SignInRequired)?;
    let mut keys = tenancy.read(move |reader| Ok(reader.api_keys(app.id)?)).await?;
    if role != Role::Maker {
        keys.retain(|key| key.account == person.id);
    }
    for key in &mut keys {
        if let Some(ended) = logins.key_ended(key.account, key.created).await? {
            key.expires = Some(key.expires.map_or(ended, |expires| expires.min(ended)));
        }
    }
    let others: BTreeSet<_> =
        keys.iter().map(|key| key.account).filter(|account| *account != person.id).collect();
    let names = logins.names_of(others).await?;
    Ok(Json(
        keys.into_iter()
            .map(|key| {
                let name = names.get(&key.account).cloned();
                KeyCard::new(key, name)
            })
            .collect(),
    ))
}
