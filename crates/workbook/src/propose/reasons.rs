//! Why an app is proposed, in words that name what was found.

use gridkeep_model::definition::{Component, Screen};

use super::{
    facts::{Facts, Placed},
    kinds::MAX_LISTS,
    table::Published,
    text::{counted, short},
};
use crate::analyse::ReasonText;

/// Lists named one by one.
const NAMED: usize = 3;

/// Why a calculator.
pub(super) fn calculator(facts: &Facts<'_>, readers: usize, linked: &[Placed<'_>]) -> Vec<ReasonText> {
    let mut reasons = Vec::new();
    if facts.analysis.fed > 0 {
        let inputs = readers.max(1) as u64;
        let what = counted(inputs, ("input feeds", "Eingabe speist"), ("inputs feed", "Eingaben speisen"));
        let formulas = counted(facts.analysis.fed, ("formula", "Formel"), ("formulas", "Formeln"));
        reasons.push(ReasonText::new(
            format!("{} {}", what.en, formulas.en),
            format!("{} {}", what.de, formulas.de),
        ));
    }
    for placed in facts.entries.iter().take(NAMED) {
        let rows = placed.block.data.as_ref().map_or(0, |data| data.at.rows());
        let calculated = placed.block.columns.iter().filter(|column| column.calculated).count();
        reasons.push(ReasonText::new(
            format!("“{}” has {rows} rows prepared to fill in; {calculated} of {} columns are calculated", facts.title(*placed), placed.block.columns.len()),
            format!("„{}“ hat {rows} vorbereitete Zeilen zum Ausfüllen; {calculated} von {} Spalten werden berechnet", facts.title(*placed), placed.block.columns.len()),
        ));
    }
    for placed in linked.iter().take(NAMED) {
        reasons.push(ReasonText::new(
            format!(
                "The formulas of “{}” read other rows; kept in the sheet they go on working",
                facts.title(*placed)
            ),
            format!(
                "Die Formeln von „{}“ lesen andere Zeilen; im Blatt arbeiten sie weiter",
                facts.title(*placed)
            ),
        ));
    }
    if !facts.outputs.is_empty() {
        let names: Vec<String> =
            facts.outputs.iter().take(4).map(|output| output.value.title.clone()).collect();
        let what = counted(facts.outputs.len() as u64, ("result", "Ergebnis"), ("results", "Ergebnisse"));
        reasons.push(ReasonText::new(
            format!("{}: {}", what.en, names.join(", ")),
            format!("{}: {}", what.de, names.join(", ")),
        ));
    }
    for placed in facts.calculated.iter().take(1) {
        let rows = counted(u64::from(placed.block.rows), ("row", "Zeile"), ("rows", "Zeilen"));
        let title = facts.title(*placed);
        reasons.push(ReasonText::new(
            format!("“{title}” calculates {}", rows.en),
            format!("„{title}“ berechnet {}", rows.de),
        ));
    }
    charts(facts, &mut reasons);
    reasons
}

/// What a calculator is for: what to enter and what comes out.
pub(super) fn what_for_calculator(facts: &Facts<'_>) -> String {
    let list = |titles: Vec<&str>| short(&titles.join(", "), 120);
    let inputs = list(
        facts
            .inputs
            .iter()
            .filter(|input| input.readers > 0)
            .take(4)
            .map(|input| input.value.title.as_str())
            .collect(),
    );
    let outputs = list(facts.outputs.iter().take(4).map(|output| output.value.title.as_str()).collect());
    match (inputs.is_empty(), outputs.is_empty()) {
        (false, false) => {
            format!("{}: {inputs}. {}: {outputs}.", facts.say("Enter", "Eingeben"), facts.say("See", "Sehen"))
        }
        (false, true) => format!("{}: {inputs}.", facts.say("Enter", "Eingeben")),
        (true, false) => format!("{}: {outputs}.", facts.say("See", "Sehen")),
        (true, true) => String::new(),
    }
}

/// Why a list.
pub(super) fn list(facts: &Facts<'_>, lists: &[Placed<'_>], published: &[Published<'_>]) -> Vec<ReasonText> {
    let mut reasons = Vec::new();
    let same = lists.len() > 1 && lists.iter().all(|placed| layout(placed) == layout(&lists[0]));
    if same {
        reasons.push(ReasonText::new(
            format!("{} sheets have the same columns: one list for each", lists.len()),
            format!("{} Blätter haben dieselben Spalten: für jedes eine Liste", lists.len()),
        ));
    }
    reasons.extend(lists.iter().take(if same { 1 } else { NAMED }).map(|placed| table(facts, *placed)));
    let left_out = facts.lists.len().saturating_sub(MAX_LISTS) as u64;
    if left_out > 0 {
        let more = counted(
            left_out,
            ("further list is", "weitere Liste bleibt"),
            ("further lists are", "weitere Listen bleiben"),
        );
        reasons.push(ReasonText::new(
            format!("{} left out: a proposal has at most {MAX_LISTS}", more.en),
            format!("{} weg: ein Vorschlag hat höchstens {MAX_LISTS}", more.de),
        ));
    }
    if let Some(first) = published.first() {
        columns(first, &mut reasons);
    }
    reasons
}

