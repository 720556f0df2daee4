//! When an action does something: its precondition, and the rows that a step is about.
//!
//! **Architecture Invariant:** one is narrower than another only where that can be shown: it asks all that the other asks, in the same
//! words, and what makes the values that they look at has not changed. Whatever else was changed counts as wider.

use std::collections::BTreeSet;

use gridkeep_model::{
    AppDefinition,
    definition::{ActionDefinition, ActionStep, ValueSource},
};
use serde_json::{Value as Json, json};

/// All that has to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct When(BTreeSet<Asks>);

/// One thing that has to hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Asks {
    /// In its maker's words, and what makes the values of calculated columns that these may name.
    said: String,
    /// It may look at cells of the workbook.
    of_workbook: bool,
}

impl When {
    /// What has to hold for a step of an action to be done to a row.
    pub(super) fn of(definition: &AppDefinition, action: &ActionDefinition, step: &ActionStep) -> Self {
        let formula = action.when.as_deref().map(|when| Asks::new(definition, "", &Json::Null, when.trim()));
        let conditions = step.conditions().iter().map(|condition| {
            let own = json!([step.table(), condition.column, condition.comparison]);
            let column = step.table().and_then(|table| definition.table(table));
            let column = column.and_then(|table| table.columns.iter().find(|own| own.id == condition.column));
            let calculated = column.is_some_and(|column| column.formula.is_some());
            let (value, formula) = match &condition.value {
                Some(ValueSource::Formula(formula)) => (Json::Null, formula.trim()),
                Some(ValueSource::Value(value)) => (value.clone(), ""),
                None => (Json::Null, ""),
            };
            let named = if calculated { condition.column.as_str() } else { "" };
            Asks::new(definition, named, &json!([own, value]), formula)
        });
        Self(formula.into_iter().chain(conditions).collect())
    }

    /// Whether this holds only where another held: it asks all that the other asked.
    pub(super) fn is_within(&self, other: &Self, same_workbook: bool) -> bool {
        other.0.iter().all(|asks| self.0.contains(asks) && (same_workbook || !asks.of_workbook))
    }
}

impl Asks {
    fn new(definition: &AppDefinition, named: &str, own: &Json, formula: &str) -> Self {
        let words = formula.to_lowercase();
        let columns = definition.tables.iter().flat_map(|table| &table.columns);
        let is_named = |id: &str, title: &str| {
            id == named || words.contains(&id.to_lowercase()) || words.contains(&title.to_lowercase())
        };
        let looks = columns
            .filter(|column| column.formula.is_some())
            .any(|column| is_named(&column.id, &column.title));
        // What calculates a value may look at any column of any table.
        let made = looks.then(|| {
            let tables = definition.tables.iter();
            let columns = tables.map(|table| {
                let columns = table.columns.iter();
                let columns = columns.map(|column| json!([column.id, column.column_type, column.formula]));
                json!([table.id, table.source, columns.collect::<Vec<_>>()])
            });
            columns.collect::<Vec<_>>()
        });
        Self { said: json!([own, formula, made]).to_string(), of_workbook: looks || !is_of_row(formula) }
    }
}

/// Whether a formula looks at nothing but values of its row: all names in it are functions or truths.
fn is_of_row(formula: &str) -> bool {
    let mut letters = formula.chars().peekable();
    let mut name = String::new();
    loop {
        let next = letters.next();
        match next {
            Some(letter) if letter.is_alphanumeric() || matches!(letter, '_' | '.' | '$' | '!' | '\'') => {
                name.push(letter);
                continue;
            }
            _ => {}
        }
        let begins = name.chars().next().is_some_and(|first| !first.is_ascii_digit());
        let known =
            next == Some('(') || name.eq_ignore_ascii_case("true") || name.eq_ignore_ascii_case("false");
        if begins && !known {
            return false;
        }
        name.clear();
        match next {
            None => return true,
            Some('"') => letters.by_ref().take_while(|letter| *letter != '"').for_each(drop),
            // `[@Column]`; anything else in brackets is of a table as a whole.
            Some('[') if letters.peek() == Some(&'@') => {
                letters.by_ref().take_while(|letter| *letter != ']').for_each(drop);
            }
            Some('[') => return false,
            Some(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_of_a_row_look_at_nothing_else() {
        let check = |formula: &str, expect: bool| assert_eq!(is_of_row(formula), expect, "{formula}");
        check("", true);
        check("[@Status]=\"draft\"", true);
        check("AND([@Amount]<=5000, NOT([@Paid]), TRUE)", true);
        check("ROUND([@Amount], 2) > 1.5", true);
        check("[@[Due date]]<TODAY()", true);
        check("[@Amount]<Limit", false);
        check("[@Amount]<A1", false);
        check("[@Amount]<Sheet1!$A$1", false);
        check("[@Amount]<'My sheet'!A1", false);
        check("SUM(Expenses[Amount])<5", false);
        check("SUM([Amount])<5", false);
        check("\"A1\"=\"draft\"", true);
    }
}
