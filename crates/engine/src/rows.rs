//! Rows of published tables: out of the workbook when an app is published, and queried in memory in the preview.

mod extract;
mod select;

pub use extract::{CellProblem, Extracted, extract, source_range};
pub use select::select;
