//! From a transaction to row changes: the same function in browser, device and server.
//!
//! **Architecture Invariant:** all or nothing, and no I/O of its own: rows come in through [`Rows`], changes go out as values.

mod action;
mod closure;
mod compiled;
mod follow;
mod formulas;
mod limits;
mod live;
mod runnable;
mod touched;
mod validate;

pub use compiled::{Looks, Seen, wrong_formula};
pub use follow::{MOST_FOLLOWING, renew};
pub use formulas::RowFormulas;
pub(crate) use formulas::{binding_range, texts};
pub use live::MOST_READ;
pub use runnable::{offered, row_decides};
pub(crate) use validate::check_value;

use std::collections::{BTreeMap, BTreeSet};

use gridkeep_model::{
    AppDefinition, ColumnType, Operation, Row, RowChange, RowId, Transaction, TransactionId, Value,
    definition::{ColumnDefinition, Filled, Reference, Role, TableDefinition},
    query::Expr,
    rights::Asker,
    transaction::{Problem, Reason, Within},
};
use jiff::civil;
use serde_json::Value as Json;

use touched::{Has, Touched};

/// How `apply` sees the rows as they are now.
pub trait Rows {
    /// Why reading failed.
    type Error;

    /// The moment of the transaction, in UTC; `None` where nobody keeps what columns are filled with, as in a preview.
    fn now(&self) -> Option<civil::DateTime> {
        None
    }

    /// A row, if it is there.
    fn row(&mut self, table: &str, id: RowId) -> Result<Option<Row>, Self::Error>;

    /// Whether a row other than `except` has this value in this column.
    fn key_taken(
        &mut self,
        table: &str,
        column: &str,
        value: &Value,
        except: RowId,
    ) -> Result<bool, Self::Error>;

    /// At most `most` of the rows for which a condition holds.
    fn matching(&mut self, table: &str, condition: &Expr, most: usize) -> Result<Vec<Row>, Self::Error>;
}

/// What a transaction changes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Changes {
    /// In the order of the operations: one change each, but for a call as many as its steps make. Behind them those of rows
    /// whose computed columns read what the operations have changed.
    pub rows: Vec<RowChange>,
    /// Index of the operation that makes each; there are none for those behind.
    pub operations: Vec<usize>,
    /// Ids of tables with more rows that read what was changed than may follow at once: [`renew`] is for them.
    pub waiting: Vec<String>,
}

/// Checks a transaction against definition, rights and rows, and computes what it changes. A refusal is a value that names
/// every problem; only reading rows can fail.
pub fn apply<'a, R: Rows>(
    definition: &'a AppDefinition,
    transaction: &Transaction,
    asker: impl Into<Asker<'a>>,
    rows: &'a mut R,
    formulas: &'a mut RowFormulas,
) -> Result<Result<Changes, Vec<Problem>>, R::Error> {
    formulas.catch_up(|table, id| rows.row(table, id))?;
    let mut run = Run::new(definition, transaction.id, asker.into(), rows, formulas);
    let mut changes = Changes::default();
    for (index, operation) in transaction.operations.iter().enumerate() {
        run.index = index;
        if let Operation::Call { action, row, base_version, arguments } = operation {
            changes.rows.extend(run.call(action, *row, *base_version, arguments)?);
            run.within = None;
        } else {
            match operation.table().and_then(|table| definition.table(table)) {
                Some(table) => changes.rows.extend(run.operation(table, operation)?),
                None => run.problem(None, Reason::UnknownTable),
            }
        }
        changes.operations.resize(changes.rows.len(), index);
    }
    if run.problems.is_empty() {
        run.follow(&mut changes.rows)?;
    }
    changes.waiting = std::mem::take(&mut run.waiting).into_iter().collect();
    Ok(if run.problems.is_empty() { Ok(changes) } else { Err(run.problems) })
}

struct Run<'a, R> {
    definition: &'a AppDefinition,
    transaction: TransactionId,
    rows: &'a mut R,
    formulas: &'a mut RowFormulas,
    /// Columns that others refer to: no two rows have the same value there.
    referred: Vec<&'a Reference>,
    asker: Asker<'a>,
    touched: Touched,
    problems: Vec<Problem>,
    index: usize,
    /// The action that is being run, and where in it.
    within: Option<Within>,
    /// Rows that actions have changed so far.
    called: usize,
    /// Tables of which more rows follow than may at once.
    waiting: BTreeSet<String>,
}

