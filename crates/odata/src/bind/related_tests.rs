//! Expressions along navigation properties, by what they find in a few rows.

use gridkeep_model::{
    AppDefinition, Column, ColumnType, Row, RowId, TableSchema, Value,
    definition::Role,
    query::{Part, Tables},
};
use jiff::civil;
use uuid::Uuid;

use super::{Ground, PageLimits, Read};
use crate::{
    project::{Link, Navigation, Projection},
    syntax::{Limits, ast::Request},
};

const TABLES: [(&str, &[&str]); 3] = [
    ("customers", &["code", "name", "boss"]),
    ("orders", &["code", "customer", "state"]),
    ("items", &["code", "order", "what"]),
];

/// Customers with orders with items; a customer may have a boss.
pub(super) fn projection() -> Projection {
    let column = |id: &&str| serde_json::json!({"id": id, "title": id, "offset": 0, "kind": "text", "type": ColumnType::Text});
    let table = |(id, columns): &(&str, &[&str])| {
        let mut columns: Vec<_> = columns.iter().map(column).collect();
        columns.push(serde_json::json!({"id": "amount", "title": "amount", "offset": 0, "kind": "integer", "type": ColumnType::Integer}));
        serde_json::json!({"id": id, "title": id, "key": "code", "source": {"from": "table", "name": id}, "columns": columns})
    };
    let definition: AppDefinition = serde_json::from_value(serde_json::json!({
        "schemaVersion": 1, "name": "Shop", "description": "", "icon": "box", "accent": "#336699", "language": "en",
        "screens": [], "tables": TABLES.iter().map(table).collect::<Vec<_>>(),
    }))
    .unwrap();
    let mut projection = Projection::of_app(&definition, Role::Maker);
    let code = || Part::Column("code".to_owned());
    let mut relate = |from: &str, property: &str, set: &str, column: &str, many: bool| {
        let column = column.to_owned();
        let link =
            if many { Link::There { column, here: code() } } else { Link::Here { column, there: code() } };
        let source = projection.sets.iter_mut().find(|set| set.name == from).unwrap();
        let (property, set) = (property.to_owned(), set.to_owned());
        source.navigations.push(Navigation { property, set, many, link });
    };
    relate("Orders", "Buyer", "Customers", "customer", false);
    relate("Orders", "Lines", "Items", "order", true);
    relate("Items", "Parent", "Orders", "order", false);
    relate("Customers", "Orders", "Orders", "customer", true);
    relate("Customers", "Chief", "Customers", "boss", false);
    relate("Customers", "Staff", "Customers", "boss", true);
    projection
}

fn schema(id: &str, columns: &[&str]) -> TableSchema {
    let text = |id: &&str| Column { id: (*id).to_owned(), column_type: ColumnType::Text };
    let amount = Column { id: "amount".to_owned(), column_type: ColumnType::Integer };
    TableSchema { id: id.to_owned(), columns: columns.iter().map(text).chain([amount]).collect() }
}

fn rows(all: &[(&str, &str, &str, i64)]) -> Vec<Row> {
    let value = |text: &str| if text.is_empty() { Value::Null } else { Value::Text(text.to_owned()) };
    all.iter()
        .zip(1_u128..)
        .map(|((code, second, third, amount), number)| Row {
            id: RowId::from_uuid(Uuid::from_u128(number)),
            version: 1,
            values: vec![value(code), value(second), value(third), Value::Integer(*amount)],
        })
        .collect()
}

