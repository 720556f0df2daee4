//! A model of our own, with everything that metadata of this service may hold: enumeration with flags, complex and derived
//! types, streams, a media entity, a singleton, overloads, navigation both ways, annotations of five vocabularies.

use crate::edm::{
    ActionImport, Annotation, Constraint, Container, Edm, EntitySet, EnumMember, EnumType, Expression,
    Facets, FunctionImport, Key, Navigation, OnDelete, OnDeleteAction, Operation, OperationKind, Parameter,
    PathBinding, Primitive, Property, QName, Scale, Schema, Singleton, StructuredType, TypeDefinition,
    TypeKind, TypeName, TypeRef, Version,
    vocabulary::{Vocabulary, aggregation, capabilities, core, measures, references, validation},
};

const NAMESPACE: &str = "Gridkeep.Shop";

fn own(name: &str) -> QName {
    QName::new(NAMESPACE, name)
}

fn named(name: &str) -> TypeRef {
    TypeRef { name: TypeName::Named(own(name)), ..TypeRef::primitive(Primitive::String) }
}

fn text(max: u64) -> TypeRef {
    let facets = Facets { max_length: Some(Some(max)), ..Facets::default() };
    TypeRef { facets, ..TypeRef::primitive(Primitive::String) }
}

fn decimal(precision: u32, scale: u32) -> TypeRef {
    let facets = Facets { precision: Some(precision), scale: Some(Scale::Fixed(scale)), ..Facets::default() };
    TypeRef { facets, ..TypeRef::primitive(Primitive::Decimal) }
}

fn exact(primitive: Primitive, precision: u32) -> TypeRef {
    TypeRef {
        facets: Facets { precision: Some(precision), ..Facets::default() },
        ..TypeRef::primitive(primitive)
    }
}

fn nullable(kind: TypeRef) -> TypeRef {
    TypeRef { nullable: true, ..kind }
}

fn many(kind: TypeRef) -> TypeRef {
    TypeRef { collection: true, ..kind }
}

fn property(name: &str, kind: TypeRef, annotations: Vec<Annotation>) -> Property {
    Property { name: name.to_owned(), kind, default: None, annotations }
}

fn navigation(name: &str, target: &str, collection: bool, partner: &str) -> Navigation {
    Navigation {
        name: name.to_owned(),
        target: own(target),
        collection,
        nullable: !collection,
        partner: (!partner.is_empty()).then(|| partner.to_owned()),
        contains: false,
        constraints: Vec::new(),
        on_delete: None,
        annotations: Vec::new(),
    }
}

fn entity(
    name: &str,
    key: &[&str],
    properties: Vec<Property>,
    navigations: Vec<Navigation>,
) -> StructuredType {
    StructuredType {
        name: name.to_owned(),
        kind: TypeKind::Entity { has_stream: false },
        base: None,
        is_abstract: false,
        open: false,
        key: key.iter().map(|path| Key { path: (*path).to_owned(), alias: None }).collect(),
        properties,
        navigations,
        annotations: Vec::new(),
    }
}

fn id() -> Property {
    let said = vec![core::computed_default(), core::immutable()];
    property("ID", TypeRef::primitive(Primitive::Guid), said)
}

fn product() -> StructuredType {
    let category = Navigation {
        constraints: vec![Constraint::new("CategoryID", "ID")],
        ..navigation("Category", "Category", false, "Products")
    };
    let lines = Navigation { contains: true, ..navigation("Lines", "Line", true, "") };
    let minimum =
        Annotation { annotations: vec![validation::exclusive()], ..validation::minimum(Expression::Int(0)) };
    let price = vec![minimum, measures::iso_currency("EUR"), core::description("What it costs & <why>")];
    let properties = vec![
        id(),
        property("Name", text(100), vec![core::description("Name"), validation::pattern("^\\S.*$")]),
        property("Price", decimal(18, 2), price),
        property(
            "Rating",
            nullable(TypeRef::primitive(Primitive::Byte)),
            vec![validation::maximum(Expression::Int(5))],
        ),
        property("CategoryID", nullable(TypeRef::primitive(Primitive::Guid)), vec![]),
        property("Status", named("Status"), vec![]),
        property("Ship", nullable(named("Address")), vec![]),
        property("Tags", many(text(20)), vec![validation::max_items(9)]),
        property("Released", nullable(TypeRef::primitive(Primitive::Date)), vec![]),
        property("Opens", nullable(exact(Primitive::TimeOfDay, 3)), vec![]),
        property("Takes", nullable(exact(Primitive::Duration, 12)), vec![]),
        property("Changed", exact(Primitive::DateTimeOffset, 6), vec![core::computed()]),
        property("Weight", nullable(named("Kilograms")), vec![]),
        property("Version", TypeRef::primitive(Primitive::Int32), vec![core::computed()]),
        property("Photo", TypeRef::primitive(Primitive::Stream), vec![core::media_type("image/png")]),
    ];
    StructuredType {
        annotations: vec![core::alternate_keys([[("Name", "Name")]]), core::description("Product")],
        ..entity("Product", &["ID"], properties, vec![category, lines])
    }
}

