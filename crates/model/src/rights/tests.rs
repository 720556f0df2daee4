//! What grants leave of what a definition gives: tables of grants, shapes and the narrowed definition.

use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::{RowId, query::Operator};

fn definition() -> AppDefinition {
    let column = |id: &str| json!({ "id": id, "title": id, "type": { "name": "text" }, "kind": "text" });
    let columns = |ids: &[&str]| ids.iter().map(|id| column(id)).collect::<Vec<_>>();
    let table = |id: &str, ids: &[&str], guests: bool| {
        let see = if guests { json!(["guest", "member"]) } else { json!(["member"]) };
        json!({ "id": id, "title": id, "source": { "from": "table", "name": id }, "key": "code",
            "columns": columns(ids),
            "access": { "see": see, "insert": see, "update": ["member"], "delete": [] } })
    };
    let mut orders = table("orders", &["code", "owner", "region", "amount", "customer"], true);
    orders["columns"][4]["refers"] = json!({ "table": "customers", "column": "code" });
    let from = |column: &str| {
        json!({ "from": "range",
        "binding": { "kind": "column", "table": "customers", "column": column } })
    };
    orders["columns"][4]["validation"] = json!({ "choices": from("code") });
    let field = |id: &str, binding: serde_json::Value| json!({ "id": id, "label": id, "binding": binding, "kind": "text", "mode": "read" });
    let at = |column: &str| json!({ "kind": "column", "table": "orders", "column": column });
    serde_json::from_value(json!({
        "schemaVersion": 1, "name": "Test", "icon": "list", "accent": "#000000", "language": "en",
        "screens": [
            { "id": "list", "title": "Orders", "icon": "list", "kind": "list", "components": [
                { "type": "list", "id": "l", "table": "orders", "titleColumn": "amount",
                  "columns": ["amount", "owner"], "filters": ["amount"], "search": ["code", "amount"],
                  "sort": { "column": "amount" }, "detail": ["code", "amount", "region"] }] },
            { "id": "new", "title": "New", "icon": "list", "kind": "form", "components": [
                { "type": "form", "id": "f", "table": "orders", "columns": ["code", "amount", "region"] }] },
            { "id": "board", "title": "Board", "icon": "list", "kind": "dashboard", "components": [
                { "type": "card", "id": "c", "field": field("c", at("amount")) },
                { "type": "chart", "id": "h", "title": "", "kind": "bar", "categories": at("region"),
                  "series": [{ "label": "a", "values": at("amount") }, { "label": "o", "values": at("owner") }] }] },
            { "id": "people", "title": "Customers", "icon": "list", "kind": "list", "components": [
                { "type": "list", "id": "p", "table": "customers", "titleColumn": "name",
                  "columns": [], "filters": [], "search": [], "detail": [] }] }],
        "tables": [orders, table("customers", &["code", "name"], false)],
        "actions": [
            { "id": "close", "title": "Close", "table": "orders", "access": ["member"],
              "steps": [{ "do": "set", "values": { "amount": { "value": "0" } } }] },
            { "id": "tidy", "title": "Tidy", "access": ["member"], "steps": [] }]
    }))
    .unwrap()
}

fn grant(json: serde_json::Value) -> Grant {
    serde_json::from_value(json).unwrap()
}

fn equal(column: &str, value: &str) -> Expr {
    Expr::column(column).compare(Operator::Eq, value.into())
}

fn rights(role: Role, grants: &[Grant]) -> Rights {
    let bound = grants.iter().map(|grant| {
        let mut only = BTreeMap::new();
        for (table, said) in &grant.tables {
            match &said.rows {
                RowsOf::All => {}
                RowsOf::Own { column } => drop(only.insert(table.clone(), equal(column, "a@x.org"))),
                // "broken" stands for one that nothing is known of any more.
                RowsOf::Where { filter } if filter == "broken" => {}
                RowsOf::Where { filter } => drop(only.insert(table.clone(), equal("region", filter))),
            }
        }
        Bound { grant, only, address: Some("a@x.org") }
    });
    Rights::granted(&definition(), role, &bound.collect::<Vec<_>>())
}

#[test]
fn levels_narrow_what_the_definition_gives() {
    let check = |role, grants: serde_json::Value, expect: &str| {
        let grants: Vec<Grant> = serde_json::from_value(grants.clone()).unwrap();
        let found = rights(role, &grants);
        let limited = found.shape().strip_prefix("limited\n");
        assert_eq!(limited.is_some(), found.limits.is_some(), "{grants:?}");
        assert_eq!(limited.unwrap_or_default(), expect, "{grants:?}");
    };
    // Letters: see, insert, update, delete; nobody may delete by the definition.
    check(Role::Member, json!([{}]), "");
    check(Role::Member, json!([]), "");
    check(Role::Member, json!([{ "level": "none" }]), "");
    check(Role::Member, json!([{ "level": "view" }]), "customers a---\norders a---\n");
    check(Role::Guest, json!([{ "level": "view" }]), "orders a---\n");
    check(
        Role::Guest,
        json!([{ "level": "edit", "tables": { "customers": { "hidden": ["name"] } } }]),
        "orders aa--\n",
    );
    // What is one's own is not known: rows are added only.
    check(Role::Member, json!([{ "level": "submit" }]), "customers -a--\norders -a--\n");
    let own = json!({ "rows": "own", "column": "owner" });
    check(
        Role::Member,
        json!([{ "level": "none", "tables": { "orders": { "level": "submit", "rows": own } } }]),
        "orders oo--\n",
    );
    check(
        Role::Member,
        json!([{ "level": "none", "tables": { "orders": { "level": "administer", "rows": own } } }]),
        "orders ooo-\n",
    );
    // An action needs its table to be seen.
    check(Role::Member, json!([{ "level": "none", "actions": { "close": true, "tidy": true } }]), "!tidy\n");
    check(
        Role::Member,
        json!([{ "level": "view", "actions": { "close": true } }]),
        "customers a---\norders a---\n!close\n",
    );
    check(Role::Member, json!([{ "actions": { "close": false } }]), "customers aaa-\norders aaa-\n!tidy\n");
    // A condition that is not understood any more lets nothing through.
    let broken = json!({ "rows": "where", "filter": "broken" });
    check(Role::Member, json!([{ "tables": { "orders": { "rows": broken } } }]), "customers aaa-\n!tidy\n");
    check(Role::Maker, json!([{ "level": "none" }]), "");
}

