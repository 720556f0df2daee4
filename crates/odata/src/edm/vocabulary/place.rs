//! Every element of a model of which something may be said, and what it is to a term.

use crate::edm::{
    Annotation, Container, Edm, Operation, PathBinding, Schema, StructuredType, TypeKind, TypeRef,
    index::{End, Index},
};

/// An element of a model, and what is said of it.
pub(in crate::edm) struct Place<'e> {
    /// Its path from the schema, for people.
    pub(in crate::edm) at: String,
    /// What it is, in the words of `AppliesTo` (OData-CSDL 4.01, section 14.1.2).
    pub(in crate::edm) kinds: Vec<&'static str>,
    /// The type of its value, where it has one.
    pub(in crate::edm) value: Option<&'e TypeRef>,
    /// The type at which paths begin.
    pub(in crate::edm) context: Option<&'e StructuredType>,
    /// What is said of it.
    pub(in crate::edm) said: &'e [Annotation],
}

/// Every place of the model, and targets within it that lead nowhere.
pub(in crate::edm) fn places<'e>(edm: &'e Edm, index: &Index<'e>) -> (Vec<Place<'e>>, Vec<String>) {
    let mut all = All { index, places: Vec::new() };
    for reference in &edm.references {
        all.plain(&reference.uri, "Reference", &reference.annotations);
        for include in &reference.includes {
            all.plain(&include.namespace, "Include", &include.annotations);
        }
    }
    let mut nowhere = Vec::new();
    for schema in &edm.schemas {
        all.schema(schema);
        for group in &schema.targeted {
            match target(edm, index, &group.target) {
                Target::At(place) => all.places.push(Place { said: &group.annotations, ..place }),
                Target::Elsewhere => {}
                Target::Nowhere => nowhere.push(group.target.clone()),
            }
        }
    }
    (all.places, nowhere)
}

struct All<'e, 'i> {
    index: &'i Index<'e>,
    places: Vec<Place<'e>>,
}

impl<'e> All<'e, '_> {
    fn plain(&mut self, at: &str, kind: &'static str, said: &'e [Annotation]) {
        self.places.push(Place { at: at.to_owned(), kinds: vec![kind], value: None, context: None, said });
    }

    fn schema(&mut self, schema: &'e Schema) {
        self.plain(&schema.namespace, "Schema", &schema.annotations);
        let at = |name: &str| format!("{}.{name}", schema.namespace);
        for one in &schema.types {
            self.structured(&at(&one.name), one);
        }
        for one in &schema.enums {
            self.plain(&at(&one.name), "EnumType", &one.annotations);
            for member in &one.members {
                self.plain(&format!("{}/{}", at(&one.name), member.name), "Member", &member.annotations);
            }
        }
        for one in &schema.definitions {
            self.plain(&at(&one.name), "TypeDefinition", &one.annotations);
        }
        for one in &schema.operations {
            self.operation(&at(&one.name), one);
        }
        for one in &schema.terms {
            let kinds = vec!["Term"];
            let said = &one.annotations;
            self.places.push(Place { at: at(&one.name), kinds, value: Some(&one.kind), context: None, said });
        }
        if let Some(container) = &schema.container {
            self.container(&at(&container.name), container);
        }
    }

    fn structured(&mut self, at: &str, one: &'e StructuredType) {
        self.places.push(Place { said: &one.annotations, ..of_type(at, one) });
        for property in &one.properties {
            let place = valued(format!("{at}/{}", property.name), "Property", &property.kind, Some(one));
            self.places.push(Place { said: &property.annotations, ..place });
        }
        for navigation in &one.navigations {
            let at = format!("{at}/{}", navigation.name);
            let kinds = navigation_kinds(navigation.collection);
            let said = &navigation.annotations;
            self.places.push(Place { at: at.clone(), kinds, value: None, context: Some(one), said });
            for constraint in &navigation.constraints {
                self.plain(
                    &format!("{at}/{}", constraint.property),
                    "ReferentialConstraint",
                    &constraint.annotations,
                );
            }
            if let Some(on_delete) = &navigation.on_delete {
                self.plain(&format!("{at}/OnDelete"), "OnDelete", &on_delete.annotations);
            }
        }
    }

    fn operation(&mut self, at: &str, one: &'e Operation) {
        let context =
            one.parameters.first().filter(|_| one.bound).and_then(|first| self.index.of_type(&first.kind));
        let kinds = vec![operation_kind(one)];
        self.places.push(Place {
            at: at.to_owned(),
            kinds,
            value: None,
            context: None,
            said: &one.annotations,
        });
        for parameter in &one.parameters {
            let place = valued(format!("{at}/{}", parameter.name), "Parameter", &parameter.kind, context);
            self.places.push(Place { said: &parameter.annotations, ..place });
        }
        if let Some(kind) = &one.returns {
            let place = valued(format!("{at}/$ReturnType"), "ReturnType", kind, None);
            self.places.push(Place { said: &one.return_annotations, ..place });
        }
    }

    fn container(&mut self, at: &str, container: &'e Container) {
        self.plain(at, "EntityContainer", &container.annotations);
        for set in &container.sets {
            let context = self.index.structured(&set.kind);
            let (at, said) = (format!("{at}/{}", set.name), &set.annotations);
            self.places.push(Place {
                at,
                kinds: vec!["EntitySet", "Collection"],
                value: None,
                context,
                said,
            });
        }
        for one in &container.singletons {
            let context = self.index.structured(&one.kind);
            let (at, said) = (format!("{at}/{}", one.name), &one.annotations);
            self.places.push(Place { at, kinds: vec!["Singleton"], value: None, context, said });
        }
        for import in &container.functions {
            self.plain(&format!("{at}/{}", import.name), "FunctionImport", &import.annotations);
        }
        for import in &container.actions {
            self.plain(&format!("{at}/{}", import.name), "ActionImport", &import.annotations);
        }
    }
}

