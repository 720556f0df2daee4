//! Charts, as far as an app can draw them again.

use serde::{Deserialize, Serialize};

use crate::CellAt;

/// A chart drawn on a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// The cell under its top left corner.
    pub at: CellAt,
    /// How it is drawn.
    pub kind: ChartKind,
    /// Its title; empty when it has none.
    pub title: String,
    /// Series in drawing order.
    pub series: Vec<ChartSeries>,
}

/// How a chart is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum ChartKind {
    /// Columns or bars.
    Bar,
    /// Lines.
    Line,
    /// Filled lines.
    Area,
    /// A pie or a doughnut.
    Pie,
    /// Points.
    Scatter,
    /// Anything else; shown as its table.
    Other,
}

/// One series of a [`Chart`]; references are formula text such as `Data!$B$2:$B$13`, empty when absent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChartSeries {
    /// Its name: a reference, or plain text when the file holds text.
    pub name: String,
    /// Where its categories are.
    pub categories: String,
    /// Where its values are.
    pub values: String,
}
