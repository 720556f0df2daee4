//! The control database: who may sign in, and which tenants there are.
//!
//! **Architecture Invariant:** it holds no row of any app. The first person runs the server from the commit on that finds nobody
//! else there.

use std::sync::Arc;

use gridkeep_model::{AccountId, SessionId, TenantId};
use jiff::Timestamp;
use sea_query::Value as Bound;

use crate::{
    Mark, StoreError, TenantRole, WrappedKey,
    app::normalise_email,
    database::Database,
    dialect::{Cells, Link, millis},
    factor::has_factor,
    mailed_link::is_taken,
    membership::raise,
    outside::erase_made,
};

/// Accounts, sessions, tenants and who belongs to which. Cheap to clone.
#[derive(Clone)]
pub struct Control {
    database: Arc<Database>,
}

/// A person who may sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its identity.
    pub id: AccountId,
    /// E-mail address, in lower case.
    pub email: String,
    /// What others read.
    pub name: String,
    /// Whether this person runs the server.
    pub administrator: bool,
    /// When it was made.
    pub created: Timestamp,
    /// When its address was proven; until then others may claim it too.
    pub confirmed: Option<Timestamp>,
    /// What is left of the address when letters that look alike become one; `None` until somebody worked it out.
    pub skeleton: Option<String>,
}

/// A password as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its hash, as text.
    pub hash: String,
    /// It would do without a second factor.
    pub alone: bool,
}

/// A tenant as the control database knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantInfo {
    /// Its identity.
    pub id: TenantId,
    /// Its name in addresses.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// Its key, which only the root key opens.
    pub wrapped_key: WrappedKey,
    /// When it was made.
    pub created: Timestamp,
    /// Since when it is to be erased: nobody finds it any more.
    pub ending: Option<Timestamp>,
}

/// Characters of a hash in which its parameters are; its salt is behind them.
const PARAMETERS: usize = 28;

pub(crate) const ACCOUNT: &str = "a.id, a.email, a.name, a.administrator, a.created, a.confirmed, a.skeleton";
/// The same, beside a membership `m`: what the tenant's company vouches for counts as proven there.
pub(crate) const ACCOUNT_HERE: &str =
    "a.id, a.email, a.name, a.administrator, a.created, COALESCE(a.confirmed, m.vouched), a.skeleton";
/// How many columns that are.
pub(crate) const ACCOUNT_WIDTH: usize = 7;

pub(crate) fn read_account(cells: &dyn Cells, at: usize) -> Result<Account, StoreError> {
    Ok(Account {
        id: AccountId::from_uuid(cells.get(at)?),
        email: cells.get(at + 1)?,
        name: cells.get(at + 2)?,
        administrator: cells.get(at + 3)?,
        created: cells.moment(at + 4)?,
        confirmed: cells.maybe::<i64>(at + 5)?.map(|_| cells.moment(at + 5)).transpose()?,
        skeleton: cells.maybe(at + 6)?,
    })
}

fn read_tenant(cells: &dyn Cells) -> Result<TenantInfo, StoreError> {
    Ok(TenantInfo {
        id: TenantId::from_uuid(cells.get(0)?),
        name: cells.get(1)?,
        title: cells.get(2)?,
        wrapped_key: WrappedKey(cells.get(3)?),
        created: cells.moment(4)?,
        ending: cells.maybe::<i64>(5)?.map(|_| cells.moment(5)).transpose()?,
    })
}

impl Control {
    pub(crate) fn new(database: Arc<Database>) -> Self {
        Self { database }
    }

    pub(crate) fn database(&self) -> &Arc<Database> {
        &self.database
    }

    pub(crate) async fn quiet(&self) {
        self.database.quiet().await;
    }

    /// The state accounts, sessions and tenants are in: what was read at a mark holds as long as the mark is the same.
    /// `None` while that may be changing, or when another server may change it.
    pub fn mark(&self) -> Option<Mark> {
        self.database.mark()
    }

