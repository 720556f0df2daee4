//! Where people are signed in: sessions of browsers.
//!
//! **Architecture Invariant:** only a token's hash is stored. A session that is over is never found, whether it has been
//! deleted yet or not; one person has at most [`MOST_SESSIONS`].

use gridkeep_model::{AccountId, ProviderId, SessionId, TenantId};
use jiff::Timestamp;
use sea_query::Value as Bound;

use crate::{
    Account, Control, StoreError,
    control::{ACCOUNT_HERE, ACCOUNT_WIDTH, read_account},
    dialect::{Cells, Link, millis},
    membership::{Presence, TenantRole, read_role},
};

/// Most places where one person is signed in at once; beyond, the one that was not used for longest ends.
pub const MOST_SESSIONS: usize = 100;
/// Those a provider vouches for, of one account.
const MOST_OF_PROVIDER: usize = 20;

/// A sign-in. The token itself is never stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Names it, to its person too.
    pub id: SessionId,
    /// SHA-256 of the cookie's token; `None` where no browser is.
    pub token: Option<[u8; 32]>,
    /// Whose it is.
    pub account: AccountId,
    /// How they showed who they are (RFC 8176), with blanks between.
    pub methods: String,
    /// When they showed it last.
    pub authenticated: Timestamp,
    /// From what network address they signed in.
    pub address: Option<String>,
    /// What the browser said of itself.
    pub agent: Option<String>,
    /// When it began.
    pub created: Timestamp,
    /// When it ends unless it is used before.
    pub expires: Timestamp,
    /// When it ends in any case.
    pub ends: Timestamp,
    /// When it was last used, as far as [`Control::see_session`] was told.
    pub seen: Timestamp,
    /// A tenant's provider vouched for them; their own proof when `None`.
    pub company: Option<Company>,
    /// [`crate::Factor::since`] of the passkey that was shown in it; `None` without one.
    pub passkey_since: Option<Timestamp>,
}

/// What a session is worth that a tenant's provider vouched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// The provider.
    pub provider: ProviderId,
    /// The tenant: the session is good in its rooms only.
    pub tenant: TenantId,
    /// The most that whoever comes this way can be.
    pub most: TenantRole,
    /// How they showed who they are, as the provider said it (OpenID Connect's `acr`, SAML's authentication context).
    pub acr: Option<String>,
    /// The same in the words of RFC 8176, with blanks between.
    pub amr: Option<String>,
}

pub(crate) const SESSION: &str = "s.id, s.token, s.account, s.methods, s.authenticated, s.address, s.agent, s.created, s.expires, \
     s.ends, s.seen, s.provider, s.tenant, s.most, s.acr, s.amr, s.passkey_since";
/// How many columns that are.
pub(crate) const SESSION_WIDTH: usize = 17;

pub(crate) fn read_session(cells: &dyn Cells, at: usize) -> Result<Session, StoreError> {
    let token = cells.maybe::<Vec<u8>>(at + 1)?.map(|token| {
        <[u8; 32]>::try_from(token)
            .map_err(|_| StoreError::corrupt("session", "a token's hash of another length"))
    });
    Ok(Session {
        id: SessionId::from_uuid(cells.get(at)?),
        token: token.transpose()?,
        account: AccountId::from_uuid(cells.get(at + 2)?),
        methods: cells.get(at + 3)?,
        authenticated: cells.moment(at + 4)?,
        address: cells.maybe(at + 5)?,
        agent: cells.maybe(at + 6)?,
        created: cells.moment(at + 7)?,
        expires: cells.moment(at + 8)?,
        ends: cells.moment(at + 9)?,
        seen: cells.moment(at + 10)?,
        company: read_company(cells, at + 11)?,
        passkey_since: cells.maybe::<i64>(at + 16)?.map(|_| cells.moment(at + 16)).transpose()?,
    })
}

fn read_company(cells: &dyn Cells, at: usize) -> Result<Option<Company>, StoreError> {
    let Some(provider) = cells.maybe(at)? else { return Ok(None) };
    Ok(Some(Company {
        provider: ProviderId::from_uuid(provider),
        tenant: TenantId::from_uuid(cells.get(at + 1)?),
        most: read_role(cells, at + 2)?.ok_or_else(|| StoreError::corrupt("session", "no role"))?,
        acr: cells.maybe(at + 3)?,
        amr: cells.maybe(at + 4)?,
    }))
}

impl Control {
    /// Begins a session, forgets those that are over, and ends the person's oldest where they have too many.
    pub async fn create_session(&self, session: Session) -> Result<(), StoreError> {
        self.database().write(move |link| insert_session(link, &session)).await
    }

    /// A session that is not over, whose it is, and what they are to a tenant.
    pub async fn session(
        &self,
        token: [u8; 32],
        tenant: TenantId,
        now: Timestamp,
    ) -> Result<Option<(Session, Account, Option<Presence>)>, StoreError> {
        self.find_session("s.token = $2", token.to_vec().into(), tenant, now).await
    }

    /// `place` names the value as `$2`.
    async fn find_session(
        &self,
        place: &'static str,
        value: Bound,
        tenant: TenantId,
        now: Timestamp,
    ) -> Result<Option<(Session, Account, Option<Presence>)>, StoreError> {
        self.database()
            .read(move |link| {
                let sql = format!(
                    "SELECT {SESSION}, {ACCOUNT_HERE}, m.role, m.seen FROM sessions s JOIN accounts a ON a.id = s.account
                     LEFT JOIN memberships m ON m.tenant = $1 AND m.account = a.id
                     WHERE {place} AND s.expires > $3"
                );
                link.first(&sql, &[tenant.uuid().into(), value, millis(now)], |cells| {
                    let at = SESSION_WIDTH + ACCOUNT_WIDTH;
                    let seen = cells.maybe::<i64>(at + 1)?.map(|_| cells.moment(at + 1)).transpose()?;
                    let standing = read_role(cells, at)?.map(|role| Presence { role, seen });
                    Ok((read_session(cells, 0)?, read_account(cells, SESSION_WIDTH)?, standing))
                })
            })
            .await
    }

