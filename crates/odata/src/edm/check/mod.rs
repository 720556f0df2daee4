//! Whether a model is consistent: what it names exists, what it declares is legal.
//!
//! Names from namespaces that are included from other documents are not judged; those documents are not here.
//!
//! **Architecture Invariant:** time and memory grow with the model, not with the square of it, whatever it says.

mod annotations;
mod container;
mod names;
mod operations;
mod types;

#[cfg(test)]
mod tests;

use std::collections::HashSet;

use super::{Edm, index::Index};

/// Something that is wrong with a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where, as a path from a schema.
    pub at: String,
    /// Stable code in upper case, such as `KEY`.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}: {}", self.at, self.code, self.message)
    }
}

/// A model under check, and what was found.
struct Check<'e> {
    edm: &'e Edm,
    index: Index<'e>,
    findings: Vec<Finding>,
}

impl Edm {
    /// Everything that is wrong with the model; nothing when it is sound.
    pub fn check(&self) -> Vec<Finding> {
        let mut check = Check { edm: self, index: Index::new(self), findings: Vec::new() };
        check.documents();
        for schema in &self.schemas {
            check.names(schema);
            for one in &schema.types {
                check.structured(schema, one);
            }
            check.enums(schema);
            check.terms(schema);
            check.operations(schema);
            if let Some(container) = &schema.container {
                check.container(schema, container);
            }
        }
        check.annotations();
        check.findings
    }
}

impl Check<'_> {
    fn found(&mut self, at: &str, code: &'static str, message: impl Into<String>) {
        self.findings.push(Finding { at: at.to_owned(), code, message: message.into() });
    }

    /// Notes names that stand twice, or twice but for their case.
    fn unique<'n>(&mut self, at: &str, what: &str, names: impl IntoIterator<Item = &'n str>) {
        let (mut known, mut folded) = (HashSet::new(), HashSet::new());
        for name in names {
            if !known.insert(name) {
                self.found(&format!("{at}/{name}"), "DUPLICATE", format!("{what} {name} is declared twice"));
            } else if !folded.insert(name.to_lowercase()) {
                let message = format!("{what} {name} differs from another one only by case");
                self.found(&format!("{at}/{name}"), "CASE", message);
            }
        }
    }
}
