//! What is known of somebody, as grants ask for it: `user.Region`.

use std::collections::BTreeMap;

use crate::error::ApiError;

/// Most attributes of one person.
const MOST: usize = 20;
/// Longest name and value, in characters.
const LONGEST: (usize, usize) = (40, 200);

/// Checked attributes: names that an expression can say, values of one line. Those without a value are left out.
pub(super) fn checked(given: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, ApiError> {
    let wrong = |what: &str| Err(ApiError::InvalidRequest(format!("attributes: {what}")));
    let mut checked = BTreeMap::new();
    for (name, value) in given {
        let mut letters = name.chars();
        let is_name = letters.next().is_some_and(|first| first.is_ascii_alphabetic())
            && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        if !is_name || name.len() > LONGEST.0 {
            return wrong("a name is letters, digits and _, begins with a letter and has at most 40 of them");
        }
        let value = value.trim();
        if value.chars().count() > LONGEST.1 || value.chars().any(char::is_control) {
            return wrong("a value is one line of at most 200 characters");
        }
        if !value.is_empty() {
            checked.insert(name, value.to_owned());
        }
    }
    if checked.len() > MOST { wrong("at most 20") } else { Ok(checked) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_expressions_can_say_is_kept() {
        let check = |name: &str, value: &str, expect: Option<usize>| {
            let given = BTreeMap::from([(name.to_owned(), value.to_owned())]);
            assert_eq!(checked(given).ok().map(|kept| kept.len()), expect, "{name}: {value}");
        };
        check("Region", " North ", Some(1));
        check("cost_centre2", "4711", Some(1));
        check("Region", " ", Some(0));
        check("", "x", None);
        check("1st", "x", None);
        check("Größe", "x", None);
        check("Region", "a\nb", None);
        check("Region", &"x".repeat(201), None);
        check(&"a".repeat(41), "x", None);
        let many = (0..21).map(|number| (format!("a{number}"), "x".to_owned())).collect();
        assert!(checked(many).is_err());
    }
}
