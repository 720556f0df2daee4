//! Who rules over people.

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use gridkeep_model::AccountId;
use gridkeep_store::TenantRole;

use serde_json::json;

use crate::{
    error::ApiError,
    gates::{AtGate, Entitled, Operation},
    session::{Email, Logins, Person, RoleView},
    site::Site,
    tenancy::Tenancy,
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
        let asks =
            Operation::new("CHECKPOINT_CONFIG", about, json!({"invites": rulers.len(), "most": most.word()}));
        let named = rulers.iter().map(|(address, role)| (address.as_str(), role.word())).collect::<Vec<_>>();
        at.let_through(&self.person, asks.needs(Entitled::over(most)).bound(&json!(named))?).await
    }
}

/// Refuses that one who rules goes where the gate of gates takes two people and not two are left: nobody could change any gate then.
pub(super) async fn may_go(tenancy: &Tenancy, logins: &Logins, account: AccountId) -> Result<(), ApiError> {
    let read = tenancy.read(|reader| Ok((reader.gate("CHECKPOINT_CONFIG")?, reader.gate_settings()?)));
    let (gate, settings) = read.await?;
    let asks = settings.enabled && settings.four_eyes && gate.is_some_and(|gate| gate.active);
    if asks && logins.rulers_but(account).await? < 2 {
        return Err(ApiError::CheckpointUnmeetable { alone: true });
    }
    Ok(())
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
