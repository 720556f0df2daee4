//! The entity data model: the nouns of a service's metadata (OData-CSDL 4.01).
//!
//! **Architecture Invariant:** nothing here knows XML or JSON; `csdl` reads and writes both from these nouns.

mod annotation;
mod check;
mod container;
mod index;
mod operation;
mod primitive;
mod term;
mod types;
pub mod vocabulary;

pub use annotation::{
    Annotation, Constant, Dynamic, Expression, Operator, PathKind, PlainOperator, PropertyValue, Record,
    TargetAnnotations,
};
pub use check::Finding;
pub use container::{ActionImport, Container, EntitySet, FunctionImport, PathBinding, Singleton};
pub use operation::{Operation, OperationKind, Parameter};
pub use primitive::Primitive;
pub use term::Term;
pub use types::{
    Constraint, EnumMember, EnumType, Facets, Key, Navigation, OnDelete, OnDeleteAction, Property, Scale,
    StructuredType, TypeDefinition, TypeKind, TypeName, TypeRef,
};

/// A namespace- or alias-qualified name, such as `Gridkeep.Inventory.Row`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QName {
    /// The namespace, or its alias as it was written.
    pub namespace: String,
    /// The simple identifier.
    pub name: String,
}

impl QName {
    /// From both parts.
    pub fn new(namespace: impl Into<String>, name: impl Into<String>) -> Self {
        Self { namespace: namespace.into(), name: name.into() }
    }

    /// From `Namespace.Name`, split at the last dot; `None` without one.
    pub fn parse(text: &str) -> Option<Self> {
        let (namespace, name) = text.rsplit_once('.')?;
        (!namespace.is_empty() && !name.is_empty()).then(|| Self::new(namespace, name))
    }
}

impl std::fmt::Display for QName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.namespace, self.name)
    }
}

/// A version of OData.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Version {
    /// 4.0
    V4_0,
    /// 4.01
    #[default]
    V4_01,
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::V4_0 => "4.0",
            Self::V4_01 => "4.01",
        })
    }
}

/// A CSDL document: the schemas of a service and what they refer to (section 3).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Edm {
    /// The version it is written in.
    pub version: Version,
    /// Other documents whose names are used here, such as vocabularies.
    pub references: Vec<Reference>,
    /// The schemas.
    pub schemas: Vec<Schema>,
}

/// A reference to another document (section 3.3).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reference {
    /// Where it is.
    pub uri: String,
    /// Schemas used from there.
    pub includes: Vec<Include>,
    /// Annotations taken from there.
    pub include_annotations: Vec<IncludeAnnotations>,
    /// What is said of it.
    pub annotations: Vec<Annotation>,
}

/// A schema of another document (section 3.4).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Include {
    /// Its namespace.
    pub namespace: String,
    /// A short name for it here.
    pub alias: Option<String>,
    /// What is said of it.
    pub annotations: Vec<Annotation>,
}

/// Annotations of another document (section 3.5).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IncludeAnnotations {
    /// Those of terms of this namespace.
    pub term_namespace: String,
    /// Those with this qualifier only.
    pub qualifier: Option<String>,
    /// Those of targets in this namespace only.
    pub target_namespace: Option<String>,
}

/// A schema (section 5).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Schema {
    /// Its namespace.
    pub namespace: String,
    /// A short name for it.
    pub alias: Option<String>,
    /// Entity and complex types.
    pub types: Vec<StructuredType>,
    /// Enumeration types.
    pub enums: Vec<EnumType>,
    /// Type definitions.
    pub definitions: Vec<TypeDefinition>,
    /// Actions and functions; overloads stand beside each other.
    pub operations: Vec<Operation>,
    /// The entity container; one schema of a service has it.
    pub container: Option<Container>,
    /// Terms.
    pub terms: Vec<Term>,
    /// Annotations with an explicit target.
    pub targeted: Vec<TargetAnnotations>,
    /// What is said of the schema.
    pub annotations: Vec<Annotation>,
}

impl Edm {
    /// The schema with this namespace or alias.
    pub fn schema(&self, namespace: &str) -> Option<&Schema> {
        self.schemas.iter().find(|s| s.namespace == namespace || s.alias.as_deref() == Some(namespace))
    }

    /// The entity or complex type of this name.
    pub fn structured(&self, name: &QName) -> Option<&StructuredType> {
        self.schema(&name.namespace)?.types.iter().find(|t| t.name == name.name)
    }

    /// The enumeration type of this name.
    pub fn enumeration(&self, name: &QName) -> Option<&EnumType> {
        self.schema(&name.namespace)?.enums.iter().find(|t| t.name == name.name)
    }

    /// The type definition of this name.
    pub fn definition(&self, name: &QName) -> Option<&TypeDefinition> {
        self.schema(&name.namespace)?.definitions.iter().find(|t| t.name == name.name)
    }

    /// The entity container, with the schema that has it.
    pub fn container(&self) -> Option<(&Schema, &Container)> {
        self.schemas.iter().find_map(|schema| Some((schema, schema.container.as_ref()?)))
    }

    /// The type and its base types, from the type itself up. A circle of bases ends it.
    pub fn lineage<'a>(&'a self, start: &'a StructuredType) -> Vec<&'a StructuredType> {
        let mut line = vec![start];
        while let Some(base) = line.last().and_then(|last| self.structured(last.base.as_ref()?)) {
            if line.iter().any(|known| std::ptr::eq(*known, base)) {
                break;
            }
            line.push(base);
        }
        line
    }

    /// A property of a type, inherited ones included.
    pub fn property<'a>(&'a self, of: &'a StructuredType, name: &str) -> Option<&'a Property> {
        self.lineage(of).into_iter().find_map(|t| t.properties.iter().find(|p| p.name == name))
    }

    /// A navigation property of a type, inherited ones included.
    pub fn navigation<'a>(&'a self, of: &'a StructuredType, name: &str) -> Option<&'a Navigation> {
        self.lineage(of).into_iter().find_map(|t| t.navigations.iter().find(|p| p.name == name))
    }
}
