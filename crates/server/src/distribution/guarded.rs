//! What a change of an app as a whole takes from its gates, and who is asked before it does.
//!
//! **Architecture Invariant:** gates stand at changes of rows; publishing, rolling back and removing go past them. So a version in which
//! a gate asks less is a change of checkpoints, and whatever takes the place of all rows of a table, or ends them, asks every gate
//! of that table, for whichever rows and changes it is.

use std::collections::{BTreeMap, BTreeSet};

use gridkeep_model::{
    AppDefinition,
    checkpoint::Gate,
    definition::{GateUse, RowEvent, TableDefinition},
};
use gridkeep_store::App;
use serde::Serialize;
use serde_json::{Value as Json, json};

use super::condition::Condition;
use crate::{
    error::{ApiError, Words},
    gates::{AtGate, Operation},
    language::Language,
    noted,
    places::{Place, places},
    session::Person,
};

/// Differences that are said to people; the log has all.
const SAID: usize = 5;
/// Of an operation that takes the place of rows; no gate can be called so.
const REPLACED: &str = "rows.replaced";

/// An app before a change of the whole.
pub(super) struct Whole<'a> {
    /// The app as it is.
    pub(super) app: &'a App,
    /// What people get now.
    pub(super) before: &'a AppDefinition,
    /// The tenant's gates.
    pub(super) gates: &'a [Gate],
}

/// What becomes of it.
pub(super) enum Becomes<'a> {
    /// Another version.
    Version {
        /// What people are to get.
        after: &'a AppDefinition,
        /// The workbook's rows take the place of those there are.
        replaces_rows: bool,
        /// The workbook is the very one that there is: formulas read its cells.
        same_workbook: bool,
        /// What names this very change: compared when it is asked for again.
        what: Json,
    },
    /// Nothing: it ends.
    Nothing,
}

/// Of a gate that asks less.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Less {
    gate: String,
    /// `actions` or `tables`.
    part: &'static str,
    /// Id of the action or table.
    of: String,
    #[serde(skip)]
    title: String,
    how: How,
}

/// How it asks less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum How {
    /// Not at all.
    Dropped,
    /// Before fewer changes.
    FewerChanges,
    /// For other rows.
    OtherRows,
}

impl Whole<'_> {
    /// Lets a change through that takes nothing from gates, or was approved; otherwise answers with the challenge. What it takes
    /// comes into the log in any case.
    pub(super) async fn pass(
        &self,
        becomes: Becomes<'_>,
        (at, person, language): (&AtGate, &Person, Language),
    ) -> Result<(), ApiError> {
        let Self { app, before, gates } = self;
        let said = |words: Words| match language {
            Language::English => words.english,
            Language::German => words.german,
        };
        let mut what = json!({"app": app.id, "version": app.current.version});
        let operation = match becomes {
            Becomes::Nothing => {
                let also = guards(before, |_| true);
                let also = also.into_iter().map(|(gate, tables)| (gate, said(erased(&before.name, &tables))));
                Operation::new("ERASURE", &before.name, what).also(also.collect())
            }
            Becomes::Version { after, replaces_rows, same_workbook, what: own } => {
                let less = less(before, (after, same_workbook), gates);
                // Of a table that is not in the new version rows stay where they are.
                let goes = |table: &TableDefinition| replaces_rows && after.table(&table.id).is_some();
                let also = guards(before, goes);
                if less.is_empty() && also.is_empty() {
                    return Ok(());
                }
                let difference = serde_json::to_value(&less).map_err(ApiError::internal)?;
                let tables: BTreeSet<&str> = also.values().flatten().map(|table| &*table.id).collect();
                noted::fact("gates", difference.clone());
                noted::fact("rowsReplaced", json!(tables));
                what["becomes"] = own;
                what["gates"] = difference;
                what["rowsReplaced"] = json!(tables);
                let tables = also.values().flatten().copied().collect::<Vec<_>>();
                let title = said(replaced(&before.name, &tables));
                // A gate is asked about its own removal: the gate of gates may not be there.
                let mut words: BTreeMap<String, Vec<String>> = BTreeMap::new();
                for (gate, own) in by_gate(&less) {
                    words.entry(gate).or_default().push(said(differences(&before.name, &own)));
                }
                for (gate, tables) in also {
                    words.entry(gate).or_default().push(said(replaced(&before.name, &tables)));
                }
                let also = words.into_iter().map(|(gate, words)| (gate, words.join("; "))).collect();
                if less.is_empty() {
                    Operation::new(REPLACED, "", what).titled(title).also(also)
                } else {
                    let about = said(differences(&before.name, &less.iter().collect::<Vec<_>>()));
                    let operation = Operation::new("CHECKPOINT_CONFIG", about.as_str(), what);
                    operation.titled(about).also(also)
                }
            }
        };
        at.let_through(person, operation).await
    }
}

