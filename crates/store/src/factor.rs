//! Second factors of accounts and their recovery codes.
//!
//! **Architecture Invariant:** what is accepted (a step, a challenge) is used up in the commit that accepts it. A password that
//! does not stand alone keeps its last factor.

use gridkeep_model::{AccountId, FactorId, SessionId};
use jiff::Timestamp;
use sea_query::Value as Bound;

use crate::{
    Control, StoreError,
    dialect::{Cells, Link, millis},
    glass::is_last_passkey,
};

/// Which kind of factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FactorKind {
    /// An authenticator app's one-time codes.
    OneTime,
    /// A passkey.
    Passkey,
}

impl FactorKind {
    /// As it is kept and shown to programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::OneTime => "totp",
            Self::Passkey => "passkey",
        }
    }
}

/// A second factor of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factor {
    /// Its identity.
    pub id: FactorId,
    /// Whose it is.
    pub account: AccountId,
    /// Which kind.
    pub kind: FactorKind,
    /// What its owner calls it.
    pub name: String,
    /// Its secret or public key, encrypted.
    pub sealed: Vec<u8>,
    /// SHA-256 of a passkey's id.
    pub credential: Option<[u8; 32]>,
    /// The last step of a one-time code, the last count of signatures of a passkey.
    pub mark: u64,
    /// Its owner has shown that it works; until then it counts for nothing.
    pub proven: bool,
    /// When it was made.
    pub created: Timestamp,
    /// When it last let somebody in.
    pub used: Option<Timestamp>,
    /// Of a passkey, since when whoever has it can be said to have been there: since it was made, or as long as the passkey that was
    /// shown in the session it was made in.
    pub since: Option<Timestamp>,
}

/// What somebody who judged a proof accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// By which factor.
    pub factor: FactorId,
    /// The factor's mark from now on.
    pub mark: u64,
    /// The hash of what this uses up, and until when that has to be remembered.
    pub spends: Option<([u8; 32], Timestamp)>,
}

/// Judges a proof by the factors it may be of.
pub type Judge = Box<dyn FnOnce(&[Factor]) -> Option<Accepted> + Send>;

/// What came of removing a factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// There is no such factor.
    Absent,
    /// It is the last one, and the password is too short to stand alone.
    PasswordTooShort,
    /// It is a passkey by which alone an owner comes into a tenant whose people have to come through their company.
    LastWayIn,
    /// It is gone; so are recovery codes when it was the last.
    Done,
}

const COLUMNS: &str = "id, account, kind, name, sealed, credential, mark, proven, created, used, since";

fn read_factor(cells: &dyn Cells) -> Result<Factor, StoreError> {
    let kind: String = cells.get(2)?;
    let kind = [FactorKind::OneTime, FactorKind::Passkey].into_iter().find(|own| own.word() == kind);
    let credential = cells.maybe::<Vec<u8>>(5)?.map(|bytes| {
        <[u8; 32]>::try_from(bytes).map_err(|_| StoreError::corrupt("factor", "a credential's hash"))
    });
    Ok(Factor {
        id: FactorId::from_uuid(cells.get(0)?),
        account: AccountId::from_uuid(cells.get(1)?),
        kind: kind.ok_or_else(|| StoreError::corrupt("factor", "its kind"))?,
        name: cells.get(3)?,
        sealed: cells.get(4)?,
        credential: credential.transpose()?,
        mark: cells.count(6)?,
        proven: cells.get(7)?,
        created: cells.moment(8)?,
        used: cells.maybe::<i64>(9)?.map(|_| cells.moment(9)).transpose()?,
        since: cells.maybe::<i64>(10)?.map(|_| cells.moment(10)).transpose()?,
    })
}

impl Control {
    /// All factors of an account, the oldest first; also those that are not proven yet.
    pub async fn factors(&self, account: AccountId) -> Result<Vec<Factor>, StoreError> {
        self.database().read(move |link| factors(link, account)).await
    }

