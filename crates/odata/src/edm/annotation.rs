//! What metadata says about itself: annotations (OData-CSDL 4.01, section 14).

use super::QName;

/// A term applied to a model element.
#[derive(Debug, Clone, PartialEq)]
pub struct Annotation {
    /// The term.
    pub term: QName,
    /// Tells several of one term apart.
    pub qualifier: Option<String>,
    /// Its value; the term's default when absent.
    pub value: Option<Expression>,
    /// Annotations of the annotation.
    pub annotations: Vec<Annotation>,
}

/// Annotations that name their target.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetAnnotations {
    /// Path of the target, such as `Namespace.Container/Set`.
    pub target: String,
    /// Tells several apart.
    pub qualifier: Option<String>,
    /// What is said of it.
    pub annotations: Vec<Annotation>,
}

/// A constant or dynamic expression (sections 14.3 and 14.4).
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// Null.
    Null,
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A decimal or floating number, as its text.
    Number(String),
    /// Text; in CSDL JSON dates, durations, GUIDs and binaries look like it too.
    String(String),
    /// A constant of another type, by its attribute name (`Date`, `Duration`, `Guid`, ...) and text.
    Constant(&'static str, String),
    /// Members of an enumeration type, as written in XML: qualified names parted by spaces.
    EnumMember(String),
    /// A collection.
    Collection(Vec<Expression>),
    /// A record, with its type where it is said.
    Record {
        /// The type.
        kind: Option<QName>,
        /// The values.
        properties: Vec<PropertyValue>,
        /// What is said of it.
        annotations: Vec<Annotation>,
    },
    /// A path, by its attribute name (`Path`, `PropertyPath`, `NavigationPropertyPath`, `AnnotationPath`, ...) and text.
    Path(&'static str, String),
    /// Another dynamic expression, by its element name (`And`, `Apply`, `If`, `Cast`, ...), its attributes and operands.
    Dynamic {
        /// The element.
        name: String,
        /// Attributes in order.
        attributes: Vec<(String, String)>,
        /// The operands.
        operands: Vec<Expression>,
    },
}

/// A value within a record.
#[derive(Debug, Clone, PartialEq)]
pub struct PropertyValue {
    /// The property.
    pub name: String,
    /// Its value; the default when absent.
    pub value: Option<Expression>,
    /// What is said of it.
    pub annotations: Vec<Annotation>,
}

impl Annotation {
    /// A term with a value and nothing else.
    pub fn new(term: QName, value: Option<Expression>) -> Self {
        Self { term, qualifier: None, value, annotations: Vec::new() }
    }
}