fn types() -> Vec<StructuredType> {
    let street = property("Street", text(100), vec![]);
    let address = StructuredType {
        kind: TypeKind::Complex,
        ..entity("Address", &[], vec![street, property("City", nullable(text(50)), vec![])], vec![])
    };
    let special = StructuredType {
        base: Some(own("Product")),
        ..entity("SpecialProduct", &[], vec![property("Feature", nullable(text(200)), vec![])], vec![])
    };
    let on_delete = Some(OnDelete { action: OnDeleteAction::SetNull, annotations: vec![] });
    let products = Navigation { on_delete, ..navigation("Products", "Product", true, "Category") };
    let category =
        entity("Category", &["ID"], vec![id(), property("Name", text(100), vec![])], vec![products]);
    let media = StructuredType {
        kind: TypeKind::Entity { has_stream: true },
        annotations: vec![core::acceptable_media_types(["image/png", "application/pdf"])],
        ..entity("MediaItem", &["ID"], vec![id(), property("Name", text(80), vec![])], vec![])
    };
    let line = entity(
        "Line",
        &["Language", "Number"],
        vec![
            property("Language", text(2), vec![core::is_language_dependent()]),
            property("Number", TypeRef::primitive(Primitive::Int16), vec![]),
        ],
        vec![],
    );
    let base = StructuredType { is_abstract: true, open: true, ..entity("Thing", &[], vec![], vec![]) };
    let company = StructuredType {
        base: Some(own("Thing")),
        ..entity(
            "Company",
            &["ID"],
            vec![id(), property("Logo", TypeRef::primitive(Primitive::Binary), vec![])],
            vec![],
        )
    };
    vec![address, product(), special, category, media, line, base, company]
}

fn operation(name: &str, kind: OperationKind, bound: bool, parameters: &[(&str, TypeRef)]) -> Operation {
    let parameter = |(name, kind): &(&str, TypeRef)| Parameter {
        name: (*name).to_owned(),
        kind: kind.clone(),
        annotations: Vec::new(),
    };
    Operation {
        name: name.to_owned(),
        kind,
        bound,
        entity_set_path: None,
        parameters: parameters.iter().map(parameter).collect(),
        returns: None,
        return_annotations: Vec::new(),
        annotations: Vec::new(),
    }
}

fn operations() -> Vec<Operation> {
    let function = OperationKind::Function { composable: true };
    let products = || many(named("Product"));
    let it = ("it", named("Product"));
    let all = ("all", products());
    let count = ("count", TypeRef::primitive(Primitive::Int64));
    let mut top = Operation {
        entity_set_path: Some("all".to_owned()),
        returns: Some(products()),
        ..operation("Top", function, true, std::slice::from_ref(&all))
    };
    let mut top_of = Operation {
        parameters: operation("", function, true, &[all.clone(), count]).parameters,
        ..top.clone()
    };
    top_of.parameters[1].annotations.push(core::optional_parameter(Some("10")));
    top.annotations.push(core::description("The best"));
    let total = Operation {
        returns: Some(nullable(decimal(18, 4))),
        return_annotations: vec![core::description("With tax")],
        ..operation("Total", OperationKind::Function { composable: false }, false, &[("rate", decimal(5, 2))])
    };
    let by_name = Operation {
        parameters: operation("", function, false, &[("name", text(100)), ("rate", decimal(5, 2))])
            .parameters,
        ..total.clone()
    };
    let discount = Operation {
        returns: Some(named("Product")),
        annotations: vec![core::operation_available(Expression::Bool(true))],
        ..operation(
            "Discount",
            OperationKind::Action,
            true,
            &[it, ("percentage", TypeRef::primitive(Primitive::Double))],
        )
    };
    let reset = operation("Reset", OperationKind::Action, false, &[]);
    vec![top, top_of, total, by_name, discount, reset]
}

