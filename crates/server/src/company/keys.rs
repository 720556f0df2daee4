//! `GET /company/{provider}/keys`: the key by which the server proves itself at a provider of OpenID Connect (`jwks_uri`).

use axum::{
    extract::State,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use gridkeep_model::ProviderId;

use super::Company;
use crate::{error::ApiError, extract::Path};

/// The public key for a provider. It follows from the provider's id, be there such a provider or not: so it tells nobody which there are.
pub(super) async fn keys(
    State(company): State<Company>,
    Path(provider): Path<ProviderId>,
) -> Result<Response, ApiError> {
    let keys = company.client_key(provider)?.jwks().to_string();
    Ok(([(CONTENT_TYPE, "application/jwk-set+json")], keys).into_response())
}
