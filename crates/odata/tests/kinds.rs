//! Values of every kind in expressions: which rows a filter keeps, and what is refused.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot unwrap has failed")]

use gridkeep_model::{
    AppDefinition, ColumnType, Row, RowId, TableSchema, Value,
    definition::{ColumnDefinition, Role},
    query::Tables,
};
use gridkeep_odata::{
    bind::{Ground, PageLimits, Read, Target, target},
    edm::{Primitive, TypeName},
    project::Projection,
    syntax::{Limits, ast::Request},
};
use jiff::civil;
use serde_json::{Value as Json, json};

const COLUMNS: [(&str, ColumnType); 12] = [
    ("name", ColumnType::Text),
    ("owner", ColumnType::Guid),
    ("took", ColumnType::Duration),
    ("data", ColumnType::Binary),
    ("fine", ColumnType::Decimal { scale: 18 }),
    ("since", ColumnType::Date),
    ("opens", ColumnType::Time),
    ("made", ColumnType::DateTime),
    ("rating", ColumnType::Integer),
    ("weight", ColumnType::Double),
    ("money", ColumnType::Decimal { scale: 2 }),
    ("open", ColumnType::Boolean),
];
const OWNER: &str = "01234567-89ab-cdef-0123-456789abcdef";

fn projection() -> Projection {
    let column = |(id, kind): &(&str, ColumnType)| json!({"id": id, "title": id, "offset": 0, "kind": "text", "type": kind});
    let columns: Vec<ColumnDefinition> =
        COLUMNS.iter().map(|it| serde_json::from_value(column(it)).unwrap()).collect();
    let definition: AppDefinition = serde_json::from_value(json!({
        "schemaVersion": 1, "name": "Kinds", "description": "", "icon": "box", "accent": "#336699", "language": "en",
        "screens": [],
        "tables": [{
            "id": "things", "title": "Things", "source": {"from": "table", "name": "Things"}, "columns": columns
        }]
    }))
    .unwrap();
    let mut projection = Projection::of_app(&definition, Role::Maker);
    // A projection made in code may say narrower types than columns have.
    let things = projection.edm.schemas[0].types.iter_mut().find(|it| it.name == "ThingsRow").unwrap();
    for (name, primitive) in [("Rating", Primitive::Byte), ("Weight", Primitive::Single)] {
        let property = things.properties.iter_mut().find(|it| it.name == name).unwrap();
        property.kind.name = TypeName::Primitive(primitive);
    }
    projection
}

/// `a` has everything, `b` other values, `c` nothing.
fn rows() -> Vec<Row> {
    let values = [
        json!([
            "a",
            OWNER,
            "PT1H30M",
            "T0RhdGE",
            "0.000000000000000001",
            "2026-11-21",
            "08:30:00.5",
            "2026-11-21T08:30:00.25",
            200,
            2.5,
            "1.50",
            true
        ]),
        json!([
            "b",
            "00000000-0000-0000-0000-000000000000",
            "-P1D",
            "",
            "9999999999.999999999999999999",
            "2024-02-29",
            "00:00:00",
            "2024-02-29T23:59:59.999999",
            -3,
            1e300,
            "-7.00",
            false
        ]),
        json!(["c", null, null, null, null, null, null, null, null, null, null, null]),
    ];
    let row = |(number, values): (u128, &Json)| Row {
        id: RowId::from_uuid(uuid::Uuid::from_u128(number)),
        version: 1,
        values: COLUMNS
            .iter()
            .zip(values.as_array().unwrap())
            .map(|((_, kind), json)| Value::from_json(*kind, json).unwrap())
            .collect(),
    };
    (1..).zip(&values).map(row).collect()
}

/// The names of the rows that a query option keeps or sorts, or why it is refused.
fn found(option: &str) -> String {
    let projection = projection();
    let url = format!("Things?{option}");
    let now = civil::date(2026, 11, 21).at(12, 0, 0, 0);
    let request = Request::parse(&url, &Limits::default()).unwrap_or_else(|error| panic!("{url}: {error}"));
    let found = target(&request, &projection, now).unwrap();
    let Target::Collection { set, filter, .. } = found else { panic!("{url}") };
    let ground = Ground { projection: &projection, set, now };
    let read = match Read::of(ground, filter, &request.options, PageLimits::default(), 0) {
        Ok(read) => read,
        Err(error) => return format!("{:?} {}: {error}", error.kind, error.code),
    };
    let schema = TableSchema {
        id: "things".to_owned(),
        columns: COLUMNS
            .iter()
            .map(|(id, column_type)| gridkeep_model::Column {
                id: (*id).to_owned(),
                column_type: *column_type,
            })
            .collect(),
    };
    let rows = rows();
    match read.query.seen(gridkeep_model::query::Sight::Everything).select(&Tables::of(schema, &rows)) {
        Ok(found) => {
            let name = |row: &Row| row.values[0].to_json().as_str().unwrap_or("-").to_owned();
            found.rows.iter().map(name).collect()
        }
        Err(error) => format!("{error:?}"),
    }
}

/// Checks the rows that a filter keeps, or the code of a refusal.
fn kept(filter: &str, expect: &str) {
    let found = found(&format!("$filter={filter}"));
    let same = if expect.chars().any(char::is_uppercase) { found.contains(expect) } else { found == expect };
    assert!(same, "{filter}: {found}, not {expect}");
}

