//! From the engine's values to an [`AppView`].

use std::collections::BTreeMap;

use gridkeep_model::{
    CellAt, CellRef, CellValue, RangeRef, Value,
    definition::{
        Aggregate, Binding, ChartView, Comparison, Component, Condition, DataSeries, Field, FieldKind,
        FieldMode, GridColumn,
    },
};
use serde_json::{Value as Json, json};

use super::{App, AppView, ChartSeriesView, ChartValues, FieldView};
use crate::{
    format::{self, Format},
    typed::{moment, to_cell},
};

impl App {
    /// What the open screen shows now, and which screens there are to go to.
    pub fn view(&self) -> AppView {
        let (screen, calculation_ms) = (self.screen.clone(), self.calculation_ms);
        let mut view = AppView { screen, calculation_ms, ..AppView::default() };
        for screen in &self.definition.screens {
            if !self.holds(screen.visible_when.as_ref()) {
                view.hidden_screens.push(screen.id.clone());
            }
            if screen.id == self.screen {
                for component in &screen.components {
                    self.show_component(component, &mut view);
                }
            }
        }
        view
    }

    fn show_component(&self, component: &Component, view: &mut AppView) {
        if let Component::Fields { visible_when, .. } | Component::Grid { visible_when, .. } = component
            && !self.holds(visible_when.as_ref())
        {
            view.hidden_components.push(component.id().to_owned());
        }
        match component {
            Component::Fields { fields, .. } => {
                for field in fields {
                    view.fields.insert(field.id.clone(), self.show_field(field));
                }
            }
            Component::Card { field, .. } => {
                view.fields.insert(field.id.clone(), self.show_field(field));
            }
            Component::Grid { id, binding, columns, .. } => {
                view.grids.insert(id.clone(), self.show_grid(id, binding, columns));
            }
            Component::Chart(chart) => {
                view.charts.insert(chart.id.clone(), self.show_chart(chart));
            }
            Component::List { .. } | Component::Form { .. } | Component::Text { .. } => {}
        }
    }

    fn show_field(&self, field: &Field) -> FieldView {
        let mut shown = match self.range(&field.binding) {
            Some(range) => {
                let cell = CellRef::new(range.sheet, range.at.start);
                self.show_cell(&cell, field.kind, field.format.as_deref())
            }
            None => FieldView { error: Some("#REF!".into()), text: "#REF!".into(), ..FieldView::default() },
        };
        shown.visible = self.holds(field.visible_when.as_ref());
        if field.mode == FieldMode::Write {
            shown.choices = self.choices(&field.validation);
            self.show_refusal(&field.id, &mut shown);
        }
        shown
    }

    fn show_grid(&self, id: &str, binding: &Binding, columns: &[GridColumn]) -> Vec<Vec<FieldView>> {
        let Some(range) = self.range(binding) else { return Vec::new() };
        let choices: Vec<Option<Vec<String>>> = columns
            .iter()
            .map(|column| self.choices(&column.validation).filter(|_| column.mode == FieldMode::Write))
            .collect();
        let rows = range.at.rows().min(MAX_GRID_ROWS);
        let show = |row: u32, (column, choices): (&GridColumn, &Option<Vec<String>>)| {
            let at = CellAt::new(range.at.start.row + row, range.at.start.column + column.offset);
            let cell = CellRef::new(range.sheet.clone(), at);
            let mut shown = self.show_cell(&cell, column.kind, None);
            shown.visible = true;
            shown.choices.clone_from(choices);
            if column.mode == FieldMode::Write {
                self.show_refusal(&format!("{id}/{row}/{}", column.offset), &mut shown);
            }
            shown
        };
        (0..rows).map(|row| columns.iter().zip(&choices).map(|column| show(row, column)).collect()).collect()
    }

    fn show_refusal(&self, id: &str, shown: &mut FieldView) {
        if let Some((value, reason)) = self.refused.get(id) {
            shown.value = value.clone();
            shown.invalid = Some(reason.clone());
        }
    }

    fn show_cell(&self, cell: &CellRef, kind: FieldKind, own_format: Option<&str>) -> FieldView {
        let value = self.engine.value(cell);
        let text = self.text(cell, &value, own_format);
        let format = own_format.unwrap_or_else(|| self.format_of(cell));
        let general = matches!(value, CellValue::Number(_)) && matches!(format, "" | "General");
        let error = match &value {
            CellValue::Error(error) => Some(error.to_string()),
            _ => None,
        };
        FieldView { value: self.json(&value, kind), text, general, error, ..FieldView::default() }
    }

