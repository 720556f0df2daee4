//! Files to workbooks and back: bytes become a [`gridkeep_model::Workbook`], a workbook becomes an analysis and proposed
//! apps, and edits become a patched copy of the original file.
//!
//! **Architecture Invariant:** everything happens in memory. No file, no network, no clock: an external link or
//! relationship in a package is read as text and never followed, and every size is bounded by [`Limits`] before memory
//! is taken for it.

mod analyse;
mod copy;
pub mod csv_out;
mod error;
pub mod export;
mod limits;
mod propose;
pub mod read;
mod reason;
mod rebind;
mod validate;

pub use analyse::{
    Analysis, Block, BlockColumn, BlockKind, BlockReference, ColumnFormula, ColumnPlace, Evidence, Input,
    LabelledCell, Output, ReasonText, Section, SheetAnalysis, analyse,
};
pub use copy::{BlankCells, readers_copy, unpublished_cells};
pub use error::{Part, Place, Position, WorkbookError};
pub use export::{Edits, TableColumnAt, TableRows, export};
pub use limits::Limits;
pub use propose::{Proposal, ProposedReference, propose, why_none};
pub use read::{CSV_SHEET, List, Manner, Record, Wanted, findings, list, read};
pub use reason::{ForeignKind, Reason};
pub use rebind::{Lost, Moved, Rebound, rebind};
pub use validate::{DefinitionProblem, ICONS, ProblemCode, validate};
