//! Every binding of a definition to cells, with its path; columns of tables follow their table instead.

use gridkeep_model::{
    AppDefinition,
    definition::{Binding, Choices, Component, Condition, Field, Validation},
};

/// What is done with each binding.
type Visitor<'v> = dyn FnMut(&str, &mut Binding) + 'v;

/// Visits screens in order, then the choices of tables' columns and of actions' parameters.
pub(super) fn bindings(definition: &mut AppDefinition, visit: &mut Visitor<'_>) {
    for (index, screen) in definition.screens.iter_mut().enumerate() {
        let path = format!("screens/{index}");
        condition(&path, screen.visible_when.as_mut(), visit);
        for (index, part) in screen.components.iter_mut().enumerate() {
            component(&format!("{path}/components/{index}"), part, visit);
        }
    }
    for (index, table) in definition.tables.iter_mut().enumerate() {
        for (column, defined) in table.columns.iter_mut().enumerate() {
            choices(&format!("tables/{index}/columns/{column}"), &mut defined.validation, visit);
        }
    }
    for (index, action) in definition.actions.iter_mut().enumerate() {
        for (number, parameter) in action.parameters.iter_mut().enumerate() {
            choices(&format!("actions/{index}/parameters/{number}"), &mut parameter.validation, visit);
        }
    }
}

fn component(path: &str, component: &mut Component, visit: &mut Visitor<'_>) {
    match component {
        Component::Fields { fields, visible_when, .. } => {
            condition(path, visible_when.as_mut(), visit);
            for (index, inner) in fields.iter_mut().enumerate() {
                field(&format!("{path}/fields/{index}"), inner, visit);
            }
        }
        Component::Card { field: inner, .. } => field(&format!("{path}/field"), inner, visit),
        Component::Grid { binding, columns, visible_when, .. } => {
            cells(path, binding, visit);
            condition(path, visible_when.as_mut(), visit);
            for (index, column) in columns.iter_mut().enumerate() {
                choices(&format!("{path}/columns/{index}"), &mut column.validation, visit);
            }
        }
        Component::Chart(chart) => {
            if let Some(binding) = &mut chart.categories {
                cells(&format!("{path}/categories"), binding, visit);
            }
            for (index, series) in chart.series.iter_mut().enumerate() {
                cells(&format!("{path}/series/{index}"), &mut series.values, visit);
            }
        }
        Component::List { .. } | Component::Form { .. } | Component::Text { .. } => {}
    }
}

fn field(path: &str, field: &mut Field, visit: &mut Visitor<'_>) {
    cells(path, &mut field.binding, visit);
    choices(path, &mut field.validation, visit);
    condition(path, field.visible_when.as_mut(), visit);
}

fn condition(path: &str, condition: Option<&mut Condition>, visit: &mut Visitor<'_>) {
    if let Some(condition) = condition {
        cells(&format!("{path}/visibleWhen"), &mut condition.binding, visit);
    }
}

fn choices(path: &str, validation: &mut Validation, visit: &mut Visitor<'_>) {
    if let Some(Choices::Range { binding }) = &mut validation.choices {
        cells(&format!("{path}/choices"), binding, visit);
    }
}

fn cells(path: &str, binding: &mut Binding, visit: &mut Visitor<'_>) {
    if !matches!(binding, Binding::Column { .. }) {
        visit(path, binding);
    }
}
