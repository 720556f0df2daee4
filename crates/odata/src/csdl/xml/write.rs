//! From a model in normal form to an XML document.

use super::{
    markup::Markup,
    tree::{EDM, EDMX},
};
use crate::{
    csdl::{name_of, type_text},
    edm::{
        Annotation, Constant, Container, Dynamic, Edm, Expression, Facets, Navigation, OnDeleteAction,
        Operation, OperationKind, Operator, PathBinding, PathKind, PlainOperator, Primitive, Property, Scale,
        Schema, StructuredType, TypeKind, TypeName, TypeRef,
    },
};

pub(super) fn document(edm: &Edm) -> String {
    let mut w = Markup::new();
    w.start("edmx:Edmx").attribute("xmlns:edmx", EDMX).attribute("xmlns", EDM);
    w.attribute("Version", &edm.version.to_string());
    for reference in &edm.references {
        w.start("edmx:Reference").attribute("Uri", &reference.uri);
        annotations(&mut w, &reference.annotations);
        for include in &reference.includes {
            w.start("edmx:Include").attribute("Namespace", &include.namespace);
            w.maybe("Alias", include.alias.as_deref());
            annotations(&mut w, &include.annotations);
            w.end();
        }
        for include in &reference.include_annotations {
            w.start("edmx:IncludeAnnotations").attribute("TermNamespace", &include.term_namespace);
            w.maybe("Qualifier", include.qualifier.as_deref());
            w.maybe("TargetNamespace", include.target_namespace.as_deref());
            w.end();
        }
        w.end();
    }
    w.start("edmx:DataServices");
    for each in &edm.schemas {
        schema(&mut w, edm, each);
    }
    w.end();
    w.end();
    w.finish()
}

fn schema(w: &mut Markup, edm: &Edm, schema: &Schema) {
    w.start("Schema").attribute("Namespace", &schema.namespace).maybe("Alias", schema.alias.as_deref());
    for each in &schema.types {
        structured(w, each);
    }
    for each in &schema.enums {
        w.start("EnumType").attribute("Name", &each.name);
        let plain = each.underlying == Primitive::Int32;
        w.maybe("UnderlyingType", (!plain).then(|| each.underlying.name())).when("IsFlags", each.flags);
        for member in &each.members {
            w.start("Member").attribute("Name", &member.name).attribute("Value", &member.value.to_string());
            annotations(w, &member.annotations);
            w.end();
        }
        annotations(w, &each.annotations);
        w.end();
    }
    for each in &schema.definitions {
        w.start("TypeDefinition").attribute("Name", &each.name);
        w.attribute("UnderlyingType", each.underlying.name());
        facets(w, &each.facets);
        annotations(w, &each.annotations);
        w.end();
    }
    for each in &schema.operations {
        operation(w, edm, each);
    }
    for each in &schema.terms {
        w.start("Term").attribute("Name", &each.name);
        typed(w, &each.kind, true);
        w.maybe("BaseTerm", each.base.as_ref().map(ToString::to_string).as_deref());
        w.maybe("DefaultValue", each.default.as_deref());
        let applies_to = each.applies_to.join(" ");
        w.maybe("AppliesTo", (!applies_to.is_empty()).then_some(&applies_to));
        annotations(w, &each.annotations);
        w.end();
    }
    if let Some(each) = &schema.container {
        container(w, each);
    }
    for group in &schema.targeted {
        w.start("Annotations").attribute("Target", &group.target);
        annotations(w, &group.annotations);
        w.end();
    }
    annotations(w, &schema.annotations);
    w.end();
}

fn structured(w: &mut Markup, of: &StructuredType) {
    w.start(if of.kind == TypeKind::Complex { "ComplexType" } else { "EntityType" });
    w.attribute("Name", &of.name).maybe("BaseType", of.base.as_ref().map(ToString::to_string).as_deref());
    w.when("Abstract", of.is_abstract).when("OpenType", of.open);
    w.when("HasStream", of.kind == TypeKind::Entity { has_stream: true });
    if !of.key.is_empty() {
        w.start("Key");
        for key in &of.key {
            w.start("PropertyRef").attribute("Name", &key.path).maybe("Alias", key.alias.as_deref());
            w.end();
        }
        w.end();
    }
    for Property { name, kind, default, annotations: said } in &of.properties {
        w.start("Property").attribute("Name", name);
        typed(w, kind, true);
        w.maybe("DefaultValue", default.as_deref());
        annotations(w, said);
        w.end();
    }
    for each in &of.navigations {
        navigation(w, each);
    }
    annotations(w, &of.annotations);
    w.end();
}

