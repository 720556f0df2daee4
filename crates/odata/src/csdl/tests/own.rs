//! What we write, by the standard's own schemas and vocabularies.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{documents, model::model, projections::projections, same};
use crate::{
    csdl::{json, normal, xml},
    edm::{Edm, Version, vocabulary::Vocabularies},
};

const VERSIONS: [Version; 2] = [Version::V4_0, Version::V4_01];

/// The documents that go through the validators: projections of an app, our own model and every document of others that is valid itself.
fn models() -> Vec<(String, Edm)> {
    let mut all = projections();
    all.push(("own".to_owned(), model()));
    for folder in ["csdl-schemas/examples", "vocabularies", "metadata-samples"] {
        for (name, text) in documents(folder, "xml").unwrap_or_default() {
            // Not legal, and so not after a round trip: two have wrong targets, two wrong addresses or names.
            let wrong = ["test2", "annotationtarget1", "olingo-northwind-metadata"];
            if !wrong.contains(&name.as_str()) {
                all.extend(xml::read(&text).ok().map(|edm| (name, edm)));
            }
        }
    }
    all
}

#[test]
fn our_own_model_is_sound() {
    assert_eq!(model().check(), []);
    for version in VERSIONS {
        let again = xml::read(&xml::write(&model(), version)).unwrap();
        assert_eq!(again.check(), []);
    }
}

#[test]
fn our_own_model_comes_back() {
    let wanted = normal(model());
    same("xml", &xml::read(&xml::write(&model(), Version::V4_01)).unwrap(), &wanted);
    let text = json::write(&model(), Version::V4_01);
    let again = json::read(&text).unwrap();
    assert_eq!(json::write(&again, Version::V4_01), text);
}

#[test]
fn our_own_model_as_text() {
    insta::assert_snapshot!("xml", xml::write(&model(), Version::V4_01));
    // A line an element, to read it by.
    insta::assert_snapshot!("json", json::write(&model(), Version::V4_01).replace("},", "},\n"));
}

pub(super) fn vocabularies() -> Option<Vocabularies> {
    let all = documents("vocabularies", "xml")?;
    Some(Vocabularies::new(all.iter().map(|(_, text)| xml::read(text).unwrap())))
}

#[test]
fn our_annotations_are_right() {
    let Some(vocabularies) = vocabularies() else { return };
    assert_eq!(vocabularies.judge(&normal(model())), []);
    assert_eq!(vocabularies.judge(&model()), []);
}

/// Runs a validator with this text as its input; what it says when it refuses.
fn run(program: &mut Command, input: &str) -> Result<(), String> {
    let mut child =
        program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join().unwrap();
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

fn present(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok();
    if !found {
        println!("skipped: {program} is absent");
    }
    found
}

/// `edmx.xsd`, which takes `edm.xsd` with it, by xmllint.
#[test]
fn xml_is_valid() {
    let Some(shared) = gridkeep_kit::shared().filter(|_| present("xmllint")) else { return };
    let schema = shared.join("data/odata/csdl-schemas/edmx.xsd");
    let mut count = 0;
    for (name, edm) in models() {
        for version in VERSIONS {
            let mut xmllint = Command::new("xmllint");
            xmllint.args(["--nonet", "--noout", "--schema"]).arg(&schema).arg("-");
            let text = xml::write(&edm, version);
            run(&mut xmllint, &text).unwrap_or_else(|error| panic!("{name} {version}: {error}"));
            count += 1;
        }
    }
    println!("{count} documents are valid");
}

/// `csdl.schema.json`, by ajv, which the journeys' packages bring. The validators written in Rust are none of ours: as a
/// dependency of tests they would change features of crates that the product is built from.
#[test]
fn json_is_valid() {
    const SCRIPT: &str = "
        import Ajv from 'ajv';
        import { readFileSync } from 'node:fs';
        const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
        const validate = new Ajv({ allErrors: true, strict: false }).compile(read(process.argv[1]));
        let wrong = 0;
        for (const [name, document] of JSON.parse(readFileSync(0, 'utf8'))) {
            if (validate(document)) continue;
            wrong += 1;
            console.error(name, JSON.stringify(validate.errors.slice(0, 3)));
        }
        process.exit(wrong ? 1 : 0);";
    let Some(shared) = gridkeep_kit::shared().filter(|_| present("node")) else { return };
    let schema = shared.join("data/odata/csdl-schemas/csdl.schema.json");
    let journeys: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testing/journeys");
    if !journeys.join("node_modules/ajv").is_dir() {
        println!("skipped: ajv is absent; `npm ci` in testing/journeys brings it");
        return;
    }
    let mut all = Vec::new();
    for (name, edm) in models() {
        for version in VERSIONS {
            let document: serde_json::Value = serde_json::from_str(&json::write(&edm, version)).unwrap();
            all.push((format!("{name} {version}"), document));
        }
    }
    let mut node = Command::new("node");
    node.current_dir(journeys).args(["--input-type=module", "--eval", SCRIPT]).arg(&schema);
    run(&mut node, &serde_json::to_string(&all).unwrap()).unwrap_or_else(|error| panic!("{error}"));
    println!("{} documents are valid", all.len());
}

/// An annotation without a value has the default of its term.
#[test]
fn defaults_of_terms_are_said_in_json() {
    let check = |term: &str, expect: &str| {
        let text = format!(
            r#"<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.01"><edmx:DataServices>
            <Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="S"><Term Name="T" {term}/>
            <Annotation Term="S.T"/></Schema></edmx:DataServices></edmx:Edmx>"#
        );
        let json: serde_json::Value =
            serde_json::from_str(&json::write(&xml::read(&text).unwrap(), Version::V4_01)).unwrap();
        assert_eq!(json["S"]["@S.T"].to_string(), expect);
    };
    check(r#"Type="Edm.Int32" DefaultValue="42""#, "42");
    check(r#"Type="Edm.String" DefaultValue="42""#, r#""42""#);
    check(r#"Type="Edm.Boolean" DefaultValue="false""#, "false");
    check(r#"Type="Edm.Double" DefaultValue="-INF""#, r#""-INF""#);
    check(r#"Type="Core.Tag" DefaultValue="true""#, "true");
    check(r#"Type="Core.Tag""#, "true");
}
