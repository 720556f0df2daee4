//! Definitions that do not fit, one fault at a time.

use serde_json::{Value as Json, json};

use super::*;
use crate::analyse::{analyse_with, tests as sample};

fn workbook() -> Workbook {
    let mut workbook = sample::workbook(&[
        ("Loan", &["Amount|1000", "Rate|0.05", "", "Interest|=B1*B2"]),
        ("Stock", &["SKU|Item|Qty|Value", "a1|Bolt|3|=C2*2", "a2|Nut|4|=C3*2"]),
    ]);
    let name = |name: &str, refers_to: &str| gridkeep_model::workbook::DefinedName {
        name: name.into(),
        sheet: None,
        refers_to: refers_to.into(),
        hidden: false,
    };
    workbook.names = vec![name("Amount", "Loan!$B$1"), name("Both", "Loan!$B$1:$B$2"), name("Five", "5")];
    workbook
}

/// A definition with one of everything, without fault.
fn definition() -> Json {
    let field = |id: &str, cell: &str, mode: &str| {
        json!({ "id": id, "label": "L", "kind": "number", "mode": mode,
            "binding": { "kind": "cell", "sheet": "Loan", "cell": cell, "label": "Amount" } })
    };
    json!({
        "schemaVersion": 1, "name": "App", "icon": "list", "accent": "#1d4ed8", "language": "en",
        "screens": [{ "id": "main", "title": "Main", "icon": "list", "kind": "calculator", "components": [
            { "type": "fields", "id": "inputs", "title": "", "fields": [field("amount", "B1", "write"), field("interest", "B4", "read")] },
            { "type": "grid", "id": "grid", "title": "", "binding": { "kind": "range", "sheet": "Stock", "range": "A2:C3" },
              "columns": [{ "label": "SKU", "offset": 0, "kind": "text", "mode": "read" }] },
            { "type": "chart", "id": "chart", "title": "", "kind": "bar",
              "categories": { "kind": "column", "table": "stock", "column": "item" },
              "series": [{ "label": "Qty", "values": { "kind": "column", "table": "stock", "column": "qty" }, "aggregate": "sum" }] },
            { "type": "list", "id": "rows", "table": "stock", "titleColumn": "item", "columns": ["qty"], "filters": [], "search": ["item"], "detail": ["sku", "item", "qty", "value"] },
            { "type": "form", "id": "add", "table": "stock", "columns": ["sku", "item", "qty"] }
        ] }],
        "tables": [{ "id": "stock", "title": "Stock", "source": { "from": "range", "sheet": "Stock", "range": "A1:D3" }, "key": "sku",
            "columns": [
                { "id": "sku", "title": "SKU", "offset": 0, "type": { "name": "text" }, "kind": "text" },
                { "id": "item", "title": "Item", "offset": 1, "type": { "name": "text" }, "kind": "text" },
                { "id": "qty", "title": "Qty", "offset": 2, "type": { "name": "integer" }, "kind": "integer" },
                { "id": "value", "title": "Value", "offset": 3, "type": { "name": "decimal", "scale": 2 }, "kind": "number", "formula": "C2*2" }
            ] }]
    })
}

fn problems(definition: Json) -> Vec<String> {
    let definition: AppDefinition = serde_json::from_value(definition).expect("well-formed");
    validate(&definition, &workbook())
        .into_iter()
        .map(|problem| format!("{} {:?}", problem.path, problem.code))
        .collect()
}

