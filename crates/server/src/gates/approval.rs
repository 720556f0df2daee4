//! How something was approved, and what of it stands in the log.
//!
//! **Architecture Invariant:** every gate that was passed has a row of its own, in the commit of what it let through; a try that was
//! not right, and a challenge that was not wanted, have theirs.

use axum::http::HeaderMap;
use gridkeep_model::{AccountId, ChallengeId, EventId, SessionId, checkpoint::Method};
use gridkeep_store::{
    Pending, PendingState, RowWork,
    audit::{Naming, NewEntry, NewEvent},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::content::{Deed, Kept, hex};
use crate::{
    chance::Chance,
    error::{AnswerView, ApiError},
    http::Visit,
};

/// Challenges that one request may answer.
const MOST: usize = 16;
/// Where a repeated request says what was approved.
const CHECKPOINT: &str = "checkpoint";

/// How it was approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Approval {
    /// By whom.
    pub(crate) approver: AccountId,
    /// Their address.
    pub(crate) address: String,
    /// Where they are signed in.
    pub(crate) session: SessionId,
    /// How they proved it.
    pub(crate) method: Method,
    /// The authentication context, as their company said it.
    pub(crate) acr: Option<String>,
    /// RFC 8176, with blanks between.
    pub(crate) amr: String,
    /// When, where their company says so; otherwise with the approval itself.
    #[serde(default)]
    pub(crate) authenticated: Option<Timestamp>,
    /// What they said to it.
    pub(crate) comment: Option<String>,
    /// From where.
    pub(crate) network: Option<String>,
    /// With what.
    pub(crate) device: Option<String>,
    /// When.
    pub(crate) at: Timestamp,
}

/// The challenges that a request says were approved.
pub(crate) fn proofs(headers: &HeaderMap) -> Result<Vec<ChallengeId>, ApiError> {
    let wrong = || ApiError::InvalidRequest("Checkpoint".to_owned());
    let mut found = Vec::new();
    for header in headers.get_all(CHECKPOINT) {
        for id in header.to_str().map_err(|_| wrong())?.split(',') {
            found.push(id.trim().parse().map_err(|_| wrong())?);
        }
    }
    if found.len() > MOST { Err(wrong()) } else { Ok(found) }
}

/// Keeps what whoever began something that waits is told, when somebody else approved it, turned it down or, of what they approved,
/// took that back; whether they are told by
/// mail, too: of many things the first, until they have looked at it.
pub(crate) fn answered(
    work: &mut RowWork<'_>,
    pending: &Pending,
    (by, address): (AccountId, &str),
    comment: Option<&str>,
    at: Timestamp,
) -> Result<bool, ApiError> {
    if pending.account == by || pending.summary.is_none() {
        return Ok(false);
    }
    let first = !work.has_answers(pending.account, pending.id)?;
    let withdrawn = pending.state == PendingState::Approved;
    let answer = AnswerView { by: address.to_owned(), comment: comment.map(str::to_owned), at, withdrawn };
    work.tell_pending(pending, &serde_json::to_string(&answer).map_err(ApiError::internal)?, by)?;
    Ok(first)
}

impl Approval {
    /// See [`answered`].
    pub(crate) fn answers(&self, work: &mut RowWork<'_>, pending: &Pending) -> Result<bool, ApiError> {
        let by = (self.approver, self.address.as_str());
        answered(work, pending, by, self.comment.as_deref(), self.at)
    }
}

/// Writes rows of the log about one challenge.
pub(crate) struct Log<'a> {
    pub(crate) pending: &'a Pending,
    pub(crate) kept: &'a Kept,
    pub(crate) chance: &'a Chance,
    pub(crate) now: Timestamp,
}

