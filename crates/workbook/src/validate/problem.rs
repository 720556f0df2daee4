//! What can be wrong with a definition, in words for people and codes for programs.

use serde::{Deserialize, Serialize};

use crate::analyse::ReasonText;

/// Something in a definition that does not fit itself or its workbook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct DefinitionProblem {
    /// Where in the definition, such as `screens/0/components/1/fields/2`; empty for the whole.
    pub path: String,
    /// What kind of problem.
    pub code: ProblemCode,
    /// What is wrong, for people.
    pub message: ReasonText,
}

/// The kinds of problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum ProblemCode {
    /// Written by a newer version, or by none.
    SchemaVersion,
    /// Too long, empty, or too many.
    Length,
    /// Not made of the characters that are allowed there.
    Format,
    /// Used twice.
    Duplicate,
    /// A sheet that the workbook does not have.
    UnknownSheet,
    /// A defined name or table that the workbook does not have.
    UnknownName,
    /// An address that is none, or lies outside.
    OutOfRange,
    /// A table that the definition does not have.
    UnknownTable,
    /// A column that the table does not have.
    UnknownColumn,
    /// A binding of a kind that is not possible here.
    WrongBinding,
    /// Something that is needed is missing.
    Missing,
    /// A column said to be calculated has no formula in the workbook.
    NotCalculated,
    /// A calculated value would be entered.
    Calculated,
    /// Settings that contradict each other.
    Contradiction,
}
