//! Screens, their components and fields.

use std::collections::{HashMap, HashSet};

use gridkeep_model::definition::{
    Binding, ChartView, Comparison, Component, Condition, Field, FieldMode, Screen, TableDefinition,
};

use super::{Check, MAX_PARTS, ProblemCode, shown};

/// Fields of one section, columns of one grid, series of one chart.
const MAX_INNER: usize = 200;

impl<'a> Check<'a> {
    pub(super) fn screen(&mut self, path: &str, index: usize, screen: &'a Screen) {
        self.id(&format!("{path}/id"), &screen.id);
        if self.definition.screens[..index].iter().any(|other| other.id == screen.id) {
            self.duplicate(&format!("{path}/id"), &screen.id);
        }
        self.label(&format!("{path}/title"), &screen.title);
        self.icon(&format!("{path}/icon"), &screen.icon);
        self.condition(path, screen.visible_when.as_ref());
        self.most(&format!("{path}/components"), screen.components.len(), MAX_PARTS);
        for (index, component) in screen.components.iter().enumerate() {
            self.component(&format!("{path}/components/{index}"), component);
        }
    }

    fn component(&mut self, path: &str, component: &'a Component) {
        self.own_id(&format!("{path}/id"), component.id());
        match component {
            Component::Fields { title, fields, visible_when, .. } => {
                self.heading(&format!("{path}/title"), title);
                self.condition(path, visible_when.as_ref());
                self.most(&format!("{path}/fields"), fields.len(), MAX_INNER);
                for (index, field) in fields.iter().enumerate() {
                    self.field(&format!("{path}/fields/{index}"), field);
                }
            }
            Component::Card { field, .. } => self.field(&format!("{path}/field"), field),
            Component::Grid { title, binding, columns, visible_when, .. } => {
                self.heading(&format!("{path}/title"), title);
                self.condition(path, visible_when.as_ref());
                if columns.is_empty() {
                    self.add(
                        &format!("{path}/columns"),
                        ProblemCode::Missing,
                        "The grid has no columns",
                        "Das Raster hat keine Spalten",
                    );
                }
                self.most(&format!("{path}/columns"), columns.len(), MAX_INNER);
                let range = self.bounded(path, binding).map(|(_, range)| range);
                let mut offsets = HashMap::new();
                for (index, column) in columns.iter().enumerate() {
                    let path = format!("{path}/columns/{index}");
                    self.label(&format!("{path}/label"), &column.label);
                    self.validation(&path, column.kind, &column.validation);
                    self.no_file(&path, column.kind, &column.validation);
                    if let Some(other) = offsets.insert(column.offset, column.label.as_str()) {
                        self.same_column(&format!("{path}/offset"), other, &column.label);
                    }
                    if let Some(range) = range.filter(|range| column.offset >= range.columns()) {
                        self.add(
                            &format!("{path}/offset"),
                            ProblemCode::OutOfRange,
                            format!("{range} has only {} columns", range.columns()),
                            format!("{range} hat nur {} Spalten", range.columns()),
                        );
                    }
                }
            }
            Component::Chart(chart) => self.chart(path, chart),
            Component::List { table, title_column, columns, filters, search, sort, detail, .. } => {
                let Some(table) = self.known_table(path, table) else { return };
                self.columns(&format!("{path}/titleColumn"), table, std::slice::from_ref(title_column));
                self.columns(&format!("{path}/columns"), table, columns);
                self.columns(&format!("{path}/filters"), table, filters);
                self.columns(&format!("{path}/search"), table, search);
                self.columns(&format!("{path}/detail"), table, detail);
                let sorted = sort.iter().map(|sort| &sort.column);
                self.values_only(
                    path,
                    table,
                    [title_column].into_iter().chain(filters).chain(search).chain(sorted),
                );
                if let Some(sort) = sort {
                    self.columns(&format!("{path}/sort"), table, std::slice::from_ref(&sort.column));
                }
            }
            Component::Form { table, columns, submit_label, .. } => {
                if let Some(label) = submit_label {
                    self.label(&format!("{path}/submitLabel"), label);
                }
                let Some(table) = self.known_table(path, table) else { return };
                self.columns(&format!("{path}/columns"), table, columns);
                if columns.is_empty() {
                    self.add(
                        &format!("{path}/columns"),
                        ProblemCode::Missing,
                        "The form has nothing to fill in",
                        "Das Formular hat nichts zum Ausfüllen",
                    );
                }
                for column in
                    columns.iter().filter_map(|id| table.column(id)).filter(|column| !column.is_entered())
                {
                    self.add(
                        &format!("{path}/columns"),
                        ProblemCode::Calculated,
                        format!("The app fills “{}”; it cannot be entered", shown(&column.title)),
                        format!("„{}“ füllt die App; es kann nicht eingegeben werden", shown(&column.title)),
                    );
                }
            }
            Component::Text { text, .. } => self.text(&format!("{path}/text"), text),
        }
    }

