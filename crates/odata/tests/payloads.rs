//! Every kind of payload in both versions and each amount of control information, as snapshots.
#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use std::{borrow::Cow, fmt::Write as _};

use gridkeep_model::Value;
use gridkeep_odata::{
    Error, ErrorKind,
    edm::{Container, Edm, EntitySet, FunctionImport, Primitive, QName, Schema, Singleton, TypeRef},
    header::{Header, JsonFormat, Metadata, Omit, Version},
    json::{
        EntityHead, ErrorBody, ErrorDetail, Fact, Item, Link, Media, Name, Reason, Removed, Scalar, Shape,
        Style, Writer, service_document,
    },
};
use jiff::civil;

/// What `write` makes in each style, checked to be JSON.
fn styles(write: impl Fn(&mut Writer)) -> String {
    let mut all = String::new();
    for version in [Version::V4_0, Version::V4_01] {
        for metadata in [Metadata::None, Metadata::Minimal, Metadata::Full] {
            let format = JsonFormat { metadata, ..JsonFormat::default() };
            let mut writer = Writer::new(Style::new(version, format, None));
            write(&mut writer);
            let bytes = writer.finish();
            let _: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            writeln!(all, "{} {}\n{}", version.name(), metadata.name(), String::from_utf8(bytes).unwrap())
                .unwrap();
        }
    }
    all
}

fn kinds() -> Vec<(&'static str, TypeRef, bool)> {
    let kind = |name, primitive| (name, TypeRef::primitive(primitive), false);
    vec![
        kind("ID", Primitive::Guid),
        kind("Name", Primitive::String),
        kind("Quantity", Primitive::Int32),
        kind("Total", Primitive::Int64),
        kind("Amount", Primitive::Decimal),
        kind("Weight", Primitive::Double),
        kind("Open", Primitive::Boolean),
        kind("Day", Primitive::Date),
        kind("Changed", Primitive::DateTimeOffset),
    ]
}

fn values() -> Vec<Value> {
    vec![
        Value::Guid("0190aaaa-0000-7000-8000-00000000000f".parse().unwrap()),
        Value::Text("Say \"ä\"\n".into()),
        Value::Integer(7),
        Value::Integer(9_007_199_254_740_993),
        Value::Decimal("12.50".parse().unwrap()),
        Value::Double(0.25),
        Value::Boolean(true),
        Value::Date(civil::date(2026, 11, 21)),
        Value::Null,
    ]
}

fn shape(writer: &Writer) -> Shape {
    let kinds = kinds();
    Shape::new(writer.style(), kinds.iter().map(|(name, kind, default)| (*name, kind, *default)))
}

#[test]
fn entity() {
    insta::assert_snapshot!(styles(|writer| {
        let shape = shape(writer);
        writer.begin_entity(&EntityHead {
            context: Some("http://host/$metadata#Orders/$entity"),
            kind: Some(Fact::Computable("Model.Order")),
            id: Some(Fact::Computable("Orders(1)")),
            etag: Some("W/\"3\""),
            edit_link: Some(Fact::Computable("Orders(1)")),
            ..EntityHead::default()
        });
        writer.row(&shape, &values());
        writer.navigation(
            "Items",
            Some(Fact::Computable("Orders(1)/Items/$ref")),
            Some(Fact::Computable("Orders(1)/Items")),
        );
        writer.operation("Model.Approve", "Approve", "Orders(1)/Model.Approve");
        writer.end_object();
    }));
}

