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

/// People that one row names one by one: each is a value of its own in its commit.
const MOST: usize = 1_000;
/// What their values are called, before a number.
const NAME: &str = "address_";
/// What stands for them in a text, before the number.
const PLACE: &str = "&ADDRESS_";

/// A text that may name people.
#[derive(Debug, Clone, Copy)]
pub struct Naming<'a> {
    /// What the value is called.
    pub name: &'a str,
    /// The text.
    pub text: &'a str,
    /// Whether it is JSON, in which no escape is part of an address.
    pub is_json: bool,
}

impl NewEntry {
    /// Adds all texts of a row that may name people: `&ADDRESS_1` stands for the first of them, whose address is the value `address_1`. A
    /// number that any of the texts has itself stands for nobody. Texts are nobody's, and stay; one with more people than a row names
    /// is kept whole, as a value of whoever wrote it: nobody hides whom it is about behind others.
    #[must_use]
    pub fn naming(mut self, texts: &[Naming<'_>], author: AccountId) -> Self {
        let number =
            |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>().parse::<usize>();
        // What a text has by itself could be anybody's in a row.
        let own: BTreeSet<usize> = texts
            .iter()
            .flat_map(|one| one.text.split(PLACE).skip(1))
            .filter_map(|rest| number(rest).ok())
            .collect();
        let mut free = (1..).filter(|number| !own.contains(number));
        let mut known: BTreeMap<&str, usize> = BTreeMap::new();
        for Naming { name, text, is_json } in texts {
            let found: Vec<_> = if *is_json {
                addresses(&without_escapes(text)).collect()
            } else {
                addresses(text).collect()
            };
            let more: BTreeSet<&str> = found.iter().map(|range| &text[range.clone()]).collect();
            if known.len() + more.iter().filter(|address| !known.contains_key(*address)).count() > MOST {
                self = self.personal(name, Some(author), *text);
                continue;
            }
            let mut said = String::with_capacity(text.len());
            let mut end = 0;
            for range in found {
                said.push_str(&text[end..range.start]);
                end = range.end;
                let address = &text[range];
                if !known.contains_key(address)
                    && let Some(number) = free.next()
                {
                    known.insert(address, number);
                    self = self.personal(&format!("{NAME}{number}"), Some(whose(address)), address);
                }
                let number = known.get(address).map(ToString::to_string);
                said.extend([PLACE, &number.unwrap_or_default()]);
            }
            said.push_str(&text[end..]);
            self = self.personal(name, None, said);
        }
        self
    }
}

/// JSON with blanks in place of escapes, each byte where it was.
fn without_escapes(json: &str) -> String {
    let mut plain = String::with_capacity(json.len());
    let mut rest = json.chars();
    while let Some(letter) = rest.next() {
        if letter != '\\' {
            plain.push(letter);
            continue;
        }
        let escaped = rest.next();
        let code = if escaped == Some('u') { 4 } else { 0 };
        let length: usize = escaped.into_iter().chain(rest.by_ref().take(code)).map(char::len_utf8).sum();
        plain.extend(std::iter::repeat_n(' ', 1 + length));
    }
    plain
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

    fn text<'a>(name: &'a str, text: &'a str) -> Naming<'a> {
        Naming { name, text, is_json: name == "changes" }
    }

    /// Of a row with a message and changes, which account 7 wrote.
    fn row(message: &str, changes: &str) -> NewEntry {
        entry().naming(&[text("message", message), text("changes", changes)], author())
    }

    fn author() -> AccountId {
        AccountId::from_uuid(uuid::Uuid::from_u128(7))
    }

    #[test]
    fn a_text_keeps_nobody() {
        let row = row("From a@x.de to b@x.de, a@x.de", r#"["b@x.de","c@x.de"]"#);
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
    }

    #[test]
    fn what_somebody_wrote_into_a_row_stands_for_nobody() {
        let names = |row: &NewEntry| row.personal.keys().cloned().collect::<Vec<_>>();
        let one = row("&ADDRESS_1 pays a@x.de", r#"["a@x.de"]"#);
        assert_eq!(one.personal["message"].value, "&ADDRESS_1 pays &ADDRESS_2");
        assert_eq!(names(&one), ["address_2", "changes", "message"]);
        // In whichever of its texts it stands.
        let one = row("From a@x.de to b@x.de", r#"["&ADDRESS_1","&ADDRESS_3 b@x.de"]"#);
        assert_eq!(one.personal["message"].value, "From &ADDRESS_2 to &ADDRESS_4");
        assert_eq!(one.personal["changes"].value, r#"["&ADDRESS_1","&ADDRESS_3 &ADDRESS_4"]"#);
        assert_eq!(names(&one), ["address_2", "address_4", "changes", "message"]);
    }

    #[test]
    fn an_escape_is_no_part_of_an_address() {
        let written = ["Pay\nann@x.de", "\u{1}bob@x.de", "C:\\cy@x.de", "\"dan@x.de\"", "\u{e9}\teve@x.de"];
        let row = row("", &serde_json::to_string(&written).unwrap());
        let read: Vec<String> = serde_json::from_str(&row.personal["changes"].value).unwrap();
        assert_eq!(
            read,
            ["Pay\n&ADDRESS_1", "\u{1}&ADDRESS_2", "C:\\&ADDRESS_3", "\"&ADDRESS_4\"", "\u{e9}\t&ADDRESS_5"]
        );
        let address = |number: usize| row.personal[&format!("{NAME}{number}")].value.as_str();
        assert_eq!([1, 2, 3, 4, 5].map(address), ["ann@x.de", "bob@x.de", "cy@x.de", "dan@x.de", "eve@x.de"]);
    }

    #[test]
    fn nobody_is_hidden_behind_others() {
        let many = |count: usize| (0..count).map(|number| format!("p{number}@x.de")).collect::<Vec<_>>();
        let all = many(MOST).join(" ");
        let one = row(&all, "[]");
        assert_eq!((one.personal.len(), one.personal["message"].account), (MOST + 2, None));
        assert!(!one.personal["message"].value.contains('@'));
        // One more, in another text: that one is kept whole, and goes with whoever wrote it.
        let one = row(&all, r#"["p1@x.de","payee@x.de"]"#);
        assert_eq!(one.personal["changes"].value, r#"["p1@x.de","payee@x.de"]"#);
        assert_eq!((one.personal.len(), one.personal["changes"].account), (MOST + 2, Some(author())));
        // Those it has already are no more.
        let one = row(&all, r#"["p1@x.de"]"#);
        assert_eq!(one.personal["changes"].value, r#"["&ADDRESS_2"]"#);
        let all = many(MOST + 1).join(" ");
        let one = row(&all, r#"["p1@x.de"]"#);
        assert_eq!(
            (one.personal["message"].value.as_str(), one.personal["message"].account),
            (&*all, Some(author()))
        );
        assert_eq!(one.personal["changes"].value, r#"["&ADDRESS_1"]"#);
    }
}
