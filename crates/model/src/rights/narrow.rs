//! The app as somebody with limited rights knows it: its definition without what they do not see.
//!
//! **Architecture Invariant:** what is hidden is named nowhere in what is left, but in formulas and in what actions do, which
//! are the app's own words; those of actions are left out.

use super::{Rights, TableRights};
use crate::{
    AppDefinition,
    definition::{
        ActionDefinition, Binding, ChartView, Choices, ColumnDefinition, Component, Condition, Field,
        GateUse, Role, Screen, TableAccess, TableDefinition, Validation,
    },
};

impl Rights {
    /// The definition without what these rights leave out; `None` when they leave out nothing.
    pub fn narrowed(&self, definition: &AppDefinition) -> Option<AppDefinition> {
        let limits = self.limits.as_ref()?;
        let known = Known { rights: self, whole: definition };
        let tables = definition.tables.iter();
        let tables = tables.filter_map(|table| Some(known.table(table, limits.tables.get(&table.id)?)));
        let actions = definition.actions.iter().filter(|action| self.runs(&action.id));
        Some(AppDefinition {
            screens: definition.screens.iter().filter_map(|screen| known.screen(screen)).collect(),
            tables: tables.collect(),
            actions: actions.map(|action| known.action(action)).collect(),
            ..definition.clone()
        })
    }
}

struct Known<'a> {
    rights: &'a Rights,
    whole: &'a AppDefinition,
}

impl Known<'_> {
    fn rights(&self, table: &str) -> Option<&TableRights> {
        self.rights.limits.as_ref()?.tables.get(table)
    }

    /// Whether a column is there, to be seen or to be filled in.
    fn has(&self, table: &str, column: &str) -> bool {
        self.rights(table).is_some_and(|rights| !rights.hidden.contains(column))
            && self.whole.table(table).is_some_and(|table| table.column(column).is_some())
    }

    /// Whether the values of a column are seen.
    fn sees(&self, table: &str, column: &str) -> bool {
        self.has(table, column) && self.rights(table).is_some_and(|rights| rights.see.is_some())
    }

    fn table(&self, table: &TableDefinition, rights: &TableRights) -> TableDefinition {
        let role = self.rights.role;
        let roles = |may: bool| if may { vec![role] } else { Vec::<Role>::new() };
        let columns = table.columns.iter().filter(|column| !rights.hidden.contains(&column.id));
        TableDefinition {
            columns: columns.map(|column| self.column(column, rights)).collect(),
            key: table.key.clone().filter(|key| !rights.hidden.contains(key)),
            access: TableAccess {
                see: roles(rights.see.is_some()),
                insert: roles(rights.insert.is_some()),
                update: roles(rights.update.is_some()),
                delete: roles(rights.delete.is_some()),
            },
            gates: named(&table.gates),
            ..table.clone()
        }
    }

    fn column(&self, column: &ColumnDefinition, rights: &TableRights) -> ColumnDefinition {
        let refers = column.refers.clone().filter(|refers| self.sees(&refers.table, &refers.column));
        ColumnDefinition {
            refers,
            read_only: column.read_only || rights.read_only.contains(&column.id),
            validation: self.validation(&column.validation),
            ..column.clone()
        }
    }

    /// Choices that stand in what is not seen cannot be offered.
    fn validation(&self, validation: &Validation) -> Validation {
        let choices = validation.choices.clone().filter(|choices| match choices {
            Choices::List { .. } => true,
            Choices::Range { binding } => self.shows(binding),
        });
        Validation { choices, ..validation.clone() }
    }

    fn shows(&self, binding: &Binding) -> bool {
        match binding {
            Binding::Column { table, column } => self.sees(table, column),
            Binding::Name { .. } | Binding::Cell { .. } | Binding::Range { .. } => true,
        }
    }

    /// A condition on what is not seen does not hold.
    fn may_hold(&self, condition: Option<&Condition>) -> bool {
        condition.is_none_or(|condition| self.shows(&condition.binding))
    }

    fn action(&self, action: &ActionDefinition) -> ActionDefinition {
        let mut action = action.clone();
        for parameter in &mut action.parameters {
            parameter.validation = self.validation(&parameter.validation);
        }
        action.steps.clear();
        action.gates = named(&action.gates);
        action
    }

    /// `None` where nothing is left of what it showed.
    fn screen(&self, screen: &Screen) -> Option<Screen> {
        let components: Vec<Component> =
            screen.components.iter().filter_map(|component| self.component(component)).collect();
        let left = !components.is_empty() || screen.components.is_empty();
        (left && self.may_hold(screen.visible_when.as_ref())).then(|| Screen { components, ..screen.clone() })
    }

    fn component(&self, component: &Component) -> Option<Component> {
        let mut component = component.clone();
        let left = match &mut component {
            Component::Fields { fields, visible_when, .. } => {
                let had = !fields.is_empty();
                fields.retain_mut(|field| self.field(field));
                (!had || !fields.is_empty()) && self.may_hold(visible_when.as_ref())
            }
            Component::Grid { binding, columns, visible_when, .. } => {
                for column in columns {
                    column.validation = self.validation(&column.validation);
                }
                self.shows(binding) && self.may_hold(visible_when.as_ref())
            }
            Component::Card { field, .. } => self.field(field),
            Component::Chart(chart) => self.chart(chart),
            Component::List { table, title_column, columns, filters, search, sort, detail, .. } => {
                let table = table.clone();
                let sees = |column: &String| self.sees(&table, column);
                for columns in [&mut *columns, filters, search, detail] {
                    columns.retain(sees);
                }
                *sort = sort.take().filter(|sort| sees(&sort.column));
                let all = self.whole.table(&table).map(|table| table.columns.as_slice()).unwrap_or_default();
                let mut titles = columns.iter().chain(all.iter().map(|column| &column.id));
                if !sees(title_column)
                    && let Some(other) = titles.find(|column| sees(column))
                {
                    title_column.clone_from(other);
                }
                sees(title_column)
            }
            Component::Form { table, columns, .. } => {
                let rights = self.rights(table).filter(|rights| rights.insert.is_some());
                let takes = |column: &String| {
                    rights.is_some_and(|rights| {
                        !rights.hidden.contains(column) && !rights.read_only.contains(column)
                    })
                };
                columns.retain(takes);
                !columns.is_empty()
            }
            Component::Text { .. } => true,
        };
        left.then_some(component)
    }

    /// Whether a field is there.
    fn field(&self, field: &mut Field) -> bool {
        field.validation = self.validation(&field.validation);
        self.shows(&field.binding) && self.may_hold(field.visible_when.as_ref())
    }

    fn chart(&self, chart: &mut ChartView) -> bool {
        chart.series.retain(|series| self.shows(&series.values));
        chart.categories.as_ref().is_none_or(|categories| self.shows(categories)) && !chart.series.is_empty()
    }
}

/// Gates without the conditions under which they ask: these may compare what is not seen.
fn named(gates: &[GateUse]) -> Vec<GateUse> {
    gates.iter().map(|gate| GateUse { condition: None, ..gate.clone() }).collect()
}
