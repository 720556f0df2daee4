//! People whom a text of the log names: their addresses stand beside it, each a value of its own.
//!
//! **Architecture Invariant:** whose an address is follows from the address alone, so nobody is looked up when a row is written, and
//! whoever has no account yet is named as everybody else. Erasing somebody takes the values of their address, and no text.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use aws_lc_rs::digest::{SHA256, digest};
use gridkeep_model::AccountId;

use super::entry::NewEntry;

/// People that one row names one by one; what comes behind them is said without who it is.
const MOST: usize = 100;
/// What their values are called, before a number.
const NAME: &str = "address_";
/// What stands for them in a text, before the number.
const PLACE: &str = "&ADDRESS_";
/// What stands for those who are too many.
const NOBODY: &str = "&ADDRESS";

impl NewEntry {
    /// Adds a text that may name people: `&ADDRESS_1` stands for the first of them, whose address is the value `address_1`. A number that
    /// the text has itself stands for nobody. The text is nobody's, and stays.
    #[must_use]
    pub fn naming(mut self, name: &str, text: &str) -> Self {
        let number =
            |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>().parse::<usize>();
        // What the text has by itself could be anybody's in a row.
        let own: BTreeSet<usize> = text.split(PLACE).skip(1).filter_map(|rest| number(rest).ok()).collect();
        let named = self.personal.iter().filter_map(|(name, value)| {
            Some((value.value.clone(), name.strip_prefix(NAME)?.parse::<usize>().ok()?))
        });
        let named: Vec<(String, usize)> = named.collect();
        let mut last = named.iter().map(|(_, number)| *number).max().unwrap_or(0);
        let mut left = MOST.saturating_sub(named.len());
        let mut known: BTreeMap<String, usize> =
            named.into_iter().filter(|(_, number)| !own.contains(number)).collect();
        let mut said = String::with_capacity(text.len());
        let mut end = 0;
        for range in addresses(text) {
            said.push_str(&text[end..range.start]);
            end = range.end;
            let address = &text[range];
            if left > 0 && !known.contains_key(address) {
                let mut next = last + 1..=last + 1 + own.len();
                last = next.find(|number| !own.contains(number)).unwrap_or(last);
                left -= 1;
                known.insert(address.to_owned(), last);
                self = self.personal(&format!("{NAME}{last}"), Some(whose(address)), address);
            }
            match known.get(address) {
                Some(number) => said.extend([PLACE, &number.to_string()]),
                None => said.push_str(NOBODY),
            }
        }
        said.push_str(&text[end..]);
        self.personal(name, None, said)
    }
}

/// Whoever has an address, in place of their account (RFC 9562, version 8).
pub(super) fn whose(address: &str) -> AccountId {
    let folded = format!("gridkeep-address-1\0{}", address.to_lowercase());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest(&SHA256, folded.as_bytes()).as_ref()[..16]);
    AccountId::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// Where a text has addresses.
pub(super) fn addresses(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    text.match_indices('@').filter_map(move |(at, _)| {
        let local = |letter: char| letter.is_alphanumeric() || "._%+-'".contains(letter);
        let domain = |letter: char| letter.is_alphanumeric() || ".-".contains(letter);
        let before = text[from..at].trim_end_matches(local).len() + from;
        let start = at - text[before..at].trim_start_matches(['.', '\'']).len();
        let rest = &text[at + 1..];
        let end = rest.len() - rest.trim_start_matches(domain).len();
        let end = at + 1 + rest[..end].trim_end_matches(['.', '-']).len();
        let found = (start < at && end > at + 1).then_some(start..end);
        if found.is_some() {
            from = end;
        }
        found
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn entry() -> NewEntry {
        NewEntry::new("checkpoint.passed", Timestamp::UNIX_EPOCH, [1; 32])
    }

    #[test]
    fn addresses_are_found_where_people_write_them() {
        let check = |text: &str, expect: &[&str]| {
            let found: Vec<&str> = addresses(text).map(|range| &text[range]).collect();
            assert_eq!(found, expect, "{text}");
        };
        check("", &[]);
        check("@ a@ @b a @ b", &[]);
        check("Pay ann@example.com?", &["ann@example.com"]);
        check(
            "Ann <ann@example.com>, (bo.b+x@sub.example.org).",
            &["ann@example.com", "bo.b+x@sub.example.org"],
        );
        check(r#"[{"before":{"to":"a@b.c"},"after":{"to":"A@B.C"}}]"#, &["a@b.c", "A@B.C"]);
        check("'ann@example.com' o'hara@example.com", &["ann@example.com", "o'hara@example.com"]);
        check("jörg@müller.example…", &["jörg@müller.example"]);
        check("a@b@c@d.e", &["a@b", "c@d.e"]);
        check("mail:ann@example.com;x=bob@example.com", &["ann@example.com", "bob@example.com"]);
    }

    #[test]
    fn a_text_keeps_nobody() {
        let row = entry()
            .naming("message", "From a@x.de to b@x.de, a@x.de")
            .naming("changes", r#"["b@x.de","c@x.de"]"#);
        let value = |name: &str| row.personal[name].value.as_str();
        assert_eq!(value("message"), "From &ADDRESS_1 to &ADDRESS_2, &ADDRESS_1");
        assert_eq!(value("changes"), r#"["&ADDRESS_2","&ADDRESS_3"]"#);
        assert_eq!(
            [value("address_1"), value("address_2"), value("address_3")],
            ["a@x.de", "b@x.de", "c@x.de"]
        );
        assert_eq!(row.personal["address_1"].account, Some(whose("A@X.de")));
        assert_ne!(whose("a@x.de"), whose("b@x.de"));
        assert_eq!((row.personal.len(), row.personal["message"].account), (5, None));
        // What somebody wrote into a row stands for nobody.
        let row = entry().naming("message", "&ADDRESS_1 pays a@x.de").naming("changes", "a@x.de");
        assert_eq!(row.personal["message"].value, "&ADDRESS_1 pays &ADDRESS_2");
        assert_eq!(
            row.personal.keys().map(String::as_str).collect::<Vec<_>>(),
            ["address_2", "changes", "message"]
        );
        // However many there are: nobody is kept in the text.
        let many: Vec<String> = (0..1_000).map(|number| format!("p{number}@x.de")).collect();
        let row = entry().naming("message", &many.join(" "));
        assert_eq!(row.personal.len(), MOST + 1);
        assert!(!row.personal["message"].value.contains('@'));
        assert!(row.personal["message"].value.contains(" &ADDRESS_100 &ADDRESS &ADDRESS"));
    }
}
