//! `/api/apps/{app}/invitations`: who is invited into an app, for its makers.

use axum::{extract::State, http::StatusCode};
use gridkeep_store::{Audience, TenantRole};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    invite::card,
    list::{InvitationsPage, Wanted, page},
    view::{InvitationCard, said},
};
use crate::{
    chance::Time,
    distribution::{MOST_PEOPLE, MakerGrant},
    error::ApiError,
    extract::{Json, Parameters},
    invited::Invitations,
    language::Language,
    noted,
    session::Email,
    tenancy::Tenancy,
};

/// Who is invited into an app: 50 at a time, the newest first.
#[utoipa::path(get, path = "/api/apps/{app}/invitations", tag = "invitations", operation_id = "list_of_app",
    params(("app" = String, Path), ("search" = Option<String>, Query, description = "Part of a name or address."),
        ("status" = Option<String>, Query, description = "Only those of this status."),
        ("job" = Option<String>, Query, description = "Only those of this list."),
        ("after" = Option<String>, Query, description = "The last one of the page before.")),
    responses((status = 200, body = InvitationsPage)))]
pub(super) async fn list(
    State(invitations): State<Invitations>,
    State(tenancy): State<Tenancy>,
    MakerGrant { app, .. }: MakerGrant,
    Parameters(wanted): Parameters<Wanted>,
) -> Result<Json<InvitationsPage>, ApiError> {
    page(&invitations, &tenancy, wanted, Some(app.id)).await
}

/// Whom to invite.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AppGuest {
    email: String,
}

/// Names an address in the app and invites it by mail; whom the app names already is invited again, unless that was just done.
#[utoipa::path(post, path = "/api/apps/{app}/invitations", tag = "invitations", operation_id = "invite_to_app",
    params(("app" = String, Path)), request_body = AppGuest, responses((status = 201, body = InvitationCard)))]
pub(super) async fn invite(
    State(invitations): State<Invitations>,
    State(tenancy): State<Tenancy>,
    State(time): State<Time>,
    language: Language,
    MakerGrant { app, person }: MakerGrant,
    Json(AppGuest { email }): Json<AppGuest>,
) -> Result<(StatusCode, Json<InvitationCard>), ApiError> {
    if !person.confirmed {
        return Err(ApiError::ConfirmFirst);
    }
    if app.audience == Audience::Prototype {
        return Err(ApiError::InvalidRequest("audience".to_owned()));
    }
    noted::fact("after", said(TenantRole::Guest, &[], Some(app.id)));
    let (address, id) = (Email::new(&email)?, app.id);
    let named = address.to_string();
    tenancy
        .write(move |work| {
            let people = work.people(id)?;
            if !people.contains(&named) {
                if people.len() >= MOST_PEOPLE {
                    return Err(ApiError::TooManyPeople(MOST_PEOPLE));
                }
                work.name_person(id, &named, time.clock())?;
            }
            Ok(())
        })
        .await?;
    let made = invitations.invite_to_app(&person, app.id, vec![address], language).await?;
    let id = made.first().copied().ok_or(ApiError::NotFound)?;
    Ok((StatusCode::CREATED, Json(card(&invitations, &tenancy, id).await?)))
}
