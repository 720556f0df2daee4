//! From the tree of a JSON document to the model.

use super::{
    published,
    said::{Said, said_of},
    tree::{Node, Value},
    value::{TYPED, arbitrary, default_value, facets, flag, qualified, type_ref},
};
use crate::{
    Error,
    csdl::{enum_base, named, shown},
    edm::{
        ActionImport, Constraint, Container, Edm, EntitySet, EnumMember, EnumType, FunctionImport, Include,
        IncludeAnnotations, Key, Navigation, OnDelete, OnDeleteAction, Operation, OperationKind, Parameter,
        PathBinding, Primitive, Property, Reference, Schema, Singleton, StructuredType, TargetAnnotations,
        Term, TypeDefinition, TypeKind, Version,
    },
};

pub(super) fn document(root: &Node) -> Result<Edm, Error> {
    root.only("the metadata", &["$Version", "$EntityContainer", "$Reference"], true)?;
    let version = root.required("$Version")?;
    let version = match version.text("$Version")? {
        "4.0" => Version::V4_0,
        "4.01" => Version::V4_01,
        other => return Err(version.wrong(format!("version {} is neither 4.0 nor 4.01", shown(other)))),
    };
    let mut edm = Edm { version, ..Edm::default() };
    if let Some(references) = root.member("$Reference") {
        let all = references.object("$Reference")?.iter();
        edm.references = all.map(|(uri, node)| reference(uri, node)).collect::<Result<_, _>>()?;
    }
    for (name, node) in plain(root)? {
        edm.schemas.push(schema(name, node)?);
    }
    Ok(edm)
}

/// The members that are neither of the language nor annotations.
fn plain(node: &Node) -> Result<impl Iterator<Item = (&str, &Node)>, Error> {
    let all = node.object("this")?.iter();
    Ok(all
        .filter(|(name, _)| !name.starts_with('$') && !name.contains('@'))
        .map(|(name, node)| (name.as_str(), node)))
}

fn text(node: &Node, name: &str) -> Result<Option<String>, Error> {
    node.member(name).map(|found| found.text(name).map(str::to_owned)).transpose()
}

fn required(node: &Node, name: &str) -> Result<String, Error> {
    Ok(node.required(name)?.text(name)?.to_owned())
}

/// The items of a member, none when it is absent.
fn items<'n>(node: &'n Node, name: &str) -> Result<&'n [Node], Error> {
    node.member(name).map_or(Ok(&[]), |found| found.array(name))
}

fn reference(uri: &str, node: &Node) -> Result<Reference, Error> {
    node.only("a reference", &["$Include", "$IncludeAnnotations"], false)?;
    let include = |node: &Node| {
        node.only("an include", &["$Namespace", "$Alias"], false)?;
        let (namespace, alias) = (required(node, "$Namespace")?, text(node, "$Alias")?);
        Ok(Include { namespace, alias, annotations: said_of(node)? })
    };
    let annotations = |node: &Node| {
        node.only("an include", &["$TermNamespace", "$Qualifier", "$TargetNamespace"], false)?;
        Ok(IncludeAnnotations {
            term_namespace: required(node, "$TermNamespace")?,
            qualifier: text(node, "$Qualifier")?,
            target_namespace: text(node, "$TargetNamespace")?,
        })
    };
    Ok(Reference {
        uri: published(uri, ".json", ".xml"),
        includes: items(node, "$Include")?.iter().map(include).collect::<Result<_, Error>>()?,
        include_annotations: items(node, "$IncludeAnnotations")?
            .iter()
            .map(annotations)
            .collect::<Result<_, Error>>()?,
        annotations: said_of(node)?,
    })
}

