//! `GET /api/logins` and `GET /api/logins.csv`: who signed in or tried to, for whoever runs the server.

use axum::{
    body::Body,
    extract::State,
    http::header::{CONTENT_TYPE, HeaderValue},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use gridkeep_model::{AccountId, LoginEventId};
use gridkeep_store::{LoginEvent, LoginFilter, LoginResult};
use gridkeep_workbook::csv_out::{Field, record_into};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::view::EventsView;
use crate::{
    defence::Arrivals,
    error::ApiError,
    extract::{Json, Parameters},
    gates::{AtGate, Entitled, Operation},
    http::attachment,
    noun,
    session::{Email, Logins, Person},
};

/// Events in one answer.
const PAGE: u32 = 100;
/// Events read at once for an export.
const READ: u32 = 1_000;

/// Which events.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Of this account.
    account: Option<Uuid>,
    /// Of this address.
    address: Option<String>,
    /// With this result.
    result: Option<String>,
    /// From then on.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Before then.
    #[param(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// Only older ones than this event.
    before: Option<Uuid>,
}

impl Asked {
    /// All that it says: what is approved is compared.
    fn named(&self) -> Value {
        json!([self.account, self.address, self.result, self.from, self.until, self.before])
    }

    fn filter(self) -> Result<LoginFilter, ApiError> {
        let result = self.result.map(|word| {
            LoginResult::of(&word).ok_or_else(|| ApiError::InvalidRequest("query: result".to_owned()))
        });
        Ok(LoginFilter {
            account: self.account.map(AccountId::from_uuid),
            address: self.address.map(|text| Email::new(&text)).transpose()?.map(|email| email.to_string()),
            result: result.transpose()?,
            from: self.from,
            until: self.until,
            before: self.before.map(LoginEventId::from_uuid),
        })
    }
}

/// Who signed in or tried to, the newest first, for whoever runs the server. Kept as long as the server's operator decided.
#[utoipa::path(get, path = "/api/logins", operation_id = "logins", tag = "records", params(Asked),
    responses((status = 200, body = EventsView)))]
pub(super) async fn list(
    State(arrivals): State<Arrivals>,
    person: Person,
    Parameters(asked): Parameters<Asked>,
) -> Result<Json<EventsView>, ApiError> {
    whole_server(&person)?;
    Ok(Json(EventsView::new(arrivals.list(asked.filter()?, PAGE + 1).await?, PAGE)))
}

/// All of these as CSV (RFC 4180), the newest first. They are of people of all tenants and the server's to hand out, so that its first
/// tenant's gate asks; at other tenants' places, which have gates of their own or none, there is no such file.
#[utoipa::path(get, path = "/api/logins.csv", operation_id = "logins_csv", tag = "records", params(Asked),
    responses((status = 200, body = noun::File, content_type = "text/csv")))]
pub(super) async fn export(
    State(arrivals): State<Arrivals>,
    State(logins): State<Logins>,
    person: Person,
    at: AtGate,
    Parameters(asked): Parameters<Asked>,
) -> Result<Response, ApiError> {
    whole_server(&person)?;
    if !logins.is_home() {
        return Err(ApiError::Forbidden);
    }
    let asks = Operation::new("EXPORT_ALL", "sign-ins.csv", json!({"file": "sign-ins.csv"}));
    let asks = asks.needs(Entitled::Server).bound(&asked.named())?;
    let filter = asked.filter()?;
    at.let_through(&person, asks).await?;
    let head = Bytes::from_static(
        b"\xEF\xBB\xBFtime,account,address,api key,method,result,network,agent,times,last\r\n",
    );
    let begin = (arrivals, Some(filter), Some(head));
    let pages = futures::stream::try_unfold(begin, async |(arrivals, filter, head)| {
        if let Some(head) = head {
            return Ok(Some((head, (arrivals, filter, None))));
        }
        let Some(filter) = filter else { return Ok(None) };
        let events = arrivals.list(filter.clone(), READ).await?;
        let more = events.len() == READ as usize;
        let next = events.last().filter(|_| more).map(|last| LoginFilter { before: Some(last.id), ..filter });
        let text = events.iter().fold(String::new(), line);
        Ok::<_, ApiError>(Some((Bytes::from(text), (arrivals, next, None))))
    });
    let kind = [(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"))];
    Ok((kind, [attachment("sign-ins.csv")], Body::from_stream(pages)).into_response())
}

fn whole_server(person: &Person) -> Result<(), ApiError> {
    if person.runs_server { Ok(()) } else { Err(ApiError::Forbidden) }
}

fn line(mut text: String, event: &LoginEvent) -> String {
    let (at, account) = (event.at.to_string(), event.account.map(|id| id.to_string()));
    let (times, last) = (event.times.to_string(), event.last.to_string());
    let key = event.api_key.map(|id| id.to_string());
    let given = [&event.address, &event.network, &event.agent]
        .map(|text| Field::Text(text.as_deref().unwrap_or_default()));
    let [address, network, agent] = given;
    let plain = |text: &Option<String>| text.clone().unwrap_or_default();
    let (account, key) = (plain(&account), plain(&key));
    let fields = [
        Field::Plain(&at),
        Field::Plain(&account),
        address,
        Field::Plain(&key),
        Field::Plain(event.method.word()),
        Field::Plain(event.result.word()),
        network,
        agent,
        Field::Plain(&times),
        Field::Plain(&last),
    ];
    record_into(',', fields, &mut text);
    text.push_str("\r\n");
    text
}
