//! `/api/groups`: groups of the tenant's people.

use std::collections::BTreeSet;

use axum::{extract::State, http::StatusCode};
use gridkeep_model::{AccountId, GroupId};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{Ruler, view::GroupCard};
use crate::{
    chance::{Chance, Time},
    error::ApiError,
    extract::{Json, Path},
    noted,
    session::Logins,
    tenancy::Tenancy,
};

/// Most groups of a tenant.
const MOST_GROUPS: usize = 500;
/// Most people named in one request.
const MOST_NAMED: usize = 1_000;
/// Longest name, in characters.
const LONGEST_NAME: usize = 80;

/// A group to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewGroup {
    /// No two of a tenant alike, in whatever case.
    name: String,
}

/// What to change of a group; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GroupChange {
    #[serde(default)]
    name: Option<String>,
    /// All who belong to it; those who do not belong to the tenant are left out.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    members: Option<BTreeSet<AccountId>>,
}

/// All groups, by name.
#[utoipa::path(get, path = "/api/groups", tag = "people", operation_id = "groups",
    responses((status = 200, body = Vec<GroupCard>)))]
pub(super) async fn list(
    State(tenancy): State<Tenancy>,
    State(logins): State<Logins>,
    _: Ruler,
) -> Result<Json<Vec<GroupCard>>, ApiError> {
    release(&tenancy, &logins).await?;
    let groups = tenancy.read(|reader| Ok(reader.groups()?)).await?;
    Ok(Json(groups.into_iter().map(GroupCard::from).collect()))
}

/// Makes a group without people.
#[utoipa::path(post, path = "/api/groups", tag = "people", operation_id = "group_create",
    request_body = NewGroup, responses((status = 201, body = GroupCard)))]
pub(super) async fn create(
    State(tenancy): State<Tenancy>,
    State(time): State<Time>,
    State(chance): State<Chance>,
    _: Ruler,
    Json(new): Json<NewGroup>,
) -> Result<(StatusCode, Json<GroupCard>), ApiError> {
    let (name, now) = (checked(&new.name)?, time.now());
    let id = chance.with(|rng| GroupId::new(time.clock(), rng));
    noted::about(id.to_string());
    noted::personal("name", None, name.as_str());
    let made = tenancy
        .write(move |work| {
            if work.groups()?.len() >= MOST_GROUPS || !work.put_group(id, &name, now)? {
                return Err(ApiError::NameTaken);
            }
            Ok(work.group(id)?)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(made.ok_or(ApiError::NotFound)?.into())))
}

/// Changes a group.
#[utoipa::path(patch, path = "/api/groups/{group}", tag = "people", operation_id = "group_change",
    params(("group" = String, Path)), request_body = GroupChange, responses((status = 200, body = GroupCard)))]
pub(super) async fn change(
    State(tenancy): State<Tenancy>,
    State(logins): State<Logins>,
    State(time): State<Time>,
    _: Ruler,
    Path(id): Path<GroupId>,
    Json(change): Json<GroupChange>,
) -> Result<Json<GroupCard>, ApiError> {
    let (name, now) = (change.name.as_deref().map(checked).transpose()?, time.now());
    let members = match change.members {
        Some(named) if named.len() > MOST_NAMED => return Err(ApiError::TooManyPeople(MOST_NAMED)),
        Some(named) => {
            let mut members = BTreeSet::new();
            for account in named {
                if logins.member(account).await?.is_some() {
                    members.insert(account);
                }
            }
            Some(members)
        }
        None => None,
    };
    let before = tenancy.read(move |reader| Ok(reader.group(id)?)).await?.ok_or(ApiError::NotFound)?;
    noted::personal("name", None, before.name.as_str());
    if let Some(after) = &name {
        noted::personal("after", None, after.as_str());
    }
    if let Some(after) = &members {
        let ids: Vec<String> = after.iter().map(ToString::to_string).collect();
        noted::fact("before", json!({"count": before.members}));
        noted::fact("after", json!({"count": ids.len(), "members": ids}));
    }
    let changed = tenancy
        .write(move |work| {
            if work.group(id)?.ok_or(ApiError::NotFound)?.directed {
                return Err(ApiError::GroupOfDirectory);
            }
            if let Some(name) = name
                && !work.put_group(id, &name, now)?
            {
                return Err(ApiError::NameTaken);
            }
            if let Some(members) = members {
                work.set_group_members(id, &members)?;
            }
            Ok(work.group(id)?)
        })
        .await?;
    Ok(Json(changed.ok_or(ApiError::NotFound)?.into()))
}

/// Ends a group; its people stay.
#[utoipa::path(delete, path = "/api/groups/{group}", tag = "people", operation_id = "group_remove",
    params(("group" = String, Path)), responses((status = 204, description = "It is gone.")))]
pub(super) async fn remove(
    State(tenancy): State<Tenancy>,
    _: Ruler,
    Path(id): Path<GroupId>,
) -> Result<StatusCode, ApiError> {
    let before = tenancy.read(move |reader| Ok(reader.group(id)?)).await?.ok_or(ApiError::NotFound)?;
    noted::personal("name", None, before.name);
    noted::fact("before", json!({"count": before.members}));
    tenancy
        .write(move |work| {
            if work.group(id)?.ok_or(ApiError::NotFound)?.directed {
                return Err(ApiError::GroupOfDirectory);
            }
            Ok(work.delete_group(id)?)
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Leaves the groups of directories whose providers are gone to the tenant's people.
async fn release(tenancy: &Tenancy, logins: &Logins) -> Result<(), ApiError> {
    for provider in tenancy.read(|reader| Ok(reader.directing_providers()?)).await? {
        if !logins.has_provider(provider).await? {
            tenancy.write(move |work| Ok(work.release_directory(provider)?)).await?;
        }
    }
    Ok(())
}

fn checked(name: &str) -> Result<String, ApiError> {
    let name = name.trim();
    let length = name.chars().count();
    if length == 0 || length > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(ApiError::InvalidName);
    }
    Ok(name.to_owned())
}
