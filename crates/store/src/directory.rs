//! Companies' directories (SCIM 2.0): the tokens they show, and what they did last.
//!
//! **Architecture Invariant:** only a token's hash is stored; it ends with its provider. It is worth what whoever answers for it is now.
//! What is noted of requests ends no mark.

use gridkeep_model::{AccountId, DirectoryEventId, DirectoryTokenId, ProviderId, TenantId};
use jiff::Timestamp;

use crate::{
    Control, StoreError,
    dialect::{Cells, Link, millis},
    membership::{TenantRole, read_role},
};

/// Events that are kept of one provider's directory.
const MOST_EVENTS: usize = 50;

/// A token, without what proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryToken {
    /// Its identity.
    pub id: DirectoryTokenId,
    /// The provider whose directory shows it.
    pub provider: ProviderId,
    /// What people call it.
    pub name: String,
    /// The most that whoever is changed with it may be.
    pub most: TenantRole,
    /// Who answers for it; nobody any more when `None`.
    pub maker: Option<AccountId>,
    /// What they are to the tenant now; nothing when `None`.
    pub maker_role: Option<TenantRole>,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends; never when `None`.
    pub expires: Option<Timestamp>,
    /// When it was used last, to about a minute.
    pub used: Option<Timestamp>,
}

/// Something a directory did, or wanted to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryEvent {
    /// Its identity.
    pub id: DirectoryEventId,
    /// Whose directory.
    pub provider: ProviderId,
    /// When.
    pub at: Timestamp,
    /// How: `POST`, `PUT`, `PATCH`, `DELETE`, `GET`.
    pub method: String,
    /// `Users` or `Groups`, or nothing.
    pub target: String,
    /// Whom or what it was about, as the directory calls it.
    pub subject: Option<String>,
    /// The status of the answer.
    pub status: u16,
    /// Why it was refused.
    pub reason: Option<String>,
}

impl DirectoryToken {
    /// The most that whoever is changed with it may be now; `None` when nobody who rules over people answers for it.
    pub fn worth(&self) -> Option<TenantRole> {
        self.maker_role.filter(|role| *role >= TenantRole::Administrator).map(|role| role.min(self.most))
    }
}

const TOKEN: &str = "d.id, d.provider, d.name, d.most, d.created, d.expires, d.used, d.maker, m.role";
const TOKENS: &str = "directory_tokens d JOIN identity_providers p ON p.id = d.provider
    LEFT JOIN memberships m ON m.tenant = p.tenant AND m.account = d.maker";

fn read_token(cells: &dyn Cells) -> Result<DirectoryToken, StoreError> {
    let maybe = |index| cells.maybe::<i64>(index)?.map(|_| cells.moment(index)).transpose();
    Ok(DirectoryToken {
        id: DirectoryTokenId::from_uuid(cells.get(0)?),
        provider: ProviderId::from_uuid(cells.get(1)?),
        name: cells.get(2)?,
        most: read_role(cells, 3)?.ok_or_else(|| StoreError::corrupt("directory token", "no role"))?,
        created: cells.moment(4)?,
        expires: maybe(5)?,
        used: maybe(6)?,
        maker: cells.maybe(7)?.map(AccountId::from_uuid),
        maker_role: read_role(cells, 8)?,
    })
}

fn read_event(cells: &dyn Cells) -> Result<DirectoryEvent, StoreError> {
    Ok(DirectoryEvent {
        id: DirectoryEventId::from_uuid(cells.get(0)?),
        provider: ProviderId::from_uuid(cells.get(1)?),
        at: cells.moment(2)?,
        method: cells.get(3)?,
        target: cells.get(4)?,
        subject: cells.maybe(5)?,
        status: u16::try_from(cells.get::<i64>(6)?).unwrap_or_default(),
        reason: cells.maybe(7)?,
    })
}

impl Control {
    /// Makes a token with this hash; `false` when the tenant has no such provider, or as many tokens as this.
    pub async fn add_directory_token(
        &self,
        tenant: TenantId,
        token: DirectoryToken,
        hash: [u8; 32],
        most: usize,
    ) -> Result<bool, StoreError> {
        self.database()
            .write(move |link| {
                let sql = "SELECT 1 FROM identity_providers WHERE id = $1 AND tenant = $2";
                let values = [token.provider.uuid().into(), tenant.uuid().into()];
                if link.first(sql, &values, |_| Ok(()))?.is_none() {
                    return Ok(false);
                }
                let sql = "SELECT 1 FROM directory_tokens d JOIN identity_providers p ON p.id = d.provider WHERE p.tenant = $1";
                if link.all(sql, &[tenant.uuid().into()], |_| Ok(()))?.len() >= most {
                    return Ok(false);
                }
                let sql = "INSERT INTO directory_tokens (id, provider, name, hash, most, created, expires, maker)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
                link.execute(
                    sql,
                    &[
                        token.id.uuid().into(),
                        token.provider.uuid().into(),
                        token.name.into(),
                        hash.to_vec().into(),
                        token.most.word().into(),
                        millis(token.created),
                        token.expires.map(Timestamp::as_millisecond).into(),
                        token.maker.map(AccountId::uuid).into(),
                    ],
                )?;
                Ok(true)
            })
            .await
    }