    fn field(&mut self, path: &str, field: &'a Field) {
        self.own_id(&format!("{path}/id"), &field.id);
        self.label(&format!("{path}/label"), &field.label);
        self.validation(path, field.kind, &field.validation);
        self.no_file(path, field.kind, &field.validation);
        self.condition(path, field.visible_when.as_ref());
        if let Some(help) = &field.help {
            self.text(&format!("{path}/help"), help);
        }
        let Some((sheet, at)) = self.one_cell(path, &field.binding) else { return };
        if field.mode == FieldMode::Write && sheet.cell(at).is_some_and(|cell| cell.formula.is_some()) {
            self.add(
                path,
                ProblemCode::Calculated,
                format!("{at} holds a formula; entering a value would replace it"),
                format!("{at} enthält eine Formel; eine Eingabe würde sie ersetzen"),
            );
        }
    }

    fn chart(&mut self, path: &str, chart: &ChartView) {
        self.heading(&format!("{path}/title"), &chart.title);
        if chart.series.is_empty() {
            self.add(
                &format!("{path}/series"),
                ProblemCode::Missing,
                "The chart has no values",
                "Das Diagramm hat keine Werte",
            );
        }
        self.most(&format!("{path}/series"), chart.series.len(), MAX_INNER);
        let mut tables = HashSet::new();
        for (index, series) in chart.series.iter().enumerate() {
            let path = format!("{path}/series/{index}");
            self.heading(&format!("{path}/label"), &series.label);
            tables.insert(self.series(&path, &series.values));
            if matches!(series.values, Binding::Column { .. }) && series.aggregate.is_none() {
                self.add(
                    &path,
                    ProblemCode::Missing,
                    "A column of a table must be summed, averaged or counted",
                    "Eine Tabellenspalte muss summiert, gemittelt oder gezählt werden",
                );
            }
        }
        let categories =
            chart.categories.as_ref().map(|binding| self.series(&format!("{path}/categories"), binding));
        let by_table = tables.iter().any(Option::is_some);
        let same = categories.as_ref().is_none_or(|found| tables.contains(found));
        if tables.len() > 1 || (by_table && categories.is_none()) || !same {
            self.add(
                path,
                ProblemCode::Contradiction,
                "Values and categories must come from the same table, or all from cells",
                "Werte und Kategorien müssen aus derselben Tabelle kommen oder alle aus Zellen",
            );
        }
    }

    /// Values or categories of a chart; gives the table when they are a column.
    fn series<'b>(&mut self, path: &str, binding: &'b Binding) -> Option<&'b str> {
        match binding {
            Binding::Column { table, column } => {
                if let Some(found) = self.known_table(path, table) {
                    self.columns(path, found, std::slice::from_ref(column));
                    self.values_only(path, found, [column]);
                }
                Some(table)
            }
            cells => {
                self.bounded(path, cells);
                None
            }
        }
    }

    fn known_table(&mut self, path: &str, id: &str) -> Option<&'a TableDefinition> {
        let table = self.definition.table(id);
        if table.is_none() {
            self.add(
                path,
                ProblemCode::UnknownTable,
                format!("The app has no table “{}”", shown(id)),
                format!("Die App hat keine Tabelle „{}“", shown(id)),
            );
        }
        table
    }

    fn columns(&mut self, path: &str, table: &TableDefinition, columns: &[String]) {
        let mut seen = HashSet::new();
        for column in columns {
            if table.column(column).is_none() {
                self.unknown_column(path, column);
            }
            if !seen.insert(column) {
                self.duplicate(path, column);
            }
        }
    }

    fn condition(&mut self, path: &str, condition: Option<&Condition>) {
        let Some(condition) = condition else { return };
        let path = format!("{path}/visibleWhen");
        self.one_cell(&path, &condition.binding);
        let fits = match condition.comparison {
            Comparison::Filled | Comparison::Empty => true,
            Comparison::GreaterThan | Comparison::LessThan => condition.value.is_number(),
            Comparison::Equals | Comparison::NotEquals => {
                condition.value.is_number() || condition.value.is_string() || condition.value.is_boolean()
            }
        };
        if !fits {
            self.add(
                &path,
                ProblemCode::Contradiction,
                "This comparison needs another kind of value",
                "Dieser Vergleich braucht eine andere Art von Wert",
            );
        }
    }
}
