//! `GET /api/apps/{app}/tables/{table}/export.csv`: all rows for spreadsheet programs.

use std::collections::BTreeMap;

use axum::{
    extract::State,
    http::{HeaderValue, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use gridkeep_model::{Query, Row, Value};
use gridkeep_workbook::csv_out::{Field, record_into};
use serde_json::json;

use super::snapshot::body;
use crate::{
    distribution::TableGrant, error::ApiError, files::Stored, gates::AtGate, http::attachment,
    language::Language, tenancy::Tenancy,
};

/// All rows of a table as CSV (RFC 4180, UTF-8 with a byte order mark, which spreadsheet programs look for). What they would
/// take for a formula is escaped. Separator and decimal mark follow the app's language.
#[utoipa::path(get, path = "/api/apps/{app}/tables/{table}/export.csv", tag = "rows",
    params(("app" = String, Path), ("table" = String, Path)),
    responses((status = 200, body = str, content_type = "text/csv")))]
pub(super) async fn csv(
    State(tenancy): State<Tenancy>,
    at: AtGate,
    table: TableGrant,
) -> Result<Response, ApiError> {
    let definition = table.table();
    let what = json!({"app": table.grant.app.id, "table": definition.id});
    let about = format!("{}: {}", table.definition.name, definition.title);
    at.pass(table.grant.person.as_ref(), "EXPORT_ALL", &about, what).await?;
    let query = table.seen(Query { table: definition.id.clone(), ..Query::default() });
    let rows = tenancy.tenant().stream(table.grant.app.id, query).await?;
    let titles: BTreeMap<_, _> =
        definition.columns.iter().map(|column| (&column.id, &column.title)).collect();
    let german = Language::of_definition(&table.definition.language) == Language::German;
    let mut first = String::from('\u{feff}');
    let names =
        rows.schema.columns.iter().map(|column| titles.get(&column.id).map_or("", |title| title.as_str()));
    record_into(if german { ';' } else { ',' }, names.map(Field::Text), &mut first);
    first.push_str("\r\n");
    let write = if german { german_records } else { english_records };
    let kind = [(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"))];
    let name = attachment(&format!("{}.csv", definition.title));
    Ok((kind, [name], body(rows, first.into(), write)).into_response())
}

/// How the value begins by which a row refers to a file.
const CONTENT: &str = "{\"object\":\"stream/";

fn english_records(rows: &[Row]) -> Bytes {
    records(rows, ',', '.')
}

fn german_records(rows: &[Row]) -> Bytes {
    records(rows, ';', ',')
}

fn records(rows: &[Row], separator: char, mark: char) -> Bytes {
    let mut text = String::with_capacity(rows.len() * 96);
    for row in rows {
        let plain: Vec<String> = row.values.iter().map(|value| written(value, mark)).collect();
        let fields = row.values.iter().zip(&plain).map(|(value, plain)| match value {
            Value::Text(text) if text.starts_with(CONTENT) => Field::Text(plain),
            Value::Text(text) => Field::Text(text),
            _ => Field::Plain(plain),
        });
        record_into(separator, fields, &mut text);
        text.push_str("\r\n");
    }
    text.into()
}

/// A value that is no text, written out; dates and times as ISO 8601, with a blank between the two.
fn written(value: &Value, mark: char) -> String {
    let number = |text: String| if mark == '.' { text } else { text.replace('.', &mark.to_string()) };
    match value {
        // A file is written as its name.
        Value::Text(text) if text.starts_with(CONTENT) => {
            let stored = Stored::of(value).map(|stored| stored.name.unwrap_or(stored.media_type));
            stored.unwrap_or_else(|| text.clone())
        }
        Value::Null | Value::Text(_) => String::new(),
        Value::Integer(integer) => integer.to_string(),
        Value::Decimal(decimal) => number(decimal.to_string()),
        Value::Double(double) => number(double.to_string()),
        Value::Boolean(boolean) => if *boolean { "TRUE" } else { "FALSE" }.to_owned(),
        Value::Date(date) => date.to_string(),
        Value::Time(time) => time.to_string(),
        Value::DateTime(moment) => moment.to_string().replace('T', " "),
        Value::Guid(id) => id.to_string(),
        // ISO 8601 and base64url, as everywhere.
        Value::Duration(_) | Value::Binary(_) => value.to_json().as_str().unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use gridkeep_model::RowId;

    use super::*;

    #[test]
    fn records_follow_the_language_and_harm_nobody() {
        let values = vec![
            Value::Text("=1+1".to_owned()),
            Value::Text("a;b,c".to_owned()),
            Value::decimal("-12.50", 2).unwrap(),
            Value::Double(1.5),
            Value::Boolean(true),
            Value::Null,
            Value::Date("2026-11-21".parse().unwrap()),
            Value::DateTime("2026-11-21T08:30:00".parse().unwrap()),
        ];
        let row = Row { id: RowId::from_uuid(uuid::Uuid::nil()), version: 1, values };
        let check = |write: fn(&[Row]) -> Bytes, expect: &str| {
            assert_eq!(String::from_utf8_lossy(&write(std::slice::from_ref(&row))), expect);
        };
        check(english_records, "'=1+1,\"a;b,c\",-12.50,1.5,TRUE,,2026-11-21,2026-11-21 08:30:00\r\n");
        check(german_records, "'=1+1;\"a;b,c\";-12,50;1,5;TRUE;;2026-11-21;2026-11-21 08:30:00\r\n");
    }
}
