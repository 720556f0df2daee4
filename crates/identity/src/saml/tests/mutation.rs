//! Whatever is done to an answer on its way, it is refused or says what was signed.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use gridkeep_kit::effort;
use proptest::prelude::*;

use super::maker::*;
use crate::saml::{Person, accept};

fn person(document: &[u8]) -> Option<Person> {
    let answer = accept(&STANDARD.encode(document), &expected(&[PROVIDER.key()])).ok()?;
    answer.first(true).ok()
}

/// The three ways to sign, made once.
fn documents() -> Vec<String> {
    let way = Way::default();
    let assertion = signed(GOOD, "_assertion", &PROVIDER, &way);
    let response = signed(GOOD, "_response", &PROVIDER, &way);
    let both = signed(&assertion, "_response", &PROVIDER, &way);
    vec![assertion, response, both]
}

/// Each byte of each document, changed in some way.
#[test]
fn no_byte_changes_what_is_said() {
    for document in documents() {
        let signed = person(document.as_bytes()).expect("the document itself");
        for at in 0..document.len() {
            let mut changed = document.clone().into_bytes();
            changed[at] ^= [1, 0x20, 0x80][at % 3];
            if let Some(found) = person(&changed) {
                assert_eq!(found, signed, "{at}: {}", String::from_utf8_lossy(&changed));
            }
        }
    }
}

/// Pieces of the document put elsewhere in it, left out or put in.
#[test]
fn no_rearrangement_changes_what_is_said() {
    let documents = documents();
    let signed = person(documents[0].as_bytes()).expect("the document itself");
    let tokens: Vec<Vec<&str>> = documents
        .iter()
        .map(|document| document.split_inclusive('>').flat_map(|part| part.split_inclusive(' ')).collect())
        .collect();
    let extra = ["<!-- -->", "<saml:Assertion>", "</saml:Assertion>", "<![CDATA[eve]]>", "eve", "&amp;", " "];
    let step = (0..usize::MAX, 0..usize::MAX, 0..4_usize, 0..extra.len());
    let steps = proptest::collection::vec(step, 1..4);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(400));
    runner
        .run(&(0..documents.len(), steps), |(which, steps)| {
            let mut parts = tokens[which].clone();
            for (from, to, what, more) in steps {
                let (from, to) = (from % parts.len(), to % parts.len());
                match what {
                    0 => parts.swap(from, to),
                    1 => drop(parts.remove(from)),
                    2 => parts.insert(to, parts[from]),
                    _ => parts.insert(to, extra[more]),
                }
            }
            let document = parts.concat();
            if let Some(found) = person(document.as_bytes()) {
                prop_assert_eq!(&found, &signed, "{}", document);
            }
            Ok(())
        })
        .unwrap();
}

/// Text that is none: whatever comes in, something comes out, soon.
#[test]
fn noise_is_refused() {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(300));
    let piece = proptest::sample::select(vec![
        "<",
        ">",
        "/",
        "a",
        "a:b",
        " ",
        "=",
        "\"",
        "'",
        "&",
        ";",
        "#x",
        "1",
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "<?xml",
        "?>",
        "<!DOCTYPE",
        "xmlns",
        "xmlns:a=\"u:x\"",
        "<a>",
        "</a>",
        "<a b=\"c\">",
        "\u{0}",
        "\u{fffe}",
        "\r",
    ]);
    runner
        .run(&proptest::collection::vec(piece, 0..60), |parts| {
            prop_assert!(person(parts.concat().as_bytes()).is_none());
            Ok(())
        })
        .unwrap();
}

/// As large as it may be and as costly as it can be made by whoever has no key: refused, and soon.
#[test]
fn costly_answers_are_refused_soon() {
    let good = signed(GOOD, "_assertion", &PROVIDER, &Way::default());
    let declared: String = (0..60).fold(String::new(), |all, at| format!("{all} xmlns:p{at}=\"u:{at}\""));
    let names: String = (0..30).fold(String::new(), |all, at| format!("{all} p{at}"));
    let many = "<p1:x p2:y=\"\"/>".repeat(9_000);
    let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
    let told = format!(
        "<ds:CanonicalizationMethod Algorithm=\"{exclusive}\"><ec:InclusiveNamespaces xmlns:ec=\"{exclusive}\" \
         PrefixList=\"{names}\"/></ds:CanonicalizationMethod>"
    );
    let plain = format!("<ds:CanonicalizationMethod Algorithm=\"{exclusive}\"></ds:CanonicalizationMethod>");
    assert!(good.contains(&plain));
    let costly = good.replace("<samlp:Response", &format!("<samlp:Response{declared}"));
    for (from, to) in [
        ("</ds:SignedInfo>", format!("{many}</ds:SignedInfo>")),
        ("</ds:Transforms>", format!("{many}</ds:Transforms>")),
        ("</ds:CanonicalizationMethod>", format!("{many}</ds:CanonicalizationMethod>")),
        ("<saml:Subject>", format!("<saml:Subject>{many}")),
    ] {
        let document = costly.replace(&plain, &told).replace(from, &to);
        assert!(document.len() < 512 << 10);
        let (found, effort) = effort(|| person(document.as_bytes()));
        assert!(found.is_none(), "{from}");
        assert!(effort.as_secs() < 2, "{from}: {effort:?}");
    }
}
