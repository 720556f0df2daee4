//! Running an action of the app: its condition and its steps, as changes of rows.
//!
//! **Architecture Invariant:** an action's steps go the way the operations of a transaction go, so that validations, keys
//! and computed columns hold for them; only the rights are the action's own.

use std::collections::BTreeMap;

use gridkeep_model::{
    Query, Row, RowChange, RowId, Value,
    definition::{ActionDefinition, ActionStep, Comparison, RowCondition, TableDefinition, ValueSource},
    query::{Expr, Operator, Tables},
    transaction::{MOST_CHANGES, Reason, Within},
};
use serde_json::Value as Json;
use uuid::Uuid;

use super::{
    Rows, Run, check_value,
    compiled::{Place, Scene},
    validate,
};

impl<R: Rows> Run<'_, R> {
    /// What a call changes; nothing where something is wrong.
    pub(super) fn call(
        &mut self,
        id: &str,
        row: Option<RowId>,
        base: Option<u64>,
        arguments: &BTreeMap<String, Json>,
    ) -> Result<Vec<RowChange>, R::Error> {
        self.within = Some(Within { action: id.to_owned(), step: None, parameter: None });
        let known = self.problems.len();
        let definition = self.definition;
        let Some(action) = definition.action(id) else {
            self.problem(None, Reason::UnknownAction);
            return Ok(Vec::new());
        };
        let table = action.table.as_deref().and_then(|table| definition.table(table));
        if table.is_none() && action.table.is_some() {
            self.problem(None, Reason::UnknownTable);
            return Ok(Vec::new());
        }
        let role = self.asker.role;
        let sees = table.is_none_or(|table| table.may_see(role));
        if !(sees && action.may_run(role)) {
            self.problem(None, Reason::Forbidden);
            return Ok(Vec::new());
        }
        if !self.may_run(action) {
            self.problem(None, Reason::UnknownAction);
            return Ok(Vec::new());
        }
        let called_on = match (table, row) {
            (Some(table), Some(row)) => Some((table, row)),
            (None, None) => None,
            _ => {
                self.problem(None, Reason::WrongRow);
                return Ok(Vec::new());
            }
        };
        if let Some((table, row)) = called_on {
            if !self.finds(table, row)? {
                self.problem(None, Reason::NotFound);
                return Ok(Vec::new());
            }
            let found = match base {
                Some(base) => self.checked(table, row, base)?,
                None => self.current(table, row)?,
            };
            if found.is_none() {
                if base.is_none() {
                    self.problem(None, Reason::NotFound);
                }
                return Ok(Vec::new());
            }
        }
        if let Some(reason) = self.formulas.unread_by_actions() {
            self.problem(None, reason);
            return Ok(Vec::new());
        }
        let parameters = self.parameters(action, arguments)?;
        if self.problems.len() > known {
            return Ok(Vec::new());
        }
        let mut scene = Scene { parameters, ..Scene::default() };
        if !self.may_now(action, called_on, &mut scene)? {
            return Ok(Vec::new());
        }
        let mut changes = Vec::new();
        for (index, step) in action.steps.iter().enumerate() {
            if let Some(within) = &mut self.within {
                within.step = Some(index);
            }
            changes.extend(self.step(action, index, step, called_on, &mut scene)?);
            if self.problems.len() > known {
                return Ok(Vec::new());
            }
        }
        Ok(changes)
    }

    /// The arguments, typed and checked, in the order of the parameters.
    fn parameters(
        &mut self,
        action: &ActionDefinition,
        arguments: &BTreeMap<String, Json>,
    ) -> Result<Vec<Value>, R::Error> {
        for unknown in arguments.keys().filter(|id| action.parameter(id).is_none()) {
            self.about(unknown, Reason::UnknownParameter);
        }
        let mut values = Vec::with_capacity(action.parameters.len());
        for parameter in &action.parameters {
            let json = arguments.get(&parameter.id).unwrap_or(&Json::Null);
            let value = match Value::from_json(parameter.column_type, json) {
                Ok(Value::Text(text)) if text.is_empty() => Value::Null,
                Ok(value) => value,
                Err(error) => {
                    self.about(&parameter.id, Reason::Value { error });
                    continue;
                }
            };
            let choices = self.formulas.parameter_choices(&action.id, &parameter.id);
            let refused = check_value(&parameter.validation, &value, choices, self.formulas.date_1904());
            if let Some(reason) = refused {
                self.about(&parameter.id, reason);
            } else if let Some((table, column)) = validate::choices_of_rows(&parameter.validation)
                && !parameter.validation.open
                && !value.is_null()
                && !self.is_argument(table, column, &value)?
            {
                self.about(&parameter.id, Reason::NotAChoice);
            }
            values.push(value);
        }
        Ok(values)
    }

    fn about(&mut self, parameter: &str, reason: Reason) {
        if let Some(within) = &mut self.within {
            within.parameter = Some(parameter.to_owned());
        }
        self.problem(None, reason);
        if let Some(within) = &mut self.within {
            within.parameter = None;
        }
    }

    /// Whether the action's condition holds.
    fn may_now(
        &mut self,
        action: &ActionDefinition,
        called_on: Option<(&TableDefinition, RowId)>,
        scene: &mut Scene,
    ) -> Result<bool, R::Error> {
        if action.when.is_none() {
            return Ok(true);
        }
        scene.this = self.now(called_on)?;
        let holds = self.formulas.actions().holds(&action.id, scene);
        match holds {
            Ok(true) => return Ok(true),
            Ok(false) => self.problem(None, Reason::NotNow { message: action.refusal.clone() }),
            Err(error) => self.problem(None, Reason::Calculation { error }),
        }
        Ok(false)
    }

    /// The values of the row the action is called on, as they are after the steps so far.
    fn now(&mut self, called_on: Option<(&TableDefinition, RowId)>) -> Result<Option<Vec<Value>>, R::Error> {
        match called_on {
            Some((table, row)) => Ok(self.current(table, row)?.map(|row| row.values)),
            None => Ok(None),
        }
    }

    fn step(
        &mut self,
        action: &ActionDefinition,
        index: usize,
        step: &ActionStep,
        called_on: Option<(&TableDefinition, RowId)>,
        scene: &mut Scene,
    ) -> Result<Vec<RowChange>, R::Error> {
        scene.this = self.now(called_on)?;
        scene.step = None;
        let own = called_on.map(|(table, _)| table);
        let definition = self.definition;
        let table = match step.table() {
            Some(id) => definition.table(id),
            None => own,
        };
        let Some(table) = table else {
            self.problem(None, Reason::UnknownTable);
            return Ok(Vec::new());
        };
        match step {
            ActionStep::Set { values } => {
                let Some(row) = called_on.map(|(_, row)| row) else { return Ok(Vec::new()) };
                let Some(given) = self.given(action, index, table, values, scene) else {
                    return Ok(Vec::new());
                };
                let version = self.current(table, row)?.map_or(0, |row| row.version);
                let change = self.update(table, row, version, &given)?;
                Ok(self.counted(change))
            }
            ActionStep::Insert { values, .. } => {
                let Some(given) = self.given(action, index, table, values, scene) else {
                    return Ok(Vec::new());
                };
                let id = self.new_row(index);
                let change = self.insert(table, id, &given)?;
                Ok(self.counted(change))
            }
            ActionStep::Update { conditions, values, .. } => {
                let mut changes = Vec::new();
                for row in self.found(action, index, table, conditions, scene)? {
                    scene.step = Some(row.values);
                    let Some(given) = self.given(action, index, table, values, scene) else { break };
                    let change = self.update(table, row.id, row.version, &given)?;
                    if change.is_none() {
                        break;
                    }
                    changes.extend(self.counted(change));
                }
                Ok(changes)
            }
            ActionStep::Delete { conditions, .. } => {
                let mut changes = Vec::new();
                for row in self.found(action, index, table, conditions, scene)? {
                    let change = self.delete(table, row.id, row.version)?;
                    changes.extend(self.counted(change));
                }
                Ok(changes)
            }
        }
    }

    /// A change, when the transaction may still make one.
    fn counted(&mut self, change: Option<RowChange>) -> Vec<RowChange> {
        self.called += usize::from(change.is_some());
        if self.called > MOST_CHANGES {
            self.problem(None, Reason::TooManyRows { maximum: MOST_CHANGES });
        }
        change.into_iter().collect()
    }

    /// Id of the row that a step adds: the same wherever and however often the transaction is run, and in the order of the
    /// transaction's own id.
    fn new_row(&self, step: usize) -> RowId {
        let number = (self.index as u128) << 16 | (step as u128 + 1);
        // Spread over the random bits; those of version and variant stay.
        let spread = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) & 0x3fff_ffff_ffff_ffff;
        RowId::from_uuid(Uuid::from_u128(self.transaction.uuid().as_u128() ^ spread))
    }

    /// What a step gives to columns, in the form of an operation; `None` where a formula failed.
    fn given(
        &mut self,
        action: &ActionDefinition,
        step: usize,
        table: &TableDefinition,
        values: &BTreeMap<String, ValueSource>,
        scene: &Scene,
    ) -> Option<BTreeMap<String, Json>> {
        let known = self.problems.len();
        let mut given = BTreeMap::new();
        for (column, source) in values {
            let json = match source {
                ValueSource::Value(json) => Ok(json.clone()),
                // A column that is not there is refused with the others.
                ValueSource::Formula(_) => match table.column(column) {
                    Some(kind) => {
                        let place = Place::Value(step, column.clone());
                        let value =
                            self.formulas.actions().value(&action.id, &place, kind.column_type, scene);
                        value.map(|value| value.to_json())
                    }
                    None => Ok(Json::Null),
                },
            };
            match json {
                Ok(json) => drop(given.insert(column.clone(), json)),
                Err(error) => self.problem(Some(column), Reason::Calculation { error }),
            }
        }
        (self.problems.len() == known).then_some(given)
    }

    /// The rows that fulfil a step's conditions, as they are after the steps so far.
    fn found(
        &mut self,
        action: &ActionDefinition,
        step: usize,
        table: &TableDefinition,
        conditions: &[RowCondition],
        scene: &Scene,
    ) -> Result<Vec<Row>, R::Error> {
        let mut all = Vec::with_capacity(conditions.len());
        for (index, condition) in conditions.iter().enumerate() {
            match self.condition(action, step, index, table, condition, scene) {
                Ok(condition) => all.push(condition),
                Err(reason) => {
                    self.problem(Some(&condition.column), reason);
                    return Ok(Vec::new());
                }
            }
        }
        let condition = Expr::And(all);
        let touched = self.touched.of(&table.id).count();
        let most = MOST_CHANGES + 1 - self.called.min(MOST_CHANGES);
        let mut found = self.rows.matching(&table.id, &condition, most + touched)?;
        found.retain(|row| self.touched.get(&table.id, row.id).is_none());
        let changed: Vec<Row> = self.touched.of(&table.id).filter_map(|(_, two)| two.now.clone()).collect();
        let query = Query { table: table.id.clone(), filter: Some(condition), ..Query::unlimited() };
        let query = Query { page: gridkeep_model::query::Page::first(most as u32), ..query };
        if let Ok(changed) = query.select(&Tables::of(table.schema(), &changed)) {
            found.extend(changed.rows);
        }
        found.sort_by_key(|row| row.id);
        if found.len() + self.called > MOST_CHANGES {
            self.problem(None, Reason::TooManyRows { maximum: MOST_CHANGES });
            return Ok(Vec::new());
        }
        // Each is then known as it is, for the checks of what changes it.
        for row in &found {
            self.current(table, row.id)?;
        }
        Ok(found)
    }

    fn condition(
        &mut self,
        action: &ActionDefinition,
        step: usize,
        index: usize,
        table: &TableDefinition,
        condition: &RowCondition,
        scene: &Scene,
    ) -> Result<Expr, Reason> {
        let column = table.column(&condition.column).ok_or(Reason::UnknownColumn)?;
        let operator = match condition.comparison {
            Comparison::Equals => Operator::Eq,
            Comparison::NotEquals => Operator::Ne,
            Comparison::GreaterThan => Operator::Gt,
            Comparison::LessThan => Operator::Lt,
            Comparison::Filled => return Ok(Expr::Not(Box::new(Expr::column(&column.id).is_null()))),
            Comparison::Empty => return Ok(Expr::column(&column.id).is_null()),
        };
        let value = match &condition.value {
            None => Value::Null,
            Some(ValueSource::Value(json)) => {
                Value::from_json(column.column_type, json).map_err(|error| Reason::Value { error })?
            }
            Some(ValueSource::Formula(_)) => {
                let place = Place::Condition(step, index);
                let value = self.formulas.actions().value(&action.id, &place, column.column_type, scene);
                value.map_err(|error| Reason::Calculation { error })?
            }
        };
        Ok(Expr::column(&column.id).compare(operator, value.into()))
    }
}

#[cfg(test)]
mod tests;
