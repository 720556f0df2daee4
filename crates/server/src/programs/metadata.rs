//! What programs find out by themselves: where to ask (RFC 8414), what is asked for at the API (RFC 9728), and the keys that
//! tokens are signed with (RFC 7517).

use axum::{Json, extract::State, http::header, response::IntoResponse};
use gridkeep_identity::dpop::ALGORITHMS;
use serde_json::{Value, json};

use super::issuer::Issuer;
use crate::{
    error::ApiError,
    session::{Logins, READ, WRITE},
};

const SOON: [(header::HeaderName, &str); 1] = [(header::CACHE_CONTROL, "public, max-age=3600")];

pub(super) async fn server(issuer: Issuer) -> impl IntoResponse {
    let document: Value = json!({
        "issuer": issuer.0,
        "authorization_endpoint": issuer.at("/oauth/authorize"),
        "token_endpoint": issuer.at("/oauth/token"),
        "revocation_endpoint": issuer.at("/oauth/revoke"),
        "jwks_uri": issuer.at("/.well-known/jwks.json"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint_auth_methods_supported": ["none"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": [READ, WRITE],
        "dpop_signing_alg_values_supported": ALGORITHMS,
        "authorization_response_iss_parameter_supported": true,
        "ui_locales_supported": ["en", "de"],
    });
    (SOON, Json(document))
}

pub(super) async fn resource(issuer: Issuer) -> impl IntoResponse {
    let document = json!({
        "resource": issuer.0,
        "authorization_servers": [issuer.0],
        "scopes_supported": [READ, WRITE],
        "bearer_methods_supported": ["header"],
        "dpop_signing_alg_values_supported": ALGORITHMS,
        "resource_name": "Gridkeep",
    });
    (SOON, Json(document))
}

pub(super) async fn keys(State(logins): State<Logins>) -> Result<impl IntoResponse, ApiError> {
    Ok((SOON, Json(logins.bearers().keys()?.jwks())))
}
