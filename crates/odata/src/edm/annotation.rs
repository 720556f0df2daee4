//! What metadata says about itself: annotations (OData-CSDL 4.01, section 14).

use super::{QName, TypeRef};

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
    /// What is said of it; a qualifier of the whole group stands on each.
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
    /// A decimal number, as its text: exact.
    Decimal(String),
    /// A floating number, as its text.
    Float(String),
    /// Text; in CSDL JSON all of [`Constant`] and of [`PathKind`] but `Path` look like it too.
    String(String),
    /// A constant of another type, as its text.
    Constant(Constant, String),
    /// Members of an enumeration type, each as `Namespace.Type/Member`, parted by spaces.
    EnumMember(String),
    /// A collection.
    Collection(Vec<Expression>),
    /// A record.
    Record(Record),
    /// A path.
    Path(PathKind, String),
    /// What is calculated from other expressions.
    Dynamic(Box<Dynamic>),
}

/// A type of constant that CSDL JSON writes as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Constant {
    /// Bytes in base64url.
    Binary,
    /// A date.
    Date,
    /// A date and time with an offset.
    DateTimeOffset,
    /// A duration.
    Duration,
    /// A GUID.
    Guid,
    /// A time of day.
    TimeOfDay,
}

/// What a path leads to (section 14.4.1). Only `Path` stands for the value found there, the others for the path itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PathKind {
    /// A value.
    Path,
    /// A property.
    Property,
    /// A navigation property.
    NavigationProperty,
    /// An annotation.
    Annotation,
    /// Any element of the model (4.01).
    ModelElement,
}

/// Values by name (section 14.4.12).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Record {
    /// Its type, where it is said.
    pub kind: Option<QName>,
    /// The values.
    pub properties: Vec<PropertyValue>,
    /// What is said of it.
    pub annotations: Vec<Annotation>,
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

/// An operator applied to operands.
#[derive(Debug, Clone, PartialEq)]
pub struct Dynamic {
    /// What is done.
    pub operator: Operator,
    /// To what.
    pub operands: Vec<Expression>,
    /// What is said of it.
    pub annotations: Vec<Annotation>,
}

/// What a dynamic expression does (sections 14.4.2 to 14.4.13).
#[derive(Debug, Clone, PartialEq)]
pub enum Operator {
    /// A logical, comparison or arithmetic operator.
    Plain(PlainOperator),
    /// A client-side function, such as `odata.concat`.
    Apply(String),
    /// A value of another type.
    Cast(TypeRef),
    /// Whether a value is of a type.
    IsOf(TypeRef),
    /// Condition, then, and perhaps else.
    If,
    /// An operand with a name.
    Labeled(String),
    /// The value of a labeled element elsewhere, by its qualified name; no operand.
    LabeledReference(String),
    /// What is found at an address.
    UrlRef,
    /// A null of which something is said; no operand.
    Null,
}

/// An operator without anything but operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(
    missing_docs,
    reason = "the names of section 14.4.2 and 14.4.3, each known from the URL conventions"
)]
pub enum PlainOperator {
    And,
    Or,
    Not,
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
    Has,
    In,
    Add,
    Sub,
    Neg,
    Mul,
    Div,
    DivBy,
    Mod,
}

impl Annotation {
    /// A term with a value and nothing else.
    pub fn new(term: QName, value: Option<Expression>) -> Self {
        Self { term, qualifier: None, value, annotations: Vec::new() }
    }
}

impl PropertyValue {
    /// A value and nothing else.
    pub fn new(name: impl Into<String>, value: Expression) -> Self {
        Self { name: name.into(), value: Some(value), annotations: Vec::new() }
    }
}

impl Constant {
    /// Every one with its name in CSDL.
    pub const NAMES: [(Self, &'static str); 6] = [
        (Self::Binary, "Binary"),
        (Self::Date, "Date"),
        (Self::DateTimeOffset, "DateTimeOffset"),
        (Self::Duration, "Duration"),
        (Self::Guid, "Guid"),
        (Self::TimeOfDay, "TimeOfDay"),
    ];
}

impl PathKind {
    /// Every one with its name in CSDL XML.
    pub const NAMES: [(Self, &'static str); 5] = [
        (Self::Path, "Path"),
        (Self::Property, "PropertyPath"),
        (Self::NavigationProperty, "NavigationPropertyPath"),
        (Self::Annotation, "AnnotationPath"),
        (Self::ModelElement, "ModelElementPath"),
    ];
}

impl PlainOperator {
    /// Every one with its name in CSDL XML; CSDL JSON puts a `$` before it.
    pub const NAMES: [(Self, &'static str); 18] = [
        (Self::And, "And"),
        (Self::Or, "Or"),
        (Self::Not, "Not"),
        (Self::Eq, "Eq"),
        (Self::Ne, "Ne"),
        (Self::Gt, "Gt"),
        (Self::Ge, "Ge"),
        (Self::Lt, "Lt"),
        (Self::Le, "Le"),
        (Self::Has, "Has"),
        (Self::In, "In"),
        (Self::Add, "Add"),
        (Self::Sub, "Sub"),
        (Self::Neg, "Neg"),
        (Self::Mul, "Mul"),
        (Self::Div, "Div"),
        (Self::DivBy, "DivBy"),
        (Self::Mod, "Mod"),
    ];

    /// How many operands it has.
    pub fn operands(self) -> usize {
        if matches!(self, Self::Not | Self::Neg) { 1 } else { 2 }
    }
}