fn schema(namespace: &str, node: &Node) -> Result<Schema, Error> {
    node.only("a schema", &["$Alias", "$Annotations"], true)?;
    let mut schema = Schema {
        namespace: namespace.to_owned(),
        alias: text(node, "$Alias")?,
        annotations: said_of(node)?,
        ..Schema::default()
    };
    for (name, child) in plain(node)? {
        if let Value::Array(overloads) = &child.value {
            for overload in overloads {
                schema.operations.push(operation(name, overload)?);
            }
            continue;
        }
        match required(child, "$Kind")?.as_str() {
            "EntityType" | "ComplexType" => schema.types.push(structured(name, child)?),
            "EnumType" => schema.enums.push(enumeration(name, child)?),
            "TypeDefinition" => schema.definitions.push(definition(name, child)?),
            "Term" => schema.terms.push(term(name, child)?),
            "EntityContainer" if schema.container.is_none() => {
                schema.container = Some(container(name, child)?);
            }
            "EntityContainer" => return Err(child.wrong("a schema has one entity container at most")),
            other => return Err(child.wrong(format!("{} is no kind of a schema's children", shown(other)))),
        }
    }
    if let Some(groups) = node.member("$Annotations") {
        for (target, group) in groups.object("$Annotations")? {
            group.only("a target", &[], false)?;
            schema.targeted.push(TargetAnnotations { target: target.clone(), annotations: said_of(group)? });
        }
    }
    Ok(schema)
}

fn structured(name: &str, node: &Node) -> Result<StructuredType, Error> {
    const MEMBERS: [&str; 6] = ["$Kind", "$BaseType", "$Abstract", "$OpenType", "$HasStream", "$Key"];
    let entity = required(node, "$Kind")? == "EntityType";
    node.only("a type", &MEMBERS[..if entity { 6 } else { 4 }], true)?;
    let key = |node: &Node| match &node.value {
        Value::String(path) => Ok(Key { path: path.clone(), alias: None }),
        Value::Object(members) => match members.as_slice() {
            [(alias, path)] => Ok(Key { path: path.text("$Key")?.to_owned(), alias: Some(alias.clone()) }),
            _ => Err(node.wrong("a key property with an alias is one member")),
        },
        _ => Err(node.wrong("a key property is a text or an object")),
    };
    let kind = if entity {
        TypeKind::Entity { has_stream: flag(node, "$HasStream", false)? }
    } else {
        TypeKind::Complex
    };
    let mut found = StructuredType {
        name: name.to_owned(),
        kind,
        base: node.member("$BaseType").map(|base| qualified(base, "$BaseType")).transpose()?,
        is_abstract: flag(node, "$Abstract", false)?,
        open: flag(node, "$OpenType", false)?,
        key: items(node, "$Key")?.iter().map(key).collect::<Result<_, Error>>()?,
        properties: Vec::new(),
        navigations: Vec::new(),
        annotations: said_of(node)?,
    };
    for (name, child) in plain(node)? {
        match text(child, "$Kind")?.as_deref() {
            Some("NavigationProperty") => found.navigations.push(navigation(name, child)?),
            Some("Property") | None => found.properties.push(property(name, child)?),
            Some(other) => return Err(child.wrong(format!("{} is no kind of property", shown(other)))),
        }
    }
    Ok(found)
}

fn typed(what: &str, node: &Node, more: &[&str]) -> Result<(), Error> {
    let all: Vec<&str> = TYPED.iter().chain(more).copied().collect();
    node.only(what, &all, false)
}

fn property(name: &str, node: &Node) -> Result<Property, Error> {
    typed("a property", node, &["$Kind", "$DefaultValue"])?;
    let default = node.member("$DefaultValue").map(default_value).transpose()?.flatten();
    Ok(Property { name: name.to_owned(), kind: type_ref(node)?, default, annotations: said_of(node)? })
}

