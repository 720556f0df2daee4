//! Speaking OpenID Connect with a tenant's provider.
//!
//! **Architecture Invariant:** what a provider says of itself and its keys are asked for anew after an hour; keys also when a token names
//! one that is not known, but not more often than once a minute, however many such tokens come. Whoever gave no answer is not asked again
//! for half a minute, and by one at a time for each tenant: what is slow costs no more than it has to.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use gridkeep_identity::oidc::{
    Answer, Ask, Back, ClientProof, Expected, KeySet, Metadata, NoMetadata, Redeem, Refused, Verified,
    answer, merge, redeemed, verify,
};
use gridkeep_model::TenantId;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};

use super::{
    caller::{CallError, Caller, Whose},
    flow::Secrets,
    settings::OidcSettings,
};
use crate::{chance::Time, defence::Fault};

/// How long what a provider says of itself holds.
const HOLDS: SignedDuration = SignedDuration::from_hours(1);
/// How often keys are asked for at most.
const KEYS_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// How long nobody is asked who has just given no answer.
const RESTS: SignedDuration = SignedDuration::from_secs(30);
/// How long somebody waits while another asks.
const PATIENCE: Duration = Duration::from_secs(10);
/// Providers that are known at once.
const KNOWN: usize = 1_000;

/// Speaks with providers. Cheap to clone.
#[derive(Clone)]
pub(super) struct Oidc(Arc<Inner>);

struct Inner {
    caller: Caller,
    time: Time,
    known: Mutex<HashMap<Key, Known>>,
    /// Those that gave no answer, since when, and why.
    failed: Mutex<HashMap<Key, (Timestamp, Failed)>>,
    /// Held while one is asked.
    asking: Mutex<HashMap<Key, Weak<tokio::sync::Mutex<()>>>>,
}

/// A tenant's issuer. What is known for one tenant says nothing to another.
type Key = (TenantId, String);

#[derive(Clone)]
struct Known {
    metadata: Arc<Metadata>,
    keys: Arc<KeySet>,
    read: Timestamp,
    keys_read: Timestamp,
}

/// Why nobody came of it. For the log and whoever tests a provider.
#[derive(Debug, Clone, thiserror::Error)]
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

impl Failed {
    /// What it says of whoever brought it about.
    pub(super) fn fault(&self) -> Fault {
        match self {
            Self::Call(_, CallError::Busy) | Self::Denied => Fault::Nobodys,
            Self::Call(_, CallError::Status(400..=499)) | Self::Refused(_) | Self::Saml(_) => Fault::Theirs,
            Self::Call(..) | Self::Metadata(_) => Fault::Providers,
        }
    }
}

