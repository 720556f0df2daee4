//! Speaking OpenID Connect with a tenant's provider.
//!
//! **Architecture Invariant:** what a provider says of itself and its keys are asked for anew after an hour; keys also when a token names
//! one that is not known, but not more often than once a minute, however many such tokens come.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use gridkeep_identity::oidc::{
    Answer, Ask, Back, Expected, KeySet, Metadata, NoMetadata, Redeem, Refused, Verified, answer, merge,
    redeemed, verify,
};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};

use super::{
    caller::{CallError, Caller},
    flow::Secrets,
    settings::OidcSettings,
};
use crate::chance::Time;

/// How long what a provider says of itself holds.
const HOLDS: SignedDuration = SignedDuration::from_hours(1);
/// How often keys are asked for at most.
const KEYS_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// Providers that are known at once.
const KNOWN: usize = 1_000;

/// Speaks with providers. Cheap to clone.
#[derive(Clone)]
pub(super) struct Oidc(Arc<Inner>);

struct Inner {
    caller: Caller,
    time: Time,
    known: Mutex<HashMap<String, Known>>,
}

#[derive(Clone)]
struct Known {
    metadata: Arc<Metadata>,
    keys: Arc<KeySet>,
    read: Timestamp,
    keys_read: Timestamp,
}

/// Why nobody came of it. For the log and whoever tests a provider.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failed {
    /// The provider gave no answer.
    #[error("{0}: {1}")]
    Call(&'static str, CallError),
    /// What it says of itself is not right.
    #[error("{0}")]
    Metadata(#[from] NoMetadata),
    /// Its answer does not count.
    #[error("{0}")]
    Refused(#[from] Refused),
    /// Its answer by SAML does not count.
    #[error("{0}")]
    Saml(#[from] gridkeep_identity::saml::Refused),
    /// They said no at the provider.
    #[error("denied")]
    Denied,
}

impl Oidc {
    pub(super) fn new(caller: Caller, time: Time) -> Self {
        Self(Arc::new(Inner { caller, time, known: Mutex::default() }))
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<String, Known>> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn read_keys(&self, metadata: &Metadata) -> Result<Arc<KeySet>, Failed> {
        let call = |error| Failed::Call("keys", error);
        let keys = self.0.caller.get(&metadata.jwks_uri, None).await.map_err(call)?;
        KeySet::read(&keys).map(Arc::new).ok_or(Failed::Refused(Refused::Key))
    }

    /// What is known of an issuer, asked for where it is not.
    async fn known(&self, issuer: &str) -> Result<Known, Failed> {
        let now = self.0.time.now();
        let fresh = |known: &&Known| now.duration_since(known.read) < HOLDS;
        if let Some(known) = self.kept().get(issuer).filter(fresh) {
            return Ok(known.clone());
        }
        let call = |error| Failed::Call("discovery", error);
        let text = self.0.caller.get(&Metadata::place(issuer), None).await.map_err(call)?;
        let metadata = Arc::new(Metadata::read(&text, issuer)?);
        let keys = self.read_keys(&metadata).await?;
        let known = Known { metadata, keys, read: now, keys_read: now };
        let mut kept = self.kept();
        if kept.len() >= KNOWN {
            kept.clear();
        }
        kept.insert(issuer.to_owned(), known.clone());
        Ok(known)
    }

    /// The keys, asked for anew unless that was just done.
    async fn keys_anew(&self, issuer: &str, known: &Known) -> Result<Arc<KeySet>, Failed> {
        let now = self.0.time.now();
        {
            let mut kept = self.kept();
            let Some(own) = kept.get_mut(issuer) else { return Ok(Arc::clone(&known.keys)) };
            if now.duration_since(own.keys_read) < KEYS_EVERY {
                return Ok(Arc::clone(&own.keys));
            }
            // Whoever comes meanwhile does not ask too.
            own.keys_read = now;
        }
        let keys = self.read_keys(&known.metadata).await?;
        if let Some(own) = self.kept().get_mut(issuer) {
            own.keys = Arc::clone(&keys);
        }
        Ok(keys)
    }

    /// Forgets what is known of an issuer: somebody set it anew.
    pub(super) fn forget(&self, issuer: &str) {
        self.kept().remove(issuer);
    }

    /// Where to send somebody.
    pub(super) async fn location(
        &self,
        own: &OidcSettings,
        redirect: &str,
        (state, secrets): (&str, &Secrets),
        hint: Option<&str>,
    ) -> Result<String, Failed> {
        let known = self.known(&own.issuer).await?;
        let acr = own.acr.join(" ");
        let ask = Ask {
            client: &own.client,
            redirect,
            state,
            nonce: &secrets.nonce,
            verifier: &secrets.verifier,
            scope: &own.scope,
            acr: Some(acr.as_str()).filter(|acr| !acr.is_empty()),
            hint,
            anew: false,
        };
        Ok(ask.location(&known.metadata))
    }

    /// Who came back, by what they brought.
    pub(super) async fn verified(
        &self,
        own: &OidcSettings,
        secret: Option<&SecretString>,
        redirect: &str,
        (back, secrets): (Back, &Secrets),
    ) -> Result<Verified, Failed> {
        let known = self.known(&own.issuer).await?;
        let metadata = &known.metadata;
        let code = match answer(back, metadata)? {
            Answer::Code(code) => code,
            Answer::Denied => return Err(Failed::Denied),
        };
        let redeem =
            Redeem { client: &own.client, secret, code: &code, redirect, verifier: &secrets.verifier };
        let (form, credentials) = redeem.request(metadata);
        let call = |error| Failed::Call("token", error);
        let body =
            self.0.caller.post(&metadata.token_endpoint, credentials.as_ref(), form).await.map_err(call)?;
        let (token, access) = redeemed(&body)?;
        let expected = Expected {
            issuer: &own.issuer,
            client: &own.client,
            nonce: &secrets.nonce,
            algorithms: &own.algorithms,
            since: None,
            acr: &own.acr,
            access: access.as_ref().map(ExposeSecret::expose_secret),
            now: self.0.time.now(),
        };
        let mut verified = match verify(token.expose_secret(), &known.keys, &expected) {
            Err(Refused::Key) => {
                let keys = self.keys_anew(&own.issuer, &known).await?;
                verify(token.expose_secret(), &keys, &expected)?
            }
            other => other?,
        };
        if own.userinfo
            && let (Some(place), Some(access)) = (&metadata.userinfo_endpoint, access)
        {
            let credentials = SecretString::from(format!("Bearer {}", access.expose_secret()));
            let call = |error| Failed::Call("userinfo", error);
            let beside = self.0.caller.get(place, Some(&credentials)).await.map_err(call)?;
            merge(&mut verified.claims, &beside)?;
        }
        Ok(verified)
    }
}
