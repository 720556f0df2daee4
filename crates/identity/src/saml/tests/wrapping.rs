//! Signatures that are right, of something else than what is read (XSW), and signatures of the wrong kind.

use super::maker::*;
use crate::saml::{Key, Refused};

/// A right answer, its assertion or the whole of it signed, in pieces to put together otherwise.
struct Pieces {
    /// As the provider sent it.
    whole: String,
    signature: String,
    /// The response and the assertion without the signature, and what thieves want them to say, with ids of their own.
    response: String,
    assertion: String,
    evil_assertion: String,
    evil_response: String,
}

fn pieces(id: &str) -> Pieces {
    let whole = signed(GOOD, id, &PROVIDER, &Way::default());
    let between = |text: &str, from: &str, to: &str| {
        let (start, end) = (text.find(from).unwrap(), text.find(to).unwrap() + to.len());
        text[start..end].to_owned()
    };
    let signature = between(&whole, "<ds:Signature ", "</ds:Signature>");
    let response = between(GOOD, "<samlp:Response", "</samlp:Response>");
    let assertion = between(GOOD, "<saml:Assertion", "</saml:Assertion>");
    let evil = |text: &str| {
        text.replace(">ada<", ">eve<").replace("_assertion", "_evil").replace("_response", "_outer")
    };
    Pieces {
        evil_assertion: evil(&assertion),
        evil_response: evil(&response),
        whole,
        signature,
        response,
        assertion,
    }
}

/// Puts something behind the issuer of an element.
fn into(element: &str, what: &str) -> String {
    element.replacen("</saml:Issuer>", &format!("</saml:Issuer>{what}"), 1)
}

/// The eight ways of Somorovsky et al. ("On Breaking SAML", 2012), and their like.
#[test]
fn what_is_read_is_what_was_signed() {
    let response = pieces("_response");
    let assertion = pieces("_assertion");
    assert_eq!(subject(&response.whole).as_deref(), Ok("ada"));
    assert_eq!(subject(&assertion.whole).as_deref(), Ok("ada"));
    let check = |name: &str, document: String, expect: Refused| {
        assert!(document.contains(">eve<"), "{name}");
        assert_eq!(subject(&document), Err(expect), "{name}");
    };

    // 1: the response is copied into its own signature.
    let inside =
        response.signature.replace("</ds:Signature>", &format!("{}</ds:Signature>", response.response));
    check("XSW1", into(&response.evil_response, &inside), Refused::Shape);
    // 2: it stands beside its signature.
    check(
        "XSW2",
        into(&response.evil_response, &(response.response.clone() + &response.signature)),
        Refused::Shape,
    );

    let Pieces { whole, signature, evil_assertion, .. } = &assertion;
    let own = into(&assertion.assertion, signature);
    // 3: an evil assertion before the signed one.
    check(
        "XSW3",
        whole.replace("<saml:Assertion", &format!("{evil_assertion}<saml:Assertion")),
        Refused::Shape,
    );
    // 4: the signed one within the evil one.
    let around = evil_assertion.replace("</saml:Assertion>", &format!("{own}</saml:Assertion>"));
    check("XSW4", whole.replace(&own, &around), Refused::Shape);
    // 5: the signature in the evil one, the signed one at the end.
    let moved = into(evil_assertion, signature);
    check("XSW5", whole.replace(&own, &format!("{moved}{}", assertion.assertion)), Refused::Shape);
    // 6: the signed one within the signature.
    let holding = signature.replace("</ds:Signature>", &format!("{}</ds:Signature>", assertion.assertion));
    check("XSW6", whole.replace(&own, &into(evil_assertion, &holding)), Refused::Shape);
    // 7: the signed one in extensions.
    let extensions = format!("<samlp:Extensions>{own}</samlp:Extensions>");
    check("XSW7", into(&whole.replace(&own, evil_assertion), &extensions), Refused::Shape);
    // 8: the signed one in an object of the signature.
    let object = format!("<ds:Object>{}</ds:Object></ds:Signature>", assertion.assertion);
    let holding = signature.replace("</ds:Signature>", &object);
    check("XSW8", whole.replace(&own, &into(evil_assertion, &holding)), Refused::Shape);

    // The signed one in the evil one's advice, or in its subject's confirmation.
    for place in ["</saml:Conditions>", "</saml:SubjectConfirmation>"] {
        let hidden = evil_assertion.replace(place, &format!("{place}<saml:Advice>{own}</saml:Advice>"));
        check(place, whole.replace(&own, &hidden), Refused::Shape);
    }
    // The signature moved to the evil one alone, with the id it names or another.
    check("moved", whole.replace(&own, &moved), Refused::Reference);
    check("same id", whole.replace(&own, &moved.replace("_evil", "_assertion")), Refused::Signature);
    // The evil one called by another name that looks alike.
    let renamed = evil_assertion.replace("saml:Assertion", "saml:assertion");
    let beside = whole.replace("<saml:Assertion", &format!("{renamed}<saml:Assertion"));
    assert_eq!(subject(&beside).as_deref(), Ok("ada"));
    // The whole response was signed: nothing in it may be changed, nor around the assertion in it.
    check("changed", response.whole.replace(">ada<", ">eve<"), Refused::Signature);
    check(
        "added",
        response.whole.replace("<saml:Assertion", &format!("{evil_assertion}<saml:Assertion")),
        Refused::Shape,
    );
    // A prefix that means something else now.
    let other =
        whole.replace("<saml:Subject>", "<saml:Subject xmlns:saml=\"u:x\">").replace(">ada<", ">eve<");
    check("prefix", other, Refused::Signature);
}

