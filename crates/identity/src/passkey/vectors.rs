//! What somebody else's implementation made of the kinds of keys that are taken: see `vectors/vectors.py`.

use secrecy::SecretBox;
use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Vector {
    name: String,
    registration: Registration,
    assertion: Assertion,
    /// The key is of a kind that is not taken.
    #[serde(default)]
    refused: bool,
}

fn passkeys() -> Passkeys {
    let origins = vec!["https://apps.example".to_owned()];
    Passkeys::new("apps.example".to_owned(), origins, &SecretBox::new(Box::new([1; 32])))
}

fn vectors() -> Vec<Vector> {
    serde_json::from_str(include_str!("vectors/vectors.json")).unwrap()
}

fn now() -> Timestamp {
    Timestamp::from_second(100).unwrap()
}

#[test]
fn keys_that_others_made_are_taken_and_open() {
    let mut made = Vec::new();
    for Vector { name, registration, assertion, refused } in vectors() {
        let found = passkeys().register(&registration, b"ada", now());
        if refused {
            assert_eq!(found.err(), Some(Refusal::Key), "{name}");
            continue;
        }
        let Made { credential, count, .. } = found.unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        assert_eq!((count, credential.eligible), (0, true), "{name}");
        assert_eq!(credential.transports, ["nfc", "usb"], "{name}");
        let shown = passkeys().verify(&assertion, (Purpose::SignIn, b""), now(), (&credential, 0));
        assert_eq!(shown.map(|shown| shown.count), Ok(7), "{name}");
        let copied = passkeys().verify(&assertion, (Purpose::SignIn, b""), now(), (&credential, 7));
        assert_eq!(copied.err(), Some(Refusal::Copied), "{name}");
        made.push((name, credential, assertion));
    }
    assert_eq!(made.len(), 8);
    // Nobody's signature opens for somebody else's key, of whichever kind.
    for (name, credential, _) in &made {
        for (other, _, assertion) in &made {
            let claimed = Credential { id: assertion.credential().unwrap(), ..credential.clone() };
            let shown = passkeys().verify(assertion, (Purpose::SignIn, b""), now(), (&claimed, 0));
            let same = name.split(',').next() == other.split(',').next();
            assert_eq!(shown.err(), (!same).then_some(Refusal::Signature), "{other} by {name}");
        }
    }
}

#[test]
fn each_byte_that_is_signed_counts() {
    for Vector { name, registration, assertion, refused } in vectors() {
        if refused {
            continue;
        }
        let credential = passkeys().register(&registration, b"ada", now()).unwrap().credential;
        let bytes = decoded(&assertion.response.authenticator_data).unwrap();
        for at in 0..bytes.len() {
            let mut changed = assertion.clone();
            let mut other = bytes.clone();
            other[at] ^= 0x10;
            changed.response.authenticator_data = URL_SAFE_NO_PAD.encode(other);
            let shown = passkeys().verify(&changed, (Purpose::SignIn, b""), now(), (&credential, 0));
            assert!(shown.is_err(), "{name}: byte {at}");
        }
        let signature = decoded(&assertion.response.signature).unwrap();
        for length in [0, 1, signature.len() / 2, signature.len() - 1] {
            let mut changed = assertion.clone();
            changed.response.signature = URL_SAFE_NO_PAD.encode(&signature[..length]);
            let shown = passkeys().verify(&changed, (Purpose::SignIn, b""), now(), (&credential, 0));
            assert_eq!(shown.err(), Some(Refusal::Signature), "{name}: {length}");
        }
    }
}