fn navigation(w: &mut Markup, of: &Navigation) {
    w.start("NavigationProperty").attribute("Name", &of.name);
    w.attribute("Type", &collected(&of.target.to_string(), of.collection));
    // A collection is never null, and must not say so.
    w.maybe("Nullable", (!of.collection && !of.nullable).then_some("false"));
    w.maybe("Partner", of.partner.as_deref()).when("ContainsTarget", of.contains);
    for constraint in &of.constraints {
        w.start("ReferentialConstraint").attribute("Property", &constraint.property);
        w.attribute("ReferencedProperty", &constraint.referenced);
        annotations(w, &constraint.annotations);
        w.end();
    }
    if let Some(on_delete) = &of.on_delete {
        w.start("OnDelete").attribute("Action", name_of(&OnDeleteAction::NAMES, on_delete.action));
        annotations(w, &on_delete.annotations);
        w.end();
    }
    annotations(w, &of.annotations);
    w.end();
}

fn operation(w: &mut Markup, edm: &Edm, of: &Operation) {
    let function = matches!(of.kind, OperationKind::Function { .. });
    w.start(if function { "Function" } else { "Action" })
        .attribute("Name", &of.name)
        .when("IsBound", of.bound);
    w.maybe("EntitySetPath", of.entity_set_path.as_deref());
    w.when("IsComposable", of.kind == OperationKind::Function { composable: true });
    for parameter in &of.parameters {
        w.start("Parameter").attribute("Name", &parameter.name);
        typed(w, &parameter.kind, true);
        annotations(w, &parameter.annotations);
        w.end();
    }
    if let Some(kind) = &of.returns {
        w.start("ReturnType");
        // Of a collection of entities it has no meaning and must not be said (section 12.8).
        typed(w, kind, !(kind.collection && is_entity(edm, &kind.name)));
        annotations(w, &of.return_annotations);
        w.end();
    }
    annotations(w, &of.annotations);
    w.end();
}

fn is_entity(edm: &Edm, name: &TypeName) -> bool {
    match name {
        TypeName::Primitive(primitive) => *primitive == Primitive::Abstract("Edm.EntityType"),
        TypeName::Named(name) => {
            edm.structured(name).is_some_and(|found| matches!(found.kind, TypeKind::Entity { .. }))
        }
    }
}

fn container(w: &mut Markup, of: &Container) {
    w.start("EntityContainer").attribute("Name", &of.name).maybe("Extends", of.extends.as_deref());
    annotations(w, &of.annotations);
    for set in &of.sets {
        w.start("EntitySet").attribute("Name", &set.name).attribute("EntityType", &set.kind.to_string());
        w.maybe("IncludeInServiceDocument", (!set.in_service_document).then_some("false"));
        bindings(w, &set.bindings);
        annotations(w, &set.annotations);
        w.end();
    }
    for singleton in &of.singletons {
        w.start("Singleton")
            .attribute("Name", &singleton.name)
            .attribute("Type", &singleton.kind.to_string());
        w.when("Nullable", singleton.nullable);
        bindings(w, &singleton.bindings);
        annotations(w, &singleton.annotations);
        w.end();
    }
    for import in &of.functions {
        w.start("FunctionImport").attribute("Name", &import.name);
        w.attribute("Function", &import.function.to_string())
            .maybe("EntitySet", import.entity_set.as_deref());
        w.when("IncludeInServiceDocument", import.in_service_document);
        annotations(w, &import.annotations);
        w.end();
    }
    for import in &of.actions {
        w.start("ActionImport").attribute("Name", &import.name);
        w.attribute("Action", &import.action.to_string()).maybe("EntitySet", import.entity_set.as_deref());
        annotations(w, &import.annotations);
        w.end();
    }
    w.end();
}

fn bindings(w: &mut Markup, bindings: &[PathBinding]) {
    for binding in bindings {
        w.start("NavigationPropertyBinding")
            .attribute("Path", &binding.path)
            .attribute("Target", &binding.target);
        w.end();
    }
}

fn collected(name: &str, collection: bool) -> String {
    if collection { format!("Collection({name})") } else { name.to_owned() }
}

