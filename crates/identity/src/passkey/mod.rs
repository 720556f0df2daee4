//! Passkeys (Web Authentication Level 3): what a browser is asked for, and what its answer is worth.
//!
//! **Architecture Invariant:** user verification is always required, so that a passkey is two factors in one; who made the
//! authenticator is never asked (attestation `none`), so that no certificate is read. See docs/adr/0032.

mod cbor;
mod challenge;
mod key;

use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{SHA256, digest},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gridkeep_model::Rng;
use jiff::Timestamp;
use secrecy::SecretBox;
use serde::{Deserialize, Serialize};

use cbor::Reader;
use challenge::Challenges;
pub use challenge::{Purpose, Spent};
pub use key::ALGORITHMS;
use key::Key;

/// A credential's id is at most so long (section 5.8.3 and CTAP2).
const LONGEST_ID: usize = 1_023;
/// What is sent is shorter than this, each part of it.
const LONGEST: usize = 64 * 1024;

const PRESENT: u8 = 1;
const VERIFIED: u8 = 1 << 2;
const ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
const ATTESTED: u8 = 1 << 6;
const EXTENDED: u8 = 1 << 7;

/// For whom passkeys are made and checked.
pub struct Passkeys {
    /// The domain that passkeys belong to.
    id: String,
    /// Where pages may ask for them.
    origins: Vec<String>,
    challenges: Challenges,
}

/// What an authenticator is known by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// What it calls itself.
    #[serde(with = "base64url")]
    pub id: Vec<u8>,
    /// Its public key (COSE).
    #[serde(with = "base64url")]
    key: Vec<u8>,
    /// How browsers reach it; a hint that they gave and get back.
    pub transports: Vec<String>,
    /// It may be copied to its owner's other devices. Never changes (section 6.1.3).
    pub eligible: bool,
}

/// A passkey that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// What it is known by.
    pub credential: Credential,
    /// Its count of signatures.
    pub count: u32,
    /// The challenge it answered.
    pub spent: Spent,
}

/// A passkey that was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// Its count of signatures from now on.
    pub count: u32,
    /// The challenge it answered.
    pub spent: Spent,
}

/// What a browser sends of a new passkey (`RegistrationResponseJSON`, as far as it is used).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Registration {
    response: AttestationResponse,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AttestationResponse {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    attestation_object: String,
    #[serde(default)]
    transports: Vec<String>,
}

/// What a browser sends of a passkey it asked (`AuthenticationResponseJSON`, as far as it is used).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Assertion {
    id: String,
    response: AssertionResponse,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AssertionResponse {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    authenticator_data: String,
    signature: String,
    #[serde(default)]
    user_handle: Option<String>,
}

/// Why a passkey was refused; for tests and logs, not for whoever showed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is not what browsers send.
    #[error("no answer of an authenticator")]
    Form,
    /// The page that asked is not ours, or stood in a foreign one.
    #[error("a foreign page")]
    Origin,
    /// It is for another domain.
    #[error("for another domain")]
    Party,
    /// The challenge is not ours, for something or somebody else, or too old.
    #[error("a foreign or old challenge")]
    Challenge,
    /// Nobody touched the authenticator, or it did not check who.
    #[error("nobody verified")]
    Unverified,
    /// The key is of a kind that is not used.
    #[error("an unknown kind of key")]
    Key,
    /// Another credential than the one that was looked for.
    #[error("another credential")]
    Credential,
    /// Somebody else signed.
    #[error("a wrong signature")]
    Signature,
    /// Its count of signatures does not grow: there may be a copy.
    #[error("maybe a copy")]
    Copied,
}

/// What a browser says about the page that asked (section 5.8.1).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
}

impl Passkeys {
    /// For the pages of these origins, which are of this domain.
    pub fn new(id: String, origins: Vec<String>, key: &SecretBox<[u8; 32]>) -> Self {
        Self { id, origins, challenges: Challenges::new(key) }
    }

