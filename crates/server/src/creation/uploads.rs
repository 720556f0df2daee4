//! Workbooks on their way to becoming apps.
//!
//! **Architecture Invariant:** uploads live in memory only and never touch a disk. Each is known by a random token that
//! opens it only together with the browser cookie it was made with and at the tenant it was made for, and is gone after 15
//! minutes without use. The bounds are the server's: however many tenants there are, all uploads take as much memory, and each has its
//! fair share.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use gridkeep_model::{AppId, CellRef, ImportReport, TenantId, Workbook, workbook::Outline};
use gridkeep_workbook::{Proposal, Rebound};
use jiff::{SignedDuration, Timestamp};

use crate::{
    chance::{Chance, Time},
    error::ApiError,
    fair::Fair,
    secret::{Token, TokenHash},
};

/// How many uploads of what size, for how long.
#[derive(Debug, Clone, Copy)]
pub struct UploadLimits {
    /// Bytes of one file.
    pub file_bytes: usize,
    /// Uploads of one browser; beyond, its oldest goes.
    pub per_browser: usize,
    /// Uploads of all people together.
    pub count: usize,
    /// Memory of all uploads together, in bytes as estimated by [`Upload::weight`].
    pub total_bytes: usize,
    /// Bytes of all photos and files of rows together.
    pub files_total: u64,
    /// How long an upload stays without use.
    pub idle: SignedDuration,
}

impl Default for UploadLimits {
    fn default() -> Self {
        Self {
            file_bytes: 25 << 20,
            per_browser: 5,
            count: 200,
            total_bytes: 512 << 20,
            files_total: 10 << 30,
            idle: SignedDuration::from_mins(15),
        }
    }
}

/// One uploaded workbook with everything known of it.
#[derive(Debug)]
pub struct Upload {
    /// As the person's machine calls the file.
    pub file_name: String,
    /// The file itself.
    pub bytes: Bytes,
    /// What was read from it.
    pub workbook: Arc<Workbook>,
    /// Its sheets, names and tables.
    pub outline: Outline,
    /// What could be imported and what not.
    pub report: ImportReport,
    /// Cells that people fill in.
    pub inputs: Vec<CellRef>,
    /// Apps it could become, best first.
    pub proposals: Vec<Proposal>,
    /// The app whose workbook it shall replace, and how that app's bindings are found again in it.
    pub replaces: Option<(AppId, Rebound)>,
}

impl Upload {
    /// A rough measure of the memory it takes: the file and, for each cell, what its value, formula and index need.
    pub fn weight(&self) -> usize {
        let cells: usize = self.workbook.sheets.iter().map(|sheet| sheet.cells().len()).sum();
        self.bytes.len() + cells * 96
    }
}

/// The uploads of a tenant, on a shelf that all share. Clones share them.
#[derive(Clone)]
pub struct Uploads {
    tenant: TenantId,
    shelf: Arc<Mutex<HashMap<TokenHash, Entry>>>,
    limits: UploadLimits,
    fair: Fair,
    time: Time,
    chance: Chance,
}

struct Entry {
    tenant: TenantId,
    browser: TokenHash,
    upload: Arc<Upload>,
    weight: usize,
    used: Timestamp,
}

impl Uploads {
    /// An empty shelf, for a first tenant.
    pub fn new(tenant: TenantId, limits: UploadLimits, fair: Fair, time: Time, chance: Chance) -> Self {
        Self { tenant, shelf: Arc::default(), limits, fair, time, chance }
    }

    /// Those of another tenant, on the same shelf.
    #[must_use]
    pub fn of(&self, tenant: TenantId) -> Self {
        Self { tenant, ..self.clone() }
    }

    /// What is allowed.
    pub fn limits(&self) -> &UploadLimits {
        &self.limits
    }

    /// Keeps an upload for this browser; gives its token and when it will be gone.
    pub fn keep(&self, browser: TokenHash, upload: Arc<Upload>) -> Result<(Token, Timestamp), ApiError> {
        let now = self.time.now();
        let weight = upload.weight();
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        self.forget_unused(&mut shelf, now);
        while shelf.values().filter(|entry| entry.browser == browser).count() >= self.limits.per_browser {
            let own = shelf.iter().filter(|(_, entry)| entry.browser == browser);
            let Some(oldest) = own.min_by_key(|(_, entry)| entry.used).map(|(token, _)| *token) else {
                break;
            };
            shelf.remove(&oldest);
        }
        let sum = |own: bool| {
            let these = shelf.values().filter(|entry| (entry.tenant == self.tenant) == own);
            these.fold((0, 0), |(count, bytes), entry| (count + 1, bytes + entry.weight))
        };
        let ((count, bytes), others) = (sum(true), sum(false));
        let fits = self.fair.allows(count + 1, others.0, self.limits.count)
            && self.fair.allows(bytes + weight, others.1, self.limits.total_bytes);
        if !fits {
            return Err(ApiError::UploadsFull);
        }
        let token = Token::new(&self.chance);
        shelf.insert(token.hash(), Entry { tenant: self.tenant, browser, upload, weight, used: now });
        Ok((token, self.expires(now)))
    }

    /// The upload of this token and browser, and when it will be gone; using it keeps it alive.
    pub fn get(&self, browser: Option<TokenHash>, token: &str) -> Result<(Arc<Upload>, Timestamp), ApiError> {
        let token = Token::parse(token).ok_or(ApiError::NotFound)?.hash();
        let now = self.time.now();
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        self.forget_unused(&mut shelf, now);
        let own = |entry: &&mut Entry| Some(entry.browser) == browser && entry.tenant == self.tenant;
        let entry = shelf.get_mut(&token).filter(own).ok_or(ApiError::NotFound)?;
        entry.used = now;
        Ok((entry.upload.clone(), self.expires(now)))
    }

    /// Forgets an upload at once.
    pub fn remove(&self, browser: Option<TokenHash>, token: &str) -> Result<(), ApiError> {
        self.get(browser, token)?;
        let token = Token::parse(token).ok_or(ApiError::NotFound)?.hash();
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner).remove(&token);
        Ok(())
    }

    /// Forgets what nobody used for too long.
    pub fn sweep(&self) {
        let now = self.time.now();
        self.forget_unused(&mut self.shelf.lock().unwrap_or_else(PoisonError::into_inner), now);
    }

    /// How many there are, of all tenants.
    pub fn len(&self) -> usize {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn forget_unused(&self, shelf: &mut HashMap<TokenHash, Entry>, now: Timestamp) {
        shelf.retain(|_, entry| now.duration_since(entry.used) < self.limits.idle);
    }

    fn expires(&self, now: Timestamp) -> Timestamp {
        now.saturating_add(self.limits.idle).unwrap_or(Timestamp::MAX)
    }
}
