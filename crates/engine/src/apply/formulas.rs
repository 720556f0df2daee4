//! Computed columns of one row, and choices that stand in the workbook.

use std::collections::{BTreeSet, HashMap, HashSet};

use gridkeep_model::{
    AppDefinition, CellAt, CellRef, RangeAt, RangeRef, Row, RowId, Value, Workbook,
    definition::{Binding, Choices, TableDefinition, TableSource, Validation},
    transaction::Reason,
};

use crate::{
    Cancel, Engine, EngineError, LoadOptions, format, load,
    rows::{Back, Inserted, source_range},
    typed::to_value,
};

use super::{
    closure::{self, Wanted},
    compiled::{ActionFormulas, Actions, Scene},
    follow::MOST_FOLLOWING,
    live::Live,
};

/// Evaluates a row's computed columns by putting its values into the table's first data row, or into its own where formulas
/// read the table, and recalculating. Only what those columns and the choices read is loaded.
pub struct RowFormulas {
    engine: Option<Box<dyn Engine>>,
    /// The first data row of each table with computed columns, and how its values become cells.
    first_rows: HashMap<String, (CellRef, Back)>,
    choices: HashMap<(String, String), Listed>,
    /// Choices of parameters, by action and parameter.
    parameter_choices: HashMap<(String, String), Listed>,
    actions: ActionFormulas,
    /// The tables that formulas read, with their rows.
    live: Live,
    /// Which of them the computed columns of a table read, by that table.
    reads: HashMap<String, BTreeSet<String>>,
    /// Which of them actions and choices read.
    others_read: BTreeSet<String>,
    options: LoadOptions,
    date_1904: bool,
    /// Rows of one table that follow a change at most.
    most_following: usize,
}

impl std::fmt::Debug for RowFormulas {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RowFormulas").field("first_rows", &self.first_rows).finish_non_exhaustive()
    }
}

