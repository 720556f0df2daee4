//! Screens and the components on them.

use serde::{Deserialize, Serialize};

use super::{Access, Binding, Choices, Condition, Field, FieldKind, FieldMode, Validation};
use crate::workbook::ChartKind;

/// One screen of the app.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Screen {
    /// Unique within the app; lower-case letters, digits and `_`. Part of the screen's address.
    pub id: String,
    /// Shown in the navigation and as heading.
    pub title: String,
    /// Name of an icon of the client's set.
    pub icon: String,
    /// What the screen is for.
    pub kind: ScreenKind,
    /// What it shows, top to bottom.
    pub components: Vec<Component>,
    /// Shown only while this holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visible_when: Option<Condition>,
    /// Who may see it.
    #[serde(default)]
    pub access: Access,
}

/// What a screen is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum ScreenKind {
    /// Inputs above, results below, recalculated while typing.
    Calculator,
    /// Rows of a table with search, sort, filter and a detail.
    List,
    /// Adds one row to a table.
    Form,
    /// Figures and charts.
    Dashboard,
}

/// A part of a screen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "type", deny_unknown_fields)]
pub enum Component {
    /// A section of fields, entered or shown: a calculator's inputs, its results.
    Fields {
        /// Unique within the app.
        id: String,
        /// Heading of the section; may be empty.
        title: String,
        /// The fields, in order.
        fields: Vec<Field>,
        /// Shown only while this holds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        visible_when: Option<Condition>,
    },
    /// A small table of cells, some entered and some calculated, such as the positions of a quote.
    Grid {
        /// Unique within the app.
        id: String,
        /// Heading; may be empty.
        title: String,
        /// The body's rectangle, without headers.
        binding: Binding,
        /// Columns, left to right within the rectangle.
        columns: Vec<GridColumn>,
        /// Shown only while this holds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        visible_when: Option<Condition>,
    },
    /// One figure with its label, large.
    Card {
        /// Unique within the app.
        id: String,
        /// The figure.
        field: Box<Field>,
    },
    /// A chart with a table twin.
    Chart(ChartView),
    /// Rows of a table, each opening its detail.
    List {
        /// Unique within the app.
        id: String,
        /// [`super::TableDefinition::id`].
        table: String,
        /// Column that names a row; large.
        title_column: String,
        /// Columns shown small beneath it, and as columns where there is room.
        columns: Vec<String>,
        /// Columns offered as filters.
        filters: Vec<String>,
        /// Columns that the search box looks into.
        search: Vec<String>,
        /// The order to begin with; by row age when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sort: Option<Sort>,
        /// Columns of the detail, in order.
        detail: Vec<String>,
    },
    /// An empty row of a table to fill in.
    Form {
        /// Unique within the app.
        id: String,
        /// [`super::TableDefinition::id`].
        table: String,
        /// Columns to fill in, in order.
        columns: Vec<String>,
        /// Words on the button; the client's own when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        submit_label: Option<String>,
    },
    /// A paragraph in the maker's words.
    Text {
        /// Unique within the app.
        id: String,
        /// Plain text.
        text: String,
    },
}

/// A column of a [`Component::Grid`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GridColumn {
    /// Heading of the column.
    pub label: String,
    /// Offset within the rectangle, from 0.
    pub offset: u32,
    /// What kind of value it holds.
    pub kind: FieldKind,
    /// Unit behind the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Entered or only shown.
    pub mode: FieldMode,
    /// What is accepted.
    #[serde(default, skip_serializing_if = "Validation::is_empty")]
    pub validation: Validation,
}

/// How a chart is drawn and where its figures are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChartView {
    /// Unique within the app.
    pub id: String,
    /// Heading; may be empty.
    pub title: String,
    /// How it is drawn.
    pub kind: ChartKind,
    /// The cells with the categories; counted 1, 2, 3 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub categories: Option<Binding>,
    /// The series, in drawing order.
    pub series: Vec<DataSeries>,
}

/// One series of a chart. Bound to a range of the workbook, or to a column of a published table, aggregated by category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DataSeries {
    /// Name in the legend.
    pub label: String,
    /// The cells or the column with the values.
    pub values: Binding,
    /// How values of one category become one; only for columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aggregate: Option<Aggregate>,
}

/// How many values become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Aggregate {
    /// Their sum.
    Sum,
    /// Their mean.
    Average,
    /// How many there are.
    Count,
}

/// An order of rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Sort {
    /// The column's id.
    pub column: String,
    /// Largest first.
    #[serde(default)]
    pub descending: bool,
}

impl Component {
    /// The component's id.
    pub fn id(&self) -> &str {
        match self {
            Self::Fields { id, .. }
            | Self::Grid { id, .. }
            | Self::Card { id, .. }
            | Self::List { id, .. }
            | Self::Form { id, .. }
            | Self::Text { id, .. } => id,
            Self::Chart(chart) => &chart.id,
        }
    }
}

impl Screen {
    pub(super) fn collect_bindings<'a>(&'a self, path: &str, found: &mut Vec<(String, &'a Binding)>) {
        if let Some(condition) = &self.visible_when {
            found.push((format!("{path}/visibleWhen"), &condition.binding));
        }
        for (index, component) in self.components.iter().enumerate() {
            collect_component(component, &format!("{path}/components/{index}"), found);
        }
    }
}

fn collect_component<'a>(component: &'a Component, path: &str, found: &mut Vec<(String, &'a Binding)>) {
    match component {
        Component::Fields { fields, visible_when, .. } => {
            if let Some(condition) = visible_when {
                found.push((format!("{path}/visibleWhen"), &condition.binding));
            }
            for (index, field) in fields.iter().enumerate() {
                collect_field(field, &format!("{path}/fields/{index}"), found);
            }
        }
        Component::Grid { binding, columns, visible_when, .. } => {
            found.push((path.to_owned(), binding));
            if let Some(condition) = visible_when {
                found.push((format!("{path}/visibleWhen"), &condition.binding));
            }
            for (index, column) in columns.iter().enumerate() {
                collect_choices(&column.validation, &format!("{path}/columns/{index}"), found);
            }
        }
        Component::Card { field, .. } => collect_field(field, &format!("{path}/field"), found),
        Component::Chart(chart) => {
            if let Some(categories) = &chart.categories {
                found.push((format!("{path}/categories"), categories));
            }
            for (index, series) in chart.series.iter().enumerate() {
                found.push((format!("{path}/series/{index}"), &series.values));
            }
        }
        Component::List { .. } | Component::Form { .. } | Component::Text { .. } => {}
    }
}

fn collect_field<'a>(field: &'a Field, path: &str, found: &mut Vec<(String, &'a Binding)>) {
    found.push((path.to_owned(), &field.binding));
    collect_choices(&field.validation, path, found);
    if let Some(condition) = &field.visible_when {
        found.push((format!("{path}/visibleWhen"), &condition.binding));
    }
}

fn collect_choices<'a>(validation: &'a Validation, path: &str, found: &mut Vec<(String, &'a Binding)>) {
    if let Some(Choices::Range { binding }) = &validation.choices {
        found.push((format!("{path}/choices"), binding));
    }
}
