//! Terms: what annotations may say (OData-CSDL 4.01, section 14.1).

use super::{Annotation, QName, TypeRef};

/// A term.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// Its name.
    pub name: String,
    /// The type of its values.
    pub kind: TypeRef,
    /// A term that must be applied wherever this one is.
    pub base: Option<QName>,
    /// Its value where an annotation has none, as the text of a literal.
    pub default: Option<String>,
    /// Kinds of model elements it may be applied to; empty is all.
    pub applies_to: Vec<String>,
    /// What is said of it.
    pub annotations: Vec<Annotation>,
}
