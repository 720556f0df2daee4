//! The metadata that the service hands out, by the standard's own schemas and vocabularies.

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use gridkeep_odata::{csdl::xml, edm::vocabulary::Vocabularies};

use crate::kit::World;

#[tokio::test(flavor = "multi_thread")]
async fn annotations_are_what_the_vocabularies_allow() {
    let Some(shared) = gridkeep_kit::shared() else { return };
    let documents = fs::read_dir(shared.join("data/odata/vocabularies")).unwrap();
    let documents = documents.map(|entry| entry.unwrap().path());
    let documents = documents.filter(|path| path.extension().is_some_and(|ending| ending == "xml"));
    let vocabularies =
        Vocabularies::new(documents.map(|path| xml::read(&fs::read_to_string(path).unwrap()).unwrap()));
    let world = World::start().await;
    let served = xml::read(&world.get("$metadata").await.expect(200).text()).unwrap();
    assert_eq!(vocabularies.judge(&served), []);
    assert_eq!(vocabularies.judge(&gridkeep_reference::projection().edm), []);
}

/// Runs a validator with this text as its input.
#[track_caller]
fn accepts(program: &mut Command, input: &str) {
    let mut child =
        program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[expect(clippy::print_stdout, reason = "what is skipped is said")]
fn present(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok();
    if !found {
        println!("skipped: {program} is absent");
    }
    found
}

/// In both versions of the protocol.
async fn served(format: &str) -> Vec<String> {
    let world = World::start().await;
    let mut all = Vec::new();
    for version in ["4.0", "4.01"] {
        let path = format!("$metadata?$format={format}");
        all.push(world.send("GET", &path, &[("odata-maxversion", version)], "").await.expect(200).text());
    }
    all
}

/// `edmx.xsd`, by xmllint.
#[tokio::test(flavor = "multi_thread")]
async fn xml_is_valid() {
    let Some(shared) = gridkeep_kit::shared().filter(|_| present("xmllint")) else { return };
    let schema = shared.join("data/odata/csdl-schemas/edmx.xsd");
    for document in served("xml").await {
        let mut xmllint = Command::new("xmllint");
        accepts(xmllint.args(["--nonet", "--noout", "--schema"]).arg(&schema).arg("-"), &document);
    }
}

/// `csdl.schema.json`, by ajv, which the journeys' packages bring.
#[tokio::test(flavor = "multi_thread")]
async fn json_is_valid() {
    const SCRIPT: &str = "
        import Ajv from 'ajv';
        import { readFileSync } from 'node:fs';
        const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
        const validate = new Ajv({ allErrors: true, strict: false }).compile(read(process.argv[1]));
        const valid = validate(read(0));
        if (!valid) console.error(JSON.stringify(validate.errors.slice(0, 3)));
        process.exit(valid ? 0 : 1);";
    let Some(shared) = gridkeep_kit::shared().filter(|_| present("node")) else { return };
    let schema = shared.join("data/odata/csdl-schemas/csdl.schema.json");
    let journeys = Path::new(env!("CARGO_MANIFEST_DIR")).join("../journeys");
    if !journeys.join("node_modules/ajv").is_dir() {
        println!("skipped: ajv is absent; `npm ci` in testing/journeys brings it");
        return;
    }
    for document in served("json").await {
        let mut node = Command::new("node");
        node.current_dir(&journeys).args(["--input-type=module", "--eval", SCRIPT]).arg(&schema);
        accepts(&mut node, &document);
    }
}
