//! What a request is about to change, for the log: kept beside the request until a work of the tenant's database takes it into
//! its own commit.
//!
//! **Architecture Invariant:** known within the request's own task only; it depends on nothing else in the house.

use std::sync::{Arc, Mutex, PoisonError};

use gridkeep_model::AccountId;
use gridkeep_store::{
    RowWork, StoreError,
    audit::{NewEntry, NewEvent},
};
use serde_json::Value;

/// What comes into the log, and what is told of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Noted {
    /// The row.
    pub entry: NewEntry,
    /// The event, of that row.
    pub event: Option<NewEvent>,
    /// Whether something of it was changed elsewhere already, whatever becomes of the rest.
    pub done: bool,
}

impl Noted {
    /// Adds the row, and tells of it, in this work.
    pub fn add(&self, work: &mut RowWork<'_>) -> Result<u64, StoreError> {
        let sequence = work.audit(&self.entry)?;
        if let Some(event) = &self.event {
            work.tell(&NewEvent { sequence: Some(sequence), ..event.clone() })?;
        }
        Ok(sequence)
    }
}

tokio::task_local! {
    static NOTED: Arc<Mutex<Option<Noted>>>;
}

fn with<T>(look: impl FnOnce(&mut Option<Noted>) -> T) -> Option<T> {
    NOTED.try_with(|noted| look(&mut noted.lock().unwrap_or_else(PoisonError::into_inner))).ok()
}

fn change(how: impl FnOnce(NewEntry) -> NewEntry) {
    with(|noted| *noted = noted.take().map(|noted| Noted { entry: how(noted.entry), ..noted }));
}

/// Runs what may change something; with its answer comes the entry, unless a work has taken it.
pub async fn within<F: Future>(noted: Noted, run: F) -> (F::Output, Option<Noted>) {
    let noted = Arc::new(Mutex::new(Some(noted)));
    let output = NOTED.scope(Arc::clone(&noted), run).await;
    let left = noted.lock().unwrap_or_else(PoisonError::into_inner).take();
    (output, left)
}

/// Says something of the change that the log should have: nothing personal.
pub fn fact(name: &str, value: impl Into<Value>) {
    change(|entry| entry.fact(name, value));
}

/// Says something that is somebody's.
pub fn personal(name: &str, account: Option<AccountId>, value: impl Into<String>) {
    change(|entry| entry.personal(name, account, value));
}

/// Says what it is about, where the address does not.
pub fn about(subject: impl Into<String>) {
    change(|entry| entry.about(subject));
}

/// Says that something was changed already: the row is left even when the rest fails.
pub fn done() {
    with(|noted| *noted = noted.take().map(|noted| Noted { done: true, ..noted }));
}

/// The entry, for the commit of whoever takes it.
pub(crate) fn take() -> Option<Noted> {
    with(Option::take).flatten()
}

/// Gives it back: it was not written.
pub(crate) fn give(given: Noted) {
    with(|noted| *noted = Some(given));
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[tokio::test]
    async fn an_entry_is_taken_once() {
        fact("nobody", 1);
        assert_eq!(take(), None);
        let noted = |entry| Noted { entry, event: None, done: false };
        let entry = || NewEntry::new("config.x", Timestamp::UNIX_EPOCH, [0; 32]);
        let (done, left) = within(noted(entry()), async {
            about("it");
            fact("role", "owner");
            let taken = take();
            fact("late", 1);
            (taken, take())
        })
        .await;
        assert_eq!(done, (Some(noted(entry().about("it").fact("role", "owner"))), None));
        assert_eq!(left, None);
        let ((), left) = within(noted(entry()), async { give(take().unwrap()) }).await;
        assert_eq!(left, Some(noted(entry())));
    }
}
