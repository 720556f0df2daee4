//! Makes answers and signs them, well or badly.

use std::sync::LazyLock;

use aws_lc_rs::{
    digest::{Algorithm as Hash, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512, digest},
    encoding::{AsDer as _, PublicKeyX509Der},
    hmac,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
        RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RsaKeyPair,
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;

use super::super::{
    Answer, Expected, Key, Refused, accept, canonical,
    der::piece,
    xml::{self, Asides, Element},
};

pub(super) const ISSUER: &str = "https://login.example/idp";
pub(super) const AUDIENCE: &str = "https://apps.example/saml/metadata";
pub(super) const PLACE: &str = "https://apps.example/saml/answer";
pub(super) const ASKED: &str = "_0a1b2c";
pub(super) const NOW: &str = "2026-11-22T12:00:00Z";

/// An answer that is right, unsigned: what tests change is written plainly.
pub(super) const GOOD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:xs="http://www.w3.org/2001/XMLSchema" ID="_response" Version="2.0" IssueInstant="2026-11-22T11:59:58Z" Destination="https://apps.example/saml/answer" InResponseTo="_0a1b2c"><saml:Issuer>https://login.example/idp</saml:Issuer>
  <samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
  <saml:Assertion ID="_assertion" Version="2.0" IssueInstant="2026-11-22T11:59:58Z"><saml:Issuer>https://login.example/idp</saml:Issuer>
    <saml:Subject>
      <saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">ada</saml:NameID>
      <saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
        <saml:SubjectConfirmationData Recipient="https://apps.example/saml/answer" InResponseTo="_0a1b2c" NotOnOrAfter="2026-11-22T12:05:00Z"/>
      </saml:SubjectConfirmation>
    </saml:Subject>
    <saml:Conditions NotBefore="2026-11-22T11:59:00Z" NotOnOrAfter="2026-11-22T12:05:00Z">
      <saml:AudienceRestriction><saml:Audience>https://apps.example/saml/metadata</saml:Audience></saml:AudienceRestriction>
    </saml:Conditions>
    <saml:AuthnStatement AuthnInstant="2026-11-22T11:59:50Z" SessionIndex="s1">
      <saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext>
    </saml:AuthnStatement>
    <saml:AttributeStatement>
      <saml:Attribute Name="mail"><saml:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">ada@example.com</saml:AttributeValue></saml:Attribute>
      <saml:Attribute Name="groups"><saml:AttributeValue>makers</saml:AttributeValue><saml:AttributeValue>R&amp;D</saml:AttributeValue></saml:Attribute>
    </saml:AttributeStatement>
  </saml:Assertion>
</samlp:Response>"#;

/// Whoever can sign.
pub(super) enum Pair {
    Rsa(Box<RsaKeyPair>),
    P256(Box<EcdsaKeyPair>),
    P384(Box<EcdsaKeyPair>),
}

/// The provider, and somebody else.
pub(super) static PROVIDER: LazyLock<Pair> = LazyLock::new(Pair::rsa);
pub(super) static STRANGER: LazyLock<Pair> = LazyLock::new(Pair::rsa);

impl Pair {
    pub(super) fn rsa() -> Self {
        Self::Rsa(Box::new(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()))
    }

    pub(super) fn p256() -> Self {
        Self::P256(Box::new(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()))
    }

    pub(super) fn p384() -> Self {
        Self::P384(Box::new(EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap()))
    }

    /// As a SubjectPublicKeyInfo.
    pub(super) fn public(&self) -> Vec<u8> {
        let der: PublicKeyX509Der<'_> = match self {
            Self::Rsa(pair) => pair.public_key().as_der().unwrap(),
            Self::P256(pair) | Self::P384(pair) => pair.public_key().as_der().unwrap(),
        };
        der.as_ref().to_vec()
    }

    pub(super) fn key(&self) -> Key {
        Key::of_certificate(&certificate(&self.public())).unwrap()
    }

    /// Signs by what an algorithm's name promises, or by what this key can.
    fn sign(&self, algorithm: &str, text: &[u8]) -> Vec<u8> {
        let rng = SystemRandom::new();
        if algorithm.contains("hmac") {
            // The classic: the public key, which everybody has, as a secret.
            return hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.public()), text).as_ref().to_vec();
        }
        match self {
            Self::Rsa(pair) => {
                let with = match algorithm {
                    _ if algorithm.ends_with("sha384") => &RSA_PKCS1_SHA384,
                    _ if algorithm.ends_with("sha512") => &RSA_PKCS1_SHA512,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(with, &rng, text, &mut signature).unwrap();
                signature
            }
            Self::P256(pair) | Self::P384(pair) => pair.sign(&rng, text).unwrap().as_ref().to_vec(),
        }
    }
}

/// A certificate around a key, in base64; nobody asks who signed it.
pub(super) fn certificate(public: &[u8]) -> String {
    let validity = piece(0x30, &[&piece(0x17, &[b"260101000000Z"]), &piece(0x18, &[b"20560101000000Z"])]);
    let (empty, serial) = (piece(0x30, &[]), piece(0x02, &[&[1]]));
    let version = piece(0xa0, &[&piece(0x02, &[&[2]])]);
    let fields = piece(0x30, &[&version, &serial, &empty, &empty, &validity, &empty, public]);
    STANDARD.encode(piece(0x30, &[&fields, &empty, &piece(0x03, &[&[0]])]))
}