#[test]
fn unsigned_and_foreign_answers_are_refused() {
    let way = Way::default();
    let good = signed(GOOD, "_assertion", &PROVIDER, &way);
    let (from, to) = (good.find("<ds:Signature ").unwrap(), good.find("</ds:Signature>").unwrap());
    let check = |name: &str, document: &str, expect: Refused| {
        assert_eq!(subject(document), Err(expect), "{name}");
    };
    check("none", GOOD, Refused::Unsigned);
    check("stranger", &signed(GOOD, "_assertion", &STRANGER, &way), Refused::Signature);
    // A stranger who brings their own certificate, and the provider's.
    for pair in [&*STRANGER, &*PROVIDER] {
        let more = format!(
            "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>",
            certificate(&pair.public())
        );
        let way = Way { more, ..Way::default() };
        check("with a key", &signed(GOOD, "_assertion", &STRANGER, &way), Refused::Signature);
        // The provider's own signature is right whatever stands beside it.
        assert_eq!(subject(&signed(GOOD, "_assertion", &PROVIDER, &way)).as_deref(), Ok("ada"));
    }
    // One of two signatures is somebody else's.
    let both = |inner, outer| signed(&signed(GOOD, "_assertion", inner, &way), "_response", outer, &way);
    check("inner", &both(&STRANGER, &PROVIDER), Refused::Signature);
    check("outer", &both(&PROVIDER, &STRANGER), Refused::Signature);
    // No part of it may be missing, empty, doubled or cut.
    let value = &good[good.find("<ds:SignatureValue>").unwrap()..to];
    let digest = &good[good.find("<ds:DigestValue>").unwrap()..good.find("</ds:Reference>").unwrap()];
    let signature = &good[from..to + "</ds:Signature>".len()];
    check(
        "empty",
        &good.replace(signature, "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/>"),
        Refused::Signature,
    );
    check("no value", &good.replace(value, ""), Refused::Signature);
    check("empty value", &good.replace(value, "<ds:SignatureValue></ds:SignatureValue>"), Refused::Signature);
    check("short value", &good.replace(&value[..40], "<ds:SignatureValue>"), Refused::Signature);
    check("no digest", &good.replace(digest, ""), Refused::Reference);
    check("empty digest", &good.replace(digest, "<ds:DigestValue></ds:DigestValue>"), Refused::Signature);
    check("twice", &good.replace(signature, &signature.repeat(2)), Refused::Signature);
    check(
        "elsewhere",
        &good.replace(signature, "").replace("<saml:Subject>", &format!("<saml:Subject>{signature}")),
        Refused::Shape,
    );
    // Without keys nobody's is right.
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &good);
    assert_eq!(crate::saml::accept(&encoded, &expected(&[])).err(), Some(Refused::Signature));
}