#[test]
fn grants_unite_rows_and_columns() {
    let table = |said: serde_json::Value| json!({ "level": "none", "tables": { "orders": said } });
    let north =
        json!({ "level": "view", "rows": { "rows": "where", "filter": "north" }, "hidden": ["amount"] });
    let own =
        json!({ "level": "edit", "rows": { "rows": "own", "column": "owner" }, "readOnly": ["region"] });
    let both = rights(Role::Member, &[grant(table(north.clone())), grant(table(own))]);
    assert_eq!(both.shape(), "limited\norders ooo- -amount =region\n");
    let limits = both.limits.as_ref().unwrap();
    let orders = &limits.tables["orders"];
    let definition = definition();
    let table_of = definition.table("orders").unwrap();
    let check = |owner: &str, region: &str, expect: [bool; 3]| {
        let values = ["1", owner, region, "5", "c"].map(|text| Value::Text(text.to_owned()));
        let row = Row { id: RowId::from_uuid(Uuid::nil()), version: 1, values: values.into() };
        let found = [&orders.see, &orders.insert, &orders.update].map(|reach| reach.has(table_of, &row));
        assert_eq!(found, expect, "{owner} {region}");
    };
    check("a@x.org", "south", [true, true, true]);
    check("b@x.org", "north", [true, false, false]);
    check("b@x.org", "south", [false; 3]);
    assert_eq!(orders.fill, [("owner".to_owned(), Value::Text("a@x.org".to_owned()))].into());
    // What one of them gives whole is whole.
    assert_eq!(rights(Role::Member, &[grant(table(north)), Grant::default()]).limits, None);
}

#[test]
fn a_column_is_seen_where_one_grant_shows_it_in_all_rows() {
    let check = |grants: &[serde_json::Value], expect: &str| {
        let of = |said: &serde_json::Value| {
            let tables = json!({ "orders": said, "customers": { "level": "none" } });
            grant(json!({ "tables": tables, "actions": { "close": false, "tidy": false } }))
        };
        let mut grants: Vec<Grant> = grants.iter().map(of).collect();
        for _ in 0..2 {
            let found = rights(Role::Member, &grants);
            assert_eq!(found.shape(), format!("limited\norders {expect}\n"), "{grants:?}");
            grants.reverse();
        }
    };
    let north = json!({ "rows": "where", "filter": "north" });
    check(&[json!({ "hidden": ["amount"] }), json!({})], "aaa-");
    check(&[json!({ "hidden": ["amount"], "rows": north }), json!({})], "aaa-");
    check(&[json!({ "hidden": ["amount"] }), json!({ "rows": north })], "aaa- -amount");
    check(&[json!({ "hidden": ["amount"] }), json!({ "hidden": ["region"] })], "aaa-");
    check(
        &[
            json!({ "hidden": ["amount"] }),
            json!({ "hidden": ["region", "amount"] }),
            json!({ "rows": north }),
        ],
        "aaa- -amount",
    );
    check(&[json!({ "level": "view" }), json!({ "hidden": ["amount"] })], "aaa-");
    // Whoever reads all of a column sets it where a grant lets them set it in all rows.
    check(&[json!({ "readOnly": ["amount"] }), json!({ "level": "view" })], "aaa- =amount");
    check(&[json!({ "readOnly": ["amount"] }), json!({})], "aaa-");
    check(&[json!({ "readOnly": ["amount"] }), json!({ "rows": north })], "aaa- =amount");
}

#[test]
fn people_with_the_same_shape_may_see_other_rows() {
    let of = |region: &str| {
        rights(
            Role::Member,
            &[grant(json!({ "tables": { "orders": { "rows": { "rows": "where", "filter": region } } } }))],
        )
    };
    let (north, south) = (of("north"), of("south"));
    assert_eq!(north.shape(), south.shape());
    assert_ne!(north.sight(), south.sight());
    assert!(north.sees_some_rows("orders") && !north.sees_some_rows("customers"));
    assert!(!north.sees_everything(&definition()));
    assert!(Rights::of_role(&definition(), Role::Member).sees_everything(&definition()));
    assert!(!Rights::of_role(&definition(), Role::Guest).sees_everything(&definition()));
}

#[test]
fn what_is_hidden_is_not_in_the_definition() {
    let said = json!({ "level": "view", "actions": { "close": true }, "tables": {
        "orders": { "level": "edit", "hidden": ["amount"], "readOnly": ["region"] },
        "customers": { "level": "none" } } });
    let narrowed = rights(Role::Member, &[grant(said)]).narrowed(&definition()).unwrap();
    let text = serde_json::to_string_pretty(&narrowed).unwrap();
    for hidden in ["amount", "customers"] {
        assert!(!text.contains(hidden), "{hidden} is in {text}");
    }
    insta::assert_snapshot!("narrowed", text);
    assert_eq!(Rights::of_role(&definition(), Role::Guest).narrowed(&definition()), None);
}
