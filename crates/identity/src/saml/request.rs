//! What we ask a provider: an AuthnRequest, carried by the browser (SAML bindings section 3.4, HTTP redirect).

use std::io::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::{Compression, write::DeflateEncoder};
use gridkeep_model::Rng;
use jiff::Timestamp;

use super::{
    Signer, escaped,
    response::{SAML, SAMLP},
};

/// An id of a request: no two are alike, and nobody can guess one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// A new one, of 160 bits. An id begins with no digit.
    pub fn new(rng: &mut dyn Rng) -> Self {
        let mut bytes = [0; 20];
        rng.fill(&mut bytes);
        let digits = bytes.iter().fold(String::from("_"), |text, byte| format!("{text}{byte:02x}"));
        Self(digits)
    }

    /// One that follows from a secret in hexadecimal digits, of at least 160 bits: whoever knows it knows the id again.
    pub fn of_secret(digits: &str) -> Self {
        Self(format!("_{}", digits.get(..40).unwrap_or(digits)))
    }

    /// As it is sent and kept.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Its id.
    pub id: &'a RequestId,
    /// The provider's address for it, from the settings.
    pub to: &'a str,
    /// Our name (entity id).
    pub issuer: &'a str,
    /// Where the answer is to be sent.
    pub place: &'a str,
    /// Now.
    pub now: Timestamp,
    /// Whether the person is to prove anew who they are.
    pub anew: bool,
    /// What comes back with the answer (RelayState): at most 80 bytes, never an address, and nothing to believe.
    pub relay: Option<&'a str>,
}

impl Request<'_> {
    /// Its XML.
    fn xml(&self) -> String {
        let force = if self.anew { " ForceAuthn=\"true\"" } else { "" };
        let now = self.now.strftime("%Y-%m-%dT%H:%M:%SZ");
        format!(
            "<samlp:AuthnRequest xmlns:samlp=\"{SAMLP}\" xmlns:saml=\"{SAML}\" ID=\"{}\" Version=\"2.0\" \
             IssueInstant=\"{now}\" Destination=\"{}\"{force} AssertionConsumerServiceURL=\"{}\" \
             ProtocolBinding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\"><saml:Issuer>{}</saml:Issuer>\
             </samlp:AuthnRequest>",
            self.id.0,
            escaped(self.to),
            escaped(self.place),
            escaped(self.issuer),
        )
    }

    /// The address that the browser is sent to, signed if there is a key (section 3.4.4.1).
    pub fn address(&self, signer: Option<&Signer>) -> String {
        let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
        // Writing into memory does not fail.
        let packed =
            packed.write_all(self.xml().as_bytes()).and_then(|()| packed.finish()).unwrap_or_default();
        let mut query = format!("SAMLRequest={}", percent(&STANDARD.encode(packed)));
        if let Some(relay) = self.relay {
            query.push_str("&RelayState=");
            query.push_str(&percent(relay));
        }
        if let Some(signer) = signer {
            query.push_str("&SigAlg=");
            query.push_str(&percent("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"));
            let signature = signer.sign(query.as_bytes());
            query.push_str("&Signature=");
            query.push_str(&percent(&STANDARD.encode(signature)));
        }
        let mark = if self.to.contains('?') { '&' } else { '?' };
        format!("{}{mark}{query}", self.to)
    }
}

/// A text as a part of a query: everything but plain characters is escaped.
fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
            out.push('%');
            out.push(char::from(DIGITS[usize::from(byte >> 4)]));
            out.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
    out
}