fn operation_kind(one: &Operation) -> &'static str {
    if one.kind == crate::edm::OperationKind::Action { "Action" } else { "Function" }
}

fn navigation_kinds(collection: bool) -> Vec<&'static str> {
    vec!["NavigationProperty", if collection { "Collection" } else { "Singleton" }]
}

fn of_type<'e>(at: &str, one: &'e StructuredType) -> Place<'e> {
    let kind = if one.kind == TypeKind::Complex { "ComplexType" } else { "EntityType" };
    Place { at: at.to_owned(), kinds: vec![kind], value: None, context: Some(one), said: &[] }
}

fn valued<'e>(
    at: String,
    kind: &'static str,
    value: &'e TypeRef,
    context: Option<&'e StructuredType>,
) -> Place<'e> {
    let mut kinds = vec![kind];
    // A collection of values is one of the things that `Collection` stands for, a single one of those of `Singleton`.
    if kind == "Property" {
        kinds.push(if value.collection { "Collection" } else { "Singleton" });
    }
    Place { at, kinds, value: Some(value), context, said: &[] }
}

/// Where the target of annotations is.
enum Target<'e> {
    /// Here.
    At(Place<'e>),
    /// In another document, or beyond what this one says.
    Elsewhere,
    /// Nowhere.
    Nowhere,
}

