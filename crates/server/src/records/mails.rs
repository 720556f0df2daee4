//! `GET /api/mails`: what was sent to whom, for whoever runs the server; where nobody sends mails, also what they say.

use axum::extract::State;
use gridkeep_store::{Mail, MailState};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{error::ApiError, extract::Json, mail::Post, session::Person};

/// Mails in one answer.
const MOST: u32 = 200;

/// A mail, as an administrator sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct MailCard {
    id: Uuid,
    /// Whom it goes to.
    to: String,
    /// `confirm`, `reset`, `passwordChanged`, `newBrowser`, `invitation`, `factorAdded`, `factorRemoved`, `recoveryCodesMade`,
    /// `recoveryCodeUsed` or `factorsReset`.
    purpose: &'static str,
    /// `queued`, `sent`, `bounced`, `failed`, or `kept` when there is no server to send it.
    status: &'static str,
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    tries: i64,
    /// When it is tried next.
    #[schema(value_type = Option<String>, format = DateTime)]
    due: Option<Timestamp>,
    /// What the mail server said.
    answer: Option<String>,
    /// Of a kept one.
    subject: Option<String>,
    /// Of a kept one.
    body: Option<String>,
}

impl From<(Mail, MailState)> for MailCard {
    fn from((mail, state): (Mail, MailState)) -> Self {
        let (subject, body) = state.text.unzip();
        Self {
            id: mail.id.uuid(),
            to: mail.address,
            purpose: mail.purpose.word(),
            status: state.status.word(),
            created: mail.created,
            tries: state.tries,
            due: state.due,
            answer: state.answer,
            subject,
            body,
        }
    }
}

/// The newest mails and what became of them, for whoever runs the server. Kept for 5 days.
#[utoipa::path(get, path = "/api/mails", tag = "mail", responses((status = 200, body = Vec<MailCard>)))]
pub(super) async fn list(State(post): State<Post>, person: Person) -> Result<Json<Vec<MailCard>>, ApiError> {
    if !person.runs_server {
        return Err(ApiError::Forbidden);
    }
    Ok(Json(post.list(MOST).await?.into_iter().map(MailCard::from).collect()))
}