fn held<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Oidc {
    pub(super) fn new(caller: Caller, time: Time) -> Self {
        let (known, failed, asking) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self(Arc::new(Inner { caller, time, known, failed, asking }))
    }

    async fn read_keys(&self, whose: &Whose, metadata: &Metadata) -> Result<Arc<KeySet>, Failed> {
        let call = |error| Failed::Call("keys", error);
        let keys = self.0.caller.get(whose, &metadata.jwks_uri, None).await.map_err(call)?;
        KeySet::read(&keys).map(Arc::new).ok_or(Failed::Refused(Refused::Key))
    }

    /// What was found out a while ago, if it still holds.
    fn kept(&self, key: &Key) -> Option<Result<Known, Failed>> {
        let now = self.0.time.now();
        if let Some(known) = held(&self.0.known).get(key).filter(|own| now.duration_since(own.read) < HOLDS) {
            return Some(Ok(known.clone()));
        }
        let failed = held(&self.0.failed);
        let failed = failed.get(key).filter(|(since, _)| now.duration_since(*since) < RESTS);
        failed.map(|(_, why)| Err(why.clone()))
    }

    /// What is known of an issuer, asked for where it is not.
    async fn known(&self, whose: &Whose, issuer: &str) -> Result<Known, Failed> {
        let key = (whose.tenant, issuer.to_owned());
        if let Some(kept) = self.kept(&key) {
            return kept;
        }
        let turn = {
            let mut asking = held(&self.0.asking);
            let own = asking.get(&key).and_then(Weak::upgrade).unwrap_or_else(|| {
                asking.retain(|_, turn| turn.strong_count() > 0);
                let made = Arc::default();
                asking.insert(key.clone(), Arc::downgrade(&made));
                made
            });
            drop(asking);
            own
        };
        let turn = tokio::time::timeout(PATIENCE, turn.lock_owned());
        let _turn = turn.await.map_err(|_| Failed::Call("discovery", CallError::Busy))?;
        // Whoever was asked meanwhile has answered whoever waited too.
        if let Some(kept) = self.kept(&key) {
            return kept;
        }
        let found = self.discover(whose, issuer).await;
        let now = self.0.time.now();
        match &found {
            Ok(known) => {
                let mut kept = held(&self.0.known);
                if kept.len() >= KNOWN {
                    kept.clear();
                }
                kept.insert(key, known.clone());
            }
            // Nobody was asked: that says nothing of the provider.
            Err(Failed::Call(_, CallError::Busy)) => {}
            Err(why) => {
                tracing::warn!(tenant.id = %whose.tenant, error.cause = %why, "a company's provider does not answer");
                let mut failed = held(&self.0.failed);
                failed.retain(|_, (since, _)| now.duration_since(*since) < RESTS);
                if failed.len() < KNOWN {
                    failed.insert(key, (now, why.clone()));
                }
            }
        }
        found
    }

    async fn discover(&self, whose: &Whose, issuer: &str) -> Result<Known, Failed> {
        let now = self.0.time.now();
        let call = |error| Failed::Call("discovery", error);
        let text = self.0.caller.get(whose, &Metadata::place(issuer), None).await.map_err(call)?;
        let metadata = Arc::new(Metadata::read(&text, issuer)?);
        let keys = self.read_keys(whose, &metadata).await?;
        Ok(Known { metadata, keys, read: now, keys_read: now })
    }

    /// The keys, asked for anew unless that was just done.
    async fn keys_anew(&self, whose: &Whose, issuer: &str, known: &Known) -> Result<Arc<KeySet>, Failed> {
        let now = self.0.time.now();
        let key = (whose.tenant, issuer.to_owned());
        {
            let mut kept = held(&self.0.known);
            let Some(own) = kept.get_mut(&key) else { return Ok(Arc::clone(&known.keys)) };
            if now.duration_since(own.keys_read) < KEYS_EVERY {
                return Ok(Arc::clone(&own.keys));
            }
            // Whoever comes meanwhile does not ask too.
            own.keys_read = now;
        }
        let keys = self.read_keys(whose, &known.metadata).await?;
        if let Some(own) = held(&self.0.known).get_mut(&key) {
            own.keys = Arc::clone(&keys);
        }
        Ok(keys)
    }

    /// Forgets what is known of an issuer: somebody set it anew.
    pub(super) fn forget(&self, tenant: TenantId, issuer: &str) {
        held(&self.0.known).remove(&(tenant, issuer.to_owned()));
        self.try_again(tenant, issuer);
    }

    /// Asks an issuer again that has just given no answer: for whoever mends it.
    pub(super) fn try_again(&self, tenant: TenantId, issuer: &str) {
        held(&self.0.failed).remove(&(tenant, issuer.to_owned()));
    }

    /// Where to send somebody.
    pub(super) async fn location(
        &self,
        whose: &Whose,
        own: &OidcSettings,
        redirect: &str,
        (state, secrets): (&str, &Secrets),
        (hint, anew): (Option<&str>, bool),
    ) -> Result<String, Failed> {
        let known = self.known(whose, &own.issuer).await?;
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
            anew,
        };
        Ok(ask.location(&known.metadata))
    }

    /// Who came back, by what they brought. `prove` says what the server proves itself with at an address.
    pub(super) async fn verified(
        &self,
        whose: &Whose,
        own: &OidcSettings,
        prove: impl FnOnce(&str) -> ClientProof,
        redirect: &str,
        (back, secrets): (Back, &Secrets),
        since: Option<Timestamp>,
    ) -> Result<Verified, Failed> {
        let known = self.known(whose, &own.issuer).await?;
        let metadata = &known.metadata;
        let code = match answer(back, metadata)? {
            Answer::Code(code) => code,
            Answer::Denied => return Err(Failed::Denied),
        };
        let proof = prove(&metadata.token_endpoint);
        let redeem =
            Redeem { client: &own.client, proof: &proof, code: &code, redirect, verifier: &secrets.verifier };
        let (form, credentials) = redeem.request(metadata);
        let call = |error| Failed::Call("token", error);
        let body = self
            .0
            .caller
            .post(whose, &metadata.token_endpoint, credentials.as_ref(), form)
            .await
            .map_err(call)?;
        let (token, access) = redeemed(&body)?;
        let expected = Expected {
            issuer: &own.issuer,
            client: &own.client,
            nonce: &secrets.nonce,
            algorithms: &own.algorithms,
            since,
            acr: &own.acr,
            access: access.as_ref().map(ExposeSecret::expose_secret),
            now: self.0.time.now(),
        };
        let mut verified = match verify(token.expose_secret(), &known.keys, &expected) {
            Err(Refused::Key) => {
                let keys = self.keys_anew(whose, &own.issuer, &known).await?;
                verify(token.expose_secret(), &keys, &expected)?
            }
            other => other?,
        };
        if own.userinfo
            && let (Some(place), Some(access)) = (&metadata.userinfo_endpoint, access)
        {
            let credentials = SecretString::from(format!("Bearer {}", access.expose_secret()));
            let call = |error| Failed::Call("userinfo", error);
            let beside = self.0.caller.get(whose, place, Some(&credentials)).await.map_err(call)?;
            merge(&mut verified.claims, &beside)?;
        }
        Ok(verified)
    }
}