/// The gates of tables whose rows go, with these tables.
fn guards(
    before: &AppDefinition,
    goes: impl Fn(&TableDefinition) -> bool,
) -> BTreeMap<String, Vec<&TableDefinition>> {
    let mut guards: BTreeMap<String, Vec<&TableDefinition>> = BTreeMap::new();
    for table in before.tables.iter().filter(|table| goes(table)) {
        for gate in &table.gates {
            let tables = guards.entry(gate.gate.clone()).or_default();
            if tables.last().is_none_or(|last| last.id != table.id) {
                tables.push(table);
            }
        }
    }
    guards
}

/// What each gate asks less.
fn by_gate(less: &[Less]) -> BTreeMap<String, Vec<&Less>> {
    let mut all: BTreeMap<String, Vec<&Less>> = BTreeMap::new();
    for one in less {
        all.entry(one.gate.clone()).or_default().push(one);
    }
    all
}

/// Where gates ask less after than before. One that the tenant has no longer asked nobody.
fn less(before: &AppDefinition, (after, same_workbook): (&AppDefinition, bool), gates: &[Gate]) -> Vec<Less> {
    let mut all: Vec<Less> = Vec::new();
    let known = |place: &Place<'_>| gates.iter().any(|gate| gate.id == place.gate.gate);
    for place in places(before).filter(known) {
        let (part, of, title) = named(&place);
        let now = places(after)
            .filter(|now| (now.gate.gate == place.gate.gate) && named(now).0 == part && named(now).1 == of);
        // What asks least of what is wrong with those that are left is said.
        let how = now.map(|now| compare((before, &place), (after, &now), same_workbook));
        let how = how.min_by_key(|how| how.map(weight));
        let Some(how) = how.unwrap_or(Some(How::Dropped)) else { continue };
        let one =
            Less { gate: place.gate.gate.clone(), part, of: of.to_owned(), title: title.to_owned(), how };
        if !all.contains(&one) {
            all.push(one);
        }
    }
    all
}

const fn weight(how: How) -> u8 {
    match how {
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
    // For all rows: more is not to be had.
    is.gate.condition.as_ref()?;
    let (was, is) = (rows_of(before, was), rows_of(after, is));
    let other_cells = !same_workbook && is.as_ref().is_some_and(|looks| looks.calculated);
    (was != is || other_cells).then_some(How::OtherRows)
}

/// For which rows a gate asks.
#[derive(PartialEq)]
struct Looks {
    condition: Condition,
    /// Some value that it looks at is calculated: over the workbook's cells, and any other table's rows.
    calculated: bool,
    /// What makes the values.
    made: Vec<Json>,
}

/// For which rows a gate asks there, with what makes the values that it looks at; `None` for all, or when it cannot be said.
fn rows_of(definition: &AppDefinition, place: &Place<'_>) -> Option<Looks> {
    let own = place.table?;
    let condition = Condition::read(definition, &own.id, place.gate.condition.as_deref()?).ok()?;
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
    Some(Looks { made: made.collect(), condition, calculated })
}

fn quoted(tables: &[&TableDefinition], marks: (char, char)) -> String {
    let names = tables.iter().map(|table| format!("{}{}{}", marks.0, table.title, marks.1));
    listed(names, ", ")
}

/// The first few, and that there are more.
fn listed(all: impl ExactSizeIterator<Item = String>, between: &str) -> String {
    let more = if all.len() > SAID { " …" } else { "" };
    format!("{}{more}", all.take(SAID).collect::<Vec<_>>().join(between))
}

const ENGLISH: (char, char) = ('“', '”');
const GERMAN: (char, char) = ('„', '“');

fn erased(app: &str, tables: &[&TableDefinition]) -> Words {
    Words {
        english: format!("{app}: all rows of {} are removed with the app", quoted(tables, ENGLISH)),
        german: format!("{app}: alle Zeilen von {} werden mit der App gelöscht", quoted(tables, GERMAN)),
    }
}

fn replaced(app: &str, tables: &[&TableDefinition]) -> Words {
    Words {
        english: format!("{app}: all rows of {} are replaced", quoted(tables, ENGLISH)),
        german: format!("{app}: alle Zeilen von {} werden ersetzt", quoted(tables, GERMAN)),
    }
}

fn differences(app: &str, less: &[&Less]) -> Words {
    let english = less.iter().map(|one| {
        let how = match one.how {
            How::Dropped => "no longer asks",
            How::FewerChanges => "asks before fewer changes",
            How::OtherRows => "asks for other rows",
        };
        format!("{} {how} in “{}”", one.gate, one.title)
    });
    let german = less.iter().map(|one| {
        let how = match one.how {
            How::Dropped => "fragt nicht mehr",
            How::FewerChanges => "fragt vor weniger Änderungen",
            How::OtherRows => "fragt bei anderen Zeilen",
        };
        format!("{} {how} in „{}“", one.gate, one.title)
    });
    Words {
        english: format!("{app}: {}", listed(english, "; ")),
        german: format!("{app}: {}", listed(german, "; ")),
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
}
