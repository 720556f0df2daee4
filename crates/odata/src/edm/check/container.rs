//! The entity container (OData-CSDL 4.01, section 13).

use std::collections::HashMap;

use super::Check;
use crate::edm::{
    Container, OperationKind, PathBinding, QName, Schema, StructuredType, TypeKind, index::End,
};

impl<'e> Check<'e> {
    pub(super) fn container(&mut self, schema: &'e Schema, container: &'e Container) {
        let at = format!("{}.{}", schema.namespace, container.name);
        let sets = container.sets.iter().map(|set| (&set.name, &set.kind, &set.bindings));
        let singletons = container.singletons.iter().map(|one| (&one.name, &one.kind, &one.bindings));
        let sources: Vec<_> = sets.chain(singletons).collect();
        let names: Vec<&str> = (sources.iter().map(|(name, ..)| name.as_str()))
            .chain(container.functions.iter().map(|import| import.name.as_str()))
            .chain(container.actions.iter().map(|import| import.name.as_str()))
            .collect();
        for name in &names {
            self.identifier(&format!("{at}/{name}"), name);
        }
        self.unique(&at, "the name", names);
        // What a binding may lead to, by simple name.
        let targets: HashMap<&str, &QName> =
            sources.iter().map(|(name, kind, _)| (name.as_str(), *kind)).collect();
        for set in &container.sets {
            let at = format!("{at}/{}", set.name);
            if let Some(kind) = self.index.structured(&set.kind).filter(|kind| kind.kind != TypeKind::Complex)
            {
                let (line, _) = self.index.lineage(kind);
                let elsewhere = line
                    .iter()
                    .any(|one| one.base.as_ref().is_some_and(|base| self.index.is_elsewhere(base)));
                if !elsewhere && line.iter().all(|one| one.key.is_empty()) {
                    self.found(
                        &at,
                        "KEY",
                        format!("{} has no key, so its entities cannot be told apart", kind.name),
                    );
                }
            }
        }
        for (name, kind, bindings) in sources {
            let at = format!("{at}/{name}");
            self.unique(&at, "the binding of", bindings.iter().map(|binding| binding.path.as_str()));
            let Some(start) = self.entity(&at, kind) else { continue };
            for binding in bindings {
                self.binding(&at, schema, container, start, binding, &targets);
            }
        }
        self.imports(&at, schema, container, &targets);
    }

    fn binding(
        &mut self,
        at: &str,
        schema: &Schema,
        container: &Container,
        start: &'e StructuredType,
        binding: &PathBinding,
        targets: &HashMap<&str, &QName>,
    ) {
        let at = format!("{at}/{}", binding.path);
        // The type before the last cast of the path may narrow what is bound.
        let navigation = match self.index.follow(start, &binding.path) {
            Some(End::Navigation(navigation)) => Some(navigation),
            Some(End::Beyond) => None,
            Some(End::Type(_)) => {
                let before =
                    binding.path.rsplit_once('/').and_then(|(path, _)| self.index.follow(start, path));
                match before {
                    Some(End::Navigation(navigation)) => Some(navigation),
                    _ => return self.found(&at, "BINDING", "the path leads to no navigation property"),
                }
            }
            _ => return self.found(&at, "BINDING", "the path leads to no navigation property"),
        };
        let Some(kind) = self.set(&at, schema, container, &binding.target, targets) else { return };
        let Some(navigation) = navigation else { return };
        let (Some(there), Some(wanted)) =
            (self.index.structured(kind), self.index.structured(&navigation.target))
        else {
            return;
        };
        if !self.index.derives(there, wanted) && !self.index.derives(wanted, there) {
            let message =
                format!("{} has entities of {}, not of {}", binding.target, there.name, wanted.name);
            self.found(&at, "BINDING", message);
        }
    }

    /// The type of the set or singleton at a path; a note where there is none.
    fn set<'t>(
        &mut self,
        at: &str,
        schema: &Schema,
        container: &Container,
        path: &str,
        targets: &HashMap<&str, &'t QName>,
    ) -> Option<&'t QName> {
        let (first, rest) = path.split_once('/').map_or((path, None), |(first, rest)| (first, Some(rest)));
        let mut name = first;
        if let Some(other) = QName::parse(first) {
            let own =
                self.index.namespace_is(&other.namespace, &schema.namespace) && other.name == container.name;
            if !own {
                if !self.index.is_elsewhere(&other) {
                    self.found(at, "BINDING", format!("there is no entity container {other}"));
                }
                return None;
            }
            name = rest?;
        } else if rest.is_some() {
            // A set that is contained in the entities of another one.
            name = first;
        }
        let found = targets.get(name.split('/').next().unwrap_or(name)).copied();
        if found.is_none() && container.extends.is_none() {
            self.found(at, "BINDING", format!("there is no entity set or singleton {name}"));
        }
        found.filter(|_| !name.contains('/') && (rest.is_none() || first.contains('.')))
    }

    fn imports(&mut self, at: &str, schema: &Schema, container: &Container, targets: &HashMap<&str, &QName>) {
        let functions =
            container.functions.iter().map(|one| (&one.name, &one.function, &one.entity_set, false));
        let actions = container.actions.iter().map(|one| (&one.name, &one.action, &one.entity_set, true));
        for (name, operation, set, action) in functions.chain(actions) {
            let at = format!("{at}/{name}");
            let overloads = self.index.operations(operation);
            let fits =
                overloads.iter().any(|one| !one.bound && (one.kind == OperationKind::Action) == action);
            if !fits && !self.index.is_elsewhere(operation) {
                let kind = if action { "action" } else { "function" };
                self.found(&at, "IMPORT", format!("there is no unbound {kind} {operation}"));
            }
            if let Some(path) = set {
                self.set(&at, schema, container, path, targets);
            }
        }
    }
}
