//! Accounts as they come to be.
//!
//! **Architecture Invariant:** the first person runs the server and owns its first tenant from the commit on that finds nobody else
//! there; what anybody joins by making an account they have joined in the commit that makes it.

use gridkeep_model::{AccountId, TenantId};
use jiff::Timestamp;
use sea_query::Value as Bound;

use crate::{
    Account, Control, Invitation, StoreError, TenantRole,
    app::normalise_email,
    dialect::{Link, millis},
    invitation::{admit, opened_by, use_up},
    mailed_link::is_taken,
    membership::raise,
};

/// An account to be.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Its identity.
    pub id: AccountId,
    /// E-mail address as it was typed.
    pub email: String,
    /// What others read.
    pub name: String,
    /// What is left of the address when letters that look alike become one.
    pub skeleton: String,
    /// The password's hash, as text.
    pub password: String,
    /// Now.
    pub created: Timestamp,
}

/// What an account joins by being made.
#[derive(Debug, Clone, Copy, Default)]
pub struct Joins {
    /// The tenant that is owned by whoever is the first of all.
    pub home: Option<TenantId>,
    /// What everybody else becomes where.
    pub others: Option<(TenantId, TenantRole)>,
}

impl Control {
    /// Makes an account whose address nobody has proven yet, unless it is the first: that one is the administrator's, who
    /// owns the machine and whatever comes by mail.
    pub async fn create_account(&self, new: NewAccount, joins: Joins) -> Result<Account, StoreError> {
        self.database()
            .write(move |link| {
                let account = insert_account(link, new, None)?;
                join(link, &account, joins)?;
                Ok(account)
            })
            .await
    }

    /// Makes an account with the address that an invitation went to, and ends the invitation's link. `None` when there is no
    /// such link, or no longer, when it went elsewhere, or when the address is taken; `is_twin` as in
    /// [`Control::prove_address`]. It joins by the invitation in the same commit.
    pub async fn create_invited(
        &self,
        new: NewAccount,
        joins: Joins,
        token: [u8; 32],
        is_twin: impl Fn(&str, &str) -> bool + Send + 'static,
    ) -> Result<Option<(Account, Invitation)>, StoreError> {
        self.database()
            .write(move |link| {
                let email = normalise_email(&new.email);
                if is_taken(link, &email, Some(&new.skeleton), &is_twin)? {
                    return Ok(None);
                }
                let now = new.created;
                let Some(invitation) = opened_by(link, token, &email, now)? else { return Ok(None) };
                if !use_up(link, token, &invitation, now)? {
                    return Ok(None);
                }
                let account = insert_account(link, new, Some(now))?;
                join(link, &account, joins)?;
                admit(link, &invitation, account.id, now)?;
                Ok(Some((account, invitation)))
            })
            .await
    }

    /// Makes an account whose address its operator vouches for; `None` when the address is taken, `is_twin` as in
    /// [`Control::prove_address`].
    pub async fn import_account(
        &self,
        new: NewAccount,
        joins: Joins,
        is_twin: impl Fn(&str, &str) -> bool + Send + 'static,
    ) -> Result<Option<Account>, StoreError> {
        self.database()
            .write(move |link| {
                if is_taken(link, &normalise_email(&new.email), Some(&new.skeleton), &is_twin)? {
                    return Ok(None);
                }
                let now = new.created;
                let account = insert_account(link, new, Some(now))?;
                join(link, &account, joins)?;
                Ok(Some(account))
            })
            .await
    }
}

fn join(link: &mut dyn Link, account: &Account, joins: Joins) -> Result<(), StoreError> {
    let first = joins.home.filter(|_| account.administrator).map(|home| (home, TenantRole::Owner));
    match first.or(joins.others) {
        Some((tenant, role)) => raise(link, tenant, account.id, role, account.created),
        None => Ok(()),
    }
}

/// Inserts an account; the first one is the administrator's, and its address counts as proven.
pub(crate) fn insert_account(
    link: &mut dyn Link,
    new: NewAccount,
    confirmed: Option<Timestamp>,
) -> Result<Account, StoreError> {
    let first = link.first("SELECT 1 FROM accounts LIMIT 1", &[], |_| Ok(()))?.is_none();
    let account = Account {
        id: new.id,
        email: normalise_email(&new.email),
        name: new.name,
        administrator: first,
        created: new.created,
        confirmed: confirmed.or(first.then_some(new.created)),
        skeleton: Some(new.skeleton),
    };
    link.execute(
        "INSERT INTO accounts (id, email, skeleton, name, password, administrator, confirmed, created)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            account.id.uuid().into(),
            account.email.as_str().into(),
            account.skeleton.clone().into(),
            account.name.as_str().into(),
            new.password.into(),
            account.administrator.into(),
            account.confirmed.map_or(Bound::BigInt(None), millis),
            millis(account.created),
        ],
    )?;
    Ok(account)
}