#[test]
fn each_fault_is_found_at_its_place() {
    let check = |pointer: &str, value: Json, expect: &[&str]| {
        let mut definition = definition();
        *definition.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")) = value;
        assert_eq!(problems(definition), expect, "{pointer}");
    };
    check("/name", json!("App"), &[]);
    check("/schemaVersion", json!(2), &["schemaVersion SchemaVersion"]);
    check("/name", json!(" "), &["name Length"]);
    check("/name", json!("x".repeat(81)), &["name Length"]);
    check("/icon", json!("unicorn"), &["icon Format"]);
    check("/accent", json!("red"), &["accent Format"]);
    check("/accent", json!("#12345g"), &["accent Format"]);
    check("/language", json!("d"), &["language Format"]);
    check("/screens", json!([]), &["screens Missing"]);
    check("/screens/0/id", json!("Main"), &["screens/0/id Format"]);
    check("/screens/0/title", json!(""), &["screens/0/title Length"]);
    let field = "/screens/0/components/0/fields";
    check(&format!("{field}/1/id"), json!("amount"), &["screens/0/components/0/fields/1/id Duplicate"]);
    check(&format!("{field}/0/binding"), json!({ "kind": "name", "name": "amount" }), &[]);
    check(
        &format!("{field}/0/binding"),
        json!({ "kind": "name", "name": "Both" }),
        &["screens/0/components/0/fields/0 WrongBinding"],
    );
    check(
        &format!("{field}/0/binding"),
        json!({ "kind": "name", "name": "Five" }),
        &["screens/0/components/0/fields/0 UnknownName"],
    );
    check(
        &format!("{field}/0/binding/sheet"),
        json!("Lone"),
        &["screens/0/components/0/fields/0 UnknownSheet"],
    );
    check(&format!("{field}/0/binding/cell"), json!("B0"), &["screens/0/components/0/fields/0 OutOfRange"]);
    check(&format!("{field}/0/binding/cell"), json!("B4"), &["screens/0/components/0/fields/0 Calculated"]);
    check(
        &format!("{field}/0/binding"),
        json!({ "kind": "column", "table": "stock", "column": "qty" }),
        &["screens/0/components/0/fields/0 WrongBinding"],
    );
    check(&format!("{field}/0/kind"), json!("choice"), &["screens/0/components/0/fields/0 Missing"]);
    check(
        &format!("{field}/0/label"),
        json!("l".repeat(99)),
        &["screens/0/components/0/fields/0/label Length"],
    );
    check(
        "/screens/0/components/1/columns/0/offset",
        json!(3),
        &["screens/0/components/1/columns/0/offset OutOfRange"],
    );
    check("/screens/0/components/1/columns", json!([]), &["screens/0/components/1/columns Missing"]);
    check("/screens/0/components/1/id", json!("inputs"), &["screens/0/components/1/id Duplicate"]);
    check(
        "/screens/0/components/1/binding/range",
        json!("A1:XFD1048576"),
        &["screens/0/components/1 Length"],
    );
    let chart = "/screens/0/components/2";
    check(
        &format!("{chart}/series"),
        json!([]),
        &["screens/0/components/2/series Missing", "screens/0/components/2 Contradiction"],
    );
    check(&format!("{chart}/series/0/aggregate"), Json::Null, &["screens/0/components/2/series/0 Missing"]);
    check(&format!("{chart}/categories"), Json::Null, &["screens/0/components/2 Contradiction"]);
    check(
        &format!("{chart}/categories/column"),
        json!("no"),
        &["screens/0/components/2/categories UnknownColumn"],
    );
    check("/screens/0/components/3/table", json!("no"), &["screens/0/components/3 UnknownTable"]);
    check(
        "/screens/0/components/3/titleColumn",
        json!("no"),
        &["screens/0/components/3/titleColumn UnknownColumn"],
    );
    check(
        "/screens/0/components/3/search",
        json!(["item", "item"]),
        &["screens/0/components/3/search Duplicate"],
    );
    check(
        "/screens/0/components/4/columns",
        json!(["value"]),
        &["screens/0/components/4/columns Calculated"],
    );
    check("/screens/0/components/4/columns", json!([]), &["screens/0/components/4/columns Missing"]);
    check("/tables/0/key", json!("value"), &["tables/0/key Calculated"]);
    check("/tables/0/key", json!("no"), &["tables/0/key UnknownColumn"]);
    check("/tables/0/source/sheet", json!("No"), &["tables/0/source UnknownSheet"]);
    check("/tables/0/source/range", json!("A1:D1"), &["tables/0/source OutOfRange"]);
    check("/tables/0/source", json!({ "from": "table", "name": "No" }), &["tables/0/source UnknownName"]);
    check(
        "/tables/0/columns/1/id",
        json!("sku"),
        &[
            "tables/0/columns/1 Duplicate",
            "screens/0/components/2/categories UnknownColumn",
            "screens/0/components/3/titleColumn UnknownColumn",
            "screens/0/components/3/search UnknownColumn",
            "screens/0/components/3/detail UnknownColumn",
            "screens/0/components/4/columns UnknownColumn",
        ],
    );
    check("/tables/0/columns/1/offset", json!(9), &["tables/0/columns/1/offset OutOfRange"]);
    check("/tables/0/columns/2/kind", json!("date"), &["tables/0/columns/2/kind Contradiction"]);
    check("/tables/0/columns/3/type/scale", json!(18), &[]);
    check("/tables/0/columns/3/type/scale", json!(19), &["tables/0/columns/3/type OutOfRange"]);
    check(
        "/tables/0/columns/3/offset",
        json!(2),
        &["tables/0/columns/3/offset Duplicate", "tables/0/columns/3/formula NotCalculated"],
    );
}

