//! Expenses that look up rates, and a total of them: what formulas see of rows that people change.

use gridkeep_model::{
    AppDefinition, CellValue, Query, Row, RowChange, RowId, Transaction, TransactionId, Value, Workbook,
    definition::Role,
    query::{Expr, Page, Tables},
    workbook::{Cell, Formula, Sheet},
};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::{
    LoadOptions,
    apply::{Changes, MOST_FOLLOWING, MOST_READ, RowFormulas, Rows, apply, renew},
};

/// Rows by table, kept when a transaction is.
struct Memory<'a> {
    definition: &'a AppDefinition,
    rows: Vec<(String, Row)>,
}

impl Memory<'_> {
    fn of(&self, table: &str) -> Vec<Row> {
        self.rows.iter().filter(|(own, _)| own == table).map(|(_, row)| row.clone()).collect()
    }

    fn keep(&mut self, changes: Vec<RowChange>) {
        for change in changes {
            let (table, id, row) = match change {
                RowChange::Insert { table, id, values } => (table, id, Some(Row { id, version: 1, values })),
                RowChange::Update { table, id, base_version, values } => {
                    (table, id, Some(Row { id, version: base_version + 1, values }))
                }
                RowChange::Delete { table, id, .. } => (table, id, None),
            };
            self.rows.retain(|(own, row)| *own != table || row.id != id);
            self.rows.extend(row.map(|row| (table, row)));
        }
    }

    /// The rows of a table in their order, each with its version.
    fn shown(&self, table: &str) -> String {
        let mut rows = self.of(table);
        rows.sort_by_key(|row| row.id);
        let row = |row: &Row| {
            let values: Vec<String> = row.values.iter().map(|value| value.to_json().to_string()).collect();
            format!("{}: {}", row.version, values.join(" "))
        };
        rows.iter().map(row).collect::<Vec<_>>().join("; ").replace('"', "")
    }
}

impl Rows for Memory<'_> {
    type Error = std::convert::Infallible;

    fn row(&mut self, table: &str, id: RowId) -> Result<Option<Row>, Self::Error> {
        Ok(self.rows.iter().find(|(own, row)| own == table && row.id == id).map(|(_, row)| row.clone()))
    }

    fn key_taken(&mut self, table: &str, _: &str, value: &Value, except: RowId) -> Result<bool, Self::Error> {
        Ok(self.of(table).iter().any(|row| row.id != except && row.values[0] == *value))
    }

    fn matching(&mut self, table: &str, condition: &Expr, most: usize) -> Result<Vec<Row>, Self::Error> {
        let schema = self.definition.table(table).expect("the table").schema();
        let (filter, page) = (Some(condition.clone()), Page::first(most as u32));
        let query = Query { table: table.into(), filter, page, ..Query::unlimited() };
        Ok(query.select(&Tables::of(schema, &self.of(table))).expect("a condition").rows)
    }
}

fn id(number: u128) -> RowId {
    RowId::from_uuid(Uuid::from_u128(number))
}

/// Rates, expenses in their currencies, and a budget that adds them up.
fn definition(formula: &str) -> AppDefinition {
    let column = |id: &str, offset: u32, number: bool, formula: Option<&str>| {
        let kind = if number { json!({ "name": "decimal", "scale": 2 }) } else { json!({ "name": "text" }) };
        let mut column = json!({ "id": id, "title": id, "offset": offset, "type": kind, "kind": if number { "number" } else { "text" } });
        if let Some(formula) = formula {
            column["formula"] = formula.into();
        }
        column
    };
    let table = |id: &str, range: &str, columns: Vec<Json>| {
        json!({ "id": id, "title": id, "key": columns[0]["id"], "columns": columns,
        "source": { "from": "range", "sheet": id, "range": range } })
    };
    serde_json::from_value(json!({
        "schemaVersion": 1, "name": "T", "icon": "list", "accent": "#000000", "language": "en", "screens": [],
        "tables": [
            table("budgets", "A1:B2", vec![column("name", 0, false, None), column("left", 1, true, Some("1000-SUM(expenses!D:D)"))]),
            table("expenses", "A1:D3", vec![column("number", 0, false, None), column("currency", 1, false, None),
                column("amount", 2, true, None), column("eur", 3, true, Some(formula))]),
            table("rates", "A1:C3", vec![column("code", 0, false, None), column("rate", 1, true, None),
                column("inverse", 2, true, Some("1/B2"))]),
        ],
        "actions": [
            { "id": "convert", "title": "Convert", "table": "expenses", "steps": [{ "do": "set", "values": {
                "currency": { "value": "EUR" }, "amount": { "formula": "ROUND([@amount]*VLOOKUP([@currency],rates!$A$2:$B$3,2,FALSE),2)" } } }] },
            { "id": "number", "title": "Number", "steps": [{ "do": "insert", "table": "expenses", "values": {
                "number": { "formula": "\"E\"&(COUNTA(expenses!$A$2:$A$3)+1)" }, "currency": { "value": "EUR" }, "amount": { "value": 1 } } }] },
        ],
    }))
    .expect("a definition")
}

