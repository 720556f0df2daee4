//! What is said of two definitions side by side: what asks less, and what does not.

use super::*;

fn definition(gates: &Json, formula: Option<&str>) -> AppDefinition {
    let column = |id: &str| json!({"id": id, "title": id, "type": {"name": "integer"}, "kind": "text"});
    let (qty, mut total) = (column("qty"), column("total"));
    if let Some(formula) = formula {
        total["formula"] = json!(formula);
    }
    let access = json!({"see": [], "insert": [], "update": [], "delete": []});
    let table = json!({"id": "stock", "title": "Stock", "source": {"from": "table", "name": "Stock"},
        "columns": [qty, total], "key": "qty", "access": access, "gates": gates});
    serde_json::from_value(json!({"schemaVersion": 1, "name": "Store", "icon": "list", "accent": "#000000",
        "language": "en", "screens": [], "tables": [table]}))
    .unwrap()
}

#[test]
fn what_asks_less_is_found() {
    let gates: Vec<Gate> = ["A", "B"]
        .iter()
        .map(|id| serde_json::from_value(json!({"id": id, "message": "Sure?"})).unwrap())
        .collect();
    let check = |before: Json, after: Json, expect: &[(&str, How)]| {
        let said = format!("{before} {after}");
        let found = less(&definition(&before, None), (&definition(&after, None), true), &gates);
        let found: Vec<_> = found.iter().map(|one| (&*one.gate, one.how)).collect();
        assert_eq!(found, expect, "{said}");
    };
    let all = || json!([{"gate": "A"}]);
    let some = |on: &[&str], condition: &str| json!([{"gate": "A", "on": on, "where": condition}]);
    check(json!([]), all(), &[]);
    check(all(), all(), &[]);
    check(all(), json!([]), &[("A", How::Dropped)]);
    check(json!([{"gate": "GONE"}]), json!([]), &[]);
    check(all(), json!([{"gate": "B"}]), &[("A", How::Dropped)]);
    check(all(), json!([{"gate": "A", "on": ["insert", "update"]}]), &[("A", How::FewerChanges)]);
    check(json!([{"gate": "A", "on": ["insert"]}]), all(), &[]);
    check(json!([{"gate": "A", "on": ["insert", "update", "delete"]}]), all(), &[]);
    check(all(), json!([{"gate": "A", "on": ["delete", "update", "insert"]}]), &[]);
    check(all(), some(&[], "Qty gt 5"), &[("A", How::OtherRows)]);
    check(some(&[], "Qty gt 5"), all(), &[]);
    check(some(&[], "Qty gt 5"), some(&[], "Qty  gt  5"), &[]);
    check(some(&[], "Qty gt 5"), some(&[], "Qty gt 6"), &[("A", How::OtherRows)]);
    check(some(&["insert"], "Qty gt 5"), some(&["delete"], "Qty gt 5"), &[("A", How::FewerChanges)]);
    // A condition that cannot be read is none that is known, and not the same as none.
    check(all(), some(&[], "Gone gt 5"), &[("A", How::OtherRows)]);
    check(some(&[], "Qty gt 5"), some(&[], "Gone gt 5"), &[("A", How::OtherRows)]);
    check(some(&[], "Gone gt 5"), some(&[], "Gone gt 5"), &[("A", How::OtherRows)]);
    check(some(&[], "Gone gt 5"), some(&[], "Qty gt 5"), &[("A", How::OtherRows)]);
    check(some(&[], "Gone gt 5"), all(), &[]);
    // One more use takes nothing away, and what two do is not done by one.
    let two = json!([{"gate": "A", "on": ["insert"]}, {"gate": "A", "where": "Qty gt 5"}]);
    check(all(), json!([{"gate": "A"}, {"gate": "A", "where": "Qty gt 5"}, {"gate": "B"}]), &[]);
    check(two.clone(), two.clone(), &[]);
    check(two, json!([{"gate": "A", "on": ["insert"]}]), &[("A", How::FewerChanges)]);
}

