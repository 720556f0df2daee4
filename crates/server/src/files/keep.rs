//! Storing contents and reading them, a piece at a time.

use std::{ops::Range, pin::pin};

use aws_lc_rs::digest::{Context, SHA256};
use axum::body::Body;
use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream};
use gridkeep_model::{
    AppId, RowId,
    definition::{ColumnDefinition, TableDefinition, Validation},
};
use gridkeep_store::File;

use super::{
    judge::{TELLING, judge, most},
    stored::Stored,
};
use crate::{
    chance::Time,
    error::ApiError,
    http::forget,
    secret::hex,
    tenancy::{Tenancy, Vault},
};

/// What is taken of a content whose length is not said beforehand.
const UNSAID: u64 = 16 << 20;
/// The most bytes of a small picture.
pub(super) const SMALL: u64 = 64 << 10;
/// What is read at once.
const PIECE: u64 = 1 << 20;
/// Characters of a name.
const NAME: usize = 120;

/// The contents of a tenant's rows. Cheap to clone.
#[derive(Clone)]
pub struct Files {
    pub(super) vault: Vault,
    pub(super) tenancy: Tenancy,
    pub(super) time: Time,
    /// The most bytes of all contents together.
    quota: u64,
}

/// Where a content belongs.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The app.
    pub app: AppId,
    /// The table's id.
    pub table: &'a str,
    /// The column's id.
    pub column: &'a str,
    /// What the column takes.
    pub validation: &'a Validation,
    /// The row, which need not be there yet.
    pub row: RowId,
}

/// A content that somebody sends.
pub struct Offered {
    /// Its bytes.
    pub body: Body,
    /// How many there will be, where that was said.
    pub length: Option<u64>,
    /// What they are said to be.
    pub media_type: Option<String>,
    /// What they are called.
    pub name: Option<String>,
    /// A small picture of it, sent for the same row and column before.
    pub small: Option<String>,
}

impl<'a> Place<'a> {
    /// A column of a row.
    pub fn of(app: AppId, table: &'a TableDefinition, column: &'a ColumnDefinition, row: RowId) -> Self {
        Self { app, table: &table.id, column: &column.id, validation: &column.validation, row }
    }
}

impl Files {
    /// Over a tenant's vault.
    pub fn new(vault: Vault, tenancy: Tenancy, time: Time, quota: u64) -> Self {
        Self { vault, tenancy, time, quota }
    }

