//! What a version takes away from gates: where one asks less after than before.
//!
//! **Architecture Invariant:** what is compared is what a gate sees and what leads past it, not the words of a definition: a use that is
//! gone, before fewer changes or for other rows; a column of a guarded table that is gone or is entered no longer; a new way to do
//! unasked what an action is asked about, or a known one for more people or under fewer preconditions.

use std::collections::{BTreeMap, BTreeSet};

use gridkeep_model::{
    AppDefinition,
    checkpoint::Gate,
    definition::{ActionDefinition, ActionStep, ColumnDefinition, GateUse, Role, RowEvent, TableDefinition},
};
use serde::{Serialize, Serializer};
use serde_json::{Value as Json, json};

use super::{condition::Condition, when::When};
use crate::places::{Place, places};

/// What somebody does by hand, among the ids of actions.
const BY_HAND: &str = "";

/// Of a gate that asks less.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Less {
    pub(super) gate: String,
    /// `actions` or `tables`.
    part: &'static str,
    /// Id of the action or table.
    of: String,
    #[serde(skip)]
    pub(super) title: String,
    pub(super) how: How,
    /// Columns that go, or actions and tables that lead past it: ids and titles.
    #[serde(serialize_with = "ids", skip_serializing_if = "Vec::is_empty")]
    pub(super) which: Vec<(String, String)>,
}

/// How it asks less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum How {
    /// Not at all.
    Dropped,
    /// Before fewer changes.
    FewerChanges,
    /// For other rows.
    OtherRows,
    /// About fewer columns.
    FewerColumns,
    /// What it asks about can be done past it.
    OtherWay,
}

/// Where gates ask less after than before. One that the tenant has no longer asked nobody.
pub(super) fn less(
    before: &AppDefinition,
    (after, same_workbook): (&AppDefinition, bool),
    gates: &[Gate],
) -> Vec<Less> {
    let mut all: Vec<Less> = Vec::new();
    let known = |place: &Place<'_>| gates.iter().any(|gate| gate.id == place.gate.gate);
    for place in places(before).filter(known) {
        let (part, of, title) = named(&place);
        let now = places(after)
            .filter(|now| (now.gate.gate == place.gate.gate) && named(now).0 == part && named(now).1 == of);
        // What asks least of what is wrong with those that are left is said.
        let how = now.map(|now| compare((before, &place), (after, &now), same_workbook));
        let how = how.min_by_key(|how| how.map(weight));
        let mut add = |how, which: Vec<_>| {
            let (gate, of, title) = (place.gate.gate.clone(), of.to_owned(), title.to_owned());
            let one = Less { gate, part, of, title, how, which };
            if !all.contains(&one) {
                all.push(one);
            }
        };
        if let Some(how) = how.unwrap_or(Some(How::Dropped)) {
            add(how, Vec::new());
            // Then it is asked about as a whole.
            continue;
        }
        let gone = gone((before, &place), after);
        if !gone.is_empty() {
            add(How::FewerColumns, gone);
        }
        let around = around((before, &place), after, same_workbook);
        if !around.is_empty() {
            add(How::OtherWay, around);
        }
    }
    all
}

fn ids<S: Serializer>(which: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(which.iter().map(|(id, _)| id))
}

