//! An app at work: definition, workbook and engine together give what the screens show.
//!
//! **Architecture Invariant:** the workbook is never changed; what people enter lives in the engine and in the scenario, so
//! that [`App::reset`] always finds the way back.

mod results;
mod rows;
mod show;
mod view;

pub use view::{AppView, ChartSeriesView, ChartValues, FieldView};

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use gridkeep_model::{
    AppDefinition, CellAt, CellRef, CellValue, ColumnType, RangeRef, Row, Value, Workbook,
    definition::{Binding, Choices, Component, Field, FieldKind, FieldMode, GridColumn, Validation},
    transaction::Reason,
};
use serde_json::Value as Json;

use crate::{
    Cancel, Engine, EngineError, LoadOptions,
    apply::{RowFormulas, binding_range, check_value, texts},
    load, load_cancellable,
    rows::Inserted,
    typed::to_cell,
};

/// An open app.
pub struct App {
    workbook: Arc<Workbook>,
    definition: AppDefinition,
    options: LoadOptions,
    engine: Box<dyn Engine>,
    /// What was entered and accepted, by field id.
    entered: BTreeMap<String, Json>,
    /// What was entered and refused.
    refused: BTreeMap<String, (Json, Reason)>,
    /// Rows of the published tables by table id.
    rows: HashMap<String, Vec<Row>>,
    row_formulas: Option<RowFormulas>,
    /// Rows inserted since the workbook was loaded.
    inserted: Inserted,
    /// Rows that tables have grown by which the workbook has with one row, by table id.
    grown: HashMap<String, u32>,
    /// Rows were written into cells since then.
    wrote_rows: bool,
    sequence: u64,
    calculation_ms: f64,
    /// Id of the screen that is open.
    screen: String,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("name", &self.definition.name).finish_non_exhaustive()
    }
}

/// Something that is entered: a field, or a cell of a grid.
struct Entry<'a> {
    kind: FieldKind,
    mode: FieldMode,
    validation: &'a Validation,
    cell: CellRef,
}

impl App {
    /// Opens an app over its workbook and calculates it.
    pub fn open(
        workbook: Arc<Workbook>,
        definition: AppDefinition,
        options: &LoadOptions,
    ) -> Result<Self, EngineError> {
        let started = now();
        let (engine, _) = load(&workbook, options)?;
        Ok(Self::with_engine(workbook, definition, options, engine, started))
    }

    /// As [`App::open`], and can be stopped.
    pub fn open_cancellable(
        workbook: Arc<Workbook>,
        definition: AppDefinition,
        options: &LoadOptions,
        cancel: &Cancel,
    ) -> Result<Self, EngineError> {
        let started = now();
        let (engine, _) = load_cancellable(&workbook, options, cancel)?;
        Ok(Self::with_engine(workbook, definition, options, engine, started))
    }

    /// Opens an app over a workbook that is loaded already, with an engine that nothing was entered into.
    pub fn over(
        workbook: Arc<Workbook>,
        definition: AppDefinition,
        options: &LoadOptions,
        engine: Box<dyn Engine>,
    ) -> Self {
        let started = now();
        Self::with_engine(workbook, definition, options, engine, started)
    }

    fn with_engine(
        workbook: Arc<Workbook>,
        definition: AppDefinition,
        options: &LoadOptions,
        engine: Box<dyn Engine>,
        started: Moment,
    ) -> Self {
        let mut app = Self {
            workbook,
            definition,
            options: options.clone(),
            engine,
            entered: BTreeMap::new(),
            refused: BTreeMap::new(),
            rows: HashMap::new(),
            row_formulas: None,
            inserted: Inserted::default(),
            grown: HashMap::new(),
            wrote_rows: false,
            sequence: 0,
            calculation_ms: 0.0,
            screen: String::new(),
        };
        app.open_first();
        app.extract_rows();
        app.calculation_ms = elapsed(started);
        app
    }

    /// Puts another definition over the same workbook, as if the app were opened with it: what was entered is gone. The engine
    /// stays, so that an editor may show every change at once; only rows that were written into cells cost a new load. On an
    /// error the app is as it was, without what was entered.
    pub fn rebind(&mut self, definition: AppDefinition) -> Result<(), EngineError> {
        let started = now();
        if self.wrote_rows {
            let (engine, _) = load(&self.workbook, &self.options)?;
            self.engine = engine;
            self.entered.clear();
            self.refused.clear();
            self.inserted.clear();
            self.grown.clear();
            self.wrote_rows = false;
        } else {
            self.restore()?;
            self.engine.recalculate(&Cancel::new())?;
        }
        let row_formulas_hold =
            self.definition.tables == definition.tables && self.definition.actions == definition.actions;
        self.definition = definition;
        // Those that read rows have what people did to them.
        self.row_formulas = self.row_formulas.take().filter(|own| row_formulas_hold && !own.reads_rows());
        if !self.definition.screens.iter().any(|screen| screen.id == self.screen) {
            self.open_first();
        }
        self.sequence = 0;
        self.rows.clear();
        self.extract_rows();
        self.calculation_ms = elapsed(started);
        Ok(())
    }