#[test]
fn what_the_app_fills_is_not_entered() {
    let check = |property: &str, value: Json, expect: &[&str]| {
        let mut definition = definition();
        let column = &mut definition["tables"][0]["columns"][2];
        (column["type"], column["kind"]) = (json!({ "name": "dateTime" }), "dateTime".into());
        column["filled"] = "changed".into();
        definition["screens"][0]["components"][4]["columns"] = json!(["sku", "item"]);
        if !property.is_empty() {
            *definition.pointer_mut(property).expect("a place") = value;
        }
        assert_eq!(problems(definition), expect, "{property}");
    };
    let column = "/tables/0/columns/2";
    check("", Json::Null, &[]);
    check(
        column,
        json!({ "id": "qty", "title": "Qty", "offset": 2, "type": { "name": "date" }, "kind": "date", "filled": "created" }),
        &["tables/0/columns/2/filled Contradiction"],
    );
    check(
        column,
        json!({ "id": "qty", "title": "Qty", "offset": 2, "type": { "name": "dateTime" }, "kind": "dateTime", "filled": "created",
            "validation": { "required": true } }),
        &["tables/0/columns/2/filled Contradiction"],
    );
    check("/tables/0/key", json!("qty"), &["tables/0/key Calculated"]);
    check(
        "/screens/0/components/4/columns",
        json!(["sku", "qty"]),
        &["screens/0/components/4/columns Calculated"],
    );
}

#[test]
fn references_find_one_row_of_a_table() {
    let check = |column: usize, refers: Json, choices: Json, expect: &[&str]| {
        let mut definition = definition();
        definition["tables"][0]["columns"][0]["kind"] = json!("choice");
        definition["tables"][0]["columns"][0]["validation"] =
            json!({ "choices": { "from": "list", "values": ["a1"] } });
        let other = json!({ "id": "loan", "title": "Loan", "source": { "from": "range", "sheet": "Loan", "range": "A1:B4" },
            "columns": [
                { "id": "what", "title": "What", "offset": 0, "type": { "name": "text" }, "kind": "text" },
                { "id": "much", "title": "Much", "offset": 1, "type": { "name": "integer" }, "kind": "integer" }
            ] });
        definition["tables"].as_array_mut().expect("tables").push(other);
        definition["tables"][0]["columns"][column]["refers"] = refers.clone();
        if !choices.is_null() {
            definition["tables"][0]["columns"][column]["kind"] = json!("choice");
            definition["tables"][0]["columns"][column]["validation"] = json!({ "choices": choices });
        }
        assert_eq!(problems(definition), expect, "{refers} {choices}");
    };
    let to = |table: &str, column: &str| json!({ "table": table, "column": column });
    let of = |table: &str, column: &str| json!({ "from": "range", "binding": { "kind": "column", "table": table, "column": column } });
    check(1, to("loan", "what"), Json::Null, &[]);
    check(1, to("loan", "what"), of("loan", "what"), &[]);
    check(2, to("loan", "much"), Json::Null, &[]);
    // Rows of the same table are fine, and so is a column that both refers and is referred to.
    check(1, to("stock", "sku"), Json::Null, &[]);
    check(1, to("no", "what"), Json::Null, &["tables/0/columns/1/refers/table UnknownTable"]);
    check(1, to("loan", "no"), Json::Null, &["tables/0/columns/1/refers/column UnknownColumn"]);
    check(1, to("loan", "much"), Json::Null, &["tables/0/columns/1/refers/column Contradiction"]);
    check(1, to("stock", "item"), Json::Null, &["tables/0/columns/1/refers/column Contradiction"]);
    check(3, to("loan", "much"), Json::Null, &["tables/0/columns/3/refers/column Contradiction"]);
    check(1, to("loan", "what"), of("stock", "sku"), &["tables/0/columns/1/validation/choices WrongBinding"]);
    check(1, Json::Null, of("loan", "what"), &["tables/0/columns/1/validation/choices WrongBinding"]);
}

