//! From the tree of an XML document to the model.

use super::{
    said::{said_of, target},
    tree::Element,
};
use crate::{
    Error,
    csdl::{enum_base, named, scale, shown, type_name},
    edm::{
        ActionImport, Constraint, Container, Edm, EntitySet, EnumMember, EnumType, Facets, FunctionImport,
        Include, IncludeAnnotations, Key, Navigation, OnDelete, OnDeleteAction, Operation, OperationKind,
        Parameter, PathBinding, Primitive, Property, QName, Reference, Schema, Singleton, StructuredType,
        Term, TypeDefinition, TypeKind, TypeRef, Version,
    },
};

/// Attributes of facets.
pub(super) const FACETS: [&str; 5] = ["MaxLength", "Precision", "Scale", "SRID", "Unicode"];

pub(super) fn document(root: &Element) -> Result<Edm, Error> {
    if !root.wrapper || root.name != "Edmx" {
        return Err(root.wrong(format!("the metadata begins with {}, not with Edmx", root.name)));
    }
    root.only(&["Version"], &["Reference", "DataServices"], false)?;
    let version = match root.required("Version")? {
        "4.0" => Version::V4_0,
        "4.01" => Version::V4_01,
        other => return Err(root.wrong(format!("version {} is neither 4.0 nor 4.01", shown(other)))),
    };
    let Some(services) = root.one("DataServices")? else {
        return Err(root.wrong("Edmx lacks DataServices"));
    };
    services.only(&[], &["Schema"], false)?;
    Ok(Edm {
        version,
        references: root.all("Reference").map(reference).collect::<Result<_, _>>()?,
        schemas: services.all("Schema").map(schema).collect::<Result<_, _>>()?,
    })
}

fn reference(from: &Element) -> Result<Reference, Error> {
    from.only(&["Uri"], &["Include", "IncludeAnnotations", "Annotation"], false)?;
    let include = |from: &Element| {
        from.only(&["Namespace", "Alias"], &["Annotation"], false)?;
        let (namespace, alias) = (from.required("Namespace")?.to_owned(), text(from, "Alias"));
        Ok(Include { namespace, alias, annotations: said_of(from)? })
    };
    let annotations = |from: &Element| {
        from.only(&["TermNamespace", "Qualifier", "TargetNamespace"], &[], false)?;
        Ok(IncludeAnnotations {
            term_namespace: from.required("TermNamespace")?.to_owned(),
            qualifier: text(from, "Qualifier"),
            target_namespace: text(from, "TargetNamespace"),
        })
    };
    Ok(Reference {
        uri: from.required("Uri")?.to_owned(),
        includes: from.all("Include").map(include).collect::<Result<_, Error>>()?,
        include_annotations: from.all("IncludeAnnotations").map(annotations).collect::<Result<_, Error>>()?,
        annotations: said_of(from)?,
    })
}

fn schema(from: &Element) -> Result<Schema, Error> {
    const CHILDREN: [&str; 10] = [
        "EntityType",
        "ComplexType",
        "EnumType",
        "TypeDefinition",
        "Action",
        "Function",
        "EntityContainer",
        "Term",
        "Annotations",
        "Annotation",
    ];
    from.only(&["Namespace", "Alias"], &CHILDREN, false)?;
    let mut schema = Schema {
        namespace: from.required("Namespace")?.to_owned(),
        alias: text(from, "Alias"),
        annotations: said_of(from)?,
        ..Schema::default()
    };
    for child in &from.children {
        match child.name.as_str() {
            "EntityType" | "ComplexType" => schema.types.push(structured(child)?),
            "EnumType" => schema.enums.push(enumeration(child)?),
            "TypeDefinition" => schema.definitions.push(definition(child)?),
            "Action" | "Function" => schema.operations.push(operation(child)?),
            "Term" => schema.terms.push(term(child)?),
            "Annotations" => schema.targeted.push(target(child)?),
            _ => {}
        }
    }
    schema.container = from.one("EntityContainer")?.map(container).transpose()?;
    Ok(schema)
}

