//! `POST /api/invitations`: somebody is invited into the tenant.

use std::collections::BTreeSet;

use axum::{extract::State, http::StatusCode};
use gridkeep_identity::email::is_twin;
use gridkeep_model::GroupId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::{InvitationCard, cards, said};
use crate::{
    error::ApiError,
    extract::Json,
    gates::AtGate,
    invited::{Guest, Invitations},
    language::Language,
    noted,
    people::Ruler,
    session::{Email, RoleView},
    tenancy::Tenancy,
};

/// Longest name, in characters.
pub(super) const LONGEST_NAME: usize = 100;

/// Who is to join, and as what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewInvitation {
    email: String,
    role: RoleView,
    /// Ids of the groups they will be in.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    groups: BTreeSet<GroupId>,
    /// What to call them until they say so themselves.
    #[serde(default)]
    name: String,
}

/// Invites an address into the tenant by mail. It is answered alike whether the address has an account or not. Whoever is invited
/// already is from now on invited as this, and mailed again unless that was just done.
#[utoipa::path(post, path = "/api/invitations", tag = "invitations", request_body = NewInvitation,
    responses((status = 201, body = InvitationCard)))]
pub(super) async fn invite(
    State(invitations): State<Invitations>,
    State(tenancy): State<Tenancy>,
    language: Language,
    ruler: Ruler,
    at: AtGate,
    Json(new): Json<NewInvitation>,
) -> Result<(StatusCode, Json<InvitationCard>), ApiError> {
    let role = ruler.name(new.role)?;
    if !ruler.person.confirmed {
        return Err(ApiError::ConfirmFirst);
    }
    let address = Email::new(&new.email)?;
    let name = name(&new.name)?;
    let groups = there(&tenancy, new.groups).await?;
    let (members, invited) = invitations.known().await?;
    if members.iter().any(|member| member == address.as_str()) {
        return Err(ApiError::AlreadyMember);
    }
    let others = members.iter().chain(invited.iter().filter(|own| *own != address.as_str()));
    if !others.clone().all(|other| other.is_ascii() && address.as_str().is_ascii())
        && others.into_iter().any(|other| is_twin(address.as_str(), other))
    {
        return Err(ApiError::TwinAddress);
    }
    ruler.invites(&at, std::iter::once((&address, role))).await?;
    if let Some(before) = invitations.open_for(&address).await? {
        noted::fact("before", said(before.role, &before.groups, None));
    }
    noted::fact("after", said(role, &groups, None));
    let guest = Guest { address, name, role, groups, language: None };
    let id = invitations.invite(&ruler.person, guest, language).await?;
    noted::about(id.to_string());
    Ok((StatusCode::CREATED, Json(card(&invitations, &tenancy, id).await?)))
}

/// An invitation of the tenant as whoever invites sees it.
pub(super) async fn card(
    invitations: &Invitations,
    tenancy: &Tenancy,
    id: gridkeep_model::InvitationId,
) -> Result<InvitationCard, ApiError> {
    let invitation = invitations.get(id).await?.ok_or(ApiError::NotFound)?;
    let standing = invitations.standing(&invitation);
    cards(tenancy, vec![(invitation, standing)]).await?.pop().ok_or(ApiError::NotFound)
}

/// A checked name, of somebody or something; may be empty.
pub(super) fn name(text: &str) -> Result<String, ApiError> {
    let name = text.trim();
    if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(ApiError::InvalidName);
    }
    Ok(name.to_owned())
}

/// Groups of the tenant; one that is not there is refused.
pub(super) async fn there(tenancy: &Tenancy, groups: BTreeSet<GroupId>) -> Result<Vec<GroupId>, ApiError> {
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    let known: BTreeSet<GroupId> =
        tenancy.read(|reader| Ok(reader.groups()?.into_iter().map(|group| group.id).collect())).await?;
    if groups.is_subset(&known) {
        Ok(groups.into_iter().collect())
    } else {
        Err(ApiError::InvalidRequest("groups".to_owned()))
    }
}
