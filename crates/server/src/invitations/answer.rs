//! `/api/accounts/invitation`: what an invitation is to, for whoever has its link; accepting and declining it.
//!
//! **Architecture Invariant:** reading changes nothing, so that what opens links before people do uses none up. Declining takes the
//! link alone, and takes nothing from anybody; accepting takes the account of the address too.

use axum::{extract::State, http::StatusCode};
use gridkeep_model::AppId;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    error::ApiError,
    extract::Json,
    invited::{Invitations, Offer},
    secret::Token,
    session::{Anybody, Logins, OwnSession, RoleView},
};

/// The link's token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = HeldLink)]
pub(super) struct Held {
    #[schema(value_type = String)]
    token: SecretString,
}

impl Held {
    pub(super) fn token(&self) -> Result<Token, ApiError> {
        Token::secret(&self.token).ok_or(ApiError::LinkOver)
    }
}

/// What an invitation is to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Invitation)]
pub(super) struct InvitationView {
    /// The address it went to.
    email: String,
    /// The app; null for the tenant itself.
    #[schema(value_type = Option<String>, format = Uuid)]
    app: Option<AppId>,
    /// What people call it; null for a server's only tenant.
    name: Option<String>,
    /// What whoever accepts becomes.
    role: RoleView,
    /// Who invites, by name; empty where they asked for it themselves.
    sender: String,
    /// What whoever invites calls them; may be empty.
    guest: String,
    /// The address has an account: sign in with it. Told to nobody but who reads its mails.
    known: bool,
    /// Whoever is signed in has this address.
    own: bool,
}

/// Where whoever joined is to go.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Joined)]
pub(super) struct JoinedView {
    /// The app; null for the tenant itself.
    #[schema(value_type = Option<String>, format = Uuid)]
    app: Option<AppId>,
}

impl From<Offer> for JoinedView {
    fn from(offer: Offer) -> Self {
        Self { app: offer.app.map(|app| app.id) }
    }
}

/// What an invitation is to. Reading it uses nothing up.
#[utoipa::path(post, path = "/api/accounts/invitation", tag = "accounts", operation_id = "invitation",
    request_body = Held, responses((status = 200, body = InvitationView)))]
pub(super) async fn read(
    State(logins): State<Logins>,
    State(invitations): State<Invitations>,
    Anybody { person, .. }: Anybody,
    Json(held): Json<Held>,
) -> Result<Json<InvitationView>, ApiError> {
    let (invitation, offer) = invitations.opened(&held.token()?).await?;
    let own = person.is_some_and(|person| person.email.as_str() == invitation.address);
    let known = own || logins.is_known(&invitation.address).await?;
    let sender = if invitation.link.is_none() { invitation.sender_name } else { String::new() };
    Ok(Json(InvitationView {
        email: invitation.address,
        app: offer.app.map(|app| app.id),
        name: offer.name,
        role: invitation.role.into(),
        sender,
        guest: invitation.name,
        known,
        own,
    }))
}

/// Joins by an invitation that went to the address of whoever is signed in, which proves the address. Works once.
#[utoipa::path(post, path = "/api/accounts/invitation/acceptance", tag = "accounts",
    operation_id = "accept_invitation", request_body = Held, responses((status = 200, body = JoinedView)))]
pub(super) async fn accept(
    State(invitations): State<Invitations>,
    OwnSession { person, .. }: OwnSession,
    Json(held): Json<Held>,
) -> Result<Json<JoinedView>, ApiError> {
    Ok(Json(invitations.accept(&held.token()?, &person).await?.into()))
}

/// Declines an invitation, which whoever invites sees. What somebody has already stays theirs.
#[utoipa::path(post, path = "/api/accounts/invitation/refusal", tag = "accounts",
    operation_id = "decline_invitation", request_body = Held,
    responses((status = 204, description = "It is declined.")))]
pub(super) async fn decline(
    State(invitations): State<Invitations>,
    Json(held): Json<Held>,
) -> Result<StatusCode, ApiError> {
    invitations.decline(&held.token()?).await?;
    Ok(StatusCode::NO_CONTENT)
}