#[test]
fn what_repeats_is_not_referred_to() {
    let check = |rows: &[&str], expect: &[&str]| {
        let workbook = sample::workbook(&[("S", rows), ("O", &["Who|What", "a|b", "c|d"])]);
        let column = |id: &str, offset: u32| json!({ "id": id, "title": id, "offset": offset, "type": { "name": "text" }, "kind": "text" });
        let mut refers = column("who", 0);
        refers["refers"] = json!({ "table": "s", "column": "name" });
        let mut definition = definition();
        definition["screens"][0]["components"] =
            json!([{ "type": "form", "id": "add", "table": "o", "columns": ["who"] }]);
        definition["tables"] = json!([
            { "id": "s", "title": "S", "source": { "from": "range", "sheet": "S", "range": "A1:B9" }, "columns": [column("name", 1)] },
            { "id": "o", "title": "O", "source": { "from": "range", "sheet": "O", "range": "A1:B3" }, "columns": [refers] },
        ]);
        let definition: AppDefinition = serde_json::from_value(definition).expect("well-formed");
        let found: Vec<_> = validate(&definition, &workbook)
            .into_iter()
            .map(|p| format!("{} {:?}", p.path, p.code))
            .collect();
        assert_eq!(found, expect, "{rows:?}");
    };
    let repeats = ["tables/1/columns/0/refers/column Duplicate"];
    check(&["No|Name", "1|Ann", "2|Bo", "3|", "4|"], &[]);
    check(&["No|Name", "1|Ann", "2|ann "], &repeats);
    check(&["No|Name", "1|7", "2|7"], &repeats);
}

#[test]
fn conditions_and_validations_must_make_sense() {
    let check = |condition: Json, validation: Json, expect: &[&str]| {
        let mut definition = definition();
        definition["screens"][0]["components"][0]["fields"][0]["visibleWhen"] = condition.clone();
        definition["screens"][0]["components"][0]["fields"][0]["validation"] = validation.clone();
        assert_eq!(problems(definition), expect, "{condition} {validation}");
    };
    let cell = json!({ "kind": "cell", "sheet": "Loan", "cell": "B1" });
    let field = "screens/0/components/0/fields/0";
    check(json!({ "binding": cell, "comparison": "filled" }), json!({ "minimum": 1.0, "maximum": 2.0 }), &[]);
    let wrong = format!("{field}/visibleWhen Contradiction");
    check(json!({ "binding": cell, "comparison": "greaterThan", "value": "x" }), json!({}), &[&wrong]);
    check(json!({ "binding": cell, "comparison": "equals" }), json!({}), &[&wrong]);
    let wrong = format!("{field} Contradiction");
    check(Json::Null, json!({ "minimum": 3.0, "maximum": 2.0 }), &[&wrong]);
    let wrong = format!("{field} Missing");
    check(Json::Null, json!({ "choices": { "from": "list", "values": [] } }), &[&wrong]);
    let wrong = format!("{field}/choices UnknownSheet");
    let range = json!({ "kind": "range", "sheet": "No", "range": "A1:A2" });
    check(Json::Null, json!({ "choices": { "from": "range", "binding": range } }), &[&wrong]);
}

mod any_workbook {
    use proptest::prelude::*;

    use super::*;
    use crate::propose::propose;

