//! How the payloads of one answer are written: version, amount of control information, form of numbers.

use crate::header::{JsonFormat, Metadata, Omit, Version};

/// What a client asked for, as far as it changes a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// Of the answer.
    pub version: Version,
    /// How much control information.
    pub metadata: Metadata,
    /// Int64 and Decimal as strings.
    pub ieee754_compatible: bool,
    /// Which values may be left out.
    pub omit: Option<Omit>,
    /// What stands before the names of control information.
    pub prefix: &'static str,
}

impl Style {
    /// From the format that was negotiated.
    pub const fn new(version: Version, format: JsonFormat, omit: Option<Omit>) -> Self {
        Self {
            version,
            metadata: format.metadata,
            ieee754_compatible: format.ieee754_compatible,
            omit,
            prefix: format.prefix(version),
        }
    }
}
