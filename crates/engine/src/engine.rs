//! What the rest of Gridkeep knows of a formula engine.

use gridkeep_model::{CellRef, CellValue, RangeRef};

use crate::{Cancel, EngineError};

/// A loaded and calculated workbook. Values are read at any time; changes take effect with [`Engine::recalculate`].
pub trait Engine: Send {
    /// Enters constants; a formula in such a cell is replaced. Nothing is entered when one of them is refused.
    fn set(&mut self, cells: &[(CellRef, CellValue)]) -> Result<(), EngineError>;

    /// Enters a formula, without `=`, in English names and A1 references.
    fn set_formula(&mut self, cell: &CellRef, formula: &str) -> Result<(), EngineError>;

    /// Calculates what changed since the last time and everything that depends on it. A cancelled or timed-out
    /// calculation leaves the rest marked as changed: the next one continues.
    fn recalculate(&mut self, cancel: &Cancel) -> Result<Recalculation, EngineError>;

    /// The value of a cell; blank where there is nothing, and for unknown sheets.
    fn value(&self, cell: &CellRef) -> CellValue;

    /// The values of a range, row by row, clipped to the rows and columns in use; empty when it lies outside them.
    fn range(&self, range: &RangeRef) -> Vec<Vec<CellValue>>;

    /// The cells a defined name or table stands for; `None` for constants, expressions and unknown names.
    fn resolve(&self, name: &str) -> Option<RangeRef>;

    /// The formula of a cell, without `=`, as the workbook or the last `set_formula` has it.
    fn formula(&self, cell: &CellRef) -> Option<String>;

    /// The cells and ranges that a cell's formula reads, names and tables resolved.
    fn precedents(&self, cell: &CellRef) -> Vec<RangeRef>;

    /// Inserts empty rows before a row; what lies below moves, and ranges across it grow.
    fn insert_rows(&mut self, sheet: &str, before: u32, count: u32) -> Result<(), EngineError>;

    /// The rows and columns in use on a sheet: last row, last column; `None` for an empty or unknown sheet.
    fn used(&self, sheet: &str) -> Option<(u32, u32)>;
}

/// What a recalculation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recalculation {
    /// Formulas that were calculated.
    pub calculated: usize,
    /// Circular references found among them.
    pub circular: usize,
}
