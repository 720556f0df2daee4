//! URLs against the projection of a small stock list.

use std::fmt::Write as _;

use gridkeep_model::{AppDefinition, ColumnType, definition::Role};
use jiff::civil;

use super::{Ground, PageLimits, Read, Target, target};
use crate::{
    project::Projection,
    syntax::{Limits, ast::Request},
};

pub(super) fn projection() -> Projection {
    let column = |id: &str, kind: ColumnType| serde_json::json!({"id": id, "title": id, "offset": 0, "kind": "text", "type": kind});
    let definition: AppDefinition = serde_json::from_value(serde_json::json!({
        "schemaVersion": 1, "name": "Stock", "description": "", "icon": "box", "accent": "#336699", "language": "en",
        "screens": [],
        "tables": [{
            "id": "stock", "title": "Stock", "key": "sku",
            "source": {"from": "table", "name": "Stock"},
            "columns": [
                column("sku", ColumnType::Text), column("item", ColumnType::Text), column("qty", ColumnType::Integer),
                column("unit_price", ColumnType::Decimal { scale: 2 }), column("since", ColumnType::Date),
                column("counted", ColumnType::DateTime), column("weight", ColumnType::Double),
                column("active", ColumnType::Boolean),
            ]
        }]
    }))
    .unwrap();
    Projection::of_app(&definition, Role::Maker)
}

/// What a URL is bound to, or why not.
fn bound(url: &str) -> String {
    let now = civil::date(2026, 11, 21).at(12, 0, 0, 0);
    let request = match Request::parse(url, &Limits::default()) {
        Ok(request) => request,
        Err(error) => return format!("{:?} {}: {error}", error.kind, error.code),
    };
    let projection = projection();
    let described = target(&request, &projection, now).and_then(|found| match found {
        Target::Collection { set, filter, part } => {
            let read = Read::of(
                Ground { projection: &projection, set, now },
                filter,
                &request.options,
                PageLimits::default(),
                0,
            )?;
            Ok(format!(
                "{part:?} {:#?}\nselected {:?}, left {:?}",
                read.query, read.shape.selected, read.left
            ))
        }
        Target::Entity { key, part, .. } => Ok(format!("{key:?} {part:?}")),
        other => Ok(format!("{other:?}")),
    });
    described.unwrap_or_else(|error| format!("{:?} {}: {error}", error.kind, error.code))
}

#[test]
fn collections_become_queries() {
    let check = |name: &str, url: &str| insta::assert_snapshot!(name, format!("{url}\n{}", bound(url)));
    check("plain", "Stock");
    check(
        "filter",
        "Stock?$filter=Qty gt 3 and (UnitPrice le 19.90 or Item eq null) and not contains(Item,'x')&$top=5&$count=true",
    );
    check(
        "shape",
        "Stock?$select=Item,UnitPrice,Double&$compute=Qty mul 2 as Double&$orderby=Double desc,Item&$skip=10",
    );
    check("segments", "Stock/$filter(Qty gt 3)/$count?$filter=Active");
    check("search", "Stock?$search=motor AND NOT \"old one\"");
    check(
        "moments",
        "Stock?$filter=year(Since) eq 2026 and Counted lt now() and Since ge '2026-01-01' and Counted ge 2026-11-21T00:00:00%2B01:00",
    );
    check("aliases", "Stock?$filter=Qty in (1,@a) or Item eq @b&@a=2&@b='x'");
}

#[test]
fn paths_name_entities_and_their_parts() {
    let check = |url: &str, expect: &str| {
        let found = bound(url);
        assert!(found.starts_with(expect), "{url}: {found}");
    };
    let id = "018f0000-0000-7000-8000-000000000001";
    let row = format!("Row(RowId({id}))");
    check(&format!("Stock({id})"), &format!("{row} Whole"));
    check(&format!("Stock/{id}"), &format!("{row} Whole"));
    check(&format!("Stock(RowId={id})/Item"), &format!("{row} Property"));
    check(&format!("Stock({id})/Item/$value"), &format!("{row} Value"));
    check(&format!("Stock({id})/$ref"), &format!("{row} Ref"));
    check("Stock(Sku='0007')", "Columns([(\"sku\", Text(\"0007\"))]) Whole");
    check("Stock(Sku=@k)/App.StockRow?@k='1'", "Columns([(\"sku\", Text(\"1\"))]) Whole");
    check("", "Service");
    check("$metadata", "Metadata");
}

#[test]
fn what_does_not_fit_is_refused_with_its_place() {
    let check = |url: &str, expect: &str| assert_eq!(bound(url), expect, "{url}");
    check("Nothing", "NotFound UNKNOWN_SEGMENT: there is no Nothing here (at position 1)");
    check("Stock/Item", "NotFound UNKNOWN_SEGMENT: nothing of Stock is called Item (at position 7)");
    check(
        "Stock(Item='x')",
        "Malformed INVALID_KEY: entities of Stock are named by RowId or Sku (at position 1)",
    );
    check("Stock(1)", "Malformed INVALID_KEY: entities of Stock are named by RowId or Sku (at position 1)");
    check(
        "Stock?$filter=Colour eq 'x'",
        "Malformed UNKNOWN_PROPERTY: Stock has no property Colour (at position 15)",
    );
    check(
        "Stock?$filter=Qty eq 'three'",
        "Malformed INVALID_VALUE: 'three' is no Edm.Int64 value (at position 22)",
    );
    check(
        "Stock?$filter=Item gt 3",
        "Malformed TYPE_MISMATCH: Edm.String and Edm.Int64 do not go together (at position 15)",
    );
    check(
        "Stock?$filter=Item",
        "Malformed TYPE_MISMATCH: Edm.Boolean and Edm.String do not go together (at position 15)",
    );
    check(
        "Stock?$filter=Qty/Whole eq 1",
        "Malformed NOT_STRUCTURED: nothing can follow a single value (at position 19)",
    );
    check(
        "Stock?$filter=@a eq 1&@a=@b&@b=@a",
        "Malformed CIRCULAR_ALIAS: the alias @a is defined by itself (at position 32)",
    );
    check("Stock?$select=Nope", "Malformed UNKNOWN_PROPERTY: Stock has no property Nope (at position 15)");
    check(
        "Stock?$expand=Items",
        "Malformed UNKNOWN_PROPERTY: Stock has no navigation property Items (at position 15)",
    );
    check(
        "Stock?$skiptoken=abc",
        "Malformed INVALID_SKIPTOKEN: this $skiptoken does not belong to this request; follow the nextLink as it was given (at position 18)",
    );
}

#[test]
fn aliases_of_aliases_stay_bounded() {
    let mut url = "Stock?$filter=@a0 gt 1&@a40=1".to_owned();
    for number in 0..40 {
        let _ = write!(url, "&@a{number}=@a{0} add @a{0}", number + 1);
    }
    let found = bound(&url);
    assert!(found.starts_with("TooLarge TOO_LARGE: an expression has at most 40000 parts"), "{found}");
}