    fn cell() -> impl Strategy<Value = String> {
        prop_oneof![
            3 => Just(String::new()),
            3 => "[A-Za-zäß]{1,8}( [a-z]{1,6})?:?",
            3 => (-1000_i32..100_000).prop_map(|number| format!("{}", f64::from(number) / 4.0)),
            1 => "[0-9]{3,6}[a-z]",
            1 => prop_oneof![Just("yes"), Just("no"), Just("n/a"), Just("Total"), Just("Summe")].prop_map(str::to_owned),
            2 => (1_u32..6, 1_u32..12, any::<bool>()).prop_map(|(column, row, fixed)| {
                let letters = gridkeep_model::address::column_letters(column);
                if fixed { format!("=${letters}${row}*2") } else { format!("=SUM({letters}{row}:{letters}{})", row + 3) }
            }),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn every_proposal_is_valid_and_survives_its_json(
            first in prop::collection::vec(prop::collection::vec(cell(), 1..6), 0..14),
            second in prop::collection::vec(prop::collection::vec(cell(), 1..5), 0..8),
            table in any::<bool>(),
        ) {
            let lines = |rows: &[Vec<String>]| rows.iter().map(|row| row.join("|")).collect::<Vec<_>>();
            let (first, second) = (lines(&first), lines(&second));
            let text = |lines: &[String]| lines.iter().map(String::as_str).map(str::to_owned).collect::<Vec<String>>();
            let (first, second) = (text(&first), text(&second));
            let (a, b): (Vec<&str>, Vec<&str>) = (first.iter().map(String::as_str).collect(), second.iter().map(String::as_str).collect());
            let mut workbook = sample::workbook(&[("Sheet1", &a), ("My 2nd sheet", &b)]);
            if table && let Some(range) = workbook.sheets[0].used_range().filter(|range| range.rows() >= 2) {
                let columns = (0..range.columns()).map(|n| gridkeep_model::workbook::TableColumn { name: format!("C{n}"), formula: None });
                let columns = columns.collect();
                workbook.tables.push(gridkeep_model::workbook::Table { name: "T".into(), sheet: 0, range, has_headers: true, has_totals: false, columns });
            }
            let analysis = analyse_with(&workbook, &sample::cached(&workbook));
            let proposals = propose(&workbook, &analysis, "any.xlsx");
            prop_assert_eq!(proposals.is_empty(), crate::propose::why_none(&workbook).is_some());
            for proposal in &proposals {
                prop_assert_eq!(validate(&proposal.definition, &workbook), vec![]);
                let json = serde_json::to_string(proposal).expect("JSON");
                let back: crate::Proposal = serde_json::from_str(&json).expect("the same");
                prop_assert_eq!(&back, proposal);
                prop_assert!(!proposal.reasons.is_empty());
            }
        }
    }
}

#[test]
fn actions_name_what_is_there() {
    let check = |pointer: &str, value: Json, expect: &[&str]| {
        let mut definition = definition();
        definition["actions"] = json!([{
            "id": "receive", "title": "Receive", "table": "stock",
            "parameters": [{ "id": "pieces", "title": "Pieces", "type": { "name": "integer" }, "kind": "integer", "validation": { "required": true } }],
            "when": "AND([@Qty]<100,pieces<=Amount)",
            "steps": [
                { "do": "set", "values": { "qty": { "formula": "[@Qty]+pieces" } } },
                { "do": "update", "table": "stock", "where": [{ "column": "item", "comparison": "equals", "value": { "formula": "[@Item]" } }],
                  "values": { "item": { "value": "Bolt" } } },
            ],
        }]);
        if !pointer.is_empty() {
            *definition.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")) = value.clone();
        }
        assert_eq!(problems(definition), expect, "{pointer} {value}");
    };
    check("", Json::Null, &[]);
    check("/actions/0/id", json!("Receive"), &["actions/0/id Format"]);
    check("/actions/0/title", json!(""), &["actions/0/title Length"]);
    check(
        "/actions/0/table",
        json!("none"),
        &["actions/0/table UnknownTable", "actions/0/when Format", "actions/0/steps/1/where/0/value Format"],
    );
    check("/actions/0/steps", json!([]), &["actions/0/steps Missing"]);
    check("/actions/0/when", json!("[@Nothing]=1"), &["actions/0/when Format"]);
    check("/actions/0/when", json!("B1=1"), &["actions/0/when Format"]);
    check("/actions/0/when", json!("Loan!B1=1"), &[]);
    check("/actions/0/when", json!("Other!B1=1"), &["actions/0/when UnknownSheet"]);
    check("/actions/0/when", json!("amuont=1"), &["actions/0/when UnknownName"]);
    check("/actions/0/when", json!("SUM(("), &["actions/0/when Format"]);
    check(
        "/actions/0/parameters/0/id",
        json!("qty1"),
        &[
            "actions/0/parameters/0/id Format",
            "actions/0/when UnknownName",
            "actions/0/steps/0/values/qty UnknownName",
        ],
    );
    check("/actions/0/parameters/0/kind", json!("date"), &["actions/0/parameters/0/kind Contradiction"]);
    check("/actions/0/steps/0", json!({ "do": "set", "values": {} }), &["actions/0/steps/0/values Missing"]);
    check(
        "/actions/0/steps/0/values",
        json!({ "value": { "value": 1 } }),
        &["actions/0/steps/0/values/value Calculated"],
    );
    check(
        "/actions/0/steps/0/values",
        json!({ "qty": { "value": "x" } }),
        &["actions/0/steps/0/values/qty Format"],
    );
    check(
        "/actions/0/steps/0/values",
        json!({ "none": { "value": 1 } }),
        &["actions/0/steps/0/values/none UnknownColumn"],
    );
    check("/actions/0/steps/1/table", json!("none"), &["actions/0/steps/1/table UnknownTable"]);
    check(
        "/actions/0/steps/1",
        json!({ "do": "delete", "table": "stock", "where": [] }),
        &["actions/0/steps/1/where Missing"],
    );
    check(
        "/actions/0/steps/1/where/0",
        json!({ "column": "item", "comparison": "equals" }),
        &["actions/0/steps/1/where/0/value Missing"],
    );
    check("/actions/0/steps/1/where/0", json!({ "column": "item", "comparison": "filled" }), &[]);
}

#[test]
fn files_stand_only_where_files_can() {
    let check = |change: fn(&mut Json), expect: &[&str]| {
        let mut definition = definition();
        let columns = definition["tables"][0]["columns"].as_array_mut().expect("columns");
        columns.push(json!({ "id": "photo", "title": "Photo", "type": { "name": "text" }, "kind": "file",
            "validation": { "required": true, "pictures": true, "maxBytes": 5_000_000 } }));
        change(&mut definition);
        assert_eq!(problems(definition), expect);
    };
    check(|_| (), &[]);
    check(|d| d["tables"][0]["columns"][4]["offset"] = json!(1), &[]);
    let shown = |d: &mut Json| {
        d["screens"][0]["components"][3]["columns"] = json!(["photo"]);
        d["screens"][0]["components"][3]["detail"] = json!(["photo"]);
        d["screens"][0]["components"][4]["columns"] = json!(["photo"]);
    };
    check(shown, &[]);
    check(|d| d["tables"][0]["key"] = json!("photo"), &["tables/0/columns/4 Contradiction"]);
    check(|d| d["tables"][0]["columns"][4]["formula"] = json!("C2"), &["tables/0/columns/4 Contradiction"]);
    check(
        |d| d["tables"][0]["columns"][4]["validation"]["maxBytes"] = json!(0),
        &["tables/0/columns/4/validation/maxBytes OutOfRange"],
    );
    check(
        |d| d["tables"][0]["columns"][4]["type"]["name"] = json!("integer"),
        &["tables/0/columns/4/kind Contradiction"],
    );
    check(
        |d| d["tables"][0]["columns"][1]["validation"] = json!({ "pictures": true }),
        &["tables/0/columns/1 Contradiction"],
    );
    check(
        |d| d["screens"][0]["components"][0]["fields"][0]["kind"] = json!("file"),
        &["screens/0/components/0/fields/0 Contradiction"],
    );
    let list = "screens/0/components/3 Contradiction";
    check(|d| d["screens"][0]["components"][3]["titleColumn"] = json!("photo"), &[list]);
    check(|d| d["screens"][0]["components"][3]["search"] = json!(["photo"]), &[list]);
    check(|d| d["screens"][0]["components"][3]["filters"] = json!(["photo"]), &[list]);
    check(|d| d["screens"][0]["components"][3]["sort"] = json!({ "column": "photo" }), &[list]);
    let set = |d: &mut Json| {
        d["actions"] = json!([{ "id": "go", "title": "Go", "table": "stock",
            "steps": [{ "do": "set", "values": { "photo": { "value": "x" } } }] }]);
    };
    check(set, &["actions/0/steps/0/values/photo Contradiction"]);
}