    /// The tokens of a tenant's providers, the newest first.
    pub async fn directory_tokens(&self, tenant: TenantId) -> Result<Vec<DirectoryToken>, StoreError> {
        let sql =
            format!("SELECT {TOKEN} FROM {TOKENS} WHERE p.tenant = $1 ORDER BY d.created DESC, d.id DESC");
        let values = [tenant.uuid().into()];
        self.database().read(move |link| link.all(&sql, &values, read_token)).await
    }

    /// The token of a tenant with this hash, unless it is over; with the hash that is kept, to be compared in constant time.
    pub async fn directory_token(
        &self,
        tenant: TenantId,
        hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<(DirectoryToken, Vec<u8>)>, StoreError> {
        let sql = format!(
            "SELECT {TOKEN}, d.hash FROM {TOKENS} WHERE d.hash = $1 AND p.tenant = $2 AND (d.expires IS NULL OR d.expires > $3)"
        );
        let values = [hash.to_vec().into(), tenant.uuid().into(), millis(now)];
        let read = |cells: &dyn Cells| Ok((read_token(cells)?, cells.get(9)?));
        self.database().read(move |link| link.first(&sql, &values, read)).await
    }

    /// Lets somebody answer for a token from now on, with what they are; `false` when the tenant has none of this id.
    pub async fn answer_for_directory_token(
        &self,
        tenant: TenantId,
        id: DirectoryTokenId,
        (maker, most): (AccountId, TenantRole),
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE directory_tokens SET maker = $1, most = $2 WHERE id = $3
            AND provider IN (SELECT p.id FROM identity_providers p WHERE p.tenant = $4)";
        let values = vec![maker.uuid().into(), most.word().into(), id.uuid().into(), tenant.uuid().into()];
        Ok(self.execute(sql, values).await? > 0)
    }

    /// Ends a token; `false` when the tenant has none of this id.
    pub async fn revoke_directory_token(
        &self,
        tenant: TenantId,
        id: DirectoryTokenId,
    ) -> Result<bool, StoreError> {
        let sql = "DELETE FROM directory_tokens WHERE id = $1
            AND provider IN (SELECT p.id FROM identity_providers p WHERE p.tenant = $2)";
        Ok(self.execute(sql, vec![id.uuid().into(), tenant.uuid().into()]).await? > 0)
    }

    /// Notes that a token was used. Callers do so now and then, not at each request.
    pub async fn see_directory_token(&self, id: DirectoryTokenId, now: Timestamp) -> Result<(), StoreError> {
        self.database()
            .change(move |link| {
                let sql = "UPDATE directory_tokens SET used = $1 WHERE id = $2";
                link.execute(sql, &[millis(now), id.uuid().into()]).map(drop)
            })
            .await
    }

    /// Notes what a directory did; of each provider the last few are kept.
    pub async fn note_directory(&self, event: DirectoryEvent) -> Result<(), StoreError> {
        self.database().change(move |link| note(link, &event)).await
    }

    /// What the directories of a tenant did last, the newest first.
    pub async fn directory_events(&self, tenant: TenantId) -> Result<Vec<DirectoryEvent>, StoreError> {
        let sql = "SELECT e.id, e.provider, e.at, e.method, e.target, e.subject, e.status, e.reason
            FROM directory_events e JOIN identity_providers p ON p.id = e.provider
            WHERE p.tenant = $1 ORDER BY e.id DESC LIMIT 100";
        let values = [tenant.uuid().into()];
        self.database().read(move |link| link.all(sql, &values, read_event)).await
    }
}

fn note(link: &mut dyn Link, event: &DirectoryEvent) -> Result<(), StoreError> {
    // Its provider may have gone meanwhile.
    let sql = "INSERT INTO directory_events (id, provider, at, method, target, subject, status, reason)
        SELECT $1, p.id, $2, $3, $4, $5, $6, $7 FROM identity_providers p WHERE p.id = $8";
    link.execute(
        sql,
        &[
            event.id.uuid().into(),
            millis(event.at),
            event.method.as_str().into(),
            event.target.as_str().into(),
            event.subject.clone().into(),
            i64::from(event.status).into(),
            event.reason.clone().into(),
            event.provider.uuid().into(),
        ],
    )?;
    let sql = format!(
        "DELETE FROM directory_events WHERE provider = $1 AND id IN
            (SELECT e.id FROM directory_events e WHERE e.provider = $1 ORDER BY e.id DESC LIMIT 1000 OFFSET {MOST_EVENTS})"
    );
    link.execute(&sql, &[event.provider.uuid().into()]).map(drop)
}
