//! Formulas of actions, on a sheet of their own beside the workbook's.
//!
//! **Architecture Invariant:** a formula of an action sees the workbook as it was published, in it the rows of the app's tables
//! as they are now, and its scene: values that stand in cells of the extra sheet, where the formula's own references were led to.

mod looks;

pub use looks::{Looks, Seen};

use std::collections::HashMap;

use formualizer::parse::parser::{
    ASTNode, ASTNodeType, ReferenceType, SpecialItem, TableReference, TableRowSpecifier, TableSpecifier,
};
use gridkeep_model::{
    AppDefinition, CellAt, CellRef, CellValue, ColumnType, Value, Workbook,
    definition::{ActionDefinition, ActionStep, TableDefinition, TableSource, ValueSource},
    workbook::Sheet,
};

use crate::{
    Cancel, Engine, refs,
    typed::{to_cell, to_value},
};

/// Bytes of a formula.
const MAX_BYTES: usize = 8_192;

/// What an action's formulas may refer to.
#[derive(Debug, Clone, Default)]
pub(super) struct Scene {
    /// The row the action is called on.
    pub(super) this: Option<Vec<Value>>,
    /// The row that the step changes.
    pub(super) step: Option<Vec<Value>>,
    /// In the order of the parameters.
    pub(super) parameters: Vec<Value>,
}

/// Where in an action a formula stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// The condition it may run under.
    When,
    /// A step's value of a column.
    Value(usize, String),
    /// The value of a step's condition.
    Condition(usize, usize),
}

/// A part of the scene.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    This(usize),
    Step(usize),
    Parameter(usize),
}

#[derive(Debug, Clone)]
enum Compiled {
    /// Only a part of the scene: taken as it is, without passing through a cell.
    Copy(Part),
    /// In this cell.
    Cell(CellRef),
    /// It means nothing.
    Wrong(String),
}

/// The formulas of all actions.
#[derive(Debug, Default)]
pub(super) struct ActionFormulas {
    sheet: String,
    compiled: HashMap<String, HashMap<Place, Compiled>>,
    /// The row of the extra sheet where an action's scene begins: the row called on, the step's, the parameters.
    scenes: HashMap<String, u32>,
    /// Formulas of cells of the extra sheet.
    pub(super) formulas: Vec<(CellRef, String)>,
    date_1904: bool,
}

/// The formulas together with the engine that has them loaded.
pub(super) struct Actions<'a> {
    formulas: &'a ActionFormulas,
    engine: Option<&'a mut Box<dyn Engine>>,
}

impl ActionFormulas {
    /// Of the app's actions.
    pub(super) fn new(workbook: &Workbook, definition: &AppDefinition) -> Self {
        let mut sheet = "Actions".to_owned();
        while workbook.sheet(&sheet).is_some() {
            sheet.push('_');
        }
        let mut all = Self { sheet, date_1904: workbook.date_1904, ..Self::default() };
        let mut row = 1;
        for action in &definition.actions {
            all.scenes.insert(action.id.clone(), row);
            let own = action.table.as_deref().and_then(|table| definition.table(table));
            let formulas: Vec<(Place, &str, Option<&TableDefinition>)> = formulas(action, definition);
            let mut compiled = HashMap::new();
            for (index, (place, text, step)) in formulas.into_iter().enumerate() {
                let cell = CellRef::new(all.sheet.clone(), CellAt::new(row + 3, index as u32 + 1));
                let names = Names { action, own, step, sheet: &all.sheet, row };
                let made = match compile(text, &names) {
                    Ok(Written::Part(part)) => Compiled::Copy(part),
                    Ok(Written::Formula(formula)) => {
                        all.formulas.push((cell.clone(), formula));
                        Compiled::Cell(cell)
                    }
                    Err(why) => Compiled::Wrong(why),
                };
                compiled.insert(place, made);
            }
            all.compiled.insert(action.id.clone(), compiled);
            row += 4;
        }
        all
    }

    /// The extra sheet, still empty.
    pub(super) fn sheet(&self) -> Option<Sheet> {
        (!self.formulas.is_empty()).then(|| Sheet::new(self.sheet.clone(), Vec::new()))
    }

    /// A cell whose formula the engine does not take.
    pub(super) fn spoil(&mut self, cell: &CellRef, why: &str) {
        let all = self.compiled.values_mut().flat_map(HashMap::values_mut);
        for one in all.filter(|one| matches!(one, Compiled::Cell(own) if own == cell)) {
            *one = Compiled::Wrong(why.to_owned());
        }
    }

    pub(super) fn with<'a>(&'a self, engine: Option<&'a mut Box<dyn Engine>>) -> Actions<'a> {
        Actions { formulas: self, engine }
    }
}

