//! People as a company's directory has them, and what becomes of their accounts and memberships: all of it in one commit.
//!
//! **Architecture Invariant:** a directory changes accounts that were made for its provider's identities, as long as nobody has proven
//! their address; of any other it says only whether it belongs to the tenant. It never takes a tenant's last owner, nor anybody who
//! is more than whoever made its token. Whoever it locks out has lost their sessions with the same commit.

use gridkeep_model::{AccountId, ProviderId, TenantId};
use jiff::Timestamp;

use crate::{
    Control, NewAccount, StoreError,
    dialect::{Cells, Link, millis},
    glass::is_last_owner_with_passkey,
    membership::{TenantRole, find_account_in, has_other_owner, role_in},
    newcomer::insert_account,
    outside::{Origin, Outside, belong, block, insert, of_external, of_provider, vouch},
};

/// People of one provider's directory, at most.
const MOST_USERS: i64 = 50_000;

/// Somebody as a directory has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryUser {
    /// Whose account that is; the directory knows them by this id.
    pub account: AccountId,
    /// They may come in, as far as the directory is concerned.
    pub active: bool,
    /// All that the directory says, as JSON.
    pub content: String,
    /// Counts changes.
    pub version: i64,
    /// Since when they are known.
    pub created: Timestamp,
    /// When they changed last.
    pub changed: Timestamp,
}

/// What a directory says of somebody.
#[derive(Debug, Clone)]
pub struct DirectorySays {
    /// The provider whose directory it is.
    pub provider: ProviderId,
    /// Its tenant.
    pub tenant: TenantId,
    /// All that it says, as JSON.
    pub content: String,
    /// What it calls them, in lower case.
    pub user_name: String,
    /// Their id there.
    pub external: Option<String>,
    /// What their provider calls them when they come.
    pub identity: String,
    /// They may come in.
    pub active: bool,
    /// Where they are written to.
    pub address: String,
    /// What is left of that when letters that look alike become one.
    pub skeleton: String,
    /// All their addresses, in lower case.
    pub addresses: Vec<String>,
    /// What others read.
    pub name: String,
    /// The address counts as proven within the tenant.
    pub vouched: bool,
    /// What they become when they come to belong to the tenant.
    pub role: TenantRole,
    /// The most that somebody may be who is changed.
    pub most: TenantRole,
    /// Now.
    pub now: Timestamp,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Directed {
    /// It is so now.
    Done(Box<DirectoryUser>),
    /// Somebody else of this directory has this.
    Taken(&'static str),
    /// There is no such person, or no such provider.
    Absent,
    /// They have changed meanwhile.
    Outdated,
    /// They are the tenant's only owner.
    LastOwner,
    /// They are the only owner who comes in by a passkey, where people have to come through their company.
    LastWayIn,
    /// They are more than whoever made the token.
    Beyond,
    /// The directory has as many people as there can be.
    Full,
}

/// What became of somebody who was to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dismissed {
    /// They are gone, with the address that was proven to be theirs here.
    Done(Option<String>),
    /// They are not: see [`Directed`].
    Not(Directed),
}

/// What people are found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DirectoryKey {
    /// What the directory calls them, in lower case.
    UserName(String),
    /// Their id there.
    External(String),
    /// One of their addresses, in lower case.
    Address(String),
}

const USER: &str = "u.account, u.active, u.content, u.version, u.created, u.changed";

fn read_user(cells: &dyn Cells) -> Result<DirectoryUser, StoreError> {
    Ok(DirectoryUser {
        account: AccountId::from_uuid(cells.get(0)?),
        active: cells.get(1)?,
        content: cells.get(2)?,
        version: cells.get(3)?,
        created: cells.moment(4)?,
        changed: cells.moment(5)?,
    })
}

fn find(
    link: &mut dyn Link,
    provider: ProviderId,
    account: AccountId,
) -> Result<Option<DirectoryUser>, StoreError> {
    let sql = format!("SELECT {USER} FROM directory_users u WHERE u.provider = $1 AND u.account = $2");
    link.first(&sql, &[provider.uuid().into(), account.uuid().into()], read_user)
}

