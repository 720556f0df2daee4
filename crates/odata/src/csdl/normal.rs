//! The normal form of a model: one of the many ways to say the same.
//!
//! **Architecture Invariant:** a model and its normal form mean the same, and the normal form of a normal form is itself.

use std::collections::{HashMap, HashSet};

use super::names::Names;
use crate::edm::{
    Annotation, Dynamic, Edm, Expression, Facets, Include, Navigation, Operator, Primitive, Property,
    Reference, Scale, Schema, TargetAnnotations, TypeName, TypeRef,
};

/// The model with aliases in place of namespaces where there are any, with sets of its own container by their simple
/// names, with the facets that are there by default, with overloads beside each other and with all that is said of one
/// target in one place.
pub fn normal(mut edm: Edm) -> Edm {
    let names = Names::of(&edm);
    for reference in &mut edm.references {
        all(&names, &mut reference.annotations);
        for include in &mut reference.includes {
            all(&names, &mut include.annotations);
        }
    }
    references(&mut edm);
    for each in &mut edm.schemas {
        schema(&names, each);
    }
    edm
}

/// What comes from one document is in one place.
fn references(edm: &mut Edm) {
    let mut merged: Vec<Reference> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for reference in std::mem::take(&mut edm.references) {
        if let Some(at) = known.get(&reference.uri) {
            let first = &mut merged[*at];
            first.includes.extend(reference.includes);
            first.include_annotations.extend(reference.include_annotations);
            first.annotations.extend(reference.annotations);
        } else {
            known.insert(reference.uri.clone(), merged.len());
            merged.push(reference);
        }
    }
    for reference in &mut merged {
        let mut names: HashSet<(String, Option<String>)> = HashSet::new();
        reference.includes.retain(|one: &Include| names.insert((one.namespace.clone(), one.alias.clone())));
    }
    edm.references = merged;
}

fn schema(names: &Names, schema: &mut Schema) {
    for kind in &mut schema.types {
        if let Some(base) = &mut kind.base {
            names.shorten(base);
        }
        for each in &mut kind.properties {
            property(names, each);
        }
        for each in &mut kind.navigations {
            navigation(names, each);
        }
        all(names, &mut kind.annotations);
    }
    for each in &mut schema.enums {
        for member in &mut each.members {
            all(names, &mut member.annotations);
        }
        all(names, &mut each.annotations);
    }
    for each in &mut schema.definitions {
        explicit(each.underlying, &mut each.facets);
        all(names, &mut each.annotations);
    }
    for each in &mut schema.operations {
        for parameter in &mut each.parameters {
            typed(names, &mut parameter.kind);
            all(names, &mut parameter.annotations);
        }
        if let Some(kind) = &mut each.returns {
            typed(names, kind);
        }
        if let Some(path) = &mut each.entity_set_path {
            names.shorten_path(path);
        }
        all(names, &mut each.return_annotations);
        all(names, &mut each.annotations);
    }
    for each in &mut schema.terms {
        typed(names, &mut each.kind);
        if let Some(base) = &mut each.base {
            names.shorten(base);
        }
        all(names, &mut each.annotations);
    }
    container(names, schema);
    overloads(schema);
    targets(names, schema);
    all(names, &mut schema.annotations);
}

fn property(names: &Names, property: &mut Property) {
    typed(names, &mut property.kind);
    all(names, &mut property.annotations);
}

fn navigation(names: &Names, navigation: &mut Navigation) {
    names.shorten(&mut navigation.target);
    if let Some(path) = &mut navigation.partner {
        names.shorten_path(path);
    }
    for constraint in &mut navigation.constraints {
        names.shorten_path(&mut constraint.property);
        names.shorten_path(&mut constraint.referenced);
        all(names, &mut constraint.annotations);
    }
    if let Some(on_delete) = &mut navigation.on_delete {
        all(names, &mut on_delete.annotations);
    }
    all(names, &mut navigation.annotations);
}

