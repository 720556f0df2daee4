//! `OData-EntityId`: the id of the entity that was made when no body says it (OData-Protocol 4.01, section 8.3.4).

use std::fmt;

use super::scan::Scan;
use crate::Error;

/// An entity-id: an absolute IRI or a relative one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityId(pub String);

impl EntityId {
    /// Reads an absolute IRI.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut scan = Scan::new(text.trim_matches([' ', '\t']));
        let first = scan.run(|byte| byte.is_ascii_alphabetic());
        scan.run(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
        if first.is_empty() || !scan.eat(':') {
            return Err(scan.fail("OData-EntityId", "Expected an absolute URL"));
        }
        let fits = |character: char| !character.is_ascii_control() && !" \"<>\\^`{|}".contains(character);
        if let Some(bad) = scan.rest().find(|character| !fits(character)) {
            return Err(
                scan.fail("OData-EntityId", format!("Character {bad} of the path may not stand in a URL"))
            );
        }
        Ok(Self(format!("{first}{}", &text.trim_matches([' ', '\t'])[first.len()..])))
    }
}

impl fmt::Display for EntityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
