//! What the open screen shows, as JSON: the contract with the web.
//!
//! **Architecture Invariant:** of the other screens a view says only whether they are there. It travels with every keystroke,
//! and a long schedule that nobody looks at would cost more than the calculation.

use std::collections::BTreeMap;

use gridkeep_model::transaction::Reason;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// Everything the open screen shows at one moment.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AppView {
    /// Id of the screen that is open; empty in an app without screens.
    pub screen: String,
    /// Ids of all screens whose condition does not hold.
    pub hidden_screens: Vec<String>,
    /// Ids of the screen's components whose condition does not hold.
    pub hidden_components: Vec<String>,
    /// Fields and cards by field id.
    pub fields: BTreeMap<String, FieldView>,
    /// Grids by component id: rows, and within them the columns in the definition's order.
    pub grids: BTreeMap<String, Vec<Vec<FieldView>>>,
    /// Charts by component id.
    pub charts: BTreeMap<String, ChartValues>,
    /// How long the last change took to calculate, in milliseconds.
    pub calculation_ms: f64,
}

/// One value as it is shown.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct FieldView {
    /// The value: numbers as numbers (5 % is 0.05), dates, times and date-times as ISO texts.
    pub value: Json,
    /// As Excel shows it in the app's language.
    pub text: String,
    /// A number without a number format: the client may set its thousands apart.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub general: bool,
    /// The error value of the cell, such as `#DIV/0!`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Why the last input was refused; `value` is that input then, and the engine keeps the one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invalid: Option<Reason>,
    /// Its condition holds.
    pub visible: bool,
    /// The texts to choose from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choices: Option<Vec<String>>,
}

/// A chart's figures.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChartValues {
    /// One text a category.
    pub categories: Vec<String>,
    /// The series, each with one value a category.
    pub series: Vec<ChartSeriesView>,
}

/// One series of a chart.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChartSeriesView {
    /// Name in the legend.
    pub label: String,
    /// One value a category; null where there is no number.
    pub values: Vec<Option<f64>>,
    /// The values as Excel shows them.
    pub texts: Vec<String>,
}
