//! A small model that has every kind of type, for tests of payloads.

use gridkeep_odata::edm::{
    Annotation, Container, Edm, EntitySet, EnumMember, EnumType, Facets, Key, Navigation, Parameter,
    Primitive, Property, QName, Scale, Schema, StructuredType, TypeDefinition, TypeKind, TypeName, TypeRef,
};

/// Orders with everything, customers that are open, and what hangs on them. The namespace is `Model`.
pub(crate) fn model() -> Edm {
    let schema = Schema {
        namespace: "Model".into(),
        alias: Some("M".into()),
        types: vec![
            StructuredType {
                key: vec![Key { path: "ID".into(), alias: None }],
                properties: vec![
                    property("ID", primitive(Primitive::Guid)),
                    property(
                        "Name",
                        TypeRef {
                            facets: Facets { max_length: Some(Some(10)), ..Facets::default() },
                            ..nullable(Primitive::String)
                        },
                    ),
                    property(
                        "Amount",
                        TypeRef {
                            facets: Facets {
                                precision: Some(18),
                                scale: Some(Scale::Fixed(2)),
                                ..Facets::default()
                            },
                            ..nullable(Primitive::Decimal)
                        },
                    ),
                    property("Exact", nullable(Primitive::Decimal)),
                    property("Total", nullable(Primitive::Int64)),
                    property("Count", nullable(Primitive::Int32)),
                    property("Rating", primitive(Primitive::Byte)),
                    property("Weight", nullable(Primitive::Double)),
                    property("Small", nullable(Primitive::Single)),
                    property("Open", nullable(Primitive::Boolean)),
                    property("Day", nullable(Primitive::Date)),
                    property("At", nullable(Primitive::TimeOfDay)),
                    property("Changed", nullable(Primitive::DateTimeOffset)),
                    property("Took", nullable(Primitive::Duration)),
                    property("Data", nullable(Primitive::Binary)),
                    property("Status", named("Status", false)),
                    property("Place", named("Address", false)),
                    property("Places", TypeRef { nullable: false, ..named("Address", true) }),
                    property(
                        "Tags",
                        TypeRef { collection: true, nullable: false, ..primitive(Primitive::String) },
                    ),
                    property("Price", named("Money", false)),
                    property("Photo", nullable(Primitive::Stream)),
                    property("Any", nullable(Primitive::Abstract("Edm.Untyped"))),
                    property("Spot", nullable(Primitive::Geo("Edm.GeographyPoint"))),
                ],
                navigations: vec![
                    navigation("Customer", "Customer", false),
                    navigation("Items", "Item", true),
                ],
                ..structured("Order", true)
            },
            StructuredType {
                base: Some(QName::new("Model", "Order")),
                properties: vec![property("Rush", nullable(Primitive::Boolean))],
                ..structured("RushOrder", true)
            },
            StructuredType {
                open: true,
                key: vec![Key { path: "ID".into(), alias: None }],
                properties: vec![property("ID", primitive(Primitive::String))],
                ..structured("Customer", true)
            },
            StructuredType {
                key: vec![Key { path: "Line".into(), alias: None }],
                properties: vec![
                    property("Line", primitive(Primitive::Int32)),
                    property("Text", nullable(Primitive::String)),
                ],
                navigations: vec![navigation("Order", "Order", false), navigation("Parts", "Item", true)],
                ..structured("Item", true)
            },
            StructuredType {
                properties: vec![
                    property("City", nullable(Primitive::String)),
                    property("Zip", nullable(Primitive::String)),
                ],
                ..structured("Address", false)
            },
            StructuredType {
                base: Some(QName::new("Model", "Address")),
                properties: vec![property("Floor", nullable(Primitive::SByte))],
                ..structured("Home", false)
            },
        ],
        enums: vec![EnumType {
            name: "Status".into(),
            underlying: Primitive::Int32,
            flags: true,
            members: [("None", 0), ("InStock", 1), ("OnSale", 2)]
                .map(|(name, value)| EnumMember { name: name.into(), value, annotations: vec![] })
                .into(),
            annotations: vec![],
        }],
        definitions: vec![TypeDefinition {
            name: "Money".into(),
            underlying: Primitive::Decimal,
            facets: Facets { scale: Some(Scale::Fixed(2)), ..Facets::default() },
            annotations: vec![],
        }],
        container: Some(Container {
            sets: vec![set("Orders", "Order"), set("Items", "Item")],
            ..Container::default()
        }),
        ..Schema::default()
    };
    Edm { schemas: vec![schema], ..Edm::default() }
}

/// Parameters of an action: a number that must be given, an optional text, a customer and a list of addresses.
pub(crate) fn parameters() -> Vec<Parameter> {
    let parameter = |name: &str, kind| Parameter { name: name.into(), kind, annotations: vec![] };
    let optional = Annotation::new(QName::new("Org.OData.Core.V1", "OptionalParameter"), None);
    vec![
        parameter("Percentage", primitive(Primitive::Double)),
        Parameter { annotations: vec![optional], ..parameter("Reason", primitive(Primitive::String)) },
        parameter("Customer", named("Customer", false)),
        parameter("Places", named("Address", true)),
    ]
}

/// The qualified name of a type of the model.
pub(crate) fn name(simple: &str) -> QName {
    QName::new("Model", simple)
}

pub(crate) fn primitive(primitive: Primitive) -> TypeRef {
    TypeRef::primitive(primitive)
}

pub(crate) fn nullable(kind: Primitive) -> TypeRef {
    TypeRef { nullable: true, ..primitive(kind) }
}

pub(crate) fn named(simple: &str, collection: bool) -> TypeRef {
    TypeRef { name: TypeName::Named(name(simple)), collection, ..nullable(Primitive::String) }
}

fn set(name: &str, kind: &str) -> EntitySet {
    EntitySet {
        name: name.into(),
        kind: self::name(kind),
        in_service_document: true,
        bindings: vec![],
        annotations: vec![],
    }
}

fn structured(name: &str, entity: bool) -> StructuredType {
    StructuredType {
        name: name.into(),
        kind: if entity { TypeKind::Entity { has_stream: false } } else { TypeKind::Complex },
        base: None,
        is_abstract: false,
        open: false,
        key: vec![],
        properties: vec![],
        navigations: vec![],
        annotations: vec![],
    }
}

fn property(name: &str, kind: TypeRef) -> Property {
    Property { name: name.into(), kind, default: None, annotations: vec![] }
}

fn navigation(name: &str, target: &str, collection: bool) -> Navigation {
    Navigation {
        name: name.into(),
        target: self::name(target),
        collection,
        nullable: true,
        partner: None,
        contains: false,
        constraints: vec![],
        on_delete: None,
        annotations: vec![],
    }
}
