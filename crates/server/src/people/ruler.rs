//! Who rules over people.

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use gridkeep_model::AccountId;
use gridkeep_store::{Asked, TenantRole};

use serde_json::json;

use crate::{
    error::ApiError,
    gates::{AtGate, CONFIG, Entitled, Operation},
    session::{Email, Logins, Person, RoleView},
    site::Site,
};

/// People whom the gate of gates names; all are compared.
const SAID: usize = 5;

/// An administrator or owner of the tenant. As an extractor it refuses everybody else; to whoever does not belong to the tenant it
/// looks absent.
#[derive(Debug, Clone)]
pub struct Ruler {
    /// Who.
    pub person: Person,
    /// The most that they may make of somebody, and that somebody may be whom they change.
    pub most: TenantRole,
}

impl Ruler {
    /// What somebody is to become, if this one may say so.
    pub(crate) fn name(&self, role: RoleView) -> Result<TenantRole, ApiError> {
        let role = TenantRole::from(role);
        if role <= self.most { Ok(role) } else { Err(ApiError::Forbidden) }
    }

    /// Lets through that these are invited. Whoever becomes an administrator by it may change gates and approve for others, so that
    /// it is a change of checkpoints: otherwise an administrator would be their own second person.
    pub(crate) async fn invites<'a>(
        &self,
        at: &AtGate,
        guests: impl Iterator<Item = (&'a Email, TenantRole)>,
    ) -> Result<(), ApiError> {
        let rulers: Vec<_> = guests.filter(|(_, role)| rules(*role)).collect();
        let Some(most) = rulers.iter().map(|(_, role)| *role).max() else { return Ok(()) };
        let said = rulers.iter().take(SAID).map(|(address, role)| format!("{address}: {}", role.word()));
        let said = said.collect::<Vec<_>>().join(", ");
        let about = if rulers.len() > SAID { format!("{said} …") } else { said };
        let asks = Operation::new(CONFIG, about, json!({"invites": rulers.len(), "most": most.word()}));
        let named = rulers.iter().map(|(address, role)| (address.as_str(), role.word())).collect::<Vec<_>>();
        at.let_through(&self.person, asks.needs(Entitled::over(most)).bound(&json!(named))?).await
    }
}

/// What the gate of gates asks, to be met still when this one rules no more. Refused here already where it could not be, so that nobody
/// approves it in vain: the commit looks again.
pub(super) async fn may_go(
    at: &AtGate,
    logins: &Logins,
    account: AccountId,
) -> Result<Option<Asked>, ApiError> {
    let Some(asked) = at.keeps().await? else { return Ok(None) };
    let provers = logins.provers().await?;
    match provers.lack(&asked) {
        None => provers.without(account).lack(&asked).map_or(Ok(Some(asked)), |lack| Err(lack.into())),
        // Nothing is lost that there is.
        Some(_) => Ok(Some(asked)),
    }
}

/// Whether somebody who is this changes gates, and approves for others.
pub(super) fn rules(role: TenantRole) -> bool {
    role >= TenantRole::Administrator
}

impl<S: Send + Sync> FromRequestParts<S> for Ruler
where
    Logins: FromRef<S>,
    Site: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let person = Person::from_request_parts(parts, state).await?;
        match person.role {
            Some(most) if rules(most) => Ok(Self { person, most }),
            Some(_) => Err(ApiError::Forbidden),
            None => Err(ApiError::NotFound),
        }
    }
}
