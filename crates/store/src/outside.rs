//! Who people are to a tenant's provider, and whose accounts that are.
//!
//! **Architecture Invariant:** an identity from outside is provider, issuer and subject, never an address. An account that nobody
//! linked while they were signed in was made for that very identity: whatever address a provider claims, it opens no account
//! that was there before.

use gridkeep_model::{AccountId, OutsideId, ProviderId, TenantId};
use jiff::Timestamp;
use sea_query::Value as Bound;

use crate::{
    Account, Control, NewAccount, StoreError,
    dialect::{Cells, Link, millis},
    membership::{TenantRole, find_account_in},
    newcomer::insert_account,
};

/// How an identity came to be an account's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The account was made when somebody came with it.
    Made,
    /// The account was made by a directory before somebody came.
    Provisioned,
    /// Its owner linked it while they were signed in.
    Linked,
}

impl Origin {
    /// As it is kept and shown to programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::Provisioned => "provisioned",
            Self::Linked => "linked",
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        [Self::Made, Self::Provisioned, Self::Linked].into_iter().find(|origin| origin.word() == word)
    }
}

/// Who somebody is to a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// Names it.
    pub id: OutsideId,
    /// Who says so.
    pub provider: ProviderId,
    /// Whose account it opens.
    pub account: AccountId,
    /// Who they are to it: issuer and subject; `None` before they have come.
    pub subject: Option<(String, String)>,
    /// What a directory calls them.
    pub external: Option<String>,
    /// How it came to be the account's.
    pub origin: Origin,
    /// Since when they are not let in.
    pub blocked: Option<Timestamp>,
    /// When it came to be.
    pub created: Timestamp,
    /// When somebody came with it last.
    pub seen: Option<Timestamp>,
}

/// An identity of an account, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnOutside {
    /// Which.
    pub outside: Outside,
    /// What people call the provider.
    pub provider: String,
    /// Its tenant.
    pub tenant: TenantId,
    /// What people call the tenant.
    pub title: String,
}

pub(crate) const OUTSIDE: &str =
    "o.id, o.provider, o.account, o.issuer, o.subject, o.external, o.origin, o.blocked, o.created, o.seen";
const OUTSIDE_WIDTH: usize = 10;

pub(crate) fn read_outside(cells: &dyn Cells) -> Result<Outside, StoreError> {
    let origin: String = cells.get(6)?;
    let moment = |index: usize| cells.maybe::<i64>(index)?.map(|_| cells.moment(index)).transpose();
    Ok(Outside {
        id: OutsideId::from_uuid(cells.get(0)?),
        provider: ProviderId::from_uuid(cells.get(1)?),
        account: AccountId::from_uuid(cells.get(2)?),
        subject: cells.maybe(3)?.zip(cells.maybe(4)?),
        external: cells.maybe(5)?,
        origin: Origin::of_word(&origin).ok_or_else(|| StoreError::corrupt("identity", origin))?,
        blocked: moment(7)?,
        created: cells.moment(8)?,
        seen: moment(9)?,
    })
}

/// Who has this identity.
pub(crate) fn of_subject(
    link: &mut dyn Link,
    provider: ProviderId,
    issuer: &str,
    subject: &str,
) -> Result<Option<Outside>, StoreError> {
    let sql = format!(
        "SELECT {OUTSIDE} FROM outside_identities o WHERE o.provider = $1 AND o.issuer = $2 AND o.subject = $3"
    );
    link.first(&sql, &[provider.uuid().into(), issuer.into(), subject.into()], read_outside)
}

/// Whom a directory calls this.
pub(crate) fn of_external(
    link: &mut dyn Link,
    provider: ProviderId,
    external: &str,
) -> Result<Option<Outside>, StoreError> {
    let sql = format!("SELECT {OUTSIDE} FROM outside_identities o WHERE o.provider = $1 AND o.external = $2");
    link.first(&sql, &[provider.uuid().into(), external.into()], read_outside)
}

/// Who an account is to a provider.
pub(crate) fn of_provider(
    link: &mut dyn Link,
    provider: ProviderId,
    account: AccountId,
) -> Result<Option<Outside>, StoreError> {
    let sql = format!(
        "SELECT {OUTSIDE} FROM outside_identities o WHERE o.provider = $1 AND o.account = $2 ORDER BY o.created LIMIT 1"
    );
    link.first(&sql, &[provider.uuid().into(), account.uuid().into()], read_outside)
}

pub(crate) fn insert(link: &mut dyn Link, outside: &Outside) -> Result<(), StoreError> {
    let (issuer, subject) = outside.subject.clone().unzip();
    let moment = |moment: Option<Timestamp>| moment.map_or(Bound::BigInt(None), millis);
    link.execute(
        "INSERT INTO outside_identities
         (id, provider, account, issuer, subject, external, origin, blocked, created, seen)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &[
            outside.id.uuid().into(),
            outside.provider.uuid().into(),
            outside.account.uuid().into(),
            issuer.into(),
            subject.into(),
            outside.external.clone().into(),
            outside.origin.word().into(),
            moment(outside.blocked),
            millis(outside.created),
            moment(outside.seen),
        ],
    )?;
    Ok(())
}

