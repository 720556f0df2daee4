//! What a tenant asks of everybody who signs in to it.
//!
//! **Architecture Invariant:** a word that is not known asks for the most: a newer program may have written it.

use gridkeep_model::TenantId;

use crate::{Control, StoreError};

/// Which second factor a tenant asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum FactorPolicy {
    /// None: a password is enough.
    #[default]
    None,
    /// Whichever somebody has.
    Any,
    /// A passkey.
    Passkey,
}

impl FactorPolicy {
    /// As it is kept and shown to programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Any => "any",
            Self::Passkey => "passkey",
        }
    }
}

impl Control {
    /// What a tenant asks for.
    pub async fn factor_policy(&self, tenant: TenantId) -> Result<FactorPolicy, StoreError> {
        let sql = "SELECT second_factor FROM tenants WHERE id = $1";
        let word = self
            .database()
            .read(move |link| link.first(sql, &[tenant.uuid().into()], |cells| cells.get::<String>(0)))
            .await?;
        Ok(match word.as_deref() {
            Some("none") => FactorPolicy::None,
            Some("any") => FactorPolicy::Any,
            _ => FactorPolicy::Passkey,
        })
    }

    /// Lets a tenant ask for this; `false` when there is no such tenant.
    pub async fn set_factor_policy(
        &self,
        tenant: TenantId,
        policy: FactorPolicy,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE tenants SET second_factor = $1 WHERE id = $2";
        let values = [policy.word().into(), tenant.uuid().into()];
        self.database().write(move |link| Ok(link.execute(sql, &values)? > 0)).await
    }
}