/// What of this somebody else of the directory has.
fn taken(
    link: &mut dyn Link,
    says: &DirectorySays,
    own: Option<AccountId>,
    is_twin: &dyn Fn(&str, &str) -> bool,
) -> Result<Option<&'static str>, StoreError> {
    let others = |account: &AccountId| own != Some(*account);
    let account = |cells: &dyn Cells| Ok(AccountId::from_uuid(cells.get(0)?));
    let sql = "SELECT u.account FROM directory_users u WHERE u.provider = $1 AND u.user_name = $2";
    let values = [says.provider.uuid().into(), says.user_name.as_str().into()];
    if link.first(sql, &values, account)?.as_ref().is_some_and(others) {
        return Ok(Some("userName"));
    }
    let sql = "SELECT u.account, u.address FROM directory_users u WHERE u.provider = $1 AND (u.skeleton = $2 OR u.address = $3)";
    let values = [says.provider.uuid().into(), says.skeleton.as_str().into(), says.address.as_str().into()];
    let alike =
        link.all(sql, &values, |cells| Ok((AccountId::from_uuid(cells.get(0)?), cells.get::<String>(1)?)))?;
    let same = |(account, address): &(AccountId, String)| {
        others(account) && (*address == says.address || is_twin(address, &says.address))
    };
    if alike.iter().any(same) {
        return Ok(Some("emails"));
    }
    // Nor may somebody look like a member of the tenant whose address is another one.
    let sql = "SELECT a.id, a.email FROM accounts a JOIN memberships m ON m.account = a.id
        WHERE m.tenant = $1 AND a.skeleton = $2 AND (a.confirmed IS NOT NULL OR m.vouched IS NOT NULL)";
    let values = [says.tenant.uuid().into(), says.skeleton.as_str().into()];
    let members =
        link.all(sql, &values, |cells| Ok((AccountId::from_uuid(cells.get(0)?), cells.get::<String>(1)?)))?;
    let looks = |(account, address): &(AccountId, String)| {
        others(account) && *address != says.address && is_twin(address, &says.address)
    };
    Ok(members.iter().any(looks).then_some("emails"))
}

fn keep(
    link: &mut dyn Link,
    says: &DirectorySays,
    account: AccountId,
    version: i64,
) -> Result<(), StoreError> {
    let (provider, own) = (says.provider.uuid(), account.uuid());
    let sql = "INSERT INTO directory_users
        (provider, account, user_name, external, address, skeleton, active, content, version, created, changed)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
        ON CONFLICT (provider, account) DO UPDATE SET user_name = excluded.user_name, external = excluded.external,
            address = excluded.address, skeleton = excluded.skeleton, active = excluded.active, content = excluded.content,
            version = excluded.version, changed = excluded.changed";
    link.execute(
        sql,
        &[
            provider.into(),
            own.into(),
            says.user_name.as_str().into(),
            says.external.clone().into(),
            says.address.as_str().into(),
            says.skeleton.as_str().into(),
            says.active.into(),
            says.content.as_str().into(),
            version.into(),
            millis(says.now),
        ],
    )?;
    let sql = "DELETE FROM directory_addresses WHERE provider = $1 AND account = $2";
    link.execute(sql, &[provider.into(), own.into()])?;
    for address in &says.addresses {
        let sql = "INSERT INTO directory_addresses (provider, address, account) VALUES ($1, $2, $3)
            ON CONFLICT (provider, address, account) DO NOTHING";
        link.execute(sql, &[provider.into(), address.as_str().into(), own.into()])?;
    }
    Ok(())
}