#[test]
fn derived_media_entity() {
    insta::assert_snapshot!(styles(|writer| {
        writer.begin_entity(&EntityHead {
            context: Some("$metadata#Files/$entity"),
            kind: Some(Fact::Needed("Model.Photo")),
            id: Some(Fact::Needed("Files(1)")),
            media: Some(Media {
                read_link: Some(Fact::Computable("Files(1)/$value")),
                edit_link: Some(Fact::Needed("http://other/1")),
                etag: Some("\"x\""),
                content_type: Some("image/png"),
            }),
            ..EntityHead::default()
        });
        writer.stream("Thumb", &Media { content_type: Some("image/jpeg"), ..Media::default() });
        writer.property_type("Born", &TypeRef::primitive(Primitive::Date), false);
        writer.key("Born");
        writer.scalar(&Scalar::Date(civil::date(2026, 11, 21)));
        writer.property_type(
            "Sizes",
            &TypeRef { collection: true, ..TypeRef::primitive(Primitive::Int64) },
            true,
        );
        writer.key("Sizes");
        writer.item(&Item::Collection(vec![Scalar::Int64(1).into()]));
        writer.property_type("Nick", &TypeRef::primitive(Primitive::String), false);
        writer.key("Address");
        writer.item(&Item::Complex {
            kind: Some("Model.Home".into()),
            members: vec![
                ("City".into(), Scalar::Text("Göteborg".into()).into()),
                ("Codes".into(), Item::Collection(vec![Scalar::Integer(1).into(), Item::NULL])),
            ],
        });
        writer.end_object();
    }));
}

#[test]
fn collection() {
    insta::assert_snapshot!(styles(|writer| {
        let shape = shape(writer);
        writer.begin_collection(Some("$metadata#Orders(ID,Name)"), Some(2));
        for version in [1, 2] {
            writer.begin_entity(&EntityHead::default());
            writer.row_etag(version);
            writer.row(&shape, &values()[..2]);
            let items = Name::new("Items");
            writer.begin_expanded(&items, Some(9));
            writer.begin_object();
            writer.key("Line");
            writer.scalar(&Scalar::Integer(1));
            writer.end_object();
            writer.end_expanded(&items, Some("Orders(1)/Items?$skiptoken=x"));
            writer.expanded_count("Notes", 3);
            writer.end_object();
        }
        writer.end_collection(Some("Orders?$skiptoken=abc"), None);
    }));
}

#[test]
fn properties_and_references() {
    insta::assert_snapshot!(styles(|writer| {
        writer.begin_array();
        writer.begin_property(Some("$metadata#Orders(1)/Amount"));
        writer.scalar(&Scalar::Decimal("12.50".parse().unwrap()));
        writer.end_object();
        writer.begin_property(Some("$metadata#Collection(Edm.String)"));
        writer.item(&Item::Collection(vec![Scalar::Text("a".into()).into()]));
        writer.end_object();
        writer.begin_entity(&EntityHead { transient: true, ..EntityHead::default() });
        writer.end_object();
        writer.reference(Some("$metadata#$ref"), "Orders(1)");
        writer.begin_collection(Some("$metadata#Collection($ref)"), None);
        writer.reference(None, "Orders(1)");
        writer.reference(None, "Orders(2)");
        writer.end_collection(None, None);
        writer.end_array();
    }));
}

#[test]
fn delta() {
    insta::assert_snapshot!(styles(|writer| {
        writer.begin_collection(Some("$metadata#Customers/$delta"), Some(4));
        writer
            .begin_entity(&EntityHead { id: Some(Fact::Needed("Customers('A')")), ..EntityHead::default() });
        writer.key("Name");
        writer.scalar(&Scalar::Text("Susan".into()));
        if writer.style().version == Version::V4_01 {
            writer.begin_nested_delta("Orders");
            let order = Removed { id: "Orders(1)", reason: Reason::Changed, set: "Orders", elsewhere: true };
            writer.begin_removed(&order);
            writer.end_object();
            writer.end_array();
        }
        writer.end_object();
        let gone =
            Removed { id: "Customers('B')", reason: Reason::Deleted, set: "Customers", elsewhere: false };
        writer.begin_removed(&gone);
        writer.end_object();
        if writer.style().version == Version::V4_0 {
            for deleted in [false, true] {
                writer.link(&Link {
                    deleted,
                    set: "Customers",
                    source: "Customers('A')",
                    relationship: "Orders",
                    target: "Orders(1)",
                });
            }
        }
        writer.end_collection(None, Some("Customers?$deltatoken=8015"));
    }));
}

