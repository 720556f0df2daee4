//! The model: its tables and its projection.

use gridkeep_model::{
    AppDefinition, ColumnType, RowId,
    definition::{Filled, SCHEMA_VERSION, TableDefinition},
    query::Part,
};
use gridkeep_odata::{
    edm::{
        Container, Edm, EntitySet, EnumMember, EnumType, Facets, Primitive, Scale, Schema, Singleton,
        StructuredType, TypeKind, Version,
    },
    project::{Link, Media, NAMESPACE, Projection, Rights, SetSource, said},
};

use crate::{
    field::{Field, field, named, text},
    operations, seed,
    set::Set,
};

/// The table of pairs behind RelatedProducts.
pub(crate) const PAIRS: &str = "related_products";

/// The definition that the tables follow.
pub(crate) fn definition() -> AppDefinition {
    let mut tables: Vec<TableDefinition> = sets().into_iter().map(|set| set.table).collect();
    let pairs = Set::new("RelatedProducts", "RelatedProduct").fields([
        field("Product", Primitive::Guid, ColumnType::Guid),
        field("Related", Primitive::Guid, ColumnType::Guid),
    ]);
    tables.push(pairs.table);
    AppDefinition {
        schema_version: SCHEMA_VERSION,
        name: "Reference".to_owned(),
        description: String::new(),
        icon: "list".to_owned(),
        accent: "#336699".to_owned(),
        language: "en".to_owned(),
        screens: Vec::new(),
        tables,
        actions: Vec::new(),
    }
}

/// The service.
pub fn projection() -> Projection {
    let mut schema = Schema { namespace: NAMESPACE.to_owned(), ..Schema::default() };
    schema.annotations.push(said::default_namespace());
    let mut container =
        Container { name: "Service".to_owned(), annotations: said::of_container(), ..Container::default() };
    let mut sources = Vec::new();
    let sets = sets();
    let all: Vec<SetSource> = sets.iter().map(|set| set.source.clone()).collect();
    for mut set in sets {
        set.offer.annotations.extend(said::navigations(&set.source, &all));
        schema.types.push(set.kind);
        schema.types.extend(set.more);
        if set.source.manner.only.is_some() {
            let EntitySet { name, kind, bindings, annotations, .. } = set.offer;
            container.singletons.push(Singleton { name, kind, nullable: false, bindings, annotations });
        } else {
            container.sets.push(set.offer);
        }
        sources.push(set.source);
    }
    schema.types.push(complex_type("Address", address()));
    schema.types.push(complex_type("Dimensions", dimensions()));
    schema.types.push(complex_type("ProductStats", stats()));
    schema.enums.push(status());
    let operations = operations::add(&mut schema, &mut container);
    schema.container = Some(container);
    let edm = Edm { version: Version::V4_01, references: said::references(), schemas: vec![schema] };
    Projection { edm, sets: sources, operations }
}

fn sets() -> Vec<Set> {
    vec![products(), categories(), descriptions(), decimals(), media_items(), read_only(), company()]
}

fn products() -> Set {
    let seconds = Facets { precision: Some(0), ..Facets::default() };
    let here = |column: &str| Link::Here { column: column.to_owned(), there: Part::Id };
    let there = |column: &str| Link::There { column: column.to_owned(), here: Part::Id };
    let pairs =
        Link::Between { table: PAIRS.to_owned(), here: "product".to_owned(), there: "related".to_owned() };
    Set::new("Products", "Product")
        .id()
        .fields([
            text("Name", 100).said(said::description("What the product is called")),
            text("Description", 500).nullable().said(said::description("A text about the product")),
            field("Price", Primitive::Double, ColumnType::Double),
            field("Rating", Primitive::Byte, ColumnType::Integer).nullable(),
            field("Temperature", Primitive::SByte, ColumnType::Integer).nullable(),
            field("Quantity", Primitive::Int16, ColumnType::Integer).nullable(),
            field("Weight", Primitive::Single, ColumnType::Double).nullable(),
            field("Data", Primitive::Binary, ColumnType::Binary).nullable(),
            field("ReleaseDate", Primitive::Date, ColumnType::Date).nullable(),
            field("OpenTime", Primitive::TimeOfDay, ColumnType::Time).nullable().facets(seconds),
            duration("ShippingTime"),
            duration("ProcessingTime"),
            duration("Offset"),
            field("CategoryID", Primitive::Guid, ColumnType::Guid).nullable(),
            named("Status", "ProductStatus", ColumnType::Integer).nullable(),
        ])
        .version()
        .stream("Photo")
        .fields([
            field("CreatedAt", Primitive::DateTimeOffset, ColumnType::DateTime)
                .facets(Facets { precision: Some(0), ..Facets::default() })
                .filled(Filled::Created),
            text("SerialNumber", 50)
                .nullable()
                .immutable()
                .said(said::description("The number on the product, given once")),
            text("ProductType", 50).computed(),
        ])
        .complex("ShippingAddress", "Address", address())
        .complex("Dimensions", "Dimensions", dimensions())
        .leads("Category", ("Categories", "Category"), false, here("category_id"))
        .leads("Descriptions", ("ProductDescriptions", "ProductDescription"), true, there("product_id"))
        .leads("RelatedProducts", ("Products", "Product"), true, pairs)
        .derived(
            "product_type",
            "SpecialProduct",
            vec![text("SpecialProperty", 200).nullable(), text("SpecialFeature", 100).nullable()],
        )
        .done()
}

