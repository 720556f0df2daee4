//! Which active gates a transaction comes to, by what it changes.
//!
//! **Architecture Invariant:** rows are judged as they were before the transaction, as they are when an action runs on them, and as it
//! leaves them; a condition that means nothing any more asks. Rows that only follow, since formulas read others, are nobody's deed and ask nobody.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::Arc,
};

use gridkeep_engine::apply::Changes;
use gridkeep_model::{
    AppDefinition, AppId, Operation, Rights, RowChange, RowId, Transaction, Value,
    definition::{ActionDefinition, ColumnDefinition, GateUse, RowEvent, TableDefinition},
    rights::Reach,
};
use gridkeep_store::{RowWork, StoreError};
use jiff::Timestamp;

use super::{
    MOST_OPERATIONS,
    eyes::{Eyes, WITHHELD, row_of},
    values::Shown,
};
use crate::{
    distribution::Condition,
    gates::{About, Active, Gates, Judged, Passed},
    places::{BEFORE, EVERYWHERE},
};

/// A transaction as the gates see it.
pub(super) struct Scene<'a> {
    pub(super) app: AppId,
    pub(super) version: u32,
    pub(super) definition: &'a AppDefinition,
    pub(super) transaction: &'a Transaction,
    pub(super) changes: &'a Changes,
    /// What whoever began it may read.
    pub(super) rights: &'a Rights,
    /// The address of whoever began it.
    pub(super) user: &'a str,
    pub(super) now: Timestamp,
}

/// Whether an app names any gate at all.
pub(super) fn is_gated(definition: &AppDefinition) -> bool {
    definition.tables.iter().any(|table| !table.gates.is_empty())
        || definition.actions.iter().any(|action| !action.gates.is_empty())
}

/// A place where a gate is named, as the transaction comes to it.
struct Place<'a> {
    table: Option<(&'a TableDefinition, RowId)>,
    two: &'a Two,
    eyes: Eyes<'a>,
}

/// A row before and after.
#[derive(Default)]
struct Two {
    before: Option<Vec<Value>>,
    after: Option<Vec<Value>>,
    /// As the whole transaction leaves it, where an action is called on it.
    last: Option<Vec<Value>>,
}

/// What a transaction comes to.
#[derive(Default)]
pub(super) struct Reached {
    /// Gates in the order of its operations, each message once.
    pub(super) passed: Vec<Passed>,
    /// What the messages show of rows.
    pub(super) about: Vec<About>,
}

/// The gates a transaction comes to.
pub(super) fn reached(
    gates: &Gates,
    active: &Active,
    work: &mut RowWork<'_>,
    scene: &Scene<'_>,
) -> Result<Reached, StoreError> {
    let mut found = Found { gates, active, scene, reached: Reached::default(), said: BTreeMap::new() };
    let Changes { rows, operations, .. } = scene.changes;
    for (index, operation) in scene.transaction.operations.iter().enumerate() {
        let from = operations.partition_point(|at| *at < index);
        let to = operations.partition_point(|at| *at <= index);
        let own = rows.get(from..to).unwrap_or_default();
        if let Operation::Call { action, row, arguments, .. } = operation
            && let Some(action) = scene.definition.action(action)
        {
            found.action(work, action, *row, arguments, rows.get(..to).unwrap_or_default())?;
        }
        let named = match operation {
            Operation::Insert { values, .. } | Operation::Update { values, .. } => Some(values),
            Operation::Delete { .. } | Operation::Call { .. } => None,
        };
        for change in own {
            found.change(work, change, named)?;
        }
        // Of more than may be asked about one that asks is enough: all of it is refused.
        if scene.transaction.operations.len() > MOST_OPERATIONS && !found.reached.passed.is_empty() {
            break;
        }
    }
    let Found { mut reached, said, .. } = found;
    // What whoever began it reads is counted by what they read of it: which hidden values are equal is hidden too.
    let mut read = BTreeMap::<_, usize>::new();
    for ((gate, _, withheld), times) in &said {
        if let Some(withheld) = withheld {
            *read.entry((gate.clone(), withheld.clone())).or_default() += times;
        }
    }
    for Passed { gate, message, withheld } in &mut reached.passed {
        // `&COUNT` is what the transaction has in all: words that are about just as many have said it, and no others.
        let counts =
            active.gates.get(&gate.id).is_some_and(|(_, words)| words.parameters().contains("COUNT"));
        let told = counts.then_some(operations.len());
        // Equal words are shown once, with how many rows they are about.
        let times = said.get(&(gate.id.clone(), message.clone(), withheld.clone()));
        count(message, times, told);
        if let Some(withheld) = withheld {
            let times = read.get(&(gate.id.clone(), withheld.clone()));
            count(withheld, times, told);
        }
    }
    Ok(reached)
}

/// Says how many rows a text is about, where it is more than one and not what it has told itself.
fn count(text: &mut String, times: Option<&usize>, told: Option<usize>) {
    if let Some(times) = times.filter(|times| **times > 1 && Some(**times) != told) {
        // Writing to a text never fails.
        let _ = write!(text, " (×{times})");
    }
}

/// A condition as an expression; `None` when it means nothing.
fn condition(gates: &Gates, scene: &Scene<'_>, table: &str, text: &str) -> Option<Arc<Judged>> {
    let key = (scene.app, scene.version, table.to_owned(), text.to_owned());
    gates.conditions().get_or_put(key, || {
        let condition = Condition::read(scene.definition, table, text).ok()?;
        let expr = condition.fixed()?;
        Some(Arc::new(Judged { expr, columns: condition.columns() }))
    })
}

