//! The loan calculator as people get it: the sample workbook's best proposal.

use anyhow::{Context, Result};
use gridkeep_engine::{LoadOptions, load};
use gridkeep_workbook::{Limits, analyse, propose, read};

const WORKBOOK: &[u8] =
    include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/loan_calculator.xlsx"));

/// The app definition as JSON.
pub(crate) fn proposed() -> Result<Vec<u8>> {
    let name = "loan_calculator.xlsx";
    let workbook = read(name, WORKBOOK, &Limits::default())?;
    let options = LoadOptions::at(jiff::civil::date(2026, 1, 1).at(0, 0, 0, 0));
    let (engine, _) = load(&workbook, &options)?;
    let proposals = propose(&workbook, &analyse(&workbook, &*engine), name);
    let best = proposals.first().context("nothing was proposed for the loan calculator")?;
    Ok(serde_json::to_vec(&best.definition)?)
}
