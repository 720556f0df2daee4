//! `PATCH /api/people/{account}`: what somebody is, which groups they are in, what is known of them.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use gridkeep_model::{AccountId, GroupId};
use gridkeep_store::Ruled;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    Ruler, attributes,
    list::card,
    ruler::{may_go, rules},
    view::PersonCard,
};
use crate::{
    error::{ApiError, CompanyRefusal},
    extract::{Json, Path},
    gates::{AtGate, CONFIG, Entitled, Operation},
    noted,
    session::{Logins, RoleView},
    tenancy::Tenancy,
};

/// What to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct MemberChange {
    #[serde(default)]
    role: Option<RoleView>,
    /// Ids of all their groups.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    groups: Option<BTreeSet<GroupId>>,
    /// All that is known of them.
    #[serde(default)]
    attributes: Option<BTreeMap<String, String>>,
}

/// Changes what somebody is to the tenant. Nobody changes somebody who is more than they are, and a tenant keeps an owner. Whoever makes
/// an administrator, or ends one, changes who approves for others: that is for the gate of gates.
#[utoipa::path(patch, path = "/api/people/{account}", tag = "people", params(("account" = String, Path)),
    request_body = MemberChange, responses((status = 200, body = PersonCard)))]
pub(super) async fn change(
    State(logins): State<Logins>,
    State(tenancy): State<Tenancy>,
    ruler: Ruler,
    at: AtGate,
    Path(id): Path<AccountId>,
    Json(change): Json<MemberChange>,
) -> Result<Json<PersonCard>, ApiError> {
    let role = change.role.map(|role| ruler.name(role)).transpose()?;
    let attributes = change.attributes.map(attributes::checked).transpose()?;
    let member = logins.member(id).await?.ok_or(ApiError::NotFound)?;
    if member.role > ruler.most {
        return Err(ApiError::Forbidden);
    }
    let ends = rules(member.role) && role.is_some_and(|role| !rules(role));
    // An owner who becomes an administrator may come in no more, and whoever is less may be more by now: the commit looks.
    let keeps = if ends { may_go(&at, &logins, id).await? } else { at.keeps().await? };
    if let Some(role) = role.filter(|role| *role != member.role && (rules(*role) || rules(member.role))) {
        let (before, after) = (member.role.word(), role.word());
        let about = format!("{}: {before} → {after}", member.account.email);
        let what = json!({"person": id, "before": before, "after": after});
        let asks = Operation::new(CONFIG, about, what).subject(id);
        at.let_through(&ruler.person, asks.needs(Entitled::over(role.max(member.role)))).await?;
    }
    if let Some(role) = role {
        noted::fact("before", json!({"role": member.role.word()}));
        noted::fact("after", json!({"role": role.word()}));
    }
    if let Some(groups) = &change.groups {
        noted::fact("groups", groups.iter().map(ToString::to_string).collect::<Vec<_>>());
    }
    if let Some(role) = role {
        done(logins.change_role(id, role, ruler.most, keeps).await?)?;
        noted::done();
    }
    if change.groups.is_some() || attributes.is_some() {
        let groups = change.groups;
        tenancy
            .write(move |work| {
                if let Some(groups) = groups {
                    // One that is gone by now is none of theirs.
                    work.set_groups_of(id, &groups)?;
                }
                if let Some(attributes) = attributes {
                    work.set_attributes(id, &attributes)?;
                }
                Ok(())
            })
            .await?;
    }
    Ok(Json(card(&tenancy, &logins, id).await?))
}

/// What became of a membership, as an answer.
pub(super) fn done(ruled: Ruled) -> Result<(), ApiError> {
    match ruled {
        Ruled::Done => Ok(()),
        Ruled::Absent => Err(ApiError::NotFound),
        Ruled::LastOwner => Err(ApiError::LastOwner),
        Ruled::Unmeetable(lack) => Err(lack.into()),
        Ruled::LastWayIn => Err(ApiError::Company(CompanyRefusal::LastOwnerWithPasskey)),
    }
}