impl<'a, R: Rows> Run<'a, R> {
    fn new(
        definition: &'a AppDefinition,
        transaction: TransactionId,
        asker: Asker<'a>,
        rows: &'a mut R,
        formulas: &'a mut RowFormulas,
    ) -> Self {
        Self {
            definition,
            transaction,
            rows,
            formulas,
            referred: definition.references().map(|(_, _, refers)| refers).collect(),
            asker,
            touched: Touched::default(),
            problems: Vec::new(),
            index: 0,
            within: None,
            called: 0,
            waiting: BTreeSet::new(),
        }
    }

    fn problem(&mut self, column: Option<&str>, reason: Reason) {
        let within = self.within.clone().map(Box::new);
        self.problems.push(Problem { within, ..Problem::new(self.index, column, reason) });
    }

    fn operation(
        &mut self,
        table: &TableDefinition,
        operation: &Operation,
    ) -> Result<Option<RowChange>, R::Error> {
        let roles = match operation {
            Operation::Insert { .. } => &table.access.insert,
            Operation::Update { .. } => &table.access.update,
            Operation::Delete { .. } => &table.access.delete,
            Operation::Call { .. } => return Ok(None),
        };
        let role = self.asker.role;
        let sees = matches!(operation, Operation::Insert { .. }) || table.access.see.contains(&role);
        if role != Role::Maker && !(sees && roles.contains(&role)) {
            self.problem(None, Reason::Forbidden);
            return Ok(None);
        }
        if self.asker.limits.is_some() {
            return self.limited(table, operation);
        }
        self.change(table, operation)
    }

    fn change(
        &mut self,
        table: &TableDefinition,
        operation: &Operation,
    ) -> Result<Option<RowChange>, R::Error> {
        match operation {
            Operation::Insert { id, values, .. } => self.insert(table, *id, values),
            Operation::Update { id, base_version, values, .. } => {
                self.update(table, *id, *base_version, values)
            }
            Operation::Delete { id, base_version, .. } => self.delete(table, *id, *base_version),
            Operation::Call { .. } => Ok(None),
        }
    }

    fn insert(
        &mut self,
        table: &TableDefinition,
        id: RowId,
        given: &BTreeMap<String, Json>,
    ) -> Result<Option<RowChange>, R::Error> {
        if self.current(table, id)?.is_some() {
            self.problem(None, Reason::IdTaken);
            return Ok(None);
        }
        let empty = vec![Value::Null; table.columns.len()];
        let Some(values) = self.merge(table, id, empty, given, true)? else { return Ok(None) };
        self.put(table, id, Some(Row { id, version: 1, values: values.clone() }));
        Ok(Some(RowChange::Insert { table: table.id.clone(), id, values }))
    }

    fn update(
        &mut self,
        table: &TableDefinition,
        id: RowId,
        base: u64,
        given: &BTreeMap<String, Json>,
    ) -> Result<Option<RowChange>, R::Error> {
        let Some(row) = self.checked(table, id, base)? else { return Ok(None) };
        let base_version = row.version;
        let Some(values) = self.merge(table, id, row.values, given, false)? else { return Ok(None) };
        self.put(table, id, Some(Row { id, version: base_version + 1, values: values.clone() }));
        Ok(Some(RowChange::Update { table: table.id.clone(), id, base_version, values }))
    }

    fn delete(
        &mut self,
        table: &TableDefinition,
        id: RowId,
        base: u64,
    ) -> Result<Option<RowChange>, R::Error> {
        let Some(row) = self.checked(table, id, base)? else { return Ok(None) };
        self.put(table, id, None);
        Ok(Some(RowChange::Delete { table: table.id.clone(), id, base_version: row.version }))
    }

    /// The row at the version the operation is based on. Who changed a row earlier in the same transaction may name
    /// either version: the one before it or the one it made.
    fn checked(&mut self, table: &TableDefinition, id: RowId, base: u64) -> Result<Option<Row>, R::Error> {
        let Some(row) = self.current(table, id)? else {
            self.problem(None, Reason::NotFound);
            return Ok(None);
        };
        let before = self.touched.get(&table.id, id).and_then(|two| two.before.as_ref());
        if base != row.version && before.is_none_or(|before| before.version != base) {
            self.problem(None, Reason::Conflict { current: row.version });
            return Ok(None);
        }
        Ok(Some(row))
    }

    fn current(&mut self, table: &TableDefinition, id: RowId) -> Result<Option<Row>, R::Error> {
        if self.touched.get(&table.id, id).is_none() {
            let before = self.rows.row(&table.id, id)?;
            self.touched.add(&table.id, id, before);
        }
        Ok(self.touched.get(&table.id, id).and_then(|two| two.now.clone()))
    }

    fn put(&mut self, table: &TableDefinition, id: RowId, now: Option<Row>) {
        self.formulas.put(&table.id, id, now.as_ref().map(|row| row.values.as_slice()));
        self.touched.put(&table.id, id, now);
    }

