//! Types and their members (OData-CSDL 4.01, sections 6 to 11).

use super::{Annotation, Primitive, QName};

/// What a type is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TypeName {
    /// A built-in type.
    Primitive(Primitive),
    /// A type of a schema.
    Named(QName),
}

/// The type of a value: of a property, a parameter or a result.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeRef {
    /// The type of one value.
    pub name: TypeName,
    /// Whether it is a collection of them.
    pub collection: bool,
    /// Whether null is a value; in a collection, whether it may be one of its items.
    pub nullable: bool,
    /// What narrows it.
    pub facets: Facets,
}

impl TypeRef {
    /// One value of a built-in type, not null.
    pub fn primitive(primitive: Primitive) -> Self {
        Self {
            name: TypeName::Primitive(primitive),
            collection: false,
            nullable: false,
            facets: Facets::default(),
        }
    }
}

/// What narrows a type (section 7.2); each absent unless the metadata says it. Absent means what it means in CSDL XML: a
/// decimal without `scale` has none behind the point, a time without `precision` no fraction of a second. What `csdl` has
/// read always says both.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facets {
    /// Longest length in characters or bytes; `None` inside is `max`.
    pub max_length: Option<Option<u64>>,
    /// Digits of a decimal, or of the fraction of a second.
    pub precision: Option<u32>,
    /// Digits behind the point.
    pub scale: Option<Scale>,
    /// Whether text may be other than ASCII.
    pub unicode: Option<bool>,
    /// Reference system of a geography; kept as written.
    pub srid: Option<String>,
}

/// Digits behind the point of a decimal (section 7.2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// At most as many.
    Fixed(u32),
    /// As many as the precision leaves.
    Variable,
    /// A floating point.
    Floating,
}

/// What a structured type is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeKind {
    /// With identity; `has_stream` makes it a media entity type.
    Entity {
        /// Its content is a media stream.
        has_stream: bool,
    },
    /// Without identity.
    Complex,
}

/// An entity or complex type (sections 6 and 9).
#[derive(Debug, Clone, PartialEq)]
pub struct StructuredType {
    /// Its simple name.
    pub name: String,
    /// Entity or complex.
    pub kind: TypeKind,
    /// The type it derives from.
    pub base: Option<QName>,
    /// No instances of its own.
    pub is_abstract: bool,
    /// Accepts undeclared properties.
    pub open: bool,
    /// Key of an entity type; empty when the base has it.
    pub key: Vec<Key>,
    /// Structural properties of its own.
    pub properties: Vec<Property>,
    /// Navigation properties of its own.
    pub navigations: Vec<Navigation>,
    /// What is said of it.
    pub annotations: Vec<Annotation>,
}

/// One property of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Path of the property, usually just its name.
    pub path: String,
    /// Name in key predicates, needed for paths.
    pub alias: Option<String>,
}

/// A structural property (section 7).
#[derive(Debug, Clone, PartialEq)]
pub struct Property {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: TypeRef,
    /// Its default value, as the text of a literal.
    pub default: Option<String>,
    /// What is said of it.
    pub annotations: Vec<Annotation>,
}

/// A navigation property (section 8).
#[derive(Debug, Clone, PartialEq)]
pub struct Navigation {
    /// Its name.
    pub name: String,
    /// The entity type it leads to.
    pub target: QName,
    /// To many.
    pub collection: bool,
    /// May lead nowhere; for one.
    pub nullable: bool,
    /// The way back.
    pub partner: Option<String>,
    /// The related entities belong to this one.
    pub contains: bool,
    /// Pairs of property here and property there that are equal.
    pub constraints: Vec<Constraint>,
    /// What happens to the related entities when this one is deleted.
    pub on_delete: Option<OnDelete>,
    /// What is said of it.
    pub annotations: Vec<Annotation>,
}

/// A referential constraint: two properties that are equal (section 8.5).
#[derive(Debug, Clone, PartialEq)]
pub struct Constraint {
    /// Path of the property here.
    pub property: String,
    /// Path of the property there.
    pub referenced: String,
    /// What is said of it.
    pub annotations: Vec<Annotation>,
}

/// What happens to related entities on delete (section 8.6).
#[derive(Debug, Clone, PartialEq)]
pub struct OnDelete {
    /// What.
    pub action: OnDeleteAction,
    /// What is said of it.
    pub annotations: Vec<Annotation>,
}

/// What happens to a related entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OnDeleteAction {
    /// It is deleted as well.
    Cascade,
    /// Nothing; deletion fails where the related entity needs this one.
    None,
    /// What ties it to this one becomes null.
    SetNull,
    /// What ties it to this one becomes the default.
    SetDefault,
}

/// An enumeration type (section 10).
#[derive(Debug, Clone, PartialEq)]
pub struct EnumType {
    /// Its name.
    pub name: String,
    /// An integer type.
    pub underlying: Primitive,
    /// Several members may hold at once.
    pub flags: bool,
    /// The members.
    pub members: Vec<EnumMember>,
    /// What is said of it.
    pub annotations: Vec<Annotation>,
}

/// A member of an enumeration.
#[derive(Debug, Clone, PartialEq)]
pub struct EnumMember {
    /// Its name.
    pub name: String,
    /// Its number.
    pub value: i64,
    /// What is said of it.
    pub annotations: Vec<Annotation>,
}

/// A type definition (section 11).
#[derive(Debug, Clone, PartialEq)]
pub struct TypeDefinition {
    /// Its name.
    pub name: String,
    /// The built-in type it narrows.
    pub underlying: Primitive,
    /// How.
    pub facets: Facets,
    /// What is said of it.
    pub annotations: Vec<Annotation>,
}

impl Constraint {
    /// A pair of which nothing is said.
    pub fn new(property: impl Into<String>, referenced: impl Into<String>) -> Self {
        Self { property: property.into(), referenced: referenced.into(), annotations: Vec::new() }
    }
}

impl OnDeleteAction {
    /// Every one with its name.
    pub const NAMES: [(Self, &'static str); 4] = [
        (Self::Cascade, "Cascade"),
        (Self::None, "None"),
        (Self::SetNull, "SetNull"),
        (Self::SetDefault, "SetDefault"),
    ];
}
