//! Links that were mailed to somebody: each opens what it is for, once.
//!
//! **Architecture Invariant:** only a token's hash is stored, and a link is deleted in the commit that uses it: of many who
//! come with the same one, one gets through. A new link of a purpose ends those before it.

use gridkeep_model::{AccountId, InvitationId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Account, Control, Kept, StoreError,
    control::{ACCOUNT, read_account},
    dialect::{Cells, Link, millis},
    factor::has_factor,
    half_sign_in::unlock,
};

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkPurpose {
    /// Proves an account's address.
    Confirm,
    /// Sets a new password.
    Reset,
    /// Lets somebody into a tenant or an app, with an account of theirs or a new one.
    Invitation,
}

impl LinkPurpose {
    const fn word(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Reset => "reset",
            Self::Invitation => "invitation",
        }
    }
}

/// A link, without what proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailedLink {
    /// SHA-256 of the token.
    pub token: [u8; 32],
    /// What it is for.
    pub purpose: LinkPurpose,
    /// Whose account; `None` for an invitation.
    pub account: Option<AccountId>,
    /// The address it went to.
    pub address: String,
    /// The invitation it is of.
    pub invitation: Option<InvitationId>,
    /// When it was made.
    pub created: Timestamp,
    /// From when on it opens nothing.
    pub expires: Timestamp,
}

/// What became of an address that was to be proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proven {
    /// It is this account's now.
    Done(Account),
    /// Another account has it, or one that nobody can tell from it.
    Taken,
    /// There is no such link, or no longer.
    NoLink,
}

fn read_link(purpose: LinkPurpose, token: [u8; 32]) -> impl Fn(&dyn Cells) -> Result<MailedLink, StoreError> {
    move |cells| {
        let id = |index: usize| cells.maybe::<Uuid>(index);
        Ok(MailedLink {
            token,
            purpose,
            account: id(0)?.map(AccountId::from_uuid),
            address: cells.get(1)?,
            invitation: id(2)?.map(InvitationId::from_uuid),
            created: cells.moment(3)?,
            expires: cells.moment(4)?,
        })
    }
}

const COLUMNS: &str = "account, address, invitation, created, expires";

impl Control {
    /// Keeps a link. Those of the same purpose, address and invitation before it end, as do all that are over. From now on an
    /// invitation is open as long as its link.
    pub async fn create_link(&self, link: MailedLink) -> Result<(), StoreError> {
        self.database()
            .write(move |own| {
                let created = millis(link.created);
                own.execute("DELETE FROM mailed_links WHERE expires <= $1", std::slice::from_ref(&created))?;
                let invitation = link.invitation.map(InvitationId::uuid);
                // One comparison a place: NULL is no value that anything equals.
                let mut ends = "DELETE FROM mailed_links WHERE purpose = $1 AND address = $2".to_owned();
                let mut values = vec![link.purpose.word().into(), link.address.as_str().into()];
                for (column, value) in
                    [("account", link.account.map(AccountId::uuid)), ("invitation", invitation)]
                {
                    if let Some(value) = value {
                        values.push(value.into());
                        ends = format!("{ends} AND {column} = ${}", values.len());
                    } else {
                        ends = format!("{ends} AND {column} IS NULL");
                    }
                }
                own.execute(&ends, &values)?;
                own.execute(
                    "INSERT INTO mailed_links (token, purpose, account, address, invitation, created, expires)
                     VALUES ($1, $2, $3, $4, $5, $6, $7)",
                    &[
                        link.token.to_vec().into(),
                        link.purpose.word().into(),
                        link.account.map(AccountId::uuid).into(),
                        link.address.into(),
                        invitation.into(),
                        created,
                        millis(link.expires),
                    ],
                )?;
                if let Some(id) = invitation {
                    let sql = "UPDATE invitations SET expires = $1 WHERE id = $2";
                    own.execute(sql, &[millis(link.expires), id.into()])?;
                }
                Ok(())
            })
            .await
    }

