//! Keys with which programs reach an app in a person's name.
//!
//! **Architecture Invariant:** only a key's hash is stored; it ends with its app.

use gridkeep_model::{AccountId, ApiKeyId, AppId};
use jiff::Timestamp;

use crate::{
    Reader, StoreError, Work,
    dialect::{Cells, millis},
};

/// A key, without what proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its identity.
    pub id: ApiKeyId,
    /// The app it opens.
    pub app: AppId,
    /// In whose name.
    pub account: AccountId,
    /// What its person calls it.
    pub name: String,
    /// Whether it may change rows.
    pub writes: bool,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends; never when `None`.
    pub expires: Option<Timestamp>,
    /// How whoever made it had shown who they are (RFC 8176), with blanks between; unknown of older ones.
    pub methods: Option<String>,
    /// When it was last used, as far as [`Work::see_api_key`] was told.
    pub used: Option<Timestamp>,
}

const KEY: &str = "SELECT id, app, account, name, writes, created, expires, used, methods FROM api_keys";

fn read_key(cells: &dyn Cells) -> Result<ApiKey, StoreError> {
    let maybe = |index| cells.maybe::<i64>(index)?.map(|_| cells.moment(index)).transpose();
    Ok(ApiKey {
        id: ApiKeyId::from_uuid(cells.get(0)?),
        app: AppId::from_uuid(cells.get(1)?),
        account: AccountId::from_uuid(cells.get(2)?),
        name: cells.get(3)?,
        writes: cells.get(4)?,
        created: cells.moment(5)?,
        expires: maybe(6)?,
        used: maybe(7)?,
        methods: cells.maybe(8)?,
    })
}

impl Reader<'_> {
    /// The keys of an app, the newest first.
    pub fn api_keys(&mut self, app: AppId) -> Result<Vec<ApiKey>, StoreError> {
        let sql = format!("{KEY} WHERE app = $1 ORDER BY created DESC, id DESC");
        self.link.all(&sql, &[app.uuid().into()], read_key)
    }

    /// The key of an app with this hash, unless it is over.
    pub fn api_key(
        &mut self,
        app: AppId,
        hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<ApiKey>, StoreError> {
        let sql = format!("{KEY} WHERE hash = $1 AND app = $2 AND (expires IS NULL OR expires > $3)");
        self.link.first(&sql, &[hash.to_vec().into(), app.uuid().into(), millis(now)], read_key)
    }
}

impl Work<'_> {
    /// Makes a key with this hash.
    pub fn create_api_key(&mut self, key: &ApiKey, hash: [u8; 32]) -> Result<(), StoreError> {
        let sql = "INSERT INTO api_keys (id, app, account, name, hash, writes, created, expires, methods)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let values = [
            key.id.uuid().into(),
            key.app.uuid().into(),
            key.account.uuid().into(),
            key.name.as_str().into(),
            hash.to_vec().into(),
            key.writes.into(),
            millis(key.created),
            key.expires.map(Timestamp::as_millisecond).into(),
            key.methods.clone().into(),
        ];
        self.link.execute(sql, &values).map(drop)
    }

    /// Ends a key of an app; of this account only when one is given. `false` when there is none.
    pub fn revoke_api_key(
        &mut self,
        app: AppId,
        id: ApiKeyId,
        account: Option<AccountId>,
    ) -> Result<bool, StoreError> {
        let (app, id) = (app.uuid(), id.uuid());
        let ended = match account {
            Some(account) => self.link.execute(
                "DELETE FROM api_keys WHERE id = $1 AND app = $2 AND account = $3",
                &[id.into(), app.into(), account.uuid().into()],
            )?,
            None => self
                .link
                .execute("DELETE FROM api_keys WHERE id = $1 AND app = $2", &[id.into(), app.into()])?,
        };
        Ok(ended > 0)
    }

    /// Notes that a key was used. Callers do so every few minutes, not at each request.
    pub fn see_api_key(&mut self, id: ApiKeyId, now: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE api_keys SET used = $1 WHERE id = $2";
        self.link.execute(sql, &[millis(now), id.uuid().into()]).map(drop)
    }
}
