//! `GET /api/audit/{sequence}`: a row, and what proves it.

use axum::extract::State;
use gridkeep_store::audit::{
    hex,
    tree::{Hash, includes},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Audit, Auditor,
    list::READ,
    signer::SignedHead,
    view::{RowView, rows},
};
use crate::{
    error::ApiError,
    extract::{Json, Path},
};

/// A row with its proof.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditDetail)]
pub(super) struct DetailView {
    row: RowView,
    proof: Proof,
}

/// What proves a row.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditProof)]
pub struct Proof {
    /// `proven`: it is in a log that was signed; `waiting`: no head covers it yet; `broken`: it is not what was written.
    pub status: &'static str,
    /// What is hashed, as it stands there.
    pub leaf: String,
    /// Its SHA-256 as RFC 9162 makes it, in hexadecimal.
    pub hash: String,
    /// The hash of the row before, in hexadecimal.
    pub previous: String,
    /// The signed head that covers it.
    pub head: Option<SignedHead>,
    /// The hashes that lead from the row to the head's root (RFC 9162, section 2.1.3).
    pub path: Vec<String>,
}

impl Audit {
    /// What proves a row of this number; `None` when there is none.
    pub async fn prove(&self, sequence: u64) -> Result<Option<Proof>, ApiError> {
        let read = self.tenancy().read(move |reader| {
            let Some(entry) = reader.audit_entry(sequence)? else { return Ok(None) };
            let head = reader.audit_head_over(sequence)?;
            // A log that is cut off or lacks nodes proves nothing; the verification says what is wrong.
            let path = match &head {
                Some(head) => reader.audit_inclusion(sequence, head.size).unwrap_or(None).unwrap_or_default(),
                None => Vec::new(),
            };
            Ok(Some((entry, head, path)))
        });
        let Some((entry, head, path)) = read.await? else { return Ok(None) };
        let tenant = self.tenancy().id();
        let whole = entry.computed() == entry.hash;
        let shown = head.as_ref().map(|head| self.signer().show(tenant, head));
        let status = match (&head, &shown) {
            _ if !whole => "broken",
            (Some(head), Some(shown)) => {
                let good = self.signer().signed(tenant, shown)
                    && includes(&entry.hash, sequence - 1, head.size, &path, &head.root);
                if good { "proven" } else { "broken" }
            }
            _ => "waiting",
        };
        Ok(Some(Proof {
            status,
            leaf: entry.leaf(),
            hash: hex(&entry.computed()),
            previous: hex(&entry.previous),
            head: shown,
            path: path.iter().map(|hash| hex(hash)).collect(),
        }))
    }
}

impl Audit {
    /// Whether a head is one of this server for this log.
    pub fn signed(&self, head: &SignedHead) -> bool {
        self.signer().signed(self.tenancy().id(), head)
    }

    /// What proves that the log of the first size is the beginning of that of the second (RFC 9162, section 2.1.4); `None` when it is
    /// not that long.
    pub async fn consistency(&self, first: u64, second: u64) -> Result<Option<Vec<Hash>>, ApiError> {
        self.tenancy().read(move |reader| Ok(reader.audit_consistency(first, second)?)).await
    }
}

/// A row and what proves it, for owners and administrators. Reading it is logged.
#[utoipa::path(get, path = "/api/audit/{sequence}", tag = "audit", operation_id = "audit_row",
    params(("sequence" = u64, Path)), responses((status = 200, body = DetailView)))]
pub(super) async fn one(
    State(audit): State<Audit>,
    Auditor(person): Auditor,
    Path(sequence): Path<u64>,
) -> Result<Json<DetailView>, ApiError> {
    let read = audit.tenancy().read(move |reader| {
        let entry = reader.audit_entry(sequence.min(1 << 52))?;
        Ok((entry, reader.audit_values(&[sequence.min(1 << 52)])?))
    });
    let (Some(entry), values) = read.await? else { return Err(ApiError::NotFound) };
    let proof = audit.prove(sequence).await?.ok_or(ApiError::NotFound)?;
    audit.add(audit.by(READ, &person).about("row").fact("sequence", sequence)).await?;
    let row = rows(vec![entry], values).pop().ok_or(ApiError::NotFound)?;
    Ok(Json(DetailView { row, proof }))
}
