//! Actions of an expense list, run and refused.

use gridkeep_model::{
    AppDefinition, CellAt, CellValue, Query, Row, RowChange, RowId, Transaction, TransactionId, Value,
    Workbook,
    definition::Role,
    query::{Expr, Page, Tables},
    workbook::{Cell, DefinedName, Sheet},
};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::{
    LoadOptions,
    apply::{RowFormulas, Rows, apply},
};

struct Memory<'a> {
    definition: &'a AppDefinition,
    rows: Vec<(&'static str, Row)>,
}

impl Rows for Memory<'_> {
    type Error = std::convert::Infallible;

    fn row(&mut self, table: &str, id: RowId) -> Result<Option<Row>, Self::Error> {
        Ok(self.rows.iter().find(|(own, row)| *own == table && row.id == id).map(|(_, row)| row.clone()))
    }

    fn key_taken(&mut self, table: &str, _: &str, value: &Value, except: RowId) -> Result<bool, Self::Error> {
        Ok(self.rows.iter().any(|(own, row)| *own == table && row.id != except && row.values[0] == *value))
    }

    fn matching(&mut self, table: &str, condition: &Expr, most: usize) -> Result<Vec<Row>, Self::Error> {
        let rows: Vec<Row> =
            self.rows.iter().filter(|(own, _)| *own == table).map(|(_, row)| row.clone()).collect();
        let schema = self.definition.table(table).expect("the table").schema();
        let (filter, page) = (Some(condition.clone()), Page::first(most as u32));
        let query = Query { table: table.into(), filter, page, ..Query::unlimited() };
        Ok(query.select(&Tables::of(schema, &rows)).expect("a condition").rows)
    }
}

fn id(number: u128) -> RowId {
    RowId::from_uuid(Uuid::from_u128(number))
}

fn definition(actions: &Json) -> AppDefinition {
    let column = |id: &str, title: &str, offset: u32, kind: Json| json!({ "id": id, "title": title, "offset": offset, "type": kind, "kind": "text" });
    let text = || json!({ "name": "text" });
    let money = || json!({ "name": "decimal", "scale": 2 });
    let source = |range: &str| json!({ "from": "range", "sheet": "S", "range": range });
    let mut status = column("status", "Status", 2, text());
    status["validation"] = json!({ "choices": { "from": "list", "values": ["open", "approved", "paid"] } });
    let mut double = column("double", "Double", 3, money());
    double["formula"] = json!("B2*2");
    serde_json::from_value(json!({
        "schemaVersion": 1, "name": "T", "icon": "list", "accent": "#000000", "language": "en", "screens": [],
        "tables": [
            { "id": "expenses", "title": "Expenses", "source": source("A1:D3"), "key": "number", "columns": [
                column("number", "Number", 0, text()), column("amount", "Unit Amount", 1, money()), status, double ] },
            { "id": "log", "title": "Log", "source": source("F1:G3"), "columns": [
                column("what", "What", 0, text()), column("amount", "Amount", 1, money()) ] },
        ],
        "actions": actions,
    }))
    .expect("a definition")
}

fn workbook() -> Workbook {
    let cell = |at: &str, value: f64| Cell {
        at: at.parse::<CellAt>().expect("an address"),
        value: CellValue::Number(value),
        formula: None,
        style: 0,
    };
    let name = DefinedName { name: "Limit".into(), sheet: None, refers_to: "S!$J$1".into(), hidden: false };
    Workbook {
        sheets: vec![Sheet::new("S", vec![cell("J1", 100.0), cell("B2", 1.0)])],
        names: vec![name],
        ..Workbook::default()
    }
}

fn shown(changes: &[RowChange]) -> String {
    let values = |values: &[Value]| {
        serde_json::to_string(&values.iter().map(Value::to_json).collect::<Vec<_>>()).expect("JSON")
    };
    let change = |change: &RowChange| match change {
        RowChange::Insert { table, values: own, .. } => format!("+ {table} {}", values(own)),
        RowChange::Update { table, base_version, values: own, .. } => {
            format!("{base_version} {table} {}", values(own))
        }
        RowChange::Delete { table, base_version, .. } => format!("- {table} {base_version}"),
    };
    changes.iter().map(change).collect::<Vec<_>>().join("; ")
}

