//! Factors as the control database keeps them, and how a proof is judged by them.
//!
//! **Architecture Invariant:** a secret leaves the database encrypted and is opened only to judge a proof or to be shown to
//! its owner while it is set up. The key is derived from one that only the root key opens.

use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use gridkeep_identity::{
    one_time::{OneTime, Step},
    passkey::{Assertion, Credential, Passkeys, Purpose},
    recovery,
};
use gridkeep_model::{AccountId, FactorId};
use gridkeep_objects::OwnerKey;
use gridkeep_store::{Accepted, Control, Factor, FactorKind, Judge, Offer, Tried};
use secrecy::ExposeSecret;
use serde_json::Value as Json;

use crate::{
    chance::{Chance, Time},
    error::ApiError,
    secret::Token,
    session::{ONE_TIME, OwnSession, PASSKEY},
    site::Site,
};

/// Most factors of an account.
const MOST: usize = 20;

/// Keeps factors and judges proofs. Cheap to clone.
#[derive(Clone)]
pub struct Factors(Arc<Inner>);

struct Inner {
    control: Control,
    cipher: LessSafeKey,
    passkeys: Passkeys,
    time: Time,
    chance: Chance,
}

/// A code that somebody typed.
pub(super) enum Code {
    /// Of an authenticator app.
    OneTime(String),
    /// A recovery code.
    Recovery(String),
}

/// What somebody offers in place of the second factor.
pub(super) enum Proof {
    /// A code.
    Code(Code),
    /// What a browser says of a passkey.
    Passkey(Json),
}

impl Factors {
    /// Kept in this database, for pages of this site.
    pub fn new(
        control: Control,
        identity: &OwnerKey,
        site: &Site,
        time: Time,
        chance: Chance,
    ) -> anyhow::Result<Self> {
        let secrets = identity.purpose_key("factor secrets")?;
        let unbound = UnboundKey::new(&AES_256_GCM, secrets.expose_secret())
            .map_err(|_| anyhow::anyhow!("no key for the secrets of factors"))?;
        let passkeys =
            Passkeys::new(site.host(), site.origins().to_vec(), &identity.purpose_key("passkey challenges")?);
        let cipher = LessSafeKey::new(unbound);
        Ok(Self(Arc::new(Inner { control, cipher, passkeys, time, chance })))
    }

    pub(crate) fn control(&self) -> &Control {
        &self.0.control
    }

    pub(super) fn time(&self) -> &Time {
        &self.0.time
    }

    pub(super) fn chance(&self) -> &Chance {
        &self.0.chance
    }

    pub(super) fn passkeys(&self) -> &Passkeys {
        &self.0.passkeys
    }

    /// The factors of somebody that count.
    pub(super) async fn of(&self, account: AccountId) -> Result<Vec<Factor>, ApiError> {
        let mut all = self.0.control.factors(account).await?;
        all.retain(|factor| factor.proven);
        Ok(all)
    }

    /// Refuses one more than anybody needs.
    pub(super) async fn make_room(&self, account: AccountId) -> Result<(), ApiError> {
        if self.of(account).await?.len() < MOST { Ok(()) } else { Err(ApiError::TooManyFactors(MOST)) }
    }

    /// A factor with this secret, which counts when it is proven.
    pub(super) fn make(
        &self,
        account: AccountId,
        kind: FactorKind,
        name: String,
        secret: &[u8],
    ) -> Result<Factor, ApiError> {
        let id = self.0.chance.with(|rng| FactorId::new(self.0.time.clock(), rng));
        let sealed = self.seal(account, id, secret)?;
        let created = self.0.time.now();
        Ok(Factor {
            id,
            account,
            kind,
            name,
            sealed,
            credential: None,
            mark: 0,
            proven: false,
            created,
            used: None,
            since: None,
        })
    }

    /// The authenticator app that a factor is.
    pub(super) fn one_time(&self, factor: &Factor) -> Option<OneTime> {
        OneTime::of(&self.open(factor)?)
    }

    /// The passkey that a factor is.
    pub(super) fn credential(&self, factor: &Factor) -> Option<Credential> {
        Credential::from_bytes(&self.open(factor)?)
    }

    /// Tries a proof in place of the second factor that a half sign-in waits for; with what it is worth when it is right.
    pub(super) async fn try_step(
        &self,
        half: &Token,
        proof: Proof,
    ) -> Result<(Tried, &'static str), ApiError> {
        let (offer, method) = match proof {
            Proof::Code(code) => (self.offer(code), ONE_TIME),
            Proof::Passkey(json) => {
                let assertion = assertion(json)?;
                let whose = half.hash().0.to_vec();
                (
                    Offer::Factor(FactorKind::Passkey, self.judge(assertion, None, (Purpose::Step, whose))),
                    PASSKEY,
                )
            }
        };
        Ok((self.0.control.try_half(half.hash().0, self.0.time.now(), offer).await?, method))
    }

