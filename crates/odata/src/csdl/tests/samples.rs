//! The metadata of public services, the examples of the standard and its vocabularies.

use serde_json::Value;

use super::{documents, same};
use crate::{
    csdl::{json, normal, xml},
    edm::{Edm, Version},
};

/// Examples that are there to be refused, and why.
const WRONG: [(&str, &str); 1] = [("test1", "EntityType has more than one Key (at position 338)")];

fn valid(folder: &str) -> Vec<(String, Edm)> {
    let Some(all) = documents(folder, "xml") else { return Vec::new() };
    let mut found = Vec::new();
    for (name, text) in all {
        match (xml::read(&text), WRONG.iter().find(|(wrong, _)| *wrong == name)) {
            (Ok(edm), None) => found.push((name, edm)),
            (Err(error), Some((_, why))) => assert_eq!(error.to_string(), *why),
            (result, _) => panic!("{name}: {:?}", result.map(|_| ())),
        }
    }
    found
}

fn all() -> Vec<(String, Edm)> {
    ["metadata-samples", "csdl-schemas/examples", "vocabularies"].into_iter().flat_map(valid).collect()
}

#[test]
fn every_document_parses() {
    let count = |folder| valid(folder).len();
    if documents("vocabularies", "xml").is_some() {
        assert_eq!(count("metadata-samples"), 8);
        assert_eq!(count("csdl-schemas/examples"), 7);
        assert_eq!(count("vocabularies"), 9);
    }
}

#[test]
fn xml_says_the_same_when_it_is_written_and_read_again() {
    for (name, edm) in all() {
        // Some services of version 4.0 use what only 4.01 has.
        let again = xml::read(&xml::write(&edm, Version::V4_01)).unwrap();
        same(&name, &Edm { version: edm.version, ..again }, &edm);
        same(&name, &normal(edm.clone()), &edm);
    }
}

#[test]
fn json_says_the_same_when_it_is_written_and_read_again() {
    for (name, edm) in all() {
        let text = json::write(&edm, Version::V4_01);
        let once = json::read(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let again = json::read(&json::write(&once, Version::V4_01)).unwrap();
        same(&name, &again, &once);
        let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        same(&name, &parsed(&json::write(&once, Version::V4_01)), &parsed(&text));
    }
}

#[test]
fn older_versions_say_nothing_newer() {
    for (name, edm) in all() {
        let older = xml::write(&edm, Version::V4_0);
        assert_eq!(xml::write(&xml::read(&older).unwrap(), Version::V4_0), older, "{name}");
        for newer in
            ["\"floating\"", "ModelElementPath", "AnyPropertyPath", "Type=\"Edm.Untyped", "<Neg>", "<Has>"]
        {
            assert!(!older.contains(newer), "{name}: {newer}");
        }
    }
}

/// Where the published JSON differs from what we make of the published XML, and why ours stays.
const DIFFERENCES: [(&str, &str); 6] = [
    ("Model1/@A.String#ToBeEscaped", "a carriage return that is written as a character reference is one"),
    ("9/$Has/1/$Type", "a type is named by its alias wherever there is one"),
    ("TextValue/$DefaultValue", "the default value of a text is a text, even if it looks like a number"),
    ("/$UnderlyingType", "what is so by default is not said"),
    ("ExpandByKeyRestrictions/@Core.LongDescription", "a line break within an attribute is a space"),
    ("/rel", "the published JSON has the two links of a vocabulary in the other order"),
];

/// Compares the two and notes the paths at which they differ. The number of single values compared.
fn differences(path: &str, ours: &Value, theirs: &Value, found: &mut Vec<String>) -> usize {
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) => {
            let missing = b.keys().filter(|key| !a.contains_key(*key));
            found.extend(missing.map(|key| format!("{path}/{key}")));
            let mut count = 0;
            for (key, value) in a {
                let path = format!("{path}/{key}");
                match b.get(key) {
                    Some(other) => count += differences(&path, value, other, found),
                    None => found.push(path),
                }
            }
            count
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let both = a.iter().zip(b).enumerate();
            both.map(|(at, (one, other))| differences(&format!("{path}/{at}"), one, other, found)).sum()
        }
        (Value::Number(a), Value::Number(b)) if a.as_f64() == b.as_f64() => 1,
        _ => {
            if ours != theirs {
                found.push(path.to_owned());
            }
            1
        }
    }
}

/// Compares what `ours` makes of a document's XML with what `theirs` makes of its published JSON.
fn compare(ours: impl Fn(&Edm) -> Value, theirs: impl Fn(&str) -> Value, wanted: &[usize]) {
    let (mut pairs, mut values, mut found) = (0, 0, Vec::new());
    for folder in ["csdl-schemas/examples", "vocabularies"] {
        for (name, text) in documents(folder, "json").unwrap_or_default() {
            let Some((_, edm)) = valid(folder).into_iter().find(|(known, _)| *known == name) else {
                continue;
            };
            values += differences(&name, &ours(&edm), &theirs(&text), &mut found);
            pairs += 1;
        }
    }
    if pairs == 0 {
        return;
    }
    let why = |path: &str| DIFFERENCES.iter().position(|(known, _)| path.contains(known));
    let mut reasons = [0; DIFFERENCES.len()];
    for path in &found {
        reasons[why(path).unwrap_or_else(|| panic!("{path} differs"))] += 1;
    }
    assert_eq!((pairs, reasons.as_slice()), (14, wanted));
    println!("{pairs} pairs, {values} values, {} differences: {reasons:?}", found.len());
}

fn parsed(edm: &Edm) -> Value {
    serde_json::from_str(&json::write(edm, edm.version)).unwrap()
}

#[test]
fn published_json_is_what_we_write() {
    compare(parsed, |text| serde_json::from_str(text).unwrap(), &[1, 1, 1, 3, 1, 18]);
}

#[test]
fn published_json_is_the_same_model() {
    compare(parsed, |text| parsed(&json::read(text).unwrap()), &[1, 0, 0, 0, 1, 18]);
}

/// Services that run are sound; the examples name things they do not declare.
#[test]
fn documents_are_sound() {
    for (name, edm) in ["metadata-samples", "vocabularies"].into_iter().flat_map(valid) {
        assert_eq!(edm.check(), [], "{name}");
    }
    let found =
        |(name, edm): (String, Edm)| (name, edm.check().iter().map(|one| one.code).collect::<Vec<_>>());
    let examples: Vec<_> = valid("csdl-schemas/examples").into_iter().map(found).collect();
    for (name, expect) in [
        ("annotationtarget1", vec!["TARGET"]),
        ("csdl-16.1", vec![]),
        ("csdl-16.2", vec![]),
        ("special-characters", vec!["KEY"]),
        ("test2", vec!["TYPE"]),
    ] {
        if let Some((_, codes)) = examples.iter().find(|(known, _)| known == name) {
            assert_eq!(*codes, expect, "{name}");
        }
    }
}