fn structured(from: &Element) -> Result<StructuredType, Error> {
    const ATTRIBUTES: [&str; 5] = ["Name", "BaseType", "Abstract", "OpenType", "HasStream"];
    const CHILDREN: [&str; 4] = ["Property", "NavigationProperty", "Annotation", "Key"];
    let entity = from.name == "EntityType";
    let kind = if entity {
        TypeKind::Entity { has_stream: flag(from, "HasStream", false)? }
    } else {
        TypeKind::Complex
    };
    // Only an entity type has a stream and a key.
    from.only(&ATTRIBUTES[..4 + usize::from(entity)], &CHILDREN[..3 + usize::from(entity)], false)?;
    let key = |from: &Element| {
        from.only(&["Name", "Alias"], &[], false)?;
        Ok(Key { path: from.required("Name")?.to_owned(), alias: text(from, "Alias") })
    };
    let key = match from.one("Key")? {
        Some(keys) => {
            keys.only(&[], &["PropertyRef"], false)?;
            keys.all("PropertyRef").map(key).collect::<Result<_, Error>>()?
        }
        None => Vec::new(),
    };
    Ok(StructuredType {
        name: from.required("Name")?.to_owned(),
        kind,
        base: from.attribute("BaseType").map(|name| qualified(from, name)).transpose()?,
        is_abstract: flag(from, "Abstract", false)?,
        open: flag(from, "OpenType", false)?,
        key,
        properties: from.all("Property").map(property).collect::<Result<_, _>>()?,
        navigations: from.all("NavigationProperty").map(navigation).collect::<Result<_, _>>()?,
        annotations: said_of(from)?,
    })
}

fn property(from: &Element) -> Result<Property, Error> {
    // `ConcurrencyMode` is of OData 3; public services of version 4 still write it, and it means nothing any more.
    only_typed(from, &["Name", "Type", "Nullable", "DefaultValue", "ConcurrencyMode"], &["Annotation"])?;
    Ok(Property {
        name: from.required("Name")?.to_owned(),
        kind: type_ref(from)?,
        default: text(from, "DefaultValue"),
        annotations: said_of(from)?,
    })
}

fn navigation(from: &Element) -> Result<Navigation, Error> {
    const ATTRIBUTES: [&str; 5] = ["Name", "Type", "Nullable", "Partner", "ContainsTarget"];
    from.only(&ATTRIBUTES, &["ReferentialConstraint", "OnDelete", "Annotation"], false)?;
    let (target, collection) = collected(from.required("Type")?);
    let constraint = |from: &Element| {
        from.only(&["Property", "ReferencedProperty"], &["Annotation"], false)?;
        let (property, referenced) = (from.required("Property")?, from.required("ReferencedProperty")?);
        Ok(Constraint { annotations: said_of(from)?, ..Constraint::new(property, referenced) })
    };
    let on_delete = |from: &Element| {
        from.only(&["Action"], &["Annotation"], false)?;
        let action = from.required("Action")?;
        let action = named(&OnDeleteAction::NAMES, action);
        let action = action.ok_or_else(|| from.wrong("OnDelete is Cascade, None, SetNull or SetDefault"))?;
        Ok(OnDelete { action, annotations: said_of(from)? })
    };
    Ok(Navigation {
        name: from.required("Name")?.to_owned(),
        target: qualified(from, target)?,
        collection,
        nullable: flag(from, "Nullable", !collection)?,
        partner: text(from, "Partner"),
        contains: flag(from, "ContainsTarget", false)?,
        constraints: from.all("ReferentialConstraint").map(constraint).collect::<Result<_, Error>>()?,
        on_delete: from.one("OnDelete")?.map(on_delete).transpose()?,
        annotations: said_of(from)?,
    })
}

fn enumeration(from: &Element) -> Result<EnumType, Error> {
    from.only(&["Name", "IsFlags", "UnderlyingType"], &["Member", "Annotation"], false)?;
    let underlying = match from.attribute("UnderlyingType") {
        Some(name) => enum_base(name)
            .ok_or_else(|| from.wrong(format!("{} is no integer type for an enumeration", shown(name))))?,
        None => Primitive::Int32,
    };
    let mut next = 0_i64;
    let mut members = Vec::new();
    for member in from.all("Member") {
        member.only(&["Name", "Value"], &["Annotation"], false)?;
        // A member without a value is one more than the one before it.
        let value = number(member, "Value")?.unwrap_or(next);
        next = value.wrapping_add(1);
        let annotations = said_of(member)?;
        members.push(EnumMember { name: member.required("Name")?.to_owned(), value, annotations });
    }
    Ok(EnumType {
        name: from.required("Name")?.to_owned(),
        underlying,
        flags: flag(from, "IsFlags", false)?,
        members,
        annotations: said_of(from)?,
    })
}