    /// Tries a code of somebody who is signed in and proves anew who they are.
    pub(super) async fn try_own(&self, account: AccountId, code: Code) -> Result<Tried, ApiError> {
        Ok(self.0.control.try_own(account, self.0.time.now(), self.offer(code)).await?)
    }

    fn offer(&self, code: Code) -> Offer {
        match code {
            Code::OneTime(code) => Offer::Factor(FactorKind::OneTime, self.judge_code(code)),
            Code::Recovery(code) => Offer::Recovery(recovery::typed(&code).map(|hash| hash.0)),
        }
    }

    /// The passkey that opens its account by itself, and the hash of that one's password.
    pub(super) async fn try_passkey(&self, json: Json) -> Result<Option<(Factor, String)>, ApiError> {
        let assertion = assertion(json)?;
        // The authenticator names whose passkey it is; it is refused where that is somebody else.
        let Some(user) = assertion.user() else { return Ok(None) };
        self.show(assertion, user, (Purpose::SignIn, Vec::new())).await
    }

    /// Whether a passkey is one of the person's own, shown for this session.
    pub(super) async fn proves(&self, own: &OwnSession, json: Json) -> Result<bool, ApiError> {
        let whose = own.session.id.uuid().as_bytes().to_vec();
        let user = own.person.id.uuid().as_bytes().to_vec();
        Ok(self.show(assertion(json)?, user, (Purpose::Proof, whose)).await?.is_some())
    }

    /// Has a passkey of this account judged.
    async fn show(
        &self,
        assertion: Assertion,
        user: Vec<u8>,
        asked: (Purpose, Vec<u8>),
    ) -> Result<Option<(Factor, String)>, ApiError> {
        let Ok(id) = assertion.credential() else { return Ok(None) };
        let judge = self.judge(assertion, Some(user), asked);
        Ok(self.0.control.try_passkey(Credential::hash(&id), self.0.time.now(), judge).await?)
    }

    fn judge_code(&self, code: String) -> Judge {
        let own = self.clone();
        let now = self.0.time.now();
        Box::new(move |factors| {
            // All are looked at, whichever is right: the time tells nothing.
            factors.iter().fold(None, |found, factor| {
                let secret = own.one_time(factor);
                let step = secret.and_then(|secret| secret.check(&code, now, Some(Step(factor.mark))));
                found.or(step.map(|step| Accepted { factor: factor.id, mark: step.0, spends: None }))
            })
        })
    }

    /// Judges a passkey by those it may be, where it matters of this account only.
    fn judge(
        &self,
        assertion: Assertion,
        user: Option<Vec<u8>>,
        (purpose, whose): (Purpose, Vec<u8>),
    ) -> Judge {
        let own = self.clone();
        let now = self.0.time.now();
        Box::new(move |factors| {
            let hash = Credential::hash(&assertion.credential().ok()?);
            let factor = factors.iter().find(|factor| factor.credential == Some(hash))?;
            if user.is_some_and(|user| user != factor.account.uuid().as_bytes()) {
                return None;
            }
            let known = own.credential(factor)?;
            let count = u32::try_from(factor.mark).ok()?;
            match own.0.passkeys.verify(&assertion, (purpose, &whose), now, (&known, count)) {
                Ok(shown) => Some(Accepted {
                    factor: factor.id,
                    mark: shown.count.into(),
                    spends: Some((shown.spent.hash, shown.spent.expires)),
                }),
                Err(refusal) => {
                    tracing::info!(factor.id = %factor.id, reason = %refusal, "passkey refused");
                    None
                }
            }
        })
    }

    fn seal(&self, account: AccountId, id: FactorId, secret: &[u8]) -> Result<Vec<u8>, ApiError> {
        let nonce: [u8; NONCE_LEN] = self.0.chance.bytes();
        let mut sealed = secret.to_vec();
        let tag = self.0.cipher.seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(context(account, id)),
            &mut sealed,
        );
        let tag = tag.map_err(|_| ApiError::internal("a factor's secret cannot be encrypted"))?;
        Ok([nonce.as_slice(), &sealed, tag.as_ref()].concat())
    }

    /// `None` when it was not sealed here, for this factor of this account.
    fn open(&self, factor: &Factor) -> Option<Vec<u8>> {
        let (nonce, sealed) = factor.sealed.split_at_checked(NONCE_LEN)?;
        let mut opened = sealed.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let context = Aad::from(context(factor.account, factor.id));
        let length = self.0.cipher.open_in_place(nonce, context, &mut opened).ok()?.len();
        opened.truncate(length);
        Some(opened)
    }
}

/// What a browser sends is of its form, or it is a mistake in the request.
pub(super) fn assertion(json: Json) -> Result<Assertion, ApiError> {
    serde_json::from_value(json).map_err(|_| ApiError::InvalidRequest("body: passkey".to_owned()))
}

fn context(account: AccountId, id: FactorId) -> [u8; 32] {
    let mut context = [0; 32];
    context[..16].copy_from_slice(account.uuid().as_bytes());
    context[16..].copy_from_slice(id.uuid().as_bytes());
    context
}
