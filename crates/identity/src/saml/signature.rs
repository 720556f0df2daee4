//! Signatures within messages (XML Signature, second edition; SAML core section 5.4).
//!
//! **Architecture Invariant:** what a signature covers is never looked up. It stands directly in the element it signs, its
//! one reference names that element's own id, and what is hashed is that element without this signature. What is then read
//! is read again from the very bytes whose hash was signed, and so is what the signature says of itself. A key that comes
//! with the message is not even looked at.

use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{self, SHA256, SHA384, SHA512},
};

use super::{
    Refused, canonical,
    key::{Algorithm, Key, unspaced},
    xml::{self, Asides, Element, Node, is_name},
};

/// What names of XML Signature are in.
pub(super) const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
/// Exclusive canonical XML, and the namespace of what it can be told.
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
/// Trees hold no comments, so this is the same.
const EXCLUSIVE_WITH_COMMENTS: &str = "http://www.w3.org/2001/10/xml-exc-c14n#WithComments";
/// Longest signature: RSA with 8,192 bits.
const LONGEST: usize = 1_024;
/// Most prefixes that canonicalisation can be told of.
const MOST_PREFIXES: usize = 32;

/// The element as it was signed by one of these keys, without its signature; `None` when there is no signature in it.
pub(super) fn signed(
    element: &Element,
    ancestors: &[&Element],
    keys: &[Key],
) -> Result<Option<Element>, Refused> {
    let mut places = element.children.iter().enumerate().filter_map(|(at, node)| match node {
        Node::Element(child) if child.is(DSIG, "Signature") => Some((at, child)),
        _ => None,
    });
    let Some((at, signature)) = places.next() else { return Ok(None) };
    if places.next().is_some() {
        return Err(Refused::Signature);
    }
    let (info, value) = parts(signature).ok_or(Refused::Signature)?;
    // Anything else would be work for whoever sent it.
    Said::of(info, element)?;
    let within: Vec<&Element> = ancestors.iter().copied().chain([element, signature]).collect();
    let method = info.only(DSIG, "CanonicalizationMethod").ok_or(Refused::Signature)?;
    let prefixes = prefixes_of(method).ok_or(Refused::Algorithm)?;
    let info = canonical::exclusive(info, &within, None, &prefixes).map_err(Refused::Form)?;
    // What it says is believed only as it was signed.
    let said = again(&info)?;
    let Said { algorithm, hash, digest: expected, prefixes } = Said::of(&said, element)?;
    if !keys.iter().any(|key| key.has_signed(algorithm, info.as_bytes(), &value)) {
        return Err(Refused::Signature);
    }
    let text = canonical::exclusive(element, ancestors, Some(at), &prefixes).map_err(Refused::Form)?;
    let found = digest::digest(hash, text.as_bytes());
    verify_slices_are_equal(found.as_ref(), &expected).map_err(|_| Refused::Signature)?;
    again(&text).map(Some)
}

/// Reads a canonical text again.
fn again(text: &str) -> Result<Element, Refused> {
    xml::read(text.as_bytes(), text.len(), Asides::Refused).map_err(Refused::Form)
}

/// What was signed about what, and the signature. There is nothing else but a key, which stays unread.
fn parts(signature: &Element) -> Option<(&Element, Vec<u8>)> {
    let parts = signature.just_elements()?;
    let (info, value) = match parts.as_slice() {
        [info, value] => (info, value),
        [info, value, key] if key.is(DSIG, "KeyInfo") => (info, value),
        _ => return None,
    };
    let right = info.is(DSIG, "SignedInfo") && value.is(DSIG, "SignatureValue");
    right.then_some((*info, unspaced(&value.text()?, LONGEST)?))
}

/// What a signature says that it did.
struct Said<'a> {
    algorithm: Algorithm,
    hash: &'static digest::Algorithm,
    digest: Vec<u8>,
    /// For the canonicalisation of what is signed.
    prefixes: Vec<&'a str>,
}

impl<'a> Said<'a> {
    fn of(info: &'a Element, signed: &Element) -> Result<Self, Refused> {
        let parts = info.just_elements().ok_or(Refused::Signature)?;
        // More than one reference, or none: whatever was meant, we do not read it.
        let [canonical, method, reference] = parts.as_slice() else { return Err(Refused::Reference) };
        let names =
            [(canonical, "CanonicalizationMethod"), (method, "SignatureMethod"), (reference, "Reference")];
        if !names.iter().all(|(part, name)| part.is(DSIG, name)) {
            return Err(Refused::Signature);
        }
        prefixes_of(canonical).ok_or(Refused::Algorithm)?;
        let algorithm = plain(method).and_then(Algorithm::named).ok_or(Refused::Algorithm)?;

        let id = signed.attribute("ID").filter(|id| is_name(id)).ok_or(Refused::Reference)?;
        let points = reference.attribute("URI").and_then(|uri| uri.strip_prefix('#')) == Some(id);
        let only = reference.attributes.iter().all(|own| matches!(&*own.local, "URI" | "Id"));
        let parts = reference.just_elements().ok_or(Refused::Reference)?;
        let [transforms, method, value] = parts.as_slice() else { return Err(Refused::Reference) };
        let named = transforms.is(DSIG, "Transforms")
            && method.is(DSIG, "DigestMethod")
            && value.is(DSIG, "DigestValue");
        if !points || !only || !named {
            return Err(Refused::Reference);
        }
        let transforms = transforms.just_elements().ok_or(Refused::Algorithm)?;
        let [enveloped, exclusive] = transforms.as_slice() else { return Err(Refused::Algorithm) };
        if !transforms.iter().all(|own| own.is(DSIG, "Transform")) || plain(enveloped) != Some(ENVELOPED) {
            return Err(Refused::Algorithm);
        }
        let prefixes = prefixes_of(exclusive).ok_or(Refused::Algorithm)?;
        let hash = match plain(method) {
            Some("http://www.w3.org/2001/04/xmlenc#sha256") => &SHA256,
            Some("http://www.w3.org/2001/04/xmldsig-more#sha384") => &SHA384,
            Some("http://www.w3.org/2001/04/xmlenc#sha512") => &SHA512,
            _ => return Err(Refused::Algorithm),
        };
        let digest = value.text().and_then(|text| unspaced(&text, 64)).ok_or(Refused::Signature)?;
        Ok(Self { algorithm, hash, digest, prefixes })
    }
}

/// The algorithm of what has no further settings.
fn plain(method: &Element) -> Option<&str> {
    method.just_elements().filter(Vec::is_empty)?;
    algorithm(method)
}

fn algorithm(method: &Element) -> Option<&str> {
    (method.attributes.len() == 1).then(|| method.attribute("Algorithm")).flatten()
}

/// The prefixes that exclusive canonicalisation is told of; `None` when it is another, or told of anything else.
fn prefixes_of(method: &Element) -> Option<Vec<&str>> {
    if !matches!(algorithm(method)?, EXCLUSIVE | EXCLUSIVE_WITH_COMMENTS) {
        return None;
    }
    let told = method.just_elements()?;
    let list = match told.as_slice() {
        [] => return Some(Vec::new()),
        [one] if one.is(EXCLUSIVE, "InclusiveNamespaces") && one.children.is_empty() => {
            one.attribute("PrefixList")?
        }
        _ => return None,
    };
    let prefixes: Vec<&str> = list.split_ascii_whitespace().collect();
    (prefixes.len() <= MOST_PREFIXES)
        .then(|| prefixes.into_iter().map(|prefix| if prefix == "#default" { "" } else { prefix }).collect())
}
