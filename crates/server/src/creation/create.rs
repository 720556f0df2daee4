//! `POST /api/creations`: a file, or a sample, becomes a creation.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, State},
    http::{HeaderValue, StatusCode, header::SET_COOKIE, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{Analyst, Browser, Creation, Creator, Upload, Uploads, samples};
use crate::{
    chance::Chance,
    error::ApiError,
    extract::{Body, Json, Parameters},
    language::Language,
    noun,
    secret::Token,
    session::Cookie,
    site::Site,
    tenancy::Tenancy,
};

/// What to create from, when it is not the body.
#[derive(Debug, Deserialize)]
pub(super) struct Source {
    /// A sample's id; the body is then empty.
    sample: Option<String>,
}

/// Uploads a workbook (.xlsx, .xlsm, .csv) and proposes apps for it. The upload stays in memory, for this browser only.
#[utoipa::path(post, path = "/api/creations", tag = "creation", 
    params(("sample" = Option<String>, Query, description = "A sample's id; the body is then empty."),
        ("x-file-name" = Option<String>, Header, description = "The file's name, percent-encoded UTF-8.")),
    request_body(content = noun::File, content_type = "application/octet-stream"),
    responses((status = 201, body = Creation)))]
#[expect(clippy::too_many_arguments, reason = "each is an extractor")]
pub(super) async fn create(
    State(uploads): State<Uploads>,
    State(analyst): State<Analyst>,
    State(site): State<Site>,
    State(chance): State<Chance>,
    State(tenancy): State<Tenancy>,
    _: Creator,
    browser: Browser,
    language: Language,
    Parameters(source): Parameters<Source>,
    FileName(name): FileName,
    Body(body): Body,
) -> Result<Response, ApiError> {
    let (bytes, name) = match &source.sample {
        Some(id) => {
            samples::find(id).map(|(bytes, name)| (bytes, name.to_owned())).ok_or(ApiError::NotFound)?
        }
        None => (body, name),
    };
    if bytes.is_empty() {
        return Err(ApiError::EmptyFile);
    }
    let mut analysed = analyst.analyse(&name, bytes.clone(), language).await?;
    if let Some(id) = &source.sample {
        let gates = tenancy.read(|reader| Ok(reader.gates()?)).await?;
        samples::act(id, &mut analysed.proposals, &gates)?;
    }
    let upload = Upload {
        file_name: name,
        bytes,
        workbook: analysed.workbook,
        outline: analysed.outline,
        report: analysed.report,
        inputs: analysed.inputs,
        proposals: analysed.proposals,
        replaces: None,
    };
    answer(&uploads, &site, &chance, browser, upload)
}

/// Keeps an upload and answers 201 with its creation, and with the browser's cookie when it had none.
pub fn answer(
    uploads: &Uploads,
    site: &Site,
    chance: &Chance,
    browser: Browser,
    upload: Upload,
) -> Result<Response, ApiError> {
    let upload = Arc::new(upload);
    let known = browser.0.is_some();
    let browser = browser.0.unwrap_or_else(|| Token::new(chance));
    let (token, expires) = uploads.keep(browser.hash(), upload.clone())?;
    let creation = Json(Creation::new(&token, expires, &upload));
    let mut response = (StatusCode::CREATED, creation).into_response();
    if !known {
        response.headers_mut().append(SET_COOKIE, Cookie::Browser.keep(site, &browser, None));
    }
    Ok(response)
}

/// The file's name, from the header `x-file-name`, percent-encoded UTF-8.
#[derive(Debug)]
pub struct FileName(pub String);

impl<S: Sync> FromRequestParts<S> for FileName {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let header = parts.headers.get("x-file-name").map(HeaderValue::as_bytes).unwrap_or_default();
        let name = percent_encoding::percent_decode(header).decode_utf8();
        let name = name.map_err(|_| ApiError::InvalidRequest("x-file-name".to_owned()))?;
        Ok(Self(plain(&name)))
    }
}

/// Without folders, control and direction characters, and not longer than file systems take.
fn plain(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let harmless = |c: &char| {
        !c.is_control()
            && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let name: String = name.trim().chars().filter(harmless).take(120).collect();
    if name.is_empty() || name == "." || name == ".." { "workbook".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_plain() {
        let check = |name: &str, expect: &str| assert_eq!(plain(name), expect, "{name:?}");
        check("Kalkulation März.xlsx", "Kalkulation März.xlsx");
        check("C:\\Users\\ada\\a.xlsx", "a.xlsx");
        check("../../etc/passwd", "passwd");
        check("invoice\u{202e}xslx.exe", "invoicexslx.exe");
        check("a\r\nb", "ab");
        check("..", "workbook");
        check("", "workbook");
        check(&"x".repeat(70_000), &"x".repeat(120));
    }
}