/// What the directory says of an account that was made for it, as long as nobody has proven its address.
fn tell(link: &mut dyn Link, says: &DirectorySays, outside: &Outside) -> Result<(), StoreError> {
    let account = outside.account;
    // Nobody comes by the mail of those who are more than the directory can make: a reset by it is a proof of one's own.
    if outside.origin != Origin::Linked && role_in(link, says.tenant, account)? <= Some(says.most) {
        let sql = "UPDATE accounts SET email = $1, skeleton = $2, name = $3
            WHERE id = $4 AND confirmed IS NULL AND NOT administrator AND (email <> $1 OR name <> $3)";
        let values = [
            says.address.as_str().into(),
            says.skeleton.as_str().into(),
            says.name.as_str().into(),
            account.uuid().into(),
        ];
        link.execute(sql, &values)?;
    }
    if let Some((own, _)) = find_account_in(link, says.tenant, account)? {
        let vouched = says.vouched && own.email == says.address;
        vouch(link, says.tenant, account, vouched.then_some(says.now))?;
    }
    Ok(())
}

/// Ends a membership, and whatever somebody was let in with; says why not.
fn shut_out(
    link: &mut dyn Link,
    tenant: TenantId,
    account: AccountId,
    most: TenantRole,
    now: Timestamp,
) -> Result<Option<Directed>, StoreError> {
    let role = role_in(link, tenant, account)?;
    if role.is_some_and(|role| role > most) {
        return Ok(Some(Directed::Beyond));
    }
    if role == Some(TenantRole::Owner) && !has_other_owner(link, tenant, account)? {
        return Ok(Some(Directed::LastOwner));
    }
    if is_last_owner_with_passkey(link, tenant, account)? {
        return Ok(Some(Directed::LastWayIn));
    }
    block(link, tenant, account, Some(now))?;
    let (tenant, account) = (tenant.uuid(), account.uuid());
    // Programs of theirs that were let in to this tenant.
    let sql = "DELETE FROM sessions WHERE account = $1 AND id IN (SELECT f.session FROM families f WHERE f.tenant = $2)";
    link.execute(sql, &[account.into(), tenant.into()])?;
    let sql = "DELETE FROM memberships WHERE tenant = $1 AND account = $2";
    link.execute(sql, &[tenant.into(), account.into()])?;
    Ok(None)
}

fn done(link: &mut dyn Link, provider: ProviderId, account: AccountId) -> Result<Directed, StoreError> {
    Ok(find(link, provider, account)?.map_or(Directed::Absent, |user| Directed::Done(Box::new(user))))
}

impl Control {
    /// Takes in somebody whom a directory names for the first time. Whoever has come through its provider by this identity already
    /// is them; for anybody else an account is made. `is_twin` as in [`Control::prove_address`].
    pub async fn direct_new(
        &self,
        says: DirectorySays,
        account: NewAccount,
        outside: Outside,
        is_twin: impl Fn(&str, &str) -> bool + Send + 'static,
    ) -> Result<Directed, StoreError> {
        self.database()
            .write(move |link| {
                let sql = "SELECT 1 FROM identity_providers WHERE id = $1 AND tenant = $2";
                let values = [says.provider.uuid().into(), says.tenant.uuid().into()];
                if link.first(sql, &values, |_| Ok(()))?.is_none() {
                    return Ok(Directed::Absent);
                }
                if let Some(what) = taken(link, &says, None, &is_twin)? {
                    return Ok(Directed::Taken(what));
                }
                let sql = "SELECT count(*) FROM directory_users WHERE provider = $1";
                let known: Option<i64> =
                    link.first(sql, &[says.provider.uuid().into()], |cells| cells.get(0))?;
                if known.unwrap_or_default() >= MOST_USERS {
                    return Ok(Directed::Full);
                }
                // Whom it took out for good it takes in again.
                let sql = "DELETE FROM dismissed_identities WHERE provider = $1 AND external = $2";
                link.execute(sql, &[says.provider.uuid().into(), says.identity.as_str().into()])?;
                let outside = match of_external(link, says.provider, &says.identity)? {
                    Some(known) if find(link, says.provider, known.account)?.is_some() => {
                        return Ok(Directed::Taken("externalId"));
                    }
                    Some(known) => known,
                    None => {
                        let made = insert_account(link, account, None)?;
                        let blocked = (!says.active).then_some(says.now);
                        let outside = Outside { account: made.id, blocked, ..outside };
                        insert(link, &outside)?;
                        outside
                    }
                };
                if !says.active {
                    if let Some(why) = shut_out(link, says.tenant, outside.account, says.most, says.now)? {
                        return Ok(why);
                    }
                } else if outside.blocked.is_none() {
                    // Whom an administrator has locked out stays so.
                    belong(link, (says.tenant, outside.account), says.role, None, says.now)?;
                }
                tell(link, &says, &outside)?;
                keep(link, &says, outside.account, 1)?;
                done(link, says.provider, outside.account)
            })
            .await
    }