#[test]
fn the_same_words_over_other_values_are_other_rows() {
    let gates: Vec<Gate> = vec![serde_json::from_value(json!({"id": "A", "message": "Sure?"})).unwrap()];
    let check = |condition: &str, formulas: (Option<&str>, Option<&str>), expect: bool| {
        let used = json!([{"gate": "A", "where": condition}]);
        let (before, after) = (definition(&used, formulas.0), definition(&used, formulas.1));
        assert_eq!(!less(&before, (&after, true), &gates).is_empty(), expect, "{condition} {formulas:?}");
    };
    check("Total gt 5", (Some("A1*2"), Some("A1*2")), false);
    check("Total gt 5", (Some("A1*2"), Some("A1*0")), true);
    check("Total gt 5", (None, Some("A1*0")), true);
    check("Qty gt 5", (Some("A1*2"), Some("A1*0")), false);
    // What another workbook says, and another table's columns.
    let of = |condition: &str| definition(&json!([{"gate": "A", "where": condition}]), Some("A1*2"));
    let (total, qty) = (of("Total gt 5"), of("Qty gt 5"));
    let is_less = |one: &AppDefinition, same| !less(one, (one, same), &gates).is_empty();
    assert_eq!((is_less(&total, true), is_less(&total, false), is_less(&qty, false)), (false, true, false));
    let with_another = |own: &AppDefinition| {
        let mut more = own.clone();
        let mut other = more.tables[0].clone();
        other.id = "other".into();
        other.gates.clear();
        more.tables.push(other);
        !less(own, (&more, true), &gates).is_empty()
    };
    assert_eq!((with_another(&total), with_another(&qty)), (true, false));
}

fn gates_() -> Vec<Gate> {
    vec![serde_json::from_value(json!({"id": "A", "message": "Sure?"})).unwrap()]
}

fn which(before: &AppDefinition, after: &AppDefinition) -> Vec<(How, String)> {
    let found = less(before, (after, true), &gates_());
    let ids = |one: &Less| one.which.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>().join(" ");
    found.iter().map(|one| (one.how, ids(one))).collect()
}

#[test]
fn a_guarded_table_keeps_its_columns() {
    let guarded = |gates: &Json| definition(gates, None);
    let check = |change: &dyn Fn(&mut AppDefinition), expect: Option<&str>| {
        let before = guarded(&json!([{"gate": "A"}, {"gate": "A", "on": ["delete"]}]));
        let mut after = before.clone();
        change(&mut after);
        let expect: Vec<_> = expect.map(|ids| (How::FewerColumns, ids.to_owned())).into_iter().collect();
        assert_eq!(which(&before, &after), expect);
        // Without a gate nobody is asked.
        let before = guarded(&json!([]));
        let mut after = before.clone();
        change(&mut after);
        assert_eq!(which(&before, &after), []);
    };
    let columns = |app: &mut AppDefinition| app.tables[0].columns.clone();
    check(&|_| {}, None);
    check(&|app| drop(app.tables[0].columns.remove(1)), Some("total"));
    check(&|app| app.tables[0].columns[0].id = "other".into(), Some("qty"));
    check(&|app| app.tables[0].columns.clear(), Some("qty total"));
    check(&|app| app.tables[0].columns[1].formula = Some("A1*2".into()), Some("total"));
    check(
        &|app| app.tables[0].columns[1].filled = Some(gridkeep_model::definition::Filled::Changed),
        Some("total"),
    );
    // Shown otherwise, in another order, one more: nothing is lost.
    check(&|app| app.tables[0].columns[1].title = "Sum".into(), None);
    check(&|app| app.tables[0].columns.reverse(), None);
    check(
        &|app| {
            let mut more = columns(app)[1].clone();
            more.id = "more".into();
            app.tables[0].columns.push(more);
        },
        None,
    );
    // How something is calculated is not lost either; that it is no more, is.
    let before = definition(&json!([{"gate": "A"}]), Some("A1*2"));
    assert_eq!(which(&before, &definition(&json!([{"gate": "A"}]), Some("A1*3"))), []);
    let mut after = before.clone();
    after.tables[0].columns.pop();
    assert_eq!(which(&before, &after), [(How::FewerColumns, "total".to_owned())]);
}