fn navigation(name: &str, node: &Node) -> Result<Navigation, Error> {
    const MEMBERS: [&str; 8] = [
        "$Kind",
        "$Type",
        "$Collection",
        "$Nullable",
        "$Partner",
        "$ContainsTarget",
        "$ReferentialConstraint",
        "$OnDelete",
    ];
    node.only("a navigation property", &MEMBERS, false)?;
    let said = Said::by(node)?;
    let mut constraints = Vec::new();
    if let Some(all) = node.member("$ReferentialConstraint") {
        let said = Said::by(all)?;
        for (property, referenced) in
            all.object("$ReferentialConstraint")?.iter().filter(|(name, _)| !name.contains('@'))
        {
            let annotations = said.of(property)?;
            let referenced = referenced.text("a referential constraint")?;
            constraints.push(Constraint { annotations, ..Constraint::new(property, referenced) });
        }
    }
    let on_delete = |action: &Node| {
        let found = named(&OnDeleteAction::NAMES, action.text("$OnDelete")?);
        let found = found.ok_or_else(|| action.wrong("$OnDelete is Cascade, None, SetNull or SetDefault"))?;
        Ok(OnDelete { action: found, annotations: said.of("$OnDelete")? })
    };
    Ok(Navigation {
        name: name.to_owned(),
        target: qualified(node.required("$Type")?, "$Type")?,
        collection: flag(node, "$Collection", false)?,
        nullable: flag(node, "$Nullable", false)?,
        partner: text(node, "$Partner")?,
        contains: flag(node, "$ContainsTarget", false)?,
        constraints,
        on_delete: node.member("$OnDelete").map(on_delete).transpose()?,
        annotations: said.of("")?,
    })
}

fn enumeration(name: &str, node: &Node) -> Result<EnumType, Error> {
    node.only("an enumeration", &["$Kind", "$IsFlags", "$UnderlyingType"], true)?;
    let underlying = match node.member("$UnderlyingType") {
        Some(found) => {
            let text = found.text("$UnderlyingType")?;
            let base = enum_base(text);
            base.ok_or_else(|| found.wrong(format!("{} is no integer type for an enumeration", shown(text))))?
        }
        None => Primitive::Int32,
    };
    let said = Said::by(node)?;
    let member = |(name, value): (&str, &Node)| {
        let number = if let Value::Number(text) = &value.value { text.parse().ok() } else { None };
        let number =
            number.ok_or_else(|| value.wrong(format!("{} is an integer of 64 bits", shown(name))))?;
        Ok(EnumMember { name: name.to_owned(), value: number, annotations: said.of(name)? })
    };
    Ok(EnumType {
        name: name.to_owned(),
        underlying,
        flags: flag(node, "$IsFlags", false)?,
        members: plain(node)?.map(member).collect::<Result<_, Error>>()?,
        annotations: said.of("")?,
    })
}

fn definition(name: &str, node: &Node) -> Result<TypeDefinition, Error> {
    typed("a type definition", node, &["$Kind", "$UnderlyingType"])?;
    let found = node.required("$UnderlyingType")?;
    let text = found.text("$UnderlyingType")?;
    let underlying = Primitive::parse(text);
    let underlying = underlying.ok_or_else(|| found.wrong(format!("{} is no built-in type", shown(text))))?;
    let mut facets = facets(node)?;
    arbitrary(underlying, &mut facets);
    Ok(TypeDefinition { name: name.to_owned(), underlying, facets, annotations: said_of(node)? })
}

fn operation(name: &str, node: &Node) -> Result<Operation, Error> {
    const MEMBERS: [&str; 6] =
        ["$Kind", "$IsBound", "$EntitySetPath", "$Parameter", "$ReturnType", "$IsComposable"];
    let function = match required(node, "$Kind")?.as_str() {
        "Function" => true,
        "Action" => false,
        other => return Err(node.wrong(format!("{} is neither Action nor Function", shown(other)))),
    };
    node.only("an operation", &MEMBERS[..5 + usize::from(function)], false)?;
    let parameter = |node: &Node| {
        typed("a parameter", node, &["$Name"])?;
        Ok(Parameter { name: required(node, "$Name")?, kind: type_ref(node)?, annotations: said_of(node)? })
    };
    let (mut returns, mut return_annotations) = (None, Vec::new());
    if let Some(answer) = node.member("$ReturnType") {
        typed("a return type", answer, &[])?;
        returns = Some(type_ref(answer)?);
        return_annotations = said_of(answer)?;
    } else if function {
        return Err(node.wrong("a function must say its $ReturnType"));
    }
    let kind = if function {
        OperationKind::Function { composable: flag(node, "$IsComposable", false)? }
    } else {
        OperationKind::Action
    };
    Ok(Operation {
        name: name.to_owned(),
        kind,
        bound: flag(node, "$IsBound", false)?,
        entity_set_path: text(node, "$EntitySetPath")?,
        parameters: items(node, "$Parameter")?.iter().map(parameter).collect::<Result<_, Error>>()?,
        returns,
        return_annotations,
        annotations: said_of(node)?,
    })
}