fn run(actions: &Json, role: Role, operations: Json) -> String {
    let definition = definition(actions);
    let row = |number: u128, code: &str, amount: &str, status: &str| {
        let text = |text: &str| Value::Text(text.into());
        let amount = || Value::Decimal(amount.parse().expect("a decimal"));
        (
            "expenses",
            Row { id: id(number), version: 3, values: vec![text(code), amount(), text(status), amount()] },
        )
    };
    let rows =
        vec![row(1, "E1", "50.10", "open"), row(2, "E2", "200.00", "open"), row(3, "E3", "7.00", "paid")];
    let mut memory = Memory { definition: &definition, rows };
    let options = LoadOptions::at("2026-11-21T20:00:00".parse().expect("a moment"));
    let mut formulas = RowFormulas::new(&workbook(), &definition, &options).expect("loads");
    let operations = serde_json::from_value(operations).expect("operations");
    let transaction = Transaction { id: TransactionId::from_uuid(Uuid::from_u128(7)), operations };
    let Ok(result) = apply(&definition, &transaction, role, &mut memory, &mut formulas);
    match result {
        Ok(changes) => format!("{:?} {}", changes.operations, shown(&changes.rows)),
        Err(problems) => problems
            .iter()
            .map(|problem| {
                let within = problem.within.as_deref().map(|within| {
                    let step = within.step.map(|step| format!("#{step}")).unwrap_or_default();
                    let own = within.parameter.as_ref().map(|own| format!("({own})")).unwrap_or_default();
                    format!("{}{step}{own}", within.action)
                });
                let reason = serde_json::to_string(&problem.reason).expect("JSON");
                format!(
                    "{} {} {} {reason}",
                    problem.operation,
                    within.unwrap_or_default(),
                    problem.column.as_deref().unwrap_or("-")
                )
            })
            .collect::<Vec<_>>()
            .join("; "),
    }
}

fn approve() -> Json {
    json!([{
        "id": "approve", "title": "Approve", "table": "expenses",
        "parameters": [
            { "id": "note", "title": "Note", "type": { "name": "text" }, "kind": "text", "validation": { "maxLength": 5 } },
            { "id": "bonus", "title": "Bonus", "type": { "name": "decimal", "scale": 2 }, "kind": "currency",
              "validation": { "minimum": 0.0, "maximum": 10.0 } },
        ],
        "when": "AND([@Status]=\"open\",[@[Unit Amount]]+bonus<=Limit)", "refusal": "Only small open ones.",
        "steps": [
            { "do": "set", "values": { "status": { "value": "approved" }, "amount": { "formula": "[@[Unit Amount]]+bonus" } } },
            { "do": "insert", "table": "log", "values": {
                "what": { "formula": "[@Number]&\": \"&[@Status]&\" \"&note" }, "amount": { "formula": "[@[Unit Amount]]" } } },
        ],
    }])
}

fn call(action: &str, row: u128, arguments: &Json) -> Json {
    json!({ "type": "call", "action": action, "row": id(row), "baseVersion": 3, "arguments": arguments })
}

