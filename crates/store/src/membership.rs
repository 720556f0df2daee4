//! What accounts are to tenants.
//!
//! **Architecture Invariant:** a tenant that has an owner always has one: whatever takes an owner away looks for another in the same
//! commit.

use gridkeep_model::{AccountId, TenantId, query::fold};
use jiff::Timestamp;
use sea_query::Value as Bound;

use crate::{
    Account, Control, StoreError,
    control::{ACCOUNT_HERE, ACCOUNT_WIDTH, read_account},
    dialect::{Cells, Link, millis},
    glass::is_last_owner_with_passkey,
    outside::block,
    provers::{Asked, Lack, keeping},
};

/// What somebody is to a tenant; each may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TenantRole {
    /// Opens the apps that name them.
    Guest,
    /// Belongs to the tenant.
    Member,
    /// Makes apps.
    Maker,
    /// Rules over people, groups and all apps.
    Administrator,
    /// Names owners, and ends the tenant.
    Owner,
}

impl TenantRole {
    /// All, the least first.
    pub const ALL: [Self; 5] = [Self::Guest, Self::Member, Self::Maker, Self::Administrator, Self::Owner];

    /// As databases and programs write it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::Member => "member",
            Self::Maker => "maker",
            Self::Administrator => "administrator",
            Self::Owner => "owner",
        }
    }

    /// What a word means.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}

/// A tenant that somebody belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// Which.
    pub tenant: TenantId,
    /// Its name in addresses.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// What they are to it.
    pub role: TenantRole,
}

/// What somebody is to a tenant they came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presence {
    /// What they are to it.
    pub role: TenantRole,
    /// When they were last there, as far as [`Control::see_session`] was told.
    pub seen: Option<Timestamp>,
}

/// What became of a membership that was to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruled {
    /// It changed.
    Done,
    /// They do not belong to the tenant, or are no longer what whoever asked may change.
    Absent,
    /// They are its only owner.
    LastOwner,
    /// They are the only owner who comes in by a passkey, where people have to come through their company.
    LastWayIn,
    /// Nobody could meet the gate of gates without them.
    Unmeetable(Lack),
}

pub(crate) fn read_role(cells: &dyn Cells, at: usize) -> Result<Option<TenantRole>, StoreError> {
    let word: Option<String> = cells.maybe(at)?;
    word.map(|word| TenantRole::of_word(&word).ok_or_else(|| StoreError::corrupt("role", word))).transpose()
}

/// Whether somebody else owns the tenant.
pub(crate) fn has_other_owner(
    link: &mut dyn Link,
    tenant: TenantId,
    account: AccountId,
) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM memberships WHERE tenant = $1 AND role = 'owner' AND account <> $2 LIMIT 1";
    Ok(link.first(sql, &[tenant.uuid().into(), account.uuid().into()], |_| Ok(()))?.is_some())
}

pub(crate) fn role_in(
    link: &mut dyn Link,
    tenant: TenantId,
    account: AccountId,
) -> Result<Option<TenantRole>, StoreError> {
    let sql = "SELECT role FROM memberships WHERE tenant = $1 AND account = $2";
    let found =
        link.first(sql, &[tenant.uuid().into(), account.uuid().into()], |cells| read_role(cells, 0))?;
    Ok(found.flatten())
}

/// See [`Control::account_in`].
pub(crate) fn find_account_in(
    link: &mut dyn Link,
    tenant: TenantId,
    account: AccountId,
) -> Result<Option<(Account, Option<TenantRole>)>, StoreError> {
    let sql = format!(
        "SELECT {ACCOUNT_HERE}, m.role FROM accounts a
         LEFT JOIN memberships m ON m.tenant = $1 AND m.account = a.id WHERE a.id = $2"
    );
    link.first(&sql, &[tenant.uuid().into(), account.uuid().into()], |cells| {
        Ok((read_account(cells, 0)?, read_role(cells, ACCOUNT_WIDTH)?))
    })
}

/// Makes an account a member of a tenant, or something more than it is; never less.
pub(crate) fn raise(
    link: &mut dyn Link,
    tenant: TenantId,
    account: AccountId,
    role: TenantRole,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO memberships (tenant, account, role, created) VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant, account) DO NOTHING";
    let values = [tenant.uuid().into(), account.uuid().into(), role.word().into(), millis(now)];
    if link.execute(sql, &values)? == 0 && role_in(link, tenant, account)?.is_none_or(|now| now < role) {
        let sql = "UPDATE memberships SET role = $1 WHERE tenant = $2 AND account = $3";
        link.execute(sql, &[role.word().into(), tenant.uuid().into(), account.uuid().into()])?;
    }
    Ok(())
}

