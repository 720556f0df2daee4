//! `/api/groups/{group}/people/{account}`: one person in one group.
//!
//! **Architecture Invariant:** nothing but this one belonging changes, whatever else somebody changed meanwhile.

use axum::extract::State;
use gridkeep_model::{AccountId, GroupId};
use gridkeep_store::Work;
use serde_json::json;

use super::{Ruler, list::card, view::PersonCard};
use crate::{
    error::ApiError,
    extract::{Json, Path},
    noted,
    session::Logins,
    tenancy::Tenancy,
};

/// Lets somebody belong to a group; whoever does already stays.
#[utoipa::path(put, path = "/api/groups/{group}/people/{account}", tag = "people",
    operation_id = "group_person_add", params(("group" = String, Path), ("account" = String, Path)),
    responses((status = 200, body = PersonCard)))]
pub(super) async fn add(
    State(tenancy): State<Tenancy>,
    State(logins): State<Logins>,
    ruler: Ruler,
    Path((group, person)): Path<(GroupId, AccountId)>,
) -> Result<Json<PersonCard>, ApiError> {
    change((&tenancy, &logins), &ruler, (group, person), true).await
}

/// Lets somebody belong to a group no longer; whoever does not stays out of it.
#[utoipa::path(delete, path = "/api/groups/{group}/people/{account}", tag = "people",
    operation_id = "group_person_remove", params(("group" = String, Path), ("account" = String, Path)),
    responses((status = 200, body = PersonCard)))]
pub(super) async fn remove(
    State(tenancy): State<Tenancy>,
    State(logins): State<Logins>,
    ruler: Ruler,
    Path((group, person)): Path<(GroupId, AccountId)>,
) -> Result<Json<PersonCard>, ApiError> {
    change((&tenancy, &logins), &ruler, (group, person), false).await
}

/// Nobody changes what somebody belongs to who is more than they are, as in [`super::change`].
async fn change(
    (tenancy, logins): (&Tenancy, &Logins),
    ruler: &Ruler,
    (group, person): (GroupId, AccountId),
    within: bool,
) -> Result<Json<PersonCard>, ApiError> {
    let member = logins.member(person).await?.ok_or(ApiError::NotFound)?;
    if member.role > ruler.most {
        return Err(ApiError::Forbidden);
    }
    let read = tenancy.read(move |reader| Ok((reader.group(group)?, reader.belonging(person)?)));
    let (Some(before), belonging) = read.await? else { return Err(ApiError::NotFound) };
    let was = belonging.groups.iter().any(|(id, _)| *id == group);
    noted::about(group.to_string());
    noted::personal("name", None, before.name);
    noted::personal("person", Some(person), member.account.email);
    noted::fact("before", json!({"member": was}));
    noted::fact("after", json!({"member": within}));
    tenancy
        .write(move |work: &mut Work<'_>| {
            if work.group(group)?.ok_or(ApiError::NotFound)?.directed {
                return Err(ApiError::GroupOfDirectory);
            }
            let changed =
                if within { work.join_group(group, person) } else { work.leave_group(group, person) };
            Ok(changed?)
        })
        .await?;
    Ok(Json(card(tenancy, logins, person).await?))
}