/// How something is signed.
#[derive(Clone)]
pub(super) struct Way {
    pub(super) canonical: String,
    pub(super) algorithm: String,
    /// What stands within `Transforms`.
    pub(super) transforms: String,
    pub(super) digest: String,
    /// What `Reference` names; the id itself if there is none.
    pub(super) uri: Option<String>,
    /// How often the reference stands there.
    pub(super) references: usize,
    /// The prefixes that the transforms name.
    pub(super) prefixes: Vec<&'static str>,
    /// What else stands in the signature.
    pub(super) more: String,
}

impl Default for Way {
    fn default() -> Self {
        Self {
            canonical: "http://www.w3.org/2001/10/xml-exc-c14n#".to_owned(),
            algorithm: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256".to_owned(),
            transforms: transforms(&[
                "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
                "http://www.w3.org/2001/10/xml-exc-c14n#",
            ]),
            digest: "http://www.w3.org/2001/04/xmlenc#sha256".to_owned(),
            uri: None,
            references: 1,
            prefixes: Vec::new(),
            more: String::new(),
        }
    }
}

/// Transforms of these names.
pub(super) fn transforms(names: &[&str]) -> String {
    let all: Vec<_> =
        names.iter().map(|name| format!("<ds:Transform Algorithm=\"{name}\"></ds:Transform>")).collect();
    all.concat()
}

/// The element with this id, and those it is within.
pub(super) fn find<'a>(root: &'a Element, id: &str) -> (&'a Element, Vec<&'a Element>) {
    fn go<'a>(element: &'a Element, id: &str, way: &mut Vec<&'a Element>) -> Option<&'a Element> {
        if element.attribute("ID") == Some(id) {
            return Some(element);
        }
        way.push(element);
        let found = element.elements().find_map(|child| go(child, id, way));
        if found.is_none() {
            way.pop();
        }
        found
    }
    let mut way = Vec::new();
    let element = go(root, id, &mut way).expect("an element with this id");
    (element, way)
}

/// Signs the element with this id: its signature follows its issuer.
pub(super) fn signed(document: &str, id: &str, pair: &Pair, way: &Way) -> String {
    let root = xml::read(document.as_bytes(), 1 << 20, Asides::Skipped).expect("a document");
    let (element, within) = find(&root, id);
    let text = canonical::exclusive(element, &within, None, &way.prefixes).unwrap();
    let signature = signature(&text, id, pair, way);
    let at = document.find(&format!("ID=\"{id}\"")).expect("the id");
    let at = at + document[at..].find("</saml:Issuer>").expect("its issuer") + "</saml:Issuer>".len();
    format!("{}{signature}{}", &document[..at], &document[at..])
}

/// A signature of a canonical text.
pub(super) fn signature(text: &str, id: &str, pair: &Pair, way: &Way) -> String {
    let hash: &Hash = match &way.digest {
        name if name.ends_with("sha1") => &SHA1_FOR_LEGACY_USE_ONLY,
        name if name.ends_with("sha384") => &SHA384,
        name if name.ends_with("sha512") => &SHA512,
        _ => &SHA256,
    };
    let digest = STANDARD.encode(digest(hash, text.as_bytes()));
    let uri = way.uri.clone().unwrap_or_else(|| format!("#{id}"));
    let reference = format!(
        "<ds:Reference URI=\"{uri}\"><ds:Transforms>{}</ds:Transforms><ds:DigestMethod Algorithm=\"{}\">\
         </ds:DigestMethod><ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>",
        way.transforms, way.digest
    );
    let inner = format!(
        "<ds:CanonicalizationMethod Algorithm=\"{}\"></ds:CanonicalizationMethod><ds:SignatureMethod \
         Algorithm=\"{}\"></ds:SignatureMethod>{}",
        way.canonical,
        way.algorithm,
        reference.repeat(way.references)
    );
    let ds = "http://www.w3.org/2000/09/xmldsig#";
    let info = format!("<ds:SignedInfo xmlns:ds=\"{ds}\">{inner}</ds:SignedInfo>");
    let value = STANDARD.encode(pair.sign(&way.algorithm, info.as_bytes()));
    format!(
        "<ds:Signature xmlns:ds=\"{ds}\"><ds:SignedInfo>{inner}</ds:SignedInfo>\
         <ds:SignatureValue>\n{value}\n</ds:SignatureValue>{}</ds:Signature>",
        way.more
    )
}

/// What is expected of the good answer.
pub(super) fn expected(keys: &[Key]) -> Expected<'_> {
    Expected {
        issuer: ISSUER,
        audience: AUDIENCE,
        place: PLACE,
        asked: ASKED,
        asked_at: at("2026-11-22T11:59:00Z"),
        anew: false,
        keys,
        now: at(NOW),
    }
}

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Brings a document as a browser would, to a service that trusts the provider's key.
pub(super) fn bring(document: &str) -> Result<Answer, Refused> {
    accept(&STANDARD.encode(document), &expected(&[PROVIDER.key()]))
}

/// Which of the names in it an answer is taken to be about.
pub(super) fn subject(document: &str) -> Result<String, Refused> {
    bring(document).and_then(|answer| answer.first(true)).map(|person| person.subject)
}
