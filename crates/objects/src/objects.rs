//! Storing and reading files.

use std::{ops::Range, path::Path, sync::Arc};

use futures::StreamExt;
use gridkeep_model::TenantId;
use object_store::{GetOptions, ObjectStore, ObjectStoreExt, PutMode, PutOptions, local::LocalFileSystem};

use crate::{
    ObjectId, ObjectsError, OwnerKey,
    header::{HEADER, Header},
    segment::Segments,
};

/// Encrypted files in an object store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
}

impl Objects {
    /// Files in a folder of this machine, which is created when it is not there. A file is there as a whole or not at all.
    pub fn local(folder: &Path) -> Result<Self, ObjectsError> {
        let file_error = |source| ObjectsError::File { path: folder.to_owned(), source };
        std::fs::create_dir_all(folder).map_err(file_error)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).map_err(file_error)?;
        }
        let store = LocalFileSystem::new_with_prefix(folder)?.with_automatic_cleanup(true).with_fsync(true);
        Ok(Self::new(Arc::new(store)))
    }

    /// Files in any object store.
    pub fn new(store: Arc<dyn ObjectStore>) -> Self {
        Self { store }
    }

    /// Stores a file, on the disk when this returns. What is stored under an id never changes: storing it again fails.
    pub async fn put(&self, key: &OwnerKey, id: &ObjectId, content: &[u8]) -> Result<(), ObjectsError> {
        let (tenant, files) = key.files()?;
        let header = Header::new(tenant, &files, id, content.len() as u64)?;
        let sealed = Segments::new(&header)?.seal(content)?;
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        self.store.put_opts(&id.path(tenant), sealed.into(), options).await?;
        Ok(())
    }

    /// A whole file; `None` when there is none.
    pub async fn get(&self, key: &OwnerKey, id: &ObjectId) -> Result<Option<Vec<u8>>, ObjectsError> {
        let (tenant, files) = key.files()?;
        let stored = match self.store.get(&id.path(tenant)).await {
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            stored => stored?.bytes().await?,
        };
        let tampered = |detail| ObjectsError::Tampered { object: id.to_string(), detail };
        let (front, sealed) =
            stored.split_at_checked(HEADER).ok_or_else(|| tampered("shorter than its header"))?;
        let header = Header::read(tenant, &files, id, front)?;
        let segments = Segments::new(&header)?;
        if sealed.len() as u64 != segments.sealed_length() {
            return Err(tampered("cut off or extended"));
        }
        let (numbers, _) = segments.place(&(0..header.length));
        let opened = segments.open(numbers, &mut sealed.to_vec());
        opened.map(Some).ok_or_else(|| tampered("content changed"))
    }

    /// Part of a file, cut at its end; `None` when there is no such file. Reads and decrypts only the segments it needs.
    pub async fn get_range(
        &self,
        key: &OwnerKey,
        id: &ObjectId,
        range: Range<u64>,
    ) -> Result<Option<Vec<u8>>, ObjectsError> {
        let (tenant, files) = key.files()?;
        let path = id.path(tenant);
        let options = GetOptions { range: Some((0..HEADER as u64).into()), ..GetOptions::default() };
        let Some(front) = found(self.store.get_opts(&path, options).await)? else { return Ok(None) };
        let tampered = |detail| ObjectsError::Tampered { object: id.to_string(), detail };
        let stored = front.meta.size;
        let header = Header::read(tenant, &files, id, &front.bytes().await?)?;
        let segments = Segments::new(&header)?;
        if stored != HEADER as u64 + segments.sealed_length() {
            return Err(tampered("cut off or extended"));
        }
        let wanted = range.start.min(header.length)..range.end.min(header.length);
        if wanted.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let (numbers, place) = segments.place(&wanted);
        let Some(sealed) = found(self.store.get_range(&path, place).await)? else { return Ok(None) };
        let first = numbers.start * crate::segment::SEGMENT;
        let mut plain =
            segments.open(numbers, &mut sealed.to_vec()).ok_or_else(|| tampered("content changed"))?;
        plain.truncate((wanted.end - first) as usize);
        plain.drain(..(wanted.start - first) as usize);
        Ok(Some(plain))
    }

    /// Deletes a file; one that is not there is no error.
    pub async fn delete(&self, tenant: TenantId, id: &ObjectId) -> Result<(), ObjectsError> {
        found(self.store.delete(&id.path(tenant)).await).map(drop)
    }

    /// All files of a tenant, in no order. What is no file of ours is left out.
    pub async fn list(&self, tenant: TenantId) -> Result<Vec<ObjectId>, ObjectsError> {
        let prefix = object_store::path::Path::from(tenant.to_string());
        let mut listed = self.store.list(Some(&prefix));
        let mut files = Vec::new();
        while let Some(object) = listed.next().await {
            let location = object?.location;
            let below =
                location.as_ref().strip_prefix(prefix.as_ref()).and_then(|rest| rest.strip_prefix('/'));
            files.extend(below.and_then(|id| id.parse::<ObjectId>().ok()));
        }
        Ok(files)
    }

    /// Deletes all files of a tenant.
    pub async fn erase(&self, tenant: TenantId) -> Result<(), ObjectsError> {
        let prefix = object_store::path::Path::from(tenant.to_string());
        let mut listed = self.store.list(Some(&prefix));
        while let Some(object) = listed.next().await {
            found(self.store.delete(&object?.location).await)?;
        }
        Ok(())
    }
}

/// What is not there is `None`.
fn found<T>(answer: object_store::Result<T>) -> Result<Option<T>, ObjectsError> {
    match answer {
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        answer => Ok(Some(answer?)),
    }
}
