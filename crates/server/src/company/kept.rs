//! Providers as the control database keeps them, and what the server needs to speak with them.
//!
//! **Architecture Invariant:** what the server proves itself with leaves the database encrypted and is opened only to be used. The key
//! is derived from one that only the root key opens. What browsers carry is sealed with another, of which anybody gets a text.

use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use gridkeep_identity::oidc::{ClientKey, ClientProof};
use gridkeep_model::ProviderId;
use gridkeep_objects::OwnerKey;
use gridkeep_store::{Control, Provider};
use secrecy::{ExposeSecret, SecretBox, SecretString};

use super::{
    caller::Caller,
    oidc::Oidc,
    settings::{OidcSettings, Proves},
};
use crate::{
    chance::{Chance, Time},
    defence::Arrivals,
    error::ApiError,
    secret::hex,
};

/// Lets in whom tenants' providers vouch for. Cheap to clone; one for all tenants.
#[derive(Clone)]
pub struct Company(Arc<Inner>);

struct Inner {
    control: Control,
    arrivals: Arrivals,
    secrets: LessSafeKey,
    flows: LessSafeKey,
    /// What the server's own keys for providers follow from.
    client_keys: SecretBox<[u8; 32]>,
    time: Time,
    chance: Chance,
    /// The password of whoever has none: no password makes this hash.
    nobody: String,
    caller: Caller,
    /// People whom a tenant's providers bring for the first time in an hour.
    newcomers: u32,
    oidc: Oidc,
}

impl Company {
    /// Kept in this database; `nobody` as [`crate::session::Passwords::nobody`] has it.
    pub fn new(
        control: Control,
        arrivals: Arrivals,
        identity: &OwnerKey,
        nobody: String,
        (caller, newcomers): (Caller, u32),
        (time, chance): (Time, Chance),
    ) -> anyhow::Result<Self> {
        let key = |purpose: &'static str| {
            let secret = identity.purpose_key(purpose)?;
            let unbound = UnboundKey::new(&AES_256_GCM, secret.expose_secret())
                .map_err(|_| anyhow::anyhow!("no key for the secrets of companies"))?;
            anyhow::Ok(LessSafeKey::new(unbound))
        };
        let (secrets, flows) = (key("company secrets")?, key("company flows")?);
        let client_keys = identity.purpose_key("company client keys")?;
        let oidc = Oidc::new(caller.clone(), time.clone());
        Ok(Self(Arc::new(Inner {
            control,
            arrivals,
            secrets,
            flows,
            client_keys,
            time,
            chance,
            nobody,
            caller,
            newcomers,
            oidc,
        })))
    }

    /// The control database.
    pub fn control(&self) -> &Control {
        &self.0.control
    }

    /// The clock.
    pub fn time(&self) -> &Time {
        &self.0.time
    }

    /// The source of chance.
    pub fn chance(&self) -> &Chance {
        &self.0.chance
    }

    pub(super) fn arrivals(&self) -> &Arrivals {
        &self.0.arrivals
    }

    /// Asks providers.
    pub fn caller(&self) -> &Caller {
        &self.0.caller
    }

    pub(super) fn oidc(&self) -> &Oidc {
        &self.0.oidc
    }

    /// A password's hash that no password has, for accounts that come by no password.
    pub fn nobody(&self) -> &str {
        &self.0.nobody
    }

    /// How many people a tenant's providers bring for the first time in an hour.
    pub(super) fn newcomers(&self) -> u32 {
        self.0.newcomers
    }

    /// A secret as it is kept, bound to what it is for.
    pub fn seal(&self, context: &[u8], secret: &[u8]) -> Result<Vec<u8>, ApiError> {
        self.sealed(&self.0.secrets, context, secret)
    }

    /// What was sealed to be kept; `None` when it was not sealed here, for this.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        opened(&self.0.secrets, context, sealed)
    }

    /// What a browser is to carry, bound to what it is for.
    pub(super) fn seal_flow(&self, context: &[u8], text: &[u8]) -> Result<Vec<u8>, ApiError> {
        self.sealed(&self.0.flows, context, text)
    }

    /// What a browser carried; `None` when it was not sealed here, for this.
    pub(super) fn open_flow(&self, context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        opened(&self.0.flows, context, sealed)
    }

    fn sealed(&self, key: &LessSafeKey, context: &[u8], secret: &[u8]) -> Result<Vec<u8>, ApiError> {
        let nonce: [u8; NONCE_LEN] = self.0.chance.bytes();
        let mut sealed = secret.to_vec();
        let tag = key.seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(context),
            &mut sealed,
        );
        let tag = tag.map_err(|_| ApiError::internal("a company's secret cannot be encrypted"))?;
        Ok([nonce.as_slice(), &sealed, tag.as_ref()].concat())
    }

    /// A provider's secret as it is kept.
    pub fn seal_secret(&self, provider: ProviderId, secret: &SecretString) -> Result<Vec<u8>, ApiError> {
        self.seal(provider.uuid().as_bytes(), secret.expose_secret().as_bytes())
    }

    /// The key by which the server proves itself to a provider of this id.
    pub fn client_key(&self, provider: ProviderId) -> Result<ClientKey, ApiError> {
        let key = ClientKey::derived(&self.0.client_keys, &provider.to_string());
        key.ok_or_else(|| ApiError::internal("no key for a provider"))
    }

    /// What the server proves itself with to a provider, to whoever is at that address.
    pub(super) fn prove(
        &self,
        provider: &Provider,
        own: &OidcSettings,
        (key, audience): (&ClientKey, &str),
    ) -> ClientProof {
        match own.proves {
            Proves::Key => {
                let once = hex(&self.0.chance.bytes::<16>());
                ClientProof::Assertion(key.assertion(&own.client, audience, &once, self.0.time.now()))
            }
            Proves::Secret => self.secret(provider).map_or(ClientProof::Nothing, ClientProof::Secret),
        }
    }

    /// A provider's secret.
    pub fn secret(&self, provider: &Provider) -> Option<SecretString> {
        let opened = self.open(provider.id.uuid().as_bytes(), provider.secret.as_ref()?)?;
        String::from_utf8(opened).ok().map(SecretString::from)
    }
}

fn opened(key: &LessSafeKey, context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
    let mut opened = sealed.to_vec();
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let length = key.open_in_place(nonce, Aad::from(context), &mut opened).ok()?.len();
    opened.truncate(length);
    Some(opened)
}