/// Codes of what a URL of a collection finds, in order, with computed values behind them; or why it is refused.
fn found(url: &str) -> String {
    let projection = projection();
    let request = match Request::parse(url, &Limits::default()) {
        Ok(request) => request,
        Err(error) => return format!("{:?} {}: {error}", error.kind, error.code),
    };
    let now = civil::date(2026, 11, 21).at(12, 0, 0, 0);
    let set = projection.set(url.split('?').next().unwrap()).unwrap();
    let ground = Ground { projection: &projection, set, now };
    let read = match Read::of(ground, None, &request.options, PageLimits::default(), 0) {
        Ok(read) => read,
        Err(error) => return format!("{:?} {}: {error}", error.kind, error.code),
    };
    let customers = rows(&[("ann", "Ann", "", 5), ("bob", "Bob", "ann", 0), ("cid", "Cid", "bob", 9)]);
    let orders = rows(&[
        ("o1", "ann", "open", 10),
        ("o2", "ann", "done", 20),
        ("o3", "cid", "open", 30),
        ("o4", "", "open", 1),
    ]);
    let items = rows(&[("i1", "o1", "nut", 3), ("i2", "o1", "bolt", 12), ("i3", "o3", "nut", 8)]);
    let tables = Tables::default()
        .with(schema(TABLES[0].0, TABLES[0].1), &customers)
        .with(schema(TABLES[1].0, TABLES[1].1), &orders)
        .with(schema(TABLES[2].0, TABLES[2].1), &items);
    let found = match read.query.seen(gridkeep_model::query::Sight::Everything).select(&tables) {
        Ok(found) => found,
        Err(error) => return error.to_string(),
    };
    let shown = |row: &Row| {
        let texts: Vec<String> =
            row.values.iter().map(|value| value.to_json().to_string().trim_matches('"').to_owned()).collect();
        texts.join(":")
    };
    found.rows.iter().map(shown).collect::<Vec<_>>().join(" ")
}

#[test]
fn paths_reach_related_rows() {
    let check = |url: &str, expect: &str| assert_eq!(found(&format!("{url}&$select=Code")), expect, "{url}");
    check("Orders?$filter=Buyer/Name eq 'Ann'", "o1 o2");
    check("Items?$filter=Parent/Buyer/Chief/Name eq 'Bob'", "i3");
    check("Items?$filter=App.ItemsRow/Parent/App.OrdersRow/Buyer/Code eq 'ann'", "i1 i2");
    check("Orders?$filter=Buyer eq null", "o4");
    check("Orders?$filter=null ne Buyer", "o1 o2 o3");
    check("Items?$filter=Parent/Buyer/Chief eq null", "i1 i2");
    check("Orders?$orderby=Buyer/Name desc,Code", "o3 o1 o2 o4");
    check("Orders?$orderby=Lines/$count desc,Code desc", "o1 o3 o4 o2");
    check("Orders?$filter=Lines(Code='i2')/Amount eq 12", "o1");
    check("Orders?$filter=Amount gt $root/Customers(Code='cid')/Amount", "o1 o2 o3");
    check("Orders?$filter=$root/Items/$count eq 3 and $it/Code eq 'o2'", "o2");
    check("Orders?$filter=Code in ('o1','o4') and $root/Orders/any(x:x/Amount lt $it/Amount)", "o1");
}

#[test]
fn lambdas_and_counts_go_through_related_rows() {
    let check = |url: &str, expect: &str| assert_eq!(found(&format!("{url}&$select=Code")), expect, "{url}");
    check("Orders?$filter=Lines/any()", "o1 o3");
    check("Orders?$filter=not Lines/any()", "o2 o4");
    check("Orders?$filter=Lines/any(l:l/Amount gt Amount)", "o1");
    check("Orders?$filter=Lines/any(l:l/Amount lt Amount and l/What eq 'nut')", "o1 o3");
    check("Orders?$filter=Lines/all(l:l/What eq 'nut')", "o2 o3 o4");
    check("Customers?$filter=Orders/any(o:o/Lines/any(l:l/What eq 'nut' and o/Amount gt 10))", "cid");
    check("Customers?$filter=Orders/any(o:o/Lines/all(l:l/Amount gt Amount))", "ann");
    check("Customers?$filter=Staff/any(s:s/Orders/any(o:o/Buyer/Chief/Code eq Code))", "bob");
    check("Orders?$filter=Lines/$count gt 1", "o1");
    check("Orders?$filter=Lines/$count($filter=Amount gt 5) eq 1", "o1 o3");
    check("Orders?$filter=Lines/$count($filter=What eq 'nut';$search=nut) eq 1", "o1 o3");
    check("Orders?$filter=Lines/$count($filter=Amount gt $it/Amount) eq 1", "o1");
    check("Orders?$filter=Lines/$filter(Amount gt 5)/any(l:l/What eq 'nut')", "o3");
    check("Orders?$filter=Lines/$filter(Amount gt 5)/all(l:l/What eq 'bolt') and Lines/any()", "o1");
    check("Orders?$filter=Lines/$filter(What eq 'nut')/$count eq 1", "o1 o3");
    check("Items?$filter=Parent/Lines/$count eq 2", "i1 i2");
    check("Orders?$compute=Amount mul 2 as Twice&$filter=Lines/any(l:l/Amount mul 3 gt Twice)", "o1");
    check("Orders?$filter=Lines/any(l:l/Amount gt @a)&@a=10", "o1");
    let check = |url: &str, expect: &str| assert_eq!(found(url), expect, "{url}");
    check(
        "Orders?$compute=Lines/$count as Many,Buyer/Name as Who&$select=Code,Many,Who",
        "o1:2:Ann o2:0:Ann o3:1:Cid o4:0:null",
    );
}