    /// The domain that passkeys belong to.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// A challenge as browsers take it, base64url.
    pub fn challenge(&self, purpose: Purpose, whose: &[u8], now: Timestamp, rng: &mut dyn Rng) -> String {
        URL_SAFE_NO_PAD.encode(self.challenges.make(purpose, whose, now, rng))
    }

    /// Checks a new passkey (section 7.1), asked for with [`Purpose::SetUp`].
    pub fn register(&self, sent: &Registration, whose: &[u8], now: Timestamp) -> Result<Made, Refusal> {
        let client = decoded(&sent.response.client_data)?;
        let spent = self.client(&client, "webauthn.create", Purpose::SetUp, whose, now)?;
        let object = decoded(&sent.response.attestation_object)?;
        let data = data_of(&object).ok_or(Refusal::Form)?;
        let (flags, count, mut rest) = self.data(data)?;
        if flags & ATTESTED == 0 {
            return Err(Refusal::Form);
        }
        let credential = attested(&mut rest)?;
        if flags & EXTENDED != 0 {
            rest.skip().ok_or(Refusal::Form)?;
        }
        if !rest.is_empty() {
            return Err(Refusal::Form);
        }
        let known = ["ble", "hybrid", "internal", "nfc", "smart-card", "usb"];
        let own = sent.response.transports.iter().filter(|own| known.contains(&own.as_str()));
        let mut transports: Vec<String> = own.cloned().collect();
        transports.sort_unstable();
        transports.dedup();
        let (id, key) = credential;
        let eligible = flags & ELIGIBLE != 0;
        Ok(Made { credential: Credential { id, key, transports, eligible }, count, spent })
    }

    /// Checks a passkey that was shown (section 7.2) against the one that is known, and the count it had.
    pub fn verify(
        &self,
        sent: &Assertion,
        (purpose, whose): (Purpose, &[u8]),
        now: Timestamp,
        (known, count): (&Credential, u32),
    ) -> Result<Shown, Refusal> {
        let client = decoded(&sent.response.client_data)?;
        let spent = self.client(&client, "webauthn.get", purpose, whose, now)?;
        Ok(Shown { count: self.signed(sent, &client, (known, count))?, spent })
    }

    /// Checks a passkey that was shown for a challenge that the caller makes of some content and knows again, such as its hash;
    /// gives the count from now on. That it is taken once is the caller's to see to.
    pub fn verify_content(
        &self,
        sent: &Assertion,
        content: &[u8; 32],
        known: (&Credential, u32),
    ) -> Result<u32, Refusal> {
        let client = decoded(&sent.response.client_data)?;
        let challenge = self.page(&client, "webauthn.get")?;
        verify_slices_are_equal(&challenge, content).map_err(|_| Refusal::Challenge)?;
        self.signed(sent, &client, known)
    }

    /// Whether the known authenticator has signed this statement of the page; gives its count from now on.
    fn signed(
        &self,
        sent: &Assertion,
        client: &[u8],
        (known, count): (&Credential, u32),
    ) -> Result<u32, Refusal> {
        if sent.credential()? != known.id {
            return Err(Refusal::Credential);
        }
        let data = decoded(&sent.response.authenticator_data)?;
        let (flags, new, mut rest) = self.data(&data)?;
        if flags & ATTESTED != 0 {
            attested(&mut rest)?;
        }
        if flags & EXTENDED != 0 {
            rest.skip().ok_or(Refusal::Form)?;
        }
        if !rest.is_empty() {
            return Err(Refusal::Form);
        }
        if (flags & ELIGIBLE != 0) != known.eligible {
            return Err(Refusal::Credential);
        }
        let key = Key::read(&mut Reader(&known.key)).ok_or(Refusal::Key)?;
        let message = [data.as_slice(), digest(&SHA256, client).as_ref()].concat();
        if !key.has_signed(&message, &decoded(&sent.response.signature)?) {
            return Err(Refusal::Signature);
        }
        // Synchronised passkeys do not count at all (section 6.1.1).
        if (new, count) != (0, 0) && new <= count {
            return Err(Refusal::Copied);
        }
        Ok(new)
    }

