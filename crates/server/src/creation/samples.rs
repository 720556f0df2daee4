//! The four samples of an empty portal, compiled in.

use bytes::Bytes;
use gridkeep_model::{checkpoint::Gate, definition::ActionDefinition};
use gridkeep_workbook::Proposal;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{error::ApiError, extract::Json, language::Language};

/// A workbook to try Gridkeep with.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sample {
    /// For `POST /api/creations?sample=ID`.
    #[schema(example = "loan_calculator")]
    id: &'static str,
    /// What people read.
    name: &'static str,
    /// One sentence on it.
    description: &'static str,
    /// The workbook's file name.
    file_name: &'static str,
}

struct Source {
    english: Sample,
    german: Sample,
    bytes: &'static [u8],
    /// Actions of the app that it becomes, as JSON: no workbook says them.
    actions: &'static str,
}

macro_rules! sample {
    ($id:literal, $name:literal, $description:literal, $german_name:literal, $german_description:literal) => {
        Source {
            english: Sample {
                id: $id,
                name: $name,
                description: $description,
                file_name: concat!($id, ".xlsx"),
            },
            german: Sample {
                id: $id,
                name: $german_name,
                description: $german_description,
                file_name: concat!($id, ".xlsx"),
            },
            bytes: include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/", $id, ".xlsx")),
            actions: "[]",
        }
    };
}

static SAMPLES: [Source; 4] = [
    sample!(
        "loan_calculator",
        "Loan calculator",
        "Enter amount, rate and term and see the monthly payment: becomes a calculator.",
        "Kreditrechner",
        "Betrag, Zins und Laufzeit eingeben und die Monatsrate sehen: wird ein Rechner."
    ),
    sample!(
        "inventory_list",
        "Inventory list",
        "Items with stock and price, to search, filter and edit: becomes a list.",
        "Bestandsliste",
        "Artikel mit Bestand und Preis zum Suchen, Filtern und Ändern: wird eine Liste."
    ),
    Source {
        actions: include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../samples/expense_report.actions.json"
        )),
        ..sample!(
            "expense_report",
            "Expense report",
            "Expenses to enter, convert and approve: becomes a list with an action.",
            "Spesenabrechnung",
            "Ausgaben zum Eintragen, Umrechnen und Genehmigen: wird eine Liste mit einer Aktion."
        )
    },
    sample!(
        "sales_dashboard",
        "Sales dashboard",
        "Figures and charts at a glance: becomes a dashboard.",
        "Umsatzübersicht",
        "Zahlen und Diagramme auf einen Blick: wird eine Übersicht."
    ),
];

/// The bytes and file name of a sample.
pub(super) fn find(id: &str) -> Option<(Bytes, &'static str)> {
    let source = SAMPLES.iter().find(|source| source.english.id == id)?;
    Some((Bytes::from_static(source.bytes), source.english.file_name))
}

/// Gives the apps proposed for a sample its actions, where they have the tables for them; and the gates before these that the
/// tenant has.
pub(super) fn act(id: &str, proposals: &mut [Proposal], gates: &[Gate]) -> Result<(), ApiError> {
    let source = SAMPLES.iter().find(|source| source.english.id == id);
    let actions = source.map_or("[]", |source| source.actions);
    let mut actions: Vec<ActionDefinition> = serde_json::from_str(actions).map_err(ApiError::internal)?;
    for action in &mut actions {
        action.gates.retain(|named| gates.iter().any(|gate| gate.id == named.gate));
    }
    for proposal in proposals {
        let definition = &mut proposal.definition;
        let own = actions
            .iter()
            .filter(|action| action.table.as_deref().is_some_and(|table| definition.table(table).is_some()));
        let own: Vec<_> = own.cloned().collect();
        definition.actions.extend(own);
    }
    Ok(())
}

/// Workbooks to try Gridkeep with.
#[utoipa::path(get, path = "/api/samples", tag = "creation", responses((status = 200, body = [Sample])))]
pub(super) async fn samples(language: Language) -> Json<Vec<&'static Sample>> {
    let chosen = SAMPLES.iter().map(|source| match language {
        Language::English => &source.english,
        Language::German => &source.german,
    });
    Json(chosen.collect())
}
