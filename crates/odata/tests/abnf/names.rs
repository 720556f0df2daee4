//! The names that a file of cases allows: its `Constraints`, rule by rule. A rule without an entry may be any name.

use std::collections::{HashMap, HashSet};

use gridkeep_odata::syntax::{Class, Kind, Names};
use serde_json::Value;

/// Names by rule.
pub(crate) struct Constraints(HashMap<String, HashSet<String>>);

impl Constraints {
    pub(crate) fn of(document: &Value) -> Self {
        let rules = document["Constraints"].as_object().unwrap();
        let names = |value: &Value| {
            let list = value.as_array().unwrap().iter();
            list.map(|name| name.as_str().unwrap().replace("%2F", "/").replace("%27", "'")).collect()
        };
        Self(rules.iter().map(|(rule, value)| (rule.clone(), names(value))).collect())
    }

    pub(crate) fn has(&self, rule: &str, name: &str) -> bool {
        self.0.get(rule).is_none_or(|names| names.contains(name))
    }
}

fn of_kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Entity => "entity",
        Kind::Entities => "entityCol",
        Kind::Complex => "complex",
        Kind::Complexes => "complexCol",
        Kind::Primitive => "primitive",
        Kind::Primitives => "primitiveCol",
        Kind::Stream => "stream",
    }
}

impl Names for Constraints {
    fn may_be(&self, class: Class, name: &str) -> bool {
        match class {
            Class::EntitySet => self.has("entitySetName", name),
            Class::Singleton => self.has("singletonEntity", name),
            Class::ActionImport => self.has("actionImport", name),
            Class::FunctionImport(Kind::Stream) | Class::Function(Kind::Stream) => false,
            Class::FunctionImport(kind) => self.has(&format!("{}FunctionImport", of_kind(kind)), name),
            Class::Action => self.has("action", name),
            Class::Function(kind) => self.has(&format!("{}Function", of_kind(kind)), name),
            Class::Property(Kind::Primitive) => {
                ["primitiveKeyProperty", "primitiveNonKeyProperty", "customAggregate"]
                    .iter()
                    .any(|rule| self.has(rule, name))
            }
            Class::Property(kind @ (Kind::Entity | Kind::Entities)) => {
                self.has(&format!("{}NavigationProperty", of_kind(kind)), name)
            }
            Class::Property(kind) => self.has(&format!("{}Property", of_kind(kind)), name),
            Class::EntityType => self.has("entityTypeName", name),
            Class::ComplexType => self.has("complexTypeName", name),
            Class::Namespace => self.has("namespacePart", name),
            Class::CustomAggregate => self.has("customAggregate", name),
            Class::Variable => self.has("lambdaVariableExpr", name),
            Class::Key => self.has("keyPathLiteral", name),
            Class::Option => self.has("customName", name) || self.has("parameterName", name),
        }
    }
}
