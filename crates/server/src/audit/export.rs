//! `GET /api/audit.csv` and `.jsonl`: the log as a file, written while it is read; and the signed heads.

use axum::{
    body::Body,
    extract::State,
    http::header::{CONTENT_TYPE, HeaderValue},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use gridkeep_store::audit::{AuditFilter, Entry, KeptValue};
use gridkeep_workbook::csv_out::{Field, record_into};
use serde_json::json;

use super::{
    Audit, Auditor,
    list::{Asked, READ},
    view::{RowView, rows},
};
use crate::{
    error::ApiError,
    extract::Parameters,
    gates::{AtGate, Operation},
    http::attachment,
    noun,
};

/// Rows read at once.
const AT_ONCE: u32 = 500;

/// The log as CSV (RFC 4180), the newest first. Reading it is logged.
#[utoipa::path(get, path = "/api/audit.csv", tag = "audit", operation_id = "audit_csv", params(Asked),
    responses((status = 200, body = noun::File, content_type = "text/csv")))]
pub(super) async fn csv(
    State(audit): State<Audit>,
    Auditor(person): Auditor,
    at: AtGate,
    Parameters(asked): Parameters<Asked>,
) -> Result<Response, ApiError> {
    let asks =
        Operation::new("EXPORT_ALL", "audit.csv", json!({"file": "audit.csv"})).bound(&asked.named())?;
    at.let_through(&person, asks).await?;
    audit.add(asked.note(audit.by(READ, &person).about("csv"), Some(person.id))).await?;
    let head = "\u{feff}number,time,kind,about,person,facts,personal,hash\r\n";
    let kind = HeaderValue::from_static("text/csv; charset=utf-8");
    let body = stream(audit, asked.filter(), head, line);
    Ok(([(CONTENT_TYPE, kind)], [attachment("audit.csv")], body).into_response())
}

/// The log as JSON lines, the newest first. Reading it is logged.
#[utoipa::path(get, path = "/api/audit.jsonl", tag = "audit", operation_id = "audit_jsonl", params(Asked),
    responses((status = 200, body = noun::File, content_type = "application/jsonl")))]
pub(super) async fn json(
    State(audit): State<Audit>,
    Auditor(person): Auditor,
    at: AtGate,
    Parameters(asked): Parameters<Asked>,
) -> Result<Response, ApiError> {
    let asks =
        Operation::new("EXPORT_ALL", "audit.jsonl", json!({"file": "audit.jsonl"})).bound(&asked.named())?;
    at.let_through(&person, asks).await?;
    audit.add(asked.note(audit.by(READ, &person).about("jsonl"), Some(person.id))).await?;
    let kind = HeaderValue::from_static("application/jsonl");
    let body = stream(audit, asked.filter(), "", |row, text| {
        // Text keys and plain values: this cannot fail.
        text.push_str(&serde_json::to_string(row).unwrap_or_default());
        text.push('\n');
    });
    Ok(([(CONTENT_TYPE, kind)], [attachment("audit.jsonl")], body).into_response())
}

/// The signed heads of the log as JSON lines, the oldest first: what `gridkeep audit verify --head` compares with.
#[utoipa::path(get, path = "/api/audit/heads", tag = "audit", operation_id = "audit_heads",
    responses((status = 200, body = noun::File, content_type = "application/jsonl")))]
pub(super) async fn heads(State(audit): State<Audit>, _auditor: Auditor) -> Result<Response, ApiError> {
    let begin = Some(0);
    let pages = futures::stream::try_unfold((audit, begin), async |(audit, above)| {
        let Some(above) = above else { return Ok(None) };
        let heads = audit.tenancy().read(move |reader| Ok(reader.audit_heads(above, AT_ONCE)?)).await?;
        let next = heads.last().map(|head| head.size);
        let tenant = audit.tenancy().id();
        let mut text = String::new();
        for head in &heads {
            let head = serde_json::to_string(&audit.signer().show(tenant, head));
            text.push_str(&head.map_err(ApiError::internal)?);
            text.push('\n');
        }
        Ok::<_, ApiError>(Some((Bytes::from(text), (audit, next))))
    });
    let kind = HeaderValue::from_static("application/jsonl");
    Ok(([(CONTENT_TYPE, kind)], [attachment("heads.jsonl")], Body::from_stream(pages)).into_response())
}

/// All rows of a filter, a slice at a time.
fn stream(audit: Audit, filter: AuditFilter, head: &'static str, write: fn(&RowView, &mut String)) -> Body {
    let begin = (audit, Some(filter), Some(head), write);
    Body::from_stream(futures::stream::try_unfold(begin, async |(audit, filter, head, write)| {
        if let Some(head) = head {
            return Ok(Some((Bytes::from(head), (audit, filter, None, write))));
        }
        let Some(filter) = filter else { return Ok(None) };
        let (entries, values) = slice(&audit, filter.clone()).await?;
        let last = entries.last().map(|entry| entry.sequence).filter(|_| entries.len() == AT_ONCE as usize);
        let next = last.map(|last| AuditFilter { before: Some(last), ..filter });
        let mut text = String::new();
        for row in rows(entries, values) {
            write(&row, &mut text);
        }
        Ok::<_, ApiError>(Some((Bytes::from(text), (audit, next, None, write))))
    }))
}

async fn slice(audit: &Audit, filter: AuditFilter) -> Result<(Vec<Entry>, Vec<KeptValue>), ApiError> {
    let read = audit.tenancy().read(move |reader| {
        let entries = reader.audit_page(&filter, AT_ONCE)?;
        let sequences: Vec<u64> = entries.iter().map(|entry| entry.sequence).collect();
        let values = reader.audit_values(&sequences)?;
        Ok((entries, values))
    });
    read.await
}

/// Texts are escaped so that no spreadsheet takes them for formulas.
fn line(row: &RowView, text: &mut String) {
    let (number, at) = (row.sequence.to_string(), row.at.to_string());
    let user = row.personal.get("user").and_then(|user| user.value.as_deref()).unwrap_or_default();
    let (facts, personal) = (row.facts.to_string(), serde_json::to_string(&row.personal).unwrap_or_default());
    let fields = [
        Field::Plain(&number),
        Field::Plain(&at),
        Field::Text(&row.kind),
        Field::Text(&row.subject),
        Field::Text(user),
        Field::Text(&facts),
        Field::Text(&personal),
        Field::Plain(&row.hash),
    ];
    record_into(',', fields, text);
    text.push_str("\r\n");
}
