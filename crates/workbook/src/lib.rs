//! Files to workbooks and back: bytes become a [`gridkeep_model::Workbook`], a workbook becomes an analysis and proposed
//! apps, and edits become a patched copy of the original file.
//!
//! **Architecture Invariant:** everything happens in memory. No file, no network, no clock: an external link or
//! is taken for it.

mod error;
mod limits;

pub use error::WorkbookError;
pub use limits::Limits;
