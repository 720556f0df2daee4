//! `/api/accounts/join`: what a link that was handed on is to, joining by it, and having an invitation mailed by it.
//!
//! **Architecture Invariant:** whoever holds the link learns what it is to and nothing of anybody; it gives something only to an
//! address that is proven.

use axum::{extract::State, http::StatusCode};
use gridkeep_model::AppId;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    answer::{Held, JoinedView},
    links::shown,
};
use crate::{
    defence::{Throttle, Visitor},
    error::ApiError,
    extract::Json,
    invited::Invitations,
    language::Language,
    secret::Token,
    session::{Anybody, Email, OwnSession, RoleView},
};

/// What a link is to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = JoinLinkOffer)]
pub(super) struct OfferView {
    /// The app; null for the tenant itself.
    #[schema(value_type = Option<String>, format = Uuid)]
    app: Option<AppId>,
    /// What people call it; null for a server's only tenant.
    name: Option<String>,
    /// What whoever joins becomes.
    role: RoleView,
    /// Domains of the addresses that may join; all when empty.
    domains: Vec<String>,
    /// Whoever is signed in may join at once: their address is proven and of such a domain.
    own: bool,
}

/// What a link that was handed on is to.
#[utoipa::path(post, path = "/api/accounts/join", tag = "accounts", operation_id = "join_link",
    request_body = Held, responses((status = 200, body = OfferView)))]
pub(super) async fn read(
    State(invitations): State<Invitations>,
    Anybody { person, .. }: Anybody,
    Json(held): Json<Held>,
) -> Result<Json<OfferView>, ApiError> {
    let (link, offer) = invitations.handed_on(&held.token()?).await?;
    let own = person.is_some_and(|person| person.confirmed && crate::invited::fits(&link, &person.email));
    let app = offer.app.map(|app| app.id);
    Ok(Json(OfferView { app, name: offer.name, role: link.role.into(), domains: shown(link.domains), own }))
}

/// Joins by a link, as whoever is signed in; their address is proven.
#[utoipa::path(post, path = "/api/accounts/join/acceptance", tag = "accounts", operation_id = "join",
    request_body = Held, responses((status = 200, body = JoinedView)))]
pub(super) async fn join(
    State(invitations): State<Invitations>,
    language: Language,
    OwnSession { person, .. }: OwnSession,
    Json(held): Json<Held>,
) -> Result<Json<JoinedView>, ApiError> {
    Ok(Json(invitations.join(&held.token()?, &person, language).await?.into()))
}

/// Whom to mail.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = JoinLinkAddress)]
pub(super) struct Asked {
    /// The link's token.
    #[schema(value_type = String)]
    token: SecretString,
    email: String,
}

/// Mails an invitation to an address, by which whoever reads its mails joins. Answers alike whether the address has an account.
#[utoipa::path(post, path = "/api/accounts/join/mail", tag = "accounts", operation_id = "join_by_mail",
    request_body = Asked, responses((status = 202, description = "A mail is on its way.")))]
pub(super) async fn ask(
    State(invitations): State<Invitations>,
    State(throttle): State<Throttle>,
    visitor: Visitor,
    language: Language,
    Json(asked): Json<Asked>,
) -> Result<StatusCode, ApiError> {
    let token = Token::secret(&asked.token).ok_or(ApiError::LinkOver)?;
    let address = Email::new(&asked.email)?;
    invitations.handed_on(&token).await?;
    throttle.mail("join", address.as_str(), &visitor).await?;
    invitations.ask_by_link(&token, address, language).await?;
    Ok(StatusCode::ACCEPTED)
}
