//! On the way to a provider and back: what a browser is to bring with it.
//!
//! **Architecture Invariant:** nothing is kept of whoever sets out. What they are to bring back is sealed for the token in their
//! browser's own cookie, so that it is no good in another; it is taken once, within ten minutes, by the provider and the
//! tenant it was made for. The nonce and the code's verifier are made of that token and leave it in no other form.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gridkeep_model::{AccountId, ProviderId, SessionId, TenantId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Company;
use crate::{
    error::ApiError,
    secret::{Token, hex},
};

/// How long somebody may be on their way.
pub(super) const LIFE: SignedDuration = SignedDuration::from_mins(10);
/// Longest state.
const LONGEST: usize = 4_096;
/// Longest address to go back to, in bytes.
const LONGEST_BACK: usize = 1_000;

/// What somebody set out for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Purpose {
    /// To sign in, and go on there; with a puzzle solved on the way.
    SignIn {
        back: String,
        #[serde(default)]
        paid: bool,
        /// They want an account of their own, whoever has their address.
        #[serde(default)]
        apart: bool,
    },
    /// To link the provider with their account.
    Link { account: AccountId },
    /// They have been there, and may be whoever has this address here: to say so, signed in to that account.
    Claim { issuer: String, subject: String, email: String },
    /// To see what the provider says.
    Test { account: AccountId },
    /// To show anew who they are, in this session, for what only whoever asked knows again.
    Prove { session: SessionId, purpose: [u8; 32], began: Timestamp, back: String },
}

impl Purpose {
    /// Since when they have to have shown who they are; any time will do when `None`.
    pub(super) fn since(&self) -> Option<Timestamp> {
        match self {
            Self::Prove { began, .. } => Some(*began),
            _ => None,
        }
    }
}

/// What comes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Flow {
    pub(super) provider: ProviderId,
    pub(super) tenant: TenantId,
    pub(super) purpose: Purpose,
    id: [u8; 16],
    ends: Timestamp,
}

/// What a flow's browser and this server know, and nobody else.
pub(super) struct Secrets {
    pub(super) nonce: String,
    pub(super) verifier: String,
}

impl Flow {
    /// Sets out.
    pub(super) fn new(
        company: &Company,
        (tenant, provider): (TenantId, ProviderId),
        purpose: Purpose,
    ) -> Self {
        Self { provider, tenant, purpose, id: company.chance().bytes(), ends: company.time().after(LIFE) }
    }

    /// What goes with this browser.
    pub(super) fn state(&self, company: &Company, token: &Token) -> Result<String, ApiError> {
        let text = serde_json::to_vec(self).map_err(ApiError::internal)?;
        Ok(URL_SAFE_NO_PAD.encode(company.seal_flow(&context(token), &text)?))
    }

    /// Takes what came back with this browser; `None` when it is not for it, was taken before or is too old.
    pub(super) async fn take(
        company: &Company,
        token: &Token,
        state: &str,
        (tenant, provider): (TenantId, ProviderId),
    ) -> Result<Option<Self>, ApiError> {
        let sealed = (state.len() <= LONGEST).then(|| URL_SAFE_NO_PAD.decode(state).ok()).flatten();
        let opened = sealed.and_then(|sealed| company.open_flow(&context(token), &sealed));
        let Some(flow) = opened.and_then(|text| serde_json::from_slice::<Self>(&text).ok()) else {
            return Ok(None);
        };
        let now = company.time().now();
        if (flow.tenant, flow.provider) != (tenant, provider) || flow.ends <= now {
            return Ok(None);
        }
        let mut spent = [0; 32];
        spent.copy_from_slice(digest(&SHA256, &[b"company flow ".as_slice(), &flow.id].concat()).as_ref());
        let first = company.control().spend_once(spent, now, flow.ends).await?;
        Ok(first.then_some(flow))
    }

    /// What only this browser and this server know.
    pub(super) fn secrets(&self, token: &Token) -> Secrets {
        let secret = |what: &str| {
            let text = [what.as_bytes(), token.expose().as_bytes(), &self.id].concat();
            hex(digest(&SHA256, &text).as_ref())
        };
        Secrets { nonce: secret("company nonce "), verifier: secret("company verifier ") }
    }
}

fn context(token: &Token) -> Vec<u8> {
    [b"company flow ".as_slice(), &token.hash().0].concat()
}

/// Where to go on, if it is a page of ours: a path that no browser takes for another host.
pub(super) fn own_path(back: Option<String>) -> String {
    let is_own = |back: &String| {
        let mut letters = back.chars();
        letters.next() == Some('/')
            && !matches!(letters.next(), Some('/' | '\\'))
            && back.len() <= LONGEST_BACK
            && !back.chars().any(|letter| letter.is_control() || letter == '\\')
            && back.is_ascii()
    };
    back.filter(is_own).unwrap_or_else(|| "/".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_elsewhere() {
        for (back, expect) in [
            ("/apps/1?a=b#c", "/apps/1?a=b#c"),
            ("", "/"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("/a\\b", "/"),
            ("/\t/evil.example", "/"),
            ("https://evil.example", "/"),
            ("javascript:alert(1)", "/"),
            ("/a\r\nset-cookie: x", "/"),
        ] {
            assert_eq!(own_path(Some(back.to_owned())), expect, "{back}");
        }
        assert_eq!(own_path(None), "/");
    }
}
