//! What a worksheet cell can hold.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

/// The value of a cell. Dates are numbers (serial days since 1899-12-30, or 1904-01-01) with a date format, as in the file.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", tag = "type", content = "value")]
pub enum CellValue {
    /// Nothing there.
    #[default]
    Blank,
    /// A finite IEEE 754 double, as Excel computes.
    Number(f64),
    /// Text.
    Text(Arc<str>),
    /// TRUE or FALSE.
    Boolean(bool),
    /// An error such as `#DIV/0!`.
    Error(CellError),
}

impl CellValue {
    /// Text from anything that can be one.
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Text(text.into())
    }

    /// Whether there is nothing, or only empty text.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Blank => true,
            Self::Text(text) => text.is_empty(),
            _ => false,
        }
    }

    /// The number, when it is one.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The text, when it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// The error values of ECMA-376 part 1, section 18.18.11, and those newer Excel versions add.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum CellError {
    /// `#NULL!`
    #[serde(rename = "#NULL!")]
    Null,
    /// `#DIV/0!`
    #[serde(rename = "#DIV/0!")]
    Div0,
    /// `#VALUE!`
    #[serde(rename = "#VALUE!")]
    Value,
    /// `#REF!`
    #[serde(rename = "#REF!")]
    Ref,
    /// `#NAME?`
    #[serde(rename = "#NAME?")]
    Name,
    /// `#NUM!`
    #[serde(rename = "#NUM!")]
    Num,
    /// `#N/A`
    #[serde(rename = "#N/A")]
    NotAvailable,
    /// `#SPILL!`
    #[serde(rename = "#SPILL!")]
    Spill,
    /// `#CALC!`
    #[serde(rename = "#CALC!")]
    Calc,
    /// `#GETTING_DATA`
    #[serde(rename = "#GETTING_DATA")]
    GettingData,
    /// `#CIRC!`: not Excel's; our engine's word for a circular reference.
    #[serde(rename = "#CIRC!")]
    Circular,
    /// `#LIMIT!`: not Excel's; the engine stopped at one of its limits.
    #[serde(rename = "#LIMIT!")]
    Limit,
}

impl CellError {
    const ALL: [Self; 12] = [
        Self::Null,
        Self::Div0,
        Self::Value,
        Self::Ref,
        Self::Name,
        Self::Num,
        Self::NotAvailable,
        Self::Spill,
        Self::Calc,
        Self::GettingData,
        Self::Circular,
        Self::Limit,
    ];

    /// As Excel writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Null => "#NULL!",
            Self::Div0 => "#DIV/0!",
            Self::Value => "#VALUE!",
            Self::Ref => "#REF!",
            Self::Name => "#NAME?",
            Self::Num => "#NUM!",
            Self::NotAvailable => "#N/A",
            Self::Spill => "#SPILL!",
            Self::Calc => "#CALC!",
            Self::GettingData => "#GETTING_DATA",
            Self::Circular => "#CIRC!",
            Self::Limit => "#LIMIT!",
        }
    }
}

impl fmt::Display for CellError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for CellError {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|error| error.as_str() == text).ok_or(())
    }
}
