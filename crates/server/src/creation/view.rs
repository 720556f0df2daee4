//! A creation as the portal sees it.

use gridkeep_model::{AppId, CellRef, ImportReport, workbook::Outline};
use gridkeep_workbook::{Proposal, Rebound};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::uploads::Upload;
use crate::{noun, secret::Token};

/// An uploaded workbook with what it could become.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Creation {
    /// Opens it again, from this browser only.
    token: String,
    /// When it will be gone unless it is used before.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// As the person's machine calls the file.
    file_name: String,
    /// The file's size.
    bytes: usize,
    /// Sheets, names and tables.
    #[schema(value_type = noun::Outline)]
    outline: Outline,
    /// What could be imported and what not.
    #[schema(value_type = noun::ImportReport)]
    report: ImportReport,
    /// Cells that people fill in, such as `Sheet1!B3`.
    #[schema(value_type = Vec<String>)]
    inputs: Vec<CellRef>,
    /// Apps it could become, best first.
    #[schema(value_type = Vec<noun::Proposal>)]
    proposals: Vec<Proposal>,
    /// The app whose workbook it shall replace.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Uuid)]
    replaces: Option<AppId>,
    /// How that app finds its places again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<noun::Rebound>)]
    rebound: Option<Rebound>,
}

impl Creation {
    /// As the portal sees this upload.
    pub fn new(token: &Token, expires_at: Timestamp, upload: &Upload) -> Self {
        Self {
            token: token.expose().to_owned(),
            expires_at,
            file_name: upload.file_name.clone(),
            bytes: upload.bytes.len(),
            outline: upload.outline.clone(),
            report: upload.report.clone(),
            replaces: upload.replaces.as_ref().map(|(app, _)| *app),
            rebound: upload.replaces.as_ref().map(|(_, rebound)| rebound.clone()),
            inputs: upload.inputs.clone(),
            proposals: upload.proposals.clone(),
        }
    }
}
