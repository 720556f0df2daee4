//! Rows of published tables within an open app: the preview's little database, and the way of rows back into the cells so
//! that formulas and charts see them.

use std::collections::HashMap;

use gridkeep_model::{
    CellAt, CellRef, CellValue, Outcome, Query, RangeRef, Row, RowChange, RowId, Transaction, Value,
    definition::{Role, TableDefinition},
    query::{Expr, Page, RowsPage, RowsRequest, Sight, Tables},
    transaction::{AppliedRow, Problem, Reason},
};
use serde_json::{Value as Json, json};

use super::{App, AppView, elapsed, now, show::value_text};
use crate::{
    Cancel, EngineError,
    apply::{self, RowFormulas, Rows},
    refs,
    rows::{Back, extract, source_range},
};

impl App {
    /// A page of a table's rows, as the row service would give it.
    pub fn rows(&self, table: &str, request: &RowsRequest) -> Result<RowsPage, Problem> {
        let unknown = || Problem::new(0, None, Reason::UnknownTable);
        let definition = self.definition.table(table).ok_or_else(unknown)?;
        // A preview is its maker's, who sees all tables.
        let query = request.to_query(&self.definition, definition, Role::Maker)?.seen(Sight::Everything);
        let none = Vec::new();
        let rows = |table: &str| self.rows.get(table).unwrap_or(&none);
        let tables = self
            .definition
            .tables
            .iter()
            .fold(Tables::default(), |all, table| all.with(table.schema(), rows(&table.id)));
        // Only a column that is not there could be refused, and `to_query` has looked at each.
        let found = query.select(&tables).map_err(|_| Problem::new(0, None, Reason::UnknownColumn))?;
        let columns = found.schema.columns.into_iter().map(|column| column.id).collect();
        Ok(RowsPage { columns, rows: found.rows.iter().map(json_row).collect(), total: found.total })
    }

    /// Ids of the actions that this role can run now on a row, or on none; `None` where there is no such row.
    pub fn runnable(
        &mut self,
        called_on: Option<(&str, RowId)>,
        role: Role,
    ) -> Result<Option<Vec<String>>, EngineError> {
        let row = match called_on {
            None => None,
            Some((id, row)) => {
                let found = self.rows.get(id).and_then(|rows| rows.iter().find(|own| own.id == row));
                let Some((table, row)) = self.definition.table(id).zip(found) else { return Ok(None) };
                Some((table.clone(), row.values.clone()))
            }
        };
        let mut formulas = self.take_formulas()?;
        let known = &self.rows;
        let find = |table: &str, id: RowId| known.get(table)?.iter().find(|row| row.id == id).cloned();
        let Ok(()) = formulas.catch_up(|table, id| Ok::<_, std::convert::Infallible>(find(table, id)));
        let row = row.as_ref().map(|(table, values)| (table, values.as_slice()));
        let found = formulas.runnable(&self.definition, role, row);
        self.row_formulas = Some(formulas);
        Ok(Some(found))
    }

    /// What calculates rows, with the rows it reads; it is to be put back.
    fn take_formulas(&mut self) -> Result<RowFormulas, EngineError> {
        if let Some(formulas) = self.row_formulas.take() {
            return Ok(formulas);
        }
        let mut made = RowFormulas::new(&self.workbook, &self.definition, &self.options)?;
        for table in made.reads() {
            made.set_rows(&table, self.rows.get(&table).map(Vec::as_slice).unwrap_or_default());
        }
        Ok(made)
    }

    /// Applies a transaction to the rows in memory, with the function the server runs.
    pub fn transact(&mut self, transaction: &Transaction, role: Role) -> Result<Outcome, EngineError> {
        let mut formulas = self.take_formulas()?;
        let mut memory = Memory { definition: &self.definition, rows: &self.rows };
        let Ok(result) = apply::apply(&self.definition, transaction, role, &mut memory, &mut formulas);
        self.row_formulas = Some(formulas);
        let changes = match result {
            Ok(changes) => changes,
            Err(problems) => return Ok(Outcome::Refused { problems }),
        };
        let mut applied = Vec::with_capacity(changes.rows.len());
        let mut tables: Vec<String> = Vec::new();
        let mut operations = changes.operations.into_iter();
        for change in changes.rows {
            let row = self.change(change);
            if !tables.contains(&row.table) {
                tables.push(row.table.clone());
            }
            applied.extend(operations.next().map(|operation| AppliedRow { operation, ..row }));
        }
        for table in &tables {
            self.write_rows(table)?;
        }
        self.engine.recalculate(&Cancel::new())?;
        self.sequence += 1;
        Ok(Outcome::Applied { sequence: self.sequence, rows: applied })
    }

