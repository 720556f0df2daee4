//! `POST /api/audit/verification`: looks at the whole log now; and `DELETE /api/audit/people/{account}`: forgets somebody.

use axum::extract::State;
use gridkeep_model::AccountId;
use gridkeep_store::TenantRole;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Audit, Auditor, Report};
use crate::{
    error::ApiError,
    extract::{Json, Path},
    factors::Fresh,
};

/// Looks at every row of the log and compares it with all signed heads, for owners and administrators.
#[utoipa::path(post, path = "/api/audit/verification", tag = "audit", operation_id = "verify_audit",
    responses((status = 200, body = Report)))]
pub(super) async fn verify(
    State(audit): State<Audit>,
    Auditor(person): Auditor,
) -> Result<Json<Report>, ApiError> {
    let report = audit.verify_alone().await?;
    let entry = audit.by("audit.verified", &person);
    audit
        .add(entry.fact("rows", report.size).fact("faults", report.faults.len() as u64 + report.more))
        .await?;
    Ok(Json(report))
}

/// What was forgotten.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditErasure)]
pub(super) struct Erasure {
    /// Values that the log had in clear.
    values: u64,
}

/// Erases what the log has of somebody in clear, for good; the chain holds. For owners who have just proven who they are, and
/// of others than themselves: nobody takes their own name out of what they did.
#[utoipa::path(delete, path = "/api/audit/people/{account}", tag = "audit", operation_id = "erase_from_audit",
    params(("account" = String, Path)), responses((status = 200, body = Erasure)))]
pub(super) async fn erase(
    State(audit): State<Audit>,
    Auditor(person): Auditor,
    _fresh: Fresh,
    Path(account): Path<AccountId>,
) -> Result<Json<Erasure>, ApiError> {
    if person.role < Some(TenantRole::Owner) || person.id == account {
        return Err(ApiError::Forbidden);
    }
    let values = audit.erase(account).await?;
    audit
        .add(audit.by("config.audit.erased", &person).about(account.to_string()).fact("values", values))
        .await?;
    Ok(Json(Erasure { values }))
}