fn duration(name: &'static str) -> Field {
    let micros = Facets { precision: Some(6), ..Facets::default() };
    field(name, Primitive::Duration, ColumnType::Duration).nullable().facets(micros)
}

fn address() -> Vec<Field> {
    [("Street", 100), ("City", 50), ("State", 2), ("PostalCode", 10), ("Country", 50)]
        .map(|(name, longest)| text(name, longest).nullable())
        .into()
}

fn dimensions() -> Vec<Field> {
    let length = |name| field(name, Primitive::Double, ColumnType::Double).nullable();
    vec![length("Length"), length("Width"), length("Height"), text("Unit", 10).nullable()]
}

fn stats() -> Vec<Field> {
    let price = |name| field(name, Primitive::Double, ColumnType::Double).nullable();
    vec![
        field("totalProducts", Primitive::Int64, ColumnType::Integer),
        price("averagePrice"),
        price("maxPrice"),
        price("minPrice"),
    ]
}

/// A complex type with the properties that are parts of one elsewhere.
fn complex_type(name: &str, parts: Vec<Field>) -> StructuredType {
    let made = Set::new(name, name).fields(parts);
    StructuredType { kind: TypeKind::Complex, ..made.kind }
}

fn status() -> EnumType {
    let member =
        |(name, value): (&str, i64)| EnumMember { name: name.to_owned(), value, annotations: Vec::new() };
    EnumType {
        name: "ProductStatus".to_owned(),
        underlying: Primitive::Int32,
        flags: true,
        members: [("None", 0), ("InStock", 1), ("OnSale", 2), ("Discontinued", 4), ("Featured", 8)]
            .map(member)
            .into(),
        annotations: Vec::new(),
    }
}

fn company() -> Set {
    Set::new("Company", "CompanyInfo")
        .id()
        .fields([
            text("Name", 100),
            text("CEO", 100).nullable(),
            field("Founded", Primitive::Int32, ColumnType::Integer).nullable(),
            text("HeadQuarter", 200).nullable(),
            text("Website", 200).nullable(),
            field("Logo", Primitive::Binary, ColumnType::Binary)
                .nullable()
                .said(said::media_type("image/svg+xml")),
        ])
        .version()
        .fields([field("UpdatedAt", Primitive::DateTimeOffset, ColumnType::DateTime)
            .facets(Facets { precision: Some(0), ..Facets::default() })
            .filled(Filled::Changed)])
        .only(RowId::from_uuid(seed::id(seed::COMPANY)))
}

fn categories() -> Set {
    let products = Link::There { column: "category_id".to_owned(), here: Part::Id };
    let mut set = Set::new("Categories", "Category")
        .id()
        .fields([text("Name", 100), text("Description", 500).nullable()])
        .leads("Products", ("Products", "Product"), true, products)
        .done();
    set.table.key = Some("name".to_owned());
    set.source.alternate_key = Some("Name".to_owned());
    set.kind.annotations.push(said::alternate_key("Name"));
    set
}

fn descriptions() -> Set {
    let product = Link::Here { column: "product_id".to_owned(), there: Part::Id };
    Set::new("ProductDescriptions", "ProductDescription")
        .fields([
            field("ProductID", Primitive::Guid, ColumnType::Guid),
            text("LanguageKey", 2),
            text("Description", 500),
            text("LongText", 2000).nullable(),
            text("CustomName", 0).nullable(),
        ])
        .key(&["ProductID", "LanguageKey"])
        .leads("Product", ("Products", "Product"), false, product)
        .done()
}

fn decimals() -> Set {
    let places = Facets { precision: Some(38), scale: Some(Scale::Fixed(18)), ..Facets::default() };
    Set::new("DecimalSamples", "DecimalSample")
        .id()
        .fields([
            text("Name", 100),
            field("Amount", Primitive::Decimal, ColumnType::Decimal { scale: 18 }).facets(places),
        ])
        .done()
}

fn media_items() -> Set {
    Set::new("MediaItems", "MediaItem")
        .id()
        .fields([
            text("Name", 0).nullable(),
            text("ContentType", 0).nullable().computed(),
            field("Size", Primitive::Int64, ColumnType::Integer).nullable().computed(),
        ])
        .media(Media {
            column: "content".to_owned(),
            name: Some("name".to_owned()),
            content_type: Some("content_type".to_owned()),
            size: Some("size".to_owned()),
        })
        .done()
}

fn read_only() -> Set {
    let mut set = Set::new("ReadOnlyItems", "ReadOnlyItem").id().fields([text("Name", 100)]);
    set.source.rights = Rights { insert: false, update: false, delete: false, ..Rights::ALL };
    set.done()
}
