//! `GET /api/audit`: the log, the newest first. Reading it is in it.

use axum::extract::State;
use gridkeep_model::AccountId;
use gridkeep_store::audit::{AuditFilter, NewEntry};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Audit, Auditor,
    view::{RowView, rows},
};
use crate::{
    error::ApiError,
    extract::{Json, Parameters},
};

/// Rows of a page.
const PAGE: u32 = 50;
/// The kind of rows that say who read the log.
pub(super) const READ: &str = "audit.read";

/// Which rows.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Of this kind, or of those beneath it: `checkpoint` is also `checkpoint.passed`.
    pub(super) kind: Option<String>,
    /// About this: the id of a gate, an app, a provider.
    pub(super) subject: Option<String>,
    /// That name this account.
    pub(super) account: Option<Uuid>,
    /// From then on.
    #[param(value_type = Option<String>, format = DateTime)]
    pub(super) from: Option<Timestamp>,
    /// Before then.
    #[param(value_type = Option<String>, format = DateTime)]
    pub(super) until: Option<Timestamp>,
    /// Those that say who read the log too.
    pub(super) reads: Option<bool>,
    /// Only rows before this one.
    pub(super) before: Option<u64>,
}

impl Asked {
    /// All that it says: what is approved is compared.
    pub(super) fn named(&self) -> Value {
        let before = self.before.map(|before| before.to_string());
        json!([self.kind, self.subject, self.account, self.from, self.until, self.reads, before])
    }

    pub(super) fn filter(&self) -> AuditFilter {
        let wants =
            self.reads == Some(true) || self.kind.as_deref().is_some_and(|kind| kind.starts_with("audit"));
        AuditFilter {
            kind: self.kind.clone(),
            except: (!wants).then(|| READ.to_owned()),
            subject: self.subject.clone(),
            account: self.account.map(AccountId::from_uuid),
            from: self.from,
            until: self.until,
            before: self.before,
        }
    }

    /// What a row about this reading says.
    pub(super) fn note(&self, entry: NewEntry, reader: Option<AccountId>) -> NewEntry {
        let mut entry = entry;
        let account = self.account.map(|id| id.to_string());
        let texts = [("kind", &self.kind), ("subject", &self.subject), ("account", &account)];
        for (name, text) in texts {
            if let Some(text) = text {
                // A name or an address may be asked for.
                entry = entry.personal(name, reader, text.chars().take(200).collect::<String>());
            }
        }
        for (name, moment) in [("from", self.from), ("until", self.until)] {
            if let Some(moment) = moment {
                entry = entry.fact(name, moment.to_string());
            }
        }
        match self.before {
            // As large as it may be in JSON.
            Some(before) => entry.fact("before", before.min(1 << 52)),
            None => entry,
        }
    }
}

/// A page of the log.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditPage)]
pub(super) struct PageView {
    rows: Vec<RowView>,
    /// The `before` that gives the next page; null at the end.
    next: Option<u64>,
    /// Rows of the whole log.
    size: u64,
    /// Rows that the last signed head is of.
    signed: u64,
    /// When that was signed.
    #[schema(value_type = Option<String>, format = DateTime)]
    signed_at: Option<Timestamp>,
}

/// The log of what matters for security, the newest first, for owners and administrators. Reading it is logged.
#[utoipa::path(get, path = "/api/audit", tag = "audit", operation_id = "audit", params(Asked),
    responses((status = 200, body = PageView)))]
pub(super) async fn list(
    State(audit): State<Audit>,
    Auditor(person): Auditor,
    Parameters(asked): Parameters<Asked>,
) -> Result<Json<PageView>, ApiError> {
    let filter = asked.filter();
    // First: who cannot be noted does not read.
    audit.add(asked.note(audit.by(READ, &person).about("list"), Some(person.id))).await?;
    let read = audit.tenancy().read(move |reader| {
        let mut entries = reader.audit_page(&filter, PAGE + 1)?;
        let more = entries.len() > PAGE as usize;
        entries.truncate(PAGE as usize);
        let next = if more { entries.last().map(|entry| entry.sequence) } else { None };
        let sequences: Vec<u64> = entries.iter().map(|entry| entry.sequence).collect();
        let values = reader.audit_values(&sequences)?;
        Ok((entries, values, next, reader.audit_size()?, reader.last_audit_head()?))
    });
    let (entries, values, next, size, head) = read.await?;
    let (signed, signed_at) = head.map_or((0, None), |head| (head.size, Some(head.at)));
    Ok(Json(PageView { rows: rows(entries, values), next, size, signed, signed_at }))
}
