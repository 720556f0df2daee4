//! Proposes apps for an analysed workbook: calculator, list with detail, form, dashboard, each with its reasons in words.
//!
//! **Architecture Invariant:** the kind of app follows from the content alone; the file's name only helps to name it.
//! A proposal is a valid definition: [`crate::validate`] finds nothing in it. It holds no row of a published table.

mod charts;
mod facts;
mod files;
mod kinds;
mod parts;
mod reasons;
mod references;
mod table;
mod text;
mod titles;

use gridkeep_model::{
    AppDefinition, Workbook,
    definition::{SCHEMA_VERSION, Screen, ScreenKind, TableDefinition},
};
use serde::{Deserialize, Serialize};

use self::facts::Facts;
pub use self::references::ProposedReference;
use crate::analyse::{Analysis, ReasonText};

/// An app that suits the workbook.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Proposal {
    /// `calculator`, `list`, `form`, `dashboard` or `sheet`; unique among a workbook's proposals.
    pub id: String,
    /// What the app mainly is.
    pub kind: ScreenKind,
    /// What one does with this app rather than another of the same workbook; unique among a workbook's proposals.
    pub title: String,
    /// How well it fits, from 0 to 1.
    pub score: f64,
    /// Why, most telling first.
    pub reasons: Vec<ReasonText>,
    /// Why columns of its tables refer to others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<ProposedReference>,
    /// The whole app.
    pub definition: AppDefinition,
}

/// The apps that suit a workbook, best first; none for a workbook without content ([`why_none`] tells).
pub fn propose(workbook: &Workbook, analysis: &Analysis, name: &str) -> Vec<Proposal> {
    let facts = Facts::new(workbook, analysis, name);
    let mut proposals: Vec<Proposal> =
        [kinds::calculator(&facts), kinds::list(&facts), kinds::dashboard(&facts), kinds::form(&facts)]
            .into_iter()
            .flatten()
            .collect();
    if proposals.is_empty() {
        proposals.extend(kinds::sheet(&facts));
    }
    proposals.sort_by(|a, b| b.score.total_cmp(&a.score));
    titles::give(&facts, name, &mut proposals);
    proposals
}

/// Why nothing can be proposed; `None` when something can.
pub fn why_none(workbook: &Workbook) -> Option<ReasonText> {
    let filled = workbook
        .sheets
        .iter()
        .any(|sheet| sheet.cells().iter().any(|cell| !cell.value.is_blank() || cell.formula.is_some()));
    (!filled).then(|| {
        ReasonText::new("No sheet of the workbook has any content", "Kein Blatt der Arbeitsmappe hat Inhalt")
    })
}

/// What one kind of proposal is made of.
struct Draft {
    id: &'static str,
    kind: ScreenKind,
    score: f64,
    icon: &'static str,
    description: String,
    reasons: Vec<ReasonText>,
    screens: Vec<Screen>,
    tables: Vec<TableDefinition>,
    references: Vec<ProposedReference>,
}

impl Draft {
    fn finish(self, facts: &Facts<'_>) -> Proposal {
        let icon = text::icon_for(&facts.app_name, text::icon_for(&facts.telling, self.icon));
        let definition = AppDefinition {
            schema_version: SCHEMA_VERSION,
            name: facts.app_name.clone(),
            description: self.description,
            icon: icon.to_owned(),
            accent: text::accent_for(icon).to_owned(),
            language: facts.analysis.language.clone(),
            screens: self.screens,
            tables: self.tables,
            actions: Vec::new(),
        };
        Proposal {
            id: self.id.to_owned(),
            kind: self.kind,
            title: facts.app_name.clone(),
            score: (self.score.clamp(0.0, 1.0) * 100.0).round() / 100.0,
            reasons: self.reasons,
            references: self.references,
            definition,
        }
    }
}
