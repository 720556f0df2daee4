//! The entity container: what a service offers at its root (OData-CSDL 4.01, section 13).

use super::{Annotation, QName};

/// An entity container.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// A container it adds to.
    pub extends: Option<String>,
    /// Entity sets.
    pub sets: Vec<EntitySet>,
    /// Singletons.
    pub singletons: Vec<Singleton>,
    /// Function imports.
    pub functions: Vec<FunctionImport>,
    /// Action imports.
    pub actions: Vec<ActionImport>,
    /// What is said of it.
    pub annotations: Vec<Annotation>,
}

/// A collection of entities.
#[derive(Debug, Clone, PartialEq)]
pub struct EntitySet {
    /// Its name.
    pub name: String,
    /// Type of its entities.
    pub kind: QName,
    /// Whether the service document shows it.
    pub in_service_document: bool,
    /// Where its navigation properties lead.
    pub bindings: Vec<PathBinding>,
    /// What is said of it.
    pub annotations: Vec<Annotation>,
}

/// One entity with a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Singleton {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: QName,
    /// May be absent.
    pub nullable: bool,
    /// Where its navigation properties lead.
    pub bindings: Vec<PathBinding>,
    /// What is said of it.
    pub annotations: Vec<Annotation>,
}

/// A navigation property binding: path and target set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathBinding {
    /// From the set's type.
    pub path: String,
    /// Name of the entity set or singleton.
    pub target: String,
}

/// A function offered at the root.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionImport {
    /// Its name.
    pub name: String,
    /// The function, all overloads of it.
    pub function: QName,
    /// Where the entities of its result are.
    pub entity_set: Option<String>,
    /// Whether the service document shows it.
    pub in_service_document: bool,
    /// What is said of it.
    pub annotations: Vec<Annotation>,
}

/// An action offered at the root.
#[derive(Debug, Clone, PartialEq)]
pub struct ActionImport {
    /// Its name.
    pub name: String,
    /// The action.
    pub action: QName,
    /// Where the entities of its result are.
    pub entity_set: Option<String>,
    /// What is said of it.
    pub annotations: Vec<Annotation>,
}
