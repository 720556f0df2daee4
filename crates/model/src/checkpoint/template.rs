//! What a person reads before they approve: text with `&PARAM` for values of the transaction.
//!
//! **Architecture Invariant:** what stands for a value is text of one line and nothing else: characters that control a terminal,
//! break lines, hide or turn around the direction of writing are gone, so that no value can pass for words of the message.

use std::collections::{BTreeMap, BTreeSet};

/// Characters of a template.
const LONGEST: usize = 1_000;
/// Characters of one value.
const LONGEST_VALUE: usize = 200;
/// What stands for a value that is blank.
const BLANK: &str = "–";

/// A message that was read once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Parameter(String),
}

/// Why a text is no message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// Nothing is said.
    #[error("a message is expected")]
    Empty,
    /// More than people read.
    #[error("a message has at most {LONGEST} characters")]
    TooLong,
    /// Characters that are not seen, or that turn around what is.
    #[error("a message is text of one line")]
    Unseen,
}

impl Template {
    /// Reads a message. `&` before a capital letter begins a parameter, as long as capital letters, digits and `_` follow;
    /// `&&` stands for `&`; any other `&` for itself.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        if text.trim().is_empty() {
            return Err(TemplateError::Empty);
        }
        if text.chars().count() > LONGEST {
            return Err(TemplateError::TooLong);
        }
        if text.chars().any(unseen) {
            return Err(TemplateError::Unseen);
        }
        let mut pieces = Vec::new();
        let mut said = String::new();
        let mut rest = text;
        while let Some(place) = rest.find('&') {
            said.push_str(&rest[..place]);
            rest = &rest[place + 1..];
            if let Some(behind) = rest.strip_prefix('&') {
                said.push('&');
                rest = behind;
                continue;
            }
            let name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
            let end = rest.find(|c| !name(c)).unwrap_or(rest.len());
            if rest.starts_with(|c: char| c.is_ascii_uppercase()) {
                if !said.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut said)));
                }
                pieces.push(Piece::Parameter(rest[..end].to_owned()));
                rest = &rest[end..];
            } else {
                said.push('&');
            }
        }
        said.push_str(rest);
        if !said.is_empty() {
            pieces.push(Piece::Text(said));
        }
        Ok(Self(pieces))
    }

    /// What it asks for.
    pub fn parameters(&self) -> BTreeSet<&str> {
        fn name(piece: &Piece) -> Option<&str> {
            match piece {
                Piece::Parameter(name) => Some(name),
                Piece::Text(_) => None,
            }
        }
        self.0.iter().filter_map(name).collect()
    }

    /// The message with these values; blank ones and those that are not there are shown as a dash.
    pub fn render(&self, values: &BTreeMap<String, String>) -> String {
        let mut out = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Parameter(name) => {
                    let value = values.get(name).map(|value| plain(value, LONGEST_VALUE));
                    out.push_str(value.as_deref().filter(|value| !value.is_empty()).unwrap_or(BLANK));
                }
            }
        }
        out
    }
}

/// Text of one line, at most so many characters: what cannot be seen is left out, and what breaks lines is a blank.
pub fn plain(text: &str, most: usize) -> String {
    let lines =
        text.chars().map(|c| if matches!(c, '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}') { ' ' } else { c });
    let mut seen = lines.filter(|c| !unseen(*c));
    let mut out: String = seen.by_ref().take(most).collect();
    if seen.next().is_some() {
        out.pop();
        out.push('…');
    }
    out.trim().to_owned()
}

/// Controls, marks of direction, and what takes no place.
fn unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_as_long_as_they_can_be() {
        let values = [("AMOUNT", "5,200.00"), ("AMOUNT_2", "7"), ("A", "a"), ("BLANK", " ")];
        let values = values.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let check = |text: &str, parameters: &[&str], expect: &str| {
            let template = Template::parse(text).unwrap();
            assert_eq!(template.parameters().into_iter().collect::<Vec<_>>(), parameters, "{text}");
            assert_eq!(template.render(&BTreeMap::from(values.clone())), expect, "{text}");
        };
        check("Approve &AMOUNT?", &["AMOUNT"], "Approve 5,200.00?");
        check("&AMOUNT_2 &AMOUNT&A", &["A", "AMOUNT", "AMOUNT_2"], "7 5,200.00a");
        check("&AMOUNTS", &["AMOUNTS"], "–");
        check("&&AMOUNT &&& R & D &x &1", &[], "&AMOUNT && R & D &x &1");
        check("&&&AMOUNT", &["AMOUNT"], "&5,200.00");
        check("&AMOUNTé", &["AMOUNT"], "5,200.00é");
        check("a&BLANK&", &["BLANK"], "a–&");
    }

    #[test]
    fn values_say_nothing_that_is_not_seen() {
        let template = Template::parse("Pay &WHOM now").unwrap();
        let check = |value: &str, expect: &str| {
            let values = BTreeMap::from([("WHOM".to_owned(), value.to_owned())]);
            assert_eq!(template.render(&values), expect, "{value:?}");
        };
        check("Ann\r\n\u{202e}bob\u{7}", "Pay Ann  bob now");
        check("&AMOUNT &&", "Pay &AMOUNT && now");
        check("\u{200b}\u{feff}", "Pay – now");
        check(&"x".repeat(300), &format!("Pay {}… now", "x".repeat(199)));
        for (text, why) in [
            (" ", TemplateError::Empty),
            ("a\nb", TemplateError::Unseen),
            ("a\u{202e}b", TemplateError::Unseen),
            (&"x".repeat(1_001), TemplateError::TooLong),
        ] {
            assert_eq!(Template::parse(text), Err(why));
        }
    }
}
