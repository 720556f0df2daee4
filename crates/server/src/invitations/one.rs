//! `/api/invitations/{invitation}`: one that is open is mailed again or taken back.

use axum::{extract::State, http::StatusCode};
use gridkeep_model::{InvitationId, definition::Role};
use gridkeep_store::{Invitation, TenantRole};

use super::{
    invite::card,
    view::{InvitationCard, said},
};
use crate::{
    distribution::{AppGrant, Definitions},
    error::ApiError,
    extract::{Json, Path},
    invited::Invitations,
    noted,
    session::Person,
    tenancy::Tenancy,
};

/// Mails an invitation once more; the links before end, and the new one works for 7 days. 429 when it was just mailed.
#[utoipa::path(post, path = "/api/invitations/{invitation}/resend", tag = "invitations",
    params(("invitation" = String, Path)), responses((status = 200, body = InvitationCard)))]
pub(super) async fn resend(
    State(invitations): State<Invitations>,
    State(definitions): State<Definitions>,
    State(tenancy): State<Tenancy>,
    person: Person,
    Path(id): Path<InvitationId>,
) -> Result<Json<InvitationCard>, ApiError> {
    let invitation = reached(&invitations, &definitions, &person, id).await?;
    if !person.confirmed {
        return Err(ApiError::ConfirmFirst);
    }
    // Nothing of it is another than before, but its link.
    noted::fact("after", said(invitation.role, &invitation.groups, invitation.app));
    invitations.resend(id, &person).await?;
    Ok(Json(card(&invitations, &tenancy, id).await?))
}

/// Takes an invitation back: its link opens nothing any more, and an app names whom it was for no longer.
#[utoipa::path(delete, path = "/api/invitations/{invitation}", tag = "invitations",
    params(("invitation" = String, Path)), responses((status = 204, description = "It is taken back.")))]
pub(super) async fn revoke(
    State(invitations): State<Invitations>,
    State(definitions): State<Definitions>,
    person: Person,
    Path(id): Path<InvitationId>,
) -> Result<StatusCode, ApiError> {
    let invitation = reached(&invitations, &definitions, &person, id).await?;
    noted::fact("before", said(invitation.role, &invitation.groups, invitation.app));
    invitations.revoke(&invitation).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// An invitation of which somebody may decide: administrators of all but those who would be more than they are, the makers of an
/// app of those into it. To everybody else it is not there.
async fn reached(
    invitations: &Invitations,
    definitions: &Definitions,
    person: &Person,
    id: InvitationId,
) -> Result<Invitation, ApiError> {
    let invitation = invitations.get(id).await?.ok_or(ApiError::NotFound)?;
    match person.role {
        Some(role) if role >= TenantRole::Administrator => {
            return if invitation.role <= role { Ok(invitation) } else { Err(ApiError::Forbidden) };
        }
        _ => {}
    }
    let app = invitation.app.ok_or(ApiError::NotFound)?;
    let grant = AppGrant::decide(definitions, app, Some(person.clone())).await?;
    if grant.role == Role::Maker { Ok(invitation) } else { Err(ApiError::NotFound) }
}