impl Log<'_> {
    /// What every row of it says.
    fn entry(&self, kind: &str, gate: &str) -> NewEntry {
        let Self { pending, kept, chance, now } = self;
        let mut entry = NewEntry::new(kind, *now, chance.bytes())
            .about(gate)
            .fact("challenge", pending.id.to_string())
            .fact("contentHash", hex(&pending.hash))
            .fact("asked", pending.created.to_string());
        if let Some(session) = pending.session {
            entry = entry.fact("session", session.to_string());
        }
        entry = match &kept.content.deed {
            Deed::Transaction { app, version, transaction, .. } => entry
                .fact("app", app.to_string())
                .fact("appVersion", *version)
                .fact("transaction", transaction.id.to_string()),
            Deed::Operation { name, what, .. } => {
                entry.fact("operation", name.clone()).fact("what", what.clone())
            }
        };
        entry.personal("user", Some(pending.account), kept.user.clone())
    }

    /// With a message, and what changed: of whom the operation is about the message is theirs, and goes with them. All other is nobody's
    /// and stays, and whom it names stands beside it.
    fn said(&self, entry: NewEntry, message: &str, changes: Option<&str>) -> NewEntry {
        let message_ = self.impersonal(message);
        let changes = changes.map(|changes| self.impersonal(changes));
        let mut texts = Vec::new();
        texts.extend(changes.iter().map(|text| Naming { name: "changes", text, is_json: true }));
        let entry = match self.kept.subject {
            // One value is of one person: whoever began it goes without their name in it.
            Some(subject) if subject != self.pending.account => {
                entry.personal("message", Some(subject), message_)
            }
            Some(own) => entry.personal("message", Some(own), message),
            None => {
                texts.insert(0, Naming { name: "message", text: &message_, is_json: false });
                entry
            }
        };
        entry.naming(&texts, self.pending.account)
    }

    /// Values with `&USER` for whoever began it, whom the row names beside them.
    fn impersonal(&self, values: &str) -> String {
        values.replace(&self.kept.user, "&USER")
    }

    /// One row for each gate, and the event.
    pub(crate) fn passed(
        &self,
        work: &mut RowWork<'_>,
        approval: &Approval,
        changes: Option<&str>,
    ) -> Result<(), ApiError> {
        let first = self.kept.content.first()?.id.clone();
        let mut told = None;
        for (index, passed) in self.kept.content.gates.iter().enumerate() {
            let mut entry = self.entry("checkpoint.passed", &passed.gate.id);
            entry = if index == 0 {
                let authenticated = approval.authenticated.unwrap_or(approval.at);
                entry
                    .fact("method", approval.method.word())
                    .fact("amr", approval.amr.clone())
                    .fact("authenticated", authenticated.to_string())
            } else {
                entry.fact("via", first.clone())
            };
            entry = self
                .said(entry, &passed.message, changes.filter(|_| index == 0))
                .fact("approved", approval.at.to_string())
                .fact("approvedIn", approval.session.to_string())
                .fact("fourEyes", self.pending.account != approval.approver)
                .personal("approver", Some(approval.approver), approval.address.clone());
            let own = Some(approval.approver);
            for (name, value) in [
                ("acr", &approval.acr),
                ("comment", &approval.comment),
                ("ip", &approval.network),
                ("device", &approval.device),
            ] {
                if let Some(value) = value {
                    entry = entry.personal(name, own, value.clone());
                }
            }
            let sequence = work.audit(&entry)?;
            told = told.or(Some(sequence));
        }
        self.tell(work, "SECURITY_CHECKPOINT_SUCCESS", told)
    }

    /// A row about a proof that was not right, or about somebody who did not want it.
    pub(crate) fn noted(
        &self,
        work: &mut RowWork<'_>,
        kind: &str,
        by: (AccountId, &str),
        how: (Option<Method>, &str),
        visit: &Visit,
    ) -> Result<(), ApiError> {
        self.noted_with(work, kind, by, how, (visit, None))
    }

    /// The same with what they said to it.
    pub(crate) fn noted_with(
        &self,
        work: &mut RowWork<'_>,
        kind: &str,
        (by, address): (AccountId, &str),
        (method, why): (Option<Method>, &str),
        (visit, comment): (&Visit, Option<&str>),
    ) -> Result<(), ApiError> {
        let first = self.kept.content.first()?.id.clone();
        let mut entry = self.entry(kind, &first).fact("reason", why);
        if let Some(method) = method {
            entry = entry.fact("method", method.word());
        }
        entry = entry.personal("approver", Some(by), address);
        if let Some(network) = visit.address {
            entry = entry.personal("ip", Some(by), network.to_string());
        }
        if let Some(device) = &visit.agent {
            entry = entry.personal("device", Some(by), device.clone());
        }
        if let Some(comment) = comment {
            entry = entry.personal("comment", Some(by), comment);
        }
        let sequence = work.audit(&entry)?;
        match kind {
            "checkpoint.denied" => self.tell(work, "SECURITY_CHECKPOINT_DENIED", Some(sequence)),
            _ => Ok(()),
        }
    }

    fn tell(&self, work: &mut RowWork<'_>, name: &str, sequence: Option<u64>) -> Result<(), ApiError> {
        let millis = u64::try_from(self.now.as_millisecond()).unwrap_or(0);
        let random: [u8; 10] = self.chance.bytes();
        let id = EventId::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid());
        let body = json!({"challenge": self.pending.id.to_string()});
        Ok(work.tell(&NewEvent { id, name: name.to_owned(), sequence, body, at: self.now })?)
    }
}