#[test]
fn steps_follow_each_other_in_one_transaction() {
    let check = |arguments: Json, row: u128, expect: &str| {
        assert_eq!(run(&approve(), Role::Member, json!([call("approve", row, &arguments)])), expect);
    };
    check(
        json!({ "note": "ok", "bonus": "1.05" }),
        1,
        r#"[0, 0] 3 expenses ["E1","51.15","approved","102.30"]; + log ["E1: approved ok","51.15"]"#,
    );
    check(
        json!({}),
        1,
        r#"[0, 0] 3 expenses ["E1","50.10","approved","100.20"]; + log ["E1: approved ","50.10"]"#,
    );
    check(json!({}), 2, r#"0 approve - {"code":"notNow","message":"Only small open ones."}"#);
    check(json!({}), 3, r#"0 approve - {"code":"notNow","message":"Only small open ones."}"#);
    check(
        json!({ "note": "too long", "bonus": 11, "more": 1 }),
        1,
        concat!(
            r#"0 approve(more) - {"code":"unknownParameter"}; 0 approve(note) - {"code":"tooLong","maximum":5}; "#,
            r#"0 approve(bonus) - {"code":"tooLarge","maximum":"10"}"#
        ),
    );
    check(json!({ "bonus": "much" }), 1, r#"0 approve(bonus) - {"code":"value","error":"wrongType"}"#);
    check(json!({}), 9, r#"0 approve - {"code":"notFound"}"#);
}

#[test]
fn calls_are_refused() {
    let check = |role: Role, operation: Json, expect: &str| {
        assert_eq!(run(&approve(), role, json!([operation.clone()])), expect, "{operation}");
    };
    check(Role::Guest, call("approve", 1, &json!({})), r#"0 approve - {"code":"forbidden"}"#);
    check(Role::Member, call("pay", 1, &json!({})), r#"0 pay - {"code":"unknownAction"}"#);
    check(Role::Member, json!({ "type": "call", "action": "approve" }), r#"0 approve - {"code":"wrongRow"}"#);
    let old = json!({ "type": "call", "action": "approve", "row": id(1), "baseVersion": 2 });
    check(Role::Member, old, r#"0 approve - {"code":"conflict","current":3}"#);
    // Whatever the version is.
    let any = json!([{ "type": "call", "action": "approve", "row": id(1) }]);
    assert!(run(&approve(), Role::Maker, any).starts_with("[0, 0] 3 expenses"));
    // The second call finds what the first has made of the row.
    let twice = json!([call("approve", 1, &json!({})), call("approve", 1, &json!({}))]);
    assert_eq!(
        run(&approve(), Role::Member, twice),
        r#"1 approve - {"code":"notNow","message":"Only small open ones."}"#
    );
}

#[test]
fn rows_of_a_table_are_changed_and_removed() {
    let actions = json!([
        { "id": "raise", "title": "Raise", "parameters": [
            { "id": "rate", "title": "Rate", "type": { "name": "double" }, "kind": "percent", "validation": { "required": true } } ],
          "steps": [ { "do": "update", "table": "expenses",
            "where": [ { "column": "status", "comparison": "equals", "value": { "value": "open" } } ],
            "values": { "amount": { "formula": "ROUND([@[Unit Amount]]*(1+rate),2)" } } } ] },
        { "id": "clear", "title": "Clear", "table": "expenses", "steps": [
            { "do": "set", "values": { "status": { "value": "paid" } } },
            { "do": "delete", "table": "expenses", "where": [
                { "column": "status", "comparison": "equals", "value": { "formula": "[@Status]" } },
                { "column": "number", "comparison": "notEquals", "value": { "formula": "[@Number]" } } ] } ] },
        { "id": "halve", "title": "Halve", "table": "expenses", "steps": [
            { "do": "update", "table": "expenses", "where": [ { "column": "amount", "comparison": "greaterThan", "value": { "formula": "[@[Unit Amount]]" } } ],
              "values": { "amount": { "formula": "Expenses[@[Unit Amount]]/2" }, "number": { "formula": "[@Number]&\"!\"" } } } ] },
        { "id": "wrong", "title": "Wrong", "table": "expenses", "steps": [
            { "do": "set", "values": { "status": { "value": "gone" }, "double": { "value": 1 }, "none": { "value": 1 } } } ] },
        { "id": "broken", "title": "Broken", "table": "expenses", "steps": [
            { "do": "set", "values": { "amount": { "formula": "1/0" }, "status": { "formula": "[@Nothing]" } } } ] },
        { "id": "same", "title": "Same", "table": "expenses", "steps": [
            { "do": "update", "table": "expenses", "values": { "number": { "value": "X" } } } ] },
    ]);
    let check = |operation: Json, expect: &str| {
        assert_eq!(run(&actions, Role::Maker, json!([operation.clone()])), expect, "{operation}");
    };
    check(
        json!({ "type": "call", "action": "raise", "arguments": { "rate": 0.1 } }),
        r#"[0, 0] 3 expenses ["E1","55.11","open","110.22"]; 3 expenses ["E2","220.00","open","440.00"]"#,
    );
    check(json!({ "type": "call", "action": "raise" }), r#"0 raise(rate) - {"code":"required"}"#);
    check(call("clear", 1, &json!({})), r#"[0, 0] 3 expenses ["E1","50.10","paid","100.20"]; - expenses 3"#);
    check(call("halve", 1, &json!({})), r#"[0] 3 expenses ["E2!","25.05","open","50.10"]"#);
    check(
        call("wrong", 1, &json!({})),
        concat!(
            r#"0 wrong#0 none {"code":"unknownColumn"}; 0 wrong#0 status {"code":"notAChoice"}; "#,
            r#"0 wrong#0 double {"code":"readOnly"}"#
        ),
    );
    check(
        call("broken", 1, &json!({})),
        concat!(
            r##"0 broken#0 amount {"code":"calculation","error":"#DIV/0!"}; "##,
            r#"0 broken#0 status {"code":"calculation","error":"Expenses has no column Nothing"}"#
        ),
    );
    check(call("same", 1, &json!({})), r#"0 same#0 number {"code":"duplicate"}"#);
}

#[test]
fn rows_added_by_steps_have_ids_of_their_own() {
    let mut seen = std::collections::BTreeSet::new();
    let actions = json!([{ "id": "note", "title": "Note", "steps": [
        { "do": "insert", "table": "log", "values": { "what": { "value": "a" } } },
        { "do": "insert", "table": "log", "values": { "what": { "value": "b" } } } ] }]);
    let definition = definition(&actions);
    let options = LoadOptions::at("2026-11-21T20:00:00".parse().expect("a moment"));
    let mut formulas = RowFormulas::new(&workbook(), &definition, &options).expect("loads");
    for number in 0..50 {
        let mut memory = Memory { definition: &definition, rows: Vec::new() };
        let id: Uuid = format!("0192a000-0000-7000-8000-{number:012}").parse().expect("an id");
        let operations = serde_json::from_value(
            json!([{ "type": "call", "action": "note" }, { "type": "call", "action": "note" }]),
        );
        let transaction =
            Transaction { id: TransactionId::from_uuid(id), operations: operations.expect("operations") };
        let Ok(result) = apply(&definition, &transaction, Role::Maker, &mut memory, &mut formulas);
        for change in result.expect("changes").rows {
            let RowChange::Insert { id, .. } = change else { panic!("{change:?}") };
            assert_eq!(id.uuid().get_version_num(), 7);
            assert!(seen.insert(id), "{id}");
        }
    }
    assert_eq!(seen.len(), 200);
}

#[test]
fn what_can_be_run_is_found_without_running_it() {
    let when = |id: &str, table: Option<&str>, when: Option<&str>| {
        let mut action = json!({ "id": id, "title": id, "steps": [
            { "do": "insert", "table": "log", "values": { "what": { "value": id } } } ],
            "parameters": [ { "id": "much", "title": "Much", "type": { "name": "integer" }, "kind": "integer" } ] });
        if let Some(table) = table {
            action["table"] = json!(table);
        }
        if let Some(when) = when {
            action["when"] = json!(when);
        }
        action
    };
    let mut hidden = when("hidden", Some("expenses"), None);
    hidden["access"] = json!([]);
    let actions = json!([
        when("always", Some("expenses"), None),
        when("open", Some("expenses"), Some(r#"[@Status]="open""#)),
        when("large", Some("expenses"), Some("[@[Unit Amount]]>Limit")),
        when("asked", Some("expenses"), Some("much>3")),
        when("wrong", Some("expenses"), Some("1/0>0")),
        hidden,
        when("free", None, Some("Limit>50")),
        when("never", None, Some("Limit<50")),
        when("other", Some("log"), None),
    ]);
    let definition = definition(&actions);
    let options = LoadOptions::at("2026-11-21T20:00:00".parse().expect("a moment"));
    let mut formulas = RowFormulas::new(&workbook(), &definition, &options).expect("loads");
    let text = |text: &str| Value::Text(text.into());
    let mut check = |role: Role, row: Option<(&str, &str)>, expect: &str| {
        let table = definition.table("expenses").expect("the table");
        let money = |amount: &str| Value::Decimal(amount.parse().expect("a decimal"));
        let values = row.map(|(amount, status)| vec![text("E"), money(amount), text(status), Value::Null]);
        let called_on = values.as_deref().map(|values| (table, values));
        assert_eq!(formulas.runnable(&definition, role, called_on).join(" "), expect, "{role:?} {row:?}");
    };
    check(Role::Maker, Some(("50.00", "open")), "always open asked hidden");
    check(Role::Member, Some(("150.00", "open")), "always open large asked");
    check(Role::Member, Some(("150.00", "paid")), "always large asked");
    check(Role::Guest, Some(("150.00", "paid")), "");
    check(Role::Member, None, "free");
}
