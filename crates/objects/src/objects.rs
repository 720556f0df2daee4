//! Storing and reading files.

use std::{
    io,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

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
    pub(crate) store: Arc<dyn ObjectStore>,
    /// Where they are, when that is a folder of this machine.
    folder: Option<PathBuf>,
}

/// What was left when the machine stopped while a file was being stored: some of it, under a name nobody reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// What it was to become.
    pub id: ObjectId,
    path: PathBuf,
}

impl Objects {
    /// Files in a folder of this machine, which is created when it is not there. A file is there as a whole or not at all.
    pub fn local(folder: &Path) -> Result<Self, ObjectsError> {
        std::fs::create_dir_all(folder).map_err(file_error(folder))?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
                .map_err(file_error(folder))?;
        }
        let store = LocalFileSystem::new_with_prefix(folder)?.with_automatic_cleanup(true).with_fsync(true);
        Ok(Self { store: Arc::new(store), folder: Some(folder.to_owned()) })
    }

    /// Files in any object store.
    pub fn new(store: Arc<dyn ObjectStore>) -> Self {
        Self { store, folder: None }
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

    /// What a crash left of files that were being stored, and of those that are being stored at this moment. Object stores
    /// that are no folder of this machine keep nothing of the kind.
    pub fn unfinished(&self, tenant: TenantId) -> Result<Vec<Unfinished>, ObjectsError> {
        let Some(folder) = &self.folder else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for kind in entries(&folder.join(tenant.to_string()))? {
            for object in entries(&kind)? {
                for path in entries(&object)? {
                    // The object store writes `1#1` and then names it `1`.
                    let name = |path: &Path| path.file_name()?.to_str().map(ToOwned::to_owned);
                    let parts = [name(&kind), name(&object), name(&path)];
                    let [Some(kind), Some(object), Some(file)] = parts else { continue };
                    let Some((version, draft)) = file.split_once('#') else { continue };
                    let id = format!("{kind}/{object}/{version}").parse();
                    if let (Ok(id), true) = (id, draft.bytes().all(|byte| byte.is_ascii_digit())) {
                        found.push(Unfinished { id, path });
                    }
                }
            }
        }
        Ok(found)
    }

    /// Deletes what was left of a file; nothing there is no error.
    pub fn discard(&self, unfinished: &Unfinished) -> Result<(), ObjectsError> {
        let path = &unfinished.path;
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(file_error(path)(error)),
            _ => {
                // The file's own folder goes with it, unless the file came to be after all.
                if let Some(folder) = path.parent() {
                    let _ = std::fs::remove_dir(folder);
                }
                Ok(())
            }
        }
    }

    /// Deletes all files of a tenant.
    pub async fn erase(&self, tenant: TenantId) -> Result<(), ObjectsError> {
        let prefix = object_store::path::Path::from(tenant.to_string());
        let mut listed = self.store.list(Some(&prefix));
        while let Some(object) = listed.next().await {
            found(self.store.delete(&object?.location).await)?;
        }
        self.unfinished(tenant)?.iter().try_for_each(|draft| self.discard(draft))
    }
}

/// What is in a folder; nothing when there is no such folder.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, ObjectsError> {
    match std::fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry.map_err(file_error(folder))?.path())).collect(),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(Vec::new())
        }
        Err(error) => Err(file_error(folder)(error)),
    }
}

fn file_error(path: &Path) -> impl Fn(io::Error) -> ObjectsError {
    move |source| ObjectsError::File { path: path.to_owned(), source }
}

/// What is not there is `None`.
fn found<T>(answer: object_store::Result<T>) -> Result<Option<T>, ObjectsError> {
    match answer {
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        answer => Ok(Some(answer?)),
    }
}
