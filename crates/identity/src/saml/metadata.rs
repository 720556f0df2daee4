//! What services and providers say of themselves (SAML metadata): ours is written, a provider's is read.
//!
//! A provider's is believed because somebody who may decide so put it into the settings; a signature in it is not looked at.
//! It is read once, into what the settings keep, and fetched from nowhere.

use jiff::Timestamp;

use super::{
    escaped,
    key::{BadKey, Key},
    response::{SAMLP, moment},
    signature::DSIG,
    xml::{self, Asides, Element, Fault},
};

/// What names of metadata are in.
const MD: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
const REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
const POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
/// Largest metadata document, in bytes.
const LARGEST: usize = 1 << 20;
/// Most keys of a provider: the one in use, the next, and some to spare.
const MOST_KEYS: usize = 8;
/// Longest name of a provider (SAML metadata section 2.2.1).
const LONGEST_NAME: usize = 1_024;
/// Longest address.
const LONGEST_ADDRESS: usize = 2_048;

/// A provider, as far as we need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Its name (entity id).
    pub issuer: String,
    /// Where browsers go with a request.
    pub place: String,
    /// Its certificates in base64, each with a key we take.
    pub certificates: Vec<String>,
    /// Whether it says that requests must be signed.
    pub wants_signed_requests: bool,
}

/// Why metadata is of no use; for whoever uploads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadProvider {
    /// It cannot be read.
    #[error("this is no XML that can be read: {0}")]
    Form(Fault),
    /// It is XML, but no description of one provider.
    #[error("this is no metadata document of one SAML 2.0 identity provider")]
    Kind,
    /// It was good until a moment that has passed.
    #[error("this metadata is past its date")]
    Old,
    /// It names no address for HTTP redirect, or none that browsers can be sent to.
    #[error("it names no sign-in address for HTTP redirect that begins with https://")]
    Place,
    /// It has no certificate for signatures, or too many.
    #[error("it has no certificate for signatures, or more than eight")]
    Keys,
    /// A certificate is of no use.
    #[error("its certificate is of no use: {0}")]
    Key(BadKey),
}

impl Provider {
    /// Reads a metadata document. Addresses with `http://` are good for the loopback only.
    pub fn read(document: &[u8], now: Timestamp) -> Result<Self, BadProvider> {
        let root = xml::read(document, LARGEST, Asides::Skipped).map_err(BadProvider::Form)?;
        if !root.is(MD, "EntityDescriptor") {
            return Err(BadProvider::Kind);
        }
        let mut roles = root.named(MD, "IDPSSODescriptor").filter(|role| {
            let protocols = role.attribute("protocolSupportEnumeration").unwrap_or_default();
            protocols.split_ascii_whitespace().any(|protocol| protocol == SAMLP)
        });
        let role = roles.next().filter(|_| roles.next().is_none()).ok_or(BadProvider::Kind)?;
        for element in [&root, role] {
            let until = moment(element, "validUntil").map_err(|_| BadProvider::Old)?;
            if until.is_some_and(|until| until <= now) {
                return Err(BadProvider::Old);
            }
        }
        let issuer = root.attribute("entityID").filter(|id| !id.is_empty() && id.len() <= LONGEST_NAME);
        let issuer = issuer.ok_or(BadProvider::Kind)?.to_owned();
        let mut places = role.named(MD, "SingleSignOnService");
        let place = places.find(|place| place.attribute("Binding") == Some(REDIRECT));
        let place = place.and_then(|place| place.attribute("Location")).filter(|place| is_address(place));
        let place = place.ok_or(BadProvider::Place)?.to_owned();
        let certificates = certificates(role)?;
        let wants = role.attribute("WantAuthnRequestsSigned");
        let wants_signed_requests = matches!(wants, Some("true" | "1"));
        Ok(Self { issuer, place, certificates, wants_signed_requests })
    }

    /// Its keys.
    pub fn keys(&self) -> Result<Vec<Key>, BadKey> {
        self.certificates.iter().map(|certificate| Key::of_certificate(certificate)).collect()
    }
}

/// The certificates for signatures; one of a kind that we do not take is an error only if there is no other.
fn certificates(role: &Element) -> Result<Vec<String>, BadProvider> {
    let mut found = Vec::new();
    let mut why = BadProvider::Keys;
    let signing = role.named(MD, "KeyDescriptor").filter(|key| key.attribute("use") != Some("encryption"));
    let boxes =
        signing.flat_map(|key| key.named(DSIG, "KeyInfo")).flat_map(|info| info.named(DSIG, "X509Data"));
    for certificate in boxes.flat_map(|data| data.named(DSIG, "X509Certificate")) {
        let text = certificate.text().ok_or(BadProvider::Keys)?;
        let plain: String = text.split(xml::is_space).collect();
        match Key::of_certificate(&plain) {
            Ok(_) if found.contains(&plain) => {}
            Ok(_) => found.push(plain),
            Err(refused) => why = BadProvider::Key(refused),
        }
    }
    if found.is_empty() {
        Err(why)
    } else if found.len() > MOST_KEYS {
        Err(BadProvider::Keys)
    } else {
        Ok(found)
    }
}

/// Whether browsers can be sent there: TLS, or this very machine.
fn is_address(address: &str) -> bool {
    let plain = address.len() <= LONGEST_ADDRESS
        && address.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}#".contains(&byte));
    let host = |rest: &str| rest.split(['/', '?']).next().unwrap_or_default().to_owned();
    let good = match address.split_once("://") {
        Some(("https", rest)) => !host(rest).is_empty(),
        Some(("http", rest)) => {
            let host = host(rest);
            let name = host.rsplit_once(':').map_or(&*host, |(name, _)| name);
            matches!(name, "localhost" | "127.0.0.1")
        }
        _ => false,
    };
    plain && good && !address.split_once("://").is_some_and(|(_, rest)| host(rest).contains('@'))
}

/// Our own side, for one provider's settings.
#[derive(Debug, Clone, Copy)]
pub struct Service<'a> {
    /// Our name (entity id), which is where the document is.
    pub name: &'a str,
    /// Where answers are to be sent.
    pub place: &'a str,
    /// The certificate of what requests are signed with.
    pub certificate: Option<&'a str>,
    /// Whether they are.
    pub signs: bool,
}

impl Service<'_> {
    /// The metadata document, for whoever sets up the provider.
    pub fn metadata(&self) -> String {
        let key = |certificate: &str| {
            format!(
                "    <md:KeyDescriptor use=\"signing\"><ds:KeyInfo xmlns:ds=\"{DSIG}\"><ds:X509Data><ds:X509Certificate>\
                 {certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>\n"
            )
        };
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <md:EntityDescriptor xmlns:md=\"{MD}\" entityID=\"{}\">\n  \
             <md:SPSSODescriptor protocolSupportEnumeration=\"{SAMLP}\" AuthnRequestsSigned=\"{}\" \
             WantAssertionsSigned=\"true\">\n\
             {}    <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>\n    \
             <md:AssertionConsumerService Binding=\"{POST}\" Location=\"{}\" index=\"0\" isDefault=\"true\"/>\n  \
             </md:SPSSODescriptor>\n\
             </md:EntityDescriptor>\n",
            escaped(self.name),
            self.signs,
            self.certificate.map(key).unwrap_or_default(),
            escaped(self.place),
        )
    }
}