    /// Whether other servers may have the same database.
    pub fn is_shared(&self) -> bool {
        self.database.is_shared()
    }

    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut dyn Link) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.database.read(read).await
    }

    pub(crate) async fn execute(&self, sql: &'static str, values: Vec<Bound>) -> Result<u64, StoreError> {
        self.database.write(move |link| link.execute(sql, &values)).await
    }

    /// Accounts whose skeleton nobody has worked out yet, at most so many.
    pub async fn without_skeleton(&self, most: u32) -> Result<Vec<Account>, StoreError> {
        let sql = format!("SELECT {ACCOUNT} FROM accounts a WHERE a.skeleton IS NULL LIMIT {most}");
        self.read(move |link| link.all(&sql, &[], |cells| read_account(cells, 0))).await
    }

    /// Notes an address's skeleton.
    pub async fn set_skeleton(&self, id: AccountId, skeleton: &str) -> Result<(), StoreError> {
        let sql = "UPDATE accounts SET skeleton = $1 WHERE id = $2";
        self.execute(sql, vec![skeleton.into(), id.uuid().into()]).await.map(drop)
    }

    /// Whether somebody has proven this address, or one that cannot be told from it.
    pub async fn is_taken(
        &self,
        email: &str,
        skeleton: String,
        is_twin: impl Fn(&str, &str) -> bool + Send + 'static,
    ) -> Result<bool, StoreError> {
        let email = normalise_email(email);
        self.read(move |link| is_taken(link, &email, Some(&skeleton), &is_twin)).await
    }

    /// Whether nobody has an account yet.
    pub async fn is_empty(&self) -> Result<bool, StoreError> {
        self.read(|link| Ok(link.first("SELECT 1 FROM accounts LIMIT 1", &[], |_| Ok(()))?.is_none())).await
    }

    /// An account by its id.
    pub async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.read(move |link| {
            let sql = format!("SELECT {ACCOUNT} FROM accounts a WHERE a.id = $1");
            link.first(&sql, &[id.uuid().into()], |cells| read_account(cells, 0))
        })
        .await
    }

    /// The account that has proven this address, and its password's hash; in any case.
    pub async fn account_by_email(&self, email: &str) -> Result<Option<(Account, String)>, StoreError> {
        let email = normalise_email(email);
        self.read(move |link| {
            let sql = format!(
                "SELECT {ACCOUNT}, a.password FROM accounts a WHERE a.email = $1 AND a.confirmed IS NOT NULL"
            );
            link.first(&sql, &[email.into()], |cells| {
                Ok((read_account(cells, 0)?, cells.get(ACCOUNT_WIDTH)?))
            })
        })
        .await
    }

    /// The account that claimed this address last, where nobody has proven it.
    pub async fn claim(&self, email: &str) -> Result<Option<Account>, StoreError> {
        let email = normalise_email(email);
        self.read(move |link| {
            let sql = format!(
                "SELECT {ACCOUNT} FROM accounts a WHERE a.email = $1 ORDER BY a.created DESC, a.id DESC"
            );
            let all = link.all(&sql, &[email.into()], |cells| read_account(cells, 0))?;
            let proven = all.iter().any(|account| account.confirmed.is_some());
            Ok(if proven { None } else { all.into_iter().next() })
        })
        .await
    }

    /// The password's hash of an account.
    pub async fn password(&self, id: AccountId) -> Result<Option<String>, StoreError> {
        let sql = "SELECT password FROM accounts WHERE id = $1";
        self.read(move |link| link.first(sql, &[id.uuid().into()], |cells| cells.get(0))).await
    }

    /// How the hashes of passwords begin that begin so, as far as their parameters; each beginning once.
    pub async fn hashes_like(&self, beginning: &'static str) -> Result<Vec<String>, StoreError> {
        let sql = format!(
            "SELECT DISTINCT substr(password, 1, {PARAMETERS}) FROM accounts WHERE substr(password, 1, {}) = $1",
            beginning.len()
        );
        self.read(move |link| link.all(&sql, &[beginning.into()], |cells| cells.get(0))).await
    }

    /// The accounts that have proven one of these addresses: for the names of the people of an app.
    pub async fn accounts_by_email(&self, emails: &[String]) -> Result<Vec<Account>, StoreError> {
        let emails: Vec<String> = emails.iter().map(|email| normalise_email(email)).collect();
        self.read(move |link| {
            let sql =
                format!("SELECT {ACCOUNT} FROM accounts a WHERE a.email = $1 AND a.confirmed IS NOT NULL");
            let mut found = Vec::new();
            for email in emails {
                found.extend(link.first(&sql, &[email.into()], |cells| read_account(cells, 0))?);
            }
            Ok(found)
        })
        .await
    }

    /// Gives an account another password hash; `false` when there is no such account.
    pub async fn set_password(&self, id: AccountId, password: &str) -> Result<bool, StoreError> {
        let sql = "UPDATE accounts SET password = $1 WHERE id = $2";
        Ok(self.execute(sql, vec![password.into(), id.uuid().into()]).await? > 0)
    }

    /// Gives an account another hash of the password it has; `false` when its hash is no longer the outdated one.
    pub async fn renew_password(
        &self,
        id: AccountId,
        outdated: &str,
        renewed: &str,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE accounts SET password = $1 WHERE id = $2 AND password = $3";
        Ok(self.execute(sql, vec![renewed.into(), id.uuid().into(), outdated.into()]).await? > 0)
    }

    /// Gives an account another password instead of the old one, and ends its mailed links and all its sessions but one; `false`
    /// when its password was another already, or when the new one needs a second factor and there is none. The old one as
    /// its hash.
    pub async fn change_password(
        &self,
        id: AccountId,
        (old, new): (String, Kept),
        but: SessionId,
        keys: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        self.database
            .write(move |link| {
                if !new.alone && !has_factor(link, id)? {
                    return Ok(false);
                }
                let sql =
                    "UPDATE accounts SET password = $1, password_alone = $2 WHERE id = $3 AND password = $4";
                let values = [new.hash.into(), new.alone.into(), id.uuid().into(), old.into()];
                if link.execute(sql, &values)? == 0 {
                    return Ok(false);
                }
                link.execute("DELETE FROM half_sign_ins WHERE account = $1", &[id.uuid().into()])?;
                link.execute("DELETE FROM mailed_links WHERE account = $1", &[id.uuid().into()])?;
                let sql = "DELETE FROM sessions WHERE account = $1 AND id <> $2";
                link.execute(sql, &[id.uuid().into(), but.uuid().into()])?;
                if let Some(now) = keys {
                    let sql = "UPDATE accounts SET keys_since = $1 WHERE id = $2";
                    link.execute(sql, &[millis(now), id.uuid().into()])?;
                }
                Ok(true)
            })
            .await
    }

    /// A key of the server as a whole: the one that is kept by this name, or this one when there was none. Of several who
    /// come at once all get the same.
    pub async fn secret(&self, name: &'static str, new: WrappedKey) -> Result<WrappedKey, StoreError> {
        let sql = "SELECT wrapped FROM secrets WHERE name = $1";
        let kept =
            self.read(move |link| link.first(sql, &[name.into()], |cells| Ok(WrappedKey(cells.get(0)?))));
        if let Some(kept) = kept.await? {
            return Ok(kept);
        }
        self.database
            .write(move |link| {
                let sql = "INSERT INTO secrets (name, wrapped) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
                link.execute(sql, &[name.into(), new.0.clone().into()])?;
                let sql = "SELECT wrapped FROM secrets WHERE name = $1";
                let kept = link.first(sql, &[name.into()], |cells| Ok(WrappedKey(cells.get(0)?)))?;
                Ok(kept.unwrap_or(new))
            })
            .await
    }

    pub(crate) async fn secrets(&self) -> Result<Vec<(String, WrappedKey)>, StoreError> {
        let sql = "SELECT name, wrapped FROM secrets ORDER BY name";
        self.read(move |link| link.all(sql, &[], |cells| Ok((cells.get(0)?, WrappedKey(cells.get(1)?)))))
            .await
    }

    pub(crate) async fn rewrap_secret(&self, name: String, wrapped: &WrappedKey) -> Result<(), StoreError> {
        let sql = "UPDATE secrets SET wrapped = $1 WHERE name = $2";
        self.execute(sql, vec![wrapped.0.clone().into(), name.into()]).await.map(drop)
    }

    /// All tenants, the oldest first.
    pub async fn tenants(&self) -> Result<Vec<TenantInfo>, StoreError> {
        let sql = "SELECT id, name, title, wrapped_key, created, ending FROM tenants ORDER BY created, id";
        self.read(move |link| link.all(sql, &[], read_tenant)).await
    }

    /// A tenant by its id.
    pub async fn tenant(&self, id: TenantId) -> Result<Option<TenantInfo>, StoreError> {
        let sql = "SELECT id, name, title, wrapped_key, created, ending FROM tenants WHERE id = $1";
        self.read(move |link| link.first(sql, &[id.uuid().into()], read_tenant)).await
    }

    /// A tenant by its name in addresses.
    pub async fn tenant_named(&self, name: &str) -> Result<Option<TenantInfo>, StoreError> {
        let (sql, name) = (
            "SELECT id, name, title, wrapped_key, created, ending FROM tenants WHERE name = $1 AND ending IS NULL",
            name.to_owned(),
        );
        self.read(move |link| link.first(sql, &[name.into()], read_tenant)).await
    }

    /// From now on nobody finds the tenant by its name, and nobody belongs to it; `false` when there is none.
    pub async fn end_tenant(&self, id: TenantId, now: Timestamp) -> Result<bool, StoreError> {
        self.database
            .write(move |link| {
                erase_made(link, id)?;
                link.execute("DELETE FROM memberships WHERE tenant = $1", &[id.uuid().into()])?;
                link.execute("DELETE FROM identity_providers WHERE tenant = $1", &[id.uuid().into()])?;
                link.execute("DELETE FROM company_domains WHERE tenant = $1", &[id.uuid().into()])?;
                let sql = "UPDATE tenants SET ending = $1 WHERE id = $2";
                Ok(link.execute(sql, &[millis(now), id.uuid().into()])? > 0)
            })
            .await
    }

    /// Notes a tenant and who owns it; `false` when its name is taken.
    pub(crate) async fn add_tenant(
        &self,
        id: TenantId,
        (name, title): (&str, &str),
        owner: Option<AccountId>,
        wrapped: &WrappedKey,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO tenants (id, name, title, wrapped_key, created) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (name) DO NOTHING";
        let (name, title) = (name.to_owned(), title.to_owned());
        let values = [id.uuid().into(), name.into(), title.into(), wrapped.0.clone().into(), millis(now)];
        self.database
            .write(move |link| {
                if link.execute(sql, &values)? == 0 {
                    return Ok(false);
                }
                if let Some(owner) = owner {
                    raise(link, id, owner, TenantRole::Owner, now)?;
                }
                Ok(true)
            })
            .await
    }

    /// What people call a tenant from now on.
    pub async fn retitle_tenant(&self, id: TenantId, title: &str) -> Result<(), StoreError> {
        let sql = "UPDATE tenants SET title = $1 WHERE id = $2";
        self.execute(sql, vec![title.to_owned().into(), id.uuid().into()]).await.map(drop)
    }

    pub(crate) async fn remove_tenant(&self, id: TenantId) -> Result<(), StoreError> {
        self.database
            .write(move |link| {
                erase_made(link, id)?;
                link.execute("DELETE FROM tenants WHERE id = $1", &[id.uuid().into()]).map(drop)
            })
            .await
    }

    pub(crate) async fn rewrap_tenant(&self, id: TenantId, wrapped: &WrappedKey) -> Result<bool, StoreError> {
        let sql = "UPDATE tenants SET wrapped_key = $1 WHERE id = $2";
        Ok(self.execute(sql, vec![wrapped.0.clone().into(), id.uuid().into()]).await? > 0)
    }
}
