//! `DELETE /api/account/factors/{factor}`: removes a factor.

use axum::{extract::State, http::StatusCode};
use gridkeep_model::FactorId;
use gridkeep_store::{FactorKind, MailPurpose, Removal};

use super::{Factors, Fresh, told::tell};
use crate::{
    error::{ApiError, CompanyRefusal},
    extract::Path,
    language::Language,
    mail::Post,
    session::{ONE_TIME, PASSKEY},
};

/// Removes a factor. The last one stays while the password is too short to stand alone: 409 with `longerPasswordFirst`.
/// So does the passkey by which alone an owner comes into a workspace whose people come through their company: `lastPasskey`.
#[utoipa::path(delete, path = "/api/account/factors/{factor}", tag = "factors",
    params(("factor" = String, Path)), responses((status = 204, description = "It is gone.")))]
pub(super) async fn remove(
    State(factors): State<Factors>,
    State(post): State<Post>,
    language: Language,
    Path(id): Path<FactorId>,
    Fresh(own): Fresh,
) -> Result<StatusCode, ApiError> {
    match factors.control().remove_factor(own.person.id, id, method).await? {
        Removal::Absent => Err(ApiError::NotFound),
        Removal::PasswordTooShort => Err(ApiError::LongerPasswordFirst),
        Removal::LastWayIn => Err(ApiError::Company(CompanyRefusal::LastPasskey)),
        Removal::Done => {
            tell(&post, &own.person, MailPurpose::FactorRemoved, language).await?;
            Ok(StatusCode::NO_CONTENT)
        }
    }
}

/// What a factor is called among a session's methods.
fn method(kind: FactorKind) -> &'static str {
    match kind {
        FactorKind::OneTime => ONE_TIME,
        FactorKind::Passkey => PASSKEY,
    }
}
