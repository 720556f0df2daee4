//! What the analysis and the proposals make of real workbooks: the five samples as snapshots, the other eleven of the
//! shared set as a table of expectations.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use gridkeep_engine::{LoadOptions, app::App, load, rows::extract};
use gridkeep_model::{
    RangeAt, Row, RowId, Workbook,
    definition::{
        Component,
        ScreenKind::{self, Calculator, List},
        TableSource,
    },
};
use gridkeep_workbook::{Analysis, Limits, Proposal, analyse, propose, read, readers_copy, validate};

const SAMPLES: [&str; 5] =
    ["loan_calculator", "price_quote_de", "inventory_list", "expense_report", "sales_dashboard"];

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples")
}

fn look_at(path: &Path) -> (Workbook, Analysis, Vec<Proposal>) {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let workbook = read(&name, &std::fs::read(path).unwrap(), &Limits::default()).unwrap();
    let moment = "2026-11-21T10:00:00".parse().unwrap();
    let (engine, _) = load(&workbook, &LoadOptions::at(moment)).unwrap();
    let analysis = analyse(&workbook, engine.as_ref());
    let proposals = propose(&workbook, &analysis, &name);
    (workbook, analysis, proposals)
}

/// Texts that stand only in rows of published tables must not be in the definition.
fn check_holds_no_rows(workbook: &Workbook, proposal: &Proposal) {
    let (mut rows, mut elsewhere) = (HashSet::new(), HashSet::new());
    for (index, sheet) in workbook.sheets.iter().enumerate() {
        let published = proposal.definition.tables.iter().filter_map(|table| match &table.source {
            TableSource::Table { name } => workbook.table(name).filter(|t| t.sheet == index)?.data_range(),
            TableSource::Range { sheet: name, range } if sheet.is_named(name) => {
                let mut range: RangeAt = range.parse().ok()?;
                range.start.row += 1;
                Some(range)
            }
            TableSource::Range { .. } => None,
        });
        let published: Vec<RangeAt> = published.collect();
        elsewhere.insert(sheet.name.to_string());
        for cell in sheet.cells() {
            let inside = published.iter().any(|range| range.contains(cell.at));
            if let Some(text) = cell.value.as_text() {
                if inside {
                    rows.insert(text.to_owned())
                } else {
                    elsewhere.insert(text.to_owned())
                };
            }
        }
    }
    let mut texts = Vec::new();
    leaves(&serde_json::to_value(&proposal.definition).unwrap(), &mut texts);
    let choices: HashSet<String> =
        ["yes", "no", "ja", "nein", "Pass", "Fail", "N/A"].map(str::to_owned).into();
    for text in texts {
        let leaked = rows.contains(&text) && !elsewhere.contains(&text) && !choices.contains(&text);
        assert!(!leaked, "{} holds “{text}” of a row", proposal.id);
    }
}

fn leaves(json: &serde_json::Value, texts: &mut Vec<String>) {
    match json {
        serde_json::Value::String(text) => texts.push(text.clone()),
        serde_json::Value::Array(items) => items.iter().for_each(|item| leaves(item, texts)),
        // Ids and kinds are made of headers and of the format's own words, not of rows.
        serde_json::Value::Object(members) => {
            members
                .iter()
                .filter(|(key, _)| *key != "type" && *key != "kind")
                .for_each(|(_, item)| leaves(item, texts));
        }
        _ => {}
    }
}

/// Every proposal is a valid definition that survives its own JSON.
fn check_proposals(workbook: &Workbook, proposals: &[Proposal]) {
    for proposal in proposals {
        assert_eq!(validate(&proposal.definition, workbook), Vec::new(), "{}", proposal.id);
        let json = serde_json::to_string(&proposal).unwrap();
        assert_eq!(serde_json::from_str::<Proposal>(&json).unwrap(), *proposal);
        check_holds_no_rows(workbook, proposal);
        assert!(!proposal.reasons.is_empty() && (0.0..=1.0).contains(&proposal.score));
    }
    assert!(proposals.is_sorted_by(|a, b| a.score >= b.score));
}

