//! `GET /api/account/invitations`: what whoever is signed in is invited to, at whichever tenant.

use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    error::ApiError, extract::Json, invited::Invitations, session::OwnSession, site::Site, tenancy::Tenants,
};

/// Something that somebody is invited to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OwnInvitation)]
pub(super) struct OwnInvitation {
    /// What people call it; null for a server's only tenant.
    name: Option<String>,
    /// Who invites, by name; empty where they asked for it themselves.
    sender: String,
    /// Where it is, when it can be opened at once: an app that names them. For all else the mail has the link.
    link: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires: Option<Timestamp>,
}

/// What whoever is signed in is invited to and has not answered: of an address that is proven, and none of anybody else's.
#[utoipa::path(get, path = "/api/account/invitations", tag = "accounts", operation_id = "own_invitations",
    responses((status = 200, body = Vec<OwnInvitation>)))]
pub(super) async fn list(
    State(invitations): State<Invitations>,
    State(tenants): State<Tenants>,
    State(site): State<Site>,
    OwnSession { person, .. }: OwnSession,
) -> Result<Json<Vec<OwnInvitation>>, ApiError> {
    let all = invitations.waiting_for(&person, &tenants, &site).await?.into_iter();
    let shown = all.map(|(invitation, offer, link)| OwnInvitation {
        name: offer.name,
        sender: if invitation.link.is_none() { invitation.sender_name } else { String::new() },
        link,
        expires: invitation.expires,
    });
    Ok(Json(shown.collect()))
}