    /// The sessions of a person that are not over, the last used first.
    pub async fn sessions_of(&self, account: AccountId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let sql = format!(
            "SELECT {SESSION} FROM sessions s WHERE s.account = $1 AND s.expires > $2
             ORDER BY s.seen DESC, s.id DESC"
        );
        let values = [account.uuid().into(), millis(now)];
        self.database().read(move |link| link.all(&sql, &values, |cells| read_session(cells, 0))).await
    }

    /// Notes that a session was used, until when it now lasts, and that its person was at this tenant. Callers do so every few
    /// minutes, not at each request. What was read at a mark goes on holding: nobody may do more or less for it.
    pub async fn see_session(
        &self,
        session: &Session,
        tenant: TenantId,
        seen: Timestamp,
        expires: Timestamp,
    ) -> Result<(), StoreError> {
        let (id, account) = (session.id, session.account);
        self.database()
            .change(move |link| {
                let sql = "UPDATE sessions SET seen = $1, expires = $2 WHERE id = $3";
                link.execute(sql, &[millis(seen), millis(expires), id.uuid().into()])?;
                let sql = "UPDATE memberships SET seen = $1 WHERE tenant = $2 AND account = $3";
                link.execute(sql, &[millis(seen), tenant.uuid().into(), account.uuid().into()])
            })
            .await
            .map(drop)
    }

    /// Ends a session. Whoever makes one up costs a look, no commit.
    pub async fn end_session(&self, token: [u8; 32]) -> Result<(), StoreError> {
        let values = [token.to_vec().into()];
        let asked = values.clone();
        let sql = "SELECT 1 FROM sessions WHERE token = $1";
        if self.database().read(move |link| link.first(sql, &asked, |_| Ok(()))).await?.is_none() {
            return Ok(());
        }
        let ended =
            self.database().write(move |link| link.execute("DELETE FROM sessions WHERE token = $1", &values));
        ended.await.map(drop)
    }

    /// Ends a session of this person; `false` when they have none of this id.
    pub async fn end_session_of(&self, account: AccountId, id: SessionId) -> Result<bool, StoreError> {
        let sql = "DELETE FROM sessions WHERE account = $1 AND id = $2";
        let values = [account.uuid().into(), id.uuid().into()];
        Ok(self.database().write(move |link| link.execute(sql, &values)).await? > 0)
    }

    /// Since when API keys of this person open anything; from the beginning when `None`.
    pub async fn keys_since(&self, account: AccountId) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT keys_since FROM accounts WHERE id = $1";
        let values = [account.uuid().into()];
        let found = self.database().read(move |link| {
            link.first(sql, &values, |cells| cells.maybe::<i64>(0)?.map(|_| cells.moment(0)).transpose())
        });
        Ok(found.await?.flatten())
    }

    /// Ends all sessions of this person but one.
    pub async fn end_other_sessions(&self, account: AccountId, but: SessionId) -> Result<(), StoreError> {
        let sql = "DELETE FROM sessions WHERE account = $1 AND id <> $2";
        let values = [account.uuid().into(), but.uuid().into()];
        self.database().write(move |link| link.execute(sql, &values)).await.map(drop)
    }
}

pub(crate) fn insert_session(link: &mut dyn Link, session: &Session) -> Result<(), StoreError> {
    let (created, company) = (millis(session.created), session.company.as_ref());
    link.execute("DELETE FROM sessions WHERE expires <= $1", std::slice::from_ref(&created))?;
    // What a tenant's provider begins ends none of what somebody has by themselves.
    let alike = if company.is_some() { "provider = $2" } else { "provider IS NULL" };
    let sql = format!("SELECT id FROM sessions WHERE account = $1 AND {alike} ORDER BY seen DESC, id DESC");
    let mut values = vec![session.account.uuid().into()];
    values.extend(company.map(|company| company.provider.uuid().into()));
    let own: Vec<uuid::Uuid> = link.all(&sql, &values, |cells| cells.get(0))?;
    let most = if company.is_some() { MOST_OF_PROVIDER } else { MOST_SESSIONS };
    for id in own.into_iter().skip(most - 1) {
        link.execute("DELETE FROM sessions WHERE id = $1", &[id.into()])?;
    }
    link.execute(
        "INSERT INTO sessions (id, token, account, methods, authenticated, address, agent, created, expires, ends, seen,
             provider, tenant, most, acr, amr, passkey_since)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        &[
            session.id.uuid().into(),
            session.token.map(|token| token.to_vec()).into(),
            session.account.uuid().into(),
            session.methods.as_str().into(),
            millis(session.authenticated),
            session.address.clone().into(),
            session.agent.clone().into(),
            created,
            millis(session.expires),
            millis(session.ends),
            millis(session.seen),
            company.map(|company| company.provider.uuid()).into(),
            company.map(|company| company.tenant.uuid()).into(),
            company.map(|company| company.most.word()).into(),
            company.and_then(|company| company.acr.clone()).into(),
            company.and_then(|company| company.amr.clone()).into(),
            session.passkey_since.map(Timestamp::as_millisecond).into(),
        ],
    )?;
    Ok(())
}