    /// A cell's value as text, in the format given or its own.
    fn text(&self, cell: &CellRef, value: &CellValue, own_format: Option<&str>) -> String {
        let format = own_format.unwrap_or_else(|| self.format_of(cell));
        format::display(value, format, self.options.locale, self.workbook.date_1904)
    }

    fn format_of(&self, cell: &CellRef) -> &str {
        let at = self
            .inserted
            .unmoved(RangeRef::new(cell.sheet.clone(), gridkeep_model::RangeAt::cell(cell.at)))
            .at
            .start;
        let found = self.workbook.sheet(&cell.sheet).and_then(|sheet| sheet.cell(at));
        found.map_or("General", |found| self.workbook.format(found))
    }

    fn json(&self, value: &CellValue, kind: FieldKind) -> Json {
        match (value, kind) {
            (CellValue::Blank | CellValue::Error(_), _) => Json::Null,
            (CellValue::Boolean(boolean), _) => json!(boolean),
            (CellValue::Text(text), _) => json!(&**text),
            (CellValue::Number(number), FieldKind::Date | FieldKind::Time | FieldKind::DateTime) => {
                // A time of day has no date: the day before the first is none.
                let serial = if kind == FieldKind::Time { number.rem_euclid(1.0) + 1.0 } else { *number };
                let date_1904 = self.workbook.date_1904 && kind != FieldKind::Time;
                match (moment(serial, date_1904), kind) {
                    (Some(moment), FieldKind::Date) => json!(moment.date().to_string()),
                    (Some(moment), FieldKind::Time) => json!(moment.time().to_string()),
                    (Some(moment), _) => json!(moment.to_string()),
                    (None, _) => json!(number),
                }
            }
            (CellValue::Number(number), FieldKind::Boolean) => json!(*number != 0.0),
            (CellValue::Number(number), _) => json!(number),
        }
    }

    /// Whether a condition holds; a missing one does, one whose cell cannot be found too.
    fn holds(&self, condition: Option<&Condition>) -> bool {
        let Some(condition) = condition else { return true };
        let Some(range) = self.range(&condition.binding) else { return true };
        let value = self.engine.value(&CellRef::new(range.sheet, range.at.start));
        let filled = match &value {
            CellValue::Number(number) => *number != 0.0,
            CellValue::Boolean(boolean) => *boolean,
            CellValue::Error(_) => false,
            other => !other.is_blank(),
        };
        match condition.comparison {
            Comparison::Filled => filled,
            Comparison::Empty => !filled,
            Comparison::Equals => equals(&value, &condition.value),
            Comparison::NotEquals => !equals(&value, &condition.value),
            Comparison::GreaterThan => number_of(&value) > condition.value.as_f64(),
            Comparison::LessThan => {
                number_of(&value).is_some() && number_of(&value) < condition.value.as_f64()
            }
        }
    }

    fn show_chart(&self, chart: &ChartView) -> ChartValues {
        if let Some(Binding::Column { table, column }) = &chart.categories {
            return self.show_aggregates(table, column, &chart.series);
        }
        let series: Vec<ChartSeriesView> =
            chart.series.iter().map(|series| self.show_series(series)).collect();
        let length = series.iter().map(|series| series.values.len()).max().unwrap_or(0);
        let mut categories = match chart.categories.as_ref().and_then(|binding| self.range(binding)) {
            Some(range) => {
                self.cells(&range).iter().map(|(cell, value)| self.text(cell, value, None)).collect()
            }
            None => Vec::new(),
        };
        for index in categories.len()..length {
            categories.push((index + 1).to_string());
        }
        ChartValues { categories, series }
    }

    fn show_series(&self, series: &DataSeries) -> ChartSeriesView {
        let label = series.label.clone();
        if let Binding::Column { table, column } = &series.values {
            let numbers: Vec<Option<f64>> = self
                .column_values(table, column)
                .iter()
                .map(|value| number_of(&to_cell(value, false)))
                .collect();
            let texts = numbers.iter().map(|number| self.number_text(table, column, *number)).collect();
            return ChartSeriesView { label, values: numbers, texts };
        }
        let cells = self.range(&series.values).map(|range| self.cells(&range)).unwrap_or_default();
        let texts = cells.iter().map(|(cell, value)| self.text(cell, value, None)).collect();
        let values = cells.iter().map(|(_, value)| value.as_number()).collect();
        ChartSeriesView { label, values, texts }
    }