    /// How many recovery codes an account has left, and whether its password would do without a factor.
    pub async fn safety(&self, account: AccountId) -> Result<(u64, bool), StoreError> {
        self.database()
            .read(move |link| {
                let sql = "SELECT COUNT(*) FROM recovery_codes WHERE account = $1";
                let left = link.first(sql, &[account.uuid().into()], |cells| cells.count(0))?;
                Ok((left.unwrap_or_default(), stands_alone(link, account)?))
            })
            .await
    }

    /// Keeps a factor that is to be proven; one of this kind that waited for it before goes.
    pub async fn propose_factor(&self, factor: Factor) -> Result<(), StoreError> {
        self.database()
            .write(move |link| {
                let sql = "DELETE FROM factors WHERE account = $1 AND kind = $2 AND proven = $3";
                let values = [factor.account.uuid().into(), factor.kind.word().into(), false.into()];
                link.execute(sql, &values)?;
                insert(link, factor).map(drop)
            })
            .await
    }

    /// Makes a factor count whose owner has shown that it works; `false` when there is none that waits for it.
    pub async fn prove_factor(
        &self,
        (account, id): (AccountId, FactorId),
        name: &str,
        mark: u64,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE factors SET proven = $1, name = $2, mark = $3, created = $4, used = $5
            WHERE id = $6 AND account = $7 AND proven = $8";
        let values: Vec<Bound> = vec![
            true.into(),
            name.into(),
            mark.cast_signed().into(),
            millis(now),
            millis(now),
            id.uuid().into(),
            account.uuid().into(),
            false.into(),
        ];
        self.database().write(move |link| Ok(link.execute(sql, &values)? > 0)).await
    }

    /// Keeps a passkey, and uses up its challenge; `false` when somebody has it already or the challenge was used.
    pub async fn add_passkey(
        &self,
        factor: Factor,
        (challenge, expires): ([u8; 32], Timestamp),
    ) -> Result<bool, StoreError> {
        self.database()
            .write(move |link| {
                let now = factor.created;
                Ok(spend(link, challenge, expires, now)? && insert(link, factor)?)
            })
            .await
    }

    /// Calls a factor something else; `false` when there is none.
    pub async fn rename_factor(
        &self,
        account: AccountId,
        id: FactorId,
        name: &str,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE factors SET name = $1 WHERE id = $2 AND account = $3 AND proven = $4";
        let values: Vec<Bound> = vec![name.into(), id.uuid().into(), account.uuid().into(), true.into()];
        self.database().write(move |link| Ok(link.execute(sql, &values)? > 0)).await
    }

    /// Removes a factor, unless the password could not stand alone then, or nobody could break the glass of a tenant. Half sign-ins end; the last of its kind takes
    /// along what its method (as sessions name it) was worth in sessions.
    pub async fn remove_factor(
        &self,
        account: AccountId,
        id: FactorId,
        method: fn(FactorKind) -> &'static str,
    ) -> Result<Removal, StoreError> {
        self.database()
            .write(move |link| {
                let all = factors(link, account)?;
                let proven = all.iter().filter(|factor| factor.proven);
                let (own, others): (Vec<_>, Vec<_>) = proven.partition(|factor| factor.id == id);
                let Some(kind) = own.first().map(|factor| factor.kind) else { return Ok(Removal::Absent) };
                if kind == FactorKind::Passkey && is_last_passkey(link, account, id)? {
                    return Ok(Removal::LastWayIn);
                }
                let owner: Bound = account.uuid().into();
                if others.is_empty() {
                    if !stands_alone(link, account)? {
                        return Ok(Removal::PasswordTooShort);
                    }
                    link.execute(
                        "DELETE FROM recovery_codes WHERE account = $1",
                        std::slice::from_ref(&owner),
                    )?;
                }
                link.execute("DELETE FROM factors WHERE id = $1", &[id.uuid().into()])?;
                link.execute("DELETE FROM half_sign_ins WHERE account = $1", &[owner])?;
                if others.iter().all(|factor| factor.kind != kind) {
                    forget_method(link, account, method(kind))?;
                    if kind == FactorKind::Passkey {
                        let sql = "UPDATE sessions SET passkey_since = NULL WHERE account = $1";
                        link.execute(sql, &[account.uuid().into()])?;
                    }
                }
                Ok(Removal::Done)
            })
            .await
    }