fn container(names: &Names, schema: &mut Schema) {
    let Some(container) = &mut schema.container else { return };
    if let Some(other) = &mut container.extends {
        names.shorten_path(other);
    }
    let sets = container.sets.iter_mut().map(|set| (&mut set.kind, &mut set.bindings, &mut set.annotations));
    let singletons = container.singletons.iter_mut();
    let singletons = singletons.map(|one| (&mut one.kind, &mut one.bindings, &mut one.annotations));
    for (kind, bindings, annotations) in sets.chain(singletons) {
        names.shorten(kind);
        for binding in bindings {
            names.shorten_path(&mut binding.path);
            names.shorten_target(&mut binding.target);
        }
        all(names, annotations);
    }
    let functions = container.functions.iter_mut();
    let functions =
        functions.map(|import| (&mut import.function, &mut import.entity_set, &mut import.annotations));
    let actions = container.actions.iter_mut();
    let actions = actions.map(|import| (&mut import.action, &mut import.entity_set, &mut import.annotations));
    for (operation, set, annotations) in functions.chain(actions) {
        names.shorten(operation);
        if let Some(set) = set {
            names.shorten_target(set);
        }
        all(names, annotations);
    }
    all(names, &mut container.annotations);
}

/// Overloads follow the first of their name.
fn overloads(schema: &mut Schema) {
    let mut first: HashMap<String, usize> = HashMap::new();
    for (at, operation) in schema.operations.iter().enumerate() {
        first.entry(operation.name.clone()).or_insert(at);
    }
    schema.operations.sort_by_key(|operation| first.get(&operation.name).copied());
}

/// What is said of one target follows what was said of it first.
fn targets(names: &Names, schema: &mut Schema) {
    let mut merged: Vec<TargetAnnotations> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for mut group in std::mem::take(&mut schema.targeted) {
        names.shorten_path(&mut group.target);
        all(names, &mut group.annotations);
        if let Some(at) = known.get(&group.target) {
            merged[*at].annotations.extend(group.annotations);
        } else {
            known.insert(group.target.clone(), merged.len());
            merged.push(group);
        }
    }
    schema.targeted = merged;
}

fn typed(names: &Names, kind: &mut TypeRef) {
    match &mut kind.name {
        TypeName::Named(name) => names.shorten(name),
        TypeName::Primitive(primitive) => explicit(*primitive, &mut kind.facets),
    }
    if kind.facets.unicode == Some(true) {
        kind.facets.unicode = None;
    }
}

/// The facets that CSDL XML has by default, said.
fn explicit(primitive: Primitive, facets: &mut Facets) {
    use Primitive::{DateTimeOffset, Decimal, Duration, TimeOfDay};
    match primitive {
        Decimal => facets.scale = facets.scale.or(Some(Scale::Fixed(0))),
        DateTimeOffset | Duration | TimeOfDay => facets.precision = facets.precision.or(Some(0)),
        _ => {}
    }
    if facets.unicode == Some(true) {
        facets.unicode = None;
    }
}

fn all(names: &Names, annotations: &mut [Annotation]) {
    for annotation in annotations {
        names.shorten(&mut annotation.term);
        if let Some(value) = &mut annotation.value {
            expression(names, value);
        }
        all(names, &mut annotation.annotations);
    }
}

fn expression(names: &Names, of: &mut Expression) {
    match of {
        Expression::EnumMember(path) | Expression::Path(_, path) => names.shorten_path(path),
        Expression::Collection(items) => items.iter_mut().for_each(|item| expression(names, item)),
        Expression::Record(record) => {
            if let Some(kind) = &mut record.kind {
                names.shorten(kind);
            }
            for property in &mut record.properties {
                if let Some(value) = &mut property.value {
                    expression(names, value);
                }
                all(names, &mut property.annotations);
            }
            all(names, &mut record.annotations);
        }
        Expression::Dynamic(inner) => {
            let Dynamic { operator, operands, annotations } = &mut **inner;
            match operator {
                Operator::Cast(kind) | Operator::IsOf(kind) => {
                    if let TypeName::Named(name) = &mut kind.name {
                        names.shorten(name);
                    }
                }
                Operator::LabeledReference(name) => names.shorten_path(name),
                _ => {}
            }
            for operand in operands {
                expression(names, operand);
            }
            all(names, annotations);
        }
        _ => {}
    }
}
