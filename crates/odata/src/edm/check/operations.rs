//! Actions and functions (OData-CSDL 4.01, section 12).

use std::collections::HashSet;

use super::Check;
use crate::edm::{Operation, OperationKind, Schema, TypeKind, TypeName, TypeRef};

impl<'e> Check<'e> {
    pub(super) fn operations(&mut self, schema: &'e Schema) {
        let mut signatures: HashSet<String> = HashSet::new();
        let mut kinds: HashSet<(&str, bool)> = HashSet::new();
        for one in &schema.operations {
            let at = format!("{}.{}", schema.namespace, one.name);
            self.operation(&at, one);
            let action = one.kind == OperationKind::Action;
            if kinds.contains(&(one.name.as_str(), !action)) {
                self.found(&at, "OVERLOAD", "an action and a function have the same name");
            }
            kinds.insert((&one.name, action));
            for signature in signatures_of(one) {
                if !signatures.insert(signature) {
                    self.found(&at, "OVERLOAD", "it cannot be told from another overload");
                }
            }
        }
    }

    fn operation(&mut self, at: &str, one: &'e Operation) {
        self.unique(at, "the parameter", one.parameters.iter().map(|parameter| parameter.name.as_str()));
        for parameter in &one.parameters {
            let at = format!("{at}/{}", parameter.name);
            self.identifier(&at, &parameter.name);
            self.any_type(&at, &parameter.kind);
        }
        if let Some(kind) = &one.returns {
            self.any_type(&format!("{at}/$ReturnType"), kind);
        } else if one.kind != OperationKind::Action {
            self.found(at, "RETURN", "a function returns something");
        }
        let first = one.parameters.first();
        if one.bound && first.is_none() {
            self.found(at, "BINDING", "a bound operation has a parameter that it is bound to");
        }
        let Some(path) = &one.entity_set_path else { return };
        let begins = |first: &crate::edm::Parameter| path.split('/').next() == Some(first.name.as_str());
        if !one.bound || !first.is_some_and(begins) {
            self.found(at, "ENTITY_SET_PATH", "the path begins with the parameter that it is bound to");
            return;
        }
        let start = first.and_then(|first| self.index.of_type(&first.kind));
        if let (Some(start), Some((_, rest))) = (start, path.split_once('/'))
            && self.index.follow(start, rest).is_none()
        {
            self.found(at, "ENTITY_SET_PATH", format!("{rest} leads nowhere from {}", start.name));
        }
        let entity = |kind: &TypeRef| match self.index.of_type(kind) {
            Some(found) => found.kind != TypeKind::Complex,
            None => matches!(&kind.name, TypeName::Named(name) if self.index.is_elsewhere(name)),
        };
        if !one.returns.as_ref().is_some_and(entity) {
            self.found(at, "ENTITY_SET_PATH", "only what returns entities has the path of their set");
        }
    }

    fn any_type(&mut self, at: &str, kind: &TypeRef) {
        self.known_type(at, &kind.name);
        self.facets(at, kind);
    }
}

/// What tells an overload from others of its name (sections 12.2 and 12.4): for a function the types of its parameters in
/// order and the set of their names, for an action only what it is bound to.
fn signatures_of(one: &Operation) -> Vec<String> {
    let types = |all: &[crate::edm::Parameter]| {
        let all =
            all.iter().map(|parameter| format!("{:?}{}", parameter.kind.name, parameter.kind.collection));
        all.collect::<Vec<_>>().join(",")
    };
    let names = |all: &[crate::edm::Parameter]| {
        let mut all: Vec<&str> = all.iter().map(|parameter| parameter.name.as_str()).collect();
        all.sort_unstable();
        all.join(",")
    };
    let bound = usize::from(one.bound).min(one.parameters.len());
    let binding = types(&one.parameters[..bound]);
    let head = format!("{} {} {binding}", one.name, one.bound);
    match one.kind {
        OperationKind::Action => vec![head],
        OperationKind::Function { .. } => vec![
            format!("{head} types {}", types(&one.parameters)),
            format!("{head} names {}", names(&one.parameters[bound..])),
        ],
    }
}