    /// Takes all factors and recovery codes from an account, and ends its sessions; `false` when there is no such account.
    pub async fn reset_factors(&self, account: AccountId) -> Result<bool, StoreError> {
        self.database()
            .write(move |link| {
                let owner: Bound = account.uuid().into();
                let sql = "SELECT 1 FROM accounts WHERE id = $1";
                if link.first(sql, std::slice::from_ref(&owner), |_| Ok(()))?.is_none() {
                    return Ok(false);
                }
                for table in ["factors", "recovery_codes", "factor_tries", "half_sign_ins", "sessions"] {
                    let sql = format!("DELETE FROM {table} WHERE account = $1");
                    link.execute(&sql, std::slice::from_ref(&owner))?;
                }
                Ok(true)
            })
            .await
    }

    /// Gives an account these recovery codes and no others.
    pub async fn set_recovery_codes(
        &self,
        account: AccountId,
        hashes: Vec<[u8; 32]>,
    ) -> Result<(), StoreError> {
        self.database()
            .write(move |link| {
                link.execute("DELETE FROM recovery_codes WHERE account = $1", &[account.uuid().into()])?;
                for hash in hashes {
                    let sql = "INSERT INTO recovery_codes (account, hash) VALUES ($1, $2)";
                    link.execute(sql, &[account.uuid().into(), hash.to_vec().into()])?;
                }
                Ok(())
            })
            .await
    }

    /// Tries a passkey that stands for itself: which it is, and the hash of its account's password.
    pub async fn try_passkey(
        &self,
        credential: [u8; 32],
        now: Timestamp,
        judge: Judge,
    ) -> Result<Option<(Factor, String)>, StoreError> {
        self.database()
            .write(move |link| {
                let sql = format!("SELECT {COLUMNS} FROM factors WHERE credential = $1 AND proven = $2");
                let own = link.all(&sql, &[credential.to_vec().into(), true.into()], read_factor)?;
                if own.is_empty() {
                    return Ok(None);
                }
                let Some(shown) = judged(link, &own, judge, now)? else { return Ok(None) };
                let sql = "SELECT password FROM accounts WHERE id = $1";
                let password = link.first(sql, &[shown.account.uuid().into()], |cells| cells.get(0))?;
                Ok(password.map(|password| (shown.clone(), password)))
            })
            .await
    }

    /// Notes that whoever is in a session proved who they are in one more way; by a passkey, with its [`Factor::since`], which counts
    /// where none was shown before.
    pub async fn strengthen_session(
        &self,
        id: SessionId,
        method: &'static str,
        since: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.database()
            .write(move |link| {
                let sql = "SELECT methods FROM sessions WHERE id = $1";
                let methods = link.first(sql, &[id.uuid().into()], |cells| cells.get::<String>(0))?;
                let Some(methods) = methods else { return Ok(()) };
                let sql =
                    "UPDATE sessions SET methods = $1, passkey_since = COALESCE(passkey_since, $2) WHERE id = $3";
                let since = since.map_or(Bound::BigInt(None), millis);
                link.execute(sql, &[with(&methods, method).into(), since, id.uuid().into()]).map(drop)
            })
            .await
    }

    /// Notes that whoever is in a session proved anew who they are.
    pub async fn prove_session(&self, id: SessionId, now: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE sessions SET authenticated = $1 WHERE id = $2";
        let values: Vec<Bound> = vec![millis(now), id.uuid().into()];
        self.database().write(move |link| link.execute(sql, &values).map(drop)).await
    }
}