impl Actions<'_> {
    /// Whether the action's condition is TRUE; the error where it could not be calculated.
    pub(super) fn holds(&mut self, action: &str, scene: &Scene) -> Result<bool, String> {
        match self.value(action, &Place::When, ColumnType::Boolean, scene)? {
            Value::Boolean(holds) => Ok(holds),
            _ => Ok(false),
        }
    }

    /// The value of a formula, as a column keeps it.
    pub(super) fn value(
        &mut self,
        action: &str,
        place: &Place,
        kind: ColumnType,
        scene: &Scene,
    ) -> Result<Value, String> {
        let formulas = self.formulas;
        let compiled = formulas.compiled.get(action).and_then(|places| places.get(place));
        let cell = match compiled {
            Some(Compiled::Copy(part)) => {
                let value = scene.part(*part).cloned().unwrap_or(Value::Null);
                if value.is_null() || column_like(&value, kind) {
                    return Ok(value);
                }
                let cell = to_cell(&value, formulas.date_1904);
                return to_value(&cell, kind, formulas.date_1904).map_err(|misfit| misfit.to_string());
            }
            Some(Compiled::Cell(cell)) => cell,
            Some(Compiled::Wrong(why)) => return Err(why.clone()),
            None => return Err("#NAME?".to_owned()),
        };
        let Some(engine) = self.engine.as_mut() else { return Err("#NAME?".to_owned()) };
        let row = formulas.scenes.get(action).copied().unwrap_or(1);
        let entered = scene.cells(&formulas.sheet, row, formulas.date_1904);
        engine
            .set(&entered)
            .and_then(|()| engine.recalculate(&Cancel::new()))
            .map_err(|error| error.to_string())?;
        to_value(&engine.value(cell), kind, formulas.date_1904).map_err(|misfit| misfit.to_string())
    }
}

impl Scene {
    fn part(&self, part: Part) -> Option<&Value> {
        match part {
            Part::This(index) => self.this.as_ref()?.get(index),
            Part::Step(index) => self.step.as_ref()?.get(index),
            Part::Parameter(index) => self.parameters.get(index),
        }
    }

    fn cells(&self, sheet: &str, row: u32, date_1904: bool) -> Vec<(CellRef, CellValue)> {
        let rows = [self.this.as_deref(), self.step.as_deref(), Some(self.parameters.as_slice())];
        let mut cells = Vec::new();
        for (below, values) in (0..).zip(rows) {
            for (column, value) in (1..).zip(values.unwrap_or_default()) {
                let at = CellAt::new(row + below, column);
                cells.push((CellRef::new(sheet, at), to_cell(value, date_1904)));
            }
        }
        cells
    }
}

/// Whether a value is already as a column of this kind keeps it.
fn column_like(value: &Value, kind: ColumnType) -> bool {
    Value::from_json(kind, &value.to_json()).is_ok_and(|same| same == *value)
}

/// Every formula of an action with its place and the table of its step.
fn formulas<'a>(
    action: &'a ActionDefinition,
    definition: &'a AppDefinition,
) -> Vec<(Place, &'a str, Option<&'a TableDefinition>)> {
    let mut all: Vec<_> = action.when.iter().map(|when| (Place::When, when.as_str(), None)).collect();
    for (index, step) in action.steps.iter().enumerate() {
        let changing = match step {
            ActionStep::Update { table, .. } => definition.table(table),
            _ => None,
        };
        for (column, source) in step.values() {
            if let ValueSource::Formula(text) = source {
                all.push((Place::Value(index, column.to_owned()), text, changing));
            }
        }
        for (number, condition) in step.conditions().iter().enumerate() {
            if let Some(ValueSource::Formula(text)) = &condition.value {
                all.push((Place::Condition(index, number), text, None));
            }
        }
    }
    all
}

/// What names mean in a formula.
struct Names<'a> {
    action: &'a ActionDefinition,
    /// The table the action is called on.
    own: Option<&'a TableDefinition>,
    /// The table whose rows the step changes, when `[@Column]` means those.
    step: Option<&'a TableDefinition>,
    sheet: &'a str,
    row: u32,
}

enum Written {
    Part(Part),
    Formula(String),
}

/// Why a formula of an action means nothing; `None` when it can be used.
pub fn wrong_formula(
    definition: &AppDefinition,
    action: &ActionDefinition,
    step: Option<&ActionStep>,
    text: &str,
) -> Option<String> {
    let own = action.table.as_deref().and_then(|table| definition.table(table));
    let step = match step {
        Some(ActionStep::Update { table, .. }) => definition.table(table),
        _ => None,
    };
    compile(text, &Names { action, own, step, sheet: "Actions", row: 1 }).err()
}