#[test]
fn literals_of_every_kind_are_compared() {
    kept(&format!("Owner eq {OWNER}"), "a");
    kept(&format!("Owner eq '{OWNER}'"), "a");
    kept(&format!("Owner ne {OWNER}"), "bc");
    kept(&format!("Owner in ({OWNER},null)"), "ac");
    kept("Owner gt 00000000-0000-0000-0000-000000000000", "a");
    kept("Took eq duration'PT90M'", "a");
    kept("Took eq 'PT1H30M'", "a");
    kept("Took lt duration'PT0S'", "b");
    kept("Took in ('PT90M',duration'-PT24H')", "ab");
    kept("Took eq @d&@d=duration'-P1D'", "b");
    kept("Took eq @d&@d='-P1D'", "b");
    kept("Data eq binary'T0RhdGE='", "a");
    kept("Data eq 'T0RhdGE'", "a");
    kept("Data ne binary''", "ac");
    kept("Data eq null", "c");
    kept("Fine eq 0.000000000000000001", "a");
    kept("Fine lt 0.0000000000000000011", "a");
    kept("Fine ge 9999999999.999999999999999999", "b");
    kept("Fine ge 1e10", "");
    kept("Fine add Money gt 0", "ab");
    kept("Opens eq 08:30:00.500", "a");
    kept("Opens gt 08:30:00", "a");
    kept("Made eq 2026-11-21T08:30:00.25Z", "a");
    kept("Made lt 2024-03-01T00:59:59.9999991%2B01:00", "Literal");
}

#[test]
fn moments_and_durations_are_calculated_with() {
    kept("Made sub Made eq duration'PT0S'", "ab");
    kept("Made add duration'PT0.75S' eq 2026-11-21T08:30:01Z", "a");
    kept("Made add 'PT0.75S' eq 2026-11-21T08:30:01Z", "a");
    kept("Made sub '2026-11-21T00:00:00Z' lt 'P1D'", "ab");
    kept("now() sub Made lt duration'P1D'", "a");
    kept("'PT1H' add Took gt duration'PT2H'", "a");
    kept("Since add Took eq 2026-11-21", "a");
    kept("Since sub Took eq 2024-03-01", "b");
    kept("Since sub 2024-02-29 eq duration'P0D'", "b");
    kept("Took mul 2 eq duration'PT3H'", "a");
    kept("0.5 mul Took eq duration'PT45M'", "a");
    kept("Took div -2 eq duration'PT12H'", "b");
    kept("Took divby 2.0 eq duration'PT45M'", "a");
    kept("-Took eq duration'P1D'", "b");
    kept("totalseconds(Took) eq 5400", "a");
    kept("totalseconds(duration'PT0.000001S') eq 0.000001 and Open", "a");
    kept("Made ge mindatetime() and Made le maxdatetime()", "ab");
    kept("maxdatetime() sub mindatetime() gt duration'P3652058D' and Open", "a");
    kept("date(Made) eq Since", "abc");
    kept("time(Made) eq 08:30:00.25", "a");
    kept("fractionalseconds(Made) eq 0.25", "a");
    kept("totaloffsetminutes(Made) eq 0", "ab");
    kept("Took add null eq null", "abc");
    kept("Made add Made eq null", "TYPE_MISMATCH");
    kept("Took add Made eq null", "TYPE_MISMATCH");
    kept("Took mul Took eq null", "TYPE_MISMATCH");
    kept("Took mod 2 eq null", "TYPE_MISMATCH");
    kept("Since sub Made eq null", "TYPE_MISMATCH");
    kept("1 div Took eq null", "TYPE_MISMATCH");
    kept("Owner add 1 eq null", "TYPE_MISMATCH");
    kept("Made add 'tomorrow' eq null", "INVALID_VALUE");
}

#[test]
fn casts_and_types_are_those_of_the_metadata() {
    kept("cast(Rating,Edm.Byte) eq 200", "a");
    kept("cast(Rating,Edm.SByte) eq -3", "b");
    kept("cast(Rating,Edm.SByte) eq null", "ac");
    kept("cast(Rating,Edm.Int16) ne null and cast(Rating,Edm.Int32) ne null", "ab");
    kept("cast(40000,Edm.Int16) eq null and Open", "a");
    kept("cast(Weight,Edm.Single) eq null", "bc");
    kept("cast(Weight,Edm.Single) eq 2.5", "a");
    kept("cast(Owner,Edm.String) eq '01234567-89ab-cdef-0123-456789abcdef'", "a");
    kept("cast(cast(Owner,Edm.String),Edm.Guid) eq Owner and Open", "a");
    kept("cast(Took,Edm.String) eq 'PT1H30M'", "a");
    kept("cast('-P1D',Edm.Duration) eq Took", "b");
    kept("cast(Data,Edm.String) eq 'T0RhdGE'", "a");
    kept("cast('T0RhdGE',Edm.Binary) eq Data", "a");
    kept("cast(Fine,Edm.Decimal) eq 0.000000000000000001", "a");
    kept("cast(Took,Edm.Int32) eq null and cast(Owner,Edm.Date) eq null", "abc");
    kept("isof(Rating,Edm.Byte)", "ab");
    kept("isof(Rating,Edm.Int64)", "");
    kept("isof(Weight,Edm.Single)", "ab");
    kept("isof(Owner,Edm.Guid) and isof(Took,Edm.Duration) and isof(Data,Edm.Binary)", "ab");
    kept("isof(Took,Edm.String)", "");
    kept("cast(Data,Edm.Stream) eq null", "UNSUPPORTED_TYPE");
    kept("cast(Data,Edm.Nothing) eq null", "UNKNOWN_TYPE");
}

#[test]
fn bytes_have_no_order() {
    assert!(found("$filter=Data gt binary'AA'").starts_with("Unsupported UNSUPPORTED_EXPRESSION"));
    assert!(found("$orderby=Data").contains("an order of bytes"));
    assert_eq!(found("$orderby=Took desc"), "abc");
    assert_eq!(found("$orderby=Owner"), "cba");
    assert_eq!(found("$orderby=Fine desc"), "bac");
}