    /// Takes a table's rows as they are in the database, and writes them into the workbook's cells.
    pub fn set_rows(&mut self, table: &str, rows: Vec<Row>) -> Result<AppView, EngineError> {
        let started = now();
        if self.definition.table(table).is_none() {
            return Err(EngineError::Unknown(table.to_owned()));
        }
        self.rows.insert(table.to_owned(), rows);
        self.row_formulas = None;
        self.write_rows(table)?;
        self.engine.recalculate(&Cancel::new())?;
        self.calculation_ms = elapsed(started);
        Ok(self.view())
    }

    pub(super) fn extract_rows(&mut self) {
        for table in &self.definition.tables {
            let extracted = extract(&self.workbook, &*self.engine, table);
            // Ids of rows that nobody stored yet: their number within the file, so that the preview is the same every time.
            let row = |(index, values): (usize, Vec<Value>)| Row {
                id: RowId::from_uuid(uuid::Uuid::from_u128(index as u128 + 1)),
                version: 1,
                values,
            };
            let rows = extracted.rows.into_iter().enumerate().map(row).collect();
            self.rows.insert(table.id.clone(), rows);
        }
    }

    pub(super) fn column_values(&self, table: &str, column: &str) -> Vec<Value> {
        let position = |table: &TableDefinition| table.columns.iter().position(|own| own.id == column);
        let Some(index) = self.definition.table(table).and_then(position) else { return Vec::new() };
        let rows = self.rows.get(table).map(Vec::as_slice).unwrap_or_default();
        rows.iter().map(|row| row.values.get(index).cloned().unwrap_or(Value::Null)).collect()
    }

    pub(super) fn column_texts_of_rows(&self, table: &str, column: &str) -> Vec<String> {
        self.column_values(table, column).iter().map(value_text).collect()
    }

    /// The different filled values of a column, as texts.
    pub(super) fn column_texts(&self, table: &str, column: &str) -> Vec<String> {
        let mut texts = self.column_texts_of_rows(table, column);
        let mut seen = std::collections::HashSet::new();
        texts.retain(|text| !text.is_empty() && seen.insert(text.clone()));
        texts
    }

    fn change(&mut self, change: RowChange) -> AppliedRow {
        let json = |values: &[Value]| values.iter().map(Value::to_json).collect();
        match change {
            RowChange::Insert { table, id, values } => {
                let shown = json(&values);
                self.rows.entry(table.clone()).or_default().push(Row { id, version: 1, values });
                AppliedRow { operation: 0, table, id, version: Some(1), values: shown }
            }
            RowChange::Update { table, id, base_version, values } => {
                let shown = json(&values);
                let rows = self.rows.entry(table.clone()).or_default();
                if let Some(row) = rows.iter_mut().find(|row| row.id == id) {
                    *row = Row { id, version: base_version + 1, values };
                }
                AppliedRow { operation: 0, table, id, version: Some(base_version + 1), values: shown }
            }
            RowChange::Delete { table, id, .. } => {
                self.rows.entry(table.clone()).or_default().retain(|row| row.id != id);
                AppliedRow { operation: 0, table, id, version: None, values: Vec::new() }
            }
        }
    }

    /// Writes a table's rows over its data rows. Too few cells: rows are inserted, so that what refers to the table grows
    /// with it. Too many: the rest is blanked. One row alone has no middle: others come behind it, and what reads that row is
    /// not widened; whole columns, choices and charts see all.
    pub(super) fn write_rows(&mut self, table: &str) -> Result<(), EngineError> {
        let Some(definition) = self.definition.table(table).cloned() else { return Ok(()) };
        let Some(source) = source_range(&self.workbook, &definition.source) else { return Ok(()) };
        self.wrote_rows = true;
        let rows = self.rows.get(table).cloned().unwrap_or_default();
        let mut range = self.data_rows(table, &source);
        let wanted = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        if wanted > range.at.rows() {
            let count = wanted - range.at.rows();
            let before = range.at.end.row + u32::from(range.at.rows() == 1);
            self.engine.insert_rows(&range.sheet, before, count)?;
            self.inserted.push(range.sheet.clone(), before, count);
            if source.at.rows() == 1 {
                *self.grown.entry(table.to_owned()).or_default() += count;
            }
            range = self.data_rows(table, &source);
        }
        self.write_values(&definition, &range, &rows)?;
        self.write_formulas(&definition, &source, &range, wanted)
    }