/// `Type`, `Nullable` where it may be said and is not what it is anyway, and the facets.
fn typed(w: &mut Markup, kind: &TypeRef, nullable: bool) {
    w.attribute("Type", &collected(&type_text(&kind.name), kind.collection));
    if nullable && (kind.collection || !kind.nullable) {
        w.attribute("Nullable", if kind.nullable { "true" } else { "false" });
    }
    facets(w, &kind.facets);
}

fn facets(w: &mut Markup, facets: &Facets) {
    let max = facets.max_length.map(|max| max.map_or_else(|| "max".to_owned(), |max| max.to_string()));
    w.maybe("MaxLength", max.as_deref())
        .maybe("Precision", facets.precision.map(|p| p.to_string()).as_deref());
    let scale = facets.scale.map(|scale| match scale {
        Scale::Fixed(digits) => digits.to_string(),
        Scale::Variable => "variable".to_owned(),
        Scale::Floating => "floating".to_owned(),
    });
    w.maybe("Scale", scale.as_deref());
    w.maybe("Unicode", facets.unicode.map(|unicode| if unicode { "true" } else { "false" }));
    w.maybe("SRID", facets.srid.as_deref());
}

fn annotations(w: &mut Markup, all: &[Annotation]) {
    for annotation in all {
        w.start("Annotation").attribute("Term", &annotation.term.to_string());
        w.maybe("Qualifier", annotation.qualifier.as_deref());
        value(w, annotation.value.as_ref(), &annotation.annotations);
        w.end();
    }
}

/// A value and what is said of its place: an attribute where it can be one, or else an element.
fn value(w: &mut Markup, value: Option<&Expression>, said: &[Annotation]) {
    let simple = value.and_then(simple);
    if let Some((name, text)) = &simple {
        w.attribute(name, text);
    }
    annotations(w, said);
    if let (None, Some(value)) = (simple, value) {
        expression(w, value);
    }
}

/// Name and text of a constant or path.
fn simple(of: &Expression) -> Option<(&'static str, String)> {
    Some(match of {
        Expression::Bool(value) => ("Bool", value.to_string()),
        Expression::Int(value) => ("Int", value.to_string()),
        Expression::Decimal(text) => ("Decimal", text.clone()),
        Expression::Float(text) => ("Float", text.clone()),
        Expression::String(text) => ("String", text.clone()),
        Expression::Constant(kind, text) => (name_of(&Constant::NAMES, *kind), text.clone()),
        Expression::EnumMember(text) => ("EnumMember", text.clone()),
        Expression::Path(kind, text) => (name_of(&PathKind::NAMES, *kind), text.clone()),
        _ => return None,
    })
}

fn expression(w: &mut Markup, of: &Expression) {
    match of {
        Expression::Null => {
            w.start("Null");
            w.end();
        }
        Expression::Collection(items) => {
            w.start("Collection");
            for item in items {
                expression(w, item);
            }
            w.end();
        }
        Expression::Record(record) => {
            w.start("Record").maybe("Type", record.kind.as_ref().map(ToString::to_string).as_deref());
            for property in &record.properties {
                w.start("PropertyValue").attribute("Property", &property.name);
                value(w, property.value.as_ref(), &property.annotations);
                w.end();
            }
            annotations(w, &record.annotations);
            w.end();
        }
        Expression::Dynamic(inner) => dynamic(w, inner),
        other => {
            if let Some((name, text)) = simple(other) {
                w.start(name).text(&text);
            }
        }
    }
}

fn dynamic(w: &mut Markup, of: &Dynamic) {
    match &of.operator {
        Operator::Plain(operator) => {
            w.start(name_of(&PlainOperator::NAMES, *operator));
        }
        Operator::Apply(function) => {
            w.start("Apply").attribute("Function", function);
        }
        Operator::Cast(kind) | Operator::IsOf(kind) => {
            w.start(if matches!(of.operator, Operator::Cast(_)) { "Cast" } else { "IsOf" });
            typed(w, kind, false);
        }
        Operator::If => {
            w.start("If");
        }
        Operator::Labeled(name) => {
            w.start("LabeledElement").attribute("Name", name);
        }
        Operator::LabeledReference(name) => {
            w.start("LabeledElementReference").text(name);
            return;
        }
        Operator::UrlRef => {
            w.start("UrlRef");
        }
        Operator::Null => {
            w.start("Null");
        }
    }
    annotations(w, &of.annotations);
    for operand in &of.operands {
        expression(w, operand);
    }
    w.end();
}
