//! The whole way with somebody else's provider: pysaml2, which signs with xmlsec1.

use gridkeep_kit::{SamlProvider, SeededRng};
use jiff::{SignedDuration, Timestamp};

use super::maker::{AUDIENCE, PLACE};
use crate::saml::{Expected, Provider, Refused, Request, RequestId, Service, Signer, accept};

#[test]
fn pysaml2_signs_people_in() {
    let Some(server) = SamlProvider::start(None) else { return };
    // Its clock is the machine's, so here ours is too.
    let now = Timestamp::now();
    let provider = Provider::read(server.metadata().as_bytes(), now).unwrap();
    assert_eq!(provider.place, format!("{}/sso", server.origin()));
    let keys = provider.keys().unwrap();
    let signer = Signer::kept(&Signer::generate().unwrap()).unwrap();
    let certificate = signer.certificate(now);
    let service = Service { name: AUDIENCE, place: PLACE, certificate: Some(&certificate), signs: true };
    server.know(&service.metadata());
    let mut chance = SeededRng::new(11);
    let mut check = |wish: &str, anew: bool, expect: Option<Refused>| {
        let id = RequestId::new(&mut chance);
        let request = Request {
            id: &id,
            to: &provider.place,
            issuer: AUDIENCE,
            place: PLACE,
            now,
            anew,
            relay: Some("handle"),
        };
        let answer = server.answer(&request.address(Some(&signer)), wish);
        assert_eq!(answer["id"], id.as_str(), "{wish}");
        assert_eq!(answer["relay"], "handle");
        assert_eq!(answer["force"], anew);
        let now = Timestamp::now();
        let expected = Expected {
            issuer: &provider.issuer,
            audience: AUDIENCE,
            place: PLACE,
            asked: id.as_str(),
            asked_at: now,
            anew,
            keys: &keys,
            now,
        };
        let response = answer["response"].as_str().unwrap();
        let found = accept(response, &expected).and_then(|answer| answer.first(true));
        assert_eq!(found.as_ref().err(), expect.as_ref(), "{wish}");
        let Ok(person) = found else { return };
        assert_eq!(person.subject, "7d2f1c");
        assert_eq!(
            person.values("urn:oid:0.9.2342.19200300.100.1.3").collect::<Vec<_>>(),
            ["ada@example.com"]
        );
        assert_eq!(person.values("urn:oid:1.3.6.1.4.1.5923.1.5.1.1").collect::<Vec<_>>(), ["makers", "R&D"]);
        assert!(person.session.is_some());
        // The same answer to another question, to another service, later.
        let other = |expected: Expected<'_>| accept(response, &expected).err();
        assert_eq!(other(Expected { asked: "_other", ..expected }), Some(Refused::Unasked));
        assert_eq!(
            other(Expected { audience: "https://other.example", ..expected }),
            Some(Refused::Audience)
        );
        assert_eq!(
            other(Expected { place: "https://other.example", ..expected }),
            Some(Refused::Destination)
        );
        assert_eq!(other(Expected { issuer: "https://other.example", ..expected }), Some(Refused::Issuer));
        assert_eq!(other(Expected { keys: &[], ..expected }), Some(Refused::Signature));
        let later = now + SignedDuration::from_mins(18);
        assert_eq!(other(Expected { now: later, ..expected }), Some(Refused::Time));
    };
    for signed in ["assertion", "response", "both"] {
        for algorithm in ["sha256", "sha384", "sha512"] {
            let wish = format!("groups=makers,R%26D&signed={signed}&algorithm={algorithm}");
            check(&wish, algorithm == "sha384", None);
        }
        check(&format!("signed={signed}&algorithm=sha1"), false, Some(Refused::Algorithm));
    }
    check("signed=none", false, Some(Refused::Unsigned));
    // It was told that we sign, so it takes nothing that is not signed, or by others.
    let id = RequestId::new(&mut chance);
    let request = Request {
        id: &id,
        to: &provider.place,
        issuer: AUDIENCE,
        place: PLACE,
        now,
        anew: false,
        relay: Some("handle"),
    };
    let stranger = Signer::kept(&Signer::generate().unwrap()).unwrap();
    assert!(server.answers(&request.address(Some(&signer))));
    assert!(!server.answers(&request.address(None)));
    assert!(!server.answers(&request.address(Some(&stranger))));
}
