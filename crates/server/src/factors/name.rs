//! What people call their factors.

use crate::error::ApiError;

/// Most characters of a factor's name.
const LONGEST: usize = 60;

/// A name as it is kept: without blanks around it, 1 to 60 characters, none of which control anything.
pub(super) fn checked(name: &str) -> Result<String, ApiError> {
    let name = name.trim();
    let fits = (1..=LONGEST).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fits { Ok(name.to_owned()) } else { Err(ApiError::InvalidFactorName) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_plain() {
        let check =
            |name: &str, expect: Option<&str>| assert_eq!(checked(name).ok().as_deref(), expect, "{name}");
        check("  Phone ", Some("Phone"));
        check(&"ä".repeat(60), Some(&"ä".repeat(60)));
        check(&"ä".repeat(61), None);
        check("   ", None);
        check("a\nb", None);
    }
}