    /// The definition the app was opened with, or bound to since.
    pub fn definition(&self) -> &AppDefinition {
        &self.definition
    }

    /// The engine, to read values beyond the screens.
    pub fn engine(&self) -> &dyn Engine {
        &*self.engine
    }

    /// Opens another screen: from now on every answer shows that one. An app begins with its first.
    pub fn show(&mut self, screen: &str) -> Result<AppView, EngineError> {
        if !self.definition.screens.iter().any(|known| known.id == screen) {
            return Err(EngineError::Unknown(screen.to_owned()));
        }
        screen.clone_into(&mut self.screen);
        Ok(self.view())
    }

    fn open_first(&mut self) {
        self.screen = self.definition.screens.first().map_or_else(String::new, |screen| screen.id.clone());
    }

    /// Enters a value. `id` is a field's id, or `grid/row/column` for a cell of a grid: the grid's id, the row and the
    /// column's offset, both from 0. A value that is not accepted is shown with its reason, and the engine keeps the old one.
    pub fn input(&mut self, id: &str, value: &Json) -> Result<AppView, EngineError> {
        let started = now();
        self.enter(id, value)?;
        self.engine.recalculate(&Cancel::new())?;
        self.calculation_ms = elapsed(started);
        Ok(self.view())
    }

    /// What was entered and accepted, by the ids of [`App::input`]: a scenario to save.
    pub fn inputs(&self) -> BTreeMap<String, Json> {
        self.entered.clone()
    }

    /// Starts over and enters a saved scenario. Ids that the app no longer has are left out.
    pub fn set_inputs(&mut self, inputs: &BTreeMap<String, Json>) -> Result<AppView, EngineError> {
        let started = now();
        self.restore()?;
        for (id, value) in inputs {
            match self.enter(id, value) {
                Ok(()) | Err(EngineError::Unknown(_) | EngineError::ReadOnly(_)) => {}
                Err(error) => return Err(error),
            }
        }
        self.engine.recalculate(&Cancel::new())?;
        self.calculation_ms = elapsed(started);
        Ok(self.view())
    }

    /// Back to the workbook's own inputs.
    pub fn reset(&mut self) -> Result<AppView, EngineError> {
        self.set_inputs(&BTreeMap::new())
    }

    fn restore(&mut self) -> Result<(), EngineError> {
        let ids: Vec<String> = std::mem::take(&mut self.entered).into_keys().collect();
        self.refused.clear();
        let mut cells = Vec::new();
        for id in &ids {
            if let Some(entry) = self.entry(id) {
                let value = self.workbook.sheet(&entry.cell.sheet).map(|sheet| sheet.value(entry.cell.at));
                cells.push((self.moved_cell(&entry.cell), value.cloned().unwrap_or_default()));
            }
        }
        self.engine.set(&cells)
    }

    fn enter(&mut self, id: &str, json: &Json) -> Result<(), EngineError> {
        let entry = self.entry(id).ok_or_else(|| EngineError::Unknown(id.to_owned()))?;
        let cell = self.moved_cell(&entry.cell);
        if entry.mode == FieldMode::Read || self.engine.formula(&cell).is_some() {
            return Err(EngineError::ReadOnly(id.to_owned()));
        }
        let checked = self.checked(&entry, json);
        match checked {
            Ok(value) => {
                self.engine.set(&[(cell, value)])?;
                self.refused.remove(id);
                self.entered.insert(id.to_owned(), json.clone());
            }
            Err(reason) => {
                self.refused.insert(id.to_owned(), (json.clone(), reason));
            }
        }
        Ok(())
    }