fn workbook() -> Workbook {
    let cell = |at: &str, value: CellValue, formula: Option<&str>| Cell {
        at: at.parse().expect("an address"),
        value,
        formula: formula.map(|text| Formula::Plain(text.into())),
        style: 0,
    };
    let text = |at: &str, text: &str| cell(at, CellValue::text(text), None);
    let number = |at: &str, number: f64| cell(at, CellValue::Number(number), None);
    let nothing = CellValue::Blank;
    Workbook {
        sheets: vec![
            Sheet::new(
                "budgets",
                vec![text("A2", "all"), cell("B2", nothing.clone(), Some("1000-SUM(expenses!D:D)"))],
            ),
            Sheet::new(
                "expenses",
                vec![
                    text("A2", "E1"),
                    text("B2", "EUR"),
                    number("C2", 10.0),
                    text("A3", "E2"),
                    text("B3", "USD"),
                    number("C3", 20.0),
                ],
            ),
            Sheet::new(
                "rates",
                vec![
                    text("A2", "EUR"),
                    number("B2", 1.0),
                    cell("C2", nothing.clone(), Some("1/B2")),
                    text("A3", "USD"),
                    number("B3", 0.5),
                    cell("C3", nothing, Some("1/B3")),
                    // What stands below the table moves down with what is added to it.
                    text("A5", "Source: a bank"),
                ],
            ),
        ],
        ..Workbook::default()
    }
}

const LOOK_UP: &str = "C2*VLOOKUP(B2,rates!$A$2:$B$3,2,FALSE)";

struct World<'a> {
    memory: Memory<'a>,
    formulas: RowFormulas,
    transactions: u128,
    /// Tables that wait after the last transaction.
    waiting: Vec<String>,
}

impl<'a> World<'a> {
    /// The rows as the workbook has them.
    fn new(definition: &'a AppDefinition) -> Self {
        let options = LoadOptions::at("2026-11-22T06:00:00".parse().expect("a moment"));
        let mut formulas = RowFormulas::new(&workbook(), definition, &options).expect("loads");
        let text = |text: &str| Value::Text(text.into());
        let number = |number: &str| Value::Decimal(number.parse().expect("a decimal"));
        let row = |table: &str, number: u128, values: Vec<Value>| {
            (table.to_owned(), Row { id: id(number), version: 1, values })
        };
        let rows = vec![
            row("budgets", 1, vec![text("all"), number("980.00")]),
            row("expenses", 1, vec![text("E1"), text("EUR"), number("10.00"), number("10.00")]),
            row("expenses", 2, vec![text("E2"), text("USD"), number("20.00"), number("10.00")]),
            row("rates", 1, vec![text("EUR"), number("1.00"), number("1.00")]),
            row("rates", 2, vec![text("USD"), number("0.50"), number("2.00")]),
        ];
        let memory = Memory { definition, rows };
        for table in formulas.reads() {
            formulas.set_rows(&table, &memory.of(&table));
        }
        Self { memory, formulas, transactions: 0, waiting: Vec::new() }
    }

    /// What is refused, or nothing; `keep`: whether what came out is kept.
    fn run(&mut self, operations: Json, keep: bool) -> String {
        self.transactions += 1;
        let operations = serde_json::from_value(operations).expect("operations");
        let transaction = Transaction {
            id: TransactionId::from_uuid(Uuid::from_u128(self.transactions << 64)),
            operations,
        };
        let definition = self.memory.definition;
        let Ok(result) = apply(definition, &transaction, Role::Maker, &mut self.memory, &mut self.formulas);
        match result {
            Ok(changes) if keep => {
                self.waiting = changes.waiting;
                self.memory.keep(changes.rows);
            }
            Ok(_) => {}
            Err(problems) => return serde_json::to_string(&problems).expect("JSON"),
        }
        String::new()
    }
}