/// Makes somebody a member, or says what the member is from now on; never of an owner.
pub(crate) fn belong(
    link: &mut dyn Link,
    (tenant, account): (TenantId, AccountId),
    newcomer: TenantRole,
    role: Option<TenantRole>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO memberships (tenant, account, role, created) VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant, account) DO NOTHING";
    let (tenant, account) = (tenant.uuid(), account.uuid());
    link.execute(sql, &[tenant.into(), account.into(), role.unwrap_or(newcomer).word().into(), millis(now)])?;
    if let Some(role) = role {
        let sql = "UPDATE memberships SET role = $1 WHERE tenant = $2 AND account = $3 AND role <> 'owner' AND role <> $1";
        link.execute(sql, &[role.word().into(), tenant.into(), account.into()])?;
    }
    Ok(())
}

impl Control {
    /// Makes an account for somebody whom a directory names, as a member of its tenant; `None` when it has named them before.
    pub async fn provision(
        &self,
        tenant: TenantId,
        account: NewAccount,
        outside: Outside,
        (role, vouched): (TenantRole, bool),
    ) -> Result<Option<Account>, StoreError> {
        self.database()
            .write(move |link| {
                if let Some(external) = &outside.external
                    && of_external(link, outside.provider, external)?.is_some()
                {
                    return Ok(None);
                }
                let now = account.created;
                let made = insert_account(link, account, None)?;
                insert(link, &outside)?;
                belong(link, (tenant, made.id), role, Some(role), now)?;
                vouch(link, tenant, made.id, vouched.then_some(now))?;
                Ok(Some(made))
            })
            .await
    }

