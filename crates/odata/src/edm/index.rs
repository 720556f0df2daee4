//! A model's types by name, and where paths lead.

use std::collections::HashMap;

use super::{
    Edm, EnumType, Navigation, Operation, Property, QName, Schema, StructuredType, TypeDefinition, TypeName,
    TypeRef,
};

/// Deepest line of base types that is followed.
pub(super) const BASES: usize = 64;

/// Things by namespace and name.
type Names<'e, T> = HashMap<&'e str, HashMap<&'e str, T>>;

/// What a model declares, found in constant time.
pub(super) struct Index<'e> {
    /// Namespace by namespace and by alias.
    namespaces: HashMap<&'e str, &'e str>,
    /// Namespaces of other documents by namespace and by alias.
    elsewhere: HashMap<&'e str, &'e str>,
    structured: Names<'e, &'e StructuredType>,
    enums: Names<'e, &'e EnumType>,
    definitions: Names<'e, &'e TypeDefinition>,
    operations: Names<'e, Vec<&'e Operation>>,
}

/// Where a path ends.
#[derive(Debug, Clone, Copy)]
pub(super) enum End<'e> {
    /// At a structural property.
    Property(&'e Property),
    /// At a navigation property.
    Navigation(&'e Navigation),
    /// At a cast.
    Type(&'e StructuredType),
    /// Beyond what the model says: in another document, an open type, an annotation or `$count`.
    Beyond,
}

impl<'e> Index<'e> {
    pub(super) fn new(edm: &'e Edm) -> Self {
        let mut index = Self {
            namespaces: HashMap::new(),
            elsewhere: HashMap::new(),
            structured: HashMap::new(),
            enums: HashMap::new(),
            definitions: HashMap::new(),
            operations: HashMap::new(),
        };
        for include in edm.references.iter().flat_map(|reference| &reference.includes) {
            index.elsewhere.insert(&include.namespace, &include.namespace);
            index.elsewhere.extend(include.alias.as_deref().map(|alias| (alias, include.namespace.as_str())));
        }
        for schema in &edm.schemas {
            index.add(schema);
        }
        index
    }

    fn add(&mut self, schema: &'e Schema) {
        let namespace = schema.namespace.as_str();
        self.namespaces.insert(namespace, namespace);
        self.namespaces.extend(schema.alias.as_deref().map(|alias| (alias, namespace)));
        let structured = self.structured.entry(namespace).or_default();
        structured.extend(schema.types.iter().map(|one| (one.name.as_str(), one)));
        self.enums
            .entry(namespace)
            .or_default()
            .extend(schema.enums.iter().map(|one| (one.name.as_str(), one)));
        let definitions = self.definitions.entry(namespace).or_default();
        definitions.extend(schema.definitions.iter().map(|one| (one.name.as_str(), one)));
        let operations = self.operations.entry(namespace).or_default();
        for operation in &schema.operations {
            operations.entry(&operation.name).or_default().push(operation);
        }
    }

    fn find<'i, T>(&self, all: &'i Names<'e, T>, name: &QName) -> Option<&'i T> {
        all.get(self.namespaces.get(name.namespace.as_str())?)?.get(name.name.as_str())
    }

    /// Whether a name belongs to a document that is referred to. Its model is not known here.
    pub(super) fn is_elsewhere(&self, name: &QName) -> bool {
        let namespace = name.namespace.as_str();
        !self.namespaces.contains_key(namespace) && self.elsewhere.contains_key(namespace)
    }

    /// The namespace of a name, whose namespace may be an alias.
    pub(super) fn namespace(&self, written: &'e str) -> &'e str {
        self.namespaces.get(written).or_else(|| self.elsewhere.get(written)).copied().unwrap_or(written)
    }

    /// Whether the namespace is one of this document.
    pub(super) fn is_own(&self, written: &str) -> bool {
        self.namespaces.contains_key(written)
    }

    pub(super) fn structured(&self, name: &QName) -> Option<&'e StructuredType> {
        self.find(&self.structured, name).copied()
    }

    pub(super) fn enumeration(&self, name: &QName) -> Option<&'e EnumType> {
        self.find(&self.enums, name).copied()
    }

    pub(super) fn definition(&self, name: &QName) -> Option<&'e TypeDefinition> {
        self.find(&self.definitions, name).copied()
    }

    /// The overloads of this name.
    pub(super) fn operations(&self, name: &QName) -> &[&'e Operation] {
        self.find(&self.operations, name).map_or(&[], Vec::as_slice)
    }

    /// The namespace that is written, or that the alias stands for.
    pub(super) fn full(&self, written: &str) -> String {
        let known = self.namespaces.get(written).or_else(|| self.elsewhere.get(written));
        known.map_or_else(|| written.to_owned(), |namespace| (*namespace).to_owned())
    }

    /// Whether what is written is this namespace or its alias.
    pub(super) fn namespace_is(&self, written: &str, namespace: &str) -> bool {
        self.namespaces.get(written).is_some_and(|known| *known == namespace)
    }

    /// The type and its bases, from the type itself up, and whether they end. A circle and too many do not.
    pub(super) fn lineage(&self, start: &'e StructuredType) -> (Vec<&'e StructuredType>, bool) {
        let mut line = vec![start];
        while let Some(base) = line.last().and_then(|last| self.structured(last.base.as_ref()?)) {
            if line.len() == BASES || line.iter().any(|known| std::ptr::eq(*known, base)) {
                return (line, false);
            }
            line.push(base);
        }
        (line, true)
    }

    /// Whether `one` is `other` or derives from it.
    pub(super) fn derives(&self, one: &'e StructuredType, other: &'e StructuredType) -> bool {
        self.lineage(one).0.into_iter().any(|known| std::ptr::eq(known, other))
    }

    /// Where a path leads from a type; `None` where it breaks.
    pub(super) fn follow(&self, start: &'e StructuredType, path: &str) -> Option<End<'e>> {
        let mut end = End::Type(start);
        for segment in path.split('/') {
            let here = match end {
                End::Type(found) => found,
                End::Property(property) => match self.of_type(&property.kind) {
                    Some(found) => found,
                    None if segment == "$count" || segment.starts_with('@') => return Some(End::Beyond),
                    None => return self.foreign(&property.kind).then_some(End::Beyond),
                },
                End::Navigation(navigation) => match self.structured(&navigation.target) {
                    Some(found) => found,
                    None => return self.is_elsewhere(&navigation.target).then_some(End::Beyond),
                },
                End::Beyond => return Some(End::Beyond),
            };
            end = self.step(here, segment)?;
        }
        Some(end)
    }

    fn step(&self, here: &'e StructuredType, segment: &str) -> Option<End<'e>> {
        if segment.starts_with(['$', '@']) || segment.contains('@') {
            return Some(End::Beyond);
        }
        if let Some(cast) = QName::parse(segment) {
            let found = self.structured(&cast).map(End::Type);
            return found.or_else(|| self.is_elsewhere(&cast).then_some(End::Beyond));
        }
        let (line, _) = self.lineage(here);
        let property = line.iter().find_map(|one| one.properties.iter().find(|known| known.name == segment));
        let navigation =
            || line.iter().find_map(|one| one.navigations.iter().find(|known| known.name == segment));
        let found = property.map(End::Property).or_else(|| navigation().map(End::Navigation));
        // A base in another document may have it, and an open type may have anything.
        let beyond =
            line.iter().any(|one| one.open || one.base.as_ref().is_some_and(|base| self.is_elsewhere(base)));
        found.or_else(|| beyond.then_some(End::Beyond))
    }

    /// The structured type of a value.
    pub(super) fn of_type(&self, kind: &TypeRef) -> Option<&'e StructuredType> {
        match &kind.name {
            TypeName::Named(name) => self.structured(name),
            TypeName::Primitive(_) => None,
        }
    }

    fn foreign(&self, kind: &TypeRef) -> bool {
        matches!(&kind.name, TypeName::Named(name) if self.is_elsewhere(name))
    }
}