impl RowFormulas {
    /// For the tables of an app over its workbook.
    pub fn new(
        workbook: &Workbook,
        definition: &AppDefinition,
        options: &LoadOptions,
    ) -> Result<Self, EngineError> {
        let mut formulas = Self {
            engine: None,
            first_rows: HashMap::new(),
            choices: HashMap::new(),
            parameter_choices: HashMap::new(),
            actions: ActionFormulas::new(workbook, definition),
            live: Live::default(),
            reads: HashMap::new(),
            others_read: BTreeSet::new(),
            options: options.clone(),
            date_1904: workbook.date_1904,
            most_following: MOST_FOLLOWING,
        };
        let blocks: Vec<_> = definition.tables.iter().map(|table| block(workbook, &table.source)).collect();
        let read = |wanted: &Wanted<'_>| -> BTreeSet<String> {
            let read = closure::reads(workbook, wanted, &blocks);
            let tables = definition.tables.iter().zip(read).filter(|(_, read)| *read);
            tables.map(|(table, _)| table.id.clone()).collect()
        };
        let (mut wanted, mut others) = (Wanted::default(), Wanted::default());
        for table in &definition.tables {
            others.bindings.extend(table.columns.iter().filter_map(|column| in_cells(&column.validation)));
            let Some(first) = first_row(workbook, &table.source) else { continue };
            let mut own = Wanted::default();
            for column in &table.columns {
                if let Some(formula) = &column.formula {
                    let at = CellAt::new(first.at.row, first.at.column + column.offset);
                    own.formulas.push((CellRef::new(first.sheet.clone(), at), formula.as_str()));
                }
            }
            if !own.formulas.is_empty() {
                formulas.first_rows.insert(table.id.clone(), (first, Back::of(workbook, table)));
                formulas.reads.insert(table.id.clone(), read(&own));
                wanted.formulas.extend(own.formulas);
            }
        }
        let parameters = definition.actions.iter().flat_map(|action| &action.parameters);
        others.bindings.extend(parameters.filter_map(|parameter| in_cells(&parameter.validation)));
        let of_tables = wanted.formulas.len();
        let of_actions = formulas.actions.formulas.clone();
        others.formulas.extend(of_actions.iter().map(|(cell, text)| (cell.clone(), text.as_str())));
        formulas.others_read = read(&others);
        wanted.formulas.extend(others.formulas);
        wanted.bindings = others.bindings;
        for (table, block) in definition.tables.iter().zip(blocks) {
            let mut all = formulas.reads.values().chain([&formulas.others_read]);
            if let Some(block) = block.filter(|_| all.any(|read| read.contains(&table.id))) {
                formulas.live.add(table, block, Back::of(workbook, table));
            }
        }
        if !wanted.formulas.is_empty() || !wanted.bindings.is_empty() {
            let mut part = closure::part(workbook, &wanted);
            if let Some(sheet) = formulas.actions.sheet() {
                part.to_mut().sheets.push(sheet);
            }
            let (mut engine, _) = load(&part, options)?;
            // What an action cannot calculate stops that action, not the app.
            for (cell, formula) in wanted.formulas.drain(of_tables..) {
                if let Err(error) = engine.set_formula(&cell, formula) {
                    formulas.actions.spoil(&cell, &error.to_string());
                }
            }
            for (cell, formula) in &wanted.formulas {
                if engine.formula(cell).is_none_or(|own| own != **formula) {
                    engine.set_formula(cell, formula)?;
                }
            }
            formulas.engine = Some(engine);
        }
        formulas.collect_choices(definition);
        Ok(formulas)
    }

    /// With another limit than [`MOST_FOLLOWING`] of rows that follow a change.
    #[must_use]
    pub fn following(mut self, most: usize) -> Self {
        self.most_following = most;
        self
    }

    pub(super) const fn most_following(&self) -> usize {
        self.most_following
    }

    /// Whether formulas read rows of the app's tables.
    pub fn reads_rows(&self) -> bool {
        !self.live.is_empty()
    }

    /// Ids of the tables whose rows formulas read; they are to be given by [`Self::set_rows`] before anything is evaluated.
    pub fn reads(&self) -> Vec<String> {
        self.live.ids().cloned().collect()
    }

    /// Takes all rows of a table that formulas read. Of more than [`super::MOST_READ`] none can be read.
    pub fn set_rows(&mut self, table: &str, rows: &[Row]) {
        if let Some(engine) = &mut self.engine {
            self.live.set_rows(&mut **engine, table, rows);
        }
        self.collect_live_choices();
    }

    /// Whether a table has more rows than formulas may read.
    pub fn is_unreadable(&self, table: &str) -> bool {
        self.live.wrong(&BTreeSet::from([table.to_owned()])).is_some()
    }

    /// A row may have changed since it was given; it is looked up again when the next transaction is applied.
    pub fn touch(&mut self, table: &str, id: RowId) {
        self.live.touch(table, id);
    }

    /// A row as it is from now on, or its end.
    pub fn put(&mut self, table: &str, id: RowId, values: Option<&[Value]>) {
        if self.live.is_empty() {
            return;
        }
        if let Some(engine) = &mut self.engine {
            self.live.put(&mut **engine, table, id, values);
            self.live.note_change(table);
        }
        if self.others_read.contains(table) {
            self.collect_live_choices();
        }
    }

    /// Looks up the rows that are in doubt; who applies a transaction need not ask for it.
    pub fn catch_up<E>(
        &mut self,
        mut look_up: impl FnMut(&str, RowId) -> Result<Option<Row>, E>,
    ) -> Result<(), E> {
        let doubtful = self.live.doubtful();
        for (table, id) in &doubtful {
            let row = look_up(table, *id)?;
            self.put(table, *id, row.as_ref().map(|row| row.values.as_slice()));
        }
        self.live.trust();
        self.live.take_changed();
        Ok(())
    }

    /// Tables whose rows were put since this was asked last.
    pub fn take_changed(&mut self) -> BTreeSet<String> {
        self.live.take_changed()
    }

    /// Whether computed columns of a table read one of these.
    pub fn follows(&self, table: &str, changed: &BTreeSet<String>) -> bool {
        self.reads.get(table).is_some_and(|reads| !reads.is_disjoint(changed))
    }

    /// Why the computed columns of a table cannot be calculated now.
    pub(super) fn unread(&self, table: &str) -> Option<Reason> {
        self.live.wrong(self.reads.get(table)?).cloned()
    }

    /// Why formulas of actions cannot be calculated now.
    pub(super) fn unread_by_actions(&self) -> Option<Reason> {
        self.live.wrong(&self.others_read).cloned()
    }

    /// The values of the computed columns, by position, for a row with these values; the error's text where one could not
    /// be calculated. Empty for tables without computed columns.
    pub fn evaluate(
        &mut self,
        table: &TableDefinition,
        id: RowId,
        values: &[Value],
    ) -> Vec<(usize, Result<Value, String>)> {
        if self.unread(&table.id).is_some() {
            let computed = table.columns.iter().enumerate().filter(|(_, column)| column.formula.is_some());
            return computed.map(|(index, _)| (index, Err("#CALC!".to_owned()))).collect();
        }
        let (Some(engine), Some((first, back))) = (self.engine.as_mut(), self.first_rows.get(&table.id))
        else {
            return Vec::new();
        };
        let own = self.live.calculate(&mut **engine, &table.id, id, values);
        let kept = matches!(own, Ok(Some(_)));
        let first = match &own {
            Ok(Some(own)) => own.clone(),
            _ => self.live.inserted.moved_cell(first),
        };
        let cell = |offset: u32| {
            CellRef::new(first.sheet.clone(), CellAt::new(first.at.row, first.at.column + offset))
        };
        let mut entered = Vec::new();
        for (position, (column, value)) in table.columns.iter().zip(values).enumerate() {
            if column.formula.is_none() && !column.is_file() && !kept {
                entered.push((cell(column.offset), back.cell(position, value)));
            }
        }
        let ready = own.and_then(|_| engine.set(&entered)).and_then(|()| engine.recalculate(&Cancel::new()));
        let computed = table.columns.iter().enumerate().filter(|(_, column)| column.formula.is_some());
        let results: Vec<_> = computed
            .map(|(index, column)| {
                let result = match &ready {
                    Ok(_) => {
                        to_value(&engine.value(&cell(column.offset)), column.column_type, self.date_1904)
                            .map_err(|misfit| misfit.to_string())
                    }
                    Err(error) => Err(error.to_string()),
                };
                (index, result)
            })
            .collect();
        if kept {
            let mut values = values.to_vec();
            for (index, result) in &results {
                values[*index] = result.clone().unwrap_or(Value::Null);
            }
            self.live.put(&mut **engine, &table.id, id, Some(&values));
        }
        results
    }

    /// The texts to choose from, when the workbook or the definition lists them.
    pub(crate) fn choices(&self, table: &str, column: &str) -> Option<&[String]> {
        self.choices.get(&(table.to_owned(), column.to_owned())).map(|listed| listed.texts.as_slice())
    }

    /// The texts to choose from for a parameter of an action.
    pub(super) fn parameter_choices(&self, action: &str, parameter: &str) -> Option<&[String]> {
        let listed = self.parameter_choices.get(&(action.to_owned(), parameter.to_owned()));
        listed.map(|listed| listed.texts.as_slice())
    }

    /// Whether the condition of an action holds for a row with these values, or for none, whatever it is given.
    pub fn holds(&mut self, action: &str, row: Option<&[Value]>) -> bool {
        let scene = Scene { this: row.map(<[Value]>::to_vec), ..Scene::default() };
        self.unread_by_actions().is_none() && self.actions().holds(action, &scene) == Ok(true)
    }

    /// The formulas of actions.
    pub(super) fn actions(&mut self) -> Actions<'_> {
        self.actions.with(self.engine.as_mut())
    }

    pub(crate) fn date_1904(&self) -> bool {
        self.date_1904
    }

    fn collect_choices(&mut self, definition: &AppDefinition) {
        let engine = self.engine.as_deref();
        for table in &definition.tables {
            for column in &table.columns {
                if let Some(choices) = Listed::of(engine, &column.validation, &self.options) {
                    self.choices.insert((table.id.clone(), column.id.clone()), choices);
                }
            }
        }
        for action in &definition.actions {
            for parameter in &action.parameters {
                if let Some(choices) = Listed::of(engine, &parameter.validation, &self.options) {
                    self.parameter_choices.insert((action.id.clone(), parameter.id.clone()), choices);
                }
            }
        }
    }

    /// Choices that stand in cells, once more: rows may have moved them or be among them.
    fn collect_live_choices(&mut self) {
        let Some(engine) = self.engine.as_mut().filter(|_| !self.others_read.is_empty()) else { return };
        let all = self.choices.values_mut().chain(self.parameter_choices.values_mut());
        let mut lists = all.filter(|list| list.cells.is_some()).peekable();
        if lists.peek().is_none() {
            return;
        }
        // What cannot be calculated leaves the choices as they were.
        if engine.recalculate(&Cancel::new()).is_ok() {
            for list in lists {
                list.refresh(&**engine, &self.live.inserted, &self.options);
            }
        }
    }
}

