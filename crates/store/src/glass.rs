//! Owners who come in by a passkey where people have to come through their company: the way in when that one is broken.
//!
//! **Architecture Invariant:** a tenant that has such an owner keeps one: whatever takes one away, the passkey or the owner, looks for
//! another in the same commit.

use gridkeep_model::{AccountId, FactorId, TenantId, domain::of_address};
use jiff::Timestamp;
use sea_query::Value as Bound;

use crate::{
    Control, StoreError,
    dialect::Link,
    factor::FactorKind,
    membership::{TenantRole, role_in},
};

/// What is to be taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Without {
    /// An owner, with all their passkeys.
    Owner(AccountId),
    /// A passkey.
    Passkey(FactorId),
}

/// A passkey of an owner.
struct Way {
    factor: FactorId,
    owner: AccountId,
    email: String,
    since: Option<Timestamp>,
}

/// Whether a tenant's people have to come through their company, and nobody else came in by a passkey without this.
pub(crate) fn is_last_way_in(
    link: &mut dyn Link,
    tenant: TenantId,
    without: Without,
) -> Result<bool, StoreError> {
    let required = required(link, tenant)?;
    if required.is_empty() {
        return Ok(false);
    }
    let sql = "SELECT f.id, m.account, a.email, f.since FROM memberships m
        JOIN factors f ON f.account = m.account JOIN accounts a ON a.id = m.account
        WHERE m.tenant = $1 AND m.role = 'owner' AND f.kind = $2 AND f.proven";
    let ways = link.all(sql, &[tenant.uuid().into(), FactorKind::Passkey.word().into()], |cells| {
        Ok(Way {
            factor: FactorId::from_uuid(cells.get(0)?),
            owner: AccountId::from_uuid(cells.get(1)?),
            email: cells.get(2)?,
            since: cells.maybe::<i64>(3)?.map(|_| cells.moment(3)).transpose()?,
        })
    })?;
    let opens = |way: &&Way| {
        let domain = of_address(&way.email);
        let asked = required.iter().find(|(own, _)| *own == domain);
        asked.is_none_or(|(_, asked)| way.since.is_some_and(|since| since <= *asked))
    };
    let goes = |way: &&Way| match without {
        Without::Owner(owner) => way.owner == owner,
        Without::Passkey(factor) => way.factor == factor,
    };
    // Where nobody has come in so far, nothing is lost.
    let (going, staying): (Vec<_>, Vec<_>) = ways.iter().filter(opens).partition(goes);
    Ok(!going.is_empty() && staying.is_empty())
}

/// Whether a passkey is the last way into one of the tenants its account owns.
pub(crate) fn is_last_passkey(
    link: &mut dyn Link,
    account: AccountId,
    passkey: FactorId,
) -> Result<bool, StoreError> {
    let sql = "SELECT m.tenant FROM memberships m JOIN tenants t ON t.id = m.tenant
        WHERE m.account = $1 AND m.role = 'owner' AND t.ending IS NULL";
    let own = link.all(sql, &[account.uuid().into()], |cells| Ok(TenantId::from_uuid(cells.get(0)?)))?;
    for tenant in own {
        if is_last_way_in(link, tenant, Without::Passkey(passkey))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether somebody is an owner who alone comes in by a passkey.
pub(crate) fn is_last_owner_with_passkey(
    link: &mut dyn Link,
    tenant: TenantId,
    account: AccountId,
) -> Result<bool, StoreError> {
    Ok(role_in(link, tenant, account)? == Some(TenantRole::Owner)
        && is_last_way_in(link, tenant, Without::Owner(account))?)
}

pub(crate) fn required(
    link: &mut dyn Link,
    tenant: TenantId,
) -> Result<Vec<(String, Timestamp)>, StoreError> {
    let sql = "SELECT domain, COALESCE(required_since, 0) FROM company_domains
        WHERE tenant = $1 AND required AND verified IS NOT NULL ORDER BY domain";
    link.all(sql, &[tenant.uuid().into()], |cells| Ok((cells.get(0)?, cells.moment(1)?)))
}

impl Control {
    /// The proven domains whose people have to come through the tenant's company, and since when.
    pub async fn required_domains(&self, tenant: TenantId) -> Result<Vec<(String, Timestamp)>, StoreError> {
        self.database().read(move |link| required(link, tenant)).await
    }

    /// Whether an owner of the tenant comes in by a passkey, whatever their company says.
    pub async fn has_owner_with_passkey(&self, tenant: TenantId) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM memberships m JOIN factors f ON f.account = m.account
            WHERE m.tenant = $1 AND m.role = 'owner' AND f.kind = $2 AND f.proven LIMIT 1";
        let values: [Bound; 2] = [tenant.uuid().into(), FactorKind::Passkey.word().into()];
        let found = self.database().read(move |link| link.first(sql, &values, |_| Ok(())));
        Ok(found.await?.is_some())
    }
}