    /// A link that still opens something; it goes on doing so.
    pub async fn link(
        &self,
        purpose: LinkPurpose,
        token: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<MailedLink>, StoreError> {
        self.database().read(move |own| link_of(own, purpose, token, now)).await
    }

    /// Proves an account's address by the link that went there. `is_twin` says whether an address of the same skeleton cannot
    /// be told from this one.
    pub async fn prove_address(
        &self,
        token: [u8; 32],
        now: Timestamp,
        is_twin: impl Fn(&str, &str) -> bool + Send + 'static,
    ) -> Result<Proven, StoreError> {
        self.database()
            .write(move |own| {
                let Some(link) = take(own, LinkPurpose::Confirm, token, now)? else {
                    return Ok(Proven::NoLink);
                };
                let Some(account) = link.account else { return Ok(Proven::NoLink) };
                prove(own, account, &link.address, now, &is_twin)
            })
            .await
    }

    /// Sets a new password by the link that went to its owner, which proves the address too, and ends all their sessions, API
    /// keys and other links; `is_twin` as above. Where the address was only claimed, whatever else opens the account is whoever
    /// claimed it's, and ends as well. `None` when there is no such link, or no longer, when the account's address is another, or
    /// somebody else has proven it, or when the password needs a second factor and there is none.
    pub async fn reset_password(
        &self,
        token: [u8; 32],
        password: Kept,
        now: Timestamp,
        is_twin: impl Fn(&str, &str) -> bool + Send + 'static,
    ) -> Result<Option<Account>, StoreError> {
        self.database()
            .write(move |own| {
                let link = take(own, LinkPurpose::Reset, token, now)?;
                let Some(id) = link.as_ref().and_then(|link| link.account) else { return Ok(None) };
                // Whoever reads the address's mail has it, unless somebody else has proven it meanwhile.
                let address = link.map(|link| link.address).unwrap_or_default();
                let sql = "SELECT 1 FROM accounts WHERE id = $1 AND confirmed IS NULL";
                let claimed = own.first(sql, &[id.uuid().into()], |_| Ok(()))?.is_some();
                if !matches!(prove(own, id, &address, now, &is_twin)?, Proven::Done(_)) {
                    return Ok(None);
                }
                if claimed {
                    // A company's own word for them is not the claimer's.
                    for what in ["factors", "recovery_codes", "factor_tries"] {
                        let sql = format!("DELETE FROM {what} WHERE account = $1");
                        own.execute(&sql, &[id.uuid().into()])?;
                    }
                    let sql = "DELETE FROM outside_identities WHERE account = $1 AND origin = 'linked'";
                    own.execute(sql, &[id.uuid().into()])?;
                }
                if !password.alone && !has_factor(own, id)? {
                    return Ok(None);
                }
                unlock(own, id)?;
                let id = id.uuid();
                own.execute(
                    "UPDATE accounts SET password = $1, password_alone = $2 WHERE id = $3",
                    &[password.hash.into(), password.alone.into(), id.into()],
                )?;
                own.execute("DELETE FROM half_sign_ins WHERE account = $1", &[id.into()])?;
                own.execute("DELETE FROM sessions WHERE account = $1", &[id.into()])?;
                let sql = "UPDATE accounts SET keys_since = $1 WHERE id = $2";
                own.execute(sql, &[millis(now), id.into()])?;
                own.execute("DELETE FROM mailed_links WHERE account = $1", &[id.into()])?;
                let sql = format!("SELECT {ACCOUNT} FROM accounts a WHERE a.id = $1");
                own.first(&sql, &[id.into()], |cells| read_account(cells, 0))
            })
            .await
    }
}

/// A link that still opens something.
pub(crate) fn link_of(
    own: &mut dyn Link,
    purpose: LinkPurpose,
    token: [u8; 32],
    now: Timestamp,
) -> Result<Option<MailedLink>, StoreError> {
    let sql =
        format!("SELECT {COLUMNS} FROM mailed_links WHERE token = $1 AND purpose = $2 AND expires > $3");
    let values = [token.to_vec().into(), purpose.word().into(), millis(now)];
    own.first(&sql, &values, read_link(purpose, token))
}

/// Makes the address that an account claims its own.
pub(crate) fn prove(
    own: &mut dyn Link,
    account: AccountId,
    address: &str,
    now: Timestamp,
    is_twin: &dyn Fn(&str, &str) -> bool,
) -> Result<Proven, StoreError> {
    let sql = format!("SELECT {ACCOUNT} FROM accounts a WHERE a.id = $1 AND a.email = $2");
    let values = [account.uuid().into(), address.into()];
    let Some(account) = own.first(&sql, &values, |cells| read_account(cells, 0))? else {
        return Ok(Proven::NoLink);
    };
    if account.confirmed.is_some() {
        return Ok(Proven::Done(account));
    }
    if is_taken(own, &account.email, account.skeleton.as_deref(), is_twin)? {
        return Ok(Proven::Taken);
    }
    let sql = "UPDATE accounts SET confirmed = $1 WHERE id = $2";
    own.execute(sql, &[millis(now), account.id.uuid().into()])?;
    Ok(Proven::Done(Account { confirmed: Some(now), ..account }))
}

/// Takes a link: whoever comes later finds none.
pub(crate) fn take(
    own: &mut dyn Link,
    purpose: LinkPurpose,
    token: [u8; 32],
    now: Timestamp,
) -> Result<Option<MailedLink>, StoreError> {
    let sql = format!(
        "DELETE FROM mailed_links WHERE token = $1 AND purpose = $2 AND expires > $3 RETURNING {COLUMNS}"
    );
    own.first(&sql, &[token.to_vec().into(), purpose.word().into(), millis(now)], read_link(purpose, token))
}

/// Whether somebody has proven this address, or one that cannot be told from it.
pub(crate) fn is_taken(
    own: &mut dyn Link,
    email: &str,
    skeleton: Option<&str>,
    is_twin: &dyn Fn(&str, &str) -> bool,
) -> Result<bool, StoreError> {
    let sql = "SELECT email FROM accounts WHERE confirmed IS NOT NULL AND (email = $1 OR skeleton = $2)";
    let others: Vec<String> =
        own.all(sql, &[email.into(), skeleton.unwrap_or(email).into()], |cells| cells.get(0))?;
    Ok(others.iter().any(|other| other == email || is_twin(email, other)))
}
