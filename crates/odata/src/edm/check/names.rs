//! Names: legal, and each of one thing only (OData-CSDL 4.01, sections 5 and 15).

use std::collections::HashSet;

use super::Check;
use crate::edm::Schema;

/// Longest simple identifier, in characters (section 15.2).
const IDENTIFIER: usize = 128;
/// Longest namespace, in characters (section 15.1).
const NAMESPACE: usize = 511;
/// What a namespace or alias may not be (section 5).
const RESERVED: [&str; 4] = ["Edm", "odata", "System", "Transient"];

impl Check<'_> {
    /// Schemas and references as a whole.
    pub(super) fn documents(&mut self) {
        let edm = self.edm;
        let included = edm.references.iter().flat_map(|reference| &reference.includes);
        let aliases = edm.schemas.iter().filter_map(|schema| schema.alias.as_deref());
        let aliases = aliases.chain(included.clone().filter_map(|include| include.alias.as_deref()));
        let spaces = edm.schemas.iter().map(|schema| schema.namespace.as_str());
        self.unique("", "the namespace", spaces.clone());
        self.unique("", "the alias", aliases.clone());
        let all: HashSet<&str> = spaces.chain(included.map(|include| include.namespace.as_str())).collect();
        for alias in aliases {
            self.identifier(alias, alias);
            if all.contains(alias) {
                self.found(alias, "DUPLICATE", format!("the alias {alias} is a namespace as well"));
            }
            if RESERVED.contains(&alias) {
                self.found(alias, "RESERVED", format!("the alias {alias} is reserved"));
            }
        }
        for schema in &edm.schemas {
            let name = schema.namespace.as_str();
            if RESERVED.contains(&name) {
                self.found(name, "RESERVED", format!("the namespace {name} is reserved"));
            }
            if name.chars().count() > NAMESPACE {
                self.found(name, "NAME", format!("a namespace has at most {NAMESPACE} characters"));
            }
            for part in name.split('.') {
                self.identifier(name, part);
            }
        }
        let containers: Vec<_> = edm.schemas.iter().filter(|schema| schema.container.is_some()).collect();
        for schema in containers.iter().skip(1) {
            self.found(&schema.namespace, "CONTAINER", "a service has one entity container");
        }
    }

    /// The children of a schema.
    pub(super) fn names(&mut self, schema: &Schema) {
        let at = schema.namespace.as_str();
        // Overloads share a name; what else has it is another thing.
        let mut operations: Vec<&str> = Vec::new();
        for operation in &schema.operations {
            operations.push(&operation.name);
        }
        operations.sort_unstable();
        operations.dedup();
        let all: Vec<&str> = (schema.types.iter().map(|one| one.name.as_str()))
            .chain(schema.enums.iter().map(|one| one.name.as_str()))
            .chain(schema.definitions.iter().map(|one| one.name.as_str()))
            .chain(schema.terms.iter().map(|one| one.name.as_str()))
            .chain(schema.container.iter().map(|one| one.name.as_str()))
            .chain(operations)
            .collect();
        for name in &all {
            self.identifier(&format!("{at}.{name}"), name);
        }
        self.unique(at, "the name", all);
    }

    /// A simple identifier: a letter or an underscore, then letters, digits and what joins them.
    pub(super) fn identifier(&mut self, at: &str, name: &str) {
        let mut all = name.chars();
        let first = all.next().is_some_and(|c| c == '_' || c.is_alphabetic());
        if !first || !all.all(joins) {
            self.found(at, "NAME", format!("“{name}” is no identifier"));
        } else if name.chars().count() > IDENTIFIER {
            self.found(at, "NAME", format!("an identifier has at most {IDENTIFIER} characters"));
        }
    }
}

/// Letters and digits, the punctuation that joins (Pc), marks (Mn, Mc) and signs of format (Cf). The standard library knows
/// the first two; of the rest, those blocks are told here in which people write names.
fn joins(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(c,
            '_' | '\u{203f}' | '\u{2040}' | '\u{2054}' | '\u{fe33}' | '\u{fe34}' | '\u{fe4d}'..='\u{fe4f}' | '\u{ff3f}'
            | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}'
            | '\u{300}'..='\u{36f}' | '\u{483}'..='\u{487}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}'
            | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{900}'..='\u{903}' | '\u{93a}'..='\u{94f}' | '\u{e31}'
            | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
            | '\u{20d0}'..='\u{20dc}' | '\u{3099}' | '\u{309a}' | '\u{fe20}'..='\u{fe2f}')
}