#[test]
fn samples_are_understood() {
    for sample in SAMPLES {
        let (workbook, analysis, proposals) = look_at(&samples().join(format!("{sample}.xlsx")));
        check_proposals(&workbook, &proposals);
        insta::assert_json_snapshot!(format!("{sample}_analysis"), analysis);
        insta::assert_json_snapshot!(format!("{sample}_proposals"), proposals);
    }
}

/// A best proposal in short: kind, screens, tables with their columns, fields and grid columns to enter.
fn short(proposal: &Proposal) -> (ScreenKind, usize, usize, usize, usize) {
    let definition = &proposal.definition;
    let columns = definition.tables.first().map_or(0, |table| table.columns.len());
    let components = definition.screens.iter().flat_map(|screen| &screen.components);
    let fields = components.map(|component| match component {
        Component::Fields { fields, .. } => fields.len(),
        Component::Grid { columns, .. } => columns.len(),
        Component::Card { .. } => 1,
        _ => 0,
    });
    (proposal.kind, definition.screens.len(), definition.tables.len(), columns, fields.sum())
}

#[test]
fn other_real_workbooks_get_a_fitting_proposal() {
    let Some(shared) = gridkeep_kit::shared() else { return };
    let check = |name: &str, expect: (ScreenKind, usize, usize, usize, usize)| {
        let (workbook, _, proposals) = look_at(&shared.join("data/workbooks").join(format!("{name}.xlsx")));
        check_proposals(&workbook, &proposals);
        assert_eq!(short(&proposals[0]), expect, "{name}: {:?}", proposals[0].reasons);
        assert!(proposals.len() <= 4);
    };
    // kind, screens, tables, columns of the first table, fields and grid columns
    check("importexcel_construction", (List, 12, 12, 11, 0));
    check("importexcel_yearlySales", (List, 12, 12, 8, 0));
    check("ironcalc_gantt_project_tracker", (List, 4, 1, 9, 8));
    check("ironcalc_invoice", (Calculator, 2, 0, 0, 23));
    check("ironcalc_weekly_timesheet", (Calculator, 2, 0, 0, 20));
    check("osd_daily-readings", (List, 2, 1, 3, 0));
    check("osd_grade-calculator", (List, 2, 1, 6, 0));
    check("osd_hr-schedule", (List, 3, 1, 7, 0));
    check("osd_punch-clock-sample", (List, 2, 1, 3, 0));
    check("osd_table-with-filter", (List, 3, 1, 5, 0));
    check("owasp_Mobile_App_Security_Checklist-English_1.2", (List, 7, 5, 9, 20));
}

