//! `POST /api/accounts/confirmation`: proves an address by the link that went there.

use axum::extract::State;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{error::ApiError, extract::Json, secret::Token, session::Logins};

/// The link's token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Confirmation {
    #[schema(value_type = String)]
    token: SecretString,
}

/// The address that is proven now.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Confirmed {
    email: String,
}

/// Proves an address. Works once, and signs nobody in: whoever reads the mail need not know the password.
#[utoipa::path(post, path = "/api/accounts/confirmation", tag = "accounts", request_body = Confirmation,
    responses((status = 200, body = Confirmed)))]
pub(super) async fn confirm(
    State(logins): State<Logins>,
    Json(request): Json<Confirmation>,
) -> Result<Json<Confirmed>, ApiError> {
    let token = Token::secret(&request.token).ok_or(ApiError::LinkOver)?;
    let email = logins.confirm(&token).await?.to_string();
    Ok(Json(Confirmed { email }))
}