fn insert(table: &str, number: u128, values: &Json) -> Json {
    json!({ "type": "insert", "table": table, "id": id(number), "values": values })
}

fn update(table: &str, number: u128, base: u64, values: &Json) -> Json {
    json!({ "type": "update", "table": table, "id": id(number), "baseVersion": base, "values": values })
}

#[test]
fn formulas_tell_which_tables_they_read() {
    let check = |formula: &str, expect: &str| {
        let definition = definition(formula);
        let options = LoadOptions::at("2026-11-22T06:00:00".parse().expect("a moment"));
        let formulas = RowFormulas::new(&workbook(), &definition, &options).expect("loads");
        assert_eq!(formulas.reads().join(" "), expect, "{formula}");
    };
    check("C2*2", "expenses rates");
    check("C2*budgets!B2", "budgets expenses rates");
    // Without others nothing is read, and nothing is kept in cells.
    let mut definition = definition("C2*2");
    definition.tables.remove(0);
    definition.actions.clear();
    let options = LoadOptions::at("2026-11-22T06:00:00".parse().expect("a moment"));
    assert!(!RowFormulas::new(&workbook(), &definition, &options).expect("loads").reads_rows());
}

#[test]
fn formulas_see_rows_as_they_are_now() {
    let definition = definition(LOOK_UP);
    let mut world = World::new(&definition);
    // A rate of its own transaction, one that is added before, and one of a transaction that was not kept.
    let operations = json!([
        insert("rates", 3, &json!({ "code": "GBP", "rate": 2 })),
        insert("rates", 4, &json!({ "code": "CHF", "rate": 3 })),
        insert("expenses", 3, &json!({ "number": "E3", "currency": "GBP", "amount": 7 })),
    ]);
    assert_eq!(world.run(operations.clone(), false), "");
    let late = insert("expenses", 4, &json!({ "number": "E4", "currency": "CHF", "amount": 1 }));
    assert_eq!(world.run(json!([late]), true), "");
    assert_eq!(
        world.memory.shown("expenses"),
        "1: E1 EUR 10.00 10.00; 1: E2 USD 20.00 10.00; 1: E4 CHF 1.00 null"
    );
    assert_eq!(world.run(operations, true), "");
    assert_eq!(
        world.memory.shown("expenses"),
        "1: E1 EUR 10.00 10.00; 1: E2 USD 20.00 10.00; 1: E3 GBP 7.00 14.00; 2: E4 CHF 1.00 3.00"
    );
    assert_eq!(
        world.memory.shown("rates"),
        "1: EUR 1.00 1.00; 1: USD 0.50 2.00; 1: GBP 2.00 0.50; 1: CHF 3.00 0.33"
    );
    assert_eq!(world.memory.shown("budgets"), "2: all 963.00");
    // A rate that changes takes its expenses along, and what adds them up; one that goes leaves nothing to find.
    assert_eq!(world.run(json!([update("rates", 2, 1, &json!({ "rate": 0.25 }))]), true), "");
    assert_eq!(world.memory.shown("budgets"), "3: all 968.00");
    let gone = json!([{ "type": "delete", "table": "rates", "id": id(1), "baseVersion": 1 }]);
    assert_eq!(world.run(gone, true), "");
    assert_eq!(
        world.memory.shown("expenses"),
        "2: E1 EUR 10.00 null; 2: E2 USD 20.00 5.00; 1: E3 GBP 7.00 14.00; 2: E4 CHF 1.00 3.00"
    );
    assert_eq!(world.memory.shown("rates"), "2: USD 0.25 4.00; 1: GBP 2.00 0.50; 1: CHF 3.00 0.33");
    assert_eq!(world.memory.shown("budgets"), "4: all 978.00");
}

#[test]
fn a_row_of_the_transaction_follows_in_its_own_change() {
    let definition = definition(LOOK_UP);
    let mut world = World::new(&definition);
    let operations = json!([
        update("expenses", 2, 1, &json!({ "amount": 40 })),
        update("rates", 2, 1, &json!({ "rate": 2 })),
    ]);
    assert_eq!(world.run(operations, true), "");
    assert_eq!(world.memory.shown("expenses"), "1: E1 EUR 10.00 10.00; 2: E2 USD 40.00 80.00");
    assert_eq!(world.memory.shown("budgets"), "2: all 910.00");
}