/// Titles are of the content, and no two of a workbook are the same.
#[test]
fn each_proposal_has_a_title_of_its_own() {
    let shared = gridkeep_kit::shared();
    let check = |name: &str, expect: &[&str]| {
        let path = match &shared {
            _ if SAMPLES.contains(&name) => samples().join(format!("{name}.xlsx")),
            Some(shared) => shared.join("data/workbooks").join(format!("{name}.xlsx")),
            None => return,
        };
        let (_, _, proposals) = look_at(&path);
        let titles: Vec<&str> = proposals.iter().map(|proposal| proposal.title.as_str()).collect();
        assert_eq!(titles, expect, "{name}");
        let different: HashSet<String> = titles.iter().map(|title| title.to_lowercase()).collect();
        assert_eq!(different.len(), titles.len());
    };
    check("loan_calculator", &["Loan: Monthly payment"]);
    check("price_quote_de", &["Angebot: Netto", "Preisliste"]);
    check("inventory_list", &["Stock", "Warehouse stock at a glance", "Add to Stock"]);
    check("expense_report", &["Expenses", "Expenses at a glance", "Add to Expenses"]);
    check(
        "sales_dashboard",
        &[
            "Sales dashboard: Total",
            "Sales dashboard: Date, Region and 4 more",
            "Enter Date, Region and 4 more",
        ],
    );
    check("importexcel_construction", &["Importexcel construction: 2002, 2003 and 10 more", "Add to 2002"]);
    check(
        "importexcel_yearlySales",
        &["Importexcel yearlySales: January, February and 10 more", "Add to January"],
    );
    check(
        "ironcalc_gantt_project_tracker",
        &["Tasks", "Task input at a glance", "Task input", "Add to Tasks"],
    );
    check("ironcalc_invoice", &["Invoice: Subtotal"]);
    check("ironcalc_weekly_timesheet", &["Weekly Timesheet: Total Mon"]);
    check("osd_daily-readings", &["Readings", "Add to Readings"]);
    check("osd_grade-calculator", &["PHIL 103", "Add to PHIL 103"]);
    check("osd_hr-schedule", &["Interviews", "Add to Interviews", "Interviews at a glance"]);
    check("osd_punch-clock-sample", &["My time sheet", "Add to My time sheet"]);
    check(
        "osd_table-with-filter",
        &[
            "Osd table with filter: Event ID, Date and 3 more",
            "Osd table with filter: Capacity by Location",
            "Enter Event ID, Date and 3 more",
        ],
    );
    check(
        "owasp_Mobile_App_Security_Checklist-English_1.2",
        &[
            "Owasp Mobile App Security Checklist English 1.2: Security…",
            "Mobile Application Security Requirements: MASVS Compliance Score",
            "Mobile Application Security Requirements at a glance",
            "Add to Security Requirements - Android",
        ],
    );
}

/// Whoever gets the reader's copy and the rows sees what the maker sees, in every proposal of every workbook.
#[test]
fn a_readers_copy_shows_the_same_with_its_rows() {
    let mut paths: Vec<PathBuf> = SAMPLES.iter().map(|name| samples().join(format!("{name}.xlsx"))).collect();
    if let Some(shared) = gridkeep_kit::shared() {
        let folder = std::fs::read_dir(shared.join("data/workbooks")).unwrap();
        paths.extend(
            folder
                .map(|entry| entry.unwrap().path())
                .filter(|path| path.extension().is_some_and(|e| e == "xlsx")),
        );
    }
    let options = LoadOptions::at("2026-11-21T10:00:00".parse().unwrap());
    for path in paths {
        let bytes = std::fs::read(&path).unwrap();
        let (workbook, _, proposals) = look_at(&path);
        let (engine, report) = load(&workbook, &options).unwrap();
        let workbook = Arc::new(workbook);
        for proposal in proposals {
            let definition = proposal.definition;
            let copy = readers_copy(&bytes, &workbook, &definition, &report).unwrap();
            let copy = Arc::new(read("copy.xlsx", &copy, &Limits::default()).unwrap());
            let mut makers = App::open(workbook.clone(), definition.clone(), &options).unwrap();
            let mut readers = App::open(copy, definition.clone(), &options).unwrap();
            for table in &definition.tables {
                for app in [&mut makers, &mut readers] {
                    let rows = extract(&workbook, engine.as_ref(), table).rows.into_iter().enumerate();
                    let row = |(n, values): (usize, _)| Row {
                        id: RowId::from_uuid(uuid::Uuid::from_u128(n as u128 + 1)),
                        version: 1,
                        values,
                    };
                    app.set_rows(&table.id, rows.map(row).collect()).unwrap();
                }
            }
            for screen in &definition.screens {
                let [makers, readers] = [&mut makers, &mut readers].map(|app| {
                    let mut view = app.show(&screen.id).unwrap();
                    view.calculation_ms = 0.0;
                    view
                });
                assert_eq!(readers, makers, "{} {} {}", path.display(), proposal.id, screen.id);
            }
        }
    }
}