/// Why a dashboard.
pub(super) fn dashboard(facts: &Facts<'_>, screen: &Screen, published: &[Published<'_>]) -> Vec<ReasonText> {
    let mut reasons = Vec::new();
    charts(facts, &mut reasons);
    let cards =
        screen.components.iter().filter(|component| matches!(component, Component::Card { .. })).count();
    if cards > 0 {
        let names: Vec<&str> =
            facts.outputs.iter().take(4).map(|output| output.value.title.as_str()).collect();
        let what = counted(cards as u64, ("figure", "Kennzahl"), ("figures", "Kennzahlen"));
        reasons.push(ReasonText::new(
            format!("{}: {}", what.en, names.join(", ")),
            format!("{}: {}", what.de, names.join(", ")),
        ));
    }
    for placed in facts.calculated.iter().take(NAMED) {
        let rows = counted(u64::from(placed.block.rows), ("row", "Zeile"), ("rows", "Zeilen"));
        let title = facts.title(*placed);
        reasons.push(ReasonText::new(
            format!("“{title}” sums up in {}", rows.en),
            format!("„{title}“ fasst in {} zusammen", rows.de),
        ));
    }
    if let ([only], true) = (published, reasons.is_empty()) {
        let by: Vec<&str> = only.categories().iter().take(2).map(|column| column.title.as_str()).collect();
        if !by.is_empty() {
            reasons.push(ReasonText::new(
                format!("Rows of “{}” can be counted by {}", only.table.title, by.join(", ")),
                format!("Zeilen von „{}“ lassen sich nach {} auszählen", only.table.title, by.join(", ")),
            ));
        }
    }
    reasons.extend(facts.lists.iter().take(1).map(|placed| table(facts, *placed)));
    reasons
}

/// Why a form.
pub(super) fn form(placed: Placed<'_>, published: &Published<'_>) -> Vec<ReasonText> {
    let entered = published.entered().len() as u64;
    let calculated = published.table.columns.len() as u64 - entered;
    let fill = counted(
        entered,
        ("column to fill in", "Spalte zum Ausfüllen"),
        ("columns to fill in", "Spalten zum Ausfüllen"),
    );
    let rest =
        counted(calculated, ("is calculated", "wird berechnet"), ("are calculated", "werden berechnet"));
    let mut reasons = vec![if calculated > 0 {
        ReasonText::new(format!("{}, {}", fill.en, rest.en), format!("{}, {}", fill.de, rest.de))
    } else {
        fill
    }];
    if placed.block.rows <= 5 {
        let rows = counted(u64::from(placed.block.rows), ("row", "Zeile"), ("rows", "Zeilen"));
        reasons.push(ReasonText::new(format!("Only {} so far", rows.en), format!("Bisher nur {}", rows.de)));
    }
    reasons
}

/// Why the sheet as it is.
pub(super) fn sheet(placed: Placed<'_>) -> Vec<ReasonText> {
    let range = placed.block.range.at;
    vec![ReasonText::new(
        format!(
            "Neither inputs nor records were found; {range} of “{}” is shown as it is",
            placed.sheet.name
        ),
        format!(
            "Weder Eingaben noch Datensätze wurden gefunden; {range} von „{}“ wird gezeigt, wie es ist",
            placed.sheet.name
        ),
    )]
}

fn layout<'a>(placed: &Placed<'a>) -> Vec<&'a str> {
    placed.block.columns.iter().map(|column| column.header.as_str()).collect()
}

fn table(facts: &Facts<'_>, placed: Placed<'_>) -> ReasonText {
    let rows = counted(u64::from(placed.block.rows), ("row", "Zeile"), ("rows", "Zeilen"));
    let (title, header) = (facts.title(placed), placed.block.header_row.unwrap_or(1));
    ReasonText::new(
        format!("“{title}”: {} with headers in row {header}", rows.en),
        format!("„{title}“: {} mit Überschriften in Zeile {header}", rows.de),
    )
}

fn columns(published: &Published<'_>, reasons: &mut Vec<ReasonText>) {
    let names = |formula: bool| -> Vec<&str> {
        published
            .table
            .columns
            .iter()
            .filter(|column| column.formula.is_some() == formula)
            .map(|column| column.title.as_str())
            .collect()
    };
    let calculated = names(true);
    if !calculated.is_empty() {
        let what = counted(
            calculated.len() as u64,
            ("column is calculated in each row", "Spalte wird in jeder Zeile berechnet"),
            ("columns are calculated in each row", "Spalten werden in jeder Zeile berechnet"),
        );
        let list = short(&calculated.join(", "), 80);
        reasons.push(ReasonText::new(format!("{}: {list}", what.en), format!("{}: {list}", what.de)));
    }
    if let Some(key) = published.table.key.as_ref().and_then(|key| published.table.column(key)) {
        reasons.push(ReasonText::new(
            format!("“{}” names each row", key.title),
            format!("„{}“ benennt jede Zeile", key.title),
        ));
    }
    for column in &published.columns {
        reasons.extend(column.notes.iter().take(1).map(|note| {
            ReasonText::new(
                format!("“{}”: {}", column.header, lower(&note.en)),
                format!("„{}“: {}", column.header, note.de),
            )
        }));
    }
    reasons.truncate(8);
}

fn lower(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.chars().next() {
        text.replace_range(..first.len_utf8(), &first.to_lowercase().to_string());
    }
    text
}

fn charts(facts: &Facts<'_>, reasons: &mut Vec<ReasonText>) {
    if facts.charts > 0 {
        let what = counted(
            facts.charts as u64,
            ("chart is drawn", "Diagramm ist gezeichnet"),
            ("charts are drawn", "Diagramme sind gezeichnet"),
        );
        reasons.push(what);
    }
}