/// The element of this path (section 14.2.2).
fn target<'e>(edm: &'e Edm, index: &Index<'e>, path: &str) -> Target<'e> {
    // Parentheses hold the types of an overload's parameters, which may have slashes no more than a name has.
    let (first, rest) = path.split_once('/').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let (first, overload) =
        first.split_once('(').map_or((first, None), |(first, types)| (first, Some(types)));
    let Some(name) = crate::edm::QName::parse(first) else { return Target::Nowhere };
    if !index.is_own(&name.namespace) {
        return Target::Elsewhere;
    }
    if overload.is_some_and(|types| !types.ends_with(')') || types.contains(",)") || types.contains("(,")) {
        return Target::Nowhere;
    }
    let plain = |kind| {
        Target::At(Place { at: path.to_owned(), kinds: vec![kind], value: None, context: None, said: &[] })
    };
    if let Some(found) = index.structured(&name) {
        return match rest {
            None => Target::At(of_type(path, found)),
            Some(rest) => within(index, found, path, rest),
        };
    }
    if let Some(found) = index.enumeration(&name) {
        return match rest {
            None => plain("EnumType"),
            Some(member) if found.members.iter().any(|known| known.name == member) => plain("Member"),
            Some(_) => Target::Nowhere,
        };
    }
    let overloads = index.operations(&name);
    if let Some(found) = overloads.first() {
        let parameter =
            |name: &str| overloads.iter().flat_map(|one| &one.parameters).find(|known| known.name == name);
        return match rest {
            None => plain(operation_kind(found)),
            Some("$ReturnType") => plain("ReturnType"),
            Some(name) => match parameter(name) {
                Some(found) => Target::At(valued(path.to_owned(), "Parameter", &found.kind, None)),
                None => Target::Nowhere,
            },
        };
    }
    let Some(schema) = edm.schema(&name.namespace) else { return Target::Nowhere };
    if let Some(container) = schema.container.as_ref().filter(|container| container.name == name.name) {
        return match rest {
            None => plain("EntityContainer"),
            Some(rest) => child(index, container, path, rest),
        };
    }
    match rest {
        None if index.definition(&name).is_some() => plain("TypeDefinition"),
        None => match schema.terms.iter().find(|term| term.name == name.name) {
            Some(term) => Target::At(Place { value: Some(&term.kind), ..of_term(path) }),
            None => Target::Nowhere,
        },
        Some(_) => Target::Nowhere,
    }
}

fn of_term(path: &str) -> Place<'static> {
    Place { at: path.to_owned(), kinds: vec!["Term"], value: None, context: None, said: &[] }
}

/// A child of the container, or something of its type.
fn child<'e>(index: &Index<'e>, container: &'e Container, path: &str, rest: &str) -> Target<'e> {
    let (name, rest) = rest.split_once('/').map_or((rest, None), |(name, rest)| (name, Some(rest)));
    let sets = container.sets.iter().map(|set| (&set.name, &set.kind, &set.bindings, true));
    let singletons = container.singletons.iter().map(|one| (&one.name, &one.kind, &one.bindings, false));
    let found: Option<(_, _, &Vec<PathBinding>, bool)> =
        sets.chain(singletons).find(|(known, ..)| *known == name);
    if let Some((_, kind, _, set)) = found {
        let context = index.structured(kind);
        let kinds = if set { vec!["EntitySet", "Collection"] } else { vec!["Singleton"] };
        return match (rest, context) {
            (None, _) => Target::At(Place { at: path.to_owned(), kinds, value: None, context, said: &[] }),
            (Some(rest), Some(start)) => within(index, start, path, rest),
            (Some(_), None) => Target::Elsewhere,
        };
    }
    let kind = if container.functions.iter().any(|import| import.name == name) {
        "FunctionImport"
    } else if container.actions.iter().any(|import| import.name == name) {
        "ActionImport"
    } else if container.extends.is_some() {
        return Target::Elsewhere;
    } else {
        return Target::Nowhere;
    };
    if rest.is_some() {
        return Target::Nowhere;
    }
    Target::At(Place { at: path.to_owned(), kinds: vec![kind], value: None, context: None, said: &[] })
}

/// Something of a type. Paths in what is said of it begin at that type.
fn within<'e>(index: &Index<'e>, start: &'e StructuredType, path: &str, rest: &str) -> Target<'e> {
    match index.follow(start, rest) {
        Some(End::Property(property)) => {
            Target::At(valued(path.to_owned(), "Property", &property.kind, Some(start)))
        }
        Some(End::Navigation(navigation)) => {
            let kinds = navigation_kinds(navigation.collection);
            Target::At(Place { at: path.to_owned(), kinds, value: None, context: Some(start), said: &[] })
        }
        Some(End::Type(found)) => Target::At(of_type(path, found)),
        Some(End::Beyond) => Target::Elsewhere,
        None => Target::Nowhere,
    }
}