fn term(name: &str, node: &Node) -> Result<Term, Error> {
    typed("a term", node, &["$Kind", "$BaseTerm", "$DefaultValue", "$AppliesTo"])?;
    let applies_to = items(node, "$AppliesTo")?.iter().map(|each| each.text("$AppliesTo").map(str::to_owned));
    Ok(Term {
        name: name.to_owned(),
        kind: type_ref(node)?,
        base: node.member("$BaseTerm").map(|base| qualified(base, "$BaseTerm")).transpose()?,
        default: node.member("$DefaultValue").map(default_value).transpose()?.flatten(),
        applies_to: applies_to.collect::<Result<_, _>>()?,
        annotations: said_of(node)?,
    })
}

fn container(name: &str, node: &Node) -> Result<Container, Error> {
    node.only("an entity container", &["$Kind", "$Extends"], true)?;
    let mut container = Container {
        name: name.to_owned(),
        extends: text(node, "$Extends")?,
        annotations: said_of(node)?,
        ..Container::default()
    };
    for (name, child) in plain(node)? {
        let (name, annotations) = (name.to_owned(), said_of(child)?);
        if let Some(function) = child.member("$Function") {
            child.only(
                "a function import",
                &["$Function", "$EntitySet", "$IncludeInServiceDocument"],
                false,
            )?;
            container.functions.push(FunctionImport {
                name,
                function: qualified(function, "$Function")?,
                entity_set: text(child, "$EntitySet")?,
                in_service_document: flag(child, "$IncludeInServiceDocument", false)?,
                annotations,
            });
        } else if let Some(action) = child.member("$Action") {
            child.only("an action import", &["$Action", "$EntitySet"], false)?;
            let (action, entity_set) = (qualified(action, "$Action")?, text(child, "$EntitySet")?);
            container.actions.push(ActionImport { name, action, entity_set, annotations });
        } else if flag(child, "$Collection", false)? {
            const MEMBERS: [&str; 4] =
                ["$Collection", "$Type", "$NavigationPropertyBinding", "$IncludeInServiceDocument"];
            child.only("an entity set", &MEMBERS, false)?;
            container.sets.push(EntitySet {
                name,
                kind: qualified(child.required("$Type")?, "$Type")?,
                in_service_document: flag(child, "$IncludeInServiceDocument", true)?,
                bindings: bindings(child)?,
                annotations,
            });
        } else {
            child.only("a singleton", &["$Type", "$Nullable", "$NavigationPropertyBinding"], false)?;
            container.singletons.push(Singleton {
                name,
                kind: qualified(child.required("$Type")?, "$Type")?,
                nullable: flag(child, "$Nullable", false)?,
                bindings: bindings(child)?,
                annotations,
            });
        }
    }
    Ok(container)
}

fn bindings(node: &Node) -> Result<Vec<PathBinding>, Error> {
    let Some(all) = node.member("$NavigationPropertyBinding") else { return Ok(Vec::new()) };
    let binding = |(path, target): &(String, Node)| {
        Ok(PathBinding { path: path.clone(), target: target.text("a binding's target")?.to_owned() })
    };
    all.object("$NavigationPropertyBinding")?.iter().map(binding).collect()
}
