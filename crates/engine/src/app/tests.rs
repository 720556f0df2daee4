//! An app at work, from its definition to what the screens show.

use gridkeep_model::{
    Workbook,
    definition::Role,
    query::RowsRequest,
    workbook::{Cell, DefinedName, Formula, Sheet},
};
use serde_json::json;

use super::*;

fn workbook() -> Workbook {
    let cell = |address: &str, value: CellValue, formula: Option<&str>, style: u32| Cell {
        at: address.parse().expect("an address"),
        value,
        formula: formula.map(|text| Formula::Plain(text.into())),
        style,
    };
    let number = CellValue::Number;
    let loan = vec![
        cell("B1", number(1000.0), None, 1),
        cell("B2", number(0.05), None, 2),
        cell("B3", number(46_347.0), None, 3),
        cell("B4", CellValue::Blank, Some("B1*B2"), 1),
        cell("B5", CellValue::Blank, Some("SUM(Data!C2:C3)"), 1),
        cell("D1", number(1.0), None, 0),
        cell("D2", number(2.0), None, 0),
        cell("E1", CellValue::Blank, Some("D1*10"), 0),
        cell("E2", CellValue::Blank, Some("D2*10"), 0),
    ];
    let data = vec![
        cell("A1", CellValue::text("Kind"), None, 0),
        cell("B1", CellValue::text("Amount"), None, 0),
        cell("C1", CellValue::text("Double"), None, 0),
        cell("A2", CellValue::text("x"), None, 0),
        cell("B2", number(1.5), None, 0),
        cell("C2", CellValue::Blank, Some("B2*2"), 0),
        cell("A3", CellValue::text("y"), None, 0),
        cell("B3", number(2.0), None, 0),
        cell("C3", CellValue::Blank, Some("B3*2"), 0),
    ];
    Workbook {
        sheets: vec![Sheet::new("Loan", loan), Sheet::new("Data", data)],
        names: vec![DefinedName {
            name: "Rate".into(),
            sheet: None,
            refers_to: "Loan!$B$2".into(),
            hidden: false,
        }],
        formats: ["General", "#,##0.00", "0.0%", "yyyy-mm-dd"].map(Into::into).to_vec(),
        ..Workbook::default()
    }
}

fn definition() -> AppDefinition {
    let field = |id: &str, cell: &str, kind: &str, mode: &str| json!({"id":id,"label":id,"binding":{"kind":"cell","sheet":"Loan","cell":cell},"kind":kind,"mode":mode});
    let mut amount = field("amount", "B1", "currency", "write");
    amount["validation"] = json!({"minimum": 100, "required": true});
    let mut rate = field("rate", "B2", "percent", "write");
    rate["binding"] = json!({"kind":"name","name":"Rate"});
    let mut note = field("note", "B9", "choice", "write");
    note["validation"] =
        json!({"choices":{"from":"range","binding":{"kind":"range","sheet":"Data","range":"A2:A3"}}});
    note["visibleWhen"] =
        json!({"binding":{"kind":"cell","sheet":"Loan","cell":"B4"},"comparison":"greaterThan","value":60});
    let table = json!({
        "id":"data","title":"Data","source":{"from":"range","sheet":"Data","range":"A1:C3"},
        "columns":[
            {"id":"kind","title":"Kind","offset":0,"type":{"name":"text"},"kind":"text"},
            {"id":"amount","title":"Amount","offset":1,"type":{"name":"decimal","scale":2},"kind":"currency"},
            {"id":"double","title":"Double","offset":2,"type":{"name":"decimal","scale":2},"kind":"currency","formula":"B2*2"},
        ]
    });
    let column = |column: &str| json!({"kind":"column","table":"data","column":column});
    serde_json::from_value(json!({
        "schemaVersion":1,"name":"Loan","icon":"calculator","accent":"#336699","language":"en",
        "screens":[{"id":"main","title":"Main","icon":"calculator","kind":"calculator","components":[
            {"type":"fields","id":"in","title":"","fields":[amount, rate, field("start","B3","date","write"), note]},
            {"type":"fields","id":"out","title":"","fields":[field("interest","B4","currency","read"), field("total","B5","number","read")],
             "visibleWhen":{"binding":{"kind":"name","name":"Rate"},"comparison":"filled"}},
            {"type":"grid","id":"grid","title":"","binding":{"kind":"range","sheet":"Loan","range":"D1:E2"},
             "columns":[{"label":"n","offset":0,"kind":"number","mode":"write"},{"label":"ten","offset":1,"kind":"number","mode":"read"}]},
            {"type":"chart","id":"bars","title":"","kind":"bar","categories":column("kind"),
             "series":[{"label":"Sum","values":column("double"),"aggregate":"sum"}]},
            {"type":"chart","id":"line","title":"","kind":"line",
             "series":[{"label":"ten","values":{"kind":"range","sheet":"Loan","range":"E1:E2"}}]},
        ]}],
        "tables":[table],
    }))
    .expect("a definition")
}

