//! What an authenticator may say, and what is refused of it. The one here is software that lies where a test wants it to.

use gridkeep_kit::{Authenticator, Lie, SeededRng};
use jiff::SignedDuration;
use secrecy::SecretBox;
use serde_json::{Value as Json, json};

use super::*;

const ORIGIN: &str = "https://apps.example";
const PARTY: &str = "apps.example";

fn passkeys(key: u8) -> Passkeys {
    Passkeys::new(PARTY.to_owned(), vec![ORIGIN.to_owned()], &SecretBox::new(Box::new([key; 32])))
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn asked(purpose: Purpose, whose: &[u8]) -> Json {
    let challenge = passkeys(1).challenge(purpose, whose, at(0), &mut SeededRng::new(5));
    json!({"challenge": challenge, "user": {"id": "YWRh"}})
}

fn registration(json: Json) -> Registration {
    serde_json::from_value(json).unwrap()
}

fn assertion(json: Json) -> Assertion {
    serde_json::from_value(json).unwrap()
}

fn made(edwards: bool) -> (Authenticator, Credential) {
    let mut own = Authenticator::new(ORIGIN, PARTY, edwards);
    let sent = registration(own.create(&asked(Purpose::SetUp, b"ada"), Lie::None));
    let made = passkeys(1).register(&sent, b"ada", at(1)).unwrap();
    assert_eq!((made.count, made.credential.transports.as_slice()), (0, ["internal".to_owned()].as_slice()));
    let kept = Credential::from_bytes(&made.credential.to_bytes()).unwrap();
    assert_eq!(kept, made.credential);
    (own, kept)
}

#[test]
fn only_what_was_asked_for_here_is_registered() {
    let check = |lie: Lie, purpose: Purpose, whose: &[u8], second: i64, expect: Option<Refusal>| {
        let mut own = Authenticator::new(ORIGIN, PARTY, false);
        let sent = registration(own.create(&asked(purpose, whose), lie));
        let found = passkeys(1).register(&sent, b"ada", at(second));
        assert_eq!(found.err(), expect, "{lie:?} {purpose:?} {second}");
    };
    let ada = b"ada".as_slice();
    check(Lie::None, Purpose::SetUp, ada, 1, None);
    check(Lie::Origin, Purpose::SetUp, ada, 1, Some(Refusal::Origin));
    check(Lie::CrossOrigin, Purpose::SetUp, ada, 1, Some(Refusal::Origin));
    check(Lie::Party, Purpose::SetUp, ada, 1, Some(Refusal::Party));
    check(Lie::Unverified, Purpose::SetUp, ada, 1, Some(Refusal::Unverified));
    check(Lie::Absent, Purpose::SetUp, ada, 1, Some(Refusal::Unverified));
    check(Lie::Type, Purpose::SetUp, ada, 1, Some(Refusal::Form));
    check(Lie::Trailing, Purpose::SetUp, ada, 1, Some(Refusal::Form));
    check(Lie::None, Purpose::SignIn, ada, 1, Some(Refusal::Challenge));
    check(Lie::None, Purpose::SetUp, b"eve", 1, Some(Refusal::Challenge));
    check(Lie::None, Purpose::SetUp, ada, 300, Some(Refusal::Challenge));
}

#[test]
fn only_the_known_key_for_the_asked_challenge_opens() {
    for edwards in [false, true] {
        let (mut own, known) = made(edwards);
        let mut check =
            |lie: Lie, purpose: Purpose, second: i64, count: u32, expect: Result<u32, Refusal>| {
                let sent = assertion(own.get(&asked(purpose, b""), lie));
                let found = passkeys(1).verify(&sent, (Purpose::SignIn, b""), at(second), (&known, count));
                assert_eq!(found.map(|shown| shown.count), expect, "{lie:?} {purpose:?} {second} {count}");
            };
        check(Lie::None, Purpose::SignIn, 1, 0, Ok(1));
        check(Lie::None, Purpose::SignIn, 299, 1, Ok(2));
        check(Lie::None, Purpose::SignIn, 300, 2, Err(Refusal::Challenge));
        check(Lie::None, Purpose::Step, 1, 2, Err(Refusal::Challenge));
        check(Lie::Origin, Purpose::SignIn, 1, 2, Err(Refusal::Origin));
        check(Lie::CrossOrigin, Purpose::SignIn, 1, 2, Err(Refusal::Origin));
        check(Lie::Party, Purpose::SignIn, 1, 2, Err(Refusal::Party));
        check(Lie::Unverified, Purpose::SignIn, 1, 2, Err(Refusal::Unverified));
        check(Lie::Absent, Purpose::SignIn, 1, 2, Err(Refusal::Unverified));
        check(Lie::Type, Purpose::SignIn, 1, 2, Err(Refusal::Form));
        check(Lie::Trailing, Purpose::SignIn, 1, 2, Err(Refusal::Form));
        check(Lie::Signature, Purpose::SignIn, 1, 2, Err(Refusal::Signature));
        check(Lie::Eligible, Purpose::SignIn, 1, 2, Err(Refusal::Credential));
        // A copy that is behind, or one that never counted.
        check(Lie::None, Purpose::SignIn, 1, 100, Err(Refusal::Copied));
        check(Lie::Count, Purpose::SignIn, 1, 15, Err(Refusal::Copied));
    }
}

#[test]
fn another_credential_or_another_server_opens_nothing() {
    let (_, known) = made(false);
    let (mut other, other_known) = made(false);
    let sent = other.get(&asked(Purpose::SignIn, b""), Lie::None);
    let check = |server: u8, sent: Json, known: &Credential, expect: Refusal| {
        let found = passkeys(server).verify(&assertion(sent), (Purpose::SignIn, b""), at(1), (known, 0));
        assert_eq!(found.err(), Some(expect));
    };
    check(1, sent.clone(), &known, Refusal::Credential);
    check(2, sent.clone(), &other_known, Refusal::Challenge);
    // Says that it is of the known one: signed by another key.
    let mut claimed = sent;
    claimed["id"] = known.name().into();
    check(1, claimed, &known, Refusal::Signature);
}

#[test]
fn a_challenge_names_itself_and_its_end() {
    let (mut own, known) = made(false);
    let sent = assertion(own.get(&asked(Purpose::SignIn, b""), Lie::None));
    let shown = passkeys(1).verify(&sent, (Purpose::SignIn, b""), at(1), (&known, 0)).unwrap();
    assert_eq!(shown.spent.expires, at(0) + SignedDuration::from_mins(5));
    let again = passkeys(1).verify(&sent, (Purpose::SignIn, b""), at(2), (&known, 0)).unwrap();
    assert_eq!(shown.spent.hash, again.spent.hash);
    assert_eq!(sent.user(), Some(b"ada".to_vec()));
}

#[test]
fn whatever_is_sent_is_refused_in_peace() {
    let (mut own, known) = made(false);
    let sent = own.get(&asked(Purpose::SignIn, b""), Lie::None);
    let mut rng = SeededRng::new(9);
    for field in ["clientDataJSON", "authenticatorData", "signature"] {
        let bytes = URL_SAFE_NO_PAD.decode(sent["response"][field].as_str().unwrap()).unwrap();
        for length in 0..bytes.len() {
            let mut changed = sent.clone();
            changed["response"][field] = URL_SAFE_NO_PAD.encode(&bytes[..length]).into();
            assert!(
                passkeys(1).verify(&assertion(changed), (Purpose::SignIn, b""), at(1), (&known, 0)).is_err()
            );
        }
        for _ in 0..200 {
            let mut bytes = bytes.clone();
            let at_byte = rng.next() as usize % bytes.len();
            bytes[at_byte] ^= 1 << (rng.next() % 8);
            let mut changed = sent.clone();
            changed["response"][field] = URL_SAFE_NO_PAD.encode(&bytes).into();
            assert!(
                passkeys(1).verify(&assertion(changed), (Purpose::SignIn, b""), at(1), (&known, 0)).is_err()
            );
        }
    }
    let sent = own.create(&asked(Purpose::SetUp, b"ada"), Lie::None);
    let bytes = URL_SAFE_NO_PAD.decode(sent["response"]["attestationObject"].as_str().unwrap()).unwrap();
    for length in 0..bytes.len() {
        let mut changed = sent.clone();
        changed["response"]["attestationObject"] = URL_SAFE_NO_PAD.encode(&bytes[..length]).into();
        assert!(passkeys(1).register(&registration(changed), b"ada", at(1)).is_err());
    }
    let long = json!({"id": "A".repeat(100_000), "response": {"clientDataJSON": "", "authenticatorData": "",
        "signature": ""}});
    assert_eq!(assertion(long).credential(), Err(Refusal::Form));
}