struct Found<'a> {
    gates: &'a Gates,
    active: &'a Active,
    scene: &'a Scene<'a>,
    reached: Reached,
    said: BTreeMap<(String, String, Option<String>), usize>,
}

impl Found<'_> {
    fn action(
        &mut self,
        work: &mut RowWork<'_>,
        action: &ActionDefinition,
        row: Option<RowId>,
        arguments: &BTreeMap<String, serde_json::Value>,
        so_far: &[RowChange],
    ) -> Result<(), StoreError> {
        if !action.gates.iter().any(|gate| self.active.gates.contains_key(&gate.gate)) {
            return Ok(());
        }
        let table = action.table.as_deref().and_then(|table| self.scene.definition.table(table));
        let mut two = Two::default();
        if let (Some(table), Some(row)) = (table, row) {
            two.before = work.row(self.scene.app, &table.id, row)?.map(|row| row.values);
            // What operations before it have made of the row is what it runs on; and what those behind it make of the row is what
            // stands there in the end.
            let found = |changes: &[RowChange]| {
                changes.iter().rev().find(|change| place(change) == (&table.id, row)).map(after)
            };
            two.after = found(so_far).unwrap_or_else(|| two.before.clone());
            two.last = found(&self.scene.changes.rows).flatten();
        }
        let place =
            Place { table: table.zip(row), two: &two, eyes: Eyes::of(self.scene.rights, table, None) };
        for gate in &action.gates {
            let shown = || {
                Shown::of(self.scene)
                    .table(table)
                    .action(action, arguments)
                    .row(two.before.as_deref(), two.after.as_deref())
            };
            self.ask(gate, &place, shown);
        }
        Ok(())
    }

    fn change(
        &mut self,
        work: &mut RowWork<'_>,
        change: &RowChange,
        named: Option<&BTreeMap<String, serde_json::Value>>,
    ) -> Result<(), StoreError> {
        let (table, row) = place(change);
        let event = match change {
            RowChange::Insert { .. } => RowEvent::Insert,
            RowChange::Update { .. } => RowEvent::Update,
            RowChange::Delete { .. } => RowEvent::Delete,
        };
        let Some(table) = self.scene.definition.table(table) else { return Ok(()) };
        let asks = |gate: &&GateUse| gate.concerns(event) && self.active.gates.contains_key(&gate.gate);
        let gates: Vec<&GateUse> = table.gates.iter().filter(asks).collect();
        if gates.is_empty() {
            return Ok(());
        }
        let before = work.row(self.scene.app, &table.id, row)?.map(|row| row.values);
        let two = Two { before, after: after(change), last: None };
        let eyes = Eyes::of(self.scene.rights, Some(table), named);
        let place = Place { table: Some((table, row)), two: &two, eyes };
        for gate in gates {
            let shown = || {
                Shown::of(self.scene)
                    .table(Some(table))
                    .event(event)
                    .row(two.before.as_deref(), two.after.as_deref())
            };
            self.ask(gate, &place, shown);
        }
        Ok(())
    }

    fn ask(&mut self, named: &GateUse, place: &Place<'_>, shown: impl FnOnce() -> BTreeMap<String, String>) {
        let Some((gate, template)) = self.active.gates.get(&named.gate) else { return };
        let known = || [&place.two.before, &place.two.after, &place.two.last].into_iter().flatten();
        if let (Some(text), Some((table, _))) = (&named.condition, place.table)
            && let Some(judged) = condition(self.gates, self.scene, &table.id, text)
            // What they cannot read is told them by no gate that asks or does not.
            && judged.columns.iter().all(|column| place.eyes.read(column, known()))
        {
            let reach = Reach::Only(judged.expr.clone());
            let holds = |values: &Vec<Value>| reach.has(table, &row_of(values));
            // Of a row nobody knows nothing is said: it is asked about.
            if known().next().is_some() && !known().any(holds) {
                return;
            }
        }
        let mut values = shown();
        let message = template.render(&values);
        let parameters = template.parameters();
        let mut withheld = None;
        if let Some((table, row)) = place.table {
            let columns = shown_of(table, &parameters);
            let hidden = place.eyes.withhold(table, &columns, known());
            if !hidden.is_empty() {
                values.extend(hidden.into_iter().map(|name| (name, WITHHELD.to_owned())));
                withheld = Some(template.render(&values)).filter(|withheld| *withheld != message);
            }
            if !columns.is_empty() {
                self.reached.about.push(About { table: table.id.clone(), row, columns });
            }
        }
        let key = (gate.id.clone(), message.clone(), withheld.clone());
        let times = self.said.entry(key).or_default();
        *times += 1;
        if *times == 1 {
            self.reached.passed.push(Passed { gate: gate.clone(), message, withheld });
        }
    }
}

/// Ids of the columns that these parameters show.
fn shown_of(table: &TableDefinition, parameters: &BTreeSet<&str>) -> Vec<String> {
    let shows = |column: &&ColumnDefinition| {
        let name = column.id.to_ascii_uppercase();
        let own = parameters.contains(name.as_str()) && !EVERYWHERE.contains(&name.as_str());
        own || parameters.contains(format!("{BEFORE}{name}").as_str())
    };
    table.columns.iter().filter(shows).map(|column| column.id.clone()).collect()
}

fn place(change: &RowChange) -> (&String, RowId) {
    match change {
        RowChange::Insert { table, id, .. }
        | RowChange::Update { table, id, .. }
        | RowChange::Delete { table, id, .. } => (table, *id),
    }
}

fn after(change: &RowChange) -> Option<Vec<Value>> {
    match change {
        RowChange::Insert { values, .. } | RowChange::Update { values, .. } => Some(values.clone()),
        RowChange::Delete { .. } => None,
    }
}