fn app() -> App {
    let options = LoadOptions::at("2026-11-21T20:00:00".parse().expect("a moment"));
    App::open(Arc::new(workbook()), definition(), &options).expect("opens")
}

fn still(mut view: AppView) -> AppView {
    view.calculation_ms = 0.0;
    view
}

#[test]
fn screens_show_what_the_engine_calculates() {
    insta::assert_json_snapshot!(still(app().view()));
}

/// The app with a second screen, whose condition is whether the rate is filled.
fn two_screens() -> AppDefinition {
    let mut definition = definition();
    let mut second = definition.screens[0].clone();
    second.id = "second".into();
    second.visible_when = serde_json::from_value(
        json!({"binding":{"kind":"name","name":"Rate"},"comparison":"greaterThan","value":0}),
    )
    .expect("a condition");
    second.components = serde_json::from_value(json!([
        {"type":"card","id":"card","field":{"id":"all","label":"all","binding":{"kind":"cell","sheet":"Loan","cell":"B5"},"kind":"number","mode":"read"}},
        {"type":"grid","id":"grid2","title":"","binding":{"kind":"range","sheet":"Loan","range":"D1:E2"},
         "columns":[{"label":"n","offset":0,"kind":"number","mode":"write"}]},
    ]))
    .expect("components");
    definition.screens.push(second);
    definition
}

#[test]
fn a_view_is_of_the_open_screen_only() {
    let options = LoadOptions::at("2026-11-21T20:00:00".parse().expect("a moment"));
    let mut app = App::open(Arc::new(workbook()), two_screens(), &options).expect("opens");
    let shown = |view: AppView| {
        let keys: Vec<String> =
            view.fields.into_keys().chain(view.grids.into_keys()).chain(view.charts.into_keys()).collect();
        format!("{}: {}; hidden: {}", view.screen, keys.join(" "), view.hidden_screens.join(" "))
    };
    let first = "main: amount interest note rate start total grid bars line; hidden: ";
    assert_eq!(shown(app.view()), first);
    assert_eq!(shown(app.show("second").expect("opens")), "second: all grid2; hidden: ");
    // What is entered on one screen stays when another is opened, and decides there which screens there are.
    let view = app.input("rate", &json!(0)).expect("takes fields of all screens");
    assert_eq!(shown(view), "second: all grid2; hidden: second");
    assert_eq!(
        shown(app.set_rows("data", Vec::new()).expect("takes rows")),
        "second: all grid2; hidden: second"
    );
    assert_eq!(
        app.show("third").map_err(|error| error.to_string()).map(shown),
        Err("“third” is not part of this app".into())
    );
    assert_eq!(shown(app.reset().expect("resets")), "second: all grid2; hidden: ");
    assert_eq!(shown(app.show("main").expect("opens")), first);
}

