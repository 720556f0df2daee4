//! Which active gates a transaction comes to, by what it changes.
//!
//! **Architecture Invariant:** rows are judged as they were before the transaction, as they are when an action runs on them, and as it
//! leaves them; a condition that means nothing any more asks. Rows that only follow, since formulas read others, are nobody's deed and ask nobody.

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

use gridkeep_engine::apply::Changes;
use gridkeep_model::{
    AppDefinition, AppId, Operation, Row, RowChange, RowId, Transaction, Value,
    definition::{ActionDefinition, GateUse, RowEvent, TableDefinition},
    query::Expr,
    rights::Reach,
};
use gridkeep_store::{RowWork, StoreError};
use jiff::Timestamp;

use super::values::Shown;
use crate::{
    distribution::Condition,
    gates::{Active, Gates, Passed},
};

/// A transaction as the gates see it.
pub(super) struct Scene<'a> {
    pub(super) app: AppId,
    pub(super) version: u32,
    pub(super) definition: &'a AppDefinition,
    pub(super) transaction: &'a Transaction,
    pub(super) changes: &'a Changes,
    /// The address of whoever began it.
    pub(super) user: &'a str,
    pub(super) now: Timestamp,
}

/// Whether an app names any gate at all.
pub(super) fn is_gated(definition: &AppDefinition) -> bool {
    definition.tables.iter().any(|table| !table.gates.is_empty())
        || definition.actions.iter().any(|action| !action.gates.is_empty())
}

/// A row before and after.
#[derive(Default)]
struct Two {
    before: Option<Vec<Value>>,
    after: Option<Vec<Value>>,
    /// As the whole transaction leaves it, where an action is called on it.
    last: Option<Vec<Value>>,
}

/// The gates a transaction comes to, in the order of its operations; each message once.
pub(super) fn reached(
    gates: &Gates,
    active: &Active,
    work: &mut RowWork<'_>,
    scene: &Scene<'_>,
) -> Result<Vec<Passed>, StoreError> {
    let mut found = Found { gates, active, scene, reached: Vec::new(), said: BTreeMap::new() };
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
        for change in own {
            found.change(work, change)?;
        }
    }
    let Found { mut reached, said, .. } = found;
    for Passed { gate, message } in &mut reached {
        // Equal words are shown once, with how many rows they are about.
        if let Some(times) = said.get(&(gate.id.clone(), message.clone())).filter(|times| **times > 1) {
            // Writing to a text never fails.
            let _ = write!(message, " (×{times})");
        }
    }
    Ok(reached)
}

/// A condition as an expression; `None` when it means nothing.
fn condition(gates: &Gates, scene: &Scene<'_>, table: &str, text: &str) -> Option<Arc<Expr>> {
    let key = (scene.app, scene.version, table.to_owned(), text.to_owned());
    gates.conditions().get_or_put(key, || {
        let read = Condition::read(scene.definition, table, text).ok();
        read.and_then(|condition| condition.fixed()).map(Arc::new)
    })
}

struct Found<'a> {
    gates: &'a Gates,
    active: &'a Active,
    scene: &'a Scene<'a>,
    reached: Vec<Passed>,
    said: BTreeMap<(String, String), usize>,
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
        for gate in &action.gates {
            let shown = || {
                Shown::of(self.scene)
                    .table(table)
                    .action(action, arguments)
                    .row(two.before.as_deref(), two.after.as_deref())
            };
            self.ask(gate, table, &two, shown);
        }
        Ok(())
    }

    fn change(&mut self, work: &mut RowWork<'_>, change: &RowChange) -> Result<(), StoreError> {
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
        for gate in gates {
            let shown = || {
                Shown::of(self.scene)
                    .table(Some(table))
                    .event(event)
                    .row(two.before.as_deref(), two.after.as_deref())
            };
            self.ask(gate, Some(table), &two, shown);
        }
        Ok(())
    }

    fn ask(
        &mut self,
        named: &GateUse,
        table: Option<&TableDefinition>,
        two: &Two,
        shown: impl FnOnce() -> BTreeMap<String, String>,
    ) {
        let Some((gate, template)) = self.active.gates.get(&named.gate) else { return };
        if let (Some(text), Some(table)) = (&named.condition, table)
            && let Some(expr) = condition(self.gates, self.scene, &table.id, text)
        {
            let reach = Reach::Only((*expr).clone());
            let holds = |values: &Vec<Value>| {
                let row = Row { id: RowId::from_uuid(uuid::Uuid::nil()), version: 1, values: values.clone() };
                reach.has(table, &row)
            };
            // Of a row nobody knows nothing is said: it is asked about.
            let mut known = [&two.before, &two.after, &two.last].into_iter().flatten().peekable();
            if known.peek().is_some() && !known.any(holds) {
                return;
            }
        }
        let message = template.render(&shown());
        let times = self.said.entry((gate.id.clone(), message.clone())).or_default();
        *times += 1;
        if *times == 1 {
            self.reached.push(Passed { gate: gate.clone(), message });
        }
    }
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
