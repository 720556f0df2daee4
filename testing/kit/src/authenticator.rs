//! A passkey in software: answers what a server asks of a browser, and lies where a test wants it to.

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value as Json, json};

/// What an answer says that is not so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lie {
    /// Nothing: all is as it should be.
    #[default]
    None,
    /// Another page asked.
    Origin,
    /// A page within another one asked.
    CrossOrigin,
    /// It is for another domain.
    Party,
    /// Nobody was verified.
    Unverified,
    /// Nobody was there.
    Absent,
    /// The other ceremony.
    Type,
    /// Signed by somebody else, where something is signed.
    Signature,
    /// Something follows the authenticator's data.
    Trailing,
    /// It can be copied to other devices, which it said it could not.
    Eligible,
    /// The count of signatures of a copy that is behind.
    Count,
}

enum Pair {
    P256(Box<EcdsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
}

/// One credential of one account at one server.
pub struct Authenticator {
    origin: String,
    party: String,
    /// What the credential calls itself.
    pub id: Vec<u8>,
    pair: Pair,
    /// How often it has signed.
    pub count: u32,
    /// Whose it is, as the server said when it was made.
    pub user: String,
}

impl Authenticator {
    /// Not used anywhere yet. Ed25519 instead of P-256 when `edwards`.
    ///
    /// # Panics
    /// When the machine gives no randomness.
    pub fn new(origin: &str, party: &str, edwards: bool) -> Self {
        let random = SystemRandom::new();
        let failed = "a key pair";
        let pair = if edwards {
            let pkcs8 = Ed25519KeyPair::generate_pkcs8(&random).expect(failed);
            Pair::Ed25519(Box::new(Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).expect(failed)))
        } else {
            let signing = &ECDSA_P256_SHA256_ASN1_SIGNING;
            let pkcs8 = EcdsaKeyPair::generate_pkcs8(signing, &random).expect(failed);
            Pair::P256(Box::new(EcdsaKeyPair::from_pkcs8(signing, pkcs8.as_ref()).expect(failed)))
        };
        let mut id = vec![0; 32];
        aws_lc_rs::rand::fill(&mut id).expect(failed);
        Self { origin: origin.to_owned(), party: party.to_owned(), id, pair, count: 0, user: String::new() }
    }

    /// What a browser answers to the options of a new passkey.
    pub fn create(&mut self, options: &Json, lie: Lie) -> Json {
        options["user"]["id"].as_str().unwrap_or_default().clone_into(&mut self.user);
        let client = self.client(options, "webauthn.create", lie);
        let mut data = self.data(lie, 1 << 6);
        data.extend_from_slice(&[0; 16]);
        data.extend_from_slice(&(self.id.len() as u16).to_be_bytes());
        data.extend_from_slice(&self.id);
        data.extend_from_slice(&self.key());
        if lie == Lie::Trailing {
            data.push(0);
        }
        // {"fmt": "none", "attStmt": {}, "authData": data}
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        object.extend_from_slice(&(data.len() as u16).to_be_bytes());
        object.extend_from_slice(&data);
        json!({
            "id": encoded(&self.id), "rawId": encoded(&self.id), "type": "public-key",
            "clientExtensionResults": {},
            "response": {"clientDataJSON": encoded(&client), "attestationObject": encoded(&object),
                "transports": ["internal", "something new"]}
        })
    }

    /// What a browser answers when it is asked for a passkey.
    pub fn get(&mut self, options: &Json, lie: Lie) -> Json {
        if lie != Lie::Count {
            self.count += 1;
        }
        let client = self.client(options, "webauthn.get", lie);
        let mut data = self.data(lie, 0);
        if lie == Lie::Trailing {
            data.push(0);
        }
        let signed = match lie {
            Lie::Signature => b"something else".to_vec(),
            _ => [data.as_slice(), digest(&SHA256, &client).as_ref()].concat(),
        };
        let signature = match &self.pair {
            Pair::P256(pair) => {
                pair.sign(&SystemRandom::new(), &signed).expect("a signature").as_ref().to_vec()
            }
            Pair::Ed25519(pair) => pair.sign(&signed).as_ref().to_vec(),
        };
        json!({
            "id": encoded(&self.id), "rawId": encoded(&self.id), "type": "public-key",
            "clientExtensionResults": {},
            "response": {"clientDataJSON": encoded(&client), "authenticatorData": encoded(&data),
                "signature": encoded(&signature), "userHandle": self.user}
        })
    }

    fn client(&self, options: &Json, kind: &str, lie: Lie) -> Vec<u8> {
        let kind = if lie == Lie::Type { "webauthn.other" } else { kind };
        let origin = if lie == Lie::Origin { "https://evil.example" } else { &self.origin };
        let cross = lie == Lie::CrossOrigin;
        json!({"type": kind, "challenge": options["challenge"], "origin": origin, "crossOrigin": cross})
            .to_string()
            .into_bytes()
    }

    fn data(&self, lie: Lie, more: u8) -> Vec<u8> {
        let party = if lie == Lie::Party { "evil.example" } else { &self.party };
        let mut flags = 1 | 1 << 2 | more;
        match lie {
            Lie::Absent => flags &= !1,
            Lie::Unverified => flags &= !(1 << 2),
            Lie::Eligible => flags |= 1 << 3,
            _ => {}
        }
        let mut data = digest(&SHA256, party.as_bytes()).as_ref().to_vec();
        data.push(flags);
        data.extend_from_slice(&self.count.to_be_bytes());
        data
    }

    /// The public key as COSE has it.
    fn key(&self) -> Vec<u8> {
        match &self.pair {
            Pair::P256(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                [b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20".as_slice(), x, b"\x22\x58\x20", y].concat()
            }
            Pair::Ed25519(pair) => {
                [b"\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20", pair.public_key().as_ref()].concat()
            }
        }
    }
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