#[test]
fn another_definition_answers_as_if_opened_with_it() {
    let mut app = app();
    let mut other = two_screens();
    other.tables[0].columns.remove(2);
    other.screens[0].components.truncate(3);
    let options = LoadOptions::at("2026-11-21T20:00:00".parse().expect("a moment"));
    let mut check = |what: &str, screen: &str, definition: &AppDefinition, change: &dyn Fn(&mut App)| {
        change(&mut app);
        app.rebind(definition.clone()).expect("binds");
        let mut fresh = App::open(Arc::new(workbook()), definition.clone(), &options).expect("opens");
        fresh.show(screen).expect("shows");
        assert_eq!(still(app.view()), still(fresh.view()), "{what}");
        assert_eq!(app.inputs(), fresh.inputs(), "{what}");
        let request = RowsRequest { count: true, ..RowsRequest::default() };
        assert_eq!(app.rows("data", &request), fresh.rows("data", &request), "{what}");
        // What comes after is the same, too.
        for app in [&mut app, &mut fresh] {
            app.input("amount", &json!(3000)).expect("takes it");
        }
        assert_eq!(still(app.view()), still(fresh.view()), "{what}, and an input");
    };
    let enter = |app: &mut App| {
        app.input("rate", &json!(0.5)).expect("takes it");
        app.input("amount", &json!(1)).expect("refuses it");
        app.input("grid/0/0", &json!(9)).expect("takes it");
    };
    let insert = |app: &mut App| {
        let operation = json!({"type":"insert","table":"data","id":"00000000-0000-7000-8000-000000000011",
            "values":{"kind":"z","amount":"10"}});
        let transaction: Transaction = serde_json::from_value(
            json!({"id":"00000000-0000-7000-8000-000000000001","operations":[operation]}),
        )
        .expect("a transaction");
        let outcome = app.transact(&transaction, Role::Maker);
        assert!(matches!(outcome, Ok(Outcome::Applied { .. })), "{outcome:?}");
    };
    let open_second = |app: &mut App| _ = app.show("second").expect("shows");
    let same = definition();
    check("the same", "main", &same, &|_| {});
    check("the same, with inputs", "main", &same, &enter);
    check("another, with inputs", "main", &other, &enter);
    check("the same, with a row", "main", &same, &insert);
    check("another, with two rows", "main", &other, &|app| {
        enter(app);
        insert(app);
    });
    check("the open screen stays", "second", &other, &open_second);
    check("the open screen is gone", "main", &same, &enter);
}

