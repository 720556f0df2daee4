//! Names of domains: one name has one form that is compared (A-labels, RFC 5890) and one that people read.
//!
//! **Architecture Invariant:** domains are compared in the form of [`ascii`], wherever they were typed: `münchen.example` and
//! `xn--mnchen-3ya.example` are one.

use std::borrow::Cow;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

/// A domain as name servers and comparisons have it (UTS #46, non-transitional, the lengths of RFC 1035); `None` when it is none.
pub fn ascii(text: &str) -> Option<Cow<'_, str>> {
    Uts46::new().to_ascii(text.as_bytes(), AsciiDenyList::URL, Hyphens::Allow, DnsLength::Verify).ok()
}

/// A domain as people read it; as it is where it is none.
pub fn shown(text: &str) -> Cow<'_, str> {
    let (shown, fine) = Uts46::new().to_unicode(text.as_bytes(), AsciiDenyList::URL, Hyphens::Allow);
    if fine.is_ok() { shown } else { Cow::Borrowed(text) }
}

/// The domain of an address, to be compared: what stands behind its `@`, as it is where that is no domain.
pub fn of_address(address: &str) -> Cow<'_, str> {
    let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
    ascii(domain).unwrap_or(Cow::Borrowed(domain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_domain_has_one_form() {
        let check = |text: &str, expect: Option<&str>, read: &str| {
            assert_eq!((ascii(text).as_deref(), &*shown(text)), (expect, read), "{text}");
        };
        check("example.com", Some("example.com"), "example.com");
        check("Example.COM", Some("example.com"), "example.com");
        for same in [
            "münchen.de",
            "mu\u{308}nchen.de",
            "MÜNCHEN.de",
            "xn--mnchen-3ya.de",
            "XN--MNCHEN-3YA.de",
            "münchen。de",
            "ｍünchen.de",
        ] {
            check(same, Some("xn--mnchen-3ya.de"), "münchen.de");
        }
        // What has two spellings in German has two names, as registries have it.
        check("straße.de", Some("xn--strae-oqa.de"), "straße.de");
        check("strasse.de", Some("strasse.de"), "strasse.de");
        check("пример.рф", Some("xn--e1afmkfd.xn--p1ai"), "пример.рф");
        check("my_host.example", Some("my_host.example"), "my_host.example");
        check("localhost", Some("localhost"), "localhost");
        // What says that it is of this form, and is not.
        for none in [
            "xn--a.de",
            "xn--mnchen-3yb\u{e9}.de",
            "xn--ascii-.de",
            "a..de",
            "",
            "a b.de",
            "a/b.de",
            "exa\u{202e}mple.de",
        ] {
            check(none, None, none);
        }
        let long = format!("{}.de", "a".repeat(64));
        assert_eq!(ascii(&long), None);
    }

    #[test]
    fn addresses_have_the_domain_behind_the_last_sign() {
        let check = |address: &str, expect: &str| assert_eq!(of_address(address), expect, "{address}");
        check("ada@MÜNCHEN.de", "xn--mnchen-3ya.de");
        check("a@b@example.com", "example.com");
        check("nobody", "");
        check("ada@a b", "a b");
    }
}
