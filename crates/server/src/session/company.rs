//! What somebody is in a session that a tenant's provider vouched for.
//!
//! **Architecture Invariant:** such a session is good in that tenant's rooms only, never runs the server, and gives no more than
//! whoever set the provider up had. What belongs to the account everywhere is not to be had with it: see [`super::OwnSession`].

use gridkeep_model::AccountId;
use gridkeep_store::{Company, Consent, Session};

use super::{Logins, Person};
use crate::error::ApiError;

/// A tenant's provider vouched for them; no word of RFC 8176.
pub const FEDERATED: &str = "fed";
/// ... and says that they have shown a second factor.
pub const FEDERATED_FACTOR: &str = "fed-mfa";
/// ... and says that they have shown what cannot be phished.
pub const FEDERATED_PASSKEY: &str = "fed-hwk";

impl Logins {
    /// What somebody is here in a session of this worth; `None` when it is good elsewhere only.
    pub(super) fn within(&self, person: Person, company: Option<&Company>) -> Option<Person> {
        let Some(company) = company else { return Some(person) };
        let role = person.role.map(|role| role.min(company.most));
        let within = Person {
            role,
            runs_server: false,
            through: Some(company.provider),
            passkey_since: None,
            ..person
        };
        (company.tenant == self.tenant).then_some(within)
    }

    /// Where somebody is signed in, as far as whoever is in this session may know: a provider learns of what it vouched for.
    pub(super) async fn sessions_beside(
        &self,
        account: AccountId,
        own: &Session,
    ) -> Result<Vec<(Session, Option<Consent>)>, ApiError> {
        let mut all = self.sessions(account).await?;
        if let Some(own) = &own.company {
            let is_own = |other: &Company| other.provider == own.provider;
            all.retain(|(other, _)| other.company.as_ref().is_some_and(is_own));
        }
        Ok(all)
    }
}
