//! What a tenant asks for besides a password, and whether a session meets it: a second factor, and that people of its company's
//! domains come through the company.
//!
//! **Architecture Invariant:** whoever does not meet it is nobody to the tenant's rooms: [`super::Person`] refuses them, and
//! [`super::MaybePerson`] does not see them. Only what is their own account's ([`super::OwnSession`]) goes on.

use std::sync::{Arc, Mutex, PoisonError};

use gridkeep_model::TenantId;
use gridkeep_store::{FactorPolicy, Mark, TenantRole};
use jiff::Timestamp;

use super::{Email, FEDERATED_FACTOR, FEDERATED_PASSKEY, Logins, ONE_TIME, PASSKEY, Person};
use crate::error::{ApiError, CompanyRefusal};

/// What a tenant asked for at a mark; shared by all, so that the tenant stands beside it.
pub(super) type Asked = Arc<Mutex<Option<(Mark, TenantId, Asks)>>>;

/// What a tenant asks of everybody.
#[derive(Debug, Clone)]
pub(super) struct Asks {
    factor: FactorPolicy,
    /// Whoever has an address of these domains comes through the company, since then.
    domains: Arc<[(String, Timestamp)]>,
}

/// What somebody has not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// A second factor.
    Factor(FactorPolicy),
    /// That their company vouches for them.
    Company,
}

impl Needs {
    /// As programs read it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Factor(policy) => policy.word(),
            Self::Company => "company",
        }
    }
}

impl Asks {
    /// Since when people with this address come through the company; `None` when they need not.
    fn sends(&self, email: &Email) -> Option<Timestamp> {
        self.domains.iter().find(|(domain, _)| *domain == email.domain()).map(|(_, since)| *since)
    }

    /// What somebody has not shown who showed this. An owner comes in by a passkey too, so that a company's door that is broken
    /// locks nobody out for good; by one that was there before or goes back to one that was: whoever has the password only, and
    /// made a passkey with it at another place, does not.
    fn unmet(&self, person: &Person, methods: &str) -> Option<Needs> {
        if person.through.is_none()
            && let Some(required) = self.sends(&person.email)
        {
            let breaks_glass = person.role == Some(TenantRole::Owner)
                && person.passkey_since.is_some_and(|since| since <= required)
                && meets(FactorPolicy::Passkey, methods);
            if !breaks_glass {
                return Some(Needs::Company);
            }
        }
        (!meets(self.factor, methods)).then_some(Needs::Factor(self.factor))
    }
}

/// Whether somebody who showed who they are by these methods (RFC 8176) has met this.
pub fn meets(policy: FactorPolicy, methods: &str) -> bool {
    let has = |method: &str| methods.split(' ').any(|own| own == method);
    match policy {
        FactorPolicy::None => true,
        FactorPolicy::Any => [ONE_TIME, PASSKEY, FEDERATED_FACTOR, FEDERATED_PASSKEY].into_iter().any(has),
        FactorPolicy::Passkey => has(PASSKEY) || has(FEDERATED_PASSKEY),
    }
}

impl Logins {
    /// The second factor that the tenant asks for.
    pub async fn policy(&self) -> Result<FactorPolicy, ApiError> {
        Ok(self.asks().await?.factor)
    }

    /// What the tenant asks for.
    async fn asks(&self) -> Result<Asks, ApiError> {
        let mark = self.control.mark();
        if let (Some(mark), Some((kept, tenant, asks))) = (mark, &*self.asked())
            && (*kept, *tenant) == (mark, self.tenant)
        {
            return Ok(asks.clone());
        }
        let asks = self.asks_of(self.tenant).await?;
        *self.asked() = mark.map(|mark| (mark, self.tenant, asks.clone()));
        Ok(asks)
    }

    async fn asks_of(&self, tenant: TenantId) -> Result<Asks, ApiError> {
        let factor = self.control.factor_policy(tenant).await?;
        Ok(Asks { factor, domains: self.control.required_domains(tenant).await?.into() })
    }

    /// Sends whoever has such an address to the company's door. Depends on the address alone: whether anybody has an account with it
    /// makes no difference.
    pub async fn company_door(&self, email: &Email) -> Result<(), ApiError> {
        if self.is_sent(email).await? { Err(ApiError::Company(CompanyRefusal::Required)) } else { Ok(()) }
    }

    /// Whether people with this address come through the company.
    pub async fn is_sent(&self, email: &Email) -> Result<bool, ApiError> {
        Ok(self.asks().await?.sends(email).is_some())
    }

    /// The same for somebody who has just shown a passkey, before a session begins.
    pub async fn passkey_door(&self, person: &Person, methods: &str) -> Result<(), ApiError> {
        match self.asks().await?.unmet(person, methods) {
            Some(Needs::Company) => Err(ApiError::Company(CompanyRefusal::Required)),
            _ => Ok(()),
        }
    }

