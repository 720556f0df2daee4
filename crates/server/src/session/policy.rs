//! What a tenant asks for besides a password, and whether a session meets it.
//!
//! **Architecture Invariant:** whoever does not meet it is nobody to the tenant's rooms: [`super::Person`] refuses them, and
//! [`super::MaybePerson`] does not see them. Only what is their own account's ([`super::OwnSession`]) goes on.

use std::sync::{Arc, Mutex, PoisonError};

use gridkeep_model::TenantId;
use gridkeep_store::{FactorPolicy, Mark};

use super::{FEDERATED_FACTOR, FEDERATED_PASSKEY, Logins, ONE_TIME, PASSKEY, Person};
use crate::error::ApiError;

/// What a tenant asked for at a mark; shared by all, so that the tenant stands beside it.
pub(super) type Asked = Arc<Mutex<Option<(Mark, TenantId, FactorPolicy)>>>;

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
    /// What the tenant asks for.
    pub async fn policy(&self) -> Result<FactorPolicy, ApiError> {
        let mark = self.control.mark();
        if let (Some(mark), Some((kept, tenant, policy))) = (mark, *self.asked())
            && (kept, tenant) == (mark, self.tenant)
        {
            return Ok(policy);
        }
        let policy = self.control.factor_policy(self.tenant).await?;
        *self.asked() = mark.map(|mark| (mark, self.tenant, policy));
        Ok(policy)
    }

    /// What the tenant asks for and somebody has not shown by these methods. Whoever does not belong to a tenant is not even
    /// told that it asks for something: it looks to them like one that is not there.
    pub(super) async fn needs(
        &self,
        person: &Person,
        methods: &str,
    ) -> Result<Option<FactorPolicy>, ApiError> {
        let policy = self.policy().await?;
        let told = person.role.is_some() || self.tenant == self.home;
        Ok((told && !meets(policy, methods)).then_some(policy))
    }

    /// Who somebody is to the tenant's rooms: nobody while they have to show more, and without what others gave to their
    /// address where they do not belong to it.
    ///
    /// What is the whole server's is to be had at every place: whoever runs it does so only as the server's first tenant, which they
    /// own, asks them to sign in.
    pub async fn admit(&self, person: Person, methods: &str) -> Result<Option<Person>, ApiError> {
        let runs_server = person.runs_server
            && (self.tenant == self.home || meets(self.control.factor_policy(self.home).await?, methods));
        let person = Person { runs_server, ..person };
        if meets(self.policy().await?, methods) {
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

    fn asked(&self) -> std::sync::MutexGuard<'_, Option<(Mark, TenantId, FactorPolicy)>> {
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
}
