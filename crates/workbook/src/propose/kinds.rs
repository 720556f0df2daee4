//! The kinds of app that can be proposed, and when each of them suits.

use gridkeep_model::{
    CellAt, RangeAt, RangeRef,
    definition::{
        Component, FieldKind, FieldMode, GridColumn, Screen, ScreenKind, TableAccess, TableDefinition,
        Validation,
    },
};

use super::{
    Draft, Proposal, charts,
    facts::{Facts, Placed, is_lookup},
    parts, reasons,
    references::{self, ProposedReference},
    table::{Published, publish},
    text::Ids,
};
use crate::analyse::{Input, Output};

/// An app has no more lists than this.
pub(super) const MAX_LISTS: usize = 12;
/// Figures shown large.
const MAX_CARDS: usize = 8;
/// Screens with calculated rows.
const MAX_SCHEDULES: usize = 3;
/// Up to so many rows a list whose formulas hang together can also be a grid in a calculator.
const MAX_LINKED_ROWS: u32 = 60;

/// Inputs above, results below: when single cells or prepared rows feed formulas.
pub(super) fn calculator(facts: &Facts<'_>) -> Option<Proposal> {
    let linked: Vec<Placed<'_>> = facts.lists.iter().copied().filter(|placed| is_linked(placed)).collect();
    let fed = facts.analysis.fed;
    let enterable = !facts.entries.is_empty() || !linked.is_empty() || (!facts.inputs.is_empty() && fed > 0);
    let shows = !facts.outputs.is_empty()
        || !facts.calculated.is_empty()
        || !facts.entries.is_empty()
        || !linked.is_empty();
    if !enterable || !shows {
        return None;
    }
    let readers = facts.inputs.iter().filter(|input| input.readers > 0).count();
    let mut score = 0.5 + 0.05 * readers.min(4) as f64;
    score += if fed >= 3 { 0.1 } else { 0.0 };
    score += if facts.outputs.is_empty() { 0.0 } else { 0.1 };
    score += if facts.entries.is_empty() { 0.0 } else { 0.15 };
    score += if facts.calculated.is_empty() { 0.0 } else { 0.1 };
    score -= if facts.list_rows() >= 10 { 0.3 } else { 0.0 };
    let mut ids = Ids::default();
    let mut components = Vec::new();
    let (here, elsewhere) = split_inputs(facts);
    components.extend(parts::input_sections(&here, &mut ids));
    for placed in facts.entries.iter().chain(&linked) {
        components.extend(parts::grid(placed.block, &facts.title(*placed), true, &mut ids));
    }
    components.extend(results(facts, &mut ids));
    let charts = drawn_charts(facts, &mut ids);
    let has_charts = !charts.is_empty();
    components.extend(charts);
    let mut screens =
        vec![parts::screen(&main_title(facts), "calculator", ScreenKind::Calculator, components, &mut ids)];
    screens.extend(settings(facts, &elsewhere, &mut ids));
    for placed in facts.calculated.iter().take(MAX_SCHEDULES) {
        let title = facts.title(*placed);
        let mut parts: Vec<Component> = Vec::new();
        if !has_charts {
            parts.extend(charts::of_block(placed.block, &title, &mut ids).map(Component::Chart));
        }
        parts.extend(parts::grid(placed.block, &title, false, &mut ids));
        if !parts.is_empty() {
            screens.push(parts::screen(&title, "table", ScreenKind::Dashboard, parts, &mut ids));
        }
    }
    screens.retain(|screen| !screen.components.is_empty());
    let reasons = reasons::calculator(facts, readers, &linked);
    let description = reasons::what_for_calculator(facts);
    let draft = Draft {
        id: "calculator",
        kind: ScreenKind::Calculator,
        score,
        icon: "calculator",
        description,
        reasons,
        screens,
        tables: Vec::new(),
        references: Vec::new(),
    };
    (!draft.screens.is_empty()).then(|| draft.finish(facts))
}

