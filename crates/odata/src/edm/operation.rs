//! Actions and functions (OData-CSDL 4.01, section 12).

use super::{Annotation, TypeRef};

/// What an operation may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationKind {
    /// May change data.
    Action,
    /// Only answers; what it answers may be asked further when `composable`.
    Function {
        /// Whether path segments and options may follow.
        composable: bool,
    },
}

/// One overload of an action or function.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// Its name.
    pub name: String,
    /// Action or function.
    pub kind: OperationKind,
    /// Bound to the type of its first parameter.
    pub bound: bool,
    /// Path to the entity set of its result, from the binding parameter.
    pub entity_set_path: Option<String>,
    /// Its parameters, the binding one first.
    pub parameters: Vec<Parameter>,
    /// What it answers.
    pub returns: Option<TypeRef>,
    /// What is said of what it answers.
    pub return_annotations: Vec<Annotation>,
    /// What is said of it.
    pub annotations: Vec<Annotation>,
}

/// A parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: TypeRef,
    /// What is said of it.
    pub annotations: Vec<Annotation>,
}
