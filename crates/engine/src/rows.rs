//! Rows of published tables: out of the workbook when an app is published, and back into its cells for calculation.

mod back;
mod extract;
mod inserted;

pub use back::{Back, NUMBERS_NAME, has_numbers};
pub use extract::{CellProblem, Extracted, extract, source_range};
pub(crate) use inserted::Inserted;