/// Rows of a table with search, filter and detail: when people keep records in the workbook.
pub(super) fn list(facts: &Facts<'_>) -> Option<Proposal> {
    let lists = chosen(facts)?;
    let mut ids = Ids::default();
    let (published, references) = published(facts, lists);
    let first = published.first()?;
    let only_lookups = facts.lists.is_empty();
    let rows = facts.list_rows();
    let mut score = 0.6 + 0.25 * rows.min(50) as f64 / 50.0;
    score += if first.table.key.is_some() { 0.05 } else { 0.0 };
    score = if only_lookups {
        0.35
    } else if rows == 0 {
        0.4
    } else {
        score
    };
    let mut screens: Vec<Screen> =
        published.iter().map(|table| table.list_screen("list", &mut ids)).collect();
    if published.len() <= 3 {
        screens.extend(published.iter().filter_map(|table| table.form_screen(facts.german, &mut ids)));
    }
    if !only_lookups {
        screens.extend(overview(facts, &published, &mut ids));
        screens.extend(used_settings(facts, &mut ids));
    }
    let mut reasons = reasons::list(facts, lists, &published);
    reasons.extend(references.iter().take(2).map(|found| found.reason.clone()));
    let description = facts.say_with("Search, filter and edit", "Suchen, filtern und bearbeiten", &published);
    let draft = Draft {
        id: "list",
        kind: ScreenKind::List,
        score,
        icon: "list",
        description,
        reasons,
        screens,
        tables: tables(published),
        references,
    };
    Some(draft.finish(facts))
}

/// Figures and charts first: when the workbook draws charts or sums its lists up.
pub(super) fn dashboard(facts: &Facts<'_>) -> Option<Proposal> {
    if facts.lists.is_empty() && (facts.charts == 0 || facts.analysis.fed > 0) {
        return None;
    }
    let mut ids = Ids::default();
    let lists: &[Placed<'_>] = if facts.lists.is_empty() { &[] } else { chosen(facts)? };
    let (published, references) = published(facts, lists);
    let mut screens = vec![overview(facts, &published, &mut ids)?];
    screens.extend(published.iter().map(|table| table.list_screen("list", &mut ids)));
    if published.len() <= 3 {
        screens.extend(published.iter().filter_map(|table| table.form_screen(facts.german, &mut ids)));
    }
    screens.extend(used_settings(facts, &mut ids));
    let charts = facts.charts > 0;
    let mut score = 0.4;
    score += if charts { 0.3 } else { 0.0 };
    score += if charts && facts.list_rows() >= 100 { 0.25 } else { 0.0 };
    score += if facts.outputs.is_empty() { 0.0 } else { 0.03 };
    score += if facts.calculated.is_empty() { 0.0 } else { 0.05 };
    let reasons = reasons::dashboard(facts, &screens[0], &published);
    let description = facts.say_with("Figures and charts of", "Kennzahlen und Diagramme zu", &published);
    let draft = Draft {
        id: "dashboard",
        kind: ScreenKind::Dashboard,
        score,
        icon: "chart",
        description,
        reasons,
        screens,
        tables: tables(published),
        references,
    };
    Some(draft.finish(facts))
}

/// One row at a time: when a table is there to be filled.
pub(super) fn form(facts: &Facts<'_>) -> Option<Proposal> {
    let placed = chosen(facts).filter(|_| !facts.lists.is_empty())?.first()?;
    let mut ids = Ids::default();
    let mut table = publish(placed.block, &facts.title(*placed), &mut Ids::default())?;
    let references = references::refer(facts.analysis, std::slice::from_mut(&mut table));
    let screens = vec![table.form_screen(facts.german, &mut ids)?, table.list_screen("list", &mut ids)];
    let score = match placed.block.rows {
        0 => 0.75,
        1..=5 => 0.45,
        _ => 0.35,
    };
    let reasons = reasons::form(*placed, &table);
    let description = facts.say_with("Add to", "Hinzufügen zu", std::slice::from_ref(&table));
    let draft = Draft {
        id: "form",
        kind: ScreenKind::Form,
        score,
        icon: "form",
        description,
        reasons,
        screens,
        tables: vec![table.table],
        references,
    };
    Some(draft.finish(facts))
}

/// The largest block as it is: when nothing else suits.
pub(super) fn sheet(facts: &Facts<'_>) -> Option<Proposal> {
    let all = facts
        .analysis
        .sheets
        .iter()
        .flat_map(|sheet| sheet.blocks.iter().map(move |block| Placed { sheet, block }));
    let largest = all.max_by_key(|placed| (placed.sheet.visible, placed.block.range.at.len()))?;
    let mut ids = Ids::default();
    let title = facts.title(largest);
    let grid = parts::grid(largest.block, &title, false, &mut ids)
        .unwrap_or_else(|| plain_grid(&largest.block.range, &title, &mut ids));
    let screens = vec![parts::screen(&title, "table", ScreenKind::Dashboard, vec![grid], &mut ids)];
    let reasons = reasons::sheet(largest);
    let description = String::new();
    let draft = Draft {
        id: "sheet",
        kind: ScreenKind::Dashboard,
        score: 0.2,
        icon: "table",
        description,
        reasons,
        screens,
        tables: Vec::new(),
        references: Vec::new(),
    };
    Some(draft.finish(facts))
}

/// Rows whose formulas read other rows: as a list they would lose them, as a grid they keep them.
fn is_linked(placed: &Placed<'_>) -> bool {
    let linked = placed
        .block
        .columns
        .iter()
        .any(|column| column.formula.as_ref().is_some_and(|formula| !formula.computable));
    let typed =
        placed.block.columns.iter().any(|column| !column.calculated && !column.sequence && column.filled > 0);
    linked && typed && placed.block.rows <= MAX_LINKED_ROWS && placed.block.table.is_none()
}

/// The lists an app shows: those of records, or the look-up tables when there are no others.
fn chosen<'a, 'f>(facts: &'f Facts<'a>) -> Option<&'f [Placed<'a>]> {
    let lists = if facts.lists.is_empty() { &facts.lookups } else { &facts.lists };
    (!lists.is_empty()).then(|| &lists[..lists.len().min(MAX_LISTS)])
}