fn definition(from: &Element) -> Result<TypeDefinition, Error> {
    only_typed(from, &["Name", "UnderlyingType"], &["Annotation"])?;
    let underlying = from.required("UnderlyingType")?;
    let primitive = Primitive::parse(underlying);
    let Some(underlying) = primitive else {
        return Err(from.wrong(format!("{} is no built-in type", shown(underlying))));
    };
    Ok(TypeDefinition {
        name: from.required("Name")?.to_owned(),
        underlying,
        facets: facets(from)?,
        annotations: said_of(from)?,
    })
}

fn operation(from: &Element) -> Result<Operation, Error> {
    const ATTRIBUTES: [&str; 4] = ["Name", "IsBound", "EntitySetPath", "IsComposable"];
    let function = from.name == "Function";
    from.only(&ATTRIBUTES[..3 + usize::from(function)], &["Parameter", "ReturnType", "Annotation"], false)?;
    let parameter = |from: &Element| {
        only_typed(from, &["Name", "Type", "Nullable"], &["Annotation"])?;
        let name = from.required("Name")?.to_owned();
        Ok(Parameter { name, kind: type_ref(from)?, annotations: said_of(from)? })
    };
    let (mut returns, mut return_annotations) = (None, Vec::new());
    if let Some(answer) = from.one("ReturnType")? {
        only_typed(answer, &["Type", "Nullable"], &["Annotation"])?;
        returns = Some(type_ref(answer)?);
        return_annotations = said_of(answer)?;
    } else if function {
        return Err(from.wrong("a Function must say its ReturnType"));
    }
    let kind = if function {
        OperationKind::Function { composable: flag(from, "IsComposable", false)? }
    } else {
        OperationKind::Action
    };
    Ok(Operation {
        name: from.required("Name")?.to_owned(),
        kind,
        bound: flag(from, "IsBound", false)?,
        entity_set_path: text(from, "EntitySetPath"),
        parameters: from.all("Parameter").map(parameter).collect::<Result<_, Error>>()?,
        returns,
        return_annotations,
        annotations: said_of(from)?,
    })
}

fn term(from: &Element) -> Result<Term, Error> {
    const ATTRIBUTES: [&str; 6] = ["Name", "Type", "BaseTerm", "Nullable", "DefaultValue", "AppliesTo"];
    only_typed(from, &ATTRIBUTES, &["Annotation"])?;
    let applies_to = from.attribute("AppliesTo").unwrap_or_default();
    Ok(Term {
        name: from.required("Name")?.to_owned(),
        kind: type_ref(from)?,
        base: from.attribute("BaseTerm").map(|name| qualified(from, name)).transpose()?,
        default: text(from, "DefaultValue"),
        applies_to: applies_to.split_whitespace().map(str::to_owned).collect(),
        annotations: said_of(from)?,
    })
}

fn container(from: &Element) -> Result<Container, Error> {
    from.only(
        &["Name", "Extends"],
        &["EntitySet", "Singleton", "ActionImport", "FunctionImport", "Annotation"],
        false,
    )?;
    let mut container = Container {
        name: from.required("Name")?.to_owned(),
        extends: text(from, "Extends"),
        annotations: said_of(from)?,
        ..Container::default()
    };
    for child in &from.children {
        const BINDABLE: [&str; 2] = ["Annotation", "NavigationPropertyBinding"];
        let name = || child.required("Name").map(str::to_owned);
        match child.name.as_str() {
            "EntitySet" => {
                child.only(&["Name", "EntityType", "IncludeInServiceDocument"], &BINDABLE, false)?;
                container.sets.push(EntitySet {
                    name: name()?,
                    kind: qualified(child, child.required("EntityType")?)?,
                    in_service_document: flag(child, "IncludeInServiceDocument", true)?,
                    bindings: bindings(child)?,
                    annotations: said_of(child)?,
                });
            }
            "Singleton" => {
                child.only(&["Name", "Type", "Nullable"], &BINDABLE, false)?;
                container.singletons.push(Singleton {
                    name: name()?,
                    kind: qualified(child, child.required("Type")?)?,
                    nullable: flag(child, "Nullable", false)?,
                    bindings: bindings(child)?,
                    annotations: said_of(child)?,
                });
            }
            "FunctionImport" => {
                child.only(
                    &["Name", "Function", "EntitySet", "IncludeInServiceDocument"],
                    &BINDABLE[..1],
                    false,
                )?;
                container.functions.push(FunctionImport {
                    name: name()?,
                    function: qualified(child, child.required("Function")?)?,
                    entity_set: text(child, "EntitySet"),
                    in_service_document: flag(child, "IncludeInServiceDocument", false)?,
                    annotations: said_of(child)?,
                });
            }
            "ActionImport" => {
                child.only(&["Name", "Action", "EntitySet"], &BINDABLE[..1], false)?;
                container.actions.push(ActionImport {
                    name: name()?,
                    action: qualified(child, child.required("Action")?)?,
                    entity_set: text(child, "EntitySet"),
                    annotations: said_of(child)?,
                });
            }
            _ => {}
        }
    }
    Ok(container)
}

