//! Titles of proposals: each says what one does with the app, in words of the workbook, so that the cards can be told apart.
//!
//! **Architecture Invariant:** no two proposals of a workbook share a title, and none is the file's name alone.

use gridkeep_model::{
    AppDefinition,
    definition::{Component, Field, FieldKind, FieldMode, ScreenKind},
};

use super::{
    Proposal,
    facts::{Facts, capitals},
    text::{humanised, says_nothing, short},
};

/// Characters of a title.
const LONGEST: usize = 70;
/// Tables or columns a title names.
const NAMED: usize = 2;

/// Gives each proposal its title. `file` is the file's name.
pub(super) fn give(facts: &Facts<'_>, file: &str, proposals: &mut [Proposal]) {
    let file = humanised(file);
    let mut given: Vec<String> = Vec::new();
    for proposal in proposals {
        let mut title = short(&title(facts, &file, proposal), LONGEST);
        if given.contains(&title.to_lowercase()) {
            title = format!("{title} ({})", kind(facts, proposal));
        }
        given.push(title.to_lowercase());
        proposal.title = title;
    }
}

fn title(facts: &Facts<'_>, file: &str, proposal: &Proposal) -> String {
    let definition = &proposal.definition;
    let telling = |text: &str| !says_nothing(text) && !text.eq_ignore_ascii_case(file);
    let subject = subject(facts).filter(|subject| telling(subject));
    let tables =
        named(definition.tables.iter().map(|table| table.title.as_str()).filter(|t| telling(t)), facts);
    let columns = || {
        let table = definition.tables.first()?;
        // What people enter says more of a table than what is calculated from it.
        let entered = table.columns.iter().filter(|column| column.formula.is_none());
        named(entered.map(|column| column.title.as_str()), facts)
    };
    let figure = figures(definition).find(|figure| !says_nothing(figure));
    let beside = |detail: Option<String>| match detail {
        Some(detail) => format!("{}: {detail}", facts.app_name),
        None => format!("{}: {}", facts.app_name, kind(facts, proposal)),
    };
    match (proposal.id.as_str(), proposal.kind) {
        ("calculator", _) => match (subject, figure) {
            (Some(subject), Some(figure)) if !subject.eq_ignore_ascii_case(figure) => {
                format!("{subject}: {figure}")
            }
            (Some(subject), _) => subject,
            (None, figure) => beside(figure.map(str::to_owned)),
        },
        ("dashboard", _) => match subject.or(tables) {
            Some(subject) if facts.german => format!("{subject} auf einen Blick"),
            Some(subject) => format!("{subject} at a glance"),
            None => beside(figure.map(str::to_owned).or_else(columns)),
        },
        (_, ScreenKind::Form) => match (tables, columns()) {
            (Some(table), _) => format!("{} {table}", facts.say("Add to", "Eintragen in")),
            (None, Some(columns)) => format!("{} {columns}", facts.say("Enter", "Eingeben:")),
            (None, None) => beside(None),
        },
        _ => match tables {
            // Of many tables, or one called 2002, the names alone do not say what they are about.
            Some(tables) if definition.tables.len() > NAMED || !tables.contains(char::is_alphabetic) => {
                beside(Some(tables))
            }
            Some(tables) => tables,
            None if definition.tables.is_empty() => match subject {
                Some(subject) => subject,
                None => beside(
                    definition.screens.first().map(|screen| screen.title.clone()).filter(|t| telling(t)),
                ),
            },
            None => beside(columns()),
        },
    }
}

/// What the workbook is about in its own words: the heading above its main block, or the sheet's name.
fn subject(facts: &Facts<'_>) -> Option<String> {
    let sheet = facts.main_sheet()?;
    let heading = sheet.title.as_deref().filter(|title| title.chars().count() <= 60).map(capitals);
    heading.or_else(|| Some(sheet.name.clone()).filter(|name| !says_nothing(name)))
}

/// `A`, `A and B`, `A, B and 3 more`.
fn named<'t>(names: impl Iterator<Item = &'t str>, facts: &Facts<'_>) -> Option<String> {
    let names: Vec<&str> = names.filter(|name| !name.trim().is_empty()).collect();
    let and = facts.say("and", "und");
    match names.as_slice() {
        [] => None,
        [only] => Some((*only).to_owned()),
        [first, second] => Some(format!("{first} {and} {second}")),
        more => {
            let rest = more.len() - NAMED;
            let word = facts.say("more", "weitere");
            Some(format!("{} {and} {rest} {word}", more[..NAMED].join(", ")))
        }
    }
}

/// Labels of what an app shows, most prominent first: cards, titles of charts, results.
fn figures(definition: &AppDefinition) -> impl Iterator<Item = &str> {
    let components = || definition.screens.iter().flat_map(|screen| &screen.components);
    let cards = components().filter_map(|component| match component {
        Component::Card { field, .. } => Some(&**field),
        _ => None,
    });
    let results = components().flat_map(|component| match component {
        Component::Fields { fields, .. } => fields.as_slice(),
        _ => &[],
    });
    let counts = |field: &&Field| {
        use FieldKind::{Currency, Integer, Number, Percent};
        matches!(field.kind, Number | Integer | Currency | Percent)
    };
    let results = cards.chain(results.filter(|field| field.mode == FieldMode::Read)).filter(counts);
    // What stands in brackets is a unit or a remark.
    let results = results.map(|field| field.label.split(" (").next().unwrap_or_default());
    let charts = components().filter_map(|component| match component {
        Component::Chart(chart) => Some(chart.title.as_str()),
        _ => None,
    });
    results.chain(charts)
}

fn kind(facts: &Facts<'_>, proposal: &Proposal) -> &'static str {
    match proposal.kind {
        ScreenKind::Calculator => facts.say("calculator", "Rechner"),
        ScreenKind::List => facts.say("list", "Liste"),
        ScreenKind::Form => facts.say("form", "Formular"),
        ScreenKind::Dashboard => facts.say("overview", "Übersicht"),
    }
}
