//! Who belongs to the tenant, as the control database keeps it.

use gridkeep_model::{AccountId, ProviderId};
use gridkeep_store::{Asked, Member, Ruled, Sought, TenantRole};

use super::{Email, Logins, Person};
use crate::{error::ApiError, tenant_name::called};

impl Logins {
    /// Whoever has this address, as if it was proven to be theirs. Who that is, and what belongs to them, administrators learn; for
    /// everybody else it is somebody of that address of whom nothing else is known, whether there is an account or not.
    pub async fn whoever_has(&self, email: &Email, asks: &Person) -> Result<Person, ApiError> {
        let known = match self.control.account_by_email(email.as_str()).await? {
            Some((account, _)) if asks.administers() => self.person(account.id).await?,
            _ => None,
        };
        Ok(known.map_or_else(
            || Person {
                id: AccountId::from_uuid(uuid::Uuid::nil()),
                email: email.clone(),
                confirmed: true,
                name: String::new(),
                role: None,
                runs_server: false,
                through: None,
                passkey_since: None,
            },
            |known| Person { confirmed: true, ..known },
        ))
    }

    /// Who has proven an address, wherever they belong.
    pub async fn proven_by(&self, address: &str) -> Result<Option<AccountId>, ApiError> {
        Ok(self.control.account_by_email(address).await?.map(|(account, _)| account.id))
    }

    /// Members of the tenant, and how many are sought in all.
    pub async fn members(&self, sought: Sought) -> Result<(Vec<Member>, u64), ApiError> {
        Ok(self.control.members(self.tenant, sought).await?)
    }

    /// What somebody is called from now on.
    pub async fn rename(&self, id: AccountId, name: String) -> Result<(), ApiError> {
        Ok(self.control.rename_account(id, name).await?)
    }

    /// What people call the tenant, if anybody has named it.
    pub async fn title(&self) -> Result<Option<String>, ApiError> {
        Ok(self.control.tenant(self.tenant).await?.and_then(called))
    }

    /// What they call it from now on.
    pub async fn retitle(&self, title: &str) -> Result<(), ApiError> {
        Ok(self.control.retitle_tenant(self.tenant, title).await?)
    }

    /// Whether the tenant has this identity provider.
    pub async fn has_provider(&self, id: ProviderId) -> Result<bool, ApiError> {
        Ok(self.control.provider(self.tenant, id).await?.is_some())
    }

    /// A member of the tenant.
    pub async fn member(&self, id: AccountId) -> Result<Option<Member>, ApiError> {
        Ok(self.control.member(self.tenant, id).await?)
    }

    /// Makes a member something else, if what they are now is at most `by`, and a gate that asks this can be met still.
    pub async fn change_role(
        &self,
        id: AccountId,
        role: TenantRole,
        by: TenantRole,
        keeps: Option<Asked>,
    ) -> Result<Ruled, ApiError> {
        Ok(self.control.change_role(self.tenant, id, role, by, keeps).await?)
    }

    /// Ends a membership, if it is at most `by`, and a gate that asks this can be met still.
    pub async fn remove_member(
        &self,
        id: AccountId,
        by: TenantRole,
        keeps: Option<Asked>,
    ) -> Result<Ruled, ApiError> {
        Ok(self.control.remove_member(self.tenant, id, by, self.time.now(), keeps).await?)
    }
}
