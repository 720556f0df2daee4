//! Transactions, applied and refused: one table of cases a rule.

use gridkeep_model::{
    CellValue, ColumnType, TransactionId, Workbook,
    definition::{ColumnDefinition, FieldKind, SCHEMA_VERSION, TableAccess, TableSource, Validation},
    workbook::{Cell, Formula, Sheet},
};
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::LoadOptions;

#[derive(Default)]
struct Memory(Vec<Row>);

impl Rows for Memory {
    type Error = std::convert::Infallible;

    fn row(&mut self, _: &str, id: RowId) -> Result<Option<Row>, Self::Error> {
        Ok(self.0.iter().find(|row| row.id == id).cloned())
    }

    fn matching(&mut self, table: &str, condition: &Expr, most: usize) -> Result<Vec<Row>, Self::Error> {
        let definition = definition();
        let schema = definition.table(table).expect("the table").schema();
        let page = gridkeep_model::query::Page::first(most as u32);
        let query = gridkeep_model::Query {
            table: table.into(),
            filter: Some(condition.clone()),
            page,
            ..gridkeep_model::Query::unlimited()
        };
        let tables = gridkeep_model::query::Tables::of(schema, &self.0);
        Ok(query.select(&tables).expect("a condition").rows)
    }

    fn key_taken(&mut self, _: &str, _: &str, value: &Value, except: RowId) -> Result<bool, Self::Error> {
        Ok(self.0.iter().any(|row| row.id != except && row.values[0] == *value))
    }
}

fn id(number: u128) -> RowId {
    RowId::from_uuid(Uuid::from_u128(number))
}

fn column(id: &str, offset: u32, column_type: ColumnType, validation: Validation) -> ColumnDefinition {
    ColumnDefinition {
        id: id.into(),
        title: id.into(),
        offset,
        column_type,
        kind: FieldKind::Text,
        unit: None,
        format: None,
        validation,
        formula: None,
        refers: None,
        filled: None,
        read_only: false,
    }
}

pub(super) fn definition() -> AppDefinition {
    let money = ColumnType::Decimal { scale: 2 };
    let mut total = column("total", 3, money, Validation::default());
    total.formula = Some("B2*C2".into());
    let columns = vec![
        column("code", 0, ColumnType::Text, Validation { max_length: Some(5), ..Validation::default() }),
        column(
            "count",
            1,
            ColumnType::Integer,
            Validation { required: true, minimum: Some(1.0), maximum: Some(100.0), ..Validation::default() },
        ),
        column("price", 2, money, Validation { minimum: Some(0.1), ..Validation::default() }),
        total,
        column(
            "kind",
            4,
            ColumnType::Text,
            Validation {
                choices: Some(gridkeep_model::definition::Choices::List {
                    values: vec!["a".into(), "b".into()],
                }),
                ..Validation::default()
            },
        ),
        column("day", 5, ColumnType::Date, Validation { minimum: Some(46_023.0), ..Validation::default() }),
    ];
    let table = TableDefinition {
        id: "items".into(),
        title: "Items".into(),
        source: TableSource::Range { sheet: "S".into(), range: "A1:F3".into() },
        columns,
        key: Some("code".into()),
        access: TableAccess::default(),
        gates: Vec::new(),
    };
    AppDefinition {
        schema_version: SCHEMA_VERSION,
        name: "Test".into(),
        description: String::new(),
        icon: "list".into(),
        accent: "#000000".into(),
        language: "en".into(),
        screens: Vec::new(),
        tables: vec![table],
        actions: Vec::new(),
    }
}

fn formulas(definition: &AppDefinition) -> RowFormulas {
    let at = |address: &str| address.parse().expect("an address");
    let cell = |address: &str, value: CellValue, formula: Option<&str>| Cell {
        at: at(address),
        value,
        formula: formula.map(|text| Formula::Plain(text.into())),
        style: 0,
    };
    let cells = vec![
        cell("B2", CellValue::Number(2.0), None),
        cell("C2", CellValue::Number(1.5), None),
        cell("D2", CellValue::Number(3.0), Some("B2*C2")),
    ];
    let workbook = Workbook { sheets: vec![Sheet::new("S", cells)], ..Workbook::default() };
    let options = LoadOptions::at("2026-11-21T20:00:00".parse().expect("a moment"));
    RowFormulas::new(&workbook, definition, &options).expect("loads")
}