#[test]
fn what_does_not_fit_is_refused() {
    let check = |url: &str, expect: &str| {
        let found = found(url);
        assert!(found.starts_with(expect), "{url}: {found}");
    };
    check("Orders?$filter=Buyer/Nope eq 1", "Malformed UNKNOWN_PROPERTY: Customers has no property Nope");
    check("Orders?$filter=Buyer", "Unsupported UNSUPPORTED_EXPRESSION: whole entities");
    check("Orders?$filter=Lines", "Malformed NOT_SINGLE");
    check("Orders?$filter=Lines eq null", "Unsupported");
    check("Orders?$filter=Lines/What eq 'nut'", "Malformed NOT_SINGLE");
    check("Orders?$filter=Buyer/any()", "Malformed NOT_A_COLLECTION");
    check(
        "Orders?$filter=Lines/any(l:m/What eq 'nut')",
        "Malformed UNKNOWN_PROPERTY: Orders has no property m",
    );
    check("Orders?$filter=Lines/any(l:l)", "Unsupported");
    check("Orders?$filter=Buyer/Name/Code eq 1", "Malformed NOT_STRUCTURED");
    check("Orders?$filter=$root/Nope(1)/Code eq 1", "Malformed UNKNOWN_SET");
    check("Orders?$apply=groupby((State))&$filter=Lines/any()", "Malformed UNKNOWN_PROPERTY");
    let deep = format!("Customers?$filter={}Code eq 'x'{}", "Staff/any(x:x/".repeat(60), ")".repeat(60));
    check(&deep, "TooLarge");
}

#[test]
fn transformations_go_along_navigation_properties() {
    let check =
        |apply: &str, expect: &str| assert_eq!(found(&format!("Orders?$apply={apply}")), expect, "{apply}");
    check("aggregate(Buyer/Amount with max as M,Amount mul Buyer/Amount with sum as S)", "9:420");
    // Ann has two of the orders, and counts once.
    check("aggregate(Buyer/Amount with sum as S,Buyer/$count as N,Amount with sum as A)", "14:2:61");
    check("aggregate(Buyer/Amount with average as S)", "7.000000000000");
    check("aggregate(Buyer with countdistinct as B,Buyer/Chief with countdistinct as C)", "2:1");
    check("groupby((State),aggregate(Buyer/Amount with sum as S))", "done:5 open:14");
    check("filter(Buyer/Chief ne null)/aggregate($count as N)", "1");
    check("topcount(1,Buyer/Amount)/aggregate(Code with countdistinct as N,Amount with sum as A)", "1:30");
    for apply in [
        "aggregate(Lines/Amount with sum as S)",
        "aggregate(Lines/$count as N)",
        "aggregate(Lines with countdistinct as N)",
    ] {
        let refusal = found(&format!("Orders?$apply={apply}"));
        assert!(refusal.contains("related collections are not offered"), "{apply}: {refusal}");
    }
}