/// The tables of these lists and what they refer to. What formulas look up is theirs to read: they find it as the workbook
/// has it, so nobody but the maker changes it.
fn published<'a>(facts: &Facts<'_>, lists: &[Placed<'a>]) -> (Vec<Published<'a>>, Vec<ProposedReference>) {
    let mut ids = Ids::default();
    let tables = lists.iter().filter_map(|placed| publish(placed.block, &facts.title(*placed), &mut ids));
    let mut published: Vec<_> = tables.collect();
    let references = references::refer(facts.analysis, &mut published);
    for one in &mut published {
        let referred = references.iter().any(|found| found.refers.table == one.table.id);
        if referred && is_lookup(one.block) {
            one.table.access = TableAccess {
                insert: Vec::new(),
                update: Vec::new(),
                delete: Vec::new(),
                ..TableAccess::default()
            };
        }
    }
    (published, references)
}

fn tables(published: Vec<Published<'_>>) -> Vec<TableDefinition> {
    published.into_iter().map(|published| published.table).collect()
}

/// Inputs for the main screen, and those that are better kept apart because they stand on another sheet.
fn split_inputs<'a>(facts: &Facts<'a>) -> (Vec<&'a Input>, Vec<&'a Input>) {
    let entry = facts.entries.first().map(|placed| placed.sheet.name.as_str());
    let output = facts.outputs.first().map(|output| &*output.value.cell.sheet);
    let Some(main) = entry.or(output) else { return (facts.inputs.clone(), Vec::new()) };
    let (here, elsewhere): (Vec<_>, Vec<_>) =
        facts.inputs.iter().copied().partition(|input| *input.value.cell.sheet == *main);
    if elsewhere.len() > 3 && (!here.is_empty() || !facts.entries.is_empty()) {
        (here, elsewhere)
    } else {
        (facts.inputs.clone(), Vec::new())
    }
}

fn settings(facts: &Facts<'_>, inputs: &[&Input], ids: &mut Ids) -> Option<Screen> {
    let first = inputs.first()?;
    let same = inputs.iter().all(|input| input.value.cell.sheet == first.value.cell.sheet);
    let title = if same {
        first.value.cell.sheet.to_string()
    } else {
        facts.say("Settings", "Einstellungen").to_owned()
    };
    let components = parts::input_sections(inputs, ids);
    Some(parts::screen(&title, "gear", ScreenKind::Calculator, components, ids))
}