    /// What the tenant asks for and somebody has not shown by these methods. Whoever does not belong to a tenant is not even
    /// told that it asks for something: it looks to them like one that is not there.
    pub(super) async fn needs(&self, person: &Person, methods: &str) -> Result<Option<Needs>, ApiError> {
        let told = person.role.is_some() || self.tenant == self.home;
        Ok(self.asks().await?.unmet(person, methods).filter(|_| told))
    }

    /// Who somebody is to the tenant's rooms: nobody while they have to show more, and without what others gave to their
    /// address where they do not belong to it.
    ///
    /// What is the whole server's is to be had at every place: whoever runs it does so only as the server's first tenant, which they
    /// own, asks them to sign in.
    pub async fn admit(&self, person: Person, methods: &str) -> Result<Option<Person>, ApiError> {
        let mut person = person;
        if person.runs_server && self.tenant != self.home {
            // Whoever runs the server owns its first tenant.
            let there = Person { role: Some(TenantRole::Owner), ..person.clone() };
            person.runs_server = self.asks_of(self.home).await?.unmet(&there, methods).is_none();
        }
        if self.asks().await?.unmet(&person, methods).is_none() {
            return Ok(Some(person));
        }
        let needs = self.needs(&person, methods).await?;
        Ok(needs.is_none().then_some(Person { confirmed: false, ..person }))
    }

    /// Lets the tenant ask for this from the next request on.
    pub async fn set_policy(&self, policy: FactorPolicy) -> Result<(), ApiError> {
        self.control.set_factor_policy(self.tenant, policy).await?;
        Ok(())
    }

    fn asked(&self) -> std::sync::MutexGuard<'_, Option<(Mark, TenantId, Asks)>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_decide() {
        let check = |methods: &str, expect: [bool; 3]| {
            let all = [FactorPolicy::None, FactorPolicy::Any, FactorPolicy::Passkey];
            assert_eq!(all.map(|policy| meets(policy, methods)), expect, "{methods}");
        };
        check("pwd", [true, false, false]);
        check("pwd otp", [true, true, false]);
        check("pwd hwk", [true, true, true]);
        check("hwk mfa", [true, true, true]);
        check("mfa", [true, false, false]);
        check("", [true, false, false]);
        check("fed", [true, false, false]);
        check("fed fed-mfa", [true, true, false]);
        check("fed fed-hwk", [true, true, true]);
        check("pwd otphwk", [true, false, false]);
    }

    #[test]
    fn people_of_the_company_come_through_it() {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let domains = Arc::new([("corp.example".to_owned(), at(10))]);
        let asks = Asks { factor: FactorPolicy::Any, domains };
        let check_since = |email: &str, role, through: bool, methods: &str, since: Option<i64>, expect| {
            let person = Person {
                id: gridkeep_model::AccountId::from_uuid(uuid::Uuid::nil()),
                email: Email::new(email).unwrap(),
                confirmed: true,
                name: String::new(),
                role,
                runs_server: false,
                through: through.then(|| gridkeep_model::ProviderId::from_uuid(uuid::Uuid::nil())),
                passkey_since: since.map(at),
            };
            assert_eq!(asks.unmet(&person, methods), expect, "{email} {role:?} {methods} {since:?}");
        };
        let check = |email: &str, role, through: bool, methods: &str, expect: Option<Needs>| {
            let since = methods.contains(PASSKEY).then_some(9);
            check_since(email, role, through, methods, since, expect);
        };
        let (owner, admin) = (Some(TenantRole::Owner), Some(TenantRole::Administrator));
        let factor = Some(Needs::Factor(FactorPolicy::Any));
        check("ann@corp.example", admin, false, "pwd hwk", Some(Needs::Company));
        check("ann@corp.example", None, false, "pwd hwk", Some(Needs::Company));
        check("ann@corp.example", owner, false, "pwd otp", Some(Needs::Company));
        check("ann@corp.example", owner, false, "hwk mfa", None);
        check_since("ann@corp.example", owner, false, "pwd hwk", Some(10), None);
        check_since("ann@corp.example", owner, false, "pwd hwk", Some(11), Some(Needs::Company));
        check_since("ann@corp.example", owner, false, "hwk mfa", Some(11), Some(Needs::Company));
        check_since("ann@corp.example", owner, false, "pwd hwk", None, Some(Needs::Company));
        check_since("ann@corp.example", owner, false, "pwd otp", Some(9), Some(Needs::Company));
        check("ann@corp.example", admin, true, "fed", factor);
        check("ann@corp.example", admin, true, "fed fed-mfa", None);
        check("ann@sub.corp.example", admin, false, "pwd", factor);
        check("ann@other.example", admin, false, "pwd otp", None);
    }
}