    /// Where a table's data rows are now.
    fn data_rows(&self, table: &str, source: &RangeRef) -> RangeRef {
        let mut range = self.moved(source.clone());
        range.at.end.row += self.grown.get(table).copied().unwrap_or(0);
        range
    }

    fn write_values(
        &mut self,
        definition: &TableDefinition,
        range: &RangeRef,
        rows: &[Row],
    ) -> Result<(), EngineError> {
        let back = Back::of(&self.workbook, definition);
        let current = self.engine.range(range);
        let mut cells = Vec::new();
        for index in 0..range.at.rows() {
            for (position, column) in definition.columns.iter().enumerate() {
                let row = rows.get(index as usize);
                if column.is_file() || column.formula.is_some() && row.is_some() {
                    continue;
                }
                let value = row
                    .and_then(|row| row.values.get(position))
                    .map_or(CellValue::Blank, |value| back.cell(position, value));
                let old = current.get(index as usize).and_then(|row| row.get(column.offset as usize));
                if old.unwrap_or(&CellValue::Blank) != &value {
                    let at = CellAt::new(range.at.start.row + index, range.at.start.column + column.offset);
                    cells.push((CellRef::new(range.sheet.clone(), at), value));
                }
            }
        }
        self.engine.set(&cells)
    }

    /// Rows that had no formula in a computed column get the first row's, moved.
    fn write_formulas(
        &mut self,
        definition: &TableDefinition,
        source: &RangeRef,
        range: &RangeRef,
        count: u32,
    ) -> Result<(), EngineError> {
        let first = range.at.start;
        for column in &definition.columns {
            let Some(formula) = &column.formula else { continue };
            let cell =
                |row: u32| CellRef::new(range.sheet.clone(), CellAt::new(row, first.column + column.offset));
            // The definition's formula is for the row where the table began in the file.
            let here = i64::from(first.row) - i64::from(source.at.start.row);
            for row in first.row..first.row + count {
                if self.engine.formula(&cell(row)).is_none() {
                    let by = here + i64::from(row - first.row);
                    let Some(moved) = refs::shift(formula, by, 0) else { break };
                    self.engine.set_formula(&cell(row), &moved)?;
                }
            }
        }
        Ok(())
    }
}

fn json_row(row: &Row) -> Vec<Json> {
    let head = [json!(row.id), json!(row.version)];
    head.into_iter().chain(row.values.iter().map(Value::to_json)).collect()
}

/// The rows in memory, as `apply` wants to see them.
struct Memory<'a> {
    definition: &'a gridkeep_model::AppDefinition,
    rows: &'a HashMap<String, Vec<Row>>,
}

impl Rows for Memory<'_> {
    type Error = std::convert::Infallible;

    fn row(&mut self, table: &str, id: RowId) -> Result<Option<Row>, Self::Error> {
        Ok(self.rows.get(table).and_then(|rows| rows.iter().find(|row| row.id == id)).cloned())
    }

    fn matching(&mut self, table: &str, condition: &Expr, most: usize) -> Result<Vec<Row>, Self::Error> {
        let (Some(definition), Some(rows)) = (self.definition.table(table), self.rows.get(table)) else {
            return Ok(Vec::new());
        };
        let page = Page::first(u32::try_from(most).unwrap_or(u32::MAX));
        let query =
            Query { table: table.into(), filter: Some(condition.clone()), page, ..Query::unlimited() };
        // Only a column that is not there could be refused, and `apply` has looked at each.
        Ok(query.select(&Tables::of(definition.schema(), rows)).map(|found| found.rows).unwrap_or_default())
    }

    fn key_taken(
        &mut self,
        table: &str,
        column: &str,
        value: &Value,
        except: RowId,
    ) -> Result<bool, Self::Error> {
        let position = |table: &TableDefinition| table.columns.iter().position(|own| own.id == column);
        let Some(index) = self.definition.table(table).and_then(position) else { return Ok(false) };
        let taken = |row: &Row| row.id != except && row.values.get(index) == Some(value);
        Ok(self.rows.get(table).is_some_and(|rows| rows.iter().any(taken)))
    }
}