/// Texts to choose from, and the cells they stand in.
struct Listed {
    texts: Vec<String>,
    /// In the places of the workbook.
    cells: Option<RangeRef>,
}

impl Listed {
    fn of(engine: Option<&dyn Engine>, validation: &Validation, options: &LoadOptions) -> Option<Self> {
        match validation.choices.as_ref()? {
            Choices::List { values } => Some(Self { texts: values.clone(), cells: None }),
            Choices::Range { binding } => {
                let cells = binding_range(engine?, binding)?;
                Some(Self { texts: texts(engine?, &cells, options), cells: Some(cells) })
            }
        }
    }

    fn refresh(&mut self, engine: &dyn Engine, inserted: &Inserted, options: &LoadOptions) {
        if let Some(cells) = &self.cells {
            self.texts = texts(engine, &inserted.moved(cells.clone()), options);
        }
    }
}

/// The place of choices that stand in cells of the workbook.
fn in_cells(validation: &Validation) -> Option<&Binding> {
    match validation.choices.as_ref()? {
        Choices::Range { binding } if !matches!(binding, Binding::Column { .. }) => Some(binding),
        Choices::Range { .. } | Choices::List { .. } => None,
    }
}

/// The range a binding to the workbook stands for; `None` for columns of published tables.
pub(crate) fn binding_range(engine: &dyn Engine, binding: &Binding) -> Option<RangeRef> {
    match binding {
        Binding::Name { name } => engine.resolve(name),
        Binding::Cell { sheet, cell, .. } => {
            Some(RangeRef::new(sheet.as_str(), RangeAt::cell(cell.parse().ok()?)))
        }
        Binding::Range { sheet, range, .. } => Some(RangeRef::new(sheet.as_str(), range.parse().ok()?)),
        Binding::Column { .. } => None,
    }
}