    /// Makes somebody what their directory says of them now, if they are of this version still.
    pub async fn direct(
        &self,
        account: AccountId,
        version: i64,
        says: DirectorySays,
        is_twin: impl Fn(&str, &str) -> bool + Send + 'static,
    ) -> Result<Directed, StoreError> {
        self.database()
            .write(move |link| {
                let Some(before) = find(link, says.provider, account)? else { return Ok(Directed::Absent) };
                if before.version != version {
                    return Ok(Directed::Outdated);
                }
                if let Some(what) = taken(link, &says, Some(account), &is_twin)? {
                    return Ok(Directed::Taken(what));
                }
                if of_external(link, says.provider, &says.identity)?
                    .is_some_and(|other| other.account != account)
                {
                    return Ok(Directed::Taken("externalId"));
                }
                let Some(outside) = of_provider(link, says.provider, account)? else {
                    return Ok(Directed::Absent);
                };
                let sql = "UPDATE outside_identities SET external = $1 WHERE id = $2";
                link.execute(sql, &[says.identity.as_str().into(), outside.id.uuid().into()])?;
                if !says.active {
                    if let Some(why) = shut_out(link, says.tenant, account, says.most, says.now)? {
                        return Ok(why);
                    }
                } else if !before.active {
                    block(link, says.tenant, account, None)?;
                    belong(link, (says.tenant, account), says.role, None, says.now)?;
                }
                tell(link, &says, &outside)?;
                keep(link, &says, account, version + 1)?;
                done(link, says.provider, account)
            })
            .await
    }

