//! Storing a file piece by piece, in bounded memory.
//!
//! **Architecture Invariant:** a file is there as a whole or not at all: one that was announced with another length than it
//! has, or whose writer was dropped, never was.

use gridkeep_model::TenantId;
use object_store::{MultipartUpload, ObjectStoreExt};

use crate::{
    ObjectId, Objects, ObjectsError, OwnerKey,
    header::Header,
    segment::{SEGMENT, Segments},
};

/// Plain bytes handed to the store at once: some stores take no smaller parts, but for the last.
const PART: usize = 96 * SEGMENT as usize;

/// A file that is being stored.
pub struct Writer {
    tenant: TenantId,
    upload: Box<dyn MultipartUpload>,
    header: Header,
    /// What was given and is not sealed yet.
    plain: Vec<u8>,
    /// The segment it begins with.
    next: u64,
    given: u64,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer")
            .field("tenant", &self.tenant)
            .field("given", &self.given)
            .finish_non_exhaustive()
    }
}

impl Objects {
    /// Begins to store a file of this length under an id that is not used yet.
    pub async fn begin(&self, key: &OwnerKey, id: &ObjectId, length: u64) -> Result<Writer, ObjectsError> {
        let (tenant, files) = key.files()?;
        let header = Header::new(tenant, &files, id, length)?;
        let upload = self.store.put_multipart(&id.path(tenant)).await?;
        Ok(Writer { tenant, upload, header, plain: Vec::new(), next: 0, given: 0 })
    }
}

impl Writer {
    /// Takes the next piece.
    pub async fn write(&mut self, mut piece: &[u8]) -> Result<(), ObjectsError> {
        self.given += piece.len() as u64;
        if self.given > self.header.length {
            return Err(ObjectsError::Length);
        }
        while !piece.is_empty() {
            // A full part stays until more comes: the last one is sealed as such.
            if self.plain.len() == PART {
                self.part(false).await?;
            }
            let (now, later) = piece.split_at(piece.len().min(PART - self.plain.len()));
            self.plain.extend_from_slice(now);
            piece = later;
        }
        Ok(())
    }

    /// Ends the file: on the disk when this returns.
    pub async fn finish(mut self) -> Result<(), ObjectsError> {
        if self.given != self.header.length {
            return Err(ObjectsError::Length);
        }
        self.part(true).await?;
        self.upload.complete().await?;
        Ok(())
    }

    async fn part(&mut self, last: bool) -> Result<(), ObjectsError> {
        let sealed = Segments::new(&self.header)?.seal_from(self.next, &self.plain, last)?;
        self.next += self.plain.len() as u64 / SEGMENT;
        self.plain.clear();
        self.upload.put_part(sealed.into()).await?;
        Ok(())
    }
}
