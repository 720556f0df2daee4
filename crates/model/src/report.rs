//! What could be imported and what could not, cell by cell, for people to read.

use serde::{Deserialize, Serialize};

/// The traffic lights of an import: counts for all cells and details for those that are not green.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ImportReport {
    /// Cells that hold a formula.
    pub formulas: u64,
    /// Formulas that are calculated in full.
    pub supported: u64,
    /// What is not green, worst first; at most [`ImportReport::MAX_FINDINGS`], see `omitted`.
    pub findings: Vec<Finding>,
    /// Findings left out of the list.
    pub omitted: u64,
}

impl ImportReport {
    /// How many findings are listed; more are only counted.
    pub const MAX_FINDINGS: usize = 500;

    /// Adds a finding, or counts it when the list is full.
    pub fn add(&mut self, finding: Finding) {
        if self.findings.len() < Self::MAX_FINDINGS {
            self.findings.push(finding);
        } else {
            self.omitted += 1;
        }
    }

    /// The worst light of all findings; green when there is none.
    pub fn light(&self) -> Light {
        self.findings.iter().map(|finding| finding.kind.light()).max().unwrap_or(Light::Green)
    }
}

/// One thing to know about the import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// What was found.
    pub kind: FindingKind,
    /// The cell (`Sheet!B3`), sheet or part it was found at.
    pub place: String,
    /// What exactly: the function's name, the link's target, the limit.
    pub detail: String,
}

/// What an import can find.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum FindingKind {
    /// A function the engine does not know.
    UnsupportedFunction,
    /// A formula the engine cannot read.
    UnreadableFormula,
    /// A circular reference.
    CircularReference,
    /// A limit was reached; the rest was not calculated.
    LimitReached,
    /// A link to another file; its last known value is used.
    ExternalLink,
    /// A macro; ignored.
    MacroIgnored,
    /// A drawing, control or other part an app does not show.
    PartIgnored,
    /// The result changes with time or chance.
    Volatile,
}

impl FindingKind {
    /// How much it matters.
    pub const fn light(self) -> Light {
        match self {
            Self::UnsupportedFunction
            | Self::UnreadableFormula
            | Self::CircularReference
            | Self::LimitReached => Light::Red,
            Self::ExternalLink | Self::MacroIgnored | Self::PartIgnored => Light::Yellow,
            Self::Volatile => Light::Green,
        }
    }
}

/// How much a finding matters: green is fine, yellow is worth a look, red will show wrong results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Light {
    /// Fine.
    Green,
    /// Worth a look.
    Yellow,
    /// Will show wrong results.
    Red,
}
