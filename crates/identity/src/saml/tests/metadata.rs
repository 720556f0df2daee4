//! What providers say of themselves, and what we say.

use super::maker::*;
use crate::saml::{BadKey, BadProvider, Fault, Provider, Request, RequestId, Service};

fn document() -> String {
    let key = |usage: &str, certificate: &str| {
        format!(
            "<md:KeyDescriptor{usage}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>\n {certificate}\n\
             </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        )
    };
    format!(
        "<?xml version=\"1.0\"?>\n<!-- of the provider --><md:EntityDescriptor \
         xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" \
         entityID=\"{ISSUER}\" validUntil=\"2026-11-23T00:00:00Z\"><md:IDPSSODescriptor \
         protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">{}{}<md:SingleSignOnService \
         Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" \
         Location=\"https://login.example/post\"/><md:SingleSignOnService \
         Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" \
         Location=\"https://login.example/sso\"/></md:IDPSSODescriptor><md:SPSSODescriptor \
         protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"/></md:EntityDescriptor>",
        key(" use=\"signing\"", &certificate(&PROVIDER.public())),
        key(" use=\"encryption\"", &certificate(&STRANGER.public())),
    )
}

#[test]
fn a_provider_is_read_from_its_metadata() {
    let provider = Provider::read(document().as_bytes(), at(NOW)).unwrap();
    assert_eq!(provider.issuer, ISSUER);
    assert_eq!(provider.place, "https://login.example/sso");
    assert_eq!(provider.keys().unwrap(), [PROVIDER.key()]);
    assert!(!provider.wants_signed_requests);
    let check = |from: &str, to: &str, expect: Option<BadProvider>| {
        let document = document();
        assert!(document.contains(from), "{from}");
        assert_eq!(Provider::read(document.replace(from, to).as_bytes(), at(NOW)).err(), expect, "{to}");
    };
    check("<md:IDPSSODescriptor", "<md:IDPSSODescriptor WantAuthnRequestsSigned=\"true\"", None);
    check(" use=\"signing\"", "", None);
    check("2026-11-23T00", "2026-11-22T00", Some(BadProvider::Old));
    check("2026-11-23T00:00:00Z", "tomorrow", Some(BadProvider::Old));
    check("md:IDPSSODescriptor", "md:AttributeAuthorityDescriptor", Some(BadProvider::Kind));
    check("md:EntityDescriptor", "md:EntitiesDescriptor", Some(BadProvider::Kind));
    check("SAML:2.0:protocol", "SAML:1.1:protocol", Some(BadProvider::Kind));
    check(&format!("entityID=\"{ISSUER}\""), "", Some(BadProvider::Kind));
    check("bindings:HTTP-Redirect", "bindings:SOAP", Some(BadProvider::Place));
    for place in [
        "http://login.example/sso",
        "javascript:alert(1)",
        "https://",
        "https:///sso",
        "https://apps.example@evil.example/sso",
        "https://login.example/sso#x",
        "https://login.example/ sso",
        "http://127.0.0.1.evil.example/",
        "/sso",
    ] {
        check("https://login.example/sso", place, Some(BadProvider::Place));
    }
    for place in ["http://127.0.0.1:9000/sso", "http://localhost/sso", "https://login.example/sso?tenant=1"] {
        check("https://login.example/sso", place, None);
    }
    check(" use=\"signing\"", " use=\"encryption\"", Some(BadProvider::Keys));
    check(&certificate(&PROVIDER.public()), "AAAA", Some(BadProvider::Key(BadKey::Form)));
    check(
        "<?xml version=\"1.0\"?>",
        "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>",
        Some(BadProvider::Form(Fault::Entity)),
    );
    check("</md:EntityDescriptor>", "", Some(BadProvider::Form(Fault::Form)));
    assert_eq!(Provider::read(b"", at(NOW)), Err(BadProvider::Form(Fault::Form)));
    assert_eq!(Provider::read(&vec![b' '; 2 << 20], at(NOW)), Err(BadProvider::Form(Fault::Large)));
}

#[test]
fn our_side_says_where_answers_go() {
    let service =
        Service { name: "https://apps.example/a&b", place: PLACE, certificate: Some("MII="), signs: false };
    insta::assert_snapshot!(service.metadata());
}

#[test]
fn a_request_travels_in_an_address() {
    let id = RequestId::new(&mut gridkeep_kit::SeededRng::new(7));
    assert_eq!(id.as_str().len(), 41);
    let request = Request {
        id: &id,
        to: "https://login.example/sso?tenant=1",
        issuer: AUDIENCE,
        place: PLACE,
        now: at(NOW),
        anew: true,
        relay: Some("a handle"),
    };
    let address = request.address(None);
    let (before, query) = address.split_once("&SAMLRequest=").unwrap();
    assert_eq!(before, "https://login.example/sso?tenant=1");
    let (packed, relay) = query.split_once("&RelayState=").unwrap();
    assert_eq!(relay, "a%20handle");
    let packed = packed.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
    let packed = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, packed).unwrap();
    let mut xml = String::new();
    std::io::Read::read_to_string(&mut flate2::read::DeflateDecoder::new(packed.as_slice()), &mut xml)
        .unwrap();
    insta::assert_snapshot!(xml);
    let plain = Request { anew: false, relay: None, ..request };
    assert!(!plain.address(None).contains("Relay"));
    assert!(plain.address(None).len() < address.len());
}