/// The filled cells of a range as texts, each once.
pub(crate) fn texts(engine: &dyn Engine, range: &RangeRef, options: &LoadOptions) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    let mut seen = HashSet::new();
    for value in engine.range(range).iter().flatten().filter(|value| !value.is_blank()) {
        let text = format::display(value, "General", options.locale, false);
        if seen.insert(text.clone()) {
            texts.push(text);
        }
    }
    texts
}

/// The left cell of a table's first data row, also when it has no rows yet.
fn first_row(workbook: &Workbook, source: &TableSource) -> Option<CellRef> {
    if let Some(range) = source_range(workbook, source) {
        return Some(CellRef::new(range.sheet, range.at.start));
    }
    let (sheet, header) = match source {
        TableSource::Table { name } => {
            let table = workbook.table(name)?;
            (&workbook.sheets.get(table.sheet)?.name, table.range.start)
        }
        TableSource::Range { sheet, range } => {
            (&workbook.sheet(sheet)?.name, range.parse::<RangeAt>().ok()?.start)
        }
    };
    Some(CellRef::new(sheet.clone(), CellAt::new(header.row + 1, header.column)))
}

/// The data rows of a table, one at least.
fn block(workbook: &Workbook, source: &TableSource) -> Option<RangeRef> {
    source_range(workbook, source).or_else(|| {
        let first = first_row(workbook, source)?;
        Some(RangeRef::new(first.sheet, RangeAt::cell(first.at)))
    })
}