/// What an action that nobody is asked about does under a precondition, it does under no wider one.
fn preconditions(
    with: &dyn Fn(Json) -> AppDefinition,
    action: &dyn Fn(&str, Json, Json) -> Json,
    check: &dyn Fn(&AppDefinition, &AppDefinition, Option<&str>),
) {
    let fast = |when: Option<&str>, rows: Option<Json>| {
        let values = json!({"qty": {"value": 1}});
        let step = rows.map_or_else(
            || json!({"do": "set", "values": values}),
            |rows| json!({"do": "update", "table": "stock", "where": rows, "values": values}),
        );
        let mut fast = action("fast", json!([step]), json!([]));
        if let Some(when) = when {
            fast["when"] = json!(when);
        }
        with(fast)
    };
    let when = |text: &str| fast(Some(text), None);
    let any = || fast(None, None);
    let draft = "[@Total]=1";
    check(&when(draft), &when(draft), None);
    check(&when(draft), &when(" [@Total]=1 "), None);
    check(&when(draft), &any(), Some("fast"));
    check(&any(), &when(draft), None);
    check(&when(draft), &when("[@Total]<=1"), Some("fast"));
    check(&when("Stock!A1=1"), &when("Stock!A1=1"), None);
    // What means nothing never held, and is not known to be the same as anything.
    check(&when("A1=1"), &when(draft), Some("fast"));
    check(&when("A1=1"), &when("A1=1"), Some("fast"));
    // Another action under the same precondition is no gain, one under another is.
    let mut renamed = when(draft);
    renamed.actions[1].id = "other".into();
    check(&when(draft), &renamed, None);
    renamed.actions[1].when = Some("[@Total]=2".into());
    check(&when(draft), &renamed, Some("other"));
    // Which rows a step is about counts as well: all that was asked of them, or more.
    let rows = |all: &[(&str, i64)]| {
        let one = |(column, value): &(&str, i64)| json!({"column": column, "comparison": "equals", "value": {"value": value}});
        fast(None, Some(all.iter().map(one).collect()))
    };
    check(&rows(&[("qty", 1)]), &rows(&[("qty", 1)]), None);
    check(&rows(&[("qty", 1)]), &rows(&[("total", 2), ("qty", 1)]), None);
    check(&rows(&[("total", 2), ("qty", 1)]), &rows(&[("qty", 1)]), Some("fast"));
    check(&rows(&[("qty", 1)]), &rows(&[("qty", 2)]), Some("fast"));
    check(&rows(&[("qty", 1)]), &any(), Some("fast"));
    check(&rows(&[]), &rows(&[("qty", 1)]), None);
    // Where it was for the row that it is called on, any other is one more; where it was for any, that one is not.
    check(&any(), &rows(&[("qty", 1)]), Some("fast"));
    check(&any(), &rows(&[]), Some("fast"));
    check(&rows(&[]), &any(), None);
    check(&rows(&[]), &when(draft), None);
    // The same words over other values, and over another workbook.
    let calculated = |formula: &str, text: &str| {
        let mut app = when(text);
        app.tables[0].columns[1].formula = Some(formula.into());
        app
    };
    check(&calculated("A1*2", draft), &calculated("A1*2", draft), None);
    check(&calculated("A1*2", draft), &calculated("A1*0", draft), Some("fast"));
    check(&calculated("A1*2", "[@Qty]=1"), &calculated("A1*0", "[@Qty]=1"), None);
    let elsewhere = |app: &AppDefinition| !less(app, (app, false), &gates_()).is_empty();
    let all = [when(draft), when("Stock!A1=1"), calculated("A1*2", draft), any(), rows(&[("qty", 1)])];
    assert_eq!(all.map(|app| elsewhere(&app)), [false, true, true, false, false]);
    let all = ["INDIRECT(\"Stock!A1\")=1", "OFFSET([@Total],1,0)=1", "[@Total]<Bound", "[@Total]<TODAY()"];
    assert_eq!(all.map(|text| elsewhere(&when(text))), [true, true, true, false]);
    same_words(&when, &rows(&[("total", 1)]), check);
}

