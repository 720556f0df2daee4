//! How somebody's account is protected, as its owner sees it.

use gridkeep_model::FactorId;
use gridkeep_store::Factor;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Factors, fresh::is_fresh};
use crate::{error::ApiError, session::OwnSession};

/// How somebody's account is protected.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Security)]
pub(super) struct SecurityView {
    /// Authenticator apps and passkeys, the oldest first.
    factors: Vec<FactorView>,
    /// How many recovery codes are left.
    recovery_codes: u64,
    /// Whether changes are possible without a new proof of who one is.
    fresh: bool,
    /// Fewest characters of a new password.
    least_password: usize,
}

/// A second factor.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Factor)]
pub(super) struct FactorView {
    #[schema(value_type = String, format = Uuid)]
    id: FactorId,
    /// `totp` (an authenticator app) or `passkey`.
    kind: &'static str,
    name: String,
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// When it last let its owner in.
    #[schema(value_type = Option<String>, format = DateTime)]
    used: Option<Timestamp>,
}

impl SecurityView {
    /// As it is now.
    pub(super) async fn of(factors: &Factors, own: &OwnSession) -> Result<Self, ApiError> {
        let account = own.person.id;
        let all = factors.of(account).await?;
        let (recovery_codes, _) = factors.control().safety(account).await?;
        let beside = crate::session::beside(!all.is_empty());
        Ok(Self {
            factors: all.into_iter().map(FactorView::from).collect(),
            recovery_codes,
            fresh: is_fresh(own, factors.time()),
            least_password: beside.shortest(),
        })
    }
}

impl From<Factor> for FactorView {
    fn from(factor: Factor) -> Self {
        let Factor { id, kind, name, created, used, .. } = factor;
        Self { id, kind: kind.word(), name, created, used }
    }
}
