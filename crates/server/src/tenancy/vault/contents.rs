//! Contents of rows in the vault.
//!
//! **Architecture Invariant:** a content is bound to its row: whoever writes its id into another row does not get at it there.

use std::ops::Range;

use bytes::Bytes;
use gridkeep_model::{AppId, RowId};
use gridkeep_objects::{ObjectId, ObjectsError, Writer};

use super::Vault;
use crate::error::ApiError;

/// What they are called in the object store.
const STREAM: &str = "stream";
/// A content begins with its app and its row.
const OWNERS: u64 = 16 + 16;

impl Vault {
    /// The id of a content that is about to be stored.
    pub fn new_content(&self) -> Result<String, ApiError> {
        let inner = &self.0;
        let id = inner.chance.with(|rng| ObjectId::new(STREAM, inner.time.clock(), rng));
        Ok(id.map_err(ApiError::internal)?.to_string())
    }

    /// Begins to store a content of this length for a row.
    pub async fn begin_content(
        &self,
        app: AppId,
        row: RowId,
        id: &str,
        length: u64,
    ) -> Result<Writer, ApiError> {
        let begin = async || -> Result<Writer, ObjectsError> {
            let mut writer = self.0.objects.begin(&self.0.key, &id.parse()?, OWNERS + length).await?;
            writer.write(&owners(app, row)).await?;
            Ok(writer)
        };
        begin().await.map_err(ApiError::internal)
    }

    /// Part of a row's content, cut at its end; `None` when the id is that of something else than a content of this row.
    pub async fn content(
        &self,
        app: AppId,
        row: RowId,
        id: &str,
        range: Range<u64>,
    ) -> Result<Option<Bytes>, ApiError> {
        let Some(object) = id.parse::<ObjectId>().ok().filter(|object| object.kind() == STREAM) else {
            return Ok(None);
        };
        let read = async |range| {
            let found = self.0.objects.get_range(&self.0.key, &object, range).await;
            found.map_err(ApiError::internal)?.ok_or_else(|| ApiError::internal(format!("{id} is gone")))
        };
        // The beginning says whose it is: a content that is read from there is read once.
        if range.start == 0 {
            let mut whole = read(0..OWNERS + range.end).await?;
            let content = whole.split_off(whole.len().min(OWNERS as usize));
            return Ok((whole == owners(app, row)).then(|| content.into()));
        }
        if read(0..OWNERS).await? != owners(app, row) {
            return Ok(None);
        }
        Ok(Some(read(OWNERS + range.start..OWNERS + range.end).await?.into()))
    }

    /// All stored contents.
    pub async fn contents(&self) -> Result<Vec<ObjectId>, ApiError> {
        let all = self.0.objects.list(self.0.tenant).await.map_err(ApiError::internal)?;
        Ok(all.into_iter().filter(|id| id.kind() == STREAM).collect())
    }
}

fn owners(app: AppId, row: RowId) -> [u8; OWNERS as usize] {
    let mut owners = [0; OWNERS as usize];
    owners[..16].copy_from_slice(app.uuid().as_bytes());
    owners[16..].copy_from_slice(row.uuid().as_bytes());
    owners
}