    /// Takes somebody out of a directory and out of its tenant. An account that was made for them and that nothing else uses goes
    /// too. Only of this version, where one is said.
    pub async fn dismiss(
        &self,
        (tenant, provider): (TenantId, ProviderId),
        account: AccountId,
        version: Option<i64>,
        most: TenantRole,
        now: Timestamp,
    ) -> Result<Dismissed, StoreError> {
        self.database()
            .write(move |link| {
                let Some(before) = find(link, provider, account)? else {
                    return Ok(Dismissed::Not(Directed::Absent));
                };
                if version.is_some_and(|version| version != before.version) {
                    return Ok(Dismissed::Not(Directed::Outdated));
                }
                let proven = find_account_in(link, tenant, account)?;
                let proven = proven.and_then(|(own, _)| own.confirmed.map(|_| own.email));
                if let Some(why) = shut_out(link, tenant, account, most, now)? {
                    return Ok(Dismissed::Not(why));
                }
                let values = [provider.uuid().into(), account.uuid().into()];
                link.execute("DELETE FROM directory_users WHERE provider = $1 AND account = $2", &values)?;
                // Whoever comes again is not let in as somebody new (ADR 0035); what its owner linked is the owner's to take away.
                let sql = "INSERT INTO dismissed_identities (id, provider, issuer, subject, external, at)
                    SELECT o.id, o.provider, o.issuer, o.subject, o.external, $1 FROM outside_identities o
                    WHERE o.provider = $2 AND o.account = $3 AND o.origin <> 'linked'";
                link.execute(sql, &[millis(now), provider.uuid().into(), account.uuid().into()])?;
                let sql = "DELETE FROM accounts WHERE EXISTS (SELECT 1 FROM outside_identities o
                        WHERE o.provider = $1 AND o.account = accounts.id AND o.origin <> 'linked')
                    AND NOT EXISTS (SELECT 1 FROM outside_identities o
                        WHERE o.account = accounts.id AND o.provider <> $1)
                    AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.account = accounts.id)
                    AND id = $2 AND confirmed IS NULL AND NOT administrator";
                link.execute(sql, &values)?;
                let sql = "DELETE FROM outside_identities WHERE provider = $1 AND account = $2 AND origin <> 'linked'";
                link.execute(sql, &values)?;
                let sql = "UPDATE outside_identities SET external = NULL WHERE provider = $1 AND account = $2";
                link.execute(sql, &values)?;
                Ok(Dismissed::Done(proven))
            })
            .await
    }

    /// Somebody as a directory has them.
    pub async fn directory_user(
        &self,
        provider: ProviderId,
        account: AccountId,
    ) -> Result<Option<DirectoryUser>, StoreError> {
        self.database().read(move |link| find(link, provider, account)).await
    }

    /// Whether each of these is of the directory, and may come in; those who are not of it are left out.
    pub async fn directory_actives(
        &self,
        provider: ProviderId,
        accounts: Vec<AccountId>,
    ) -> Result<Vec<(AccountId, bool)>, StoreError> {
        self.database()
            .read(move |link| {
                let sql = "SELECT u.active FROM directory_users u WHERE u.provider = $1 AND u.account = $2";
                let mut found = Vec::with_capacity(accounts.len());
                for account in accounts {
                    let values = [provider.uuid().into(), account.uuid().into()];
                    let active: Option<bool> = link.first(sql, &values, |cells| cells.get(0))?;
                    found.extend(active.map(|active| (account, active)));
                }
                Ok(found)
            })
            .await
    }

    /// The people of a directory in the order they came, those behind somebody, at most so many.
    pub async fn directory_users(
        &self,
        provider: ProviderId,
        after: Option<AccountId>,
        (skip, most): (u64, usize),
    ) -> Result<Vec<DirectoryUser>, StoreError> {
        self.database()
            .read(move |link| {
                let mut values = vec![provider.uuid().into()];
                let behind = after.map_or("", |after| {
                    values.push(after.uuid().into());
                    "AND u.account > $2"
                });
                let skip = i64::try_from(skip).unwrap_or(i64::MAX);
                let sql = format!(
                    "SELECT {USER} FROM directory_users u WHERE u.provider = $1 {behind}
                     ORDER BY u.account LIMIT {most} OFFSET {skip}"
                );
                link.all(&sql, &values, read_user)
            })
            .await
    }

    /// How many people a directory has.
    pub async fn directory_count(&self, provider: ProviderId) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM directory_users WHERE provider = $1";
        let values = [provider.uuid().into()];
        let count =
            self.database().read(move |link| link.first(sql, &values, |cells| cells.count(0))).await?;
        Ok(count.unwrap_or_default())
    }

    /// The people of a directory who have this, at most 1,000.
    pub async fn directory_users_by(
        &self,
        provider: ProviderId,
        key: DirectoryKey,
    ) -> Result<Vec<DirectoryUser>, StoreError> {
        let (condition, value) = match key {
            DirectoryKey::UserName(name) => ("u.user_name = $2", name),
            DirectoryKey::External(external) => ("u.external = $2", external),
            DirectoryKey::Address(address) => (
                "u.account IN (SELECT d.account FROM directory_addresses d WHERE d.provider = $1 AND d.address = $2)",
                address,
            ),
        };
        let sql = format!(
            "SELECT {USER} FROM directory_users u WHERE u.provider = $1 AND {condition} ORDER BY u.account LIMIT 1000"
        );
        let values = [provider.uuid().into(), value.into()];
        self.database().read(move |link| link.all(&sql, &values, read_user)).await
    }
}