    fn checked(&self, entry: &Entry<'_>, json: &Json) -> Result<CellValue, Reason> {
        let column_type = match (entry.kind, json) {
            (FieldKind::Number | FieldKind::Currency | FieldKind::Percent, _)
            | (FieldKind::Choice, Json::Number(_)) => ColumnType::Double,
            (FieldKind::Integer, _) => ColumnType::Integer,
            (FieldKind::Text | FieldKind::LongText | FieldKind::Choice | FieldKind::File, _) => {
                ColumnType::Text
            }
            (FieldKind::Boolean, _) => ColumnType::Boolean,
            (FieldKind::Date, _) => ColumnType::Date,
            (FieldKind::Time, _) => ColumnType::Time,
            (FieldKind::DateTime, _) => ColumnType::DateTime,
        };
        let value = match Value::from_json(column_type, json) {
            Ok(Value::Text(text)) if text.is_empty() => Value::Null,
            Ok(value) => value,
            Err(error) => return Err(Reason::Value { error }),
        };
        let choices = self.choices(entry.validation);
        let date_1904 = self.workbook.date_1904;
        if let Some(reason) = check_value(entry.validation, &value, choices.as_deref(), date_1904) {
            return Err(reason);
        }
        if let (Value::Text(text), limit) = (&value, self.options.limits.text_length)
            && text.chars().count() > limit
        {
            return Err(Reason::TooLong { maximum: limit as u32 });
        }
        // A list of numbers is chosen from as texts; its cell holds a number.
        if let (FieldKind::Choice, Value::Text(text)) = (entry.kind, &value)
            && let Ok(number) = text.parse::<f64>()
            && number.is_finite()
            && self.original(&entry.cell).as_number().is_some()
        {
            return Ok(CellValue::Number(number));
        }
        Ok(to_cell(&value, date_1904))
    }

    fn original(&self, cell: &CellRef) -> CellValue {
        self.workbook.sheet(&cell.sheet).map_or(CellValue::Blank, |sheet| sheet.value(cell.at).clone())
    }

    fn choices(&self, validation: &Validation) -> Option<Vec<String>> {
        match validation.choices.as_ref()? {
            Choices::List { values } => Some(values.clone()),
            Choices::Range { binding: Binding::Column { table, column } } => {
                Some(self.column_texts(table, column))
            }
            Choices::Range { binding } => {
                let range = self.range(binding)?;
                Some(texts(&*self.engine, &range, &self.options))
            }
        }
    }

    /// What is entered under an id, in the coordinates of the workbook.
    fn entry(&self, id: &str) -> Option<Entry<'_>> {
        let mut parts = id.split('/');
        let (name, row, offset) = (parts.next()?, parts.next(), parts.next());
        for component in self.definition.screens.iter().flat_map(|screen| &screen.components) {
            let found = match (component, row, offset) {
                (Component::Fields { fields, .. }, None, None) => {
                    fields.iter().find(|field| field.id == name)
                }
                (Component::Card { field, .. }, None, None) => {
                    Some(&**field).filter(|field| field.id == name)
                }
                (Component::Grid { id, binding, columns, .. }, Some(row), Some(offset)) if id == name => {
                    return self.grid_entry(binding, columns, row.parse().ok()?, offset.parse().ok()?);
                }
                _ => None,
            };
            if let Some(field) = found {
                return self.field_entry(field);
            }
        }
        None
    }

    fn field_entry<'a>(&self, field: &'a Field) -> Option<Entry<'a>> {
        let range = self.workbook_range(&field.binding)?;
        let cell = CellRef::new(range.sheet, range.at.start);
        Some(Entry { kind: field.kind, mode: field.mode, validation: &field.validation, cell })
    }

    fn grid_entry<'a>(
        &self,
        binding: &Binding,
        columns: &'a [GridColumn],
        row: u32,
        offset: u32,
    ) -> Option<Entry<'a>> {
        let column = columns.iter().find(|column| column.offset == offset)?;
        let range = self.workbook_range(binding)?;
        let at =
            CellAt::new(range.at.start.row.checked_add(row)?, range.at.start.column.checked_add(offset)?);
        let cell = range.at.contains(at).then(|| CellRef::new(range.sheet, at))?;
        Some(Entry { kind: column.kind, mode: column.mode, validation: &column.validation, cell })
    }

    /// The range of a binding in the coordinates of the workbook.
    fn workbook_range(&self, binding: &Binding) -> Option<RangeRef> {
        let range = binding_range(&*self.engine, binding)?;
        // The engine knows names where they are now; bindings say where they were.
        Some(if matches!(binding, Binding::Name { .. }) { self.inserted.unmoved(range) } else { range })
    }

    /// The range of a binding as the engine has it now.
    fn range(&self, binding: &Binding) -> Option<RangeRef> {
        let range = binding_range(&*self.engine, binding)?;
        Some(if matches!(binding, Binding::Name { .. }) { range } else { self.moved(range) })
    }

    fn moved(&self, range: RangeRef) -> RangeRef {
        self.inserted.moved(range)
    }

    fn moved_cell(&self, cell: &CellRef) -> CellRef {
        self.inserted.moved_cell(cell)
    }
}

type Moment = formualizer::eval::instant::FzInstant;

/// The clock of the engine beneath: the browser's where there is one.
fn now() -> Moment {
    Moment::now()
}

fn elapsed(started: Moment) -> f64 {
    (started.elapsed().as_secs_f64() * 1e5).round() / 100.0
}

#[cfg(test)]
mod tests;