fn run(role: Role, operations: serde_json::Value) -> String {
    run_as(&definition(), role.into(), operations)
}

/// What comes of operations, in short.
pub(super) fn run_as(definition: &AppDefinition, asker: Asker<'_>, operations: serde_json::Value) -> String {
    let before = |number: u128, code: &str| Row {
        id: id(number),
        version: 3,
        values: vec![
            Value::Text(code.into()),
            Value::Integer(1),
            Value::Null,
            Value::Null,
            Value::Null,
            Value::Null,
        ],
    };
    let mut rows = Memory(vec![before(1, "one"), before(2, "two")]);
    let operations = serde_json::from_value(operations).expect("operations");
    let transaction = Transaction { id: TransactionId::from_uuid(Uuid::nil()), operations };
    let mut formulas = formulas(definition);
    let Ok(result) = apply(definition, &transaction, asker, &mut rows, &mut formulas);
    let shown = |values: Vec<Value>| serde_json::to_string(&values).expect("JSON");
    match result {
        Ok(changes) => changes
            .rows
            .into_iter()
            .map(|change| match change {
                RowChange::Insert { values, .. } => format!("+ {}", shown(values)),
                RowChange::Update { base_version, values, .. } => format!("{base_version} {}", shown(values)),
                RowChange::Delete { base_version, .. } => format!("- {base_version}"),
            })
            .collect::<Vec<_>>()
            .join("; "),
        Err(problems) => problems
            .iter()
            .map(|problem| {
                let reason = serde_json::to_string(&problem.reason).expect("JSON");
                format!("{} {} {reason}", problem.operation, problem.column.as_deref().unwrap_or("-"))
            })
            .collect::<Vec<_>>()
            .join("; "),
    }
}

fn row(number: u128) -> String {
    id(number).to_string()
}