/// What matches part of a folded text, as `LIKE` has it with `\` before what it is to take as it is.
pub(crate) fn containing(words: &str) -> String {
    let mut pattern = String::from("%");
    for letter in fold(words.trim()).chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// The condition that an address or a name holds these words, whatever their case, and what it is to be given.
pub(crate) fn holds_words(
    link: &dyn Link,
    words: &str,
    columns: [&str; 2],
    values: &mut Vec<Bound>,
) -> String {
    values.push(containing(words).into());
    let like = values.len();
    let [address, name] = columns.map(|column| link.folded(column, values));
    format!("({address} LIKE ${like} ESCAPE '\\' OR {name} LIKE ${like} ESCAPE '\\')")
}

impl Control {
    /// Makes an account a member of a tenant, unless it is one already.
    pub async fn add_member(
        &self,
        tenant: TenantId,
        account: AccountId,
        role: TenantRole,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO memberships (tenant, account, role, created) VALUES ($1, $2, $3, $4)
            ON CONFLICT (tenant, account) DO NOTHING";
        let values = vec![tenant.uuid().into(), account.uuid().into(), role.word().into(), millis(now)];
        self.execute(sql, values).await.map(drop)
    }

    /// Makes a member something else, if what they are now is at most `by`, and if a gate that asks this can be met still.
    pub async fn change_role(
        &self,
        tenant: TenantId,
        account: AccountId,
        role: TenantRole,
        by: TenantRole,
        keeps: Option<Asked>,
    ) -> Result<Ruled, StoreError> {
        let ruled = keeping(self.database(), (tenant, keeps), move |link| {
            let Some(now) = role_in(link, tenant, account)?.filter(|now| *now <= by) else {
                return Ok(Ruled::Absent);
            };
            if now == TenantRole::Owner
                && role != TenantRole::Owner
                && !has_other_owner(link, tenant, account)?
            {
                return Ok(Ruled::LastOwner);
            }
            if role != TenantRole::Owner && is_last_owner_with_passkey(link, tenant, account)? {
                return Ok(Ruled::LastWayIn);
            }
            let sql = "UPDATE memberships SET role = $1 WHERE tenant = $2 AND account = $3";
            link.execute(sql, &[role.word().into(), tenant.uuid().into(), account.uuid().into()])?;
            Ok(Ruled::Done)
        });
        Ok(ruled.await?.unwrap_or_else(Ruled::Unmeetable))
    }

    /// Ends a membership, if it is at most `by`, and if a gate that asks this can be met still; the tenant's providers let them in no
    /// more.
    pub async fn remove_member(
        &self,
        tenant: TenantId,
        account: AccountId,
        by: TenantRole,
        at: Timestamp,
        keeps: Option<Asked>,
    ) -> Result<Ruled, StoreError> {
        let ruled = keeping(self.database(), (tenant, keeps), move |link| {
            let Some(now) = role_in(link, tenant, account)?.filter(|now| *now <= by) else {
                return Ok(Ruled::Absent);
            };
            if now == TenantRole::Owner && !has_other_owner(link, tenant, account)? {
                return Ok(Ruled::LastOwner);
            }
            if is_last_owner_with_passkey(link, tenant, account)? {
                return Ok(Ruled::LastWayIn);
            }
            block(link, tenant, account, Some(at))?;
            let sql = "DELETE FROM memberships WHERE tenant = $1 AND account = $2";
            link.execute(sql, &[tenant.uuid().into(), account.uuid().into()])?;
            Ok(Ruled::Done)
        });
        Ok(ruled.await?.unwrap_or_else(Ruled::Unmeetable))
    }

    /// An account by its id, its address proven as far as the tenant is concerned, and what it is to the tenant.
    pub async fn account_in(
        &self,
        tenant: TenantId,
        account: AccountId,
    ) -> Result<Option<(Account, Option<TenantRole>)>, StoreError> {
        self.database().read(move |link| find_account_in(link, tenant, account)).await
    }

    /// The tenants an account belongs to, the oldest membership first.
    pub async fn memberships(&self, account: AccountId) -> Result<Vec<Membership>, StoreError> {
        let sql = "SELECT t.id, t.name, t.title, m.role FROM memberships m JOIN tenants t ON t.id = m.tenant
            WHERE m.account = $1 ORDER BY m.created, t.id";
        self.database()
            .read(move |link| {
                link.all(sql, &[account.uuid().into()], |cells| {
                    Ok(Membership {
                        tenant: TenantId::from_uuid(cells.get(0)?),
                        name: cells.get(1)?,
                        title: cells.get(2)?,
                        role: read_role(cells, 3)?.ok_or_else(|| StoreError::corrupt("role", "none"))?,
                    })
                })
            })
            .await
    }

    /// Whether an account is a member of a tenant, and what.
    pub async fn role_of(
        &self,
        tenant: TenantId,
        account: AccountId,
    ) -> Result<Option<TenantRole>, StoreError> {
        let found = self.account_in(tenant, account).await?;
        Ok(found.and_then(|(_, role)| role))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_words_and_ordered() {
        for pair in TenantRole::ALL.windows(2) {
            assert!(pair[0] < pair[1]);
        }
        for role in TenantRole::ALL {
            assert_eq!(TenantRole::of_word(role.word()), Some(role));
        }
        assert_eq!(TenantRole::of_word("root"), None);
        assert_eq!(containing(" 50%_A\\ "), "%50\\%\\_a\\\\%");
    }
}