/// The same words may mean another column, another row, another parameter, or another kind of value.
fn same_words(
    when: &dyn Fn(&str) -> AppDefinition,
    rows: &AppDefinition,
    check: &dyn Fn(&AppDefinition, &AppDefinition, Option<&str>),
) {
    type Change<'a> = &'a dyn Fn(&mut AppDefinition);
    let changed = |app: &AppDefinition, change: Change<'_>| {
        let mut app = app.clone();
        change(&mut app);
        app
    };
    let total = when("[@Total]=1");
    let with = |change: Change<'_>, expect| check(&total, &changed(&total, change), expect);
    // Titles come first: the guarded column gives its own to one that is freely entered, or takes that of another.
    let title = |index: usize, title: &'static str| {
        move |app: &mut AppDefinition| app.tables[0].columns[index].title = title.into()
    };
    let one_more = |app: &mut AppDefinition| {
        let mut more = app.tables[0].columns[1].clone();
        more.id = "fresh".into();
        app.tables[0].columns[1].title = "Old".into();
        app.tables[0].columns.push(more);
    };
    with(&one_more, Some("fast"));
    with(&title(1, "Old"), None);
    with(&title(1, "Qty"), None);
    with(&title(0, "Total"), Some("fast"));
    let both = |app: &mut AppDefinition| {
        title(0, "total")(app);
        title(1, "qty")(app);
    };
    let two = when("[@Total]>[@Qty]");
    check(&two, &two, None);
    check(&two, &changed(&two, &both), Some("fast"));
    // How its values are kept and where they come from; of a step's conditions as well.
    let changes: [Change<'_>; 3] = [
        &|app| app.tables[0].columns[1].column_type = gridkeep_model::ColumnType::Boolean,
        &|app| app.tables[0].columns[1].filled = Some(gridkeep_model::definition::Filled::Changed),
        &|app| app.tables[0].columns[1].formula = Some("A1*2".into()),
    ];
    for change in changes {
        with(change, Some("fast"));
        check(rows, &changed(rows, change), Some("fast"));
        // Of a column that nothing looks at, nothing is said.
        check(&when("[@Qty]=1"), &changed(&when("[@Qty]=1"), change), None);
    }
    // A table that anybody may fill, with a column of the same name.
    let other: Change<'_> = &|app| {
        let mut other = app.tables[0].clone();
        other.id = "free".into();
        other.title = "Free".into();
        app.tables.push(other);
    };
    let (total, rows) = (changed(&total, other), changed(rows, other));
    for app in [&total, &rows, &changed(&when("TRUE"), other)] {
        check(app, app, None);
        let everywhere = |app: &AppDefinition, table: &str| {
            let step = json!({"do": "update", "table": "stock", "values": {"qty": {"value": 1}}});
            let mut app = app.clone();
            app.actions[1].table = (!table.is_empty()).then(|| table.to_owned());
            if matches!(app.actions[1].steps[0], ActionStep::Set { .. }) {
                app.actions[1].steps = vec![serde_json::from_value(step).unwrap()];
            }
            app
        };
        check(&everywhere(app, "stock"), &everywhere(app, "stock"), None);
        check(&everywhere(app, "stock"), &everywhere(app, "free"), Some("fast"));
        check(&everywhere(app, "stock"), &everywhere(app, ""), Some("fast"));
    }
    // Whoever calls it gives the parameter, whatever the workbook's name of the same words says.
    let parameter: Change<'_> = &|app| {
        let one = json!({"id": "bound", "title": "Bound", "type": {"name": "integer"}, "kind": "text"});
        app.actions[1].parameters = vec![serde_json::from_value(one).unwrap()];
    };
    let bound = when("[@Total]<Bound");
    check(&bound, &bound, None);
    check(&bound, &changed(&bound, parameter), Some("fast"));
    let given = changed(&bound, parameter);
    check(&given, &given, None);
    check(&given, &bound, Some("fast"));
    check(&total, &changed(&total, parameter), None);
    // What looks at the workbook looks at the rows in it.
    let counted = when("SUM(Stock!A1:A9)<5");
    check(&counted, &counted, None);
    check(&counted, &changed(&counted, &|app| app.tables[0].columns.swap(0, 1)), Some("fast"));
}

