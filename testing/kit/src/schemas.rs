//! Documents judged by schemas, with validators that are not ours.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use crate::{present, skip};

/// Reads a schema's path as its argument and `[name, document]` pairs from its input.
const JSON: &str = "
    import Ajv from 'ajv';
    import { readFileSync } from 'node:fs';
    const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
    const validate = new Ajv({ allErrors: true, strict: false }).compile(read(process.argv[1]));
    let wrong = 0;
    for (const [name, document] of read(0)) {
        if (validate(JSON.parse(document))) continue;
        wrong += 1;
        console.error(name, JSON.stringify(validate.errors.slice(0, 3)));
    }
    process.exit(wrong ? 1 : 0);";

/// Judges XML documents, each with its name, by an XML schema: xmllint. `None`, and the test is skipped, without it.
/// The error names the documents that are not valid, and why.
pub fn xml_by_schema(schema: &Path, documents: &[(String, String)]) -> Option<Result<(), String>> {
    if !present("xmllint") {
        return None;
    }
    let mut wrong = Vec::new();
    for (name, document) in documents {
        let mut xmllint = Command::new("xmllint");
        xmllint.args(["--nonet", "--noout", "--schema"]).arg(schema).arg("-");
        if let Err(why) = told(&mut xmllint, document) {
            wrong.push(format!("{name}: {why}"));
        }
    }
    Some(if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) })
}

/// Judges JSON documents, each with its name, by a JSON schema: ajv, which the journeys' packages bring. The validators
/// written in Rust are none of ours: as a dependency of tests they would change features of crates that the product is
/// built from. `None`, and the test is skipped, without it.
pub fn json_by_schema(schema: &Path, documents: &[(String, String)]) -> Option<Result<(), String>> {
    let journeys = Path::new(env!("CARGO_MANIFEST_DIR")).join("../journeys");
    if !present("node") {
        return None;
    }
    if !journeys.join("node_modules/ajv").is_dir() {
        skip("ajv is absent; `npm ci` in testing/journeys brings it");
        return None;
    }
    let mut node = Command::new("node");
    node.current_dir(journeys).args(["--input-type=module", "--eval", JSON]).arg(schema);
    Some(told(&mut node, &serde_json::to_string(documents).unwrap_or_default()))
}

/// Runs a validator with this text as its input; what it says when it refuses.
fn told(program: &mut Command, input: &str) -> Result<(), String> {
    let piped = program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().map_err(|error| error.to_string())?;
    let stdin = child.stdin.take();
    let input = input.to_owned();
    // A validator that has seen enough closes its input early; its verdict counts.
    let writer = std::thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(input.as_bytes())));
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    drop(writer.join());
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}
