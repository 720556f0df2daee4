//! `POST /api/people`: somebody who has an account joins the tenant.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Ruler, list::card, view::PersonCard};
use crate::{
    error::ApiError,
    extract::Json,
    session::{Email, Logins, RoleView},
    tenancy::Tenancy,
};

/// Who is to join.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewMember {
    /// The address they have proven.
    email: String,
    role: RoleView,
}

/// Makes whoever has proven an address a member of the tenant; whoever is one already stays what they are. Only owners name owners.
#[utoipa::path(post, path = "/api/people", tag = "people", request_body = NewMember,
    responses((status = 201, body = PersonCard)))]
pub(super) async fn add(
    State(logins): State<Logins>,
    State(tenancy): State<Tenancy>,
    ruler: Ruler,
    Json(new): Json<NewMember>,
) -> Result<(StatusCode, Json<PersonCard>), ApiError> {
    let role = ruler.name(new.role)?;
    if !ruler.person.confirmed {
        return Err(ApiError::ConfirmFirst);
    }
    let email = Email::new(&new.email)?;
    let id = logins.id_of(&email).await?.ok_or(ApiError::NoAccount)?;
    logins.add_member(id, role).await?;
    Ok((StatusCode::CREATED, Json(card(&tenancy, &logins, id).await?)))
}
