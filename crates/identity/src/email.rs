//! E-mail addresses as names of accounts, and which of them people cannot tell apart.

use std::{borrow::Cow, fmt, str::FromStr};

use gridkeep_model::domain;
use unicode_normalization::UnicodeNormalization;
use unicode_security::{MixedScript, confusable_detection::skeleton};

/// An address, trimmed, composed (NFC) and in lower case: two spellings never become two accounts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Email(String);

/// What cannot be an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no e-mail address")]
pub struct EmailError;

impl Email {
    /// Checks what RFC 5321 bounds and people mistype: one `@`, something on both sides, no blanks, at most 254 bytes, a domain
    /// that name servers could know. Parts that mix scripts (`раypal` with a Cyrillic а) are refused, however the domain is
    /// written: nobody types them by mistake.
    pub fn new(text: &str) -> Result<Self, EmailError> {
        if text.len() > 1_000 {
            return Err(EmailError);
        }
        let text: String = text.trim().nfc().flat_map(char::to_lowercase).nfc().collect();
        let fits = text.len() <= 254
            && !text.chars().any(|c| {
                c.is_whitespace() || c.is_control() || is_invisible(c) || "<>()[],;:\\\"".contains(c)
            });
        match text.rsplit_once('@') {
            Some((local, domain))
                if fits
                    && is_local(local)
                    && is_domain(domain)
                    && labels(&seen(&text)).all(is_of_one_script) =>
            {
                Ok(Self(text))
            }
            _ => Err(EmailError),
        }
    }

    /// One that was checked when it was kept. Rules may have become stricter since; it goes on being somebody's.
    pub fn kept(text: String) -> Self {
        Self(text)
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands behind the `@`, in the form in which domains are compared.
    pub fn domain(&self) -> Cow<'_, str> {
        domain::of_address(&self.0)
    }

    /// What is left when letters that look alike become one (UTS #39 section 4). Two addresses of one skeleton are twins
    /// when either has a letter beyond ASCII: `paul1@` and `paull@` may both be somebody.
    pub fn skeleton(&self) -> String {
        // A zero's likeness is a capital letter.
        skeleton(&seen(&self.0)).flat_map(char::to_lowercase).collect()
    }

    /// Whether people cannot tell this address from another one, or it is the other one with its domain written in the other way.
    pub fn is_twin_of(&self, other: &Self) -> bool {
        let ascii = || seen(&self.0).is_ascii() && seen(&other.0).is_ascii();
        self != other && !ascii() && self.skeleton() == other.skeleton()
    }
}

/// Whether people cannot tell two kept addresses apart.
pub fn is_twin(one: &str, other: &str) -> bool {
    match (Email::new(one), Email::new(other)) {
        (Ok(one), Ok(other)) => one.is_twin_of(&other),
        // What is no address any more was one once: better not to let anybody be taken for it.
        _ => true,
    }
}

impl FromStr for Email {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, EmailError> {
        Self::new(text)
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An address as people read it, its domain in letters.
fn seen(address: &str) -> Cow<'_, str> {
    match address.rsplit_once('@') {
        Some((local, domain)) if domain.contains("xn--") || !domain.is_ascii() => {
            format!("{local}@{}", domain::shown(domain)).into()
        }
        _ => address.into(),
    }
}

fn labels(text: &str) -> impl Iterator<Item = &str> {
    text.split(['@', '.', '-', '_', '+'])
}

fn is_of_one_script(label: &str) -> bool {
    label.is_single_script()
}

/// Joiners, marks of direction and the like, which change nothing that anybody sees.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{ffff}' | '\u{e0000}'..='\u{e0fff}')
}

fn is_local(text: &str) -> bool {
    !text.is_empty() && text.len() <= 64 && !text.contains('@')
}

fn is_domain(text: &str) -> bool {
    text.split('.').all(|label| !label.is_empty() && !label.starts_with('-')) && domain::ascii(text).is_some()
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
        check("jo\u{308}rg@example.com", Some("jörg@example.com"));
        check("ада@пример.рф", Some("ада@пример.рф"));
        check("ada@localhost", Some("ada@localhost"));
        check("ada", None);
        check("@example.com", None);
        check("ada@", None);
        check("ada@@example.com", None);
        check("ada@example..com", None);
        check("ada lovelace@example.com", None);
        check("<ada@example.com>", None);
        check("ad\u{200b}a@example.com", None);
        check("p\u{430}ypal@example.com", None);
        // The same behind the sign, in letters and as name servers have it: `раypal` with a Cyrillic а.
        check("ada@p\u{430}ypal.example", None);
        check("ada@xn--pypal-4ve.example", None);
        check("ada@xn--mnchen-3ya.example", Some("ada@xn--mnchen-3ya.example"));
        check("ada@xn--a.example", None);
        check(&format!("ada@{}.example", "a".repeat(64)), None);
        check(&format!("{}@example.com", "a".repeat(65)), None);
        check(&"a".repeat(100_000), None);
    }

    #[test]
    fn twins_are_found() {
        let check = |one: &str, other: &str, expect: bool| {
            let (one, other) = (Email::new(one).unwrap(), Email::new(other).unwrap());
            assert_eq!((one.is_twin_of(&other), other.is_twin_of(&one)), (expect, expect), "{one} {other}");
        };
        check("ada@example.com", "Ada@example.com", false);
        check("\u{441}\u{43e}\u{441}\u{43e}@example.com", "coco@example.com", true);
        check("\u{441}\u{43e}\u{441}\u{43e}0@example.com", "coco0@example.com", true);
        check("paul1@example.com", "paull@example.com", false);
        check("jörg@example.com", "jorg@example.com", false);
        check("ada@example.com", "ada@examp\u{142}e.com", false);
        check("ada@münchen.example", "ada@xn--mnchen-3ya.example", true);
        check("ada@munchen.example", "ada@xn--mnchen-3ya.example", false);
        // Cyrillic `сосо`.
        check("ada@coco.example", "ada@xn--n1aahb.example", true);
    }

    #[test]
    fn domains_are_compared_in_one_form() {
        let check = |address: &str, expect: &str| {
            assert_eq!(Email::new(address).unwrap().domain(), expect, "{address}");
        };
        check("ada@Example.com", "example.com");
        for same in
            ["ada@münchen.de", "ada@xn--mnchen-3ya.de", "ada@XN--mnchen-3YA.de", "ada@mu\u{308}nchen.de"]
        {
            check(same, "xn--mnchen-3ya.de");
        }
    }
}
