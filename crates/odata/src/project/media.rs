//! Media entities: a content that has properties.

/// Where the content of a set's entities is kept, and what is said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// The text column that refers to it.
    pub column: String,
    /// The text column that the name goes into which `Slug` gives a new one.
    pub name: Option<String>,
    /// The text column of its media type.
    pub content_type: Option<String>,
    /// The integer column of its length in bytes.
    pub size: Option<String>,
}
