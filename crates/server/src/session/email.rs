//! E-mail addresses as names of accounts.

use std::fmt;

use crate::error::ApiError;

/// An address, trimmed and in lower case: two spellings never become two accounts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Email(String);

impl Email {
    /// Checks what RFC 5321 bounds and people mistype: one `@`, something on both sides, no blanks, at most 254 characters.
    pub fn new(text: &str) -> Result<Self, ApiError> {
        let text = text.trim().to_lowercase();
        let fits = text.len() <= 254
            && !text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"".contains(c));
        match text.rsplit_once('@') {
            Some((local, domain)) if fits && is_local(local) && is_domain(domain) => Ok(Self(text)),
            _ => Err(ApiError::InvalidEmail),
        }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_local(text: &str) -> bool {
    !text.is_empty() && text.len() <= 64 && !text.contains('@')
}

fn is_domain(text: &str) -> bool {
    !text.is_empty() && text.split('.').all(|label| !label.is_empty() && !label.starts_with('-'))
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked_and_folded() {
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(Email::new(text).ok().as_ref().map(Email::as_str), expect, "{text}");
        };
        check(" Ada@Example.com ", Some("ada@example.com"));
        check("jörg@münchen.example", Some("jörg@münchen.example"));
        check("ada@localhost", Some("ada@localhost"));
        check("ada", None);
        check("@example.com", None);
        check("ada@", None);
        check("ada@@example.com", None);
        check("ada@example..com", None);
        check("ada lovelace@example.com", None);
        check("<ada@example.com>", None);
        check(&format!("{}@example.com", "a".repeat(65)), None);
    }
}