#[test]
fn nulls_and_numbers_as_asked() {
    let write = |omit, ieee754_compatible| {
        let format = JsonFormat { ieee754_compatible, ..JsonFormat::default() };
        let mut writer = Writer::new(Style::new(Version::V4_01, format, omit));
        let mut kinds = kinds();
        kinds[8].2 = true;
        let shape =
            Shape::new(writer.style(), kinds.iter().map(|(name, kind, default)| (*name, kind, *default)));
        writer.begin_collection(None, Some(1));
        writer.begin_object();
        let mut values = values();
        values[1] = Value::Null;
        writer.row(&shape, &values);
        writer.end_object();
        writer.end_collection(None, None);
        String::from_utf8(writer.finish()).unwrap() + "\n"
    };
    insta::assert_snapshot!(
        write(None, true) + &write(Some(Omit::Nulls), false) + &write(Some(Omit::Defaults), false)
    );
}

#[test]
fn service() {
    let set = |name: &str, shown| EntitySet {
        name: name.into(),
        kind: QName::new("Model", "Order"),
        in_service_document: shown,
        bindings: vec![],
        annotations: vec![],
    };
    let function = |name: &str, shown| FunctionImport {
        name: name.into(),
        function: QName::new("Model", "Price"),
        entity_set: None,
        in_service_document: shown,
        annotations: vec![],
    };
    let container = Container {
        name: "Container".into(),
        sets: vec![set("Orders", true), set("Hidden", false)],
        singletons: vec![Singleton {
            name: "Me".into(),
            kind: QName::new("Model", "Person"),
            nullable: false,
            bindings: vec![],
            annotations: vec![],
        }],
        functions: vec![function("Price", true), function("Secret", false)],
        ..Container::default()
    };
    let schema = Schema { namespace: "Model".into(), container: Some(container), ..Schema::default() };
    let edm = Edm { schemas: vec![schema], ..Edm::default() };
    let title = |name: &str| (name == "Orders").then(|| "Bestellungen".to_owned());
    let write = |version| {
        let style = Style::new(version, JsonFormat::default(), None);
        String::from_utf8(service_document(&edm, style, "http://host/$metadata", title)).unwrap() + "\n"
    };
    insta::assert_snapshot!(write(Version::V4_0) + &write(Version::V4_01));
}

#[test]
fn errors() {
    let error = Error::new(ErrorKind::Malformed, "SYNTAX", "Expected `)`").at(3..4).about("$filter");
    let plain = ErrorBody::from(&error).to_json();
    let rich = ErrorBody {
        code: Cow::Borrowed("REFUSED"),
        message: Cow::Borrowed("Two things are wrong"),
        details: vec![ErrorDetail { code: "A".into(), message: "b".into(), target: Some("Items/0".into()) }],
        inner: vec![("challenge".into(), Item::Collection(vec![Scalar::Text("PIN".into()).into()]))],
        annotations: vec![("Core.ContentID".into(), Scalar::Text("1".into()).into())],
        ..ErrorBody::default()
    };
    let trailer = ErrorBody { message: Cow::Borrowed("Größe\n\u{1f600}"), ..rich.clone() }.to_header();
    assert!(Header::parse(&format!("OData-Error: {trailer}")).is_ok());
    let (plain, rich) = (String::from_utf8(plain).unwrap(), String::from_utf8(rich.to_json()).unwrap());
    insta::assert_snapshot!(format!("{plain}\n{rich}\n{trailer}"));
}

#[test]
fn buffers_are_handed_over_in_pieces() {
    let mut pieces = Vec::new();
    let mut writer = Writer::over(Vec::with_capacity(64), Style::default());
    let shape = shape(&writer);
    writer.begin_collection(None, None);
    for _ in 0..100 {
        writer.begin_object();
        writer.row(&shape, &values());
        writer.end_object();
        if writer.buffered() > 32 {
            pieces.extend(writer.take());
        }
    }
    writer.end_collection(None, None);
    pieces.extend(writer.finish());
    let read: serde_json::Value = serde_json::from_slice(&pieces).unwrap();
    assert_eq!(read["value"].as_array().unwrap().len(), 100);
}
