//! Fields: one value with a label, shown or entered.

use serde::{Deserialize, Serialize};

use super::{Access, Binding, Condition};

/// One value with its label.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Field {
    /// Unique within the app; lower-case letters, digits and `_`.
    pub id: String,
    /// What people read beside it.
    pub label: String,
    /// Where its value is.
    pub binding: Binding,
    /// What kind of value it is, and so how it is entered.
    pub kind: FieldKind,
    /// Unit behind the value, such as `km`, `EUR` or `%`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Excel number format code used to show it; the cell's own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// A sentence of help; may be absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// What is accepted.
    #[serde(default, skip_serializing_if = "Validation::is_empty")]
    pub validation: Validation,
    /// Entered or only shown.
    pub mode: FieldMode,
    /// Shown only while this holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visible_when: Option<Condition>,
    /// Who may see and change it.
    #[serde(default)]
    pub access: Access,
}

/// What kind of value a field or column holds, and so how it is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum FieldKind {
    /// Any number.
    Number,
    /// A whole number.
    Integer,
    /// An amount of money; the unit names the currency.
    Currency,
    /// A share, kept as 0.05 and shown as 5 %.
    Percent,
    /// One line of text.
    Text,
    /// Several lines of text.
    LongText,
    /// Yes or no.
    Boolean,
    /// A calendar date.
    Date,
    /// A time of day.
    Time,
    /// Date and time.
    DateTime,
    /// One of a list; see [`Validation::choices`].
    Choice,
    /// A photo or another file, of published tables only: the row refers to its content, which is kept beside the rows.
    /// See [`Validation::pictures`] and [`Validation::max_bytes`].
    File,
}

/// Entered or only shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum FieldMode {
    /// Only shown.
    Read,
    /// Entered.
    Write,
}

/// The most bytes of a file.
pub const MAX_FILE: u64 = 64 << 20;

/// The media types of pictures: those that browsers show and nothing runs in.
pub const PICTURES: [&str; 6] =
    ["image/jpeg", "image/png", "image/webp", "image/gif", "image/avif", "image/heic"];

/// What a field or column accepts. Dates and times compare as their ISO text's moment.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Validation {
    /// Blank is refused.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Smallest number accepted; for dates and times their serial number, as Excel keeps them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum: Option<f64>,
    /// Largest number accepted; for dates and times their serial number, as Excel keeps them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum: Option<f64>,
    /// Longest text accepted, in Unicode scalar values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u32>,
    /// Of files: only pictures are accepted, as their content tells.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pictures: bool,
    /// Of files: the most bytes accepted; [`MAX_FILE`] when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
    /// The values to choose from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choices: Option<Choices>,
    /// Values outside `choices` are accepted too.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub open: bool,
    /// What to tell the person in the maker's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl Validation {
    /// Whether everything is accepted.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Where the values to choose from are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", tag = "from", deny_unknown_fields)]
pub enum Choices {
    /// Written in the definition, as the validation's own list is.
    List {
        /// The values, in order.
        values: Vec<String>,
    },
    /// The filled cells of a range of the workbook.
    Range {
        /// Where they are.
        binding: Binding,
    },
}
