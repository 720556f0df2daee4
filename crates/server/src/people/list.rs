//! `GET /api/people`: who belongs to the tenant.

use axum::extract::State;
use gridkeep_model::AccountId;
use gridkeep_store::{Belonging, Member, Sought};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Ruler, view::PersonCard};
use crate::{
    error::ApiError,
    extract::{Json, Parameters},
    session::Logins,
    tenancy::Tenancy,
};

/// People in one answer.
const PAGE: u32 = 50;
/// Longest text that is looked for, in characters.
const LONGEST: usize = 100;

/// Whom to list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    #[serde(default)]
    search: String,
    #[serde(default)]
    after: Option<AccountId>,
}

/// Some of the people, by address.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PeoplePage {
    people: Vec<PersonCard>,
    /// How many there are in all, of those that are looked for.
    count: u64,
    /// There are more behind the last one.
    more: bool,
}

/// Who belongs to the tenant, for its administrators: 50 at a time, by address.
#[utoipa::path(get, path = "/api/people", tag = "people",
    params(("search" = Option<String>, Query, description = "Part of a name or address."),
        ("after" = Option<String>, Query, description = "The last person of the page before.")),
    responses((status = 200, body = PeoplePage)))]
pub(super) async fn list(
    State(logins): State<Logins>,
    State(tenancy): State<Tenancy>,
    _: Ruler,
    Parameters(wanted): Parameters<Wanted>,
) -> Result<Json<PeoplePage>, ApiError> {
    let words = wanted.search.chars().take(LONGEST).collect();
    // One more than is shown says whether there are more.
    let sought = Sought { words, after: wanted.after, most: PAGE + 1 };
    let (mut members, count) = logins.members(sought).await?;
    let more = members.len() > PAGE as usize;
    members.truncate(PAGE as usize);
    Ok(Json(PeoplePage { people: cards(&tenancy, members).await?, count, more }))
}

/// Members with what they belong to.
pub(super) async fn cards(tenancy: &Tenancy, members: Vec<Member>) -> Result<Vec<PersonCard>, ApiError> {
    let ids: Vec<AccountId> = members.iter().map(|member| member.account.id).collect();
    let all: Vec<Belonging> = tenancy
        .read(move |reader| Ok(ids.iter().map(|id| reader.belonging(*id)).collect::<Result<_, _>>()?))
        .await?;
    Ok(members.into_iter().zip(all).map(|(member, belonging)| PersonCard::new(member, belonging)).collect())
}

/// One member with what they belong to.
pub(super) async fn card(tenancy: &Tenancy, logins: &Logins, id: AccountId) -> Result<PersonCard, ApiError> {
    let member = logins.member(id).await?.ok_or(ApiError::NotFound)?;
    cards(tenancy, vec![member]).await?.pop().ok_or(ApiError::NotFound)
}
