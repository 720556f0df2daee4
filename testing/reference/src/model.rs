//! The model: its tables and its projection.

use gridkeep_model::{
    AppDefinition, ColumnType,
    definition::{SCHEMA_VERSION, TableDefinition},
    query::Part,
};
use gridkeep_odata::{
    edm::{Container, Edm, Facets, Primitive, Scale, Schema, Version},
    project::{Link, NAMESPACE, Projection, said},
};

use crate::set::{Set, field, text};

/// The table of pairs behind RelatedProducts.
pub(crate) const PAIRS: &str = "related_products";

/// The definition that the tables follow.
pub(crate) fn definition() -> AppDefinition {
    let mut tables: Vec<TableDefinition> = sets().into_iter().map(|set| set.table).collect();
    let pairs = Set::new("RelatedProducts", "RelatedProduct").fields([
        field("Product", Primitive::Guid, ColumnType::Text),
        field("Related", Primitive::Guid, ColumnType::Text),
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
    }
}

/// The service.
pub fn projection() -> Projection {
    let mut schema = Schema { namespace: NAMESPACE.to_owned(), ..Schema::default() };
    let mut container =
        Container { name: "Service".to_owned(), annotations: said::of_container(), ..Container::default() };
    let mut sources = Vec::new();
    for set in sets() {
        schema.types.push(set.kind);
        container.sets.push(set.offer);
        sources.push(set.source);
    }
    schema.container = Some(container);
    let edm = Edm { version: Version::V4_01, references: said::references(), schemas: vec![schema] };
    Projection { edm, sets: sources, operations: Vec::new() }
}

fn sets() -> Vec<Set> {
    vec![products(), categories(), descriptions(), decimals(), read_only()]
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
            field("ReleaseDate", Primitive::Date, ColumnType::Date).nullable(),
            field("OpenTime", Primitive::TimeOfDay, ColumnType::Time).nullable().facets(seconds),
            field("CategoryID", Primitive::Guid, ColumnType::Text).nullable(),
            text("SerialNumber", 50)
                .nullable()
                .said(said::description("The number on the product, given once")),
        ])
        .leads("Category", ("Categories", "Category"), false, here("category_id"))
        .leads("Descriptions", ("ProductDescriptions", "ProductDescription"), true, there("product_id"))
        .leads("RelatedProducts", ("Products", "Product"), true, pairs)
        .done()
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
        .id()
        .fields([
            field("ProductID", Primitive::Guid, ColumnType::Text),
            text("LanguageKey", 2),
            text("Description", 500),
            text("LongText", 2000).nullable(),
            text("CustomName", 0).nullable(),
        ])
        .leads("Product", ("Products", "Product"), false, product)
        .done()
}

fn decimals() -> Set {
    let places = Facets { precision: Some(18), scale: Some(Scale::Fixed(9)), ..Facets::default() };
    Set::new("DecimalSamples", "DecimalSample")
        .id()
        .fields([
            text("Name", 100),
            field("Amount", Primitive::Decimal, ColumnType::Decimal { scale: 9 }).facets(places),
        ])
        .done()
}

fn read_only() -> Set {
    let mut set = Set::new("ReadOnlyItems", "ReadOnlyItem").id().fields([text("Name", 100)]);
    set.source.rights.insert = false;
    set.source.rights.update = false;
    set.source.rights.delete = false;
    set.done()
}