#[test]
fn what_an_action_asks_about_is_not_done_past_it() {
    // What may be done by hand, and the actions.
    let app = |by_hand: &[&str], gates: Json, actions: &[Json]| {
        let mut app = definition(&gates, None);
        let roles: Vec<Role> = serde_json::from_value(json!(by_hand)).unwrap();
        app.tables[0].access.update = roles;
        app.actions = actions.iter().map(|one| serde_json::from_value(one.clone()).unwrap()).collect();
        app
    };
    let action = |id: &str, steps: Json, gates: Json| json!({"id": id, "title": id, "table": "stock", "steps": steps, "gates": gates});
    let set = |column: &str| json!([{"do": "set", "values": {column: {"value": 1}}}]);
    let asked = || json!([{"gate": "A"}]);
    let own = || action("approve", set("qty"), asked());
    let check = |before: &AppDefinition, after: &AppDefinition, expect: Option<&str>| {
        let expect: Vec<_> = expect.map(|ids| (How::OtherWay, ids.to_owned())).into_iter().collect();
        assert_eq!(which(before, after), expect, "{:?}", after.actions);
    };
    let base = app(&[], json!([]), &[own()]);
    let with = |more: Json| app(&[], json!([]), &[own(), more]);
    check(&base, &base, None);
    check(&base, &with(action("fast", set("qty"), json!([]))), Some("fast"));
    let everywhere = json!([{"do": "update", "table": "stock", "values": {"qty": {"value": 1}}}]);
    check(&base, &with(action("all", everywhere, json!([]))), Some("all"));
    // Something else, or asked as well.
    check(&base, &with(action("other", set("total"), json!([]))), None);
    check(&base, &with(action("fast", set("qty"), asked())), None);
    check(&base, &with(action("fast", set("qty"), json!([{"gate": "B"}]))), Some("fast"));
    check(&base, &with(action("few", set("qty"), json!([{"gate": "A", "where": "Qty gt 5"}]))), Some("few"));
    // Where the table asks, whatever does it is asked.
    let table = json!([{"gate": "A", "on": ["update"]}]);
    check(&base, &app(&[], table, &[own(), action("fast", set("qty"), json!([]))]), None);
    let table = json!([{"gate": "A", "on": ["insert"]}]);
    check(&base, &app(&[], table, &[own(), action("fast", set("qty"), json!([]))]), Some("fast"));
    // One there was already may do more, or for more people.
    let known = with(action("known", set("total"), json!([])));
    check(&known, &with(action("known", set("qty"), json!([]))), Some("known"));
    let mut makers = action("known", set("qty"), json!([]));
    makers["access"] = json!([]);
    let makers = with(makers);
    check(&makers, &with(action("known", set("qty"), json!([]))), Some("known"));
    check(&with(action("known", set("qty"), json!([]))), &makers, None);
    check(&makers, &makers, None);
    preconditions(&with, &action, &check);
    // By hand.
    check(&base, &app(&["member"], json!([]), &[own()]), Some("stock"));
    check(&app(&["member"], json!([]), &[own()]), &app(&["guest"], json!([]), &[own()]), Some("stock"));
    check(&app(&["guest", "member"], json!([]), &[own()]), &base, None);
    let calculated = |by_hand: &[&str]| {
        let mut app = app(by_hand, json!([]), &[own()]);
        app.tables[0].columns[0].formula = Some("A1*2".into());
        app
    };
    check(&calculated(&[]), &calculated(&["member"]), None);
    // An action that is gone is said as that alone.
    let gone = app(&["member"], json!([]), &[]);
    assert_eq!(which(&base, &gone), [(How::Dropped, String::new())]);
}
