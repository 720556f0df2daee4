//! What a command of the executable changes, for the log: nobody is signed in there, and whoever reads the log is to know.

use gridkeep_model::EventId;
use gridkeep_store::audit::{NewEntry, NewEvent};
use serde_json::json;

use crate::{
    audit::CONFIG_CHANGED,
    chance::{Chance, Time},
    error::ApiError,
    noted::Noted,
    tenancy::Tenancy,
};

/// Adds a row about what a command has changed elsewhere, and tells of it.
pub(crate) async fn note(
    tenancy: &Tenancy,
    from: (&Time, &Chance),
    kind: &str,
    said: impl FnOnce(NewEntry) -> NewEntry,
) -> Result<u64, ApiError> {
    let noted = noted(from, kind, said);
    tenancy.change(move |work| Ok(noted.add(work)?)).await
}

/// The row and the event of what a command changes, for the commit that does it.
pub(crate) fn noted(
    (time, chance): (&Time, &Chance),
    kind: &str,
    said: impl FnOnce(NewEntry) -> NewEntry,
) -> Noted {
    let entry = said(NewEntry::new(kind, time.now(), chance.bytes()).fact("by", "command"));
    let id = chance.with(|rng| EventId::new(time.clock(), rng));
    let name = CONFIG_CHANGED.to_owned();
    let event = NewEvent { id, name, sequence: None, body: json!({}), at: time.now() };
    Noted { entry, event: Some(event), done: true }
}
