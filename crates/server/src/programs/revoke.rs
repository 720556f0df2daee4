//! `POST /oauth/revoke`: a program gives up what it was allowed (RFC 7009).

use axum::{extract::State, http::StatusCode};
use gridkeep_model::SessionId;

use super::{
    form::{Parameters, Refusal},
    tokens::Refreshing,
};
use crate::session::Logins;

/// Ends the family of a refresh or access token of this program. Answers alike when there was none.
pub(super) async fn revoke(
    State(logins): State<Logins>,
    State(refreshing): State<Refreshing>,
    parameters: Parameters,
) -> Result<StatusCode, Refusal> {
    let id = parameters.get("client_id").ok_or_else(Refusal::client)?;
    let token = parameters.get("token").ok_or_else(|| Refusal::request("token is missing"))?;
    let session = match refreshing.read(token) {
        Some(refresh) => Some(refresh.session),
        None => logins.bearers().read(token).ok().map(|claims| SessionId::from_uuid(claims.sid)),
    };
    if let Some(session) = session {
        logins.give_up(session, id).await?;
    }
    Ok(StatusCode::OK)
}
