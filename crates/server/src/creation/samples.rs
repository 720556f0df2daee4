//! The three samples of an empty portal, compiled in.

use bytes::Bytes;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{extract::Json, language::Language};

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
        }
    };
}

static SAMPLES: [Source; 3] = [
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

/// Workbooks to try Gridkeep with.
#[utoipa::path(get, path = "/api/samples", tag = "creation", responses((status = 200, body = [Sample])))]
pub(super) async fn samples(language: Language) -> Json<Vec<&'static Sample>> {
    let chosen = SAMPLES.iter().map(|source| match language {
        Language::English => &source.english,
        Language::German => &source.german,
    });
    Json(chosen.collect())
}
