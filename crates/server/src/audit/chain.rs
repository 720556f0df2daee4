//! A tenant's log: adding to it, signing its heads, handing them out.
//!
//! **Architecture Invariant:** a head is kept in the database before it is given away, and all that are kept come to be in the
//! file: what a crash left out is added with the next.

use std::{
    io::{BufRead, BufReader, Read, Seek, SeekFrom, Write},
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use gridkeep_model::EventId;
use gridkeep_store::audit::{AuditHead, NewEntry, NewEvent};
use jiff::{SignedDuration, Timestamp};
use tokio::task::spawn_blocking;

use super::signer::{SignedHead, Signer};
use crate::{
    chance::{Chance, Time},
    error::ApiError,
    noted::Noted,
    session::Person,
    tenancy::Tenancy,
};

/// Rows after which a head is signed at once.
const MANY: u64 = 1_000;
/// How long a row waits for its head.
const SOON: SignedDuration = SignedDuration::from_mins(5);
/// Heads read at once.
const READ: u32 = 1_000;
/// More than a line of the file of heads takes.
const LONGEST_LINE: u64 = 4_096;
/// The event that a head was signed.
pub const HEAD_SIGNED: &str = "AUDIT_HEAD_SIGNED";
/// The event that something of the configuration was changed.
pub const CONFIG_CHANGED: &str = "SECURITY_CHECKPOINT_CONFIG_CHANGED";

/// Why no head is signed.
#[derive(Debug, thiserror::Error)]
#[error("no head of the log is signed: {0}")]
struct NotSigned(&'static str);

/// A tenant's log. Cheap to clone.
#[derive(Clone)]
pub struct Audit(Arc<Inner>);

struct Inner {
    tenancy: Tenancy,
    signer: Arc<Signer>,
    /// Where heads are written.
    folder: Arc<PathBuf>,
    /// The size of the last head in the file, once it is known.
    exported: Arc<Mutex<Option<u64>>>,
    turn: tokio::sync::Semaphore,
    /// Whether the last look found that it is not what it was.
    faulty: Arc<AtomicBool>,
    time: Time,
    chance: Chance,
}

impl Audit {
    /// Of this tenant; heads are signed with this key and written to this folder.
    pub fn new(tenancy: Tenancy, signer: Signer, folder: PathBuf, time: Time, chance: Chance) -> Self {
        let (signer, folder) = (Arc::new(signer), Arc::new(folder));
        let turn = tokio::sync::Semaphore::new(1);
        let (exported, faulty) = (Arc::default(), Arc::default());
        Self(Arc::new(Inner { tenancy, signer, folder, exported, turn, faulty, time, chance }))
    }

    /// One verification of a tenant at a time.
    pub(super) async fn turn(&self) -> Option<tokio::sync::SemaphorePermit<'_>> {
        self.0.turn.acquire().await.ok()
    }

    /// The same for another tenant.
    #[must_use]
    pub fn at(&self, tenancy: Tenancy) -> Self {
        let Inner { signer, folder, time, chance, .. } = &*self.0;
        Self(Arc::new(Inner {
            tenancy,
            signer: Arc::clone(signer),
            folder: Arc::clone(folder),
            exported: Arc::default(),
            turn: tokio::sync::Semaphore::new(1),
            faulty: Arc::default(),
            time: time.clone(),
            chance: chance.clone(),
        }))
    }

    /// Keeps what a look at the whole log found: what is not what it was is not signed.
    pub(super) fn found(&self, whole: bool) {
        self.0.faulty.store(!whole, Ordering::Relaxed);
    }

    pub(super) fn tenancy(&self) -> &Tenancy {
        &self.0.tenancy
    }

    pub(super) fn signer(&self) -> &Signer {
        &self.0.signer
    }

    pub(super) fn seed(&self) -> [u8; 32] {
        self.0.chance.bytes()
    }

    pub(super) fn now(&self) -> Timestamp {
        self.0.time.now()
    }

    /// An entry of this moment, to be added in whatever work it belongs to.
    pub fn entry(&self, kind: impl Into<String>) -> NewEntry {
        NewEntry::new(kind, self.now(), self.seed())
    }

    /// An entry of this moment about what somebody does.
    pub fn by(&self, kind: impl Into<String>, person: &Person) -> NewEntry {
        let user = format!("{} <{}>", person.name, person.email);
        self.entry(kind).personal("user", Some(person.id), user)
    }

    /// An event of this moment, to be told in the work that adds the row it is about.
    pub fn event(&self, name: impl Into<String>, sequence: Option<u64>) -> NewEvent {
        let id = self.0.chance.with(|rng| EventId::new(self.0.time.clock(), rng));
        let body = serde_json::Value::Object(serde_json::Map::new());
        NewEvent { id, name: name.into(), sequence, body, at: self.now() }
    }

    /// An entry with the event of its kind, if there is one.
    pub fn noted(&self, entry: NewEntry) -> Noted {
        let event = entry.kind.starts_with("config.").then(|| self.event(CONFIG_CHANGED, None));
        Noted { entry, event, done: false }
    }

    /// Adds an entry in a commit of its own, for what has happened elsewhere.
    pub async fn add(&self, entry: NewEntry) -> Result<u64, ApiError> {
        self.add_noted(self.noted(entry)).await
    }

    /// The same for what a request was noted for.
    pub(super) async fn add_noted(&self, noted: Noted) -> Result<u64, ApiError> {
        self.0.tenancy.change(move |work| Ok(noted.add(work)?)).await
    }

    /// Signs a head if rows have waited long enough, or are many, and hands it out.
    pub async fn sign_due(&self) -> Result<Option<SignedHead>, ApiError> {
        let since = self.now().saturating_sub(SOON).map_err(ApiError::internal)?.as_millisecond();
        let due = self.0.tenancy.read_short(move |reader| {
            let size = reader.audit_size()?;
            let signed = reader.last_audit_head()?.map_or(0, |head| head.size);
            if size == signed {
                return Ok(false);
            }
            if size < signed {
                // Signing finds out why, and says so.
                return Ok(true);
            }
            let waits = size - signed >= MANY
                || reader.audit_entry(signed + 1)?.is_none_or(|first| first.time <= since);
            Ok(waits)
        });
        if due.await? { self.sign().await } else { Ok(None) }
    }

    /// Signs a head of all rows there are, unless there is one, and hands it out.
    pub async fn sign(&self) -> Result<Option<SignedHead>, ApiError> {
        let (tenant, now, signer) = (self.0.tenancy.id(), self.now(), Arc::clone(&self.0.signer));
        if self.0.faulty.load(Ordering::Relaxed) {
            return Err(ApiError::internal(NotSigned("the log is not what it was")));
        }
        let event = self.event(HEAD_SIGNED, None);
        let signed = self.0.tenancy.change(move |work| {
            let peaks = work.audit_peaks()?;
            let last = work.last_audit_head()?;
            if let Some(last) = &last
                && (last.size > peaks.size() || !signer.signed(tenant, &signer.show(tenant, last)))
            {
                return Err(ApiError::internal(NotSigned("its last head is not one of its own")));
            }
            // Of no rows there is nothing to say.
            if last.map_or(0, |last| last.size) == peaks.size() {
                return Ok(None);
            }
            let head = signer.sign(tenant, peaks.size(), peaks.root(), now);
            work.keep_audit_head(&head)?;
            let shown = signer.show(tenant, &head);
            let body = serde_json::to_value(&shown).map_err(ApiError::internal)?;
            work.tell(&NewEvent { body, ..event.clone() })?;
            Ok(Some(shown))
        });
        let signed = signed.await?;
        if signed.is_some() {
            self.export().await?;
        }
        Ok(signed)
    }

    /// The head that was signed last.
    pub async fn last_head(&self) -> Result<Option<SignedHead>, ApiError> {
        let head = self.0.tenancy.read(|reader| Ok(reader.last_audit_head()?)).await?;
        Ok(head.map(|head| self.0.signer.show(self.0.tenancy.id(), &head)))
    }

    /// The file of this tenant's heads: JSON lines, the oldest first.
    pub fn file(&self) -> PathBuf {
        self.0.folder.join(format!("{}.jsonl", self.0.tenancy.id()))
    }

    /// Adds heads that are not in the file yet.
    async fn export(&self) -> Result<(), ApiError> {
        let file = self.file();
        let known = *self.0.exported.lock().unwrap_or_else(PoisonError::into_inner);
        let above = if let Some(size) = known {
            size
        } else {
            let file = file.clone();
            spawn_blocking(move || last_size(&file)).await.map_err(ApiError::internal)?
        };
        let heads = self.heads(above).await?;
        let Some(last) = heads.last().map(|head| head.size) else { return Ok(()) };
        let lines = heads.iter().try_fold(String::new(), |mut text, head| {
            text.push_str(&serde_json::to_string(&self.0.signer.show(self.0.tenancy.id(), head))?);
            text.push('\n');
            Ok::<_, serde_json::Error>(text)
        });
        let lines = lines.map_err(ApiError::internal)?;
        let write = move || -> std::io::Result<()> {
            if let Some(folder) = file.parent() {
                std::fs::create_dir_all(folder)?;
            }
            let mut file = std::fs::OpenOptions::new().create(true).append(true).read(true).open(file)?;
            take_back(&mut file)?;
            file.write_all(lines.as_bytes())?;
            file.sync_all()
        };
        spawn_blocking(write).await.map_err(ApiError::internal)?.map_err(ApiError::internal)?;
        *self.0.exported.lock().unwrap_or_else(PoisonError::into_inner) = Some(last);
        Ok(())
    }

    /// All heads of more rows than these.
    pub(super) async fn heads(&self, above: u64) -> Result<Vec<AuditHead>, ApiError> {
        let (mut all, mut above): (Vec<AuditHead>, u64) = (Vec::new(), above);
        loop {
            let some = self.0.tenancy.read(move |reader| Ok(reader.audit_heads(above, READ)?)).await?;
            let Some(last) = some.last() else { return Ok(all) };
            above = last.size;
            all.extend(some);
        }
    }

    /// Addresses with which the log has somebody.
    pub(super) async fn addresses(
        &self,
        account: gridkeep_model::AccountId,
    ) -> Result<Vec<String>, ApiError> {
        self.0.tenancy.read(move |reader| Ok(reader.audit_addresses(account)?)).await
    }

    /// Erases what the log has of somebody in clear, and says in the same commit who did it; how many values. What waits for an approval
    /// has their name as well: what they began goes, and so does what they approved.
    pub async fn erase(
        &self,
        account: gridkeep_model::AccountId,
        theirs: Vec<String>,
        entry: NewEntry,
    ) -> Result<u64, ApiError> {
        let (now, seed, noted) = (self.now(), self.seed(), self.noted(entry));
        let erased = self.0.tenancy.change(move |work| {
            let values = work.erase_from_audit(account, &theirs, (now, seed))?;
            work.forget_pendings(account)?;
            let mut noted = noted.clone();
            noted.entry = noted.entry.fact("values", values);
            noted.add(work)?;
            Ok(values)
        });
        erased.await
    }
}

/// Takes back a last line that a crash has cut off: its head is written again.
fn take_back(file: &mut std::fs::File) -> std::io::Result<()> {
    let length = file.seek(SeekFrom::End(0))?;
    let from = length.saturating_sub(LONGEST_LINE);
    let mut end = Vec::new();
    file.seek(SeekFrom::Start(from))?;
    file.read_to_end(&mut end)?;
    match end.iter().rposition(|byte| *byte == b'\n') {
        Some(last) => file.set_len(from + last as u64 + 1),
        None if from == 0 => file.set_len(0),
        None => Ok(()),
    }
}

/// The size of the last head in a file; 0 when there is none. A line that was cut off is passed over.
fn last_size(file: &std::path::Path) -> u64 {
    let Ok(file) = std::fs::File::open(file) else { return 0 };
    let lines = BufReader::new(file).lines().map_while(Result::ok);
    lines
        .filter_map(|line| serde_json::from_str::<SignedHead>(&line).ok())
        .map(|head| head.size)
        .max()
        .unwrap_or(0)
}
