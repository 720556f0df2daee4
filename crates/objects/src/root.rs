//! The root key, in a file only its owner may read, and the keys it wraps.
//!
//! **Architecture Invariant:** the root key encrypts keys and nothing else, so changing it rewraps keys and touches no data.
//! A wrapped key says which root key opens it and opens for its own owner only.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use gridkeep_model::KeyOwner;
use secrecy::{ExposeSecret, SecretBox, zeroize::Zeroizing};

use crate::{
    ObjectsError, OwnerKey,
    crypto::{self, KEY, Secret, WRAPPED},
};

const TITLE: &str = "gridkeep root keys 1";
/// The form of wrapped keys: this byte, the root key's id, the wrapped key.
const FORM: u8 = 1;
const ID: usize = 8;

/// The root key in use and those before it, which still open what has not been rewrapped.
pub struct RootKeys {
    path: PathBuf,
    keys: Vec<RootKey>,
}

struct RootKey {
    id: [u8; ID],
    secret: Secret,
}

impl RootKeys {
    /// Reads the key file, or makes it with a new key when it is not there. Refuses one that others may read.
    pub fn open(path: &Path) -> Result<Self, ObjectsError> {
        match File::open(path) {
            Ok(file) => Self::read(path, file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let keys = Self { path: path.to_owned(), keys: vec![RootKey::new(crypto::new_secret()?)?] };
                keys.save(true)?;
                // Whoever was first counts, should two have started at once.
                Self::read(path, File::open(path).map_err(file_error(path))?)
            }
            Err(error) => Err(file_error(path)(error)),
        }
    }

    fn read(path: &Path, mut file: File) -> Result<Self, ObjectsError> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = file.metadata().map_err(file_error(path))?.permissions().mode() & 0o777;
            if mode & 0o077 != 0 {
                return Err(ObjectsError::Permissions { path: path.to_owned(), mode });
            }
        }
        let damaged = || ObjectsError::KeyFile { path: path.to_owned() };
        let mut text = Zeroizing::new(String::new());
        file.read_to_string(&mut text).map_err(|_| damaged())?;
        let mut lines = text.lines();
        if lines.next() != Some(TITLE) {
            return Err(damaged());
        }
        let mut keys = Vec::new();
        for line in lines {
            keys.push(RootKey::new(from_hex(line).ok_or_else(damaged)?)?);
        }
        if keys.is_empty() { Err(damaged()) } else { Ok(Self { path: path.to_owned(), keys }) }
    }

    /// Writes the file under another name first, so that it is never half there. `new`: an existing file stays.
    fn save(&self, new: bool) -> Result<(), ObjectsError> {
        let mut text = Zeroizing::new(format!("{TITLE}\n"));
        for key in &self.keys {
            for byte in key.secret.expose_secret() {
                for digit in [byte >> 4, byte & 15] {
                    text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
                }
            }
            text.push('\n');
        }
        let mut draft = self.path.clone().into_os_string();
        draft.push(format!(".{}.new", std::process::id()));
        let draft = PathBuf::from(draft);
        let written = write_private(&draft, text.as_bytes()).and_then(|()| {
            if new {
                match fs::hard_link(&draft, &self.path) {
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                    linked => linked?,
                }
                fs::remove_file(&draft)?;
            } else {
                fs::rename(&draft, &self.path)?;
            }
            File::open(self.path.parent().unwrap_or(Path::new(".")))?.sync_all()
        });
        written.map_err(file_error(&self.path))
    }

    /// A new random key for this owner, and the form to store.
    pub fn create(&self, owner: KeyOwner) -> Result<(Vec<u8>, OwnerKey), ObjectsError> {
        let key = OwnerKey::new(owner, crypto::new_secret()?);
        Ok((self.wrap(&key)?, key))
    }

    /// Opens a stored key.
    pub fn unwrap(&self, owner: KeyOwner, wrapped: &[u8]) -> Result<OwnerKey, ObjectsError> {
        let (form, rest) = wrapped.split_first().ok_or(ObjectsError::WrongKey)?;
        let (id, rest) = rest.split_at_checked(ID).ok_or(ObjectsError::WrongKey)?;
        let wrapped: &[u8; WRAPPED] = rest.try_into().map_err(|_| ObjectsError::WrongKey)?;
        let root =
            self.keys.iter().find(|root| *form == FORM && root.id == id).ok_or(ObjectsError::WrongKey)?;
        let secret =
            crypto::unwrap(&root.wrapping()?, &context(owner), wrapped).ok_or(ObjectsError::WrongKey)?;
        Ok(OwnerKey::new(owner, secret))
    }

    /// Whether a stored key is wrapped by the root key in use.
    pub fn is_current(&self, wrapped: &[u8]) -> bool {
        wrapped.get(1..=ID) == self.keys.first().map(|root| &root.id[..])
    }

    /// The same key wrapped by the root key in use.
    pub fn rewrap(&self, owner: KeyOwner, wrapped: &[u8]) -> Result<Vec<u8>, ObjectsError> {
        self.wrap(&self.unwrap(owner, wrapped)?)
    }

    /// Puts a new root key into use. Those before it stay until [`RootKeys::forget`], when everything is rewrapped.
    pub fn rotate(&mut self) -> Result<(), ObjectsError> {
        self.keys.insert(0, RootKey::new(crypto::new_secret()?)?);
        let saved = self.save(false);
        if saved.is_err() {
            self.keys.remove(0);
        }
        saved
    }

    /// Removes all root keys but the one in use: what was not rewrapped is lost.
    pub fn forget(&mut self) -> Result<(), ObjectsError> {
        self.keys.truncate(1);
        self.save(false)
    }

    fn wrap(&self, key: &OwnerKey) -> Result<Vec<u8>, ObjectsError> {
        let root = self.keys.first().ok_or(ObjectsError::Crypto)?;
        let mut wrapped = vec![FORM];
        wrapped.extend_from_slice(&root.id);
        wrapped.extend_from_slice(&crypto::wrap(&root.wrapping()?, &context(key.owner()), key.secret())?);
        Ok(wrapped)
    }
}

impl RootKey {
    fn new(secret: Secret) -> Result<Self, ObjectsError> {
        let mut id = [0; ID];
        crypto::derive(&secret, &[], "gridkeep root key id 1", &mut id)?;
        Ok(Self { id, secret })
    }

    fn wrapping(&self) -> Result<Secret, ObjectsError> {
        crypto::derive_secret(&self.secret, &[], "gridkeep root key wraps 1")
    }
}

impl std::fmt::Debug for RootKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RootKeys").field("path", &self.path).field("keys", &self.keys.len()).finish()
    }
}

/// What a wrapped key is bound to.
fn context(owner: KeyOwner) -> Vec<u8> {
    match owner {
        KeyOwner::Control => b"gridkeep key of control".to_vec(),
        KeyOwner::Identity => b"gridkeep key of identity".to_vec(),
        KeyOwner::Tenant(tenant) => {
            let mut context = b"gridkeep key of tenant ".to_vec();
            context.extend_from_slice(tenant.uuid().as_bytes());
            context
        }
    }
}

fn from_hex(line: &str) -> Option<Secret> {
    let mut bytes = Zeroizing::new([0; KEY]);
    if line.len() != 2 * KEY || !line.is_ascii() {
        return None;
    }
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(line.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(SecretBox::new(Box::new(*bytes)))
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn file_error(path: &Path) -> impl FnOnce(io::Error) -> ObjectsError {
    let path = path.to_owned();
    move |source| ObjectsError::File { path, source }
}