    /// Given values over the row's own, checked, with computed columns calculated; `None` when something is wrong.
    fn merge(
        &mut self,
        table: &TableDefinition,
        id: RowId,
        mut values: Vec<Value>,
        given: &BTreeMap<String, Json>,
        whole_row: bool,
    ) -> Result<Option<Vec<Value>>, R::Error> {
        let known = self.problems.len();
        let limits = self.limits(&table.id);
        let hides = |column: &str| limits.is_some_and(|rights| rights.hidden.contains(column));
        for column in given.keys().filter(|id| table.column(id).is_none() || hides(id)) {
            self.problem(Some(column), Reason::UnknownColumn);
        }
        for (index, column) in table.columns.iter().enumerate() {
            let mut json = given.get(&column.id).filter(|_| !hides(&column.id));
            if json.is_some() && limits.is_some_and(|rights| rights.read_only.contains(&column.id)) {
                self.problem(Some(&column.id), Reason::ReadOnly);
                continue;
            }
            let filled = limits.filter(|_| whole_row).and_then(|rights| rights.fill.get(&column.id));
            let blank = json.is_none_or(|json| json.is_null() || json.as_str() == Some(""));
            let filled = filled.filter(|_| blank).map(Value::to_json);
            json = filled.as_ref().or(json);
            if !column.is_entered() {
                if json.is_some() {
                    self.problem(Some(&column.id), Reason::ReadOnly);
                }
                if column.filled.is_some_and(|filled| whole_row || filled == Filled::Changed) {
                    values[index] = self.rows.now().map_or(Value::Null, Value::DateTime);
                }
                continue;
            }
            if json.is_none() && !whole_row {
                continue;
            }
            let text_field = matches!(column.column_type, ColumnType::Guid | ColumnType::Duration);
            let json = json.filter(|json| !(text_field && json.as_str() == Some("")));
            let value = match Value::from_json(column.column_type, json.unwrap_or(&Json::Null)) {
                // Forms send empty texts for fields left alone.
                Ok(Value::Text(text)) if text.is_empty() => Value::Null,
                Ok(value) => value,
                Err(error) => {
                    self.wrong(table, &column.id, Reason::Value { error });
                    continue;
                }
            };
            if let Some(reason) = self.refused(table, id, column, &value)? {
                self.wrong(table, &column.id, reason);
            }
            values[index] = value;
        }
        if self.problems.len() > known {
            return Ok(None);
        }
        if let Some(reason) = self.formulas.unread(&table.id) {
            self.problem(None, reason);
            return Ok(None);
        }
        for (index, result) in self.formulas.evaluate(table, id, &values) {
            match result {
                Ok(value) => values[index] = value,
                // As in a spreadsheet, an error does not keep the row from being entered, unless its maker requires a value.
                Err(_) if !table.columns[index].validation.required => values[index] = Value::Null,
                Err(error) => self.wrong(table, &table.columns[index].id, Reason::Calculation { error }),
            }
        }
        Ok((self.problems.len() == known).then_some(values))
    }

    fn refused(
        &mut self,
        table: &TableDefinition,
        id: RowId,
        column: &ColumnDefinition,
        value: &Value,
    ) -> Result<Option<Reason>, R::Error> {
        let is_key = table.key.as_ref() == Some(&column.id);
        if value.is_null() && is_key {
            return Ok(Some(Reason::Required));
        }
        let choices = self.formulas.choices(&table.id, &column.id);
        if let Some(reason) = check_value(&column.validation, value, choices, self.formulas.date_1904()) {
            return Ok(Some(reason));
        }
        if let Some((other, key)) = validate::choices_of_rows(&column.validation)
            && !column.validation.open
            && !value.is_null()
            && let Some(other) = self.definition.table(other)
            && !self.is_offered(other, key, value)?
        {
            return Ok(Some(Reason::NotAChoice));
        }
        let unique = is_key
            || !value.is_null()
                && self.referred.iter().any(|refers| refers.table == table.id && refers.column == column.id);
        Ok((unique && self.is_taken(table, &column.id, value, id)?).then_some(Reason::Duplicate))
    }

    /// Whether another row has this key, counting what the transaction did so far.
    fn is_taken(
        &mut self,
        table: &TableDefinition,
        column: &str,
        value: &Value,
        id: RowId,
    ) -> Result<bool, R::Error> {
        let Some(index) = table.columns.iter().position(|other| other.id == column) else { return Ok(false) };
        match self.touched.has(&table.id, index, value, id) {
            Has::Now => Ok(true),
            // Keys are unique: when a row of this transaction had it before, nobody else has it.
            Has::Before => Ok(false),
            Has::Never => self.rows.key_taken(&table.id, column, value, id),
        }
    }
}

#[cfg(test)]
mod tests;
