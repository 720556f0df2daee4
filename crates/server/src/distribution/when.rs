//! When an action does something, and to which rows: what it is called on, its precondition, and the rows that a step is about.
//!
//! **Architecture Invariant:** one is narrower than another only where that can be shown: it is called on the same, reaches no more rows
//! and asks all that the other asks, in the same words, whose references mean the same and whose values are made as before. Whatever
//! else was changed counts as wider.

use std::collections::BTreeSet;

use gridkeep_engine::apply::{Looks, Seen};
use gridkeep_model::{
    AppDefinition,
    definition::{ActionDefinition, ActionStep, ColumnDefinition, ValueSource},
};
use serde_json::{Value as Json, json};

/// All that has to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct When {
    /// The table on whose rows it is called.
    called_on: Option<String>,
    reach: Reach,
    asks: BTreeSet<Asks>,
}

/// Which rows it is done to, from fewer to more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    /// The one that it is called on.
    #[default]
    Own,
    /// Any of which the step's conditions hold.
    Any,
}

/// One thing that has to hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Asks {
    /// In its maker's words, with what these mean and what makes the values there; nothing of what cannot be read.
    said: Option<String>,
    /// It may look at cells of the workbook.
    of_workbook: bool,
}

impl When {
    /// What has to hold for a step of an action to be done to a row.
    pub(super) fn of(definition: &AppDefinition, action: &ActionDefinition, step: &ActionStep) -> Self {
        let formula = action
            .when
            .as_deref()
            .map(|when| Asks::new(definition, action, None, (&Json::Null, when.trim())));
        let conditions = step.conditions().iter().map(|condition| {
            let own = json!([step.table(), condition.column, condition.comparison]);
            let table = step.table().and_then(|table| definition.table(table));
            let column = table.and_then(|table| table.columns.iter().find(|own| own.id == condition.column));
            let (value, formula) = match &condition.value {
                Some(ValueSource::Formula(formula)) => (Json::Null, formula.trim()),
                Some(ValueSource::Value(value)) => (value.clone(), ""),
                None => (Json::Null, ""),
            };
            Asks::new(definition, action, column, (&json!([own, value]), formula))
        });
        let reach = match step {
            ActionStep::Set { .. } => Reach::Own,
            ActionStep::Insert { .. } | ActionStep::Update { .. } | ActionStep::Delete { .. } => Reach::Any,
        };
        Self { called_on: action.table.clone(), reach, asks: formula.into_iter().chain(conditions).collect() }
    }

    /// Whether this holds only where another held, and then for no more rows: it asks all that the other asked.
    pub(super) fn is_within(&self, other: &Self, same_workbook: bool) -> bool {
        let asked = |asks: &Asks| {
            asks.said.is_some() && self.asks.contains(asks) && (same_workbook || !asks.of_workbook)
        };
        // Whether a row of another table fulfils something says nothing about these.
        self.called_on == other.called_on && self.reach <= other.reach && other.asks.iter().all(asked)
    }
}

impl Asks {
    /// Of a column that is compared, and of words with a formula among them; empty when there is none.
    fn new(
        definition: &AppDefinition,
        action: &ActionDefinition,
        column: Option<&ColumnDefinition>,
        (own, formula): (&Json, &str),
    ) -> Self {
        let looks =
            if formula.is_empty() { Some(Looks::default()) } else { Looks::of(definition, action, formula) };
        let Some(looks) = looks else { return Self { said: None, of_workbook: true } };
        let columns = looks.seen.iter().filter_map(|seen| match seen {
            Seen::Column(column) => Some(*column),
            Seen::Parameter(_) | Seen::Workbook => None,
        });
        let calculated = columns.chain(column).any(|column| column.formula.is_some());
        let of_workbook = calculated || looks.at_workbook();
        let meant = looks.seen.iter().map(|seen| match seen {
            Seen::Column(column) => json!({"column": made(column)}),
            Seen::Parameter(id) => {
                json!({"parameter": id, "type": action.parameter(id).map(|parameter| parameter.column_type)})
            }
            Seen::Workbook => Json::Null,
        });
        let meant: Vec<Json> = meant.collect();
        // What calculates a value may look at any column of any table, and so may what looks at the workbook: rows are in it.
        let tables = of_workbook.then(|| {
            let tables = definition.tables.iter();
            let tables = tables.map(|table| {
                let columns = table.columns.iter().map(|column| json!([column.offset, made(column)]));
                json!([table.id, table.source, columns.collect::<Vec<_>>()])
            });
            tables.collect::<Vec<_>>()
        });
        let said = json!([own, formula, column.map(made), meant, tables]);
        Self { said: Some(said.to_string()), of_workbook }
    }
}

/// Which column it is, and what makes its values.
fn made(column: &ColumnDefinition) -> Json {
    json!([column.id, column.column_type, column.formula, column.filled, column.read_only])
}