/// The methods of a session with another one.
fn with(methods: &str, method: &str) -> String {
    if methods.split(' ').any(|own| own == method) {
        methods.to_owned()
    } else {
        format!("{methods} {method}")
    }
}

/// Takes a method from an account's sessions: what a factor was worth in them ends with it.
fn forget_method(link: &mut dyn Link, account: AccountId, method: &str) -> Result<(), StoreError> {
    let sql = "SELECT id, methods FROM sessions WHERE account = $1";
    let all = link.all(sql, &[account.uuid().into()], |cells| {
        Ok((SessionId::from_uuid(cells.get(0)?), cells.get::<String>(1)?))
    })?;
    for (id, methods) in all {
        let left: Vec<_> = methods.split(' ').filter(|own| *own != method).collect();
        let sql = "UPDATE sessions SET methods = $1 WHERE id = $2";
        link.execute(sql, &[left.join(" ").into(), id.uuid().into()])?;
    }
    Ok(())
}

/// Whether a password that does not stand alone may be this account's.
pub(crate) fn has_factor(link: &mut dyn Link, account: AccountId) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM factors WHERE account = $1 AND proven = $2 LIMIT 1";
    Ok(link.first(sql, &[account.uuid().into(), true.into()], |_| Ok(()))?.is_some())
}

fn stands_alone(link: &mut dyn Link, account: AccountId) -> Result<bool, StoreError> {
    let sql = "SELECT password_alone FROM accounts WHERE id = $1";
    Ok(link.first(sql, &[account.uuid().into()], |cells| cells.get(0))?.unwrap_or(true))
}

pub(crate) fn factors(link: &mut dyn Link, account: AccountId) -> Result<Vec<Factor>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM factors WHERE account = $1 ORDER BY created, id");
    link.all(&sql, &[account.uuid().into()], read_factor)
}

fn insert(link: &mut dyn Link, factor: Factor) -> Result<bool, StoreError> {
    let sql = format!(
        "INSERT INTO factors ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT DO NOTHING"
    );
    let values: [Bound; 11] = [
        factor.id.uuid().into(),
        factor.account.uuid().into(),
        factor.kind.word().into(),
        factor.name.into(),
        factor.sealed.into(),
        Bound::Bytes(factor.credential.map(|hash| hash.to_vec())),
        factor.mark.cast_signed().into(),
        factor.proven.into(),
        millis(factor.created),
        factor.used.map_or(Bound::BigInt(None), millis),
        factor.since.map_or(Bound::BigInt(None), millis),
    ];
    Ok(link.execute(&sql, &values)? > 0)
}

/// Has a proof judged, and notes what it uses up; by which factor it was accepted.
pub(crate) fn judged<'a>(
    link: &mut dyn Link,
    own: &'a [Factor],
    judge: Judge,
    now: Timestamp,
) -> Result<Option<&'a Factor>, StoreError> {
    let Some(accepted) = judge(own) else { return Ok(None) };
    if let Some((hash, expires)) = accepted.spends
        && !spend(link, hash, expires, now)?
    {
        return Ok(None);
    }
    let sql = "UPDATE factors SET mark = $1, used = $2 WHERE id = $3";
    let values = [accepted.mark.cast_signed().into(), millis(now), accepted.factor.uuid().into()];
    let noted = link.execute(sql, &values)? > 0;
    Ok(own.iter().find(|factor| noted && factor.id == accepted.factor))
}

/// Uses a challenge up; `false` when it was used before. It lies among tried things, which are forgotten in their time.
fn spend(
    link: &mut dyn Link,
    hash: [u8; 32],
    expires: Timestamp,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "INSERT INTO tries (what, failures, last, until) VALUES ($1, 1, $2, $3) ON CONFLICT (what) DO NOTHING";
    Ok(link.execute(sql, &[hash.to_vec().into(), millis(now), millis(expires)])? > 0)
}