#[test]
fn operations_become_changes_or_problems() {
    let check = |role: Role, operations: serde_json::Value, expect: &str| {
        assert_eq!(run(role, operations.clone()), expect, "{operations}");
    };
    let insert = |number: u128, values: serde_json::Value| json!({"type":"insert","table":"items","id":row(number),"values":values});
    let update = |number: u128, base: u64, values: serde_json::Value| json!({"type":"update","table":"items","id":row(number),"baseVersion":base,"values":values});
    let delete = |number: u128, base: u64| json!({"type":"delete","table":"items","id":row(number),"baseVersion":base});
    let member = Role::Member;
    check(
        member,
        json!([insert(9, json!({"code":"x","count":3,"price":"0.10","kind":"a","day":"2026-11-21"}))]),
        r#"+ ["x",3,"0.10","0.30","a","2026-11-21"]"#,
    );
    check(Role::Guest, json!([insert(9, json!({"code":"x","count":3}))]), r#"0 - {"code":"forbidden"}"#);
    check(
        member,
        json!([{"type":"insert","table":"nope","id":row(9),"values":{}}]),
        r#"0 - {"code":"unknownTable"}"#,
    );
    check(
        member,
        json!([insert(
            9,
            json!({"code":"toolong","count":0,"price":"0.09","total":"1","kind":"c","day":"2025-12-31","x":1})
        )]),
        concat!(
            r#"0 x {"code":"unknownColumn"}; 0 code {"code":"tooLong","maximum":5}; "#,
            r#"0 count {"code":"tooSmall","minimum":"1"}; 0 price {"code":"tooSmall","minimum":"0.1"}; "#,
            r#"0 total {"code":"readOnly"}; 0 kind {"code":"notAChoice"}; "#,
            r#"0 day {"code":"tooSmall","minimum":"2026-01-01"}"#,
        ),
    );
    check(
        member,
        json!([insert(9, json!({"count":1.5}))]),
        r#"0 code {"code":"required"}; 0 count {"code":"value","error":"wrongType"}"#,
    );
    check(member, json!([insert(1, json!({"code":"x","count":1}))]), r#"0 - {"code":"idTaken"}"#);
    check(member, json!([insert(9, json!({"code":"one","count":1}))]), r#"0 code {"code":"duplicate"}"#);
    check(member, json!([update(1, 2, json!({"count":2}))]), r#"0 - {"code":"conflict","current":3}"#);
    check(member, json!([update(7, 1, json!({"count":2}))]), r#"0 - {"code":"notFound"}"#);
    check(
        member,
        json!([
            update(1, 3, json!({"price":2})),
            update(1, 4, json!({"count":5})),
            update(1, 3, json!({"kind":""}))
        ]),
        concat!(
            r#"3 ["one",1,"2.00","2.00",null,null]; 4 ["one",5,"2.00","10.00",null,null]; "#,
            r#"5 ["one",5,"2.00","10.00",null,null]"#,
        ),
    );
    // A key that the same transaction frees may be used again.
    check(
        member,
        json!([
            delete(2, 3),
            insert(9, json!({"code":"two","count":1})),
            insert(8, json!({"code":"two","count":1}))
        ]),
        r#"2 code {"code":"duplicate"}"#,
    );
    check(member, json!([delete(2, 3), update(2, 3, json!({"count":1}))]), r#"1 - {"code":"notFound"}"#);
}

#[test]
fn a_neighbour_of_many_formulas_is_not_loaded() {
    let cell = |row: u32, column: u32, value: CellValue, formula: Option<String>| Cell {
        at: gridkeep_model::CellAt::new(row, column),
        value,
        formula: formula.map(|text| Formula::Plain(text.into())),
        style: 0,
    };
    let neighbour = (1..=100_000).map(|row| cell(row, 1, CellValue::Blank, Some(format!("S!B2*{row}"))));
    let workbook = Workbook {
        sheets: vec![
            Sheet::new("Neighbour", neighbour.collect()),
            Sheet::new("S", vec![cell(2, 2, CellValue::Number(2.0), None)]),
            Sheet::new(
                "Lists",
                vec![
                    cell(1, 1, CellValue::text("a"), None),
                    cell(2, 1, CellValue::Blank, Some("\"b\"&B2".into())),
                    cell(2, 2, CellValue::Number(7.0), None),
                ],
            ),
        ],
        ..Workbook::default()
    };
    let mut definition = definition();
    let binding = gridkeep_model::definition::Binding::Range {
        sheet: "Lists".into(),
        range: "A1:A9".into(),
        label: None,
    };
    definition.tables[0].columns[4].validation.choices =
        Some(gridkeep_model::definition::Choices::Range { binding });
    let mut options = LoadOptions::at("2026-11-21T20:00:00".parse().expect("a moment"));
    // Whoever loads the neighbour runs into this.
    options.limits.cells = 10;
    let mut formulas = RowFormulas::new(&workbook, &definition, &options).expect("loads");
    assert_eq!(formulas.choices("items", "kind"), Some(["a".to_owned(), "b7".to_owned()].as_slice()));
    let values = [
        Value::Text("x".into()),
        Value::Integer(3),
        Value::Double(1.5),
        Value::Null,
        Value::Null,
        Value::Null,
    ];
    let total = formulas.evaluate(&definition.tables[0], id(1), &values);
    assert_eq!(total.len(), 1);
    assert_eq!(total[0].1.as_ref().map(Value::to_json), Ok(json!("4.50")));
}

/// Rows of several tables, whose columns are `a` and `b`.
struct Tables(Vec<(&'static str, Row)>);

impl Rows for Tables {
    type Error = std::convert::Infallible;

    fn row(&mut self, table: &str, id: RowId) -> Result<Option<Row>, Self::Error> {
        Ok(self.0.iter().find(|(own, row)| *own == table && row.id == id).map(|(_, row)| row.clone()))
    }

    fn matching(&mut self, _: &str, _: &Expr, _: usize) -> Result<Vec<Row>, Self::Error> {
        Ok(Vec::new())
    }

    fn key_taken(
        &mut self,
        table: &str,
        column: &str,
        value: &Value,
        except: RowId,
    ) -> Result<bool, Self::Error> {
        let at = usize::from(column == "b");
        Ok(self.0.iter().any(|(own, row)| *own == table && row.id != except && row.values[at] == *value))
    }
}

#[test]
fn references_find_rows_and_what_they_find_stays_unique() {
    let definition = |choices: serde_json::Value| -> AppDefinition {
        let column = |id: &str, offset: u32| json!({ "id": id, "title": id, "offset": offset, "type": { "name": "text" }, "kind": "text" });
        let source = |range: &str| json!({ "from": "range", "sheet": "S", "range": range });
        let mut refers = column("b", 1);
        refers["refers"] = json!({ "table": "people", "column": "b" });
        refers["validation"] = choices;
        let definition = json!({
            "schemaVersion": 1, "name": "T", "icon": "list", "accent": "#000000", "language": "en", "screens": [],
            "tables": [
                { "id": "people", "title": "People", "source": source("A1:B3"), "columns": [column("a", 0), column("b", 1)], "key": "a" },
                { "id": "visits", "title": "Visits", "source": source("D1:E3"), "columns": [column("a", 0), refers] },
            ],
        });
        serde_json::from_value(definition).expect("a definition")
    };
    let open = json!({});
    let closed = json!({ "choices": { "from": "range", "binding": { "kind": "column", "table": "people", "column": "b" } } });
    let check = |choices: &serde_json::Value, operations: serde_json::Value, expect: &str| {
        let definition = definition(choices.clone());
        let texts = |a: &str, b: &str| vec![Value::Text(a.into()), Value::Text(b.into())];
        let row = |number: u128, values| Row { id: id(number), version: 1, values };
        let mut rows =
            Tables(vec![("people", row(1, texts("1", "Ann"))), ("people", row(2, texts("2", "Bo")))]);
        let transaction = Transaction {
            id: TransactionId::from_uuid(Uuid::nil()),
            operations: serde_json::from_value(operations.clone()).expect("operations"),
        };
        let mut formulas = formulas(&definition);
        let Ok(result) = apply(&definition, &transaction, Role::Maker, &mut rows, &mut formulas);
        let found = match result {
            Ok(_) => String::new(),
            Err(problems) => problems
                .iter()
                .map(|problem| format!("{} {:?} {:?}", problem.operation, problem.column, problem.reason))
                .collect::<Vec<_>>()
                .join("; "),
        };
        assert_eq!(found, expect, "{operations}");
    };
    let add = |table: &str, number: u128, a: &str, b: &str| json!({"type":"insert","table":table,"id":row(number),"values":{"a":a,"b":b}});
    let rename =
        |b: &str| json!({"type":"update","table":"people","id":row(1),"baseVersion":1,"values":{"b":b}});
    // A value that no row has refers to nothing yet, unless the maker wants one of the rows.
    check(&open, json!([add("visits", 9, "x", "Cy")]), "");
    check(&closed, json!([add("visits", 9, "x", "Ann")]), "");
    check(&closed, json!([add("visits", 9, "x", "")]), "");
    check(&closed, json!([add("visits", 9, "x", "Cy")]), r#"0 Some("b") NotAChoice"#);
    // What the same transaction adds, renames or takes away counts.
    check(&closed, json!([add("people", 8, "3", "Cy"), add("visits", 9, "x", "Cy")]), "");
    check(&closed, json!([rename("Cy"), add("visits", 9, "x", "Cy")]), "");
    check(&closed, json!([rename("Cy"), add("visits", 9, "x", "Ann")]), r#"1 Some("b") NotAChoice"#);
    // A reference finds one row.
    check(&open, json!([add("people", 8, "3", "Bo")]), r#"0 Some("b") Duplicate"#);
    check(&open, json!([rename("Bo")]), r#"0 Some("b") Duplicate"#);
    check(&open, json!([rename("")]), "");
    check(&open, json!([rename(""), add("people", 8, "3", "")]), "");
}
