//! What a version takes away from gates: where one asks less after than before.
//!
//! **Architecture Invariant:** what is compared is what a gate sees and what leads past it, not the words of a definition: a use that is
//! gone, before fewer changes or for other rows; a column of a guarded table that is gone or is entered no longer; a new way to do
//! unasked what an action is asked about, or a known one for more people or under fewer preconditions.

use std::collections::{BTreeMap, BTreeSet};

use gridkeep_model::{
    AppDefinition,
    checkpoint::Gate,
    definition::{ActionDefinition, ActionStep, ColumnDefinition, GateUse, Role, RowEvent, TableDefinition},
};
use serde::{Serialize, Serializer};
use serde_json::{Value as Json, json};

use super::{condition::Condition, when::When};
use crate::places::{Place, places};

/// What somebody does by hand, among the ids of actions.
const BY_HAND: &str = "";

/// Of a gate that asks less.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Less {
    pub(super) gate: String,
    /// `actions` or `tables`.
    part: &'static str,
    /// Id of the action or table.
    of: String,
    #[serde(skip)]
    pub(super) title: String,
    pub(super) how: How,
    /// Columns that go, or actions and tables that lead past it: ids and titles.
    #[serde(serialize_with = "ids", skip_serializing_if = "Vec::is_empty")]
    pub(super) which: Vec<(String, String)>,
}

/// How it asks less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum How {
    /// Not at all.
    Dropped,
    /// Before fewer changes.
    FewerChanges,
    /// For other rows.
    OtherRows,
    /// About fewer columns.
    FewerColumns,
    /// What it asks about can be done past it.
    OtherWay,
}

/// Where gates ask less after than before. One that the tenant has no longer asked nobody.
pub(super) fn less(
    before: &AppDefinition,
    (after, same_workbook): (&AppDefinition, bool),
    gates: &[Gate],
) -> Vec<Less> {
    let mut all: Vec<Less> = Vec::new();
    let known = |place: &Place<'_>| gates.iter().any(|gate| gate.id == place.gate.gate);
    for place in places(before).filter(known) {
        let (part, of, title) = named(&place);
        let now = places(after)
            .filter(|now| (now.gate.gate == place.gate.gate) && named(now).0 == part && named(now).1 == of);
        // What asks least of what is wrong with those that are left is said.
        let how = now.map(|now| compare((before, &place), (after, &now), same_workbook));
        let how = how.min_by_key(|how| how.map(weight));
        let mut add = |how, which: Vec<_>| {
            let (gate, of, title) = (place.gate.gate.clone(), of.to_owned(), title.to_owned());
            let one = Less { gate, part, of, title, how, which };
            if !all.contains(&one) {
                all.push(one);
            }
        };
        if let Some(how) = how.unwrap_or(Some(How::Dropped)) {
            add(how, Vec::new());
            // Then it is asked about as a whole.
            continue;
        }
        let gone = gone((before, &place), after);
        if !gone.is_empty() {
            add(How::FewerColumns, gone);
        }
        let around = around((before, &place), after, same_workbook);
        if !around.is_empty() {
            add(How::OtherWay, around);
        }
    }
    all
}

fn ids<S: Serializer>(which: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(which.iter().map(|(id, _)| id))
}