#[test]
fn inputs_are_checked_and_calculated() {
    let mut app = app();
    let mut check = |id: &str, value: Json, expect: &str| {
        let shown = match app.input(id, &value) {
            Ok(view) => {
                let field = view.fields.get(id).cloned().unwrap_or_default();
                let reason = field.invalid.map(|reason| serde_json::to_string(&reason).expect("JSON"));
                let interest = view.fields["interest"].text.clone();
                format!("{} {interest} {}", field.text, reason.unwrap_or_default())
            }
            Err(error) => error.to_string(),
        };
        assert_eq!(shown, expect, "{id} = {value}");
    };
    check("amount", json!(2000), "2,000.00 100.00 ");
    check("amount", json!(50), r#"2,000.00 100.00 {"code":"tooSmall","minimum":"100"}"#);
    check("amount", json!(null), r#"2,000.00 100.00 {"code":"required"}"#);
    check("amount", json!("much"), r#"2,000.00 100.00 {"code":"value","error":"wrongType"}"#);
    check("rate", json!(0.1), "10.0% 200.00 ");
    check("start", json!("2026-12-01"), "2026-12-01 200.00 ");
    check("note", json!("y"), "y 200.00 ");
    check("note", json!("z"), r#"y 200.00 {"code":"notAChoice"}"#);
    check("interest", json!(1), "“interest” cannot be entered");
    check("nothing", json!(1), "“nothing” is not part of this app");
    check("grid/1/0", json!(7), " 200.00 ");
    check("grid/1/1", json!(7), "“grid/1/1” cannot be entered");
    check("grid/9/0", json!(7), "“grid/9/0” is not part of this app");
    let view = app.view();
    assert_eq!(view.grids["grid"][1][1].text, "70");
    assert!(view.fields["note"].visible);
    let saved = app.inputs();
    assert_eq!(
        serde_json::to_string(&saved).expect("JSON"),
        r#"{"amount":2000,"grid/1/0":7,"note":"y","rate":0.1,"start":"2026-12-01"}"#
    );
    let view = app.reset().expect("resets");
    assert_eq!((view.fields["interest"].text.as_str(), app.inputs().len()), ("50.00", 0));
    let view = app.set_inputs(&saved).expect("enters");
    assert_eq!((view.fields["interest"].text.as_str(), view.fields["note"].text.as_str()), ("200.00", "y"));
}

#[test]
fn rows_reach_formulas_and_charts() {
    let mut app = app();
    let transaction = |operations: Json| -> Transaction {
        serde_json::from_value(json!({"id":"00000000-0000-7000-8000-000000000001","operations":operations}))
            .expect("a transaction")
    };
    let insert = |id: &str, kind: &str, amount: &str| json!({"type":"insert","table":"data","id":format!("00000000-0000-7000-8000-0000000000{id}"),"values":{"kind":kind,"amount":amount}});
    let outcome =
        app.transact(&transaction(json!([insert("11", "x", "10"), insert("12", "z", "0.25")])), Role::Maker);
    assert!(matches!(outcome, Ok(Outcome::Applied { sequence: 1, .. })), "{outcome:?}");
    let view = app.view();
    assert_eq!(view.fields["total"].value, json!(27.5), "the sum grew with the table");
    assert_eq!(view.charts["bars"].categories, ["x", "y", "z"]);
    assert_eq!(view.charts["bars"].series[0].values, [Some(23.0), Some(4.0), Some(0.5)]);
    let request = RowsRequest { search: "z".into(), count: true, ..RowsRequest::default() };
    let page = app.rows("data", &request).expect("a page");
    assert_eq!(
        serde_json::to_string(&page.rows).expect("JSON"),
        r#"[["00000000-0000-7000-8000-000000000012",1,"z","0.25","0.50"]]"#
    );
    let view = app.set_rows("data", Vec::new()).expect("writes");
    assert_eq!(view.fields["total"].value, json!(0.0));
    let outcome = app.transact(&transaction(json!([insert("13", "x", "3")])), Role::Maker);
    assert!(matches!(outcome, Ok(Outcome::Applied { .. })), "{outcome:?}");
    assert_eq!(app.view().fields["total"].value, json!(6.0));
}

#[test]
fn a_table_of_one_row_grows() {
    // The sum of a whole column sees what comes; a total below the row moves down and stays.
    let cell = |address: &str, value: CellValue, formula: Option<&str>| Cell {
        at: address.parse().expect("an address"),
        value,
        formula: formula.map(|text| Formula::Plain(text.into())),
        style: 0,
    };
    let mut workbook = workbook();
    workbook.sheets[0] = Sheet::new("Loan", vec![cell("B5", CellValue::Blank, Some("SUM(Data!C:C)"))]);
    workbook.sheets[1] = Sheet::new(
        "Data",
        vec![
            cell("A1", CellValue::text("Kind"), None),
            cell("B1", CellValue::text("Amount"), None),
            cell("C1", CellValue::text("Double"), None),
            cell("A2", CellValue::text("x"), None),
            cell("B2", CellValue::Number(1.5), None),
            cell("C2", CellValue::Blank, Some("B2*2")),
            cell("A4", CellValue::text("Below"), None),
        ],
    );
    let mut definition = definition();
    definition.tables[0].source =
        serde_json::from_value(json!({"from":"range","sheet":"Data","range":"A1:C2"})).expect("a source");
    let options = LoadOptions::at("2026-11-21T20:00:00".parse().expect("a moment"));
    let mut app = App::open(Arc::new(workbook), definition, &options).expect("opens");
    let row = |number: u32, kind: &str, amount: f64| Row {
        id: gridkeep_model::RowId::from_uuid(uuid::Uuid::from_u128(number.into())),
        version: 1,
        values: vec![
            Value::Text(kind.into()),
            Value::decimal(&format!("{amount:.2}"), 2).expect("money"),
            Value::Null,
        ],
    };
    let mut check = |amounts: &[f64], total: f64, below: &str| {
        let rows = (1..).zip(amounts).map(|(number, amount)| row(number, "k", *amount)).collect();
        let view = app.set_rows("data", rows).expect("writes");
        assert_eq!(view.fields["total"].value, json!(total), "{amounts:?}");
        assert_eq!(
            view.charts["bars"].series[0].values.len(),
            usize::from(!amounts.is_empty()),
            "{amounts:?}"
        );
        let text = app.engine.value(&CellRef::new("Data", below.parse().expect("an address")));
        assert_eq!(text, CellValue::text("Below"), "{amounts:?}");
    };
    check(&[1.5], 3.0, "A4");
    check(&[1.0, 2.0, 3.0], 12.0, "A6");
    check(&[1.0, 2.0, 3.0, 4.0, 5.0], 30.0, "A8");
    check(&[7.0], 14.0, "A8");
    check(&[], 0.0, "A8");
    check(&[1.0, 1.0], 4.0, "A8");
}

#[test]
fn names_of_referred_rows_are_searched_in_the_preview() {
    let mut definition = definition();
    definition.tables[0].columns[0].refers =
        Some(gridkeep_model::definition::Reference { table: "data".into(), column: "kind".into() });
    let options = LoadOptions::at("2026-11-21T20:00:00".parse().expect("a moment"));
    let app = App::open(Arc::new(workbook()), definition, &options).expect("opens");
    let search_columns = vec!["kind/kind".to_owned()];
    let request = RowsRequest { search: "Y".into(), search_columns, ..RowsRequest::default() };
    assert_eq!(app.rows("data", &request).expect("a page").rows.len(), 1);
}

use gridkeep_model::{Outcome, Transaction};
