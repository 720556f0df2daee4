//! Formulas of actions: what they refer to is found again like any binding, and their texts follow it.

use gridkeep_engine::refs::{Place, lead};
use gridkeep_model::{
    AppDefinition, CellAt, RangeAt, RangeRef,
    address::MAX_ROW,
    definition::{ActionDefinition, ActionStep, Binding, TableSource, ValueSource},
};

use super::{
    Lost, Moved,
    find::{Finder, same, words},
};

/// Leads the formulas of all actions to where their places are now. `before` is the definition as it was, whose tables have
/// their old names.
pub(super) fn rebind(
    finder: &Finder<'_>,
    before: &AppDefinition,
    definition: &mut AppDefinition,
    moved: &mut Vec<Moved>,
    lost: &mut Vec<Lost>,
) {
    let tables: Vec<(String, String)> = before
        .tables
        .iter()
        .zip(&definition.tables)
        .filter_map(|(old, new)| match (&old.source, &new.source) {
            (TableSource::Table { name: old }, TableSource::Table { name: new }) => {
                Some((old.to_lowercase(), new.clone()))
            }
            _ => None,
        })
        .collect();
    for (index, action) in definition.actions.iter_mut().enumerate() {
        let parameters: Vec<String> = action.parameters.iter().map(|one| one.id.clone()).collect();
        each_formula(&format!("actions/{index}"), action, &mut |path, text| {
            let known = (moved.len(), lost.len());
            let led = lead(text, &mut |place| {
                if matches!(place, Place::Name(name) if parameters.contains(&name.to_lowercase())) {
                    return None;
                }
                let (new, binding) = found(finder, &tables, place);
                match new {
                    Some(new) if new == *place => None,
                    Some(new) => {
                        let to = words(&as_binding(&new));
                        let one = Moved { path: path.to_owned(), from: words(&binding), to };
                        if !moved.contains(&one) {
                            moved.push(one);
                        }
                        Some(new)
                    }
                    None => {
                        let one = Lost { path: path.to_owned(), binding };
                        if !lost.contains(&one) {
                            lost.push(one);
                        }
                        None
                    }
                }
            });
            // A formula that stays where it is keeps the form its maker gave it.
            if let Some(led) = led.filter(|_| moved.len() > known.0) {
                *text = led;
            }
        });
    }
}

/// Where a place is in the new workbook, and the place as a binding.
fn found(finder: &Finder<'_>, tables: &[(String, String)], place: &Place) -> (Option<Place>, Binding) {
    let binding = as_binding(place);
    let new = match place {
        Place::Table(name) => {
            let lower = name.to_lowercase();
            let led = tables.iter().find(|(old, _)| *old == lower).map(|(_, new)| new.clone());
            // A table that the app does not have is found by its name only; other names mean no table of the workbook.
            let known =
                finder.old.workbook.table(name).is_none() || finder.new.workbook.table(name).is_some();
            led.or(known.then(|| name.clone())).map(Place::Table)
        }
        Place::Name(name) if !is_name(finder, name) => Some(place.clone()),
        Place::Cells(range) if range.at.start.row == 1 && range.at.end.row == MAX_ROW => {
            columns(finder, range).map(Place::Cells)
        }
        Place::Name(_) | Place::Cells(_) => finder.find(&binding).and_then(|binding| as_place(&binding)),
    };
    (new, binding)
}

/// Names that LET gives, or that have never been one of the workbook, are the formula's own affair.
fn is_name(finder: &Finder<'_>, name: &str) -> bool {
    let lower = name.to_lowercase();
    finder.old.workbook.names.iter().any(|known| known.name.to_lowercase() == lower)
}

/// Whole columns, each by the first words in it.
fn columns(finder: &Finder<'_>, range: &RangeRef) -> Option<RangeRef> {
    let (old, new) = (finder.old.sheet(&range.sheet)?, finder.sheet(&range.sheet)?);
    let header = |sheet: usize, column: u32, book: &crate::analyse::Book<'_>| {
        let spots = book.surfaces[sheet].spots.iter().filter(|spot| spot.at.column == column);
        spots.filter_map(|spot| Some((spot.at.row, spot.words()?.to_owned()))).min_by_key(|(row, _)| *row)
    };
    let column = |column: u32| {
        let Some((_, words)) = header(old, column, &finder.old) else { return Some(column) };
        let is_header =
            |column: u32| header(new, column, &finder.new).is_some_and(|(_, found)| same(&found, &words));
        if is_header(column) {
            return Some(column);
        }
        let last = finder.new.surfaces[new].spots.iter().map(|spot| spot.at.column).max().unwrap_or(0);
        let mut all = (1..=last).filter(|column| is_header(*column));
        let only = all.next()?;
        all.next().is_none().then_some(only)
    };
    let (start, end) = (column(range.at.start.column)?, column(range.at.end.column)?);
    let sheet = finder.new.surfaces[new].sheet.name.clone();
    (start <= end)
        .then(|| RangeRef::new(sheet, RangeAt::new(CellAt::new(1, start), CellAt::new(MAX_ROW, end))))
}

fn as_binding(place: &Place) -> Binding {
    match place {
        Place::Name(name) | Place::Table(name) => Binding::Name { name: name.clone() },
        Place::Cells(range) if range.at.len() == 1 => {
            Binding::Cell { sheet: range.sheet.to_string(), cell: range.at.start.to_string(), label: None }
        }
        Place::Cells(range) => {
            Binding::Range { sheet: range.sheet.to_string(), range: range.at.to_string(), label: None }
        }
    }
}

fn as_place(binding: &Binding) -> Option<Place> {
    Some(match binding {
        Binding::Name { name } => Place::Name(name.clone()),
        Binding::Cell { sheet, cell, .. } => {
            Place::Cells(RangeRef::new(sheet.as_str(), RangeAt::cell(cell.parse().ok()?)))
        }
        Binding::Range { sheet, range, .. } => {
            Place::Cells(RangeRef::new(sheet.as_str(), range.parse().ok()?))
        }
        Binding::Column { .. } => return None,
    })
}

/// Every formula of an action, with its path.
fn each_formula(path: &str, action: &mut ActionDefinition, visit: &mut dyn FnMut(&str, &mut String)) {
    if let Some(when) = &mut action.when {
        visit(&format!("{path}/when"), when);
    }
    for (index, step) in action.steps.iter_mut().enumerate() {
        let path = format!("{path}/steps/{index}");
        let (conditions, values) = match step {
            ActionStep::Set { values } | ActionStep::Insert { values, .. } => (None, Some(values)),
            ActionStep::Update { conditions, values, .. } => (Some(conditions), Some(values)),
            ActionStep::Delete { conditions, .. } => (Some(conditions), None),
        };
        for (index, condition) in conditions.into_iter().flatten().enumerate() {
            if let Some(ValueSource::Formula(text)) = &mut condition.value {
                visit(&format!("{path}/where/{index}"), text);
            }
        }
        for (column, source) in values.into_iter().flatten() {
            if let ValueSource::Formula(text) = source {
                visit(&format!("{path}/values/{column}"), text);
            }
        }
    }
}
