//! The one error type of this crate. Errors name the place in words a person knows from the workbook.

/// Why a workbook could not be loaded or calculated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// No sheet has this name.
    #[error("there is no sheet “{0}”")]
    UnknownSheet(String),
    /// A binding of the app definition leads nowhere, or the id is none of its fields.
    #[error("“{0}” is not part of this app")]
    Unknown(String),
    /// The field is only shown, or holds a formula.
    #[error("“{0}” cannot be entered")]
    ReadOnly(String),
    /// The formula cannot be read.
    #[error("{place}: the formula cannot be read ({message})")]
    Formula {
        /// Where, such as `Sheet1!B3`.
        place: String,
        /// What is wrong with it.
        message: String,
    },
    /// A limit was reached.
    #[error("{place}: {what} is more than the {limit} allowed")]
    Limit {
        /// What is limited: `cells`, `formula length`, `text length`, `calculation time`, `memory`.
        what: &'static str,
        /// The cell, sheet or `workbook`.
        place: String,
        /// The most that is allowed.
        limit: u64,
    },
    /// Somebody asked to stop.
    #[error("the calculation was cancelled")]
    Cancelled,
    /// The calculation failed in a way that is our fault.
    #[error("the calculation failed: {0}")]
    Internal(String),
}
