//! What directories did, noted for whoever looks why something did not come through.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use gridkeep_model::DirectoryEventId;
use gridkeep_store::DirectoryEvent;

use super::{Directory, Failure, answer::Why};

/// Longest text of a note, in characters.
const LONGEST: usize = 200;

/// What a request wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish<'a> {
    pub(super) method: &'static str,
    pub(super) target: &'static str,
    /// Whom or what it is about, as the directory calls it.
    pub(super) subject: Option<&'a str>,
}

impl Directory {
    /// Answers, and notes what changed or was refused.
    pub(super) async fn noted(&self, wish: Wish<'_>, answer: Result<Response, Failure>) -> Response {
        let response = answer.unwrap_or_else(IntoResponse::into_response);
        let status = response.status();
        // That somebody is not there is an answer as good as any.
        if wish.method == "GET" && (status.as_u16() < 400 || status == StatusCode::NOT_FOUND) {
            return response;
        }
        let short = |text: &str| -> String {
            text.chars().filter(|letter| !letter.is_control()).take(LONGEST).collect()
        };
        let reason = response.extensions().get::<Why>().map(|Why(why)| short(why));
        let event = DirectoryEvent {
            id: self.chance.with(|rng| DirectoryEventId::new(self.time.clock(), rng)),
            provider: self.provider.id,
            at: self.time.now(),
            method: wish.method.to_owned(),
            target: wish.target.to_owned(),
            subject: wish.subject.map(short),
            status: status.as_u16(),
            reason,
        };
        // What was done is done, whether it can be noted or not.
        if let Err(error) = self.control().note_directory(event).await {
            tracing::warn!(provider.id = %self.provider.id, error.cause = %error, "a directory's request was not noted");
        }
        response
    }
}
