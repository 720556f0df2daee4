//! Operations: what a service does beyond reading and changing entities, and by what.

use super::CalculatorSource;
use crate::edm::{Operation, OperationKind, Parameter, QName, TypeName, TypeRef};

/// One overload of an action or function. Those of a name are told apart by what they are bound to and by the names of
/// their parameters (OData-CSDL 4.01, section 12).
#[derive(Debug, Clone, PartialEq)]
pub struct OperationSource {
    /// Its qualified name.
    pub name: QName,
    /// Its name at the root of the service; none where it is bound or offered there by no name.
    pub import: Option<String>,
    /// What it is bound to.
    pub bound: Option<BoundTo>,
    /// Action or function.
    pub kind: OperationKind,
    /// Its parameters, without the one it is bound to.
    pub parameters: Vec<Parameter>,
    /// What it answers.
    pub returns: Option<TypeRef>,
    /// The entity set of the entities it answers, [`super::SetSource::name`].
    pub set: Option<String>,
    /// What does it.
    pub runs: Runs,
}

/// What an operation is bound to: entities of this type and of those derived from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundTo {
    /// The entity type.
    pub entity_type: QName,
    /// Not one of them but a collection.
    pub collection: bool,
}

/// What does an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Runs {
    /// A calculator screen.
    Calculator(CalculatorSource),
    /// An action of the app.
    Action(ActionSource),
    /// Code of the program that made the projection, which knows it by this name.
    Own(String),
}

/// An action of the app as one of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionSource {
    /// Its id in the definition.
    pub action: String,
    /// Parameter and the id it has in the definition.
    pub parameters: Vec<(String, String)>,
}

impl OperationSource {
    /// Of an operation of the metadata: `namespace` is its schema's, `runs` what does it.
    pub fn of(namespace: &str, operation: &Operation, runs: Runs) -> Self {
        let binding = operation.parameters.first().filter(|_| operation.bound);
        let bound = binding.and_then(|binding| match &binding.kind.name {
            TypeName::Named(name) => {
                Some(BoundTo { entity_type: name.clone(), collection: binding.kind.collection })
            }
            TypeName::Primitive(_) => None,
        });
        Self {
            name: QName::new(namespace, operation.name.clone()),
            import: None,
            bound,
            kind: operation.kind,
            parameters: operation.parameters[usize::from(binding.is_some())..].to_vec(),
            returns: operation.returns.clone(),
            set: None,
            runs,
        }
    }

    /// The same, offered at the root of the service by this name.
    #[must_use]
    pub fn imported(self, name: impl Into<String>) -> Self {
        Self { import: Some(name.into()), ..self }
    }

    /// The same, whose entities are those of this set.
    #[must_use]
    pub fn from_set(self, set: impl Into<String>) -> Self {
        Self { set: Some(set.into()), ..self }
    }

    /// It may change data.
    pub fn is_action(&self) -> bool {
        self.kind == OperationKind::Action
    }

    /// What it answers may be asked further.
    pub fn is_composable(&self) -> bool {
        self.kind == OperationKind::Function { composable: true }
    }

    /// The parameter of this name.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }
}

impl Parameter {
    /// It may be left out (Core.OptionalParameter).
    pub fn is_optional(&self) -> bool {
        self.annotations.iter().any(|annotation| annotation.term.name == "OptionalParameter")
    }
}
