//! What the sets hold at the start and after `Reseed`. Rows are told by properties; what is not said is null.

use gridkeep_model::{AppDefinition, RowId, Value};
use gridkeep_server::odata::row_id;
use jiff::civil;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::model::PAIRS;

/// Rows of a table, in the order of its columns.
pub(crate) type Rows = Vec<(RowId, Vec<Value>)>;

/// The id of the seed's row of this number, older than any that is made: a UUIDv7 of the first of January 2024.
pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x018c_c251_f400_7000_8000_0000_0000_0000 | number)
}

/// `<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="10" height="10"/></svg>`
const LOGO: &str = "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHdpZHRoPSIxMCIgaGVpZ2h0PSIxMCI-PHJlY3Qgd2lkdGg9IjEwIiBoZWlnaHQ9IjEwIi8-PC9zdmc-";

/// When what the service fills was seeded.
const SEEDED: civil::DateTime = civil::date(2024, 1, 1).at(0, 0, 0, 0);

const CATEGORY: u128 = 0x100;
const PRODUCT: u128 = 0x200;
const OTHER: u128 = 0x300;
/// The row of the singleton.
pub(crate) const COMPANY: u128 = OTHER + 0x71;

/// All rows, by table.
pub(crate) fn rows(definition: &AppDefinition) -> Vec<(String, Rows)> {
    let sets = crate::projection().sets;
    let tables = [
        ("products", PRODUCT, products()),
        ("categories", CATEGORY, categories()),
        ("product_descriptions", OTHER, descriptions()),
        ("decimal_samples", OTHER + 0x40, vec![json!({"name": "Sample", "amount": "123.45"})]),
        (
            "read_only_items",
            OTHER + 0x50,
            vec![json!({"name": "Read-only item A"}), json!({"name": "Read-only item B"})],
        ),
        (PAIRS, OTHER + 0x60, pairs()),
        // Their contents are kept outside the database: none at the start.
        ("media_items", OTHER + 0x80, Vec::new()),
        ("company", COMPANY - 1, vec![company()]),
    ];
    let typed = tables.into_iter().map(|(table, first, rows)| {
        let columns = definition.table(table).map(|table| table.columns.as_slice()).unwrap_or_default();
        let row = |(number, row): (u128, Json)| {
            let value = |column: &gridkeep_model::definition::ColumnDefinition| {
                let given = row.get(&column.id).unwrap_or(&Json::Null);
                match (column.filled, given) {
                    (Some(_), Json::Null) => Value::DateTime(SEEDED),
                    _ => Value::from_json(column.column_type, given).unwrap_or(Value::Null),
                }
            };
            // Where columns are the key, the id follows from them.
            let values = row
                .as_object()
                .into_iter()
                .flatten()
                .map(|(id, value)| (id.clone(), value.clone()))
                .collect();
            let keyed = sets.iter().find(|set| set.table == table).and_then(|set| row_id(set, &values));
            let id = keyed.unwrap_or_else(|| RowId::from_uuid(id(first + number)));
            (id, columns.iter().map(value).collect())
        };
        (table.to_owned(), (1..).zip(rows).map(row).collect())
    });
    typed.collect()
}

fn categories() -> Vec<Json> {
    let category = |name: &str, description: &str| json!({"name": name, "description": description});
    vec![
        category("Electronics", "Devices and what belongs to them"),
        category("Kitchen", "For cooking and drinking"),
        category("Furniture", "To sit on and to work at"),
    ]
}

fn products() -> Vec<Json> {
    let product = |name: &str, description: &str, price: f64, category: u128| {
        json!({
            "name": name, "description": description, "price": price, "category_id": id(CATEGORY + category).to_string(),
            "rating": 4, "temperature": 20, "quantity": 10, "weight": 0.5, "status": 1, "product_type": "Product",
        })
    };
    let with = |mut row: Json, more: Json| {
        if let (Some(row), Json::Object(more)) = (row.as_object_mut(), more) {
            row.extend(more);
        }
        row
    };
    vec![
        with(
            product("Laptop", "A fast computer for the lap", 999.99, 1),
            json!({"serial_number": "LT-0001", "release_date": "2024-03-15", "open_time": "09:30:00", "rating": 5,
                "weight": 1.5, "status": 9, "product_type": "SpecialProduct",
                "shipping_time": "P3D", "processing_time": "PT2H30M", "offset": "-PT1H",
                "data": "TGFwdG9w", "special_property": "Limited edition", "special_feature": "Backlit keyboard",
                "shipping_address_street": "1 Market Street", "shipping_address_city": "Seattle",
                "shipping_address_state": "WA", "shipping_address_postal_code": "98101",
                "shipping_address_country": "USA", "dimensions_length": 35.5, "dimensions_width": 24.2,
                "dimensions_height": 1.8, "dimensions_unit": "cm"}),
        ),
        with(product("Wireless Mouse", "Points without a cord", 29.99, 1), json!({"status": 3})),
        product("Coffee Mug", "Keeps coffee warm", 15.50, 2),
        with(product("Office Chair", "Turns and rolls", 249.99, 3), json!({"status": 4})),
        product("Smartphone", "Calls and much more", 799.99, 1),
        with(
            product("Premium Laptop Pro", "For those who compute a lot", 1999.99, 1),
            json!({
            "rating": 5, "status": 9, "product_type": "SpecialProduct", "special_property": "For professionals",
            "special_feature": "A very bright screen"}),
        ),
        with(
            product("Gaming Mouse Ultra", "Points quickly", 149.99, 1),
            json!({
            "product_type": "SpecialProduct", "special_property": "For players", "special_feature": "Lights"}),
        ),
    ]
}

fn descriptions() -> Vec<Json> {
    let text = |product: u128, language: &str, description: &str, long: Option<&str>| {
        json!({
            "product_id": id(PRODUCT + product).to_string(), "language_key": language, "description": description,
            "long_text": long,
        })
    };
    vec![
        text(1, "EN", "Fast laptop for work", Some("A laptop for long days, with a keyboard that is quiet.")),
        text(1, "DE", "Schneller Laptop für die Arbeit", None),
        text(2, "EN", "Mouse without a cord", None),
        text(2, "FR", "Souris sans fil", None),
        text(3, "EN", "Mug for coffee", None),
        text(4, "EN", "Chair for the office", None),
        text(4, "ES", "Silla de oficina", None),
        text(5, "EN", "Phone with a large screen", None),
    ]
}

fn company() -> Json {
    json!({
        "name": "TechStore Inc.", "ceo": "Sarah Johnson", "founded": 2010, "head_quarter": "Springfield, USA",
        "website": "https://techstore.example.com", "logo": LOGO,
    })
}

fn pairs() -> Vec<Json> {
    let pair = |one: u128, other: u128| json!({"product": id(PRODUCT + one).to_string(), "related": id(PRODUCT + other).to_string()});
    vec![pair(1, 2), pair(1, 6), pair(2, 7), pair(6, 1)]
}
