//! Rows of published tables: out of the workbook when an app is published, and queried in memory in the preview, and back into cells.

mod back;
mod extract;
mod select;

pub(crate) use back::Back;
pub use extract::{CellProblem, Extracted, extract, source_range};
pub use select::select;
