//! Rights limit what transactions do: tables of operations and what becomes of them.

use std::collections::BTreeMap;

use gridkeep_model::{
    definition::Role,
    rights::{Asker, Bound, Grant, Rights},
};
use serde_json::{Value as Json, json};

use super::*;
use crate::apply::tests::{definition, run_as};

/// What comes of operations for somebody with this grant on items, who sees those that the condition is about.
fn run(said: &Json, only: Option<Expr>, operations: Json) -> String {
    let definition = definition();
    let grant: Grant = serde_json::from_value(json!({ "tables": { "items": said } })).unwrap();
    let only = only.map(|only| ("items".to_owned(), only)).into_iter().collect::<BTreeMap<_, _>>();
    let bound = Bound { grant: &grant, only, address: Some("ann") };
    let rights = Rights::granted(&definition, Role::Member, &[bound]);
    run_as(&definition, Asker::from(&rights), operations)
}

fn row(number: u128) -> String {
    RowId::from_uuid(uuid::Uuid::from_u128(number)).to_string()
}

fn update(number: u128, values: &Json) -> Json {
    json!([{ "type": "update", "table": "items", "id": row(number), "baseVersion": 3, "values": values }])
}

fn insert(values: &Json) -> Json {
    json!([{ "type": "insert", "table": "items", "id": row(9), "values": values }])
}

#[test]
fn what_is_not_seen_is_refused_as_what_is_not_there() {
    // Rows are `one` and `two`; the first is seen.
    let check = |said: Json, operations: Json, expect: &str| {
        let rows = json!({ "rows": "where", "filter": "one" });
        let mut said = said;
        said["rows"] = rows;
        let only = Expr::column("code").compare(Operator::Eq, "one".into());
        assert_eq!(run(&said, Some(only), operations.clone()), expect, "{said} {operations}");
    };
    let found = "0 - {\"code\":\"notFound\"}";
    let delete =
        |number| json!([{ "type": "delete", "table": "items", "id": row(number), "baseVersion": 3 }]);
    check(json!({}), update(2, &json!({ "count": 5 })), found);
    check(json!({}), update(7, &json!({ "count": 5 })), found);
    check(json!({}), update(2, &json!({ "nothing": 5 })), found);
    check(json!({}), delete(2), found);
    check(json!({}), delete(1), "- 3");
    check(json!({}), update(1, &json!({ "count": 5 })), "3 [\"one\",5,null,\"0.00\",null,null]");
    // What comes of it must still be hers.
    let forbidden = "0 - {\"code\":\"forbidden\"}";
    check(json!({}), update(1, &json!({ "code": "three" })), forbidden);
    check(json!({}), insert(&json!({ "code": "three", "count": 1 })), forbidden);
    // Level decides what may be done at all.
    check(json!({ "level": "view" }), update(1, &json!({ "count": 5 })), forbidden);
    check(json!({ "level": "submit" }), delete(1), forbidden);
    check(json!({ "level": "none" }), update(1, &json!({})), "0 - {\"code\":\"unknownTable\"}");
    // A row made before in the same transaction is there, as far as it is seen.
    let mut both = insert(&json!({ "code": "two", "count": 1 }));
    both.as_array_mut().unwrap().extend(update(9, &json!({ "count": 2 })).as_array().unwrap().clone());
    check(json!({}), both, "0 code {\"code\":\"duplicate\"}; 1 - {\"code\":\"notFound\"}");
}

#[test]
fn columns_are_hidden_kept_and_filled() {
    let check = |said: Json, only: Option<Expr>, operations: Json, expect: &str| {
        assert_eq!(run(&said, only, operations.clone()), expect, "{said} {operations}");
    };
    let hidden = json!({ "hidden": ["price", "day"] });
    let unknown = "0 aaa {\"code\":\"unknownColumn\"}; 0 price {\"code\":\"unknownColumn\"}; \
        0 zzz {\"code\":\"unknownColumn\"}; 0 count {\"code\":\"value\",\"error\":\"wrongType\"}";
    check(
        hidden.clone(),
        None,
        update(1, &json!({ "zzz": 1, "price": "9.99", "aaa": 1, "count": "x" })),
        unknown,
    );
    check(hidden, None, update(1, &json!({ "count": 5 })), "3 [\"one\",5,null,\"0.00\",null,null]");
    let kept = json!({ "readOnly": ["count"] });
    check(kept.clone(), None, update(1, &json!({ "count": 5 })), "0 count {\"code\":\"readOnly\"}");
    check(kept, None, insert(&json!({ "code": "new" })), "0 count {\"code\":\"required\"}");
    // What is wrong with a column that is not seen is not said.
    let hidden = json!({ "hidden": ["count"] });
    check(hidden, None, insert(&json!({ "code": "new" })), "0 - {\"code\":\"forbidden\"}");
    // One's own rows: the address stands in them, given or not.
    let own = json!({ "level": "submit", "rows": { "rows": "own", "column": "code" } });
    let hers = || Some(Expr::column("code").compare(Operator::Eq, "ann".into()));
    check(own.clone(), hers(), insert(&json!({ "count": 1 })), "+ [\"ann\",1,null,\"0.00\",null,null]");
    check(
        own.clone(),
        hers(),
        insert(&json!({ "code": "ann", "count": 1 })),
        "+ [\"ann\",1,null,\"0.00\",null,null]",
    );
    check(
        own.clone(),
        hers(),
        insert(&json!({ "code": "", "count": 1 })),
        "+ [\"ann\",1,null,\"0.00\",null,null]",
    );
    check(own, hers(), insert(&json!({ "code": "bob", "count": 1 })), "0 - {\"code\":\"forbidden\"}");
}
