//! `DELETE /api/people/{account}`: somebody belongs to the tenant no longer.

use axum::{extract::State, http::StatusCode};
use gridkeep_model::AccountId;
use serde_json::json;

use super::{
    Ruler,
    change::done,
    ruler::{may_go, rules},
};
use crate::{
    error::ApiError,
    extract::Path,
    gates::{AtGate, CONFIG, Entitled, Operation},
    invited::Invitations,
    noted,
    session::Logins,
    tenancy::Tenancy,
};

/// Removes somebody from the tenant, from its groups and from the people its apps name; their API keys end. What they made
/// stays, for its administrators.
#[utoipa::path(delete, path = "/api/people/{account}", tag = "people", params(("account" = String, Path)),
    responses((status = 204, description = "They are gone.")))]
pub(super) async fn remove(
    State(logins): State<Logins>,
    State(tenancy): State<Tenancy>,
    State(invitations): State<Invitations>,
    ruler: Ruler,
    at: AtGate,
    Path(id): Path<AccountId>,
) -> Result<StatusCode, ApiError> {
    let member = logins.member(id).await?.ok_or(ApiError::NotFound)?;
    if member.role > ruler.most {
        return Err(ApiError::Forbidden);
    }
    let keeps = may_go(&at, &logins, id).await?;
    let asks = Operation::new("ERASURE", &member.account.email, json!({"person": id})).subject(id);
    let asks = asks.needs(Entitled::over(member.role));
    // Whoever rules, and does no longer, could have said no to what comes next: the gate of gates asks, too, in the same words as
    // where they are made less.
    let gates = rules(member.role).then(|| {
        let about = format!("{}: {} → –", member.account.email, member.role.word());
        (CONFIG.to_owned(), about)
    });
    at.let_through(&ruler.person, asks.also(gates.into_iter().collect())).await?;
    noted::fact("before", json!({"role": member.role.word()}));
    done(logins.remove_member(id, ruler.most, keeps).await?)?;
    // What was given to an address that they only claim is somebody else's.
    let mut proven = member.account.confirmed.map(|_| member.account.email);
    if let Some(address) = &proven
        && logins.proven_by(address).await?.is_some_and(|owner| owner != id)
    {
        // Their company said so of them; somebody else has shown it.
        proven = None;
    }
    if let Some(address) = &proven {
        // Nor do they come back by what was mailed before.
        invitations.forget_person(address.clone()).await?;
    }
    tenancy.write(move |work| Ok(work.forget_person(id, proven.as_deref())?)).await?;
    Ok(StatusCode::NO_CONTENT)
}