/// Columns that people gave values before a gate and that are not there any more, or not entered; calculated ones that are not there.
fn gone((_, place): (&AppDefinition, &Place<'_>), after: &AppDefinition) -> Vec<(String, String)> {
    let (Some(table), None) = (place.table, place.action) else { return Vec::new() };
    let Some(now) = after.table(&table.id) else { return Vec::new() };
    let lost = table.columns.iter().filter(|column| {
        let now = now.columns.iter().find(|now| now.id == column.id);
        now.is_none_or(|now| is_given(column) && !is_given(now))
    });
    lost.map(|column| (column.id.clone(), column.title.clone())).collect()
}

/// Whether people or programs give its values, rather than the executor.
fn is_given(column: &ColumnDefinition) -> bool {
    column.formula.is_none() && column.filled.is_none()
}

/// What is done to rows: a table, what happens there, and to which column.
type Deed = (String, RowEvent, String);
/// Who does it by what: an action, or by hand; and when.
type Way = (String, Role, When);

/// What somebody could not do past a gate that asks before an action, and now can: by which actions, or by hand in which tables.
fn around(
    (before, guarded): (&AppDefinition, &Place<'_>),
    after: &AppDefinition,
    same_workbook: bool,
) -> Vec<(String, String)> {
    let Some(action) = guarded.action else { return Vec::new() };
    let deeds: BTreeSet<Deed> = deeds(before, action).map(|(deed, _)| deed).collect();
    let was = unasked((before, guarded), (before, true), &deeds);
    let is = unasked((before, guarded), (after, same_workbook), &deeds);
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for (deed, ways) in is {
        for (by, role, when) in ways {
            // Whoever could do the same before, by hand or by an action as now, and whenever they can now, gains nothing.
            let could = |(own, least, held): &Way| {
                (own == BY_HAND) == (by == BY_HAND) && *least <= role && when.is_within(held, same_workbook)
            };
            if was.get(&deed).is_some_and(|ways| ways.iter().any(could)) {
                continue;
            }
            let action = after.actions.iter().find(|action| action.id == by);
            let (id, title) = match (action, after.table(&deed.0)) {
                (Some(action), _) => (by, action.title.clone()),
                (None, Some(table)) => (table.id.clone(), table.title.clone()),
                (None, None) => continue,
            };
            found.insert(id, title);
        }
    }
    found.into_iter().collect()
}

/// What an action does to rows, and when.
fn deeds(definition: &AppDefinition, action: &ActionDefinition) -> impl Iterator<Item = (Deed, When)> {
    let own = action.table.as_deref().unwrap_or_default();
    action.steps.iter().flat_map(move |step| {
        let table = step.table().unwrap_or(own);
        let (event, columns) = match step {
            ActionStep::Set { .. } | ActionStep::Update { .. } => {
                (RowEvent::Update, step.values().map(|(column, _)| column).collect())
            }
            ActionStep::Insert { .. } => (RowEvent::Insert, vec![""]),
            ActionStep::Delete { .. } => (RowEvent::Delete, vec![""]),
        };
        let when = When::of(definition, action, step);
        columns.into_iter().map(move |column| ((table.to_owned(), event, column.to_owned()), when.clone()))
    })
}

/// Who does which of these deeds by what, without being asked as the action is.
fn unasked(
    guarded: (&AppDefinition, &Place<'_>),
    (definition, same_workbook): (&AppDefinition, bool),
    deeds_: &BTreeSet<Deed>,
) -> BTreeMap<Deed, BTreeSet<Way>> {
    let mut found: BTreeMap<Deed, BTreeSet<Way>> = BTreeMap::new();
    let mut add = |deed: &Deed, (by, when): (&str, When), may: &dyn Fn(Role) -> bool| {
        let asked = places(definition).any(|place| {
            place.gate.gate == guarded.1.gate.gate
                && match (place.action, place.table) {
                    (Some(action), _) => action.id == by,
                    (None, table) => {
                        table.is_some_and(|table| table.id == deed.0) && place.gate.concerns(deed.1)
                    }
                }
                && compare(guarded, (definition, &place), same_workbook).is_none()
        });
        if !asked {
            let roles = [Role::Guest, Role::Member, Role::Maker].into_iter().filter(|role| may(*role));
            found
                .entry(deed.clone())
                .or_default()
                .extend(roles.map(|role| (by.to_owned(), role, when.clone())));
        }
    };
    for action in &definition.actions {
        for (deed, when) in deeds(definition, action).filter(|(deed, _)| deeds_.contains(deed)) {
            add(&deed, (&action.id, when), &|role| action.may_run(role));
        }
    }
    for deed in deeds_ {
        let Some(table) = definition.table(&deed.0) else { continue };
        let roles = match deed.1 {
            RowEvent::Insert => &table.access.insert,
            RowEvent::Update => &table.access.update,
            RowEvent::Delete => &table.access.delete,
        };
        let entered = deed.2.is_empty()
            || table.columns.iter().any(|column| column.id == deed.2 && column.is_entered());
        if entered {
            add(deed, (BY_HAND, When::default()), &|role| role == Role::Maker || roles.contains(&role));
        }
    }
    found
}

const fn weight(how: How) -> u8 {
    match how {
        How::FewerColumns | How::OtherWay => 0,
        How::OtherRows => 1,
        How::FewerChanges => 2,
        How::Dropped => 3,
    }
}

/// What a place is, its id and its title.
fn named<'a>(place: &Place<'a>) -> (&'static str, &'a str, &'a str) {
    match (place.action, place.table) {
        (Some(action), _) => ("actions", &action.id, &action.title),
        (None, Some(table)) => ("tables", &table.id, &table.title),
        (None, None) => ("", "", ""),
    }
}

/// How a use asks less than one before; `None` when it does not.
fn compare(
    (before, was): (&AppDefinition, &Place<'_>),
    (after, is): (&AppDefinition, &Place<'_>),
    same_workbook: bool,
) -> Option<How> {
    let asks = |gate: &GateUse, event| gate.concerns(event);
    let events = [RowEvent::Insert, RowEvent::Update, RowEvent::Delete];
    if was.action.is_none() && events.iter().any(|event| asks(was.gate, *event) && !asks(is.gate, *event)) {
        return Some(How::FewerChanges);
    }
    let same = match (Rows::of(before, was), Rows::of(after, is)) {
        // More is not to be had.
        (_, Rows::All) => true,
        (Rows::Where(was), Rows::Where(is)) => was == is && (same_workbook || !is.calculated),
        // What nobody understands is not known to be the same.
        (Rows::All | Rows::Where(_) | Rows::Unclear, _) => false,
    };
    (!same).then_some(How::OtherRows)
}

/// For which rows a gate asks.
enum Rows {
    All,
    Where(Looks),
    /// For some that cannot be said.
    Unclear,
}

/// What a gate looks at in rows.
#[derive(PartialEq)]
struct Looks {
    condition: Condition,
    /// Some value that it looks at is calculated: over the workbook's cells, and any other table's rows.
    calculated: bool,
    /// What makes the values.
    made: Vec<Json>,
}

impl Rows {
    /// Of a place.
    fn of(definition: &AppDefinition, place: &Place<'_>) -> Self {
        match (place.gate.condition.as_deref(), place.table) {
            (None, _) => Self::All,
            (Some(text), Some(own)) => Condition::read(definition, &own.id, text)
                .map_or(Self::Unclear, |condition| Self::Where(Looks::of(definition, own, condition))),
            (Some(_), None) => Self::Unclear,
        }
    }
}

impl Looks {
    /// Of a condition on rows of a table, with what makes the values that it looks at.
    fn of(definition: &AppDefinition, own: &TableDefinition, condition: Condition) -> Self {
        let columns = condition.columns();
        let looked = |table: &TableDefinition, id: &str| table.id == own.id && columns.contains(id);
        let calculated = own.columns.iter().any(|column| looked(own, &column.id) && column.formula.is_some());
        // What calculates a value may look at any column of any table.
        let tables = definition.tables.iter().filter(|table| calculated || table.id == own.id);
        let made = tables.map(|table| {
            let columns = table.columns.iter().filter(|column| calculated || looked(table, &column.id));
            let columns =
                columns.map(|column| json!([column.id, column.column_type, column.formula, column.filled]));
            json!([table.id, calculated.then_some(&table.source), columns.collect::<Vec<_>>()])
        });
        Self { made: made.collect(), condition, calculated }
    }
}

#[cfg(test)]
mod tests;
