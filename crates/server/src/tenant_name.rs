//! What tenants are called in addresses.

use std::fmt;

use gridkeep_store::TenantInfo;

use crate::error::ApiError;

/// The tenant at the root of the host.
pub const DEFAULT: &str = "default";
/// Shortest and longest name, in characters.
const LENGTH: std::ops::RangeInclusive<usize> = 3..=40;
/// Names that would be taken for something else.
const RESERVED: [&str; 8] = [DEFAULT, "admin", "api", "app", "assets", "gridkeep", "odata", "www"];
/// Longest title, in characters.
const LONGEST_TITLE: usize = 80;

/// A tenant's name in addresses: small letters, digits and single hyphens between, so that nobody takes one for another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantName(String);

impl TenantName {
    /// Checks a name.
    pub fn new(text: &str) -> Result<Self, ApiError> {
        let is_fine = Self::may_be(text) && !RESERVED.contains(&text);
        if is_fine { Ok(Self(text.to_owned())) } else { Err(ApiError::InvalidName) }
    }

    /// Whether a tenant could be called so; what could not is not looked for.
    pub fn may_be(text: &str) -> bool {
        LENGTH.contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && text.starts_with(|first: char| first.is_ascii_lowercase())
            && !text.ends_with('-')
            && !text.contains("--")
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TenantName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What people call a tenant; `None` for a server's first as long as nobody has named it.
pub fn called(info: TenantInfo) -> Option<String> {
    Some(info.title).filter(|title| info.name != DEFAULT || title != DEFAULT)
}

/// What people call a tenant, checked: one line, not too long.
pub fn title(text: &str) -> Result<String, ApiError> {
    let title = text.trim();
    let length = title.chars().count();
    if length == 0 || length > LONGEST_TITLE || title.chars().any(char::is_control) {
        return Err(ApiError::InvalidName);
    }
    Ok(title.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_be_mistaken() {
        let check = |name: &str, expect: bool| assert_eq!(TenantName::new(name).is_ok(), expect, "{name}");
        check("acme", true);
        check("acme-2", true);
        check("a1b", true);
        for wrong in [
            "", "ac", "1acme", "-acme", "acme-", "ac--me", "Acme", "äcme", "ac me", "ac.me", "default", "api",
        ] {
            check(wrong, false);
        }
        check(&"a".repeat(40), true);
        check(&"a".repeat(41), false);
        assert_eq!(title(" Acme Ltd ").unwrap(), "Acme Ltd");
        for wrong in ["", "  ", "a\nb", &"x".repeat(81)] {
            assert!(title(wrong).is_err());
        }
    }
}