#[test]
fn actions_see_rows_as_they_are_now() {
    let definition = definition("C2*2");
    let mut world = World::new(&definition);
    let call =
        |action: &str, row: Option<u128>| json!([{ "type": "call", "action": action, "row": row.map(id) }]);
    assert_eq!(world.run(json!([insert("rates", 3, &json!({ "code": "GBP", "rate": 3 }))]), true), "");
    assert_eq!(world.run(json!([update("expenses", 2, 1, &json!({ "currency": "GBP" }))]), true), "");
    assert_eq!(world.run(call("convert", Some(2)), true), "");
    assert_eq!(world.run(call("number", None), true), "");
    assert_eq!(world.run(call("number", None), true), "");
    assert_eq!(
        world.memory.shown("expenses"),
        "1: E1 EUR 10.00 10.00; 3: E2 EUR 60.00 120.00; 1: E3 EUR 1.00 2.00; 1: E4 EUR 1.00 2.00"
    );
}

#[test]
fn what_is_read_and_what_follows_is_bounded() {
    let definition = definition(LOOK_UP);
    let mut world = World::new(&definition);
    let rate = |number: usize| Row {
        id: id(number as u128),
        version: 1,
        values: vec![Value::Text(format!("C{number}")), Value::Null, Value::Null],
    };
    let rates: Vec<Row> = (0..=MOST_READ).map(rate).collect();
    world.formulas.set_rows("rates", &rates);
    let late = insert("expenses", 4, &json!({ "number": "E4", "currency": "CHF", "amount": 1 }));
    let refused = world.run(json!([late]), true);
    assert!(refused.contains(r#""code":"tooManyToRead","table":"rates","maximum":20000"#), "{refused}");
    // What reads nothing of it goes on.
    assert_eq!(world.run(json!([insert("rates", 1_000_000, &json!({ "code": "X", "rate": 2 }))]), true), "");
    let rates = world.memory.of("rates");
    world.formulas.set_rows("rates", &rates);
    // More than may follow wait.
    for number in 0..MOST_FOLLOWING {
        let values =
            vec![Value::Text(format!("F{number}")), Value::Text("USD".into()), Value::Null, Value::Null];
        world
            .memory
            .rows
            .push(("expenses".into(), Row { id: id(1_000 + number as u128), version: 1, values }));
    }
    let expenses = world.memory.of("expenses");
    world.formulas.set_rows("expenses", &expenses);
    assert_eq!(world.run(json!([update("rates", 2, 1, &json!({ "rate": 3 }))]), true), "");
    assert!(world.memory.shown("expenses").starts_with("1: E1 EUR 10.00 10.00; 1: E2 USD 20.00 10.00; "));
}

#[test]
fn what_waits_is_done_in_slices() {
    let definition = definition(LOOK_UP);
    let mut world = World::new(&definition);
    world.formulas = world.formulas.following(1);
    assert_eq!(world.run(json!([update("rates", 2, 1, &json!({ "rate": 4 }))]), true), "");
    assert_eq!(world.waiting, ["expenses"]);
    let before = world.memory.shown("expenses");
    let budgets = world.memory.shown("budgets");
    let table = definition.table("expenses").expect("the table");
    let mut rows = world.memory.of("expenses");
    rows.sort_by_key(|row| row.id);
    let mut changed = 0;
    for row in rows {
        let Ok(changes) = renew(&definition, table, vec![row], &mut world.memory, &mut world.formulas);
        changed += changes
            .rows
            .iter()
            .filter(|change| matches!(change, RowChange::Update { table, .. } if table == "expenses"))
            .count();
        assert_eq!(changes.waiting, Vec::<String>::new());
        assert_eq!(changes.operations, Vec::<usize>::new());
        world.memory.keep(changes.rows);
    }
    // Only the expense in that currency has changed, and the total with it.
    assert_eq!(changed, 1);
    assert_ne!(world.memory.shown("expenses"), before);
    assert_ne!(world.memory.shown("budgets"), budgets);
    // Once more changes nothing.
    let rows = world.memory.of("expenses");
    let Ok(changes) = renew(&definition, table, rows, &mut world.memory, &mut world.formulas);
    assert_eq!(changes, Changes::default());
}