    /// The page that asked, and what it asked for.
    fn client(
        &self,
        json: &[u8],
        kind: &str,
        purpose: Purpose,
        whose: &[u8],
        now: Timestamp,
    ) -> Result<Spent, Refusal> {
        let challenge = self.page(json, kind)?;
        self.challenges.check(&challenge, purpose, whose, now).ok_or(Refusal::Challenge)
    }

    /// The challenge that a page of ours asked with.
    fn page(&self, json: &[u8], kind: &str) -> Result<Vec<u8>, Refusal> {
        let client: ClientData = serde_json::from_slice(json).map_err(|_| Refusal::Form)?;
        if client.r#type != kind {
            return Err(Refusal::Form);
        }
        if client.cross_origin || !self.origins.contains(&client.origin) {
            return Err(Refusal::Origin);
        }
        URL_SAFE_NO_PAD.decode(client.challenge).map_err(|_| Refusal::Challenge)
    }

    /// The flags and the count of an authenticator's data (section 6.1), and what follows them.
    fn data<'a>(&self, data: &'a [u8]) -> Result<(u8, u32, Reader<'a>), Refusal> {
        let mut reader = Reader(data);
        let party = reader.array::<32>().ok_or(Refusal::Form)?;
        if verify_slices_are_equal(&party, digest(&SHA256, self.id.as_bytes()).as_ref()).is_err() {
            return Err(Refusal::Party);
        }
        let [flags] = reader.array::<1>().ok_or(Refusal::Form)?;
        if flags & (PRESENT | VERIFIED) != PRESENT | VERIFIED {
            return Err(Refusal::Unverified);
        }
        if flags & BACKED_UP != 0 && flags & ELIGIBLE == 0 {
            return Err(Refusal::Form);
        }
        let count = u32::from_be_bytes(reader.array().ok_or(Refusal::Form)?);
        Ok((flags, count, reader))
    }
}

impl Assertion {
    /// The id of the credential it says it is of.
    pub fn credential(&self) -> Result<Vec<u8>, Refusal> {
        decoded(&self.id).and_then(|id| if id.len() <= LONGEST_ID { Ok(id) } else { Err(Refusal::Form) })
    }

    /// Whose account it says it is for, as it was told when the passkey was made.
    pub fn user(&self) -> Option<Vec<u8>> {
        decoded(self.response.user_handle.as_deref()?).ok()
    }
}

impl Credential {
    /// As it is kept.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// As it was kept.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// What it is looked up by.
    pub fn hash(id: &[u8]) -> [u8; 32] {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, id).as_ref());
        hash
    }

    /// Its id as browsers take it.
    pub fn name(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.id)
    }
}

/// The authenticator's data within an attestation object (section 6.5); its statement is passed over.
fn data_of(object: &[u8]) -> Option<&[u8]> {
    let mut reader = Reader(object);
    let mut data = None;
    for _ in 0..reader.map()? {
        match reader.text()? {
            "authData" if data.is_none() => data = Some(reader.bytes()?),
            "fmt" | "attStmt" => reader.skip()?,
            _ => return None,
        }
    }
    if reader.is_empty() { data } else { None }
}

/// The id and the key of a credential within an authenticator's data (section 6.5.1).
fn attested(rest: &mut Reader<'_>) -> Result<(Vec<u8>, Vec<u8>), Refusal> {
    let _model = rest.array::<16>().ok_or(Refusal::Form)?;
    let length = usize::from(u16::from_be_bytes(rest.array().ok_or(Refusal::Form)?));
    if length == 0 || length > LONGEST_ID {
        return Err(Refusal::Form);
    }
    let id = rest.take(length).ok_or(Refusal::Form)?.to_vec();
    let before = rest.0;
    Key::read(rest).ok_or(Refusal::Key)?;
    let key = &before[..before.len() - rest.0.len()];
    Ok((id, key.to_vec()))
}

fn decoded(text: &str) -> Result<Vec<u8>, Refusal> {
    if text.len() > LONGEST {
        return Err(Refusal::Form);
    }
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Refusal::Form)
}

/// Bytes as text in JSON.
mod base64url {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        URL_SAFE_NO_PAD.decode(text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;
