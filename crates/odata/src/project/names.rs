//! Names of an app's definition as identifiers of a service.
//!
//! **Architecture Invariant:** a name follows from the id alone, so it stays when a title changes; and no two names of one
//! scope differ by case only (OData-Protocol 4.01, section 12.1.1).

use std::collections::HashSet;

/// Longest identifier (OData-CSDL 4.01, section 15.2).
const MAX_CHARS: usize = 128;

/// The names of one scope.
#[derive(Debug, Default)]
pub(super) struct Taken(HashSet<String>);

impl Taken {
    /// `unit_price` becomes `UnitPrice`, and `UnitPrice2` when that is taken.
    pub(super) fn name(&mut self, id: &str) -> String {
        let base = pascal(id);
        let mut name = base.clone();
        let mut number = 2;
        while !self.0.insert(name.to_lowercase()) {
            name = format!("{base}{number}");
            number += 1;
        }
        name
    }

    /// Whether an id would have its name without a number behind it.
    pub(super) fn is_free(&self, id: &str) -> bool {
        !self.0.contains(&pascal(id).to_lowercase())
    }
}

/// An id in the form of a type's or property's name. What is no letter, digit or `_` parts words.
fn pascal(id: &str) -> String {
    let mut name = String::with_capacity(id.len());
    for word in id.split(|c: char| !c.is_alphanumeric()) {
        let mut characters = word.chars();
        name.extend(characters.next().into_iter().flat_map(char::to_uppercase));
        name.extend(characters);
    }
    if !name.starts_with(char::is_alphabetic) {
        name.insert(0, '_');
    }
    name.chars().take(MAX_CHARS - 8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_become_names() {
        let check = |ids: &[&str], expect: &[&str]| {
            let mut taken = Taken::default();
            let names: Vec<String> = ids.iter().map(|id| taken.name(id)).collect();
            assert_eq!(names, expect);
        };
        check(&["unit_price", "total"], &["UnitPrice", "Total"]);
        check(&["a_b", "ab", "a__b"], &["AB", "Ab2", "AB3"]);
        check(&["größe", "2nd", ""], &["Größe", "_2nd", "_"]);
        check(&[&"x".repeat(200)], &[&format!("X{}", "x".repeat(119))]);
    }
}
