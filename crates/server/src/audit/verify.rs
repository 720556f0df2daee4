//! `POST /api/audit/verification`: looks at the whole log now.

use axum::extract::State;

use super::{Audit, Auditor, Report};
use crate::{error::ApiError, extract::Json};

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
