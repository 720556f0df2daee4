//! `POST /api/apps/{app}/creation`: a new workbook for an app; its bindings are found again in it.

use axum::{extract::State, response::Response};

use super::{Definitions, MakerGrant};
use crate::{
    chance::Chance,
    creation::{Analyst, Browser, Creation, FileName, Upload, Uploads, answer},
    error::ApiError,
    extract::Body,
    language::Language,
    noun,
    site::Site,
    tenancy::Vault,
};

/// Uploads a new workbook for an app. The creation says how the app's definition fits it; nothing changes for people until
/// it is published with `replaces`.
#[utoipa::path(post, path = "/api/apps/{app}/creation", tag = "distribution",
    params(("app" = String, Path),
        ("x-file-name" = Option<String>, Header, description = "The file's name, percent-encoded UTF-8.")),
    request_body(content = noun::File, content_type = "application/octet-stream"),
    responses((status = 201, body = Creation)))]
#[expect(clippy::too_many_arguments, reason = "each is an extractor")]
pub(super) async fn replace(
    State(uploads): State<Uploads>,
    State(analyst): State<Analyst>,
    State(definitions): State<Definitions>,
    State(vault): State<Vault>,
    State(site): State<Site>,
    State(chance): State<Chance>,
    MakerGrant { app, .. }: MakerGrant,
    browser: Browser,
    language: Language,
    FileName(name): FileName,
    Body(bytes): Body,
) -> Result<Response, ApiError> {
    if bytes.is_empty() {
        return Err(ApiError::EmptyFile);
    }
    let analysed = analyst.analyse(&name, bytes.clone(), language).await?;
    let definition = definitions.current(&app).await?;
    let old = vault.get(&app.current.workbook).await?;
    let old = analyst.read(&app.current.file_name, old).await?;
    let rebound = gridkeep_workbook::rebind(&definition, &old, &analysed.workbook);
    let upload = Upload {
        file_name: name,
        bytes,
        workbook: analysed.workbook,
        outline: analysed.outline,
        report: analysed.report,
        inputs: analysed.inputs,
        proposals: analysed.proposals,
        replaces: Some((app.id, rebound)),
    };
    answer(&uploads, &site, &chance, browser, upload)
}