fn container() -> Container {
    let bind = |path: &str, target: &str| PathBinding { path: path.to_owned(), target: target.to_owned() };
    let set = |name: &str, kind: &str, bindings: Vec<PathBinding>, annotations: Vec<Annotation>| EntitySet {
        name: name.to_owned(),
        kind: own(kind),
        in_service_document: true,
        bindings,
        annotations,
    };
    let said = vec![
        core::optimistic_concurrency(["Version"]),
        capabilities::filter_restrictions(true, ["Tags"]).with("MaxLevels", Expression::Int(3)),
        capabilities::sort_restrictions(true, ["Photo"]),
        capabilities::expand_restrictions(true, ["Lines"]),
        capabilities::search_restrictions(true, &["OR", "NOT"]),
        capabilities::insert_restrictions(true, ["Version", "Changed"]),
        capabilities::update_restrictions(true, ["ID"])
            .with("UpdateMethod", capabilities::http_methods(&["PATCH", "PUT"])),
        capabilities::delete_restrictions(false),
        capabilities::read_restrictions(true),
        capabilities::change_tracking(true),
        capabilities::count_restrictions(true),
        capabilities::top_supported(true),
        capabilities::navigation_restrictions([(
            "Category",
            [(
                "InsertRestrictions",
                crate::edm::vocabulary::record([("Insertable", Expression::Bool(false))]),
            )],
        )]),
        aggregation::apply_supported(["filter", "groupby", "aggregate"])
            .with("GroupableProperties", aggregation::groupable(["Status", "CategoryID"]))
            .with(
                "AggregatableProperties",
                aggregation::aggregatable([("Price", ["sum", "max"].as_slice())]),
            ),
        aggregation::custom_aggregate("Forecast", "Edm.Decimal"),
    ];
    let hidden = EntitySet { in_service_document: false, ..set("Media", "MediaItem", vec![], vec![]) };
    Container {
        name: "Service".to_owned(),
        extends: None,
        sets: vec![
            set("Products", "Product", vec![bind("Category", "Categories")], said),
            set("Categories", "Category", vec![bind("Products", "Products")], vec![]),
            hidden,
        ],
        singletons: vec![Singleton {
            name: "Company".to_owned(),
            kind: own("Company"),
            nullable: true,
            bindings: vec![],
            annotations: vec![],
        }],
        functions: vec![FunctionImport {
            name: "Total".to_owned(),
            function: own("Total"),
            entity_set: None,
            in_service_document: true,
            annotations: vec![core::description("Total")],
        }],
        actions: vec![ActionImport {
            name: "Reset".to_owned(),
            action: own("Reset"),
            entity_set: None,
            annotations: vec![],
        }],
        annotations: vec![
            core::odata_versions("4.0 4.01"),
            capabilities::conformance_level(capabilities::Conformance::Advanced),
            capabilities::supported_formats(["application/json"]),
            capabilities::batch_support(true).with("ContinueOnErrorSupported", Expression::Bool(true)),
            capabilities::key_as_segment_supported(true),
        ],
    }
}

/// The model.
pub(super) fn model() -> Edm {
    let member =
        |(name, value): (&str, i64)| EnumMember { name: name.to_owned(), value, annotations: vec![] };
    let status = EnumType {
        name: "Status".to_owned(),
        underlying: Primitive::Int32,
        flags: true,
        members: [("None", 0), ("InStock", 1), ("OnSale", 2), ("Gone", 4)].map(member).into(),
        annotations: vec![core::description("Status")],
    };
    let kilograms = TypeDefinition {
        name: "Kilograms".to_owned(),
        underlying: Primitive::Decimal,
        facets: decimal(9, 3).facets,
        annotations: vec![core::long_description("What it weighs")],
    };
    let schema = Schema {
        namespace: NAMESPACE.to_owned(),
        types: types(),
        enums: vec![status],
        definitions: vec![kilograms],
        operations: operations(),
        container: Some(container()),
        annotations: vec![core::schema_version("1"), core::default_namespace()],
        targeted: vec![crate::edm::TargetAnnotations {
            target: format!("{NAMESPACE}.Service/Products/Name"),
            annotations: vec![
                Vocabulary::Core
                    .say("LongDescription", Expression::String("\"What\" people\ncall it".into())),
            ],
        }],
        ..Schema::default()
    };
    Edm { version: Version::V4_01, references: references(), schemas: vec![schema] }
}