    /// Stores a content for a row and writes it down. The row may refer to it from now on; until it does, it is swept like
    /// what no row holds.
    pub async fn keep(&self, place: Place<'_>, offered: Offered) -> Result<Stored, ApiError> {
        let most = most(place.validation);
        let Some(length) = offered.length else {
            return self.unsaid(place, offered, most.min(UNSAID)).await;
        };
        let too_large = ApiError::TooLarge(usize::try_from(most).unwrap_or(usize::MAX));
        if length > most {
            forget(offered.body).await;
            return Err(too_large);
        }
        let room = self.tenancy.read(|reader| Ok(reader.room_of_files()?)).await?;
        if room.bytes.saturating_add(length) > self.quota {
            forget(offered.body).await;
            return Err(ApiError::FilesFull(self.quota));
        }
        let mut body = pin!(offered.body.into_data_stream());
        let mut start = Vec::new();
        let cut_off = |_| ApiError::InvalidRequest("body: cut off".to_owned());
        while start.len() < TELLING {
            let Some(chunk) = body.next().await else { break };
            start.extend_from_slice(&chunk.map_err(cut_off)?);
        }
        let media_type = match judge(place.validation, &start, offered.media_type.as_deref()) {
            Ok(media_type) => media_type,
            Err(refused) => {
                while body.next().await.is_some_and(|chunk| chunk.is_ok()) {}
                return Err(refused);
            }
        };
        let object = self.vault.new_content()?;
        let mut writer = self.vault.begin_content(place.app, place.row, &object, length).await?;
        let mut digest = Context::new(&SHA256);
        digest.update(&start);
        let mut given = start.len() as u64;
        writer.write(&start).await.map_err(ApiError::internal)?;
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(cut_off)?;
            given = given.saturating_add(chunk.len() as u64);
            if given > length {
                return Err(ApiError::InvalidRequest("body: longer than was said".to_owned()));
            }
            digest.update(&chunk);
            writer.write(&chunk).await.map_err(ApiError::internal)?;
        }
        if given < length {
            return Err(ApiError::InvalidRequest("body: shorter than was said".to_owned()));
        }
        writer.finish().await.map_err(ApiError::internal)?;
        let name = offered.name.as_deref().and_then(plain_name);
        let (digest, small) = (hex(digest.finish().as_ref()), offered.small);
        let stored = Stored { object, media_type, size: length, name, digest, small };
        if let Err(error) = self.write_down(place, &stored).await {
            self.vault.forget(&stored.object).await;
            return Err(error);
        }
        Ok(stored)
    }

    /// A content whose length nobody said is held, to be counted.
    async fn unsaid(&self, place: Place<'_>, offered: Offered, most: u64) -> Result<Stored, ApiError> {
        let held = crate::http::whole(offered.body, usize::try_from(most).unwrap_or(usize::MAX)).await?;
        let length = Some(held.len() as u64);
        Box::pin(self.keep(place, Offered { body: held.into(), length, ..offered })).await
    }

    async fn write_down(&self, place: Place<'_>, stored: &Stored) -> Result<(), ApiError> {
        let (quota, small) = (self.quota, stored.small.clone());
        let file = File {
            object: stored.object.clone(),
            app: place.app,
            table: place.table.to_owned(),
            column: place.column.to_owned(),
            row: place.row,
            reference: stored.text(),
            size: stored.size,
            held: false,
            since: self.time.now(),
        };
        self.tenancy
            .change(move |work| {
                if let Some(small) = &small {
                    let known = work.file(file.app, small)?;
                    let own = |known: &File| {
                        (&known.table, &known.column, known.row) == (&file.table, &file.column, file.row)
                    };
                    if !known.is_some_and(|known| own(&known) && known.size <= SMALL) {
                        return Err(ApiError::InvalidRequest("small: not sent for this row".to_owned()));
                    }
                }
                if work.room_of_files()?.bytes.saturating_add(file.size) > quota {
                    return Err(ApiError::FilesFull(quota));
                }
                Ok(work.add_file(&file)?)
            })
            .await
    }

    /// These bytes of a row's content, a piece at a time; `None` when the row has no such content.
    pub async fn read(
        &self,
        app: AppId,
        row: RowId,
        object: &str,
        range: Range<u64>,
    ) -> Result<Option<impl Stream<Item = Result<Bytes, ApiError>> + Send + use<>>, ApiError> {
        let next = |range: &Range<u64>| range.start..range.end.min(range.start.saturating_add(PIECE));
        let now = next(&range);
        let Some(first) = self.vault.content(app, row, object, now.clone()).await? else { return Ok(None) };
        let (vault, object) = (self.vault.clone(), object.to_owned());
        let rest = stream::try_unfold(now.end..range.end, move |left| {
            let (vault, object) = (vault.clone(), object.clone());
            async move {
                if left.is_empty() {
                    return Ok(None);
                }
                let now = next(&left);
                let gone = || ApiError::internal(format!("{object} is gone"));
                let piece = vault.content(app, row, &object, now.clone()).await?.ok_or_else(gone)?;
                Ok(Some((piece, now.end..left.end)))
            }
        });
        Ok(Some(stream::once(async { Ok(first) }).chain(rest)))
    }
}

/// A name without folders and what nobody sees; `None` when nothing is left of it.
fn plain_name(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().filter(|c| !c.is_control()).take(NAME).collect();
    let plain = plain.trim();
    (!plain.is_empty() && plain != "." && plain != "..").then(|| plain.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_only_names() {
        let check =
            |name: &str, expect: Option<&str>| assert_eq!(plain_name(name).as_deref(), expect, "{name}");
        check("Foto.jpg", Some("Foto.jpg"));
        check("C:\\fakepath\\a b.png", Some("a b.png"));
        check("../../etc/passwd", Some("passwd"));
        check("x\r\ny", Some("xy"));
        check("..", None);
        check(" / ", None);
        check(&"ä".repeat(500), Some(&"ä".repeat(NAME)));
    }
}
