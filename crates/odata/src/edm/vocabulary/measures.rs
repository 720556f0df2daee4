//! Terms of the Measures vocabulary: what numbers count.

use super::{Vocabulary::Measures, text};
use crate::edm::Annotation;

/// The currency of an amount, by its code of ISO 4217.
pub fn iso_currency(code: impl Into<String>) -> Annotation {
    Measures.say("ISOCurrency", text(code))
}

/// The unit of a quantity.
pub fn unit(name: impl Into<String>) -> Annotation {
    Measures.say("Unit", text(name))
}

/// Digits behind the point that count.
pub fn scale(digits: u8) -> Annotation {
    Measures.say("Scale", crate::edm::Expression::Int(digits.into()))
}
