//! Computed columns of one row, and choices that stand in the workbook.

use std::collections::{HashMap, HashSet};

use gridkeep_model::{
    AppDefinition, CellAt, CellRef, RangeAt, RangeRef, Value, Workbook,
    definition::{Binding, Choices, TableDefinition, TableSource, Validation},
};

use crate::{
    Cancel, Engine, EngineError, LoadOptions, format, load,
    rows::{Back, source_range},
    typed::to_value,
};

use super::{
    closure::{self, Wanted},
    compiled::{ActionFormulas, Actions},
};

/// Evaluates a row's computed columns by putting its values into the table's first data row and recalculating. Only what
/// those columns and the choices read is loaded.
pub struct RowFormulas {
    engine: Option<Box<dyn Engine>>,
    /// The first data row of each table with computed columns, and how its values become cells.
    first_rows: HashMap<String, (CellRef, Back)>,
    choices: HashMap<(String, String), Vec<String>>,
    /// Choices of parameters, by action and parameter.
    parameter_choices: HashMap<(String, String), Vec<String>>,
    actions: ActionFormulas,
    date_1904: bool,
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
            date_1904: workbook.date_1904,
        };
        let mut wanted = Wanted::default();
        for table in &definition.tables {
            wanted.bindings.extend(table.columns.iter().filter_map(|column| in_cells(&column.validation)));
            let Some(first) = first_row(workbook, &table.source) else { continue };
            for column in &table.columns {
                if let Some(formula) = &column.formula {
                    let at = CellAt::new(first.at.row, first.at.column + column.offset);
                    wanted.formulas.push((CellRef::new(first.sheet.clone(), at), formula.as_str()));
                }
            }
            if table.columns.iter().any(|column| column.formula.is_some()) {
                formulas.first_rows.insert(table.id.clone(), (first, Back::of(workbook, table)));
            }
        }
        let parameters = definition.actions.iter().flat_map(|action| &action.parameters);
        wanted.bindings.extend(parameters.filter_map(|parameter| in_cells(&parameter.validation)));
        let of_tables = wanted.formulas.len();
        let of_actions = formulas.actions.formulas.clone();
        wanted.formulas.extend(of_actions.iter().map(|(cell, text)| (cell.clone(), text.as_str())));
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
        formulas.collect_choices(definition, options);
        Ok(formulas)
    }

    /// The values of the computed columns, by position, for a row with these values; the error's text where one could not
    /// be calculated. Empty for tables without computed columns.
    pub fn evaluate(
        &mut self,
        table: &TableDefinition,
        values: &[Value],
    ) -> Vec<(usize, Result<Value, String>)> {
        let (Some(engine), Some((first, back))) = (self.engine.as_mut(), self.first_rows.get(&table.id))
        else {
            return Vec::new();
        };
        let cell = |offset: u32| {
            CellRef::new(first.sheet.clone(), CellAt::new(first.at.row, first.at.column + offset))
        };
        let mut entered = Vec::new();
        for (position, (column, value)) in table.columns.iter().zip(values).enumerate() {
            if column.formula.is_none() && !column.is_file() {
                entered.push((cell(column.offset), back.cell(position, value)));
            }
        }
        let ready = engine.set(&entered).and_then(|()| engine.recalculate(&Cancel::new()));
        let computed = table.columns.iter().enumerate().filter(|(_, column)| column.formula.is_some());
        computed
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
            .collect()
    }

    /// The texts to choose from, when the workbook or the definition lists them.
    pub(crate) fn choices(&self, table: &str, column: &str) -> Option<&[String]> {
        self.choices.get(&(table.to_owned(), column.to_owned())).map(Vec::as_slice)
    }

    /// The texts to choose from for a parameter of an action.
    pub(super) fn parameter_choices(&self, action: &str, parameter: &str) -> Option<&[String]> {
        self.parameter_choices.get(&(action.to_owned(), parameter.to_owned())).map(Vec::as_slice)
    }

    /// The formulas of actions.
    pub(super) fn actions(&mut self) -> Actions<'_> {
        self.actions.with(self.engine.as_mut())
    }

    pub(crate) fn date_1904(&self) -> bool {
        self.date_1904
    }

    fn collect_choices(&mut self, definition: &AppDefinition, options: &LoadOptions) {
        let engine = self.engine.as_deref();
        let listed = |validation: &Validation| match validation.choices.as_ref()? {
            Choices::List { values } => Some(values.clone()),
            Choices::Range { binding } => Some(texts(engine?, &binding_range(engine?, binding)?, options)),
        };
        for table in &definition.tables {
            for column in &table.columns {
                if let Some(choices) = listed(&column.validation) {
                    self.choices.insert((table.id.clone(), column.id.clone()), choices);
                }
            }
        }
        for action in &definition.actions {
            for parameter in &action.parameters {
                if let Some(choices) = listed(&parameter.validation) {
                    self.parameter_choices.insert((action.id.clone(), parameter.id.clone()), choices);
                }
            }
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