fn compile(text: &str, names: &Names<'_>) -> Result<Written, String> {
    let mut ast = refs::parse(text, MAX_BYTES)?;
    if let ASTNodeType::Reference { reference, .. } = &ast.node_type
        && let Some(part) = names.part(reference)?
    {
        return Ok(Written::Part(part));
    }
    rewrite(&mut ast, names)?;
    Ok(Written::Formula(formualizer::parse::canonical_formula(&ast).trim_start_matches('=').to_owned()))
}

/// Leads the references to the scene to its cells.
fn rewrite(node: &mut ASTNode, names: &Names<'_>) -> Result<(), String> {
    match &mut node.node_type {
        ASTNodeType::Reference { original, reference } => {
            if let Some(part) = names.part(reference)? {
                *reference = names.cell(part);
                *original = reference.normalise();
            }
            if let ReferenceType::Cell { sheet: None, .. } | ReferenceType::Range { sheet: None, .. } =
                reference
            {
                return Err(format!("{original} does not say on which sheet it is"));
            }
            Ok(())
        }
        ASTNodeType::UnaryOp { expr, .. } => rewrite(expr, names),
        ASTNodeType::BinaryOp { left, right, .. } => {
            rewrite(left, names)?;
            rewrite(right, names)
        }
        ASTNodeType::Function { args, .. } => args.iter_mut().try_for_each(|one| rewrite(one, names)),
        ASTNodeType::Call { callee, args } => {
            rewrite(callee, names)?;
            args.iter_mut().try_for_each(|one| rewrite(one, names))
        }
        ASTNodeType::Array(_) | ASTNodeType::Literal(_) | ASTNodeType::Omitted => Ok(()),
    }
}

impl Names<'_> {
    /// The part of the scene that a reference means; `None` when it means something of the workbook.
    fn part(&self, reference: &ReferenceType) -> Result<Option<Part>, String> {
        match reference {
            ReferenceType::NamedRange(name) => {
                let known = |parameter: &gridkeep_model::definition::ActionParameter| {
                    parameter.id.eq_ignore_ascii_case(name)
                };
                Ok(self.action.parameters.iter().position(known).map(Part::Parameter))
            }
            ReferenceType::Table(table) => self.column(table),
            _ => Ok(None),
        }
    }

    fn column(&self, table: &TableReference) -> Result<Option<Part>, String> {
        let Some(specifier) = &table.specifier else { return Ok(None) };
        let mut used = ThisRow::default();
        used.collect(specifier);
        if !used.this_row {
            return Ok(None);
        }
        let [column] = used.columns.as_slice() else {
            return Err("[@...] must name one column".to_owned());
        };
        let (of, part): (&TableDefinition, fn(usize) -> Part) = if table.name.is_empty() {
            match (self.step, self.own) {
                (Some(step), _) => (step, Part::Step),
                (None, Some(own)) => (own, Part::This),
                (None, None) => return Err(format!("[@{column}]: the action is called on no row")),
            }
        } else {
            match self.own.filter(|own| is_called(own, &table.name)) {
                Some(own) => (own, Part::This),
                None => {
                    return Err(format!(
                        "{}[@{column}]: the action is not called on a row of it",
                        table.name
                    ));
                }
            }
        };
        let plain = column.to_lowercase();
        let titled = of.columns.iter().position(|own| own.title.to_lowercase() == plain);
        let found = titled.or_else(|| of.columns.iter().position(|own| own.id == plain));
        match found {
            Some(index) => Ok(Some(part(index))),
            None => Err(format!("{} has no column {column}", of.title)),
        }
    }

    fn cell(&self, part: Part) -> ReferenceType {
        let (below, index) = match part {
            Part::This(index) => (0, index),
            Part::Step(index) => (1, index),
            Part::Parameter(index) => (2, index),
        };
        ReferenceType::Cell {
            sheet: Some(self.sheet.to_owned()),
            row: self.row + below,
            col: index as u32 + 1,
            row_abs: true,
            col_abs: true,
        }
    }
}

fn is_called(table: &TableDefinition, name: &str) -> bool {
    let same = |other: &str| other.to_lowercase() == name.to_lowercase();
    same(&table.id)
        || same(&table.title)
        || matches!(&table.source, TableSource::Table { name } if same(name))
}

/// What a structured reference says.
#[derive(Default)]
struct ThisRow {
    this_row: bool,
    columns: Vec<String>,
}

impl ThisRow {
    fn collect(&mut self, specifier: &TableSpecifier) {
        match specifier {
            TableSpecifier::Column(column) => self.columns.push(column.clone()),
            TableSpecifier::ColumnRange(first, last) => {
                self.columns.extend([first.clone(), last.clone()]);
            }
            TableSpecifier::Row(TableRowSpecifier::Current)
            | TableSpecifier::SpecialItem(SpecialItem::ThisRow) => self.this_row = true,
            TableSpecifier::Combination(parts) => parts.iter().for_each(|part| self.collect(part)),
            _ => {}
        }
    }
}
