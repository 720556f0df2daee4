//! Passkeys that sign the content of a security checkpoint: their challenge is its hash, and no other.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gridkeep_identity::passkey::Credential;
use gridkeep_model::AccountId;
use gridkeep_store::{Accepted, FactorKind, Judge};
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::{Factors, kept::assertion, passkey_options};
use crate::error::ApiError;

impl Factors {
    /// Whether somebody has a passkey.
    pub(crate) async fn has_passkey(&self, account: AccountId) -> Result<bool, ApiError> {
        Ok(self.of(account).await?.iter().any(|factor| factor.kind == FactorKind::Passkey))
    }

    /// What to ask the browser for, so that a passkey of the account signs this.
    pub(crate) async fn options_of_content(
        &self,
        account: AccountId,
        content: &[u8; 32],
    ) -> Result<Json, ApiError> {
        let known = passkey_options::credentials(self, account).await?;
        Ok(json!({
            "challenge": URL_SAFE_NO_PAD.encode(content),
            "rpId": self.passkeys().id(),
            "timeout": passkey_options::TIMEOUT,
            "allowCredentials": known.iter().map(passkey_options::named).collect::<Vec<_>>(),
            "userVerification": "required",
        }))
    }

    /// Whether a passkey of the account has signed this; it is taken once until then.
    pub(crate) async fn has_signed(
        &self,
        account: AccountId,
        json: Json,
        content: [u8; 32],
        expires: Timestamp,
    ) -> Result<bool, ApiError> {
        let assertion = assertion(json)?;
        let Ok(id) = assertion.credential() else { return Ok(false) };
        let (own, hash) = (self.clone(), Credential::hash(&id));
        let judge: Judge = Box::new(move |factors| {
            let own_factor = |factor: &&gridkeep_store::Factor| factor.account == account;
            let factor = factors.iter().filter(own_factor).find(|factor| factor.credential == Some(hash))?;
            let known = own.credential(factor)?;
            let count = u32::try_from(factor.mark).ok()?;
            match own.passkeys().verify_content(&assertion, &content, (&known, count)) {
                Ok(count) => {
                    let mut spent = [0; 32];
                    spent.copy_from_slice(digest(&SHA256, &content).as_ref());
                    Some(Accepted { factor: factor.id, mark: count.into(), spends: Some((spent, expires)) })
                }
                Err(refusal) => {
                    tracing::info!(factor.id = %factor.id, reason = %refusal, "passkey refused at a checkpoint");
                    None
                }
            }
        });
        Ok(self.control().try_passkey(hash, self.time().now(), judge).await?.is_some())
    }
}