    /// Who has this identity at a provider.
    pub async fn outside(
        &self,
        provider: ProviderId,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<Outside>, StoreError> {
        let (issuer, subject) = (issuer.to_owned(), subject.to_owned());
        self.database().read(move |link| of_subject(link, provider, &issuer, &subject)).await
    }

    /// Whom a directory calls this.
    pub async fn outside_external(
        &self,
        provider: ProviderId,
        external: &str,
    ) -> Result<Option<Outside>, StoreError> {
        let external = external.to_owned();
        self.database().read(move |link| of_external(link, provider, &external)).await
    }

    /// Gives an identity to an account whose owner asks for it; `false` when it is somebody's, or the account has another of this
    /// provider.
    pub async fn link_outside(&self, outside: Outside) -> Result<bool, StoreError> {
        self.database()
            .write(move |link| {
                let Some((issuer, subject)) = &outside.subject else { return Ok(false) };
                if of_subject(link, outside.provider, issuer, subject)?.is_some() {
                    return Ok(false);
                }
                let sql = "SELECT 1 FROM outside_identities WHERE provider = $1 AND account = $2";
                let values = [outside.provider.uuid().into(), outside.account.uuid().into()];
                if link.first(sql, &values, |_| Ok(()))?.is_some() {
                    return Ok(false);
                }
                insert(link, &outside)?;
                Ok(true)
            })
            .await
    }

    /// Takes an identity from its account, and ends the sessions it was let in with; `false` when it has none of this id, or one
    /// that it was made for. Whoever was locked out stays so: without the identity they would be new.
    pub async fn unlink_outside(&self, account: AccountId, id: OutsideId) -> Result<bool, StoreError> {
        self.database()
            .write(move |link| {
                let sql = "SELECT 1 FROM outside_identities WHERE id = $1 AND account = $2
                     AND origin = 'linked' AND blocked IS NULL";
                let values = [id.uuid().into(), account.uuid().into()];
                if link.first(sql, &values, |_| Ok(()))?.is_none() {
                    return Ok(false);
                }
                let sql = "DELETE FROM sessions WHERE provider IN
                    (SELECT o.provider FROM outside_identities o WHERE o.id = $1) AND account = $2";
                link.execute(sql, &values)?;
                let sql = "DELETE FROM outside_identities WHERE id = $1 AND account = $2";
                Ok(link.execute(sql, &values)? > 0)
            })
            .await
    }

    /// The identities of an account, the oldest first.
    pub async fn outsides_of(&self, account: AccountId) -> Result<Vec<OwnOutside>, StoreError> {
        let sql = format!(
            "SELECT {OUTSIDE}, p.name, t.id, t.title FROM outside_identities o
             JOIN identity_providers p ON p.id = o.provider JOIN tenants t ON t.id = p.tenant
             WHERE o.account = $1 ORDER BY o.created, o.id"
        );
        let values = [account.uuid().into()];
        self.database()
            .read(move |link| {
                link.all(&sql, &values, |cells| {
                    Ok(OwnOutside {
                        outside: read_outside(cells)?,
                        provider: cells.get(OUTSIDE_WIDTH)?,
                        tenant: TenantId::from_uuid(cells.get(OUTSIDE_WIDTH + 1)?),
                        title: cells.get(OUTSIDE_WIDTH + 2)?,
                    })
                })
            })
            .await
    }

    /// The people of a provider, at most so many behind this one, with their accounts as its tenant knows them.
    pub async fn outsides_at(
        &self,
        provider: ProviderId,
        after: Option<OutsideId>,
        most: u32,
    ) -> Result<Vec<(Outside, Account, Option<TenantRole>)>, StoreError> {
        self.database()
            .read(move |link| {
                let sql = "SELECT tenant FROM identity_providers WHERE id = $1";
                let tenant = link
                    .first(sql, &[provider.uuid().into()], |cells| Ok(TenantId::from_uuid(cells.get(0)?)))?;
                let Some(tenant) = tenant else { return Ok(Vec::new()) };
                let mut values = vec![provider.uuid().into()];
                let behind = after.map_or("", |after| {
                    values.push(after.uuid().into());
                    "AND o.id > $2"
                });
                let sql = format!(
                    "SELECT {OUTSIDE} FROM outside_identities o WHERE o.provider = $1 {behind} ORDER BY o.id LIMIT {most}"
                );
                let all = link.all(&sql, &values, read_outside)?;
                let mut found = Vec::with_capacity(all.len());
                for outside in all {
                    if let Some((account, role)) = find_account_in(link, tenant, outside.account)? {
                        found.push((outside, account, role));
                    }
                }
                Ok(found)
            })
            .await
    }

    /// Locks somebody out of a tenant, or lets them in again: all their identities at its providers. The sessions they were let in
    /// with end. `false` when they have none.
    pub async fn block_outside(
        &self,
        tenant: TenantId,
        account: AccountId,
        since: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        self.database().write(move |link| block(link, tenant, account, since)).await
    }

    /// Forgets an identity; its account stays. `false` when the provider has none of this id.
    pub async fn forget_outside(&self, provider: ProviderId, id: OutsideId) -> Result<bool, StoreError> {
        self.database()
            .write(move |link| {
                let values = [provider.uuid().into(), id.uuid().into()];
                let sql = "DELETE FROM sessions WHERE provider = $1 AND account IN
                    (SELECT o.account FROM outside_identities o WHERE o.id = $2)";
                link.execute(sql, &values)?;
                let sql = "DELETE FROM outside_identities WHERE provider = $1 AND id = $2";
                Ok(link.execute(sql, &values)? > 0)
            })
            .await
    }
}

/// See [`Control::block_outside`].
pub(crate) fn block(
    link: &mut dyn Link,
    tenant: TenantId,
    account: AccountId,
    since: Option<Timestamp>,
) -> Result<bool, StoreError> {
    let own = "account = $1 AND provider IN (SELECT p.id FROM identity_providers p WHERE p.tenant = $2)";
    let values = [account.uuid().into(), tenant.uuid().into()];
    if since.is_some() {
        link.execute(&format!("DELETE FROM sessions WHERE {own}"), &values)?;
    }
    let sql = "UPDATE outside_identities SET blocked = $1 WHERE account = $2
        AND provider IN (SELECT p.id FROM identity_providers p WHERE p.tenant = $3)";
    let [account, tenant] = values;
    Ok(link.execute(sql, &[since.map_or(Bound::BigInt(None), millis), account, tenant])? > 0)
}

/// Deletes the accounts that a tenant's providers made and that are nobody's elsewhere: no proven address, no other tenant, no
/// other provider.
pub(crate) fn erase_made(link: &mut dyn Link, tenant: TenantId) -> Result<u64, StoreError> {
    let sql = "DELETE FROM accounts WHERE confirmed IS NULL AND NOT administrator AND id IN
            (SELECT o.account FROM outside_identities o JOIN identity_providers p ON p.id = o.provider
             WHERE p.tenant = $1 AND o.origin <> 'linked')
        AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.account = accounts.id AND m.tenant <> $1)
        AND NOT EXISTS (SELECT 1 FROM outside_identities o JOIN identity_providers p ON p.id = o.provider
             WHERE o.account = accounts.id AND p.tenant <> $1)";
    link.execute(sql, &[tenant.uuid().into()])
}

pub(crate) fn vouch(
    link: &mut dyn Link,
    tenant: TenantId,
    account: AccountId,
    since: Option<Timestamp>,
) -> Result<(), StoreError> {
    let (tenant, account) = (tenant.uuid().into(), account.uuid().into());
    let Some(since) = since else {
        let sql = "UPDATE memberships SET vouched = NULL WHERE tenant = $1 AND account = $2 AND vouched IS NOT NULL";
        return link.execute(sql, &[tenant, account]).map(drop);
    };
    // The first time counts.
    let sql = "UPDATE memberships SET vouched = $1 WHERE tenant = $2 AND account = $3 AND vouched IS NULL";
    link.execute(sql, &[millis(since), tenant, account]).map(drop)
}
