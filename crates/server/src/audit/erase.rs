//! `DELETE /api/audit/people/{account}`: forgets somebody.

use std::collections::BTreeSet;

use axum::extract::State;
use gridkeep_model::{AccountId, domain};
use gridkeep_store::TenantRole;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{Audit, Auditor};
use crate::{
    error::ApiError,
    extract::{Json, Path},
    factors::Fresh,
    gates::{AtGate, Entitled, Operation},
    session::{Logins, Person},
};

/// What was forgotten.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditErasure)]
pub(super) struct Erasure {
    /// Values that the log had in clear.
    values: u64,
}

/// Erases what the log has of somebody in clear, for good; the chain holds. For whoever has just proven who they are, and of
/// others than themselves: nobody takes their own name out of what they did. Owners erase everybody, administrators whoever is
/// less than they; of whoever belongs no longer nobody knows what they were, so that is for owners.
#[utoipa::path(delete, path = "/api/audit/people/{account}", tag = "audit", operation_id = "erase_from_audit",
    params(("account" = String, Path)), responses((status = 200, body = Erasure)))]
pub(super) async fn erase(
    State(audit): State<Audit>,
    State(logins): State<Logins>,
    Auditor(person): Auditor,
    _fresh: Fresh,
    at: AtGate,
    Path(account): Path<AccountId>,
) -> Result<Json<Erasure>, ApiError> {
    let member = logins.member(account).await?;
    let theirs = member.as_ref().map(|member| member.role);
    let may = person.role == Some(TenantRole::Owner) || (theirs.is_some() && theirs < person.role);
    if !may || person.id == account {
        return Err(ApiError::Forbidden);
    }
    // Whoever belongs no longer is named by others all the same.
    let address = match &member {
        Some(member) => Some(member.account.email.clone()),
        None => logins.person(account).await?.map(|person| person.email.to_string()),
    };
    let mut candidates = audit.addresses(account).await?;
    candidates.extend(address);
    let mut named = Vec::new();
    for address in candidates {
        named.extend(theirs_to_erase(&logins, &person, account, address).await?);
    }
    let about = member.map_or_else(|| account.to_string(), |member| member.account.email);
    // What an administrator may not erase, none approves either.
    let entitled = if theirs.is_some_and(|role| role < TenantRole::Administrator) {
        Entitled::Administrators
    } else {
        Entitled::Owners
    };
    let asks = Operation::new("ERASURE", about, json!({"account": account})).subject(account);
    at.let_through(&person, asks.needs(entitled)).await?;
    let entry = audit.by("config.audit.erased", &person).about(account.to_string());
    Ok(Json(Erasure { values: audit.erase(account, named, entry).await? }))
}

/// The ways to write an address of somebody, if others' rows are to lose it with them. Several claim an address, and whom it names
/// in the log is whoever has proven it; where nobody has, it goes at an owner's word alone.
async fn theirs_to_erase(
    logins: &Logins,
    by: &Person,
    account: AccountId,
    address: String,
) -> Result<BTreeSet<String>, ApiError> {
    let written = address
        .rsplit_once('@')
        .map_or_else(String::new, |(local, _)| format!("{local}@{}", domain::of_address(&address)));
    let ways = BTreeSet::from([domain::shown(&address).into_owned(), written, address]);
    let mut is_proven = false;
    for way in &ways {
        match logins.proven_by(way).await? {
            Some(owner) if owner == account => is_proven = true,
            Some(_) => return Ok(BTreeSet::new()),
            None => {}
        }
    }
    Ok(if is_proven || by.role == Some(TenantRole::Owner) { ways } else { BTreeSet::new() })
}
