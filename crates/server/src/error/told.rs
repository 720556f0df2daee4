//! What is said to people in their language.

use crate::language::Language;

/// A text for people in the languages they have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// In English.
    pub english: String,
    /// In German.
    pub german: String,
}

impl Words {
    /// In this language.
    pub fn told(&self, language: Language) -> &str {
        match language {
            Language::English => &self.english,
            Language::German => &self.german,
        }
    }
}
