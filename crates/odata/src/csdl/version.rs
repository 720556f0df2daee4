//! A model as an older version of OData can say it.
//!
//! **Architecture Invariant:** nothing that 4.01 added to CSDL is in a document of version 4.0. What only describes is left
//! out; what is there stays, as near as 4.0 comes to it.

use super::normal;
use crate::edm::{
    Annotation, Edm, Expression, Facets, Operator, PathKind, PlainOperator, Primitive, Scale, Schema,
    StructuredType, TypeName, TypeRef, Version,
};

/// The normal form of a model, in this version.
pub(super) fn prepared(edm: &Edm, version: Version) -> Edm {
    let mut edm = normal(edm.clone());
    edm.version = version;
    if version == Version::V4_0 {
        for reference in &mut edm.references {
            older(&mut reference.annotations);
            for include in &mut reference.includes {
                older(&mut include.annotations);
            }
        }
        edm.schemas.iter_mut().for_each(schema);
    }
    edm
}

fn schema(schema: &mut Schema) {
    schema.types.iter_mut().for_each(structured);
    for each in &mut schema.enums {
        for member in &mut each.members {
            older(&mut member.annotations);
        }
        older(&mut each.annotations);
    }
    for each in &mut schema.definitions {
        facets(&mut each.facets);
        older(&mut each.annotations);
    }
    // An operation or a term is nothing without the types it takes and gives.
    schema.operations.retain(|each| {
        let taken = each.parameters.iter().map(|parameter| &parameter.kind);
        !taken.chain(&each.returns).any(newer_type)
    });
    schema.terms.retain(|each| !newer_type(&each.kind));
    for each in &mut schema.operations {
        for parameter in &mut each.parameters {
            facets(&mut parameter.kind.facets);
            older(&mut parameter.annotations);
        }
        if let Some(kind) = &mut each.returns {
            facets(&mut kind.facets);
        }
        older(&mut each.return_annotations);
        older(&mut each.annotations);
    }
    for each in &mut schema.terms {
        facets(&mut each.kind.facets);
        older(&mut each.annotations);
    }
    let known = |name: &crate::edm::QName, schema: &Schema| {
        let own = [Some(schema.namespace.as_str()), schema.alias.as_deref()]
            .contains(&Some(name.namespace.as_str()));
        !own || schema.operations.iter().any(|operation| operation.name == name.name)
    };
    if let Some(mut container) = schema.container.take() {
        container.functions.retain(|import| known(&import.function, schema));
        container.actions.retain(|import| known(&import.action, schema));
        for singleton in &mut container.singletons {
            singleton.nullable = false;
            older(&mut singleton.annotations);
        }
        for set in &mut container.sets {
            older(&mut set.annotations);
        }
        for import in &mut container.functions {
            older(&mut import.annotations);
        }
        for import in &mut container.actions {
            older(&mut import.annotations);
        }
        older(&mut container.annotations);
        schema.container = Some(container);
    }
    for group in &mut schema.targeted {
        older(&mut group.annotations);
    }
    schema.targeted.retain(|group| !group.annotations.is_empty());
    older(&mut schema.annotations);
}

fn structured(kind: &mut StructuredType) {
    // A property of a type that 4.0 lacks becomes one that is not declared.
    let declared = kind.properties.len();
    kind.properties.retain(|property| !newer_type(&property.kind));
    kind.open |= kind.properties.len() < declared;
    for property in &mut kind.properties {
        facets(&mut property.kind.facets);
        older(&mut property.annotations);
    }
    for navigation in &mut kind.navigations {
        for constraint in &mut navigation.constraints {
            older(&mut constraint.annotations);
        }
        if let Some(on_delete) = &mut navigation.on_delete {
            older(&mut on_delete.annotations);
        }
        older(&mut navigation.annotations);
    }
    older(&mut kind.annotations);
}

fn newer_type(kind: &TypeRef) -> bool {
    const NEWER: [&str; 3] = ["Edm.Untyped", "Edm.ModelElementPath", "Edm.AnyPropertyPath"];
    matches!(&kind.name, TypeName::Primitive(Primitive::Abstract(name)) if NEWER.contains(name))
}

fn facets(facets: &mut Facets) {
    if facets.scale == Some(Scale::Floating) {
        facets.scale = Some(Scale::Variable);
    }
}

/// Leaves out the annotations that 4.0 has no words for.
fn older(annotations: &mut Vec<Annotation>) {
    annotations.retain_mut(|annotation| {
        older(&mut annotation.annotations);
        annotation.value.as_mut().is_none_or(expression)
    });
}

/// Whether 4.0 has words for it, once it was brought as near as it goes.
fn expression(of: &mut Expression) -> bool {
    match of {
        Expression::Path(PathKind::ModelElement, _) => false,
        Expression::Decimal(text) if text.contains(['e', 'E', 'I', 'N']) => {
            *of = Expression::Float(std::mem::take(text));
            true
        }
        Expression::Collection(items) => {
            items.retain_mut(expression);
            true
        }
        Expression::Record(record) => {
            record.properties.retain_mut(|property| {
                older(&mut property.annotations);
                property.value.as_mut().is_none_or(expression)
            });
            older(&mut record.annotations);
            true
        }
        Expression::Dynamic(inner) => {
            use PlainOperator::{Add, Div, DivBy, Has, In, Mod, Mul, Neg, Sub};
            older(&mut inner.annotations);
            let newer = match &mut inner.operator {
                Operator::Plain(plain) => {
                    matches!(plain, Has | In | Add | Sub | Neg | Mul | Div | DivBy | Mod)
                }
                Operator::Cast(kind) | Operator::IsOf(kind) => {
                    facets(&mut kind.facets);
                    newer_type(kind)
                }
                // 4.0 had three functions; 4.01 has all that the URL conventions have.
                Operator::Apply(function) => {
                    let known = ["odata.concat", "odata.fillUriTemplate", "odata.uriEncode"];
                    function.starts_with("odata.") && !known.contains(&function.as_str())
                }
                _ => false,
            };
            !newer && inner.operands.iter_mut().all(expression)
        }
        _ => true,
    }
}
