//! `$search` (OData-URL 4.01, section 5.1.7).

/// A search expression. `NOT` binds tightest, then `AND`, which may be left out, then `OR`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Search {
    /// A word.
    Word(String),
    /// `"several words"`
    Phrase(String),
    /// `NOT x`
    Not(Box<Search>),
    /// Two or more, all of them.
    And(Vec<Search>),
    /// Two or more, any of them.
    Or(Vec<Search>),
    /// `'...'`: text that follows no rule, as a person typed it.
    Text(String),
}
