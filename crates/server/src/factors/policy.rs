//! `GET` and `PUT /api/second-factor`: what the tenant asks of everybody who signs in to it.

use axum::{extract::State, http::StatusCode};
use gridkeep_store::FactorPolicy;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::Fresh;
use crate::{
    error::ApiError,
    extract::Json,
    gates::AtGate,
    noted,
    session::{Logins, Person, meets},
};

/// What the tenant asks for.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = FactorPolicy)]
pub(super) struct PolicyView {
    second_factor: Asked,
}

/// Which second factor.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AskedFactor)]
enum Asked {
    /// None: a password is enough.
    None,
    /// Whichever somebody has.
    Any,
    /// A passkey.
    Passkey,
}

/// What the tenant asks of everybody, for its administrators.
#[utoipa::path(get, path = "/api/second-factor", tag = "factors", operation_id = "readPolicy",
    responses((status = 200, body = PolicyView)))]
pub(super) async fn read(State(logins): State<Logins>, person: Person) -> Result<Json<PolicyView>, ApiError> {
    rules(&person)?;
    let second_factor = match logins.policy().await? {
        FactorPolicy::None => Asked::None,
        FactorPolicy::Any => Asked::Any,
        FactorPolicy::Passkey => Asked::Passkey,
    };
    Ok(Json(PolicyView { second_factor }))
}

/// Lets the tenant ask for this of everybody, from the next request on. Whoever asks for it has shown it in this very
/// session, so that nobody locks themselves out.
#[utoipa::path(put, path = "/api/second-factor", tag = "factors", operation_id = "changePolicy",
    request_body = PolicyView, responses((status = 204, description = "It is asked for.")))]
pub(super) async fn change(
    State(logins): State<Logins>,
    person: Person,
    Fresh(own): Fresh,
    at: AtGate,
    Json(request): Json<PolicyView>,
) -> Result<StatusCode, ApiError> {
    rules(&person)?;
    let policy = match request.second_factor {
        Asked::None => FactorPolicy::None,
        Asked::Any => FactorPolicy::Any,
        Asked::Passkey => FactorPolicy::Passkey,
    };
    if !meets(policy, &own.session.methods) {
        return Err(ApiError::FactorRequired(policy));
    }
    let what = json!({"secondFactor": policy.word()});
    at.pass(&person, "PROVIDER_CONFIG", policy.word(), what).await?;
    noted::fact("before", json!({"secondFactor": logins.policy().await?.word()}));
    noted::fact("after", json!({"secondFactor": policy.word()}));
    logins.set_policy(policy).await?;
    tracing::warn!(by.id = %person.id, policy = policy.word(), "what is asked for at sign-in was changed");
    Ok(StatusCode::NO_CONTENT)
}

/// Refuses whoever does not administer the tenant; to those who do not belong to it there is nothing.
fn rules(person: &Person) -> Result<(), ApiError> {
    match person.role {
        None => Err(ApiError::NotFound),
        Some(_) if person.administers() => Ok(()),
        Some(_) => Err(ApiError::Forbidden),
    }
}