    /// Series over the categories of a table's column; values of one category become one.
    fn show_aggregates(&self, table: &str, by: &str, series: &[DataSeries]) -> ChartValues {
        let groups: Vec<String> = self.column_texts_of_rows(table, by);
        let mut categories: Vec<String> = Vec::new();
        let mut positions: BTreeMap<&str, usize> = BTreeMap::new();
        for group in &groups {
            positions.entry(group).or_insert_with(|| {
                categories.push(group.clone());
                categories.len() - 1
            });
        }
        let show = |series: &DataSeries| {
            let mut sums = vec![(0.0, 0_u32, 0_u32); categories.len()];
            let column = match &series.values {
                Binding::Column { column, .. } => column.as_str(),
                _ => by,
            };
            for (value, group) in self.column_values(table, column).iter().zip(&groups) {
                let (sum, numbers, filled) = &mut sums[positions[group.as_str()]];
                *filled += u32::from(!value.is_null());
                if let Some(number) = number_of(&to_cell(value, false)) {
                    *sum += number;
                    *numbers += 1;
                }
            }
            let aggregate = series.aggregate.unwrap_or(Aggregate::Sum);
            let values: Vec<Option<f64>> = sums
                .into_iter()
                .map(|(sum, numbers, filled)| match aggregate {
                    Aggregate::Sum => Some(sum),
                    Aggregate::Average => (numbers > 0).then(|| sum / f64::from(numbers)),
                    Aggregate::Count => Some(f64::from(filled)),
                })
                .collect();
            let texts = values
                .iter()
                .map(|value| match aggregate {
                    Aggregate::Count => value.map_or_else(String::new, |count| count.to_string()),
                    _ => self.number_text(table, column, *value),
                })
                .collect();
            ChartSeriesView { label: series.label.clone(), values, texts }
        };
        let series = series.iter().map(show).collect();
        ChartValues { categories, series }
    }

    fn number_text(&self, table: &str, column: &str, number: Option<f64>) -> String {
        let format = self.definition.table(table).and_then(|table| table.column(column)?.format.clone());
        let value = number.map_or(CellValue::Blank, CellValue::Number);
        Format::new(format.as_deref().unwrap_or("General")).display(
            &value,
            self.options.locale,
            self.workbook.date_1904,
        )
    }

    /// The cells of a range that are in use, row by row.
    fn cells(&self, range: &RangeRef) -> Vec<(CellRef, CellValue)> {
        let start = range.at.start;
        let rows = self.engine.range(range);
        let cells = rows.into_iter().enumerate().flat_map(|(row, values)| {
            values.into_iter().enumerate().map(move |(column, value)| {
                (CellAt::new(start.row + row as u32, start.column + column as u32), value)
            })
        });
        cells
            .map(|(at, value)| (CellRef::new(range.sheet.clone(), at), value))
            .take(MAX_CHART_CELLS)
            .collect()
    }
}

/// A grid is for a handful of positions; a binding to a whole column must not fill the memory.
const MAX_GRID_ROWS: u32 = 1_000;
const MAX_CHART_CELLS: usize = 10_000;

fn number_of(value: &CellValue) -> Option<f64> {
    match value {
        CellValue::Number(number) => Some(*number),
        CellValue::Boolean(boolean) => Some(f64::from(u8::from(*boolean))),
        _ => None,
    }
}

fn equals(value: &CellValue, with: &Json) -> bool {
    match (value, with) {
        (CellValue::Blank, Json::Null) => true,
        (CellValue::Blank, Json::String(text)) => text.is_empty(),
        (CellValue::Number(number), Json::Number(with)) => with.as_f64() == Some(*number),
        (CellValue::Boolean(boolean), Json::Bool(with)) => boolean == with,
        (CellValue::Text(text), Json::String(with)) => text.to_lowercase() == with.to_lowercase(),
        _ => false,
    }
}

/// A value of a row as text, for categories and choices.
pub(super) fn value_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Text(text) => text.clone(),
        other => match other.to_json() {
            Json::String(text) => text,
            json => json.to_string(),
        },
    }
}