/// Inputs beside lists, when formulas read them.
fn used_settings(facts: &Facts<'_>, ids: &mut Ids) -> Option<Screen> {
    if facts.analysis.fed == 0 { None } else { settings(facts, &facts.inputs, ids) }
}

/// Sections with results: one a sheet.
fn results(facts: &Facts<'_>, ids: &mut Ids) -> Vec<Component> {
    let sections: Vec<&[&Output]> =
        facts.outputs.chunk_by(|a, b| a.value.cell.sheet == b.value.cell.sheet).collect();
    let several = sections.len() > 1;
    let title = |section: &[&Output]| {
        if several {
            section[0].value.cell.sheet.to_string()
        } else {
            facts.say("Results", "Ergebnisse").to_owned()
        }
    };
    sections.iter().map(|section| parts::results(section, &title(section), ids)).collect()
}

fn drawn_charts(facts: &Facts<'_>, ids: &mut Ids) -> Vec<Component> {
    let visible = facts
        .workbook
        .sheets
        .iter()
        .filter(|sheet| sheet.visibility == gridkeep_model::workbook::SheetVisibility::Visible);
    let charts = visible.flat_map(|sheet| sheet.charts.iter().map(move |chart| (sheet, chart)));
    charts
        .take(MAX_CARDS)
        .filter_map(|(sheet, chart)| charts::drawn(facts.workbook, facts.analysis, &sheet.name, chart, ids))
        .map(Component::Chart)
        .collect()
}

/// A screen with cards, the workbook's charts and summaries, and charts of the lists; `None` when there is nothing to show.
fn overview(facts: &Facts<'_>, published: &[Published<'_>], ids: &mut Ids) -> Option<Screen> {
    let mut components: Vec<Component> =
        facts.outputs.iter().take(MAX_CARDS).map(|output| parts::card(output, ids)).collect();
    let drawn = drawn_charts(facts, ids);
    let mut few = if drawn.is_empty() { 2 } else { 1 };
    let charted = !drawn.is_empty();
    components.extend(drawn);
    for placed in facts.calculated.iter().take(MAX_SCHEDULES) {
        let title = facts.title(*placed);
        if !charted {
            components.extend(charts::of_block(placed.block, &title, ids).map(Component::Chart));
            few = 1;
        }
        components.extend(parts::grid(placed.block, &title, false, ids));
    }
    if let [only] = published {
        components.extend(charts::of_list(only, facts.german, few, ids).into_iter().map(Component::Chart));
    }
    let title = facts.say("Overview", "Übersicht");
    (!components.is_empty()).then(|| parts::screen(title, "chart", ScreenKind::Dashboard, components, ids))
}

/// The title of the calculator's main screen: its sheet's.
fn main_title(facts: &Facts<'_>) -> String {
    let entry = facts.entries.first().map(|placed| placed.sheet.name.clone());
    let input = facts.inputs.first().map(|input| input.value.cell.sheet.to_string());
    let name = entry.or(input).unwrap_or_default();
    if super::text::says_nothing(&name) { facts.app_name.clone() } else { name }
}

/// The top left part of a block without headers, column letters as headings.
fn plain_grid(range: &RangeRef, title: &str, ids: &mut Ids) -> Component {
    let columns = range.at.columns().min(12);
    let end =
        CellAt::new(range.at.end.row.min(range.at.start.row + 199), range.at.start.column + columns - 1);
    let shown = RangeRef::new(range.sheet.clone(), RangeAt { start: range.at.start, end });
    let column = |offset: u32| GridColumn {
        label: gridkeep_model::address::column_letters(range.at.start.column + offset),
        offset,
        kind: FieldKind::Text,
        unit: None,
        mode: FieldMode::Read,
        validation: Validation::default(),
    };
    let id = ids.fresh(&format!("{title} grid"), "grid");
    let binding = charts::binding(&shown, None);
    Component::Grid {
        id,
        title: String::new(),
        binding,
        columns: (0..columns).map(column).collect(),
        visible_when: None,
    }
}