/// Columns that people gave values before a gate and that are not there any more, or not entered; calculated ones that are not there.
fn gone((_, place): (&AppDefinition, &Place<'_>), after: &AppDefinition) -> Vec<(String, String)> {
    let (Some(table), None) = (place.table, place.action) else { return Vec::new() };
    let Some(now) = after.table(&table.id) else { return Vec::new() };
    let lost = table.columns.iter().filter(|column| {
        let now = now.columns.iter().find(|now| now.id == column.id);
        now.is_none_or(|now| is_given(column) && !is_given(now))
    });
    lost.map(|column| (column.id.clone(), column.title.clone())).collect()
}

/// Whether people or programs give its values, rather than the executor.
fn is_given(column: &ColumnDefinition) -> bool {
    column.formula.is_none() && column.filled.is_none()
}

/// What is done to rows: a table, what happens there, and to which column.
type Deed = (String, RowEvent, String);
/// Who does it by what: an action, or by hand; and when.
type Way = (String, Role, When);

/// What somebody could not do past a gate that asks before an action, and now can: by which actions, or by hand in which tables.
fn around(
    (before, guarded): (&AppDefinition, &Place<'_>),
    after: &AppDefinition,
    same_workbook: bool,
) -> Vec<(String, String)> {
    let Some(action) = guarded.action else { return Vec::new() };
    let deeds: BTreeSet<Deed> = deeds(before, action).map(|(deed, _)| deed).collect();
    let was = unasked((before, guarded), (before, true), &deeds);
    let is = unasked((before, guarded), (after, same_workbook), &deeds);
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for (deed, ways) in is {
        for (by, role, when) in ways {
            // Whoever could do the same before, by hand or by an action as now, and whenever they can now, gains nothing.
            let could = |(own, least, held): &Way| {
                (own == BY_HAND) == (by == BY_HAND) && *least <= role && when.is_within(held, same_workbook)
            };
            if was.get(&deed).is_some_and(|ways| ways.iter().any(could)) {
                continue;
            }
            let action = after.actions.iter().find(|action| action.id == by);
            let (id, title) = match (action, after.table(&deed.0)) {
                (Some(action), _) => (by, action.title.clone()),
                (None, Some(table)) => (table.id.clone(), table.title.clone()),
                (None, None) => continue,
            };
            found.insert(id, title);
        }
    }
    found.into_iter().collect()
}

/// What an action does to rows, and when.
fn deeds(definition: &AppDefinition, action: &ActionDefinition) -> impl Iterator<Item = (Deed, When)> {
    let own = action.table.as_deref().unwrap_or_default();
    action.steps.iter().flat_map(move |step| {
        let table = step.table().unwrap_or(own);
        let (event, columns) = match step {
            ActionStep::Set { .. } | ActionStep::Update { .. } => {
                (RowEvent::Update, step.values().map(|(column, _)| column).collect())
            }
            ActionStep::Insert { .. } => (RowEvent::Insert, vec![""]),
            ActionStep::Delete { .. } => (RowEvent::Delete, vec![""]),
        };
        let when = When::of(definition, action, step);
        columns.into_iter().map(move |column| ((table.to_owned(), event, column.to_owned()), when.clone()))
    })
}

/// Who does which of these deeds by what, without being asked as the action is.
fn unasked(
    guarded: (&AppDefinition, &Place<'_>),
    (definition, same_workbook): (&AppDefinition, bool),
    deeds_: &BTreeSet<Deed>,
) -> BTreeMap<Deed, BTreeSet<Way>> {
    let mut found: BTreeMap<Deed, BTreeSet<Way>> = BTreeMap::new();
    let mut add = |deed: &Deed, (by, when): (&str, When), may: &dyn Fn(Role) -> bool| {
        let asked = places(definition).any(|place| {
            place.gate.gate == guarded.1.gate.gate
                && match (place.action, place.table) {
                    (Some(action), _) => action.id == by,
                    (None, table) => {
                        table.is_some_and(|table| table.id == deed.0) && place.gate.concerns(deed.1)
                    }
                }
                && compare(guarded, (definition, &place), same_workbook).is_none()
        });
        if !asked {
            let roles = [Role::Guest, Role::Member, Role::Maker].into_iter().filter(|role| may(*role));
            found
                .entry(deed.clone())
                .or_default()
                .extend(roles.map(|role| (by.to_owned(), role, when.clone())));
        }
    };
    for action in &definition.actions {
        for (deed, when) in deeds(definition, action).filter(|(deed, _)| deeds_.contains(deed)) {
            add(&deed, (&action.id, when), &|role| action.may_run(role));
        }
    }
    for deed in deeds_ {
        let Some(table) = definition.table(&deed.0) else { continue };
        let roles = match deed.1 {
            RowEvent::Insert => &table.access.insert,
            RowEvent::Update => &table.access.update,
            RowEvent::Delete => &table.access.delete,
        };
        let entered = deed.2.is_empty()
            || table.columns.iter().any(|column| column.id == deed.2 && column.is_entered());
        if entered {
            add(deed, (BY_HAND, When::default()), &|role| role == Role::Maker || roles.contains(&role));
        }
    }
    found
}

const fn weight(how: How) -> u8 {
    match how {
        How::FewerColumns | How::OtherWay => 0,
        How::OtherRows => 1,
        How::FewerChanges => 2,
        How::Dropped => 3,
    }
}

/// What a place is, its id and its title.
fn named<'a>(place: &Place<'a>) -> (&'static str, &'a str, &'a str) {
    match (place.action, place.table) {
        (Some(action), _) => ("actions", &action.id, &action.title),
        (None, Some(table)) => ("tables", &table.id, &table.title),
        (None, None) => ("", "", ""),
    }
}

/// How a use asks less than one before; `None` when it does not.
fn compare(
    (before, was): (&AppDefinition, &Place<'_>),
    (after, is): (&AppDefinition, &Place<'_>),
    same_workbook: bool,
) -> Option<How> {
    let asks = |gate: &GateUse, event| gate.concerns(event);
    let events = [RowEvent::Insert, RowEvent::Update, RowEvent::Delete];
    if was.action.is_none() && events.iter().any(|event| asks(was.gate, *event) && !asks(is.gate, *event)) {
        return Some(How::FewerChanges);
    }
    let same = match (Rows::of(before, was), Rows::of(after, is)) {
        // More is not to be had.
        (_, Rows::All) => true,
        (Rows::Where(was), Rows::Where(is)) => was == is && (same_workbook || !is.calculated),
        // What nobody understands is not known to be the same.
        (Rows::All | Rows::Where(_) | Rows::Unclear, _) => false,
    };
    (!same).then_some(How::OtherRows)
}

/// For which rows a gate asks.
enum Rows {
    All,
    Where(Looks),
    /// For some that cannot be said.
    Unclear,
}

/// What a gate looks at in rows.
#[derive(PartialEq)]
struct Looks {
    condition: Condition,
    /// Some value that it looks at is calculated: over the workbook's cells, and any other table's rows.
    calculated: bool,
    /// What makes the values.
    made: Vec<Json>,
}

impl Rows {
    /// Of a place.
    fn of(definition: &AppDefinition, place: &Place<'_>) -> Self {
        match (place.gate.condition.as_deref(), place.table) {
            (None, _) => Self::All,
            (Some(text), Some(own)) => Condition::read(definition, &own.id, text)
                .map_or(Self::Unclear, |condition| Self::Where(Looks::of(definition, own, condition))),
            (Some(_), None) => Self::Unclear,
        }
    }
}

impl Looks {
    /// Of a condition on rows of a table, with what makes the values that it looks at.
    fn of(definition: &AppDefinition, own: &TableDefinition, condition: Condition) -> Self {
        let columns = condition.columns();
        let looked = |table: &TableDefinition, id: &str| table.id == own.id && columns.contains(id);
        let calculated = own.columns.iter().any(|column| looked(own, &column.id) && column.formula.is_some());
        // What calculates a value may look at any column of any table.
        let tables = definition.tables.iter().filter(|table| calculated || table.id == own.id);
        let made = tables.map(|table| {
            let columns = table.columns.iter().filter(|column| calculated || looked(table, &column.id));
            let columns =
                columns.map(|column| json!([column.id, column.column_type, column.formula, column.filled]));
            json!([table.id, calculated.then_some(&table.source), columns.collect::<Vec<_>>()])
        });
        Self { made: made.collect(), condition, calculated }
    }
}

#[cfg(test)]
mod tests {
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
        serde_json::from_value(
            json!({"schemaVersion": 1, "name": "Store", "icon": "list", "accent": "#000000",
            "language": "en", "screens": [], "tables": [table]}),
        )
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
        assert_eq!(
            (is_less(&total, true), is_less(&total, false), is_less(&qty, false)),
            (false, true, false)
        );
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
        check(&when("A1=1"), &when("A1=1"), None);
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
        check(&any(), &rows(&[("qty", 1)]), None);
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
        let all = [when(draft), when("A1=1"), calculated("A1*2", draft), any(), rows(&[("qty", 1)])];
        assert_eq!(all.map(|app| elsewhere(&app)), [false, true, true, false, false]);
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
        check(
            &base,
            &with(action("few", set("qty"), json!([{"gate": "A", "where": "Qty gt 5"}]))),
            Some("few"),
        );
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
}
