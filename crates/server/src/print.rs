//! `gridkeep openapi` and `gridkeep schema`: descriptions for other programs, on standard output.

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

fn print(document: &impl serde::Serialize) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, document)?;
    writeln!(out)?;
    Ok(())
}