/// Which ways of signing are taken: each is signed well by the provider itself.
#[test]
fn only_named_ways_of_signing_are_taken() {
    let dsig = "http://www.w3.org/2000/09/xmldsig#";
    let more = "http://www.w3.org/2001/04/xmldsig-more#";
    let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
    let enveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
    let (p256, p384) = (Pair::p256(), Pair::p384());
    let check = |name: &str, pair: &Pair, way: Way, expect: Result<(), Refused>| {
        let document = signed(GOOD, "_assertion", pair, &way);
        let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, document);
        let keys: [Key; 2] = [pair.key(), STRANGER.key()];
        assert_eq!(crate::saml::accept(&encoded, &expected(&keys)).map(|_| ()), expect, "{name}");
    };
    let by = |algorithm: String| Way { algorithm, ..Way::default() };
    for hash in ["sha256", "sha384", "sha512"] {
        check(hash, &PROVIDER, by(format!("{more}rsa-{hash}")), Ok(()));
    }
    check("P-256", &p256, by(format!("{more}ecdsa-sha256")), Ok(()));
    check("P-384", &p384, by(format!("{more}ecdsa-sha384")), Ok(()));
    // A key is good for its own algorithms only.
    check("P-384 with SHA-256", &p384, by(format!("{more}ecdsa-sha256")), Err(Refused::Signature));
    check("RSA named ECDSA", &PROVIDER, by(format!("{more}ecdsa-sha256")), Err(Refused::Signature));
    check("ECDSA named RSA", &p256, by(format!("{more}rsa-sha256")), Err(Refused::Signature));
    for name in [
        format!("{dsig}rsa-sha1"),
        format!("{dsig}hmac-sha1"),
        format!("{more}hmac-sha256"),
        format!("{dsig}dsa-sha1"),
        format!("{more}rsa-md5"),
        format!("{more}RSA-SHA256"),
        "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1".to_owned(),
        "none".to_owned(),
        String::new(),
    ] {
        check(&name, &PROVIDER, by(name.clone()), Err(Refused::Algorithm));
    }

    let hashed = |digest: &str| Way { digest: digest.to_owned(), ..Way::default() };
    check("SHA-384", &PROVIDER, hashed(&format!("{more}sha384")), Ok(()));
    check("SHA-512", &PROVIDER, hashed("http://www.w3.org/2001/04/xmlenc#sha512"), Ok(()));
    check("SHA-1", &PROVIDER, hashed(&format!("{dsig}sha1")), Err(Refused::Algorithm));
    check("MD5", &PROVIDER, hashed(&format!("{more}md5")), Err(Refused::Algorithm));

    let through = |all: &[&str]| Way { transforms: transforms(all), ..Way::default() };
    let comments = format!("{exclusive}WithComments");
    let xslt = "http://www.w3.org/TR/1999/REC-xslt-19991116";
    let path = "http://www.w3.org/TR/1999/REC-xpath-19991116";
    check("with comments", &PROVIDER, through(&[enveloped, &comments]), Ok(()));
    check("none", &PROVIDER, through(&[]), Err(Refused::Algorithm));
    check("one", &PROVIDER, through(&[enveloped]), Err(Refused::Algorithm));
    check("the other", &PROVIDER, through(&[exclusive]), Err(Refused::Algorithm));
    check("turned", &PROVIDER, through(&[exclusive, enveloped]), Err(Refused::Algorithm));
    check("three", &PROVIDER, through(&[enveloped, exclusive, exclusive]), Err(Refused::Algorithm));
    check(
        "inclusive",
        &PROVIDER,
        through(&[enveloped, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"]),
        Err(Refused::Algorithm),
    );
    check("XSLT", &PROVIDER, through(&[enveloped, xslt]), Err(Refused::Algorithm));
    check("XPath", &PROVIDER, through(&[path, exclusive]), Err(Refused::Algorithm));
    check("base64", &PROVIDER, through(&[enveloped, &format!("{dsig}base64")]), Err(Refused::Algorithm));

    let canonical = |canonical: &str| Way { canonical: canonical.to_owned(), ..Way::default() };
    check("with comments", &PROVIDER, canonical(&comments), Ok(()));
    check(
        "inclusive",
        &PROVIDER,
        canonical("http://www.w3.org/TR/2001/REC-xml-c14n-20010315"),
        Err(Refused::Algorithm),
    );

    let pointing = |uri: &str| Way { uri: Some(uri.to_owned()), ..Way::default() };
    for uri in [
        "",
        "#",
        "_assertion",
        "#_response",
        "#xpointer(/)",
        "#xpointer(id('_assertion'))",
        "https://evil.example/#_assertion",
    ] {
        check(uri, &PROVIDER, pointing(uri), Err(Refused::Reference));
    }
    check("no references", &PROVIDER, Way { references: 0, ..Way::default() }, Err(Refused::Reference));
    check("two references", &PROVIDER, Way { references: 2, ..Way::default() }, Err(Refused::Reference));
    check(
        "an object",
        &PROVIDER,
        Way { more: "<ds:Object/>".to_owned(), ..Way::default() },
        Err(Refused::Signature),
    );

    // Canonicalisation that is told of prefixes, as some providers do for types.
    let told = |list: &str| {
        format!(
            "{}<ds:Transform Algorithm=\"{exclusive}\"><ec:InclusiveNamespaces xmlns:ec=\"{exclusive}\" \
             PrefixList=\"{list}\"></ec:InclusiveNamespaces></ds:Transform>",
            transforms(&[enveloped])
        )
    };
    let way = |list: &str, prefixes| Way { transforms: told(list), prefixes, ..Way::default() };
    check("a prefix", &PROVIDER, way("xs", vec!["xs"]), Ok(()));
    check("prefixes", &PROVIDER, way("xs  #default none", vec!["", "none", "xs"]), Ok(()));
    check("other prefixes", &PROVIDER, way("xs", vec![]), Err(Refused::Signature));
    check("many prefixes", &PROVIDER, way(&"x ".repeat(40), vec![]), Err(Refused::Algorithm));
    let hmac = "<ds:HMACOutputLength>0</ds:HMACOutputLength>";
    let document = signed(GOOD, "_assertion", &PROVIDER, &Way::default());
    let document = document.replace("</ds:SignatureMethod>", &format!("{hmac}</ds:SignatureMethod>"));
    assert_eq!(subject(&document), Err(Refused::Algorithm));
}
