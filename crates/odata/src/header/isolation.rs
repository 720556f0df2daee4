//! `Isolation`, called `OData-Isolation` in 4.0 (OData-Protocol 4.01, section 8.2.6).

use super::scan::Scan;
use crate::Error;

/// How a request is kept apart from changes that happen meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    /// All it reads is of one moment.
    Snapshot,
}

impl Isolation {
    /// Reads the value.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let scan = Scan::new(text);
        if text.trim_matches([' ', '\t']).eq_ignore_ascii_case("snapshot") {
            Ok(Self::Snapshot)
        } else {
            Err(scan.fail("Isolation", "The only isolation there is is snapshot"))
        }
    }
}