fn bindings(from: &Element) -> Result<Vec<PathBinding>, Error> {
    let binding = |from: &Element| {
        from.only(&["Path", "Target"], &[], false)?;
        Ok(PathBinding {
            path: from.required("Path")?.to_owned(),
            target: from.required("Target")?.to_owned(),
        })
    };
    from.all("NavigationPropertyBinding").map(binding).collect()
}

/// Only these attributes and facets.
fn only_typed(from: &Element, attributes: &[&str], children: &[&str]) -> Result<(), Error> {
    let all: Vec<&str> = attributes.iter().chain(&FACETS).copied().collect();
    from.only(&all, children, false)
}

/// The type that `Type`, `Nullable` and the facets say. Only one value is nullable unless it is said otherwise.
pub(super) fn type_ref(from: &Element) -> Result<TypeRef, Error> {
    let text = from.required("Type")?;
    let (name, collection) = collected(text);
    let name = type_name(name).ok_or_else(|| from.wrong(format!("{} is no name of a type", shown(text))))?;
    Ok(TypeRef { name, collection, nullable: flag(from, "Nullable", !collection)?, facets: facets(from)? })
}

pub(super) fn facets(from: &Element) -> Result<Facets, Error> {
    let max_length = match from.attribute("MaxLength").map(str::trim) {
        Some(max) if max.eq_ignore_ascii_case("max") => Some(None),
        _ => number(from, "MaxLength")?.map(Some),
    };
    let scale = match from.attribute("Scale") {
        Some(text) => {
            Some(scale(text.trim()).ok_or_else(|| from.wrong("Scale is a number, variable or floating"))?)
        }
        None => None,
    };
    let unicode = from.attribute("Unicode").map(|_| flag(from, "Unicode", true)).transpose()?;
    // Some services write the word with a capital.
    let srid = text(from, "SRID").map(|srid| if srid == "Variable" { srid.to_lowercase() } else { srid });
    Ok(Facets { max_length, precision: number(from, "Precision")?, scale, unicode, srid })
}

/// The name within `Collection(...)`.
fn collected(text: &str) -> (&str, bool) {
    let text = text.trim();
    let inner = text.strip_prefix("Collection(").and_then(|rest| rest.strip_suffix(')'));
    (inner.unwrap_or(text).trim(), inner.is_some())
}

pub(super) fn qualified(from: &Element, text: &str) -> Result<QName, Error> {
    QName::parse(text.trim()).ok_or_else(|| from.wrong(format!("{} is no qualified name", shown(text))))
}

pub(super) fn text(from: &Element, name: &str) -> Option<String> {
    from.attribute(name).map(str::to_owned)
}

fn flag(from: &Element, name: &str, absent: bool) -> Result<bool, Error> {
    match from.attribute(name).map(str::trim) {
        None => Ok(absent),
        Some("true" | "1") => Ok(true),
        Some("false" | "0") => Ok(false),
        Some(other) => Err(from.wrong(format!("{name} is true or false, not {}", shown(other)))),
    }
}

fn number<T: std::str::FromStr>(from: &Element, name: &str) -> Result<Option<T>, Error> {
    let Some(text) = from.attribute(name) else { return Ok(None) };
    let number = text.trim().parse();
    number.map(Some).map_err(|_| from.wrong(format!("{name} is no number in range: {}", shown(text))))
}
