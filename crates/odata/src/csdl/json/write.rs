//! From a model in normal form to a JSON document.

use super::{
    markup::Markup,
    published,
    value::{default_json, write_facets, write_type},
};
use crate::{
    csdl::name_of,
    edm::{
        Annotation, Container, Edm, EnumType, Navigation, OnDeleteAction, Operation, OperationKind,
        PathBinding, Primitive, Property, Reference, Schema, StructuredType, Term, TypeKind,
    },
};

/// A document being written, and the model that names are looked up in.
pub(super) struct Writer<'e> {
    pub(super) edm: &'e Edm,
    pub(super) w: Markup,
}

pub(super) fn document(edm: &Edm) -> String {
    let mut this = Writer { edm, w: Markup::default() };
    this.w.open('{');
    this.w.text("$Version", &edm.version.to_string());
    if let Some((schema, container)) = edm.container() {
        this.w.text("$EntityContainer", &format!("{}.{}", schema.namespace, container.name));
    }
    if !edm.references.is_empty() {
        this.w.name("$Reference");
        this.w.open('{');
        for each in &edm.references {
            this.reference(each);
        }
        this.w.close('}');
    }
    for each in &edm.schemas {
        this.schema(each);
    }
    this.w.close('}');
    this.w.finish()
}

impl Writer<'_> {
    fn reference(&mut self, of: &Reference) {
        self.w.name(&published(&of.uri, ".xml", ".json"));
        self.w.open('{');
        if !of.includes.is_empty() {
            self.w.name("$Include");
            self.w.open('[');
            for include in &of.includes {
                self.w.open('{');
                self.w.text("$Namespace", &include.namespace);
                self.w.maybe("$Alias", include.alias.as_deref());
                self.annotations("", &include.annotations);
                self.w.close('}');
            }
            self.w.close(']');
        }
        if !of.include_annotations.is_empty() {
            self.w.name("$IncludeAnnotations");
            self.w.open('[');
            for include in &of.include_annotations {
                self.w.open('{');
                self.w.text("$TermNamespace", &include.term_namespace);
                self.w.maybe("$Qualifier", include.qualifier.as_deref());
                self.w.maybe("$TargetNamespace", include.target_namespace.as_deref());
                self.w.close('}');
            }
            self.w.close(']');
        }
        self.annotations("", &of.annotations);
        self.w.close('}');
    }

    /// Begins a member of a schema that is an object of this kind.
    fn element(&mut self, name: &str, kind: &str) {
        self.w.name(name);
        self.w.open('{');
        self.w.text("$Kind", kind);
    }

    /// Ends it with what is said of it.
    pub(super) fn end(&mut self, annotations: &[Annotation]) {
        self.annotations("", annotations);
        self.w.close('}');
    }

    fn schema(&mut self, of: &Schema) {
        self.w.name(&of.namespace);
        self.w.open('{');
        self.w.maybe("$Alias", of.alias.as_deref());
        for each in &of.types {
            self.structured(each);
        }
        for each in &of.enums {
            self.enumeration(each);
        }
        for each in &of.definitions {
            self.element(&each.name, "TypeDefinition");
            self.w.text("$UnderlyingType", each.underlying.name());
            write_facets(&mut self.w, &each.facets, Some(each.underlying));
            self.end(&each.annotations);
        }
        for overloads in of.operations.chunk_by(|one, next| one.name == next.name) {
            self.w.name(&overloads[0].name);
            self.w.open('[');
            for each in overloads {
                self.operation(each);
            }
            self.w.close(']');
        }
        for each in &of.terms {
            self.term(each);
        }
        if let Some(each) = &of.container {
            self.container(each);
        }
        if !of.targeted.is_empty() {
            self.w.name("$Annotations");
            self.w.open('{');
            for group in &of.targeted {
                self.w.name(&group.target);
                self.w.open('{');
                self.end(&group.annotations);
            }
            self.w.close('}');
        }
        self.end(&of.annotations);
    }

    fn structured(&mut self, of: &StructuredType) {
        self.element(&of.name, if of.kind == TypeKind::Complex { "ComplexType" } else { "EntityType" });
        self.w.maybe("$BaseType", of.base.as_ref().map(ToString::to_string).as_deref());
        self.w.when("$Abstract", of.is_abstract);
        self.w.when("$OpenType", of.open);
        self.w.when("$HasStream", of.kind == TypeKind::Entity { has_stream: true });
        if !of.key.is_empty() {
            self.w.name("$Key");
            self.w.open('[');
            for key in &of.key {
                match &key.alias {
                    Some(alias) => {
                        self.w.open('{');
                        self.w.text(alias, &key.path);
                        self.w.close('}');
                    }
                    None => self.w.string(&key.path),
                }
            }
            self.w.close(']');
        }
        for Property { name, kind, default, annotations } in &of.properties {
            self.w.name(name);
            self.w.open('{');
            write_type(&mut self.w, kind);
            if let Some(text) = default {
                self.w.value("$DefaultValue", &default_json(self.edm, kind, text));
            }
            self.end(annotations);
        }
        for each in &of.navigations {
            self.navigation(each);
        }
        self.end(&of.annotations);
    }

    fn navigation(&mut self, of: &Navigation) {
        self.element(&of.name, "NavigationProperty");
        self.w.when("$Collection", of.collection);
        self.w.text("$Type", &of.target.to_string());
        self.w.when("$Nullable", of.nullable && !of.collection);
        self.w.maybe("$Partner", of.partner.as_deref());
        self.w.when("$ContainsTarget", of.contains);
        if !of.constraints.is_empty() {
            self.w.name("$ReferentialConstraint");
            self.w.open('{');
            for constraint in &of.constraints {
                self.w.text(&constraint.property, &constraint.referenced);
                self.annotations(&constraint.property, &constraint.annotations);
            }
            self.w.close('}');
        }
        if let Some(on_delete) = &of.on_delete {
            self.w.text("$OnDelete", name_of(&OnDeleteAction::NAMES, on_delete.action));
            self.annotations("$OnDelete", &on_delete.annotations);
        }
        self.end(&of.annotations);
    }

    fn enumeration(&mut self, of: &EnumType) {
        self.element(&of.name, "EnumType");
        if of.underlying != Primitive::Int32 {
            self.w.text("$UnderlyingType", of.underlying.name());
        }
        self.w.when("$IsFlags", of.flags);
        for member in &of.members {
            self.w.number(&member.name, &member.value.to_string());
            self.annotations(&member.name, &member.annotations);
        }
        self.end(&of.annotations);
    }

    fn operation(&mut self, of: &Operation) {
        let function = matches!(of.kind, OperationKind::Function { .. });
        self.w.open('{');
        self.w.text("$Kind", if function { "Function" } else { "Action" });
        self.w.when("$IsBound", of.bound);
        self.w.when("$IsComposable", of.kind == OperationKind::Function { composable: true });
        self.w.maybe("$EntitySetPath", of.entity_set_path.as_deref());
        if !of.parameters.is_empty() {
            self.w.name("$Parameter");
            self.w.open('[');
            for parameter in &of.parameters {
                self.w.open('{');
                self.w.text("$Name", &parameter.name);
                write_type(&mut self.w, &parameter.kind);
                self.end(&parameter.annotations);
            }
            self.w.close(']');
        }
        if let Some(kind) = &of.returns {
            self.w.name("$ReturnType");
            self.w.open('{');
            write_type(&mut self.w, kind);
            self.end(&of.return_annotations);
        }
        self.end(&of.annotations);
    }

    fn term(&mut self, of: &Term) {
        self.element(&of.name, "Term");
        write_type(&mut self.w, &of.kind);
        self.w.maybe("$BaseTerm", of.base.as_ref().map(ToString::to_string).as_deref());
        if let Some(text) = &of.default {
            self.w.value("$DefaultValue", &default_json(self.edm, &of.kind, text));
        }
        if !of.applies_to.is_empty() {
            self.w.name("$AppliesTo");
            self.w.open('[');
            for each in &of.applies_to {
                self.w.string(each);
            }
            self.w.close(']');
        }
        self.end(&of.annotations);
    }

    fn container(&mut self, of: &Container) {
        self.element(&of.name, "EntityContainer");
        self.w.maybe("$Extends", of.extends.as_deref());
        for set in &of.sets {
            self.w.name(&set.name);
            self.w.open('{');
            self.w.value("$Collection", "true");
            self.w.text("$Type", &set.kind.to_string());
            if !set.in_service_document {
                self.w.value("$IncludeInServiceDocument", "false");
            }
            self.bindings(&set.bindings);
            self.end(&set.annotations);
        }
        for singleton in &of.singletons {
            self.w.name(&singleton.name);
            self.w.open('{');
            self.w.text("$Type", &singleton.kind.to_string());
            self.w.when("$Nullable", singleton.nullable);
            self.bindings(&singleton.bindings);
            self.end(&singleton.annotations);
        }
        for import in &of.functions {
            self.w.name(&import.name);
            self.w.open('{');
            self.w.text("$Function", &import.function.to_string());
            self.w.maybe("$EntitySet", import.entity_set.as_deref());
            self.w.when("$IncludeInServiceDocument", import.in_service_document);
            self.end(&import.annotations);
        }
        for import in &of.actions {
            self.w.name(&import.name);
            self.w.open('{');
            self.w.text("$Action", &import.action.to_string());
            self.w.maybe("$EntitySet", import.entity_set.as_deref());
            self.end(&import.annotations);
        }
        self.end(&of.annotations);
    }

    fn bindings(&mut self, bindings: &[PathBinding]) {
        if !bindings.is_empty() {
            self.w.name("$NavigationPropertyBinding");
            self.w.open('{');
            for binding in bindings {
                self.w.text(&binding.path, &binding.target);
            }
            self.w.close('}');
        }
    }
}
