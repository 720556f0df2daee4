//! `GET /api/people`: who belongs to the tenant.

use axum::extract::State;
use gridkeep_model::{AccountId, GroupId};
use gridkeep_store::{Belonging, Member, MemberOrder, Sought};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Ruler, view::PersonCard};
use crate::{
    error::ApiError,
    extract::{Json, Parameters},
    session::{Logins, RoleView},
    tenancy::Tenancy,
};

/// People in one answer.
const PAGE: u32 = 50;
/// Most people of a group among whom, or beside whom, others are looked for: each is named to the database.
const MOST_OF_GROUP: usize = 30_000;
/// Longest text that is looked for, in characters.
const LONGEST: usize = 100;

/// Whom to list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    #[serde(default)]
    search: String,
    #[serde(default)]
    role: Option<RoleView>,
    #[serde(default)]
    group: Option<GroupId>,
    #[serde(default)]
    outside: Option<GroupId>,
    #[serde(default)]
    sort: Sort,
    #[serde(default)]
    after: Option<AccountId>,
}

/// What the people are sorted by.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Sort {
    /// Their addresses.
    #[default]
    Address,
    /// Their names.
    Name,
    /// Whoever joined last first.
    Newest,
    /// Whoever was here last first.
    Seen,
    /// Whoever was not here for the longest time first.
    Unseen,
}

impl From<Sort> for MemberOrder {
    fn from(sort: Sort) -> Self {
        match sort {
            Sort::Address => Self::Address,
            Sort::Name => Self::Name,
            Sort::Newest => Self::Newest,
            Sort::Seen => Self::Seen,
            Sort::Unseen => Self::Unseen,
        }
    }
}

/// Some of the people.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PeoplePage {
    people: Vec<PersonCard>,
    /// How many there are in all, of those that are looked for.
    count: u64,
    /// There are more behind the last one.
    more: bool,
}

/// Who belongs to the tenant, for its administrators: 50 at a time.
#[utoipa::path(get, path = "/api/people", tag = "people",
    params(("search" = Option<String>, Query, description = "Part of a name or address."),
        ("role" = Option<RoleView>, Query, description = "Only those who are this."),
        ("group" = Option<String>, Query, description = "Only those in this group."),
        ("outside" = Option<String>, Query, description = "Only those not in this group."),
        ("sort" = Option<String>, Query, description = "`address`, as when absent, `name`, `newest`, `seen` or `unseen`."),
        ("after" = Option<String>, Query, description = "The last person of the page before.")),
    responses((status = 200, body = PeoplePage)))]
pub(super) async fn list(
    State(logins): State<Logins>,
    State(tenancy): State<Tenancy>,
    _: Ruler,
    Parameters(wanted): Parameters<Wanted>,
) -> Result<Json<PeoplePage>, ApiError> {
    let words = wanted.search.chars().take(LONGEST).collect();
    let among = of_group(&tenancy, wanted.group).await?;
    let but = of_group(&tenancy, wanted.outside).await?.unwrap_or_default();
    // Each is a value of one statement.
    if among.as_ref().map_or(0, Vec::len) + but.len() > MOST_OF_GROUP {
        return Err(ApiError::TooManyPeople(MOST_OF_GROUP));
    }
    // One more than is shown says whether there are more.
    let sought = Sought {
        words,
        role: wanted.role.map(Into::into),
        among,
        but,
        order: wanted.sort.into(),
        after: wanted.after,
        most: PAGE + 1,
    };
    let (mut members, count) = logins.members(sought).await?;
    let more = members.len() > PAGE as usize;
    members.truncate(PAGE as usize);
    Ok(Json(PeoplePage { people: cards(&tenancy, members).await?, count, more }))
}

/// Who is in a group that is asked for.
async fn of_group(tenancy: &Tenancy, group: Option<GroupId>) -> Result<Option<Vec<AccountId>>, ApiError> {
    let Some(group) = group else { return Ok(None) };
    Ok(Some(tenancy.read(move |reader| Ok(reader.group_members(group)?)).await?))
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
