//! What commands print: descriptions for other programs (`gridkeep openapi`, `gridkeep schema`) on standard output, errors
//! in words.

use std::io::Write;

use schemars::generate::SchemaSettings;

/// Prints the OpenAPI document that the router gathered.
pub fn openapi(document: &serde_json::Value) -> anyhow::Result<()> {
    print(document)
}

/// Prints the JSON Schema (2020-12) of an app definition.
pub fn schema() -> anyhow::Result<()> {
    let generator = SchemaSettings::draft2020_12().into_generator();
    print(&generator.into_root_schema_for::<gridkeep_model::AppDefinition>())
}

/// An error with its causes, each said once: many repeat the cause they carry.
pub fn words(error: &anyhow::Error) -> String {
    let mut said: Vec<String> = Vec::new();
    for cause in error.chain().map(ToString::to_string) {
        for part in cause.split(": ") {
            if !said.iter().any(|known| known == part) {
                said.push(part.to_owned());
            }
        }
    }
    said.join(": ")
}

fn print(document: &impl serde::Serialize) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, document)?;
    writeln!(out)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_said_once() {
        let check = |chain: &[&str], expect: &str| {
            let mut parts = chain.iter().rev();
            let first = anyhow::Error::msg(parts.next().unwrap().to_string());
            let error = parts.fold(first, |error, words| error.context(words.to_string()));
            assert_eq!(words(&error), expect);
        };
        check(&["it failed"], "it failed");
        check(&["cannot open", "no such file"], "cannot open: no such file");
        check(&["cannot open: no such file", "no such file"], "cannot open: no such file");
        check(&["a", "b failed: c", "b failed", "c", "d"], "a: b failed: c: d");
    }
}
